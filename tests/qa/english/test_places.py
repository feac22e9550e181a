import pytest

from qa.english.places import asks_by_landmarks, find_places, place_spans
from qa.places import HeldPlaces, resolve

NAMES = ("越城区", "上城区", "绍兴市", "浙江省", "甘肃省", "内蒙古自治区")
HELD = HeldPlaces(place for name in NAMES if (place := resolve(name)))


def names(text: str, held: HeldPlaces = HELD) -> list[str]:
    return [named.mention.place.name for named in find_places(text, held)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("How fast did Yuecheng's GDP grow?", ["越城区"]),
        ("Hangzhou's Shangcheng District", ["上城区"]),
        ("Yuecheng District, Shaoxing", ["越城区"]),
        ("Which grew faster, Shaoxing or Yuecheng?", ["绍兴市", "越城区"]),
        ("the Zhejiang Canal Museum in Yuecheng", ["越城区"]),
        ("How did Inner Mongolia do?", ["内蒙古自治区"]),
        ("the State Council's 2024 report", ["全国"]),
        ("the first in China, in Yuecheng", ["越城区"]),
        ("Hangzhou's Binjiang District", ["滨江区"]),
        ("Xi'an", ["西安市"]),
        ("Which village is it?", []),
    ],
)
def test_the_places_asked_about(text: str, expected: list[str]) -> None:
    assert names(text) == expected


def test_part_of_a_name_is_a_loose_mention_where_nothing_else_is_named() -> None:
    (named,) = find_places("the Shaoxing Children Park", HELD)
    assert named.mention.loose
    assert names("the Hangzhou Children Park") == []


def test_a_place_inside_the_one_held_is_what_its_report_tells_of() -> None:
    assert names("the Qingyang data centres in Gansu") == ["甘肃省"]


def test_landmarks_stand_for_their_district_and_not_for_namesakes_elsewhere() -> None:
    text = "pipes renovated in the district of Qingshanhu and Linglong"
    assert asks_by_landmarks(text)
    assert names(text) == []
    assert asks_by_landmarks("the district where Honglou is")
    assert asks_by_landmarks("the district of Wuyue")
    assert not asks_by_landmarks("the district of Yuecheng")
    assert not asks_by_landmarks("How many districts are there?")


def test_a_city_only_named_above_its_district_still_is_no_content() -> None:
    text = "Hangzhou's Shangcheng District"
    assert [text[a:b] for a, b in place_spans(text, HELD)] == ["Hangzhou's", "Shangcheng District"]
