"""The tables of a library; reports, passages and facts as rows and back."""

from __future__ import annotations

import json
import sqlite3
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    text,
)
from sqlalchemy.engine import Row
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import StaticPool

from qa.errors import LibraryDamagedError, LibraryUnwritableError
from qa.facts.fact import Fact, Measure
from qa.reports.report import Passage, Report, Section

METADATA = MetaData()
# A full disk, a limit, a file system turned read-only: the library is as sound as it was.
_CANNOT_WRITE = {
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR_WRITE,
    sqlite3.SQLITE_IOERR_FSYNC,
    sqlite3.SQLITE_IOERR_DIR_FSYNC,
    sqlite3.SQLITE_IOERR_TRUNCATE,
}
# In the order of a fact's fields, which the report's own go between: place, source.
_PLAIN_FACT_COLUMNS = (
    "indicator",
    "value",
    "unit",
    "growth_percent",
    "basis",
    "qualifier",
    "period",
    "status",
    "start",
    "end",
    "quote",
    "printed_indicator",
)
_BEFORE_SOURCE = 8

sources = Table(
    "sources",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("sha256", String, nullable=False, unique=True),
    Column("text", Text, nullable=False),
)

# The files that hold a source's text: the first one's name is the source's.
files = Table(
    "files",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("source_id", ForeignKey("sources.id", ondelete="CASCADE"), nullable=False),
    Column("name", String, nullable=False, unique=True),
    Column("path", String, nullable=False, unique=True),
)

# The address that a file names as its own: several pages may have one text. Libraries made before copies
# were told lack the table.
file_urls = Table(
    "file_urls",
    METADATA,
    Column("file", ForeignKey("files.id", ondelete="CASCADE"), primary_key=True),
    Column("url", String, nullable=False),
)

# What the form of a source's file told beside its text. Libraries made before there was any other
# form than plain text lack the table.
origins = Table(
    "origins",
    METADATA,
    Column("source_id", ForeignKey("sources.id", ondelete="CASCADE"), primary_key=True),
    Column("url", String),
    Column("title", String),
    Column("published", String),
    Column("marks", Text, nullable=False),
)

# What the columns of a data set told of a source, and what its reader noted: a report is read again when
# its metadata is corrected. Libraries made before that lack the table.
origin_columns = Table(
    "origin_columns",
    METADATA,
    Column("source_id", ForeignKey("sources.id", ondelete="CASCADE"), primary_key=True),
    Column("place", Text, nullable=False),
    Column("year", Integer),
    Column("warnings", Text, nullable=False),
)

# What kind of file a source came as, under which name in ``originals/`` its bytes are kept, and the sizes
# of its pages. Libraries made before files were kept lack the table.
origin_files = Table(
    "origin_files",
    METADATA,
    Column("source_id", ForeignKey("sources.id", ondelete="CASCADE"), primary_key=True),
    Column("form", String, nullable=False),
    Column("original", String),
    Column("pages", Text, nullable=False),
)

reports = Table(
    "reports",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("report_id", String, nullable=False, unique=True),
    Column("source_id", ForeignKey("sources.id", ondelete="CASCADE"), nullable=False),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("title", String, nullable=False),
    Column("place", String),
    Column("place_code", String),
    Column("province", String),
    Column("level", String),
    Column("year", Integer),
    Column("delivered", String),
    Column("speaker", String),
    Column("reviewed_period", String),
    Column("planned_period", String),
    Column("mentioned_years", Text, nullable=False),
    Column("warnings", Text, nullable=False),
    Column("sections", Text, nullable=False),
    sqlite_autoincrement=True,
)

passages = Table(
    "passages",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("report", ForeignKey("reports.id", ondelete="CASCADE"), nullable=False),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("headings", Text, nullable=False),
    Column("kind", String, nullable=False),
    Column("period", String),
    Index("passages_by_report", "report"),
    # The indexes tell what is new by ids that they do not hold: none may be used twice.
    sqlite_autoincrement=True,
)

