"""Nearness in sense of a sentence to others."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from embeddings import Embedder
from embeddings.vectors import Vectors
from qa.generation.checking import Similarity

# Sentences of one answer are compared again and again with those that it may cite.
_REMEMBERED = 512


def nearest(embedder: Embedder) -> Similarity:
    """A function that gives the cosine of a sentence to the nearest of several others, in [-1, 1]."""

    @lru_cache(maxsize=_REMEMBERED)
    def of_source(text: str) -> Vectors:
        vector: Vectors = embedder.encode_documents([text])[0]
        return vector

    @lru_cache(maxsize=_REMEMBERED)
    def of_claim(text: str) -> Vectors:
        return embedder.encode_query(text)

    def similarity(sentence: str, others: Sequence[str]) -> float:
        return max(float(of_claim(sentence) @ of_source(other)) for other in others)

    return similarity
