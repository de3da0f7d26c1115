"""Where a sub-case belongs, what makes two cases alike, and which clocks stand still. Runs before the new code; the old code reads on without them."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Two columns on cases, with the index that finds the sub-cases of one; the table of likenesses; the paused clocks."""
    op.add_column("deadlines", sa.Column("paused_on", sa.String(), nullable=True))
    op.create_index(
        "ix_deadlines_paused",
        "deadlines",
        ["paused_on"],
        unique=False,
        sqlite_where=sa.text("paused_on IS NOT NULL"),
        postgresql_where=sa.text("paused_on IS NOT NULL"),
    )
    op.add_column("cases", sa.Column("parent", sa.String(), nullable=True))
    op.add_column("cases", sa.Column("slot", sa.String(), nullable=True))
    op.create_index(
        "ix_cases_parent",
        "cases",
        ["parent"],
        unique=False,
        sqlite_where=sa.text("parent IS NOT NULL"),
        postgresql_where=sa.text("parent IS NOT NULL"),
    )
    op.create_table(
        "likenesses",
        sa.Column("bureau", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], initially="DEFERRED", deferrable=True),
        sa.PrimaryKeyConstraint("bureau", "name", "value", "case_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_likenesses_case", "likenesses", ["case_id"], unique=False)
