"""LangChain with FAISS as its tutorial on retrieval sets it up: chunks of 1,000 characters with an
overlap of 200, with the separators it advises for languages without spaces."""

from collections.abc import Mapping
from pathlib import Path

from langchain_classic.retrievers import EnsembleRetriever
from langchain_community.retrievers import BM25Retriever
from langchain_community.vectorstores import FAISS
from langchain_core.documents import Document
from langchain_text_splitters import RecursiveCharacterTextSplitter

from benchmarks.rivals import Search
from benchmarks.rivals.embedding import bundled
from embeddings.terms import bigrams

_BOTH = "EnsembleRetriever of FAISS and BM25Retriever with our bigrams"
FORMS = {
    "vectors": "RecursiveCharacterTextSplitter 1000/200, Chinese separators; FAISS",
    "hybrid": f"the same splitter; {_BOTH}",
    "hybrid, chunks that fit": f"the same splitter, 500/50; {_BOTH}",
}
# The tutorial's chunks are longer than the 512 tokens that the model reads; these are not.
_SIZES = {"hybrid, chunks that fit": (500, 50)}
_SEPARATORS = ["\n\n", "\n", " ", ".", ",", "\u200b", "\uff0c", "\u3001", "\uff0e", "\u3002", ""]


def ingest(texts: Mapping[str, str], folder: Path, form: str) -> Search:
    """The chunks in an index that is saved to ``folder``."""
    size, overlap = _SIZES.get(form, (1000, 200))
    splitter = RecursiveCharacterTextSplitter(
        separators=_SEPARATORS, chunk_size=size, chunk_overlap=overlap
    )
    documents = [Document(text, metadata={"source": name}) for name, text in texts.items()]
    chunks = splitter.split_documents(documents)
    store = FAISS.from_documents(chunks, bundled())
    store.save_local(str(folder))
    if form == "vectors":
        return lambda question, k: _found(store.similarity_search(question, k=k))
    words = BM25Retriever.from_documents(chunks, preprocess_func=bigrams)

    def search(question: str, k: int) -> list[tuple[str, str]]:
        words.k = k
        dense = store.as_retriever(search_kwargs={"k": k})
        both = EnsembleRetriever(retrievers=[words, dense], weights=[0.5, 0.5])
        return _found(both.invoke(question)[:k])

    return search


def _found(documents: list[Document]) -> list[tuple[str, str]]:
    return [(d.metadata["source"], d.page_content) for d in documents]
