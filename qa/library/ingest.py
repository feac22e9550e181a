"""The writing side: files in, a new version out; lexical first, vectors when they are done."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Insert, delete, func, select

from qa.errors import (
    LibraryError,
    ModelUnavailableError,
    OtherEmbeddingError,
    ReportNotFoundError,
    WenzhengError,
)
from qa.facts.extraction import extract_facts
from qa.facts.fact import Fact
from qa.facts.model_pass import add_facts
from qa.library import storage, tables
from qa.library.held_files import HeldFile, held_files, paths_held, reports_of
from qa.library.read_files import Failure, Progress, ReadFile, key_of, read_all, wholes_of
from qa.reports.fetching.gathered import Gathered
from qa.reports.limits import ReadLimits
from qa.reports.origin import UNKNOWN

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from embeddings import Embedder, VectorCache
    from embeddings.vectors import Ids


@dataclass(slots=True)
class IngestSummary:
    """What became of each path: report ids that are new or were held, and failures with reasons.

    ``read`` has the ids that each file (by its path) or address gave.
    """

    added: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    failed: list[Failure] = field(default_factory=list)
    notes: list[WenzhengError] = field(default_factory=list)
    read: dict[str, list[str]] = field(default_factory=dict)

    def include(self, other: IngestSummary) -> None:
        """Add what became of others."""
        self.added += other.added
        self.unchanged += other.unchanged
        self.failed += other.failed
        self.notes += other.notes
        self.read |= other.read


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
    paths: Iterable[Path | Gathered],
    vectors: VectorMaker,
    *,
    passage_max_chars: int,
    progress: Progress,
    reembed: bool = False,
    model: BaseChatModel | None = None,
    limits: ReadLimits | None = None,
) -> IngestSummary:
    """Read files, folders and what was gathered from the web into the library, and bring its indexes
    up to date.

    Idempotent by content. ``progress(stage, done, total)`` is told of each step. A failing file
    fails alone, and so does a member of an archive or a row of a table; ``limits`` bound what a file
    that has to be parsed may cost. ``model`` adds facts that the rules did not find; if it fails the rules' facts are
    kept and ``summary.notes`` says so. Raises ``LibraryError`` or ``embeddings.EmbeddingError`` with the library left as it was, or,
    once the texts are in, with lexical search over them in force.
    """
    with storage.exclusive(library), tables.damage_reported(library):
        _refuse_other_embedding(library, vectors.embedding, reembed=reembed)
        summary = IngestSummary()
        items = list(paths)
        read = [
            replace(file, facts=_facts_of(file, model, summary))
            for file in read_all(items, passage_max_chars, limits, summary.failed, progress)
        ]
        _store(library, read, vectors.embedding, summary, progress)
        _tell_each(library, items, read, summary)
        if storage.has_library(library):
            _complete_vectors(library, vectors, progress, reembed=reembed)
        return summary


def remove(library: Path, report_id: str, vectors: VectorMaker, progress: Progress) -> None:
    """Delete a report; raises ``ReportNotFoundError``."""
    storage.current_version(library)
    with storage.exclusive(library), tables.damage_reported(library):
        _refuse_other_embedding(library, vectors.embedding, reembed=False)
        old = storage.current_version(library)
        with storage.new_version(library) as folder:
            shutil.copy2(old / storage.DATABASE, folder / storage.DATABASE)
            _delete_report(folder / storage.DATABASE, report_id)
            _finish_texts(folder, _manifest(library, vectors.embedding), progress)
        _complete_vectors(library, vectors, progress, reembed=False)


def forget(library: Path, keys: Iterable[str], vectors: VectorMaker, progress: Progress) -> int:
    """Let go of files (by their paths) or addresses, with all their parts; the number of reports that
    no other file holds and that went with them. Raises as ``ingest`` does."""
    gone = set(keys)
    with storage.exclusive(library), tables.damage_reported(library):
        if not storage.has_library(library) or not any(_held_below(library, gone)):
            return 0
        _refuse_other_embedding(library, vectors.embedding, reembed=False)
        old = storage.current_version(library)
        with storage.new_version(library) as folder:
            shutil.copy2(old / storage.DATABASE, folder / storage.DATABASE)
            count = _drop_files(folder / storage.DATABASE, gone)
            _finish_texts(folder, _manifest(library, vectors.embedding), progress)
        _complete_vectors(library, vectors, progress, reembed=False)
        return count


def _held_below(library: Path, wholes: set[str]) -> Iterator[str]:
    return (path for path in paths_held(library) if not wholes.isdisjoint(wholes_of(path)))


def _drop_files(database: Path, wholes: set[str]) -> int:
    """Drop all of these files and their parts; how many reports went with them."""
    engine = tables.open_database(database, writable=True)
    counted = select(func.count()).select_from(tables.reports)
    with engine.begin() as connection:
        before = connection.execute(counted).scalar_one()
        for held in held_files(connection):
            if not wholes.isdisjoint(wholes_of(held.path)):
                _drop_file(connection, held.path)
        after = connection.execute(counted).scalar_one()
    engine.dispose()
    return before - after


def _refuse_other_embedding(library: Path, embedding: str, *, reembed: bool) -> None:
    if reembed or not storage.has_library(library):
        return
    held = storage.Manifest.read(storage.current_version(library)).embedding
    if held != embedding:
        raise OtherEmbeddingError("other_embedding", path=library, held=held, embedding=embedding)


def _facts_of(
    file: ReadFile, model: BaseChatModel | None, summary: IngestSummary
) -> dict[str, list[Fact]]:
    """Report id → its facts: the rules', and what the model adds."""
    facts = {r.report_id: extract_facts(file.source, r) for r in file.reports}
    if model is None:
        return facts
    for report in file.reports:
        try:
            known = facts[report.report_id]
            known += add_facts(model, file.source, report, known)
        except ModelUnavailableError as error:
            summary.notes.append(error)
            break
    return facts


