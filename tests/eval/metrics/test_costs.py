from dataclasses import replace

from eval.metrics.costs import milliseconds, percentile, tokens
from eval.outcomes import GivenAnswer
from tests.eval.outcomes import answered, case, searched


def test_the_nearest_rank_is_a_value_that_was_measured() -> None:
    values = [15.0, 20.0, 35.0, 40.0, 50.0]
    assert percentile(values, 0.5) == 35.0
    assert percentile(values, 0.95) == 50.0
    assert percentile(values, 0.3) == 20.0
    assert percentile(values, 0.0) == 15.0
    assert percentile([], 0.5) is None


def test_time_and_tokens_are_undefined_where_they_were_not_measured() -> None:
    outcome = replace(answered(case(), ""), answer=GivenAnswer("", tokens=7), milliseconds=2.5)
    assert (milliseconds(outcome), tokens(outcome)) == (2.5, 7.0)
    assert milliseconds(answered(case(), "")) is None
    assert tokens(answered(case(), "")) is None
    assert tokens(searched(case())) is None
