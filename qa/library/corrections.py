"""Corrections as they are kept: beside the reports, so that they outlive them.

A correction belongs to a text: it is found again by the report's mark (the hash of its text and its
rank), wherever that text comes from, and by its likeness under the path it was made at, where the text
was mended since. A file that holds another text now has no part in it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Connection, LargeBinary, String, Table, Text, delete, inspect, select

from qa.errors import CorrectionError
from qa.library import tables
from qa.reports.correcting import Correction
from qa.reports.likeness import LEAST_SHARED, overlap, packed, sample, shingles, unpacked
from qa.reports.report import Report

# Without a foreign key: a report that is deleted and comes back is corrected still.
corrections = Table(
    "corrections",
    tables.METADATA,
    Column("mark", String, primary_key=True),
    Column("path", String, nullable=False),
    Column("title", String, nullable=False),
    Column("corrected", Text, nullable=False),
    Column("read", Text, nullable=False),
    Column("sample", LargeBinary, nullable=False),
)


@dataclass(frozen=True, slots=True)
class KeptCorrection:
    """A correction with what it is found again by. ``path`` is the file's it was made at."""

    mark: str
    path: str
    title: str
    correction: Correction
    sample: bytes


@dataclass(frozen=True, slots=True)
class KeptCorrections:
    """All corrections of a library, by mark; ``held`` are the marks of the reports it holds."""

    by_mark: Mapping[str, KeptCorrection]
    held: frozenset[str] = frozenset()

    def of_file(self, path: str, reports: Iterable[Report]) -> dict[str, Correction]:
        """Mark → correction, of the reports just read from ``path``."""
        read = {report.mark: report for report in reports}
        found = {mark: self.by_mark[mark].correction for mark in read if mark in self.by_mark}
        # What was corrected here and is here no more may have been mended since.
        left = [k for k in self.by_mark.values() if k.path == path and k.mark not in read]
        for report in read.values() if left else ():
            if report.mark not in found and (kept := _likest(report, left)):
                found[report.mark] = kept.correction
                left.remove(kept)
        return found

    def lost(self, path: str, reports: Iterable[Report]) -> list[CorrectionError]:
        """What is to be told: corrections of reports held from ``path`` that it now holds no more."""
        read = list(reports)
        marks = {report.mark for report in read}
        return [
            CorrectionError("correction_lost", title=kept.title, path=path)
            for kept in self.by_mark.values()
            if kept.path == path and kept.mark in self.held - marks
            if not any(_shared(report, kept) >= LEAST_SHARED for report in read)
        ]


def _likest(report: Report, kept: Iterable[KeptCorrection]) -> KeptCorrection | None:
    best = max(kept, key=lambda one: _shared(report, one), default=None)
    return best if best is not None and _shared(report, best) >= LEAST_SHARED else None


def _shared(report: Report, kept: KeptCorrection) -> float:
    """How much of the sample of the text corrected stands in the report's."""
    return overlap(unpacked(kept.sample), sample(shingles(report.text))).of_one


def has_corrections(connection: Connection) -> bool:
    """False in a library made before metadata could be corrected."""
    return bool(inspect(connection).has_table(corrections.name))


def read_corrections(connection: Connection) -> dict[str, KeptCorrection]:
    """Mark → correction."""
    if not has_corrections(connection):
        return {}
    rows = connection.execute(select(corrections).order_by(corrections.c.mark))
    return {row.mark: correction_of(*row) for row in rows}


def correction_of(
    mark: str, path: str, title: str, corrected: str, read: str, sample: bytes
) -> KeptCorrection:
    """What a row of the table says; raises ``ValueError`` if it is no such row."""
    correction = Correction(json.loads(corrected), json.loads(read))
    return KeptCorrection(mark, path, title, correction, sample)


def write_corrections(connection: Connection, wanted: Iterable[KeptCorrection]) -> None:
    """Store these corrections in the place of all that are kept; the reports stay as they are."""
    connection.execute(delete(corrections))
    for kept in wanted:
        connection.execute(corrections.insert().values(correction_row(kept)))


def correction_row(kept: KeptCorrection) -> dict[str, Any]:
    """The row of the table that ``correction_of`` reads."""
    return {
        "mark": kept.mark,
        "path": kept.path,
        "title": kept.title,
        "corrected": json.dumps(dict(kept.correction.values), ensure_ascii=False),
        "read": json.dumps(dict(kept.correction.read), ensure_ascii=False),
        "sample": kept.sample,
    }


def keep_correction(connection: Connection, report: Report, path: str) -> None:
    """Store the correction of a report that was read from ``path``; forget one that says nothing."""
    text = sample(shingles(report.text))
    for kept in read_corrections(connection).values():
        # Of the same file before it was mended: it would come back where this one is taken back.
        is_older = kept.path == path and overlap(unpacked(kept.sample), text).is_of_one_report
        if kept.mark == report.mark or is_older:
            connection.execute(delete(corrections).where(corrections.c.mark == kept.mark))
    if not report.correction:
        return
    kept = KeptCorrection(report.mark, path, report.title, report.correction, packed(text))
    connection.execute(corrections.insert().values(correction_row(kept)))


def kept_corrections(connection: Connection) -> KeptCorrections:
    """All corrections, and the marks of the reports held."""
    ids = connection.execute(select(tables.reports.c.report_id)).scalars()
    held = frozenset(report_id.rpartition("-")[2] for report_id in ids)
    return KeptCorrections(read_corrections(connection), held)
