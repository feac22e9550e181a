"""Items without numbers that stand one after the other and open or end alike."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from qa.answers.lists.clauses import CLAUSE, ITEM_MAX, PART, head, pieces
from qa.answers.lists.listing import (
    NEAR_MAX,
    Item,
    Listing,
    Unit,
    headings_above,
    paragraphs,
    words_before,
)

_LEAD_MAX = 30
_ADDRESS = re.compile("各位代表|同志们")
# So many items open alike, in so many signs.
_LEAST_ALIKE, ALIKE_SIGNS = 3, 2
_ACTS = re.compile(r"(?=要(?!求|素|闻|地)|将|完成|建成|启动|加快|推进|突出|打造|成立|投用|重点)")


def leads(units: Sequence[Unit]) -> Iterator[Listing]:
    """Short sentences that open one paragraph after the other below a heading."""
    heading, run = "", list[int]()
    for paragraph in [*paragraphs(units), range(0)]:
        first = units[paragraph[0]] if paragraph else None
        if first and _is_lead(first) and len(paragraph) > 1:
            run.append(paragraph[0])
            continue
        if len(run) >= _LEAST_ALIKE:
            items = tuple(Item(head(units[i].text), i) for i in run)
            yield Listing("leads", items, heading, headings_above(units[run[0]]))
        run = []
        if first and first.is_heading:
            heading = head(first.text, 2 * ITEM_MAX)


def _is_lead(unit: Unit) -> bool:
    return (
        unit.text.endswith("。")
        and len(unit.text) <= _LEAD_MAX
        and not unit.is_heading
        and not re.search(r"\d", unit.text)
        and not _ADDRESS.search(unit.text)
    )


def parallels(units: Sequence[Unit]) -> Iterator[Listing]:
    """Paragraphs, sentences or clauses one after the other that open alike: 着力…;着力…;着力…."""
    openers = [Item(units[p[0]].text, p[0]) for p in paragraphs(units)]
    yield from _alike(openers, units)
    for paragraph in paragraphs(units):
        if len(paragraph) >= _LEAST_ALIKE:
            yield from _alike([Item(units[i].text, i) for i in paragraph], units)
    for index, unit in enumerate(units):
        yield from _alike([Item(t, index) for t in pieces(CLAUSE, unit.text)], units)
        yield from _behind_colon(units, index)


def _alike(segments: Sequence[Item], units: Sequence[Unit]) -> Iterator[Listing]:
    for opening, group in groupby(segments, key=lambda item: item.text[:ALIKE_SIGNS]):
        run = list(group)
        if len(run) < _LEAST_ALIKE or not re.fullmatch("[一-龥“]{2}", opening):
            continue
        start = units[run[0].unit].text.find(run[0].text)
        lead = words_before(units, run[0].unit, start)[-NEAR_MAX:]
        items = tuple(Item(head(item.text), item.unit) for item in run)
        yield Listing("parallel", items, lead, headings_above(units[run[0].unit]))


def _behind_colon(units: Sequence[Unit], index: int) -> Iterator[Listing]:
    lead, colon, rest = units[index].text.partition(":")
    parts = pieces(PART, rest)
    if colon and len(parts) > 1 and not re.match("一[是要]", rest):
        items = tuple(Item(_whole_if_explained(part), index) for part in parts)
        yield Listing("colon", items, lead[-NEAR_MAX:], headings_above(units[index]))


# “六横”指六个横向输水大动脉,包括A、B…6个工程: the names at its end are the explanation.
EXPLAINS = re.compile("^“[^”]{1,12}”[一-龥]{0,6}?(?:是指|指的?是?|即|就是|包括)")
_EXPLANATION_MAX = 160


def _whole_if_explained(part: str) -> str:
    return head(part, _EXPLANATION_MAX if EXPLAINS.match(part) else ITEM_MAX)


def subjects(units: Sequence[Unit]) -> Iterator[Listing]:
    """Things of one name that act one after the other: …产业园要…;…工业园要…."""
    for paragraph in paragraphs(units):
        parts = [Item(t, i) for i in paragraph for t in pieces(PART, units[i].text)]
        named = [Item(_ACTS.split(part.text, maxsplit=1)[0], part.unit) for part in parts]
        for sign, group in groupby(named, key=lambda item: item.text.rstrip("”")[-1:]):
            run = list(group)
            if len(run) < _LEAST_ALIKE or not sign or any(len(r.text) > _LEAD_MAX for r in run):
                continue
            lead = words_before(units, run[0].unit, 0)
            yield Listing("subjects", tuple(run), lead, headings_above(units[run[0].unit]))
