from langchain_core.messages import HumanMessage, SystemMessage

from eval.doubles import EchoModel
from prompts import load


def said(context: str, question: str) -> str:
    shown = SystemMessage(load("vanilla_answer.md").format(context=context))
    return str(EchoModel().invoke([shown, HumanMessage(question)]).text)


def test_the_sentence_with_most_words_in_common_is_echoed() -> None:
    context = "财政收入增长3%。地区生产总值增长7.6%。\n\n新增就业三万人。"
    assert said(context, "地区生产总值增长多少?") == "地区生产总值增长7.6%。"
    assert said(context, "新增就业多少人?") == "新增就业三万人。"


def test_of_equal_sentences_the_first_is_echoed() -> None:
    assert said("甲区粮食增产。乙区粮食增产。", "粮食?") == "甲区粮食增产。"


def test_without_a_word_in_common_it_does_not_know() -> None:
    assert said("新增就业三万人。", "weather?") == "不知道。"
    assert said("", "粮食?") == "不知道。"


def test_the_instructions_are_no_context() -> None:
    assert said("新增就业三万人。", "请依据资料回答") == "不知道。"
