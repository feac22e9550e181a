"""What becomes of reports that share their text: which copy answers, which version is the full one.

Texts as alike as two sources of one report are one, unless what is known of place or year says
otherwise; of the copies the best answers, the others are named beside it. A shorter one that stands in
a longer one for the most part is its abridged version.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from qa.reports.likeness import Overlap
from qa.reports.origin import RECOGNISED
from qa.reports.report import Report

# Shorter than this share of the longest copy, something is missing: page furniture makes less of one.
_WHOLE = 0.95


@dataclass(frozen=True, slots=True)
class Pair:
    """Two reports, by id, and how much of each stands in the other."""

    one: str
    other: str
    overlap: Overlap


@dataclass(frozen=True, slots=True)
class Relations:
    """Report id → the copy that answers in its stead; the full version of an abridged one, which answers
    before it; and all reports of the same text, itself among them, the one that answers first."""

    duplicate_of: Mapping[str, str] = field(default_factory=dict)
    abridged_of: Mapping[str, str] = field(default_factory=dict)
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def group(self, report_id: str) -> tuple[str, ...]:
        return self.groups.get(report_id, (report_id,))


def relate(reports: Iterable[Report], pairs: Sequence[Pair]) -> Relations:
    """What the pairs make of the reports, which are in the order they were stored."""
    known = {report.report_id: report for report in reports}
    groups = _groups(known, [pair for pair in pairs if pair.overlap.are_alike])
    first = {report_id: group[0] for group in groups.values() for report_id in group}
    full = _full_versions(known, [pair for pair in pairs if not pair.overlap.are_alike], first)
    return Relations(
        {report_id: own for report_id, own in first.items() if report_id != own}, full, groups
    )


def _groups(known: Mapping[str, Report], pairs: Sequence[Pair]) -> dict[str, tuple[str, ...]]:
    """Report id → the copies it is one of, the one that answers first; the likest are joined first."""
    joined: dict[str, tuple[str, ...]] = {}
    for pair in sorted(pairs, key=lambda pair: -pair.overlap.of_one - pair.overlap.of_other):
        one, other = (joined.get(i, (i,)) for i in (pair.one, pair.other))
        if one != other and not any(_contradict(known[a], known[b]) for a in one for b in other):
            joined |= dict.fromkeys((*one, *other), (*one, *other))
    return {report_id: _ordered(known, group) for report_id, group in joined.items()}


def _ordered(known: Mapping[str, Report], group: Sequence[str]) -> tuple[str, ...]:
    """The copies, the best first: one that a person saw to, whole, printed and not recognised, with few
    warnings; else the one that was held first, so that a new copy does not change what is cited."""
    longest = max(_length(known[report_id]) for report_id in group)
    held = {report_id: number for number, report_id in enumerate(known)}

    def rank(report_id: str) -> tuple[bool, bool, bool, int, int]:
        report = known[report_id]
        return (
            report.correction is None,
            _length(report) < _WHOLE * longest,
            RECOGNISED in report.warnings,
            len(report.warnings),
            held[report_id],
        )

    return tuple(sorted(group, key=rank))


def _length(report: Report) -> int:
    return report.end - report.start


def _full_versions(
    known: Mapping[str, Report], pairs: Sequence[Pair], first: Mapping[str, str]
) -> dict[str, str]:
    """The report that answers for an abridged version → the one that answers for its full one."""
    found: dict[str, str] = {}
    for pair in pairs:
        # Of the smaller text more stands in the other one.
        short, long = (
            (pair.one, pair.other)
            if pair.overlap.of_one > pair.overlap.of_other
            else (pair.other, pair.one)
        )
        if _contradict(known[short], known[long]):
            continue
        short, long = first.get(short, short), first.get(long, long)
        if short != long and _length(known[long]) > _length(known[found.get(short, short)]):
            found[short] = long
    return {short: found.get(long, long) for short, long in found.items()}


def _contradict(one: Report, other: Report) -> bool:
    """True if the two are of different places or years.

    Where a person corrected one alone, the other says what that one's document says: both are compared
    as they read, too.
    """
    return _differ(one, other, "place") or _differ(one, other, "year")


def _differ(one: Report, other: Report, name: Literal["place", "year"]) -> bool:
    in_force = _value(one, name), _value(other, name)
    if None in in_force or in_force[0] == in_force[1]:
        return False
    read = _read(one, name), _read(other, name)
    if (read[0] is _SAME) == (read[1] is _SAME):
        return True
    told = [getattr(r, name) if v is _SAME else v for r, v in zip((one, other), read, strict=True)]
    return None not in told and told[0] != told[1]


_SAME = object()


def _value(report: Report, name: Literal["place", "year"]) -> object:
    value: object = getattr(report, name)
    return (report.place_code or value) if name == "place" else value


def _read(report: Report, name: Literal["place", "year"]) -> object:
    """What the document says, ``_SAME`` if nobody corrected it."""
    correction = report.correction
    return _SAME if correction is None or name not in correction.values else correction.read[name]
