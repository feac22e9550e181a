"""Choosing reports by place and year."""

from __future__ import annotations

from collections.abc import Iterable

from qa.library.holdings import HeldReport
from qa.places import Place, resolve
from qa.reports.report import Report


def select_reports(
    held: Iterable[HeldReport], place: str | None = None, year: int | None = None
) -> list[HeldReport]:
    """The reports of a place and of what lies below it, delivered in a year; None leaves it open.

    ``place`` is a full or short name. One that several divisions bear asks for each of them that
    is held.
    """
    above = resolve(place) if place else None
    return [
        one
        for one in held
        if (year is None or one.report.year == year)
        and (not place or _is_in(one.report, place, above))
    ]


def _is_in(report: Report, asked: str, above: Place | None) -> bool:
    if report.place is None:
        return False
    names = Place(report.place_code, report.place).names if report.place_code else (report.place,)
    return asked in names or (above is not None and above.contains(report.place_code))
