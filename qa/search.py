"""Search is a plan: understand, filter, rank, quotas per place.

A filter with no match finds nothing, never everything; what is missing is said in ``Findings``.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from qa.anchors import find_anchored, report_of
from qa.facts.lexicon import names_of
from qa.imprint import imprint_passages
from qa.library.library import Library
from qa.questions import Question, understand
from qa.ranking import Hit, Ranker, Weights, with_quotas
from qa.reports.clean_text import fold
from qa.reports.report import Passage, Report
from qa.reranking import rerank
from qa.scope import Scope, find_scope, from_above

if TYPE_CHECKING:
    from embeddings import Embedder, Reranker
    from qa.english.translating import Translator


@dataclass(frozen=True, slots=True)
class Findings:
    """What a search found and how the question was understood. ``dense`` is False while the
    library's vectors are not made yet."""

    question: Question
    scope: Scope
    hits: tuple[Hit, ...]
    dense: bool
    timings_ms: Mapping[str, float]


class Searcher:
    """Searches one version of a library. Safe to share between threads once built.

    ``embedder`` is None for lexical search alone; a ``reranker`` orders the best passages anew.
    """

    def __init__(
        self,
        library: Library,
        embedder: Embedder | None,
        weights: Weights | None = None,
        reranker: Reranker | None = None,
    ) -> None:
        self.library = library
        self.embedder = embedder
        self._weights = weights
        self._ranker = Ranker(library, embedder, weights)
        self._reranker = reranker

    def over(self, library: Library) -> Searcher:
        """A searcher like this one of other reports."""
        return Searcher(library, self.embedder, self._weights, self._reranker)

    def understand(self, text: str, turns: Sequence[str] = ()) -> Question:
        """Understand a question against the places held; an English one in the words of the reports."""
        question = understand(text, turns, self.library.shelf.places)
        return self._translator.translate(question) if question.language == "en" else question

    @cached_property
    def _translator(self) -> Translator:
        from qa.english.translating import Translator

        return Translator(self.library.lexical)

    def search(self, text: str, k: int = 10, turns: Sequence[str] = ()) -> Findings:
        """The best ``k`` passages for a question, best first; fewer if fewer bear on it."""
        started = time.perf_counter()
        question = self.understand(text, turns)
        anchored = self._anchored(question)
        if question.anchor and not anchored:
            question = replace(question, core=f"{question.anchor} {question.core}", anchor="")
        scope = find_scope(question, self.library.shelf, anchored)
        understood = time.perf_counter()
        ranked = self._ranked(question, scope)
        if scope.missing == "place_not_held":
            question, scope, ranked = self._ranked_from_above(question, scope)
        ranked = [*self._of_the_page(question, scope), *ranked]
        hits = tuple(with_quotas(ranked, question, k))
        scope = scope.read_closely(hit.report.report_id for hit in ranked)
        found = time.perf_counter()
        timings = {
            "understand": (understood - started) * 1000,
            "search": (found - understood) * 1000,
        }
        return Findings(question, scope, hits, self._ranker.vectors is not None, timings)

    def _ranked(self, question: Question, scope: Scope) -> list[Hit]:
        if not scope.report_ids:
            return []
        hits = self._ranker.rank(question, scope.report_ids)
        return rerank(hits, question, self._reranker) if self._reranker else hits

    def _of_the_page(self, question: Question, scope: Scope) -> list[Hit]:
        """What the page above a report prints of its publication, for a question that asks for it."""
        reports = [self.library.reports[report_id] for report_id in scope.report_ids]
        found = imprint_passages(question, reports, self.library)
        return [Hit(passage, report, score=math.inf) for report, passage in found]

    def _anchored(self, question: Question) -> tuple[Report, ...]:
        """The reports that words of the question stand for (洪楼、唐冶那个区), each if it stands out."""
        if not question.anchor:
            return ()
        named = [mention.place for mention in question.places]
        several = find_anchored(fold(question.text), named, self.library).reports
        if len(several) > 1:
            return several
        report = report_of(question.anchor, self.library)
        return (report,) if report else ()

    def _ranked_from_above(
        self, question: Question, missing: Scope
    ) -> tuple[Question, Scope, list[Hit]]:
        """The passages of reports above the place with a sentence that names it (and the indicator
        asked for); nothing, as before, if there is none."""
        asked, scope = from_above(question, missing, self.library.shelf)
        hits = self._ranked(asked, scope)
        naming = [hit for hit in hits if _speaks_of(hit.passage, asked)]
        return (asked, scope, naming) if naming else (question, missing, [])


def _speaks_of(passage: Passage, question: Question) -> bool:
    indicators = [name for one in question.indicators for name in names_of(one)]
    return any(
        any(name in text for name in question.spoken_of)
        and (not indicators or any(name in text for name in indicators))
        for text in passage.sentence_texts()
    )
