"""Runs one system over one corpus and writes what it took: `python -m benchmarks.rivals.worker
SYSTEM JOB.json`. The model is loaded before the clock starts, for every system."""

import importlib
import json
import resource
import sys
import time
from pathlib import Path


def main(system: str, job_path: str) -> None:
    job = json.loads(Path(job_path).read_text("utf-8"))
    rival = importlib.import_module(f"benchmarks.rivals.{system}")
    from benchmarks.rivals.embedding import bundled

    bundled().embed_query("预热")
    folder = Path(job["folder"])
    started = time.perf_counter()
    search = rival.ingest(job["texts"], folder)
    ingest_s = time.perf_counter() - started
    answers = {}
    if job["questions"]:
        search(next(iter(job["questions"].values())), job["depth"])
    for case, question in job["questions"].items():
        asked = time.perf_counter()
        found = search(question, job["depth"])
        answers[case] = {"ms": (time.perf_counter() - asked) * 1000, "spans": found}
    result = {
        "settings": rival.SETTINGS,
        "ingest_s": ingest_s,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "disk_mb": sum(f.stat().st_size for f in folder.rglob("*") if f.is_file()) / 2**20,
        "answers": answers,
    }
    Path(job["out"]).write_text(json.dumps(result, ensure_ascii=False), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
