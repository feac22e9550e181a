"""Retrieval alone: does search find the evidence, by type of question."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from eval.metrics.retrieval import all_found, reciprocal_rank
from eval.outcomes import Outcome
from eval.questions import QuestionCase, Span
from eval.scores import Metric, by_type
from qa.chain import Chain

Retrieve = Callable[[QuestionCase, int], Sequence[Span]]

_COLUMNS: tuple[Metric, ...] = (*(partial(all_found, k=k) for k in (1, 5, 10)), reciprocal_rank)


def run_retrieval(
    cases: Sequence[QuestionCase], retrieve: Retrieve, depth: int = 20
) -> list[Outcome]:
    """Search for every case that has evidence."""
    return [
        Outcome(case, ranked=tuple(retrieve(case, depth))) for case in cases if case.is_answerable
    ]


def search_spans(chain: Chain) -> Retrieve:
    """Retrieval by the product's own search."""

    def retrieve(case: QuestionCase, k: int) -> list[Span]:
        hits = chain.search(case.question, k, case.turns).hits
        return [Span(h.passage.source, h.passage.start, h.passage.end) for h in hits]

    return retrieve


def retrieval_table(outcomes: Sequence[Outcome]) -> str:
    """Scores by type of question and over all, as a Markdown table."""
    lines = ["| type | cases | top 1 | top 5 | top 10 | MRR |", "|---|---|---|---|---|---|"]
    for name, group in [*by_type(outcomes).items(), ("all", list(outcomes))]:
        cells = " | ".join(_mean(group, metric) for metric in _COLUMNS)
        lines.append(f"| {name} | {len(group)} | {cells} |")
    return "\n".join(lines)


def _mean(outcomes: Sequence[Outcome], metric: Metric) -> str:
    scores = [score for o in outcomes if (score := metric(o)) is not None]
    return f"{sum(scores) / len(scores):.3f}" if scores else "–"
