"""What an answer costs: time and tokens."""

from __future__ import annotations

import math
from collections.abc import Sequence

from eval.outcomes import Outcome


def milliseconds(outcome: Outcome) -> float | None:
    """Wall time of the case."""
    return outcome.milliseconds


def tokens(outcome: Outcome) -> float | None:
    """Tokens a language model read and wrote; undefined without one."""
    if outcome.answer is None or outcome.answer.tokens is None:
        return None
    return float(outcome.answer.tokens)


def percentile(values: Sequence[float], share: float) -> float | None:
    """The nearest-rank percentile: the smallest value that at least ``share`` of all do not exceed.

    None without values.
    """
    if not values:
        return None
    return sorted(values)[max(math.ceil(share * len(values)), 1) - 1]
