"""LangChain with FAISS as its tutorial on retrieval sets it up: chunks of 1,000 characters with an
overlap of 200, with the separators it advises for languages without spaces; dense search."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from langchain_community.vectorstores import FAISS
from langchain_core.documents import Document
from langchain_text_splitters import RecursiveCharacterTextSplitter

from benchmarks.rivals.embedding import bundled

SETTINGS = "RecursiveCharacterTextSplitter 1000/200, Chinese separators; dense"
_SEPARATORS = ["\n\n", "\n", " ", ".", ",", "\u200b", "\uff0c", "\u3001", "\uff0e", "\u3002", ""]


def ingest(texts: Mapping[str, str], folder: Path) -> Any:
    splitter = RecursiveCharacterTextSplitter(
        separators=_SEPARATORS, chunk_size=1000, chunk_overlap=200, add_start_index=True
    )
    documents = [Document(text, metadata={"source": name}) for name, text in texts.items()]
    store = FAISS.from_documents(splitter.split_documents(documents), bundled())
    store.save_local(str(folder))

    def search(question: str, k: int) -> list[tuple[str, int, int]]:
        return [_span(d) for d in store.similarity_search(question, k=k)]

    return search


def _span(found: Document) -> tuple[str, int, int]:
    start = found.metadata["start_index"]
    return found.metadata["source"], start, start + len(found.page_content)
