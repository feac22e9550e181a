"""Whether a supported sentence answers what was asked: a true figure of another thing is no answer."""

from __future__ import annotations

from collections.abc import Sequence

from qa.answers.verification.computed import Supported
from qa.facts.lexicon import same_family
from qa.questions import Question
from qa.reports.periods import overlaps


def is_beside(question: Question, figures: Sequence[Supported]) -> bool:
    """True if all figures of a sentence are of other indicators, years or statuses than those asked for.

    A sentence without figures, or a question that names no indicator, year or status, is never so.
    """
    return bool(figures) and not any(_is_asked(question, figure) for figure in figures)


def _is_asked(question: Question, figure: Supported) -> bool:
    return (
        _is_of_indicators(question, figure)
        and _is_of_years(question, figure)
        and _is_of_status(question, figure)
    )


def _is_of_indicators(question: Question, figure: Supported) -> bool:
    """True also where the sentence names no indicator of the lexicon: what it tells of is not known."""
    asked = [indicator.name for indicator in question.indicators]
    told = figure.indicators
    return not asked or not told or any(same_family(a, t) for a in asked for t in told)


def _is_of_years(question: Question, figure: Supported) -> bool:
    if not question.years or question.years_are_bases or figure.period is None:
        return True
    return any(overlaps(figure.period, str(year)) for year in question.years)


def _is_of_status(question: Question, figure: Supported) -> bool:
    if question.status is None:
        return True
    return (figure.status == "target") == (question.status == "target")
