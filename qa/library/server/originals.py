"""Files as they came, kept in the database beside the rows that name them, by their content."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, select, text

from qa.library.disk import make_folder
from qa.library.integrity import ORIGINALS, original_fault
from qa.library.kept_files import KeptFiles, sound_file
from qa.library.locking import unwritable
from qa.library.server import schema
from qa.library.server.address import ServerAddress

# A value of PostgreSQL is held in memory as a whole, by it and by us.
_PART_BYTES = 4 << 20
# What a machine keeps of the files that it has shown; the oldest go first.
_CACHED_BYTES = 2 << 30


def put_originals(connection: Connection, folder: Path, named: Iterable[str]) -> None:
    """Keep those of the files ``named`` that the database lacks, each in a transaction of its own: what an
    attempt that fails has kept is there for the next, or is swept.

    One that ``folder`` lacks, too, or holds altered, stays unheld, as in a folder: its text is kept.
    """
    held = set(connection.execute(select(schema.originals.c.sha256)).scalars())
    connection.commit()
    for sha256 in sorted(set(named) - held):
        if path := sound_file(folder / sha256):
            with connection.begin():
                _put(connection, path)


def _put(connection: Connection, path: Path) -> None:
    row = {"sha256": path.name, "size": path.stat().st_size}
    connection.execute(schema.originals.insert().values(row))
    with path.open("rb") as file:
        for part, content in enumerate(iter(lambda: file.read(_PART_BYTES), b"")):
            told = {"sha256": path.name, "part": part, "content": content}
            connection.execute(schema.original_parts.insert().values(told))


def sweep_originals(connection: Connection) -> None:
    """Remove the files that no version names any more. Call it while writing, after rows were swept."""
    with connection.begin():
        connection.execute(
            text(
                "DELETE FROM originals o WHERE NOT EXISTS"
                " (SELECT FROM origin_files_rows r WHERE r.original = o.sha256)"
            )
        )


def take_originals(connection: Connection, named: Iterable[str], folder: Path) -> None:
    """Write the files ``named`` into a folder, but for those that it holds already."""
    for sha256 in named:
        if not (folder / sha256).is_file():
            make_folder(folder)
            _fetch(connection, sha256, folder)


def _fetch(connection: Connection, sha256: str, folder: Path) -> Path | None:
    """The file, written into ``folder``; None if the database lacks it or has it altered."""
    parts = schema.original_parts.c
    query = select(parts.content).where(parts.sha256 == sha256).order_by(parts.part)
    rows = connection.execute(query.execution_options(yield_per=1)).scalars()
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".part-", delete=False) as aside:
        try:
            for content in rows:
                aside.write(content)
            aside.close()
            if original_fault(Path(aside.name), sha256) is None:
                return Path(aside.name).rename(folder / sha256)
            return None
        finally:
            Path(aside.name).unlink(missing_ok=True)


class ServerFiles(KeptFiles):
    """The originals that a database keeps, brought to this machine when they are asked for."""

    def __init__(self, server: ServerAddress, engine: Engine, library_id: str) -> None:
        super().__init__(server.cache / "server" / library_id / ORIGINALS)
        self._server = server
        self._engine = engine

    def size(self, sha256: str) -> int | None:
        """See ``KeptFiles.size``; raises ``LibraryUnavailableError``."""
        query = select(schema.originals.c.size).where(schema.originals.c.sha256 == sha256)
        with self._reading() as connection:
            return connection.execute(query).scalar()

    def find(self, sha256: str) -> Path | None:
        """See ``KeptFiles.find``; raises ``LibraryUnavailableError``, ``LibraryUnwritableError``."""
        if (found := sound_file(self._folder / sha256)) is not None:
            return found
        try:
            make_folder(self._folder)
            with self._reading() as connection:
                found = _fetch(connection, sha256, self._folder)
            self._make_room()
        except OSError as error:
            raise unwritable(self._folder, error) from error
        return found

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self._server.reported(), self._engine.connect() as connection:
            yield connection

    def _make_room(self) -> None:
        newest = []
        for path in self._folder.iterdir():
            with contextlib.suppress(FileNotFoundError):
                stat = path.stat()
                newest.append((stat.st_mtime, stat.st_size, path))
        room = _CACHED_BYTES
        for _, size, path in sorted(newest, reverse=True):
            room -= size
            if room < 0:
                path.unlink(missing_ok=True)
