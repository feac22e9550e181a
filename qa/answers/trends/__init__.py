"""Trends: one thing of one place over the years, a row a year, its course computed by code.

Only figures of one kind make a course: growth and amounts, the growth of one year and of several,
other units, results and targets are kept apart.
"""

from __future__ import annotations

from qa.answers.answer import Answer
from qa.answers.trends.asking import read_trend
from qa.answers.trends.series import read_columns
from qa.answers.trends.wording import Worded
from qa.library.library import Library
from qa.search import Findings

__all__ = ["answer_with_trend"]


def answer_with_trend(findings: Findings, library: Library) -> Answer | None:
    """The figures of the years asked about; None if no course is asked for or none is told."""
    trend = read_trend(findings, library)
    if trend is None:
        return None
    held = library.facts([report.report_id for report in trend.reports])
    columns = read_columns(trend, held)
    return Worded(trend, columns, library).answer() if columns else None
