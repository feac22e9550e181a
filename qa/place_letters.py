"""Provinces by their one letter (沪, 粤, 浙粤两省), where it can be nothing else.

Most letters are syllables of everyday words (新, 青, 宁) or begin names of other things (沪苏湖高铁, 桂花,
湘江): a letter counts at the beginning of what is said, before what a report is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from qa.facts.lexicon import find_indicators
from qa.places import Place, by_full_name

# The abbreviations that GB/T 2260 and everyday use know; some provinces have two.
_LETTERS = {
    "京": "北京市",
    "津": "天津市",
    "冀": "河北省",
    "晋": "山西省",
    "蒙": "内蒙古自治区",
    "辽": "辽宁省",
    "吉": "吉林省",
    "黑": "黑龙江省",
    "沪": "上海市",
    "苏": "江苏省",
    "浙": "浙江省",
    "皖": "安徽省",
    "闽": "福建省",
    "赣": "江西省",
    "鲁": "山东省",
    "豫": "河南省",
    "鄂": "湖北省",
    "湘": "湖南省",
    "粤": "广东省",
    "桂": "广西壮族自治区",
    "琼": "海南省",
    "渝": "重庆市",
    "川": "四川省",
    "蜀": "四川省",
    "贵": "贵州省",
    "黔": "贵州省",
    "云": "云南省",
    "滇": "云南省",
    "藏": "西藏自治区",
    "陕": "陕西省",
    "秦": "陕西省",
    "甘": "甘肃省",
    "陇": "甘肃省",
    "青": "青海省",
    "宁": "宁夏回族自治区",
    "新": "新疆维吾尔自治区",
}
_ANY = f"[{''.join(_LETTERS)}]"
_BEGINS = r"(?:^|(?<=[,。?!;:、\s])|(?<=请问)|(?<=比较)|(?<=对比)|(?<=一下)|(?<=看看)|(?<=知道)|(?<=\d年)|(?<=[今去明上本]年))"
_WHEN = r"(?=(?:19|20)\d\d|[今去明上本]年)"
_SEVERAL = re.compile(
    rf"{_BEGINS}(?P<letters>{_ANY}(?:[、和与跟及]?{_ANY})+)"
    rf"(?P<counted>[两二三四五六七八九](?:省区市|省市|省区|省|市|地))?的?"
)
_ONE = re.compile(rf"{_BEGINS}(?P<letters>{_ANY})(?:{_WHEN}|(?P<province>省)|(?P<of>的?))")
# 新增加值, 青年就业: before an indicator these are syllables.
_SYLLABLES = frozenset("新青云宁吉贵甘黑")


def lettered_places(text: str) -> Iterator[tuple[int, int, Place]]:
    """Start and end in ``text`` of each letter that names a province, and the province, in order."""
    figures = [mention.start for mention in find_indicators(text)]
    for match in _SEVERAL.finditer(text):
        # 京津冀2025年协同发展 is told by reports of the nation: several are asked of their figures.
        asks = figures and (match.end() in figures or re.match(_WHEN, text[match.end() :]))
        if match["counted"] or asks:
            yield from _each(match, "counted")
    for match in _ONE.finditer(text):
        before_figure = match["of"] is not None and match.end() in figures
        if match["of"] is None or (before_figure and match["letters"] not in _SYLLABLES):
            yield from _each(match, "province")


def _each(match: re.Match[str], behind: str) -> Iterator[tuple[int, int, Place]]:
    """The provinces of a match; the last takes with it what stands ``behind`` (两省)."""
    first, after = match.span("letters")
    signs = [(at, sign) for at, sign in enumerate(match["letters"], first) if sign in _LETTERS]
    for number, (at, sign) in enumerate(signs, 1):
        end = max(after, match.end(behind)) if number == len(signs) else at + 1
        yield at, end, _province(sign)


@cache
def _province(sign: str) -> Place:
    return by_full_name()[_LETTERS[sign]][0]
