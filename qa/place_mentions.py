"""Places named in a question: whose report is asked, and what a report is asked about."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from weakref import WeakKeyDictionary

from qa.facts.lexicon import find_indicators
from qa.place_letters import lettered_places
from qa.places import (
    THE_NATION,
    HeldPlaces,
    Place,
    by_full_name,
    by_nickname,
    by_short_name,
    resolve,
)
from qa.reports.clean_text import cut_out

QUOTED_TERM = re.compile("(“[^”]{1,20}”)")
_NATION_WORDS = ("国务院", "全国", "State Council", "我国", "China")
# 全国首个…, 全国唯一…: the nation is what something is ranked in, not whose report is asked.
_RANKED_IN = re.compile(
    r"(?:范围内?|各地)?[的中里]?(?:第[一二三四五六七八九十\d]+[个家名位座条批次例](?!五年)|首[个家座条批次例创]|唯一|最[早大多高先快好]|率先|前[列十百\d])"
)
# 羊城晚报 is a newspaper, 鹏城实验室 a laboratory.
_NAMES_ANOTHER = re.compile(
    "晚报|日报|早报|广场|大道|路|街|通卡|实验室|大学|学院|银行|机场|集团|杯|论坛"
)
_ITS_REPORT = re.compile(
    r"的?(?:(?:19|20)\d\d年)?的?(?:政府)?(?:工作)?报告(?:里|中|提|说|写|讲|称|:|,)"
)
# What may follow a short place name that is the place itself, not part of another name.
_PLACE_BOUNDARY = re.compile(
    r"(?:$|[,。?!:;、()\s]|[的去今上本过第12在和与跟比呢市省区县这全各谁哪有是要想为打定给财一政十“A-Za-z])"
)
# Divisions whose short name is an everyday word: in a question only their full name counts.
_EVERYDAY_WORDS = """
三元 三江 三河 上街 东方 东风 中原 中方 中站 乐业 二七 云霄 互助 仁和 会同 元宝 光泽 公安
共和 兴业 兴国 凤凰 利通 前进 前锋 北关 南关 南部 友好 友谊 双城 古城 合作 同德 同心 名山
向阳 和平 和政 回民 城东 城中 城关 城北 城区 城口 城西 增城 复兴 大关 大厂 大名 大方 大观
天涯 天等 太平 太湖 安定 安居 宏伟 宝塔 富民 富源 富裕 小店 山城 工农 市中 市北 市南 平原
平和 平安 平房 延长 建设 惠农 惠民 振兴 政和 故城 文化 新兴 新华 新城 新建 方正 无为 明山
朝阳 比如 民和 民权 永和 江北 江南 江口 河口 海棠 海港 清水 清河 温泉 港口 湖里 滨海 滨湖
灯塔 爱民 牡丹 白银 站前 红旗 绿园 老城 老边 解放 资源 路北 路南 路桥 运河 通道 长子 长安
集贤 青山 高新
"""
_EVERYDAY = frozenset(_EVERYDAY_WORDS.split())


@dataclass(frozen=True, slots=True)
class PlaceMention:
    """A place a question names. ``loose`` if only its short name stands before another noun
    (绍兴儿童公园), which may as well be told by a district's report."""

    place: Place
    loose: bool = False


def read_places(
    text: str, held: HeldPlaces
) -> tuple[tuple[PlaceMention, ...], str, tuple[str, ...]]:
    """The places named, the most specific of a chain (绍兴市越城区), the text without them, and the
    names in it that only a report named is to speak of."""
    quoted = [quote.span() for quote in QUOTED_TERM.finditer(text)]
    found: list[tuple[int, int, PlaceMention]] = []
    matches = list(_place_pattern(held).finditer(text))
    begun = {mention.start for mention in find_indicators(text)}
    begun |= {match.start() for match in matches if match.group() in by_full_name()}
    for match in matches:
        mention = _mention(match, text, held, is_whole=match.end() in begun)
        # “全国乡村特色产业超十亿元镇” is a title.
        if mention and not any(a < match.start() < b - len(match.group()) - 1 for a, b in quoted):
            found.append((match.start(), match.end(), mention))
    for start, end, province in lettered_places(text):
        if all(end <= a or b <= start for a, b, _ in found):
            found.append((start, end, PlaceMention(province)))
    found.sort(key=lambda one: one[:2])
    found, spoken = _with_reports(found, held, text)
    kept = _asked_about(found, held, text)
    named = [(start, end) for start, end, mention in found if not mention.loose]
    return tuple(dict.fromkeys(kept)), cut_out(text, named), spoken


