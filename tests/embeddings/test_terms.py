import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.terms import bigrams


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("增长", ["增长"]),
        ("地区生产总值", ["地区", "区生", "生产", "产总", "总值"]),
        ("区", ["区"]),
        ("增长7.6%,其中", ["增长", "7.6", "其中"]),
        ("GDP增长", ["gdp", "增长"]),
        ("5G基站", ["5g", "基站"]),
        ("ＧＤＰ达１２３.４亿", ["gdp", "达", "123.4", "亿"]),
        ("2023年1-9月", ["2023", "年", "1", "9", "月"]),
        ("第3.5代", ["第", "3.5", "代"]),
        ("R&D经费", ["r", "d", "经费"]),
        ("", []),
        ("，。！ \n", []),
    ],
)
def test_text_becomes_pairs_of_characters_and_whole_words(text: str, terms: list[str]) -> None:
    assert bigrams(text) == terms


@given(st.text())
def test_terms_are_never_empty_and_never_hold_spaces(text: str) -> None:
    assert all(term and not any(map(str.isspace, term)) for term in bigrams(text))


@given(st.text(alphabet="越城区上虞新昌县", min_size=2))
def test_a_run_of_chinese_has_one_term_fewer_than_characters(text: str) -> None:
    assert len(bigrams(text)) == len(text) - 1
