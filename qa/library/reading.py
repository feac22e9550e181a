"""Rows of a library's tables to values: some at a time, by their keys."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from qa.facts.fact import Fact
from qa.library import tables
from qa.reports.origin import Mark, marks_between, marks_of
from qa.reports.report import Passage, Report

# SQLite builds differ in how many "?" they take; every one takes 999.
_AT_A_TIME = 500


@dataclass(frozen=True, slots=True)
class HeldFact:
    """A fact and the row id of the passage it stands in."""

    fact: Fact
    passage: int | None


@dataclass(frozen=True, slots=True)
class Entry:
    """A passage with the row ids of its sentences, in order, and the facts that stand in it."""

    passage: Passage
    sentences: tuple[int, ...]
    facts: tuple[Fact, ...]


def passages_of_sentences(connection: Connection, ids: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Row id of a sentence, row id of its passage."""
    columns = (tables.sentences.c.id, tables.sentences.c.passage)
    for some in _parts(ids):
        query = select(*columns).where(tables.sentences.c.id.in_(some))
        yield from map(tuple, connection.execute(query).all())


def facts_by_report(
    connection: Connection, rows: Sequence[int], reports: Mapping[int, Report]
) -> dict[int, list[HeldFact]]:
    """Row id of a report → its facts, in the order of the text."""
    found: dict[int, list[HeldFact]] = {row: [] for row in rows}
    for some in _parts(rows):
        columns = (*tables.FACT_COLUMNS, tables.facts.c.report, tables.facts.c.passage)
        query = select(*columns).where(tables.facts.c.report.in_(some))
        for row in connection.execute(query.order_by(tables.facts.c.id)):
            fact = tables.fact_of(row, reports[row.report])
            found[row.report].append(HeldFact(fact, row.passage))
    return found


def marks_by_source(connection: Connection, ids: Sequence[int]) -> dict[int, tuple[Mark, ...]]:
    """Row id of a source → the marks of its text, none where its form has none."""
    found: dict[int, tuple[Mark, ...]] = dict.fromkeys(ids, ())
    columns = (tables.origins.c.source_id, tables.origins.c.marks)
    for some in _parts(ids):
        query = select(*columns).where(tables.origins.c.source_id.in_(some))
        found |= {
            row.source_id: marks_of(json.loads(row.marks)) for row in connection.execute(query)
        }
    return found


def entries(
    connection: Connection,
    ids: Iterable[int],
    reports: Mapping[str, Report],
    marks_in: Callable[[Connection, set[int]], Mapping[int, tuple[Mark, ...]]],
) -> Iterator[tuple[int, Entry]]:
    """Row id of a passage, and the passage with what stands in it."""
    for some in _parts(list(ids)):
        sentences = _sentences(connection, some)
        facts = _facts(connection, some, reports)
        query = (
            select(tables.passages, tables.reports.c.report_id, tables.reports.c.source_id)
            .join(tables.reports)
            .where(tables.passages.c.id.in_(some))
        )
        rows = connection.execute(query).all()
        marks_of_source = marks_in(connection, {row.source_id for row in rows})
        for row in rows:
            marks = marks_between(marks_of_source[row.source_id], row.start, row.end)
            numbers, spans = sentences[row.id]
            passage = _passage_of(row, tuple(spans), reports[row.report_id].source, marks)
            yield row.id, Entry(passage, tuple(numbers), tuple(facts[row.id]))


def _sentences(
    connection: Connection, passages: Sequence[int]
) -> dict[int, tuple[list[int], list[tuple[int, int]]]]:
    """Row id of a passage → the row ids of its sentences and their spans."""
    found: dict[int, tuple[list[int], list[tuple[int, int]]]] = defaultdict(lambda: ([], []))
    of = tables.sentences.c
    query = select(of.passage, of.id, of.start, of.end).where(of.passage.in_(passages))
    for passage, number, start, end in connection.execute(query.order_by(of.id)).all():
        numbers, spans = found[passage]
        numbers.append(number)
        spans.append((start, end))
    return found


def _facts(
    connection: Connection, passages: Sequence[int], reports: Mapping[str, Report]
) -> dict[int, list[Fact]]:
    found = defaultdict(list)
    columns = (*tables.FACT_COLUMNS, tables.facts.c.passage, tables.reports.c.report_id)
    query = select(*columns).select_from(tables.facts).join(tables.reports)
    query = query.where(tables.facts.c.passage.in_(passages)).order_by(tables.facts.c.id)
    for row in connection.execute(query).all():
        found[row.passage].append(tables.fact_of(row, reports[row.report_id]))
    return found


def _parts(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), _AT_A_TIME):
        yield ids[start : start + _AT_A_TIME]


def _passage_of(
    row: Any, spans: tuple[tuple[int, int], ...], source: str, marks: tuple[Mark, ...]
) -> Passage:
    return Passage(
        report_id=row.report_id,
        source=source,
        start=row.start,
        end=row.end,
        text=row.text,
        headings=tuple(json.loads(row.headings)),
        kind=row.kind,
        period=row.period,
        sentences=spans,
        marks=marks,
    )
