"""Chinese names of places in English: Yuecheng District (越城区)."""

from __future__ import annotations

import re
from functools import cache

from qa.places import NATION, by_full_name, english_names

_CLASSES = (
    ("自治区", ""),
    ("特别行政区", ""),
    ("自治州", " Prefecture"),
    ("自治县", " County"),
    ("新区", " New Area"),
    ("地区", " Prefecture"),
    ("省", ""),
    ("市", ""),
    ("区", " District"),
    ("县", " County"),
    ("旗", " Banner"),
    ("盟", " League"),
)


@cache
def place_in_english(name: str) -> str:
    """``Yuecheng District (越城区)``: what is asked for in English is found again in print."""
    if name == NATION:
        return f"the nation ({name})"
    places = by_full_name().get(name, ())
    if not places:
        return name
    known = english_names().get(name)
    if known:
        return f"{known} ({name})"
    from pypinyin import lazy_pinyin

    latin = "".join(lazy_pinyin(places[0].short_name)).replace("ü", "u").capitalize()
    ending = next((english for printed, english in _CLASSES if name.endswith(printed)), "")
    return f"{latin}{ending} ({name})"


_TITLE = re.compile(r"^(?P<year>\d{4})年(?P<place>.{2,12}?)政府工作报告$")


def title_in_english(title: str) -> str:
    """``the 2024 work report of Yuecheng District (越城区)``; titles of another form stay as they are."""
    match = _TITLE.match(title)
    if match is None or match["place"] not in by_full_name():
        return title
    return f"the {match['year']} work report of {place_in_english(match['place'])}"
