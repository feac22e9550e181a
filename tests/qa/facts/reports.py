"""A small report around one or more sentences, for the tests of this folder."""

from __future__ import annotations

from qa.facts.extraction import extract_facts
from qa.facts.fact import Fact
from qa.reports.parsing import parse_reports
from qa.reports.report import Source

_FRAME = """政府工作报告
2024年1月16日在越城区第十届人民代表大会第三次会议上
越城区人民政府区长 张三
各位代表:
现在,我代表区人民政府,向大会报告工作,请予审议,并请区政协委员和其他列席人员提出意见。
一、{heading}工作回顾
{review}
二、2024年主要工作任务
{plan}
三、全面加强政府自身建设
{closing}
"""
# A text of a few lines is not taken for a report.
_CLOSING = "我们将始终牢记嘱托,不断开创政府工作新局面,努力建设人民满意的政府。\n" * 40


def text_of(
    review: str = "一年来成绩来之不易。",
    plan: str = "我们要继续努力。",
    heading: str = "2023年",
) -> str:
    """A report delivered in 2024 whose sections hold the given text."""
    return _FRAME.format(review=review, plan=plan, heading=heading, closing=_CLOSING)


def facts_of(
    review: str = "一年来成绩来之不易。",
    plan: str = "我们要继续努力。",
    heading: str = "2023年",
) -> list[Fact]:
    """The facts of a report delivered in 2024 whose sections hold the given text."""
    source = Source("r.txt", text_of(review, plan, heading))
    (report,) = parse_reports(source)
    facts = extract_facts(source, report)
    assert all(source.text[fact.start : fact.end] == fact.quote for fact in facts)
    return facts


def rows(facts: list[Fact]) -> list[tuple[str, str | None, str | None, float | None]]:
    """Indicator, value, unit and growth: what most tests look at."""
    return [(fact.indicator, fact.value, fact.unit, fact.growth_percent) for fact in facts]
