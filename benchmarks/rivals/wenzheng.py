"""Wenzheng with its default settings and an empty cache of vectors."""

from collections.abc import Mapping
from pathlib import Path

import api.assembly
from api.assembly import ChainOpener
from benchmarks.rivals import Search
from benchmarks.rivals.embedding import bundled

# What an ingest imports when it comes to it is imported before the clock starts, as the others' is.
from embeddings import Bm25Index, FaissIndex, VectorCache  # noqa: F401
from qa.chain import Chain  # noqa: F401
from qa.library.ingest import ingest as ingest_files
from qa.search import Searcher  # noqa: F401
from qa.settings import Settings

FORMS = {"default": "passages of its own; vectors, BM25 and facts (default)"}


def ingest(texts: Mapping[str, str], folder: Path, form: str) -> Search:
    """The reports in a library in ``folder``."""
    sources, cache = folder.parent / "sources", folder / "cache"
    sources.mkdir(exist_ok=True)
    cache.mkdir(parents=True)
    for name, text in texts.items():
        (sources / name).write_text(text, "utf-8")
    # The model that is loaded already, as in the other systems.
    api.assembly.embedder_of = lambda settings, progress=None: bundled()
    settings = Settings(library=folder / "library", cache=cache)
    opener = ChainOpener(settings, assisted=False)
    summary = ingest_files(
        settings.library,
        [sources / name for name in texts],
        opener.vector_maker(),
        passage_max_chars=settings.passage_max_chars,
        progress=lambda stage, done, total: None,
    )
    # Only whole corpora are compared.
    if summary.failed:
        raise ValueError(f"not read: {summary.failed}")
    chain = opener.open()

    def search(question: str, k: int) -> list[tuple[str, str]]:
        passages = [hit.passage for hit in chain.search(question, k).hits]
        return [(p.source, texts[p.source][p.start : p.end]) for p in passages]

    return search
