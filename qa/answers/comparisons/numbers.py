"""Exact numbers of printed figures, and what is computed of them in words."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from qa.facts.fact import Measure
from qa.facts.figures import Figure, find_figures

_HUNDRED_MILLION, _TEN_THOUSAND = Decimal(10**8), Decimal(10**4)


def exact(measure: Measure) -> Decimal:
    """The figure in its base unit, exactly as printed: 11.1 - 9.9 is 1.2."""
    figures = find_figures(measure.text)
    if not figures:
        return Decimal(str(measure.low))
    value = exact_of(figures[0])
    return -abs(value) if measure.low < 0 else value


def exact_of(figure: Figure) -> Decimal:
    """The figure in its base unit, exactly as printed."""
    return Decimal(figure.number) * _scale(figure)


def amount_in_words(value: Decimal, measures: Sequence[Measure], unit: str) -> str:
    """A computed amount in the figures' own unit, or, where those differ, in a round one of ``unit``."""
    printed = [find_figures(measure.text)[:1] for measure in measures]
    return amount_of(value, [figure for some in printed for figure in some], unit)


def amount_of(value: Decimal, figures: Sequence[Figure], unit: str) -> str:
    """``amount_in_words`` of figures."""
    units = {figure.unit for figure in figures}
    if len(units) == 1:
        return f"{plain(value / _scale(figures[0]))}{units.pop()}"
    if value >= _HUNDRED_MILLION:
        return f"{plain(value / _HUNDRED_MILLION)}亿{unit}"
    if value >= _TEN_THOUSAND:
        return f"{plain(value / _TEN_THOUSAND)}万{unit}"
    return f"{plain(value)}{unit}"


def _scale(figure: Figure) -> Decimal:
    """How many base units the printed unit is: 亿元 is 10⁸ 元."""
    number = float(figure.number)
    return (
        Decimal(round(figure.low / number)) if number and figure.kind != "percent" else Decimal(1)
    )


def plain(value: Decimal) -> str:
    """A number without exponent and trailing zeros."""
    return f"{value.normalize():f}"
