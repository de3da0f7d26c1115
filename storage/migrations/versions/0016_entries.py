"""What stands beside the records of cases is entered in a chain; names of cases are kept, and no counter goes back. Runs before the new code.

What is there is entered as it stands: definitions, changes of posts, editions of the calendar, and the names of all cases, which
no record held until now. The old code is not run after it: what it would write is not entered.
"""

import json
import unicodedata
from collections.abc import Iterator
from hashlib import sha256
from itertools import groupby, islice
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_NAME = ("id", "number", "kind", "bureau", "opened_at", "parent", "slot")
_COUNTER = ("bureau", "series", "year")
_DEFINITION = "digest, id, version, yaml, accepted, accepted_at"
_POST = 'bureau, at, "by", act, person, role, section, from_on, until_on, acting, on_behalf_of'
#: So many entries are held in memory: a large bureau has a million cases.
_AT_A_TIME = 10_000
_MOVED = "case.section_before"


def upgrade() -> None:
    """The table with what is there, and the triggers that refuse what the program never does."""
    table = op.create_table(
        "entries",
        sa.Column("no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("previous", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("no"),
    )
    entries = _chained()
    while rows := list(islice(entries, _AT_A_TIME)):
        op.bulk_insert(table, rows)
    on_a_server = op.get_bind().dialect.name == "postgresql"
    differs = "IS DISTINCT FROM" if on_a_server else "IS NOT"
    renamed, moved = (" OR ".join(f"NEW.{name} {differs} OLD.{name}" for name in each) for each in (_NAME, _COUNTER))
    keep = _on_a_server if on_a_server else _in_a_file
    # Only an update that names one of these columns is looked at: the steps of a case name none.
    keep("cases", f"UPDATE OF {', '.join(_NAME)}", renamed, "what a case is called is kept")
    keep("counters", "UPDATE", f"{moved} OR NEW.serial < OLD.serial", "no counter goes back")
    keep("definitions", "UPDATE", "true", "definitions are append-only")
    keep("entries", "UPDATE", "true", "entries are append-only")


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


def _chained() -> Iterator[dict[str, Any]]:
    """Every entry of what is there, each with the hash of the one before."""
    previous = ""
    for no, (what, key, digest, at, by) in enumerate(_there(), 1):
        row = {"no": no, "what": what, "key": key, "digest": digest, "at": at, "by": by, "previous": previous}
        previous = _digest({"v": 1, **row})
        yield {**row, "hash": previous}


def _there() -> Iterator[tuple[str, str, str, str, str]]:
    """What is entered: of which kind, by which name, its digest, when it came, and through whom."""
    for row in _rows(f"SELECT {_DEFINITION} FROM definitions ORDER BY accepted_at, id, version"):  # noqa: S608
        yield "definition", row[0], _digest(list(row)), row[5], "system"
    for row in _rows(f"SELECT {_POST} FROM post_changes ORDER BY no"):  # noqa: S608
        yield "post", row[4], _digest(list(row)), row[1], row[2]
    days, years = (
        {known_at: [list(row[1:]) for row in rows] for known_at, rows in groupby(_rows(said), key=lambda row: row[0])}
        for said in (
            "SELECT known_at, on_day, workday, zh, en, notice FROM calendar_days ORDER BY known_at, on_day",
            "SELECT known_at, year, source FROM calendar_years ORDER BY known_at, year",
        )
    )
    for known_at in sorted({*days, *years}):
        yield "calendar", known_at, _digest([days.get(known_at, []), years.get(known_at, [])]), known_at, "system"
    began_in: dict[str, str] = {}
    for case, data in _rows(f"SELECT case_id, data FROM events WHERE data LIKE '%{_MOVED}%' ORDER BY case_id, seq"):  # noqa: S608
        began_in.setdefault(case, json.loads(data).get(_MOVED))
    for case, number, kind, bureau, section, at in _rows(
        "SELECT id, number, kind, bureau, section, opened_at FROM cases ORDER BY id"
    ):
        name = {
            "bureau": bureau,
            "case": case,
            "kind": kind,
            "number": number,
            "section": began_in.get(case) or section,
        }
        yield "case", case, _digest(name), at, "system"


def _rows(said: str) -> list[Any]:
    return list(op.get_bind().execute(sa.text(said)))


def _digest(said: object) -> str:
    text = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return sha256(unicodedata.normalize("NFC", text).encode()).hexdigest()
