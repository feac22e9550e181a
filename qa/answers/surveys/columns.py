"""What the reports state of each indicator asked about, column by column."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from qa.answers import cells
from qa.answers.surveys.limits import Limit
from qa.answers.surveys.own_words import floor_of
from qa.facts.fact import Fact, Measure
from qa.facts.figures import find_figures
from qa.facts.lexicon import canonical
from qa.library.reading import HeldFact
from qa.moments import asks_amount, asks_growth, is_start_of_move
from qa.questions import Question
from qa.reports.report import Report

# 进出口总额完成249.5亿元 is named with its verb.
_DONE = re.compile("(?:完成|实现|达到?|累计)$")
# 新增上市公司3家 are not the 68 there are.
NEW = re.compile("新增|净增|新认定|新培育|新通过")


class Kind(NamedTuple):
    """Unit, basis of growth, result or target, from what worth on things are counted, and whether
    only what came new is."""

    unit: str
    basis: str | None
    is_target: bool
    floor: float | None
    is_new: bool


@dataclass(frozen=True, slots=True)
class Told:
    """What a report states of a column: the fact, and the measure of it that is asked for, None if
    it states only something near (another year, the target, the growth alone). ``printed`` is the
    report's name for it where it was found by the words of its clause."""

    report: Report
    held: HeldFact
    measure: Measure | None
    printed: str = ""

    @property
    def fact(self) -> Fact:
        return self.held.fact

    @property
    def value(self) -> float:
        return self.measure.low if self.measure else 0.0

    def kind(self) -> Kind:
        """What must be alike to be ranked together."""
        is_growth = self.measure is not None and self.measure == self.fact.growth
        basis = (self.fact.basis or "yoy").removesuffix("_real") if is_growth else None
        name = self.printed or self.fact.printed_indicator
        floor, is_new = floor_of(name), bool(NEW.match(name))
        return Kind(_unit(self.measure), basis, self.fact.status == "target", floor, is_new)


def _unit(measure: Measure | None) -> str:
    """The unit without its multiplier; all that is counted in pieces (件, 宗, 家) is one kind."""
    figures = find_figures(measure.text) if measure else []
    if not figures:
        return ""
    if figures[0].kind == "count":
        return "count"
    # A ratio is printed as 1.53, as 1.72倍 and as 2.27:1.
    return "" if figures[0].kind in ("multiple", "bare") else figures[0].unit.lstrip("十百千万亿")


class Column(NamedTuple):
    """An indicator's name, which of its moments, and the status it is limited to, if any."""

    name: str
    moment: int = 0
    status: Literal["actual", "target"] | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """A way to fill columns. Where ``strict`` (the year each report looks back on) finds nothing,
    ``loose`` may (any year); None if the year was asked for."""

    strict: Question
    loose: Question | None = None
    status: Literal["actual", "target"] | None = None


def fill_columns(
    readings: Sequence[Reading],
    reports: Sequence[Report],
    held: Sequence[HeldFact],
    limit: Limit | None,
    printed: Mapping[HeldFact, str],
) -> dict[Column, list[Told]]:
    """Column → what the reports state of it, in the order of the reports."""
    columns = {}
    held = [by_its_name(one) for one in held]
    for reading in readings:
        for column, filled in _by_column(reading, reports, held).items():
            columns[column] = _measured(reading, filled, limit, printed)
    return columns


def by_its_name(held: HeldFact) -> HeldFact:
    """The fact under its indicator's name: 研发经费支出占生产总值比重 is one of its names, not a part
    of it, however much longer than 研发经费投入强度."""
    fact = held.fact
    bare = _DONE.sub("", fact.indicator)
    indicator = canonical(bare)
    if indicator is not None and indicator.name != fact.indicator:
        name = indicator.name
        return replace(held, fact=replace(fact, indicator=name, printed_indicator=name))
    if fact.printed_indicator == fact.indicator or canonical(fact.printed_indicator) is None:
        return held
    return replace(held, fact=replace(fact, printed_indicator=fact.indicator))


def _by_column(
    reading: Reading, reports: Sequence[Report], held: Sequence[HeldFact]
) -> dict[Column, list[cells.Cell]]:
    by_column: dict[Column, list[cells.Cell]] = {}
    seen: Counter[tuple[str, str]] = Counter()
    loose: dict[tuple[str, str], cells.Cell] = {}
    if reading.loose:
        later = [one for one in held if not is_start_of_move(one.fact)]
        for cell in cells.fill_cells(reading.loose, reports, later):
            loose.setdefault((cell.report.report_id, cell.indicator.name), cell)
    for cell in cells.fill_cells(reading.strict, reports, held):
        place = (cell.report.report_id, cell.indicator.name)
        column = Column(cell.indicator.name, seen[place], reading.status)
        filled = cell if _fits(cell) else loose.get(place, cell)
        by_column.setdefault(column, []).append(filled if _fits(filled) else cell)
        seen[place] += 1
    return by_column


def _fits(cell: cells.Cell) -> bool:
    """True if the cell's fact has the status asked for."""
    statuses = cell.moment.statuses
    return cell.fact is not None and (not statuses or cell.fact.status in statuses)


def _measured(
    reading: Reading,
    filled: Sequence[cells.Cell],
    limit: Limit | None,
    printed: Mapping[HeldFact, str],
) -> list[Told]:
    question = reading.strict
    fitting = [cell.held for cell in filled if cell.held and _fits(cell)]
    growth = _asks_growth(question, [held.fact for held in fitting], limit)
    strictly = limit is not None and limit.growth
    told = []
    for cell in filled:
        held = cell.held if _fits(cell) else _near(reading, cell)
        if held is None:
            continue
        measure = None
        if _fits(cell):
            measure = _measure(question, held.fact, growth=growth, strictly=strictly)
        told.append(Told(cell.report, held, measure, printed.get(held) or _own_name(held.fact)))
    return told


def _own_name(fact: Fact) -> str:
    """The report's name for what it counts beside the indicator: 新增国家高新技术企业 are not all
    there are. Empty where the indicator's name will do."""
    return "" if canonical(fact.indicator) is not None else fact.printed_indicator


def _near(reading: Reading, cell: cells.Cell) -> HeldFact | None:
    """What the report states of the indicator beside what is asked for; where results and targets
    have their own columns, only of the column's status."""
    near = cell.held or cell.other
    if near is None or reading.status is None:
        return near
    return near if (near.fact.status == "target") == (reading.status == "target") else None


def _measure(question: Question, fact: Fact, *, growth: bool, strictly: bool) -> Measure | None:
    """The measure asked for; where neither is by name, the other will do, but to keep a bound."""
    asked, other = (fact.growth, fact.level) if growth else (fact.level, fact.growth)
    return asked or (other if asks_either(question) and not strictly else None)


def asks_either(question: Question) -> bool:
    """True if neither growth nor amount is asked for by name."""
    return not asks_growth(question) and not asks_amount(question)


def _asks_growth(question: Question, facts: Sequence[Fact], limit: Limit | None) -> bool:
    """Growth or amount, as asked; else the amount, unless few reports state one."""
    levels = sum(fact.level is not None for fact in facts)
    growths = sum(fact.growth is not None for fact in facts)
    if asks_growth(question) or (limit and limit.growth):
        # A rate is its own level: the 增速 of 失业率 is not asked for.
        return growths > 0 or levels == 0
    if asks_amount(question):
        return False
    return levels < 2 or growths > 2 * levels
