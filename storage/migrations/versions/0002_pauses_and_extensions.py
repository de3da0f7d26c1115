"""Pauses and extensions of deadlines. Runs before the new code; what was stored has neither.

The columns are added in place: no row is copied, and a deadline of the first schema reads as one that never stood still.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the two columns."""
    op.add_column("deadlines", sa.Column("extended", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("deadlines", sa.Column("pauses", sa.Text(), nullable=False, server_default="[]"))
