"""The files and addresses of a library: which are held, and which reports each of them gave."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, select

from qa.library import storage, tables
from qa.library.read_files import wholes_of


@dataclass(frozen=True, slots=True)
class HeldFile:
    """A file or address, and the source whose text it holds."""

    source_id: int
    sha256: str
    name: str
    path: str


def held_files(connection: Connection) -> list[HeldFile]:
    """All of them, in the order they came."""
    columns = (
        tables.sources.c.id,
        tables.sources.c.sha256,
        tables.files.c.name,
        tables.files.c.path,
    )
    query = select(*columns).join(tables.files).order_by(tables.files.c.id)
    return [HeldFile(*row) for row in connection.execute(query)]


def paths_held(library: Path) -> list[str]:
    """The paths and addresses of all that is held, by name of file and part."""
    if not storage.has_library(library):
        return []
    engine = tables.open_database(storage.current_version(library) / storage.DATABASE)
    with engine.connect() as connection:
        paths = [one.path for one in held_files(connection)]
    engine.dispose()
    return paths


def reports_of(library: Path, keys: Iterable[str]) -> dict[str, list[str]]:
    """Path of a file, or address → the ids of the reports that it and its parts gave."""
    engine = tables.open_database(storage.current_version(library) / storage.DATABASE)
    found: dict[str, list[str]] = {key: [] for key in keys}
    query = select(tables.files.c.path, tables.reports.c.report_id)
    joined = tables.files.c.source_id == tables.reports.c.source_id
    with engine.connect() as connection:
        for path, report_id in connection.execute(
            query.join(tables.reports, joined).order_by(tables.reports.c.id)
        ):
            for whole in wholes_of(path):
                if whole in found:
                    found[whole].append(report_id)
    engine.dispose()
    return found
