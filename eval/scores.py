"""Outcomes to scores: every metric over every case, means with intervals, by type of question."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from eval.metrics.answers import answer_length, correct, figures_exact, figures_near, wrong_context
from eval.metrics.citations import (
    citation_precision,
    citation_recall,
    faithfulness,
    offsets_exact,
)
from eval.metrics.costs import milliseconds, percentile, tokens
from eval.metrics.refusals import refusal_precision, refusal_reason, refusal_recall
from eval.metrics.reliability import (
    Reliability,
    answerable_forecasts,
    reliability,
    right_forecasts,
)
from eval.metrics.retrieval import all_found, ndcg, recall, reciprocal_rank
from eval.outcomes import Outcome
from eval.resampling import interval, unanimous_interval

Metric = Callable[[Outcome], float | None]

RETRIEVAL: Mapping[str, Metric] = {
    **{f"recall@{k}": partial(recall, k=k) for k in (1, 3, 5, 10, 20)},
    "all@5": partial(all_found, k=5),
    "all@10": partial(all_found, k=10),
    "mrr": reciprocal_rank,
    "ndcg@10": partial(ndcg, k=10),
}
ANSWERS: Mapping[str, Metric] = {
    "correct": correct,
    "figures_exact": figures_exact,
    "figures_near": figures_near,
    "citation_recall": citation_recall,
    "citation_precision": citation_precision,
    "offsets_exact": offsets_exact,
    "faithfulness": faithfulness,
    "refusal_precision": refusal_precision,
    "refusal_recall": refusal_recall,
    "refusal_reason": refusal_reason,
    "wrong_context": wrong_context,
}
METRICS: Mapping[str, Metric] = {**RETRIEVAL, **ANSWERS}
# Quantities, not shares: shown with percentiles, never compared for significance.
COSTS: Mapping[str, Metric] = {
    "milliseconds": milliseconds,
    "tokens": tokens,
    "answer_length": answer_length,
}
LOWER_IS_BETTER = frozenset({"wrong_context"})

Table = Mapping[str, Mapping[str, float]]
"""Metric → case id → score; a case that a metric is undefined for is absent."""


@dataclass(frozen=True, slots=True)
class Score:
    """A mean over the cases that have a score, with its 95 % interval.

    Bootstrap over reports; where all cases score 0, or all 1, there is nothing to draw and the
    exact binomial interval stands instead (Clopper & Pearson 1934).
    """

    cases: int
    mean: float
    low: float
    high: float


def score_cases(outcomes: Iterable[Outcome], metrics: Mapping[str, Metric] = METRICS) -> Table:
    """Every metric's scores; metrics that no case has a score for are absent."""
    table: dict[str, dict[str, float]] = defaultdict(dict)
    for outcome in outcomes:
        for name, metric in metrics.items():
            score = metric(outcome)
            if score is not None:
                table[name][outcome.case.id] = score
    return {name: table[name] for name in metrics if name in table}


def summarise(table: Table, clusters: Mapping[str, str]) -> dict[str, Score]:
    """Means with intervals; ``clusters`` maps a case to its report."""
    return {name: _score(scores, clusters) for name, scores in table.items()}


def _score(scores: Mapping[str, float], clusters: Mapping[str, str]) -> Score:
    mean = sum(scores.values()) / len(scores)
    low, high = interval(scores, clusters)
    if mean in (0.0, 1.0):
        low, high = unanimous_interval(len(scores), mean)
    return Score(len(scores), mean, low, high)


def clusters_of(outcomes: Iterable[Outcome]) -> dict[str, str]:
    """Case → report of its evidence: cases of one report are not independent.

    Cases of several reports, or of none, stand for themselves.
    """
    return {
        o.case.id: o.gold_reports[0] if len(o.gold_reports) == 1 else o.case.id for o in outcomes
    }


def by_type(outcomes: Iterable[Outcome]) -> dict[str, list[Outcome]]:
    """The outcomes grouped by the type of question, generated ones apart, in order of name."""
    groups: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        mark = "generated:" if outcome.case.generated else ""
        groups[mark + outcome.case.type].append(outcome)
    return dict(sorted(groups.items()))


@dataclass(frozen=True, slots=True)
class Spread:
    """Percentiles (nearest rank) of a quantity."""

    cases: int
    p50: float
    p95: float
    highest: float


def spreads(outcomes: Sequence[Outcome]) -> dict[str, Spread]:
    """Percentiles of the costs that were measured."""
    found = {}
    for name, metric in COSTS.items():
        values = [value for o in outcomes if (value := metric(o)) is not None]
        middle, late = percentile(values, 0.5), percentile(values, 0.95)
        if middle is not None and late is not None:
            found[name] = Spread(len(values), middle, late, max(values))
    return found


def reliabilities(outcomes: Sequence[Outcome]) -> dict[str, Reliability]:
    """What the system's confidence is worth: ``answerable`` and ``right``, if it gives any."""
    told = {
        "answerable": reliability(answerable_forecasts(outcomes)),
        "right": reliability(right_forecasts(outcomes)),
    }
    return {name: value for name, value in told.items() if value is not None}
