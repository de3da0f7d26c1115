"""What may be erased stands in the record by a commitment, its opening beside it; seals. Runs before the new code.

Events from before keep the form in which their hashes were taken. Of an event nothing changes but that openings go.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_KEPT = (
    "rowid", "case_id", "seq", "bureau", "at", "actor", "actor_name", "on_behalf_of", "via", "transition", "source", "target",
    "data", "comment", "automatic", "definition", "request_id", "previous", "hash", "form",
)  # fmt: skip


def upgrade() -> None:
    """Two columns, the triggers that let an opening go and nothing else, and the table of seals."""
    op.add_column("events", sa.Column("form", sa.Integer(), nullable=False, server_default=sa.text("1")))
    op.add_column("events", sa.Column("openings", sa.Text(), nullable=True))
    op.create_table(
        "seals",
        sa.Column("no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("last_row", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.String(), nullable=False),
        sa.Column("peaks", sa.String(), nullable=False),
        sa.Column("previous", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("no"),
    )
    if op.get_bind().dialect.name == "postgresql":
        _on_a_server()
    else:
        _in_a_file()


def _in_a_file() -> None:
    same = " AND ".join(f"NEW.{name} IS OLD.{name}" for name in _KEPT)
    fewer = (
        "NEW.openings IS NULL OR NOT EXISTS (SELECT 1 FROM json_each(NEW.openings) AS n WHERE NOT EXISTS "
        "(SELECT 1 FROM json_each(OLD.openings) AS o WHERE o.key = n.key AND o.value = n.value))"
    )
    op.execute("DROP TRIGGER tr_events_no_update")
    op.execute(
        f"CREATE TRIGGER tr_events_no_update BEFORE UPDATE ON events WHEN NOT ({same} AND ({fewer})) "
        "BEGIN SELECT RAISE(ABORT, 'events are append-only'); END"
    )
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER tr_seals_no_{verb.lower()} BEFORE {verb} ON seals "
            "BEGIN SELECT RAISE(ABORT, 'seals are append-only'); END"
        )


def _on_a_server() -> None:
    op.execute("DROP TRIGGER tr_events_kept ON events")
    op.execute(
        "CREATE TRIGGER tr_events_kept BEFORE DELETE OR TRUNCATE ON events "
        "FOR EACH STATEMENT EXECUTE FUNCTION events_are_kept()"
    )
    op.execute(
        "CREATE TRIGGER tr_events_unchanged BEFORE UPDATE ON events FOR EACH ROW WHEN ("
        "(to_jsonb(NEW) - 'openings') IS DISTINCT FROM (to_jsonb(OLD) - 'openings') "
        "OR NOT coalesce(OLD.openings, '{}')::jsonb @> coalesce(NEW.openings, '{}')::jsonb"
        ") EXECUTE FUNCTION events_are_kept()"
    )
    op.execute(
        "CREATE FUNCTION seals_are_kept() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'seals are append-only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER tr_seals_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON seals "
        "FOR EACH STATEMENT EXECUTE FUNCTION seals_are_kept()"
    )
