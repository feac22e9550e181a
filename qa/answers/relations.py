"""How a figure stands to that of a wider place (低于全国0.3个百分点), asked as yes or no: 跑赢全国了吗."""

from __future__ import annotations

import re
from typing import Literal

from qa.answers.cells import WIDER
from qa.facts.fact import Fact

# How a figure stands to a wider average, right behind it: 增长4.7%、低于全国0.3个百分点.
_RELATION = re.compile(
    rf"^[^,，。;；]{{0,8}}[、,，]?[^、,，。;；]{{0,4}}?(?:高于|低于|快于|慢于|好于|优于|高出|超过|领先|比)"
    rf"[^、,，。;；]{{0,8}}?(?:{WIDER})[^、,，。;；]*\d[^、,，。;；]*"
)
_WITHIN = 60

_ASKS_WHETHER = re.compile(r"吗|么[??]|是否|是不是|有没有|(?<!有)没有?[??]?$|没[??]$")
# 有没有跑赢 supposes nothing against it.
_NOT_OF = "(?:不|(?<!有)没有?|未)"
_UP = r"跑赢|高于|快于|好于|优于|高出|超过|领先|多于|大于"
_DOWN = r"跑输|低于|慢于|差于|落后|少于|小于"
_COMPARED = rf"[比跟与和较][^,。、]{{0,4}}(?:{WIDER})[^,。、]{{0,8}}?"
_ABOVE = re.compile(rf"{_UP}|{_COMPARED}(?:[高快好多大])")
_BELOW = re.compile(rf"{_DOWN}|{_COMPARED}(?:[低慢差少小])")
_NEGATED = re.compile(rf"{_NOT_OF}(?:{_UP}|{_DOWN})|不比")


def with_relation(fact: Fact, source: str) -> str:
    """The fact as printed with how it stands to a wider average; empty if that does not stand right
    behind it."""
    last = fact.growth or fact.level
    if last is None:
        return ""
    behind = _RELATION.match(source[last.end : last.end + _WITHIN])
    return source[fact.start : last.end] + behind.group() if behind else ""


def verdict_on(text: str, printed: str) -> Literal["yes", "no"] | None:
    """Whether what a question supposes of a figure (跑赢全国了吗) is what is printed behind it; None if it
    supposes nothing, or either is not plain."""
    if not _ASKS_WHETHER.search(text) or _NEGATED.search(text):
        return None
    asked, told = _way(text), _way(printed)
    if asked is None or told is None:
        return None
    return "yes" if asked == told else "no"


def _way(text: str) -> Literal["above", "below"] | None:
    above, below = _ABOVE.search(text), _BELOW.search(text)
    if bool(above) == bool(below):
        return None
    return "above" if above else "below"
