"""Intervals and tests by counting and resampling; the seed is fixed, so runs agree.

Cases about one report rise and fall together, so reports are drawn, not cases (cluster bootstrap,
Field & Welsh 2007).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

_DRAWS = 4000
_SEED = 20240116
_LEVEL = 0.95

Floats = npt.NDArray[np.float64]


def interval(scores: Mapping[str, float], clusters: Mapping[str, str]) -> tuple[float, float]:
    """The 95 % percentile interval of the mean over cases, reports being drawn with replacement.

    ``(nan, nan)`` without scores.
    """
    means = resampled_means(scores, clusters)
    if not len(means):
        return math.nan, math.nan
    tail = (1 - _LEVEL) / 2
    low, high = np.quantile(means, [tail, 1 - tail])
    return float(low), float(high)


def unanimous_interval(cases: int, share: float) -> tuple[float, float]:
    """The 95 % Clopper-Pearson interval of a share of 0 or 1 over ``cases``."""
    room = 1 - ((1 - _LEVEL) / 2) ** (1 / cases)
    return (0.0, room) if share == 0.0 else (1 - room, 1.0)


def wilson_interval(hits: int, cases: int) -> tuple[float, float]:
    """The 95 % score interval of ``hits`` of ``cases`` (Wilson 1927): wide, not empty, for few."""
    z = NormalDist().inv_cdf((1 + _LEVEL) / 2)
    share, room = hits / cases, z * z / cases
    middle = (share + room / 2) / (1 + room)
    reach = z * math.sqrt(share * (1 - share) / cases + room / (4 * cases)) / (1 + room)
    return max(middle - reach, 0.0), min(middle + reach, 1.0)


def resampled_means(scores: Mapping[str, float], clusters: Mapping[str, str]) -> Floats:
    """The mean over cases in each of the draws of reports."""
    if not scores:
        return np.empty(0)
    sums, counts = _by_cluster(scores, clusters)
    drawn = np.random.default_rng(_SEED).integers(len(sums), size=(_DRAWS, len(sums)))
    means: Floats = sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    return means


def _by_cluster(scores: Mapping[str, float], clusters: Mapping[str, str]) -> tuple[Floats, Floats]:
    totals: dict[str, list[float]] = {}
    for case in sorted(scores):
        totals.setdefault(clusters.get(case, case), []).append(scores[case])
    sums = np.array([sum(values) for values in totals.values()])
    return sums, np.array([float(len(values)) for values in totals.values()])


def mcnemar(first: Sequence[bool], second: Sequence[bool]) -> float:
    """The two-sided exact p of McNemar's test on paired outcomes (McNemar 1947; exact binomial).

    Only the pairs that differ count; without any p is 1. Raises ``ValueError`` on unequal lengths.
    """
    pairs = list(zip(first, second, strict=True))
    gained = sum(b and not a for a, b in pairs)
    lost = sum(a and not b for a, b in pairs)
    changed = gained + lost
    tail = sum(math.comb(changed, i) for i in range(min(gained, lost) + 1))
    return min(1.0, tail / 2 ** (changed - 1)) if changed else 1.0
