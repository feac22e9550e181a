"""How far a thing moved, where one sentence tells from what to what: 由2021年的16935元提高到23184元."""

from __future__ import annotations

import re
from collections.abc import Sequence

from qa.answers.computing.equation import Equation
from qa.answers.computing.items import (
    LEAST_SHARED,
    Item,
    has_unit_asked,
    items_of,
    shared,
    words_asked,
)
from qa.questions import Question
from qa.reports.clean_text import fold
from qa.reports.periods import span_of, years_in

_RISES = "提高|增加|增长|扩大|上升|提升|升|涨|拓展"
_FALLS = "下降|降低|减少|缩小|压减|降|收窄|缩短"
_FROM_TO = re.compile(rf"(?:由|从)(?P<first>[^由从]*?\d.*?)(?P<way>{_RISES}|{_FALLS})(?:到|至|为)")
_ASKS = re.compile(
    r"(?:多|少|增加|减少|(?<!新)增|减|提高|降低|下降|上升|扩大|缩小|涨|降|升|扩|添)(?:了|出|挣|赚|收|花|产|出来|进|拿)*(?:多少|几)(?!成|倍|%)"
    r"|(?:相差|差)了?(?:多少|几)"
)
_ASKS_RATE = re.compile("百分之|增长率|增速|增幅|%|倍")
_TOWN_AND_COUNTRY = (("城乡", ("城", "农")), ("城镇和农村", ("城", "农")))
_AND = re.compile("、|和|与|及")
_SPAN_EDGE = 1
# 比例 is the name of many things.
_SURELY_NAMED = 3


def rise_asked(question: Question, clauses: Sequence[str], period: str | None) -> Equation | None:
    """The difference of first and last figure; None if it is not asked for, or not clear of which
    thing, or from another year than the question names."""
    text = fold(question.text)
    if not _ASKS.search(text) or _ASKS_RATE.search(text):
        return None
    asked = f"{words_asked(question)} {' '.join(map(fold, question.turns[-1:]))}"
    told = []
    for n, clause in enumerate(clauses):
        match = _FROM_TO.search(fold(clause))
        if (
            match
            and (pair := _pair(clauses, n, match, asked))
            and _is_since(question, match, period)
        ):
            told.append((shared(fold(clause)[: match.start()], asked), pair, match["way"]))
    told.sort(key=lambda one: -one[0])
    if not told or told[0][0] < _SURELY_NAMED or (len(told) > 1 and told[0][0] == told[1][0]):
        return None
    _, (first, last), way = told[0]
    falls = re.fullmatch(_FALLS, way) is not None
    if (last.figure.low < first.figure.low) != falls:
        return None
    if not has_unit_asked(text, last):
        return None
    operands = (first, last) if falls else (last, first)
    return Equation("computed_fall" if falls else "computed_rise", "minus", operands)


def _pair(
    clauses: Sequence[str], n: int, match: re.Match[str], asked: str
) -> tuple[Item, Item] | None:
    """The two figures of the thing asked about; of several things (46503元和16935元分别提高到…) its own."""
    items = [item for item in items_of(clauses) if item.clause == n]
    ends = [item for item in items if item.figure.start >= match.end("way")]
    firsts = [i for i in items if match.start() <= i.figure.start < match.end("way")]
    if not firsts or len(firsts) > len(ends):
        return None
    ends = ends[: len(firsts)]
    at = 0 if len(firsts) == 1 else _which(fold(clauses[n])[: match.start()], len(firsts), asked)
    if at is None or not firsts[at].is_of_kind(ends[at]):
        return None
    exact = firsts[at].is_exact and ends[at].is_exact
    return (firsts[at], ends[at]) if exact else None


def _which(names: str, count: int, asked: str) -> int | None:
    """Which of several things told together is asked about; None if it is not clear."""
    signs = next((signs for name, signs in _TOWN_AND_COUNTRY if name in names), None)
    pieces = signs or _AND.split(names.removesuffix("分别"))
    if len(pieces) != count:
        return None
    marks = [shared(piece, asked) for piece in pieces]
    most = max(marks)
    least = 1 if signs else LEAST_SHARED
    return marks.index(most) if most >= least and marks.count(most) == 1 else None


def _is_since(question: Question, match: re.Match[str], period: str | None) -> bool:
    """True unless the question counts from another year than the sentence."""
    printed = years_in(match["first"])
    if not question.years:
        return True
    if printed:
        return bool(set(printed) & set(question.years))
    if period is None:
        return False
    first, last = span_of(period)
    return all(first - _SPAN_EDGE <= year <= last for year in question.years)
