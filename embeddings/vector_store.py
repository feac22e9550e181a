"""Which index of vectors a library of what size gets, and opening it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from embeddings.durable_files import kind_of
from embeddings.errors import EmbeddingError
from embeddings.faiss_index import KIND as FLAT
from embeddings.faiss_index import FaissIndex
from embeddings.runs import Held
from embeddings.segmented_index import KIND, SegmentedIndex, write_vectors
from embeddings.vector_index import VectorBatch, VectorIndex
from embeddings.vectors import Ids, Vectors

# Up to so many vectors are kept flat in memory, 150 MB of 384 dimensions, and made anew at each change.
# Measured: see docs/scale.md.
FLAT_UP_TO = 100_000


def vectors_held(folder: Path, *, model_id: str, dimension: int) -> Held | None:
    """What the index in ``folder`` holds; None if there is none of this model that can be added to: a
    flat one is made anew."""
    try:
        if kind_of(folder) != KIND:
            return None
        return SegmentedIndex.load(folder, model_id=model_id, dimension=dimension).held
    except EmbeddingError:
        return None


def write_index(
    folder: Path,
    batches: Iterable[VectorBatch],
    count: int,
    *,
    model_id: str,
    dimension: int,
) -> None:
    """Write an index of ``count`` vectors, from nothing, of the kind that so many get."""
    if count > FLAT_UP_TO:
        write_vectors(folder, batches, model_id=model_id, dimension=dimension)
        return
    none = np.empty(0, np.int64)
    empty = VectorBatch(none, none, np.empty((0, dimension), np.float32))
    ids, groups, vectors = (np.concatenate(part) for part in zip(empty, *batches, strict=True))
    FaissIndex.build(ids, vectors, groups, model_id=model_id).save(folder)


def open_vectors(folder: Path, *, model_id: str, dimension: int) -> VectorIndex:
    """Open the index in ``folder``, whichever it is.

    Raises:
        IndexMismatchError: its vectors come from another model or have another dimension.
        IndexDamagedError: a file is missing or altered.
    """
    opened = FaissIndex if kind_of(folder) == FLAT else SegmentedIndex
    return opened.load(folder, model_id=model_id, dimension=dimension)


def vectors_without_groups(folder: Path, *, model_id: str, dimension: int) -> tuple[Ids, Vectors]:
    """See `FaissIndex.load_without_groups`: what earlier versions of this program wrote."""
    return FaissIndex.load_without_groups(folder, model_id=model_id, dimension=dimension)
