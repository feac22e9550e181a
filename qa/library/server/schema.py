"""The tables of a library in PostgreSQL: each row with the versions it is there in.

Beside each table of ``qa.library.tables``, say ``reports``, stands ``reports_rows``, which holds the rows
of all versions; ``reports`` is a view of those in the version that the connection is set to. So whatever
reads an embedded library reads this one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    DateTime,
    Integer,
    LargeBinary,
    MetaData,
    Sequence,
    String,
    Table,
    Text,
    and_,
    cast,
    func,
    or_,
    select,
)
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from qa.library import corrections, kinship, tables

ROWS = MetaData()
# Each attempt to publish has a number of its own, whether it succeeds or not: what a failed one left in
# Milvus is known by it.
ATTEMPTS = Sequence("attempts", metadata=ROWS)

versions = Table(
    "versions",
    ROWS,
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("manifest", Text, nullable=False),
    Column("made", DateTime(timezone=True), nullable=False, server_default=func.now()),
)
# Attempts that were not, or not yet, successful.
begun = Table(
    "begun",
    ROWS,
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("made", DateTime(timezone=True), nullable=False, server_default=func.now()),
)
originals = Table(
    "originals",
    ROWS,
    Column("sha256", String, primary_key=True),
    Column("size", BigInteger, nullable=False),
)
original_parts = Table(
    "original_parts",
    ROWS,
    Column("sha256", String, primary_key=True),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("content", LargeBinary, nullable=False),
)
identity = Table("identity", ROWS, Column("id", String, primary_key=True))

# Imported above for the tables that they add.
assert corrections.corrections.metadata is kinship.kin.metadata is tables.METADATA
TABLES = tuple(tables.METADATA.sorted_tables)


def _with_versions(table: Table) -> Table:
    columns = [
        Column(c.name, c.type, primary_key=c.primary_key, nullable=c.nullable, autoincrement=False)
        for c in table.columns
    ]
    return Table(
        f"{table.name}_rows",
        ROWS,
        *columns,
        Column("added", BigInteger, primary_key=True, autoincrement=False),
        Column("removed", BigInteger),
        Column("digest", LargeBinary, nullable=False),
    )


OF_TABLE = {table.name: _with_versions(table) for table in TABLES}


def view_of(name: str, columns: Iterable[str]) -> str:
    """The statement that makes the view of a table in the version that the connection is set to."""
    at = "current_setting('wenzheng.version')::bigint"
    listed = ", ".join(f'"{column}"' for column in columns)
    there = f"added <= {at} AND (removed IS NULL OR removed > {at})"
    # Names of our own tables and columns.
    return f"CREATE VIEW {name} AS SELECT {listed} FROM {name}_rows WHERE {there}"  # nosec B608


def version_at() -> ColumnElement[int]:
    """The version that the connection is set to."""
    return cast(func.current_setting("wenzheng.version"), BigInteger)


def is_there(
    rows: ReadOnlyColumnCollection[str, Any], at: ColumnElement[int]
) -> ColumnElement[bool]:
    """Whether a row of a ``…_rows`` table is there in a version."""
    return and_(rows.added <= at, or_(rows.removed.is_(None), rows.removed > at))


def mark_of(connection: Connection, version: int) -> str:
    """What tells a version from another of the same number: when a database is restored from a backup, its
    next versions have numbers that had been given before, and caches know the earlier ones."""
    made = connection.execute(select(versions.c.made).where(versions.c.version == version))
    return f"{version:06d}-{made.scalar_one():%Y%m%d%H%M%S%f}"


def current(connection: Connection) -> int | None:
    """The version in force, None before the first."""
    return connection.execute(select(func.max(versions.c.version))).scalar()
