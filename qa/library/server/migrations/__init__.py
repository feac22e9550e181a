"""The schema's history, kept by Alembic. A program brings the database up to date before it writes."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, text

from qa.errors import LibraryFormatError
from qa.library.server.address import SCHEMA

# Two programs that start at once must not both migrate.
_LOCK = 0x77656E7A


def upgrade(connection: Connection) -> None:
    """Bring the database up to date in one transaction, which the caller commits.

    Raises ``LibraryFormatError`` if a later program has changed its schema.
    """
    from alembic import command
    from alembic.config import Config
    from alembic.migration import MigrationContext
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    scripts = ScriptDirectory.from_config(config)
    ours = scripts.get_current_head()
    options = {"version_table_schema": SCHEMA}
    held = MigrationContext.configure(connection, opts=options).get_current_revision()
    # Nor does who may only read and write rows need the right to make a schema.
    if held == ours:
        return
    if held not in (None, *(script.revision for script in scripts.walk_revisions())):
        raise LibraryFormatError("library_format", held=held, ours=ours)
    connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
    connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
