"""The problems a report owns: 清醒看到…,主要是…."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from qa.answers.lists.asking import PROBLEM
from qa.answers.lists.choice import Choice
from qa.answers.lists.clauses import CLAUSE, ITEM_MAX, PART, head, pieces
from qa.answers.lists.listing import Item, Listing, Unit, headings_above
from qa.answers.lists.numerals import HAN
from qa.answers.lists.outline import Outline

_OWNS = re.compile(
    rf"(?:清醒|看到|认识到|正视|存在|面临|还有).{{0,60}}(?:{PROBLEM}|不够|不强|不优|有待|仍需|仍然|依然)"
)
_AWARE = re.compile("清醒|看到|认识到")
_LISTED_BEHIND = re.compile(r":|主要(?:体现|表现)在|主要是|主要有|比如|(?:看到|认识到),")
_ENDS_PROBLEMS = re.compile(
    r"^(?:对此|对于这些|对这些|这些|我们一定|我们(?:必须|将|要)|下一步|各位代表|今后)"
)
# 还有不少困难和挑战 names none of them.
_UNSPECIFIC = re.compile(r"(?:不少|一些|许多|诸多).{0,4}(?:困难|不足|问题|挑战)|挑战仍然不少")
_COUNTED_UP = re.compile(rf"^(?:{HAN}{{1,2}}是|\(?{HAN}{{1,2}}\)|第{HAN},)")
_PROBLEM_MAX = 60


def problems_owned(outlines: Iterable[Outline]) -> Iterator[Choice]:
    """The problems that each report owns to, those of the first report before all others."""
    for rank, outline in enumerate(outlines):
        for index, unit in enumerate(outline.units):
            if _OWNS.search(unit.text) and _AWARE.search(unit.text):
                items = _problems_from(outline.units, index)
                if len(items) > 1:
                    listing = Listing("problems", items, unit.text, headings_above(unit))
                    yield Choice(len(items) / 100 - rank, listing, outline)


def _problems_from(units: Sequence[Unit], index: int) -> tuple[Item, ...]:
    """The problems told behind the sentence that owns them, in it or in those that follow it."""
    items: list[Item] = []
    for following in range(index, len(units)):
        unit = units[following]
        if following > index and (unit.opens or _ENDS_PROBLEMS.search(unit.text)):
            break
        announced = [match.end() for match in _LISTED_BEHIND.finditer(unit.text)]
        if announced or following > index:
            items += _problems_in(unit.text[max(announced, default=0) :], following)
    specific = [item for item in items if not _UNSPECIFIC.search(item.text)]
    return tuple(specific)


def _problems_in(text: str, index: int) -> Iterator[Item]:
    parts = pieces(PART, text)
    if len(parts) == 1 and len(text) > 2 * ITEM_MAX:
        parts = pieces(CLAUSE, text)
    for part in parts:
        yield Item(head(_COUNTED_UP.sub("", part), _PROBLEM_MAX), index)
