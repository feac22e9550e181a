"""Pages of placed words to running text: reading order, page furniture dropped, lines healed.

PDF and recognised scans share it. A piece is a run of signs on one line without a wide gap; pieces
beside each other are a row; rows that end at the right margin go on in the next.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from statistics import median

from qa.reports.origin import Box, Mark, around

# Shares of a page's height, from its upper and lower edge, in which page furniture stands.
_FURNITURE_ZONE = 0.12
# A line of furniture stands on so many of the pages: odd and even ones may have their own.
_FURNITURE_SHARE = 0.4
_PAGE_NUMBER = re.compile(
    r"^[\s\-—–─·•.|/~第页共of]*(?:\d{1,4}|[ivxlc]{1,6})(?:[\s\-—–─·•.|/~第页共of]*\d{0,4})[\s\-—–─·•.|页]*$",
    re.I,
)
_ENDS_SENTENCE = re.compile(r"[。!?;:!?;:…][”’\")》)]*$")
# In widths of a Chinese sign: what a line may leave empty at the right margin and still go on,
# where its sentence has ended and where it has not (a number is not broken).
_SLACK_ENDED, _SLACK_OPEN = 2.2, 6.0
_INDENT = 1.2
# A gap so many times the usual distance of lines is one between paragraphs.
_PARAGRAPH_GAP = 1.4
_SAME_SIZE = 1.35
_LEAST_COLUMN_ROWS = 6
_CELL_SEPARATOR = " | "
_SPACE_SEPARATOR = "  "
_HYPHENS = "-\u00ad"


@dataclass(frozen=True, slots=True)
class Piece:
    """Signs side by side, and the box around them in points from the upper left corner."""

    text: str
    box: Box

    @property
    def middle(self) -> float:
        return (self.box[1] + self.box[3]) / 2

    @property
    def height(self) -> float:
        return self.box[3] - self.box[1]


@dataclass(frozen=True, slots=True)
class Page:
    """The pieces of a page; ``number`` counts from 1."""

    number: int
    width: float
    height: float
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class _Row:
    page: int
    column: int
    pieces: tuple[Piece, ...]
    box: Box
    tabular: bool = False

    @classmethod
    def of(cls, page: int, column: int, pieces: Sequence[Piece]) -> _Row:
        ordered = tuple(sorted(pieces, key=lambda piece: piece.box[0]))
        return cls(page, column, ordered, around([piece.box for piece in ordered]))

    @property
    def separator(self) -> str:
        return _CELL_SEPARATOR if self.tabular else _SPACE_SEPARATOR

    @property
    def text(self) -> str:
        return self.separator.join(piece.text.strip() for piece in self.pieces)

    @property
    def height(self) -> float:
        return self.box[3] - self.box[1]


def running_text(pages: Sequence[Page]) -> tuple[str, tuple[Mark, ...]]:
    """The text of the pages, a paragraph or a table's row on a line, and a mark for each piece of them."""
    furniture = _furniture(pages)
    rows = [row for page in pages for row in _rows_of(page, furniture)]
    if not rows:
        return "", ()
    return _joined(_with_tables(rows), _Measures.of(rows))


# --- page furniture ----------------------------------------------------------------------------


def _furniture(pages: Sequence[Page]) -> frozenset[str]:
    """Lines in the margins that many pages bear, without their digits."""
    counts = Counter(
        text for page in pages for text in {_shape(row) for row in _margin_rows(page)} if text
    )
    least = max(2, _FURNITURE_SHARE * len(pages))
    return frozenset(text for text, count in counts.items() if count >= least)


def _shape(row: _Row) -> str:
    return re.sub(r"\d+", "#", re.sub(r"\s+", "", row.text))


def _margin_rows(page: Page) -> Iterator[_Row]:
    for row in _grouped(page.number, 0, page.pieces):
        if _in_margin(row, page):
            yield row


def _in_margin(row: _Row, page: Page) -> bool:
    zone = _FURNITURE_ZONE * page.height
    return row.box[3] <= zone or row.box[1] >= page.height - zone


def _is_furniture(row: _Row, page: Page, furniture: frozenset[str]) -> bool:
    if not _in_margin(row, page):
        return False
    return _shape(row) in furniture or _PAGE_NUMBER.match(row.text) is not None


