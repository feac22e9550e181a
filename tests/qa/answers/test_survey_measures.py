"""Which measure a survey compares, over invented reports: shares with shares, the present with the present."""

import pytest

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
