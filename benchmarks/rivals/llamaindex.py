"""LlamaIndex as its starter tutorial sets it up: VectorStoreIndex with the default
SentenceSplitter (1,024 tokens, overlap 200) and the default vector store, saved to disk."""

from collections.abc import Mapping
from pathlib import Path

from llama_index.core import Document, VectorStoreIndex
from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.llms import MockLLM
from llama_index.core.node_parser import SentenceSplitter
from llama_index.core.retrievers import QueryFusionRetriever
from llama_index.core.schema import NodeWithScore
from llama_index.retrievers.bm25 import BM25Retriever

from benchmarks.rivals import Search
from benchmarks.rivals.embedding import bundled

_BOTH = (
    "QueryFusionRetriever (reciprocal_rerank) of VectorStoreIndex and BM25Retriever with pairs of"
    " characters"
)
FORMS = {
    "vectors": "SentenceSplitter 1024/200 tokens (default); VectorStoreIndex",
    "hybrid": f"the same splitter; {_BOTH}",
    "hybrid, chunks that fit": f"the same splitter, 512/50; {_BOTH}",
}
# Tokens of another model's, of which a Chinese text has more; so many fit into the 512 of ours.
_SIZES = {"hybrid, chunks that fit": (512, 50)}
# Its own pattern takes a run of Chinese for one word. A group in a look-ahead gives pairs that overlap.
_PAIRS_AND_WORDS = r"(?=([\u4e00-\u9fff]{2}|(?<![a-z0-9.])[a-z0-9][a-z0-9.]*))"


class _Bundled(BaseEmbedding):
    def _get_text_embedding(self, text: str) -> list[float]:
        return bundled().embed_documents([text])[0]

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        return bundled().embed_documents(texts)

    def _get_query_embedding(self, query: str) -> list[float]:
        return bundled().embed_query(query)

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._get_query_embedding(query)


def ingest(texts: Mapping[str, str], folder: Path, form: str) -> Search:
    """The nodes in an index that is saved to ``folder``."""
    size, overlap = _SIZES.get(form, (1024, 200))
    index = VectorStoreIndex.from_documents(
        [_document(name, text) for name, text in texts.items()],
        transformations=[SentenceSplitter(chunk_size=size, chunk_overlap=overlap)],
        embed_model=_Bundled(),
    )
    index.storage_context.persist(str(folder))
    if form == "vectors":
        return lambda question, k: _found(index.as_retriever(similarity_top_k=k).retrieve(question))
    words = BM25Retriever.from_defaults(
        nodes=list(index.docstore.docs.values()),
        skip_stemming=True,
        token_pattern=_PAIRS_AND_WORDS,
    )

    def search(question: str, k: int) -> list[tuple[str, str]]:
        words.similarity_top_k = min(k, len(index.docstore.docs))
        both = QueryFusionRetriever(
            [index.as_retriever(similarity_top_k=k), words],
            llm=MockLLM(),
            # One: the question itself. More would be written by a language model.
            num_queries=1,
            mode="reciprocal_rerank",
            similarity_top_k=k,
            use_async=False,
        )
        return _found(both.retrieve(question))

    return search


def _document(name: str, text: str) -> Document:
    # The name of a file is no part of what is embedded in the other systems.
    return Document(text=text, metadata={"source": name}, excluded_embed_metadata_keys=["source"])


def _found(hits: list[NodeWithScore]) -> list[tuple[str, str]]:
    return [(hit.node.metadata["source"], hit.node.text) for hit in hits]
