import pytest

from qa.chain import Chain


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
