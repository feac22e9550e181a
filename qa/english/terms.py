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
    from embeddings import Bm25Index
    from embeddings.vectors import Vectors


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


def holding(word: str, index: Bm25Index) -> Vectors:
    """1 for each passage of the index that has every bigram of ``word``, else 0; (n,)."""
    held = np.ones(len(index), dtype=np.float32)
    for term in dict.fromkeys(bigrams(word)):
        held *= index.scores({term: 1.0}) > 0
    return held


def holding_any(words: Sequence[str], index: Bm25Index) -> Vectors:
    """1 for each passage that prints one of ``words``, else 0; (n,)."""
    held = np.zeros(len(index), dtype=np.float32)
    for word in words:
        np.maximum(held, holding(word, index), out=held)
    return held


def scores(terms: Iterable[Term], index: Bm25Index) -> Vectors:
    """The weight of the terms that each passage prints, (n,), aligned to the index's ids.

    The wordings of one term count as one word, as in structured queries (Pirkola, SIGIR 1998): summed
    apart, a term with ten translations would outweigh one with a single translation.
    """
    total = np.zeros(len(index), dtype=np.float32)
    for term in terms:
        total += np.float32(term.weight) * holding_any(term.printed, index)
    return total
