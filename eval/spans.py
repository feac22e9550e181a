"""When is evidence found: arithmetic of spans."""

from __future__ import annotations

from collections.abc import Sequence

from eval.questions import Evidence, Span


def is_covered(span: Span, found: Sequence[Span]) -> bool:
    """True if every character of ``span`` lies in one of ``found``: it may be cut in two."""
    position = span.start
    for piece in sorted((f for f in found if f.source == span.source), key=lambda f: f.start):
        if piece.start <= position < piece.end:
            position = piece.end
    return position >= span.end


def is_found(evidence: Evidence, found: Sequence[Span]) -> bool:
    """True if one of the places where the evidence stands is covered."""
    return any(is_covered(span, found) for span in evidence.spans)


def overlap(one: Span, other: Span) -> bool:
    """True if two spans share a character."""
    return one.source == other.source and one.start < other.end and other.start < one.end


def first_rank(evidence: Evidence, ranked: Sequence[Span]) -> int | None:
    """How many of the first passages it takes to hold the evidence; None if all do not."""
    return next((k for k in range(1, len(ranked) + 1) if is_found(evidence, ranked[:k])), None)
