"""The product as LangChain components: a retriever and a runnable (docs/langchain.md)."""

from __future__ import annotations

from typing import Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import Runnable, RunnableLambda
from pydantic import ConfigDict, Field

from qa.answers.answer import Answer
from qa.chain import Chain
from qa.ranking import Hit


class ReportRetriever(BaseRetriever):
    """Passages for a question as LangChain documents.

    ``metadata`` holds the address (``source``, ``start``, ``end``), the report and the score;
    ``source_text[start:end] == page_content``.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    chain: Chain
    k: int = Field(default=10, ge=1)

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun
    ) -> list[Document]:
        return [_document(hit) for hit in self.chain.search(query, self.k).hits]


def _document(hit: Hit) -> Document:
    passage, report = hit.passage, hit.report
    return Document(
        id=passage.id,
        page_content=passage.text,
        metadata={
            "source": passage.source,
            "start": passage.start,
            "end": passage.end,
            "report_id": report.report_id,
            "title": report.title,
            "place": report.place,
            "year": report.year,
            "headings": list(passage.headings),
            "section": passage.kind,
            "period": passage.period,
            "score": hit.score,
        },
    )


def as_runnable(chain: Chain) -> Runnable[str | dict[str, Any], Answer]:
    """The chain as a runnable: a question, or ``{"question", "turns"}``, to an ``Answer``."""

    def ask(asked: str | dict[str, Any]) -> Answer:
        if isinstance(asked, str):
            return chain.ask(asked)
        return chain.ask(asked["question"], asked.get("turns", ()))

    return RunnableLambda(ask, name="wenzheng")
