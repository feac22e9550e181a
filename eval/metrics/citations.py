"""Do the citations hold what they are cited for. Undefined where nothing is cited or asked for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import combinations

from eval.outcomes import GivenAnswer, Outcome
from eval.spans import is_found, overlap
from qa.answers.claims import Claim, differences, read_claims

_MARKER = re.compile(r"\[(\d+)\]")


def citation_recall(outcome: Outcome) -> float | None:
    """Share of the evidence that the cited sentences cover (sentence level, as ALCE, Gao 2023)."""
    answer, case = outcome.answer, outcome.case
    if answer is None or not case.is_answerable:
        return None
    cited = [citation.span for citation in answer.citations]
    return sum(is_found(evidence, cited) for evidence in case.evidence) / len(case.evidence)


def citation_precision(outcome: Outcome) -> float | None:
    """Share of the cited sentences that hold some of the evidence."""
    answer, case = outcome.answer, outcome.case
    if answer is None or not case.is_answerable or not answer.citations:
        return None
    gold = [span for evidence in case.evidence for span in evidence.spans]
    telling = [any(overlap(c.span, span) for span in gold) for c in answer.citations]
    return sum(telling) / len(telling)


def offsets_exact(outcome: Outcome) -> float | None:
    """Share of the citations whose quote is, sign for sign, what stands at their offsets."""
    if outcome.answer is None or not outcome.answer.citations:
        return None
    return sum(c.exact for c in outcome.answer.citations) / len(outcome.answer.citations)


def faithfulness(outcome: Outcome) -> float | None:
    """Share of the answer's figures that stand in a sentence cited on their line.

    A figure stands there with the same value, unit, sign and qualifier. Lines without a marker are
    held against all citations. On a line that says 计算 a figure may also be the difference of two
    others. Refusals make no claim.
    """
    if outcome.answer is None or outcome.answer.refusal is not None:
        return None
    claims = read_claims(outcome.answer.text)
    supported = [is_supported(c, outcome.answer) or is_difference(c, claims) for c in claims]
    return sum(supported) / len(supported) if supported else None


def is_supported(claim: Claim, answer: GivenAnswer) -> bool:
    """True if a sentence cited on the claim's line prints its figure."""
    line = answer.text.split("\n")[claim.line]
    markers = {int(number) for number in _MARKER.findall(line)}
    quotes = [c.quote for c in answer.citations if not markers or c.n in markers]
    return any(_holds(quote, claim) for quote in quotes)


def is_difference(claim: Claim, claims: Sequence[Claim]) -> bool:
    """True if the claim is labelled as computed and is the difference of two others of its line."""
    others = [c for c in claims if c.line == claim.line and c is not claim]
    return claim.is_computed and any(
        abs(abs(a.low - b.low) - claim.low) <= 1e-9 * max(a.low, b.low) + 1e-9
        for a, b in combinations(others, 2)
    )


def _holds(quote: str, claim: Claim) -> bool:
    printed = read_claims(quote.replace("\n", ""))
    return any(not differences(p, claim) - {"period", "status", "place"} for p in printed)
