"""Which indicators facts tell of, for choosing among them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from qa.facts.fact import Fact
from qa.facts.lexicon import canonical


@dataclass(frozen=True, slots=True)
class HeldIndicator:
    """An indicator with the number of its facts and of the reports that tell them.

    ``english`` is None for a name outside the lexicon; ``units`` are as printed, the most used first.
    """

    name: str
    english: str | None
    facts: int
    reports: int
    units: tuple[str, ...]


def indicators_in(facts: Iterable[Fact]) -> list[HeldIndicator]:
    """The indicators of the facts, those told most often first."""
    grouped: dict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        grouped[fact.indicator].append(fact)
    found = [_held(name, own) for name, own in grouped.items()]
    return sorted(found, key=lambda one: (-one.reports, -one.facts, one.name))


def _held(name: str, facts: list[Fact]) -> HeldIndicator:
    units = [fact.unit for fact in facts if fact.unit]
    known = canonical(name)
    return HeldIndicator(
        name=name,
        english=known.english if known else None,
        facts=len(facts),
        reports=len({fact.report_id for fact in facts}),
        units=tuple(sorted(set(units), key=lambda unit: (-units.count(unit), unit))),
    )
