"""The pipeline of the tutorials: LangChain's recursive splitter, one embedder, FAISS, top k.

Retrieval only. It gets the same texts and the same embedder as ours, and separators for Chinese,
as LangChain advises for languages without spaces; nothing else is tuned.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from langchain_text_splitters import RecursiveCharacterTextSplitter

from embeddings import FaissIndex, embed_with_cache
from eval.questions import Span
from eval.systems import Bench, Reply

_SEPARATORS = ["\n\n", "\n", "。", "！", "？", ";", "；", "，", ",", "、", " ", ""]
_CHUNK_CHARS = 500
_OVERLAP_CHARS = 50
_DEPTH = 20


class Vanilla:
    """Dense retrieval over fixed chunks; earlier turns are put before the question."""

    def __init__(self, bench: Bench) -> None:
        self._embedder = bench.embedder()
        self._spans = [span for name, text in bench.texts.items() for span in chunks(name, text)]
        texts = [bench.texts[span.source][span.start : span.end] for span in self._spans]
        with bench.vector_cache() as cache:
            vectors = embed_with_cache(self._embedder, texts, cache)
        ids = np.arange(len(texts), dtype=np.int64)
        self._index = FaissIndex.build(ids, vectors, model_id=self._embedder.model_id)

    def reply(self, question: str, turns: Sequence[str]) -> Reply:
        """The nearest chunks, no answer."""
        vector = self._embedder.encode_query(" ".join([*turns, question]))
        found, _ = self._index.search(vector, _DEPTH)
        return Reply([self._spans[number] for number in found.tolist()])


def chunks(name: str, text: str) -> Iterator[Span]:
    """The chunks of a text as spans of it."""
    splitter = RecursiveCharacterTextSplitter(
        separators=_SEPARATORS,
        chunk_size=_CHUNK_CHARS,
        chunk_overlap=_OVERLAP_CHARS,
        add_start_index=True,
    )
    for document in splitter.create_documents([text]):
        start = document.metadata["start_index"]
        yield Span(name, start, start + len(document.page_content))
