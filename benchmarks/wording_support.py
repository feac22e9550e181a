"""How well words, sense and vetoes tell supported claims without figures from unsupported ones.

    python -m benchmarks.wording_support

Makes the claims of ``benchmarks.wording_claims`` from the sample reports, chooses thresholds on four
reports (at most 3 % of the false claims accepted, then the most true ones) and prints Markdown of the
other four: precision, recall, share of false claims accepted and AUC of words alone, sense alone, and
both, with and without vetoes; then each kind of claim with the thresholds in force, the sources being
the sentence or its whole passage; what each veto alone catches; and English claims apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from api.assembly import embedder_of
from benchmarks.wording_claims import (
    Claim,
    beside_others,
    embedded,
    hand_written,
    made_claims,
    reference_answers,
    split,
)
from qa.answers.verification.wording import (
    LEAST_SHARE,
    LEAST_SIMILARITY_ENGLISH,
    Support,
    wording_support,
)
from qa.settings import load_settings

_MOST_FALSE = 0.03
_SHARES = (0.0, *np.arange(0.5, 1.001, 0.05))
_SIMILARITIES = (0.0, *np.arange(0.86, 0.991, 0.01))
# Similarities of the bundled model lie within a tenth, shares within 1.
_PER_SIMILARITY = 5.0
# Answers this short stand in many sentences: beside another one they need not be false.
_SHORT_ANSWER = 12


@dataclass(frozen=True)
class Judged:
    claim: Claim
    support: Support

    @property
    def share(self) -> float:
        return self.support.share or 0.0

    @property
    def similarity(self) -> float:
        return self.support.similarity or 0.0


@dataclass(frozen=True)
class Way:
    """A way to decide: which thresholds it may use, and whether vetoes count."""

    name: str
    shares: Sequence[float]
    similarities: Sequence[float]
    vetoes: bool

    def accepts(self, one: Judged, share: float, similarity: float) -> bool:
        vetoed = self.vetoes and one.support.vetoes
        return not vetoed and one.share >= share and one.similarity >= similarity

    def score(self, one: Judged) -> float:
        if self.vetoes and one.support.vetoes:
            return -1.0
        share = one.share if len(self.shares) > 1 else 0.0
        return share + (_PER_SIMILARITY * one.similarity if len(self.similarities) > 1 else 0.0)


_ALONE = (0.0,)
_WAYS = [
    Way(f"{name}{', vetoes' if vetoes else ''}", shares, similarities, vetoes)
    for vetoes in (False, True)
    for name, shares, similarities in (
        ("words", _SHARES, _ALONE),
        ("sense", _ALONE, _SIMILARITIES),
        ("words and sense", _SHARES, _SIMILARITIES),
    )
]
_WAYS.append(Way("vetoes alone", _ALONE, _ALONE, vetoes=True))


def main() -> None:
    judged = [Judged(claim, judge(claim)) for claim in all_claims()]
    chinese = [one for one in judged if not one.claim.is_english]
    fit = [one for one in chinese if one.claim.is_fit]
    held_out = [one for one in chinese if not one.claim.is_fit]
    print(f"{len(fit)} claims to choose by, {len(held_out)} to measure\n")
    _print_ways(fit, held_out)
    _print_kinds(held_out)
    _print_vetoes(held_out)
    _print_english([one for one in judged if one.claim.is_english])


def all_claims() -> list[Claim]:
    """Every claim with its similarity."""
    embedder = embedder_of(load_settings())
    true, false = made_claims()
    answers, hand = reference_answers(), hand_written()
    first = [claim for claim in true if claim.kind == "clauses dropped"]
    first += [claim for claim in answers if len(claim.text) >= _SHORT_ANSWER]
    first += [claim for claim in hand if claim.is_true]
    return embedded([*true, *false, *answers, *hand, *beside_others(first, embedder)], embedder)


def judge(claim: Claim, *, whole_passage: bool = False) -> Support:
    sources = split(claim.passage if whole_passage else claim.source)
    return wording_support(
        claim.text, sources, claim.similarity, context=claim.context, is_plan=claim.is_plan
    )


def _print_ways(fit: Sequence[Judged], held_out: Sequence[Judged]) -> None:
    print("| way | share | cosine | recall | hand-written | false accepted | precision | AUC |")
    print("|---|---|---|---|---|---|---|---|")
    for way in _WAYS:
        share, similarity = _chosen(way, fit)
        accepted = [one for one in held_out if way.accepts(one, share, similarity)]
        true = [one for one in held_out if one.claim.is_true]
        hand = [one for one in true if one.claim.kind.startswith("hand")]
        right = sum(one.claim.is_true for one in accepted)
        wrong = len(accepted) - right
        cells = (
            right / len(true),
            sum(one in accepted for one in hand) / len(hand),
            wrong / (len(held_out) - len(true)),
            right / max(1, len(accepted)),
            auc(way.score, held_out),
        )
        told = " | ".join(f"{cell:.3f}" for cell in cells)
        print(f"| {way.name} | {share:.2f} | {similarity:.2f} | {told} |")


def _chosen(way: Way, fit: Sequence[Judged]) -> tuple[float, float]:
    """The thresholds with the most true claims of those with few enough false ones, made and
    hand-written ones counting alike; the strictest where none has."""

    def recall(share: float, similarity: float) -> float:
        kinds = [
            [
                one
                for one in fit
                if one.claim.is_true and one.claim.kind.startswith("hand") == by_hand
            ]
            for by_hand in (True, False)
        ]
        return sum(_accepted(way, ones, share, similarity) for ones in kinds)

    false = [one for one in fit if not one.claim.is_true]
    pairs = list(product(way.shares, way.similarities))
    few = [pair for pair in pairs if _accepted(way, false, *pair) <= _MOST_FALSE]
    return max(few, key=lambda pair: (recall(*pair), *pair)) if few else pairs[-1]


def _accepted(way: Way, ones: Sequence[Judged], share: float, similarity: float) -> float:
    return sum(way.accepts(one, share, similarity) for one in ones) / len(ones)


def auc(score: Callable[[Judged], float], ones: Sequence[Judged]) -> float:
    """How often a true claim scores higher than a false one."""
    true = np.array([score(one) for one in ones if one.claim.is_true])
    false = np.array([score(one) for one in ones if not one.claim.is_true])
    higher = (true[:, None] > false).mean() + 0.5 * (true[:, None] == false).mean()
    return float(higher)


def _print_kinds(ones: Sequence[Judged]) -> None:
    print(f"\nIn force: share {LEAST_SHARE}.\n")
    print("| claim | kind | n | accepted | beside the whole passage |\n|---|---|---|---|---|")
    for is_true in (True, False):
        own = [one for one in ones if one.claim.is_true == is_true]
        for kind in [*dict.fromkeys(one.claim.kind for one in own), None]:
            of_kind = [one for one in own if kind in (None, one.claim.kind)]
            sentence = _mean(one.support.is_supported for one in of_kind)
            passage = _mean(judge(one.claim, whole_passage=True).is_supported for one in of_kind)
            name = "true" if is_true else "false"
            print(f"| {name} | {kind or 'all'} | {len(of_kind)} | {sentence:.3f} | {passage:.3f} |")


def _mean(values: Iterable[bool]) -> float:
    return float(np.mean(list(values)))


def _print_vetoes(ones: Sequence[Judged]) -> None:
    print("\n| veto | true claims | false claims | false ones that nothing else rejects |")
    print("|---|---|---|---|")
    found = {
        is_true: Counter(
            veto for one in ones if one.claim.is_true == is_true for veto in one.support.vetoes
        )
        for is_true in (True, False)
    }
    likely = [one for one in ones if one.share >= LEAST_SHARE and not one.claim.is_true]
    alone = Counter(one.support.vetoes[0] for one in likely if len(one.support.vetoes) == 1)
    for veto in found[False]:
        print(f"| {veto} | {found[True][veto]} | {found[False][veto]} | {alone[veto]} |")


def _print_english(ones: Sequence[Judged]) -> None:
    print(f"\nIn force for English: cosine {LEAST_SIMILARITY_ENGLISH}.")
    print("\n| English claims | n | vetoed | accepted | cosines 10 %, median, 90 % |")
    print("|---|---|---|---|---|")
    for is_true in (True, False):
        own = [one for one in ones if one.claim.is_true == is_true]
        vetoed = sum(bool(one.support.vetoes) for one in own)
        accepted = sum(one.support.is_supported for one in own)
        cosines = " ".join(
            f"{np.quantile([one.similarity for one in own], q):.3f}" for q in (0.1, 0.5, 0.9)
        )
        name = "true" if is_true else "false"
        print(f"| {name} | {len(own)} | {vetoed} | {accepted} | {cosines} |")


if __name__ == "__main__":
    main()
