import math

import pytest

from eval.metrics.retrieval import all_found, ndcg, recall, reciprocal_rank
from eval.outcomes import Outcome
from eval.questions import Span
from tests.eval.outcomes import A, B, C, case, searched

OTHER = Span("z", 0, 9)
# A at rank 2, C at rank 4, B nowhere.
FOUND = searched(case(A, B, C), OTHER, Span("a", 5, 25), OTHER, Span("b", 0, 9))


def test_recall_is_the_share_of_the_evidence_within_k() -> None:
    assert [recall(FOUND, k) for k in (1, 2, 4)] == [0.0, 1 / 3, 2 / 3]


def test_all_found_wants_every_piece() -> None:
    both = searched(case(A, C), A, OTHER, C)
    assert [all_found(both, k) for k in (2, 3)] == [0.0, 1.0]


def test_reciprocal_rank_is_that_of_the_first_piece() -> None:
    assert reciprocal_rank(FOUND) == 1 / 2
    assert reciprocal_rank(searched(case(A), OTHER)) == 0.0


def test_ndcg_by_hand() -> None:
    # Gains 1 at ranks 2 and 4; the ideal has three at ranks 1, 2 and 3.
    reached = 1 / math.log2(3) + 1 / math.log2(5)
    ideal = 1 + 1 / math.log2(3) + 1 / 2
    assert ndcg(FOUND, 10) == pytest.approx(reached / ideal)
    assert ndcg(FOUND, 2) == pytest.approx((1 / math.log2(3)) / (1 + 1 / math.log2(3)))


def test_ndcg_of_one_passage_that_holds_all_is_1() -> None:
    assert ndcg(searched(case(A, B), Span("a", 0, 99)), 10) == 1.0


def test_a_passage_found_again_gains_nothing() -> None:
    assert ndcg(searched(case(A, C), A, A, C), 10) == pytest.approx(
        (1 + 1 / 2) / (1 + 1 / math.log2(3))
    )


@pytest.mark.parametrize(
    "outcome",
    [searched(case(), A), searched(case(A, refusal="not_stated"), A), Outcome(case(A))],
    ids=["no evidence", "to be refused", "no search shown"],
)
def test_undefined_without_evidence_or_search(outcome: Outcome) -> None:
    assert recall(outcome, 5) is None
    assert all_found(outcome, 5) is None
    assert reciprocal_rank(outcome) is None
    assert ndcg(outcome, 5) is None
