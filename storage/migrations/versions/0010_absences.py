"""Who is away on which days. Runs before the new code; the old code reads on without it."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The table of absences; whether somebody is away on a day is found by its key."""
    op.create_table(
        "absences",
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("from_on", sa.String(), nullable=False),
        sa.Column("until_on", sa.String(), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["people.id"]),
        sa.PrimaryKeyConstraint("person", "from_on"),
        sqlite_with_rowid=False,
    )
