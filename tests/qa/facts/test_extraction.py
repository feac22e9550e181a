from __future__ import annotations

import pytest

from tests.qa.facts.reports import facts_of, rows


def test_amount_and_growth_of_one_indicator_are_one_fact() -> None:
    (fact,) = facts_of("全市生产总值达到5.67万亿元、增长5.4%。")
    assert fact.as_contract() == {
        "report_id": fact.report_id,
        "place": "越城区",
        "indicator": "地区生产总值",
        "value": "5.67",
        "unit": "万亿元",
        "growth_percent": 5.4,
        "basis": "yoy",
        "qualifier": None,
        "period": "2023",
        "status": "actual",
        "source": "r.txt",
        "start": fact.start,
        "end": fact.end,
        "quote": "全市生产总值达到5.67万亿元、增长5.4%",
    }
    assert fact.level is not None
    assert fact.level.low == pytest.approx(5.67e12)
    assert (fact.value_printed, fact.growth_printed) == ("5.67万亿元", "5.4%")


def test_growth_before_the_amount_joins_it() -> None:
    facts = facts_of("进出口总额比上年增长37.1%,达到8512亿美元。")
    assert rows(facts) == [("进出口总额", "8512", "亿美元", 37.1)]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        (
            "城乡低保人均补助标准分别提高5%和8%。",
            [("城市低保人均补助标准", 5.0), ("农村低保人均补助标准", 8.0)],
        ),
        (
            "各类生产安全事故起数、死亡人数分别下降25%、14.3%。",
            [("生产安全事故起数", -25.0), ("生产安全事故死亡人数", -14.3)],
        ),
        (
            "城乡居民收入分别增长5.8%、7.3%。",
            [("城镇居民人均可支配收入", 5.8), ("农村居民人均可支配收入", 7.3)],
        ),
        (
            "城镇和农村居民人均可支配收入分别增长4.3%、5.5%。",
            [("城镇居民人均可支配收入", 4.3), ("农村居民人均可支配收入", 5.5)],
        ),
        (
            "城镇居民人均可支配收入和农村居民人均纯收入实际增长8.4％和11.4％。",
            [("城镇居民人均可支配收入", 8.4), ("农村居民人均纯收入", 11.4)],
        ),
        (
            "刑事、治安案件数分别下降16.9%、30.6%。",
            [("刑事案件数", -16.9), ("治安案件数", -30.6)],
        ),
        (
            "一产、二产、三产增加值分别增长6%、5%、4%。",
            [("第一产业增加值", 6.0), ("第二产业增加值", 5.0), ("第三产业增加值", 4.0)],
        ),
        (
            "制造业贷款余额、科技贷款余额均增长11.7%。",
            [("制造业贷款余额", 11.7), ("科技贷款余额", 11.7)],
        ),
    ],
)
def test_distributes_figures_over_their_indicators(
    sentence: str, expected: list[tuple[str, float]]
) -> None:
    assert [(f.indicator, f.growth_percent) for f in facts_of(sentence)] == expected


def test_growths_of_two_amounts_before_them_join_each_its_own() -> None:
    facts = facts_of(
        "城镇居民人均可支配收入达到10493元,农村居民人均纯收入达到3255元,"
        "扣除价格因素,分别增长9.6%和6.2%。"
    )
    assert rows(facts) == [
        ("城镇居民人均可支配收入", "10493", "元", 9.6),
        ("农村居民人均纯收入", "3255", "元", 6.2),
    ]
    assert {fact.basis for fact in facts} == {"yoy_real"}


def test_one_qualifier_closes_a_list_for_all_its_figures() -> None:
    facts = facts_of(plan="城乡居民人均可支配收入分别增长5%、6.5%左右。")
    assert [fact.qualifier for fact in facts] == ["左右", "左右"]
    assert [fact.growth_printed for fact in facts] == ["5%左右", "6.5%左右"]


def test_a_leaning_noun_takes_its_stem_from_the_fact_before() -> None:
    facts = facts_of("规模以上工业企业达7.6万家、增加值增长3%。")
    assert rows(facts) == [
        ("规模以上工业企业数", "7.6", "万家", None),
        ("规模以上工业增加值", None, None, 3.0),
    ]


def test_from_and_to_are_two_facts_of_two_years() -> None:
    facts = facts_of(
        "城镇居民人均可支配收入由2018年7703元增加到2023年13786元。", heading="过去五年"
    )
    assert [(fact.value, fact.period) for fact in facts] == [("7703", "2018"), ("13786", "2023")]


