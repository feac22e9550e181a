"""What stands in the rows: places by name, with the reports held of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from qa.answers.naming import place_name, report_name
from qa.errors import InputError
from qa.library.library import Library
from qa.library.shelf import place_of
from qa.places import THE_NATION, Place, by_full_name, by_short_name, resolve
from qa.questions import Language
from qa.reports.periods import span_of
from qa.reports.report import Report

_NEAREST = 8


@dataclass(frozen=True, slots=True)
class Subject:
    """A place with the reports held of it, or a report whose place is not named.

    ``name`` is the place's full name, or the report's id. Without reports the place is not held.
    """

    name: str
    place: Place | None
    reports: tuple[Report, ...] = ()

    @property
    def place_name(self) -> str | None:
        """The place's full name; None for a report that names none."""
        return self.reports[0].place if self.reports else self.name

    def label(self, language: Language) -> str:
        """What a reader is told."""
        if self.reports:
            return report_name(self.reports[0], language)
        return place_name(self.name, language)

    @property
    def periods(self) -> tuple[str, ...]:
        """What the reports look back on and plan for; of a span also the year it is told in."""
        found = {period for report in self.reports for period in _periods(report)}
        return tuple(sorted(found, key=lambda period: (span_of(period)[::-1], period)))


def _periods(report: Report) -> Iterator[str]:
    reviewed, planned = report.reviewed_period, report.planned_period
    yield from filter(None, (reviewed, planned))
    if report.year is not None and (reviewed is None or "-" in reviewed):
        yield str(report.year - 1)
    if report.year is not None and (planned is None or "-" in planned):
        yield str(report.year)


def subjects_of(library: Library) -> tuple[Subject, ...]:
    """All that is held, in the library's order."""
    grouped: dict[str, list[Report]] = {}
    for report in library.reports.values():
        place = place_of(report)
        key = place.code if place else report.place or report.report_id
        grouped.setdefault(key, []).append(report)
    return tuple(
        Subject(own[0].place or own[0].report_id, place_of(own[0]), tuple(own))
        for own in grouped.values()
    )


def choose_subjects(library: Library, names: Sequence[str]) -> tuple[Subject, ...]:
    """The subjects called so, all where none is named; in the order asked.

    A place's own reports go before those of what lies below it, which stand for it where it has
    none. A division of which nothing is held is a subject without reports; raises ``InputError`` for
    a name that no division has.
    """
    held = subjects_of(library)
    if not names:
        return held
    return tuple(dict.fromkeys(one for name in names for one in _called(name, held)))


def _called(name: str, held: Sequence[Subject]) -> list[Subject]:
    above = resolve(name)
    exact = [one for one in held if name == one.name or (above and above == one.place)]
    if found := exact or [one for one in held if one.place and name in one.place.names]:
        return found
    if above and above != THE_NATION:
        below = [one for one in held if one.place and above.contains(one.place.code)]
        return below or [Subject(above.name, above)]
    if above or name in by_full_name() or name in by_short_name():
        return [Subject(above.name if above else name, above)]
    known = [one.name for one in held if one.place]
    raise InputError("unknown_place", name=name, known="、".join(nearest(name, known)))


def nearest(name: str, known: Iterable[str]) -> list[str]:
    """Some of what is known: the most alike first, then as it comes."""
    names = list(dict.fromkeys(known))
    alike = [one for one in names if name in one]
    alike += get_close_matches(name, names, n=_NEAREST, cutoff=0.5)
    return list(dict.fromkeys((*alike, *names)))[:_NEAREST]
