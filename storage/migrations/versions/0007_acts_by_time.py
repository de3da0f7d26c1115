"""The everyday acts, found by what was done and when. Runs before the new code; the old code reads on without it."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

#: As it stood when this was written: an index is told by its own words.
IS_ACT = "transition IN ('sign_for', 'explain_lateness')"


def upgrade() -> None:
    """One index over the few events that reports count."""
    where = sa.text(IS_ACT)
    columns = ["bureau", "transition", "at"]
    op.create_index("ix_events_acts", "events", columns, sqlite_where=where, postgresql_where=where)
