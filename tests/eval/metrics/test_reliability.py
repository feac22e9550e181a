from dataclasses import replace

import pytest

from eval.metrics.reliability import (
    Bin,
    Forecast,
    answerable_forecasts,
    area_under_curve,
    brier_score,
    calibration_error,
    reliability,
    reliability_bins,
    right_forecasts,
)
from eval.outcomes import Outcome
from tests.eval.outcomes import A, answered, case, refused, searched


def sure(outcome: Outcome, confidence: float) -> Outcome:
    assert outcome.answer
    return replace(outcome, answer=replace(outcome.answer, confidence=confidence))


def forecasts(*pairs: tuple[float, bool]) -> list[Forecast]:
    return [Forecast(confidence, holds) for confidence, holds in pairs]


MIXED = forecasts((0.9, True), (0.8, False), (0.6, True), (0.1, False))


def test_the_brier_score_by_hand() -> None:
    # .01 + .64 + .16 + .01 = .82
    assert brier_score(MIXED) == pytest.approx(0.82 / 4)
    assert brier_score(forecasts((1.0, True), (0.0, False))) == 0.0
    assert brier_score(forecasts((0.5, True), (0.5, False))) == 0.25


def test_bins_by_hand() -> None:
    low, high = reliability_bins(MIXED, 2)
    assert low == Bin(0.0, 0.5, 1, 0.1, 0)
    assert (high.low, high.high, high.cases, high.holding) == (0.5, 1.0, 3, 2)
    assert high.confidence == pytest.approx(2.3 / 3)
    assert high.share == pytest.approx(2 / 3)


def test_an_edge_belongs_to_the_bin_above_and_1_to_the_last() -> None:
    told = reliability_bins(forecasts((0.0, True), (0.3, True), (0.7, True), (1.0, True)), 10)
    assert [b.low for b in told] == [0.0, 0.3, 0.7, 0.9]


def test_the_calibration_error_by_hand() -> None:
    # low bin: 1 * |0 - .1|; high bin: 3 * |2/3 - 2.3/3| = .3
    assert calibration_error(MIXED, 2) == pytest.approx((0.1 + 0.3) / 4)
    assert calibration_error(forecasts((0.5, True), (0.5, False))) == 0.0


def test_the_area_under_the_curve_by_hand() -> None:
    # .9 beats .8 and .1; .6 beats .1 only: 3 of 4 pairs.
    assert area_under_curve(MIXED) == 0.75
    assert area_under_curve(forecasts((0.5, True), (0.5, False))) == 0.5
    assert area_under_curve(forecasts((0.2, True), (0.7, False))) == 0.0


def test_without_forecasts_or_with_one_class_only_nothing_is_told() -> None:
    assert brier_score([]) is None
    assert calibration_error([]) is None
    assert area_under_curve([]) is None
    assert area_under_curve(forecasts((0.9, True), (0.1, True))) is None
    assert area_under_curve(forecasts((0.9, False))) is None
    assert reliability([]) is None
    told = reliability(forecasts((0.9, True)))
    assert told is not None
    assert (told.cases, told.auc) == (1, None)


def test_outcomes_without_a_confidence_are_left_out() -> None:
    outcomes = [searched(case(A)), answered(case(A, must=(("7",),)), "7"), refused(case())]
    assert answerable_forecasts(outcomes) == []
    assert right_forecasts(outcomes) == []


def test_refusals_tell_whether_the_reports_answer_and_not_whether_answers_are_right() -> None:
    asked = case(A, must=(("7",),))
    outcomes = [
        sure(answered(asked, "7"), 0.9),
        sure(answered(asked, "8"), 0.8),
        sure(answered(case(), "8"), 0.7),
        sure(refused(asked), 0.4),
        sure(refused(case()), 0.1),
        sure(answered(case(A), "not judged"), 0.6),
    ]
    assert answerable_forecasts(outcomes) == forecasts(
        (0.9, True), (0.8, True), (0.7, False), (0.4, True), (0.1, False), (0.6, True)
    )
    assert right_forecasts(outcomes) == forecasts((0.9, True), (0.8, False), (0.7, False))
