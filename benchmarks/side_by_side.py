"""Wenzheng beside other libraries: the same texts, questions and embedding model, in one run.

    python -m benchmarks.side_by_side --rounds 5 --json figures.json

Each rival is installed from the package index into an environment of its own under ``--cache``, and
each round ingests the samples anew in a fresh process. Prints a Markdown table.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from embeddings import unpack_bundled_model
from eval.questions import QuestionCase, Span, read_case_set
from eval.resampling import interval
from eval.spans import is_found
from qa.reports.decoding import decode

ROOT = Path(__file__).resolve().parent.parent
_MODEL_NEEDS = ("onnxruntime", "tokenizers", "numpy", "langchain-core")
RIVALS: Mapping[str, tuple[str, ...]] = {
    "langchain_faiss": ("langchain-community", "langchain-text-splitters", "faiss-cpu"),
    "llamaindex": ("llama-index-core",),
}
_DEPTH = 20
_CHARACTERS = 2000
_DRAWS = 4000

Result = dict[str, Any]


def main() -> None:
    given = _arguments()
    os.environ["RIVALS_MODEL"] = str(unpack_bundled_model(given.model_cache))
    cases = [c for c in read_case_set() if c.is_answerable and not c.turns]
    texts = {p.name: decode(p.read_bytes()) for p in sorted((ROOT / "samples").glob("*.txt"))}
    names = ["wenzheng", *given.rivals]
    pythons = {name: environment(name, given.cache) for name in names}
    results: dict[str, list[Result]] = {name: [] for name in names}
    # In turn, so that a busy spell of the machine falls on all of them.
    for turn in range(given.rounds):
        for name in names:
            asked = cases if turn == 0 else []
            results[name].append(run(name, pythons[name], texts, asked))
    figures = {name: summarise(results[name], cases, texts) for name in names}
    for name in given.rivals:
        figures[name] |= ratios(results[name], results["wenzheng"])
    if given.json:
        given.json.write_text(json.dumps(figures, ensure_ascii=False, indent=1), "utf-8")
    print(table(figures))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    home = Path.home() / ".cache"
    parser.add_argument("--rounds", type=int, default=5, help="ingests of each system")
    parser.add_argument("--rivals", nargs="*", choices=list(RIVALS), default=list(RIVALS))
    parser.add_argument("--cache", type=Path, default=home / "wenzheng-rivals")
    parser.add_argument("--model-cache", type=Path, default=home / "wenzheng")
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


def environment(name: str, cache: Path) -> Path:
    """The Python that has ``name`` and what our model needs; ours for wenzheng itself."""
    if name == "wenzheng":
        return Path(sys.executable)
    folder = cache / name
    python, ready = folder / "bin" / "python", folder / "ready"
    if not ready.exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        packages = [*RIVALS[name], *_MODEL_NEEDS]
        subprocess.run([python, "-m", "pip", "install", "-q", *packages], check=True)
        ready.touch()
    return python


def run(name: str, python: Path, texts: Mapping[str, str], cases: Sequence[QuestionCase]) -> Result:
    """One ingest in a fresh process, and the answers to ``cases`` after it."""
    with tempfile.TemporaryDirectory() as scratch:
        job, out = Path(scratch) / "job.json", Path(scratch) / "out.json"
        questions = {case.id: case.question for case in cases}
        told = {"texts": dict(texts), "questions": questions, "depth": _DEPTH}
        places = {"folder": str(Path(scratch) / "index"), "out": str(out)}
        job.write_text(json.dumps(told | places), "utf-8")
        command = [python, "-m", "benchmarks.rivals.worker", name, job]
        subprocess.run(command, check=True, cwd=ROOT)
        result: Result = json.loads(out.read_text("utf-8"))
    return result


def summarise(
    rounds: Sequence[Result], cases: Sequence[QuestionCase], texts: Mapping[str, str]
) -> Result:
    """What the table shows of one system; recall as (share, low, high)."""
    found = {
        case: [Span(*span) for span in answer["spans"]]
        for case, answer in rounds[0]["answers"].items()
    }
    times = [answer["ms"] for answer in rounds[0]["answers"].values()]
    return {
        "settings": rounds[0]["settings"],
        "ingest_s": [r["ingest_s"] for r in rounds],
        "median_ms": statistics.median(times),
        "p95_ms": float(np.percentile(times, 95)),
        "peak_mb": max(r["peak_mb"] for r in rounds),
        "disk_mb": rounds[0]["disk_mb"],
        "recall_5": recall(cases, {c: f[:5] for c, f in found.items()}),
        "recall_10": recall(cases, {c: f[:10] for c, f in found.items()}),
        "recall_characters": recall(cases, {c: within(f, _CHARACTERS) for c, f in found.items()}),
        "characters_5": statistics.fmean(characters(f[:5]) for f in found.values()),
        "characters_10": statistics.fmean(characters(f[:10]) for f in found.values()),
    }


def characters(spans: Iterable[Span]) -> int:
    """How many characters the passages show."""
    return sum(span.end - span.start for span in spans)


def within(spans: Iterable[Span], budget: int) -> list[Span]:
    """The first ``budget`` characters of the passages; the last of them may be cut."""
    kept = []
    for span in spans:
        if budget <= 0:
            break
        kept.append(Span(span.source, span.start, min(span.end, span.start + budget)))
        budget -= span.end - span.start
    return kept


def recall(
    cases: Sequence[QuestionCase], found: Mapping[str, Sequence[Span]]
) -> tuple[float, float, float]:
    """Share of cases with all evidence found, with its 95 % interval, cases being drawn anew."""
    scores = {c.id: float(all(is_found(e, found[c.id]) for e in c.evidence)) for c in cases}
    low, high = interval(scores, {})
    return statistics.fmean(scores.values()), low, high


def ratios(rival: Sequence[Result], ours: Sequence[Result]) -> Result:
    """The rival's times over ours: latency paired by question, ingest by round."""
    mine, theirs = ours[0]["answers"], rival[0]["answers"]
    latency = [theirs[case]["ms"] / mine[case]["ms"] for case in mine]
    ingest = [r["ingest_s"] / o["ingest_s"] for r, o in zip(rival, ours, strict=True)]
    return {"latency_ratio": ratio_interval(latency), "ingest_ratio": ratio_interval(ingest)}


