from __future__ import annotations

import pytest

from qa.facts.lexicon import all_indicators, canonical, find_indicators, parts, same_family


def test_holds_at_least_one_hundred_and_fifty_indicators_with_english_names() -> None:
    indicators = all_indicators()
    assert len(indicators) >= 150
    assert all(indicator.english for indicator in indicators)
    assert len({indicator.name for indicator in indicators}) == len(indicators)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("GDP", "地区生产总值"),
        ("经济总量", "地区生产总值"),
        ("全市生产总值", "地区生产总值"),
        ("国内生产总值", "国内生产总值"),
        ("地方一般公共预算收入", "一般公共预算收入"),
        ("规上工业增加值", "规模以上工业增加值"),
        ("全社会研发投入强度", "研发经费投入强度"),
        ("Ｒ＆Ｄ占比", "研发经费投入强度"),
        ("CPI", "居民消费价格"),
        ("fixed-asset investment", "固定资产投资"),
        ("GDP growth", "地区生产总值"),
        ("surveyed urban unemployment rate", "城镇调查失业率"),
    ],
)
def test_aliases_lead_to_the_canonical_name(name: str, expected: str) -> None:
    indicator = canonical(name)
    assert indicator is not None
    assert indicator.name == expected


@pytest.mark.parametrize("name", ["新增国家级高新技术企业", "亩均税收", "全市", ""])
def test_a_name_outside_the_lexicon_is_unknown(name: str) -> None:
    assert canonical(name) is None


def test_a_composite_name_has_parts_and_no_canonical_name_of_its_own() -> None:
    assert canonical("城乡居民人均可支配收入") is None
    names = [indicator.name for indicator in parts("全市城乡居民人均可支配收入")]
    assert names == ["城镇居民人均可支配收入", "农村居民人均可支配收入"]


def test_finds_the_longest_name_and_both_parts_of_a_composite() -> None:
    mentions = find_indicators("越城区去年规上工业增加值和城乡居民人均可支配收入增长多少")
    names = [[indicator.name for indicator in mention.indicators] for mention in mentions]
    assert names == [
        ["规模以上工业增加值"],
        ["城镇居民人均可支配收入", "农村居民人均可支配收入"],
    ]


def test_finds_english_names_as_whole_words_only() -> None:
    (mention,) = find_indicators("What was the GDP growth, not the gdpx?")
    assert mention.indicators[0].name == "地区生产总值"


def test_nation_and_region_share_a_family() -> None:
    assert same_family("国内生产总值", "地区生产总值")
    assert not same_family("出口", "进口")
    assert same_family("新增学校", "新增学校")
