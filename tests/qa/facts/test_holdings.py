from dataclasses import replace

from qa.facts.holdings import indicators_in
from tests.qa.facts.test_selection import FIRMS, GDP


def test_indicators_are_told_with_counts_and_units() -> None:
    other = replace(GDP, report_id="s", unit="万亿元")
    gdp, firms = indicators_in([FIRMS, GDP, other, replace(GDP, period="2022")])
    assert (gdp.name, gdp.english) == ("地区生产总值", "gross regional product")
    assert (gdp.facts, gdp.reports, gdp.units) == (3, 2, ("亿元", "万亿元"))
    assert (firms.name, firms.facts) == ("高新技术企业数", 1)
