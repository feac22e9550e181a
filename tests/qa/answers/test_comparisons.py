import pytest
from qa.answers.comparing import asks_to_compare, compare

from qa.facts.fact import Fact
from qa.reports.parsing import parse_reports
from qa.reports.report import Source

TEXT = (
    "2024年绍兴市政府工作报告\n各位代表:\n现在,我代表市人民政府向大会报告工作,请予审议。\n一、2023年工作回顾\n"
    "全市生产总值8000亿元、增长11.1%。进出口总额900亿元、下降9.9%。出口100亿美元、增长4.5%—5%。"
    + "各项工作稳步推进,全市经济社会发展良好。"
    * 60
)


@pytest.fixture(scope="module")
def facts() -> dict[str, Fact]:
    from qa.facts.extraction import extract_facts

    source = Source("a.txt", TEXT)
    return {f.indicator: f for r in parse_reports(source) for f in extract_facts(source, r)}


def test_growth_is_compared_exactly_with_its_sign(facts: dict[str, Fact]) -> None:
    compared = compare([facts["进出口总额"], facts["地区生产总值"]], growth=True)
    assert compared is not None
    assert compared.order == (1, 0)
    assert (compared.difference, compared.unit) == ("21", "个百分点")


def test_amounts_of_one_unit_are_compared(facts: dict[str, Fact]) -> None:
    compared = compare([facts["地区生产总值"], facts["进出口总额"]], growth=False)
    assert compared is not None
    assert (compared.difference, compared.unit, compared.equal) == ("7100", "亿元", False)


def test_amounts_of_different_units_are_not_compared(facts: dict[str, Fact]) -> None:
    assert compare([facts["地区生产总值"], facts["出口"]], growth=False) is None


def test_a_range_is_not_compared(facts: dict[str, Fact]) -> None:
    assert compare([facts["地区生产总值"], facts["出口"]], growth=True) is None


def test_one_figure_is_not_compared(facts: dict[str, Fact]) -> None:
    assert compare([facts["出口"]], growth=True) is None


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("越城和上城差多少个百分点?", True),
        ("哪个区增得快?", True),
        ("2025年和2020年相比还要增加多少亿元?", True),
        ("GDP比上年增长了多少?", False),
        ("越城区GDP是多少?", False),
    ],
)
def test_comparisons_are_told_from_plain_questions(text: str, asked: bool) -> None:
    assert asks_to_compare(text) is asked
