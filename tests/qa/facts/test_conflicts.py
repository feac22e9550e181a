from __future__ import annotations

from qa.facts.conflicts import find_conflicts
from tests.qa.facts.reports import facts_of


def test_two_values_for_one_indicator_conflict() -> None:
    facts = facts_of("地区生产总值达到6000亿元。全年地区生产总值6001亿元。")
    (conflict,) = find_conflicts(facts)
    assert (conflict.indicator, conflict.period, conflict.aspect) == ("地区生产总值", "2023", "元")
    assert [fact.value for fact in conflict.facts] == ["6000", "6001"]


def test_two_growths_conflict() -> None:
    (conflict,) = find_conflicts(facts_of("出口增长3%。一年来,出口增长4%。"))
    assert conflict.aspect == "growth"


def test_rounding_bounds_and_other_units_agree() -> None:
    facts = facts_of(
        "地区生产总值达到1500亿元。全年地区生产总值1499.6亿元。"
        "出口突破300亿元。外贸出口312亿元。财政总收入5亿元。完成财政总收入50000万元。"
    )
    assert find_conflicts(facts) == []


def test_the_steps_of_one_clause_do_not_conflict() -> None:
    facts = facts_of("进出口总额接连突破8000亿元、9000亿元。")
    assert [fact.value for fact in facts] == ["8000", "9000"]
    assert find_conflicts(facts) == []


def test_a_target_does_not_conflict_with_the_result() -> None:
    assert find_conflicts(facts_of("出口增长3%。", "出口增长5%。")) == []


def test_names_outside_the_lexicon_are_not_compared() -> None:
    assert find_conflicts(facts_of("新增项目3个。又新增项目5个。")) == []
