"""Outcomes made by hand."""

from eval.outcomes import Cited, GivenAnswer, Outcome
from eval.questions import Evidence, ExpectedFigure, QuestionCase, Span

A, B, C = Span("a", 10, 20), Span("a", 30, 40), Span("b", 0, 5)


def case(
    *evidence: Span,
    must: tuple[tuple[str, ...], ...] = (),
    must_not: tuple[str, ...] = (),
    answer: str = "",
    question: str = "?",
    refusal: str | None = None,
    figures: tuple[ExpectedFigure, ...] = (),
    id: str = "q",
) -> QuestionCase:
    held = tuple(Evidence("…", (span,)) for span in evidence)
    return QuestionCase(id, "actual", question, (), answer, must, must_not, held, refusal, figures)


def searched(asked: QuestionCase, *ranked: Span) -> Outcome:
    return Outcome(asked, ranked=ranked)


def cited(n: int, span: Span, quote: str = "", exact: bool = True, report: str = "r1") -> Cited:
    return Cited(n, span, quote, exact, report)


def answered(
    asked: QuestionCase, text: str, *citations: Cited, refusal: str | None = None
) -> Outcome:
    given = GivenAnswer(text, citations, refusal)
    return Outcome(asked, answer=given, gold_reports=("r1",), gold_periods=("2023",))


def refused(asked: QuestionCase, reason: str = "not_stated") -> Outcome:
    return answered(asked, "没有写明。", refusal=reason)
