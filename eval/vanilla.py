"""The pipeline of the tutorials: LangChain's recursive splitter, one embedder, FAISS, top k, and a
prompt that asks to answer from the context only.

It gets the same texts and the same embedder as ours, and separators for Chinese, as LangChain
advises for languages without spaces; nothing else is tuned. Without a language model it only
searches.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from langchain_text_splitters import RecursiveCharacterTextSplitter

from embeddings import FaissIndex, embed_with_cache
from eval.questions import Span
from eval.systems import Bench, Quoted, Reply
from prompts import load
from qa.errors import ModelUnavailableError

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

_SEPARATORS = ["\n\n", "\n", "。", "！", "？", ";", "；", "，", ",", "、", " ", ""]
_CHUNK_CHARS = 500
_OVERLAP_CHARS = 50
_DEPTH = 20
_SHOWN = 5
# What the prompt asks it to say, as models say it: 不知道。 / 抱歉,我不知道…
_DOES_NOT_KNOW = re.compile(r".{0,12}(?:不知道|do(?:n't| not) know)", re.I)


class Vanilla:
    """Dense retrieval over fixed chunks; earlier turns are put before the question.

    With a ``model`` the nearest chunks are its context and the answer's citations.
    """

    def __init__(self, bench: Bench, model: BaseChatModel | None = None) -> None:
        self._model = model
        self._embedder = bench.embedder()
        spans = [span for name, text in bench.texts.items() for span in chunks(name, text)]
        texts = [bench.texts[span.source][span.start : span.end] for span in spans]
        self._chunks = [Quoted(0, *chunk) for chunk in zip(spans, texts, strict=True)]
        with bench.vector_cache() as cache:
            vectors = embed_with_cache(self._embedder, texts, cache)
        ids = np.arange(len(texts), dtype=np.int64)
        self._index = FaissIndex.build(ids, vectors, model_id=self._embedder.model_id)

    def reply(self, question: str, turns: Sequence[str]) -> Reply:
        """The nearest chunks, and what the model makes of the first of them.

        Raises ``ModelUnavailableError``.
        """
        asked = " ".join([*turns, question])
        found, _ = self._index.search(self._embedder.encode_query(asked), _DEPTH)
        nearest = [self._chunks[number] for number in found.tolist()]
        ranked = [chunk.span for chunk in nearest]
        if self._model is None:
            return Reply(ranked)
        shown = [Quoted(n, c.span, c.quote) for n, c in enumerate(nearest[:_SHOWN], 1)]
        said = _ask(self._model, asked, [chunk.quote for chunk in shown])
        text, tokens = str(said.text), _tokens(said)
        if _DOES_NOT_KNOW.match(text):
            return Reply(ranked, text, refusal="does_not_know", tokens=tokens)
        return Reply(ranked, text, shown, tokens=tokens)


def _ask(model: BaseChatModel, question: str, context: Sequence[str]) -> AIMessage:
    instructions = load("vanilla_answer.md").format(context="\n\n".join(context))
    try:
        return model.invoke([SystemMessage(instructions), HumanMessage(question)])
    except Exception as error:
        # Every provider has its own errors; a run with half of its answers proves nothing.
        raise ModelUnavailableError("model_unavailable", reason=error) from error


def _tokens(said: AIMessage) -> int | None:
    return said.usage_metadata["total_tokens"] if said.usage_metadata else None


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
