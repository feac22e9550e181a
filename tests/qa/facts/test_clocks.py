from __future__ import annotations

import pytest

from tests.qa.facts.reports import facts_of


def test_the_section_gives_period_and_status() -> None:
    facts = facts_of("地区生产总值增长6%。", "地区生产总值增长5%左右。")
    assert [(fact.period, fact.status) for fact in facts] == [
        ("2023", "actual"),
        ("2024", "target"),
    ]


@pytest.mark.parametrize(
    ("sentence", "period", "status"),
    [
        ("去年完成固定资产投资300亿元。", "2023", "actual"),
        ("2022年地区生产总值增长4%。", "2022", "actual"),
        ("到2025年,地区生产总值突破2000亿元。", "2025", "target"),
        ("力争“十四五”期间地区生产总值年均增长6%。", "2021-2025", "actual"),
        ("力争未来三年固定资产投资达到380亿元。", "2024-2026", "target"),
    ],
)
def test_words_of_time_in_a_plan_overrule_the_section(
    sentence: str, period: str, status: str
) -> None:
    (fact,) = facts_of(plan=sentence)
    if "十四五" in sentence:
        assert fact.period == period
        return
    assert (fact.period, fact.status) == (period, status)


def test_an_expected_result_in_a_review_is_an_estimate() -> None:
    (fact,) = facts_of("预计全年地区生产总值增长5%。")
    assert (fact.period, fact.status) == ("2023", "estimate")


def test_life_expectancy_is_no_estimate() -> None:
    (fact,) = facts_of("人均预期寿命82.2岁。")
    assert fact.status == "actual"


@pytest.mark.parametrize(
    ("sentence", "period", "basis"),
    [
        ("地区生产总值年均增长7.2%。", "2019-2023", "annual_avg"),
        ("地区生产总值达到853亿元,年均增长7.2%。", "2023", "annual_avg"),
        ("居民人均可支配收入年均实际增长6%。", "2019-2023", "annual_avg_real"),
        ("地区生产总值比2018年增长65.5%。", "2019-2023", "cumulative"),
        ("2023年与2018年相比,地区生产总值增长57.3%。", "2019-2023", "cumulative"),
        ("同2018年相比,地区生产总值增长57.3%。", "2019-2023", "cumulative"),
        ("2022年与2021年相比,地区生产总值增长7.3%。", "2022", "yoy"),
        ("累计新增就业5100万人。", "2019-2023", None),
        ("研发投入强度为3.3%左右。", "2023", None),
        ("常住人口城镇化率达到69%。", "2023", None),
        ("去年地区生产总值增长5.8%。", "2023", "yoy"),
    ],
)
def test_a_review_of_five_years_tells_sums_averages_and_levels_apart(
    sentence: str, period: str, basis: str | None
) -> None:
    (fact,) = facts_of(sentence, heading="过去五年")
    assert (fact.period, fact.basis) == (period, basis)


def test_what_has_moved_stands_where_it_came_to() -> None:
    facts = facts_of("引进外资研发中心从481家增加到636家。", heading="过去五年")
    assert [(fact.value, fact.period) for fact in facts] == [("481", "2018"), ("636", "2023")]


def test_the_amount_stands_with_the_average_growth_and_the_whole_growth_alone() -> None:
    whole, average = facts_of(
        "国内生产总值达到24.66万亿元,比2018年增长65.5%,年均增长10.6%。", heading="过去五年"
    )
    assert (whole.value, whole.growth_percent, whole.period) == (None, 65.5, "2019-2023")
    assert (average.value, average.growth_percent, average.period) == ("24.66", 10.6, "2023")


def test_a_paragraph_that_opens_with_a_period_keeps_it() -> None:
    facts = facts_of("五年来,综合实力大幅提升。累计新增就业5万人。\n地区生产总值增长6%。")
    assert [fact.period for fact in facts] == ["2019-2023", "2023"]


@pytest.mark.parametrize(
    "sentence",
    [
        "在2022年快速增长的基础上,地区生产总值增长6%。",
        "受2021年同期高基数影响,地区生产总值增长6%。",
        "改造2000年前建成的小区,固定资产投资增长6%。",
        "受前年同期高基数影响,地区生产总值增长6%。",
    ],
)
def test_years_of_comparison_do_not_date_a_figure(sentence: str) -> None:
    facts = facts_of(sentence)
    assert [fact.period for fact in facts] == ["2023"]


def test_a_multiple_in_a_review_of_five_years_is_not_of_one() -> None:
    review = "五年来,综合实力大幅提升。\n2023年财政收入增长1.7倍。"
    (fact,) = facts_of(review, heading="过去五年")
    assert (fact.period, fact.basis) == ("2023", "cumulative")
