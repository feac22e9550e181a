"""Lexical search that works in Chinese: BM25 over the bigrams of texts, from arrays on the disk."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from embeddings.durable_files import read_metadata
from embeddings.lexical_segment import LexicalSegment, spans_within
from embeddings.lexical_writing import FORMAT_VERSION, KIND, write_segments
from embeddings.runs import Spans, rows_in, size_of
from embeddings.segments import segment_folders
from embeddings.terms import bigrams
from embeddings.vectors import Ids, Vectors, best_first

_K1, _B = 1.5, 0.75
# A filter of many spans is looked up row by row; of few, each span is sought among the postings.
_POSTINGS_A_SPAN = 20


Rows: TypeAlias = npt.NDArray[np.int32] | npt.NDArray[np.int64]


class TextBatch(NamedTuple):
    """Some thousand texts to index: ids (n,), the group of each (n,), and the texts."""

    ids: Ids
    groups: Ids
    texts: Sequence[str]


class Bm25Index:
    """BM25 over the bigrams of texts, in Lucene's variant with k1 1.5 and b 0.75.

    One occurrence set of a term in a document scores `idf * tf / (tf + k1 * (1 - b + b * length /
    mean length))` with `idf = ln(1 + (N - n + 0.5) / (n + 0.5))` (Kamphuis et al., "Which BM25 Do
    You Mean?", ECIR 2020). N, n and the mean length are those of the whole index, whichever of its
    segments a document lies in and whatever the search is limited to, so that an index that has
    grown scores as one built at once. Safe to search from threads.
    """

    def __init__(self, segments: Sequence[LexicalSegment]) -> None:
        """Wrap segments; use `build` or `load`."""
        self.segments = tuple(segments)
        self._documents = sum(len(segment.runs) for segment in segments)
        length = sum(segment.total_length for segment in segments)
        self.mean_length = length / self._documents if length else 1.0
        self._all = Bm25View(self, None, keeps=False)

    @classmethod
    def build(cls, ids: Ids, texts: Sequence[str], groups: Ids | None = None) -> "Bm25Index":
        """Index `texts` under `ids` (n,), each in its group (n,), or in one of its own.

        Raises:
            ValueError: lengths disagree or an id occurs twice.
        """
        ids = np.asarray(ids, dtype=np.int64)
        groups = ids if groups is None else np.asarray(groups, dtype=np.int64)
        if len(ids) != len(texts) or len(np.unique(ids)) != len(ids) or len(groups) != len(ids):
            raise ValueError(f"{len(ids)} ids, {len(np.unique(ids))} different, {len(texts)} texts")
        return cls([LexicalSegment.build(ids, groups, texts)])

    @property
    def ids(self) -> Ids:
        """The ids of all documents, (n,)."""
        return self._all.ids

    def __len__(self) -> int:
        return self._documents

    def __contains__(self, term: object) -> bool:
        """True if some text has `term`, one of the terms that `bigrams` gives."""
        return isinstance(term, str) and self.documents_with(term) > 0

    def documents_with(self, term: str) -> int:
        """How many texts have `term`."""
        return sum(segment.documents_with(term) for segment in self.segments)

    def within(self, groups: Ids | None) -> "Bm25View":
        """The index as far as its documents are in `groups`; None for all of it."""
        return Bm25View(self, groups, keeps=True)

    def scores(self, query: str | Mapping[str, float]) -> Vectors:
        """The score of every document, (n,), aligned to `ids`.

        `query` is a text, each of whose terms counts as often as it occurs, or terms with weights.
        """
        return self._all.scores(query)

    def search(
        self, query: str | Mapping[str, float], k: int, groups: Ids | None = None
    ) -> tuple[Ids, Vectors]:
        """The at most `k` ids that score above 0, best first, equal scores by id.

        `groups` limits the search to their documents, exactly; an empty `groups` finds nothing.
        """
        view = self._all if groups is None else self.within(groups)
        scores = view.scores(query)
        found = np.flatnonzero(scores > 0)
        return best_first(view.ids[found], scores[found], max(k, 0))

    def having(self, terms: Iterable[str]) -> Ids:
        """See `Bm25View.having`."""
        return self._all.having(terms)

    def save(self, folder: Path) -> None:
        """Write the index into `folder`, which is made if need be, and sync it to the disk."""
        write_segments(folder, self.segments)

    @classmethod
    def load(cls, folder: Path) -> "Bm25Index":
        """Open an index that was written; its arrays stay on the disk until they are asked for.

        Raises:
            IndexMismatchError: it was written by another version of this program.
            IndexDamagedError: a file is missing or altered.
        """
        read_metadata(folder, kind=KIND, format_version=FORMAT_VERSION)
        return cls([LexicalSegment.open(one) for one in segment_folders(folder)])


class Bm25View:
    """The documents of some groups of an index, scored as in the whole. Safe to use from threads."""

    def __init__(self, index: Bm25Index, groups: Ids | None, *, keeps: bool) -> None:
        """Use `Bm25Index.within`; ``keeps`` what each term scores, for as long as the view is used."""
        self._index = index
        self._parts = [_Part(segment, groups) for segment in index.segments]
        sizes = [part.size for part in self._parts]
        self._known: dict[str, tuple[Rows, Vectors]] | None = {} if keeps else None
        self._starts = np.concatenate(([0], np.cumsum(sizes))).astype(int).tolist()

    def __len__(self) -> int:
        return int(self._starts[-1])

    def __contains__(self, term: object) -> bool:
        return term in self._index

    @cached_property
    def ids(self) -> Ids:
        """The ids of the view's documents, (n,)."""
        return _joined([part.ids for part in self._parts])

    @cached_property
    def groups(self) -> Ids:
        """The group of each of the view's documents, (n,)."""
        return _joined([part.groups for part in self._parts])

    def having(self, terms: Iterable[str]) -> Ids:
        """The places, (m,), ascending, of the documents that have every one of `terms`."""
        wanted = list(dict.fromkeys(terms))
        found = [part.having(wanted) + start for part, start in self._with_starts()]
        return _joined(found)

    def _with_starts(self) -> Iterator[tuple["_Part", int]]:
        return zip(self._parts, self._starts, strict=False)

    def scores(self, query: str | Mapping[str, float]) -> Vectors:
        """The score of each of the view's documents, (n,), aligned to `ids`; see
        `Bm25Index.scores`."""
        weights: Iterable[tuple[str, float]]
        weights = (Counter(bigrams(query)) if isinstance(query, str) else query).items()
        total = np.zeros(len(self), dtype=np.float32)
        for term, weight in weights:
            places, score = self._of_term(term)
            total[places] += np.float32(weight) * score
        return total

    def _of_term(self, term: str) -> tuple[Rows, Vectors]:
        """The places of the documents that print a term, and what it adds to the score of each. Kept: a
        question is scored in several wordings, which share most terms."""
        if self._known is None:
            return self._score_term(term)
        known = self._known.get(term)
        if known is None:
            known = self._known[term] = self._score_term(term)
        return known

    def _score_term(self, term: str) -> tuple[Rows, Vectors]:
        columns = [part.segment.terms.find(term) for part in self._parts]
        places, scores = [np.empty(0, np.int64)], [np.empty(0, np.float32)]
        if all(column is None for column in columns):
            return places[0], scores[0]
        held, with_it = len(self._index), self._index.documents_with(term)
        idf = np.float32(np.log(1 + (held - with_it + 0.5) / (with_it + 0.5)))
        spread = np.float32(_K1 * _B / self._index.mean_length)
        for part, column, start in zip(self._parts, columns, self._starts, strict=False):
            if column is not None and part.size:
                rows, lengths, counts = part.postings(column)
                share = counts / (counts + np.float32(_K1 * (1 - _B)) + spread * lengths)
                places.append(rows.astype(np.int64) + start)
                scores.append((idf * share).astype(np.float32))
        if len(places) == 2:
            return places[1], scores[1]
        return np.concatenate(places), np.concatenate(scores)


def _joined(parts: Sequence[Ids]) -> Ids:
    return parts[0] if len(parts) == 1 else np.concatenate([np.empty(0, np.int64), *parts])


class _Part:
    """The rows of one segment that a view sees, numbered from 0."""

    def __init__(self, segment: LexicalSegment, groups: Ids | None) -> None:
        self.segment = segment
        self._spans: Spans = segment.whole if groups is None else segment.runs.spans(groups)
        self.size = size_of(self._spans)
        self._is_all = self.size == segment.count
        self._place_of: Ids | None = None

    def having(self, terms: Sequence[str]) -> Ids:
        """The rows that have all of the terms, numbered from 0."""
        columns = [self.segment.terms.find(term) for term in terms]
        if not self.size or any(column is None for column in columns):
            return np.empty(0, np.int64)
        rarest_first = sorted((self.places(c) for c in columns if c is not None), key=len)
        found: Rows = np.arange(self.size) if not rarest_first else rarest_first[0]
        for places in rarest_first[1:]:
            found = found[np.isin(found, places, assume_unique=True)]
        return found.astype(np.int64)

    @property
    def groups(self) -> Ids:
        table = self.segment.runs.table
        by_row = table[np.argsort(table[:, 1], kind="stable")]
        run = np.searchsorted(by_row[:, 1], rows_in(self._spans), side="right") - 1
        groups: Ids = by_row[run, 0]
        return groups

    @property
    def ids(self) -> Ids:
        return self.segment.ids if self._is_all else self.segment.ids[rows_in(self._spans)]

    def postings(self, column: int) -> tuple[Rows, Vectors, Vectors]:
        """Of the rows that print a term: their numbers here, lengths, and how often they print it."""
        rows = self.segment.postings(column)
        start = int(self.segment.starts[column])
        counts = self.segment.counts[start : start + len(rows)]
        places, chosen = self._here(rows)
        if chosen is not None:
            rows, counts = rows[chosen], counts[chosen]
        lengths = self.segment.lengths[rows].astype(np.float32)
        return places, lengths, counts.astype(np.float32)

    def places(self, column: int) -> Rows:
        """The rows that print a term, numbered from 0."""
        return self._here(self.segment.postings(column))[0]

    def _here(self, rows: npt.NDArray[np.int32]) -> tuple[Rows, Ids | None]:
        """The numbers here of those of ascending ``rows`` that are here, and which of them these are;
        None for all."""
        if self._is_all:
            return rows, None
        if len(self._spans) * _POSTINGS_A_SPAN > len(rows):
            places = self._places()[rows]
            chosen = np.flatnonzero(places >= 0)
            return places[chosen], chosen
        within = spans_within(rows, self._spans)
        chosen = rows_in(within)
        widths = self._spans[:, 1] - self._spans[:, 0]
        shifts = self._spans[:, 0] - (np.cumsum(widths) - widths)
        return rows[chosen] - np.repeat(shifts, within[:, 1] - within[:, 0]), chosen

    def _places(self) -> Ids:
        """For each row its number here, or -1."""
        if self._place_of is None:
            places = np.full(self.segment.count, -1, np.int64)
            places[rows_in(self._spans)] = np.arange(self.size)
            self._place_of = places
        return self._place_of
