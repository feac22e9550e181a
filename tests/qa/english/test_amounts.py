from decimal import Decimal

import pytest

from qa.english.amounts import digits, equivalents, in_english


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("累计接待游客超20万人次", ["超20万人次 = more than 200,000 visits or person-times"]),
        ("争取完成改造拆迁100万平方米以上", ["100万平方米以上 = 1 million square metres or more"]),
        ("粮食产量1.39万亿斤", ["1.39万亿斤 = 1.39 trillion jin (half a kilogram each)"]),
        ("新引进大学生2.4万余人", ["2.4万余人 = more than 24,000 people"]),
        ("投入30多亿元", ["30多亿元 = more than 3 billion yuan"]),
        ("近3000亿元", ["近3000亿元 = nearly 300 billion yuan"]),
        ("高标准农田8000亩", ["8000亩 = 8,000 mu (15 to the hectare)"]),
        ("实际使用外资160.6亿美元", ["160.6亿美元 = 16.06 billion US dollars"]),
        ("２０万人次", ["20万人次 = 200,000 visits or person-times"]),
        ("新增114家,增长7.6%,“万亩千亿”平台", []),
        ("", []),
    ],
)
def test_amounts_are_computed_from_numeral_and_unit(text: str, expected: list[str]) -> None:
    assert equivalents(text) == expected


@pytest.mark.parametrize(
    ("figure", "expected"),
    [
        ("突破1500亿元", "more than 150 billion yuan"),
        ("5.5%以上", "5.5% or more"),
        ("3%左右", "about 3%"),
        ("2550万人次", "25.5 million visits or person-times"),
        ("114家", "114 firms or institutions"),
        ("7.6%", None),
        ("4.5%—5%", None),
        ("一半", None),
    ],
)
def test_one_printed_figure_in_english(figure: str, expected: str | None) -> None:
    assert in_english(figure) == expected


def test_digits_are_exact() -> None:
    assert digits(Decimal("200000")) == "200,000"
    assert digits(Decimal("999999")) == "999,999"
    assert digits(Decimal("1670000")) == "1.67 million"
    assert digits(Decimal("1000000000")) == "1 billion"
    assert digits(Decimal("126000000000000")) == "126 trillion"
