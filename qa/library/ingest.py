"""The writing side: files in, a new version out; lexical first, vectors when they are done."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Insert, delete, func, select

from qa.errors import (
    CorrectionError,
    LibraryError,
    ReportNotFoundError,
    WenzhengError,
)
from qa.facts.extraction import extract_facts
from qa.library import source_rows, storage, tables
from qa.library.correcting import put_in_force, reading
from qa.library.corrections import KeptCorrections, keep_correction, kept_corrections
from qa.library.held_files import HeldFile, HeldFiles, held_files, paths_held, reports_of
from qa.library.indexing import (
    VectorMaker,
    complete_vectors,
    finish_texts,
    manifest_of,
    refuse_other_embedding,
)
from qa.library.kinship import compare_new, is_complete
from qa.library.meta_table import MetaTable, RowFault, match_rows
from qa.library.migrations import bring_up_to_date
from qa.library.originals import incoming, keep_originals
from qa.library.read_files import Failure, Item, Progress, ReadFile, key_of, read_all, wholes_of
from qa.library.rereading import Rereading, facts_of, wanted_corrections
from qa.reports.correcting import Correction
from qa.reports.fetching.gathered import Gathered
from qa.reports.limits import ReadLimits
from qa.reports.origin import UNKNOWN
from qa.reports.parsing import parse_reports

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel


@dataclass(slots=True)
class IngestSummary:
    """What became of each path: report ids that are new or were held, and failures with reasons.

    ``read`` has the ids that each file (by its path) or address gave.

    ``corrected`` are the ids of reports that a table of metadata changed, ``meta_failed`` its rows that
    could not be used.
    """

    added: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    failed: list[Failure] = field(default_factory=list)
    notes: list[WenzhengError] = field(default_factory=list)
    read: dict[str, list[str]] = field(default_factory=dict)
    corrected: list[str] = field(default_factory=list)
    meta_failed: list[RowFault] = field(default_factory=list)

    def include(self, other: IngestSummary) -> None:
        """Add what became of others."""
        self.added += other.added
        self.unchanged += other.unchanged
        self.failed += other.failed
        self.notes += other.notes
        self.read |= other.read
        self.corrected += other.corrected
        self.meta_failed += other.meta_failed


def ingest(
    library: Path,
    paths: Iterable[Item],
    vectors: VectorMaker,
    *,
    passage_max_chars: int,
    progress: Progress,
    reembed: bool = False,
    model: BaseChatModel | None = None,
    limits: ReadLimits | None = None,
    meta: MetaTable | None = None,
) -> IngestSummary:
    """Read files, folders and what was gathered from the web into the library, and bring its indexes
    up to date.

    Idempotent by content. ``progress(stage, done, total)`` is told of each step. A failing file
    fails alone, and so does a member of an archive or a row of a table; ``limits`` bound what a file
    that has to be parsed may cost. What was corrected by hand stays corrected; ``meta`` corrects more,
    of all reports held. ``model`` adds facts that the rules did not find; if it fails the rules' facts are
    kept and ``summary.notes`` says so. Raises ``LibraryError`` or ``embeddings.EmbeddingError`` with the library left as it was; where
    nothing was in force yet that has vectors, the texts are, with lexical search over them.
    """
    bring_up_to_date(library)
    with (
        storage.exclusive(library),
        tables.damage_reported(library),
        incoming(library) as originals,
    ):
        refuse_other_embedding(library, vectors.embedding, reembed=reembed)
        summary = IngestSummary()
        kept = _kept_corrections(library)
        items = list(paths)
        read = []
        files = read_all(items, passage_max_chars, limits, summary.failed, progress, originals)
        for file in keep_originals(library, files):
            corrected = _corrected(file, kept, passage_max_chars, summary)
            if corrected.facts is None:
                facts = facts_of(corrected.source, corrected.reports, model, summary.notes)
                corrected = replace(corrected, facts=facts)
            read.append(corrected)
        _store(library, read, vectors.embedding, summary, progress)
        _tell_each(library, items, read, summary)
        if meta is not None:
            how = Rereading(vectors.embedding, passage_max_chars, model, progress)
            _correct_by_table(library, meta, how, summary)
        if storage.has_library(library):
            complete_vectors(library, vectors, progress, reembed=reembed)
        return summary


def remove(library: Path, report_id: str, vectors: VectorMaker, progress: Progress) -> None:
    """Delete a report; raises ``ReportNotFoundError``."""
    storage.current_version(library)
    bring_up_to_date(library)
    with storage.exclusive(library), tables.damage_reported(library):
        refuse_other_embedding(library, vectors.embedding, reembed=False)
        old = storage.current_version(library)
        with storage.new_version(library) as folder:
            shutil.copy2(old / storage.DATABASE, folder / storage.DATABASE)
            _delete_report(folder / storage.DATABASE, report_id)
            finish_texts(folder, manifest_of(library, vectors.embedding), progress, base=old)
        complete_vectors(library, vectors, progress, reembed=False)


def forget(library: Path, keys: Iterable[str], vectors: VectorMaker, progress: Progress) -> int:
    """Let go of files (by their paths) or addresses, with all their parts; the number of reports that
    no other file holds and that went with them. Raises as ``ingest`` does."""
    gone = set(keys)
    bring_up_to_date(library)
    with storage.exclusive(library), tables.damage_reported(library):
        if not storage.has_library(library) or not any(_held_below(library, gone)):
            return 0
        refuse_other_embedding(library, vectors.embedding, reembed=False)
        old = storage.current_version(library)
        with storage.new_version(library) as folder:
            shutil.copy2(old / storage.DATABASE, folder / storage.DATABASE)
            count = _drop_files(folder / storage.DATABASE, gone)
            finish_texts(folder, manifest_of(library, vectors.embedding), progress, base=old)
        complete_vectors(library, vectors, progress, reembed=False)
        return count


def _held_below(library: Path, wholes: set[str]) -> Iterator[str]:
    return (path for path in paths_held(library) if not wholes.isdisjoint(wholes_of(path)))


def _drop_files(database: Path, wholes: set[str]) -> int:
    """Drop all of these files and their parts; how many reports went with them."""
    engine = tables.open_database(database, writable=True)
    counted = select(func.count()).select_from(tables.reports)
    with engine.begin() as connection:
        before = connection.execute(counted).scalar_one()
        held = HeldFiles(held_files(connection))
        for path in [file.path for file in held]:
            if not wholes.isdisjoint(wholes_of(path)):
                _drop_file(connection, held, path)
        after = connection.execute(counted).scalar_one()
    engine.dispose()
    return before - after


def _correct_by_table(
    library: Path, meta: MetaTable, how: Rereading, summary: IngestSummary
) -> None:
    """Correct what a table says; its rows that cannot be used are told, and change nothing."""
    summary.meta_failed += meta.faults
    if not storage.has_library(library):
        return
    with reading(library) as connection:
        changes, faults = match_rows(connection, meta)
        wanted: dict[str, Correction] = {}
        for report_id, (line, of_report) in changes.items():
            try:
                wanted |= wanted_corrections(connection, {report_id: of_report})
            except CorrectionError as error:
                faults.append(RowFault(line, error))
    summary.notes += put_in_force(library, wanted, how)
    summary.corrected += wanted
    summary.meta_failed = sorted([*summary.meta_failed, *faults], key=lambda one: one.line)


def _kept_corrections(library: Path) -> KeptCorrections:
    """What was corrected in the library, and which reports it holds."""
    if not storage.has_library(library):
        return KeptCorrections({})
    with reading(library) as connection:
        return kept_corrections(connection)


def _corrected(
    file: ReadFile, kept: KeptCorrections, max_chars: int, summary: IngestSummary
) -> ReadFile:
    """The file, its reports corrected as they were before; what no longer fits is noted."""
    summary.notes += kept.lost(file.key, file.reports)
    corrections = kept.of_file(file.key, file.reports)
    if not corrections:
        return file
    return replace(file, reports=parse_reports(file.source, max_chars, corrections), facts=None)


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
        old = storage.current_version(library) if storage.has_library(library) else None
        if old is not None:
            shutil.copy2(old / storage.DATABASE, database)
        _write_texts(database, read, summary)
        finish_texts(folder, manifest_of(library, embedding), progress, base=old)


def _has_news(library: Path, read: list[ReadFile], summary: IngestSummary) -> bool:
    """Fill ``summary.unchanged`` and say False if every file and report is held already."""
    with reading(library) as connection:
        held = HeldFiles(held_files(connection))
        reports = set(connection.execute(select(tables.reports.c.report_id)).scalars())
        compared = is_complete(connection)
        originals = source_rows.originals_of(connection)
    for file in read:
        if not held.has(file) or not reports.issuperset(r.report_id for r in file.reports):
            return True
        if (kept := file.source.origin.original) and originals.get(file.source.sha256) != kept:
            return True
    if _vanished(held, read, summary) or not compared:
        return True
    summary.unchanged += [report.report_id for file in read for report in file.reports]
    return False


def _tell_each(
    library: Path,
    items: Iterable[Item],
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


def _write_texts(database: Path, read: list[ReadFile], summary: IngestSummary) -> None:
    engine = tables.open_database(database, writable=True)
    tables.METADATA.create_all(engine)
    with engine.begin() as connection:
        held = HeldFiles(held_files(connection))
        for path in _vanished(held, read, summary):
            _drop_file(connection, held, path)
        for file in read:
            _write_file(connection, held, file, summary)
        compare_new(connection)
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


def _write_file(
    connection: Connection, held: HeldFiles, file: ReadFile, summary: IngestSummary
) -> None:
    is_held = held.has(file)
    if not is_held:
        # The same file with new content gives up what it held; another file of that name does not.
        _drop_file(connection, held, file.key)
    key = held.source_of(file.source.sha256)
    if key is None:
        row = {"sha256": file.source.sha256, "text": file.source.text}
        key = _inserted(connection, tables.sources.insert().values(row))
        if file.source.origin != UNKNOWN:
            source_rows.insert_origin(connection, key, file.source.origin)
    elif file.source.origin.url:
        source_rows.add_address(connection, key, file.source.origin)
    original = file.source.origin.original
    if original and original != source_rows.file_of_source(connection, key).original:
        source_rows.change_file(connection, key, file.source.origin)
    if not is_held:
        name = _free_name(held, file)
        source_rows.insert_file(connection, key, name, file.key, file.source.origin.url)
        held.add(HeldFile(key, file.source.sha256, name, file.key))
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
            facts = (file.facts or {}).get(report.report_id)
            if facts is None:
                # It was held when it was read elsewhere, and is no more.
                facts = extract_facts(file.source, report)
            tables.insert_report(connection, source_id, report, facts)
            if report.correction:
                keep_correction(connection, report, file.key)
            summary.added.append(report.report_id)


def _drop_file(connection: Connection, held: HeldFiles, path: str) -> None:
    """Forget a path, and its source if no other file holds that text."""
    if not held.forget(path):
        return
    connection.execute(delete(tables.files).where(tables.files.c.path == path))
    kept = select(tables.files.c.source_id)
    connection.execute(delete(tables.sources).where(tables.sources.c.id.not_in(kept)))


def _inserted(connection: Connection, statement: Insert) -> int:
    key = connection.execute(statement).inserted_primary_key
    assert key is not None
    return int(key[0])


def _free_name(held: HeldFiles, file: ReadFile) -> str:
    """The first of its names that no other file bears."""
    for name in _names(file):
        if not held.is_taken(name, file.key):
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
