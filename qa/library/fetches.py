"""What is remembered of the web beside a library's versions: versions of pages, and how far a list is.

Losing the file costs nothing but fetching again.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Self

from qa import errors
from qa.errors import InputError, LibraryUnwritableError
from qa.reports.fetching.gathered import Validators

_FILE = "fetches.sqlite"
# A list that was left unfinished for longer is begun anew.
_STALE_SECONDS = 7 * 24 * 3600
_TABLES = """
CREATE TABLE IF NOT EXISTS versions (
    address TEXT PRIMARY KEY, url TEXT NOT NULL, etag TEXT, last_modified TEXT, gave TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS done (
    list TEXT NOT NULL, entry TEXT NOT NULL, error TEXT, at REAL NOT NULL,
    PRIMARY KEY (list, entry)
);
"""


class Fetches:
    """The memory of one library; a context. Methods raise ``LibraryUnwritableError``."""

    def __init__(self, library: Path) -> None:
        self._library = library
        try:
            library.mkdir(parents=True, exist_ok=True)
            self._connection = self._opened()
        except (OSError, sqlite3.Error) as error:
            raise self._unwritable(error) from error

    def _opened(self) -> sqlite3.Connection:
        """The database; a damaged one is made anew, as it holds nothing that cannot be had again."""
        path = self._library / _FILE
        while True:
            connection = sqlite3.connect(path, isolation_level=None, timeout=30)
            try:
                connection.executescript(_TABLES)
            except sqlite3.DatabaseError as error:
                connection.close()
                if isinstance(error, sqlite3.OperationalError) or not path.exists():
                    raise
                path.unlink()
            else:
                return connection

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._connection.close()

    def versions(self, held: Mapping[str, list[str]]) -> dict[str, Validators]:
        """Address → its version, of those whose reports the library still holds: ``held`` says which.

        A page whose reports were removed has to be fetched again, however old it is.
        """
        query = "SELECT address, url, etag, last_modified, gave FROM versions WHERE address = ?"
        rows = [row for address in held for row in self._rows(query, (address,))]
        return {
            address: Validators(url, etag, last_modified)
            for address, url, etag, last_modified, gave in rows
            if json.loads(gave) == sorted(held[address])
        }

    def keep_version(self, address: str, version: Validators, gave: Iterable[str]) -> None:
        """Remember the version of a page that gave these reports."""
        values = (version.url, version.etag, version.last_modified, json.dumps(sorted(gave)))
        self._write("REPLACE INTO versions VALUES (?, ?, ?, ?, ?)", [(address, *values)])

    def done(self, list_name: str) -> dict[str, InputError | None]:
        """Entry of a list that was begun → its error, None if it is in."""
        query = "SELECT entry, error FROM done WHERE list = ? AND at > ?"
        rows = self._rows(query, (list_name, time.time() - _STALE_SECONDS))
        return {entry: _error_of(error) if error else None for entry, error in rows}

    def keep_done(self, list_name: str, outcomes: Mapping[str, InputError | None]) -> None:
        """Remember what became of entries of a list."""
        now = time.time()
        rows = [
            (list_name, entry, _row_of(error) if error else None, now)
            for entry, error in outcomes.items()
        ]
        self._write("REPLACE INTO done VALUES (?, ?, ?, ?)", rows)

    def finish(self, list_name: str) -> None:
        """Forget how far a list is: the next run begins anew."""
        self._write("DELETE FROM done WHERE list = ?", [(list_name,)])

    def _rows(self, query: str, values: tuple[object, ...]) -> list[tuple[str, ...]]:
        try:
            with closing(self._connection.execute(query, values)) as cursor:
                return cursor.fetchall()
        except sqlite3.Error as error:
            raise self._unwritable(error) from error

    def _write(self, statement: str, rows: Sequence[tuple[object, ...]]) -> None:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.executemany(statement, rows)
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            raise self._unwritable(error) from error

    def _unwritable(self, error: Exception) -> LibraryUnwritableError:
        return LibraryUnwritableError("unwritable", path=self._library / _FILE, reason=error)


def _row_of(error: InputError) -> str:
    fields = {name: str(value) for name, value in error.fields.items()}
    row = {"kind": type(error).__name__, "key": error.key, "fields": fields}
    return json.dumps(row, ensure_ascii=False)


def _error_of(text: str) -> InputError:
    row = json.loads(text)
    kind = getattr(errors, row["kind"], InputError)
    error: InputError = kind(row["key"], **row["fields"])
    return error
