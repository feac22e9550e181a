from pathlib import Path

import pytest

from eval.comparison import Miss, Sheet, below, compare, dropped, mean_of, read_sheet, write_sheet
from eval.errors import NothingScoredError, RunFileError


def sheet(**scores: dict[str, float]) -> Sheet:
    return Sheet("s", "c", scores, {})


def bits(text: str) -> dict[str, float]:
    return {f"q{i}": float(bit) for i, bit in enumerate(text)}


GOOD, BAD = sheet(correct=bits("1111111110")), sheet(correct=bits("0000001110"))


def test_a_change_is_told_with_the_cases_that_flipped() -> None:
    (change,) = compare(sheet(correct=bits("1100")), sheet(correct=bits("0110")))
    assert (change.first, change.second, change.difference) == (0.5, 0.5, 0.0)
    assert (change.better, change.worse, change.p) == (("q2",), ("q0",), 1.0)
    assert not change.is_significant


def test_only_shared_cases_are_compared() -> None:
    (change,) = compare(sheet(correct={"a": 1.0, "b": 0.0}), sheet(correct={"b": 1.0, "c": 1.0}))
    assert (change.cases, change.first, change.second) == (1, 0.0, 1.0)
    assert compare(sheet(correct={"a": 1.0}), sheet(mrr={"a": 1.0})) == []


def test_a_significant_drop_is_named_and_a_gain_is_not() -> None:
    (change,) = dropped(GOOD, BAD)
    assert change.p == pytest.approx(2 / 64)
    assert change.worse == ("q0", "q1", "q2", "q3", "q4", "q5")
    assert dropped(BAD, GOOD) == []


def test_one_case_lost_may_be_chance() -> None:
    assert dropped(GOOD, sheet(correct=bits("0111111110"))) == []


def test_shares_are_tested_by_their_interval() -> None:
    high, low = {f"q{i}": 0.9 for i in range(9)}, {f"q{i}": 0.7 for i in range(9)}
    (change,) = dropped(sheet(mrr=high), sheet(mrr=low))
    assert change.p is None
    assert (change.low, change.high) == pytest.approx((-0.2, -0.2))


def test_more_of_a_bad_thing_is_a_drop() -> None:
    assert dropped(sheet(wrong_context=bits("000000")), sheet(wrong_context=bits("111111")))


def test_floors() -> None:
    assert below(GOOD, {"correct": 0.9}) == []
    assert below(GOOD, {"correct": 0.95}) == [Miss("correct", 0.9, 0.95)]
    assert below(sheet(wrong_context=bits("1")), {"wrong_context": 0.1})
    assert below(sheet(wrong_context=bits("0")), {"wrong_context": 0.1}) == []


def test_a_floor_of_nan_is_never_reached() -> None:
    assert below(GOOD, {"correct": float("nan")})


@pytest.mark.parametrize("scores", [{}, {"a": float("nan")}])
def test_nothing_or_nan_is_no_score(scores: dict[str, float]) -> None:
    with pytest.raises(NothingScoredError):
        mean_of(sheet(correct=scores), "correct")
    with pytest.raises(NothingScoredError):
        below(sheet(correct=scores), {"correct": 0.1})
    with pytest.raises(NothingScoredError):
        dropped(GOOD, sheet(correct=scores))


def test_a_baseline_of_other_cases_proves_nothing() -> None:
    with pytest.raises(NothingScoredError, match="no case in common with the baseline for correct"):
        dropped(GOOD, sheet(correct={"z": 1.0}))
    with pytest.raises(NothingScoredError, match="the baseline holds no scores"):
        dropped(sheet(), GOOD)


def test_a_baseline_is_read_back(tmp_path: Path) -> None:
    scored = sheet(mrr={"a": 1 / 3}, refusal_precision={"a": 1.0})
    write_sheet(scored, tmp_path / "b.json")
    assert read_sheet(tmp_path / "b.json") == sheet(mrr={"a": 1 / 3})


@pytest.mark.parametrize("text", ["", "[]", "{}"])
def test_what_is_no_baseline_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "b.json").write_text(text)
    with pytest.raises(RunFileError, match=r"b\.json"):
        read_sheet(tmp_path / "b.json")
