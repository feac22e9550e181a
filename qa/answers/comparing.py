"""Differences and rankings of figures, computed by code and labelled as computed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from qa.facts.fact import Fact, Measure

_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_COMPARES = re.compile(
    r"差多少|相差|差几|差距|相比|对比|比.{0,12}(?:[高低快慢]|多(?!少)|(?<!多)少)|多了多少|多多少|还要(?:增加|提高)|[高低多少]多少|更[高低快慢多少大小]"
    r"|谁|哪[个家座].{0,6}[快慢高低多少大小]|排(?:一下|序|名)|从[高低]到[低高]|difference|higher|lower|faster|compare",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Compared:
    """Two or more figures of one kind, highest first, and the distance of the first two ends.

    ``unit`` is that of ``difference``: the figures' own, or 个百分点 between rates.
    """

    order: tuple[int, ...]
    difference: str
    unit: str
    equal: bool


def asks_to_compare(text: str) -> bool:
    """True if a difference, a ranking or a verdict is asked for."""
    return bool(_COMPARES.search(text))


def compare(facts: Sequence[Fact], *, growth: bool) -> Compared | None:
    """Compare growth rates or amounts; None where the figures are not of one kind.

    Exact decimals of the printed figures are used, so that 11.1 - 9.9 is 1.2. Ranges are not
    compared: 4.5%—5% is neither above nor below 4.8%.
    """
    measures = [fact.growth if growth else fact.level for fact in facts]
    if len(facts) < 2 or any(m is None or m.low != m.high for m in measures):
        return None
    known = [measure for measure in measures if measure is not None]
    units = {"%" if growth else (fact.unit or "") for fact in facts}
    if len(units) != 1:
        return None
    unit = units.pop()
    values = [_decimal(measure) for measure in known]
    order = tuple(sorted(range(len(values)), key=lambda i: -values[i]))
    difference = values[order[0]] - values[order[-1]]
    return Compared(
        order, f"{difference.normalize():f}", "个百分点" if unit == "%" else unit, difference == 0
    )


def _decimal(measure: Measure) -> Decimal:
    """The printed number with its sign; Chinese numerals through the normalised value."""
    match = _NUMBER.search(measure.text.replace(",", "").replace("·", "."))
    if match is None:
        return Decimal(str(measure.low))
    number = Decimal(match.group())
    return -number if measure.low < 0 else number
