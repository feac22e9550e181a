"""Computed sentences that show their figures: 合计:19.3亿元加12.3亿元等于31.6亿元(计算)。

Each figure computed with must be one that the answer has told or quoted; the result must follow.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum

from qa.answers.claims import Claim, claims_in, plain
from qa.answers.verification.computed import Supported

_EQUATION = re.compile(
    r"(?:[^::]*[::]\s*)?(?P<left>[^::]+?)(?:等于| is )(?P<right>[^::()]+?)\s*[((](?:计算|computed)[))][。.]?\s*"
)
_OPERATOR = re.compile("(加|减|除以| plus | minus | divided by )")
_PLUS, _MINUS, _DIVIDED = ("加", " plus "), ("减", " minus "), ("除以", " divided by ")
# 比“十二五”期末增加75: what was there before is less by so much.
_IS_MORE = re.compile(
    r"(?:[比较][^,;]*|^)(?:增加|增长|提高|上升|提升|扩大|高于|高出|快于|多于|领先|高|快|多)了?(?:全[国省区市]|全自治区)?(?:平均|水平|增速)*$"
)
_IS_LESS = re.compile(
    r"(?:[比较][^,;]*|^)(?:减少|下降|降低|回落|缩小|低于|慢于|少于|低|慢|少)了?(?:全[国省区市]|全自治区)?(?:平均|水平|增速)*$"
)
_EXACT = 1e-9


@dataclass(frozen=True, slots=True)
class Equation:
    """Figures with the one operator between them, and what is told to result."""

    operator: str
    operands: tuple[Claim, ...]
    result: Claim


def read_equation(sentence: str) -> Equation | None:
    """The equation that the whole sentence is; None if it is another sentence."""
    match = _EQUATION.fullmatch(sentence.strip())
    if match is None:
        return None
    pieces = _OPERATOR.split(match["left"])
    claims = [claims_in(plain(piece)) for piece in (*pieces[::2], match["right"])]
    if len(pieces) < 3 or len(set(pieces[1::2])) > 1 or any(len(one) != 1 for one in claims):
        return None
    *operands, result = (one[0] for one in claims)
    return Equation(pieces[1], tuple(operands), result)


def operands_of(equation: Equation, pool: Sequence[Supported]) -> tuple[Supported, ...]:
    """The figures that are computed with, each once; empty if one of them is nowhere told, or the result
    does not follow from them."""
    found: list[Supported] = []
    for claim in equation.operands:
        one = next((s for s in pool if s not in found and _is_the_same(s.claim, claim)), None)
        if one is None:
            return ()
        found.append(one)
    return tuple(found) if _follows(equation, found) else ()


def _is_the_same(printed: Claim, told: Claim) -> bool:
    return (printed.low, printed.high, printed.kind, printed.unit, printed.qualifier) == (
        told.low, told.high, told.kind, told.unit, told.qualifier,
    )  # fmt: skip


def _follows(equation: Equation, operands: Sequence[Supported]) -> bool:
    result = equation.result
    values = [one.claim.low for one in operands]
    if result.qualifier or result.low != result.high or not _is_of_kind(equation, operands):
        return False
    told = result.sign * result.low
    if equation.operator in _DIVIDED:
        return len(values) == 2 and abs(100 * values[0] / values[1] - told) <= 0.5 * _step(result) + _EXACT  # fmt: skip
    if equation.operator in _PLUS:
        return _goes(operands, _IS_MORE) is False and _equal(fsum(values), told, values)
    return _goes(operands, _IS_LESS) is False and _equal(values[0] - fsum(values[1:]), told, values)


def _goes(operands: Sequence[Supported], way: re.Pattern[str]) -> bool:
    """True if a figure after the first is printed as a distance of that way: then the other operator
    leads to the base."""
    return any(way.search(one.printed) for one in operands[1:])


def _is_of_kind(equation: Equation, operands: Sequence[Supported]) -> bool:
    kinds = [one.claim.kind for one in operands]
    units = {one.claim.unit for one in operands}
    result = equation.result
    if equation.operator in _DIVIDED:
        return result.kind == "percent" and len(units) == 1 and "percent" not in kinds
    if kinds[0] == "percent" and equation.operator in (*_PLUS, *_MINUS):
        other = set(kinds[1:])
        return (other, result.kind) in (({"point"}, "percent"), ({"percent"}, "point"))
    return units == {result.unit} and len(set(kinds)) == 1


def _equal(value: float, told: float, operands: Sequence[float]) -> bool:
    return abs(value - told) <= _EXACT * max(*operands, 1.0)


def _step(claim: Claim) -> float:
    decimals = re.search(r"\.(\d+)", claim.text)
    return float(10.0 ** -(len(decimals.group(1)) if decimals else 0))