def test_comparisons_and_conversions_are_no_facts_of_their_own() -> None:
    facts = facts_of(
        "生产总值5.2万亿元、增长5.4%、高于全国0.4个百分点,"
        "实际使用外资160.6亿美元、折合1148亿元人民币。"
    )
    assert rows(facts) == [
        ("地区生产总值", "5.2", "万亿元", 5.4),
        ("实际使用外资", "160.6", "亿美元", None),
    ]


def test_an_increment_beside_the_amount_is_not_the_amount() -> None:
    facts = facts_of("财政收入比上年增加1501亿元,总额首次突破万亿元,达到11377亿元。")
    assert [(fact.indicator, fact.value) for fact in facts] == [("财政收入", "11377")]


def test_an_increment_alone_is_named_by_its_verb() -> None:
    (fact,) = facts_of("农村贫困人口减少1650万人。")
    assert (fact.indicator, fact.value, fact.unit) == ("农村贫困人口减少", "1650", "万人")


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        (
            "新增国家级高新技术企业114家、省科技型中小企业254家。",
            [("新增国家级高新技术企业", "114"), ("新增省科技型中小企业", "254")],
        ),
        (
            "改造完成26个城中村和55个老旧小区。",
            [("改造完成城中村", "26"), ("老旧小区改造", "55")],
        ),
        ("46个项目开工建设。", [("开工建设项目", "46")]),
        ("免费为6.5万户居民安装烟感报警器。", [("免费居民安装烟感报警器", "6.5")]),
        ("精准发放1.46亿元消费券。", [("消费券", "1.46")]),
        ("810个省重点项目完成投资10428.6亿元。", [("省重点项目投资", "10428.6")]),
        ("新引进网安信创等亿元以上项目52个。", [("新引进亿元以上项目", "52")]),
        ("全年招引5亿元以上项目46个。", [("招引5亿元以上项目", "46")]),
    ],
)
def test_a_count_is_named_by_the_noun_it_counts(
    sentence: str, expected: list[tuple[str, str]]
) -> None:
    found = [(fact.indicator, fact.value) for fact in facts_of(sentence)]
    assert [pair for pair in found if pair in expected] == expected


def test_a_share_is_named_after_part_and_whole() -> None:
    facts = facts_of("全年民生事业投入76.9亿元,占一般公共预算收入71.1%。")
    assert facts[1].indicator == "民生事业投入占一般公共预算收入比重"
    assert (facts[1].value, facts[1].unit) == ("71.1", "%")


def test_the_same_year_on_both_sections_is_told_apart_by_the_section() -> None:
    facts = facts_of("地区生产总值增长6%。", "地区生产总值增长5%以上。", heading="2024年")
    assert [(fact.period, fact.status) for fact in facts] == [
        ("2024", "actual"),
        ("2024", "target"),
    ]


def test_a_fall_is_negative() -> None:
    (fact,) = facts_of("单位生产总值能耗下降5.6%。")
    assert fact.growth_percent == -5.6
    assert fact.growth is not None
    assert (fact.growth.low, fact.growth.high) == (-5.6, -5.6)


def test_a_range_keeps_both_ends() -> None:
    (fact,) = facts_of(plan="地区生产总值增长4.5%—5%。")
    assert (fact.growth_percent, fact.qualifier) == (4.5, "4.5%—5%")
    assert fact.growth is not None
    assert (fact.growth.low, fact.growth.high) == (4.5, 5.0)


def test_a_multiple_is_a_growth_of_hundreds() -> None:
    (fact,) = facts_of("财政收入5.13万亿元,增长1.71倍。", heading="过去五年")
    assert (fact.growth_percent, fact.basis) == (171.0, "cumulative")


@pytest.mark.parametrize(
    ("sentence", "growth"), [("外贸出口增长三倍。", 300.0), ("固定资产投资增长了一倍。", 100.0)]
)
def test_a_multiple_may_be_written_out(sentence: str, growth: float) -> None:
    (fact,) = facts_of(sentence)
    assert fact.growth_percent == growth


@pytest.mark.parametrize(
    ("sentence", "indicator"),
    [
        ("全年计划固定资产投资增长5%。", "固定资产投资"),
        ("计划新增停车泊位3000个。", "新增停车泊位"),
    ],
)
def test_that_something_is_planned_is_no_part_of_its_name(sentence: str, indicator: str) -> None:
    (fact,) = facts_of(plan=sentence)
    assert (fact.indicator, fact.status) == (indicator, "target")


def test_full_width_and_spaced_digits_keep_the_source_in_the_quote() -> None:
    (fact,) = facts_of("国内生产总值达到 7 4 7 7 2 亿元。")
    assert fact.value == "74772"
    assert fact.quote == "国内生产总值达到 7 4 7 7 2 亿元"


def test_a_number_broken_over_two_lines_is_one_figure() -> None:
    (fact,) = facts_of("在各方共同努力之下全区上下坚定信心克服困难,社会消费品零售总额增长6.\n5%。")
    assert fact.growth_percent == 6.5


