import math

import pytest

from eval.resampling import interval, mcnemar, unanimous_interval, wilson_interval


def test_mcnemar_by_hand() -> None:
    # 1 gained, 5 lost: 2 * (C(6,0) + C(6,1)) / 2**6.
    first = [True] * 5 + [False] + [True] * 4
    second = [False] * 5 + [True] + [True] * 4
    assert mcnemar(first, second) == pytest.approx(2 * 7 / 64)
    assert mcnemar(second, first) == pytest.approx(2 * 7 / 64)


def test_equal_runs_do_not_differ() -> None:
    assert mcnemar([True, False], [True, False]) == 1.0
    assert mcnemar([True, False], [False, True]) == 1.0


def test_mcnemar_wants_pairs() -> None:
    with pytest.raises(ValueError, match="shorter"):
        mcnemar([True], [])


def test_the_interval_of_equal_scores_is_a_point() -> None:
    assert interval({"a": 0.5, "b": 0.5}, {}) == (0.5, 0.5)


def test_two_reports_far_apart_give_the_widest_interval() -> None:
    scores = {"a": 0.0, "b": 0.0, "c": 1.0, "d": 1.0}
    assert interval(scores, {"a": "r", "b": "r", "c": "s", "d": "s"}) == (0.0, 1.0)


def test_no_scores_no_interval() -> None:
    assert all(map(math.isnan, interval({}, {})))


def test_the_draws_are_the_same_every_time() -> None:
    scores = {str(i): float(i % 3 == 0) for i in range(40)}
    assert interval(scores, {}) == interval(dict(reversed(scores.items())), {})


def test_all_right_is_not_sure_to_stay_so() -> None:
    assert unanimous_interval(10, 1.0) == pytest.approx((0.025 ** (1 / 10), 1.0))
    assert unanimous_interval(10, 0.0) == pytest.approx((0.0, 1 - 0.025 ** (1 / 10)))


def test_the_score_interval_by_hand() -> None:
    # z = 1.96, 1 of 2: centre 1/2, reach z * sqrt(1/8 + z²/16) / (1 + z²/2) = .4055.
    assert wilson_interval(1, 2) == pytest.approx((0.0945, 0.9055), abs=1e-4)
    # none of n: from 0 to z² / (n + z²).
    assert wilson_interval(0, 10) == pytest.approx((0.0, 3.8415 / 13.8415), abs=1e-4)
    assert wilson_interval(10, 10) == pytest.approx((10 / 13.8415, 1.0), abs=1e-4)
