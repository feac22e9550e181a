"""One aspect at a time: what a cited sentence supports, and what it does not."""

import pytest

from qa.answers.verification import Evidence, verify_sentence
from tests.qa.answers.verification.made import PLAN, REVIEW, evidence

KNOWN = {1: evidence(REVIEW), 2: evidence(PLAN, 2, kind="plan", period="2024")}


def reasons(sentence: str, known: dict[int, Evidence] = KNOWN) -> list[str | None]:
    return [finding.reason for finding in verify_sentence(sentence, known)]


@pytest.mark.parametrize(
    "sentence",
    [
        "越城区2023年地区生产总值增长7.6%[1]。",
        "越城区2023年GDP增长百分之七点六[1]。",
        "越城区去年进出口总额下降1.3%[1]。",
        "2023年新增企业114家[1]。",
        "绍兴市越城区2023年固定资产投资增长9.9%[1]。",
        "越城区2024年地区生产总值的目标是增长7%以上[2]。",
        "越城区2024年地区生产总值目标为7%以上[2]。",
        "越城区, target for 2024: GDP up 7%以上 [2].",
        "越城区, 2023: fixed asset investment up 9.9% [1].",
        "《2024年越城区政府工作报告》:2023年地区生产总值增长7.6%[1]。",
    ],
)
def test_what_the_sentence_says_is_supported(sentence: str) -> None:
    assert reasons(sentence) == [None]


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("越城区2023年地区生产总值增长7.1%[1]。", "value"),
        ("越城区2023年地区生产总值增长7.65%[1]。", "value"),
        ("越城区2023年地区生产总值增长7.6个百分点[1]。", "unit"),
        ("越城区2023年新增企业114个[1]。", "unit"),
        ("越城区2023年地区生产总值下降7.6%[1]。", "sign"),
        ("越城区2023年进出口总额增长1.3%[1]。", "sign"),
        ("越城区2023年地区生产总值增长7.6%左右[1]。", "qualifier"),
        ("越城区2024年地区生产总值的目标是增长7%[2]。", "qualifier"),
        ("越城区2023年地区生产总值增长9.9%[1]。", "indicator"),
        ("上城区2023年地区生产总值增长7.6%[1]。", "place"),
        ("绍兴市2023年地区生产总值增长7.6%[1]。", "place"),
        ("全国2023年地区生产总值增长7.6%[1]。", "place"),
        ("《2024年上城区政府工作报告》:2023年地区生产总值增长7.6%[1]。", "place"),
        ("越城区2022年地区生产总值增长7.6%[1]。", "period"),
        ("越城区今年地区生产总值增长7.6%[1]。", "period"),
        ("越城区“十三五”期间地区生产总值增长7.6%[1]。", "period"),
        ("越城区(2023年报告)2023年地区生产总值增长7.6%[1]。", "period"),
        ("越城区2023年地区生产总值的目标是增长7.6%[1]。", "status"),
        ("越城区2024年地区生产总值增长7%以上[2]。", "status"),
        ("越城区2023年地区生产总值预计增长7.6%[1]。", "status"),
        ("越城区2023年地区生产总值增长7.6%[9]。", "marker"),
        ("越城区2023年地区生产总值增长7.6%。", "marker"),
        ("越城区, 2023: GDP up 7%以上 [2].", "period"),
        ("越城区, 2024: GDP up 7%以上 [2].", "status"),
        ("越城区, 2023: GDP down 7.6% [1].", "sign"),
    ],
)
def test_what_differs_is_named(sentence: str, reason: str) -> None:
    assert reasons(sentence) == [reason]


def test_the_digits_right_and_the_scale_wrong_is_a_wrong_unit() -> None:
    known = {1: evidence("全年粮食总产量126万吨。")}
    assert reasons("2023年粮食总产量126亿吨[1]。", known) == ["unit"]


def test_a_target_told_in_the_same_year_as_the_result_is_told_by_its_section() -> None:
    review = evidence("一般公共预算收入增长6%。", 1, kind="review", period="2023", year=2023)
    plan = evidence("一般公共预算收入增长8%。", 2, kind="plan", period="2023", year=2023)
    known = {1: review, 2: plan}
    assert reasons("越城区2023年一般公共预算收入增长6%[1]。", known) == [None]
    assert reasons("越城区2023年一般公共预算收入的目标是增长6%[1]。", known) == ["status"]
    assert reasons("越城区2023年一般公共预算收入的目标是增长8%[2]。", known) == [None]
    assert reasons("越城区2023年一般公共预算收入增长8%[2]。", known) == ["status"]


def test_a_figure_of_a_span_may_be_told_of_the_span_or_its_last_year() -> None:
    quote = "全市建成省级特色小镇4个,创建景区村庄848个。"
    known = {1: evidence(quote, place="绍兴市", period="2016-2020", year=2021)}
    assert reasons("绍兴市2016-2020年创建景区村庄848个[1]。", known) == [None]
    assert reasons("绍兴市2016-2019年创建景区村庄848个[1]。", known) == ["period"]


def test_an_estimate_must_be_told_as_one() -> None:
    known = {1: evidence("预计实现地区生产总值1265亿元。")}
    assert reasons("越城区2023年地区生产总值预计1265亿元[1]。", known) == [None]
    assert reasons("越城区2023年地区生产总值1265亿元[1]。", known) == ["status"]


def test_a_qualifier_that_closes_a_list_is_that_of_each() -> None:
    quote = "2024年预期目标是:城乡居民人均可支配收入分别增长5%、6.5%左右。"
    known = {1: evidence(quote, kind="plan", period="2024")}
    told = "越城区2024年城镇居民人均可支配收入的目标是增长5%{}[1]。"
    assert reasons(told.format("左右"), known) == [None]
    assert reasons(told.format(""), known) != [None]


def test_each_figure_is_held_against_the_marker_behind_it() -> None:
    known = {1: evidence(REVIEW), 2: evidence("地区生产总值增长4.3%。", 2, place="上城区")}
    told = "越城区2023年地区生产总值增长7.6%[{}],上城区增长4.3%[{}]。"
    assert reasons(told.format(1, 2), known) == [None, None]
    assert None not in reasons(told.format(2, 1), known)


def test_several_markers_support_together() -> None:
    known = {1: evidence(REVIEW), 2: evidence("地区生产总值增长4.3%。", 2, place="上城区")}
    told = "越城区2023年地区生产总值增长7.6%,上城区增长4.3%[1][2]。"
    assert reasons(told, known) == [None, None]


def test_years_dates_names_and_counts_of_reports_are_no_figures() -> None:
    assert reasons("《2024年越城区政府工作报告》作于2024年1月16日[1]。") == []
    assert reasons("3份报告提到“亚运”:") == []
    assert reasons("另有29份见表。") == []


def test_a_sentence_without_figures_must_speak_of_the_place_it_cites() -> None:
    assert reasons("越城区:钱林江[1]") == []
    assert reasons("上城区:钱林江[1]") == ["place"]
    assert reasons("越城区:钱林江[7]") == ["marker"]
