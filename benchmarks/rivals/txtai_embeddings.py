"""txtai as its documentation of semantic search sets it up: a paragraph a row. In plain text a
paragraph is a line (`Segmentation(lines=True)`; with `paragraphs=True`, which splits at empty lines,
three of the samples would be one row each)."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from txtai import Embeddings
from txtai.pipeline import Segmentation

from benchmarks.rivals import Search
from benchmarks.rivals.embedding import bundled

_CHUNKS = "Segmentation(lines=True)"
FORMS = {
    "vectors": f"{_CHUNKS}; Embeddings(content=True)",
    "hybrid": f"{_CHUNKS}; Embeddings(content=True, hybrid=True)",
    "hybrid, pairs": f"{_CHUNKS}; the same, its BM25 over pairs of characters (ngrams=2)",
}
_SCORING = {
    "hybrid": {"hybrid": True},
    "hybrid, pairs": {
        "hybrid": True,
        "scoring": {"method": "bm25", "terms": True, "normalize": True, "tokenizer": {"ngrams": 2}},
    },
}

# txtai has one function for both, and says by these which of them a text is.
_QUERY, _ROW = "query: ", "passage: "


def ingest(texts: Mapping[str, str], folder: Path, form: str) -> Search:
    """The lines in an index that is saved to ``folder``."""
    segment = Segmentation(lines=True)
    rows = [(name, line) for name, text in texts.items() for line in segment(text)]
    embeddings = Embeddings(
        method="external",
        transform=_vectors,
        instructions={"query": _QUERY, "data": _ROW},
        content=True,
        **_SCORING.get(form, {}),
    )
    embeddings.index((n, line, None) for n, (_, line) in enumerate(rows))
    embeddings.save(str(folder))

    def search(question: str, k: int) -> list[tuple[str, str]]:
        found: list[dict[str, Any]] = embeddings.search(question, k)
        return [rows[int(hit["id"])] for hit in found]

    return search


def _vectors(texts: list[str]) -> Any:
    """Our model puts its prefixes itself; a call has texts of one kind."""
    if texts[0].startswith(_QUERY):
        return np.stack([bundled().encode_query(text.removeprefix(_QUERY)) for text in texts])
    return bundled().encode_documents([text.removeprefix(_ROW) for text in texts])
