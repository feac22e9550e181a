from dataclasses import replace

import pytest

from qa.facts.fact import Fact
from qa.facts.selection import FactFilter, is_in_place


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
        (FactFilter(indicators=("经济总量",)), [GDP, TARGET, UNNAMED]),
        (FactFilter(indicators=("国内生产总值",)), [GDP, TARGET, UNNAMED]),
        (FactFilter(indicators=("城乡居民人均可支配收入",)), [URBAN]),
        (FactFilter(indicators=("国家高新",)), [FIRMS]),
        (FactFilter(("越城",), ("GDP",), statuses=("actual",)), [GDP]),
        (FactFilter(periods=("2024",)), [TARGET]),
        (FactFilter(("上城区",)), []),
        (FactFilter(("浙江",)), [GDP, FIRMS, URBAN, TARGET]),
        (FactFilter(("绍兴市",)), [GDP, FIRMS, URBAN, TARGET]),
        (FactFilter(("绍兴市越城区",)), [GDP, FIRMS, URBAN, TARGET]),
        (FactFilter(("全国",)), []),
        (FactFilter(("江苏", "越城"), ("GDP",), ("2023",)), [GDP]),
        (FactFilter(indicators=("GDP", "国家高新"), statuses=("actual",)), [GDP, FIRMS, UNNAMED]),
        (FactFilter(periods=("2023", "2024"), indicators=("GDP",)), [GDP, TARGET, UNNAMED]),
        (FactFilter(periods=("2020-2024",)), []),
        (FactFilter(report_ids=("other",)), []),
        (FactFilter(report_ids=("r", "other")), ALL),
        (FactFilter(words="国家 高新"), [FIRMS]),
        (FactFilter(words="高新 没有的"), []),
        (FactFilter(words="gdp"), [GDP]),
        (FactFilter(words="  "), ALL),
        (FactFilter(indicators=("没有的指标",)), []),
    ],
)
def test_facts_are_chosen_by_any_name_of_place_and_indicator(
    asked: FactFilter, expected: list[Fact]
) -> None:
    assert asked.select(ALL) == expected


def test_words_are_found_in_quotes_across_breaks_and_in_any_width() -> None:
    broken = replace(GDP, quote="地区生产\n总值增长７．６％")
    assert FactFilter(words="地区生产总值 7.6%").select([broken, FIRMS]) == [broken]


@pytest.mark.parametrize(
    ("held", "code", "asked", "expected"),
    [
        ("越城区", "330602", "浙江省", True),
        ("越城区", "330602", "全国", False),
        ("全国", None, "中国", True),
        ("绍兴市", "330600", "越城区", False),
        ("上海市", "310000", "上海", True),
        # Four cities have a 鼓楼区: the report's code says of which one it is.
        ("鼓楼区", "320106", "南京", True),
        ("鼓楼区", "320106", "福州", False),
        ("鼓楼区", None, "鼓楼区", True),
        ("鼓楼区", None, "南京", False),
        (None, None, "浙江", False),
        ("越城区", "330602", "火星", False),
    ],
)
def test_a_province_and_a_city_ask_for_what_lies_below_them(
    held: str | None, code: str | None, asked: str, expected: bool
) -> None:
    assert is_in_place(held, code, asked) is expected


def test_the_codes_of_reports_tell_namesakes_apart() -> None:
    facts = [replace(GDP, place="鼓楼区", report_id=report_id) for report_id in ("a", "b")]
    codes = {"a": "320106", "b": "350102"}
    assert FactFilter(("南京",)).select(facts, codes) == facts[:1]
