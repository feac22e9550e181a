"""Texts out of a database that is old or damaged, and a sound database made of them.

Everything else in a library follows from its texts, and each text is known by its own digest: what
comes out of here is what was once read, or it is reported as lost.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, select
from sqlalchemy.exc import DatabaseError

from qa.facts.extraction import extract_facts
from qa.library import source_rows, tables
from qa.library.corrections import KeptCorrection, correction_of
from qa.library.kinship import compare_new
from qa.reports.origin import UNKNOWN, Origin, marks_of, page_sizes
from qa.reports.parsing import parse_reports
from qa.reports.report import Source

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file that was held: the name it is cited by, where it was read, the digest of its text."""

    name: str
    path: str
    sha256: str


@dataclass(frozen=True, slots=True)
class KeptReport:
    """A report that was held, and where in its text it stands."""

    report_id: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class KeptText:
    """A text with the files that hold it and its held reports: others of it were deleted; None if
    that is not known, and all of them count."""

    source: Source
    files: tuple[KeptFile, ...]
    reports: tuple[KeptReport, ...] | None


@dataclass(slots=True)
class Salvage:
    """What could be read from a database, and the files whose texts could not; corrections by mark."""

    texts: list[KeptText]
    lost: list[KeptFile]
    report_ids: set[str]
    corrections: dict[str, KeptCorrection] = field(default_factory=dict)


def salvage(database: Path) -> Salvage:
    """Read what can be read of a database of any schema, damaged or not; raises nothing for damage."""
    found = Salvage([], [], set())
    try:
        engine = tables.open_database(database)
        connection = engine.connect()
    except DatabaseError:
        return found
    with connection:
        found.corrections = _corrections(connection)
        names = _files(connection)
        reports = _reports(connection)
        found.report_ids = {one.report_id for held in reports.values() for one in held}
        for number, files in names.items():
            source = _source(connection, number, files)
            if source is None:
                found.lost += files
            else:
                held = tuple(reports.get(number, ())) if reports else None
                found.texts.append(KeptText(source, tuple(files), held))
    engine.dispose()
    return found


def _rows(connection: Connection, query: str, *values: object) -> Iterator[Row]:
    """The rows up to where the database cannot be read any further."""
    try:
        yield from (tuple(row) for row in connection.exec_driver_sql(query, values))
    except DatabaseError:
        return


def _files(connection: Connection) -> dict[int, list[KeptFile]]:
    """Source id → its files. Libraries first kept names with the source."""
    queries = (
        "SELECT s.id, f.name, f.path, s.sha256 FROM sources s JOIN files f ON f.source_id = s.id ORDER BY f.id",
        "SELECT id, name, path, sha256 FROM sources ORDER BY id",
    )
    for query in queries:
        found: dict[int, list[KeptFile]] = {}
        for number, *fields in _rows(connection, query):
            found.setdefault(number, []).append(KeptFile(*fields))
        if found:
            return found
    return {}


def _reports(connection: Connection) -> dict[int, list[KeptReport]]:
    found: dict[int, list[KeptReport]] = {}
    query = 'SELECT source_id, report_id, start, "end" FROM reports'
    for number, *fields in _rows(connection, query):
        found.setdefault(number, []).append(KeptReport(*fields))
    return found


def _corrections(connection: Connection) -> dict[str, KeptCorrection]:
    found = {}
    query = "SELECT mark, path, title, corrected, read, sample FROM corrections"
    for row in _rows(connection, query):
        # One that the damage made unreadable must not take the others with it.
        with contextlib.suppress(ValueError, TypeError):
            found[row[0]] = correction_of(*row)
    return found


def _source(connection: Connection, number: int, files: Sequence[KeptFile]) -> Source | None:
    """The source, if its text is the one whose digest was kept."""
    for (text,) in _rows(connection, "SELECT text FROM sources WHERE id = ?", number):
        if isinstance(text, str):
            source = Source(files[0].name, text, origin_of(connection, number))
            if source.sha256 == files[0].sha256:
                return source
    return None


