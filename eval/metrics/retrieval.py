"""How well search finds the evidence. Undefined without evidence or without a search to look at."""

from __future__ import annotations

import math
from collections import Counter

from eval.outcomes import Outcome
from eval.spans import first_rank


def recall(outcome: Outcome, k: int) -> float | None:
    """Share of the evidence within the first ``k`` passages."""
    ranks = _ranks(outcome, k)
    return None if ranks is None else sum(rank is not None for rank in ranks) / len(ranks)


def all_found(outcome: Outcome, k: int) -> float | None:
    """1 if all evidence is within the first ``k`` passages, else 0."""
    share = recall(outcome, k)
    return None if share is None else float(share == 1.0)


def reciprocal_rank(outcome: Outcome) -> float | None:
    """1 / rank at which the first piece of evidence is complete, 0 if none is (Voorhees, TREC-8)."""
    ranks = _ranks(outcome, None)
    if ranks is None:
        return None
    return max((1 / rank for rank in ranks if rank is not None), default=0.0)


def ndcg(outcome: Outcome, k: int) -> float | None:
    """Normalised discounted cumulative gain (Järvelin & Kekäläinen 2002) over the first ``k``.

    A passage gains the number of pieces of evidence that it completes, discounted by
    log2(rank + 1). The ideal has the same gains in descending order, and each piece that was not
    found in a passage of its own.
    """
    ranks = _ranks(outcome, None)
    if ranks is None:
        return None
    gains = Counter(rank for rank in ranks if rank is not None)
    ideal = sorted([*gains.values(), *(1 for rank in ranks if rank is None)], reverse=True)
    reached = sum(gain * _discount(rank) for rank, gain in gains.items() if rank <= k)
    return reached / sum(gain * _discount(rank) for rank, gain in enumerate(ideal[:k], 1))


def _discount(rank: int) -> float:
    return 1 / math.log2(rank + 1)


def _ranks(outcome: Outcome, k: int | None) -> list[int | None] | None:
    if not outcome.case.is_answerable or outcome.ranked is None:
        return None
    found = outcome.ranked[:k]
    return [first_rank(evidence, found) for evidence in outcome.case.evidence]
