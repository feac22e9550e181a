"""Wenzheng with its default settings and an empty cache of vectors."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from api.assembly import ChainOpener
from qa.library.ingest import ingest as ingest_files
from qa.settings import Settings

SETTINGS = "passages of its own; dense, BM25 and facts (default)"


def ingest(texts: Mapping[str, str], folder: Path) -> Any:
    sources, cache = folder.parent / "sources", folder / "cache"
    sources.mkdir(exist_ok=True)
    cache.mkdir(parents=True)
    for name, text in texts.items():
        (sources / name).write_text(text, "utf-8")
    model = Path(os.environ["RIVALS_MODEL"])
    # A link, which the size on disk leaves out: the others' model lies elsewhere too.
    (cache / model.name).symlink_to(model)
    settings = Settings(library=folder / "library", cache=cache)
    opener = ChainOpener(settings, assisted=False)
    ingest_files(
        settings.library,
        [sources],
        opener.vector_maker(),
        passage_max_chars=settings.passage_max_chars,
        progress=lambda stage, done, total: None,
    )
    chain = opener.open()

    def search(question: str, k: int) -> list[tuple[str, int, int]]:
        passages = [hit.passage for hit in chain.search(question, k).hits]
        return [(p.source, p.start, p.end) for p in passages]

    return search