def test_text_without_figures_has_no_facts() -> None:
    assert facts_of() == []


@pytest.mark.parametrize(
    "sentence",
    [
        "新能源汽车产量120万辆,是2018年的二十倍。",
        "新能源汽车产量120万辆,达到2018年的20倍。",
        "新能源汽车产量120万辆,相当于五年前的20倍。",
    ],
)
def test_a_multiple_of_a_base_is_no_figure_of_the_year_of_the_base(sentence: str) -> None:
    assert [(f.indicator, f.value, f.period) for f in facts_of(sentence)] == [
        ("新能源汽车产量", "120", "2023")
    ]


def test_a_growth_by_so_many_times_stays_one() -> None:
    (fact,) = facts_of("新能源汽车产量增长1.5倍。")
    assert fact.growth_percent == 150.0


@pytest.mark.parametrize(
    "verb", ["分别提高到58794元和23184元", "分别增加到58794元、23184元", "提高到58794元和23184元"]
)
def test_each_figure_of_a_pair_has_its_year_and_its_later_figure(verb: str) -> None:
    facts = facts_of(f"城乡居民人均可支配收入从2021年的46503元和16935元{verb}。")
    assert [(f.indicator[:2], f.value, f.period) for f in facts] == [
        ("城镇", "46503", "2021"),
        ("农村", "16935", "2021"),
        ("城镇", "58794", "2023"),
        ("农村", "23184", "2023"),
    ]


def test_the_amount_of_a_year_within_a_span_is_a_figure_of_its_own() -> None:
    facts = facts_of("五年合计财政收入为5953亿元,其中2022年为1274亿元,比2018年增加189亿元。")
    assert [(f.indicator, f.value, f.period) for f in facts] == [
        ("财政收入", "5953", "2019-2023"),
        ("财政收入", "1274", "2022"),
    ]


def test_amounts_in_chinese_numerals_have_their_own_growth() -> None:
    facts = facts_of("原煤七亿吨,增长百分之十二点九;发电量三千六百二十亿度,增长百分之二十点四。")
    assert rows(facts) == [("原煤产量", "7", "亿吨", 12.9), ("发电量", "3620", "亿度", 20.4)]


def test_degrees_are_no_electricity() -> None:
    assert facts_of("全年气温升高2度,完成年度任务360度评估。") == []


LEAD = "高水平打造鹅潭商务区。"


@pytest.mark.parametrize(
    ("lead", "sentence", "indicator"),
    [
        (LEAD, "争取完成固定资产投资350亿元。", "鹅潭商务区固定资产投资"),
        ("二是加快海龙科创区建设。", "力争固定资产投资增长8%。", "海龙科创区固定资产投资"),
        # The whole place is spoken of again.
        (LEAD, "全区固定资产投资增长8%。", "固定资产投资"),
        # Several zones, a rank and a work are no part of the place.
        ("加快建设各类开发区。", "固定资产投资增长8%。", "固定资产投资"),
        ("高质量建设共同富裕示范区。", "固定资产投资增长8%。", "固定资产投资"),
        ("扩大有效投资。", "固定资产投资增长8%。", "固定资产投资"),
        # The zone is told of in passing.
        ("扩大投资,打造鹅潭商务区,引进企业。", "固定资产投资增长8%。", "固定资产投资"),
    ],
)
def test_what_a_paragraph_on_a_zone_measures_is_the_zones(
    lead: str, sentence: str, indicator: str
) -> None:
    (fact,) = facts_of(plan=f"{lead}{sentence}")
    assert fact.indicator == indicator


def test_the_next_paragraph_is_the_places_again() -> None:
    facts = facts_of(plan=f"{LEAD}完成固定资产投资350亿元。\n固定资产投资增长8%。")
    assert [fact.indicator for fact in facts] == ["鹅潭商务区固定资产投资", "固定资产投资"]


@pytest.mark.parametrize(
    ("sentence", "value"),
    [("今年赤字率拟按2.6%安排。", "2.6"), ("但赤字率稳定在2.1%。", "2.1")],
)
def test_words_of_a_budget_are_no_part_of_the_name(sentence: str, value: str) -> None:
    assert rows(facts_of(plan=sentence)) == [("赤字率", value, "%", None)]


@pytest.mark.parametrize(
    "sentence",
    ["今年经济增长预期目标为7%左右。", "经济增长目标7%左右。", "今年经济增速目标是7%左右。"],
)
def test_a_target_for_growth_is_a_growth(sentence: str) -> None:
    assert rows(facts_of(plan=sentence)) == [("地区生产总值", None, None, 7.0)]
