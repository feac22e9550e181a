"""Refusals: when they are right, and for the right reason.

Means over cases of these scores are precision and recall: each is defined only on the cases that
form its denominator.
"""

from __future__ import annotations

from eval.outcomes import Outcome


def refusal_precision(outcome: Outcome) -> float | None:
    """Of the refused cases: 1 if the reports do not answer it."""
    if outcome.answer is None or outcome.answer.refusal is None:
        return None
    return float(not outcome.case.is_answerable)


def refusal_recall(outcome: Outcome) -> float | None:
    """Of the cases that the reports do not answer: 1 if it was refused."""
    if outcome.answer is None or outcome.case.is_answerable:
        return None
    return float(outcome.answer.refusal is not None)


def refusal_reason(outcome: Outcome) -> float | None:
    """Of the rightly refused cases with a labelled reason: 1 if that reason was given."""
    case, answer = outcome.case, outcome.answer
    if answer is None or answer.refusal is None or case.is_answerable or case.refusal is None:
        return None
    return float(answer.refusal == case.refusal)
