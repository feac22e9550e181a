"""A process that forks one child for each operation to be killed in the middle of it.

``python -m tests.faults.zygote`` reads a line ``{"library", "cache", "paths", "report_id", "at"}`` and
answers ``{"seen", "killed"}``: the child dies by SIGKILL at its operation number ``at`` on files.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from qa.errors import ReportNotFoundError
from qa.library.indexing import VectorMaker
from tests.embeddings.conftest import HashEmbedder
from tests.faults.door import door, kill_here
from tests.faults.scene import Operation

ROOT = Path(__file__).parents[2]


def _perform(asked: dict[str, Any]) -> int:
    """Do it in this process, which may not live to tell; returns the operations seen."""
    from embeddings import VectorCache

    cache = Path(asked["cache"]) / "vectors.sqlite"
    vectors = VectorMaker("hash", HashEmbedder, lambda: VectorCache(cache))
    operation = Operation("", tuple(map(Path, asked["paths"])), asked["report_id"])
    killing = door(Path(asked["library"]), asked["at"], kill_here)
    with killing as watched, contextlib.suppress(ReportNotFoundError):
        operation.perform(Path(asked["library"]), vectors)
    return watched.seen


def _in_child(asked: dict[str, Any]) -> dict[str, Any]:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.write(writing, str(_perform(asked)).encode())
            status = 0
        finally:
            os._exit(status)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        seen = pipe.read()
    _, status = os.waitpid(child, 0)
    killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    if not killed and status:
        raise SystemExit(f"the child broke: {asked}")
    return {"seen": int(seen or 0), "killed": killed}


class Zygote:
    """The process, as those who ask it see it."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.zygote"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def perform(self, operation: Operation, library: Path, cache: Path, at: int) -> dict[str, Any]:
        """Perform an operation, killed at its operation number ``at`` on files; 0 for not at all."""
        asked = {
            "library": str(library),
            "cache": str(cache),
            "paths": [str(path) for path in operation.paths],
            "report_id": operation.report_id,
            "at": at,
        }
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "the zygote died"
        told: dict[str, Any] = json.loads(line)
        return told

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()


def _preload() -> None:
    """Import what every child would; run nothing of it, for threads do not survive a fork."""
    import embeddings.bm25_index
    import embeddings.faiss_index
    import qa.facts.extraction
    import qa.places

    assert embeddings.bm25_index
    assert embeddings.faiss_index
    assert qa.facts.extraction
    assert qa.places


if __name__ == "__main__":
    _preload()
    for line in sys.stdin:
        print(json.dumps(_in_child(json.loads(line))), flush=True)
