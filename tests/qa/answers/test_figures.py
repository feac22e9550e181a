import pytest

from qa.chain import Chain
from tests.conftest import ChainOver, Invented
from tests.qa.answers.conftest import YuechengOver


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("越城区2023年GDP增长多少?", "越城区2023年地区生产总值增长7.6%[1]。"),
        ("上城区今年GDP目标是多少?", "上城区2024年地区生产总值的目标是增长4%以上[1]"),
        ("海曙区2022年GDP是多少?", "海曙区2022年地区生产总值突破1500亿元[1]。"),
        ("绍兴市2020年GDP比上年增长了多少?", "绍兴市2020年地区生产总值增长3.3%[1]。"),
        ("临淄区去年固定资产投资增长多少", "临淄区2023年固定资产投资增长8.4%[1]。"),
        ("绍兴市“十四五”GDP目标是多少", "绍兴市2025年地区生产总值的目标是8500亿元[1]。"),
        (
            "海曙区2022年各类生产安全事故死亡人数同比下降多少?",
            "海曙区2022年生产安全事故死亡人数下降14.3%[1]。",
        ),
    ],
)
def test_a_figure_question_is_answered_by_its_fact(
    bundled_chain: Chain, question: str, expected: str
) -> None:
    answer = bundled_chain.ask(question)
    assert expected in answer.text
    assert len(answer.text) <= 100
    assert all(check.supported for check in answer.checks)
    assert answer.checks


def test_two_incomes_of_one_sentence_share_its_citation(bundled_chain: Chain) -> None:
    answer = bundled_chain.ask("越城区2023年城乡居民人均可支配收入增长多少?")
    assert answer.text.splitlines() == [
        "越城区2023年城镇居民人均可支配收入增长5.8%[1]。",
        "越城区2023年农村居民人均可支配收入增长7.3%[1]。",
    ]
    assert len(answer.citations) == 1


def test_compared_places_answer_in_the_order_asked(bundled_chain: Chain) -> None:
    answer = bundled_chain.ask("2023年固定资产投资,上城区和越城区哪个增得快?")
    assert [citation.place for citation in answer.citations] == ["上城区", "越城区"]
    assert "11.1%" in answer.text
    assert "9.9%" in answer.text


def test_last_year_and_this_year_are_result_and_target(bundled_chain: Chain) -> None:
    answer = bundled_chain.ask("临淄区固定资产投资去年增长多少?今年目标是多少?")
    assert "增长8.4%" in answer.text
    assert "目标是增长10%以上" in answer.text


def test_a_question_about_a_part_is_not_answered_with_the_whole(bundled_chain: Chain) -> None:
    answer = bundled_chain.ask("上城区2023年“万亩千亿”平台的规上工业总产值是多少?")
    assert "上城区2023年规模以上工业总产值" not in answer.text


@pytest.mark.parametrize(
    ("follow_up", "expected"),
    [
        ("上城呢?", "上城区2023年地区生产总值2668.5亿元、增长4.3%[1]。"),
        ("2024年目标呢?", "越城区2024年地区生产总值的目标是增长7%以上[1]。"),
        ("那财政收入呢", "越城区2023年一般公共预算收入增长4.5%[1]。"),
    ],
)
def test_a_bare_follow_up_wants_the_figure_that_the_turn_before_wanted(
    bundled_chain: Chain, follow_up: str, expected: str
) -> None:
    answer = bundled_chain.ask(follow_up, ["越城区2023年GDP增长多少?"])
    assert answer.text == expected


def test_of_two_figures_alike_the_latest_is_told_where_no_time_is_asked(
    yuecheng_over: YuechengOver,
) -> None:
    chain = yuecheng_over(
        review="进出口总额由2018年194亿美元增加到2023年1399亿美元。", heading="过去五年"
    )
    answer = chain.ask("越城区进出口总额是多少亿美元?")
    assert answer.text == "越城区2023年进出口总额1399亿美元[1]。"


def test_a_figure_named_by_the_end_of_its_indicator_is_quoted(yuecheng_over: YuechengOver) -> None:
    chain = yuecheng_over(review="安全生产形势保持平稳,死亡人数下降14.3%。")
    answer = chain.ask("越城区2023年生产安全事故死亡人数下降多少?")
    assert answer.text == "越城区(2023年):“安全生产形势保持平稳,死亡人数下降14.3%。”[1]"


def test_an_end_that_other_names_share_names_no_figure(yuecheng_over: YuechengOver) -> None:
    chain = yuecheng_over(review="城镇居民人均可支配收入增长5%。")
    answer = chain.ask("越城区2023年城镇居民收入增长多少,农村呢?")
    assert answer.text.splitlines() == [
        "越城区2023年城镇居民人均可支配收入增长5%[1]。",
        "越城区的报告未提及2023年农村居民人均可支配收入。",
    ]


