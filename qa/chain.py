"""The product in one page: a question goes in, a cited answer comes out."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from qa.answers.answer import Answer
from qa.answers.extractive import answer_with_quotes
from qa.answers.figures import answer_with_facts
from qa.search import Findings, Searcher


class Chain:
    """Understand, filter, search, answer. Built once; safe to ask from several threads."""

    def __init__(self, searcher: Searcher) -> None:
        self.searcher = searcher

    def search(self, text: str, k: int = 10, turns: Sequence[str] = ()) -> Findings:
        """Passages for a question, best first, without an answer."""
        return self.searcher.search(text, k, turns)

    def ask(self, text: str, turns: Sequence[str] = ()) -> Answer:
        """Answer a question, leaning on earlier user ``turns`` where it does not stand alone."""
        findings = self.searcher.search(text, turns=turns)
        found = time.perf_counter()
        library = self.searcher.library
        answer = answer_with_facts(findings, library) or answer_with_quotes(
            findings, library.reports
        )
        answering = (time.perf_counter() - found) * 1000
        return replace(answer, timings_ms={**findings.timings_ms, "answer": answering})
