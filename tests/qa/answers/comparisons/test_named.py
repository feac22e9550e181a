"""Comparisons of places and of bodies that are named: nobody else is compared, nothing is taken from before.

The reports are invented; differences are computed by hand.
"""

import pytest

from tests.conftest import ChainOver, Invented

ZHEJIANG = Invented(
    "浙江省",
    2026,
    "收入倍差从1.96缩小至1.81。宁波舟山港集装箱吞吐量4400万标箱、增长9%。杭州萧山国际机场旅客吞吐量5100万人次。",
    "宁波舟山港集装箱吞吐量达到4500万标箱。",
)
GUANGDONG = Invented(
    "广东省",
    2026,
    "城乡居民收入比从2.50:1缩小至2.27:1。广州、深圳地铁线网单日最高客运量分别达1400万、1300万人次。",
)
GANSU = Invented("甘肃省", 2026, "城乡居民收入比值由3.27缩小至2.93。")
SHANGHAI = Invented(
    "上海市",
    2026,
    "上海港集装箱吞吐量达到5500万标准箱。建成18号线二期等轨道交通线,全市运营线路总长达到906公里。",
)
BEIJING = Invented(
    "北京市", 2026, "开通3条地铁新线、新增运营里程30公里,总里程达909公里、居全国首位。"
)
YUECHENG = Invented("越城区", 2026, "城乡居民收入比缩小至1.53。")


@pytest.mark.parametrize(
    "question",
    [
        "浙江、广东、甘肃三省,城乡居民收入差距谁最小?现在的倍差各是多少?",
        "浙江、广东、甘肃的城乡居民收入比,哪个最低?",
    ],
)
def test_the_provinces_named_are_ranked_and_not_their_districts(
    chain_over: ChainOver, question: str
) -> None:
    answer = chain_over(ZHEJIANG, GUANGDONG, GANSU, YUECHENG).ask(question)
    assert answer.text.splitlines()[0].startswith("城乡居民收入比")
    for figure in ("1.81", "2.27:1", "2.93"):
        assert figure in answer.text
    for other in ("越城区", "1.53", "1.96", "2.50"):
        assert other not in answer.text
        assert answer.table is not None
        assert all(other not in cell.text for row in answer.table.rows for cell in row)


def test_two_provinces_are_compared_without_their_districts(chain_over: ChainOver) -> None:
    answer = chain_over(ZHEJIANG, GUANGDONG, YUECHENG).ask(
        "浙江和广东,城乡居民收入比谁更小,小多少?"
    )
    assert "浙江省(1.81)比广东省(2.27:1)低0.46(计算)。" in answer.text
    assert "越城区" not in answer.text


def test_a_district_that_is_named_beside_its_province_is_compared(chain_over: ChainOver) -> None:
    answer = chain_over(ZHEJIANG, GANSU, YUECHENG).ask("浙江和越城区的城乡居民收入比相差多少?")
    assert "浙江省(1.81)比越城区(1.53)高0.28(计算)。" in answer.text


@pytest.mark.parametrize(
    ("question", "verdict"),
    [
        # 5500 - 4400: the plan's 4500 is no result.
        (
            "去年宁波舟山港的集装箱吞吐量比上海港少多少?",
            "宁波舟山港(4400万标箱)比上海港(5500万标准箱)少1100万标箱(计算)。",
        ),
        (
            "Which port handled more containers in 2025, Shanghai or Ningbo-Zhoushan?",
            "(5500万标准箱) is more than Ningbo-Zhoushan (4400万标箱) by 1100万标箱 (computed).",
        ),
        # Two cities of a province whose reports are not held.
        (
            "广州和深圳,地铁线网单日最高客运量谁更高?",
            "广州(1400万)比深圳(1300万人次)高100万人次(计算)。",
        ),
    ],
)
def test_a_body_without_a_report_of_its_own_is_found_in_anothers(
    chain_over: ChainOver, question: str, verdict: str
) -> None:
    answer = chain_over(ZHEJIANG, GUANGDONG, SHANGHAI).ask(question)
    assert verdict in answer.text
    assert answer.status == "answered"
    assert answer.citations


def test_a_body_that_no_report_prints_is_not_compared(chain_over: ChainOver) -> None:
    answer = chain_over(ZHEJIANG, SHANGHAI).ask("去年大连港的集装箱吞吐量比上海港少多少?")
    assert "(计算)" not in answer.text


@pytest.mark.parametrize(
    "question",
    [
        "北京和上海的地铁,到2025年底谁的里程更长?差多少公里?",
        "北京、上海的轨道交通谁更长?长几公里?",
        "北京、上海的轨道交通里程差多少?",
        "北京和上海的地铁运营里程谁长?",
    ],
)
def test_what_a_bare_total_measures_stands_before_it(chain_over: ChainOver, question: str) -> None:
    answer = chain_over(BEIJING, SHANGHAI).ask(question)
    assert "北京市(909公里)比上海市(906公里)多3公里(计算)。" in answer.text


@pytest.mark.parametrize(
    "question",
    [
        # How many ride is told; how long the lines are, or how many stations, is not.
        "广州和深圳的地铁谁更长?",
        "广州和深圳地铁谁的车站多?",
        # Of 白云机场 nothing is told: the province's 1.8亿 are not its own.
        "杭州萧山机场和广州白云机场去年旅客吞吐量谁多?",
        # Present figures do not tell which gap closed by more.
        "广东和甘肃的城乡收入差距,哪个缩小得多?",
    ],
)
def test_another_figure_is_not_compared_instead(chain_over: ChainOver, question: str) -> None:
    guangdong = Invented(
        "广东省",
        2026,
        "城乡居民收入比从2.50:1缩小至2.27:1。广州、深圳地铁线网单日最高客运量分别达1400万、1300万人次。"
        "广州白云机场三期建成投用。全省机场旅客吞吐量达1.8亿人次。",
    )
    answer = chain_over(ZHEJIANG, guangdong, GANSU).ask(question)
    assert "(计算)" not in answer.text
