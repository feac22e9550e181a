"""Citations of an answer: numbered as they are first used, a sentence cited once."""

from __future__ import annotations

from dataclasses import replace

from qa.answers.answer import Citation
from qa.facts.fact import Fact
from qa.reports.report import Passage, Report


class Citations:
    """Citations numbered as they are first used; a sentence is cited once."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, int, int], Citation] = {}

    def cite(self, report: Report, passage: Passage, span: tuple[int, int]) -> Citation:
        """The citation of the source offsets ``span``, which lie inside ``passage``."""
        key = (report.report_id, *span)
        if key not in self._made:
            self._made[key] = Citation.of(len(self._made) + 1, report, passage, span)
        return self._made[key]

    def cite_fact(self, report: Report, passage: Passage, fact: Fact) -> Citation:
        """The citation of a fact's sentence; facts of one sentence share it."""
        spans = [(a, b) for a, b in passage.sentences if a <= fact.start < b]
        return self.cite(report, passage, spans[0] if spans else (fact.start, fact.end))

    def adopt(self, citation: Citation) -> Citation:
        """A citation of another answer under its number here."""
        key = (citation.report_id, citation.start, citation.end)
        if key not in self._made:
            self._made[key] = replace(citation, n=len(self._made) + 1)
        return self._made[key]

    @property
    def made(self) -> tuple[Citation, ...]:
        return tuple(self._made.values())
