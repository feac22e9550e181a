"""An answer as any chat shows it: parts without a platform's markup, and texts cut to its limits."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from prompts import messages
from qa.harmless import harmless

if TYPE_CHECKING:
    from qa.answers.answer import Answer, Citation, Table
    from qa.library.holdings import HeldReport
    from qa.questions import Language

# A cited sentence may be a paragraph; its link leads to the whole of it.
_QUOTE_CHARS = 200
_EXAMPLES = 3
# A line or a sentence, with the markers and the quotation mark behind it.
_PIECE = re.compile(r".*?(?:\n+|[。!?;!?;]+(?:[”’」』)]|\[\d+\])*|\.\s+|$)", re.S)
# What is never cut: a marker, a figure, a word, a sign with what is combined with it.
_ATOM = re.compile(r"\[\d+\]|[0-9A-Za-z.,%]{1,40}|.[\u0300-\u036f\ufe00-\ufe0f\u200d]*", re.S)


@dataclass(frozen=True, slots=True)
class Source:
    """A citation as a reader sees it; ``url`` is the page with the sentence highlighted."""

    n: int
    title: str
    quote: str
    url: str


@dataclass(frozen=True, slots=True)
class Shown:
    """An answer in parts, in the order in which they are read.

    ``text`` and the cells of the table have markers ``[1]`` that name the sources; ``hint`` is what
    may be asked next.
    """

    language: Language
    text: str
    table: Table | None = None
    notes: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()
    hint: str = ""


def said(key: str, language: str, **fields: object) -> str:
    """A message of ``prompts/bots.*.toml``."""
    return messages("bots", language)[key].format(**fields)


def shown(answer: Answer, language: Language, page: str, held: Sequence[HeldReport]) -> Shown:
    """The parts of an answer; ``page`` is where readers reach our page, ``held`` what may be asked."""
    return Shown(
        language,
        answer.text,
        answer.table,
        answer.notes,
        tuple(source_of(citation, page, language) for citation in answer.citations),
        _hint(answer, language, held),
    )


def helping(language: Language, held: Sequence[HeldReport]) -> Shown:
    """What is said to who calls the bot without a question."""
    return Shown(language, said("help", language, examples=_listed(language, held)))


def source_of(citation: Citation, page: str, language: Language) -> Source:
    text = harmless(" ".join(citation.quote.split()))
    if len(text) > _QUOTE_CHARS:
        text = f"{text[:_QUOTE_CHARS]}…"
    title = " › ".join((citation.report_title, *citation.headings)) + _also(citation, language)
    return Source(citation.n, harmless(title), text, address_of(citation, page))


def _also(citation: Citation, language: Language) -> str:
    """From where else the report is held, in short: a chat has no room for many names."""
    if not citation.also_in:
        return ""
    first, *more = [copy.name for copy in citation.also_in]
    return said(
        "also_in_more" if more else "also_in", language, name=first, n=len(citation.also_in)
    )


def address_of(citation: Citation, page: str) -> str:
    """The page that opens a citation's report with its sentence highlighted."""
    span = f"start={citation.start}&end={citation.end}"
    return f"{page}/#/reports/{quote(citation.report_id)}?{span}"


def examples(language: Language, held: Iterable[HeldReport]) -> tuple[str, ...]:
    """Questions that the reports held answer, of different places."""
    of_place = {
        one.report.place: one.report.reviewed_period
        for one in held
        if one.report.place and one.report.reviewed_period
    }
    return tuple(
        said("example", language, place=place, period=period)
        for place, period in list(of_place.items())[:_EXAMPLES]
    )


def _listed(language: Language, held: Sequence[HeldReport]) -> str:
    return "".join(f"\n• {one}" for one in examples(language, held))


def _hint(answer: Answer, language: Language, held: Sequence[HeldReport]) -> str:
    if answer.refusal is not None:
        listed = _listed(language, held)
        return said("ask_instead", language, examples=listed) if listed else ""
    told_of = {citation.place for citation in answer.citations}
    others = (one.report.place for one in held if one.report.place not in told_of)
    other = next(filter(None, others), None)
    if len(told_of) != 1 or other is None:
        return said("follow_up", language)
    return said("follow_up_place", language, place=other)


def split_text(text: str, most: int, size: Callable[[str], int] = len) -> list[str]:
    """The text in parts of at most ``most``, which joined are the text; none for no text.

    Cut at the end of a line or a sentence, else anywhere but within a marker. ``size`` measures a
    text as the platform counts it, and must count a joined text as the sum of its parts.
    """
    parts: list[str] = []
    room = 0
    for piece in _pieces(text, most, size):
        length = size(piece)
        if length > room:
            parts.append("")
            room = most
        parts[-1] += piece
        room -= length
    return parts


def _pieces(text: str, most: int, size: Callable[[str], int]) -> Iterator[str]:
    for found in _PIECE.finditer(text):
        piece = found.group()
        if size(piece) <= most:
            yield from filter(None, [piece])
        else:
            yield from _ATOM.findall(piece)
