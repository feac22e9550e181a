"""Two runs paired case by case: what moved, by how much, and whether that may be chance."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from eval.errors import NothingScoredError, RunFileError
from eval.outcomes import Run, read_json
from eval.resampling import interval, mcnemar
from eval.scores import LOWER_IS_BETTER, Table, clusters_of, score_cases

_SIGNIFICANT = 0.05
# Defined only on the cases that a system refuses: two runs need not share one.
_ON_OWN_CASES = frozenset({"refusal_precision", "refusal_reason"})


@dataclass(frozen=True, slots=True)
class Sheet:
    """The scores of a run by metric and case, and each case's report: all a comparison needs."""

    system: str
    cases: str
    scores: Table
    clusters: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Change:
    """One metric in two runs, over the cases that both score.

    ``difference`` is second minus first with its 95 % interval (paired bootstrap over reports);
    ``p`` is McNemar's exact test where all scores are 0 or 1, else None. ``better`` and ``worse``
    are the ids of the cases that moved.
    """

    metric: str
    cases: int
    first: float
    second: float
    difference: float
    low: float
    high: float
    p: float | None
    better: tuple[str, ...]
    worse: tuple[str, ...]

    @property
    def is_significant(self) -> bool:
        """McNemar's test where it applies, else the interval leaves out zero."""
        if self.p is not None:
            return self.p < _SIGNIFICANT
        return self.low > 0 or self.high < 0

    @property
    def is_drop(self) -> bool:
        """Significantly worse in the second run."""
        worse = self.difference > 0 if self.metric in LOWER_IS_BETTER else self.difference < 0
        return worse and self.is_significant


def sheet_of(run: Run) -> Sheet:
    """Score a run."""
    return Sheet(run.system, run.cases, score_cases(run.outcomes), clusters_of(run.outcomes))


def compare(first: Sheet, second: Sheet) -> list[Change]:
    """Every metric that both runs score on some shared case."""
    clusters = {**first.clusters, **second.clusters}
    changes = (
        _change(name, first.scores[name], second.scores[name], clusters)
        for name in first.scores
        if name in second.scores
    )
    return [change for change in changes if change is not None]


def _change(
    metric: str,
    first: Mapping[str, float],
    second: Mapping[str, float],
    clusters: Mapping[str, str],
) -> Change | None:
    shared = sorted(first.keys() & second.keys())
    if not shared:
        return None
    differences = {case: second[case] - first[case] for case in shared}
    low, high = interval(differences, clusters)
    sign = -1 if metric in LOWER_IS_BETTER else 1
    return Change(
        metric=metric,
        cases=len(shared),
        first=sum(first[case] for case in shared) / len(shared),
        second=sum(second[case] for case in shared) / len(shared),
        difference=sum(differences.values()) / len(shared),
        low=low,
        high=high,
        p=_p([first[case] for case in shared], [second[case] for case in shared]),
        better=tuple(case for case in shared if sign * differences[case] > 0),
        worse=tuple(case for case in shared if sign * differences[case] < 0),
    )


def _p(first: list[float], second: list[float]) -> float | None:
    if not set(first) | set(second) <= {0.0, 1.0}:
        return None
    return mcnemar([bool(score) for score in first], [bool(score) for score in second])


# --- gates -------------------------------------------------------------------------------------


def mean_of(sheet: Sheet, metric: str) -> float:
    """The mean of a metric; raises ``NothingScoredError`` if no case has a score, or it is NaN."""
    scores = sheet.scores.get(metric, {})
    mean = sum(scores.values()) / len(scores) if scores else math.nan
    if math.isnan(mean):
        raise NothingScoredError("metric_unscored", system=sheet.system, metric=metric)
    return mean


@dataclass(frozen=True, slots=True)
class Miss:
    """A metric on the wrong side of its floor (of its ceiling, where lower is better)."""

    metric: str
    mean: float
    floor: float


def below(sheet: Sheet, floors: Mapping[str, float]) -> list[Miss]:
    """Of the metrics with a floor, those that miss it; raises ``NothingScoredError``."""
    told = [Miss(metric, mean_of(sheet, metric), floor) for metric, floor in floors.items()]
    return [miss for miss in told if not _reaches(miss)]


def _reaches(miss: Miss) -> bool:
    # Written so that a floor of NaN is never reached.
    if miss.metric in LOWER_IS_BETTER:
        return miss.mean <= miss.floor
    return miss.mean >= miss.floor


def dropped(baseline: Sheet, sheet: Sheet) -> list[Change]:
    """The metrics significantly worse than in the baseline.

    Raises ``NothingScoredError`` if a metric of the baseline is not scored now, or shares no case.
    """
    changes = compare(baseline, sheet)
    for metric in baseline.scores:
        mean_of(sheet, metric)
    lost = baseline.scores.keys() - {change.metric for change in changes}
    if not changes and not lost:
        raise NothingScoredError("empty_baseline")
    if lost:
        raise NothingScoredError("no_shared_case", metrics=", ".join(sorted(lost)))
    return [change for change in changes if change.is_drop]


def write_sheet(sheet: Sheet, path: Path) -> None:
    """Store a baseline: the scores by case, nothing else, so that it is small and diffs well."""
    kept = {m: s for m, s in sheet.scores.items() if m not in _ON_OWN_CASES}
    data = asdict(sheet) | {"scores": {m: dict(sorted(s.items())) for m, s in kept.items()}}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", "utf-8")


def read_sheet(path: Path) -> Sheet:
    """Read what ``write_sheet`` wrote; raises ``RunFileError``."""
    data = read_json(path)
    try:
        return Sheet(data["system"], data["cases"], data["scores"], data["clusters"])
    except KeyError as error:
        raise RunFileError("wrong_baseline", name=path, reason=repr(error)) from error
