"""Writing a lexical index: from nothing, or from the one before it and what has changed."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from embeddings.durable_files import (
    METADATA_FILE,
    IndexMetadata,
    link_or_copy,
    read_metadata,
    sizes_of,
    synced_checksums,
    write_array,
    write_metadata,
)
from embeddings.errors import EmbeddingError
from embeddings.lexical_segment import FILES, LexicalSegment, merge_segments
from embeddings.runs import Held
from embeddings.segments import check_segments, first_to_merge, folder_name, segment_folders
from embeddings.vectors import Ids

if TYPE_CHECKING:
    from embeddings.bm25_index import TextBatch

KIND = "bm25"
FORMAT_VERSION = 2
_STAGE = "stage"


def lexical_held(folder: Path) -> Held | None:
    """What the index in ``folder`` holds; None if there is none that can be added to."""
    try:
        read_metadata(folder, kind=KIND, format_version=FORMAT_VERSION)
        segments = [LexicalSegment.open(path) for path in segment_folders(folder)]
    except EmbeddingError:
        return None
    last = max((int(segment.ids.max()) for segment in segments if segment.count), default=-1)
    groups = np.concatenate([np.empty(0, np.int64), *(s.runs.table[:, 0] for s in segments)])
    return Held(last, np.unique(groups))


def write_segments(folder: Path, segments: Sequence[LexicalSegment]) -> None:
    """Write an index of these segments into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, segment in enumerate(segments, 1):
        segment.write(folder / folder_name(number))
    _seal(folder, {}, sum(len(segment.runs) for segment in segments))


def write_lexical(
    folder: Path,
    added: Iterable[TextBatch],
    *,
    previous: Path | None = None,
    removed: Ids | None = None,
) -> None:
    """Write into ``folder`` the index ``previous`` without ``removed`` groups and with ``added`` texts.

    Memory does not grow with what is held: batches become segments, and segments are merged on the
    disk. What stays as it was is shared with the files of ``previous``.

    Raises:
        IndexDamagedError, IndexMismatchError: ``previous`` cannot be read.
        ValueError: a batch's lengths disagree.
    """
    stage = folder / _STAGE
    fresh = list(_staged(stage, added))
    old = list(_kept(previous, removed))
    first = first_to_merge([len(one.runs) for _, one in old], sum(len(f.runs) for f in fresh))
    if previous is not None:
        worn = [path for path, one in old[:first] if one.is_worn]
        check_segments(previous, [*worn, *(path for path, _ in old[first:])])
    for number, (path, segment) in enumerate(old[:first], 1):
        _carry(path, segment, folder / folder_name(number))
    merged = [segment for _, segment in old[first:]] + fresh
    if merged or not old:
        target = folder / folder_name(first + 1)
        merge_segments(merged, target) if merged else _nothing().write(target)
    shutil.rmtree(stage, ignore_errors=True)
    checksums = {} if previous is None else _checksums(previous, old[:first], folder)
    _seal(folder, checksums, sum(len(one.runs) for _, one in old) + sum(len(f.runs) for f in fresh))


def _staged(stage: Path, added: Iterable[TextBatch]) -> Iterator[LexicalSegment]:
    for number, batch in enumerate(added):
        if not len(batch.ids) == len(batch.groups) == len(batch.texts):
            raise ValueError(f"{len(batch.ids)} ids for {len(batch.texts)} texts")
        LexicalSegment.build(*batch).write(stage / folder_name(number))
        yield LexicalSegment.open(stage / folder_name(number))


def _nothing() -> LexicalSegment:
    none = np.empty(0, np.int64)
    return LexicalSegment.build(none, none, [])


def _kept(previous: Path | None, removed: Ids | None) -> Iterator[tuple[Path, LexicalSegment]]:
    """The segments of the index before, with where they lie, without what is removed."""
    if previous is None:
        return
    read_metadata(previous, kind=KIND, format_version=FORMAT_VERSION)
    for path in segment_folders(previous):
        segment = LexicalSegment.open(path)
        if removed is not None and len(removed):
            segment = segment.without(removed)
        if len(segment.runs):
            yield path, segment


def _carry(path: Path, segment: LexicalSegment, target: Path) -> None:
    """Bring a segment into a new index: by links, with runs of its own; anew if it has lost much."""
    if segment.is_worn:
        merge_segments([segment], target)
        return
    for name in FILES:
        if name != "runs.bin":
            link_or_copy(path / name, target / name)
    write_array(target / "runs.bin", segment.runs.table)


def _checksums(
    previous: Path, carried: Sequence[tuple[Path, LexicalSegment]], folder: Path
) -> dict[str, str]:
    """The checksums of the files that are shared with the index before: they need not be read."""
    held = read_metadata(previous, kind=KIND, format_version=FORMAT_VERSION).checksums
    known = {}
    for number, (path, _) in enumerate(carried, 1):
        for name in FILES:
            here, there = folder / folder_name(number) / name, path / name
            if name != "runs.bin" and here.samefile(there):
                known[f"{folder_name(number)}/{name}"] = held[f"{path.name}/{name}"]
    return known


def _seal(folder: Path, checksums: dict[str, str], count: int) -> None:
    names = [
        path.relative_to(folder).as_posix()
        for path in sorted(folder.rglob("*.bin"))
        if path.name != METADATA_FILE
    ]
    fresh = synced_checksums(folder, [name for name in names if name not in checksums])
    found = {name: checksums.get(name) or fresh[name] for name in names}
    write_metadata(
        folder, IndexMetadata(KIND, FORMAT_VERSION, "", 0, count, found, sizes_of(folder, names))
    )
