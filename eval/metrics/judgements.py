"""What a language model thinks of the answers: advisory, never a gate, never part of a baseline."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from eval.metrics.answers import correct
from eval.outcomes import Outcome

_SCORES = {"right": 1.0, "partly": 0.5, "wrong": 0.0}


def judged(outcome: Outcome) -> float | None:
    """1 right, 0.5 partly, 0 wrong; undefined where the judge gave no verdict."""
    return None if outcome.judgement is None else _SCORES[outcome.judgement.verdict]


def judge_and_correct(outcomes: Iterable[Outcome]) -> list[tuple[bool, bool]]:
    """Where both are defined: does the judge find it right, is it ``correct``; partly is not."""
    return [
        (verdict == 1.0, score == 1.0)
        for o in outcomes
        if (verdict := judged(o)) is not None and (score := correct(o)) is not None
    ]


def cohens_kappa(pairs: Sequence[tuple[bool, bool]]) -> float | None:
    """Agreement of two raters beyond chance (Cohen 1960): 1 always, 0 as often as chance.

    None without pairs, and where chance alone would always agree: both say the same of every case.
    """
    if not pairs:
        return None
    first, second = (sum(column) / len(pairs) for column in zip(*pairs, strict=True))
    by_chance = first * second + (1 - first) * (1 - second)
    observed = sum(a == b for a, b in pairs) / len(pairs)
    return None if by_chance == 1.0 else (observed - by_chance) / (1 - by_chance)
