"""A seal says how many entries there were, and the hash of the last one. Runs before the new code.

Those from before say nothing of it, and stay as they are: their hashes were taken without.
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Two columns, empty in the seals from before."""
    op.add_column("seals", sa.Column("entries", sa.Integer(), nullable=True))
    op.add_column("seals", sa.Column("entry", sa.String(), nullable=True))
