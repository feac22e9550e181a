"""Passages in the order in which they bear on a question: candidates of words and of sense, their
features, one score, and turns between the things compared.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from embeddings.terms import bigrams
from qa.fact_matches import indicator_match, name_match
from qa.facts.lexicon import names_of
from qa.library.library import Library
from qa.library.reading import Entry
from qa.questions import Question
from qa.reports.periods import span_of
from qa.reports.report import Passage, Report

if TYPE_CHECKING:
    from embeddings import Bm25View, Embedder, VectorIndex
    from embeddings.vectors import Ids, Vectors

# Candidates of each leg that are scored in full. Evidence stands among them for all questions of
# the shipped set.
_CANDIDATES = 60
# The reports' words for a colloquial question count less than words the user chose.
_FORMAL_SHARE = 0.7
# What a report surveyed loses in score with each of its passages before.
TURN = 0.3


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights of the ranking's features, each scaled to about [0, 1] over the candidates.

    The first six were chosen before the first measurement, those of facts in a cross-validation
    (``benchmarks/ranking_fit.py``); what each is worth: ``benchmarks/search_ablation.py``.
    """

    lexical: float = 1.0
    context: float = 0.35
    dense: float = 0.25
    status: float = 0.12
    period: float = 0.08
    heading: float = 0.1
    fact: float = 0.5
    name: float = 0.5


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage found. ``score`` orders hits of one search; it means nothing across searches.

    ``features`` are what it is made of; ``found``, the part of it that is not from facts; and
    ``nearest``, the cosine of the passage's sentence nearest to the question (0 without vectors). ``similarities`` are the cosines of its sentences, in order;
    0 for those too far to be among the nearest, or without vectors."""

    passage: Passage
    report: Report
    score: float
    features: Mapping[str, float] = field(repr=False, default_factory=dict)
    similarities: tuple[float, ...] = field(repr=False, default=())


class Ranker:
    """Ranks the passages of a library. Safe to share between threads once built.

    ``embedder`` is None for ranking by words alone.
    """

    def __init__(
        self, library: Library, embedder: Embedder | None, weights: Weights | None = None
    ) -> None:
        self.library = library
        self.embedder = embedder
        self.weights = weights or Weights()

    @cached_property
    def vectors(self) -> VectorIndex | None:
        """The index of the library's sentences; None while it is not made, or without an embedder."""
        return None if self.embedder is None else self.library.load_vectors(self.embedder)

    def rank(self, question: Question, report_ids: Collection[str]) -> list[Hit]:
        """The candidates among the passages of these reports, best first."""
        groups = self.library.groups(report_ids)
        lexical = self._lexical(question, groups)
        similar = self._dense(question, groups)
        nearest = {key: max(of_passage.values()) for key, of_passage in similar.items()}
        dense = _scaled(nearest)
        by_sense = sorted(dense, key=lambda key: -dense[key])[:_CANDIDATES]
        chosen = sorted({*lexical.best(_CANDIDATES), *by_sense})
        hits = [
            self._hit(
                question,
                entry,
                lexical.of(number),
                dense.get(number, 0.0),
                _similarities(entry, similar.get(number, {})),
            )
            for number, entry in zip(chosen, self.library.entries(chosen), strict=True)
        ]
        return sorted(hits, key=lambda hit: (-hit.score, hit.passage.source, hit.passage.start))

    def _lexical(self, question: Question, groups: Ids | None) -> _Lexical:
        """BM25 of the question's words and of its context's, each scaled to [0, 1]."""
        view = self.library.lexical.within(groups)
        own = _to_unit(_own_scores(question, view))
        return _Lexical(view.ids, own, _to_unit(view.scores(question.context)))

    def _dense(self, question: Question, groups: Ids | None) -> dict[int, dict[int, float]]:
        """Passage id → its sentences among the nearest to the question → their cosines."""
        if self.vectors is None or self.embedder is None:
            return {}
        vector = self.embedder.encode_query(question.sense)
        found, scores = self.vectors.search(vector, 4 * _CANDIDATES, groups)
        sentences = found.tolist()
        similar: dict[int, dict[int, float]] = {}
        passages = self.library.passages_of_sentences(sentences)
        for sentence, passage, score in zip(sentences, passages, scores.tolist(), strict=True):
            similar.setdefault(passage, {})[sentence] = score
        return similar

    def _hit(
        self,
        question: Question,
        entry: Entry,
        lexical: tuple[float, float],
        dense: float,
        similarities: tuple[float, ...],
    ) -> Hit:
        passage, facts = entry.passage, entry.facts
        report = self.library.reports[passage.report_id]
        own, context = lexical
        of_text = {
            "lexical": own,
            "context": context,
            "dense": dense,
            "status": _status_match(question, passage, report),
            "period": _period_match(question, passage, report),
            "heading": _heading_match(question, passage),
        }
        of_facts = {
            "fact": indicator_match(question, report, facts),
            "name": name_match(bigrams(question.core), facts),
        }
        found = self._weighted(of_text)
        features = {
            **of_text,
            **of_facts,
            "found": found,
            "nearest": max(similarities, default=0.0),
        }
        return Hit(passage, report, found + self._weighted(of_facts), features, similarities)

    def _weighted(self, features: Mapping[str, float]) -> float:
        return sum(float(getattr(self.weights, name)) * features[name] for name in features)


