"""A question that asks several things, each with its own time or thing, as questions of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from qa.questions import Question
from qa.reports.clean_text import fold

_ASKS = re.compile(
    r"多少|几(?![年个十]?来|乎)|哪|谁|什么|何时|如何|怎么?|是否|吗(?:[,?]|$)|没有(?:[,?]|$)|多[大高长快]|占比|呢(?:\?|$)"
)
# What gives a clause a time, or a status, of its own.
_MOMENT = re.compile(
    r"(?P<year>(?:19|20)\d\d)年?|(?P<last>去年|上一?年|前一年)|(?P<now>今年|本年|新的?一年|当年)|(?P<next>明年|下一年|接下来)"
    r"|(?P<plan>计划|打算|准备|目标|还要|想(?!知道|问|了解|看|请)|力争|拟|再(?=[建改增装引])|要(?=[建改增装引再新]))|(?P<done>实际|已经|完成了|过去)"
)
# 比上年涨了多少 asks of no other year.
_COMPARED_WITH = re.compile(r"(?:比|较|跟|与)(?:去年|上一?年|前一年|(?:19|20)\d\d年?)")
_SENTENCE_ENDS = re.compile(r"(?<=[?;。])")
_CLAUSE_ENDS = re.compile(r"(?<=,)")
_SEVERAL_REPORTS = re.compile(
    r"(?P<years>(?:(?:19|20)\d\d年?(?:[、,和与及]|以及))+(?:19|20)\d\d)年?(?P<between>的?)(?P<count>[这那]?[两二三四五六几]份)?(?=[^,。?\d]{0,8}报告)"
)
_EACH = re.compile("各自的?|分别|各(?=是|有|为|要|定|提|说)|每份")
_YEAR = re.compile(r"(?:19|20)\d\d")
_YEAR_BEFORE = re.compile("前一年|上一?年")
_OWN_YEAR = re.compile("当年的?(?=[^,。?]{0,10}(?:目标|计划))")
_ELSE = re.compile(
    "^(?:那么?|又|再)?(?:另外|此外|还有|后来|[省市区县国]里的?(?:政府)?(?:工作)?报告)|^又[有要](?=[哪几多])"
)
_MOST_PARTS = 4
# 比刚才那个数多了多少: the difference of what the two turns before asked for.
_POINTS_BACK = re.compile(
    r"^(?:那|又|这)?[个次]?(?:比|较|跟|和|与)(?:刚才|刚刚|前面|上面|先前|之前|上[一]?[个次回])[^,]{0,8}?[^,]{0,4}(?:[多少高低]|增加|减少|提高|降低|差)[了出]?(?:多少|几)"
)
_DIFFERENCE = "相差多少?"
_ENGLISH_ENDS = re.compile(r"(?<=[?;])\s+|,?\s+(?=and (?:how|what|when|who|which|by)\b)", re.I)
_ENGLISH_MOMENT = re.compile(
    r"(?:19|20)\d\d|last year|this year|next year|plan(?:ned|s)?|target|actual(?:ly)?", re.I
)


@dataclass(frozen=True, slots=True)
class Part:
    """One of the things asked, in the question's ``words``; ``text`` is what is asked in their stead,
    ``turns`` what it leans on: those of the question, then the parts before it."""

    words: str
    text: str
    turns: tuple[str, ...]


def parts_of(question: Question) -> list[Part]:
    """The questions that the question consists of, in the order asked; empty if it is one.

    Each leans on the one before, so that place and subject are carried over, and years are not where
    it has its own.
    """
    if question.survey:
        return []
    if question.language == "en":
        return _several(list(_leaning(_english_pieces(question.text), question.turns)))
    text = fold(question.text)
    found = [
        part
        for version in _of_each_report(text)
        for part in _leaning(_pieces(version), question.turns)
    ]
    return found if any(part.text != part.words for part in found) else _several(found)


def _several(found: list[Part]) -> list[Part]:
    return found if 1 < len(found) <= _MOST_PARTS else []


def _leaning(pieces: Sequence[str], turns: Sequence[str]) -> Iterator[Part]:
    for n, piece in enumerate(pieces):
        before = (*turns, *pieces[:n])
        is_back = len(before) > 1 and bool(_POINTS_BACK.search(piece))
        yield Part(piece, _DIFFERENCE if is_back else piece, before)


def _english_pieces(text: str) -> list[str]:
    """The questions of an English sentence, each with a time or status of its own."""
    pieces = [piece.strip() for piece in _ENGLISH_ENDS.split(text) if piece.strip(" ?.,;")]
    alike = [{m.group().lower() for m in _ENGLISH_MOMENT.finditer(piece)} for piece in pieces]
    apart = all(alike) and all(not one & other for one, other in pairwise(alike))
    return pieces if apart else []


def _of_each_report(text: str) -> list[str]:
    """The question once for each of several reports that it asks for each by itself (2022年和2024年两份
    报告…各是多少), the years told from it as the report tells them; else as it is."""
    several = _SEVERAL_REPORTS.search(text)
    if several is None or not _EACH.search(text) or len(_pieces(text)) < 2:
        return [text]
    start, end = several.span()
    versions = []
    for year in _YEAR.findall(several["years"]):
        told = f"{text[:start]}{year}年的{text[end:]}"
        told = _OWN_YEAR.sub("今年的", _YEAR_BEFORE.sub("去年", _EACH.sub("", told)))
        versions.append(told)
    return versions


def _pieces(text: str) -> list[str]:
    """Runs of clauses that ask something; what asks nothing stands before what it introduces."""
    pieces: list[str] = []
    pending = ""
    for sentence in _SENTENCE_ENDS.split(text):
        for run in _runs(sentence):
            if _ASKS.search(run):
                pieces.append((pending + run).strip(" ,。?;"))
                pending = ""
            else:
                pending += run
    if pending.strip(" ,。?;") and pieces:
        pieces[-1] += f",{pending.strip(' ,。?;')}"
    return _put_together(pieces)


def _put_together(pieces: Sequence[str]) -> list[str]:
    """The pieces, those that ask of the same moment as the one before as one with it."""
    apart: list[str] = []
    for piece in pieces:
        if apart and not (_is_another(apart[-1], piece) or _POINTS_BACK.search(piece)):
            apart[-1] += f"?{piece}"
        else:
            apart.append(piece)
    return apart


def _runs(sentence: str) -> list[str]:
    """The clauses of a sentence put together where they ask of one moment."""
    runs: list[str] = []
    for clause in _CLAUSE_ENDS.split(sentence):
        if runs and not (_asks(runs[-1]) and _asks(clause) and _is_another(runs[-1], clause)):
            runs[-1] += clause
        else:
            runs.append(clause)
    return runs


def _asks(text: str) -> bool:
    return bool(_ASKS.search(text))


def _is_another(before: str, piece: str) -> bool:
    """True if a piece asks of another time, status or report than what stands before it, or says that
    it asks for something else."""
    own, known = _moments(piece), _moments(before)
    return bool(own - known) or bool(_ELSE.search(piece))


def _moments(text: str) -> set[str]:
    """The times and statuses named: years as they are, the others by their kind."""
    text = _COMPARED_WITH.sub("", text)
    return {m["year"] or str(m.lastgroup) for m in _MOMENT.finditer(text)}
