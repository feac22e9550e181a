import re
import tomllib
from importlib.resources import files

import pytest

from qa.english.glossary import find_terms


def printed(text: str) -> list[tuple[str, str]]:
    """What is said, and the first of its wordings; the longest at a place."""
    found = sorted(find_terms(text), key=lambda term: term[0] - term[1])
    kept: list[tuple[int, int, tuple[str, ...]]] = []
    for start, end, words in found:
        if not any(start < b and a < end for a, b, _ in kept):
            kept.append((start, end, words))
    return [(text[start:end], words[0]) for start, end, words in sorted(kept)]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("old residential compounds", "老旧小区"),
        ("elevators", "加装电梯"),
        ("illegal construction", "违章建筑"),
        ("urban-village", "城中村"),
        ("affordable rental housing", "保障性租赁住房"),
        ("Unicorn companies", "独角兽"),
        ("“little giants”", "小巨人"),
        ("PM2.5", "pm2.5"),
        ("carbon peak", "碳达峰"),
        ("12345 hotline", "热线"),
        ("places in nurseries", "托位"),
        ("agriculture, rural areas and farmers", "三农"),
    ],
)
def test_a_term_of_the_genre_is_found_as_reports_print_it(said: str, expected: str) -> None:
    assert expected in dict(printed(f"How many {said} were there?")).values()


def test_words_inside_other_words_are_no_terms() -> None:
    assert printed("The parkland of a firmament") == []


def test_a_hyphen_may_stand_for_a_blank_and_offsets_hold() -> None:
    assert ("urban-village", "城中村") in printed("urban-village redevelopment")


def test_every_wording_is_a_word_of_the_index_and_every_pattern_compiles() -> None:
    data = tomllib.loads(files("qa.english").joinpath("glossary.toml").read_text("utf-8"))
    assert len(data["rows"]) >= 150
    for row in data["rows"]:
        assert re.compile("|".join(row["said"])).match("") is None, row
        assert all(len(word) > 1 for word in row["printed"]), row


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("the Eastern Zhejiang canal", "浙东"),
        ("roads in northern Guangdong", "粤北"),
        ("west Sichuan", "川西"),
    ],
)
def test_a_side_of_a_province_is_called_by_its_short_name(text: str, printed: str) -> None:
    assert (printed,) in [wordings for _, _, wordings in find_terms(text)]