# --- reading order -----------------------------------------------------------------------------


def _rows_of(page: Page, furniture: frozenset[str]) -> Iterator[_Row]:
    kept = [
        piece
        for row in _grouped(page.number, 0, page.pieces)
        if not _is_furniture(row, page, furniture)
        for piece in row.pieces
    ]
    for column, pieces in _columns(kept, page.width):
        yield from _grouped(page.number, column, pieces)


def _grouped(page: int, column: int, pieces: Sequence[Piece]) -> list[_Row]:
    """Pieces whose middles lie within each other's height are one row; rows from top to bottom."""
    rows: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda piece: piece.middle):
        if rows and _beside(rows[-1], piece):
            rows[-1].append(piece)
        else:
            rows.append([piece])
    return [_Row.of(page, column, row) for row in rows]


def _beside(row: Sequence[Piece], piece: Piece) -> bool:
    last = row[-1]
    near = abs(piece.middle - last.middle) < 0.4 * min(piece.height, last.height)
    return near and not any(_overlap(piece.box, other.box) for other in row)


def _overlap(one: Box, other: Box) -> bool:
    shared = min(one[2], other[2]) - max(one[0], other[0])
    return shared > 0.5 * min(one[2] - one[0], other[2] - other[0])


def _columns(pieces: Sequence[Piece], width: float) -> list[tuple[int, list[Piece]]]:
    """The page's pieces in one column; or, where prose stands in two, from top to bottom what crosses
    the gutter, the left column down to the next crossing line, the right one, and so on."""
    gutter = _gutter(pieces, width)
    if gutter is None:
        return [(0, list(pieces))]
    blocks: list[tuple[int, list[Piece]]] = []
    for crosses, band in _bands(pieces, gutter):
        left, right = _sides(band, gutter)
        blocks += [(0, band)] if crosses else [(1, left), (2, right)]
    return blocks


def _gutter(pieces: Sequence[Piece], width: float) -> float | None:
    """The x that runs between two columns of prose and through the fewest lines; None if there is one
    column. Steps of half a percent of the width: a gutter may be as narrow as a sign."""
    candidates = [width * step / 200 for step in range(80, 121)]
    found = [x for x in candidates if _has_columns(pieces, x, width)]
    return min(found, key=lambda x: sum(_crosses(piece, x) for piece in pieces), default=None)


def _has_columns(pieces: Sequence[Piece], gutter: float, width: float) -> bool:
    beside = [_sides(band, gutter) for crosses, band in _bands(pieces, gutter) if not crosses]
    return any(all(_is_column(side, width) for side in sides) for sides in beside)


def _crosses(piece: Piece, gutter: float) -> bool:
    return piece.box[0] < gutter < piece.box[2]


def _bands(pieces: Sequence[Piece], gutter: float) -> Iterator[tuple[bool, list[Piece]]]:
    """Pieces from top to bottom in stretches that all cross the gutter, or none of which does."""
    ordered = sorted(pieces, key=lambda piece: piece.middle)
    for kind, band in groupby(ordered, key=lambda piece: _crosses(piece, gutter)):
        yield kind, list(band)


def _sides(band: Sequence[Piece], gutter: float) -> tuple[list[Piece], list[Piece]]:
    left = [piece for piece in band if piece.box[2] <= gutter]
    return left, [piece for piece in band if piece.box[0] >= gutter]


def _is_column(pieces: Sequence[Piece], width: float) -> bool:
    """True if enough lines stand there, and wide ones: the cells of a table are narrow."""
    wide = [piece.box[2] - piece.box[0] for piece in pieces]
    return len(wide) >= _LEAST_COLUMN_ROWS and median(wide) > 0.25 * width


def _with_tables(rows: Sequence[_Row]) -> list[_Row]:
    """Rows of several pieces one below the other are a table's; a single one is a spaced line."""
    several = [len(row.pieces) > 1 and not _is_spaced_out(row) for row in rows]
    near = [False, *several[:-1]], [*several[1:], False]
    return [
        _Row(row.page, row.column, row.pieces, row.box, tabular=here and (before or after))
        for row, here, before, after in zip(rows, several, *near, strict=True)
    ]


