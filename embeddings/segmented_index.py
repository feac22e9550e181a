"""Vectors past what memory should hold: segments on the disk, exact where few match."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from embeddings.durable_files import (
    IndexMetadata,
    link_or_copy,
    read_metadata,
    sizes_of,
    synced_checksums,
    write_array,
    write_metadata,
)
from embeddings.errors import IndexMismatchError
from embeddings.faiss_index import check_model
from embeddings.runs import Held
from embeddings.segments import check_segments, first_to_merge, folder_name, segment_folders
from embeddings.vector_index import VectorBatch
from embeddings.vector_segment import IDS, LISTS, RUNS, VECTORS, SegmentWriter, VectorSegment
from embeddings.vectors import Ids, Vectors, best_first

KIND = "segments"
FORMAT_VERSION = 1
_STAGE = "stage"
# Rows of a segment at most: making the lists of so many takes some 3 GB of memory.
MOST_ROWS = 8_000_000


class SegmentedIndex:
    """A `VectorIndex` of segments. Vectors are kept in float16; memory holds next to nothing of them
    but what the system keeps of the files. Safe to search from threads."""

    def __init__(self, segments: Sequence[VectorSegment], model_id: str, dimension: int) -> None:
        """Wrap segments; use `load`."""
        self.segments = tuple(segments)
        self.model_id = model_id
        self.dimension = dimension

    def __len__(self) -> int:
        return sum(len(segment.runs) for segment in self.segments)

    @property
    def held(self) -> Held:
        """What is held, as far as it tells what is new."""
        last = max((int(segment.ids[-1]) for segment in self.segments if segment.count), default=-1)
        groups = (segment.runs.table[:, 0] for segment in self.segments)
        return Held(last, np.unique(np.concatenate([np.empty(0, np.int64), *groups])))

    def search(self, vector: Vectors, k: int, groups: Ids | None = None) -> tuple[Ids, Vectors]:
        """See `VectorIndex.search`."""
        row = self._row(vector)
        if k < 1:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        found = [segment.search(row, k, groups) for segment in self.segments]
        ids = [np.empty(0, np.int64), *(ids for ids, _ in found)]
        scores = [np.empty(0, np.float32), *(scores for _, scores in found)]
        return best_first(np.concatenate(ids), np.concatenate(scores), k)

    def similarities(self, vector: Vectors, ids: Ids) -> Vectors:
        """See `VectorIndex.similarities`."""
        row = self._row(vector)
        scores = np.full(len(ids), np.nan, dtype=np.float32)
        for segment in self.segments:
            rows = segment.rows_of(ids)
            held = rows >= 0
            scores[held] = segment.scores(row, rows[held])
        return scores

    @classmethod
    def load(cls, folder: Path, *, model_id: str, dimension: int) -> SegmentedIndex:
        """Open an index that `write_vectors` wrote.

        Raises:
            IndexMismatchError: its vectors come from another model or have another dimension.
            IndexDamagedError: a file is missing or altered.
        """
        metadata = read_metadata(folder, kind=KIND, format_version=FORMAT_VERSION)
        check_model(metadata, model_id, dimension)
        opened = [VectorSegment.open(one, dimension) for one in segment_folders(folder)]
        return cls(opened, model_id, dimension)

    def _row(self, vector: Vectors) -> Vectors:
        row = np.ascontiguousarray(vector, dtype=np.float32)
        if row.shape != (self.dimension,):
            raise IndexMismatchError(
                f"a vector of shape {row.shape} was searched in an index of {self.dimension}",
                "use the model the index was made with, or rebuild the index",
            )
        return row


# --- writing -----------------------------------------------------------------------------------


def write_vectors(
    folder: Path,
    added: Iterable[VectorBatch],
    *,
    model_id: str,
    dimension: int,
    previous: Path | None = None,
    removed: Ids | None = None,
) -> None:
    """Write into ``folder`` the index ``previous`` without ``removed`` groups and with ``added`` batches.

    What stays as it was is shared with the files of ``previous``. Ids ascend from batch to batch.

    Raises:
        IndexDamagedError, IndexMismatchError: ``previous`` cannot be read, or is of another model.
        ValueError: shapes disagree, an id is held or occurs twice, or a vector is not finite.
    """
    folder.mkdir(parents=True, exist_ok=True)
    old = list(_kept(previous, removed, model_id, dimension))
    fresh = list(_staged(folder / _STAGE, _unheld(added, old), dimension))
    first = _first_to_merge([segment for _, segment in old], fresh)
    if previous is not None:
        worn = [path for path, one in old[:first] if one.is_worn]
        check_segments(previous, [*worn, *(path for path, _ in old[first:])])
    for number, (path, segment) in enumerate(old[:first], 1):
        _carry(path, segment, folder / folder_name(number), dimension)
    _merge([segment for _, segment in old[first:]], fresh, folder, first + 1, dimension)
    shutil.rmtree(folder / _STAGE, ignore_errors=True)
    checksums = {} if previous is None else _checksums(previous, old[:first], folder)
    count = sum(len(one.runs) for _, one in old) + sum(writer.count for writer in fresh)
    _seal(folder, checksums, IndexMetadata(KIND, FORMAT_VERSION, model_id, dimension, count, {}))


def _kept(
    previous: Path | None, removed: Ids | None, model_id: str, dimension: int
) -> Iterator[tuple[Path, VectorSegment]]:
    if previous is None:
        return
    index = SegmentedIndex.load(previous, model_id=model_id, dimension=dimension)
    for path, segment in zip(segment_folders(previous), index.segments, strict=True):
        left = segment if removed is None or not len(removed) else segment.without(removed)
        if len(left.runs):
            yield path, left


def _unheld(
    added: Iterable[VectorBatch], old: Sequence[tuple[Path, VectorSegment]]
) -> Iterator[VectorBatch]:
    for batch in added:
        if any((segment.rows_of(batch.ids) >= 0).any() for _, segment in old):
            raise ValueError("ids must be unique: one of them is held already")
        yield batch


def _staged(stage: Path, added: Iterable[VectorBatch], dimension: int) -> Iterator[SegmentWriter]:
    """Segments of the new vectors, without their lists, none larger than a segment may be."""
    writer = None
    for batch in added:
        if writer is not None and writer.count + len(batch.ids) > MOST_ROWS:
            writer.close(lists=False)
            yield writer
            writer = None
        if writer is None:
            writer = SegmentWriter(stage / str(len(list(stage.glob("*")))), dimension)
        writer.append(*batch)
    if writer is not None:
        writer.close(lists=False)
        yield writer


def _first_to_merge(old: Sequence[VectorSegment], fresh: Sequence[SegmentWriter]) -> int:
    """From which old segment on to merge with the first new one; ids must go on ascending."""
    size = fresh[0].count if fresh else 0
    first = first_to_merge([len(segment.runs) for segment in old], size)
    while first < len(old) and sum(len(s.runs) for s in old[first:]) + size > MOST_ROWS:
        first += 1
    following = fresh[0].first_id if fresh else None
    joined = len(old)
    while following is not None and joined > first and old[joined - 1].ids[-1] < following:
        joined -= 1
        following = int(old[joined].ids[0])
    return joined


def _merge(
    old: Sequence[VectorSegment],
    fresh: Sequence[SegmentWriter],
    folder: Path,
    number: int,
    dimension: int,
) -> None:
    """Make the new segments, the first of them together with the old ones it is merged with."""
    for writer in fresh:
        target = folder / folder_name(number)
        if old:
            joined = SegmentWriter(target, dimension)
            for segment in (*old, VectorSegment.open(writer.folder, dimension)):
                joined.append_segment(segment)
            joined.close(lists=True)
            old = ()
        else:
            writer.folder.rename(target)
            writer.make_lists(target)
        number += 1


def _carry(path: Path, segment: VectorSegment, target: Path, dimension: int) -> None:
    """Bring a segment into a new index: by links, with runs of its own; anew if it has lost much."""
    if segment.is_worn:
        writer = SegmentWriter(target, dimension)
        writer.append_segment(segment)
        writer.close(lists=True)
        return
    for name in (IDS, VECTORS, LISTS):
        if (path / name).exists():
            link_or_copy(path / name, target / name)
    write_array(target / RUNS, segment.runs.table)


def _checksums(
    previous: Path, carried: Sequence[tuple[Path, VectorSegment]], folder: Path
) -> dict[str, str]:
    """The checksums of the files that are shared with the index before: they need not be read."""
    held = read_metadata(previous, kind=KIND, format_version=FORMAT_VERSION).checksums
    known = {}
    for number, (path, _) in enumerate(carried, 1):
        for name in (IDS, VECTORS, LISTS):
            here, there = folder / folder_name(number) / name, path / name
            if here.exists() and here.samefile(there):
                known[f"{folder_name(number)}/{name}"] = held[f"{path.name}/{name}"]
    return known


def _seal(folder: Path, checksums: dict[str, str], metadata: IndexMetadata) -> None:
    names = [
        path.relative_to(folder).as_posix()
        for segment in segment_folders(folder)
        for path in sorted(segment.iterdir())
    ]
    fresh = synced_checksums(folder, [name for name in names if name not in checksums])
    found = {name: checksums.get(name) or fresh[name] for name in names}
    write_metadata(folder, replace(metadata, checksums=found, sizes=sizes_of(folder, names)))
