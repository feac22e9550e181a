"""Run by Alembic: brings the schema of the connection that it is given up to date."""

from alembic import context

from qa.library.server.address import SCHEMA

context.configure(connection=context.config.attributes["connection"], version_table_schema=SCHEMA)
with context.begin_transaction():
    context.run_migrations()
