"""The figures of a table: chosen among the facts by the rules that answers follow."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal
from weakref import WeakKeyDictionary

from qa.answers.cells import fill_cells
from qa.answers.comparisons.matching import unit_of
from qa.answers.figures import fact_words
from qa.answers.surveys.columns import NEW, by_its_name
from qa.answers.surveys.own_words import floor_of
from qa.facts.fact import Fact, Measure, Status
from qa.facts.lexicon import Indicator, canonical, names_of, same_family
from qa.library.library import Library
from qa.library.reading import HeldFact
from qa.questions import Language, Question
from qa.reports.periods import span_of
from qa.reports.report import Report
from qa.tables.subjects import Subject

Told = Literal["stated", "not_mentioned", "not_held"]
By = Literal["growth", "amount"]

_YEARLY = ("yoy", "yoy_real")
_ASKS_GROWTH = "增长多少"


@dataclass(frozen=True, slots=True)
class Kind:
    """What must be alike in figures to be compared: growth or amount, unit without multiplier, basis
    of growth, and from what worth on things are counted, all of them or the new ones."""

    by: By
    unit: str
    basis: str = ""
    floor: float | None = None
    is_new: bool = False

    @property
    def is_rate(self) -> bool:
        return self.unit == "%"


@dataclass(frozen=True, slots=True)
class Figure:
    """What a place's reports state of an indicator in a period, with one status.

    ``held`` is the fact, ``growth_held`` another one that tells the growth where ``held`` tells the
    amount alone; ``citation`` and ``growth_citation`` number their sentences. ``told`` is
    ``"not_mentioned"`` if the report that could tell is silent, ``"not_held"`` if there is none.
    """

    subject: Subject
    indicator: Indicator
    period: str
    status: Status
    told: Told
    report: Report | None = None
    held: HeldFact | None = None
    growth_held: HeldFact | None = None
    citation: int | None = None
    growth_citation: int | None = None

    @property
    def fact(self) -> Fact | None:
        return self.held.fact if self.held else None

    @property
    def growth_fact(self) -> Fact | None:
        """The fact that tells the growth."""
        growth = self.growth_held or self.held
        return growth.fact if growth and growth.fact.growth else None

    @property
    def facts(self) -> tuple[HeldFact, ...]:
        return tuple(held for held in (self.held, self.growth_held) if held)

    def cited(self, numbers: dict[HeldFact, int]) -> Figure:
        """The figure with the numbers of its citations."""
        return replace(
            self,
            citation=numbers[self.held] if self.held else None,
            growth_citation=numbers[self.growth_held] if self.growth_held else None,
        )

    def measures(self) -> dict[Kind, Measure]:
        """What can be compared; a range cannot."""
        found: dict[Kind, Measure] = {}
        fact, growth = self.fact, self.growth_fact
        if fact and fact.level and fact.level.low == fact.level.high:
            named = floor_of(fact.printed_indicator), bool(NEW.match(fact.printed_indicator))
            found[Kind("amount", unit_of(fact.level), "", *named)] = fact.level
        if growth and growth.growth and growth.growth.low == growth.growth.high:
            basis = (growth.basis or "yoy").removesuffix("_real")
            found[Kind("growth", "%", basis, floor_of(growth.printed_indicator))] = growth.growth
        return found

    def words(self, language: Language) -> str:
        """The figures as printed; empty if there are none. A second sentence is marked: ``[2]``."""
        if self.fact is None or self.report is None:
            return ""
        told = [fact_words(self.fact, self.report, language)["figures"]]
        if self.growth_held:
            alone = replace(self.growth_held.fact, level=None)
            growth = fact_words(alone, self.report, language)["figures"]
            marker = f"[{self.growth_citation}]" if self.growth_citation != self.citation else ""
            told.append(f"{growth}{marker}")
        return ("、" if language == "zh" else ", ").join(told)


def figures_of(
    subjects: Sequence[Subject],
    indicator: Indicator,
    period: str,
    status: Status,
    near: Near,
) -> Iterator[Figure]:
    """One figure for each subject; ``near`` are the library's facts near the indicator."""
    facts = _timely(near, period, status)
    telling = {held.fact.report_id for held in facts}
    reports = [one for subject in subjects for one in subject.reports if one.report_id in telling]
    filled = _filled("", indicator, period, status, reports, facts)
    for subject in subjects:
        found = [report for report in subject.reports if report.report_id in filled]
        if not found:
            could = any(could_tell(one, period, status) for one in subject.reports)
            told: Told = "not_mentioned" if could else "not_held"
            yield Figure(subject, indicator, period, status, told)
            continue
        report = min(found, key=lambda one: _distance(one, period, status))
        held = filled[report.report_id]
        growth = None
        if not _tells_growth(held.fact, period):
            growth = _growth(indicator, period, status, report, facts)
        yield Figure(subject, indicator, period, status, "stated", report, held, growth)


