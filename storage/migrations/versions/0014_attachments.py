"""Which content each attachment points at. Runs before the new code; the old code reads on without it, and knows no event of them.

A row changes only where the attachment is withdrawn or its content erased, and none goes.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_SAME = ("case_id", "no", "seq", "size")


def upgrade() -> None:
    """The table, its index over what still has a content, and the triggers."""
    op.create_table(
        "attachments",
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("withdrawn_seq", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], deferrable=True, initially="DEFERRED"),
        sa.PrimaryKeyConstraint("case_id", "no"),
        sqlite_with_rowid=False,
    )
    where = sa.text("sha256 IS NOT NULL")
    op.create_index("ix_attachments_content", "attachments", ["sha256"], sqlite_where=where, postgresql_where=where)
    if op.get_bind().dialect.name == "postgresql":
        _on_a_server()
    else:
        _in_a_file()


def _kept(same: str) -> str:
    """What a change must leave: all but a withdrawal that was not there, and a digest that goes."""
    columns = " AND ".join(f"NEW.{name} {same} OLD.{name}" for name in _SAME)
    withdrawn = f"(OLD.withdrawn_seq IS NULL OR NEW.withdrawn_seq {same} OLD.withdrawn_seq)"
    return f"{columns} AND {withdrawn} AND (NEW.sha256 IS NULL OR NEW.sha256 {same} OLD.sha256)"


def _in_a_file() -> None:
    op.execute(
        f"CREATE TRIGGER tr_attachments_no_update BEFORE UPDATE ON attachments WHEN NOT ({_kept('IS')}) "
        "BEGIN SELECT RAISE(ABORT, 'attachments are append-only'); END"
    )
    op.execute(
        "CREATE TRIGGER tr_attachments_no_delete BEFORE DELETE ON attachments "
        "BEGIN SELECT RAISE(ABORT, 'attachments are append-only'); END"
    )


def _on_a_server() -> None:
    op.execute(
        "CREATE FUNCTION attachments_are_kept() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'attachments are append-only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER tr_attachments_kept BEFORE DELETE OR TRUNCATE ON attachments "
        "FOR EACH STATEMENT EXECUTE FUNCTION attachments_are_kept()"
    )
    op.execute(
        "CREATE TRIGGER tr_attachments_unchanged BEFORE UPDATE ON attachments FOR EACH ROW "
        f"WHEN (NOT ({_kept('IS NOT DISTINCT FROM')})) EXECUTE FUNCTION attachments_are_kept()"
    )
