"""English answers made of quotes, or a refusal where the reports do not say it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from prompts import messages
from qa.answers.answer import Answer, Citation, RefusalReason, without_markers
from qa.answers.english.choosing import Candidate, candidates
from qa.answers.naming import period_told, place_name, report_name
from qa.answers.off_topic import refuse_off_topic
from qa.answers.refusals import refuse_missing, refuse_not_stated
from qa.answers.sufficiency import (
    is_unclear,
    refuse_unclear,
    refuse_wrong_status,
)
from qa.english.amounts import equivalents
from qa.english.asking import wants_figure
from qa.english.terms import Term, share_told
from qa.questions import Question
from qa.ranking import wanted_kinds
from qa.reports.report import Report
from qa.search import Findings

_MAX_SENTENCES = 3
# A figure stands in a few clauses; what is told in words (problems admitted) needs more of them.
_FIGURE_MAX_CHARS, _WORDS_MAX_CHARS = 120, 240
_EQUIVALENTS = 5
# Logistic fit on 70 answerable and 31 unanswerable questions: the share of the question's words that the
# best sentence prints, and its cosine to the question, which lies at .71 to .82 for either kind.
_BASE, _PER_TOLD, _PER_NEARNESS, _USUAL, _FAR = -2.4, 6.3, 22.5, 0.76, 0.72
# 2 of the 70 answerable questions lie below, 3 of the 31 unanswerable ones above.
_LEAST_CONFIDENCE = 0.47
# Without a place some report of the library holds half of the words by chance, or all of a few.
_LEAST_ANYWHERE, _LEAST_ASKED = 0.65, 7.0
# The other kind of section tells it and the one asked for does not.
_TOLD, _TOLD_LESS = 0.5, 0.65
# A second sentence is quoted if it is nearly as good as the first and prints as many of the words.
_NEARLY_AS_GOOD = 0.95
_PARTS = re.compile(
    r"[?;]|,?\s+\b(?:and|but)\s+(?=(?:how|what|which|who|when|where|by|in which)\b)", re.I
)


def answer_in_english(findings: Findings, reports: dict[str, Report]) -> Answer:
    """One to three quoted sentences, or a refusal with its reason. Never raises for a question."""
    question = findings.question
    if findings.scope.missing or not reports:
        return refuse_missing(findings, reports.values())
    if is_unclear(question):
        return refuse_unclear(question)
    ranked = candidates(question, findings.hits)
    sure = _confidence(ranked[0]) if ranked else 0.0
    reason = _wrong_status(question, ranked) if ranked else None
    if reason:
        return replace(refuse_wrong_status(question, reason), confidence=sure)
    if sure < _LEAST_CONFIDENCE or (not _is_placed(question) and _by_chance(question, ranked[0])):
        named = _is_placed(question) or question.indicators
        refusal = refuse_not_stated(findings, reports) if named else refuse_off_topic(question)
        return replace(refusal, confidence=sure)
    return replace(_quote(findings, _choose(question, ranked)), confidence=sure)


def _confidence(best: Candidate) -> float:
    """How likely the best sentence answers, 0 to 1. A sentence of unknown nearness counts as one of
    the usual."""
    near = max(best.near, _FAR) - _USUAL if best.near else 0.0
    odds = _BASE + _PER_TOLD * best.told + _PER_NEARNESS * near
    return round(1 / (1 + math.exp(-odds)), 3)


def _by_chance(question: Question, best: Candidate) -> bool:
    """True if some report of a library holds the words of a question without a place anyway."""
    asked = sum(term.weight for term in question.terms)
    return best.told < _LEAST_ANYWHERE or (asked < _LEAST_ASKED and not question.indicators)


def _is_placed(question: Question) -> bool:
    return bool(question.places or question.anchor or question.report_years)


def _wrong_status(question: Question, ranked: Sequence[Candidate]) -> RefusalReason | None:
    """The reason if only the plan tells of a result asked for, or only the review of a target."""
    wanted = wanted_kinds(question, ranked[0].hit.report)
    if len(wanted) != 1 or len(question.places) != 1:
        return None
    asked = next(iter(wanted))
    other = "plan" if asked == "review" else "review"
    there = [one for one in ranked if one.hit.passage.kind == other]
    best = max(there, key=lambda one: (one.told, one.near), default=None)
    if best is None or best.told < _TOLD or _confidence(best) < _LEAST_CONFIDENCE:
        return None
    elsewhere = max((one.told for one in ranked if one.hit.passage.kind != other), default=0.0)
    if elsewhere >= _TOLD_LESS * best.told:
        return None
    return "only_target_stated" if other == "plan" else "only_actual_stated"


# --- choice ------------------------------------------------------------------------------------


def _choose(question: Question, ranked: Sequence[Candidate]) -> list[Candidate]:
    """The best sentence; one for each place compared, each moment, or each thing asked in one breath."""
    several = (
        _by_place(question, ranked) or _by_moment(question, ranked) or _by_part(question, ranked)
    )
    if several:
        return _each_once(several)[:_MAX_SENTENCES]
    best = ranked[0]
    near = [
        one
        for one in ranked[1:2]
        if one.text != best.text
        and one.score >= _NEARLY_AS_GOOD * best.score
        and one.told >= best.told
        and one.hit.features["status"] >= 0
    ]
    return [best, *near]


def _by_place(question: Question, ranked: Sequence[Candidate]) -> list[Candidate]:
    if len(question.places) < 2:
        return []
    names = [mention.place.name for mention in question.places]
    first = (next((c for c in ranked if c.hit.report.place == name), None) for name in names)
    return [candidate for candidate in first if candidate]


def _by_moment(question: Question, ranked: Sequence[Candidate]) -> list[Candidate]:
    """Last year's sentence and this year's, where both are asked for."""
    if len(question.relative) < 2:
        return []
    first = (next((c for c in ranked if c.hit.passage.kind == k), None) for k in ("review", "plan"))
    return [candidate for candidate in first if candidate]


def _by_part(question: Question, ranked: Sequence[Candidate]) -> list[Candidate]:
    """The best sentence for each of several questions asked in one, each by its own words."""
    parts = [part.lower() for part in _PARTS.split(question.text) if part.strip()]
    own = [[term for term in question.terms if term.said in part] for part in parts]
    own = [terms for terms in own if terms]
    if len(own) < 2:
        return []
    return [max(ranked, key=lambda c: 2 * share_told(terms, c.text) + c.score) for terms in own]


def _each_once(chosen: Iterable[Candidate]) -> list[Candidate]:
    return list({(c.hit.report.report_id, c.text): c for c in chosen}.values())


# --- wording -----------------------------------------------------------------------------------


def _quote(findings: Findings, chosen: Sequence[Candidate]) -> Answer:
    question = findings.question
    said = messages("answers", "en")
    citations, lines = [], []
    most = _FIGURE_MAX_CHARS if wants_figure(question.text) else _WORDS_MAX_CHARS
    for n, candidate in enumerate(chosen, 1):
        hit = candidate.hit
        part = telling_part(candidate.text, question.terms, most)
        figures = equivalents(part)[:_EQUIVALENTS]
        citations.append(Citation.of(n, hit.report, hit.passage, candidate.span))
        lines.append(
            said["quote_explained" if figures else "quote"].format(
                place=report_name(hit.report, "en"),
                period=period_told(hit.passage, hit.report, "en"),
                quote=without_markers(part),
                figures="; ".join(figures),
                n=n,
            )
        )
    return Answer(
        status="partial" if findings.scope.absent else "answered",
        text="\n".join(lines),
        question=question.text,
        citations=tuple(citations),
        notes=tuple(_notes(findings, said)),
    )


def _notes(findings: Findings, said: dict[str, str]) -> Iterable[str]:
    if not findings.dense:
        yield said["no_vectors"]
    if findings.scope.absent:
        names = (place_name(place.name, "en") for place in findings.scope.absent)
        yield said["absent_places"].format(places=said["separator"].join(names))


def telling_part(sentence: str, terms: Sequence[Term], most: int = _FIGURE_MAX_CHARS) -> str:
    """The run of clauses, at most ``most`` signs long, that prints most of ``terms``."""
    if len(sentence) <= most:
        return sentence
    clauses = re.split(r"(?<=[,，;；])", sentence)
    runs = [
        "".join(clauses[start:end])
        for start in range(len(clauses))
        for end in range(start + 1, len(clauses) + 1)
        if end == start + 1 or len("".join(clauses[start:end])) <= most
    ]
    # Of runs that tell as much the longest: what a clause leaves out stands in its neighbours.
    return max(runs, key=lambda run: (share_told(terms, run), len(run))).strip(" ,，;；")
