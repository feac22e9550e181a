"""What every index of vectors does, wherever it keeps them.

An implementation is held to ``tests/embeddings/index_contract.py``: derive a test class from its
``VectorIndexContract``, say how an index is made and changed, and every clause is tested. Two are shipped:
`FaissIndex`, flat and in memory, and `SegmentedIndex`, on the disk; a server's is a third.

A library makes an index from batches of vectors (`VectorBatch`), and later changes it by what was
added and which groups were removed. Each vector has an id, unique in the index and never used twice, and a
group, the number of the report it is from. Filters name groups: whatever a question is limited
to, by place, year or set of reports, is a set of reports. A server's index keeps the group beside
the vector as a field of its own, and filters by ``group in […]``.
"""

from collections.abc import Iterable
from typing import NamedTuple, Protocol

from embeddings.vectors import Ids, Vectors


class VectorBatch(NamedTuple):
    """Vectors to add: ids (n,), the group of each (n,), vectors (n, dimension) of length 1."""

    ids: Ids
    groups: Ids
    vectors: Vectors


class VectorIndex(Protocol):
    """Nearest ids by inner product over vectors of length 1, which is their cosine."""

    @property
    def model_id(self) -> str:
        """The embedder whose vectors are held."""
        ...

    @property
    def dimension(self) -> int:
        """Components of each vector."""
        ...

    def __len__(self) -> int:
        """How many vectors are held."""
        ...

    def search(self, vector: Vectors, k: int, groups: Ids | None = None) -> tuple[Ids, Vectors]:
        """The at most `k` nearest ids and their scores, best first, equal scores by id.

        `groups` limits the search to their vectors: none of another group is found, and never fewer
        than `min(k, how many they have)`. An empty `groups` finds nothing. Which are nearest may be
        approximate where many vectors match; scores are exact up to float16.

        Raises:
            IndexMismatchError: `vector` is not of shape (dimension,).
        """
        ...

    def similarities(self, vector: Vectors, ids: Ids) -> Vectors:
        """The scores of the given ids, in their order; NaN for an id that is not held.

        Raises:
            IndexMismatchError: `vector` is not of shape (dimension,).
        """
        ...


class VectorIndexWriter(Protocol):
    """What changes an index; the index that comes back holds the change, whether it is a new one or the
    same."""

    def __call__(self, added: Iterable[VectorBatch], removed: Ids) -> VectorIndex:
        """Remove groups, then add batches; a group that is not held is removed without complaint. The
        ids of all batches ascend, and are above all that were ever held.

        Raises:
            ValueError: shapes disagree, an id is held already or occurs twice, or a vector is not
                finite.
        """
        ...
