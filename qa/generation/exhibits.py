"""What a model is shown: numbered stretches of reports, each with the sentences it may be cited for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from prompts import messages
from qa.answers.naming import period_told, report_name
from qa.facts.fact import Fact
from qa.generation.instructions import speaks_to_the_program
from qa.generation.tokens import estimate_tokens
from qa.library.library import Library
from qa.questions import Language, Question
from qa.ranking import Hit
from qa.reports.periods import overlaps
from qa.reports.report import Passage, Report
from qa.search import Findings

_GAP = "…"
_MOST_FACTS = 12
# What the number, the place and the period of an exhibit cost beside its words.
_HEAD_TOKENS = 24
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Exhibit:
    """A stretch of a passage, or a row of facts from one of its sentences.

    ``spans`` are the source offsets of the sentences that it may be cited for, in order; ``row`` is
    what is shown in their stead for a fact.
    """

    n: int
    report: Report
    passage: Passage
    spans: tuple[Span, ...]
    row: str = ""

    def shown(self, language: Language) -> str:
        """The exhibit as the model reads it: number, place, time, words."""
        said = messages("generation", language)
        return said["exhibit"].format(
            n=self.n,
            place=report_name(self.report, language),
            period=period_told(self.passage, self.report, language),
            text=self.row or self.text,
        )

    @property
    def text(self) -> str:
        """Its sentences, with a sign where others were left out."""
        parts: list[str] = []
        end: int | None = None
        for start, stop in self.spans:
            if (
                end is not None
                and self.passage.text[end - self.passage.start : start - self.passage.start].strip()
            ):
                parts.append(_GAP)
            parts.append(self.quote((start, stop)))
            end = stop
        return "".join(parts).replace("\n", " ").strip()

    def quote(self, span: Span) -> str:
        """The words of one of its sentences."""
        return self.passage.text[span[0] - self.passage.start : span[1] - self.passage.start]


def choose_exhibits(
    findings: Findings,
    library: Library,
    first: Sequence[Span],
    tokens: int,
    hide: Callable[[int], object] = lambda sentences: None,
) -> tuple[Exhibit, ...]:
    """Exhibits worth the most within ``tokens``, numbered from 1: facts asked for, then passages.

    Sentences at the source offsets ``first`` (of reports found) are what the answer made without a
    model rests on: their passages come before others. A passage that does not fit whole is shown by
    the sentences that bear most on the question; a sentence is never cut, and one that speaks to
    the program is not shown: ``hide`` is told of how many.
    """
    language = findings.question.language
    rows = list(_fact_rows(findings.question, findings, library))
    chosen: list[Exhibit] = []
    for candidate in [*rows, *_passages(findings.hits, first, hide)]:
        fitting = _fitted(candidate, tokens, language, first)
        if fitting is not None:
            chosen.append(replace(fitting, n=len(chosen) + 1))
            tokens -= _cost(fitting, language)
    return tuple(chosen)


def _passages(
    hits: Sequence[Hit], first: Sequence[Span], hide: Callable[[int], object]
) -> Iterator[Exhibit]:
    def holds(hit: Hit) -> bool:
        return any(hit.passage.start <= start < hit.passage.end for start, _ in first)

    for hit in sorted(hits, key=lambda hit: not holds(hit)):
        words = zip(hit.passage.sentences, hit.passage.sentence_texts(), strict=True)
        spans = tuple(span for span, text in words if not speaks_to_the_program(text))
        if hidden := len(hit.passage.sentences) - len(spans):
            hide(hidden)
        if spans:
            yield Exhibit(0, hit.report, hit.passage, spans)


def _fitted(
    exhibit: Exhibit, tokens: int, language: Language, first: Sequence[Span]
) -> Exhibit | None:
    """The exhibit, or its first-rate sentences in the order of the text, within ``tokens``."""
    if _cost(exhibit, language) <= tokens:
        return exhibit
    if exhibit.row:
        return None
    kept: list[Span] = []
    for span in sorted(exhibit.spans, key=lambda span: span not in first):
        smaller = replace(exhibit, spans=tuple(sorted([*kept, span])))
        if _cost(smaller, language) <= tokens:
            kept.append(span)
    return replace(exhibit, spans=tuple(sorted(kept))) if kept else None


def _cost(exhibit: Exhibit, language: Language) -> int:
    return _HEAD_TOKENS + estimate_tokens(exhibit.row or exhibit.text)


# --- facts -------------------------------------------------------------------------------------


def _fact_rows(question: Question, findings: Findings, library: Library) -> Iterator[Exhibit]:
    """Rows of the facts asked for: the indicators named, in the years named."""
    names = {indicator.name for indicator in question.indicators}
    held = [
        one
        for one in library.facts(findings.scope.report_ids)
        if one.fact.indicator in names and _is_of_years(one.fact, question) and one.passage
    ]
    held = held[:_MOST_FACTS]
    passages = library.passages([one.passage for one in held if one.passage is not None])
    for one, passage in zip(held, passages, strict=True):
        spans = tuple(s for s in passage.sentences if s[0] <= one.fact.start < s[1])
        if spans:
            row = _row(one.fact, question.language)
            yield Exhibit(0, library.reports[passage.report_id], passage, spans, row)


def _is_of_years(fact: Fact, question: Question) -> bool:
    years = question.years
    return not years or any(overlaps(fact.period, str(year)) for year in years)


def _row(fact: Fact, language: Language) -> str:
    said = messages("generation", language)
    growth = fact.growth_printed
    told = [fact.value_printed or ""]
    if growth and fact.growth_percent is not None:
        told.append(said["falls" if fact.growth_percent < 0 else "grows"].format(figure=growth))
    return said["fact"].format(
        period=fact.period,
        indicator=fact.printed_indicator,
        figures=said["separator"].join(one for one in told if one),
        status=said[f"status_{fact.status}"],
    )
