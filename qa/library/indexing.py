"""The indexes of a version: BM25 over passages with the texts, nearest sentences when vectors are made."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select

from qa.errors import OtherEmbeddingError
from qa.library import storage, tables

if TYPE_CHECKING:
    from embeddings import Embedder, VectorCache
    from embeddings.vectors import Ids

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class VectorMaker:
    """What turns sentences into vectors: made only when there is something to embed.

    ``embedding`` is the setting's value, kept in the manifest to name the remedy of a mismatch.
    """

    embedding: str
    load: Callable[[], Embedder]
    open_cache: Callable[[], VectorCache]


def refuse_other_embedding(library: Path, embedding: str, *, reembed: bool) -> None:
    if reembed or not storage.has_library(library):
        return
    held = storage.Manifest.read(storage.current_version(library)).embedding
    if held != embedding:
        raise OtherEmbeddingError("other_embedding", path=library, held=held, embedding=embedding)


def manifest_of(library: Path, embedding: str) -> storage.Manifest:
    if storage.has_library(library):
        held = storage.Manifest.read(storage.current_version(library))
        return storage.Manifest(
            storage.FORMAT, held.embedding, held.model_id, held.dimension, has_vectors=False
        )
    return storage.Manifest(storage.FORMAT, embedding, None, None, has_vectors=False)


def finish_texts(folder: Path, manifest: storage.Manifest, progress: Progress) -> None:
    import numpy as np

    from embeddings import Bm25Index

    engine = tables.open_database(folder / storage.DATABASE)
    with engine.connect() as connection:
        rows = connection.execute(
            select(tables.passages.c.id, tables.passages.c.text, tables.passages.c.headings)
        ).all()
    engine.dispose()
    progress("index", 0, len(rows))
    ids = np.array([row.id for row in rows], dtype=np.int64)
    Bm25Index.build(ids, [row.text for row in rows]).save(folder / storage.LEXICAL)
    manifest.write(folder)
    progress("index", len(rows), len(rows))


def complete_vectors(
    library: Path, vectors: VectorMaker, progress: Progress, *, reembed: bool
) -> None:
    """Make the vectors of the version in force if it lacks them, as the next version."""
    old = storage.current_version(library)
    if storage.Manifest.read(old).has_vectors and not reembed:
        return
    from embeddings import FaissIndex, embed_with_cache

    ids, texts = _sentence_texts(old / storage.DATABASE)
    embedder = vectors.load()
    with vectors.open_cache() as cache:
        matrix = embed_with_cache(
            embedder, texts, cache, lambda done: progress("embed", done, len(texts))
        )
    with storage.new_version(library) as folder:
        link(old / storage.DATABASE, folder / storage.DATABASE)
        shutil.copytree(old / storage.LEXICAL, folder / storage.LEXICAL, copy_function=link)
        index = FaissIndex.build(ids, matrix, model_id=embedder.model_id)
        index.save(folder / storage.VECTORS)
        storage.Manifest(
            storage.FORMAT,
            vectors.embedding,
            embedder.model_id,
            embedder.dimension,
            has_vectors=True,
        ).write(folder)


def _sentence_texts(database: Path) -> tuple[Ids, list[str]]:
    import numpy as np

    engine = tables.open_database(database)
    inner, outer = tables.sentences.c, tables.passages.c
    query = select(inner.id, inner.start, inner.end, outer.start.label("base"), outer.text)
    with engine.connect() as connection:
        rows = connection.execute(query.join(tables.passages).order_by(inner.id)).all()
    engine.dispose()
    ids = np.array([row.id for row in rows], dtype=np.int64)
    return ids, [row.text[row.start - row.base : row.end - row.base] for row in rows]


def link(source: str | Path, target: str | Path) -> None:
    """Share a file between versions: versions are never written to once they are made."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def copy_indexes(old: Path, new: Path) -> None:
    """Take over the indexes of a version whose passages are the same."""
    for name in (storage.LEXICAL, storage.VECTORS):
        if (old / name).exists():
            shutil.copytree(old / name, new / name, copy_function=link)
    storage.Manifest.read(old).write(new)
