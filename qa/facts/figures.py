"""The grammar of figures: numbers with units and qualifiers, as they stand in clean text.

A figure is a number an analyst would put into a table. Dates, ordinals, rankings, names in quotes
(“9610”) and model numbers (5G, G228) are not figures.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from qa.facts.alternation import alternation

UnitKind = Literal["percent", "point", "multiple", "money", "measure", "count", "weak", "bare"]

_MULTIPLIERS = {
    "万亿": 1e12,
    "千亿": 1e11,
    "百亿": 1e10,
    "十亿": 1e9,
    "亿": 1e8,
    "千万": 1e7,
    "百万": 1e6,
    "十万": 1e5,
    "万": 1e4,
    "千": 1e3,
    "百": 1e2,
}
_HAN_DIGITS = "零一二三四五六七八九"
_HAN_SMALL = {"十": 10, "百": 100, "千": 1000}
_BEFORE = (
    "不低于|不少于|不超过|不高于|不小于|不多于|不足|至少达到|至少|最低|最高|超过|超出|突破|高于|低于|少于|多于"
    "|大于|小于|接近|将近|大约|约为|约|近|超|逾|达到或超过|破"
)
_AFTER = "左右|以上|以内|以下|上下|之内|之上|及以上|或以上|大关"
_ROUGH = "[余多来]"
_DIGITS = r"\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:[.·]\d+)?"
_HAN = "[〇零一二两三四五六七八九十百千万亿]"
_HAN_NUMBER = rf"{_HAN}{{1,16}}(?:点[〇零一二三四五六七八九]{{1,6}})?"
# Longer runs of digits are serial numbers.
_LONGEST = 40
# 首次突破千亿大关 is a figure of a table, 千亿级产业 is not.
_ROUND = ("百亿", "千亿", "万亿", "十亿", "百万", "千万")
_LINK = r"[-—~]{1,2}|至|到"
# 2.27:1 is a ratio, printed as 2.27 or 2.27倍 elsewhere.
_TO_ONE = r"[:∶]1(?![\d.:∶])"


@dataclass(frozen=True, slots=True)
class Figure:
    """A number in clean text.

    ``start``/``end`` bound number and unit (``4.5%—5%``), ``left``/``right`` take in the
    qualifiers. ``number`` is the printed number in plain digits, without unit; a range keeps both
    ends (``4.5—5``). ``low`` and ``high`` are in the unit's base (元, 人, %), equal but for ranges.
    """

    start: int
    end: int
    left: int
    right: int
    number: str
    unit: str
    kind: UnitKind
    low: float
    high: float
    qualifier: str | None = None

    @property
    def step(self) -> float:
        """What one in the last printed digit is worth: 1e8 for 1500亿元, 0.1 for 5.7%."""
        first = self.number.partition("—")[0]
        decimals = len(first.partition(".")[2])
        scale = self.low / float(first) if float(first) else 1.0
        return float(scale * 0.1**decimals)

    @property
    def is_range(self) -> bool:
        return self.low != self.high


@dataclass(frozen=True, slots=True)
class _Units:
    kinds: dict[str, UnitKind]
    pattern: str
    never: str


@cache
def _units() -> _Units:
    data = tomllib.loads(files(__package__).joinpath("units.toml").read_text("utf-8"))
    kinds: dict[str, UnitKind] = {}
    for kind in ("weak", "count", "measure", "money"):
        kinds |= dict.fromkeys(data[kind], kind)
    return _Units(kinds, alternation(kinds), alternation(data["never"]))


@cache
def _pattern() -> re.Pattern[str]:
    """One pattern for every figure; every repetition in it is bounded or over one class."""
    units = _units()
    # 千瓦 and 百分点 are units, not thousands of 瓦.
    multipliers = "|".join(_MULTIPLIERS).replace("|千|", "|千(?![瓦克米伏])|") + "(?!分)"
    unit = rf"%|‰|个百分点|百分点|倍|(?:{units.pattern})"
    digits = rf"(?<![\dA-Za-z.·+/])(?P<digits>{_DIGITS})(?P<big>亿\d{{1,5}}(?=万)|万(?:\d(?=千)|\d{{4}}(?![\d,.万亿])))?"
    second = rf"(?P<unit1>%|‰|(?:{multipliers})?)(?:{_LINK})(?P<digits2>\d+(?:[.·]\d+)?)"
    han_percent = rf"(?P<base>百分之|千分之)(?P<percent>{_HAN_NUMBER}|{_DIGITS})"
    han_second = rf"(?:(?:{_LINK})(?:百分之)?(?P<percent2>{_HAN_NUMBER}))?"
    return re.compile(
        rf"(?:(?P<before>{_BEFORE}))?"
        rf"(?:{han_percent}{han_second}|(?:{digits}(?:{second})?|(?P<han>{_HAN_NUMBER}))"
        rf"(?P<rough>{_ROUGH})?(?P<multiplier>{multipliers})?(?P<rough2>{_ROUGH})?"
        rf"(?:(?P<unit>{unit}|{_TO_ONE})|(?!大关)(?P<doubtful>[A-Za-z+×]|(?:{units.never})))?)"
        rf"(?P<after>{_AFTER})?"
    )


# Names and titles hold numbers that count nothing: “9610”, 《…2035…》.
_NAME = re.compile(r"“[^“”]{1,40}”|《[^《》]{1,60}》|\"[^\"]{1,30}\"")
_ORDINAL = re.compile(rf"(?:第|前|[Nn][Oo]\.?)(?:\d+|{_HAN}{{1,4}})")
_DATE = re.compile(
    r"(?:19|20)\d\d(?:年?[-—~至](?:19|20)?\d\d)?年(?:\d{1,2}月)?(?:\d{1,2}日)?"
    r"|\d{1,2}月(?:\d{1,2}日)?|\d{1,2}[./]\d{1,2}[./]\d{1,2}"
)


def find_figures(text: str) -> list[Figure]:
    """The figures of clean ``text``, in order, without overlaps. Linear in the length."""
    hidden = _hidden(text)
    return [figure for figure in _candidates(text) if not hidden[figure.start]]


def _hidden(text: str) -> bytearray:
    hidden = bytearray(len(text) + 1)
    for pattern in (_NAME, _ORDINAL, _DATE):
        for match in pattern.finditer(text):
            hidden[match.start() : match.end()] = b"\1" * (match.end() - match.start())
    return hidden


def _candidates(text: str) -> Iterator[Figure]:
    for match in _pattern().finditer(text):
        figure = _figure(match)
        if figure is not None:
            yield figure


def _figure(match: re.Match[str]) -> Figure | None:
    if match["percent"]:
        return _han_percent(match)
    if match.end() - match.start() > _LONGEST or _is_word(match):
        return None
    if match["doubtful"] and not _is_power(match):
        return None
    low = _number(match["digits"] or match["han"])
    if low is None:
        return None
    return _counted(match, low)


# 360度 is an angle, 年度 a year; with 万 or 亿 before it the sign is a kilowatt-hour.
_POWER = "度"


def _is_power(match: re.Match[str]) -> bool:
    """True for 三千六百二十亿度 and 3620亿度, which are of electricity."""
    scaled = f"{match['multiplier'] or ''}{match['han'] or ''}"
    return match["doubtful"] == _POWER and bool(re.search("[万亿]", scaled))


def _is_word(match: re.Match[str]) -> bool:
    """True for Chinese numerals that are words: 十佳, 一批, 两个, 三千万 without a unit is none."""
    han = match["han"]
    if han is None:
        return False
    if han in _ROUND:
        behind = match.string[match.end() : match.end() + 1]
        return match["before"] not in ("突破", "超", "超过", "逾") or "一" <= behind <= "龥"
    if match["unit"] == "倍":
        return False
    unit = match["unit"] or (match["doubtful"] if _is_power(match) else None)
    return len(han) == 1 or not unit or not re.search("[百千万亿]", han)


def _han_percent(match: re.Match[str]) -> Figure | None:
    low = _number(match["percent"])
    high = _number(match["percent2"]) if match["percent2"] else low
    if low is None or high is None:
        return None
    unit = "%" if match["base"] == "百分之" else "‰"
    number = _plain(low) if high == low else f"{_plain(low)}—{_plain(high)}"
    scale = 1.0 if unit == "%" else 0.1
    start, end = match.start("base"), match.end("percent2" if match["percent2"] else "percent")
    return _placed(match, start, end, number, unit, "percent", (low * scale, high * scale))


def _counted(match: re.Match[str], low: float) -> Figure | None:
    unit = match["unit"] or match["doubtful"] or ""
    multiplier = match["multiplier"] or ""
    number, multiplier = _scaled(match, low, multiplier)
    kind = _kind_of(unit, multiplier)
    scale = _MULTIPLIERS.get(multiplier, 1.0) * (0.1 if unit == "‰" else 1.0)
    first = float(number) * (_MULTIPLIERS.get(match["unit1"] or "", 0) or scale)
    second = _number(match["digits2"]) if match["digits2"] else None
    high = first if second is None else second * scale
    if second is not None:
        if second <= float(number) and not match["unit1"]:
            return None
        number = f"{number}—{_plain(second)}"
    start = match.start("digits") if match["digits"] else match.start("han")
    end = match.end("unit" if match["unit"] else "doubtful") if unit else _number_end(match)
    return _placed(match, start, end, number, multiplier + unit, kind, (first, high))


def _scaled(match: re.Match[str], low: float, multiplier: str) -> tuple[str, str]:
    """Number and multiplier as one prints them: 一亿二千万 is 1.2 and 亿, 3亿5000万 is 3.5 and 亿,
    2万5千 and 2万5000 are 2.5 and 万."""
    if match["big"] and match["big"][0] == "万":
        behind = match["big"][1:]
        return _plain(low + float(behind) / 10 ** len(behind)), "万"
    if match["big"]:
        return _plain(low + float(match["big"][1:]) / 1e4), "亿"
    if match["digits"]:
        return match["digits"].replace(",", "").replace("·", "."), multiplier
    han = match["han"]
    for sign, scale in (("亿", 1e8), ("万", 1e4)):
        if sign in han:
            sign = "万亿" if "万亿" in han else sign
            return _plain(low / _MULTIPLIERS.get(sign, scale)), sign
    return _plain(low), multiplier


def _number_end(match: re.Match[str]) -> int:
    return max(
        match.end(name) for name in ("digits", "digits2", "han", "multiplier", "rough", "rough2")
    )


def _kind_of(unit: str, multiplier: str) -> UnitKind:
    if unit in ("%", "‰"):
        return "percent"
    if unit in ("个百分点", "百分点"):
        return "point"
    if unit == "倍":
        return "multiple"
    if not unit or re.fullmatch(_TO_ONE, unit):
        return "count" if multiplier else "bare"
    return "measure" if unit == _POWER else _units().kinds[unit]


def _placed(
    match: re.Match[str],
    start: int,
    end: int,
    number: str,
    unit: str,
    kind: UnitKind,
    bounds: tuple[float, float],
) -> Figure:
    before, after = match["before"], match["after"]
    rough = match["rough"] or match["rough2"]
    return Figure(
        start,
        end,
        match.start() if before else start,
        match.end("after") if after and after != "大关" else end,
        number,
        unit,
        kind,
        *bounds,
        qualifier=(after if after != "大关" else None) or before or rough,
    )


def _number(text: str) -> float | None:
    """The value of plain or Chinese digits, None if they are none."""
    if (text[0].isdigit() and text.isascii()) or "·" in text:
        return float(text.replace(",", "").replace("·", "."))
    return han_number(text)


def han_number(text: str) -> float | None:
    """``十一点八`` → 11.8, ``四千五百六十四亿`` → 4.564e11; None if it is no number."""
    whole, _, fraction = text.replace("两", "二").replace("〇", "零").partition("点")
    value = _han_whole(whole)
    if value is None:
        return None
    digits = "".join(str(_HAN_DIGITS.find(sign)) for sign in fraction)
    return value + (float(f"0.{digits}") if digits else 0.0)


def _han_whole(text: str) -> float | None:
    if text == "万亿":
        return 1e12
    total = section = digit = 0.0
    for sign in text:
        if sign in _HAN_DIGITS:
            # Two digits in a row are a year or a list (一二三产), not a number.
            if digit:
                return None
            digit = float(_HAN_DIGITS.index(sign))
        elif sign in _HAN_SMALL:
            section += (digit or 1.0) * _HAN_SMALL[sign]
            digit = 0.0
        else:
            scale = _MULTIPLIERS[sign]
            total = (
                (total + section + digit) * scale
                if sign == "亿"
                else total + (section + digit) * scale
            )
            section = digit = 0.0
            if not total:
                return None
    return total + section + digit


def _plain(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".")
