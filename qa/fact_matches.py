"""How well the facts of a passage are those that a question asks for."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from embeddings.terms import bigrams
from qa.facts.fact import Fact
from qa.facts.lexicon import same_family
from qa.moments import asks_amount, asks_growth, is_counted, is_timely, is_whole, moments_of
from qa.questions import Question
from qa.reports.clean_text import fold
from qa.reports.report import Report

# 社会消费品零售总额增长6% tells of what is asked for in an amount, and does not tell it.
_OTHER_KIND = 0.5


def indicator_match(question: Question, report: Report, facts: Iterable[Fact]) -> float:
    """1 if a fact tells an indicator asked for in a moment and status asked for, half if as growth
    where amounts are asked for or the other way round, else 0."""
    named = [fact for fact in facts if _is_of_an_indicator(fact, question)]
    if not named:
        return 0.0
    moments = list(moments_of(question, report))
    return max(
        (
            1.0 if _is_of_the_kind(fact, question) else _OTHER_KIND
            for fact in named
            for moment in moments
            if is_timely(fact, moment) and (not moment.statuses or fact.status in moment.statuses)
        ),
        default=0.0,
    )


def name_match(words: Collection[str], facts: Iterable[Fact]) -> float:
    """The likeness (Jaccard's, of bigrams) of the question's words and the name of the fact most alike."""
    asked = set(words)
    return max(
        (_likeness(asked, set(bigrams(fold(f.printed_indicator)))) for f in facts), default=0.0
    )


def _likeness(one: set[str], other: set[str]) -> float:
    return len(one & other) / len(one | other) if one and other else 0.0


def _is_of_an_indicator(fact: Fact, question: Question) -> bool:
    return any(
        (same_family(fact.indicator, indicator.name) and is_whole(fact))
        or is_counted(fact, indicator)
        for indicator in question.indicators
    )


def _is_of_the_kind(fact: Fact, question: Question) -> bool:
    if asks_growth(question):
        return fact.growth is not None or fact.unit in ("%", "个百分点")
    return fact.level is not None or not asks_amount(question)