@pytest.mark.parametrize(
    "question",
    [
        "内蒙古2025年GDP增速多少?跟全国平均比差几个百分点?",
        "内蒙古2025年GDP增速比全国低几个点?",
        "内蒙古2025年GDP增速低于全国多少个百分点?",
    ],
)
def test_how_a_figure_stands_to_a_wider_average_is_told_as_printed(
    chain_over: ChainOver, question: str
) -> None:
    review = "地区生产总值增长4.7%、低于全国0.3个百分点,固定资产投资增长4%、高于全国7.8个百分点。"
    text = chain_over(Invented("内蒙古自治区", 2026, review=review)).ask(question).text
    assert "地区生产总值增长4.7%、低于全国0.3个百分点" in text
    assert "7.8" not in text


def test_a_distance_to_a_wider_average_that_is_not_printed_is_said(chain_over: ChainOver) -> None:
    chain = chain_over(Invented("浙江省", 2026, review="地区生产总值增长5.5%。"))
    answer = chain.ask("浙江2025年GDP增速比全国高几个点?")
    assert "增长5.5%" in answer.text
    assert "没有写明与全国" in answer.text
    assert answer.status == "partial"


def test_figures_of_the_whole_place_are_no_wider_average(bundled_chain: Chain) -> None:
    answer = bundled_chain.ask("越城区2023年地区生产总值和全区一般公共预算收入各是多少?")
    assert "没有写明与全国" not in answer.text


@pytest.mark.parametrize(
    ("turns", "question", "told"),
    [
        (["越城区2023年GDP增长多少?"], "目标呢?", "越城区2024年地区生产总值的目标是增长7%以上"),
        (["越城区2023年GDP增长多少?", "上城呢?"], "GDP目标呢?", "上城区2024年地区生产总值的目标"),
    ],
)
def test_asking_on_for_the_target_gets_that_of_the_report_that_told_the_result(
    bundled_chain: Chain, turns: list[str], question: str, told: str
) -> None:
    assert told in bundled_chain.ask(question, turns).text


def test_a_target_of_a_year_that_the_question_names_is_not_replaced_by_another(
    bundled_chain: Chain,
) -> None:
    for turns in ((), ["越城区2023年GDP增长多少?"]):
        answer = bundled_chain.ask("越城区2023年GDP目标是多少?", turns)
        assert answer.refusal is not None
        assert answer.refusal.reason == "only_actual_stated"


def test_new_ones_are_not_how_many_there_are(chain_over: ChainOver) -> None:
    review = "规模以上工业企业达到1832户。"
    plan = "完善企业梯度培育机制,力争新入规工业企业400户以上。"
    answer = chain_over(Invented("甘肃省", 2026, review, plan)).ask(
        "甘肃今年打算新增多少家规上工业企业?"
    )
    assert "400户以上" in answer.text


def test_a_total_asked_for_beside_the_figure_is_told_too(chain_over: ChainOver) -> None:
    review = "加强农业基础建设,建成高标准农田8.9万亩、累计达到120.5万亩,粮食安全得到保障。"
    answer = chain_over(Invented("上海市", 2026, review)).ask("上海建了多少高标准农田,累计多少?")
    assert "8.9万亩" in answer.text
    assert "120.5万亩" in answer.text


def test_where_no_place_is_named_others_silence_is_not_told(chain_over: ChainOver) -> None:
    own = Invented("全国", 2016, plan="安排地方专项债券4000亿元,继续发行地方政府置换债券。")
    other = Invented("绍兴市", 2021, "2016年以来,城乡面貌明显改善。")
    answer = chain_over(own, other).ask("2016年地方专项债券安排多少?")
    assert answer.status == "answered"
    assert "未提及" not in answer.text


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("越城区2023年GDP", "越城区2023年地区生产总值增长7.6%[1]。"),
        ("海曙区2022年GDP总量", "海曙区2022年地区生产总值突破1500亿元[1]。"),
        ("上城区今年GDP", "上城区2024年地区生产总值的目标是增长4%以上[1]"),
    ],
)
def test_an_indicator_alone_asks_for_its_figure(
    bundled_chain: Chain, question: str, expected: str
) -> None:
    assert expected in bundled_chain.ask(question).text


def test_an_indicator_alone_is_not_refused_for_want_of_a_figure(chain_over: ChainOver) -> None:
    told = "居民消费价格总体平稳,就业形势稳定。"
    report = Invented("绍兴市", 2026, review=told, plan="居民消费价格涨幅2%左右。")
    answer = chain_over(report).ask("绍兴市2025年居民消费价格")
    assert "总体平稳" in answer.text
