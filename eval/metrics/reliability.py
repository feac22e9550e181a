"""Is a system as sure as it has reason to be: its confidence held against what turned out.

Two things are told of a confidence: whether the reports state what was asked (which is what it
speaks of), and whether the answers given under it are right. Unlike the other metrics these are of
many cases at once, so they take pairs; without a pair they are undefined.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from eval.metrics.answers import correct
from eval.outcomes import Outcome

_BINS = 10


@dataclass(frozen=True, slots=True)
class Forecast:
    """A confidence from 0 to 1 and whether what it speaks of holds."""

    confidence: float
    holds: bool


@dataclass(frozen=True, slots=True)
class Bin:
    """The forecasts from ``low`` to ``high`` (exclusive but for 1): how many there are, their mean
    confidence, and for how many it holds."""

    low: float
    high: float
    cases: int
    confidence: float
    holding: int

    @property
    def share(self) -> float:
        return self.holding / self.cases


@dataclass(frozen=True, slots=True)
class Reliability:
    """What is told of a set of forecasts; ``auc`` is None where all hold or none does."""

    cases: int
    brier: float
    calibration_error: float
    auc: float | None
    bins: tuple[Bin, ...]


def answerable_forecasts(outcomes: Iterable[Outcome]) -> list[Forecast]:
    """Every confidence, and whether the reports answer the case."""
    return [
        Forecast(o.answer.confidence, o.case.is_answerable)
        for o in outcomes
        if o.answer is not None and o.answer.confidence is not None
    ]


def right_forecasts(outcomes: Iterable[Outcome]) -> list[Forecast]:
    """The confidence of what was answered, not refused, and whether the answer is right."""
    return [
        Forecast(o.answer.confidence, score == 1.0)
        for o in outcomes
        if o.answer is not None
        and o.answer.confidence is not None
        and o.answer.refusal is None
        and (score := correct(o)) is not None
    ]


def reliability(forecasts: Sequence[Forecast]) -> Reliability | None:
    """All that is told of the forecasts; None without any."""
    brier, error = brier_score(forecasts), calibration_error(forecasts)
    if brier is None or error is None:
        return None
    bins = tuple(reliability_bins(forecasts))
    return Reliability(len(forecasts), brier, error, area_under_curve(forecasts), bins)


def reliability_bins(forecasts: Iterable[Forecast], count: int = _BINS) -> list[Bin]:
    """The forecasts in ``count`` bins of equal width; bins without a forecast are left out."""
    groups: dict[int, list[Forecast]] = defaultdict(list)
    for forecast in forecasts:
        groups[min(int(forecast.confidence * count), count - 1)].append(forecast)
    return [_bin(number, count, groups[number]) for number in sorted(groups)]


def _bin(number: int, count: int, group: Sequence[Forecast]) -> Bin:
    mean = sum(f.confidence for f in group) / len(group)
    holding = sum(f.holds for f in group)
    return Bin(number / count, (number + 1) / count, len(group), mean, holding)


def brier_score(forecasts: Sequence[Forecast]) -> float | None:
    """Mean squared difference of confidence and outcome (Brier 1950): 0 best, 0.25 for always ½."""
    if not forecasts:
        return None
    return sum((f.confidence - f.holds) ** 2 for f in forecasts) / len(forecasts)


def calibration_error(forecasts: Sequence[Forecast], count: int = _BINS) -> float | None:
    """Expected calibration error: the mean over all forecasts of how far their bin's share lies
    from its mean confidence (Naeini, Cooper & Hauskrecht 2015; bins of equal width)."""
    if not forecasts:
        return None
    apart = (b.cases * abs(b.share - b.confidence) for b in reliability_bins(forecasts, count))
    return sum(apart) / len(forecasts)


def area_under_curve(forecasts: Iterable[Forecast]) -> float | None:
    """Area under the ROC: the chance that a forecast that holds is surer than one that does not,
    ties counted half (Hanley & McNeil 1982). None where all hold or none does."""
    pairs = list(forecasts)
    held = [f.confidence for f in pairs if f.holds]
    others = [f.confidence for f in pairs if not f.holds]
    if not held or not others:
        return None
    surer = sum((a > b) + 0.5 * (a == b) for a in held for b in others)
    return surer / (len(held) * len(others))
