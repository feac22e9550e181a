"""Exact search in memory, for libraries of up to some hundred reports."""

from pathlib import Path

import faiss
import numpy as np

from embeddings.durable_files import (
    IndexMetadata,
    damaged,
    read_metadata,
    synced_checksums,
    write_metadata,
)
from embeddings.errors import IndexMismatchError
from embeddings.faiss_threads import stay_on_this_thread
from embeddings.runs import Runs, rows_in
from embeddings.vectors import Ids, Vectors, best_first

KIND = "faiss"
FORMAT_VERSION = 2
_INDEX_FILE = "vectors.faiss"
_GROUPS_FILE = "groups.npy"
_WRITE_BYTES = 1 << 20


class FaissIndex:
    """Exact search over vectors held in memory; a `VectorIndex`. Safe to search from threads."""

    def __init__(self, index: faiss.IndexIDMap2, groups: Ids, model_id: str) -> None:
        """Wrap a FAISS index; use `build` or `load`."""
        self._index = index
        self._held = faiss.vector_to_array(index.id_map)
        self._groups = groups
        self._runs = Runs.of(groups)
        self.model_id = model_id

    @classmethod
    def build(
        cls, ids: Ids, vectors: Vectors, groups: Ids | None = None, *, model_id: str
    ) -> "FaissIndex":
        """Index `vectors` (n, dimension), rows of length 1, under `ids` (n,), each in its group (n,) or
        in one of its own.

        Raises:
            ValueError: shapes disagree, an id occurs twice, or a vector is not finite.
        """
        groups = ids if groups is None else groups
        _check_input(ids, groups, vectors)
        index = faiss.IndexIDMap2(faiss.IndexFlatIP(vectors.shape[1]))
        index.add_with_ids(
            np.ascontiguousarray(vectors, dtype=np.float32),
            np.ascontiguousarray(ids, dtype=np.int64),
        )
        return cls(index, np.asarray(groups, dtype=np.int64), model_id)

    @property
    def dimension(self) -> int:
        """Components of each vector."""
        return int(self._index.d)

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def search(self, vector: Vectors, k: int, groups: Ids | None = None) -> tuple[Ids, Vectors]:
        """See `VectorIndex.search`."""
        row = self._row(vector)
        allowed = None if groups is None else self._held[rows_in(self._runs.spans(groups))]
        candidates = len(self) if allowed is None else len(allowed)
        if min(k, candidates, len(self)) < 1:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        stay_on_this_thread()
        scores, found = self._index.search(row, min(k, len(self)), params=_only(allowed))
        # FAISS fills the places it has nothing for with id -1.
        filled = found[0] >= 0
        return best_first(found[0][filled], scores[0][filled], k)

    def similarities(self, vector: Vectors, ids: Ids) -> Vectors:
        """See `VectorIndex.similarities`."""
        row = self._row(vector)
        wanted = np.asarray(ids, dtype=np.int64)
        scores = np.full(len(wanted), np.nan, dtype=np.float32)
        held = np.isin(wanted, self._held)
        if held.any():
            stay_on_this_thread()
            scores[held] = self._index.reconstruct_batch(wanted[held]) @ row[0]
        return scores

    def save(self, folder: Path) -> None:
        """Write the index into `folder`, which is made if need be, and sync it to the disk."""
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / _INDEX_FILE).open("wb") as file:
            # Given the name alone, FAISS tells of a full disk by an error of its own, or not at all.
            faiss.write_index(self._index, faiss.PyCallbackIOWriter(file.write, _WRITE_BYTES))  # type: ignore[attr-defined]
        np.save(folder / _GROUPS_FILE, self._groups, allow_pickle=False)
        checksums = synced_checksums(folder, [_INDEX_FILE, _GROUPS_FILE])
        metadata = IndexMetadata(
            KIND, FORMAT_VERSION, self.model_id, self.dimension, len(self), checksums
        )
        write_metadata(folder, metadata)

    @classmethod
    def load(cls, folder: Path, *, model_id: str, dimension: int) -> "FaissIndex":
        """Read an index that `save` wrote.

        Raises:
            IndexMismatchError: its vectors come from another model or have another dimension.
            IndexDamagedError: a file is missing or altered.
        """
        metadata = read_metadata(folder, kind=KIND, format_version=FORMAT_VERSION)
        check_model(metadata, model_id, dimension)
        index = _read(folder, metadata.count)
        try:
            groups: Ids = np.load(folder / _GROUPS_FILE, allow_pickle=False)
        except (OSError, ValueError) as error:
            raise damaged(folder, f"has an unreadable {_GROUPS_FILE}") from error
        return cls(index, groups, model_id)

    @staticmethod
    def load_without_groups(folder: Path, *, model_id: str, dimension: int) -> tuple[Ids, Vectors]:
        """The ids (n,), ascending, and vectors (n, dimension) of an index of the first format, which knew
        no groups.

        Raises:
            IndexMismatchError: it is of another format, or of another model.
            IndexDamagedError: a file is missing or altered.
        """
        metadata = read_metadata(folder, kind=KIND, format_version=1)
        check_model(metadata, model_id, dimension)
        index = _read(folder, metadata.count)
        ids: Ids = faiss.vector_to_array(index.id_map)
        order = np.argsort(ids)
        vectors: Vectors = faiss.downcast_index(index.index).reconstruct_n(0, len(ids))
        return ids[order], vectors[order]

    def _row(self, vector: Vectors) -> Vectors:
        row = np.ascontiguousarray(vector, dtype=np.float32)
        if row.shape != (self.dimension,):
            raise IndexMismatchError(
                f"a vector of shape {row.shape} was searched in an index of {self.dimension}",
                "use the model the index was made with, or rebuild the index",
            )
        return row[np.newaxis]


def _read(folder: Path, count: int) -> faiss.IndexIDMap2:
    try:
        index = faiss.read_index(str(folder / _INDEX_FILE))
    except (RuntimeError, OSError) as error:
        raise damaged(folder, f"has an unreadable {_INDEX_FILE}") from error
    if not isinstance(index, faiss.IndexIDMap2) or index.ntotal != count:
        raise damaged(folder, f"has an unreadable {_INDEX_FILE}")
    return index


def _only(allowed: Ids | None) -> faiss.SearchParameters | None:
    if allowed is None:
        return None
    selector = faiss.IDSelectorBatch(np.ascontiguousarray(allowed, dtype=np.int64))
    return faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]


def _check_input(ids: Ids, groups: Ids, vectors: Vectors) -> None:
    if vectors.ndim != 2 or ids.shape != (len(vectors),) or groups.shape != ids.shape:
        raise ValueError(f"{ids.shape} ids and {groups.shape} groups for {vectors.shape} vectors")
    if len(np.unique(ids)) != len(ids) or (ids < 0).any():
        raise ValueError("ids must be unique and not negative")
    if not np.isfinite(vectors).all():
        raise ValueError("a vector has a component that is not a finite number")


def check_model(metadata: IndexMetadata, model_id: str, dimension: int) -> None:
    """Raise `IndexMismatchError` unless an index holds vectors of this model."""
    if (metadata.model_id, metadata.dimension) == (model_id, dimension):
        return
    raise IndexMismatchError(
        f"the index was made with {metadata.model_id!r} ({metadata.dimension} dimensions), "
        f"not with {model_id!r} ({dimension})",
        "rebuild the index, or set the embedding model it was made with",
    )
