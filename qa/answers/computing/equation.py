"""What is computed of the figures of one sentence, with exact numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from qa.answers.comparisons.numbers import amount_of, exact_of, plain
from qa.answers.computing.items import Item

Operator = Literal["plus", "minus", "divided"]
_PERCENT_PLACES = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class Equation:
    """Figures of one sentence, in the order they are computed with; ``label`` says what results
    (a key of the answers' messages), ``of`` fills its blank."""

    label: str
    operator: Operator
    operands: tuple[Item, ...]
    of: str = ""

    def result(self) -> str:
        """The result as printed: in the figures' unit, rates in points or per cent."""
        values = [exact_of(item.figure) for item in self.operands]
        if self.operator == "divided":
            return f"{plain((100 * values[0] / values[1]).quantize(_PERCENT_PLACES))}%"
        signs = [1] * len(values) if self.operator == "plus" else [1, *[-1] * (len(values) - 1)]
        total = sum((sign * value for sign, value in zip(signs, values, strict=True)), Decimal(0))
        if self.operands[0].is_rate:
            return f"{plain(total)}{_unit_of_rates(self.operands)}"
        return amount_of(total, [item.figure for item in self.operands], self.operands[0].unit)


def _unit_of_rates(operands: Sequence[Item]) -> str:
    """Two percentages differ in points; a percentage and points make a percentage."""
    return "个百分点" if all(one.figure.kind == "percent" for one in operands) else "%"
