"""Scopes over libraries of many reports, made up: what they hold matters, not what they say."""

from dataclasses import replace

import pytest

from qa import scope as scopes
from qa.library.shelf import Shelf, place_of
from qa.places import Place, divisions
from qa.questions import understand
from qa.reports.report import Report
from qa.scope import Scope, find_scope

_CODES = ("330602", "330603", "330600", "330000", "110000", "000000")


def _report(code: str, year: int) -> Report:
    name = divisions().get(code, "全国")
    level = Place(code, name).level
    return Report(
        f"{code}-{year}",
        name,
        "a.txt",
        0,
        1,
        place=name,
        place_code=None if level == "国家" else code,
        level=level,
        year=year,
        mentioned_years=(year - 1, year),
    )


REPORTS = [_report(code, year) for code in _CODES for year in (2022, 2023, 2024)]


@pytest.mark.parametrize(
    "text",
    [
        "越城区2023年GDP是多少",
        "绍兴市GDP是多少",
        "绍兴儿童公园在哪",
        "上虞儿童公园在哪",
        "浙江和北京2024年GDP",
        "2022年GDP是多少",
        "2019年GDP是多少",
        "上海GDP是多少",
        "全国GDP是多少",
    ],
)
def test_a_scope_is_that_of_looking_at_every_report(text: str) -> None:
    held = dict.fromkeys(place for report in REPORTS if (place := place_of(report)))
    question = understand(text, (), held)
    for reports in (REPORTS, Shelf(REPORTS)):
        found = find_scope(question, reports)
        alone = [r.report_id for r in REPORTS if find_scope(question, [r]).report_ids]
        if not any(mention.loose for mention in question.places):
            assert sorted(found.report_ids) == sorted(alone)
        assert bool(found.report_ids) == (found.missing is None)


def test_a_loose_place_asks_those_below_it_and_else_those_above() -> None:
    shelf = Shelf(REPORTS)
    below = {r.place for r in shelf.within(Place("330600", "绍兴市"))}
    assert below == {"越城区", "柯桥区", "绍兴市"}
    above = {r.place for r in shelf.above(Place("330604", "上虞区"))}
    assert above == {"绍兴市", "浙江省"}
    assert {r.place for r in shelf.within(Place("000000", "全国"))} == {r.place for r in REPORTS}


def test_years_asked_again_are_not_looked_for_again() -> None:
    shelf, asked = Shelf(REPORTS), []

    def test(report: Report) -> bool:
        asked.append(report)
        return report.year == 2023

    assert shelf.passing(2023, test) == shelf.passing(2023, test)
    assert len(asked) == len(REPORTS)


def test_of_many_reports_those_of_the_best_passages_are_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(scopes, "READ_CLOSELY", 3)
    many = Scope(frozenset("abcde"))
    assert many.read_closely("bbz") == Scope(frozenset("b"), of_many=5)
    assert many.read_closely(()) == many
    monkeypatch.setattr(scopes, "READ_OF_MANY", 2)
    assert many.read_closely("zecac").report_ids == {"e", "c"}
    few = replace(many, report_ids=frozenset("abc"))
    assert few.read_closely("b") is few
