"""The clocks that ended late, so that unexplained lateness is found. Runs before the new code; the old code reads on without it."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

LATE = "outcome = 'late'"


def upgrade() -> None:
    """One index over the few clocks that somebody must answer for."""
    where = sa.text(LATE)
    op.create_index("ix_deadlines_late", "deadlines", ["due_at"], sqlite_where=where, postgresql_where=where)
