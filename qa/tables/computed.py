"""What code computes of a table's figures: ranks, and how far results are from their targets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from prompts import messages
from qa.answers.comparisons.numbers import amount_in_words, exact, plain
from qa.facts.fact import Measure
from qa.questions import Language
from qa.tables.filling import Figure, Kind

Computing = Literal["rank", "difference_to_target"]


@dataclass(frozen=True, slots=True)
class Computed:
    """A computed number: a rank (1 is the highest) among ``count``, or a difference in the base unit
    of ``kind`` (元, 人; percentage points for rates), with the figures it is made of."""

    what: Computing
    value: Decimal
    kind: Kind
    count: int
    measures: tuple[Measure, ...]

    @property
    def unit(self) -> str | None:
        """What ``value`` is in; None for a rank."""
        if self.what == "rank":
            return None
        return "个百分点" if self.kind.is_rate else self.kind.unit

    def words(self, language: Language) -> str:
        said = messages("tables", language)
        if self.what == "rank":
            return said[f"rank_{self.kind.by}"].format(rank=plain(self.value), count=self.count)
        if not self.value:
            return said["met"]
        more = "more" if self.value > 0 else "less"
        if self.kind.is_rate:
            return said[f"points_{more}"].format(value=plain(abs(self.value)))
        amount = amount_in_words(abs(self.value), self.measures, self.kind.unit)
        return said[f"amount_{more}"].format(value=amount)


def difference(result: Figure, target: Figure) -> Computed | None:
    """How far a result is from its target; growth where both tell it, else amounts of one unit."""
    told, aimed = result.measures(), target.measures()
    shared = [kind for kind in told if kind in aimed]
    if not shared:
        return None
    kind = next((kind for kind in shared if kind.by == "growth"), shared[0])
    value = exact(told[kind]) - exact(aimed[kind])
    return Computed("difference_to_target", value, kind, 0, (told[kind], aimed[kind]))


def ranks(figures: Sequence[Figure | None]) -> list[Computed | None]:
    """The rank of each figure among those of the kind that most of them are of; equals share one.

    None for figures of another kind, and for all if there are no two to rank.
    """
    measures = [figure.measures() if figure else {} for figure in figures]
    counted = Counter(kind for told in measures for kind in told)
    kind = max(counted, key=lambda one: counted[one], default=None)
    if kind is None or counted[kind] < 2:
        return [None] * len(figures)
    values = [exact(told[kind]) if kind in told else None for told in measures]
    ranked = [value for value in values if value is not None]
    return [
        None
        if value is None
        else Computed(
            "rank",
            Decimal(1 + sum(other > value for other in ranked)),
            kind,
            len(ranked),
            (told[kind],),
        )
        for value, told in zip(values, measures, strict=True)
    ]
