"""Reports read again, from the text that is kept, with what a person corrected."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, delete, select, update

from qa.errors import LibraryError, ModelUnavailableError, ReportNotFoundError, WenzhengError
from qa.facts.extraction import extract_facts
from qa.facts.fact import Fact
from qa.facts.model_pass import add_facts
from qa.library import source_rows, tables
from qa.library.corrections import (
    KeptCorrection,
    keep_correction,
    read_corrections,
    write_corrections,
)
from qa.library.kinship import compare_new
from qa.reports.correcting import Change, Correction, Field, changed
from qa.reports.origin import Origin
from qa.reports.parsing import parse_reports
from qa.reports.report import Report, Source

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel


@dataclass(frozen=True, slots=True)
class Rereading:
    """With what reports are read again: the settings of an ingest."""

    embedding: str
    passage_max_chars: int
    model: BaseChatModel | None
    progress: Callable[[str, int, int], None]


def facts_of(
    source: Source,
    reports: Iterable[Report],
    model: BaseChatModel | None,
    notes: list[WenzhengError],
) -> dict[str, list[Fact]]:
    """Report id → its facts: the rules', and what the model adds; if it fails, ``notes`` says so."""
    facts = {report.report_id: extract_facts(source, report) for report in reports}
    if model is None:
        return facts
    for report in reports:
        try:
            known = facts[report.report_id]
            known += add_facts(model, source, report, known)
        except ModelUnavailableError as error:
            notes.append(error)
            break
    return facts


def wanted_corrections(
    connection: Connection, changes: Mapping[str, Mapping[Field, Change]]
) -> dict[str, Correction]:
    """Report id → the correction to be in force, of those reports for which it is another one now.

    Raises ``ReportNotFoundError``, ``CorrectionError`` if values contradict each other.
    """
    held = set(connection.execute(select(tables.reports.c.report_id)).scalars())
    kept = read_corrections(connection)
    wanted = {}
    for report_id, of_report in changes.items():
        if report_id not in held:
            raise ReportNotFoundError("no_report", report_id=report_id)
        before = kept.get(report_id.rpartition("-")[2])
        after = changed(before.correction if before else None, of_report)
        if after.values != (before.correction.values if before else {}):
            wanted[report_id] = after
    return wanted


def reread(
    database: Path, wanted: Mapping[str, Correction], how: Rereading
) -> tuple[bool, list[WenzhengError]]:
    """Write the reports anew as corrected; False if passages changed, so that indexes must follow; and
    what failed by the way. Raises ``LibraryError`` if a text is split into other reports today.
    """
    notes: list[WenzhengError] = []
    same = True
    engine = tables.open_database(database, writable=True)
    tables.METADATA.create_all(engine)
    with engine.begin() as connection:
        for number, (source_id, ids) in enumerate(_by_source(connection, wanted).items()):
            same &= _reread_source(connection, source_id, {i: wanted[i] for i in ids}, how, notes)
            how.progress("read", number + 1, len(wanted))
        compare_new(connection)
    engine.dispose()
    return same, notes


def bring_corrections(
    database: Path, wanted: Mapping[str, KeptCorrection], how: Rereading
) -> list[WenzhengError]:
    """Make a database that was brought back from texts hold these corrections, by mark, and no others.

    Returns what is told of those that do not fit the reports of today.
    """
    engine = tables.open_database(database, writable=True)
    tables.METADATA.create_all(engine)
    with engine.begin() as connection:
        before = read_corrections(connection)
        write_corrections(connection, wanted.values())
        ids = connection.execute(select(tables.reports.c.report_id)).scalars()
        of_mark = {report_id.rpartition("-")[2]: report_id for report_id in ids}
    engine.dispose()
    nothing = Correction({})
    changed = {
        of_mark[mark]: wanted[mark].correction if mark in wanted else nothing
        for mark in sorted({*before, *wanted} & of_mark.keys())
    }
    notes: list[WenzhengError] = []
    for report_id, correction in changed.items():
        try:
            notes += reread(database, {report_id: correction}, how)[1]
        except LibraryError as error:
            notes.append(error)
    return notes


