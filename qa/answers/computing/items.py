"""A sentence's clauses, and each figure in it with the words that name it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from qa.facts.figures import Figure, find_figures
from qa.questions import Question
from qa.reports.clean_text import fold

# Not the comma within 6，600.
_CLAUSE_ENDS = re.compile(r"(?<=[,，;；])(?<!\d[,，](?=\d{3}))")
_MULTIPLIER = re.compile("^[十百千万亿]+")
_RATES = ("percent", "point")


@dataclass(frozen=True, slots=True)
class Item:
    """A figure of the clause numbered ``clause``; ``name`` are the clause's words before it, from the
    last 、 on, ``lead`` those from the last figure on; ``printed`` is the figure as it stands there."""

    clause: int
    name: str
    printed: str
    figure: Figure
    lead: str = ""

    @property
    def unit(self) -> str:
        """The unit without its multiplier: 万亿元 is 元."""
        return self.figure.unit if self.is_rate else _MULTIPLIER.sub("", self.figure.unit)

    @property
    def is_rate(self) -> bool:
        return self.figure.kind in _RATES

    @property
    def is_exact(self) -> bool:
        """False for ranges, and for 约, 以上 and the like: of those nothing is computed."""
        return self.figure.low == self.figure.high and self.figure.qualifier is None

    def is_of_kind(self, other: Item) -> bool:
        return (self.figure.kind, self.unit) == (other.figure.kind, other.unit)


def clauses_of(text: str) -> list[str]:
    """The clauses of a sentence as printed; joined they are the sentence."""
    return _CLAUSE_ENDS.split(text)


def items_of(clauses: Sequence[str]) -> list[Item]:
    return [item for n, clause in enumerate(clauses) for item in _items(n, fold(clause))]


def _items(number: int, clause: str) -> Iterator[Item]:
    behind = 0
    for figure in find_figures(clause):
        start = clause.rfind("、", 0, figure.left) + 1
        name, lead = clause[start : figure.left], clause[behind : figure.left]
        printed = clause[figure.left : figure.right]
        yield Item(number, name, printed, figure, lead)
        behind = figure.right


def shared(one: str, other: str) -> int:
    """How many signs the longest run has that both hold."""
    return SequenceMatcher(None, one, other, autojunk=False).find_longest_match().size


_UNIT_ASKED = re.compile(
    "(?:多少|几)(?:[万亿]|个(?=百分点))*(?P<unit>百分点|公里|平方|[元亩吨斤台套张户家人])"
)


def has_unit_asked(text: str, item: Item) -> bool:
    """False if another unit is asked for than the item has: 公里 are no 百分点."""
    asked = _UNIT_ASKED.findall(text)
    if not asked:
        return True
    if item.is_rate:
        return "百分点" in asked
    alike = {"户": "家", "家": "户", "套": "台"}
    return any(unit in item.unit or alike.get(unit, unit) in item.unit for unit in asked)


def words_asked(question: Question) -> str:
    """The question's own words without the places asked of."""
    text = fold(question.text)
    for name in (name for mention in question.places for name in mention.place.names):
        text = text.replace(name, " ")
    return text


def best_named(items: Sequence[Item], asked: str) -> Item | None:
    """The item whose name shares most with what is asked; None if none, or two, share as much."""
    told = sorted(((shared(item.name, asked), n) for n, item in enumerate(items)), reverse=True)
    if not told or told[0][0] < LEAST_SHARED or (len(told) > 1 and told[0][0] == told[1][0]):
        return None
    return items[told[0][1]]


# Signs in a row that name a thing.
LEAST_SHARED = 2
