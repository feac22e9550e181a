"""Doubles of language models: deterministic, offline, and no measure of what a model can do."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult

from embeddings import bigrams

_SENTENCE = re.compile(r"[^。!?!?\n]+[。!?!?]?")
_NOTHING = "不知道。"


class EchoModel(BaseChatModel):
    """Says the sentence of its context that has the most words in common with the question.

    The context is what stands behind the first blank line of the first message, the question the
    last message; the words are pairs of characters. Without a word in common it does not know.
    """

    @property
    def _llm_type(self) -> str:
        return "echo"

    def _generate(self, messages: Sequence[BaseMessage], *args: Any, **kwargs: Any) -> ChatResult:
        _, _, context = messages[0].text.partition("\n\n")
        said = AIMessage(_nearest_sentence(context, messages[-1].text))
        return ChatResult(generations=[ChatGeneration(message=said)])


def _nearest_sentence(context: str, question: str) -> str:
    asked = set(bigrams(question))
    sentences = [match[0].strip() for match in _SENTENCE.finditer(context)]
    shared = {sentence: len(asked & set(bigrams(sentence))) for sentence in sentences}
    best = max(shared, key=lambda sentence: shared[sentence], default="")
    return best if shared.get(best) else _NOTHING
