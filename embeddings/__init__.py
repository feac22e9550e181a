"""Texts to vectors to nearest ids. Knows nothing of reports.

Everything public is listed here and loaded on first use: importing `embeddings` stays free of
torch, faiss, onnxruntime, bm25s, langchain and numpy, because a command that only lists reports
must not wait for them.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from embeddings.bm25_index import Bm25Index
    from embeddings.bundled_model import unpack_bundled_model
    from embeddings.embedders import Embedder, load_embedder
    from embeddings.endpoint_embedder import EndpointEmbedder
    from embeddings.errors import (
        CacheDamagedError,
        CacheUnwritableError,
        CredentialsRejectedError,
        EmbeddingError,
        EndpointReplyError,
        EndpointUnavailableError,
        IndexDamagedError,
        IndexMismatchError,
        IndexUnavailableError,
        ModelDamagedError,
        ModelFailedError,
        ModelNotFoundError,
        ModelUnsuitableError,
    )
    from embeddings.faiss_index import FaissIndex
    from embeddings.milvus_index import Labels, MilvusIndex, Where
    from embeddings.onnx_embedder import OnnxEmbedder
    from embeddings.rerankers import CrossEncoderReranker, Reranker
    from embeddings.sentence_transformer_embedder import SentenceTransformerEmbedder
    from embeddings.terms import bigrams
    from embeddings.vector_cache import VectorCache, embed_with_cache
    from embeddings.vector_index import VectorBatch, VectorIndex

__all__ = [
    "Bm25Index",
    "CacheDamagedError",
    "CacheUnwritableError",
    "CredentialsRejectedError",
    "CrossEncoderReranker",
    "Embedder",
    "EmbeddingError",
    "EndpointEmbedder",
    "EndpointReplyError",
    "EndpointUnavailableError",
    "FaissIndex",
    "IndexDamagedError",
    "IndexMismatchError",
    "IndexUnavailableError",
    "Labels",
    "MilvusIndex",
    "ModelDamagedError",
    "ModelFailedError",
    "ModelNotFoundError",
    "ModelUnsuitableError",
    "OnnxEmbedder",
    "Reranker",
    "SentenceTransformerEmbedder",
    "VectorBatch",
    "VectorCache",
    "VectorIndex",
    "Where",
    "bigrams",
    "embed_with_cache",
    "load_embedder",
    "unpack_bundled_model",
]

_HOMES = {
    "Bm25Index": "bm25_index",
    "CrossEncoderReranker": "rerankers",
    "Embedder": "embedders",
    "EndpointEmbedder": "endpoint_embedder",
    "FaissIndex": "faiss_index",
    "Labels": "milvus_index",
    "MilvusIndex": "milvus_index",
    "OnnxEmbedder": "onnx_embedder",
    "Reranker": "rerankers",
    "SentenceTransformerEmbedder": "sentence_transformer_embedder",
    "VectorBatch": "vector_index",
    "VectorCache": "vector_cache",
    "VectorIndex": "vector_index",
    "Where": "milvus_index",
    "bigrams": "terms",
    "embed_with_cache": "vector_cache",
    "load_embedder": "embedders",
    "unpack_bundled_model": "bundled_model",
}


def __getattr__(name: str) -> object:
    """Load a public name from its module on first use."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES.get(name, 'errors')}"), name)


def __dir__() -> list[str]:
    return list(__all__)
