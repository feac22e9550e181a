"""The writing side: files in, a new version out; lexical first, vectors when they are done."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Insert, delete, select

from qa.errors import (
    InputError,
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
from qa.library.indexing import (
    are_outdated,
    embed_sentences,
    unembedded,
    write_lexical_index,
    write_vector_index,
)
from qa.reports.limits import ReadLimits
from qa.reports.origin import UNKNOWN
from qa.reports.parsing import parse_reports
from qa.reports.reading import Document, SourceReader, files_of
from qa.reports.report import Report, Source

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from embeddings import Embedder, VectorCache

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
    notes: list[WenzhengError] = field(default_factory=list)


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
    model: BaseChatModel | None = None,
    limits: ReadLimits | None = None,
) -> IngestSummary:
    """Read files and folders into the library and bring its indexes up to date.

    Idempotent by content. ``progress(stage, done, total)`` is told of each step. A failing file
    fails alone, and so does a member of an archive or a row of a table; ``limits`` bound what a file
    that has to be parsed may cost. ``model`` adds facts that the rules did not find; if it fails the rules' facts are
    kept and ``summary.notes`` says so. Raises ``LibraryError`` or ``embeddings.EmbeddingError`` with the library left as it was, or,
    once the texts are in, with lexical search over them in force.
    """
    with storage.exclusive(library), tables.damage_reported(library):
        _refuse_other_embedding(library, vectors.embedding, reembed=reembed)
        summary = IngestSummary()
        read = [
            replace(file, facts=_facts_of(file, model, summary))
            for file in _read_all(paths, passage_max_chars, limits, summary, progress)
        ]
        _store(library, read, vectors.embedding, summary, progress)
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
            _finish_texts(folder, old, _manifest(library, vectors.embedding), progress)
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
    """``path`` is the document's; ``file`` is another where it is a part of an archive or a table."""

    file: Path
    path: Path
    source: Source
    reports: list[Report]
    facts: Mapping[str, list[Fact]] = field(default_factory=dict)


def _read_all(
    paths: Iterable[Path],
    max_chars: int,
    limits: ReadLimits | None,
    summary: IngestSummary,
    progress: Progress,
) -> Iterator[_ReadFile]:
    files = list(_files(paths, summary))
    with SourceReader(limits) as reader:
        for number, path in enumerate(files, 1):
            for document in reader.read(path):
                try:
                    yield _read(path, document, max_chars)
                except InputError as error:
                    summary.failed.append(Failure(document.path, error))
            progress("read", number, len(files))