def _own_scores(question: Question, view: Bm25View) -> Vectors:
    """BM25 of the passages seen, each indicator under the name that the passage uses for it."""
    if question.language == "en":
        from qa.english.terms import scores

        return scores(question.terms, view)
    total = view.scores(question.rest) + _FORMAL_SHARE * view.scores(question.formal)
    for indicator in question.indicators:
        names = [view.scores(name) for name in names_of(indicator)]
        total = total + np.max(names, axis=0)
    return total


def _similarities(entry: Entry, found: Mapping[int, float]) -> tuple[float, ...]:
    """The cosines of a passage's sentences, in order."""
    return tuple(found.get(number, 0.0) for number in entry.sentences)


@dataclass(frozen=True, slots=True)
class _Lexical:
    """The scores of all passages searched, aligned to their row ids, which ascend."""

    ids: Ids
    own: Vectors
    context: Vectors

    def of(self, number: int) -> tuple[float, float]:
        """The two scores of the passage with this row id, which is one of those searched."""
        place = int(np.searchsorted(self.ids, number))
        return float(self.own[place]), float(self.context[place])

    def best(self, count: int) -> list[int]:
        """The row ids of the best, equal ones by row id; none that scores nothing."""
        total = self.own.astype(np.float64) + self.context
        found = np.flatnonzero(total > 0)
        if len(found) > count:
            # Sorted is only what may be among the best: a million scores would take 100 ms.
            least = np.partition(total[found], len(found) - count)[len(found) - count]
            found = found[total[found] >= least]
        order = np.lexsort((self.ids[found], -total[found]))[:count]
        numbers: list[int] = self.ids[found[order]].tolist()
        return numbers


# --- features ----------------------------------------------------------------------------------


def _to_unit(scores: Vectors) -> Vectors:
    top = float(scores.max(initial=0.0))
    return scores / top if top > 0 else scores


def _scaled(scores: Mapping[int, float]) -> dict[int, float]:
    """Similarities to [0, 1]: those of one query lie within a few hundredths of each other."""
    if not scores:
        return {}
    low, high = min(scores.values()), max(scores.values())
    width = max(high - low, 1e-6)
    return {key: (score - low) / width for key, score in scores.items()}


def _status_match(question: Question, passage: Passage, report: Report) -> float:
    """1 if the section's kind is the one asked for, -1 if it is the other one, else 0."""
    wanted = wanted_kinds(question, report)
    if not wanted or passage.kind not in ("review", "plan"):
        return 0.0
    return 1.0 if passage.kind in wanted else -1.0


def wanted_kinds(question: Question, report: Report) -> set[str]:
    """The kinds of section that tell what is asked: review, plan, both, or no matter which."""
    wanted = {"review" if offset < 0 else "plan" for offset in question.relative}
    if wanted:
        return wanted
    if question.status:
        return {"plan" if question.status == "target" else "review"}
    if report.year and question.years and report.reviewed_period != report.planned_period:
        wanted = {"plan" if year >= report.year else "review" for year in question.years}
    return wanted


def _period_match(question: Question, passage: Passage, report: Report) -> float:
    if passage.period in question.spans:
        return 1.0
    if not question.years or passage.period is None:
        return 0.0
    distances = []
    for year in question.years:
        first, last = span_of(passage.period)
        distances.append(
            0.0
            if first <= year <= last and first == last
            else 0.5
            if first <= year <= last
            else 1.0
        )
    return 1.0 - min(distances)


def _heading_match(question: Question, passage: Passage) -> float:
    """Share of the question's bigrams that stand in the headings above the passage."""
    asked = set(bigrams(question.core))
    if not asked:
        return 0.0
    return len(asked & set(bigrams(" ".join(passage.headings)))) / len(asked)


# --- quotas ------------------------------------------------------------------------------------


def with_quotas(
    ranked: list[Hit], question: Question, k: int, turn: float | None = TURN
) -> list[Hit]:
    """The best ``k``, taking turns between the things compared so that none is crowded out.

    In a survey a report has its turn unless another's next passage is better by more than ``turn``:
    most reports may be silent. None for strict turns there, too.
    """
    lanes: dict[tuple[str, str], list[Hit]] = {}
    for hit in ranked:
        lanes.setdefault(_lane(hit, question), []).append(hit)
    if question.survey and turn is not None:
        return _in_loose_turns(lanes.values(), turn)[:k]
    mixed: list[Hit] = []
    while len(mixed) < k and any(lanes.values()):
        mixed += [lane.pop(0) for lane in lanes.values() if lane]
    return mixed[:k]


def _in_loose_turns(lanes: Iterable[list[Hit]], turn: float) -> list[Hit]:
    """By score, less ``turn`` for every better hit of the same lane."""
    reduced = [
        (hit.score - turn * before, hit) for lane in lanes for before, hit in enumerate(lane)
    ]
    return [hit for _, hit in sorted(reduced, key=lambda pair: -pair[0])]


def _lane(hit: Hit, question: Question) -> tuple[str, str]:
    """What a hit competes with: its report where places or reports are compared, its kind where 去年 and 今年
    are both asked for."""
    many = question.survey or len(question.places) > 1 or len(question.report_years) > 1
    return hit.report.report_id if many else "", _kind(hit) if len(question.relative) > 1 else ""


def _kind(hit: Hit) -> str:
    return "review" if hit.passage.kind == "review" else "plan"
