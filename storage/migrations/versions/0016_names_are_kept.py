"""What a case is called and where it began is kept, and no counter goes back. Runs before the new code; the old code reads on without it.

Cases that begin from now on have their name in the hash of their first event; the old code begins them as before.
"""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_NAME = ("id", "number", "kind", "bureau", "opened_at", "parent", "slot")
_COUNTER = ("bureau", "series", "year")


def upgrade() -> None:
    """The triggers that refuse what the program never does."""
    on_a_server = op.get_bind().dialect.name == "postgresql"
    differs = "IS DISTINCT FROM" if on_a_server else "IS NOT"
    renamed, moved = (" OR ".join(f"NEW.{name} {differs} OLD.{name}" for name in each) for each in (_NAME, _COUNTER))
    keep = _on_a_server if on_a_server else _in_a_file
    # Only an update that names one of these columns is looked at: the steps of a case name none.
    keep("cases", f"UPDATE OF {', '.join(_NAME)}", renamed, "what a case is called is kept")
    keep("counters", "UPDATE", f"{moved} OR NEW.serial < OLD.serial", "no counter goes back")


def _in_a_file(table: str, update: str, when: str, said: str) -> None:
    said = f"BEGIN SELECT RAISE(ABORT, '{said}'); END"
    op.execute(f"CREATE TRIGGER tr_{table}_no_update BEFORE {update} ON {table} WHEN {when} {said}")
    op.execute(f"CREATE TRIGGER tr_{table}_no_delete BEFORE DELETE ON {table} {said}")


def _on_a_server(table: str, update: str, when: str, said: str) -> None:
    op.execute(
        f"CREATE FUNCTION {table}_are_kept() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{said}'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER tr_{table}_unchanged BEFORE {update} ON {table} FOR EACH ROW WHEN ({when}) "
        f"EXECUTE FUNCTION {table}_are_kept()"
    )
    op.execute(
        f"CREATE TRIGGER tr_{table}_kept BEFORE DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_are_kept()"
    )