sentences = Table(
    "sentences",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("passage", ForeignKey("passages.id", ondelete="CASCADE"), nullable=False),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Index("sentences_by_passage", "passage"),
    sqlite_autoincrement=True,
)


facts = Table(
    "facts",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("report", ForeignKey("reports.id", ondelete="CASCADE"), nullable=False),
    Column("passage", ForeignKey("passages.id", ondelete="CASCADE")),
    Column("indicator", String, nullable=False),
    Column("printed_indicator", String, nullable=False),
    Column("value", String),
    Column("unit", String),
    Column("growth_percent", Float),
    Column("basis", String),
    Column("qualifier", String),
    Column("period", String, nullable=False),
    Column("status", String, nullable=False),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("quote", Text, nullable=False),
    Column("level", Text),
    Column("growth", Text),
    Index("facts_by_report", "report"),
    Index("facts_by_passage", "passage"),
    Index("facts_by_indicator", "indicator"),
)
# What `fact_of` reads, by position: a question reads hundreds of facts, and names cost as much as the rest.
FACT_COLUMNS = tuple(facts.c[name] for name in (*_PLAIN_FACT_COLUMNS, "level", "growth"))


def open_database(path: Path, *, writable: bool = False) -> Engine:
    """An engine over the SQLite file ``path``; read-only unless ``writable``.

    One connection serves all threads: SQLite in serialized mode takes turns, and a version's file
    that is unlinked by a later ingest stays readable through it.
    """
    # A path may hold signs that mean something in a URI: ?, #, %.
    # Immutable: no version is written once it is made, so that a journal beside it is not its own, which
    # SQLite would want to play back.
    how = "mode=rwc" if writable else "mode=ro&immutable=1"
    uri = f"file:{quote(str(path))}?{how}"
    engine = create_engine(
        "sqlite://",
        creator=lambda: _connection(uri, writable),
        poolclass=StaticPool,
    )
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA foreign_keys = ON")
    return engine


def _connection(uri: str, writable: bool) -> sqlite3.Connection:
    try:
        return sqlite3.connect(uri, uri=True, check_same_thread=False)
    except sqlite3.OperationalError as error:
        if writable:
            # No file can be made there: that is no damage of what is.
            raise OSError(str(error)) from error
        raise


@contextmanager
def damage_reported(path: Path) -> Iterator[None]:
    """Turn errors of the database into errors of the library at ``path``: it is damaged, or cannot be
    written."""
    try:
        yield
    except DatabaseError as error:
        code = getattr(error.orig, "sqlite_errorcode", 0)
        if code in _CANNOT_WRITE or code & 0xFF in _CANNOT_WRITE:
            raise LibraryUnwritableError("unwritable", path=path, reason=error.orig) from error
        raise LibraryDamagedError("library_damaged", path=path, reason=error.orig) from error


def never_reuses_ids(connection: Connection) -> bool:
    """False in a library made before row ids of reports, passages and sentences were used only once."""
    query = text(
        "SELECT count(*) FROM sqlite_master WHERE sql LIKE '%AUTOINCREMENT%'"
        " AND name IN ('reports', 'passages', 'sentences')"
    )
    return connection.execute(query).scalar() == 3


def insert_report(
    connection: Connection, source_id: int, report: Report, found: Sequence[Fact]
) -> None:
    """Store a report with its passages, sentences and facts."""
    row = {**report_row(report), "source_id": source_id}
    key = connection.execute(reports.insert().values(row)).inserted_primary_key
    assert key is not None
    numbers = _insert_passages(connection, key[0], report.passages)
    held = [(n, p.start, p.end) for n, p in zip(numbers, report.passages, strict=True)]
    insert_facts(connection, key[0], held, found)


def report_row(report: Report) -> dict[str, Any]:
    """A report as a row of ``reports``, but for its source."""
    return {
        "report_id": report.report_id,
        "start": report.start,
        "end": report.end,
        "title": report.title,
        "place": report.place,
        "place_code": report.place_code,
        "province": report.province,
        "level": report.level,
        "year": report.year,
        "delivered": report.delivered,
        "speaker": report.speaker,
        "reviewed_period": report.reviewed_period,
        "planned_period": report.planned_period,
        "mentioned_years": json.dumps(report.mentioned_years),
        "warnings": json.dumps(report.warnings, ensure_ascii=False),
        "sections": json.dumps([_section_row(s) for s in report.sections], ensure_ascii=False),
    }


