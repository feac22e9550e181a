"""An answer's sentence taken apart: its markers, its quotes, its head, and its words without them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from qa.answers.claims import Claim, claims_in, plain
from qa.answers.printed import in_print

MARKER = re.compile(r"\[(\d+)\]")
_RUN = re.compile(r"(?:\s*\[\d+\])+")
_ENDS = re.compile(r"[。!?!?](?:\s*\[\d+\])*|(?<=\])\s*\.(?=\s|$)")
_ONE_QUOTATION = re.compile(r"[^“”。]*“.*”(?:\s*\[\d+\])+\s*", re.S)
_ENDS_CITED = re.compile(r"\[\d+\][。.]?\s*$")
_OPENING = re.compile("“")
# A quotation stands alone between a colon or comma and its marker; other quotes are names.
_BEFORE_QUOTATION = re.compile(r"(?:^|[::、,,]|称|说|指出|写道)\s*$")
_SHORT_NAME = re.compile("“([^“”]{1,40})”")
_HEAD = re.compile(
    r"\((?P<period>(?:19|20)\d\d(?:-(?:19|20)\d\d)?)年(?P<plan>计划)?\)"
    r"|,(?P<plan_en>plan for_)?(?P<period_en>(?:19|20)\d\d(?:-(?:19|20)\d\d)?)(?=:\ufffb|,[^:]*:)"
)
_COMPUTED = re.compile(r"[((](?:计算|computed)")
_HEADING = re.compile(r"[::]\s*$")


@dataclass(frozen=True, slots=True)
class Quotation:
    """Words in quotation marks right before a marker; they must stand in the sentence cited."""

    words: str
    at: int
    markers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Head:
    """What introduces a quote or a list: 上城区(2024年计划). ``subject`` are the words before it."""

    subject: str
    period: str
    is_plan: bool


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence of an answer, read.

    ``text`` is its plain form (see ``plain``) without quotations and titles, which are blanked by
    one sign each so that what stands around them stays apart. ``runs`` are the runs of markers:
    where each stands in ``text`` and the citations it names. ``is_heading`` if it announces lines.
    """

    text: str
    runs: tuple[tuple[int, tuple[int, ...]], ...]
    quotations: tuple[Quotation, ...]
    titles: tuple[str, ...]
    head: Head | None
    is_computed: bool
    is_heading: bool

    @property
    def markers(self) -> tuple[int, ...]:
        return tuple(dict.fromkeys(n for _, run in self.runs for n in run))

    def claims(self) -> list[Claim]:
        """The figures told outside quotations."""
        return claims_in(self.text)

    def markers_of(self, position: int) -> tuple[int, ...]:
        """The citations of what stands there: the next run of markers, else the last before."""
        behind = [run for at, run in self.runs if at > position]
        return behind[0] if behind else self.runs[-1][1] if self.runs else ()

    def is_alone_cited(self, claim: Claim) -> bool:
        """True if the marker of a single citation stands right behind: the figure is that one's, and
        not computed from others."""
        end = claim.at + len(claim.text)
        return any(at == end and len(run) == 1 for at, run in self.runs)


# What stands for a title and for a quotation taken out of the text.
BLANK = "\ufffc"
_QUOTED = "\ufffb"


def read_sentence(
    sentence: str, holds: Callable[[str, Sequence[int]], bool], known_titles: Iterable[str] = ()
) -> Told:
    """Take a sentence apart. ``holds(words, markers)`` says if a citation prints the words: it
    decides what is a quotation where quotes stand in quotes. ``known_titles`` are titles even
    where no marks (《》) stand around them."""
    title = _title_pattern(tuple(sorted(set(known_titles))))
    parts: list[str] = []
    runs: list[tuple[int, tuple[int, ...]]] = []
    quotations: list[Quotation] = []
    titles: list[str] = []
    length = 0
    for stretch, markers in _stretches(sentence):
        words, quotation = _without_quotation(in_print(stretch), markers, holds)
        if markers:
            words = _names_read(words, markers, holds)
        titles += [match["marked"] or match.group() for match in title.finditer(words)]
        clean = plain(title.sub(BLANK, words))
        if quotation is not None:
            quotations.append(Quotation(quotation, length + len(clean), markers))
            clean += _QUOTED
        parts.append(clean)
        length += len(clean)
        if markers:
            runs.append((length, markers))
    text = "".join(parts)
    return Told(
        text,
        tuple(runs),
        tuple(quotations),
        tuple(titles),
        _head(text) if runs else None,
        bool(_COMPUTED.search(sentence)),
        not runs and bool(_HEADING.search(sentence)),
    )


