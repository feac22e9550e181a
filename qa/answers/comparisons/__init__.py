"""Comparisons: two or more figures side by side, their difference, ratio or order computed by code.

What is compared may differ in place (越城和上城), in moment (今年的目标比去年的实绩), or in what it is
(财政总收入和一般公共预算收入). Each side is looked up among the facts by its own words, inside the
lexicon or outside it; only figures of one kind are compared.
"""

from __future__ import annotations

from prompts import messages
from qa.answers.answer import Answer
from qa.answers.comparisons.bodies import is_kind_of_body
from qa.answers.comparisons.choosing import Choice, choose, ends_of, only_growth, told_alone
from qa.answers.comparisons.matching import Match
from qa.answers.comparisons.sides import read_bodies, read_growth, read_sides
from qa.answers.comparisons.wording import answer_in_words, answer_of_one_side
from qa.answers.figures import fact_words
from qa.answers.refusals import refuse
from qa.library.library import Library
from qa.search import Findings

__all__ = ["answer_with_comparison"]


def _is_anyones(findings: Findings, chosen: list[list[Choice]]) -> bool:
    """True if no place was named and the figures are of another report than search found best: any
    report states incomes of town and country."""
    question = findings.question
    if question.places or question.anchor or question.turns or not findings.hits:
        return False
    told = {match.fact.report_id for group in chosen for one in group for match in one.matches}
    return findings.hits[0].report.report_id not in told


def _no_amount(findings: Findings, growth: Match, library: Library) -> Answer:
    """The refusal of a difference in money where the reports give rates alone."""
    question = findings.question
    report = library.reports[growth.fact.report_id]
    said = messages("answers", question.language)["only_growth"]
    detail = said.format(**fact_words(growth.fact, report, question.language))
    return refuse(question, "not_stated", detail)


def answer_with_comparison(findings: Findings, library: Library) -> Answer | None:
    """The figures compared, each cited, and the verdict; None if no comparison is asked for or its
    sides are not found among the facts."""
    bodies = read_bodies(findings, library)
    compared = choose(findings, bodies, library)
    if compared:
        return answer_in_words(findings, [compared], library)
    if any(is_kind_of_body(side.name) for side in bodies):
        return None
    groups = read_sides(findings, library)
    if not groups and (side := read_growth(findings, library)):
        grown = ends_of(findings, side, library)
        return answer_in_words(findings, [grown], library) if grown else None
    chosen = [choice for sides in groups if (choice := choose(findings, sides, library))]
    growths = [one for sides in groups if (one := only_growth(sides, library))]
    if growths and not chosen:
        return _no_amount(findings, growths[0], library)
    if not chosen and len(groups) == 1 and not findings.question.indicators:
        told = told_alone(groups[0], library)
        return answer_of_one_side(findings, told, library) if told else None
    if not chosen or len(chosen) < len(groups) or _is_anyones(findings, chosen):
        return None
    return answer_in_words(findings, chosen, library)
