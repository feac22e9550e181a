"""The sentences that bear most on an English question, by its translated words and by sense."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from qa.english.asking import wants_figure
from qa.english.terms import Term, share_told
from qa.questions import Question
from qa.ranking import Hit

# What each is worth beside the share of the question's words that a sentence prints. On 116 questions
# written for it 111 are settled right; with any of these halved, doubled or left out 109 to 111. What the
# passage around prints, a figure in the sentence and the passage's rank changed no answer.
_NEARNESS = 0.4
_STATUS = 0.2
_PERIOD = 0.35
_OF_YEARS = 0.2
# A figure of several years does not answer for one of them.
_SEVERAL_YEARS = re.compile("年均|[五5]年累计|[五5]年间")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence: ``told`` is the share of the question's words that it prints itself, ``near`` its
    cosine to the question (0 without vectors)."""

    hit: Hit
    span: tuple[int, int]
    text: str
    told: float
    near: float
    score: float


def terms_to_tell(question: Question) -> tuple[Term, ...]:
    """The terms that a sentence should print: not the names that have chosen the report already."""
    chosen = set(question.anchor.split())
    return tuple(term for term in question.terms if not chosen & set(term.printed))


def candidates(question: Question, hits: Sequence[Hit]) -> list[Candidate]:
    """The sentences of ``hits``, best first."""
    sentences = _sentences(question, hits)
    # Sentences too far to be among the nearest carry 0: they are as far as the farthest known.
    known = [near for *_, near in sentences if near > 0]
    low, high = min(known, default=0.0), max(known, default=0.0)
    terms = terms_to_tell(question)
    one_year = bool(question.years or question.relative) and not question.spans
    found = []
    for hit, span, text, near in sentences:
        told = share_told(terms, text)
        nearness = max(near - low, 0.0) / (high - low) if high > low else 0.0
        of_years = one_year and bool(_SEVERAL_YEARS.search(text))
        score = told + _NEARNESS * nearness - _OF_YEARS * of_years
        score += _STATUS * hit.features["status"] + _PERIOD * hit.features["period"]
        found.append(Candidate(hit, span, text, told, near, score))
    return sorted(found, key=lambda candidate: -candidate.score)


def _sentences(
    question: Question, hits: Sequence[Hit]
) -> list[tuple[Hit, tuple[int, int], str, float]]:
    """Hit, span, text and cosine of every sentence. The lines of a title or a speaker state no figure."""
    figure = wants_figure(question.text)
    return [
        (hit, span, text, near)
        for hit in hits
        if hit.passage.kind != "other" or not figure
        for span, text, near in zip(
            hit.passage.sentences, hit.passage.sentence_texts(), _similarities(hit), strict=True
        )
    ]


def _similarities(hit: Hit) -> tuple[float, ...]:
    return hit.similarities or (0.0,) * len(hit.passage.sentences)
