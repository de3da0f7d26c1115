"""Where people are reached, and what is on its way to them. Runs before the new code; the old code reads on without it.

What was told before is not sent: there are no addresses yet.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The two tables; what is due is found by an index over what still waits."""
    op.create_table(
        "addresses",
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["people.id"]),
        sa.PrimaryKeyConstraint("person", "channel"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("notice", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("created_at", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("due_at", sa.String(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=True),
        sa.Column("ended_at", sa.String(), nullable=True),
        sa.CheckConstraint("(state = 'waiting') = (due_at IS NOT NULL)", name="ck_outbox_due"),
        sa.CheckConstraint("(due_at IS NULL) = (ended_at IS NOT NULL)", name="ck_outbox_ended"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("notice", "channel", name="uq_outbox_notice"),
    )
    where = sa.text("due_at IS NOT NULL")
    op.create_index("ix_outbox_due", "outbox", ["due_at", "id"], sqlite_where=where, postgresql_where=where)
    op.create_index("ix_outbox_ended", "outbox", ["ended_at"])
