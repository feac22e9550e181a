"""Wenzheng beside other systems: the same texts, questions and embedding model, in one run.

    python -m benchmarks.side_by_side [PATH…] --rounds 3 --results FOLDER

Each rival is installed from the package index into an environment of its own under ``--cache``; what
cannot be installed or fails is told below the tables, and the others are measured all the same. Each
form of a system runs in a fresh process, one at a time, on two cores. Prints Markdown.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.rivals.embedding import MODEL_VARIABLE
from benchmarks.rivals.environments import (
    OURS,
    RIVALS,
    NotInstalledError,
    Rival,
    environment,
    interpreters,
)
from benchmarks.rivals.figures import (
    Figures,
    Round,
    figures_of,
    read_round,
    recall_table,
    setup_table,
    time_table,
)
from benchmarks.rivals.matching import Corpus
from embeddings import unpack_bundled_model
from eval.questions import QuestionCase, read_case_set
from eval.running import report_at
from qa.errors import InputError
from qa.reports.parsing import parse_reports
from qa.reports.reading import SourceReader, files_of
from qa.reports.report import Source

ROOT = Path(__file__).resolve().parent.parent
_DEPTH = 20
_THREADS = 2
_TOLD_LINES = 3
_LIMITS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS")


class FailedError(Exception):
    """A process did not come to its end; the message is the last it said."""


def main() -> None:
    """Measure, and print the tables."""
    given = _arguments()
    # Inherited by every process: libraries count the cores they may run on.
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:_THREADS])
    os.environ[MODEL_VARIABLE] = str(unpack_bundled_model(given.model_cache))
    texts = read_texts(given.paths or [ROOT / "samples"])
    cases = [c for c in read_case_set(given.cases) if c.is_answerable and not c.turns]
    cases = cases[: given.questions]
    if not (held := held_cases(cases, texts)):
        sys.exit("No case has its evidence in these texts: name cases that do by --cases.")
    pythons, failures = environments(given)
    rounds = measure(given, pythons, texts, cases, failures)
    figures = {name: figures_of(of, held, Corpus(texts)) for name, of in rounds.items()}
    print(told(figures, clusters_of(held, texts), failures, texts, len(cases), len(held)))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    home = Path(os.environ.get("WENZHENG_CACHE", Path.home() / ".cache" / "wenzheng"))
    add = parser.add_argument
    add("paths", nargs="*", type=Path, metavar="PATH", help="files or folders (default: samples)")
    add("--cases", default="shipped", help="a case set of eval/cases or a file")
    add("--questions", type=int, metavar="N", help="only the first N of them")
    add("--rounds", type=int, default=3, help="runs of each form")
    add("--systems", nargs="*", choices=list(RIVALS), default=list(RIVALS))
    add("--cache", type=Path, default=home / "rivals", help="for the environments, 4 GB")
    add("--model-cache", type=Path, default=home, help="where our model is unpacked")
    add("--python", nargs="*", default=[], help="interpreters to make environments with")
    add(
        "--results",
        type=Path,
        help="a folder that keeps all that was found; a run that was cut goes on there",
    )
    return parser.parse_args()


def read_texts(paths: Iterable[Path]) -> dict[str, str]:
    """The decoded texts by the names of their files; ends the program at one that cannot be read."""
    texts: dict[str, str] = {}
    with SourceReader() as reader:
        for file in (file for path in paths for file in files_of(path)):
            for document in reader.read(file):
                if isinstance(document.source, InputError):
                    sys.exit(f"{file}: {document.source}")
                name = document.source.name
                # Evidence and passages are told apart by the name alone.
                if name in texts or "/" in name:
                    sys.exit(f"{file}: there is another {name}, or it is part of an archive.")
                texts[name] = document.source.text
    return texts


def held_cases(cases: Iterable[QuestionCase], texts: Mapping[str, str]) -> list[QuestionCase]:
    """The cases whose evidence stands in ``texts``."""
    return [
        case
        for case in cases
        if all(
            texts.get(span.source, "")[span.start : span.end] == evidence.quote
            for evidence in case.evidence
            for span in evidence.spans
        )
    ]


def clusters_of(cases: Iterable[QuestionCase], texts: Mapping[str, str]) -> dict[str, str]:
    """Case → report of its evidence; one about several reports stands for itself."""
    reports = [r for name, text in texts.items() for r in parse_reports(Source(name, text))]
    clusters = {}
    for case in cases:
        spans = [span for evidence in case.evidence for span in evidence.spans]
        held = {report_at(span, reports) for span in spans} - {None}
        clusters[case.id] = str(held.pop()) if len(held) == 1 else case.id
    return clusters


def environments(given: argparse.Namespace) -> tuple[dict[str, Path], dict[str, str]]:
    """The Python of each system, and why some have none."""
    pythons, failures = {"wenzheng": Path(sys.executable)}, {}
    for name in given.systems:
        _say(f"{name}: environment")
        try:
            pythons[name] = environment(RIVALS[name], given.cache, interpreters(given.python))
        except NotInstalledError as error:
            failures[name] = f"not installed: {error}"
            _say(f"{name}: {failures[name]}")
    return pythons, failures


def measure(
    given: argparse.Namespace,
    pythons: Mapping[str, Path],
    texts: Mapping[str, str],
    cases: Sequence[QuestionCase],
    failures: dict[str, str],
) -> dict[str, list[Round]]:
    """The rounds of each form; a form that fails once is dropped and told in ``failures``."""
    forms = [(name, form) for name in pythons for form in _rival(name).forms]
    rounds: dict[str, list[Round]] = {_label(*pair): [] for pair in forms}
    mark = _mark(texts, cases)
    # In turn, so that a busy spell of the machine falls on all of them.
    for turn in range(given.rounds):
        for name, form in forms:
            label = _label(name, form)
            if label in failures:
                continue
            kept = given.results / f"{turn + 1} {label} {mark}.json" if given.results else None
            try:
                data = kept_run(kept) or run(_rival(name), form, pythons[name], texts, cases)
            except FailedError as error:
                failures[label] = f"failed: {error}"
                _say(f"{label}: {failures[label]}")
                continue
            _say(f"round {turn + 1}: {label}: ingest {data['ingest_s']:.1f} s")
            keep_run(kept, data)
            rounds[label].append(read_round(data))
    if OURS_LABEL in failures:
        sys.exit(f"{OURS_LABEL} {failures[OURS_LABEL]}")
    return {label: of for label, of in rounds.items() if label not in failures}


def _mark(texts: Mapping[str, str], cases: Sequence[QuestionCase]) -> str:
    """Eight hex digits that name what is asked of which texts: other results are not taken up."""
    asked = json.dumps([dict(texts), [case.question for case in cases]])
    return hashlib.sha256(asked.encode()).hexdigest()[:8]


def kept_run(path: Path | None) -> dict[str, Any] | None:
    """What a comparison that was cut short has measured already."""
    if path is None or not path.exists():
        return None
    data: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return data


def keep_run(path: Path | None, data: dict[str, Any]) -> None:
    """Keep a run for looking at what was found, and for going on."""
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(data, ensure_ascii=False), "utf-8")


def _rival(name: str) -> Rival:
    return OURS if name == "wenzheng" else RIVALS[name]


def _label(name: str, form: str) -> str:
    return f"{name}, {form}"


OURS_LABEL = _label("wenzheng", OURS.forms[0])


def run(
    rival: Rival,
    form: str,
    python: Path,
    texts: Mapping[str, str],
    cases: Sequence[QuestionCase],
) -> dict[str, Any]:
    """One ingest in a fresh process, and the answers to ``cases`` after it.

    Raises ``FailedError``.
    """
    with tempfile.TemporaryDirectory() as scratch:
        job, out = Path(scratch) / "job.json", Path(scratch) / "out.json"
        told = {
            "texts": dict(texts),
            "questions": {case.id: case.question for case in cases},
            "form": form,
            "depth": _DEPTH,
            "packages": rival.packages,
            "folder": str(Path(scratch) / "index"),
            "out": str(out),
        }
        job.write_text(json.dumps(told), "utf-8")
        command = [str(python), "-m", "benchmarks.rivals.worker", rival.module, str(job)]
        limits = dict.fromkeys(_LIMITS, str(_THREADS))
        # Nothing is to be looked up on a hub while the clock runs.
        env = {**os.environ, **limits, "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
        done = subprocess.run(
            command, cwd=ROOT, env=env, capture_output=True, text=True, check=False
        )
        if done.returncode or not out.exists():
            raise FailedError(" ".join(done.stderr.strip().splitlines()[-_TOLD_LINES:]))
        result: dict[str, Any] = json.loads(out.read_text("utf-8"))
    return result


def told(
    figures: Mapping[str, Figures],
    clusters: Mapping[str, str],
    failures: Mapping[str, str],
    texts: Mapping[str, str],
    asked: int,
    held: int,
) -> str:
    """All that is printed."""
    size = sum(map(len, texts.values()))
    head = (
        f"{date.today()}, Python {sys.version.split()[0]}, {_THREADS} cores, load {_load()}; "
        f"{len(texts)} files, {size:,} characters; {asked} questions, of which {held} have their "
        f"evidence here, in {len(set(clusters.values()))} clusters by report"
    )
    lost = [f"**{name} was not measured: {why}**" for name, why in failures.items()]
    tables = (
        time_table(figures, clusters),
        recall_table(figures, clusters),
        setup_table(figures),
    )
    return "\n\n".join([head, *tables, *lost])


def _load() -> str:
    return f"{os.getloadavg()[2]:.1f}"


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
