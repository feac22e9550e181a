import pytest

from eval.scores import by_type, clusters_of, score_cases, spreads, summarise
from tests.eval.outcomes import A, answered, case, refused, searched


def test_a_case_that_a_metric_is_undefined_for_has_no_score() -> None:
    outcomes = [
        answered(case(A, must=(("7",),), id="a"), "7"),
        answered(case(A, must=(("7",),), id="b"), "8"),
        refused(case(id="c")),
    ]
    table = score_cases(outcomes)
    assert table["correct"] == {"a": 1.0, "b": 0.0, "c": 1.0}
    assert table["refusal_recall"] == {"c": 1.0}
    assert "mrr" not in table
    assert summarise(table, clusters_of(outcomes))["correct"].mean == pytest.approx(2 / 3)


def test_a_unanimous_score_still_has_an_interval() -> None:
    scores = {str(i): 1.0 for i in range(5)}
    score = summarise({"correct": scores}, {})["correct"]
    assert (score.mean, score.high) == (1.0, 1.0)
    assert score.low == pytest.approx(0.025 ** (1 / 5))


def test_cases_of_one_report_belong_together() -> None:
    assert clusters_of([answered(case(A, id="a"), "")]) == {"a": "r1"}
    assert clusters_of([searched(case(A, id="a"))]) == {"a": "a"}


def test_generated_cases_stand_apart() -> None:
    from dataclasses import replace

    made = replace(case(id="g"), generated=True)
    assert list(by_type([searched(made), searched(case())])) == ["actual", "generated:actual"]


def test_spreads_of_what_was_measured() -> None:
    assert spreads([searched(case())]) == {}
    assert spreads([answered(case(A), "四个字啊")])["answer_length"].p50 == 4.0
