"""Where people went, and which section took over from which. Runs before the new code; the old code reads on without them."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The table of seats, and a column on sections."""
    op.create_table(
        "seats",
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("from_on", sa.String(), nullable=False),
        sa.Column("section", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["people.id"]),
        sa.ForeignKeyConstraint(["section"], ["sections.id"]),
        sa.PrimaryKeyConstraint("person", "from_on"),
        sqlite_with_rowid=False,
    )
    op.add_column("sections", sa.Column("successor", sa.String(), nullable=True))
