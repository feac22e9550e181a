"""A run over a list whose batches are small, as a process of its own to be killed in the middle.

``python -m tests.qa.library.killed_list LIBRARY HOST:PORT CACHE LIST`` says ``batch`` after each batch.
"""

import sys
from pathlib import Path

from embeddings import VectorCache
from qa.library import web
from qa.library.ingest import VectorMaker
from qa.library.taking import Taker
from qa.reports.fetching.rules import FetchRules
from qa.reports.limits import ReadLimits
from tests.conftest import no_progress
from tests.embeddings.conftest import HashEmbedder

if __name__ == "__main__":
    library, host, cache, name = sys.argv[1:]
    web.BATCH = 2
    vectors = VectorMaker("hash", HashEmbedder, lambda: VectorCache(Path(cache)))
    taker = Taker(
        Path(library), vectors, 450, ReadLimits(), no_progress, lambda error: print(error)
    )
    rules = FetchRules(hosts=frozenset({host}), delay_seconds=0.0)
    with web.WebIngest(taker, rules) as run:
        summary = run.take(list(run.read_list(name).entries), name)
    print(summary.earlier, len(summary.added), len(summary.failed), flush=True)
