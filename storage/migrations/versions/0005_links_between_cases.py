"""Which cases name which others. Runs before the new code; the old code reads on without it."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The table of links, found from both ends."""
    op.create_table(
        "links",
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("other_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], initially="DEFERRED", deferrable=True),
        sa.ForeignKeyConstraint(["other_id"], ["cases.id"], initially="DEFERRED", deferrable=True),
        sa.PrimaryKeyConstraint("case_id", "field", "other_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_links_other", "links", ["other_id"], unique=False)
