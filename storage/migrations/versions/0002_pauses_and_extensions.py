"""By how much a limit was extended, and when it stood still. Runs before the new code; the old code reads on without them."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Two columns on deadlines; a clock that runs now was never extended nor paused."""
    op.add_column("deadlines", sa.Column("extended", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("deadlines", sa.Column("pauses", sa.Text(), nullable=False, server_default="[]"))
