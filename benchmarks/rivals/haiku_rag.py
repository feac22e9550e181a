"""haiku.rag as its Python API is documented: documents are converted and cut by docling (256 tokens,
its default) into LanceDB. Its default search is hybrid."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

# What it imports when it comes to a document is imported before the clock starts, as the others' is.
from docling.document_converter import DocumentConverter  # noqa: F401
from haiku.rag.chunkers.docling_local import DoclingLocalChunker
from haiku.rag.client import HaikuRAG
from haiku.rag.config import AppConfig
from haiku.rag.embeddings import EmbedderWrapper
from haiku.rag.store import engine

from benchmarks.rivals import Search
from benchmarks.rivals.embedding import bundled, model_folder

_CHUNKS = "docling's hybrid chunker, 256 tokens (default)"
FORMS = {
    "vectors": f'{_CHUNKS}; search_type="vector"',
    "hybrid": f"{_CHUNKS}; its default search, LanceDB's vectors and words",
}
_TYPES = {"vectors": "vector", "hybrid": "hybrid"}


class _Bundled(EmbedderWrapper):
    async def _embed_query(self, text: str) -> list[float]:
        return bundled().embed_query(text)

    async def _embed_documents(self, texts: list[str]) -> list[list[float]]:
        return bundled().embed_documents(texts)


def _config() -> AppConfig:
    config = AppConfig()
    config.embeddings.model.vector_dim = bundled().dimension
    # Its own, Qwen3's, would be fetched from a hub; tokens are counted as our model counts them.
    config.processing.chunking_tokenizer = str(model_folder())
    return config


# Imports the chunker and its tokenizer.
DoclingLocalChunker(_config())


def ingest(texts: Mapping[str, str], folder: Path, form: str) -> Search:
    """The chunks in a database in ``folder``."""
    # It has no setting for a model that is not a server's or sentence-transformers'.
    engine.get_embedder = lambda config=None: _Bundled(None, bundled().dimension)
    loop = asyncio.new_event_loop()
    client = loop.run_until_complete(_filled(texts, folder))

    def search(question: str, k: int) -> list[tuple[str, str]]:
        hits = loop.run_until_complete(client.search(question, k, _TYPES[form]))
        return [(hit.document_uri, hit.content) for hit in hits]

    return search


async def _filled(texts: Mapping[str, str], folder: Path) -> HaikuRAG:
    client = HaikuRAG(folder / "haiku.lancedb", config=_config(), create=True)
    await client.__aenter__()
    for name, text in texts.items():
        await client.create_document(text, uri=name)
    return client