def origin_of(connection: Connection, number: int) -> Origin:
    """Where a source came from, as far as a database of any schema tells."""
    told: dict[str, Any] = {}
    plain = "SELECT url, title, published, marks FROM origins WHERE source_id = ?"
    columns = "SELECT place, year, warnings FROM origin_columns WHERE source_id = ?"
    files = "SELECT form, original, pages FROM origin_files WHERE source_id = ?"
    try:
        for url, title, published, marks in _rows(connection, plain, number):
            told |= {"url": url, "title": title, "published": published}
            told["marks"] = marks_of(json.loads(marks))
        for place, year, warnings in _rows(connection, columns, number):
            told |= {"place": tuple(json.loads(place)), "year": year}
            told["warnings"] = tuple(json.loads(warnings))
        for form, original, sizes in _rows(connection, files, number):
            told |= {"form": form, "original": original, "pages": page_sizes(json.loads(sizes))}
        return Origin(**told)
    except (ValueError, TypeError):
        return UNKNOWN


def write_texts(database: Path, texts: Iterable[KeptText], max_chars: int) -> list[str]:
    """Add texts that are not held yet, with all that follows from them; returns the reports' ids."""
    engine = tables.open_database(database, writable=True)
    tables.METADATA.create_all(engine)
    written: list[str] = []
    with engine.begin() as connection:
        held = set(connection.execute(select(tables.sources.c.sha256)).scalars())
        for text in texts:
            if text.source.sha256 not in held:
                written += _write(connection, text, max_chars)
                held.add(text.source.sha256)
        compare_new(connection)
    engine.dispose()
    return written


def _write(connection: Connection, text: KeptText, max_chars: int) -> list[str]:
    source = text.source
    row = {"sha256": source.sha256, "text": source.text}
    key = connection.execute(tables.sources.insert().values(row)).inserted_primary_key
    assert key is not None
    if source.origin != UNKNOWN:
        source_rows.insert_origin(connection, key[0], source.origin)
    for file in text.files:
        connection.execute(
            tables.files.insert().values(source_id=key[0], name=file.name, path=file.path)
        )
    # An id is for good: what is read of the text today does not change it.
    ids = {one.report_id.rpartition("-")[2]: one.report_id for one in text.reports or ()}
    reports = [
        replace(one, report_id=ids.get(one.mark, one.report_id))
        for one in parse_reports(source, max_chars)
        if _was_held(text, one.start, one.end)
    ]
    for report in reports:
        tables.insert_report(connection, key[0], report, extract_facts(source, report))
    return [report.report_id for report in reports]


def _was_held(text: KeptText, start: int, end: int) -> bool:
    return text.reports is None or any(one.start < end and start < one.end for one in text.reports)


def reconcile(database: Path, kept: Sequence[KeptText]) -> None:
    """Take from a database of earlier days what is not held any more, and what has to be read anew."""
    wanted = {text.source.sha256: text for text in kept}
    sources, reports = tables.sources, tables.reports
    engine = tables.open_database(database, writable=True)
    with engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA foreign_keys = ON")
        for number, sha256 in connection.execute(select(sources.c.id, sources.c.sha256)).all():
            here = reports.c.source_id == number
            held = set(connection.execute(select(reports.c.report_id).where(here)).scalars())
            text = wanted.get(sha256)
            ids = {one.report_id for one in (text.reports if text else None) or ()}
            if text is None or not held >= ids:
                connection.execute(delete(sources).where(sources.c.id == number))
                continue
            connection.execute(delete(reports).where(here, reports.c.report_id.not_in(ids)))
            _name_files(connection, number, text.files)
    engine.dispose()


def _name_files(connection: Connection, number: int, wanted: Sequence[KeptFile]) -> None:
    """The files of a source, left alone where they are the same: more may hang on them."""
    files = tables.files.c
    query = select(files.name, files.path).where(files.source_id == number)
    if {tuple(row) for row in connection.execute(query)} == {(f.name, f.path) for f in wanted}:
        return
    connection.execute(delete(tables.files).where(files.source_id == number))
    for file in wanted:
        row = {"source_id": number, "name": file.name, "path": file.path}
        connection.execute(tables.files.insert().values(row))
