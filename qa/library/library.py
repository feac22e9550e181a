"""The reading side: one version of a library, opened once and shared by all who ask."""

from __future__ import annotations

import os
import weakref
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import Connection, Table, func, select

from qa.errors import LibraryDamagedError, ReportNotFoundError
from qa.library import reading, storage, tables
from qa.library.reading import Entry, HeldFact
from qa.library.shelf import Shelf
from qa.reports.origin import Mark
from qa.reports.report import Passage, Report

if TYPE_CHECKING:
    from embeddings import Bm25Index, Embedder, VectorIndex
    from embeddings.vectors import Ids

T = TypeVar("T")
# Kept in memory: passages, of some 5 KiB each with their facts; sentences' passages; and the facts of
# reports, some 100 KiB a report.
_MOST_PASSAGES = 20_000
_MOST_SENTENCES = 200_000
_MOST_SOURCES = 500
_MOST_REPORTS = 1_000
# More facts than this are given to whoever asks, and not kept.
_MOST_FACTS = 100_000


@dataclass(frozen=True, slots=True)
class HeldReport:
    """A report with what the library knows of it: the names it came under and its counts."""

    report: Report
    sources: tuple[str, ...]
    passages: int
    facts: int
    row: int

    @property
    def order(self) -> tuple[str, int, str, int]:
        """By place code and year: what a library's list is sorted by; no two reports share it."""
        report = self.report
        return report.place_code or "~", report.year or 0, report.source, report.start


@dataclass(frozen=True, slots=True)
class PassageKey:
    """A passage's row id with what filters and ranking need to know before reading its text."""

    id: int
    report_id: str
    kind: str
    period: str | None


