"""The indicators by name: canonical names, aliases in Chinese and English, and a finder.

The data is ``indicators.toml``; nothing here names an indicator.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Literal

from qa.facts.alternation import alternation
from qa.reports.clean_text import fold

IndicatorKind = Literal["amount", "rate", "share", "count", "index"]


@dataclass(frozen=True, slots=True)
class Indicator:
    """A canonical indicator. Indicators of one ``family`` answer the same question."""

    name: str
    kind: IndicatorKind
    english: str
    units: tuple[str, ...]
    aliases: tuple[str, ...]
    english_aliases: tuple[str, ...]
    family: str

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name, *self.aliases, self.english, *self.english_aliases)


@dataclass(frozen=True, slots=True)
class IndicatorMention:
    """``indicators`` are named by ``text[start:end]``: several for 城乡居民人均可支配收入."""

    start: int
    end: int
    indicators: tuple[Indicator, ...]


@dataclass(frozen=True)
class _Lexicon:
    by_name: Mapping[str, Indicator]
    composites: Mapping[str, tuple[Indicator, ...]]
    finder: re.Pattern[str]
    scope: re.Pattern[str]
    dependents: frozenset[str]


@cache
def _lexicon() -> _Lexicon:
    data = tomllib.loads(files(__package__).joinpath("indicators.toml").read_text("utf-8"))
    by_name: dict[str, Indicator] = {}
    listed = [_indicator(entry) for entry in data["indicators"]]
    # Canonical names and Chinese aliases win over another indicator's English alias (GDP).
    for entry in listed:
        by_name[_key(entry.name)] = entry
    for entry in listed:
        for name in (*entry.aliases, entry.english, *entry.english_aliases):
            by_name.setdefault(_key(name), entry)
            # One patent is a patent: English names stand in the plural, questions in either.
            if name.isascii() and name.endswith("s"):
                by_name.setdefault(_key(name)[:-1], entry)
    composites = {
        _key(alias): tuple(by_name[_key(part)] for part in entry["parts"])
        for entry in data["composites"]
        for alias in entry["aliases"]
    }
    return _Lexicon(
        by_name,
        composites,
        _finder({*by_name, *composites}),
        re.compile(alternation(data["scope"]) + "的?"),
        frozenset(data["dependents"]),
    )


def _indicator(entry: Mapping[str, object]) -> Indicator:
    def words(key: str) -> tuple[str, ...]:
        value = entry.get(key, [])
        return tuple(map(str, value)) if isinstance(value, list) else ()

    return Indicator(
        name=str(entry["name"]),
        kind=entry["kind"],  # type: ignore[arg-type]
        english=str(entry["english"]),
        units=words("units"),
        aliases=words("aliases"),
        english_aliases=words("english_aliases"),
        family=str(entry.get("family", entry["name"])),
    )


def _key(name: str) -> str:
    return fold(name).lower()


def _finder(names: set[str]) -> re.Pattern[str]:
    """Any name, the longest first; Latin names only as whole words."""
    latin = alternation(name for name in names if name.isascii())
    # Words of daily use are names only where a figure stands behind them.
    chinese = alternation(n for n in names if not n.isascii() and n not in _TOO_COMMON)
    return re.compile(rf"{chinese}|(?<![A-Za-z]){latin}s?(?![A-Za-z])", re.IGNORECASE)


_TOO_COMMON = frozenset(
    {"经济", "农业", "工业", "钢", "粮食", "服务业", "制造业", "税收", "一产", "二产", "三产"}
)


@cache
def names_of(indicator: Indicator) -> tuple[str, ...]:
    """Chinese names a text may use for ``indicator``: its own, its family's, and composites."""
    lexicon = _lexicon()
    relatives = [i for i in all_indicators() if i.family == indicator.family]
    own = [name for i in relatives for name in (i.name, *i.aliases)]
    shared = [name for name, several in lexicon.composites.items() if indicator in several]
    return tuple(dict.fromkeys((*own, *shared)))


