"""What a figure was before, or is elsewhere, where the sentence tells how far the one is from the other:
比“十二五”期末增加75平方公里, 高于全国7.8个百分点."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from qa.answers.computing.equation import Equation, Operator
from qa.answers.computing.items import Item, shared, words_asked
from qa.questions import Question
from qa.reports.clean_text import fold
from qa.reports.report import SectionKind

UP = "增加|增长|提高|上升|提升|扩大|高于|高出|快于|多于|领先|高|快|多"
DOWN = "减少|下降|降低|回落|缩小|低于|慢于|少于|低|慢|少"
_MOVED = re.compile(
    rf"^(?:[^,]*?)(?:比|较)(?P<base>[^,\d]*?|[^,]*?(?:19|20)\d\d年?[^,\d]*?)(?P<way>{UP}|{DOWN})了?$"
)
_STANDS = re.compile(
    rf"^(?P<way>{UP}|{DOWN})(?P<base>全国|全省|全区|全市|全自治区)(?:平均)?(?:水平|增速)?$"
)
# 投资 is the name of many things.
_SURELY_NAMED = 3
_YEAR_BEFORE = re.compile("去年|上年|上一年")
_ASKS_YEAR_BEFORE = re.compile("前一年|上一年|上年|再前|头一年")
_ASKS_VALUE = re.compile("多少|几|涨|跌|多[大高]|呢")
_ASKS_DISTANCE = re.compile(rf"(?:比|较|{UP}|{DOWN})[^,]{{0,6}}$")


@dataclass(frozen=True, slots=True)
class _Moved:
    """A figure and how far it is from its base, in the clause behind or in its own."""

    level: Item
    by: Item
    base: str
    rises: bool


def base_asked(
    question: Question, clauses: Sequence[str], items: Sequence[Item], kind: SectionKind
) -> Equation | None:
    """The figure of the base that is asked for; None if none is, or it is not clear of which thing."""
    asked = words_asked(replace(question, places=()))
    moved = [one for one in _moved(items) if _asks_for(asked, one.base, kind)]
    subject = f"{asked} {' '.join(map(fold, question.turns[-1:]))}"
    marks = sorted(
        ((shared(one.level.lead, subject), n) for n, one in enumerate(moved)), reverse=True
    )
    if not marks or marks[0][0] < _SURELY_NAMED:
        return None
    if len(marks) > 1 and marks[0][0] == marks[1][0]:
        return None
    one = moved[marks[0][1]]
    operator: Operator = "minus" if one.rises else "plus"
    return Equation("computed_of", operator, (one.level, one.by), one.base)


def _moved(items: Sequence[Item]) -> Iterator[_Moved]:
    for level, by in pairwise(items):
        if by.clause - level.clause > 1 or not (level.is_exact and by.is_exact):
            continue
        told = _MOVED.match(by.name.strip("、 ")) or _STANDS.match(by.name.strip("、 "))
        if told is None or not _is_distance(level, by):
            continue
        rises = bool(re.fullmatch(UP, told["way"]))
        yield _Moved(level, by, told["base"].strip(), rises)


def _is_distance(level: Item, by: Item) -> bool:
    """True for amounts of one unit, and for a rate and points: 增长8% is no distance of an amount."""
    if level.is_rate:
        return level.figure.kind == "percent" and by.figure.kind == "point"
    return level.is_of_kind(by)


def _asks_for(asked: str, base: str, kind: SectionKind) -> bool:
    """True if a clause of the question asks for the figure of the base itself, not for the distance."""
    if not base:
        return False
    if _YEAR_BEFORE.fullmatch(base[:3]) or _YEAR_BEFORE.fullmatch(base):
        wanted = (
            _ASKS_YEAR_BEFORE if kind != "plan" else re.compile(f"{_ASKS_YEAR_BEFORE.pattern}|去年")
        )
        return _is_asked(asked, wanted)
    return _is_asked(asked, re.compile(re.escape(base)))


def _is_asked(asked: str, named: re.Pattern[str]) -> bool:
    clauses = re.split("[,。?;]", asked)
    for n, clause in enumerate(clauses):
        found = named.search(clause)
        if found is None or _ASKS_DISTANCE.search(clause[: found.start()]):
            continue
        behind = clause[found.end() :] + ("," + clauses[n + 1] if n + 1 < len(clauses) else "")
        if _ASKS_VALUE.search(behind):
            return True
    return False
