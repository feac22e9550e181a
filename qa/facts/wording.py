"""The words between an indicator and its figure, read from the right end of the text before it.

The words are in ``words.toml``. 外贸进出口总额比上年增长 reads as: subject 外贸进出口总额, a rise, with
the adverb 比上年.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from qa.facts.alternation import alternation

Role = Literal["level", "rise", "fall", "from", "base", "comparison", "conversion", "bare"]

# No verb of figures is longer and no name is; looking no further keeps reading linear.
_WINDOW = 26
_LONGEST = 80
_HAN_YEAR = "[一二][九〇零○O0][〇零○O0一二三四五六七八九]{2}"
_YEAR = rf"(?:到|至)?(?:(?:(?:19|20)\d\d|{_HAN_YEAR})年|(?<=[到至])(?:去年|今年|上年))(?:底|末|初|的|来|以来)?"
_EACH = "(?:每人|人均|每户|每亩|每月|每年|年均|每人每年|每人每月|户均)?"
_AGAINST = (
    rf"(?:比|较|是|为|相当于|相较于|与)(?:上年|去年|{_YEAR}|“?[一二三四五六十]{{1,3}}五”?[末初期时间]{{0,3}}|五年前|上一?年同期"
    r"|去年同期|(?:前|过去|近)[一二三四五两]年(?:平均)?|上届|改革开放初期|同期|年初|前一年|上半年)(?:相比)?的?"
)
_FROM = rf"(?:从|由)(?:{_YEAR}|“?[一二三四五六十]{{1,3}}五”?[末初期]?|上年|去年|五年前|[上前]一?年末?|年初)?的?{_EACH}"
_BASE = rf"(?:比|较)(?:{_YEAR}|上年|去年|“?[一二三四五六十]{{1,3}}五”?末?)的"


@dataclass(frozen=True, slots=True)
class Head:
    """The text before a figure: ``subject`` is ``text[start:end]`` without verbs and adverbs.

    ``adverbs`` and ``lead`` are what was taken off its right and left; ``moved`` is True for 提高到
    (a level reached by a change).
    """

    subject: str
    start: int
    end: int
    role: Role
    adverbs: str
    moved: bool = False
    lead: str = ""


@cache
def words(name: str) -> tuple[str, ...]:
    """A list of ``words.toml``, longest first."""
    data = tomllib.loads(files(__package__).joinpath("words.toml").read_text("utf-8"))
    return tuple(sorted(data[name], key=len, reverse=True))


@cache
def any_of(name: str) -> str:
    """A list of ``words.toml`` as a pattern."""
    return alternation(words(name))


@cache
def _trailing() -> re.Pattern[str]:
    return re.compile(
        rf"(?:(?P<comparison>(?:{any_of('comparisons')}|比(?![重例率])[^,;、]{{1,12}}[高低快多少])[^,;、\d]{{0,20}}[点]?)"
        rf"|(?P<conversion>{any_of('conversions')})"
        rf"|(?P<base>{_BASE})|(?P<from>{_FROM})"
        rf"|(?P<against>{_AGAINST})"
        rf"|(?P<to>(?:{any_of('change')})(?:{any_of('to')})(?:{_YEAR}|去年|今年|上年)?的?)"
        rf"|(?P<rise>(?:{any_of('rise')})了?)|(?P<fall>(?:{any_of('fall')})了?)"
        rf"|(?P<level>{any_of('level')})|(?P<year>{_YEAR})|(?P<adverb>{any_of('adverbs')}))$"
    )


@cache
def _growth_noun() -> re.Pattern[str]:
    return re.compile(rf"(?:{any_of('growth_nouns')})$")


@cache
def _fall_noun() -> re.Pattern[str]:
    return re.compile(r"(?:降幅|跌幅)$")


@cache
def _leading() -> re.Pattern[str]:
    careful = r"\([^()]{1,4}\)|为(?=全[市区县省]|企业|群众)|在全[市区县省国](?:率先|首批)?|共(?![享同建青产])|和(?![谐平田美])"
    return re.compile(
        rf"(?:{any_of('leading')}|{careful}|{_YEAR}|\d{{1,2}}月(?:\d{{1,2}}日|底|末)?)"
    )


@cache
def _predicates() -> re.Pattern[str]:
    # 户居民, 栋高层建筑: nouns whose first sign is a predicate elsewhere.
    return re.compile(rf"(?!{any_of('nouns_like_predicates')}){any_of('predicates')}")


def starts_predicate(text: str, at: int) -> bool:
    """True if ``text`` goes on at ``at`` with a predicate (位居全市第一), not with a noun."""
    return _predicates().match(text, at) is not None


def read_head(text: str, start: int, end: int) -> Head:
    """Read ``text[start:end]``, the words before a figure."""
    start = max(start, end - _LONGEST)
    stop, moved = end, False
    role: Role = "bare"
    while stop > start:
        match = _trailing().search(text, max(start, stop - _WINDOW), stop)
        if match is None:
            break
        found = _role(match, text, start)
        if found is not None and role in ("bare", "level"):
            turned = role == "level" and _growth_noun().search(text, start, stop)
            if role == "bare" or turned or found in ("comparison", "conversion"):
                role = found
            elif role == "level" and found in ("rise", "fall"):
                # 增长目标为…: a verb of change before a level verb belongs to the subject.
                break
            moved = moved or match["to"] is not None
        elif found in ("rise", "fall"):
            break
        stop = match.start()
    return _without_leading(text, start, stop, end, role, moved)


def _role(match: re.Match[str], text: str, start: int) -> Role | None:
    for role in ("comparison", "conversion", "base", "from", "rise", "fall", "level"):
        if match[role]:
            if role in ("rise", "fall") and _fall_noun().search(match[role]):
                return "fall"
            return role
    return "level" if match["to"] else None


def _without_leading(text: str, start: int, stop: int, end: int, role: Role, moved: bool) -> Head:
    first = start
    while match := _leading().match(text, start, stop):
        start = match.end()
    lead, adverbs = text[first:start], text[stop:end]
    return Head(text[start:stop], start, stop, role, adverbs, moved, lead)
