"""The reading side: one version of a library, opened once and shared by all who ask."""

from __future__ import annotations

import copy
import logging
import os
import weakref
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import Connection, select

from qa.errors import ReportNotFoundError
from qa.library import reading, source_rows, storage, tables
from qa.library.disk import file_fault
from qa.library.holdings import HeldReport, held_reports
from qa.library.integrity import ORIGINALS
from qa.library.kept_files import KeptFiles
from qa.library.manifest import KEPT, damaged, is_read_at_opening, require_intact
from qa.library.migrations import bring_up_to_date
from qa.library.reading import Entry, HeldFact
from qa.library.shelf import Shelf
from qa.reports.origin import Mark, Origin
from qa.reports.report import Passage, Report

if TYPE_CHECKING:
    from embeddings import Bm25Index, Embedder, VectorIndex
    from embeddings.vectors import Ids

_LOG = logging.getLogger("wenzheng.library")
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
class PassageKey:
    """A passage's row id with what filters and ranking need to know before reading its text."""

    id: int
    report_id: str
    kind: str
    period: str | None


class ReportsThatAnswer(dict[str, Report]):
    """Report id → report: lists each report once, in the version that answers, and finds every version
    that is held by its id."""

    def __init__(self, told: Mapping[str, Report], every: Mapping[str, Report]) -> None:
        super().__init__(told)
        self._every = every

    def __missing__(self, report_id: str) -> Report:
        return self._every[report_id]


