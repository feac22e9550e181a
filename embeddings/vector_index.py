"""What every index of vectors does, wherever it keeps them."""

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

    def search(self, vector: Vectors, k: int, allowed: Ids | None = None) -> tuple[Ids, Vectors]:
        """The at most `k` nearest ids and their scores, best first, equal scores by id.

        `allowed` limits the search to those ids, exactly; an empty `allowed` finds nothing.

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
