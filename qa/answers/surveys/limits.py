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
    r"(?P<least>不低于|不少于|不小于|至少|达到)?(?P<most>不超过|不高于|不多于|不大于|(?<!有)没有?[超过]过?|未[超过]过?)?"
    r"(?P<above>超过?了?|高于|大于|多于|高过|突破了?|过(?!去))?(?P<below>低于|小于|少于|不到|不足|(?<!有)没[有到]?[达到]?|未[达到]+)?"
    r"(?P<number>(?<!\d)\d{1,15}(?:\.\d{1,6})?)(?P<unit>%|个?百分点|个点|万亿元?|亿元?|万元?|[个家件项人])?"
    r"(?P<after>[及或]?以[上下内]|左右|[或及]?(?:更|往上|往下)[高多低少大小]?)?"
    # 5亿元以上的项目 is what is counted, no bound of the count.
    r"(?!的?[^,。?!;的]{0,4}(?:项目|企业|楼宇|园区|平台))"
)
# Percent as it is spoken: 6个点, 百分之六.
_SPOKEN_PERCENT = re.compile(r"百分之(?P<han>[一二三四五六七八九十]|\d+(?:\.\d+)?)")
_HAN_DIGITS = "零一二三四五六七八九十"
# 比5%高 as 高于5%; 比5%高多少 sets no bound.
_THAN = re.compile(
    r"比(?P<figure>\d{1,15}(?:\.\d{1,6})?(?:%|个?百分点|个点|万亿元?|亿元?|万元?|[个家件项人]))"
    r"(?:还|更|要|来得)*(?P<way>[高多大低少小])(?!了?(?:多少|几))"
)
_FALLS = re.compile(r"下降的|下滑的|负增长|为负|是负")
_SCALES = (("万亿", 1e12), ("亿", 1e8), ("万", 1e4))


_BOUNDS = ("least", "most", "above", "below", "after")


@dataclass(frozen=True, slots=True)
class Limit:
    """What a figure must be to count: 超过6%, 1000亿元以上, 负增长."""

    printed: str
    passes: Callable[[float], bool]
    growth: bool


def limit_of(text: str) -> Limit | None:
    text = _THAN.sub(r"\g<way>于\g<figure>", _SPOKEN_PERCENT.sub(_in_digits, text))
    for match in _LIMIT.finditer(text):
        if not match["unit"] or not any(match[name] for name in _BOUNDS):
            continue
        bound = float(match["number"]) * next(
            (scale for sign, scale in _SCALES if match["unit"].startswith(sign)), 1.0
        )
        is_percent = match["unit"] in ("%", "个百分点", "百分点", "个点")
        return Limit(match.group(), _test(match, bound), is_percent)
    falls = _FALLS.search(text)
    if falls and not EXTREME.search(text):
        return Limit(falls.group().removesuffix("的"), lambda value: value < 0, growth=True)
    return None


def _in_digits(match: re.Match[str]) -> str:
    han = match["han"]
    return f"{_HAN_DIGITS.index(han) if han in _HAN_DIGITS else han}%"


def _test(match: re.Match[str], bound: float) -> Callable[[float], bool]:
    after = match["after"] or ""
    if after == "左右":
        return lambda value: value == bound
    if match["most"] or any(sign in after for sign in "下内低少小"):
        return lambda value: value <= bound
    if match["below"]:
        return lambda value: value < bound
    if match["above"] and not after:
        return lambda value: value > bound
    return lambda value: value >= bound
