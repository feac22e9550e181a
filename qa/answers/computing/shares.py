"""What share a part has of its whole, where one sentence tells both: 总值2668亿元,其中服务业2046亿元."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from qa.answers.computing.equation import Equation
from qa.answers.computing.items import LEAST_SHARED, Item, best_named, shared, words_asked
from qa.questions import Question
from qa.reports.clean_text import fold

# 增长了百分之几 asks for no share.
_ASKS = re.compile(
    r"(?:占|折|相当于?|算下来|里|中|其中)[^,。?]{0,20}(?:百分之几|百分之多少|百分比|几成)"
    r"|(?:占比|比重|比例|百分比)[^,。?]{0,6}(?:多少|多[大高]|几|呢)|占(?:了)?多大"
)
_ASKS_GROWTH = re.compile("增长|增速|增幅|下降|降幅|提高|上升|涨|跌")
_WHOLE = re.compile(r"占(?:了|到)?(?P<whole>[^,。?]{0,14}?)的?(?:百分|比重|比例|多少|多大|几)")
_POINTS_BACK = re.compile("^(?:了|里头|里面|其中|其|它|总数|全部|当中|全年|总体|这里面)*$")
_PART = "其中"
_IS_TOTAL = re.compile("总[量数额计]")


def share_asked(
    question: Question, clauses: Sequence[str], items: Sequence[Item]
) -> Equation | None:
    """The share that is asked for, if the sentence tells whole and part (其中) in one unit and does not
    print the share itself; None if not."""
    text = fold(question.text)
    if not _ASKS.search(text) or _ASKS_GROWTH.search(text):
        return None
    asked = words_asked(question)
    found = (_share(question, asked, at, clauses, items) for at in _openings(clauses))
    return next((one for one in found if one is not None), None)


def _openings(clauses: Sequence[str]) -> Iterator[int]:
    """The clauses from which on parts of what stands before are told."""
    return (n for n, clause in enumerate(clauses) if _PART in clause)


def _share(
    question: Question, asked: str, at: int, clauses: Sequence[str], items: Sequence[Item]
) -> Equation | None:
    before = fold(clauses[at]).split(_PART, 1)[0]
    # 里程639公里、其中高铁370公里,新增公路…: what stands in one clause with its whole ends with it.
    end = at + 1 if before.strip() else _end_of_parts(clauses, at)
    wholes = [i for i in items if i.clause < at or (i.clause == at and i.name in before)]
    parts = [i for i in items if at <= i.clause < end and i not in wholes and not i.is_rate]
    part = best_named(parts, asked)
    if part is None or any("占" in clause for clause in clauses[at:end]):
        return None
    whole = next((i for i in reversed(wholes) if not i.is_rate), None)
    if (
        whole is None
        or not whole.is_of_kind(part)
        or not _is_asked_of(question, asked, _name_of(whole, clauses))
    ):
        return None
    is_share = whole.is_exact and part.is_exact and part.figure.low < whole.figure.low
    return Equation("computed_share", "divided", (part, whole)) if is_share else None


def _end_of_parts(clauses: Sequence[str], at: int) -> int:
    """Where the parts end: behind a semicolon, or before the next 其中."""
    for n in range(at, len(clauses)):
        if clauses[n].rstrip().endswith((";", "；")):
            return n + 1
        if n + 1 < len(clauses) and _PART in clauses[n + 1]:
            return n + 1
    return len(clauses)


def _name_of(whole: Item, clauses: Sequence[str]) -> str:
    """The words that name the whole; of 总量达 the subject stands in the clauses before."""
    if _IS_TOTAL.match(whole.name.strip()):
        return fold("".join(clauses[: whole.clause])) + whole.name
    return whole.name


def _is_asked_of(question: Question, asked: str, whole: str) -> bool:
    """True if the question, or the turn before, names the whole; what stands behind 占 must be it."""
    named = _WHOLE.search(asked)
    if named and not _POINTS_BACK.match(named["whole"].strip()):
        return shared(named["whole"], whole) >= LEAST_SHARED
    words = " ".join((asked, *(fold(turn) for turn in question.turns[-1:])))
    return shared(words, whole) > LEAST_SHARED
