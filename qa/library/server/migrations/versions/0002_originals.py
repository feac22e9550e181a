"""The files that reports came as: which each source names, and their bytes."""

import sqlalchemy as sa
from alembic import op

from qa.library.server.schema import view_of

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "origin_files_rows",
        sa.Column("source_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("form", sa.String, nullable=False),
        sa.Column("original", sa.String),
        sa.Column("pages", sa.Text, nullable=False),
        sa.Column("added", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("removed", sa.BigInteger),
        sa.Column("digest", sa.LargeBinary, nullable=False),
    )
    op.execute(view_of("origin_files", ["source_id", "form", "original", "pages"]))
    op.create_index(
        "origin_files_removed",
        "origin_files_rows",
        ["removed"],
        postgresql_where=sa.text("removed IS NOT NULL"),
    )
    op.create_table(
        "originals",
        sa.Column("sha256", sa.String, primary_key=True),
        sa.Column("size", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "original_parts",
        sa.Column(
            "sha256",
            sa.String,
            sa.ForeignKey("originals.sha256", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("part", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
    # Compressed already, most of them: PDF, docx.
    op.execute("ALTER TABLE original_parts ALTER COLUMN content SET STORAGE EXTERNAL")