def _with_reports(
    found: list[tuple[int, int, PlaceMention]], held: HeldPlaces, text: str
) -> tuple[list[tuple[int, int, PlaceMention]], tuple[str, ...]]:
    """The mentions of places whose report is asked, and the names of the others where a report is
    named: 1998年国务院报告里澳门哪天回归."""
    if not any(_ITS_REPORT.match(text, end) for _, end, _ in found):
        return found, ()
    asked = [
        one
        for one in found
        if one[2].place in held or one[2].place == THE_NATION or _ITS_REPORT.match(text, one[1])
    ]
    others = [mention.place for _, _, mention in found if mention not in [m for *_, m in asked]]
    return asked, tuple(dict.fromkeys(min(place.names, key=len) for place in others))


def _asked_about(
    found: list[tuple[int, int, PlaceMention]], held: HeldPlaces, text: str
) -> list[PlaceMention]:
    """The mentions that the question is about: not 全国首个…, nor the city before its district."""
    kept = []
    for index, (_, end, mention) in enumerate(found):
        others = [m for _, _, m in found if m.place != mention.place]
        if mention.place == THE_NATION and others:
            continue
        inside = [m for m in others if mention.place.contains(m.place.code)]
        following = found[index + 1] if index + 1 < len(found) else None
        chained = following and following[2] in inside and text[end : following[0]] in ("", "的")
        if chained or (inside and mention.place not in held):
            continue
        kept.append(mention)
    return kept


def _mention(
    match: re.Match[str], text: str, held: HeldPlaces, *, is_whole: bool
) -> PlaceMention | None:
    """The place named, if one is; ``is_whole`` if an indicator (浙江经济总量), or the full name of a place
    (浙江越城区), begins right behind."""
    name = match.group()
    if name in _NATION_WORDS:
        ranked = _RANKED_IN.match(text, match.end())
        return None if ranked else PlaceMention(THE_NATION)
    if called := by_nickname().get(name):
        other = _NAMES_ANOTHER.match(text, match.end())
        return None if other else PlaceMention(called)
    # A name of several districts is still a place, and not one that is held.
    namesakes = by_full_name().get(name, ())
    place = held.by_name.get(name) or resolve(name, text) or next(iter(namesakes), None)
    if place is None:
        return None
    if name == place.name:
        return PlaceMention(place)
    bounded = is_whole or bool(_PLACE_BOUNDARY.match(text, match.end()))
    if not bounded and place not in held:
        return None
    return PlaceMention(place, loose=not bounded)


_PATTERNS: WeakKeyDictionary[HeldPlaces, re.Pattern[str]] = WeakKeyDictionary()


def _place_pattern(held: HeldPlaces) -> re.Pattern[str]:
    if held not in _PATTERNS:
        _PATTERNS[held] = _compiled(tuple(sorted(held.by_name)))
    return _PATTERNS[held]


@cache
def _compiled(held_names: tuple[str, ...]) -> re.Pattern[str]:
    shorts = {name for name in by_short_name() if len(name) >= 2 and name not in _EVERYDAY}
    names = {*by_full_name(), *shorts, *by_nickname(), *held_names, *_NATION_WORDS}
    names -= {"城区", "郊区", "矿区", "市区", "新区"}
    ordered = sorted(names, key=lambda name: (-len(name), name))
    return re.compile("|".join(map(re.escape, ordered)))
