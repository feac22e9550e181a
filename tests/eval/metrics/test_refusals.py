from eval.metrics.refusals import refusal_precision, refusal_reason, refusal_recall
from tests.eval.outcomes import A, answered, case, refused, searched


def test_precision_is_defined_on_refusals() -> None:
    assert refusal_precision(refused(case())) == 1.0
    assert refusal_precision(refused(case(A))) == 0.0
    assert refusal_precision(answered(case(), "7.6%")) is None


def test_recall_is_defined_on_what_must_be_refused() -> None:
    assert refusal_recall(refused(case())) == 1.0
    assert refusal_recall(answered(case(), "7.6%")) == 0.0
    assert refusal_recall(refused(case(A))) is None


def test_the_reason_is_judged_where_it_is_labelled() -> None:
    labelled = case(refusal="period_not_held")
    assert refusal_reason(refused(labelled, "period_not_held")) == 1.0
    assert refusal_reason(refused(labelled, "not_stated")) == 0.0
    assert refusal_reason(refused(case())) is None
    assert refusal_reason(answered(labelled, "7.6%")) is None


def test_undefined_for_a_search() -> None:
    assert refusal_precision(searched(case())) is None
    assert refusal_recall(searched(case())) is None
    assert refusal_reason(searched(case(refusal="not_stated"))) is None
