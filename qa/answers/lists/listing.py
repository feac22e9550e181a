"""A list as a report prints it, and the sentences it stands in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from qa.answers.lists.numerals import HAN
from qa.reports.report import Passage

Form = Literal["numbered", "leads", "parallel", "colon", "names", "subjects", "problems"]
NEAR_MAX = 80
HEADED = re.compile(rf"^(?:{HAN}{{1,3}}、|\({HAN}{{1,3}}\))")


@dataclass(frozen=True, slots=True)
class Unit:
    """A sentence where it stands; it ``opens`` or ``closes`` a paragraph, or both."""

    passage: Passage
    span: tuple[int, int]
    text: str
    opens: bool
    closes: bool

    @property
    def is_heading(self) -> bool:
        is_line = self.opens and self.closes and not re.search("[。!?;:]$", self.text)
        return is_line or (self.opens and bool(HEADED.match(self.text)))


@dataclass(frozen=True, slots=True)
class Item:
    """``text`` as printed in the unit of that index."""

    text: str
    unit: int


@dataclass(frozen=True, slots=True)
class Listing:
    """``near`` are the words that announce the list or close it, ``far`` the headings above.

    ``announced`` is how many the report says there are, where it names fewer (宏悦、绿瘦等6个项目).
    """

    form: Form
    items: tuple[Item, ...]
    near: str
    far: str
    subject: str = ""
    announced: int | None = None


def paragraphs(units: Sequence[Unit]) -> Iterator[range]:
    """The indices of the units of each paragraph."""
    starts = [index for index, unit in enumerate(units) if unit.opens]
    for start, end in pairwise([*starts, len(units)]):
        yield range(start, end)


def headings_above(unit: Unit) -> str:
    return " ".join(unit.passage.headings)


def words_before(units: Sequence[Unit], index: int, start: int) -> str:
    """What a list is announced by: the words before it in its sentence, else the sentence before."""
    opening = units[index].text[:start].strip()
    if opening or index == 0:
        return opening
    return units[index - 1].text