class Library:
    """A version of a library. Methods raise ``LibraryDamagedError`` if a part cannot be read.

    Its files stay while it is in use, however many newer versions are made.
    """

    def __init__(self, path: Path) -> None:
        """Open the version in force at ``path``; one of an earlier format is brought up to date first.

        Raises ``LibraryNotFoundError``, ``LibraryDamagedError``, ``LibraryFormatError``.
        """
        self.path = path
        bring_up_to_date(path)
        self.folder, handle = storage.hold_current(path)
        self._release = weakref.finalize(self, os.close, handle)
        self.stamp = f"{self.folder.name}-{os.fstat(handle).st_mtime_ns:x}"
        """Names this version among all that ever stood at this path."""
        self.manifest = storage.Manifest.read(self.folder)
        self.faults = self._look_over()
        """What is wrong with parts that answer nothing: the texts kept a second time."""
        self._require_intact(storage.DATABASE)
        with tables.damage_reported(path):
            self._engine = tables.open_database(self.folder / storage.DATABASE)
        self._entries: dict[int, Entry] = {}
        self._facts: dict[int, list[HeldFact]] = {}
        self._passage_of: dict[int, int] = {}
        self.originals = KeptFiles(path / ORIGINALS)
        self._marks: dict[int, tuple[Mark, ...]] = {}
        self._vectors: dict[str, VectorIndex] = {}

    @property
    def version(self) -> str:
        return self.folder.name

    def is_current(self) -> bool:
        """False once an ingest has made a newer version."""
        return storage.version_in_force(self.path).name == self.version

    def is_superseded(self) -> bool:
        """True once a newer version can take this one's place.

        One whose vectors are still being made cannot, if this one has its own: it would answer every
        question worse for the time of an ingest.
        """
        newest = storage.version_in_force(self.path)
        if newest.name == self.version:
            return False
        poorer = self.manifest.has_vectors and not storage.Manifest.read(newest).has_vectors
        return not (poorer and storage.is_being_written(self.path))

    @cached_property
    def held(self) -> tuple[HeldReport, ...]:
        """All reports, ordered by place code and year, without their passages; copies of others and
        abridged versions among them."""
        with self._reading() as connection:
            held = held_reports(connection)
        return tuple(sorted(held, key=lambda one: one.order))

    @cached_property
    def reports(self) -> ReportsThatAnswer:
        """Report id → report, without passages: each report once, in its best copy and in full."""
        every = {held.report.report_id: held.report for held in self.held}
        told = {
            held.report.report_id: held.report
            for held in self.held
            if held.duplicate_of is None and held.report.report_id not in self._behind
        }
        return ReportsThatAnswer(told, every)

    @cached_property
    def _behind(self) -> frozenset[str]:
        """What answers only where others do not: abridged versions."""
        return frozenset(held.report.report_id for held in self.held if held.abridged_of)

    @cached_property
    def of_abridged(self) -> Library | None:
        """This version with abridged reports in the places of their full ones; None if it holds none."""
        if not self._behind:
            return None
        other = copy.copy(self)
        for told in ("reports", "shelf"):
            other.__dict__.pop(told, None)
        other._behind = frozenset(held.abridged_of for held in self.held if held.abridged_of)
        return other

    def kindred(self, report_id: str) -> list[Report]:
        """The other reports of the same text, in full or abridged: copies and versions."""
        ids = self._versions.get(self._full_of(report_id), ())
        return [self.reports[other] for other in ids if other != report_id]

    @cached_property
    def _versions(self) -> dict[str, list[str]]:
        """Report id of a full version → all reports of its text, of those held more than once."""
        grouped: dict[str, list[str]] = defaultdict(list)
        for report_id in self._held_by_id:
            grouped[self._full_of(report_id)].append(report_id)
        return {full: ids for full, ids in grouped.items() if len(ids) > 1}

    def full_version_of(self, report_id: str) -> Report | None:
        """The full report of which this one is an abridged version, if it is held."""
        full = self._full_of(report_id)
        is_abridged = full != (self._held_by_id[report_id].duplicate_of or report_id)
        return self.reports[full] if is_abridged else None

    def _full_of(self, report_id: str) -> str:
        own = self._held_by_id[report_id].duplicate_of or report_id
        return self._held_by_id[own].abridged_of or own

    @cached_property
    def _held_by_id(self) -> dict[str, HeldReport]:
        return {held.report.report_id: held for held in self.held}

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

    def origin_of(self, report_id: str) -> Origin:
        """Where the report's source came from, as which file, with all marks of its text; raises
        ``ReportNotFoundError``."""
        here = tables.reports.c.report_id == report_id
        with self._reading() as connection:
            row = connection.execute(select(tables.reports.c.source_id).where(here)).first()
            if row is None:
                raise ReportNotFoundError("no_report", report_id=report_id)
            return source_rows.origin_of(connection, row.source_id)

    def passages(self, ids: Sequence[int]) -> list[Passage]:
        """The passages with these row ids, in the order asked for."""
        return [entry.passage for entry in self.entries(ids)]

    def _marks_of(
        self, connection: Connection, sources: set[int]
    ) -> Mapping[int, tuple[Mark, ...]]:
        """The marks of sources, read when a passage of one is first asked for."""
        found = {one: kept for one in sources if (kept := self._marks.get(one)) is not None}
        if missing := [one for one in sources if one not in found] if self._has_origins else []:
            read = reading.marks_by_source(connection, missing)
            found |= read
            self._marks = _kept(self._marks, read, _MOST_SOURCES)
        return defaultdict(tuple, found)

    @cached_property
    def _has_origins(self) -> bool:
        with self._reading() as connection:
            return source_rows.has_origins(connection)

    def facts(self, report_ids: Iterable[str] | None = None) -> list[HeldFact]:
        """The facts of these reports (default: all that answer), by report and in the order of the text."""
        rows = self._rows_of(self.reports if report_ids is None else report_ids)
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

        self._require_intact(storage.LEXICAL)
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
            # A copy, or an abridged version, would keep its report from standing out.
            if self._by_row[row].report_id in self.reports
        }

    def load_vectors(self, embedder: Embedder) -> VectorIndex | None:
        """Nearest neighbours over sentences, by row id; None while the vectors are not made yet.

        Raises ``embeddings.IndexMismatchError`` if they were made with another model.
        """
        if not self.manifest.has_vectors:
            return None
        if embedder.model_id not in self._vectors:
            from embeddings import open_vectors

            self._require_intact(storage.VECTORS)
            with self._opening():
                self._vectors[embedder.model_id] = open_vectors(
                    self.folder / storage.VECTORS,
                    model_id=embedder.model_id,
                    dimension=embedder.dimension,
                )
        return self._vectors[embedder.model_id]

    def _look_over(self) -> tuple[str, ...]:
        """Lengths of all files now, their bytes when they are used; the spare copy is told of."""
        found = []
        for name, digest in self.manifest.files.items():
            is_spare = name.startswith(KEPT)
            is_read = is_spare and is_read_at_opening(digest)
            fault = file_fault(self.folder / name, digest, sized_only=not is_read)
            if fault and not is_spare:
                raise damaged(self.path, f"{self.version}/{name} {fault}")
            if fault:
                found.append(f"{self.version}/{name} {fault}")
                _LOG.warning(
                    "the library %s answers, but its second copy of the texts is damaged (%s); mend it "
                    "with `wenzheng repair`",
                    self.path,
                    found[-1],
                )
        return tuple(found)

    def _require_intact(self, part: str) -> None:
        """Each part before it is used: an answer from altered bytes would look like any other. Of files
        that are too large to be read just the length is known."""
        require_intact(self.path, self.folder, self.manifest, part)

    @contextmanager
    def _opening(self) -> Iterator[None]:
        from embeddings import IndexDamagedError

        try:
            yield
        except IndexDamagedError as error:
            raise damaged(self.path, error.message) from error

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with tables.damage_reported(self.path), self._engine.connect() as connection:
            yield connection

    def close(self) -> None:
        """Let go of the files; an ingest may then remove them."""
        self._engine.dispose()
        self._release()


def _kept(kept: dict[int, T], read: Mapping[int, T], most: int) -> dict[int, T]:
    """What was kept with what was read; emptied when full, so that a library larger than this is
    read anew now and then. Another thread may be reading a full one: it is left as it is."""
    if len(kept) + len(read) > most:
        return dict(read)
    kept.update(read)
    return kept
