"""Bulk ingests by a real Ray, each in a process of its own.

``python -m tests.qa.library.killed_bulk LIBRARY FOLDER CACHE KILLED_BY`` takes a folder in and prints the
summary. Each part is a file; a file whose text holds ``KILLED_BY`` kills the worker that embeds it.
"""

import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from embeddings import VectorCache
from embeddings.vectors import Vectors
from qa.library import bulk
from qa.library.bulk import Work, ingest_in_bulk
from qa.library.indexing import VectorMaker
from qa.library.ray_engine import ray_engine
from qa.library.taking import Taker
from qa.reports.limits import ReadLimits
from tests.embeddings.conftest import HashEmbedder


class DeadlyEmbedder(HashEmbedder):
    """Ends its process over texts with a word."""

    def __init__(self, killed_by: str) -> None:
        super().__init__()
        self._killed_by = killed_by

    def encode_documents(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> Vectors:
        if self._killed_by and any(self._killed_by in text for text in texts):
            os._exit(9)
        return super().encode_documents(texts, progress)


def _progress(stage: str, done: int, total: int) -> None:
    print(f"{stage} {done} {total}", file=sys.stderr, flush=True)


def main(library: Path, folder: Path, cache: Path, killed_by: str) -> None:
    vectors = VectorMaker("hash", lambda: DeadlyEmbedder(killed_by), lambda: VectorCache(cache))
    limits = ReadLimits()
    taker = Taker(library, vectors, 450, limits, _progress, print)
    work = Work(vectors, 450, limits, frozenset())
    summary = ingest_in_bulk(taker, [folder], ray_engine(2), work)
    told = {"added": summary.added, "unchanged": summary.unchanged}
    told["failed"] = [f"{one.path.name} {one.error.key}" for one in summary.failed]
    print(json.dumps(told))


if __name__ == "__main__":
    bulk._LEAST_FILES, bulk._SHARE = 1, 0
    main(*map(Path, sys.argv[1:4]), sys.argv[4])
