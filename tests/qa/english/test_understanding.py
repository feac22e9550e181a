import subprocess
import sys

import pytest

from qa.places import resolve
from qa.questions import Question, understand

HELD = tuple(p for name in ("越城区", "上城区", "海曙区", "绍兴市") if (p := resolve(name)))


def asked(text: str, *turns: str) -> Question:
    return understand(text, turns, HELD)


def test_an_indicator_alone_leaves_nothing_that_narrows_it() -> None:
    question = asked("What was the GDP growth of Hangzhou's Shangcheng District in 2023?")
    assert [i.name for i in question.indicators] == ["地区生产总值"]
    assert question.rest == ""
    assert question.years == (2023,)
    assert question.language == "en"


def test_another_subject_beside_an_indicator_is_kept() -> None:
    question = asked("How many visitors has the Canal Museum in Yuecheng received?")
    assert [i.name for i in question.indicators] == ["接待游客"]
    assert question.rest == "Canal Museum"


def test_an_indicator_inside_a_longer_term_is_not_asked_for() -> None:
    assert asked("How many foreign visitors came to Yuecheng?").indicators == ()


@pytest.mark.parametrize(
    ("text", "years", "spans", "report_years"),
    [
        ("Shaoxing's GDP during the 13th Five-Year Plan", (2020,), ("2016-2020",), ()),
        ("Shaoxing's GDP at the end of the 13th Five-Year Plan", (2020,), (), ()),
        ("exports from 2018 to 2020", (2018, 2020, 2019), ("2018-2020",), ()),
        ("exports in 2022 in the report of 2023", (2022,), (), (2023,)),
    ],
)
def test_when(
    text: str, years: tuple[int, ...], spans: tuple[str, ...], report_years: tuple[int, ...]
) -> None:
    question = asked(text)
    assert (question.years, question.spans, question.report_years) == (years, spans, report_years)


def test_a_place_named_in_chinese_is_understood_too() -> None:
    assert [m.place.name for m in asked("What was the GDP growth of 越城区 in 2023?").places] == [
        "越城区"
    ]


def test_the_sense_is_the_question_without_its_places() -> None:
    assert asked("How many schools did Haishu build?").sense == "How many schools did build?"


def test_a_follow_up_takes_its_subject_from_the_turn_before() -> None:
    question = asked("And this year?", "How many elevators did Shangcheng install?")
    assert question.relative == (0,)
    assert [m.place.name for m in question.places] == ["上城区"]
    assert question.rest == "elevators install"


def test_a_follow_up_with_its_own_place_keeps_the_indicator() -> None:
    question = asked("And Shangcheng?", "How fast did the GDP of Yuecheng grow in 2023?")
    assert [m.place.name for m in question.places] == ["上城区"]
    assert [i.name for i in question.indicators] == ["地区生产总值"]


def test_a_chinese_question_loads_nothing_of_the_english_side() -> None:
    code = (
        "import sys; from qa.chain import Chain; from qa.questions import understand;"
        "understand('越城区2023年GDP增长多少?');"
        "sys.exit(any(name.startswith('qa.english') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
