"""Calls that come at once, made as one: a model or an endpoint is asked for many texts at a time."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from embeddings.vectors import Vectors

_MOST = 32


@dataclass(slots=True, eq=False)
class _Waiting:
    text: str
    vector: Vectors | None = None
    error: Exception | None = None
    done: bool = field(default=False)


class Batching:
    """Encodes texts of several threads together.

    A text that comes alone is encoded at once; those that come meanwhile wait for it and are encoded
    together, so nobody waits for company. ``encode`` gives vectors (n, dimension); what it raises is raised
    in every thread whose text was in the batch.
    """

    def __init__(self, encode: Callable[[list[str]], Vectors]) -> None:
        self._encode = encode
        self._waiting: list[_Waiting] = []
        self._arriving = threading.Lock()
        self._encoding = threading.Lock()

    def __call__(self, text: str) -> Vectors:
        """The vector (dimension,) of a text."""
        mine = _Waiting(text)
        with self._arriving:
            self._waiting.append(mine)
        with self._encoding:
            # Whoever encoded before may have taken this text along; else it is among the next.
            while not mine.done:
                self._encode_next()
        if mine.error is not None:
            raise mine.error
        assert mine.vector is not None
        return mine.vector

    def _encode_next(self) -> None:
        with self._arriving:
            batch, self._waiting = self._waiting[:_MOST], self._waiting[_MOST:]
        try:
            vectors = self._encode([one.text for one in batch])
            for one, vector in zip(batch, vectors, strict=True):
                one.vector = vector
        except Exception as error:
            for one in batch:
                one.error = error
        finally:
            for one in batch:
                one.done = True
