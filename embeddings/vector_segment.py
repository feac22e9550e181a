"""A part of an index of vectors, in files that stay on the disk.

::

    ids.bin       int64    ascending
    runs.bin      int64    group, first row, row behind the last (`Runs`)
    vectors.bin   float16  the vectors, row by row
    lists.faiss   only in larger segments: the same vectors in eight bits, in lists of neighbours

A search in few rows reads their vectors and is exact. A search in many rows takes candidates from
the lists nearest to the question and scores them by the vectors.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import faiss
import numpy as np
import numpy.typing as npt

from embeddings.durable_files import damaged, map_array, write_array
from embeddings.faiss_threads import stay_on_this_thread, use_all_cores
from embeddings.runs import Runs, Spans, rows_in, size_of
from embeddings.segments import is_worn
from embeddings.vectors import Ids, Vectors, best_first

IDS, RUNS, VECTORS, LISTS = "ids.bin", "runs.bin", "vectors.bin", "lists.faiss"
# Up to so many rows are read and compared one by one. Measured: see docs/scale.md.
READ_UP_TO = 30_000
# A segment of so many rows gets lists.
LISTS_FROM = 100_000
# Lists for n vectors: so many times the square root of n. Of a question's search so many are read.
_LISTS_PER_ROOT = 1.5
LISTS_READ = 48
# Candidates taken from the lists for each neighbour wanted, because eight bits misorder near ties.
_OVERSAMPLED = 2
_ROWS_AT_A_TIME = 1 << 12
_ADDED_AT_A_TIME = 1 << 16
_TRAINED_ON = 50
_ROUNDS = 10


@dataclass(frozen=True)
class VectorSegment:
    """Vectors, (n, dimension) in float16, with ids and runs of groups; ``lists`` are read from the disk."""

    ids: Ids
    runs: Runs
    vectors: npt.NDArray[np.float16]
    lists: faiss.IndexIVF | None

    @classmethod
    def open(cls, folder: Path, dimension: int) -> VectorSegment:
        """The segment in ``folder``; raises ``IndexDamagedError``."""
        ids, runs = map_array(folder / IDS, np.int64), map_array(folder / RUNS, np.int64)
        numbers = map_array(folder / VECTORS, np.float16)
        if len(runs) % 3 or len(numbers) != len(ids) * dimension:
            raise damaged(folder, "does not fit together")
        lists = _open_lists(folder / LISTS) if (folder / LISTS).exists() else None
        return cls(ids, Runs(runs.reshape(-1, 3)), numbers.reshape(-1, dimension), lists)

    @property
    def count(self) -> int:
        """Rows, removed ones included."""
        return len(self.ids)

    @cached_property
    def whole(self) -> Spans:
        """The spans of the rows that were not removed."""
        return self.runs.spans()

    @property
    def is_worn(self) -> bool:
        """True if so many vectors were removed that it should be written anew."""
        return is_worn(self.count, self.count - len(self.runs))

    def without(self, groups: Ids) -> VectorSegment:
        """The segment when the vectors of these groups are removed."""
        return replace(self, runs=self.runs.without(groups))

    def rows_of(self, ids: Ids) -> Ids:
        """The row of each id, -1 for one that is not held."""
        wanted = np.asarray(ids, dtype=np.int64)
        if not self.count or not len(self.whole):
            return np.full(len(wanted), -1, np.int64)
        rows = np.minimum(np.searchsorted(self.ids, wanted), self.count - 1)
        span = np.searchsorted(self.whole[:, 0], rows, side="right") - 1
        held = (self.ids[rows] == wanted) & (span >= 0) & (rows < self.whole[span, 1])
        return np.where(held, rows, -1)

    def scores(self, vector: Vectors, rows: Ids) -> Vectors:
        """The products of ``vector`` with the vectors of these rows."""
        found = np.empty(len(rows), np.float32)
        stay_on_this_thread()
        for start in range(0, len(rows), _ROWS_AT_A_TIME):
            part = rows[start : start + _ROWS_AT_A_TIME]
            found[start : start + len(part)] = self._widened(self.vectors[part]) @ vector
        return found

    def _widened(self, half: npt.NDArray[np.float16]) -> Vectors:
        """The same numbers in float32; numpy takes several times as long."""
        dimension = self.vectors.shape[1]
        codec = faiss.ScalarQuantizer(dimension, faiss.ScalarQuantizer.QT_fp16)
        codes = np.ascontiguousarray(half).view(np.uint8)
        widened: Vectors = codec.decode(codes)
        return widened

    def search(self, vector: Vectors, k: int, groups: Ids | None) -> tuple[Ids, Vectors]:
        """The nearest ids, best first."""
        spans = self.whole if groups is None else self.runs.spans(groups)
        size = size_of(spans)
        if self.lists is None or size <= max(READ_UP_TO, k):
            rows = rows_in(spans)
        else:
            rows = self._candidates(self.lists, vector, k, spans)
        return self._best(rows, vector, k)

    def _best(self, rows: Ids, vector: Vectors, k: int) -> tuple[Ids, Vectors]:
        """The nearest of these rows: which of equals come first is told by their ids."""
        found = self._scanned(rows, vector, k) if len(rows) else None
        rows, scores = found if found else (rows, self.scores(vector, rows))
        if len(rows) > k:
            # All that equal the last of the best stay, for their ids to tell.
            least = np.partition(scores, len(rows) - k)[len(rows) - k]
            rows, scores = rows[scores >= least], scores[scores >= least]
        return best_first(self.ids[rows], scores, k)

    def _scanned(self, rows: Ids, vector: Vectors, k: int) -> tuple[Ids, Vectors] | None:
        """The best of these rows and more, from FAISS's scan of half floats, which takes a quarter of the
        time that their products take; None if it may have left out one that equals the last of the best."""
        stay_on_this_thread()
        halves = self.vectors.view(np.uint8)
        scan, held = _scan_of(self.vectors.shape[1], min(len(rows), _ROWS_AT_A_TIME))
        best_rows, best_scores, left_out = [], [], -np.inf
        for start in range(0, len(rows), _ROWS_AT_A_TIME):
            part = rows[start : start + _ROWS_AT_A_TIME]
            np.take(halves, part, axis=0, out=held[: len(part)], mode="clip")
            scan.ntotal = len(part)
            scores, places = scan.search(vector[np.newaxis], min(k + 1, len(part)))
            best_rows.append(part[places[0]])
            best_scores.append(scores[0])
            if len(part) > k + 1:
                left_out = max(left_out, scores[0][-1])
        found, products = np.concatenate(best_rows), np.concatenate(best_scores)
        if len(found) > k and left_out >= np.partition(products, len(found) - k)[len(found) - k]:
            return None
        return found, products

    def _candidates(self, lists: faiss.IndexIVF, vector: Vectors, k: int, spans: Spans) -> Ids:
        """Rows likely to be nearest: more lists are read where fewer rows match, and as many as it takes
        to find ``k``."""
        size = size_of(spans)
        only = None if size == self.count else _bitmap(spans, self.count)
        probes = int(LISTS_READ * (self.count / size) ** 0.5)
        wanted = min(_OVERSAMPLED * k, size)
        stay_on_this_thread()
        while True:
            probes = min(probes, lists.nlist)
            chosen = faiss.SearchParametersIVF(nprobe=probes, sel=only)  # type: ignore[call-arg]
            _, found = lists.search(vector[np.newaxis], wanted, params=chosen)
            rows: Ids = found[0][found[0] >= 0]
            if len(rows) >= min(k, size) or probes == lists.nlist:
                return rows
            probes *= 4


def _scan_of(dimension: int, rows: int) -> tuple[faiss.IndexScalarQuantizer, npt.NDArray[np.uint8]]:
    """A flat index of half floats over memory for so many rows, and that memory, (rows, bytes)."""
    half_floats = faiss.ScalarQuantizer.QT_fp16
    scan: Any = faiss.IndexScalarQuantizer(dimension, half_floats, faiss.METRIC_INNER_PRODUCT)
    size = rows * scan.code_size
    scan.codes.resize(size)
    return scan, faiss.rev_swig_ptr(scan.codes.data(), size).reshape(rows, scan.code_size)


def _bitmap(spans: Spans, count: int) -> faiss.IDSelector:
    matching = np.zeros(count, np.uint8)
    matching[rows_in(spans)] = 1
    return faiss.IDSelectorBitmap(np.packbits(matching, bitorder="little"))  # type: ignore[call-arg, arg-type]


# --- lists -------------------------------------------------------------------------------------


def _open_lists(path: Path) -> faiss.IndexIVF:
    try:
        lists: Any = faiss.read_index(str(path), faiss.IO_FLAG_MMAP)
    except RuntimeError as error:
        raise damaged(path.parent, f"has an unreadable {path.name}") from error
    on_disk: Any = faiss.downcast_InvertedLists(lists.invlists)
    # FAISS would start 32 threads for each question to read lists ahead.
    on_disk.prefetch_nthread = 0
    return cast("faiss.IndexIVF", lists)


def write_lists(folder: Path, dimension: int) -> None:
    """Make the lists of the segment in ``folder``. Memory: some 400 bytes a vector of 384 dimensions."""
    numbers = map_array(folder / VECTORS, np.float16).reshape(-1, dimension)
    count = max(1, round(_LISTS_PER_ROOT * len(numbers) ** 0.5))
    lists = faiss.IndexIVFScalarQuantizer(
        faiss.IndexFlatIP(dimension),
        dimension,
        count,
        faiss.ScalarQuantizer.QT_8bit,
        faiss.METRIC_INNER_PRODUCT,
        False,
    )
    lists.cp.spherical, lists.cp.niter = True, _ROUNDS
    use_all_cores()
    chance = np.random.default_rng(0)
    size = min(len(numbers), _TRAINED_ON * count)
    sample = np.sort(chance.choice(len(numbers), size, replace=False))
    lists.train(numbers[sample].astype(np.float32))
    for start in range(0, len(numbers), _ADDED_AT_A_TIME):
        lists.add(numbers[start : start + _ADDED_AT_A_TIME].astype(np.float32))
    faiss.write_index(lists, str(folder / LISTS))


# --- writing -----------------------------------------------------------------------------------


class SegmentWriter:
    """Appends batches to the files of a new segment; ids must ascend."""

    def __init__(self, folder: Path, dimension: int) -> None:
        folder.mkdir(parents=True)
        self.folder = folder
        self.count = 0
        self._dimension = dimension
        self._groups: list[Ids] = []
        self.first_id = self._last = -1
        (folder / IDS).touch()
        (folder / VECTORS).touch()

    def append(self, ids: Ids, groups: Ids, vectors: npt.NDArray[np.floating]) -> None:
        """Raises ``ValueError`` if shapes disagree, ids do not ascend or a vector is not finite."""
        if vectors.shape != (len(ids), self._dimension) or len(groups) != len(ids):
            raise ValueError(f"{len(ids)} ids and {len(groups)} groups for {vectors.shape} vectors")
        if len(ids) and ((np.diff(ids) <= 0).any() or ids[0] <= self._last):
            raise ValueError("ids must be unique, not negative, and ascend")
        if not np.isfinite(vectors).all():
            raise ValueError("a vector has a component that is not a finite number")
        if len(ids):
            self.first_id = self.first_id if self.count else int(ids[0])
            self._last = int(ids[-1])
        with (self.folder / IDS).open("ab") as file:
            np.ascontiguousarray(ids, np.int64).tofile(file)
        with (self.folder / VECTORS).open("ab") as file:
            np.ascontiguousarray(vectors, np.float16).tofile(file)
        self._groups.append(np.asarray(groups, np.int64))
        self.count += len(ids)

    def append_segment(self, segment: VectorSegment) -> None:
        """Append what was not removed of another segment."""
        groups = segment.runs.groups()
        rows = rows_in(segment.whole)
        for start in range(0, len(rows), _ROWS_AT_A_TIME):
            part = rows[start : start + _ROWS_AT_A_TIME]
            of_part = groups[start : start + _ROWS_AT_A_TIME]
            self.append(segment.ids[part], of_part, segment.vectors[part])

    def close(self, *, lists: bool) -> None:
        """End the files; with ``lists``, make those that a larger segment is searched by."""
        none = np.empty(0, np.int64)
        write_array(self.folder / RUNS, Runs.of(np.concatenate([none, *self._groups])).table)
        if lists:
            self.make_lists(self.folder)

    def make_lists(self, folder: Path) -> None:
        """Make the lists of the closed segment, which lies in ``folder`` now, if it is large."""
        if self.count >= LISTS_FROM:
            write_lists(folder, self._dimension)
