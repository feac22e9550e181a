"""The one door to bm25s: lexical search that works in Chinese."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import bm25s
import numpy as np
import numpy.typing as npt

from embeddings.durable_files import (
    IndexMetadata,
    damaged,
    read_metadata,
    synced_checksums,
    write_metadata,
)
from embeddings.terms import bigrams
from embeddings.vectors import Ids, Vectors, best_first

_KIND = "bm25"
_FORMAT_VERSION = 1
_IDS_FILE = "ids.npy"
_BM25S_FILES = [
    "data.csc.index.npy",
    "indices.csc.index.npy",
    "indptr.csc.index.npy",
    "vocab.index.json",
    "params.index.json",
]


@dataclass(frozen=True)
class _Postings:
    """For each term its documents and their scores, as columns of a sparse matrix.

    The scores of column j are `data[starts[j]:starts[j + 1]]`, of the documents numbered
    `documents[starts[j]:starts[j + 1]]`; BM25 is decided when building, so a query only adds.
    """

    columns: Mapping[str, int]
    data: Vectors
    documents: npt.NDArray[np.int32]
    starts: npt.NDArray[np.int64]

    @classmethod
    def of(cls, retriever: bm25s.BM25) -> "_Postings":
        scores = retriever.scores
        return cls(retriever.vocab_dict, scores["data"], scores["indices"], scores["indptr"])


class Bm25Index:
    """BM25 over the bigrams of texts, in Lucene's variant with k1 1.5 and b 0.75.

    One occurrence set of a term in a document scores `idf * tf / (tf + k1 * (1 - b + b * length /
    mean length))` with `idf = ln(1 + (N - n + 0.5) / (n + 0.5))` (Kamphuis et al., "Which BM25 Do
    You Mean?", ECIR 2020). Safe to search from threads.
    """

    def __init__(self, ids: Ids, retriever: bm25s.BM25 | None) -> None:
        """Wrap a bm25s retriever, None where no text has a term; use `build` or `load`."""
        self.ids = ids
        self._retriever = retriever
        self._postings = None if retriever is None else _Postings.of(retriever)

    @classmethod
    def build(cls, ids: Ids, texts: Sequence[str]) -> "Bm25Index":
        """Index `texts` under `ids` (n,).

        Raises:
            ValueError: lengths disagree or an id occurs twice.
        """
        ids = np.asarray(ids, dtype=np.int64)
        if len(ids) != len(texts) or len(np.unique(ids)) != len(ids):
            raise ValueError(f"{len(ids)} ids, {len(np.unique(ids))} different, {len(texts)} texts")
        columns: dict[str, int] = {}
        documents = [
            [columns.setdefault(term, len(columns)) for term in bigrams(text)] for text in texts
        ]
        if not columns:
            return cls(ids, None)
        retriever = bm25s.BM25(method="lucene", k1=1.5, b=0.75)
        retriever.index((documents, columns), create_empty_token=False, show_progress=False)
        return cls(ids, retriever)

    def __len__(self) -> int:
        return len(self.ids)

    def __contains__(self, term: object) -> bool:
        """True if some text has `term`, one of the terms that `bigrams` gives."""
        return self._postings is not None and term in self._postings.columns

    def scores(self, query: str | Mapping[str, float]) -> Vectors:
        """The score of every document, (n,), aligned to `ids`.

        `query` is a text, each of whose terms counts as often as it occurs, or terms with weights.
        """
        weights = Counter(bigrams(query)) if isinstance(query, str) else query
        total = np.zeros(len(self.ids), dtype=np.float32)
        postings = self._postings
        if postings is None:
            return total
        for term, weight in weights.items():
            column = postings.columns.get(term)
            if column is not None:
                span = slice(postings.starts[column], postings.starts[column + 1])
                total[postings.documents[span]] += np.float32(weight) * postings.data[span]
        return total

    def search(
        self, query: str | Mapping[str, float], k: int, allowed: Ids | None = None
    ) -> tuple[Ids, Vectors]:
        """The at most `k` ids that score above 0, best first, equal scores by id.

        `allowed` limits the search to those ids, exactly; an empty `allowed` finds nothing.
        """
        scores = self.scores(query)
        found = scores > 0
        if allowed is not None:
            found &= np.isin(self.ids, allowed)
        return best_first(self.ids[found], scores[found], max(k, 0))

    def save(self, folder: Path) -> None:
        """Write the index into `folder`, which is made if need be, and sync it to the disk."""
        folder.mkdir(parents=True, exist_ok=True)
        np.save(folder / _IDS_FILE, self.ids, allow_pickle=False)
        names = [_IDS_FILE]
        if self._retriever is not None:
            self._retriever.save(folder, show_progress=False)
            names += _BM25S_FILES
        checksums = synced_checksums(folder, names)
        write_metadata(folder, IndexMetadata(_KIND, _FORMAT_VERSION, "", 0, len(self), checksums))

    @classmethod
    def load(cls, folder: Path) -> "Bm25Index":
        """Open an index that `save` wrote; its arrays stay on the disk until they are asked for.

        Raises:
            IndexMismatchError: it was written by another version of this program.
            IndexDamagedError: a file is missing or altered.
        """
        metadata = read_metadata(folder, kind=_KIND, format_version=_FORMAT_VERSION)
        try:
            ids: Ids = np.load(folder / _IDS_FILE, allow_pickle=False)
            retriever = None
            if _BM25S_FILES[0] in metadata.checksums:
                retriever = bm25s.BM25.load(folder, mmap=True, show_progress=False)
        except (OSError, ValueError, KeyError) as error:
            raise damaged(folder, "cannot be opened") from error
        return cls(ids, retriever)
