"""LlamaIndex as its starter tutorial sets it up: VectorStoreIndex with the default
SentenceSplitter (1,024 tokens, overlap 200) and the default vector store, saved to disk."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from llama_index.core import Document, VectorStoreIndex
from llama_index.core.base.embeddings.base import BaseEmbedding

from benchmarks.rivals.embedding import bundled

SETTINGS = "SentenceSplitter 1024/200 tokens (default); dense"


class _Bundled(BaseEmbedding):
    def _get_text_embedding(self, text: str) -> list[float]:
        return bundled().embed_documents([text])[0]

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        return bundled().embed_documents(texts)

    def _get_query_embedding(self, query: str) -> list[float]:
        return bundled().embed_query(query)

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._get_query_embedding(query)


def ingest(texts: Mapping[str, str], folder: Path) -> Any:
    documents = [
        Document(
            text=text,
            metadata={"source": name},
            # The name of a file is no part of what is embedded in the other systems.
            excluded_embed_metadata_keys=["source"],
        )
        for name, text in texts.items()
    ]
    index = VectorStoreIndex.from_documents(documents, embed_model=_Bundled())
    index.storage_context.persist(str(folder))

    def search(question: str, k: int) -> list[tuple[str, int, int]]:
        found = index.as_retriever(similarity_top_k=k).retrieve(question)
        nodes = [hit.node for hit in found]
        return [(n.metadata["source"], n.start_char_idx, n.end_char_idx) for n in nodes]

    return search
