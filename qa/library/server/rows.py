"""The rows of a library on this disk, each with a digest of all that it stands for."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Set
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, Select, Table, inspect, select

from qa.library import tables

if TYPE_CHECKING:
    from embeddings import Labels

_AT_A_TIME = 5_000


@dataclass(frozen=True, slots=True)
class KeyedRow:
    """A row, its primary key, and the digest that tells whether it is another than before."""

    key: tuple[Any, ...]
    values: dict[str, Any]
    digest: bytes


@dataclass(frozen=True, slots=True)
class Embedded:
    """A sentence as Milvus holds it: its text and what filters ask of it."""

    sentence: int
    report: int
    text: str
    labels: Labels


def key_columns(table: Table) -> list[str]:
    """The names of a table's primary key."""
    return [column.name for column in table.primary_key.columns]


def rows_of(
    connection: Connection, table: Table, model_id: str | None = None
) -> Iterator[KeyedRow]:
    """All rows of a table, sentences as ``model_id`` embeds them; none if an earlier program made the library without it."""
    if not inspect(connection).has_table(table.name):
        return
    if table is tables.sentences:
        yield from _sentence_rows(connection, model_id)
        return
    keys = key_columns(table)
    for row in _streamed(connection, select(table)):
        values = dict(row._mapping)
        yield KeyedRow(tuple(values[name] for name in keys), values, _digest(values))


def _sentence_rows(connection: Connection, model_id: str | None) -> Iterator[KeyedRow]:
    """Sentences; what is embedded of one, and its labels, count as a part of it: if they change, its vector
    has to be another."""
    for row in _streamed(connection, _sentences_with_texts()):
        values = {c.name: getattr(row, c.name) for c in tables.sentences.columns}
        one = _embedded(row)
        yield KeyedRow(
            (row.id,),
            values,
            _digest({**values, "": [model_id, one.report, one.text, *one.labels]}),
        )


def sentences(connection: Connection, ids: Set[int] | None = None) -> Iterator[Embedded]:
    """The sentences with these row ids, or all, by row id."""
    for row in _streamed(connection, _sentences_with_texts()):
        if ids is None or row.id in ids:
            yield _embedded(row)


def _sentences_with_texts() -> Select[Any]:
    passage, report = tables.passages.c, tables.reports.c
    told = (
        passage.report,
        passage.start.label("base"),
        passage.text,
        passage.kind,
        report.place_code,
        report.year,
    )
    query = select(tables.sentences, *told).select_from(tables.sentences)
    query = query.join(tables.passages).join(tables.reports)
    return query.order_by(tables.sentences.c.id)


def _embedded(row: Row[Any]) -> Embedded:
    from embeddings import Labels

    text = row.text[row.start - row.base : row.end - row.base]
    labels = Labels(row.place_code or "", row.year or 0, row.kind)
    return Embedded(row.id, row.report, text, labels)


def _streamed(connection: Connection, query: Select[Any]) -> Iterator[Row[Any]]:
    for part in connection.execute(query.execution_options(yield_per=_AT_A_TIME)).partitions():
        yield from part


def _digest(values: dict[str, Any]) -> bytes:
    text = json.dumps(values, ensure_ascii=False, sort_keys=True, default=_hex)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:16]


def _hex(value: object) -> str:
    if isinstance(value, bytes):
        return value.hex()
    raise TypeError(type(value).__name__)
