"""Choosing facts by place, indicator, period, status, report and words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from qa.facts.fact import Fact
from qa.facts.lexicon import canonical, parts, same_family
from qa.places import THE_NATION, Place, resolve
from qa.reports.clean_text import fold

_Test = Callable[[Fact], bool]


@dataclass(frozen=True, slots=True)
class FactFilter:
    """What a fact must be: of each field one of its values; an empty field leaves it open.

    ``places`` are full or short names, a province or a city also asks for what lies below it;
    ``indicators`` are any names of one (GDP asks for 地区生产总值), else parts of a printed name;
    ``periods`` are years or spans as facts have them. ``words``, parted by blanks, must all stand in
    the quote or the printed name.
    """

    places: tuple[str, ...] = ()
    indicators: tuple[str, ...] = ()
    periods: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    report_ids: tuple[str, ...] = ()
    words: str = ""

    def select(
        self, facts: Iterable[Fact], codes: Mapping[str, str | None] | None = None
    ) -> list[Fact]:
        """The facts that pass, in their order.

        ``codes`` are the place codes of reports, by id: they tell namesakes (鼓楼区) apart.
        """
        tests = list(self._tests(codes or {}))
        return [fact for fact in facts if all(passes(fact) for passes in tests)]

    def _tests(self, codes: Mapping[str, str | None]) -> Iterable[_Test]:
        """The cheap ones first."""
        if self.report_ids:
            yield lambda fact: fact.report_id in self.report_ids
        if self.periods:
            yield lambda fact: fact.period in self.periods
        if self.statuses:
            yield lambda fact: fact.status in self.statuses
        if self.places:
            yield lambda fact: any(
                is_in_place(fact.place, codes.get(fact.report_id), asked) for asked in self.places
            )
        if self.indicators:
            tests = [_indicator_test(asked) for asked in self.indicators]
            yield lambda fact: any(passes(fact) for passes in tests)
        if words := [fold(word).lower() for word in self.words.split()]:
            yield lambda fact: all(word in _told(fact) for word in words)


@lru_cache(maxsize=20_000)
def is_in_place(held: str | None, code: str | None, asked: str) -> bool:
    """True if a report's place, of this code if it is known, is the one asked for or lies in it.

    The nation asks for its own reports only.
    """
    if held is None or held == asked:
        return held is not None
    place = Place(code, held) if code else resolve(held)
    if place is None:
        return False
    above = resolve(asked)
    if asked in place.names or above == place:
        return True
    return above is not None and above != THE_NATION and above.contains(place.code)


def _indicator_test(asked: str) -> _Test:
    """What tells if ``asked`` is a name of a fact's indicator, or a part of the name printed
    (高新技术企业 also asks for 新增国家高新技术企业)."""
    if several := parts(asked):
        return lambda fact: any(same_family(fact.indicator, one.name) for one in several)
    known, words = canonical(asked) is not None, fold(asked).lower()
    return lambda fact: (
        (known and same_family(fact.indicator, asked))
        or words in f"{fact.indicator} {fact.printed_indicator}".lower()
    )


def _told(fact: Fact) -> str:
    quote = fold(fact.quote).replace("\n", "")
    return f"{fact.printed_indicator} {quote}".lower()