def _facts_of(
    file: _ReadFile, model: BaseChatModel | None, summary: IngestSummary
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


def _files(paths: Iterable[Path], summary: IngestSummary) -> Iterator[Path]:
    for path in paths:
        try:
            yield from files_of(path)
        except InputError as error:
            summary.failed.append(Failure(path, error))


def _read(file: Path, document: Document, max_chars: int) -> _ReadFile:
    source = document.source
    if isinstance(source, InputError):
        raise source
    return _ReadFile(file, document.path, source, parse_reports(source, max_chars))


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
    old = storage.current_version(library) if storage.has_library(library) else None
    with storage.new_version(library) as folder:
        database = folder / storage.DATABASE
        if old:
            shutil.copy2(old / storage.DATABASE, database)
        _write_texts(database, read, summary)
        _finish_texts(folder, old, _manifest(library, embedding), progress)


def _has_news(library: Path, read: list[_ReadFile], summary: IngestSummary) -> bool:
    """Fill ``summary.unchanged`` and say False if every file and report is held already."""
    if are_outdated(storage.current_version(library)):
        return True
    engine = tables.open_database(storage.current_version(library) / storage.DATABASE)
    with engine.connect() as connection:
        held = _held_files(connection)
        reports = set(connection.execute(select(tables.reports.c.report_id)).scalars())
    engine.dispose()
    for file in read:
        if not _is_held(file, held) or not reports.issuperset(r.report_id for r in file.reports):
            return True
    if _vanished(held, read, summary):
        return True
    summary.unchanged += [report.report_id for file in read for report in file.reports]
    return False


@dataclass(frozen=True, slots=True)
class _HeldFile:
    source_id: int
    sha256: str
    name: str
    path: str


def _held_files(connection: Connection) -> list[_HeldFile]:
    columns = (
        tables.sources.c.id,
        tables.sources.c.sha256,
        tables.files.c.name,
        tables.files.c.path,
    )
    query = select(*columns).join(tables.files).order_by(tables.files.c.id)
    return [_HeldFile(*row) for row in connection.execute(query)]


def _is_held(file: _ReadFile, held: Iterable[_HeldFile]) -> bool:
    """True if this content is held under this path, or under this name from another place."""
    path = str(file.path.resolve())
    same = [h for h in held if h.sha256 == file.source.sha256]
    return any(h.path == path or Path(h.path).name == file.path.name for h in same)


def _write_texts(database: Path, read: list[_ReadFile], summary: IngestSummary) -> None:
    engine = tables.open_database(database, writable=True)
    tables.METADATA.create_all(engine)
    with engine.begin() as connection:
        for path in _vanished(_held_files(connection), read, summary):
            _drop_file(connection, path)
        for file in read:
            _write_file(connection, file, summary)
    engine.dispose()


def _vanished(
    held: Iterable[_HeldFile], read: Iterable[_ReadFile], summary: IngestSummary
) -> list[str]:
    """Paths of members and rows that the file they came from, read anew, has no more.

    What could not be read this time stays.
    """
    files = list(read)
    whole = {str(file.file.resolve()) for file in files if file.path != file.file}
    seen = {str(file.path.resolve()) for file in files}
    seen |= {str(failure.path.resolve()) for failure in summary.failed}
    return [
        one.path
        for one in held
        if one.path not in seen
        and any(one.path.startswith((f"{file}/", f"{file}#")) for file in whole)
    ]


def _write_file(connection: Connection, file: _ReadFile, summary: IngestSummary) -> None:
    held = _held_files(connection)
    if not _is_held(file, held):
        # The same file with new content gives up what it held; another file of that name does not.
        _drop_file(connection, str(file.path.resolve()))
    sources = {h.sha256: h.source_id for h in held}
    key = sources.get(file.source.sha256)
    if key is None or not _has_source(connection, key):
        row = {"sha256": file.source.sha256, "text": file.source.text}
        key = _inserted(connection, tables.sources.insert().values(row))
        if file.source.origin != UNKNOWN:
            tables.insert_origin(connection, key, file.source.origin)
    if not _is_held(file, held):
        names = {"source_id": key, "name": _free_name(held, file)}
        connection.execute(tables.files.insert().values(**names, path=str(file.path.resolve())))
    _write_reports(connection, key, file, summary)


def _write_reports(
    connection: Connection, source_id: int, file: _ReadFile, summary: IngestSummary
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


def _free_name(held: Iterable[_HeldFile], file: _ReadFile) -> str:
    """The source's name; with its folders before it if another file already bears that name."""
    here = file.path.resolve()
    taken = {h.name for h in held if h.path != str(here)}
    if file.source.name not in taken:
        return file.source.name
    above = here.parts[: len(here.parts) - len(Path(file.source.name).parts)]
    for depth in range(1, len(above) + 1):
        name = "/".join((*above[-depth:], file.source.name))
        if name not in taken:
            return name
    raise LibraryError("name_taken", name=file.path)


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


def _finish_texts(
    folder: Path, old: Path | None, manifest: storage.Manifest, progress: Progress
) -> None:
    write_lexical_index(folder, old, progress)
    # The vectors of the version before lack what is new; what they hold need not be made again.
    if old and (known := _known_vectors(old)):
        shutil.copytree(known, folder / storage.VECTORS_BEFORE, copy_function=_link)
    manifest.write(folder)


def _known_vectors(version: Path) -> Path | None:
    """The vectors of a version, or else those of the latest before it that had some."""
    folders = (version / storage.VECTORS, version / storage.VECTORS_BEFORE)
    return next((folder for folder in folders if folder.exists()), None)


def _complete_vectors(
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
            _link(old / storage.DATABASE, folder / storage.DATABASE)
            shutil.copytree(old / storage.LEXICAL, folder / storage.LEXICAL, copy_function=_link)
            write_vector_index(folder / storage.VECTORS, lacking, embedder, cache)
            _manifest_with_vectors(vectors.embedding, embedder).write(folder)


def _manifest_with_vectors(embedding: str, embedder: Embedder) -> storage.Manifest:
    model, dimension = embedder.model_id, embedder.dimension
    return storage.Manifest(storage.FORMAT, embedding, model, dimension, has_vectors=True)


def _link(source: str | Path, target: str | Path) -> None:
    """Share a file between versions: versions are never written to once they are made."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
