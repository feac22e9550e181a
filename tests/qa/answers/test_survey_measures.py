"""Which measure a survey compares, over invented reports: shares with shares, the present with the present."""

import pytest

from qa.answers.surveys.limits import limit_of
from tests.conftest import ChainOver, Invented

ONE = Invented("荔湾区", 2026, "民生及社会公共事业支出投入102.1亿元,占一般公共预算支出87.1%。")
TWO = Invented("临淄区", 2026, "全年民生支出145.1亿元、占财政支出比重达83.3%。")
THREE = Invented("海曙区", 2026, "民生支出占一般公共预算支出比重达73.7%。")


@pytest.mark.parametrize(
    "question",
    [
        "荔湾、临淄、海曙,花在民生上的支出占财政支出的比重哪家最高?把三家的数都列出来。",
        "荔湾、临淄和海曙,民生支出占比哪家最高?各是多少?",
    ],
)
def test_a_share_is_compared_with_shares_not_with_amounts(
    chain_over: ChainOver, question: str
) -> None:
    answer = chain_over(ONE, TWO, THREE).ask(question)
    assert answer.text.splitlines()[0].startswith("民生支出占比最高的是荔湾区")
    for figure in ("87.1%", "83.3%", "73.7%"):
        assert figure in answer.text
    assert "145.1亿元" not in answer.text
    assert "102.1亿元" not in answer.text


def test_an_amount_is_compared_with_amounts(chain_over: ChainOver) -> None:
    answer = chain_over(ONE, TWO, THREE).ask("荔湾、临淄、海曙,民生支出哪家最多?")
    assert "临淄区2025年145.1亿元" in answer.text
    assert "87.1%" not in answer.text


@pytest.mark.parametrize(
    "question",
    [
        "荔湾、临淄、海曙,民生支出占一般公共预算支出(或财政支出)的比重各是多少?从高到低排一下。",
        "哪几个区的报告写了民生支出占一般公共预算支出(或财政支出)的比重?从高到低排一下。",
    ],
)
def test_what_a_share_is_of_may_be_named_twice(chain_over: ChainOver, question: str) -> None:
    answer = chain_over(ONE, TWO, THREE).ask(question)
    figures = [answer.text.find(figure) for figure in ("87.1%", "83.3%", "73.7%")]
    assert figures == sorted(figures)
    assert -1 not in figures
    assert "没有给出" not in answer.text


WEST = Invented("甘肃省", 2026, "经济平稳。", "城镇调查失业率5.5%左右。完善实施中小学春秋假制度。")
COAST = Invented("浙江省", 2026, "经济平稳。", "城镇调查失业率5%以内。")
NORTH = Invented("内蒙古自治区", 2026, "经济平稳。", "城镇调查失业率5.7%左右。")


@pytest.mark.parametrize(
    "question",
    [
        "在库里的2026年省级报告中,哪些省区把今年城镇调查失业率的目标定得比5%高?各是多少?",
        "哪些省份2026年的城镇调查失业率目标比百分之五还高?",
    ],
)
def test_higher_than_a_figure_is_a_bound(chain_over: ChainOver, question: str) -> None:
    answer = chain_over(WEST, COAST, NORTH).ask(question)
    assert answer.text.splitlines()[0].startswith("城镇调查失业率目标符合“高于5%”的有2份报告")
    assert [line[:3] for line in answer.text.splitlines()[1:]] == ["内蒙古", "甘肃省"]


def test_how_much_higher_sets_no_bound() -> None:
    assert limit_of("哪些省的增速比5%高?") is not None
    assert limit_of("各省的增速比5%高多少?") is None


def test_two_names_with_one_end_are_found_printed_together(chain_over: ChainOver) -> None:
    answer = chain_over(WEST, COAST, NORTH).ask(
        "2026年这些省级报告里,哪几个省提到了给中小学生放春假、秋假?"
    )
    assert answer.text.startswith("1份报告提到“春秋假”:\n甘肃省:“完善实施中小学春秋假制度”[1]")
    assert len(answer.citations) == 1


def test_names_of_two_kinds_are_not_joined(chain_over: ChainOver) -> None:
    answer = chain_over(WEST, COAST, NORTH).ask("2026年这些省级报告里,哪几个省提到了暑假、寒潮?")
    assert answer.refusal is not None
