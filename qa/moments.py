"""In which moment a question asks for a figure, as growth or as an amount, and whether a fact tells it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from qa.facts.fact import Fact
from qa.facts.lexicon import Indicator, canonical, names_of
from qa.questions import Question
from qa.reports.periods import span_of
from qa.reports.report import Report

_ASKS_GROWTH = re.compile(r"增长|增速|增幅|增得|涨|跌|下降|降了|快|慢|grow|rise|rose|fell", re.I)
_ASKS_AMOUNT = re.compile(
    r"多少(?:亿|万)*元|多少亿|多少万|多大规模|总量|绝对[额数]|金额|数额|how much", re.I
)
_ASKS_AVERAGE = re.compile(r"年均|平均每年|annual average|a year on average", re.I)
_ASKS_ONE_YEAR = re.compile(r"当年|单看|这一年|同比|比上年")
_FIVE_YEARS = re.compile(
    r"(?<![一二三四])五年|过去5年|(?:past|last) (?:five|5) years|five-year period", re.I
)
_ASKS_CUMULATIVE = re.compile(r"累计增长|累计增幅|五年增长|over the period")
AVERAGES = ("annual_avg", "annual_avg_real")
YEARLY = ("yoy", "yoy_real")
OVER_SPANS = (*AVERAGES, "cumulative")
BASES = {"average": AVERAGES, "cumulative": ("cumulative",)}

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


def moments_of(question: Question, report: Report) -> Iterator[Moment]:
    """The moments asked about, as this report counts its years."""
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


def asks_amount(question: Question) -> bool:
    """True if amounts with their unit are asked for (多少亿元) and no rates."""
    text = question.text
    if question.language == "en":
        from qa.english.asking import asks_amount as asked

        return asked(asked_in_english(question))
    return bool(_ASKS_AMOUNT.search(text)) and not _ASKS_GROWTH.search(text)


_COUNTED = re.compile(
    r"^(?:净?新增|新认定|新培育|新引进|新|认定|培育|引进|通过|完成|国家级?|省级?|累计|全年|的|家)*"
)


def is_counted(fact: Fact, indicator: Indicator) -> bool:
    """True if the fact counts what came new of the indicator: 新增国家高新技术企业114家."""
    if canonical(fact.indicator) is not None:
        return False
    bare = _COUNTED.sub("", fact.printed_indicator)
    return bool(bare) and any(bare == name for name in names_of(indicator))


def is_whole(fact: Fact) -> bool:
    """True if the printed name is the indicator's own, not that of a part of the place
    (白鹅潭商务区固定资产投资) or of what it counts (规上生物医药企业产值)."""
    return len(fact.printed_indicator) <= len(fact.indicator) + 4


def is_timely(fact: Fact, moment: Moment) -> bool:
    """True if the fact's figures are of the moment's period."""
    if moment.period is None:
        return True
    if fact.period == moment.period:
        return True
    # An average over a span stands with the amount of its last year: 2017年达到…,年均增长7.1%; a plan of
    # five years sets its targets for the last.
    first, last = span_of(moment.period)
    tells_span = fact.basis in OVER_SPANS or fact.status == "target"
    return first != last and tells_span and fact.period == str(last)


_FROM = re.compile("[从由]$")


def is_start_of_move(fact: Fact) -> bool:
    """True for the earlier of two figures (从2.50缩小至2.27), which is not how things stand."""
    if fact.level is None:
        return False
    before, _, _ = re.sub(r"\s", "", fact.quote).partition(re.sub(r"\s", "", fact.level.text))
    return bool(_FROM.search(before))
