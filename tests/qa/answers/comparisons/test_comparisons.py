"""Comparisons over the sample reports; differences and ratios are computed by hand."""

import pytest

from qa.chain import Chain
from tests.conftest import ChainOver, Invented
from tests.qa.answers.conftest import YuechengOver


@pytest.mark.parametrize(
    ("question", "verdict"),
    [
        # 11.1 - 9.9
        (
            "2023年固定资产投资,上城区和越城区哪个增得快?",
            "上城区(11.1%)比越城区(9.9%)高1.2个百分点(计算)。",
        ),
        # 460.8 - 244.9
        (
            "2023年上城区的财政总收入和一般公共预算收入差了多少亿?",
            "财政总收入(460.8亿元)比一般公共预算收入(244.9亿元)多215.9亿元(计算)。",
        ),
        # 8500 - 6001
        (
            "绍兴市2020年的生产总值和2025年的目标相比,还要增加多少亿元?",
            "2025年目标(8500亿元)比2020年(6001亿元)多2499亿元(计算)。",
        ),
        # 40.9 - 25, of falls the larger one
        (
            "生产安全事故起数的降幅,荔湾区和海曙区(2022年)哪个更大",
            "荔湾区(下降40.9%)的降幅比海曙区(下降25%)大15.9个百分点(计算)。",
        ),
        # 30000 - 3500, printed in different multiples
        (
            "腾出用能空间的年度目标,青山湖那个区今年定的和海曙2023年定的差多少吨标煤?",
            "2.65万吨标煤(计算)。",
        ),
        # 2778 / 371.21
        ("临淄的规上工业总产值是荔湾的几倍?", "的7.48倍(计算)。"),
        # 152 + 228, 210 + 146
        (
            "把人大代表建议和政协提案加在一起,2023年越城区和上城区谁办理得多?",
            "越城区比上城区多24件(计算)。",
        ),
    ],
)
def test_the_verdict_is_computed_from_the_figures_printed(
    bundled_chain: Chain, question: str, verdict: str
) -> None:
    answer = bundled_chain.ask(question)
    assert answer.status == "answered"
    assert verdict in answer.text
    assert answer.citations


def test_outside_the_lexicon_each_side_is_found_by_its_words(bundled_chain: Chain) -> None:
    answer = bundled_chain.ask("荔湾今年安排的区重点项目和市“攻城拔寨”项目,比去年各多几个?")
    assert "多9个(计算)" in answer.text
    assert "多2个(计算)" in answer.text


def test_amounts_and_growth_are_both_compared_where_both_are_asked(bundled_chain: Chain) -> None:
    answer = bundled_chain.ask(
        "有青山湖科技城的那个区,去年城里人和乡下人的人均可支配收入差多少钱?谁的涨幅大?"
    )
    assert "多25632元(计算)" in answer.text  # 67469 - 41837
    assert "高2.7个百分点(计算)" in answer.text  # 5.9 - 3.2


def test_an_amount_is_not_compared_with_a_growth(bundled_chain: Chain) -> None:
    answer = bundled_chain.ask("2023年越城区和上城区的GDP总量哪个大?")
    assert answer.status == "partial"
    assert "2668.5亿元" in answer.text
    assert "没有给出数额" in answer.text
    assert "计算" not in answer.text


def test_a_qualifier_of_a_figure_compared_is_noted(bundled_chain: Chain) -> None:
    answer = bundled_chain.ask("临淄区今年固定资产投资的增长目标,比去年实际增速高了几个点?")
    assert "高1.6个百分点(计算)" in answer.text  # 10 - 8.4
    assert any("限定词" in note for note in answer.notes)


def test_a_difference_of_earlier_turns_needs_no_subject(bundled_chain: Chain) -> None:
    answer = bundled_chain.ask(
        "多了几个?", ["唐冶那个区去年引进了多少个过亿元的项目?", "今年的目标是多少?"]
    )
    assert "多18个(计算)" in answer.text  # 160 - 142


def test_every_side_of_a_comparison_of_places_has_a_cited_cell(bundled_chain: Chain) -> None:
    answer = bundled_chain.ask("2023年固定资产投资,上城区和越城区哪个增得快?")
    assert answer.table is not None
    assert [row[0].text for row in answer.table.rows] == ["上城区", "越城区"]
    assert all(row[-1].citation for row in answer.table.rows)


def test_figures_of_two_sentences_of_one_name_are_not_made_a_comparison(
    bundled_chain: Chain,
) -> None:
    answer = bundled_chain.ask("越城区2023年和2024年的天文台哪个多?")
    assert "计算" not in answer.text


@pytest.mark.parametrize(
    ("question", "verdict"),
    [
        (
            "“吴越名城”那个区,城镇居民人均可支配收入是农村居民的多少倍?",
            "城镇居民人均可支配收入(67469元)是农村居民人均可支配收入(41837元)的1.61倍(计算)。",
        ),
        (
            "临淄引进省外资金,今年目标较去年到位数增加多少?",
            "2023年目标(95亿元)比2023年(88.5亿元)多6.5亿元(计算)。",
        ),
        (
            "临淄城镇新增就业,上年实际与今年目标各多少,目标是调高了还是调低了?",
            "2023年目标(4500人以上)比2023年(6501人)低2001人(计算)。",
        ),
        (
            "“十三五”五年绍兴市政府办理的政协提案比人大代表建议多多少件?",
            "多929件(计算)。",
        ),
        (
            "2023年越城和上城相比,哪个区新认定的国家高新技术企业多?多几家?",
            "上城区(161家)比越城区(114家)多47家(计算)。",
        ),
        (
            "上城区的“幸福·邻里食堂”数量是“幸福邻里坊”的几倍?",
            "的2倍(计算)。",
        ),
    ],
)
def test_ratios_and_what_a_year_adds_are_computed(
    bundled_chain: Chain, question: str, verdict: str
) -> None:
    assert verdict in bundled_chain.ask(question).text


