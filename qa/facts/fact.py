"""The fact: one indicator in one period, with its figures and its place in the source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Basis = Literal["yoy", "yoy_real", "annual_avg", "annual_avg_real", "cumulative"]
Status = Literal["actual", "target", "estimate"]

# The fields of the fact object of the outside, in order.
FACT_FIELDS = (
    "report_id",
    "place",
    "indicator",
    "value",
    "unit",
    "growth_percent",
    "basis",
    "qualifier",
    "period",
    "status",
    "source",
    "start",
    "end",
    "quote",
)


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure as printed and as a number.

    ``start``/``end`` are source offsets of the figure with its qualifiers, ``text`` is that slice
    in clean form (``4.5%左右``, ``突破1500亿元``); a 左右 that closes a list is added to each of its
    figures. ``low`` and ``high`` are in the base unit (元, 人, %; falls are negative), equal unless
    the text prints a range. ``step`` is the worth of the last printed digit, in the same unit.
    """

    text: str
    start: int
    end: int
    low: float
    high: float
    step: float
    qualifier: str | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """One indicator in one period; its amount and its growth stand together if the text gives both.

    ``value`` is the printed number in plain digits (``"5.67"``, a range ``"4.5—5"``), ``unit`` its
    unit. ``growth_percent`` is negative for falls and the lower end of a range, whose both ends are
    then in ``qualifier`` (``"4.5%—5%"``) and in ``growth``. ``qualifier`` is the amount's if there
    is an amount, else the growth's. ``period`` is a year or a span. ``quote`` is
    ``source_text[start:end]``. ``level`` and ``growth`` are the figures with their own offsets.
    ``printed_indicator`` is the name the text uses, behind that of the part of the place that its
    paragraph is about.
    """

    report_id: str
    place: str | None
    indicator: str
    value: str | None
    unit: str | None
    growth_percent: float | None
    basis: Basis | None
    qualifier: str | None
    period: str
    status: Status
    source: str
    start: int
    end: int
    quote: str
    printed_indicator: str
    level: Measure | None = None
    growth: Measure | None = None

    def as_contract(self) -> dict[str, str | int | float | None]:
        """The fact object of the outside."""
        return {name: getattr(self, name) for name in FACT_FIELDS}

    @property
    def value_printed(self) -> str | None:
        """The amount with unit and qualifiers: ``3000亿元以上``, ``突破1500亿元``."""
        return self.level.text if self.level else None

    @property
    def growth_printed(self) -> str | None:
        """The growth with qualifiers, without its verb: ``5%左右``; the sign is in ``growth``."""
        return self.growth.text if self.growth else None
