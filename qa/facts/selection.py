"""Choosing facts by place, indicator, period and status."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from qa.facts.fact import Fact
from qa.facts.lexicon import canonical, parts, same_family
from qa.places import resolve
from qa.reports.clean_text import fold


@dataclass(frozen=True, slots=True)
class FactFilter:
    """What a fact must be; None leaves it open.

    ``place`` is a full or short name; ``indicator`` any name of one (GDP asks for 地区生产总值), else
    a part of a printed name; ``period`` a year or a span as facts have it.
    """

    place: str | None = None
    indicator: str | None = None
    period: str | None = None
    status: str | None = None

    def select(self, facts: Iterable[Fact]) -> list[Fact]:
        """The facts that pass, in their order."""
        return [fact for fact in facts if self._passes(fact)]

    def _passes(self, fact: Fact) -> bool:
        return (
            (self.period is None or fact.period == self.period)
            and (self.status is None or fact.status == self.status)
            and (self.place is None or _is_place(fact.place, self.place))
            and (self.indicator is None or is_indicator(fact, self.indicator))
        )


def _is_place(held: str | None, asked: str) -> bool:
    if held is None:
        return False
    if held == asked:
        return True
    place = resolve(held)
    return place is not None and asked in place.names


def is_indicator(fact: Fact, asked: str) -> bool:
    """True if ``asked`` is a name of the fact's indicator, or a part of the name printed
    (高新技术企业 also asks for 新增国家高新技术企业)."""
    several = parts(asked)
    if several:
        return any(same_family(fact.indicator, one.name) for one in several)
    if canonical(asked) is not None and same_family(fact.indicator, asked):
        return True
    return fold(asked).lower() in f"{fact.indicator} {fact.printed_indicator}".lower()
