"""To whom a case was circulated, and who has read it. Runs before the new code; the old code reads on without it."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

UNREAD = "read_seq IS NULL"


def upgrade() -> None:
    """The table, with an index for what somebody has to read and one for who has read a case."""
    op.create_table(
        "readings",
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("asked_seq", sa.Integer(), nullable=False),
        sa.Column("read_seq", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], deferrable=True, initially="DEFERRED"),
        sa.PrimaryKeyConstraint("person", "case_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_readings_case", "readings", ["case_id"])
    where = sa.text(UNREAD)
    op.create_index("ix_readings_open", "readings", ["person", "asked_seq"], sqlite_where=where, postgresql_where=where)
