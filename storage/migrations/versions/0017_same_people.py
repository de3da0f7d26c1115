"""Which accounts are one person: a register that only grows. Runs before the new code; the old code reads on without it."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The table of entries, and the triggers that let none be changed or taken out."""
    op.create_table(
        "same_people",
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("other", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["people.id"]),
        sa.ForeignKeyConstraint(["person"], ["people.id"]),
        sa.ForeignKeyConstraint(["other"], ["people.id"]),
        sa.PrimaryKeyConstraint("no"),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION same_people_are_kept() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'same_people are append-only'; END $$"
        )
        op.execute(
            "CREATE TRIGGER tr_same_people_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON same_people "
            "FOR EACH STATEMENT EXECUTE FUNCTION same_people_are_kept()"
        )
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER tr_same_people_no_{verb.lower()} BEFORE {verb} ON same_people "
            "BEGIN SELECT RAISE(ABORT, 'same_people are append-only'); END"
        )
