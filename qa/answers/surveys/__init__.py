"""Questions over all the reports held: which of them mention something, what each of them states.

A survey is exhaustive: every report asked about is read, never only the best hits of a search, and
those that are silent are named.
"""

from __future__ import annotations

from collections.abc import Callable

from qa.answers.answer import Answer
from qa.answers.surveys.asking import read_survey
from qa.answers.surveys.figures import answer_with_figures, answer_with_figures_mentioned
from qa.answers.surveys.mentions import answer_with_mentions, answer_with_subject
from qa.answers.surveys.speakers import answer_with_speakers
from qa.answers.surveys.survey import Survey
from qa.library.library import Library
from qa.search import Findings

__all__ = ["answer_with_survey"]


def answer_with_survey(findings: Findings, library: Library) -> Answer | None:
    """What all reports asked about say, report by report; None if the question is about one."""
    survey = read_survey(findings.question, library)
    if not isinstance(survey, Survey):
        return survey
    ways: tuple[Callable[[Survey], Answer | None], ...] = (
        answer_with_speakers,
        answer_with_figures_mentioned,
        answer_with_mentions,
        answer_with_figures,
        answer_with_subject,
    )
    return next((answer for way in ways if (answer := way(survey)) is not None), None)
