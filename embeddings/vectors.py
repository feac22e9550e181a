"""The shape of what embedders return."""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Vectors: TypeAlias = npt.NDArray[np.float32]
"""float32, (n, dimension) for many texts or (dimension,) for one; rows have length 1."""

Ids: TypeAlias = npt.NDArray[np.int64]
"""int64, (n,); chosen by the caller, unique within an index."""


def normalise_rows(vectors: npt.ArrayLike) -> Vectors:
    """Scale each row of a (n, dimension) array to length 1; a row of zeros stays zeros."""
    matrix = np.asarray(vectors, dtype=np.float32)
    lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
    scaled: Vectors = np.divide(matrix, lengths, out=np.zeros_like(matrix), where=lengths > 0)
    return scaled


def normalise(vector: npt.ArrayLike) -> Vectors:
    """Scale one vector (dimension,) to length 1; zeros stay zeros."""
    row: Vectors = normalise_rows(np.asarray(vector)[np.newaxis])[0]
    return row


def as_lists(vectors: Vectors) -> list[list[float]]:
    """Vectors (n, dimension) as LangChain wants them."""
    rows: list[list[float]] = vectors.tolist()
    return rows


def as_list(vector: Vectors) -> list[float]:
    """A vector (dimension,) as LangChain wants it."""
    numbers: list[float] = vector.tolist()
    return numbers


def best_first(ids: Ids, scores: Vectors, k: int) -> tuple[Ids, Vectors]:
    """The `k` highest scores, best first; equal scores by ascending id, so runs agree."""
    order = np.lexsort((ids, -scores))[:k]
    return ids[order], scores[order]
