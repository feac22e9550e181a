"""The sum of things that one sentence tells side by side: 留抵退税、减税降费…这四笔加起来多少."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from qa.answers.computing.equation import Equation
from qa.answers.computing.items import LEAST_SHARED, Item, shared, words_asked
from qa.questions import Question
from qa.reports.clean_text import fold

_ASKS = re.compile("合计|共计|总共|一共|之和|总和|相加|加(?:起来|在一起|到一起|总)")
_NUMERALS = "一二三四五六七八九十"
_COUNTED = re.compile(
    rf"(?P<n>[两{_NUMERALS}]|\d+)(?:大|个)?(?:笔|项|个|者|类|样|块|种|部分|数|方面)"
)
_TAIL = re.compile(
    rf"(?:[这那][两{_NUMERALS}\d]+|[这那]几|分别|各|合计|共计|总共|一共|之和|总和|相加|加(?:起来|在一起|到一起|总)|(?:是|有)?(?:多少|几)).*"
)
_AND = re.compile("、|以及|还有|和|与|跟|及")
# What says when and where, before the first of the things.
_FRAME = re.compile(r"^.*(?:报告|年|[里中内])(?:的|,)?(?=..)")
_NAMED = 0.5


def sum_asked(question: Question, clauses: Sequence[str], items: Sequence[Item]) -> Equation | None:
    """The sum that is asked for, if the sentence has one figure for each of its parts, all exact and
    of one unit; None if not."""
    text = fold(question.text)
    if not _ASKS.search(text):
        return None
    names = _things(question)
    counted = _COUNTED.search(text)
    if len(names) < 2 or (counted and _number(counted["n"]) not in (len(names), 1)):
        return None
    told = [_told(name, names, items) for name in names]
    parts = tuple(item for item in told if item is not None)
    if len(parts) < len(names) or not _may_be_added(parts, clauses):
        return None
    return Equation("computed_sum", "plus", parts)


def _things(question: Question) -> list[str]:
    """The names joined in one clause of the question; else in that of the turn before."""
    asked = [words_asked(question), *(fold(turn) for turn in reversed(question.turns))]
    for clause in (clause for text in asked for clause in re.split("[,。?;:]", text)):
        pieces = [piece.strip() for piece in _AND.split(_TAIL.sub("", clause))]
        pieces = [_FRAME.sub("", pieces[0]), *pieces[1:]]
        if len(pieces) > 1 and all(len(piece) >= LEAST_SHARED for piece in pieces):
            return pieces
    return []


def _told(name: str, names: Sequence[str], items: Sequence[Item]) -> Item | None:
    """The one figure that stands behind the name; None if there is none, or it's as much another's."""
    marks = sorted(
        ((shared(name, item.name) / len(name), n) for n, item in enumerate(items)), reverse=True
    )
    if not marks or marks[0][0] < _NAMED or (len(marks) > 1 and marks[0][0] == marks[1][0]):
        return None
    item = items[marks[0][1]]
    rivals = [shared(other, item.name) / len(other) for other in names if other != name]
    return item if shared(name, item.name) >= LEAST_SHARED and marks[0][0] > max(rivals) else None


def _may_be_added(parts: Sequence[Item], clauses: Sequence[str]) -> bool:
    """True for different exact amounts of one unit, none of which is a part of another (其中)."""
    if len(set(parts)) < len(parts) or any(part.is_rate or not part.is_exact for part in parts):
        return False
    if not all(one.is_of_kind(other) for one, other in pairwise(parts)):
        return False
    first, last = min(part.clause for part in parts), max(part.clause for part in parts)
    return not any("其中" in clause for clause in clauses[first + 1 : last + 1])


def _number(text: str) -> int:
    if text.isdigit():
        return int(text)
    return 2 if text == "两" else _NUMERALS.index(text) + 1