def ratio_interval(values: Sequence[float]) -> tuple[float, float, float]:
    """The geometric mean of paired ratios with its bootstrap 95 % interval."""
    logs = np.log(np.asarray(values, dtype=float))
    drawn = np.random.default_rng(20240116).integers(len(logs), size=(_DRAWS, len(logs)))
    low, high = np.quantile(logs[drawn].mean(axis=1), [0.025, 0.975])
    return math.exp(logs.mean()), math.exp(low), math.exp(high)


def table(figures: Mapping[str, Result]) -> str:
    """The figures as a Markdown table, a system a row."""
    heads = (
        "system", "set up", "ingest s, median", "ratio", "query ms, median / 95 %", "ratio",
        "peak MiB", "disk MiB", "recall in 5 (characters)", "recall in 10 (characters)",
        f"recall in {_CHARACTERS:,} characters",
    )  # fmt: skip
    lines = [_line(heads), _line(["---"] * len(heads))]
    return "\n".join([*lines, *(_line(_cells(name, f)) for name, f in figures.items())])


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cells(name: str, f: Result) -> list[str]:
    return [
        name,
        f["settings"],
        f"{statistics.median(f['ingest_s']):.1f}",
        _with_interval(f.get("ingest_ratio")),
        f"{f['median_ms']:.1f} / {f['p95_ms']:.1f}",
        _with_interval(f.get("latency_ratio")),
        f"{f['peak_mb']:.0f}",
        f"{f['disk_mb']:.1f}",
        f"{_with_interval(f['recall_5'])} ({f['characters_5']:,.0f})",
        f"{_with_interval(f['recall_10'])} ({f['characters_10']:,.0f})",
        _with_interval(f["recall_characters"]),
    ]


def _with_interval(value: tuple[float, float, float] | None) -> str:
    return "1" if value is None else f"{value[0]:.3f} [{value[1]:.3f}, {value[2]:.3f}]"


if __name__ == "__main__":
    main()
