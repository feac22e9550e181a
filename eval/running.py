"""Cases to outcomes: ask a system every question and note all that the metrics look at."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence

from eval.errors import SourceMissingError, WrongReplyError
from eval.outcomes import Cited, GivenAnswer, Outcome, Run
from eval.questions import QuestionCase, Span
from eval.systems import Bench, Quoted, Reply, System
from qa.reports.report import Report

Progress = Callable[[str, int, int], None]


def run_cases(
    name: str,
    system: System,
    bench: Bench,
    cases: Sequence[QuestionCase],
    case_set: str,
    progress: Progress = lambda stage, done, total: None,
) -> Run:
    """Ask every case in order; raises ``SourceMissingError`` if evidence stands in no text,
    ``WrongReplyError`` if a confidence is none."""
    require_sources(cases, bench.texts)
    outcomes = []
    for done, case in enumerate(cases, 1):
        started = time.perf_counter()
        reply = system.reply(case.question, case.turns)
        elapsed = (time.perf_counter() - started) * 1000
        outcomes.append(_outcome(case, reply, bench, elapsed))
        progress("evaluate", done, len(cases))
    return Run(name, case_set, tuple(outcomes))


def require_sources(cases: Iterable[QuestionCase], texts: Mapping[str, str]) -> None:
    """Every span of the evidence must hold its quote: else all scores would be noise."""
    for case in cases:
        for evidence in case.evidence:
            for span in evidence.spans:
                _require(case.id, evidence.quote, span, texts)


def _require(case_id: str, quote: str, span: Span, texts: Mapping[str, str]) -> None:
    if span.source not in texts:
        raise SourceMissingError("source_not_given", case=case_id, name=span.source)
    if texts[span.source][span.start : span.end] != quote:
        raise SourceMissingError("source_differs", case=case_id, name=span.source, start=span.start)


def _outcome(case: QuestionCase, reply: Reply, bench: Bench, elapsed: float) -> Outcome:
    spans = [span for evidence in case.evidence for span in evidence.spans]
    return Outcome(
        case=case,
        ranked=None if reply.ranked is None else tuple(reply.ranked),
        answer=_answer(case.id, reply, bench),
        gold_reports=_distinct(report_at(span, bench.reports) for span in spans),
        gold_periods=_distinct(period_at(span, bench.reports) for span in spans),
        milliseconds=elapsed if reply.milliseconds is None else reply.milliseconds,
    )


def _distinct(names: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name))


def _answer(case_id: str, reply: Reply, bench: Bench) -> GivenAnswer | None:
    if reply.text is None:
        return None
    # A percentage or NaN would pass through every mean unseen.
    if reply.confidence is not None and not 0 <= reply.confidence <= 1:
        raise WrongReplyError("wrong_confidence", case=case_id, confidence=reply.confidence)
    citations = tuple(_cited(quoted, bench) for quoted in reply.citations)
    return GivenAnswer(reply.text, citations, reply.refusal, reply.tokens, reply.confidence)


def _cited(quoted: Quoted, bench: Bench) -> Cited:
    span = quoted.span
    text = bench.texts.get(span.source, "")
    exact = span.start < span.end and text[span.start : span.end] == quoted.quote
    return Cited(quoted.n, span, quoted.quote, exact, report_at(span, bench.reports))


def report_at(span: Span, reports: Iterable[Report]) -> str | None:
    """The id of the report that holds the span."""
    report = _holder(span, reports)
    return report.report_id if report else None


def period_at(span: Span, reports: Iterable[Report]) -> str | None:
    """The period of the section that holds the span."""
    report = _holder(span, reports)
    sections = report.sections if report else ()
    return next((s.period for s in sections if s.start <= span.start < s.end), None)


def _holder(span: Span, reports: Iterable[Report]) -> Report | None:
    return next(
        (r for r in reports if r.source == span.source and r.start <= span.start < r.end), None
    )
