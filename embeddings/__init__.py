"""Texts to vectors to nearest ids. Knows nothing of reports.

Everything public is listed here and loaded on first use: importing `embeddings` stays free of
torch, faiss, onnxruntime, bm25s, langchain and numpy, because a command that only lists reports
must not wait for them.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from embeddings.bm25_index import Bm25Index, Bm25View, TextBatch
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
    from embeddings.lexical_writing import lexical_held, write_lexical
    from embeddings.milvus_index import Labels, MilvusIndex, Where
    from embeddings.onnx_embedder import OnnxEmbedder
    from embeddings.rerankers import CrossEncoderReranker, Reranker
    from embeddings.segmented_index import SegmentedIndex, write_vectors
    from embeddings.sentence_transformer_embedder import SentenceTransformerEmbedder
    from embeddings.terms import bigrams
    from embeddings.vector_cache import VectorCache, embed_with_cache
    from embeddings.vector_index import VectorBatch, VectorIndex, VectorIndexWriter
    from embeddings.vector_store import (
        open_vectors,
        vectors_held,
        vectors_without_groups,
        write_index,
    )

__all__ = [
    "Bm25Index",
    "Bm25View",
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
    "SegmentedIndex",
    "SentenceTransformerEmbedder",
    "TextBatch",
    "VectorBatch",
    "VectorCache",
    "VectorIndex",
    "VectorIndexWriter",
    "Where",
    "bigrams",
    "embed_with_cache",
    "lexical_held",
    "load_embedder",
    "open_vectors",
    "unpack_bundled_model",
    "vectors_held",
    "vectors_without_groups",
    "write_index",
    "write_lexical",
    "write_vectors",
]

_HOMES = {
    "Bm25Index": "bm25_index",
    "Bm25View": "bm25_index",
    "CrossEncoderReranker": "rerankers",
    "Embedder": "embedders",
    "EndpointEmbedder": "endpoint_embedder",
    "FaissIndex": "faiss_index",
    "Labels": "milvus_index",
    "MilvusIndex": "milvus_index",
    "OnnxEmbedder": "onnx_embedder",
    "Reranker": "rerankers",
    "SegmentedIndex": "segmented_index",
    "SentenceTransformerEmbedder": "sentence_transformer_embedder",
    "TextBatch": "bm25_index",
    "VectorBatch": "vector_index",
    "VectorCache": "vector_cache",
    "VectorIndex": "vector_index",
    "VectorIndexWriter": "vector_index",
    "Where": "milvus_index",
    "bigrams": "terms",
    "embed_with_cache": "vector_cache",
    "lexical_held": "lexical_writing",
    "load_embedder": "embedders",
    "open_vectors": "vector_store",
    "unpack_bundled_model": "bundled_model",
    "vectors_held": "vector_store",
    "vectors_without_groups": "vector_store",
    "write_index": "vector_store",
    "write_lexical": "lexical_writing",
    "write_vectors": "segmented_index",
}


def __getattr__(name: str) -> object:
    """Load a public name from its module on first use."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES.get(name, 'errors')}"), name)


def __dir__() -> list[str]:
    return list(__all__)
