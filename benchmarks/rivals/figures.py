"""From what the workers measured to the tables: recall by text, ratios with intervals."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.rivals.matching import Corpus, Passage, signs, within
from eval.questions import QuestionCase
from eval.resampling import interval, resampled_means

SIGNS = 2000
_TAILS = (0.025, 0.975)

Scores = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Ratio:
    """A ratio with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Round:
    """One run of a worker: times in seconds and milliseconds, sizes in MiB.

    ``embedded`` texts were given to the model, of which ``cut`` are longer than it reads.
    """

    settings: str
    versions: Mapping[str, str]
    ingest_s: float
    ingest_cpu_s: float
    peak_mb: float
    disk_mb: float
    embedded: int
    cut: int
    ms: Scores
    cpu_ms: Scores
    found: Mapping[str, Sequence[Passage]]


def read_round(data: Mapping[str, Any]) -> Round:
    """The run that a worker wrote as JSON."""
    found = {
        case: [(source, text) for source, text in passages]
        for case, passages in data["found"].items()
    }
    return Round(**{**data, "found": found})


@dataclass(frozen=True, slots=True)
class Figures:
    """A system's form: medians over rounds, ``recall`` by how much is read, ``signs`` shown there."""

    rounds: Sequence[Round]
    ms: Scores
    cpu_ms: Scores
    recall: Mapping[str, Scores]
    signs: Mapping[str, float]
    placed: float


def figures_of(rounds: Sequence[Round], cases: Sequence[QuestionCase], corpus: Corpus) -> Figures:
    """``cases`` are those whose evidence the corpus has; every question counts for the times."""
    found = rounds[0].found
    shown = {
        "5": {case: passages[:5] for case, passages in found.items()},
        "10": {case: passages[:10] for case, passages in found.items()},
        f"{SIGNS:,} signs": {case: within(passages, SIGNS) for case, passages in found.items()},
    }
    return Figures(
        rounds,
        {case: statistics.median(r.ms[case] for r in rounds) for case in found},
        {case: statistics.median(r.cpu_ms[case] for r in rounds) for case in found},
        {k: {c.id: float(corpus.holds(c, s[c.id])) for c in cases} for k, s in shown.items()},
        {k: statistics.fmean(map(signs, s.values())) for k, s in shown.items()},
        corpus.placed_share(p for passages in shown["10"].values() for p in passages),
    )


def share(scores: Scores, clusters: Mapping[str, str]) -> Ratio:
    """The mean over cases, reports being drawn anew."""
    low, high = interval(scores, clusters)
    return Ratio(statistics.fmean(scores.values()), low, high)


def recall_ratio(ours: Scores, theirs: Scores, clusters: Mapping[str, str]) -> Ratio:
    """Our recall over theirs; in every draw both are asked about the same reports."""
    # The same seed and the same cases: the draws are paired.
    with np.errstate(divide="ignore", invalid="ignore"):
        drawn = resampled_means(ours, clusters) / resampled_means(theirs, clusters)
    mean = statistics.fmean(theirs.values())
    value = statistics.fmean(ours.values()) / mean if mean else math.inf
    return Ratio(value, *map(float, np.quantile(drawn, _TAILS)))


def time_ratio(ours: Scores, theirs: Scores, clusters: Mapping[str, str]) -> Ratio:
    """The geometric mean of our time over theirs, paired by question (or by round)."""
    logs = {key: math.log(ours[key] / theirs[key]) for key in ours}
    low, high = interval(logs, clusters)
    return Ratio(*map(math.exp, (statistics.fmean(logs.values()), low, high)))


def ingest_ratio(ours: Sequence[float], theirs: Sequence[float]) -> Ratio:
    """Our ingest time over theirs, paired by round; the interval is their range, for few rounds."""
    ratios = [mine / other for mine, other in zip(ours, theirs, strict=True)]
    return Ratio(statistics.median(ratios), min(ratios), max(ratios))


# --- tables ------------------------------------------------------------------------------------


def time_table(all_figures: Mapping[str, Figures], clusters: Mapping[str, str]) -> str:
    """What each form takes, by the clock and of all cores; the first, ours, is related to the others."""
    ours = next(iter(all_figures.values()))
    heads = (
        "system", "ingest s", "ours ÷ it", "CPU s", "ours ÷ it", "query ms, median", "95 %",
        "ours ÷ it", "CPU ms, median", "ours ÷ it",
    )  # fmt: skip
    rows = []
    for name, f in all_figures.items():
        own = f is ours
        rows.append(
            (
                name,
                *_ingest_cells(
                    [r.ingest_s for r in ours.rounds], [r.ingest_s for r in f.rounds], own
                ),
                *_ingest_cells(
                    [r.ingest_cpu_s for r in ours.rounds], [r.ingest_cpu_s for r in f.rounds], own
                ),
                f"{statistics.median(f.ms.values()):.1f}",
                f"{np.percentile(list(f.ms.values()), 95):.1f}",
                "1" if own else _told(time_ratio(ours.ms, f.ms, clusters)),
                f"{statistics.median(f.cpu_ms.values()):.1f}",
                "1" if own else _told(time_ratio(ours.cpu_ms, f.cpu_ms, clusters)),
            )
        )
    return _table(heads, rows)


def _ingest_cells(ours: Sequence[float], its: Sequence[float], own: bool) -> tuple[str, str]:
    ratio = ingest_ratio(ours, its)
    # The range of one round would pass for certainty.
    told = _told(ratio) if len(its) > 1 else f"{ratio.value:.2f}"
    return f"{statistics.median(its):.1f}", "1" if own else told


def recall_table(all_figures: Mapping[str, Figures], clusters: Mapping[str, str]) -> str:
    """What each form finds, and how many signs had to be read for it."""
    ours = next(iter(all_figures.values()))
    heads = ["system"]
    for depth in ours.recall:
        heads += [f"recall in {depth}", "ours ÷ it"]
        if depth.isdigit():
            heads.append(f"signs in {depth}")
    rows = []
    for name, f in all_figures.items():
        cells = [name]
        for depth, scores in f.recall.items():
            own = "1" if f is ours else _told(recall_ratio(ours.recall[depth], scores, clusters))
            cells += [_told(share(scores, clusters)), own]
            if depth.isdigit():
                cells.append(f"{f.signs[depth]:,.0f}")
        rows.append(cells)
    return _table(heads, rows)


def setup_table(all_figures: Mapping[str, Figures]) -> str:
    """How each form is set up, what it takes up, and how much of what it returned was recognised.

    Of a text that the model cuts the end is in no vector.
    """
    heads = (
        "system", "set up", "versions", "peak MiB", "disk MiB", "texts embedded", "of these cut",
        "signs recognised",
    )  # fmt: skip
    rows = []
    for name, f in all_figures.items():
        first = f.rounds[0]
        versions = ", ".join(f"{package} {v}" for package, v in first.versions.items())
        sizes = f"{max(r.peak_mb for r in f.rounds):.0f}", f"{first.disk_mb:.1f}"
        counts = f"{first.embedded:,}", f"{first.cut:,}", f"{f.placed:.1%}"
        rows.append((name, first.settings, versions, *sizes, *counts))
    return _table(heads, rows)


def _told(ratio: Ratio) -> str:
    return f"{ratio.value:.2f} [{ratio.low:.2f}, {ratio.high:.2f}]"


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
