"""What waits and what is late are found by one index. Runs before the new code; the old code finds its answers by it, too.

Each step of a case moved its entry in two indexes that both held the day on which it is due: one serves both questions, and
a step writes a page less.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Put the one in the place of the two; and let a step ask for the newest calendar without reading all years."""
    op.create_index("ix_calendar_years_known", "calendar_years", ["known_at"], unique=False)
    op.drop_index("ix_cases_waiting", table_name="cases")
    op.drop_index("ix_cases_open", table_name="cases")
    op.create_index(
        "ix_cases_open",
        "cases",
        ["bureau", "due_at", "id", "waits_for", "section"],
        unique=False,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
