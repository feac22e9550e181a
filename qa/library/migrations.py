"""Libraries of earlier programs: made current as a new version, by whoever opens them first.

The version that the earlier program made stays beside it, like any version, until it ages out.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Engine, inspect
from tenacity import retry, retry_if_exception_type, stop_after_delay
from tenacity.wait import wait_random

from qa.errors import (
    LibraryBusyError,
    LibraryFormatError,
    LibraryOutdatedError,
    LibraryUnwritableError,
)
from qa.library import storage, tables
from qa.library.manifest import FORMAT, Manifest, damaged

_LOG = logging.getLogger("wenzheng.library")
# Another process may be doing the same: it copies a database and makes an index of words.
_PATIENCE_SECONDS = 60
# Without one of these there are no rows to copy: all is made anew of the texts.
_ESSENTIAL = frozenset({"sources", "files", "reports", "passages", "sentences", "facts"})


@retry(
    retry=retry_if_exception_type(LibraryBusyError),
    stop=stop_after_delay(_PATIENCE_SECONDS),
    wait=wait_random(0.1, 0.5),
    reraise=True,
)
def bring_up_to_date(library: Path) -> None:
    """Make a library of an earlier format one of today's; does nothing to others, or where none is.

    Raises ``LibraryFormatError`` for one of a later format, ``LibraryOutdatedError`` where it cannot be
    written, ``LibraryBusyError``, ``LibraryDamagedError``.
    """
    if not storage.has_library(library) or not _is_outdated(library):
        return
    try:
        with storage.exclusive(library), tables.damage_reported(library):
            if _is_outdated(library):
                _migrate(library)
    except LibraryUnwritableError as error:
        held = Manifest.read_any(storage.version_in_force(library)).format
        raise LibraryOutdatedError(
            "library_outdated", path=library, held=held, ours=FORMAT
        ) from error


def _is_outdated(library: Path) -> bool:
    held = Manifest.read_any(storage.version_in_force(library)).format
    if held > FORMAT:
        raise LibraryFormatError("library_format", held=held, ours=FORMAT)
    return held < FORMAT


def _migrate(library: Path) -> None:
    old = storage.version_in_force(library)
    held = Manifest.read_any(old)
    with storage.new_version(library) as folder:
        if migrate_version(library, old, folder, held):
            _LOG.warning(
                "the library %s was brought from format %s to %s", library, held.format, FORMAT
            )
        else:
            _LOG.warning(
                "the library %s was made anew, format %s being too old; the next `wenzheng ingest` or "
                "`wenzheng repair` makes its vectors",
                library,
                held.format,
            )


def migrate_version(library: Path, old: Path, new: Path, held: Manifest) -> bool:
    """Write into ``new`` what the version ``old`` holds, in today's format.

    False if vectors have to be made, or all had to be made anew from its texts. Raises
    ``LibraryDamagedError``.
    """
    from qa.library.indexing import finish_texts, write_lexical_index

    if not (old / storage.DATABASE).is_file():
        raise damaged(library, f"{old.name}/{storage.DATABASE} is missing")
    if not copy_rows(old / storage.DATABASE, new / storage.DATABASE):
        _rebuild(library, old, new / storage.DATABASE)
        fresh = replace(held, format=FORMAT, has_vectors=False)
        finish_texts(new, fresh, _untold, base=None)
        return False
    write_lexical_index(new, None, _untold)
    has_vectors = held.has_vectors and _take_vectors(old, new, held)
    replace(held, format=FORMAT, has_vectors=has_vectors).write(new)
    return has_vectors or not held.has_vectors


def _untold(stage: str, done: int, total: int) -> None:
    """Nobody waits for the progress of what is done in passing."""


def copy_rows(old: Path, new: Path) -> bool:
    """Make the database ``new`` in today's schema with the rows of ``old``; False if they lack what it
    needs, and nothing is made.

    Ids stay, and are never used again from here on: a column of SQLite cannot be told so later.
    """
    engine = tables.open_database(old)
    columns = _columns_of(engine)
    engine.dispose()
    if columns is None:
        return False
    engine = tables.open_database(new, writable=True)
    tables.METADATA.create_all(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("ATTACH DATABASE ? AS old", (str(old),))
        for table, names in columns.items():
            listed = ", ".join(f'"{name}"' for name in names)
            connection.exec_driver_sql(
                f"INSERT INTO main.{table} ({listed}) SELECT {listed} FROM old.{table} ORDER BY rowid"  # nosec B608
            )
        connection.commit()
    engine.dispose()
    return True


def has_todays_tables(database: Path) -> bool:
    """True if a database needs no migration."""
    engine = tables.open_database(database)
    try:
        shared = _columns_of(engine) or {}
        with engine.connect() as connection:
            return tables.never_reuses_ids(connection) and all(
                set(table.columns.keys()) == set(shared.get(table.name, ()))
                for table in tables.METADATA.sorted_tables
            )
    finally:
        engine.dispose()


def _columns_of(engine: Engine) -> dict[str, list[str]] | None:
    """Table → the columns that today's schema shares with it; None if rows cannot do without the others."""
    looked = inspect(engine)
    names = set(looked.get_table_names())
    if not names >= _ESSENTIAL:
        return None
    shared = {}
    for table in (one for one in tables.METADATA.sorted_tables if one.name in names):
        held = {column["name"] for column in looked.get_columns(table.name)}
        if any(not column.nullable for column in table.columns if column.name not in held):
            return None
        shared[table.name] = [column.name for column in table.columns if column.name in held]
    return shared


def _take_vectors(old: Path, new: Path, held: Manifest) -> bool:
    """The vectors of an index that knew no groups; False if they are not those of the sentences."""
    from embeddings import EmbeddingError
    from qa.library.indexing import regroup

    try:
        return regroup(old / storage.VECTORS, new, held)
    except EmbeddingError as error:
        _LOG.warning("the vectors of %s are left behind: %s", old, error)
        return False


def _rebuild(library: Path, old: Path, database: Path) -> None:
    from qa.library.rebuilding import salvage, write_texts
    from qa.library.rereading import Rereading, bring_corrections
    from qa.reports.parsing import PASSAGE_MAX_CHARS

    found = salvage(old / storage.DATABASE)
    if found.lost or (found.report_ids and not found.texts):
        names = ", ".join(file.name for file in found.lost)
        raise damaged(library, f"{old.name}/{storage.DATABASE}: {names}")
    write_texts(database, found.texts, PASSAGE_MAX_CHARS)
    how = Rereading("", PASSAGE_MAX_CHARS, None, lambda stage, done, total: None)
    bring_corrections(database, found.corrections, how)
