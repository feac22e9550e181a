"""PostgreSQL for tests: the server that the PyPI package pgserver carries, on a socket below a folder."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path


def missing() -> str:
    """Why there is no server, empty if there is one."""
    return (
        "" if find_spec("pgserver") else "the package pgserver is not installed: NO DATABASE TESTED"
    )


@contextmanager
def postgres_server() -> Iterator[str]:
    """The address of a server, until the block ends."""
    import warnings

    # Not in pytest's folder, which only its owner may enter: PostgreSQL does not run as root, and is
    # started as another user where we are.
    outer = Path(tempfile.mkdtemp(prefix="wenzheng-postgres-"))
    outer.chmod(0o755)
    with warnings.catch_warnings():
        # Of the folder for its sockets, which we name.
        warnings.simplefilter("ignore")
        import pgserver

        server = pgserver.get_server(outer / "data", cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(outer, ignore_errors=True)


@contextmanager
def new_database(uri: str, name: str) -> Iterator[str]:
    """The address of an empty database in a server, which goes at the end of the block."""
    import psycopg

    with psycopg.connect(uri, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        yield uri.replace("/postgres?", f"/{name}?")
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
