"""What a report prints of an indicator though no fact that fits was made of it: quoted, never silence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from qa.answers.figures import names_with_figure
from qa.answers.surveys.survey import Survey
from qa.facts.lexicon import Indicator, names_of
from qa.reports.clean_text import fold
from qa.reports.periods import span_of
from qa.reports.report import Passage, Report

# The colon of 2.27:1 ends no clause.
_CLAUSE = re.compile(r"(?:[^,，;；。!?！？:：\n]|(?<=\d)[:：](?=\d))+")


class Quoted(NamedTuple):
    """A clause of a report, its passage, and the sentence it stands in, as offsets into the source."""

    report: Report
    passage: Passage
    span: tuple[int, int]
    words: str


def clauses_told(
    survey: Survey, reports: Sequence[Report], indicators: Sequence[Indicator]
) -> dict[str, Quoted]:
    """Report id → the clause that tells of one of the indicators beside a figure, of the reports that
    print one for the time asked about."""
    kind = "plan" if survey.question.status == "target" else "review"
    found = {}
    for report in reports:
        clauses = (one for i in indicators for one in _clauses(survey, report, i, kind))
        if clause := next(clauses, None):
            found[report.report_id] = clause
    return found


def _clauses(survey: Survey, report: Report, indicator: Indicator, kind: str) -> Iterator[Quoted]:
    keys = survey.library.passage_ids(report.report_id)
    names = names_of(indicator)
    for passage in survey.library.passages(keys):
        if passage.kind != kind or not _is_of_the_time(passage, report):
            continue
        for span, text in zip(passage.sentences, passage.sentence_texts(), strict=True):
            if not any(name in fold(text) for name in names):
                continue
            for clause in _CLAUSE.findall(text):
                if names_with_figure(fold(clause), indicator):
                    yield Quoted(report, passage, span, "".join(clause.split()))


def _is_of_the_time(passage: Passage, report: Report) -> bool:
    """True for the review of the year before the report's, or of the years to it, and for the plan."""
    if passage.kind == "plan" or passage.period is None or report.reviewed_period is None:
        return True
    return span_of(passage.period)[1] == span_of(report.reviewed_period)[1]
