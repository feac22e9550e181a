"""The writing side: files in, a new version out; lexical first, vectors when they are done."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.engine import Row

from qa.errors import InputError, LibraryError, OtherEmbeddingError, ReportNotFoundError
from qa.facts.extraction import extract_facts
from qa.library import storage, tables
from qa.reports.parsing import parse_reports
from qa.reports.reading import files_of, read_source
from qa.reports.report import Report, Source

if TYPE_CHECKING:
    from embeddings import Embedder, VectorCache
    from embeddings.vectors import Ids

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Failure:
    """A path that could not be taken in, and why."""

    path: Path
    error: InputError


@dataclass(slots=True)
class IngestSummary:
    """What became of each path: report ids that are new or were held, and failures with reasons."""

    added: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    failed: list[Failure] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class VectorMaker:
    """What turns sentences into vectors: made only when there is something to embed.

    ``embedding`` is the setting's value, kept in the manifest to name the remedy of a mismatch.
    """

    embedding: str
    load: Callable[[], Embedder]
    open_cache: Callable[[], VectorCache]


def ingest(
    library: Path,
    paths: Iterable[Path],
    vectors: VectorMaker,
    *,
    passage_max_chars: int,
    progress: Progress,
    reembed: bool = False,
) -> IngestSummary:
    """Read files and folders into the library and bring its indexes up to date.

    Idempotent by content. ``progress(stage, done, total)`` is told of each step. A failing file
    fails alone. Raises ``LibraryError`` or ``embeddings.EmbeddingError`` with the library left as it was, or,
    once the texts are in, with lexical search over them in force.
    """
    with storage.exclusive(library):
        _refuse_other_embedding(library, vectors.embedding, reembed=reembed)
        summary = IngestSummary()
        read = list(_read_all(paths, passage_max_chars, summary, progress))
        _store(library, read, vectors.embedding, summary, progress)
        if storage.has_library(library):
            _complete_vectors(library, vectors, progress, reembed=reembed)
        return summary


def remove(library: Path, report_id: str, vectors: VectorMaker, progress: Progress) -> None:
    """Delete a report; raises ``ReportNotFoundError``."""
    with storage.exclusive(library):
        _refuse_other_embedding(library, vectors.embedding, reembed=False)
        old = storage.current_version(library)
        with storage.new_version(library) as folder:
            shutil.copy2(old / storage.DATABASE, folder / storage.DATABASE)
            _delete_report(folder / storage.DATABASE, report_id)
            _finish_texts(folder, _manifest(library, vectors.embedding), progress)
        _complete_vectors(library, vectors, progress, reembed=False)


def _refuse_other_embedding(library: Path, embedding: str, *, reembed: bool) -> None:
    if reembed or not storage.has_library(library):
        return
    held = storage.Manifest.read(storage.current_version(library)).embedding
    if held != embedding:
        raise OtherEmbeddingError("other_embedding", path=library, held=held, embedding=embedding)


# --- reading files -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _ReadFile:
    path: Path
    source: Source
    reports: list[Report]


def _read_all(
    paths: Iterable[Path], max_chars: int, summary: IngestSummary, progress: Progress
) -> Iterator[_ReadFile]:
    files = list(_files(paths, summary))
    for number, path in enumerate(files, 1):
        try:
            yield _read(path, max_chars)
        except InputError as error:
            summary.failed.append(Failure(path, error))
        progress("read", number, len(files))


def _files(paths: Iterable[Path], summary: IngestSummary) -> Iterator[Path]:
    for path in paths:
        try:
            yield from files_of(path)
        except InputError as error:
            summary.failed.append(Failure(path, error))


def _read(path: Path, max_chars: int) -> _ReadFile:
    source = read_source(path)
    return _ReadFile(path, source, parse_reports(source, max_chars))


# --- storing texts -----------------------------------------------------------------------------


def _store(
    library: Path,
    read: list[_ReadFile],
    embedding: str,
    summary: IngestSummary,
    progress: Progress,
) -> None:
    """Write a version with the new texts and their lexical index, if there is anything new."""
    if not read:
        return
    if storage.has_library(library) and not _has_news(library, read, summary):
        return
    with storage.new_version(library) as folder:
        database = folder / storage.DATABASE
        if storage.has_library(library):
            shutil.copy2(storage.current_version(library) / storage.DATABASE, database)
        _write_texts(database, read, summary)
        _finish_texts(folder, _manifest(library, embedding), progress)


def _has_news(library: Path, read: list[_ReadFile], summary: IngestSummary) -> bool:
    """Fill ``summary.unchanged`` and say False if every file is held already under its name."""
    engine = tables.open_database(storage.current_version(library) / storage.DATABASE)
    with engine.connect() as connection:
        held = {
            row.sha256: {row.name, *json.loads(row.aliases)} for row in _source_rows(connection)
        }
    engine.dispose()
    if any(file.source.name not in held.get(file.source.sha256, ()) for file in read):
        return True
    summary.unchanged += [report.report_id for file in read for report in file.reports]
    return False


def _source_rows(connection: Connection) -> list[Row[Any]]:
    columns = tables.sources.c
    query = select(columns.id, columns.name, columns.path, columns.sha256, columns.aliases)
    return list(connection.execute(query))


def _write_texts(database: Path, read: list[_ReadFile], summary: IngestSummary) -> None:
    engine = tables.open_database(database, writable=True)
    tables.METADATA.create_all(engine)
    with engine.begin() as connection:
        for file in read:
            known = _write_alias(connection, file)
            if not known:
                _write_file(connection, file)
            ids = [report.report_id for report in file.reports]
            (summary.unchanged if known else summary.added).extend(ids)
    engine.dispose()


def _write_alias(connection: Connection, file: _ReadFile) -> bool:
    """True if this content is held already; a new name for it is noted."""
    for row in _source_rows(connection):
        if row.sha256 == file.source.sha256:
            names = {row.name, *json.loads(row.aliases)}
            if file.source.name not in names:
                aliases = json.dumps([*json.loads(row.aliases), file.source.name])
                here = tables.sources.c.id == row.id
                connection.execute(update(tables.sources).where(here).values(aliases=aliases))
            return True
    return False


def _write_file(connection: Connection, file: _ReadFile) -> None:
    path = str(file.path.resolve())
    # The same file with new content replaces what it held; another file of that name does not.
    connection.execute(delete(tables.sources).where(tables.sources.c.path == path))
    name = _free_name(connection, file.path)
    row = {
        "name": name,
        "path": path,
        "sha256": file.source.sha256,
        "aliases": "[]",
        "text": file.source.text,
    }
    key = connection.execute(tables.sources.insert().values(row)).inserted_primary_key
    assert key is not None
    for report in file.reports:
        tables.insert_report(connection, key[0], report, extract_facts(file.source, report))


def _free_name(connection: Connection, path: Path) -> str:
    """The file's name; with its folders before it if another file already bears that name."""
    taken = {row.name for row in _source_rows(connection)}
    parts = path.resolve().parts
    for depth in range(1, len(parts) + 1):
        name = "/".join(parts[-depth:])
        if name not in taken:
            return name
    raise LibraryError("name_taken", name=path)


