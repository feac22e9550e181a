"""Answers computed of one sentence: sums, shares, what a figure was before, how far it moved.

The sentence is quoted, what is computed of it says of which figures. Nothing is computed unless it
is clear which figures are asked about; the sentence alone is then left to the other ways.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from prompts import messages
from qa.answers.answer import Answer, Citation, without_markers
from qa.answers.computing.bases import base_asked
from qa.answers.computing.equation import Equation
from qa.answers.computing.items import clauses_of, items_of
from qa.answers.computing.rises import rise_asked
from qa.answers.computing.shares import share_asked
from qa.answers.computing.sums import sum_asked
from qa.answers.naming import period_told, report_name
from qa.answers.sentences import Sentence, rank_sentences
from qa.library.library import Library
from qa.questions import Question
from qa.reports.clean_text import fold
from qa.reports.periods import overlaps, years_in
from qa.reports.report import Passage
from qa.search import Findings

__all__ = ["answer_with_equation", "answer_with_rise"]

# Sentences further down tell of something else.
_SENTENCES_READ = 6

_YEAR_BEFORE = re.compile("去年|上年|上一年")

_Ask = Callable[[Question, Sentence], Equation | None]


def answer_with_equation(findings: Findings, library: Library) -> Answer | None:
    """A sum, a share, or the figure of a base, computed of one sentence; None if none is asked for."""
    return _computed(findings, _equation)


def answer_with_rise(findings: Findings, library: Library) -> Answer | None:
    """How far something moved between the two figures that one sentence tells; None if not asked for."""
    return _computed(findings, _rise)


def _equation(question: Question, one: Sentence) -> Equation | None:
    clauses = clauses_of(one.text)
    items = items_of(clauses)
    return (
        sum_asked(question, clauses, items)
        or share_asked(question, clauses, items)
        or base_asked(question, clauses, items, one.hit.passage.kind)
    )


def _rise(question: Question, one: Sentence) -> Equation | None:
    return rise_asked(question, clauses_of(one.text), one.hit.passage.period)


def _computed(findings: Findings, ask: _Ask) -> Answer | None:
    question = findings.question
    if question.language != "zh" or question.survey or len(question.places) > 1:
        return None
    told = [(one, equation) for one in _timely(findings) if (equation := ask(question, one))]
    if not told:
        return None
    # Where no time is named what was done is meant before what is planned.
    says_when = question.status or question.relative or question.years or question.report_years
    done = [] if says_when else [pair for pair in told if pair[0].hit.passage.kind == "review"]
    return _answer(findings, *(done or told)[0])


def _timely(findings: Findings) -> Iterator[Sentence]:
    """The best sentences, of the years asked about."""
    question = findings.question
    years = {*question.years}
    for one in rank_sentences(question, findings.hits)[:_SENTENCES_READ]:
        period = one.hit.passage.period
        printed = years & set(years_in(fold(one.text)))
        own = period is None or any(overlaps(period, str(year)) for year in years)
        if not years or question.years_are_bases or printed or own:
            yield one


def _answer(findings: Findings, one: Sentence, equation: Equation) -> Answer:
    question, hit = findings.question, one.hit
    said = messages("answers", question.language)
    quote = _quote(one.text, equation)
    lines = [
        said["quote"].format(
            place=report_name(hit.report, question.language),
            period=period_told(hit.passage, hit.report, question.language, quote),
            quote=without_markers(quote),
            n=1,
        ),
        said[equation.label].format(
            of=_base_told(equation.of, hit.passage),
            computed=said[f"computed_{equation.operator}"].join(
                item.printed for item in equation.operands
            ),
            result=equation.result(),
        ),
    ]
    return Answer(
        status="answered",
        text="\n".join(lines),
        question=question.text,
        citations=(Citation.of(1, hit.report, hit.passage, one.span),),
        notes=() if findings.dense else (said["no_vectors"],),
        confidence=one.confidence,
    )


def _base_told(base: str, passage: Passage) -> str:
    """去年 of the report as a year: for who asks it is another one."""
    period = passage.period or ""
    before = _YEAR_BEFORE.match(base)
    return f"{int(period) - 1}年{base[before.end() :]}" if before and period.isdigit() else base


def _quote(sentence: str, equation: Equation) -> str:
    """The clauses from the first figure computed with to the last."""
    at = [item.clause for item in equation.operands]
    return "".join(clauses_of(sentence)[min(at) : max(at) + 1]).strip(" ,，;；。")
