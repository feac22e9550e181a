from dataclasses import replace

import pytest

from eval.metrics.judgements import cohens_kappa, judge_and_correct, judged
from eval.outcomes import Judgement, Outcome, Verdict
from tests.eval.outcomes import A, answered, case, searched


def told(outcome: Outcome, verdict: Verdict) -> Outcome:
    return replace(outcome, judgement=Judgement(verdict, "因为"))


RIGHT = answered(case(A, must=(("7",),)), "7")
WRONG = answered(case(A, must=(("7",),)), "8")


def test_a_verdict_is_1_a_half_or_0_and_none_is_no_score() -> None:
    assert judged(told(RIGHT, "right")) == 1.0
    assert judged(told(RIGHT, "partly")) == 0.5
    assert judged(told(RIGHT, "wrong")) == 0.0
    assert judged(RIGHT) is None


def test_only_cases_that_both_judge_are_compared_and_partly_is_not_right() -> None:
    outcomes = [
        told(RIGHT, "right"), told(RIGHT, "partly"), told(WRONG, "wrong"), RIGHT,
        told(answered(case(A), "?"), "right"), searched(case(A)),
    ]  # fmt: skip
    assert judge_and_correct(outcomes) == [(True, True), (False, True), (False, False)]


def test_kappa_by_hand() -> None:
    # 10 cases: both yes 4, judge only 1, metric only 2, neither 3: observed .7,
    # by chance .5 * .6 + .5 * .4 = .5.
    pairs = [(True, True)] * 4 + [(True, False)] + [(False, True)] * 2 + [(False, False)] * 3
    assert cohens_kappa(pairs) == pytest.approx(0.4)
    assert cohens_kappa([(True, True), (False, False)]) == 1.0
    assert cohens_kappa([(True, False), (False, True)]) == -1.0


def test_kappa_is_undefined_without_pairs_and_where_chance_always_agrees() -> None:
    assert cohens_kappa([]) is None
    assert cohens_kappa([(True, True)] * 5) is None
    assert cohens_kappa([(True, False), (True, True)]) == 0.0
