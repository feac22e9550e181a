import pytest

from eval.questions import Evidence, QuestionCase, Span
from eval.retrieval import (
    RetrievalOutcome,
    all_evidence,
    evidence_recall,
    is_covered,
    reciprocal_rank,
    retrieval_table,
    score_retrieval,
)


def case(*spans: Span) -> QuestionCase:
    evidence = tuple(Evidence("…", (span,)) for span in spans)
    return QuestionCase("q", "actual", "?", (), "", (), (), evidence)


A, B = Span("a", 10, 20), Span("b", 0, 5)
RANKED = [Span("a", 0, 9), Span("a", 9, 30), Span("c", 0, 9), Span("b", 0, 9)]


def test_a_span_may_be_covered_by_two_passages_that_meet() -> None:
    assert is_covered(A, [Span("a", 15, 30), Span("a", 5, 15)])
    assert not is_covered(A, [Span("a", 5, 15), Span("a", 16, 30)])
    assert not is_covered(A, [Span("b", 0, 99)])


def test_recall_counts_evidence_within_k() -> None:
    assert evidence_recall(case(A, B), RANKED, 2) == 0.5
    assert evidence_recall(case(A, B), RANKED, 4) == 1.0
    assert all_evidence(case(A, B), RANKED, 3) is False


def test_evidence_that_stands_twice_is_found_at_either_place() -> None:
    told_twice = QuestionCase("q", "t", "?", (), "", (), (), (Evidence("…", (Span("x", 0, 1), A)),))
    assert all_evidence(told_twice, RANKED, 2)


def test_reciprocal_rank_is_that_of_the_first_evidence() -> None:
    assert reciprocal_rank(case(B), RANKED) == 1 / 4
    assert reciprocal_rank(case(Span("z", 0, 1)), RANKED) == 0.0


def test_a_case_without_evidence_has_no_score() -> None:
    assert evidence_recall(case(), RANKED, 5) is None
    assert all_evidence(case(), RANKED, 5) is None
    assert reciprocal_rank(case(), RANKED) is None


def test_scores_are_means_over_the_cases() -> None:
    outcomes = [RetrievalOutcome(case(A), tuple(RANKED)), RetrievalOutcome(case(B), tuple(RANKED))]
    scores = score_retrieval(outcomes, (2, 5))
    assert scores.all_within == {2: 0.5, 5: 1.0}
    assert scores.mean_reciprocal_rank == pytest.approx((1 / 2 + 1 / 4) / 2)
    assert "| all | 2 |" in retrieval_table(outcomes)


def test_a_run_without_evidence_cannot_be_scored() -> None:
    with pytest.raises(ValueError, match="no case"):
        score_retrieval([])
