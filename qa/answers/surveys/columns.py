"""What the reports state of each indicator asked about, column by column."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from qa.answers import cells
from qa.answers.surveys.limits import Limit
from qa.facts.fact import Fact, Measure
from qa.facts.figures import find_figures
from qa.library.library import HeldFact
from qa.questions import Question
from qa.reports.report import Report


@dataclass(frozen=True, slots=True)
class Told:
    """What a report states of a column: the fact, and the measure of it that is asked for."""

    report: Report
    held: HeldFact
    measure: Measure | None

    @property
    def fact(self) -> Fact:
        return self.held.fact

    @property
    def value(self) -> float:
        return self.measure.low if self.measure else 0.0

    def kind(self) -> tuple[str, str | None, bool]:
        """What must be alike to be ranked together: unit, basis of growth, result or target."""
        is_growth = self.measure is not None and self.measure == self.fact.growth
        basis = (self.fact.basis or "yoy").removesuffix("_real") if is_growth else None
        return _unit(self.measure), basis, self.fact.status == "target"


def _unit(measure: Measure | None) -> str:
    """The unit without its multiplier; all that is counted in pieces (件, 宗, 家) is one kind."""
    figures = find_figures(measure.text) if measure else []
    if not figures:
        return ""
    if figures[0].kind == "count":
        return "count"
    return figures[0].unit.lstrip("十百千万亿")


# An indicator's name, and which of its moments.
Column = tuple[str, int]


def fill_columns(
    question: Question, reports: Sequence[Report], held: Sequence[HeldFact], limit: Limit | None
) -> dict[Column, list[Told]]:
    """Column → what the reports state of it, in the order of the reports."""
    by_column: dict[Column, list[cells.Cell]] = {}
    seen: Counter[tuple[str, str]] = Counter()
    for cell in cells.fill_cells(question, reports, held):
        place = (cell.report.report_id, cell.indicator.name)
        by_column.setdefault((cell.indicator.name, seen[place]), []).append(cell)
        seen[place] += 1
    return {column: _measured(question, filled, limit) for column, filled in by_column.items()}


def _measured(question: Question, filled: Sequence[cells.Cell], limit: Limit | None) -> list[Told]:
    fitting = [
        (cell.report, cell.held)
        for cell in filled
        if cell.held and (not cell.moment.statuses or cell.held.fact.status in cell.moment.statuses)
    ]
    growth = _asks_growth(question, [held.fact for _, held in fitting], limit)
    return [
        Told(report, held, _measure(question, held.fact, growth=growth)) for report, held in fitting
    ]


def _measure(question: Question, fact: Fact, *, growth: bool) -> Measure | None:
    """The measure asked for; where neither is by name, the other will do."""
    asked, other = (fact.growth, fact.level) if growth else (fact.level, fact.growth)
    return asked or (other if asks_either(question) else None)


def asks_either(question: Question) -> bool:
    """True if neither growth nor amount is asked for by name."""
    return not cells.asks_growth(question) and not cells.asks_amount(question)


def _asks_growth(question: Question, facts: Sequence[Fact], limit: Limit | None) -> bool:
    """Growth or amount, as asked; else the amount, unless few reports state one."""
    levels = sum(fact.level is not None for fact in facts)
    growths = sum(fact.growth is not None for fact in facts)
    if cells.asks_growth(question) or (limit and limit.growth):
        # A rate is its own level: the 增速 of 失业率 is not asked for.
        return growths > 0 or levels == 0
    if cells.asks_amount(question):
        return False
    return levels < 2 or growths > 2 * levels