@cache
def all_indicators() -> tuple[Indicator, ...]:
    """Every indicator, in the order of the data."""
    return tuple(dict.fromkeys(_lexicon().by_name.values()))


@lru_cache(maxsize=20_000)
def canonical(name: str) -> Indicator | None:
    """The indicator called ``name`` (any alias, Chinese or English), scope words (全市) allowed.

    None for names outside the lexicon and for names of several indicators (see ``parts``).
    """
    return _lexicon().by_name.get(_without_scope(_key(name), _lexicon().by_name))


def parts(name: str) -> tuple[Indicator, ...]:
    """The indicators a composite name speaks of (城乡居民… → two); empty if it is none."""
    composites = _lexicon().composites
    return composites.get(_without_scope(_key(name), composites), ())


def _without_scope(name: str, known: Mapping[str, object]) -> str:
    """``name`` without leading scope words, as few as are needed to find it in ``known``."""
    while name not in known:
        match = _lexicon().scope.match(name)
        if not match or match.end() == len(name):
            return name
        name = name[match.end() :]
    return name


def find_indicators(text: str) -> list[IndicatorMention]:
    """Indicators named in clean ``text``, longest names first, without overlaps. Linear."""
    lexicon = _lexicon()
    found = []
    for match in lexicon.finder.finditer(text):
        key = match.group().lower()
        singular = key if key in lexicon.by_name or key in lexicon.composites else key[:-1]
        several = lexicon.composites.get(singular)
        indicators = several or (lexicon.by_name[singular],)
        found.append(IndicatorMention(match.start(), match.end(), indicators))
    return found


def dependent_nouns() -> frozenset[str]:
    """Short nouns (增加值, 产量) that lean on what was spoken of before."""
    return _lexicon().dependents


@cache
def own_tail(indicator: Indicator) -> str:
    """The last signs of a name that no other family's names hold: 死亡人数; empty if there are none."""
    tail = indicator.name[-_TAIL:]
    others = (i for i in all_indicators() if i.family != indicator.family)
    return "" if any(tail in name for other in others for name in names_of(other)) else tail


_TAIL = 4


def same_family(one: str, other: str) -> bool:
    """True if two indicator names answer the same question (GDP of nation and region)."""
    first, second = canonical(one), canonical(other)
    if first is None or second is None:
        return one == other
    return first.family == second.family


def related(indicator: Indicator, words: str) -> Indicator | None:
    """The indicator that a follow-up means by a part of another's name: 支出 after 一般公共预算收入 is
    一般公共预算支出, 农村 after 城镇居民人均可支配收入 is 农村居民人均可支配收入. None if none is near."""
    if not 2 <= len(words) <= _PART_OF_NAME:
        return None
    best: tuple[int, Indicator] | None = None
    for other in all_indicators():
        if words not in other.name or words in indicator.name:
            continue
        shared = max(
            _common_start(indicator.name, other.name), _common_end(indicator.name, other.name)
        )
        spare = len(other.name) - shared - len(words)
        if shared >= _SHARED_NAME and abs(spare) <= 1 and (best is None or shared > best[0]):
            best = shared, other
    return best[1] if best else _counterpart(indicator, words)


def _counterpart(indicator: Indicator, words: str) -> Indicator | None:
    """The indicator that stands beside this one in a composite name: 城镇 after 农村居民人均纯收入 is
    城镇居民人均可支配收入, whose name shares too little with it."""
    several = (parts for parts in _lexicon().composites.values() if indicator in parts)
    told = (one for parts in several for one in parts if words in one.name)
    return None if words in indicator.name else next(told, None)


# A follow-up's own words for an indicator, and what two names must share to be told from them.
_PART_OF_NAME, _SHARED_NAME = 6, 4


def _common_start(one: str, other: str) -> int:
    return next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))


def _common_end(one: str, other: str) -> int:
    return _common_start(one[::-1], other[::-1])
