"""The reading side: one version of a library, opened once and shared by all who ask."""

from __future__ import annotations

import copy
import json
import logging
import os
import weakref
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select

from qa.errors import ReportNotFoundError
from qa.facts.fact import Fact
from qa.library import storage, tables
from qa.library.disk import file_fault
from qa.library.holdings import HeldReport, held_reports
from qa.library.integrity import ORIGINALS
from qa.library.kept_files import KeptFiles
from qa.library.manifest import KEPT, damaged, require_intact
from qa.library.migrations import bring_up_to_date
from qa.reports.origin import Mark, Origin, marks_between, marks_of
from qa.reports.report import Passage, Report

if TYPE_CHECKING:
    from embeddings import Bm25Index, Embedder, FaissIndex

_LOG = logging.getLogger("wenzheng.library")
# Passages kept in memory, of some 2 KiB each.
_MOST_KEPT = 20_000


@dataclass(frozen=True, slots=True)
class PassageKey:
    """A passage's row id with what filters and ranking need to know before reading its text."""

    id: int
    report_id: str
    kind: str
    period: str | None


@dataclass(frozen=True, slots=True)
class HeldFact:
    """A fact and the row id of the passage it stands in."""

    fact: Fact
    passage: int | None


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
        self.originals = KeptFiles(path / ORIGINALS)
        self._passages: dict[int, Passage] = {}
        self._marks: dict[int, tuple[Mark, ...]] = {}
        self._vectors: dict[str, FaissIndex] = {}

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
        other.__dict__.pop("reports", None)
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

    @cached_property
    def sentence_passages(self) -> dict[int, int]:
        """Row id of a sentence → row id of its passage."""
        query = select(tables.sentences.c.id, tables.sentences.c.passage)
        with self._reading() as connection:
            return {row.id: row.passage for row in connection.execute(query)}

    @cached_property
    def passage_sentences(self) -> dict[int, list[int]]:
        """Row id of a passage → row ids of its sentences, in order."""
        grouped: dict[int, list[int]] = defaultdict(list)
        for sentence, passage in sorted(self.sentence_passages.items()):
            grouped[passage].append(sentence)
        return dict(grouped)

    def origin_of(self, report_id: str) -> Origin:
        """Where the report's source came from, as which file, with all marks of its text; raises
        ``ReportNotFoundError``."""
        here = tables.reports.c.report_id == report_id
        with self._reading() as connection:
            row = connection.execute(select(tables.reports.c.source_id).where(here)).first()
            if row is None:
                raise ReportNotFoundError("no_report", report_id=report_id)
            return tables.origin_of(connection, row.source_id)

    def passages(self, ids: Sequence[int]) -> list[Passage]:
        """The passages with these row ids, in the order asked for."""
        found = {number: kept for number in ids if (kept := self._passages.get(number))}
        if missing := [number for number in ids if number not in found]:
            with self._reading() as connection:
                read = dict(_read_passages(connection, missing, self.reports, self._marks_of))
            found |= read
            self._keep(read)
        return [found[number] for number in ids]

    def _marks_of(self, connection: Connection, source_id: int) -> tuple[Mark, ...]:
        """The marks of a source, read when a passage of it is first asked for."""
        if source_id not in self._marks:
            row = None
            if tables.has_origins(connection):
                here = tables.origins.c.source_id == source_id
                row = connection.execute(select(tables.origins.c.marks).where(here)).first()
            self._marks[source_id] = marks_of(json.loads(row.marks)) if row else ()
        return self._marks[source_id]

    def _keep(self, read: Mapping[int, Passage]) -> None:
        # Emptied as a whole when full: a library that is larger than this is read anew now and then.
        if len(self._passages) + len(read) > _MOST_KEPT:
            self._passages = {}
        self._passages.update(read)

    def facts(self, report_ids: Iterable[str] | None = None) -> list[HeldFact]:
        """The facts of these reports (default: all that answer), by report and in the order of the text."""
        wanted = self.reports if report_ids is None else set(report_ids)
        return [held for key, facts in self._facts.items() if key in wanted for held in facts]

    @cached_property
    def _facts(self) -> dict[str, list[HeldFact]]:
        """Report id → its facts, in the order of the library: read once, asked for often."""
        query = select(tables.facts, tables.reports.c.report_id).join(tables.reports)
        with self._reading() as connection:
            rows = connection.execute(query.order_by(tables.facts.c.id)).all()
        found: dict[str, list[HeldFact]] = defaultdict(list)
        for row in rows:
            fact = tables.fact_of(row, self.reports[row.report_id])
            found[row.report_id].append(HeldFact(fact, row.passage))
        return dict(found)

    @cached_property
    def passage_facts(self) -> dict[int, list[Fact]]:
        """Row id of a passage → its facts."""
        grouped: dict[int, list[Fact]] = defaultdict(list)
        for held in self.facts(self._facts):
            if held.passage is not None:
                grouped[held.passage].append(held.fact)
        return dict(grouped)

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

    def load_vectors(self, embedder: Embedder) -> FaissIndex | None:
        """Nearest neighbours over sentences, by row id; None while the vectors are not made yet.

        Raises ``embeddings.IndexMismatchError`` if they were made with another model.
        """
        if not self.manifest.has_vectors:
            return None
        if embedder.model_id not in self._vectors:
            from embeddings import FaissIndex

            self._require_intact(storage.VECTORS)
            with self._opening():
                self._vectors[embedder.model_id] = FaissIndex.load(
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
            fault = file_fault(self.folder / name, digest, sized_only=not is_spare)
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
        """Each part before it is used: an answer from altered bytes would look like any other."""
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


def _read_passages(
    connection: Connection,
    ids: Iterable[int],
    reports: dict[str, Report],
    marks_in: Callable[[Connection, int], tuple[Mark, ...]],
) -> Iterator[tuple[int, Passage]]:
    wanted = list(ids)
    spans = defaultdict(list)
    inside = tables.sentences.c.passage.in_(wanted)
    for row in connection.execute(
        select(tables.sentences).where(inside).order_by(tables.sentences.c.id)
    ):
        spans[row.passage].append((row.start, row.end))
    query = (
        select(tables.passages, tables.reports.c.report_id, tables.reports.c.source_id)
        .join(tables.reports)
        .where(tables.passages.c.id.in_(wanted))
    )
    for row in connection.execute(query).all():
        marks = marks_between(marks_in(connection, row.source_id), row.start, row.end)
        source = reports[row.report_id].source
        yield row.id, _passage_of(row, tuple(spans[row.id]), source, marks)


def _passage_of(
    row: Any, spans: tuple[tuple[int, int], ...], source: str, marks: tuple[Mark, ...]
) -> Passage:
    return Passage(
        report_id=row.report_id,
        source=source,
        start=row.start,
        end=row.end,
        text=row.text,
        headings=tuple(json.loads(row.headings)),
        kind=row.kind,
        period=row.period,
        sentences=spans,
        marks=marks,
    )
