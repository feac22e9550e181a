"""A report read into the lists it holds."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from weakref import WeakKeyDictionary

from embeddings.terms import bigrams
from qa.answers.lists.enumerations import enumerated_names
from qa.answers.lists.listing import Listing, Unit
from qa.answers.lists.numbered import numbered_items
from qa.answers.lists.parallels import leads, parallels, subjects
from qa.library.library import Library
from qa.reports.clean_text import fold
from qa.reports.report import Report

_OUTLINES_KEPT = 64
# Lists do not change with the question: a version of a library is read once, while it is open.
_OUTLINES: WeakKeyDictionary[Library, dict[str, Outline]] = WeakKeyDictionary()
_BULLETS = "—-·●■◆◇□○ "


@dataclass(frozen=True)
class Outline:
    """A report as its sentences and the lists they make."""

    report: Report
    units: tuple[Unit, ...]

    @cached_property
    def listings(self) -> tuple[Listing, ...]:
        ways = (numbered_items, leads, parallels, subjects, enumerated_names)
        return tuple(listing for way in ways for listing in way(self.units))

    @cached_property
    def frequencies(self) -> Counter[str]:
        """Word → in how many sentences it stands."""
        return Counter(word for unit in self.units for word in set(bigrams(unit.text)))

    def rarity(self, word: str) -> float:
        return math.log(1 + len(self.units) / (1 + self.frequencies[word]))


def outline_of(library: Library, report: Report) -> Outline:
    """The outline of a report, read at the first question that needs it."""
    kept = _OUTLINES.setdefault(library, {})
    found = kept.get(report.report_id)
    if found is None:
        if len(kept) >= _OUTLINES_KEPT:
            kept.clear()
        found = kept[report.report_id] = Outline(report, tuple(_units(library, report.report_id)))
    return found


def _units(library: Library, report_id: str) -> Iterator[Unit]:
    source = library.source_text(report_id)
    keys = library.passage_ids(report_id)
    spans = [(p, span) for p in library.passages(keys) for span in p.sentences]
    gaps = ["\n", *(source[a[1] : b[0]] for (_, a), (_, b) in pairwise(spans)), "\n"]
    for (passage, span), before, after in zip(spans, gaps, gaps[1:], strict=False):
        text = fold(source[span[0] : span[1]]).replace("\n", "").lstrip(_BULLETS)
        yield Unit(passage, span, text, "\n" in before, "\n" in after)
