import pytest

from qa.chain import Chain
from tests.qa.answers.conftest import YuechengOver

CULTURE = "举办展览40场,演出60场,惠及群众30万人次,培训讲师200名"
OPENING = "我们坚持文化惠民丰富群众生活"


@pytest.mark.parametrize(
    ("question", "told", "neighbours"),
    [
        ("请查一下海曙区2022年落实增值税留抵退税的金额。", "19.3亿元", ("18.9亿", "20.7亿")),
        ("荔湾区税收总额及增速?", "386.23亿元、增长13.7%", ("53.43",)),
        ("黄酒小镇2024年的全年游客量目标定在多少?", "150万人次", ()),
    ],
)
def test_a_figure_is_quoted_with_the_clauses_it_needs(
    bundled_chain: Chain, question: str, told: str, neighbours: tuple[str, ...]
) -> None:
    text = bundled_chain.ask(question).text
    assert told in text
    assert not any(neighbour in text for neighbour in neighbours)


def test_figures_behind_several_clauses_keep_all_of_them(bundled_chain: Chain) -> None:
    text = bundled_chain.ask("越城区去年搞“腾笼换鸟”,新增了多少投资、盘活了多少亩地").text
    assert "44亿元" in text
    assert "1529亩" in text


@pytest.mark.parametrize(
    ("question", "sentence", "quoted"),
    [
        # The figure stands behind the clause that tells what it is of, and its growth behind it.
        (
            "越城区城市驿站改造了多少个?",
            f"{OPENING},改造提升城市驿站,完成12个,同比增长20%,{CULTURE}。",
            "改造提升城市驿站,完成12个,同比增长20%",
        ),
        # What is part of a whole is quoted with the whole.
        (
            "越城区社区书屋建了多少个?",
            f"{OPENING},建成各类书屋90个,其中社区书屋30个,{CULTURE}。",
            "建成各类书屋90个,其中社区书屋30个",
        ),
        # What 分别 tells is of all that stands before.
        (
            "越城区古桥戏台接待多少人次?",
            f"{OPENING},古桥、戏台接待超过8万人次,分别达到3万人次、5万人次,{CULTURE}。",
            f"{OPENING},古桥、戏台接待超过8万人次,分别达到3万人次、5万人次,{CULTURE}。",
        ),
        # What tells more of it so far away tells of something else.
        (
            "越城区古桥修缮后接待游客多少?",
            f"{OPENING},古桥修缮7座,{CULTURE},建成书屋9家,送戏下乡70场,老街接待游客30万人次。",
            "古桥修缮7座",
        ),
        # Words of any figure do not tell what it is of.
        (
            "越城区云端书屋的藏书增长目标完成了多少?",
            f"{OPENING},云端书屋藏书12万册,电影放映增长目标完成30%,{CULTURE}。",
            "云端书屋藏书12万册",
        ),
        # A short sentence, and one that is asked two things, are quoted whole.
        (
            "越城区古桥修缮多少座?",
            "古桥修缮7座,举办展览40场,演出60场。",
            "古桥修缮7座,举办展览40场,演出60场。",
        ),
        (
            "越城区古桥修缮多少座,水乡戏台修了几座?",
            f"{OPENING},古桥修缮7座,{CULTURE},水乡戏台修缮9座,送戏下乡70场。",
            f"{OPENING},古桥修缮7座,{CULTURE},水乡戏台修缮9座,送戏下乡70场。",
        ),
    ],
)
def test_of_a_long_sentence_a_figure_is_quoted_with_what_it_needs(
    yuecheng_over: YuechengOver, question: str, sentence: str, quoted: str
) -> None:
    assert yuecheng_over(review=sentence).ask(question).text == f"越城区(2023年):“{quoted}”[1]"
