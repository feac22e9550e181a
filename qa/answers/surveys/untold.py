"""What a report prints of an indicator though no fact that fits was made of it: quoted, never silence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from qa.answers.citing import Citations
from qa.answers.figures import names_with_figure
from qa.answers.surveys.survey import Survey
from qa.facts.lexicon import Indicator, names_of
from qa.reports.clean_text import fold
from qa.reports.periods import span_of
from qa.reports.report import Passage, Report

# The colon of 2.27:1 ends no clause.
_CLAUSE = re.compile(r"(?:[^,，;；。!?！？:：\n]|(?<=\d)[:：](?=\d))+")


def quoted_lines(
    survey: Survey,
    silent: Sequence[Report],
    indicators: Sequence[Indicator],
    citations: Citations,
) -> dict[str, str]:
    """Report id → its line with the clause that tells of an indicator beside a figure, of the reports
    that print one for the time asked about."""
    kind = "plan" if survey.question.status == "target" else "review"
    lines = {}
    for report in silent:
        for indicator in indicators:
            found = next(_clauses(survey, report, indicator, kind), None)
            if found is not None:
                passage, span, words = found
                n = citations.cite(report, passage, span).n
                quote = survey.said["quote"].format(quote=words, n=n)
                name = survey.name(report)
                lines[report.report_id] = survey.said["line"].format(place=name, quotes=quote)
                break
    return lines


def _clauses(
    survey: Survey, report: Report, indicator: Indicator, kind: str
) -> Iterator[tuple[Passage, tuple[int, int], str]]:
    keys = [key.id for key in survey.library.passage_keys if key.report_id == report.report_id]
    names = names_of(indicator)
    for passage in survey.library.passages(keys):
        if passage.kind != kind or not _is_of_the_time(passage, report):
            continue
        for span, text in zip(passage.sentences, passage.sentence_texts(), strict=True):
            if not any(name in fold(text) for name in names):
                continue
            for clause in _CLAUSE.findall(text):
                if names_with_figure(fold(clause), indicator):
                    yield passage, span, "".join(clause.split())


def _is_of_the_time(passage: Passage, report: Report) -> bool:
    """True for the review of the year before the report's, or of the years to it, and for the plan."""
    if passage.kind == "plan" or passage.period is None or report.reviewed_period is None:
        return True
    return span_of(passage.period)[1] == span_of(report.reviewed_period)[1]