def _tells_growth(fact: Fact, period: str) -> bool:
    """False for a year's amount with no growth, or with that of several years, beside it."""
    return fact.growth is not None and ("-" in period or fact.basis in _YEARLY)


def _growth(
    indicator: Indicator, period: str, status: Status, report: Report, facts: Sequence[HeldFact]
) -> HeldFact | None:
    growing = [one for one in facts if one.fact.growth and one.fact.basis in _YEARLY]
    filled = _filled(_ASKS_GROWTH, indicator, period, status, [report], growing)
    return filled.get(report.report_id)


def _filled(
    text: str,
    indicator: Indicator,
    period: str,
    status: Status,
    reports: Sequence[Report],
    facts: Sequence[HeldFact],
) -> dict[str, HeldFact]:
    """Report id → the fact that answers, chosen as for a question for this alone."""
    if not (reports and facts):
        return {}
    first, last = span_of(period)
    question = Question(
        text=text,
        language="zh",
        years=(first,) if first == last else (),
        spans=(period,) if first != last else (),
        status="target" if status == "target" else "actual",
        indicators=(indicator,),
    )
    cells = fill_cells(question, reports, facts)
    # A whole told only in parts is asked for in parts: those are other indicators' cells.
    return {
        cell.report.report_id: cell.held
        for cell in cells
        if cell.held and cell.indicator == indicator
    }


# --- what is near ------------------------------------------------------------------------------

Near = Mapping[tuple[Status, str], Sequence[HeldFact]]
_NEAR: WeakKeyDictionary[Library, dict[Indicator, Near]] = WeakKeyDictionary()


def facts_near(library: Library, indicator: Indicator) -> Near:
    """Status and period → the facts that may tell of the indicator; sought once for each version of a
    library, whose facts are many more."""
    known = _NEAR.setdefault(library, {})
    if indicator not in known:
        found: dict[tuple[Status, str], list[HeldFact]] = defaultdict(list)
        for held in map(by_its_name, library.facts()):
            if _is_near(held.fact, indicator):
                found[held.fact.status, held.fact.period].append(held)
        known[indicator] = found
    return known[indicator]


def _is_near(fact: Fact, indicator: Indicator) -> bool:
    """False for facts that surely tell nothing of the indicator."""
    if canonical(fact.indicator) is not None:
        return same_family(fact.indicator, indicator.name)
    if fact.indicator == indicator.name:
        return True
    return any(name in fact.printed_indicator for name in names_of(indicator))


def _timely(near: Near, period: str, status: Status) -> list[HeldFact]:
    """The facts of the period, and of the last year of a span, with which an average over it stands."""
    last = str(span_of(period)[1])
    return [held for one in dict.fromkeys((period, last)) for held in near.get((status, one), ())]


# --- who could tell ----------------------------------------------------------------------------


def could_tell(report: Report, period: str, status: Status) -> bool:
    """True if results, or targets, of the period are what the report is about."""
    first, last = span_of(period)
    if status == "target":
        planned = span_of(report.planned_period) if report.planned_period else None
        return report.year == first or (planned is not None and _is_end(planned, first, last))
    reviewed = span_of(report.reviewed_period) if report.reviewed_period else None
    after = report.year is not None and report.year - 1 == last
    return after or (reviewed is not None and _is_end(reviewed, first, last))


def _is_end(told: tuple[int, int], first: int, last: int) -> bool:
    """True if a period is the one told of, or its last year: a review of five years tells of the last."""
    return (first, last) == told or first == last == told[1]


def _distance(report: Report, period: str, status: Status) -> tuple[bool, int, str]:
    """The reports that are about the period first, then those nearest to it."""
    first, last = span_of(period)
    due = first if status == "target" else last + 1
    return (
        not could_tell(report, period, status),
        abs((report.year or 0) - due),
        report.report_id,
    )
