"""The reports of a library by place, so that no question has to look at all of them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from functools import cached_property

from qa.places import THE_NATION, HeldPlaces, Place, resolve
from qa.reports.report import Report

# Questions that name a year and no place ask the same years over and over.
_REMEMBERED = 32


def place_of(report: Report) -> Place | None:
    """The place of a report; the nation's reports have no code."""
    if report.level == "国家":
        return THE_NATION
    if report.place_code and report.place:
        return Place(report.place_code, report.place)
    return resolve(report.place) if report.place else None


class Shelf:
    """Reports, and which are of what place; each answer keeps their order."""

    def __init__(self, reports: Iterable[Report]) -> None:
        self.reports = tuple(reports)
        self._places = [place_of(report) for report in self.reports]
        self._of: dict[Place, list[int]] = {}
        self._with_prefix: dict[str, list[int]] = {}
        for number, place in enumerate(self._places):
            if place is not None:
                self._of.setdefault(place, []).append(number)
                for digits in (0, 2, 4, 6):
                    self._with_prefix.setdefault(place.code[:digits], []).append(number)
        self._remembered: OrderedDict[Hashable, frozenset[str]] = OrderedDict()

    @cached_property
    def places(self) -> HeldPlaces:
        """The places whose reports are held, each once."""
        return HeldPlaces(self._of)

    @cached_property
    def by_name(self) -> dict[str, list[Report]]:
        """Printed name of a place → its reports."""
        found: dict[str, list[Report]] = {}
        for report in self.reports:
            if report.place:
                found.setdefault(report.place, []).append(report)
        return found

    def about(self, place: Place) -> list[Report]:
        """The reports of a place."""
        return [self.reports[number] for number in self._of.get(place, ())]

    def within(self, place: Place) -> list[Report]:
        """The reports of a place and of all below it."""
        return [self.reports[number] for number in self._with_prefix.get(place.prefix, ())]

    def above(self, place: Place) -> list[Report]:
        """The reports of a division and of those above it, without the nation's."""
        code = place.code
        found = {
            number
            for above in (code, f"{code[:4]}00", f"{code[:2]}0000")
            for number in self._with_prefix.get(above, ())
            if self._is_above(number, code)
        }
        return [self.reports[number] for number in sorted(found)]

    def _is_above(self, number: int, code: str) -> bool:
        own = self._places[number]
        return own is not None and own != THE_NATION and own.contains(code)

    def passing(self, key: Hashable, test: Callable[[Report], bool]) -> frozenset[str]:
        """The ids of all reports that pass ``test``, remembered under ``key``."""
        found = self._remembered.get(key)
        if found is None:
            found = frozenset(report.report_id for report in self.reports if test(report))
            self._remembered[key] = found
            while len(self._remembered) > _REMEMBERED:
                self._remembered.popitem(last=False)
        return found
