"""The figures of one thing over years: those of one kind are its series, others stand apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from qa.answers.claims import common_scale
from qa.answers.comparisons.matching import unit_of
from qa.answers.trends.asking import Trend
from qa.facts.fact import Fact, Measure
from qa.facts.lexicon import Indicator, names_of, same_family
from qa.library.reading import HeldFact
from qa.moments import OVER_SPANS, asks_amount, asks_growth, is_whole, statuses_of
from qa.reports.periods import span_of
from qa.reports.report import Report

Status = Literal["actual", "target"]


@dataclass(frozen=True, slots=True)
class Kind:
    """What must be alike to be compared: growth or amount, the unit without multiplier, and whether
    it is the growth of one year."""

    is_growth: bool
    unit: str
    is_yearly: bool = True


@dataclass(frozen=True, slots=True)
class Point:
    """A figure of a year. ``value`` is in the unit that the series compares in."""

    year: int
    report: Report
    held: HeldFact
    measure: Measure
    kind: Kind

    @property
    def fact(self) -> Fact:
        return self.held.fact

    @property
    def value(self) -> float:
        return self.measure.low * common_scale(unit_of(self.measure))[1]


@dataclass(frozen=True, slots=True)
class Column:
    """An indicator's results or targets: year → figure of the series, year → figure that is of
    another kind than the series, and the years for which a report held tells neither, with that
    report."""

    indicator: Indicator
    status: Status
    series: Mapping[int, Point]
    apart: Mapping[int, Point] = field(default_factory=dict)
    silent: Mapping[int, Report] = field(default_factory=dict)

    @property
    def points(self) -> list[Point]:
        """The figures of the series, oldest first."""
        return [self.series[year] for year in sorted(self.series)]


def read_columns(trend: Trend, held: Sequence[HeldFact]) -> list[Column]:
    """A column for each indicator and each status asked for; empty ones are left out."""
    asked: tuple[Status, ...] = ("actual", "target")
    if trend.question.status:
        asked = (trend.question.status,)
    columns = [
        _column(trend, indicator, status, held)
        for indicator in trend.question.indicators
        for status in asked
    ]
    return [column for column in columns if column.series]


def _column(trend: Trend, indicator: Indicator, status: Status, held: Sequence[HeldFact]) -> Column:
    points = list(_points(trend, indicator, status, held))
    kind = _kind_asked(trend, points)
    series = _one_a_year(one for one in points if one.kind == kind)
    beside = (one for one in points if one.year not in series and _is_asked(trend, one))
    apart = _one_a_year(beside)
    telling = {one.report.report_id for one in points}
    silent = {
        year: report
        for report in trend.reports
        if report.report_id not in telling
        and (year := year_of(report, status)) is not None
        and trend.years.hold(year, report)
        and year not in series
        and year not in apart
    }
    return Column(indicator, status, series, apart, silent)


def _points(
    trend: Trend, indicator: Indicator, status: Status, held: Iterable[HeldFact]
) -> Iterator[Point]:
    reports = {report.report_id: report for report in trend.reports}
    statuses = statuses_of(status)
    for one in held:
        fact, report = one.fact, reports[one.fact.report_id]
        if fact.status not in statuses or "-" in fact.period or not is_whole(fact):
            continue
        if not same_family(fact.indicator, indicator.name):
            continue
        if trend.years.hold(int(fact.period), report):
            for measure, kind in _measures(fact):
                yield Point(int(fact.period), report, one, measure, kind)


def _measures(fact: Fact) -> Iterator[tuple[Measure, Kind]]:
    if fact.level:
        yield fact.level, Kind(False, common_scale(unit_of(fact.level))[0])
    if fact.growth:
        yield fact.growth, Kind(True, "%", fact.basis not in OVER_SPANS)


def _kind_asked(trend: Trend, points: Sequence[Point]) -> Kind | None:
    """The kind that most years tell of what is asked for; an amount before a growth."""
    fitting = [one for one in points if one.kind.is_yearly and _is_asked(trend, one)]
    years = Counter(one.kind for one in {(one.year, one.kind): one for one in fitting}.values())
    return max(years, key=lambda kind: (years[kind], not kind.is_growth), default=None)


def _is_asked(trend: Trend, point: Point) -> bool:
    """True if the figure is a growth, or an amount, as asked; a rate is its own level."""
    if asks_growth(trend.question):
        return point.kind.is_growth or point.kind.unit == "%"
    return not point.kind.is_growth or not asks_amount(trend.question)


def _one_a_year(points: Iterable[Point]) -> dict[int, Point]:
    best: dict[int, Point] = {}
    for one in points:
        known = best.get(one.year)
        if known is None or _worth(one) > _worth(known):
            best[one.year] = one
    return best


def _worth(point: Point) -> tuple[bool, bool, bool, int]:
    """A figure by the indicator's own name (财政赤字 before 地方财政赤字), from the report on its year,
    before others; of two alike that of the later report."""
    own = any(point.fact.printed_indicator in names_of(one) for one in _indicators(point))
    status: Status = "target" if point.fact.status == "target" else "actual"
    of_its_year = year_of(point.report, status) == point.year
    return own, point.kind.is_yearly, of_its_year, point.report.year or 0


def _indicators(point: Point) -> Sequence[Indicator]:
    from qa.facts.lexicon import canonical

    found = canonical(point.fact.indicator)
    return (found,) if found else ()


def year_of(report: Report, status: Status) -> int | None:
    """The year that a report tells results of, or sets targets for; the last of a span reviewed."""
    period = report.planned_period if status == "target" else report.reviewed_period
    if period and ("-" not in period or status == "actual"):
        return span_of(period)[1]
    return report.year if status == "target" or report.year is None else report.year - 1
