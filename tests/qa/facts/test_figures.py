from __future__ import annotations

import pytest

from qa.facts.figures import find_figures, han_number
from qa.reports.clean_text import fold


@pytest.mark.parametrize(
    ("text", "number", "unit", "low", "high", "qualifier"),
    [
        ("达到5.67万亿元", "5.67", "万亿元", 5.67e12, 5.67e12, None),
        ("达到３０００亿元以上", "3000", "亿元", 3e11, 3e11, "以上"),
        ("7 4 7 7 2 亿元", "74772", "亿元", 74772e8, 74772e8, None),
        ("增长1 1 ％", "11", "%", 11.0, 11.0, None),
        ("增长19·5％", "19.5", "%", 19.5, 19.5, None),
        ("收入1,234.5万元", "1234.5", "万元", 12345000.0, 12345000.0, None),
        ("增长百分之十一点八", "11.8", "%", 11.8, 11.8, None),
        ("增长百分之五到百分之六", "5—6", "%", 5.0, 6.0, None),
        ("四千五百六十四亿公斤", "4564", "亿公斤", 4564e8, 4564e8, None),
        ("六亿二千万吨", "6.2", "亿吨", 6.2e8, 6.2e8, None),
        ("3亿5000万元", "3.5", "亿元", 3.5e8, 3.5e8, None),
        ("增长4.5%—5%", "4.5—5", "%", 4.5, 5.0, None),
        ("增长4.5%-5%左右", "4.5—5", "%", 4.5, 5.0, "左右"),
        ("引进9700余名", "9700", "名", 9700.0, 9700.0, "余"),
        ("大学生2.4万余人", "2.4", "万人", 24000.0, 24000.0, "余"),
        ("不低于30亿元", "30", "亿元", 3e9, 3e9, "不低于"),
        ("突破3万亿元大关", "3", "万亿元", 3e12, 3e12, "突破"),
        ("首次突破千亿大关", "1000", "亿", 1e11, 1e11, "突破"),
        ("提高0.4个百分点", "0.4", "个百分点", 0.4, 0.4, None),
        ("里程2万5千公里", "2.5", "万公里", 25000.0, 25000.0, None),
        ("企业1万2000多家", "1.2", "万家", 12000.0, 12000.0, "多"),
        ("收入比缩小至2.27:1", "2.27", ":1", 2.27, 2.27, None),
        ("增长1.71倍", "1.71", "倍", 1.71, 1.71, None),
        ("自然增长率5‰", "5", "‰", 0.5, 0.5, None),
        ("装机3千瓦", "3", "千瓦", 3.0, 3.0, None),
        ("住房10531套(间)", "10531", "套(间)", 10531.0, 10531.0, None),
    ],
)
def test_reads_a_figure_as_printed_and_as_a_number(
    text: str, number: str, unit: str, low: float, high: float, qualifier: str | None
) -> None:
    (figure,) = find_figures(fold(text))
    assert (figure.number, figure.unit, figure.qualifier) == (number, unit, qualifier)
    assert (figure.low, figure.high) == pytest.approx((low, high))


@pytest.mark.parametrize(
    "text",
    [
        "2023年1月16日",
        "2021-2025年",
        "第3位",
        "全国前10强",
        "十佳",
        "一批项目",
        "“9610”模式",
        "“1+9+3”政策体系",
        "5G网络",
        "4A级景区",
        "人才新政4.0版",
        "G228国道",
        "地铁2号线",
        "落实二十条",
        "《纲要2035年100条》",
        "千亿级产业",
        "第十四届",
        "建区40周年",
    ],
)
def test_dates_ordinals_names_and_model_numbers_are_no_figures(text: str) -> None:
    assert find_figures(fold(text)) == []


def test_bounds_take_in_the_qualifiers_and_the_digits_their_unit() -> None:
    text = "超过4.5%左右"
    (figure,) = find_figures(text)
    assert text[figure.left : figure.right] == "超过4.5%左右"
    assert text[figure.start : figure.end] == "4.5%"


def test_the_step_is_the_worth_of_the_last_printed_digit() -> None:
    coarse, fine = find_figures("1500亿元,1499.6亿元")
    assert coarse.step == pytest.approx(1e8)
    assert fine.step == pytest.approx(1e7)


@pytest.mark.parametrize(
    ("text", "value"),
    [("十一点八", 11.8), ("一千零二十", 1020.0), ("两百", 200.0), ("九三", None), ("万亿", 1e12)],
)
def test_reads_chinese_numerals(text: str, value: float | None) -> None:
    assert han_number(text) == value


@pytest.mark.parametrize("unit", ["7", "增长", "1,234", "百分之", "一", "(", "“", "增长5%", "、"])
def test_a_hundred_thousand_signs_of_anything_are_read_in_linear_time(unit: str) -> None:
    text = unit * (100_000 // len(unit))
    assert len(find_figures(text)) <= len(text)
