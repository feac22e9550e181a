"""Bringing the indexes of a version up to date: only what is new is read, where what was there tells.

Texts of a report never change: a report that is read anew is removed and added, under a row id that was
never used before. So an index lacks the passages above its last id, and holds too much of the
reports that are gone.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, Row, Select, func, select

from qa.errors import OtherEmbeddingError
from qa.library import storage, tables
from qa.library.disk import link
from qa.library.manifest import damaged

if TYPE_CHECKING:
    from embeddings import Embedder, TextBatch, VectorCache
    from embeddings.runs import Held
    from embeddings.vectors import Ids

Progress = Callable[[str, int, int], None]
_AT_A_TIME = 20_000


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


def finish_texts(
    folder: Path, manifest: storage.Manifest, progress: Progress, *, base: Path | None
) -> None:
    """Index the words of the version being made in ``folder`` from its ``base``, the version whose
    database it began with; None to read all texts."""
    write_lexical_index(folder, base, progress)
    # The vectors of the version before lack what is new; what they hold need not be made again.
    if base and (known := _known_vectors(base)):
        shutil.copytree(known, folder / storage.VECTORS_BEFORE, copy_function=link)
    manifest.write(folder)


def _known_vectors(version: Path) -> Path | None:
    """The vectors of a version, or else those of the latest before it that had some."""
    folders = (version / storage.VECTORS, version / storage.VECTORS_BEFORE)
    return next((folder for folder in folders if folder.exists()), None)


def complete_vectors(
    library: Path, vectors: VectorMaker, progress: Progress, *, reembed: bool
) -> None:
    """Make the vectors of the version in force if it lacks them, as the next version."""
    old = storage.current_version(library)
    if storage.Manifest.read(old).has_vectors and not reembed:
        return
    embedder = vectors.load()
    known = None if reembed else _known_vectors(old)
    with (
        vectors.open_cache() as cache,
        unembedded(old / storage.DATABASE, known, embedder) as lacking,
    ):
        embed_sentences(lacking, embedder, cache, progress)
        with storage.new_version(library) as folder:
            link(old / storage.DATABASE, folder / storage.DATABASE)
            shutil.copytree(old / storage.LEXICAL, folder / storage.LEXICAL, copy_function=link)
            write_vector_index(folder / storage.VECTORS, lacking, embedder, cache)
            _manifest_with_vectors(vectors.embedding, embedder).write(folder)


def _manifest_with_vectors(embedding: str, embedder: Embedder) -> storage.Manifest:
    model, dimension = embedder.model_id, embedder.dimension
    return storage.Manifest(storage.FORMAT, embedding, model, dimension, has_vectors=True)


def copy_indexes(old: Path, new: Path) -> None:
    """Take over the indexes of a version whose passages are the same."""
    for name in (storage.LEXICAL, storage.VECTORS, storage.VECTORS_BEFORE):
        if (old / name).exists():
            shutil.copytree(old / name, new / name, copy_function=link)
    storage.Manifest.read(old).write(new)


# --- words -------------------------------------------------------------------------------------


def write_lexical_index(folder: Path, old: Path | None, progress: Progress) -> None:
    """Index the passages of the version in ``folder``, from the index of the ``old`` one if it can be."""
    from embeddings import lexical_held, write_lexical

    with _damage_told(folder), _open(folder / storage.DATABASE) as connection:
        previous = old / storage.LEXICAL if old and tables.never_reuses_ids(connection) else None
        held = lexical_held(previous) if previous else None
        after = held.last_id if held else -1
        total = _count(connection, tables.passages.c.id > after)
        write_lexical(
            folder / storage.LEXICAL,
            _text_batches(connection, after, total, progress),
            previous=previous if held else None,
            removed=_gone(connection, held),
        )
    progress("index", total, total)


def _text_batches(
    connection: Connection, after: int, total: int, progress: Progress
) -> Iterator[TextBatch]:
    from embeddings import TextBatch

    table = tables.passages.c
    query = select(table.id, table.report, table.text).where(table.id > after).order_by(table.id)
    done = 0
    for rows in _partitions(connection, query):
        progress("index", done, total)
        yield TextBatch(_column(rows, 0), _column(rows, 1), [row.text for row in rows])
        done += len(rows)


# --- vectors -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Unembedded:
    """The sentences that the index ``previous`` lacks, and the groups that it holds too much."""

    connection: Connection
    previous: Path | None
    after: int
    total: int
    gone: Ids | None

    def batches(self) -> Iterator[tuple[Ids, Ids, list[str]]]:
        """Ids, groups and texts, some thousand at a time, by id."""
        inner, outer = tables.sentences.c, tables.passages.c
        base = outer.start.label("base")
        query = select(inner.id, outer.report, inner.start, inner.end, base, outer.text)
        query = query.join_from(tables.sentences, tables.passages)
        query = query.where(inner.id > self.after).order_by(inner.id)
        for rows in _partitions(self.connection, query):
            texts = [row.text[row.start - row.base : row.end - row.base] for row in rows]
            yield _column(rows, 0), _column(rows, 1), texts


@contextmanager
def unembedded(database: Path, previous: Path | None, embedder: Embedder) -> Iterator[Unembedded]:
    """What has to be embedded to bring the index ``previous`` up to date, or to make one where that
    cannot be added to."""
    from embeddings import vectors_held

    with _open(database) as connection:
        held = None
        if previous and tables.never_reuses_ids(connection):
            held = vectors_held(previous, model_id=embedder.model_id, dimension=embedder.dimension)
        after = held.last_id if held else -1
        total = _count(connection, tables.sentences.c.id > after)
        kept = previous if held else None
        yield Unembedded(connection, kept, after, total, _gone(connection, held))


def embed_sentences(
    lacking: Unembedded, embedder: Embedder, cache: VectorCache, progress: Progress
) -> None:
    """Bring the vectors that `write_vector_index` wants into the cache: hours of work that may fail, kept
    apart from the writing."""
    from embeddings import embed_with_cache

    done = 0
    for _, _, texts in lacking.batches():

        def told(count: int, before: int = done) -> None:
            progress("embed", before + count, lacking.total)

        embed_with_cache(embedder, texts, cache, told)
        done += len(texts)


def write_vector_index(
    folder: Path, lacking: Unembedded, embedder: Embedder, cache: VectorCache
) -> None:
    """Write the index that holds what was lacking, too, into ``folder``."""
    from embeddings import VectorBatch, embed_with_cache, write_index, write_vectors

    batches = (
        VectorBatch(ids, groups, embed_with_cache(embedder, texts, cache))
        for ids, groups, texts in lacking.batches()
    )
    model, dimension = embedder.model_id, embedder.dimension
    if lacking.previous is None:
        write_index(folder, batches, lacking.total, model_id=model, dimension=dimension)
        return
    with _damage_told(folder.parent):
        write_vectors(
            folder,
            batches,
            model_id=model,
            dimension=dimension,
            previous=lacking.previous,
            removed=lacking.gone,
        )


def regroup(earlier: Path, version: Path, held: storage.Manifest) -> bool:
    """Write the vectors of an index that knew no groups as those of ``version``; False if its ids are not
    those of the sentences."""
    import numpy as np

    from embeddings import VectorBatch, vectors_without_groups, write_index

    assert held.model_id is not None
    assert held.dimension is not None
    ids, vectors = vectors_without_groups(earlier, model_id=held.model_id, dimension=held.dimension)
    query = select(tables.sentences.c.id, tables.passages.c.report).join_from(
        tables.sentences, tables.passages
    )
    with _open(version / storage.DATABASE) as connection:
        rows = connection.execute(query.order_by(tables.sentences.c.id)).all()
    if not np.array_equal(ids, _column(rows, 0)):
        return False
    groups = _column(rows, 1)
    batches = (
        VectorBatch(ids[one], groups[one], vectors[one])
        for one in (slice(start, start + _AT_A_TIME) for start in range(0, len(ids), _AT_A_TIME))
    )
    write_index(
        version / storage.VECTORS,
        batches,
        len(ids),
        model_id=held.model_id,
        dimension=held.dimension,
    )
    return True


# --- rows --------------------------------------------------------------------------------------


@contextmanager
def _damage_told(version: Path) -> Iterator[None]:
    """What was found altered as it was to be written on is damage of the library."""
    from embeddings import IndexDamagedError

    try:
        yield
    except IndexDamagedError as error:
        raise damaged(version.parents[1], error.message) from error


@contextmanager
def _open(database: Path) -> Iterator[Connection]:
    engine = tables.open_database(database)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def _count(connection: Connection, condition: ColumnElement[bool]) -> int:
    return connection.execute(select(func.count()).where(condition)).scalar_one()


def _gone(connection: Connection, held: Held | None) -> Ids | None:
    """The groups of reports that are held no more."""
    import numpy as np

    if held is None:
        return None
    rows = list(connection.execute(select(tables.reports.c.id)).scalars())
    return np.setdiff1d(held.groups, np.array(rows, np.int64))


def _partitions(connection: Connection, query: Select[Any]) -> Iterator[Sequence[Row[Any]]]:
    yield from connection.execute(query.execution_options(yield_per=_AT_A_TIME)).partitions()


def _column(rows: Sequence[Any], number: int) -> Ids:
    import numpy as np

    return np.fromiter((row[number] for row in rows), np.int64, len(rows))
