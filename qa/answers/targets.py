"""The targets a plan sets all together: 主要预期目标有哪些 is answered with the sentence that lists them.

Such a question names no indicator and hardly a word to search for, so by words alone headings and
titles were found for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from prompts import messages
from qa.answers.answer import Answer, without_markers
from qa.answers.citing import Citations
from qa.answers.lists.listing import Unit
from qa.answers.lists.outline import Outline, outline_of
from qa.answers.naming import period_told
from qa.facts.figures import find_figures
from qa.library.library import Library
from qa.questions import Question
from qa.reports.clean_text import fold
from qa.reports.periods import span_of
from qa.reports.report import Report
from qa.search import Findings

_ALL_TARGETS = re.compile(
    "(?:预期|主要|发展|工作|年度|各项|全部|总体|哪些|什么)的?目标|目标(?:有|都|是|包括|定)"
)
_ASKS_FOR_THEM = re.compile(
    "哪些|多少|[有是](?:什么|啥|哪)|列|说一?[说下]|讲一?[讲下]|介绍|都定|都有|分别|怎么定|如何定|一览|包括"
)
# 到2025年的目标, 三个方面的目标 and 环保目标 ask for something else.
_PLAIN = re.compile(
    "“?十[一二三四五六]五”?(?:时期|期间|规划)?|五年|今后|经济社会|国民经济|社会发展|发展|主要?|预期|全年|年度|各项|全部|总体|具体|指标|定下|定|设定|确定|提出|安排|列一?下|列|都"
    r"|把|啥|说|讲|介绍|一?下|给|我|方面|新|全[市区县省国]|这|一|些|哪|[,，。.?？、:：;；\s]"
)
_ANNOUNCES = re.compile("(?:预期|主要|发展|工作|调控)的?目标[^,。;:]{0,6}?(?:[是为]|如下|:)")
# So many figures stand where targets are set; what only speaks of a target has one or none.
_LEAST_FIGURES = 2
# Targets set line by line below what announces them.
_MOST_LINES, _MOST_CHARS = 12, 500


def answer_with_targets(findings: Findings, library: Library) -> Answer | None:
    """The sentences in which one report sets its targets; None if they are not asked for, or it is
    not clear in which report."""
    question = findings.question
    report = _the_report(findings, library) if _asks_all_targets(question) else None
    if report is None:
        return None
    told = _telling(outline_of(library, report), _period(question, report))
    return _answer(findings, report, told) if told else None


def _asks_all_targets(question: Question) -> bool:
    text = fold(question.text)
    if question.language != "zh" or question.survey or question.indicators or question.formal:
        return False
    if not (_ALL_TARGETS.search(text) and _ASKS_FOR_THEM.search(text)):
        return False
    left = question.core
    for name in (name for mention in question.places for name in mention.place.names):
        left = left.replace(name, "")
    return not _PLAIN.sub("", left)


def _the_report(findings: Findings, library: Library) -> Report | None:
    """The latest report in scope, if all are of one place."""
    reports = [library.reports[report_id] for report_id in findings.scope.report_ids]
    if len({report.place or report.report_id for report in reports}) != 1:
        return None
    question = findings.question
    asked = {*question.years, *question.report_years}
    return max(reports, key=lambda report: (report.year in asked, report.year or 0))


def _period(question: Question, report: Report) -> str | None:
    """The span or the year asked about; by itself a report's targets are those of its year."""
    if question.spans:
        return question.spans[0]
    return str(question.years[0]) if question.years else report.planned_period


def _telling(outline: Outline, period: str | None) -> Sequence[Unit]:
    """The sentence that sets the targets of the period, with the lines it announces."""
    runs = [run for run in _runs(outline) if _is_of(run, period)]
    return max(runs, key=lambda run: sum(map(_figures, run)), default=())


def _is_of(run: Sequence[Unit], period: str | None) -> bool:
    """True if the section is about the period or the sentences print its last year: targets of five
    years stand in plans for one, too, and must not pass for that year's."""
    if period is None or run[0].passage.period == period:
        return True
    return any(str(span_of(period)[1]) in unit.text for unit in run)


def _runs(outline: Outline) -> Iterator[Sequence[Unit]]:
    for index, unit in enumerate(outline.units):
        if unit.passage.kind != "review" and _ANNOUNCES.search(unit.text):
            run = [unit, *_lines_below(outline.units, index)]
            if sum(map(_figures, run)) >= _LEAST_FIGURES:
                yield run


def _lines_below(units: Sequence[Unit], index: int) -> Iterator[Unit]:
    """What follows a sentence that sets no figure itself: the lines it announces (目标是: 一是…), or the
    rest of its paragraph."""
    if _figures(units[index]) >= _LEAST_FIGURES:
        return
    chars, announces = 0, units[index].text.rstrip().endswith(":")
    for unit in units[index + 1 : index + 1 + _MOST_LINES]:
        chars += len(unit.text)
        below = announces and bool(_figures(unit))
        if unit.is_heading or chars > _MOST_CHARS or not (below or not unit.opens):
            return
        yield unit


def _figures(unit: Unit) -> int:
    return len(find_figures(unit.text))


def _answer(findings: Findings, report: Report, told: Sequence[Unit]) -> Answer:
    question = findings.question
    said = messages("answers", question.language)
    citations, lines = Citations(), []
    for n, unit in enumerate(told, 1):
        cited = citations.cite(report, unit.passage, unit.span)
        lines.append(
            said["quote"].format(
                place=report.place or said["unnamed"].format(title=report.title),
                period=period_told(unit.passage, report, question.language),
                quote=without_markers(cited.quote).strip(),
                n=n,
            )
        )
    return Answer(
        status="answered",
        text="\n".join(lines),
        question=question.text,
        citations=citations.made,
        notes=() if findings.dense else (said["no_vectors"],),
    )
