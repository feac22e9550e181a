"""The one item of a numbered list that a question names: “交通出行”这一条列了哪几件事."""

from __future__ import annotations

import re
from dataclasses import replace

from qa.answers.lists.asking import Asked
from qa.answers.lists.choice import Choice
from qa.answers.lists.listing import Item, Unit, paragraphs
from qa.answers.lists.numerals import HAN

_NUMBER = re.compile(rf"^(?:\d{{1,2}}[.、)]|{HAN}{{1,3}}、|\({HAN}{{1,3}}\)|{HAN}是)\s*")
# 交通出行方面: what stands behind the name of an item, or tells it.
_BEHIND_NAME = re.compile("(?:方面|工程|行动)?(?:[,。:;].*)?$", re.S)
_LEAST_NAME = 4


def narrowed(asked: Asked, choice: Choice) -> tuple[Asked, Choice]:
    """What the item named is told by, sentence for sentence, in place of the names of all; as they were,
    if none is named, or several are."""
    listing, units = choice.listing, choice.outline.units
    if listing.form not in ("numbered", "leads"):
        return asked, choice
    named = [item for item in listing.items if _name(item) in asked.text and _is_name(item)]
    told = _told_behind(named[0], units) if len(named) == 1 else ()
    if not told:
        return asked, choice
    one = replace(listing, items=told, near=_name(named[0]), announced=None)
    return replace(asked, count=None), replace(choice, listing=one)


def _name(item: Item) -> str:
    return _BEHIND_NAME.sub("", _NUMBER.sub("", item.text))


def _is_name(item: Item) -> bool:
    return len(_name(item)) >= _LEAST_NAME


def _told_behind(item: Item, units: tuple[Unit, ...]) -> tuple[Item, ...]:
    """The sentences behind that of the item in its paragraph."""
    paragraph = next(some for some in paragraphs(units) if item.unit in some)
    return tuple(
        Item(units[index].text.strip().rstrip("。;"), index)
        for index in paragraph
        if index > item.unit
    )
