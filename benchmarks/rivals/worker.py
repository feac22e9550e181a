"""Runs one form of one system over one corpus and writes what it took: `python -m
benchmarks.rivals.worker SYSTEM JOB.json`.

The model is loaded, and the libraries imported, before the clock starts, for every system.
"""

import importlib
import json
import resource
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.rivals import Search
from benchmarks.rivals.embedding import bundled, longer_than_the_model, recorded


def main(system: str, job_path: str) -> None:
    """Read the job, do it, write the result where the job says."""
    job = json.loads(Path(job_path).read_text("utf-8"))
    rival = importlib.import_module(f"benchmarks.rivals.{system}")
    bundled().embed_query("预热")
    embedded = recorded()
    folder = Path(job["folder"])
    started, worked = time.perf_counter(), time.process_time()
    search = rival.ingest(job["texts"], folder, job["form"])
    ingest_s, ingest_cpu_s = time.perf_counter() - started, time.process_time() - worked
    answers = answer(search, job["questions"], job["depth"])
    result = {
        "settings": rival.FORMS[job["form"]],
        "versions": {name: version(name) for name in job["packages"]},
        "ingest_s": ingest_s,
        "ingest_cpu_s": ingest_cpu_s,
        # Linux counts in kibibytes.
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "disk_mb": sum(f.stat().st_size for f in folder.rglob("*") if f.is_file()) / 2**20,
        "embedded": len(embedded),
        "cut": longer_than_the_model(embedded),
        **answers,
    }
    Path(job["out"]).write_text(json.dumps(result, ensure_ascii=False), "utf-8")


def answer(search: Search, questions: dict[str, str], depth: int) -> dict[str, Any]:
    """What was found for each question, and the milliseconds it took, by the clock and of all cores.

    The latter count the same whatever else the machine does.
    """
    search(next(iter(questions.values())), depth)
    found, took, worked = {}, {}, {}
    for case, question in questions.items():
        asked, used = time.perf_counter(), time.process_time()
        found[case] = search(question, depth)
        took[case] = (time.perf_counter() - asked) * 1000
        worked[case] = (time.process_time() - used) * 1000
    return {"found": found, "ms": took, "cpu_ms": worked}


if __name__ == "__main__":
    main(*sys.argv[1:])
