"""What other copies and versions of a cited report say differently, and what only an abridged one says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from prompts import messages
from qa.answers.answer import Answer, Citation
from qa.facts.conflicts import disagreeing_with
from qa.facts.fact import Fact
from qa.library.library import Library
from qa.reports.report import Report

_MOST_NOTES = 5


def with_kindred_notes(answer: Answer, library: Library, language: str) -> Answer:
    """The answer, with notes on what kindred reports say otherwise of the figures it cites."""
    if not answer.citations:
        return answer
    notes = dict.fromkeys(
        note for citation in answer.citations for note in _notes(citation, library, language)
    )
    new = [note for note in notes if note not in answer.notes][:_MOST_NOTES]
    return replace(answer, notes=(*answer.notes, *new)) if new else answer


def _notes(citation: Citation, library: Library, language: str) -> Iterator[str]:
    kindred = library.kindred(citation.report_id)
    if not kindred:
        return
    said = messages("answers", language)
    full = library.full_version_of(citation.report_id)
    if full is not None:
        yield said["from_abridged"].format(n=citation.n, name=citation.source, full=full.source)
    own = [one.fact for one in library.facts([citation.report_id])]
    cited = [fact for fact in own if citation.start <= fact.start < citation.end]
    for report in kindred:
        for quote in _other_figures(cited, report, library):
            yield said["other_figures"].format(
                n=citation.n, name=report.source, own=citation.source, quote=quote
            )


def _other_figures(cited: Iterable[Fact], report: Report, library: Library) -> Iterator[str]:
    facts = [one.fact for one in library.facts([report.report_id])]
    for fact in cited:
        for other in disagreeing_with(fact, facts):
            yield " ".join(other.quote.split())
