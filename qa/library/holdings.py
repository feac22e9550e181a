"""The reports of a library as its list shows them: with the names they came under and their kin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection, Table, func, select

from qa.library import source_rows, tables
from qa.library.copies import Pair, Relations, relate
from qa.library.corrections import read_corrections
from qa.library.kinship import read_kin
from qa.reports.report import Copy, Report


@dataclass(frozen=True, slots=True)
class HeldReport:
    """A report with what the library knows of it: the names it came under and its counts; the copy that
    answers in its stead, and the full version that answers before it, if there is one."""

    report: Report
    sources: tuple[str, ...]
    passages: int
    facts: int
    duplicate_of: str | None = None
    abridged_of: str | None = None
    row: int = field(default=0, compare=False)
    """Its row id, by which the indexes group passages and sentences."""

    @property
    def order(self) -> tuple[str, int, str, int]:
        """By place code and year: what a library's list is sorted by; no two reports share it."""
        report = self.report
        return report.place_code or "~", report.year or 0, report.source, report.start


def held_reports(connection: Connection) -> list[HeldReport]:
    """All reports, in the order they were stored."""
    names, urls = _names(connection), source_rows.urls_of_sources(connection)
    counts, facts = _counts(connection, tables.passages), _counts(connection, tables.facts)
    corrections = read_corrections(connection)
    held: dict[int, HeldReport] = {}
    for row in connection.execute(select(tables.reports).order_by(tables.reports.c.id)):
        own = names[row.source_id]
        report = tables.report_of(row, own[0], urls.get(row.source_id))
        if kept := corrections.get(report.mark):
            report = replace(report, correction=kept.correction)
        held[row.id] = HeldReport(
            report, own, counts.get(row.id, 0), facts.get(row.id, 0), row=row.id
        )
    pairs = [
        Pair(held[one.one].report.report_id, held[one.other].report.report_id, one.overlap)
        for one in read_kin(connection)
    ]
    relations = relate([one.report for one in held.values()], pairs)
    return _related(list(held.values()), relations, source_rows.urls_of_files(connection))


def _related(
    held: list[HeldReport], relations: Relations, urls: Mapping[str, str]
) -> list[HeldReport]:
    by_id = {one.report.report_id: one for one in held}
    return [
        replace(
            one,
            report=replace(one.report, copies=_copies(one, relations, by_id, urls)),
            duplicate_of=relations.duplicate_of.get(report_id),
            abridged_of=relations.abridged_of.get(report_id),
        )
        for report_id, one in by_id.items()
    ]


def _copies(
    own: HeldReport,
    relations: Relations,
    held: Mapping[str, HeldReport],
    urls: Mapping[str, str],
) -> tuple[Copy, ...]:
    """The other files of the same text, then the other copies with all of theirs."""
    report_id = own.report.report_id
    others = [held[other] for other in relations.group(report_id) if other != report_id]
    files = [(own, name) for name in own.sources[1:]]
    files += [(other, name) for other in others for name in other.sources]
    return tuple(Copy(name, _url(of, name, urls), of.report.report_id) for of, name in files)


def _url(held: HeldReport, name: str, urls: Mapping[str, str]) -> str | None:
    """The file's own address; the source's was its first file's."""
    return urls.get(name) or (held.report.url if name == held.sources[0] else None)


def _names(connection: Connection) -> dict[int, tuple[str, ...]]:
    """Source id → the names of its files, the one it goes by first."""
    found: dict[int, tuple[str, ...]] = {}
    for row in connection.execute(select(tables.files).order_by(tables.files.c.id)):
        found[row.source_id] = (*found.get(row.source_id, ()), row.name)
    return found


def _counts(connection: Connection, table: Table) -> dict[int, int]:
    query = select(table.c.report, func.count()).group_by(table.c.report)
    return {row[0]: row[1] for row in connection.execute(query)}
