"""Items that count up: 一、 (一) 1. 一是 第一, however far apart they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from qa.answers.lists.clauses import head
from qa.answers.lists.listing import NEAR_MAX, Item, Listing, Unit, headings_above, words_before
from qa.answers.lists.numerals import HAN, number_of

_AT_CLAUSE = r"(?:^|(?<=[;:,。]))"
# Style → its mark; 一、 and 1. count only at a paragraph's start.
_STYLES = {
    "一、": re.compile(rf"^({HAN}{{1,3}})、"),
    "(一)": re.compile(rf"{_AT_CLAUSE}\(({HAN}{{1,3}})\)"),
    "1.": re.compile(r"^(\d{1,2})[.、](?!\d)"),
    "(1)": re.compile(rf"{_AT_CLAUSE}\((\d{{1,2}})\)"),
    "一是": re.compile(rf"{_AT_CLAUSE}({HAN}{{1,2}})是"),
    "一要": re.compile(rf"{_AT_CLAUSE}({HAN}{{1,2}})要"),
    "第一": re.compile(rf"{_AT_CLAUSE}第({HAN}{{1,2}})[,、:是要]"),
}
_ONLY_OPENING = ("一、", "1.")
_INLINE = ("一是", "一要", "第一", "(1)")
_GLOSSARY = re.compile(r"名词解释|注释")


@dataclass(frozen=True, slots=True)
class _Mark:
    style: str
    number: int
    unit: int
    start: int
    end: int


@dataclass(slots=True)
class _Run:
    """Marks of one style counting up; ``parent`` is the item it stands under."""

    marks: list[_Mark]
    parent: str


def numbered_items(units: Sequence[Unit]) -> Iterator[Listing]:
    """Items that count up, each level of numbers apart: (二) ends the list 1. 2. 3. under (一)."""
    finished: list[_Run] = []
    open_runs: list[_Run] = []
    for mark in _marks(units):
        level = _continued(mark, open_runs)
        if level is not None:
            open_runs[level].marks.append(mark)
            del open_runs[level + 1 :]
        elif mark.number == 1:
            _close_for(mark, open_runs)
            parent = _item(open_runs[-1].marks[-1], units).text if open_runs else ""
            open_runs.append(_Run([mark], parent))
            finished.append(open_runs[-1])
    for run in finished:
        if len(run.marks) > 1:
            listing = _listing_of(run, units)
            if not _GLOSSARY.search(f"{listing.near} {listing.far}"):
                yield listing


def _marks(units: Sequence[Unit]) -> Iterator[_Mark]:
    for index, unit in enumerate(units):
        found = [
            _Mark(style, number, index, match.start(), match.end())
            for style, pattern in _STYLES.items()
            if unit.opens or style not in _ONLY_OPENING
            for match in pattern.finditer(unit.text)
            if (number := number_of(match.group(1)))
        ]
        yield from sorted(found, key=lambda mark: mark.start)


def _continued(mark: _Mark, open_runs: Sequence[_Run]) -> int | None:
    for level in reversed(range(len(open_runs))):
        last = open_runs[level].marks[-1]
        if last.style == mark.style and last.number + 1 == mark.number:
            return level
    return None


def _close_for(mark: _Mark, open_runs: list[_Run]) -> None:
    """A list ends where another of its style begins, and 一是,二是 where a heading begins."""
    for level, run in enumerate(open_runs):
        style = run.marks[0].style
        if style == mark.style or (style in _INLINE and mark.style not in _INLINE):
            del open_runs[level:]
            return


def _item(mark: _Mark, units: Sequence[Unit], end: int | None = None) -> Item:
    return Item(head(units[mark.unit].text[mark.end : end]), mark.unit)


def _listing_of(run: _Run, units: Sequence[Unit]) -> Listing:
    first = run.marks[0]
    ends = [b.start if a.unit == b.unit else None for a, b in pairwise(run.marks)]
    items = [_item(mark, units, end) for mark, end in zip(run.marks, [*ends, None], strict=True)]
    lead = words_before(units, first.unit, first.start)
    near = f"{lead[-NEAR_MAX:]} {run.parent}"
    return Listing("numbered", tuple(items), near, headings_above(units[first.unit]))
