import pytest

from qa.english import asking


@pytest.mark.parametrize(
    ("text", "spans", "years"),
    [
        ("during the 13th Five-Year Plan", ("2016-2020",), (2020,)),
        ("at the end of the thirteenth five-year plan period", (), (2020,)),
        ("from 2016 to 2019", ("2016-2019",), (2016, 2017, 2018, 2019)),
        ("between 2022 and 2023", (), ()),
        ("between 2018 and 2020", ("2018-2020",), (2018, 2019, 2020)),
        ("under the 99th five-year plan", (), ()),
        ("in 2023", (), ()),
    ],
)
def test_periods(text: str, spans: tuple[str, ...], years: tuple[int, ...]) -> None:
    assert asking.periods(text) == (spans, years)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("What was built last year?", (-1,)),
        ("last year and this year", (-1, 0)),
        ("the year ahead", (0,)),
        ("the last year of the plan", ()),
        ("in 2023", ()),
    ],
)
def test_relative_years(text: str, expected: tuple[int, ...]) -> None:
    assert asking.relative_years(text) == expected


def test_the_year_of_a_report() -> None:
    assert asking.report_years("the work report of 2024") == (2024,)
    assert asking.report_years("in 2024") == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("How many elevators does Shangcheng intend to install?", "target"),
        ("By how much does it want losses to fall?", "target"),
        ("How much floor area is to be built?", "target"),
        ("What was the target for 2024?", "target"),
        ("How many compounds did Haishu renovate?", "actual"),
        ("How many visitors has the museum received?", "actual"),
        ("Did it meet its target?", None),
        ("What was built in the 14th Five-Year Plan period?", "actual"),
        ("Which township is it?", None),
    ],
)
def test_status(text: str, expected: str | None) -> None:
    assert asking.status_asked(text) == expected


@pytest.mark.parametrize(
    ("text", "growth", "amount"),
    [
        ("How fast did GDP grow?", True, False),
        ("By how much did exports rise?", True, False),
        ("How much did GDP grow?", True, False),
        ("How much is investment planned to grow?", True, False),
        ("How much were exports?", False, True),
        ("What was the GDP and how fast did it grow?", True, False),
        ("What was the budget revenue?", False, False),
    ],
)
def test_growth_or_amount(text: str, growth: bool, amount: bool) -> None:
    assert asking.asks_growth(text) is growth
    assert asking.asks_amount(text) is amount


def test_a_figure_is_wanted_or_words() -> None:
    assert asking.wants_figure("How many schools?")
    assert not asking.wants_figure("Which township became the first?")


def test_where_a_question_says_when() -> None:
    text = "What was built last year under the 14th Five-Year Plan?"
    assert {text[a:b] for a, b in asking.time_spans(text)} == {"last year", "14th Five-Year Plan"}