class Library:
    """A version of a library. Methods raise ``LibraryDamagedError`` if a part cannot be read.

    Its files stay while it is in use, however many newer versions are made.
    """

    def __init__(self, path: Path) -> None:
        """Open the version in force at ``path``; raises ``LibraryNotFoundError``."""
        self.path = path
        self.folder, handle = storage.hold_current(path)
        self._release = weakref.finalize(self, os.close, handle)
        self.stamp = f"{self.folder.name}-{os.fstat(handle).st_mtime_ns:x}"
        """Names this version among all that ever stood at this path."""
        self.manifest = storage.Manifest.read(self.folder)
        with tables.damage_reported(path):
            self._engine = tables.open_database(self.folder / storage.DATABASE)
        self._entries: dict[int, Entry] = {}
        self._facts: dict[int, list[HeldFact]] = {}
        self._passage_of: dict[int, int] = {}
        self._marks: dict[int, tuple[Mark, ...]] = {}

    @property
    def version(self) -> str:
        return self.folder.name

    def is_current(self) -> bool:
        """False once an ingest has made a newer version."""
        return storage.current_version(self.path).name == self.version

    def is_superseded(self) -> bool:
        """True once a newer version can take this one's place.

        One whose vectors are still being made cannot, if this one has its own: it would answer every
        question worse for the time of an ingest.
        """
        newest = storage.current_version(self.path)
        if newest.name == self.version:
            return False
        poorer = self.manifest.has_vectors and not storage.Manifest.read(newest).has_vectors
        return not (poorer and storage.is_being_written(self.path))

    @cached_property
    def held(self) -> tuple[HeldReport, ...]:
        """All reports, ordered by place code and year, without their passages."""
        with self._reading() as connection:
            names = _names(connection)
            counts = _counts(connection, tables.passages)
            facts = _counts(connection, tables.facts)
            rows = connection.execute(select(tables.reports)).all()
            urls = _urls(connection)
        held = [
            HeldReport(
                tables.report_of(row, names[row.source_id][0], urls.get(row.source_id)),
                names[row.source_id],
                counts.get(row.id, 0),
                facts.get(row.id, 0),
                row.id,
            )
            for row in rows
        ]
        return tuple(sorted(held, key=lambda one: one.order))

    @cached_property
    def reports(self) -> dict[str, Report]:
        """Report id → report, without passages."""
        return {held.report.report_id: held.report for held in self.held}

    @cached_property
    def shelf(self) -> Shelf:
        """The reports by place."""
        return Shelf(self.reports.values())

    @cached_property
    def _rows(self) -> dict[str, int]:
        """Report id → row id, by which the indexes group passages and sentences."""
        return {held.report.report_id: held.row for held in self.held}

    def groups(self, report_ids: Collection[str]) -> Ids | None:
        """What the indexes call these reports; None for all that are held."""
        import numpy as np

        if len(report_ids) == len(self._rows):
            return None
        return np.fromiter((self._rows[one] for one in report_ids), np.int64, len(report_ids))

    @property
    def place_codes(self) -> dict[str, str | None]:
        """Report id → the code of its place."""
        return {report_id: report.place_code for report_id, report in self.reports.items()}

    @cached_property
    def passage_keys(self) -> tuple[PassageKey, ...]:
        """The keys of all passages, by row id."""
        columns = (
            tables.passages.c.id,
            tables.reports.c.report_id,
            tables.passages.c.kind,
            tables.passages.c.period,
        )
        query = select(*columns).join(tables.reports).order_by(tables.passages.c.id)
        with self._reading() as connection:
            return tuple(PassageKey(*row) for row in connection.execute(query))

    def passage_ids(self, report_id: str) -> list[int]:
        """The row ids of a report's passages, in order."""
        query = select(tables.passages.c.id).where(
            tables.passages.c.report == self._rows[report_id]
        )
        with self._reading() as connection:
            return list(connection.execute(query.order_by(tables.passages.c.id)).scalars())

    def passages_of_sentences(self, ids: Sequence[int]) -> list[int]:
        """The row id of the passage of each sentence."""
        found = {number: kept for number in ids if (kept := self._passage_of.get(number))}
        missing = [number for number in ids if number not in found]
        if missing:
            with self._reading() as connection:
                read = dict(reading.passages_of_sentences(connection, missing))
            found |= read
            self._passage_of = _kept(self._passage_of, read, _MOST_SENTENCES)
        return [found[number] for number in ids]

    def entries(self, ids: Sequence[int]) -> list[Entry]:
        """The passages with these row ids, with sentences and facts, in the order asked for."""
        found = {number: kept for number in ids if (kept := self._entries.get(number))}
        if missing := [number for number in ids if number not in found]:
            with self._reading() as connection:
                read = dict(reading.entries(connection, missing, self.reports, self._marks_of))
            found |= read
            self._entries = _kept(self._entries, read, _MOST_PASSAGES)
        return [found[number] for number in ids]

    def passages(self, ids: Sequence[int]) -> list[Passage]:
        """The passages with these row ids, in the order asked for."""
        return [entry.passage for entry in self.entries(ids)]

    def _marks_of(self, connection: Connection, source_id: int) -> tuple[Mark, ...]:
        """The marks of a source, read when a passage of it is first asked for."""
        marks = self._marks.get(source_id)
        if marks is None:
            marks = reading.marks_of_source(connection, source_id)
            self._marks = _kept(self._marks, {source_id: marks}, _MOST_SOURCES)
        return marks

    def facts(self, report_ids: Iterable[str] | None = None) -> list[HeldFact]:
        """The facts of these reports (default: all), by report and in the order of the text."""
        rows = self._rows.values() if report_ids is None else self._rows_of(report_ids)
        found = {row: kept for row in rows if (kept := self._facts.get(row)) is not None}
        if missing := [row for row in rows if row not in found]:
            with self._reading() as connection:
                read = reading.facts_by_report(connection, missing, self._by_row)
            found |= read
            if sum(map(len, found.values())) <= _MOST_FACTS:
                self._facts = _kept(self._facts, read, _MOST_REPORTS)
        return [held for row in sorted(found) for held in found[row]]

    def _rows_of(self, report_ids: Iterable[str]) -> list[int]:
        return [self._rows[one] for one in dict.fromkeys(report_ids) if one in self._rows]

    @cached_property
    def _by_row(self) -> dict[int, Report]:
        return {held.row: held.report for held in self.held}

    def source_text(self, report_id: str) -> str:
        """The decoded text of the file that holds the report; raises ``ReportNotFoundError``."""
        query = (
            select(tables.sources.c.text)
            .join(tables.reports)
            .where(tables.reports.c.report_id == report_id)
        )
        with self._reading() as connection:
            row = connection.execute(query).first()
        if row is None:
            raise ReportNotFoundError("no_report", report_id=report_id)
        return str(row.text)

    @cached_property
    def lexical(self) -> Bm25Index:
        """BM25 over passages, by row id."""
        from embeddings import Bm25Index

        with self._opening():
            return Bm25Index.load(self.folder / storage.LEXICAL)

    def best_reports(self, words: str) -> dict[str, float]:
        """Report id → the BM25 score of its best passage for the words, of those that have any."""
        import numpy as np

        view = self.lexical.within(None)
        scores = view.scores(words)
        places = np.flatnonzero(scores > 0)
        groups, of_group = np.unique(view.groups[places], return_inverse=True)
        best = np.zeros(len(groups), np.float32)
        np.maximum.at(best, of_group, scores[places])
        return {
            self._by_row[row].report_id: score
            for row, score in zip(groups.tolist(), best.tolist(), strict=True)
        }

    def load_vectors(self, embedder: Embedder) -> VectorIndex | None:
        """Nearest neighbours over sentences, by row id; None while the vectors are not made yet.

        Raises ``embeddings.IndexMismatchError`` if they were made with another model.
        """
        if not self.manifest.has_vectors:
            return None
        from embeddings import open_vectors

        with self._opening():
            return open_vectors(
                self.folder / storage.VECTORS,
                model_id=embedder.model_id,
                dimension=embedder.dimension,
            )

    @contextmanager
    def _opening(self) -> Iterator[None]:
        from embeddings import IndexDamagedError, IndexOutdatedError

        try:
            yield
        except IndexOutdatedError as error:
            raise LibraryDamagedError("library_outdated", path=self.path) from error
        except IndexDamagedError as error:
            raise LibraryDamagedError(
                "library_damaged", path=self.path, reason=error.message
            ) from error

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with tables.damage_reported(self.path), self._engine.connect() as connection:
            yield connection

    def close(self) -> None:
        """Let go of the files; an ingest may then remove them."""
        self._engine.dispose()
        self._release()


def _names(connection: Connection) -> dict[int, tuple[str, ...]]:
    """Source id → the names of its files, the one it goes by first."""
    found: dict[int, tuple[str, ...]] = {}
    for row in connection.execute(select(tables.files).order_by(tables.files.c.id)):
        found[row.source_id] = (*found.get(row.source_id, ()), row.name)
    return found


def _urls(connection: Connection) -> dict[int, str]:
    """Source id → the address that the source names as its own, where it names one."""
    if not tables.has_origins(connection):
        return {}
    query = select(tables.origins.c.source_id, tables.origins.c.url)
    return {row.source_id: row.url for row in connection.execute(query) if row.url}


def _counts(connection: Connection, table: Table) -> dict[int, int]:
    query = select(table.c.report, func.count()).group_by(table.c.report)
    return {row[0]: row[1] for row in connection.execute(query)}


def _kept(kept: dict[int, T], read: Mapping[int, T], most: int) -> dict[int, T]:
    """What was kept with what was read; emptied when full, so that a library larger than this is
    read anew now and then. Another thread may be reading a full one: it is left as it is."""
    if len(kept) + len(read) > most:
        return dict(read)
    kept.update(read)
    return kept