def _delete_report(database: Path, report_id: str) -> None:
    engine = tables.open_database(database, writable=True)
    with engine.begin() as connection:
        here = tables.reports.c.report_id == report_id
        if connection.execute(delete(tables.reports).where(here)).rowcount == 0:
            raise ReportNotFoundError("no_report", report_id=report_id)
        kept = select(tables.reports.c.source_id)
        connection.execute(delete(tables.sources).where(tables.sources.c.id.not_in(kept)))
    engine.dispose()


# --- indexes -----------------------------------------------------------------------------------


def _manifest(library: Path, embedding: str) -> storage.Manifest:
    if storage.has_library(library):
        held = storage.Manifest.read(storage.current_version(library))
        return storage.Manifest(
            storage.FORMAT, held.embedding, held.model_id, held.dimension, has_vectors=False
        )
    return storage.Manifest(storage.FORMAT, embedding, None, None, has_vectors=False)


def _finish_texts(folder: Path, manifest: storage.Manifest, progress: Progress) -> None:
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


def _complete_vectors(
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
        _link(old / storage.DATABASE, folder / storage.DATABASE)
        shutil.copytree(old / storage.LEXICAL, folder / storage.LEXICAL, copy_function=_link)
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


def _link(source: str | Path, target: str | Path) -> None:
    """Share a file between versions: versions are never written to once they are made."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
