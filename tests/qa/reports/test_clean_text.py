import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.reports.clean_text import clean, cut_out, fold

# What sources mix: Chinese, Latin, both widths of digits, blanks, zero-width marks, line ends.
ALPHABET = "增长亿元,。“”ABz19.%％，１９．－~·\u200b\ufeff \u00a0\u3000\t\r\n"
mixed = st.text(ALPHABET + "℃№", max_size=60)


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("７．３％", "7.3%"),
        ("７ ．３％", "7.3%"),
        ("7 4 7 7 2 亿元", "74772亿元"),
        ("1 234.5 亿元", "1234.5亿元"),
        ("增\u200b长\ufeff5%", "增长5%"),
        ("增长\u3000５％", "增长5%"),
        ("地区生产总值（ＧＤＰ）", "地区生产总值(GDP)"),
        ("“十四五”，《规划》。", "“十四五”,《规划》。"),
        ("12\n34亿元", "1234亿元"),
        ("12\r\n34亿元", "1234亿元"),
        ("6001\n亿元", "6001亿元"),
        ("7.\n3%", "7.3%"),
        ("第一行\n第二行", "第一行\n第二行"),
        ("2023\n年", "2023\n年"),
        ("2023\n\n2024", "2023\n\n2024"),
        ("artificial  \u3000intelligence", "artificial intelligence"),
        ("GDP 增长 5", "GDP增长5"),
        ("甲 \r\n 乙", "甲\n乙"),
        ("25 ℃", "25°C"),
        ("−3%～5﹪", "-3%~5%"),
        ("艾尔肯•吐尼亚孜", "艾尔肯·吐尼亚孜"),
        ("", ""),
        (" \u200b ", ""),
    ],
)
def test_cleans(source: str, wanted: str) -> None:
    assert clean(source).text == fold(source) == wanted


def test_leads_back_to_the_source_through_all_that_was_dropped() -> None:
    source = "达 7 4\u200b 7\n7 ２ 亿元"
    view = clean(source)
    start = view.text.index("74772")
    assert source[slice(*view.span(start, start + 5))] == "7 4\u200b 7\n7 ２"


def test_counts_offsets_from_the_sources_start_not_the_slices() -> None:
    source = "开头。增长 ５％。结尾"
    view = clean(source, 3, 9)
    assert view.text == "增长5%。"
    assert source[slice(*view.span(2, 4))] == "５％"
    assert view.position(6) == 2
    assert view.position(5) == 2


def test_a_sign_that_became_two_leads_back_whole() -> None:
    view = clean("25℃上")
    assert view.text == "25°C上"
    assert view.span(2, 3) == view.span(3, 4) == view.span(2, 4) == (2, 3)


@pytest.mark.parametrize(("start", "end"), [(0, 0), (2, 1), (-1, 1), (0, 3)])
def test_an_empty_or_outside_slice_has_no_source(start: int, end: int) -> None:
    with pytest.raises(ValueError, match="slice"):
        clean("增长").span(start, end)


@given(mixed, mixed, mixed)
def test_origins_rise_and_stay_inside_the_slice(before: str, inside: str, after: str) -> None:
    start, end = len(before), len(before) + len(inside)
    view = clean(before + inside + after, start, end)
    assert len(view.text) == len(view.origins)
    assert view.origins == tuple(sorted(view.origins))
    assert all(start <= origin < end for origin in view.origins)
    assert len(view.origins) - len(set(view.origins)) == sum(map(inside.count, "℃№"))


@given(mixed)
def test_what_is_kept_of_a_sign_is_its_own_clean_form(source: str) -> None:
    view = clean(source)
    for char, origin in zip(view.text, view.origins, strict=True):
        assert char == " " or char == "\n" or char in fold(source[origin])


@given(st.text(ALPHABET, max_size=60), st.data())
def test_the_source_of_a_clean_slice_cleans_to_that_slice(source: str, data: st.DataObject) -> None:
    view = clean(source)
    if not view.text:
        return
    start = data.draw(st.integers(0, len(view.text) - 1))
    end = data.draw(st.integers(start + 1, len(view.text)))
    first, last = view.span(start, end)
    # A blank between words is one only while a word stands on either side.
    assert fold(source[first:last]) == view.text[start:end].strip(" ")


@given(mixed)
def test_nothing_is_left_to_clean(source: str) -> None:
    assert fold(fold(source)) == fold(source)


def test_a_long_text_of_hard_signs_takes_linear_time() -> None:
    # Quadratic work on 400,000 signs takes minutes; linear work half a second.
    started = time.perf_counter()
    view = clean("1 \n\u200b\u3000" * 80_000)
    assert time.perf_counter() - started < 5
    assert view.text[:3] == "111"


def test_each_span_cut_out_leaves_one_blank() -> None:
    text = "城市GDP发展与固投增速"
    assert cut_out(text, [(2, 5), (8, 10)]) == "城市 发展与 增速"
    assert cut_out(text, iter(())) == text
