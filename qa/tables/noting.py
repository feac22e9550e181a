"""What a reader must know before comparing the figures of a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from prompts import messages
from qa.answers.figures import indicator_name
from qa.questions import Language
from qa.tables.comparison import Comparison, Row, grouped, to_rank
from qa.tables.filling import Figure, Kind


def notes_on(comparison: Comparison, language: Language) -> Iterator[str]:
    """The notes: what is not held, what is counted otherwise, what is computed of what."""
    said = messages("tables", language)
    absent = _names((row for row in comparison.rows if not row.subject.reports), language)
    if absent:
        yield said["absent"].format(places=absent)
    for indicator, figures in _by_indicator(comparison).items():
        name = indicator_name(indicator, language)
        yield from _unlike(name, figures, language)
    computed = [one for row in comparison.rows for one in row.computed.values()]
    if any(measure.qualifier for one in computed for measure in one.measures):
        yield said["qualified"]
    if "rank" in comparison.computed:
        yield from _unranked(comparison, language)


def _by_indicator(comparison: Comparison) -> dict[str, list[Figure]]:
    found: dict[str, list[Figure]] = {}
    for figure in comparison.figures:
        if figure.held:
            found.setdefault(figure.indicator.name, []).append(figure)
    return found


def _unlike(name: str, figures: list[Figure], language: Language) -> Iterator[str]:
    """Other names, bases of growth, units and thresholds under one indicator."""
    said = messages("tables", language)
    facts = [held.fact for figure in figures for held in figure.facts]
    if len({fact.indicator for fact in facts}) > 1:
        yield said["names"].format(names=_joined(fact.indicator for fact in facts))
    growing = [growth for figure in figures if (growth := figure.growth_fact)]
    if len({fact.basis for fact in growing}) > 1:
        bases = _joined(said[f"basis_{fact.basis}"] for fact in growing)
        yield said["bases"].format(indicator=name, bases=bases)
    kinds = [kind for figure in figures for kind in figure.measures() if kind.by == "amount"]
    if len({kind.unit for kind in kinds}) > 1:
        yield said["units"].format(indicator=name, units=_joined(kind.unit for kind in kinds))
    if len({_threshold(kind) for kind in kinds}) > 1:
        printed = _joined(figure.fact.printed_indicator for figure in figures if figure.fact)
        yield said["thresholds"].format(indicator=name, names=printed)


def _threshold(kind: Kind) -> tuple[float | None, bool]:
    return kind.floor, kind.is_new


def _unranked(comparison: Comparison, language: Language) -> Iterator[str]:
    """The figures that stand in no rank although others of their indicator and period do."""
    left_out = []
    for numbers in grouped(comparison.rows):
        rows = [comparison.rows[number] for number in numbers]
        if any("rank" in row.computed for row in rows):
            figures = zip(rows, to_rank(rows), strict=True)
            left_out += [
                row for row, one in figures if one and one.held and "rank" not in row.computed
            ]
    if left_out:
        names = _joined(_row_name(row, language) for row in left_out)
        yield messages("tables", language)["unranked"].format(places=names)


def _row_name(row: Row, language: Language) -> str:
    indicator = indicator_name(row.indicator.name, language)
    return f"{row.subject.label(language)}({row.period}, {indicator})"


def _names(rows: Iterable[Row], language: Language) -> str:
    return _joined(row.subject.label(language) for row in rows)


def _joined(names: Iterable[str]) -> str:
    return "、".join(dict.fromkeys(names))
