"""What turns texts into vectors, and how one is chosen by name."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from embeddings.vectors import Vectors

BUNDLED = "bundled"


class Embedder(Protocol):
    """Texts to vectors of length 1, as arrays for the product and as lists for LangChain.

    Every embedder is also a `langchain_core.embeddings.Embeddings`, asynchronous methods included.
    """

    @property
    def model_id(self) -> str:
        """Names the vectors: two embedders with the same id give the same vectors."""
        ...

    @property
    def dimension(self) -> int:
        """Components of each vector."""
        ...

    @property
    def parallel_queries(self) -> int:
        """Questions it embeds to advantage at the same time; more would wait for each other."""
        ...

    def encode_documents(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> Vectors:
        """Vectors (n, dimension); `progress` is told how many texts are done."""
        ...

    def encode_query(self, text: str) -> Vectors:
        """The vector (dimension,) of a question, which some models embed unlike a document."""
        ...

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """LangChain's name for `encode_documents`."""
        ...

    def embed_query(self, text: str) -> list[float]:
        """LangChain's name for `encode_query`."""
        ...


def load_embedder(
    name: str,
    *,
    cache_dir: Path,
    api_key: str | None = None,
    timeout_seconds: float = 30.0,
    query_prompt: str = "",
    document_prompt: str = "",
    progress: Callable[[int, int], None] | None = None,
) -> Embedder:
    """The embedder called `name`.

    Args:
        name: `bundled`; or `https://host/v1#model`, an OpenAI-compatible endpoint; or the name or
            folder of a sentence-transformers model that is on this machine.
        cache_dir: where the bundled model is unpacked, once (330 MB).
        api_key: for an endpoint that wants one.
        timeout_seconds: how long an endpoint may take over one request.
        query_prompt: what an endpoint's model wants before a question.
        document_prompt: what it wants before a document.
        progress: told (steps done, steps in all) while the bundled model is unpacked.

    Raises:
        ModelNotFoundError: there is no such model here; nothing is ever fetched from a hub.
        ModelDamagedError: the model's files cannot be read.
        CacheUnwritableError: the bundled model cannot be unpacked into `cache_dir`.
    """
    if name == BUNDLED:
        return _load_bundled(cache_dir, progress)
    if name.startswith(("http://", "https://")):
        from embeddings.endpoint_embedder import EndpointEmbedder

        return EndpointEmbedder.from_name(
            name,
            api_key=api_key,
            timeout_seconds=timeout_seconds,
            query_prompt=query_prompt,
            document_prompt=document_prompt,
        )
    from embeddings.sentence_transformer_embedder import SentenceTransformerEmbedder

    return SentenceTransformerEmbedder(name)


def _load_bundled(cache_dir: Path, progress: Callable[[int, int], None] | None) -> Embedder:
    from embeddings.bundled_model import unpack_bundled_model
    from embeddings.onnx_embedder import OnnxEmbedder

    return OnnxEmbedder(unpack_bundled_model(cache_dir, progress))
