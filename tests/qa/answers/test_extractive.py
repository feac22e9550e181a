import pytest

from qa.chain import Chain


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
