"""Facts about a subject that the lexicon does not know, found by the words of their clauses."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from embeddings.terms import bigrams
from qa.facts.lexicon import Indicator
from qa.library.library import HeldFact

# A clause tells of the subject if it holds this much of the subject's words, weighted by rarity.
_COVERS = 0.55
_MEASURED = re.compile(r"(?:总?数量?|总量|规模|量|额)$")


def called(subject: str) -> Indicator:
    """An indicator outside the lexicon, by the asker's name for it."""
    name = subject.replace(" ", "")
    return Indicator(name, "amount", name, (), (), (), name)


def facts_about(subject: str, held: Sequence[HeldFact]) -> dict[HeldFact, str]:
    """The facts whose clause tells of the subject, under its name → the name the report prints.

    Of each report the clause that holds most of the subject's words; of its figures the one whose
    own name does (国家级众创空间2家、高新技术企业116家).
    """
    quotes = [one.fact.quote.lower() for one in held]
    weights = _weights(bigrams(_MEASURED.sub("", subject)), quotes)
    best: dict[tuple[str, str], tuple[float, float]] = {}
    covering = []
    for one, quote in zip(held, quotes, strict=True):
        fit = _share(weights, quote), _share(weights, one.fact.printed_indicator.lower())
        if fit[0] >= _COVERS:
            key = (one.fact.report_id, one.fact.status)
            best[key] = max(fit, best.get(key, fit))
            covering.append((one, key, fit))
    name = called(subject).name
    return {
        replace(
            one, fact=replace(one.fact, indicator=name, printed_indicator=name)
        ): one.fact.printed_indicator
        for one, key, fit in covering
        if fit == best[key]
    }


def _weights(terms: Sequence[str], quotes: Sequence[str]) -> dict[str, float]:
    """Term → its rarity among the clauses.

    A pair inside that no clause holds is a seam (线办 of 热线办理), not a word, and weighs half; one
    at the edge (业率 of 失业率) is a word that no clause speaks of.
    """
    weights = {}
    for term in terms:
        holding = sum(term in quote for quote in quotes)
        is_seam = not holding and term not in (terms[0], terms[-1])
        weights[term] = math.log(1 + len(quotes) / max(holding, 1)) / (2 if is_seam else 1)
    return weights


def _share(weights: Mapping[str, float], text: str) -> float:
    total = sum(weights.values())
    return sum(w for term, w in weights.items() if term in text) / total if total else 0.0
