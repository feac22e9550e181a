"""The library's tables, with the versions of each row; keys, limits and jobs of the programs that serve it."""

import uuid
from typing import Any

import sqlalchemy as sa
from alembic import op

from qa.library.server.schema import view_of

revision = "0001"
down_revision = None

# As they were at this revision: what is added later is added by a later one.
_TABLES: dict[str, list[sa.Column[Any]]] = {
    "corrections": [
        sa.Column("mark", sa.String, primary_key=True, autoincrement=False),
        sa.Column("path", sa.String, nullable=False),
        sa.Column("title", sa.String, nullable=False),
        sa.Column("corrected", sa.Text, nullable=False),
        sa.Column("read", sa.Text, nullable=False),
        sa.Column("sample", sa.LargeBinary, nullable=False),
    ],
    "sources": [
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("sha256", sa.String, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
    ],
    "files": [
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("source_id", sa.Integer, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("path", sa.String, nullable=False),
    ],
    "origin_columns": [
        sa.Column("source_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("year", sa.Integer),
        sa.Column("warnings", sa.Text, nullable=False),
    ],
    "origins": [
        sa.Column("source_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("url", sa.String),
        sa.Column("title", sa.String),
        sa.Column("published", sa.String),
        sa.Column("marks", sa.Text, nullable=False),
    ],
    "reports": [
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("report_id", sa.String, nullable=False),
        sa.Column("source_id", sa.Integer, nullable=False),
        sa.Column("start", sa.Integer, nullable=False),
        sa.Column("end", sa.Integer, nullable=False),
        sa.Column("title", sa.String, nullable=False),
        sa.Column("place", sa.String),
        sa.Column("place_code", sa.String),
        sa.Column("province", sa.String),
        sa.Column("level", sa.String),
        sa.Column("year", sa.Integer),
        sa.Column("delivered", sa.String),
        sa.Column("speaker", sa.String),
        sa.Column("reviewed_period", sa.String),
        sa.Column("planned_period", sa.String),
        sa.Column("mentioned_years", sa.Text, nullable=False),
        sa.Column("warnings", sa.Text, nullable=False),
        sa.Column("sections", sa.Text, nullable=False),
    ],
    "file_urls": [
        sa.Column("file", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("url", sa.String, nullable=False),
    ],
    "kin": [
        sa.Column("one", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("other", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("of_one", sa.Float, nullable=False),
        sa.Column("of_other", sa.Float, nullable=False),
    ],
    "passages": [
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("report", sa.Integer, nullable=False),
        sa.Column("start", sa.Integer, nullable=False),
        sa.Column("end", sa.Integer, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("headings", sa.Text, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("period", sa.String),
    ],
    "samples": [
        sa.Column("report", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("sample", sa.LargeBinary, nullable=False),
    ],
    "facts": [
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("report", sa.Integer, nullable=False),
        sa.Column("passage", sa.Integer),
        sa.Column("indicator", sa.String, nullable=False),
        sa.Column("printed_indicator", sa.String, nullable=False),
        sa.Column("value", sa.String),
        sa.Column("unit", sa.String),
        sa.Column("growth_percent", sa.Float),
        sa.Column("basis", sa.String),
        sa.Column("qualifier", sa.String),
        sa.Column("period", sa.String, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("start", sa.Integer, nullable=False),
        sa.Column("end", sa.Integer, nullable=False),
        sa.Column("quote", sa.Text, nullable=False),
        sa.Column("level", sa.Text),
        sa.Column("growth", sa.Text),
    ],
    "sentences": [
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("passage", sa.Integer, nullable=False),
        sa.Column("start", sa.Integer, nullable=False),
        sa.Column("end", sa.Integer, nullable=False),
    ],
}
_INDEXES = [
    ("facts", ["indicator"]),
    ("facts", ["report"]),
    ("passages", ["report"]),
    ("sentences", ["passage"]),
]


def upgrade() -> None:
    for name, columns in _TABLES.items():
        op.create_table(
            f"{name}_rows",
            *columns,
            sa.Column("added", sa.BigInteger, primary_key=True, autoincrement=False),
            sa.Column("removed", sa.BigInteger),
            sa.Column("digest", sa.LargeBinary, nullable=False),
        )
        op.execute(view_of(name, [column.name for column in columns]))
        op.create_index(
            f"{name}_removed",
            f"{name}_rows",
            ["removed"],
            postgresql_where=sa.text("removed IS NOT NULL"),
        )
    for name, indexed in _INDEXES:
        op.create_index(f"{name}_by_{'_'.join(indexed)}", f"{name}_rows", indexed)
    op.execute(sa.schema.CreateSequence(sa.Sequence("attempts")))
    op.create_table(
        "versions",
        sa.Column("version", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("manifest", sa.Text, nullable=False),
        sa.Column("made", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    )
    op.create_table(
        "begun",
        sa.Column("version", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("made", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    )
    identity = op.create_table("identity", sa.Column("id", sa.String, primary_key=True))
    op.bulk_insert(identity, [{"id": uuid.uuid4().hex}])
    _create_tables_of_programs()


def _create_tables_of_programs() -> None:
    op.create_table(
        "keys",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("number", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("entry", sa.Text, nullable=False),
    )
    # Counts the changes; no row before the first key was made, and it stays when the last is gone.
    op.create_table("keys_changed", sa.Column("number", sa.BigInteger, nullable=False))
    # Locked by who changes the keys, in a transaction apart from the one that does.
    op.create_table("keys_lock", sa.Column("id", sa.Integer, primary_key=True))
    op.create_table(
        "hits",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("caller", sa.String, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        prefixes=["UNLOGGED"],
    )
    op.create_index("hits_by_caller", "hits", ["caller", "at"])
    op.create_table(
        "jobs",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("number", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("told", sa.Text, nullable=False),
        sa.Column("holder", sa.String),
        sa.Column("seen", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    )
    op.create_index("jobs_by_state", "jobs", ["state", "number"])
    op.create_table(
        "job_files",
        sa.Column("job", sa.String, sa.ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("place", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
