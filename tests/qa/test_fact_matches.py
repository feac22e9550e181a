import pytest

from qa.fact_matches import indicator_match, name_match
from qa.facts.fact import Fact
from qa.facts.lexicon import find_indicators
from qa.questions import understand
from qa.reports.parsing import parse_reports
from qa.reports.report import Report, Source
from tests.qa.facts.reports import facts_of, text_of

RETAIL = "社会消费品零售总额"


@pytest.fixture(scope="module")
def report() -> Report:
    (only,) = parse_reports(Source("r.txt", text_of()))
    return only


def both(name: str = RETAIL) -> tuple[list[Fact], list[Fact]]:
    """The facts of a review with an amount, and those of a plan with a growth, of an indicator."""
    facts = facts_of(review=f"{name}达到600亿元。", plan=f"{name}增长6%。")
    assert [fact.status for fact in facts] == ["actual", "target"]
    return facts[:1], facts[1:]


@pytest.mark.parametrize(
    ("question", "of_result", "of_target"),
    [
        ("社会消费品零售总额", 1.0, 1.0),
        ("去年社零总额是多少", 1.0, 0.0),
        ("今年社会消费品零售总额的目标", 0.0, 1.0),
        ("2023年社会消费品零售总额", 1.0, 0.0),
        ("2022年社会消费品零售总额", 0.0, 0.0),
        ("社会消费品零售总额的金额", 1.0, 0.5),
        ("社会消费品零售总额的绝对数", 1.0, 0.5),
        ("社会消费品零售总额的增速", 0.5, 1.0),
        ("去年社会消费品零售总额的增速", 0.5, 0.0),
        ("固定资产投资", 0.0, 0.0),
        ("老旧小区改造", 0.0, 0.0),
    ],
)
def test_a_fact_matches_by_indicator_moment_status_and_kind(
    report: Report, question: str, of_result: float, of_target: float
) -> None:
    result, target = both()
    asked = understand(question)
    matches = [indicator_match(asked, report, facts) for facts in (result, target)]
    assert matches == [of_result, of_target]


def test_the_best_fact_of_a_passage_counts(report: Report) -> None:
    result, target = both()
    asked = understand("今年社会消费品零售总额的目标")
    assert indicator_match(asked, report, [*result, *target]) == 1.0
    assert indicator_match(asked, report, []) == 0.0


def test_a_part_of_the_place_is_not_the_place(report: Report) -> None:
    facts = facts_of(review="白鹅潭商务区固定资产投资增长9%。")
    assert facts
    assert find_indicators("固定资产投资")
    assert indicator_match(understand("固定资产投资"), report, facts) == 0.0


def test_what_came_new_is_counted_for_its_indicator(report: Report) -> None:
    facts = facts_of(review="新增国家高新技术企业114家。")
    assert indicator_match(understand("去年新增国家高新技术企业几家"), report, facts) == 1.0


def test_a_name_matches_by_the_share_of_signs_in_common() -> None:
    facts = facts_of(review="建成阳光厨房3838家。")
    assert [fact.printed_indicator for fact in facts] == ["建成阳光厨房"]
    # 阳光, 光厨, 厨房 of the name's five pairs, and nothing beside them.
    assert name_match(["阳光", "光厨", "厨房"], facts) == 0.6
    # One pair asked for is not in the name.
    assert name_match(["阳光", "光厨", "厨房", "几家"], facts) == 0.5
    assert name_match(["老旧", "旧小", "小区"], facts) == 0.0


def test_without_words_or_facts_no_name_matches() -> None:
    assert name_match([], facts_of(review="建成阳光厨房3838家。")) == 0.0
    assert name_match(["阳光"], []) == 0.0