def _is_spaced_out(row: _Row) -> bool:
    """政 府 工 作 报 告: signs apart, no cells."""
    return all(len(piece.text.strip()) == 1 for piece in row.pieces)


# --- healing lines -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Measures:
    """The width of a sign, the usual distance of lines, and the margins of each column."""

    sign: float
    leading: float
    left: dict[int, float]
    right: dict[int, float]

    @classmethod
    def of(cls, rows: Sequence[_Row]) -> _Measures:
        signs = [(row.box[2] - row.box[0]) / n for row in rows if (n := _signs(row.text)) >= 8]
        apart = [
            below.box[1] - above.box[1]
            for above, below in pairwise(rows)
            if above.page == below.page and below.box[1] > above.box[1]
        ]
        columns = {row.column for row in rows}
        return cls(
            median(signs) if signs else median(row.height for row in rows),
            median(apart) if apart else 0.0,
            {column: _margin(rows, column, 0, _least) for column in columns},
            {column: _margin(rows, column, 2, _most) for column in columns},
        )


def _signs(text: str) -> float:
    """The width of a text in Chinese signs: letters and digits are half as wide."""
    return sum(0.5 if char.isascii() else 1.0 for char in text)


def _least(edges: list[float]) -> float:
    return min(edges)


def _most(edges: list[float]) -> float:
    return max(edges)


def _margin(
    rows: Sequence[_Row], column: int, side: int, furthest: Callable[[list[float]], float]
) -> float:
    """The margin of most pages: a page with a few short lines does not show it."""
    by_page: dict[int, list[float]] = {}
    for row in rows:
        if row.column == column and not row.tabular:
            by_page.setdefault(row.page, []).append(row.box[side])
    found = [furthest(edges) for edges in by_page.values() if len(edges) > 2]
    return median(found or [furthest(edges) for edges in by_page.values()] or [0.0])


def _goes_on(above: _Row, below: _Row, measures: _Measures) -> bool:
    """True if ``below`` continues the paragraph that ``above`` is the last line of."""
    if above.tabular or below.tabular:
        return False
    if max(above.height, below.height) > _SAME_SIZE * min(above.height, below.height):
        return False
    if below.box[0] > measures.left[below.column] + _INDENT * measures.sign:
        return False
    if above.page == below.page and above.column == below.column:
        apart = below.box[1] - above.box[1]
        if apart > _PARAGRAPH_GAP * measures.leading:
            return False
    ended = _ENDS_SENTENCE.search(above.text.rstrip())
    slack = (_SLACK_ENDED if ended else _SLACK_OPEN) * measures.sign
    return above.box[2] >= measures.right[above.column] - slack


def _joined(rows: Sequence[_Row], measures: _Measures) -> tuple[str, tuple[Mark, ...]]:
    marks: list[Mark] = []
    parts: list[str] = []
    length = 0
    before: _Row | None = None
    for row in rows:
        if before is not None:
            if _goes_on(before, row, measures):
                cut, link = _link(parts[-1], row.text)
                parts[-1] = parts[-1][: len(parts[-1]) - cut]
                length -= cut
            else:
                link = "\n"
            parts.append(link)
            length += len(link)
        marks += _marks(row, length)
        parts.append(row.text)
        length += len(row.text)
        before = row
    return "".join(parts), tuple(marks)


def _marks(row: _Row, start: int) -> Iterator[Mark]:
    """A mark for each piece of a row: the gaps between them are of any width."""
    for piece in row.pieces:
        yield Mark(start, page=row.page, box=_rounded(piece.box))
        start += len(piece.text.strip()) + len(row.separator)


def _link(above: str, below: str) -> tuple[int, str]:
    """How many signs of a line go when the next is joined to it, and what comes between them."""
    if above[-1:] in _HYPHENS and above[-2:-1].isalpha() and above[-2:-1].isascii():
        if below[:1].islower() and below[:1].isascii():
            return 1, ""
        return 0, ""
    both_latin = above[-1:].isascii() and below[:1].isascii()
    return 0, " " if both_latin and above[-1:].isalpha() and below[:1].isalnum() else ""


def _rounded(box: Box) -> Box:
    left, top, right, bottom = (round(edge, 1) for edge in box)
    return left, top, right, bottom
