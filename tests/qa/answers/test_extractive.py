import pytest

from qa.chain import Chain
from tests.qa.answers.conftest import ChainOver


def test_each_of_two_things_asked_gets_its_sentence(bundled_chain: Chain) -> None:
    answer = bundled_chain.ask(
        "越城区哪个考古遗址公园进了国家考古遗址公园立项名单?哪个湿地公园通过国家验收?"
    )
    assert "宋六陵" in answer.text
    assert "鉴湖" in answer.text


def test_each_of_several_terms_gets_its_sentence(bundled_chain: Chain) -> None:
    answer = bundled_chain.ask("海曙报告里“一号发展工程”“一号改革工程”“一号开放工程”分别指什么?")
    assert all(part in answer.text for part in ("数字经济", "营商环境", "地瓜经济"))


def test_a_term_of_numbers_is_told_with_the_sentences_that_count(bundled_chain: Chain) -> None:
    answer = bundled_chain.ask("临淄“456”产业链群里的4、5、6各是什么")
    assert all(part in answer.text for part in ("4条", "5条", "6大"))


@pytest.mark.parametrize(
    "question",
    [
        "越城科技创新“258”行动里2、5、8各指什么?",
        "芯联集成在科创板上市募集了多少资金?",
        "2020年绍兴社零到底跌了百分之几?",
    ],
)
def test_a_sentence_that_only_names_the_thing_is_no_answer(
    bundled_chain: Chain, question: str
) -> None:
    answer = bundled_chain.ask(question)
    assert answer.refusal is not None
    assert answer.refusal.reason == "not_stated"


def test_answers_are_short(bundled_chain: Chain) -> None:
    questions = (
        "荔湾今年打算拉多少个找活难的人一把?",
        "上城区2023年引进了多少大学生?",
        "海曙的老年食堂",
    )
    assert all(len(bundled_chain.ask(question).text) <= 320 for question in questions)


def test_what_announces_a_term_is_quoted_with_what_explains_it(bundled_chain: Chain) -> None:
    text = bundled_chain.ask("越城报告提的“一河五片”指什么?").text
    for part in ("运河", "集成电路小镇", "黄酒小镇", "会稽山", "鉴水科技城", "古城"):
        assert part in text


def test_done_and_planned_are_both_quoted_where_both_are_asked(bundled_chain: Chain) -> None:
    text = bundled_chain.ask(
        "洪楼所在区给居民免费装烟感报警器,已经装了多少户,2023年计划再装多少户?"
    ).text
    assert "6.5万户" in text
    assert "15万户" in text


def test_the_figure_told_beside_another_place_is_not_that_places(chain_over: ChainOver) -> None:
    told = "主动融入杭州都市圈,全区进出口总额增长3.7%。杭州实际使用外资增长8.8%。"
    chain = chain_over(review=told)
    own = chain.ask("2024年越城区政府工作报告里,杭州2023年进出口总额增长多少?")
    other = chain.ask("2024年越城区政府工作报告里,杭州2023年实际使用外资增长多少?")
    assert own.status == "refused"
    assert "杭州实际使用外资增长8.8%" in other.text


def test_only_a_short_sentence_announces_what_the_next_ones_explain(chain_over: ChainOver) -> None:
    tail = "推进“一路一带”建设。沿山建路,沿河建带。"
    question = "越城区的“一路一带”指什么?"
    opening = "我们坚定不移沿着这条道路奋勇前进不断开创全区各项事业发展的崭新局面并且持续"
    long = chain_over(review=f"{opening}{tail}").ask(question)
    assert "推进“一路一带”建设" in long.text
    assert "沿山建路" not in long.text
