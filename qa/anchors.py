"""Places that are named by what is there (洪楼、唐冶那个区), not by their name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from qa.library.library import Library
from qa.places import Place
from qa.reports.report import Report

_ENDS = re.compile(
    r"(?:(?:所在|那?一带|附近)?的?(?:那个|这个|那座)|(?:所在|那?一带)的?)(?:区|县|市)(?![\u4e00-\u9fff]?(?:域|级|场))"
)
# What parts a place from the one before it; 洪楼、唐冶 are two names of one.
_STARTS = re.compile(r"[,。?!;:|]|(?:那个|这个|那座|所在的?|一带的?)(?:区|县|市)")
_JOINTS = "、和与跟及比还有在 "
# Words mean the report whose best passage beats the next by this factor.
_STANDS_OUT = 1.2


@dataclass(frozen=True, slots=True)
class Anchored:
    """Reports meant by words of the question, and the question without those words."""

    reports: tuple[Report, ...]
    text: str


def find_anchored(text: str, places: list[Place], library: Library) -> Anchored:
    """The reports that words of ``text`` stand for; ``places`` are those it names outright."""
    marked = text
    for name in sorted((n for place in places for n in place.names), key=len, reverse=True):
        marked = marked.replace(name, "|" * len(name))
    found: list[Report] = []
    rest = text
    for start, end, words in _anchors(marked):
        report = report_of(words, library)
        if report is not None:
            found.append(report)
            rest = f"{rest[:start]}{' ' * (end - start)}{rest[end:]}"
    return Anchored(tuple(dict.fromkeys(found)), rest)


def _anchors(text: str) -> Iterator[tuple[int, int, str]]:
    """Where words stand for a place, and those words."""
    for ending in _ENDS.finditer(text):
        before = [match.end() for match in _STARTS.finditer(text, 0, ending.start())]
        start = before[-1] if before else 0
        words = text[start : ending.start()].strip(_JOINTS)
        if len(words) > 1:
            yield start, ending.end(), words


def report_of(anchor: str, library: Library) -> Report | None:
    """The report that the words stand for (洪楼、唐冶 of 洪楼、唐冶那个区), if one stands out."""
    best = library.best_reports(anchor)
    ranked = sorted(best, key=lambda report_id: -best[report_id])[:2]
    if not ranked:
        return None
    if len(ranked) > 1 and best[ranked[0]] < _STANDS_OUT * best[ranked[1]]:
        return None
    return library.reports[ranked[0]]
