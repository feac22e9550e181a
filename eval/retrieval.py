"""How well search finds the evidence: pure functions over spans, and a run over cases."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from eval.questions import Evidence, QuestionCase, Span
from qa.chain import Chain

Retrieve = Callable[[QuestionCase, int], Sequence[Span]]


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


def evidence_recall(case: QuestionCase, ranked: Sequence[Span], k: int) -> float | None:
    """Share of the case's evidence within the first ``k``; None if it has no evidence."""
    if not case.evidence:
        return None
    found = ranked[:k]
    return sum(is_found(e, found) for e in case.evidence) / len(case.evidence)


def all_evidence(case: QuestionCase, ranked: Sequence[Span], k: int) -> bool | None:
    """Whether all of the case's evidence is within the first ``k``; None without evidence."""
    recall = evidence_recall(case, ranked, k)
    return None if recall is None else recall == 1.0


def reciprocal_rank(case: QuestionCase, ranked: Sequence[Span]) -> float | None:
    """1 / rank of the first span that holds some evidence, 0 if none does; None without."""
    if not case.evidence:
        return None
    for rank, span in enumerate(ranked, 1):
        if any(is_found(e, [span]) for e in case.evidence):
            return 1 / rank
    return 0.0


@dataclass(frozen=True, slots=True)
class RetrievalOutcome:
    """What a search found for a case, best first."""

    case: QuestionCase
    ranked: tuple[Span, ...]


def run_retrieval(
    cases: Sequence[QuestionCase], retrieve: Retrieve, depth: int = 20
) -> list[RetrievalOutcome]:
    """Search for every case that has evidence."""
    return [RetrievalOutcome(case, tuple(retrieve(case, depth))) for case in cases if case.evidence]


@dataclass(frozen=True, slots=True)
class RetrievalScores:
    """Means over the cases: ``all_within[k]`` is the share with all evidence in the first k."""

    cases: int
    all_within: dict[int, float]
    mean_reciprocal_rank: float


def score_retrieval(
    outcomes: Sequence[RetrievalOutcome], cutoffs: Sequence[int] = (1, 5, 10)
) -> RetrievalScores:
    """Scores of a run; raises ``ValueError`` if it is empty."""
    if not outcomes:
        raise ValueError("no case has evidence")
    within = {
        k: _mean([bool(all_evidence(o.case, o.ranked, k)) for o in outcomes]) for k in cutoffs
    }
    ranks = [reciprocal_rank(o.case, o.ranked) or 0.0 for o in outcomes]
    return RetrievalScores(len(outcomes), within, _mean(ranks))


def search_spans(chain: Chain) -> Retrieve:
    """Retrieval by the product's own search."""

    def retrieve(case: QuestionCase, k: int) -> list[Span]:
        hits = chain.search(case.question, k, case.turns).hits
        return [Span(h.passage.source, h.passage.start, h.passage.end) for h in hits]

    return retrieve


def retrieval_table(outcomes: Sequence[RetrievalOutcome]) -> str:
    """Scores by type of question and over all, as a Markdown table."""
    lines = ["| type | cases | top 1 | top 5 | top 10 | MRR |", "|---|---|---|---|---|---|"]
    for name, group in [*sorted(by_type(outcomes).items()), ("all", list(outcomes))]:
        scores = score_retrieval(group)
        shares = " | ".join(f"{scores.all_within[k]:.3f}" for k in (1, 5, 10))
        lines.append(f"| {name} | {scores.cases} | {shares} | {scores.mean_reciprocal_rank:.3f} |")
    return "\n".join(lines)


def by_type(outcomes: Sequence[RetrievalOutcome]) -> dict[str, list[RetrievalOutcome]]:
    """The outcomes grouped by the type of question."""
    groups: dict[str, list[RetrievalOutcome]] = defaultdict(list)
    for outcome in outcomes:
        groups[outcome.case.type].append(outcome)
    return dict(groups)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
