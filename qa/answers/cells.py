"""What a figure question asks of each report, cell by cell, and the fact that fills each cell.

A cell is an indicator of a report in a moment (a year, a span, last year, this year). A cell that no
fact fills stays empty and is told as such: silence about one place never hides behind another's figure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from qa.facts.fact import Fact
from qa.facts.lexicon import Indicator, canonical, parts, same_family
from qa.library.reading import HeldFact
from qa.moments import (
    AVERAGES,
    BASES,
    YEARLY,
    Moment,
    asks_growth,
    is_counted,
    is_timely,
    is_whole,
    moments_of,
)
from qa.questions import Question
from qa.reports.periods import span_of
from qa.reports.report import Report

# 跟全国平均比差几个点: the report tells it beside the figure; nothing is to be computed.
WIDER = "全国|全省|全区|全市|全自治区|省均|平均"
_ASKS_RELATION = re.compile(
    rf"[比跟与和较同离].{{0,2}}(?:{WIDER})的?(?:平均)?(?:水平|增速|增幅|数)?(?:相?比|差|[高低快慢]|的差距)"
    rf"|(?:高于|低于|快于|慢于|高出|超过)了?(?:{WIDER}).{{0,8}}(?:多少|几|吗|没有|[??]$)"
    rf"|跑[赢输]了?(?:{WIDER})"
)
_ASKS_REAL = re.compile(r"扣(?:除|掉)|实际增|物价|in real terms", re.I)


@dataclass(frozen=True, slots=True)
class Cell:
    """What is asked of a report, and the fact that answers; ``other`` is a fact of the same thing
    with the other status, where nothing answers."""

    report: Report
    indicator: Indicator
    moment: Moment
    held: HeldFact | None
    other: HeldFact | None = None

    @property
    def fact(self) -> Fact | None:
        return self.held.fact if self.held else None


def fill_cells(
    question: Question, reports: Sequence[Report], facts: Iterable[HeldFact]
) -> list[Cell]:
    """One cell for each report, indicator and moment asked about, filled where a fact answers."""
    by_report: dict[str, list[HeldFact]] = {}
    for held in facts:
        by_report.setdefault(held.fact.report_id, []).append(held)
    cells = []
    for report in reports:
        own = by_report.get(report.report_id, [])
        for moment in moments_of(question, report):
            for indicator in _told(question, own):
                cells.append(_fill(question, report, indicator, moment, own))
    return cells


# A report that states no figure for all residents states one for town and one for country.
_IN_PARTS = {"全体居民人均可支配收入": "城乡居民人均可支配收入"}


_CLAIMED = re.compile(r"(\d+(?:\.\d+)?)(%|[万亿]*元?)?[^,。]{0,6}(?:吗|吧|对不对|是不是|right)")


def claimed(question: Question, cells: Sequence[Cell], facts: Iterable[HeldFact]) -> list[HeldFact]:
    """The facts that a figure claimed in the question (是6%吗?) really stands for, if it is not
    the one asked for: 6% was the average of five years, not the year's growth."""
    match = _CLAIMED.search(question.text)
    answered = [cell for cell in cells if cell.fact]
    if not match or not answered:
        return []
    figure = match.group(1)
    if any(_prints(cell.fact, figure) for cell in answered if cell.fact):
        return []
    indicators = {cell.indicator.name for cell in answered}
    reports = {cell.report.report_id for cell in answered}
    found = [
        held
        for held in facts
        if held.fact.report_id in reports
        and any(same_family(held.fact.indicator, name) for name in indicators)
        and _prints(held.fact, figure)
    ]
    return found[-1:]


def _prints(fact: Fact, figure: str) -> bool:
    printed = f"{fact.value_printed or ''} {fact.growth_printed or ''}"
    return re.search(rf"(?<![\d.]){re.escape(figure)}(?![\d.])", printed) is not None


def _told(question: Question, facts: Sequence[HeldFact]) -> Iterator[Indicator]:
    """The indicators asked for, those told only in parts as their parts, unless 全体 is insisted on."""
    for indicator in question.indicators:
        told = any(same_family(held.fact.indicator, indicator.name) for held in facts)
        whole = told or "全体" in question.text
        several = () if whole else parts(_IN_PARTS.get(indicator.name, ""))
        yield from several or (indicator,)


def asks_relation(text: str) -> bool:
    """True if it is asked how a figure stands to that of a wider place (比全国平均高几个点)."""
    return bool(_ASKS_RELATION.search(text))


def _fill(
    question: Question,
    report: Report,
    indicator: Indicator,
    moment: Moment,
    facts: Sequence[HeldFact],
) -> Cell:
    same = [h for h in facts if same_family(h.fact.indicator, indicator.name) and is_whole(h.fact)]
    same += [h for h in facts if is_counted(h.fact, indicator)]
    timely = [h for h in same if is_timely(h.fact, moment)]
    fitting = [h for h in timely if not moment.statuses or h.fact.status in moment.statuses]
    if not fitting and not moment.strict:
        fitting = timely
    best = _best(fitting, question, moment)
    other = None if best else _best([h for h in same if h not in fitting], question, moment)
    return Cell(report, indicator, moment, best, other)


def _best(candidates: Sequence[HeldFact], question: Question, moment: Moment) -> HeldFact | None:
    if not candidates:
        return None

    def order(held: HeldFact) -> tuple[float, int]:
        # 由194亿美元增加到1399亿美元: where no time is asked for, the later of two alike is meant.
        latest = span_of(held.fact.period)[1] if moment.period is None else 0
        return round(_fit(held.fact, question, moment), 6), latest

    return max(candidates, key=order)


def _fit(fact: Fact, question: Question, moment: Moment) -> float:
    """How well the fact's figures are those asked for; ties go to the one told first."""
    score = 0.0
    if moment.basis in ("average", "cumulative"):
        score += 3.0 * (fact.basis in BASES[moment.basis])
    elif moment.basis == "yearly" and asks_growth(question):
        score += 3.0 * (fact.basis in YEARLY)
    elif asks_growth(question):
        score += 2.0 * (fact.basis in YEARLY) + 0.5 * (fact.growth is not None)
    else:
        score += 1.0 * (fact.level is not None) - 0.5 * (fact.basis in AVERAGES)
    if _ASKS_REAL.search(question.text):
        score += 1.0 * (fact.basis in ("yoy_real", "annual_avg_real"))
    if moment.period is None:
        score += 0.8 * (fact.status == "actual") + 0.3 * ("-" not in fact.period)
    else:
        score += 0.4 * (fact.status == "actual")
    score += _same_action(fact, question.text)
    score -= 0.3 * (canonical(fact.indicator) is None)
    # Told twice, the cleaner print is quoted: highlights above a text are often set with blanks.
    score -= 0.05 * bool(re.search(r"\s", fact.quote))
    return score + 0.1 * (fact.level is not None) + 0.1 * (fact.growth is not None)


_ACTIONS = ("新增", "新引进", "引进", "新建", "改造", "认定", "培育", "累计", "总数", "发展到")


def _same_action(fact: Fact, asked: str) -> float:
    """新增家数 and the number there are in all are told apart by the words before the figure."""
    quote = f"{fact.printed_indicator}{fact.quote}"
    return sum(0.5 if (action in asked) and (action in quote) else 0.0 for action in _ACTIONS)