_MARKED = "《(?P<marked>[^《》]{1,60})》"
# The words of prompts/answers.en.toml before the title of a report that names no place.
_UNNAMED = "(?<=without a named place, )(?P<unnamed>[^,.:;]{1,60})"


@lru_cache(maxsize=256)
def _title_pattern(known: tuple[str, ...]) -> re.Pattern[str]:
    longest_first = sorted(known, key=len, reverse=True)
    return re.compile("|".join([_MARKED, _UNNAMED, *map(re.escape, longest_first)]))


def split_lines(text: str) -> list[str]:
    """The lines of an answer; joined by line ends they are the text.

    A quotation may hold line ends of its source: a line ends where its quotes are closed, or at a
    marker.
    """
    lines: list[str] = []
    is_open = False
    for line in text.split("\n"):
        if is_open:
            lines[-1] += f"\n{line}"
        else:
            lines.append(line)
        is_open = _depth(lines[-1]) > 0 and not _ENDS_CITED.search(lines[-1])
    return lines


def split_sentences(line: str) -> list[str]:
    """The sentences of a line, markers behind a full stop included; joined they are the line.

    A stop inside quotation marks ends nothing, however the quoted source balances its own; nor does
    one without a marker in Latin letters.
    """
    if _ONE_QUOTATION.fullmatch(line) and len(_RUN.findall(line)) == 1:
        return [line]
    ends = [m.end() for m in _ENDS.finditer(line) if _depth(line[: m.start()]) <= 0]
    bounds = [0, *ends, len(line)]
    pieces = [line[a:b] for a, b in pairwise(bounds)]
    return [piece for piece in pieces if piece.strip()]


def _depth(text: str) -> int:
    return text.count("“") - text.count("”")


def _stretches(sentence: str) -> Iterator[tuple[str, tuple[int, ...]]]:
    """The sentence cut behind its runs of markers: words, and the markers behind them."""
    start = 0
    for run in _RUN.finditer(sentence):
        yield sentence[start : run.start()], tuple(map(int, MARKER.findall(run.group())))
        start = run.end()
    if sentence[start:]:
        yield sentence[start:], ()


def _without_quotation(
    words: str, markers: Sequence[int], holds: Callable[[str, Sequence[int]], bool]
) -> tuple[str, str | None]:
    """The words before a quotation that closes the stretch, and the quotation; None if there is
    none. Of several opening marks it is the first behind a colon, else one whose words are cited."""
    bare = words.rstrip()
    if not markers or not bare.endswith("”"):
        return words, None
    openings = [m.start() for m in _OPENING.finditer(bare)]
    alone = [at for at in openings if _BEFORE_QUOTATION.search(bare[:at])]
    held = [at for at in openings if holds(bare[at + 1 : -1], markers)]
    at = next(iter(alone or held), None)
    return (words, None) if at is None else (bare[:at], bare[at + 1 : -1])


def _names_read(
    words: str, markers: Sequence[int], holds: Callable[[str, Sequence[int]], bool]
) -> str:
    """Names in quotes keep their marks, and so their numbers count nothing (“9610”), only if the
    citation prints them; else whatever figure they hold must be supported."""
    return _SHORT_NAME.sub(
        lambda name: name.group() if holds(name.group(1), markers) else name.group(1), words
    )


def _head(text: str) -> Head | None:
    match = _HEAD.search(text)
    if match is None:
        return None
    period = match["period"] or match["period_en"]
    return Head(text[: match.start()], period, bool(match["plan"] or match["plan_en"]))
