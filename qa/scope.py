"""The reports that a question may be answered from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Literal

from qa.library.shelf import Shelf
from qa.place_mentions import PlaceMention
from qa.places import THE_NATION, Place
from qa.questions import Question, asks_work_of_a_year
from qa.reports.periods import overlaps
from qa.reports.report import Report

Missing = Literal["place_not_held", "period_not_held"]
# Up to so many reports are all read for an answer.
READ_CLOSELY = 200
# Of more, those that bear on the question best: a report has some 120 facts, which take 2 ms to read.
READ_OF_MANY = 50


@dataclass(frozen=True, slots=True)
class Scope:
    """The reports a question may be answered from, or what the library lacks for it."""

    report_ids: frozenset[str]
    missing: Missing | None = None
    absent: tuple[Place, ...] = ()
    of_many: int = 0
    """How many reports were searched, where only those that fit best are read for an answer."""

    def read_closely(self, best: Iterable[str]) -> Scope:
        """The scope as it is while its reports are few; of many, those of the ``best`` passages.

        To read all facts of twenty thousand reports takes minutes, for an answer that could name
        but a few of them.
        """
        if len(self.report_ids) <= READ_CLOSELY:
            return self
        held = (one for one in dict.fromkeys(best) if one in self.report_ids)
        kept = frozenset(islice(held, READ_OF_MANY))
        return Scope(kept, self.missing, self.absent, len(self.report_ids)) if kept else self


def find_scope(
    question: Question, reports: Iterable[Report] | Shelf, anchored: Sequence[Report] = ()
) -> Scope:
    """The reports that a question's places and years allow; ``anchored`` are those that words
    of the question stand for."""
    shelf = reports if isinstance(reports, Shelf) else Shelf(reports)
    chosen, absent = _by_places(question.places, shelf)
    if anchored:
        chosen = [*(chosen if question.places else ()), *anchored]
    if question.places and not chosen:
        return Scope(frozenset(), "place_not_held", absent)
    dated = _in_period(question, chosen, shelf)
    return Scope(dated, None if dated else "period_not_held", absent)


def from_above(question: Question, scope: Scope, shelf: Shelf) -> tuple[Question, Scope]:
    """The question asked of the reports of the divisions above its one place, which may speak of it
    (惠州哪个县… of the province's); as it was, if none is held. The place stays ``absent``."""
    place = question.places[0].place if len(question.places) == 1 else THE_NATION
    if place == THE_NATION or question.survey or question.language != "zh":
        return question, scope
    above = shelf.above(place)
    found = find_scope(replace(question, places=()), above) if above else scope
    if not found.report_ids:
        return question, scope
    name = min(place.names, key=len)
    asked = replace(
        question,
        spoken_of=(name,),
        core=f"{name} {question.core}",
        rest=f"{name} {question.rest}",
        sense=f"{name} {question.sense}",
    )
    return asked, Scope(found.report_ids, None, (place,))


def _by_places(
    mentions: tuple[PlaceMention, ...], shelf: Shelf
) -> tuple[Sequence[Report], tuple[Place, ...]]:
    if not mentions:
        return shelf.reports, ()
    chosen: dict[str, Report] = {}
    absent = []
    for mention in mentions:
        matching = _matching(mention, shelf)
        if not matching:
            absent.append(mention.place)
        chosen.update((report.report_id, report) for report in matching)
    return list(chosen.values()), tuple(absent)


def _matching(mention: PlaceMention, shelf: Shelf) -> list[Report]:
    """绍兴儿童公园 may be told by a district's report, and a thing named after a place whose own report is
    not held (宁波舟山港) by that of the division above it."""
    if not mention.loose:
        return shelf.about(mention.place)
    # 浙江民营经济 is the province's, whose report would name a district that it meant.
    if mention.place.level == "省" and (own := shelf.about(mention.place)):
        return own
    return shelf.within(mention.place) or shelf.above(mention.place)


def _in_period(question: Question, chosen: Sequence[Report], shelf: Shelf) -> frozenset[str]:
    """The ids of the reports that may tell of the question's years."""

    def test(report: Report) -> bool:
        return _is_in_period(question, report)

    if chosen is not shelf.reports:
        return frozenset(report.report_id for report in chosen if test(report))
    bases = question.years_are_bases
    work = asks_work_of_a_year(question)
    return shelf.passing((question.years, question.report_years, bases, work), test)


def _is_in_period(question: Question, report: Report) -> bool:
    if question.report_years and report.year not in question.report_years:
        return False
    if not question.years or report.year is None:
        return True
    if asks_work_of_a_year(question):
        return any(_is_on(report, year) for year in question.years)
    return any(_tells_of(report, year) for year in question.years) or _covers(question, report)


def _covers(question: Question, report: Report) -> bool:
    """True if the years are only the base of a comparison (比“十二五”末大多少) with what is told."""
    return question.years_are_bases and not question.report_years


def _is_on(report: Report, year: int) -> bool:
    """True if the report was delivered in the year, or reviews or plans it alone."""
    return report.year == year or any(s.period == str(year) for s in report.sections)


def _tells_of(report: Report, year: int) -> bool:
    """True if a section is about ``year`` or the text names it."""
    if year in report.mentioned_years:
        return True
    periods = [section.period for section in report.sections if section.period]
    return any(overlaps(period, str(year)) for period in periods)
