"""The schema's history, kept by Alembic. A program brings the database up to date before it writes."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, text

from qa.library.server.address import SCHEMA

# Two programs that start at once must not both migrate.
_LOCK = 0x77656E7A


def upgrade(connection: Connection) -> None:
    """Bring the database up to date in one transaction, which the caller commits."""
    from alembic import command
    from alembic.config import Config

    connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
    connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