def insert_facts(
    connection: Connection,
    report: int,
    held: Sequence[tuple[int, int, int]],
    found: Sequence[Fact],
) -> None:
    """Store the facts of a report whose passages are ``held``: row id, start and end of each."""
    rows = [fact_row(fact, report, _around(fact, held)) for fact in found]
    if rows:
        connection.execute(facts.insert(), rows)


def _around(fact: Fact, held: Sequence[tuple[int, int, int]]) -> int | None:
    """The row id of the passage that the fact's quote begins in."""
    index = bisect_right(held, fact.start, key=lambda passage: passage[1]) - 1
    return held[index][0] if index >= 0 and fact.start < held[index][2] else None


def _insert_passages(
    connection: Connection, report: int, of_report: Sequence[Passage]
) -> list[int]:
    """Store passages with their sentences; the row ids of the passages, in order."""
    rows = [
        {
            "report": report,
            "start": passage.start,
            "end": passage.end,
            "text": passage.text,
            **passage_row(passage),
        }
        for passage in of_report
    ]
    if not rows:
        return []
    insert = passages.insert().returning(passages.c.id, sort_by_parameter_order=True)
    numbers = list(connection.execute(insert, rows).scalars())
    spans = [
        {"passage": number, "start": start, "end": end}
        for number, passage in zip(numbers, of_report, strict=True)
        for start, end in passage.sentences
    ]
    if spans:
        connection.execute(sentences.insert(), spans)
    return numbers


def passage_row(passage: Passage) -> dict[str, Any]:
    """What of a passage's row the report's metadata may change."""
    headings = json.dumps(passage.headings, ensure_ascii=False)
    return {"headings": headings, "kind": passage.kind, "period": passage.period}


def fact_row(fact: Fact, report: int, passage: int | None) -> dict[str, Any]:
    """A fact as a row of ``facts``."""
    row: dict[str, Any] = {name: getattr(fact, name) for name in _PLAIN_FACT_COLUMNS}
    for name in ("level", "growth"):
        measure = getattr(fact, name)
        row[name] = json.dumps(asdict(measure), ensure_ascii=False) if measure else None
    return {**row, "report": report, "passage": passage}


def fact_of(row: Row[Any], report: Report) -> Fact:
    """The fact of a row that begins with `FACT_COLUMNS`."""
    *plain, level, growth = row[: len(FACT_COLUMNS)]
    before, behind = plain[:_BEFORE_SOURCE], plain[_BEFORE_SOURCE:]
    measures = (_measure_of(level), _measure_of(growth))
    values = (report.report_id, report.place, *before, report.source, *behind, *measures)
    return Fact(*values)


def _measure_of(text: str | None) -> Measure | None:
    return Measure(**json.loads(text)) if text else None


def _section_row(section: Section) -> dict[str, Any]:
    return {
        "kind": section.kind,
        "period": section.period,
        "title": section.title,
        "start": section.start,
        "end": section.end,
    }


def report_of(row: Row[Any], source: str, url: str | None = None) -> Report:
    """The report of a row of ``reports``, without its passages."""
    return Report(
        report_id=row.report_id,
        title=row.title,
        source=source,
        start=row.start,
        end=row.end,
        place=row.place,
        place_code=row.place_code,
        province=row.province,
        level=row.level,
        year=row.year,
        delivered=row.delivered,
        speaker=row.speaker,
        reviewed_period=row.reviewed_period,
        planned_period=row.planned_period,
        mentioned_years=tuple(json.loads(row.mentioned_years)),
        warnings=tuple(json.loads(row.warnings)),
        sections=tuple(Section(**section) for section in json.loads(row.sections)),
        url=url,
    )
