"""The entries of the calendar have an index: whoever reads the calendar asks whether it is as it was entered. Runs before the new code."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A partial index; no row changes."""
    only = sa.text("what = 'calendar'")
    op.create_index("ix_entries_calendar", "entries", ["no"], sqlite_where=only, postgresql_where=only)
