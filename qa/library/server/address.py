"""Where the library is kept, and connections to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import URL, Engine, create_engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError

from qa.errors import LibraryUnavailableError, SettingsError

if TYPE_CHECKING:
    from embeddings.milvus_index import MilvusClient

# All tables stand in a schema of their own: the database may hold others.
SCHEMA = "wenzheng"
# A server that is gone is told of in seconds, and a writer that is gone lets go of its lock as soon.
_CONNECT = {
    "connect_timeout": 10,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}


@dataclass(frozen=True)
class ServerAddress:
    """A database and a Milvus; ``cache`` is a folder for what can be made again."""

    database: URL
    milvus_uri: str
    milvus_token: str
    cache: Path

    def __str__(self) -> str:
        """The database in words, without its password.

        Without parameters either: libpq takes passwords there, too.
        """
        shown = self.database.set(drivername="postgresql", query={})
        return shown.render_as_string(hide_password=True)

    def engine(
        self, version: int | None = None, *, pool_size: int = 5, patience_seconds: int = 0
    ) -> Engine:
        """Connections; those of a ``version`` see the tables as they were in it. A statement that takes
        longer than ``patience_seconds`` fails; 0 for no limit."""
        options = f"-csearch_path={SCHEMA} -ctimezone=UTC"
        options += f" -cstatement_timeout={patience_seconds}s"
        if version is not None:
            options += f" -cwenzheng.version={version}"
        try:
            return create_engine(
                self.database,
                connect_args={**_CONNECT, "options": options},
                pool_size=pool_size,
                max_overflow=10,
                pool_pre_ping=True,
                hide_parameters=True,
            )
        except ImportError as error:
            raise SettingsError("missing_extra", name="PostgreSQL", extra="server") from error

    def milvus(self) -> MilvusClient:
        """A client of Milvus; raises ``embeddings.IndexUnavailableError``, ``SettingsError``."""
        try:
            from embeddings.milvus_index import connect
        except ImportError as error:
            raise SettingsError("missing_extra", name="Milvus", extra="server") from error
        return connect(self.milvus_uri, self.milvus_token)

    @contextmanager
    def reported(self) -> Iterator[None]:
        """Turn errors of the database into ``LibraryUnavailableError``."""
        with unavailable_reported(str(self)):
            yield


@contextmanager
def unavailable_reported(where: str) -> Iterator[None]:
    """Turn errors of a server into ``LibraryUnavailableError`` about the library at ``where``."""
    try:
        yield
    except DBAPIError as error:
        said = str(error.orig).strip().splitlines() or [type(error.orig).__name__]
        if isinstance(error, OperationalError):
            raise LibraryUnavailableError(
                "database_unavailable", path=where, reason=said[0]
            ) from error
        raise LibraryUnavailableError("database_failed", path=where, reason=said[0]) from error


def address_of(database_url: str, milvus_uri: str, milvus_token: str, cache: Path) -> ServerAddress:
    """The address that settings name; raises ``SettingsError``."""
    try:
        url = make_url(database_url)
    except (ArgumentError, NoSuchModuleError, ValueError) as error:
        # ValueError: a port that is no number.
        raise _wrong("is no address such as postgresql://user:password@host/database") from error
    if url.get_backend_name() != "postgresql":
        raise _wrong(f"is of {url.get_backend_name()}; PostgreSQL is what is supported")
    # The driver that we install, whichever the address names.
    return ServerAddress(url.set(drivername="postgresql+psycopg"), milvus_uri, milvus_token, cache)


def _wrong(reason: str) -> SettingsError:
    return SettingsError("wrong_setting", name="WENZHENG_DATABASE_URL", reason=reason)
