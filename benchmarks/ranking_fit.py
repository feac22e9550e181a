"""The weights of facts and of turns in the ranking, chosen on some question sets and scored on the rest.

    wenzheng ingest samples && python -m benchmarks.ranking_fit [CASES.jsonl …]

Prints a Markdown table: of each choice of what may be fitted, the share of cases with all evidence in
the first 1, 5 and 10 passages, over cases whose set, or whose reports, had no part in the fit.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt

from api.assembly import embedder_of, library_of
from eval.metrics.retrieval import all_found, reciprocal_rank
from eval.outcomes import Outcome
from eval.questions import QuestionCase, Span, read_case_set
from qa.questions import Question
from qa.ranking import Hit, Ranker, with_quotas
from qa.search import Searcher
from qa.settings import load_settings

_SETS = ("questions-1", "questions-2", "questions-3", "questions-4")
_WEIGHTS = (0.0, 0.25, 0.5, 0.75, 1.0)
_TURNS = (None, 0.1, 0.2, 0.3, 0.5)
_FOLDS = 5
_DEPTH = 20


@dataclass(frozen=True)
class Choice:
    """A weight for facts, one for their names, and the turn of a survey."""

    fact: float = 0.0
    name: float = 0.0
    turn: float | None = None


_GRID = [Choice(*one) for one in product(_WEIGHTS, _WEIGHTS, _TURNS)]
_FITTED: dict[str, Callable[[Choice], bool]] = {
    "nothing": lambda one: one == Choice(),
    "facts": lambda one: one == Choice(fact=one.fact),
    "names of facts": lambda one: one == Choice(name=one.name),
    "turns": lambda one: one == Choice(turn=one.turn),
    "facts and turns": lambda one: one.name == 0,
    "all three": lambda one: True,
}


@dataclass(frozen=True)
class Asked:
    """A case with its candidates, unordered."""

    case: QuestionCase
    of_set: str
    question: Question
    hits: list[Hit]

    @property
    def report(self) -> str:
        """Where its first evidence stands: of one file the samples hold up to four reports."""
        span = self.case.evidence[0].spans[0]
        inside = (h for h in self.hits if _holds(h, span))
        return next((h.report.report_id for h in inside), self.case.id)

    def scores(self, choice: Choice) -> tuple[float, ...]:
        """All evidence in the first 1, 5, 10; reciprocal rank."""
        weighed = [replace(hit, score=_score(hit, choice)) for hit in self.hits]
        weighed.sort(key=lambda hit: (-hit.score, hit.passage.source, hit.passage.start))
        hits = with_quotas(weighed, self.question, _DEPTH, choice.turn)
        spans = (Span(h.passage.source, h.passage.start, h.passage.end) for h in hits)
        outcome = Outcome(self.case, ranked=tuple(spans))
        found = (*(all_found(outcome, k) for k in (1, 5, 10)), reciprocal_rank(outcome))
        return tuple(score or 0.0 for score in found)


def main(names: Sequence[str]) -> None:
    settings = load_settings()
    library, embedder = library_of(settings), embedder_of(settings)
    searcher, ranker = Searcher(library, embedder), Ranker(library, embedder)
    asked = [
        _asked(searcher, ranker, case, name)
        for name in names or _SETS
        for case in read_case_set(name)
        if case.is_answerable
    ]
    scores = np.array([[one.scores(choice) for one in asked] for choice in _GRID])
    by_set = np.array([one.of_set for one in asked])
    fold = {report: i % _FOLDS for i, report in enumerate(sorted({one.report for one in asked}))}
    by_report = np.array([fold[one.report] for one in asked])
    print("| fitted | sets left out: top 1 | top 5 | top 10 | MRR | reports left out: top 1 | top 5 | top 10 | MRR |")  # fmt: skip
    print("|---|---|---|---|---|---|---|---|---|")
    for fitted, allowed in _FITTED.items():
        among = np.array([allowed(choice) for choice in _GRID])
        cells = [
            f"{mean:.3f}" for by in (by_set, by_report) for mean in _left_out(scores, by, among)
        ]
        print(f"| {fitted} | {' | '.join(cells)} |")


def _asked(searcher: Searcher, ranker: Ranker, case: QuestionCase, name: str) -> Asked:
    findings = searcher.search(case.question, _DEPTH, case.turns)
    ranked = ranker.rank(findings.question, findings.scope.report_ids) if findings.hits else []
    return Asked(case, name, findings.question, ranked)


def _holds(hit: Hit, span: Span) -> bool:
    passage = hit.passage
    return passage.source == span.source and passage.start <= span.start < passage.end


def _score(hit: Hit, choice: Choice) -> float:
    features = hit.features
    return features["found"] + choice.fact * features["fact"] + choice.name * features["name"]


def _left_out(
    scores: npt.NDArray[np.float64], groups: npt.NDArray[Any], among: npt.NDArray[np.bool_]
) -> npt.NDArray[np.float64]:
    """Means over all cases, each under the choice that the cases of other groups made."""
    chosen: npt.NDArray[np.float64] = np.zeros(scores.shape[1:])
    for group in np.unique(groups):
        rest = scores[:, groups != group].mean(axis=1)
        # What is looked for, and little else: all evidence in the first 5.
        worth = np.where(among, rest[:, 1] + 0.3 * rest[:, 2] + 0.3 * rest[:, 3], -1.0)
        chosen[groups == group] = scores[np.argmax(worth)][groups == group]
    means: npt.NDArray[np.float64] = chosen.mean(axis=0)
    return means


if __name__ == "__main__":
    main(sys.argv[1:])
