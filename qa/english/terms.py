"""Terms: what a word or phrase of an English question may be printed as in a Chinese report."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from embeddings.terms import bigrams
from qa.reports.clean_text import fold

if TYPE_CHECKING:
    from embeddings import Bm25Index, Bm25View
    from embeddings.vectors import Ids, Vectors


@dataclass(frozen=True, slots=True)
class Term:
    """``said`` in the question, ``printed`` in reports in any of these ways, the surest first.

    ``weight`` is the rarity of all of them together, ln(1 + passages / passages that print one), times
    how sure the translation is: a word that one of ten passages prints says little.
    """

    said: str
    printed: tuple[str, ...]
    weight: float

    def told_in(self, text: str) -> bool:
        """True if folded ``text`` prints one of the wordings."""
        return any(word in text for word in self.printed)


@lru_cache(maxsize=4096)
def folded(text: str) -> str:
    """A text as ``Term.told_in`` wants it; sentences of the best hits come again and again."""
    return fold(text).lower()


def share_told(terms: Iterable[Term], text: str) -> float:
    """The share, by weight, of ``terms`` that ``text`` prints; 0 without terms."""
    wanted = list(terms)
    whole = sum(term.weight for term in wanted)
    clean = folded(text)
    return sum(t.weight for t in wanted if t.told_in(clean)) / whole if whole else 0.0


def holding(word: str, index: Bm25Index | Bm25View) -> Ids:
    """The places in the index, ascending, of the passages that have every bigram of ``word``."""
    return index.having(bigrams(word))


def holding_any(words: Sequence[str], index: Bm25Index | Bm25View) -> Ids:
    """The places in the index, ascending, of the passages that print one of ``words``."""
    places = [holding(word, index) for word in words]
    return np.unique(np.concatenate([np.empty(0, np.int64), *places]))


def scores(terms: Iterable[Term], index: Bm25Index | Bm25View) -> Vectors:
    """The weight of the terms that each passage prints, (n,), aligned to the index's ids.

    The wordings of one term count as one word, as in structured queries (Pirkola, SIGIR 1998): summed
    apart, a term with ten translations would outweigh one with a single translation.
    """
    total = np.zeros(len(index), dtype=np.float32)
    for term in terms:
        total[holding_any(term.printed, index)] += np.float32(term.weight)
    return total