# --- storing texts -----------------------------------------------------------------------------


def _store(
    library: Path,
    read: list[ReadFile],
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


def _has_news(library: Path, read: list[ReadFile], summary: IngestSummary) -> bool:
    """Fill ``summary.unchanged`` and say False if every file and report is held already."""
    engine = tables.open_database(storage.current_version(library) / storage.DATABASE)
    with engine.connect() as connection:
        held = held_files(connection)
        reports = set(connection.execute(select(tables.reports.c.report_id)).scalars())
    engine.dispose()
    for file in read:
        if not _is_held(file, held) or not reports.issuperset(r.report_id for r in file.reports):
            return True
    if _vanished(held, read, summary):
        return True
    summary.unchanged += [report.report_id for file in read for report in file.reports]
    return False


def _tell_each(
    library: Path,
    items: Iterable[Path | Gathered],
    read: Iterable[ReadFile],
    summary: IngestSummary,
) -> None:
    """Fill ``summary.read``; what an unmodified address gave before is unchanged."""
    for file in read:
        summary.read.setdefault(file.whole, []).extend(r.report_id for r in file.reports)
    unmodified = [item.url for item in items if isinstance(item, Gathered) and item.unmodified]
    if unmodified and storage.has_library(library):
        held = reports_of(library, unmodified)
        summary.read |= held
        summary.unchanged += [one for ids in held.values() for one in ids]


def _is_held(file: ReadFile, held: Iterable[HeldFile]) -> bool:
    """True if this content is held under this path, or under this name from another place.

    Not from another address: it is by its own that what was fetched is cited and asked for anew.
    """
    same = [h for h in held if h.sha256 == file.source.sha256]
    if any(h.path == file.key for h in same):
        return True
    return isinstance(file.path, Path) and any(Path(h.path).name == file.path.name for h in same)


def _write_texts(database: Path, read: list[ReadFile], summary: IngestSummary) -> None:
    engine = tables.open_database(database, writable=True)
    tables.METADATA.create_all(engine)
    with engine.begin() as connection:
        for path in _vanished(held_files(connection), read, summary):
            _drop_file(connection, path)
        for file in read:
            _write_file(connection, file, summary)
    engine.dispose()


def _vanished(
    held: Iterable[HeldFile], read: Iterable[ReadFile], summary: IngestSummary
) -> list[str]:
    """Paths of members, rows and attachments that what they came from, read anew, has no more.

    What could not be read this time stays.
    """
    files = list(read)
    whole = {file.whole for file in files}
    seen = {file.key for file in files}
    seen |= {key_of(failure.path) for failure in summary.failed}
    return [
        one.path
        for one in held
        if one.path not in seen and not whole.isdisjoint(wholes_of(one.path))
    ]


def _write_file(connection: Connection, file: ReadFile, summary: IngestSummary) -> None:
    held = held_files(connection)
    if not _is_held(file, held):
        # The same file with new content gives up what it held; another file of that name does not.
        _drop_file(connection, file.key)
    sources = {h.sha256: h.source_id for h in held}
    key = sources.get(file.source.sha256)
    if key is None or not _has_source(connection, key):
        row = {"sha256": file.source.sha256, "text": file.source.text}
        key = _inserted(connection, tables.sources.insert().values(row))
        if file.source.origin != UNKNOWN:
            tables.insert_origin(connection, key, file.source.origin)
    elif file.source.origin.url:
        tables.add_address(connection, key, file.source.origin)
    if not _is_held(file, held):
        names = {"source_id": key, "name": _free_name(held, file)}
        connection.execute(tables.files.insert().values(**names, path=file.key))
    _write_reports(connection, key, file, summary)


def _write_reports(
    connection: Connection, source_id: int, file: ReadFile, summary: IngestSummary
) -> None:
    here = tables.reports.c.source_id == source_id
    held = set(connection.execute(select(tables.reports.c.report_id).where(here)).scalars())
    for report in file.reports:
        if report.report_id in held:
            summary.unchanged.append(report.report_id)
        else:
            facts = file.facts[report.report_id]
            tables.insert_report(connection, source_id, report, facts)
            summary.added.append(report.report_id)


def _drop_file(connection: Connection, path: str) -> None:
    """Forget a path, and its source if no other file holds that text."""
    connection.execute(delete(tables.files).where(tables.files.c.path == path))
    kept = select(tables.files.c.source_id)
    connection.execute(delete(tables.sources).where(tables.sources.c.id.not_in(kept)))


def _has_source(connection: Connection, key: int) -> bool:
    query = select(tables.sources.c.id).where(tables.sources.c.id == key)
    return connection.execute(query).first() is not None


def _inserted(connection: Connection, statement: Insert) -> int:
    key = connection.execute(statement).inserted_primary_key
    assert key is not None
    return int(key[0])


def _free_name(held: Iterable[HeldFile], file: ReadFile) -> str:
    """The first of its names that no other file bears."""
    taken = {h.name for h in held if h.path != file.key}
    for name in _names(file):
        if name not in taken:
            return name
    raise LibraryError("name_taken", name=file.path)


def _names(file: ReadFile) -> Iterator[str]:
    """The source's name; then with its folders before it, or as the whole address."""
    yield file.source.name
    if isinstance(file.path, str):
        yield file.path
        return
    here = Path(file.key)
    above = here.parts[: len(here.parts) - len(Path(file.source.name).parts)]
    for depth in range(1, len(above) + 1):
        yield "/".join((*above[-depth:], file.source.name))


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
