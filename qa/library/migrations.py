"""Libraries of earlier programs: made current as a new version, by whoever opens them first.

The version that the earlier program made stays beside it, like any version, until it ages out.
"""

from __future__ import annotations

import logging
import shutil
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Engine, Table, inspect
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
# Another process may be doing the same: it copies a database and links two indexes.
_PATIENCE_SECONDS = 60
# Without one of these there is nothing to add a column or a table to: all is made anew of the texts.
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
                "the library %s was made anew from its texts, format %s being too old; the next "
                "`wenzheng ingest` or `wenzheng repair` makes its vectors",
                library,
                held.format,
            )


def migrate_version(library: Path, old: Path, new: Path, held: Manifest) -> bool:
    """Write into ``new`` what the version ``old`` holds, in today's format.

    False if that took making it anew from its texts, without vectors. Raises ``LibraryDamagedError``.
    """
    from qa.library.indexing import finish_texts, link

    if not (old / storage.DATABASE).is_file():
        raise damaged(library, f"{old.name}/{storage.DATABASE} is missing")
    database = new / storage.DATABASE
    shutil.copyfile(old / storage.DATABASE, database)
    if _complete_schema(database):
        for name in (storage.LEXICAL, storage.VECTORS):
            if (old / name).exists():
                shutil.copytree(old / name, new / name, copy_function=link)
        Manifest(
            FORMAT, held.embedding, held.model_id, held.dimension, has_vectors=held.has_vectors
        ).write(new)
        return True
    _rebuild(library, old, database)
    fresh = Manifest(FORMAT, held.embedding, held.model_id, held.dimension, has_vectors=False)
    finish_texts(new, fresh, lambda stage, done, total: None)
    return False


def _complete_schema(database: Path) -> bool:
    """Add the tables and columns that an earlier schema lacks; False if that cannot be done."""
    engine = tables.open_database(database, writable=True)
    try:
        if not _is_near(engine):
            return False
        tables.METADATA.create_all(engine)
        _add_columns(engine)
    finally:
        engine.dispose()
    return True


def _is_near(engine: Engine) -> bool:
    names = set(inspect(engine).get_table_names())
    missing = [
        c for t in tables.METADATA.sorted_tables if t.name in names for c in _lacking(engine, t)
    ]
    return names >= _ESSENTIAL and all(column.nullable for column in missing)


def _lacking(engine: Engine, table: Table) -> list[Column[Any]]:
    held = {column["name"] for column in inspect(engine).get_columns(table.name)}
    return [column for column in table.columns if column.name not in held]


def _add_columns(engine: Engine) -> None:
    with engine.begin() as connection:
        for table in tables.METADATA.sorted_tables:
            for column in _lacking(engine, table):
                kind = column.type.compile(engine.dialect)
                connection.exec_driver_sql(
                    f'ALTER TABLE {table.name} ADD COLUMN "{column.name}" {kind}'
                )


def _rebuild(library: Path, old: Path, database: Path) -> None:
    from qa.library.rebuilding import salvage, write_texts
    from qa.library.rereading import Rereading, bring_corrections
    from qa.reports.parsing import PASSAGE_MAX_CHARS

    found = salvage(old / storage.DATABASE)
    if found.lost or (found.report_ids and not found.texts):
        names = ", ".join(file.name for file in found.lost)
        raise damaged(library, f"{old.name}/{storage.DATABASE}: {names}")
    database.unlink()
    write_texts(database, found.texts, PASSAGE_MAX_CHARS)
    how = Rereading("", PASSAGE_MAX_CHARS, None, lambda stage, done, total: None)
    bring_corrections(database, found.corrections, how)
