"""Who gave a post, or ended one, and when: a register that only grows. Runs before the new code; the old code reads on without it.

Posts from before have no entry: nobody wrote down who gave them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The table of entries, and the triggers that let none be changed or taken out."""
    op.create_table(
        "post_changes",
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("bureau", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("section", sa.String(), nullable=True),
        sa.Column("from_on", sa.String(), nullable=False),
        sa.Column("until_on", sa.String(), nullable=True),
        sa.Column("acting", sa.Integer(), nullable=False),
        sa.Column("on_behalf_of", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["bureau"], ["bureaus.id"]),
        sa.ForeignKeyConstraint(["person"], ["people.id"]),
        sa.PrimaryKeyConstraint("no"),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION post_changes_are_kept() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'post_changes are append-only'; END $$"
        )
        op.execute(
            "CREATE TRIGGER tr_post_changes_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON post_changes "
            "FOR EACH STATEMENT EXECUTE FUNCTION post_changes_are_kept()"
        )
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER tr_post_changes_no_{verb.lower()} BEFORE {verb} ON post_changes "
            "BEGIN SELECT RAISE(ABORT, 'post_changes are append-only'); END"
        )