def _by_source(connection: Connection, wanted: Iterable[str]) -> dict[int, list[str]]:
    columns = (tables.reports.c.source_id, tables.reports.c.report_id)
    grouped: dict[int, list[str]] = defaultdict(list)
    query = select(*columns).where(tables.reports.c.report_id.in_(list(wanted)))
    for row in connection.execute(query.order_by(tables.reports.c.id)):
        grouped[row.source_id].append(row.report_id)
    return grouped


def _reread_source(
    connection: Connection,
    source_id: int,
    wanted: Mapping[str, Correction],
    how: Rereading,
    notes: list[WenzhengError],
) -> bool:
    source, path = _source(connection, source_id)
    by_mark = {report_id.rpartition("-")[2]: report_id for report_id in wanted}
    corrections = {mark: wanted[report_id] for mark, report_id in by_mark.items()}
    read = {r.mark: r for r in parse_reports(source, how.passage_max_chars, corrections)}
    if missing := corrections.keys() - read.keys():
        raise LibraryError("reads_otherwise", report_id=by_mark[min(missing)], path=path)
    # An id is for good: what is read of the text today does not change it.
    reports = [replace(read[mark], report_id=report_id) for mark, report_id in by_mark.items()]
    facts = facts_of(source, reports, how.model, notes)
    same = True
    for report in reports:
        same &= _replace(connection, source_id, report, facts[report.report_id])
        keep_correction(connection, report, path)
    return same


def _source(connection: Connection, source_id: int) -> tuple[Source, str]:
    """A source as it was read, and the path of its first file."""
    here = tables.sources.c.id == source_id
    text = connection.execute(select(tables.sources.c.text).where(here)).scalar_one()
    of_source = tables.files.c.source_id == source_id
    query = select(tables.files).where(of_source).order_by(tables.files.c.id)
    file = connection.execute(query).first()
    assert file is not None
    return Source(file.name, text, _origin(connection, source_id)), file.path


def _origin(connection: Connection, source_id: int) -> Origin:
    """Where a source came from. Libraries made before columns were kept have them in the report."""
    origin = source_rows.origin_of(connection, source_id)
    if not source_rows.lacks_columns(connection, source_id):
        return origin
    here = tables.reports.c.source_id == source_id
    rows = connection.execute(select(tables.reports).where(here)).all()
    if len(rows) > 1:
        return origin
    kept = read_corrections(connection).get(rows[0].report_id.rpartition("-")[2])
    read = kept.correction.read if kept else {}
    place, year = read.get("place", rows[0].place), read.get("year", rows[0].year)
    return replace(origin, place=(str(place),) if place else (), year=int(year) if year else None)


def _replace(connection: Connection, source_id: int, report: Report, facts: Sequence[Fact]) -> bool:
    """Write a report over the one held under its id; False if its passages are others."""
    here = tables.reports.c.report_id == report.report_id
    key = connection.execute(select(tables.reports.c.id).where(here)).scalar_one()
    held = _passages(connection, key)
    if [row[1:] for row in held] != [(p.start, p.end, p.sentences) for p in report.passages]:
        connection.execute(delete(tables.reports).where(here))
        tables.insert_report(connection, source_id, report, facts)
        return False
    connection.execute(update(tables.reports).where(here).values(tables.report_row(report)))
    for row, passage in zip(held, report.passages, strict=True):
        one = tables.passages.c.id == row[0]
        connection.execute(update(tables.passages).where(one).values(tables.passage_row(passage)))
    connection.execute(delete(tables.facts).where(tables.facts.c.report == key))
    tables.insert_facts(connection, key, [row[:3] for row in held], facts)
    return True


def _passages(
    connection: Connection, report: int
) -> list[tuple[int, int, int, tuple[tuple[int, int], ...]]]:
    """Row id, start, end and sentences of a report's passages, in the order of the text."""
    spans: dict[int, list[tuple[int, int]]] = defaultdict(list)
    joined = (
        select(tables.sentences).join(tables.passages).where(tables.passages.c.report == report)
    )
    for row in connection.execute(joined.order_by(tables.sentences.c.id)):
        spans[row.passage].append((row.start, row.end))
    query = select(tables.passages).where(tables.passages.c.report == report)
    rows: list[Any] = list(connection.execute(query.order_by(tables.passages.c.id)))
    return [(row.id, row.start, row.end, tuple(spans[row.id])) for row in rows]
