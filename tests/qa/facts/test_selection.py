import pytest

from qa.facts.fact import Fact
from qa.facts.selection import FactFilter


def fact(indicator: str, printed: str = "", place: str | None = "越城区", **fields: str) -> Fact:
    return Fact(
        report_id="r",
        place=place,
        indicator=indicator,
        value="1",
        unit="亿元",
        growth_percent=None,
        basis=None,
        qualifier=None,
        period=fields.get("period", "2023"),
        status="target" if fields.get("status") == "target" else "actual",
        source="a.txt",
        start=0,
        end=1,
        quote="x",
        printed_indicator=printed or indicator,
    )


GDP = fact("地区生产总值", "GDP")
FIRMS = fact("高新技术企业数", "新增国家高新技术企业")
URBAN = fact("城镇居民人均可支配收入")
TARGET = fact("地区生产总值", period="2024", status="target")
UNNAMED = fact("地区生产总值", place=None)
ALL = [GDP, FIRMS, URBAN, TARGET, UNNAMED]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (FactFilter(), ALL),
        (FactFilter(indicator="经济总量"), [GDP, TARGET, UNNAMED]),
        (FactFilter(indicator="国内生产总值"), [GDP, TARGET, UNNAMED]),
        (FactFilter(indicator="城乡居民人均可支配收入"), [URBAN]),
        (FactFilter(indicator="国家高新"), [FIRMS]),
        (FactFilter(place="越城", indicator="GDP", status="actual"), [GDP]),
        (FactFilter(period="2024"), [TARGET]),
        (FactFilter(place="上城区"), []),
        (FactFilter(indicator="没有的指标"), []),
    ],
)
def test_facts_are_chosen_by_any_name_of_place_and_indicator(
    asked: FactFilter, expected: list[Fact]
) -> None:
    assert asked.select(ALL) == expected
