"""Whether a figure is above that of a wider place, over invented reports."""

import pytest

from qa.answers.relations import verdict_on
from tests.conftest import ChainOver, Invented

NORTH = Invented(
    "内蒙古自治区",
    2026,
    "地区生产总值增长4.7%、低于全国0.3个百分点,固定资产投资增长4%、高于全国7.8个百分点。",
)


@pytest.mark.parametrize(
    ("question", "begins", "tells"),
    [
        ("内蒙古2025年的经济增速跑赢全国了吗?", "没有:", "低于全国0.3个百分点"),
        ("内蒙古去年GDP增速跑输全国了吗?", "是:", "低于全国0.3个百分点"),
        ("内蒙古去年固定资产投资增速高于全国吗?", "是:", "高于全国7.8个百分点"),
        ("内蒙古去年固定资产投资增速有没有跑赢全国?", "是:", "高于全国7.8个百分点"),
        ("内蒙古去年固定资产投资增速低于全国没有?", "没有:", "高于全国7.8个百分点"),
        # Asked for the distance, no verdict is owed.
        ("内蒙古2025年GDP增速比全国低几个点?", "内蒙古自治区", "低于全国0.3个百分点"),
    ],
)
def test_whether_a_place_grew_faster_than_the_nation(
    chain_over: ChainOver, question: str, begins: str, tells: str
) -> None:
    answer = chain_over(NORTH).ask(question)
    assert answer.text.startswith(begins)
    assert tells in answer.text
    assert len(answer.citations) == 1


@pytest.mark.parametrize(
    ("text", "printed", "verdict"),
    [
        ("跑赢全国了吗", "高于全国0.3个百分点", "yes"),
        ("比全国快吗", "比全国平均快0.3个百分点", "yes"),
        ("比全国慢吗", "快于全国0.3个百分点", "no"),
        ("没有跑赢全国吗", "高于全国0.3个百分点", None),
        ("比全国快多少", "快于全国0.3个百分点", None),
        ("跑赢全国了吗", "增长4.7%", None),
    ],
)
def test_a_verdict_needs_a_plain_question_and_a_plain_print(
    text: str, printed: str, verdict: str | None
) -> None:
    assert verdict_on(text, printed) == verdict
