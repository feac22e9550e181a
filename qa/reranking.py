"""The best passages in a new order, by a model that reads question and passage together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from qa.questions import Question
from qa.ranking import Hit

if TYPE_CHECKING:
    from embeddings import Reranker

# Passages that are read: each costs a forward pass. Of the evidence of the shipped questions .995
# stands in the first 20.
_READ = 24
# The model's share of the order; the rest stays with words, sense, section and facts. Not fitted.
_SHARE = 0.5


def rerank(hits: Sequence[Hit], question: Question, reranker: Reranker) -> list[Hit]:
    """The hits with the best ones in a new order; ``features["reranker"]`` is the model's score.

    A passage trades its place, and the score that goes with it, only with passages whose section
    and period fit the question as well as its own: the model, which does not know in which year a
    report was delivered, never lifts a plan over a result that was asked for. Raises
    ``embeddings.EmbeddingError``.
    """
    best = list(hits[:_READ])
    scores = reranker.scores(asked(question), [told(hit) for hit in best])
    scored = [
        replace(hit, features={**hit.features, "reranker": score})
        for hit, score in zip(best, scores.tolist(), strict=True)
    ]
    return [*_in_new_order(scored), *hits[_READ:]]


def asked(question: Question) -> str:
    """The question as the model reads it: as it was put, after the turn that it leans on."""
    leaning = question.turns[-1:] if question.context else ()
    return " ".join((*leaning, question.text))


def told(hit: Hit) -> str:
    """The passage as the model reads it: below its headings."""
    return "\n".join((*hit.passage.headings, hit.passage.text))


def _in_new_order(hits: list[Hit]) -> list[Hit]:
    places: dict[tuple[float, float], list[int]] = defaultdict(list)
    for place, hit in enumerate(hits):
        places[hit.features["status"], hit.features["period"]].append(place)
    blended = _blended(hits)
    ordered = list(hits)
    for own in places.values():
        for place, chosen in zip(own, sorted(own, key=lambda at: -blended[at]), strict=True):
            ordered[place] = replace(hits[chosen], score=hits[place].score)
    return ordered


def _blended(hits: Sequence[Hit]) -> list[float]:
    """Both scores between 0 and 1: a cross-encoder's scale is its own."""
    first = _to_unit(hit.score for hit in hits)
    second = _to_unit(hit.features["reranker"] for hit in hits)
    return [(1 - _SHARE) * a + _SHARE * b for a, b in zip(first, second, strict=True)]


def _to_unit(values: Iterable[float]) -> list[float]:
    given = list(values)
    low = min(given, default=0.0)
    width = max(given, default=0.0) - low
    return [(value - low) / width if width else 0.0 for value in given]
