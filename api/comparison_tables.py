"""Comparisons for people and programs: an aligned table with its sources below, and CSV."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tabulate import tabulate

from api.rendering import source_lines
from api.spreadsheets import csv_chunks

if TYPE_CHECKING:
    from qa.answers.answer import Cell
    from qa.questions import Language
    from qa.tables import Comparison


def comparison_text(comparison: Comparison, language: Language) -> str:
    """An aligned table, then its numbered sources and its notes."""
    table = comparison.table(language)
    rows = [[_marked(cell) for cell in row] for row in table.rows]
    aligned = tabulate(rows, table.columns, tablefmt="plain", disable_numparse=True)
    below = source_lines(comparison.citations, comparison.notes(language), language=language)
    return "\n".join([aligned, *below])


def _marked(cell: Cell) -> str:
    return cell.text if cell.citation is None else f"{cell.text}[{cell.citation}]"


def comparison_csv(comparison: Comparison) -> Iterator[str]:
    """One record a figure, with its source."""
    records = list(comparison.records())
    return csv_chunks(list(records[0]) if records else [], (one.values() for one in records))
