"""Where on its pages a stretch of text stands: a box for each of its lines."""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby
from operator import itemgetter

from qa.reports.origin import Box, Mark, PageSize

# East Asian widths of signs that fill a whole square in a Chinese font; all others fill half of one.
_SQUARE = frozenset("WFA")


@dataclass(frozen=True, slots=True)
class PageBoxes:
    """Boxes on a page (from 1) of that size, in points from its upper left corner."""

    page: int
    size: PageSize
    boxes: tuple[Box, ...]


def boxes_of(
    marks: Sequence[Mark], pages: Sequence[PageSize], text: str, start: int, end: int
) -> list[PageBoxes]:
    """The boxes of ``text[start:end]``, page by page; none where the form has no pages."""
    found = [one for one in _boxes(marks, text, start, end) if one[0] <= len(pages)]
    return [
        PageBoxes(page, pages[page - 1], tuple(box for _, box in group))
        for page, group in groupby(found, key=itemgetter(0))
    ]


def _boxes(marks: Sequence[Mark], text: str, start: int, end: int) -> Iterator[tuple[int, Box]]:
    first = max(0, bisect_right(marks, start, key=lambda mark: mark.start) - 1)
    for index in range(first, len(marks)):
        mark = marks[index]
        if mark.start >= end:
            return
        until = marks[index + 1].start if index + 1 < len(marks) else len(text)
        # What joins it to the next is not printed.
        line = text[mark.start : until].rstrip(" |\n")
        inside = max(start, mark.start) - mark.start, min(end - mark.start, len(line))
        if mark.page and mark.box and inside[0] < inside[1]:
            yield mark.page, _part(mark.box, line, *inside)


def _part(box: Box, line: str, start: int, end: int) -> Box:
    """The part of a line's box that some of its signs take, by their usual widths: a scan tells no
    more, and Chinese is set in squares."""
    edges = [0.0, *accumulate(map(_width, line))]
    left, top, right, bottom = box
    across = (right - left) / edges[-1]
    return (
        round(left + across * edges[start], 1),
        top,
        round(left + across * edges[end], 1),
        bottom,
    )


def _width(sign: str) -> float:
    return 1.0 if unicodedata.east_asian_width(sign) in _SQUARE else 0.5
