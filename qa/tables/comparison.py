"""The comparison as a value, and its forms: a table with citations, notes, and objects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from prompts import messages
from qa.answers.answer import Cell, Citation, Table
from qa.answers.comparisons.numbers import plain
from qa.answers.figures import indicator_name
from qa.facts.fact import Status
from qa.facts.lexicon import Indicator
from qa.questions import Language
from qa.tables.computed import Computed, Computing
from qa.tables.filling import Figure
from qa.tables.subjects import Subject

_LABELS = 3


@dataclass(frozen=True, slots=True)
class Row:
    """A place, an indicator and a period, with a figure for each status and what is computed of it."""

    subject: Subject
    indicator: Indicator
    period: str
    figures: Mapping[Status, Figure]
    computed: Mapping[Computing, Computed]

    @property
    def result(self) -> Figure | None:
        """What was achieved, as far as it is told: the result, else what it was expected to be."""
        told = (self.figures.get("actual"), self.figures.get("estimate"))
        return next((figure for figure in told if figure and figure.held), None)


def grouped(rows: Sequence[Row]) -> list[list[int]]:
    """The numbers of the rows of each indicator and period."""
    found: dict[tuple[Indicator, str], list[int]] = {}
    for number, row in enumerate(rows):
        found.setdefault((row.indicator, row.period), []).append(number)
    return list(found.values())


def to_rank(rows: Sequence[Row]) -> list[Figure | None]:
    """What is ranked of the rows of one indicator and period: the results, or where there are none at
    all the targets; plans are not ranked among results."""
    results = [row.result for row in rows]
    return results if any(results) else [row.figures.get("target") for row in rows]


@dataclass(frozen=True)
class Comparison:
    """Rows by indicator, period and place; ``statuses`` and ``computed`` are its columns of figures.

    ``citations`` are numbered in the order of the table; every one is the citation of a cell.
    """

    rows: tuple[Row, ...]
    statuses: tuple[Status, ...]
    computed: tuple[Computing, ...]
    citations: tuple[Citation, ...]

    def table(self, language: Language) -> Table:
        """The table that people read: figures as printed."""
        said = messages("tables", language)
        heads = ["place", "indicator", "period", *self.statuses, *self.computed]
        rows = [tuple(self._cells(row, language)) for row in self.rows]
        return Table(tuple(said[f"head_{head}"] for head in heads), tuple(rows))

    def _cells(self, row: Row, language: Language) -> Iterator[Cell]:
        said = messages("tables", language)
        yield Cell(row.subject.label(language))
        yield Cell(indicator_name(row.indicator.name, language))
        yield Cell(row.period)
        for status in self.statuses:
            figure = row.figures[status]
            words = figure.words(language) or said[figure.told]
            yield Cell(words, figure.citation)
        for what in self.computed:
            computed = row.computed.get(what)
            yield Cell(computed.words(language) if computed else "")

    @cached_property
    def figures(self) -> tuple[Figure, ...]:
        """All figures, row by row, empty ones included."""
        return tuple(row.figures[status] for row in self.rows for status in self.statuses)

    def cells(self) -> list[list[dict[str, Any] | None]]:
        """The table's figures for programs, cell for cell: None for names and where nothing is computed."""
        return [
            [
                *[None] * _LABELS,
                *(_figure_json(row.figures[status]) for status in self.statuses),
                *(_computed_json(row, row.computed.get(what)) for what in self.computed),
            ]
            for row in self.rows
        ]

    def notes(self, language: Language) -> tuple[str, ...]:
        """What a reader must know before comparing, one sentence each."""
        from qa.tables.noting import notes_on

        return tuple(notes_on(self, language))

    def as_json(self, language: Language) -> dict[str, Any]:
        table = self.table(language)
        return {
            "columns": list(table.columns),
            "rows": [
                [{"text": cell.text, "citation": cell.citation} for cell in row]
                for row in table.rows
            ],
            "cells": self.cells(),
            "citations": [citation.as_json() for citation in self.citations],
            "notes": list(self.notes(language)),
        }

    def records(self) -> Iterator[dict[str, Any]]:
        """One flat record a figure, with what is computed of it and the place of its source."""
        cited = {citation.n: citation for citation in self.citations}
        for row in self.rows:
            for status in self.statuses:
                figure = row.figures[status]
                yield {
                    **_figure_json(figure),
                    "citations": " ".join(map(str, _numbers(figure))),
                    **_flat(figure, row.computed, self.computed),
                    **_source(cited.get(figure.citation or 0)),
                }


def _figure_json(figure: Figure) -> dict[str, Any]:
    fact, growth, place = figure.fact, figure.growth_fact, figure.subject.place_name
    return {
        "place": place,
        "indicator": figure.indicator.name,
        "period": figure.period,
        "status": figure.status,
        "told": figure.told,
        "value": fact.value if fact else None,
        "unit": fact.unit if fact else None,
        "growth_percent": growth.growth_percent if growth else None,
        "basis": growth.basis if growth else None,
        "qualifier": fact.qualifier if fact else None,
        "report_id": fact.report_id if fact else None if place else figure.subject.name,
        "citations": _numbers(figure),
    }


def _numbers(figure: Figure) -> list[int]:
    cited = (figure.citation, figure.growth_citation)
    return list(dict.fromkeys(n for n in cited if n is not None))


def _computed_json(row: Row, computed: Computed | None) -> dict[str, Any] | None:
    if computed is None:
        return None
    return {
        "place": row.subject.place_name,
        "indicator": row.indicator.name,
        "period": row.period,
        "told": "computed",
        "computed": computed.what,
        "value": plain(computed.value),
        "unit": computed.unit,
        "by": computed.kind.by,
    }


def _flat(
    figure: Figure, computed: Mapping[Computing, Computed], columns: Sequence[Computing]
) -> dict[str, str | None]:
    """What is computed of the figure; a row's other figures have these fields empty."""
    measures = figure.measures().values()
    found: dict[str, str | None] = {}
    for what in columns:
        told = computed.get(what)
        own = told if told and told.measures[0] in measures else None
        found[what] = plain(own.value) if own else None
        found[f"{what}_by"] = own.kind.by if own else None
        if what == "difference_to_target":
            found[f"{what}_unit"] = own.unit if own else None
    return found


def _source(citation: Citation | None) -> dict[str, Any]:
    names = ("source", "start", "end", "quote")
    return {name: getattr(citation, name) if citation else None for name in names}
