"""Complete lists for questions that ask for one: 哪些, 哪六个, 请列出.

A report is read once into all lists it holds: numbered items however far apart, leads of its
paragraphs, parallel clauses, enumerations (A、B、C等N个…), problems owned. Of these the one nearest to
the question is given whole, each item cited; half a list with nothing said of the rest is a wrong
answer, so where none is near enough the other ways to answer go on.
"""

from __future__ import annotations

from qa.answers.answer import Answer
from qa.answers.lists.asking import is_scattered, read_asked
from qa.answers.lists.choice import is_one_of_several, nearest_lists, whole_of
from qa.answers.lists.narrowing import narrowed
from qa.answers.lists.outline import outline_of
from qa.answers.lists.problems import problems_owned
from qa.answers.lists.wording import answer_in_words
from qa.library.library import Library
from qa.reports.report import Report
from qa.search import Findings

__all__ = ["answer_with_list"]

# Asked without a place, the lists of so many reports are looked at, best hit first.
_REPORTS = 3


def answer_with_list(findings: Findings, library: Library) -> Answer | None:
    """The whole list asked for, each item cited; None if no list is asked for or none is sure."""
    asked = read_asked(findings.question)
    if asked is None or not findings.hits or is_scattered(asked, findings):
        return None
    outlines = [outline_of(library, report) for report in _reports(findings)]
    ways = problems_owned(outlines) if asked.problems else nearest_lists(asked, outlines, findings)
    choices = list(ways)
    best = max(choices, key=lambda choice: choice.score, default=None)
    if best is None or is_one_of_several(asked, best, choices):
        return None
    return answer_in_words(*narrowed(asked, whole_of(best, choices)), findings)


def _reports(findings: Findings) -> list[Report]:
    """The reports to read: of a place named without a year the latest, else those of the best hits."""
    question = findings.question
    reports = list({hit.report.report_id: hit.report for hit in findings.hits}.values())
    if question.places and not (question.years or question.report_years):
        return sorted(reports, key=lambda report: -(report.year or 0))[:1]
    return reports[:_REPORTS]
