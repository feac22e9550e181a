"""The files and addresses of a library: which are held, and which reports each of them gave."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, select

from qa.library import storage, tables
from qa.library.read_files import ReadFile, wholes_of


@dataclass(frozen=True, slots=True)
class HeldFile:
    """A file or address, and the source whose text it holds."""

    source_id: int
    sha256: str
    name: str
    path: str


class HeldFiles:
    """What is held by path, content and name: an ingest of 60,000 files asks it of each."""

    def __init__(self, files: Iterable[HeldFile]) -> None:
        self._by_path: dict[str, HeldFile] = {}
        self._of_content: dict[str, dict[str, HeldFile]] = {}
        self._of_name: dict[str, set[str]] = {}
        for file in files:
            self.add(file)

    def __iter__(self) -> Iterator[HeldFile]:
        return iter(self._by_path.values())

    def add(self, file: HeldFile) -> None:
        """Hold one file more; its path is not held yet."""
        self._by_path[file.path] = file
        self._of_content.setdefault(file.sha256, {})[file.path] = file
        self._of_name.setdefault(file.name, set()).add(file.path)

    def forget(self, path: str) -> bool:
        """Hold no file under ``path``; False if none was."""
        file = self._by_path.pop(path, None)
        if file is None:
            return False
        del self._of_content[file.sha256][path]
        self._of_name[file.name].remove(path)
        return True

    def has(self, file: ReadFile) -> bool:
        """True if this content is held under this path, or under this name from another place.

        Not from another address: it is by its own that what was fetched is cited and asked for anew.
        """
        same = self._of_content.get(file.source.sha256, {})
        if file.key in same:
            return True
        return isinstance(file.path, Path) and any(Path(one).name == file.path.name for one in same)

    def source_of(self, sha256: str) -> int | None:
        """The row id of the source with this content."""
        same = self._of_content.get(sha256, {})
        return next((file.source_id for file in same.values()), None)

    def is_taken(self, name: str, path: str) -> bool:
        """True if a file under another path bears the name."""
        return bool(self._of_name.get(name, set()) - {path})


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
