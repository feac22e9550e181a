"""An ingest that hangs while it embeds, run as a process of its own to be killed there.

``python -m tests.qa.library.killed_ingest LIBRARY FILE CACHE`` prints ``embedding`` when it hangs.
"""

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from embeddings import VectorCache
from embeddings.vectors import Vectors
from qa.library.ingest import VectorMaker, ingest
from tests.conftest import no_progress
from tests.embeddings.conftest import HashEmbedder


class HangingEmbedder(HashEmbedder):
    def encode_documents(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> Vectors:
        print("embedding", flush=True)
        time.sleep(600)
        raise AssertionError("nobody killed this process")


if __name__ == "__main__":
    library, file, cache = map(Path, sys.argv[1:])
    vectors = VectorMaker("hash", HangingEmbedder, lambda: VectorCache(cache))
    ingest(library, [file], vectors, passage_max_chars=450, progress=no_progress)
