"""A part of a lexical index: what some documents print, by term, in arrays that stay on the disk.

::

    ids.bin       int64   the id of each document; its number below is its row
    runs.bin      int64   group, first row, row behind the last (`Runs`)
    lengths.bin   int32   how many terms each document has
    letters.bin   uint8   the terms, sorted, one after another (`TermTable`)
    offsets.bin   int64   where each term begins in them
    starts.bin    int64   where the postings of each term begin
    rows.bin      int32   postings: the rows that print a term, ascending
    counts.bin    uint16  postings: how often each prints it
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from embeddings.durable_files import damaged, map_array, write_array
from embeddings.runs import Runs, Spans, gaps_in, rows_in, size_of
from embeddings.segments import is_worn
from embeddings.term_table import TermTable
from embeddings.terms import terms_once
from embeddings.vectors import Ids

FILES = {
    "ids.bin": np.int64,
    "runs.bin": np.int64,
    "lengths.bin": np.int32,
    "letters.bin": np.uint8,
    "offsets.bin": np.int64,
    "starts.bin": np.int64,
    "rows.bin": np.int32,
    "counts.bin": np.uint16,
}
# Postings merged at a time: some 100 MB of memory.
_POSTINGS_AT_A_TIME = 4_000_000
_MOST_COUNTED = np.iinfo(np.uint16).max


@dataclass(frozen=True)
class LexicalSegment:
    """Documents and their postings. The arrays are those of the files named above."""

    ids: Ids
    runs: Runs
    lengths: npt.NDArray[np.int32]
    terms: TermTable
    starts: npt.NDArray[np.int64]
    rows: npt.NDArray[np.int32]
    counts: npt.NDArray[np.uint16]

    @classmethod
    def build(cls, ids: Ids, groups: Ids, texts: Sequence[str]) -> LexicalSegment:
        """The postings of some ten thousand texts, in memory."""
        columns: dict[str, int] = {}
        lengths = np.zeros(len(texts), np.int32)
        codes: list[int] = []
        for row, text in enumerate(texts):
            terms = terms_once(text)
            lengths[row] = len(terms)
            codes += [columns.setdefault(term, len(columns)) for term in terms]
        ordered = sorted(columns)
        rank = np.empty(len(columns), np.int64)
        rank[[columns[term] for term in ordered]] = np.arange(len(columns))
        documents = np.repeat(np.arange(len(texts), dtype=np.int64), lengths)
        keys = rank[np.array(codes, np.int64)] * max(len(texts), 1) + documents
        found, counts = np.unique(keys, return_counts=True)
        columns_found, rows = np.divmod(found, max(len(texts), 1))
        starts = np.searchsorted(columns_found, np.arange(len(columns) + 1))
        return cls(
            np.asarray(ids, np.int64),
            Runs.of(groups),
            lengths,
            TermTable.of(ordered),
            starts.astype(np.int64),
            rows.astype(np.int32),
            np.minimum(counts, _MOST_COUNTED).astype(np.uint16),
        )

    @classmethod
    def open(cls, folder: Path) -> LexicalSegment:
        """The segment in ``folder``; raises ``IndexDamagedError``."""
        read = {name: map_array(folder / name, dtype) for name, dtype in FILES.items()}
        if len(read["runs.bin"]) % 3 or len(read["rows.bin"]) != len(read["counts.bin"]):
            raise damaged(folder, "does not fit together")
        return cls(
            read["ids.bin"],
            Runs(read["runs.bin"].reshape(-1, 3)),
            read["lengths.bin"],
            TermTable(read["letters.bin"], read["offsets.bin"]),
            read["starts.bin"],
            read["rows.bin"],
            read["counts.bin"],
        )

    def write(self, folder: Path) -> None:
        """Write the files of the segment into ``folder``."""
        arrays: tuple[npt.NDArray[Any], ...] = (
            self.ids,
            self.runs.table,
            self.lengths,
            self.terms.letters,
            self.terms.offsets,
            self.starts,
            self.rows,
            self.counts,
        )
        for name, array in zip(FILES, arrays, strict=True):
            write_array(folder / name, array.astype(FILES[name], copy=False))

    @property
    def count(self) -> int:
        """Rows, removed ones included."""
        return len(self.ids)

    @cached_property
    def whole(self) -> Spans:
        """The spans of all rows that were not removed."""
        return self.runs.spans()

    @cached_property
    def removed(self) -> Spans:
        """The spans of the rows that were removed."""
        return gaps_in(self.whole, self.count)

    @cached_property
    def total_length(self) -> int:
        """Terms of all documents that were not removed."""
        gone = sum(int(self.lengths[start:end].sum()) for start, end in self.removed.tolist())
        return int(self.lengths.sum(dtype=np.int64)) - gone

    @property
    def is_worn(self) -> bool:
        """True if so many documents were removed that it should be written anew."""
        return is_worn(self.count, self.count - len(self.runs))

    def without(self, groups: Ids) -> LexicalSegment:
        """The segment when the documents of these groups are removed."""
        return replace(self, runs=self.runs.without(groups))

    def postings(self, column: int) -> npt.NDArray[np.int32]:
        """The rows that print the term numbered ``column``, removed ones included."""
        return self.rows[self.starts[column] : self.starts[column + 1]]

    def documents_with(self, term: str) -> int:
        """How many documents print a term, without those that were removed."""
        column = self.terms.find(term)
        if column is None:
            return 0
        rows = self.postings(column)
        return len(rows) - (size_of(spans_within(rows, self.removed)) if len(self.removed) else 0)


def spans_within(rows: npt.NDArray[np.int32], spans: Spans) -> Spans:
    """Where the rows of each span lie among ascending ``rows``."""
    # Needles of another type would make numpy copy what it searches.
    found: Spans = np.searchsorted(rows, spans.astype(np.int32))
    return found.astype(np.int64)


# --- merging -----------------------------------------------------------------------------------


def merge_segments(segments: Sequence[LexicalSegment], folder: Path) -> None:
    """Write one segment of several into ``folder``, in their order and without what was removed.

    The postings pass through memory a few million at a time.
    """
    folder.mkdir(parents=True, exist_ok=True)
    kept = [rows_of(segment) for segment in segments]
    write_array(folder / "ids.bin", np.concatenate([s.ids[k] for s, k in _zip(segments, kept)]))
    lengths = [s.lengths[k] for s, k in _zip(segments, kept)]
    write_array(folder / "lengths.bin", np.concatenate(lengths))
    groups = np.concatenate([segment.runs.groups() for segment in segments])
    write_array(folder / "runs.bin", Runs.of(groups).table)
    terms, sizes = _merge_postings(segments, kept, folder)
    write_array(folder / "letters.bin", terms.letters)
    write_array(folder / "offsets.bin", terms.offsets)
    write_array(folder / "starts.bin", np.concatenate(([0], np.cumsum(sizes))).astype(np.int64))


def _zip(
    segments: Sequence[LexicalSegment], kept: Sequence[Ids]
) -> Iterator[tuple[LexicalSegment, Ids]]:
    return zip(segments, kept, strict=True)


def rows_of(segment: LexicalSegment) -> Ids:
    """The rows that were not removed."""
    return rows_in(segment.whole)


def _merge_postings(
    segments: Sequence[LexicalSegment], kept: Sequence[Ids], folder: Path
) -> tuple[TermTable, npt.NDArray[np.int64]]:
    """Write ``rows.bin`` and ``counts.bin``; the terms that are still printed, and how many rows print
    each."""
    names = sorted(set().union(*(segment.terms for segment in segments)))
    numbers = {name: number for number, name in enumerate(names)}
    places = [
        np.fromiter((numbers[term] for term in segment.terms), np.int64, len(segment.terms))
        for segment in segments
    ]
    renumbered = _renumbered(segments, kept)
    sizes = np.zeros(len(names), np.int64)
    with (folder / "rows.bin").open("wb") as rows, (folder / "counts.bin").open("wb") as counts:
        for first, behind in _chunks(segments, places, len(names)):
            columns, documents, often = _chunk(segments, places, renumbered, first, behind)
            sizes[first:behind] = np.bincount(columns - first, minlength=behind - first)
            documents.astype(np.int32).tofile(rows)
            often.tofile(counts)
    printed = np.flatnonzero(sizes)
    return TermTable.of([names[number] for number in printed.tolist()]), sizes[printed]


def _renumbered(
    segments: Sequence[LexicalSegment], kept: Sequence[Ids]
) -> list[npt.NDArray[np.int32]]:
    """For each segment the new row of each of its rows; -1 for one that was removed."""
    tables, before = [], 0
    for segment, rows in _zip(segments, kept):
        table = np.full(segment.count, -1, np.int32)
        table[rows] = np.arange(before, before + len(rows), dtype=np.int32)
        tables.append(table)
        before += len(rows)
    return tables


def _chunks(
    segments: Sequence[LexicalSegment], places: Sequence[Ids], count: int
) -> Iterator[tuple[int, int]]:
    """Ranges of the merged terms, each of some million postings."""
    postings = np.zeros(count, np.int64)
    for segment, place in zip(segments, places, strict=True):
        postings[place] += np.diff(segment.starts)
    reached = np.cumsum(postings)
    first = 0
    while first < count:
        target = (reached[first - 1] if first else 0) + _POSTINGS_AT_A_TIME
        behind = max(first + 1, int(np.searchsorted(reached, target, side="right")))
        yield first, behind
        first = behind


def _chunk(
    segments: Sequence[LexicalSegment],
    places: Sequence[Ids],
    renumbered: Sequence[npt.NDArray[np.int32]],
    first: int,
    behind: int,
) -> tuple[Ids, npt.NDArray[np.int32], npt.NDArray[np.uint16]]:
    """The postings of the merged terms ``first`` to ``behind``: term, row, count; by term and row."""
    columns, documents, counts = [], [], []
    for segment, place, table in zip(segments, places, renumbered, strict=True):
        low, high = np.searchsorted(place, [first, behind]).tolist()
        span = slice(segment.starts[low], segment.starts[high])
        rows = table[segment.rows[span]]
        alive = rows >= 0
        terms = np.repeat(place[low:high], np.diff(segment.starts[low : high + 1]))
        columns.append(terms[alive])
        documents.append(rows[alive])
        counts.append(segment.counts[span][alive])
    joined = np.concatenate(columns)
    # Stable: within a term the segments, and their rows, keep their order.
    order = np.argsort(joined, kind="stable")
    return joined[order], np.concatenate(documents)[order], np.concatenate(counts)[order]
