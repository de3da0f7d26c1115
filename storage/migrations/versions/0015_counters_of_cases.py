"""Case numbers go on where a database of the first days left off. Runs before the new code; the old code is not run after it.

Its counters bore the name of the kind alone, as a series of document numbers might. They are asked for by `case:KIND` since, so
the first new case after an upgrade drew the number 1 anew, which was there.
"""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The counter of a kind that has cases, and none under its new name for that year, takes that name."""
    op.execute(
        "UPDATE counters SET series = 'case:' || series WHERE series IN (SELECT kind FROM cases) AND NOT EXISTS ("
        "SELECT 1 FROM counters AS named WHERE named.bureau = counters.bureau AND named.year = counters.year "
        "AND named.series = 'case:' || counters.series)"
    )
