"""Whose reports are meant where several places are named: 浙江、广东 are not their districts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from qa.library.shelf import place_of
from qa.places import THE_NATION, Place
from qa.reports.report import Report


def lies_in(report: Report, place: Place) -> bool:
    """True if the report is the place's own, or that of a place below it."""
    own = place_of(report)
    return own == place or (place != THE_NATION and place.contains(report.place_code))


def own_of_each(places: Iterable[Place], reports: Sequence[Report]) -> tuple[Report, ...]:
    """The reports without those of places below one named that has a report of its own; where a
    place below is named too (浙江和越城), its reports stay."""
    named = set(places)
    having = {place for place in named if any(place_of(one) == place for one in reports)}
    return tuple(
        one
        for one in reports
        if place_of(one) in named or not any(lies_in(one, place) for place in having)
    )
