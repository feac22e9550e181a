"""The rows of many clones, written fast: those of each base are made once by the product, and moved.

What is written is what `qa.library.tables.insert_report` would write of `scale_corpus.clones`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import Connection, Table, create_engine, select

from benchmarks.scale_corpus import Base, Move
from qa.library import tables
from qa.library.kinship import samples
from qa.reports.likeness import packed

_Row = tuple[Any, ...]
_COPIED = (tables.passages, tables.sentences, tables.facts)


@dataclass(frozen=True)
class _Template:
    """The rows of a base as the product writes them, ids counted from 1."""

    passages: Sequence[Mapping[str, Any]]
    sentences: Sequence[Mapping[str, Any]]
    facts: Sequence[Mapping[str, Any]]


def write_rows(database: Path, bases: Sequence[Base], numbers: Iterator[int]) -> None:
    """Write the clones with these numbers, which count from 0, into a database; the first of them may be
    there."""
    templates = [_template(base) for base in bases]
    engine = tables.open_database(database, writable=True)
    tables.METADATA.create_all(engine)
    with engine.begin() as connection:
        held, passages, sentences = (
            connection.exec_driver_sql(f"SELECT coalesce(max(id), 0) FROM {name}").scalar_one()
            for name in ("reports", "passages", "sentences")
        )
        for number in islice(numbers, held, None):
            row = number + 1
            base, template = bases[number % len(bases)], templates[number % len(bases)]
            move = Move(base, number)
            text = move.text(base.text)
            _insert_source(connection, row, move, text)
            _insert(connection, tables.passages, _passages(template, move, text, row, passages))
            _insert(connection, tables.sentences, _sentences(template, passages, sentences))
            _insert(connection, tables.facts, _facts(template, move, text, row, passages))
            passages += len(template.passages)
            sentences += len(template.sentences)
            # As of a text of its own: clones of one base share most of theirs, which reports do not.
            own = np.sort(
                np.random.default_rng(number).integers(2**63, size=_SAMPLED, dtype=np.uint64)
            )
            connection.execute(samples.insert().values(report=row, sample=packed(own)))
    engine.dispose()


# Shingles that are kept of a report, see `qa.reports.likeness`.
_SAMPLED = 300


def _template(base: Base) -> _Template:
    engine = create_engine("sqlite://")
    tables.METADATA.create_all(engine)
    with engine.begin() as connection:
        source = {"id": 1, "sha256": "", "text": base.text}
        connection.execute(tables.sources.insert().values(source))
        tables.insert_report(connection, 1, base.report, base.facts)
        found = [
            [dict(row._mapping) for row in connection.execute(select(t).order_by(t.c.id))]
            for t in _COPIED
        ]
    engine.dispose()
    return _Template(*found)


def _insert(connection: Connection, table: Table, rows: Iterator[_Row]) -> None:
    names = [column.name for column in table.columns if column.name != "id" or table in _WITH_ID]
    listed, held = ", ".join(f'"{name}"' for name in names), ", ".join("?" * len(names))
    if given := list(rows):
        connection.exec_driver_sql(f"INSERT INTO {table.name} ({listed}) VALUES ({held})", given)


_WITH_ID = (tables.passages, tables.sentences)


def _insert_source(connection: Connection, row: int, move: Move, text: str) -> None:
    source = move.source(text)
    values = {"id": row, "sha256": source.sha256, "text": source.text}
    connection.execute(tables.sources.insert().values(values))
    name = {"source_id": row, "name": source.name, "path": source.name}
    connection.execute(tables.files.insert().values(name))
    report = {**tables.report_row(move.report()), "id": row, "source_id": row}
    connection.execute(tables.reports.insert().values(report))


def _passages(
    template: _Template, move: Move, text: str, report: int, before: int
) -> Iterator[_Row]:
    for one in template.passages:
        start, end = one["start"], one["end"]
        headings, period = move.text(one["headings"]), move.period(one["period"])
        yield one["id"] + before, report, start, end, text[start:end], headings, one["kind"], period


def _sentences(template: _Template, passages: int, before: int) -> Iterator[_Row]:
    for one in template.sentences:
        yield one["id"] + before, one["passage"] + passages, one["start"], one["end"]


def _facts(template: _Template, move: Move, text: str, report: int, before: int) -> Iterator[_Row]:
    names = [column.name for column in tables.facts.columns if column.name != "id"]
    for one in template.facts:
        growth = one["growth_percent"]
        moved = {
            **one,
            "report": report,
            "passage": one["passage"] and one["passage"] + before,
            "value": move.figure(one["value"]),
            "growth_percent": None if growth is None else move.number(growth),
            "qualifier": one["qualifier"] and move.text(one["qualifier"]),
            "period": move.period(one["period"]),
            "quote": text[one["start"] : one["end"]],
            "level": _measure(one["level"], move),
            "growth": _measure(one["growth"], move),
        }
        yield tuple(moved[name] for name in names)


def _measure(told: str | None, move: Move) -> str | None:
    if told is None:
        return None
    fields = json.loads(told)
    fields["text"] = move.text(fields["text"])
    fields["low"], fields["high"] = move.number(fields["low"]), move.number(fields["high"])
    return json.dumps(fields, ensure_ascii=False)
