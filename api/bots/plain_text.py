"""An answer as plain texts, for platforms whose markup has no escape that keeps a report's signs literal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from api.bots.rendering import Shown, Source, split_text
from qa.answers.answer import Cell, Table

# Beyond so many a list of sources names the reports alone: quotes of dozens would fill many messages.
_QUOTED = 8
_TITLE_CHARS = 80

# A part of an answer with what stands before it in the same message.
_Part = tuple[str, str]


def size(text: str) -> int:
    """The length of a text as these platforms count it: bytes of UTF-8, three for a Chinese sign."""
    return len(text.encode("utf-8"))


def texts_of(
    shown: Shown,
    most: int,
    source: Callable[[Source], str],
    literal: Callable[[str], str] = lambda text: text,
) -> list[str]:
    """The texts of an answer, each of at most ``most`` bytes.

    ``source`` is how a citation is written, which is never cut; ``literal`` takes out of our texts
    and the reports' what the platform would read as markup.
    """
    texts: list[str] = []
    current = ""
    for gap, part in _parts(shown, most, source, literal):
        joined = f"{current}{gap}{part}" if current else part
        if current and size(joined) > most:
            texts.append(current)
            joined = part
        current = joined
    return [text.strip() for text in (*texts, current) if text.strip()]


def lines_of(text: str, most: int, literal: Callable[[str], str] = lambda text: text) -> list[str]:
    """The texts of a line of ours, one for nearly all."""
    return texts_of(Shown("zh", text), most, lambda source: "", literal)


def _parts(
    shown: Shown, most: int, source: Callable[[Source], str], literal: Callable[[str], str]
) -> Iterator[_Part]:
    yield from _cut(shown.text, "", most, literal)
    if shown.table is not None:
        for n, row in enumerate(_rows(shown.table)):
            yield from _cut(row, "\n\n" if n == 0 else "\n", most, literal)
    for note in shown.notes:
        yield from _cut(note, "\n\n", most, literal)
    for n, one in enumerate(map(_listed(len(shown.sources)), shown.sources)):
        yield "\n\n" if n == 0 or one.quote else "\n", source(one)
    if shown.hint:
        yield from _cut(shown.hint, "\n\n", most, literal)


def _cut(text: str, gap: str, most: int, literal: Callable[[str], str]) -> Iterator[_Part]:
    for n, part in enumerate(split_text(literal(text), most, size)):
        yield gap if n == 0 else "", part


def _rows(table: Table) -> Iterator[str]:
    """Each row for itself: chats have no columns, and what a head names is far away in a long list."""
    for first, *cells in table.rows:
        named = zip(table.columns[1:], cells, strict=True)
        told = (f"{column} {_cell(cell)}".strip() for column, cell in named)
        yield " | ".join((_cell(first), *told))


def _cell(cell: Cell) -> str:
    return cell.text if cell.citation is None else f"{cell.text} [{cell.citation}]"


def _listed(count: int) -> Callable[[Source], Source]:
    def listed(source: Source) -> Source:
        title = source.title if count <= _QUOTED else source.title.partition(" › ")[0]
        if len(title) > _TITLE_CHARS:
            title = f"{title[:_TITLE_CHARS]}…"
        return replace(source, title=title, quote=source.quote if count <= _QUOTED else "")

    return listed
