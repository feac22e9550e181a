"""What a file's form tells beside its text: pages, paragraphs, an address, columns of a table.

Offsets count characters of the decoded text. Plain text has no marks: there is nothing to tell.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

# Left, top, right and bottom in points (1/72 inch), from the page's upper left corner.
Box = tuple[float, float, float, float]
# Width and height in points, as the page is shown.
PageSize = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Mark:
    """The text from ``start`` to the next mark stands on this page, in this paragraph, in this box.

    Pages and paragraphs are counted from 1.
    """

    start: int
    page: int | None = None
    paragraph: int | None = None
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a stretch of text begins; ``box`` is around its lines on that page."""

    page: int | None = None
    paragraph: int | None = None
    box: Box | None = None

    def as_json(self) -> dict[str, Any]:
        """What is known of it, and nothing else."""
        told: dict[str, Any] = {"page": self.page, "paragraph": self.paragraph}
        told["box"] = list(self.box) if self.box else None
        return {name: value for name, value in told.items() if value is not None}


NOWHERE = Spot()


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a text came from.

    ``place`` and ``year`` are what the columns of a data set say, most particular name first in
    ``place``; they fill what the text leaves open and never overrule it. ``form`` is the kind of file,
    None for plain text and for rows of a data set; ``original`` is the sha256 of its bytes, where they
    are kept; ``pages`` are the sizes of all its pages, where it has any.
    """

    url: str | None = None
    title: str | None = None
    published: str | None = None
    place: tuple[str, ...] = ()
    year: int | None = None
    warnings: tuple[str, ...] = ()
    marks: tuple[Mark, ...] = field(default=(), repr=False)
    form: str | None = None
    original: str | None = None
    pages: tuple[PageSize, ...] = field(default=(), repr=False)

    def as_json(self) -> dict[str, Any]:
        """All of it in lists and plain values."""
        return {**asdict(replace(self, marks=())), "marks": mark_rows(self.marks)}

    @classmethod
    def of_json(cls, told: Mapping[str, Any]) -> Origin:
        """What ``as_json`` made, also of an earlier program: what that did not tell is not known."""
        known = {name: told[name] for name in cls.__slots__ if name in told}
        known["marks"] = marks_of(known.get("marks", ()))
        known["pages"] = page_sizes(known.get("pages", ()))
        known |= {name: tuple(known[name]) for name in ("place", "warnings") if name in known}
        return cls(**known)


UNKNOWN = Origin()
# The warning of a text that was read off pictures: a copy in letters is preferred to it.
RECOGNISED = "文字由扫描件识别得来,可能有误"


def mark_rows(marks: Sequence[Mark]) -> list[list[Any]]:
    """Marks as lists, to be kept or sent: a report in PDF has a thousand."""
    return [[mark.start, mark.page, mark.paragraph, mark.box] for mark in marks]


def marks_of(rows: Sequence[Sequence[Any]]) -> tuple[Mark, ...]:
    """The marks of such lists."""
    return tuple(
        Mark(start, page, paragraph, tuple(box) if box else None)
        for start, page, paragraph, box in rows
    )


def page_sizes(rows: Sequence[Sequence[float]]) -> tuple[PageSize, ...]:
    """The sizes of pages of such lists."""
    return tuple((float(width), float(height)) for width, height in rows)


def marks_between(marks: Sequence[Mark], start: int, end: int) -> tuple[Mark, ...]:
    """The marks whose text overlaps ``[start, end)``; ``marks`` are in order."""
    first = max(0, bisect_right(marks, start, key=_start) - 1)
    last = bisect_right(marks, end - 1, key=_start)
    return tuple(marks[first:last])


def spot_of(marks: Sequence[Mark], start: int, end: int) -> Spot:
    """Where ``[start, end)`` begins, and the box around its lines on that page."""
    covered = marks_between(marks, start, end)
    if not covered or covered[0].start > start:
        return NOWHERE
    first = covered[0]
    boxes = [mark.box for mark in covered if mark.box and mark.page == first.page]
    return Spot(first.page, first.paragraph, around(boxes) if boxes else None)


def around(boxes: Sequence[Box]) -> Box:
    """The smallest box that holds all of them; there must be one."""
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def _start(mark: Mark) -> int:
    return mark.start
