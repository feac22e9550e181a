"""Where reports, or two places of one report, state different values for the same thing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

from qa.facts.fact import Basis, Fact, Measure, Status
from qa.facts.lexicon import canonical

_FLOORS = frozenset(
    ("突破", "超", "超过", "以上", "逾", "不低于", "不少于", "高于", "余", "多", "多于")
)
_CEILINGS = frozenset(("以内", "以下", "不超过", "低于", "近", "接近", "不足", "少于", "不高于"))
# Printed round figures (6000亿) speak of a figure within this share of them.
_ROUNDNESS = 0.02


@dataclass(frozen=True, slots=True)
class Conflict:
    """Facts of one indicator, place, period and status whose figures do not agree.

    ``aspect`` is the unit of the amounts that differ, or ``"growth"``.
    """

    indicator: str
    place: str | None
    period: str
    status: Status
    aspect: str
    facts: tuple[Fact, ...]


def find_conflicts(facts: Iterable[Fact]) -> list[Conflict]:
    """Conflicts among ``facts``, those of a report with itself included, in the facts' order.

    Only indicators of the lexicon are compared: a printed noun phrase (项目) names many things.
    突破1500亿元 does not conflict with 1512亿元, nor 1500亿元 with 1499.6亿元, nor the steps of one
    clause (接连跨越4万亿、5万亿) with each other.
    """
    groups: dict[tuple[str, str | None, str, Status, str], list[Fact]] = defaultdict(list)
    for fact in facts:
        indicator = canonical(fact.indicator)
        if indicator is None:
            continue
        for aspect in _aspects(fact):
            # Reports whose places are unnamed are not of one place: each agrees with itself only.
            place = fact.place or fact.report_id
            key = (indicator.name, place, fact.period, fact.status, aspect)
            groups[key].append(fact)
    return [
        Conflict(*key[:4], key[4].partition(":")[0], disagreeing)
        for key, group in groups.items()
        if (disagreeing := _disagreeing(group, key[4]))
    ]


def disagreeing_with(fact: Fact, others: Iterable[Fact]) -> list[Fact]:
    """Which of ``others``, the facts of another version of the same report, state another figure for the
    same thing: of one name, period and status, none of which agrees with ``fact``."""
    alike = [
        one
        for one in others
        if (one.indicator, one.period, one.status) == (fact.indicator, fact.period, fact.status)
    ]
    found: list[Fact] = []
    for aspect in _aspects(fact):
        told = [one for one in alike if aspect in _aspects(one)]
        if not any(_agree(_measure(fact, aspect), _measure(one, aspect)) for one in told):
            found += [one for one in told if one not in found]
    return found


def _aspects(fact: Fact) -> list[str]:
    """What of a fact is compared: its amount by unit, its growth by basis."""
    found = []
    if fact.level is not None:
        found.append(_base_unit(fact.unit or ""))
    if fact.growth is not None:
        found.append(f"growth:{_plain(fact.basis)}")
    return found


def _plain(basis: Basis | None) -> str:
    return (basis or "").removesuffix("_real")


def _base_unit(unit: str) -> str:
    """亿元 and 万元 are both 元."""
    return unit.lstrip("万亿千百十") or unit


def _disagreeing(group: list[Fact], aspect: str) -> tuple[Fact, ...]:
    """The facts of the group that disagree with another one; empty if all agree."""
    found = {
        index
        for (i, one), (j, other) in combinations(_distinct(group, aspect), 2)
        if one.quote != other.quote and not _agree(_measure(one, aspect), _measure(other, aspect))
        for index in (i, j)
    }
    return tuple(group[index] for index in sorted(found))


def _distinct(group: list[Fact], aspect: str) -> list[tuple[int, Fact]]:
    """One fact for each printed figure: a figure repeated often is compared once."""
    firsts: dict[str, tuple[int, Fact]] = {}
    for index, fact in enumerate(group):
        firsts.setdefault(_measure(fact, aspect).text, (index, fact))
    return list(firsts.values())


def _measure(fact: Fact, aspect: str) -> Measure:
    measure = fact.growth if aspect.startswith("growth") else fact.level
    assert measure is not None
    return measure


def _agree(one: Measure, other: Measure) -> bool:
    if one.low <= other.high and other.low <= one.high:
        return True
    return _allows(one, other) or _allows(other, one) or _rounds_to(one, other)


def _allows(bound: Measure, exact: Measure) -> bool:
    """True if ``bound`` is printed with a qualifier that ``exact`` satisfies (突破1500, 1512)."""
    if _is_marked(bound, _FLOORS):
        return exact.high >= bound.low
    if _is_marked(bound, _CEILINGS):
        return exact.low <= bound.high
    roughly = "左右" in bound.text or "约" in bound.text
    return roughly and abs(exact.low - bound.low) <= _ROUNDNESS * 2.5 * abs(bound.low)


def _is_marked(measure: Measure, words: frozenset[str]) -> bool:
    return measure.qualifier in words


def _rounds_to(one: Measure, other: Measure) -> bool:
    """True if the coarser figure is the finer one rounded: 1500 and 1499.6, 5.7 and 5.67."""
    coarse, fine = sorted((one, other), key=lambda m: m.step, reverse=True)
    return coarse.step > fine.step and abs(coarse.low - fine.low) <= coarse.step / 2
