"""The order and the limits that a survey sets for figures: 最低, 超过6%, 负增长."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from qa.answers.surveys.asking import DEGREE

LOWEST = re.compile(
    r"[最更](?:为|加)?[低少慢小]|从[低小少慢]到|(?:降|跌|回落)[得幅]*[最更](?:[多大快]|厉害)|垫底|倒数|末位"
    r"|\b(?:lowest|least|smallest|slowest)\b",
    re.I,
)
EXTREME = re.compile(
    rf"{DEGREE}|\b(?:highest|lowest|most|least|fastest|slowest|largest|smallest)\b", re.I
)
_LIMIT = re.compile(
    r"(?P<least>不低于|不少于|不小于|至少|达到)?(?P<above>超过?了?|高于|大于|多于|突破了?)?(?P<below>低于|小于|少于|不到|不足)?"
    r"(?P<number>(?<!\d)\d{1,15}(?:\.\d{1,6})?)(?P<unit>%|个?百分点|万亿元?|亿元?|万元?|[个家件项人])(?P<after>以[上下内])?"
)
_FALLS = re.compile(r"下降的|下滑的|负增长|为负|是负")
_SCALES = (("万亿", 1e12), ("亿", 1e8), ("万", 1e4))


@dataclass(frozen=True, slots=True)
class Limit:
    """What a figure must be to count: 超过6%, 1000亿元以上, 负增长."""

    printed: str
    passes: Callable[[float], bool]
    growth: bool


def limit_of(text: str) -> Limit | None:
    for match in _LIMIT.finditer(text):
        if not any(match[name] for name in ("least", "above", "below", "after")):
            continue
        bound = float(match["number"]) * next(
            (scale for sign, scale in _SCALES if match["unit"].startswith(sign)), 1.0
        )
        is_percent = match["unit"] in ("%", "个百分点", "百分点")
        return Limit(match.group(), _test(match, bound), is_percent)
    falls = _FALLS.search(text)
    if falls and not EXTREME.search(text):
        return Limit(falls.group().removesuffix("的"), lambda value: value < 0, growth=True)
    return None


def _test(match: re.Match[str], bound: float) -> Callable[[float], bool]:
    if match["below"]:
        return lambda value: value < bound
    if match["after"] in ("以下", "以内"):
        return lambda value: value <= bound
    if match["above"]:
        return lambda value: value > bound
    return lambda value: value >= bound
