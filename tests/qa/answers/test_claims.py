import pytest

from qa.answers.claims import differences, is_near, read_claims


def only(text: str):  # type: ignore[no-untyped-def]
    (claim,) = read_claims(text)
    return claim


@pytest.mark.parametrize(
    ("wanted", "given", "aspects"),
    [
        ("126万亿元", "126亿元", {"value"}),
        ("增长5.2%", "下降5.2%", {"sign"}),
        ("增长5.2%", "增长5.2个百分点", {"unit"}),
        ("增长5%左右", "增长5%", {"qualifier"}),
        ("超过60亿元", "60亿元以内", {"qualifier"}),
        ("2023年增长5.2%", "2022年增长5.2%", {"period"}),
        ("目标是增长5.2%", "增长5.2%", {"status"}),
        ("增长5.2%", "增速为5.2%", set()),
        ("1244万人", "12440000人", set()),
        ("24.5万宗", "24.5万", set()),
        ("172亿", "172亿元", set()),
        ("增长5.2%", "增长百分之五点二", set()),
        ("超3000家", "3000家以上", set()),
    ],
)
def test_what_differs_is_named(wanted: str, given: str, aspects: set[str]) -> None:
    assert differences(only(wanted), only(given)) == aspects


@pytest.mark.parametrize(
    ("text", "signs"),
    [
        ("下降3%", [-1]), ("增长-3%", [-1]), ("刑事、治安案件数分别下降16.9%、30.6%", [-1, -1]),
        ("收入增长3%,支出下降2%", [1, -1]), ("由12%降至5%", [1, 1]), ("落实减税降费25.41亿元", [1]),
        ("减少3万人", [-1]), ("压减资金为5亿元", [1]),
    ],
)  # fmt: skip
def test_the_sign_comes_from_the_nearest_word(text: str, signs: list[int]) -> None:
    assert [claim.sign for claim in read_claims(text)] == signs


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("2023年增长5%", "2023"), ("增长5% (2023)", "2023"), ("2021-2025年年均增长5%", "2021-2025"),
        ("比2022年增长5%", None), ("增长5%", None),
    ],
)  # fmt: skip
def test_the_period_is_the_year_before_the_figure(text: str, period: str | None) -> None:
    assert only(text).period == period


def test_years_dates_and_markers_are_no_figures() -> None:
    assert read_claims("2023-02-08 09:22:59 发布,2023年2月8日[3]") == []


def test_near_is_within_1_percent_in_the_same_unit() -> None:
    assert is_near(only("1244万人"), only("1250万人"))
    assert not is_near(only("1244万人"), only("1260万人"))
    assert not is_near(only("增长5.2%"), only("下降5.2%"))


@pytest.mark.parametrize(
    ("text", "printed", "sign", "period"),
    [
        ("越城区, 2023: GDP up 7.6% [1].", "7.6%", 1, "2023"),
        ("越城区, 2016-2020: revenue down 8.4% [1].", "8.4%", -1, "2016-2020"),
        ("by 3 percentage points in 2023", "3个百分点", 1, "2023"),
    ],
)
def test_english_figures_stand_apart_from_their_words(
    text: str, printed: str, sign: int, period: str
) -> None:
    claim = only(text)
    assert (claim.text, claim.sign, claim.period) == (printed, sign, period)
