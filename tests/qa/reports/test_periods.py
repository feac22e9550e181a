import pytest

from qa.reports.periods import han_year, overlaps, plan_span, plan_spans_in, span_of, years_in


@pytest.mark.parametrize(
    ("number", "span"),
    [
        (1, "1953-1957"),
        (2, "1958-1962"),
        (3, "1966-1970"),
        (6, "1981-1985"),
        (13, "2016-2020"),
        (14, "2021-2025"),
        (15, "2026-2030"),
    ],
)
def test_five_year_plans_have_their_historical_spans(number: int, span: str) -> None:
    assert plan_span(number) == span


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("“十四五”蓝图", ["2021-2025"]),
        ("“十四五”成就和“十五五”目标", ["2021-2025", "2026-2030"]),
        ("十三五规划", ["2016-2020"]),
        ("比“十二五”期末增加", ["2011-2015"]),
        ("六五计划前两年的执行情况", ["1981-1985"]),
        ("十五五", ["2026-2030"]),
        ("十五届人大", []),
        ("三五个人", []),
        ("国民经济和社会发展第十五个五年规划", ["2026-2030"]),
    ],
)
def test_finds_five_year_plans(text: str, spans: list[str]) -> None:
    assert plan_spans_in(text) == spans


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("二〇二六", 2026),
        ("二○二六", 2026),
        ("二零一九", 2019),
        ("一九七八", 1978),
        ("二〇二", None),
        ("三〇二六", None),
        ("九九九九", None),
        ("二百二六", None),
    ],
)
def test_reads_years_in_chinese_numerals(text: str, year: int | None) -> None:
    assert han_year(text) == year


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("2023年和2024年", [2023, 2024]),
        ("2023-02-08", [2023]),
        ("到二〇三五年,比2020年", [2035, 2020]),
        ("“健康中国2030”战略", [2030]),
        ("12023年", []),
        ("1899年", []),
        ("惠及企业2000余家", []),
        ("储备土地1937亩", []),
        ("增加值2046.5亿元", []),
    ],
)
def test_finds_the_years_a_text_prints(text: str, years: list[int]) -> None:
    assert years_in(text) == years


def test_a_period_is_a_year_or_a_span_of_years() -> None:
    assert span_of("2023") == (2023, 2023)
    assert span_of("2021-2025") == (2021, 2025)


@pytest.mark.parametrize(
    ("period", "other", "shared"),
    [
        ("2023", "2023", True),
        ("2023", "2024", False),
        ("2021-2025", "2021", True),
        ("2021-2025", "2025", True),
        ("2021-2025", "2026", False),
        ("2021-2025", "2025-2030", True),
        ("2021-2025", "2026-2030", False),
        ("2016-2030", "2021-2025", True),
    ],
)
def test_periods_overlap_if_they_share_a_year(period: str, other: str, shared: bool) -> None:
    assert overlaps(period, other) is overlaps(other, period) is shared
