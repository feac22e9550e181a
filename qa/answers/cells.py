"""What a figure question asks of each report, cell by cell, and the fact that fills each cell.

A cell is an indicator of a report in a moment (a year, a span, last year, this year). A cell that no
fact fills stays empty and is told as such: silence about one place never hides behind another's figure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from qa.facts.fact import Fact
from qa.facts.lexicon import Indicator, canonical, names_of, parts, same_family
from qa.library.library import HeldFact
from qa.questions import Question
from qa.reports.periods import span_of
from qa.reports.report import Report

_ASKS_GROWTH = re.compile(r"增长|增速|增幅|增得|涨|跌|下降|降了|快|慢|grow|rise|rose|fell", re.I)
_ASKS_AMOUNT = re.compile(
    r"多少(?:亿|万)*元|多少亿|多少万|多大规模|总量|绝对额|金额|数额|how much", re.I
)
_ASKS_AVERAGE = re.compile(r"年均|平均每年|annual average|a year on average", re.I)
_ASKS_ONE_YEAR = re.compile(r"当年|单看|这一年|同比|比上年")
# 跟全国平均比差几个点: the report tells it beside the figure; nothing is to be computed.
WIDER = "全国|全省|全区|全市|全自治区|省均|平均"
_ASKS_RELATION = re.compile(
    rf"[比跟与和较同离].{{0,2}}(?:{WIDER})的?(?:平均)?(?:水平|增速|增幅|数)?(?:相?比|差|[高低快慢]|的差距)"
    rf"|(?:高于|低于|快于|慢于|高出|超过)了?(?:{WIDER}).{{0,8}}(?:多少|几)"
)
_ASKS_REAL = re.compile(r"扣(?:除|掉)|实际增|物价|in real terms", re.I)
_FIVE_YEARS = re.compile(
    r"(?<![一二三四])五年|过去5年|(?:past|last) (?:five|5) years|five-year period", re.I
)
_ASKS_CUMULATIVE = re.compile(r"累计增长|累计增幅|五年增长|over the period")
_AVERAGES = ("annual_avg", "annual_avg_real")
_YEARLY = ("yoy", "yoy_real")
OVER_SPANS = (*_AVERAGES, "cumulative")
_BASES = {"average": _AVERAGES, "cumulative": ("cumulative",)}

BasisAsked = Literal["average", "cumulative", "yearly"]


@dataclass(frozen=True, slots=True)
class Moment:
    """When: a period (None: whichever the report is mainly about), and the status asked for.

    ``basis`` is the kind of growth asked for, where the question says. ``strict`` if a fact of another status does not answer: 去年完成 is not answered by a target.
    """

    period: str | None
    statuses: tuple[str, ...] = ()
    strict: bool = False
    basis: BasisAsked | None = None


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
        for moment in _moments(question, report):
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


def asked_in_english(question: Question) -> str:
    """The words that ask: “And Shangcheng?” asks what the turn before asked."""
    from qa.english.asking import wants_figure

    own = question.text
    leans = bool(question.turns) and not question.rest and not wants_figure(own)
    return f"{question.turns[-1]} {own}" if leans else own


def asks_growth(question: Question) -> bool:
    """True if rates of change are asked for and no amounts."""
    text = question.text
    if question.language == "en":
        from qa.english.asking import asks_growth as asked

        return asked(asked_in_english(question))
    return bool(_ASKS_GROWTH.search(text)) and not _ASKS_AMOUNT.search(text)


def asks_average(text: str) -> bool:
    """True if growth over several years is asked for: 年均, 累计."""
    return bool(_ASKS_AVERAGE.search(text) or _ASKS_CUMULATIVE.search(text))


def asks_relation(text: str) -> bool:
    """True if it is asked how a figure stands to that of a wider place (比全国平均高几个点)."""
    return bool(_ASKS_RELATION.search(text))


def asks_amount(question: Question) -> bool:
    """True if amounts with their unit are asked for (多少亿元) and no rates."""
    text = question.text
    if question.language == "en":
        from qa.english.asking import asks_amount as asked

        return asked(asked_in_english(question))
    return bool(_ASKS_AMOUNT.search(text)) and not _ASKS_GROWTH.search(text)


def _moments(question: Question, report: Report) -> Iterator[Moment]:
    if question.relative:
        for offset in question.relative:
            yield _relative(offset, report)
        return
    statuses = statuses_of(question.status)
    bases = _bases(question)
    periods: list[str | None] = [*_spans(question, report), *years_outside(question)]
    for period in periods or [None]:
        for basis in bases:
            strict = len(periods) == 1 and bool(statuses)
            yield Moment(period, statuses if strict or not periods else (), strict, basis)


def _spans(question: Question, report: Report) -> list[str]:
    """The spans asked for; “五年” alone is the span the report itself looks back on."""
    if question.spans or not _FIVE_YEARS.search(question.text):
        return list(question.spans)
    reviewed = [s.period for s in report.sections if s.kind == "review" and s.period]
    return [period for period in dict.fromkeys(reviewed) if "-" in period][:1]


def _bases(question: Question) -> tuple[BasisAsked | None, ...]:
    """The kinds of growth asked for, in turn; one open kind if the question names none."""
    asked: tuple[tuple[BasisAsked, re.Pattern[str]], ...] = (
        ("average", _ASKS_AVERAGE),
        ("cumulative", _ASKS_CUMULATIVE),
        ("yearly", _ASKS_ONE_YEAR),
    )
    found = tuple(name for name, pattern in asked if pattern.search(question.text))
    return found or (None,)


def years_outside(question: Question) -> list[str]:
    """The years asked about that lie in no span asked about: the end of a plan is none of its own."""
    inside = [span_of(span) for span in question.spans]
    return [str(y) for y in question.years if not any(a <= y <= b for a, b in inside)]


def _relative(offset: int, report: Report) -> Moment:
    if offset < 0:
        period = _one_year(report.reviewed_period, report.year, -1)
        return Moment(period, ("actual", "estimate"), strict=True)
    return Moment(_one_year(report.planned_period, report.year, 0), ("target",), strict=True)


def _one_year(period: str | None, delivered: int | None, offset: int) -> str | None:
    """The single year of a period as printed (review and plan may both say 2023), else the one
    that follows from the year of delivery."""
    if period and "-" not in period:
        return period
    return str(delivered + offset) if delivered else None


def statuses_of(status: str | None) -> tuple[str, ...]:
    """The statuses of facts that answer a question for results or for targets; empty for either."""
    if status is None:
        return ()
    return ("target",) if status == "target" else ("actual", "estimate")


def _fill(
    question: Question,
    report: Report,
    indicator: Indicator,
    moment: Moment,
    facts: Sequence[HeldFact],
) -> Cell:
    same = [h for h in facts if same_family(h.fact.indicator, indicator.name) and is_whole(h.fact)]
    same += [h for h in facts if _is_counted(h.fact, indicator)]
    timely = [h for h in same if _is_timely(h.fact, moment, report)]
    fitting = [h for h in timely if not moment.statuses or h.fact.status in moment.statuses]
    if not fitting and not moment.strict:
        fitting = timely
    best = _best(fitting, question, moment)
    other = None if best else _best([h for h in same if h not in fitting], question, moment)
    return Cell(report, indicator, moment, best, other)


_COUNTED = re.compile(
    r"^(?:净?新增|新认定|新培育|新引进|新|认定|培育|引进|通过|完成|国家级?|省级?|累计|全年|的|家)*"
)


def _is_counted(fact: Fact, indicator: Indicator) -> bool:
    """True if the fact counts what came new of the indicator: 新增国家高新技术企业114家."""
    if canonical(fact.indicator) is not None:
        return False
    bare = _COUNTED.sub("", fact.printed_indicator)
    return bool(bare) and any(bare == name for name in names_of(indicator))


def is_whole(fact: Fact) -> bool:
    """True if the printed name is the indicator's own, not that of a part of the place
    (白鹅潭商务区固定资产投资) or of what it counts (规上生物医药企业产值)."""
    return len(fact.printed_indicator) <= len(fact.indicator) + 4


def _is_timely(fact: Fact, moment: Moment, report: Report) -> bool:
    if moment.period is None:
        return True
    if fact.period == moment.period:
        return True
    # An average over a span stands with the amount of its last year: 2017年达到…,年均增长7.1%; a plan of
    # five years sets its targets for the last.
    first, last = span_of(moment.period)
    tells_span = fact.basis in OVER_SPANS or fact.status == "target"
    return first != last and tells_span and fact.period == str(last)


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
        score += 3.0 * (fact.basis in _BASES[moment.basis])
    elif moment.basis == "yearly" and asks_growth(question):
        score += 3.0 * (fact.basis in _YEARLY)
    elif asks_growth(question):
        score += 2.0 * (fact.basis in _YEARLY) + 0.5 * (fact.growth is not None)
    else:
        score += 1.0 * (fact.level is not None) - 0.5 * (fact.basis in _AVERAGES)
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