def test_incomes_of_no_place_are_not_computed_from_any_report(bundled_chain: Chain) -> None:
    answer = bundled_chain.ask("城镇和农村居民人均可支配收入相差多少元?")
    assert "计算" not in answer.text
    assert answer.citations[0].place == "绍兴市"


@pytest.mark.parametrize(
    "question",
    [
        "越城区五年下来市场主体增加了多少家?",
        "越城区市场主体五年从多少家涨到多少家?",
        "越城区2019—2023年市场主体从多少家涨到多少家?",
    ],
)
def test_what_a_sentence_tells_to_have_grown_is_told_from_first_to_last(
    yuecheng_over: YuechengOver, question: str
) -> None:
    chain = yuecheng_over(review="市场主体由2018年2.2万家增加到2023年4.9万家。", heading="过去五年")
    assert chain.ask(question).text.splitlines() == [
        "越城区2023年市场主体总量4.9万家[1]。",
        "越城区2018年市场主体总量2.2万家[1]。",
        "2023年(4.9万家)比2018年(2.2万家)多2.7万家(计算)。",
    ]


def test_levels_are_higher_or_lower_not_more_or_less(yuecheng_over: YuechengOver) -> None:
    chain = yuecheng_over(review="最低工资标准2280元。", plan="最低工资标准达到2490元。")
    answer = chain.ask("越城区最低工资标准今年目标和去年差多少元?")
    assert "2024年目标(2490元)比2023年(2280元)高210元(计算)。" in answer.text


@pytest.mark.parametrize(
    ("question", "verdict"),
    [
        # Nothing else told, the year that the report looks back on is meant.
        (
            "越城区建成书屋和展馆哪个多?",
            "2023年(9个)比2022年(7个)多2个(计算)。",
        ),
        # Where only results are asked for, figures of one year go together.
        (
            "越城区实际建成书屋和展馆哪个多?",
            "建成展馆(7个)比建成书屋(5个)多2个(计算)。",
        ),
    ],
)
def test_of_several_years_the_one_looked_back_on_or_the_one_shared_is_compared(
    yuecheng_over: YuechengOver, question: str, verdict: str
) -> None:
    chain = yuecheng_over(review="2023年建成书屋9个,建成公园3个。2022年建成书屋5个、展馆7个。")
    assert verdict in chain.ask(question).text


def test_what_came_new_is_told_alone_only_if_it_is_asked_for(bundled_chain: Chain) -> None:
    told = "上城区2023年新增绿道21.8公里"
    assert told not in bundled_chain.ask("越城区和上城区的绿道谁长?").text
    assert told in bundled_chain.ask("越城区和上城区谁新增绿道长?").text


def test_growth_over_a_span_is_never_compared_as_that_of_its_last_year(
    chain_over: ChainOver,
) -> None:
    chain = chain_over(
        Invented("全国", 2017, review="过去一年,国内生产总值达到74.4万亿元,增长6.7%。"),
        Invented(
            "全国",
            2018,
            review="五年来,国内生产总值从54万亿元增加到82.7万亿元,年均增长7.1%。"
            "2017年,经济稳中向好,国内生产总值增长6.9%,居民收入增长7.3%。",
        ),
    )
    answer = chain.ask("2016年和2017年我国GDP增速哪个更快?")
    assert "2017年(6.9%)比2016年(6.7%)高0.2个百分点(计算)" in answer.text
    assert "7.1%" not in answer.text


@pytest.mark.parametrize(
    "question",
    [
        "越城区今年的GDP目标和去年的实绩相差多少元?",
        "越城区和上城区2023年GDP相差多少亿元?",
        "越城区2024年GDP目标与2023年相差多少亿元?",
    ],
)
def test_a_difference_in_money_is_not_told_in_points(chain_over: ChainOver, question: str) -> None:
    chain = chain_over(
        Invented("越城区", 2024, "地区生产总值增长7.6%。", "地区生产总值增长7%以上。"),
        Invented("上城区", 2024, "地区生产总值增长4.3%。", "地区生产总值增长5%。"),
    )
    answer = chain.ask(question)
    assert answer.refusal is not None
    assert answer.refusal.reason == "not_stated"
    assert "没有给出数额" in answer.text


def test_amounts_are_compared_in_money_though_both_have_growth(chain_over: ChainOver) -> None:
    chain = chain_over(
        Invented(
            "越城区", 2024, "地区生产总值预计1000亿元,增长6%。", "地区生产总值1070亿元,增长7%。"
        )
    )
    answer = chain.ask("越城区今年地区生产总值的目标和去年预计相差多少元?")
    assert "2024年目标(1070亿元)比2023年预计(1000亿元)多70亿元(计算)。" in answer.text


@pytest.mark.parametrize(
    ("first", "second", "verdict"),
    [
        # 200 - 100 is 100, which is also one of the sides.
        (100, 200, "越城区(100亿元)比上城区(200亿元)少100亿元(计算)。"),
        (80, 40, "越城区(80亿元)比上城区(40亿元)多40亿元(计算)。"),
    ],
)
def test_a_difference_equal_to_one_of_its_sides_keeps_its_verdict(
    chain_over: ChainOver, first: int, second: int, verdict: str
) -> None:
    chain = chain_over(
        Invented("越城区", 2024, f"一般公共预算收入{first}亿元。"),
        Invented("上城区", 2024, f"一般公共预算收入{second}亿元。"),
    )
    answer = chain.ask("越城区和上城区2023年一般公共预算收入相差多少亿元?")
    assert verdict in answer.text
    assert answer.status == "answered"
