"""Whether a supported sentence answers what was asked: what is true of another thing is no answer."""

from __future__ import annotations

from collections.abc import Sequence

from embeddings.terms import bigrams
from qa.answers.verification.computed import Supported
from qa.facts.lexicon import names_of, same_family
from qa.questions import Question
from qa.reports.clean_text import fold
from qa.reports.periods import overlaps

# Of 589 development questions in Chinese the evidence has this share of the words in 92 to 95 of 100,
# other sentences of the best passages in 17 to 21 of 100.
_LEAST_SHARE = 0.1


def tells_other_figures(question: Question, figures: Sequence[Supported]) -> bool:
    """True if all figures of a sentence are of other indicators, years or statuses than asked for.

    A sentence without figures, or a question that names no indicator, year or status, is never so.
    """
    return bool(figures) and not any(_is_asked(question, figure) for figure in figures)


def shares_words(question: Question, texts: Sequence[str]) -> bool:
    """True if texts of the reports hold enough of a question's words: its own, the reports' words for
    what it says colloquially, those of the turns it leans on, or an indicator under any name.

    A question without words, or in another language, shares them with every text.
    """
    told = fold("".join(texts)).replace("\n", "")
    if any(name in told for indicator in question.indicators for name in names_of(indicator)):
        return True
    asked = set(bigrams(" ".join([question.rest, question.formal, question.context])))
    if question.language != "zh" or not asked:
        return not question.indicators
    return len(asked & set(bigrams(told))) >= _LEAST_SHARE * len(asked)


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
