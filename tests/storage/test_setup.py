"""Making a database: once or again, by two at once, over somebody else's file, by an older and a newer program."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config

from storage import Desk, tables
from storage.rows import event_from, event_row
from storage.setup import ADMIN_NAME, BUREAU_NAME, REVISION, initialise, is_sandbox
from storage.sqlite import migrating
from storage.tables import EventRow
from tests.engines import Hand
from tests.factories import MONDAY, Clock, Office
from workflow.errors import Invalid, StorageFault
from workflow.ledger import chained

HOUSE = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def url(file_url: str) -> str:
    """What is tried here is the file; `test_postgres.py` tries the server."""
    return file_url


def rows(path: Path) -> dict[str, list[tuple[object, ...]]]:
    connection = sqlite3.connect(path)
    names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    found = {name: connection.execute(f"SELECT * FROM {name}").fetchall() for name in names}
    connection.close()
    return found


def test_a_new_database_has_a_bureau_an_administrator_a_procedure_and_a_calendar(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/desk.db"

    initialise(url, sandbox=False, clock=Clock(), login="root")

    with Desk.open(url, clock=Clock()) as desk:
        assert desk.bureau_name == BUREAU_NAME
        assert not desk.is_sandbox
        assert desk.person_of_login("root") == "admin"
        assert desk.actor("admin").name == ADMIN_NAME
        assert [each.role for each in desk.actor("admin").appointments] == ["admin"]
        assert desk.definition("document").version >= 1
        assert desk.calendar.known_from == 2004
        assert desk.calendar.known_until >= 2026
        assert desk.sections() == ()


def test_making_it_again_changes_nothing(office: Office) -> None:
    office.signed()
    path = Path(office.url.removeprefix("sqlite:///"))
    before = rows(path)

    initialise(office.url, sandbox=True, clock=office.clock, login="somebody")

    assert rows(path) == before


def test_no_database_is_made_beside_the_log_of_one_that_is_gone(office: Office) -> None:
    path = Path(office.url.removeprefix("sqlite:///"))
    log = path.with_name(f"{path.name}-wal")
    office.draft()
    held = log.read_bytes()
    path.unlink()

    with pytest.raises(StorageFault) as fault:
        initialise(office.url, sandbox=False, clock=office.clock, login=None)

    assert str(log) in fault.value.said.zh
    assert (log.read_bytes(), path.exists()) == (held, False)


def test_a_real_database_never_becomes_a_sandbox(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/desk.db"
    initialise(url, sandbox=False, clock=Clock(), login=None)

    with pytest.raises(Invalid) as invalid:
        initialise(url, sandbox=True, clock=Clock(), login=None)

    assert [each.code for each in invalid.value.problems] == ["not-a-sandbox"]


def test_who_may_write_settings_makes_no_sandbox_of_a_real_database(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/desk.db"
    initialise(url, sandbox=False, clock=Clock(), login=None)
    hand = Hand(url)
    hand.alter("INSERT OR REPLACE INTO meta (key, value) VALUES ('sandbox', '1')")

    with pytest.raises(sqlite3.IntegrityError):
        hand.alter("INSERT INTO entries SELECT 0, what, 'sandbox', digest, at, by, previous, hash FROM entries LIMIT 1")
    with pytest.raises(sqlite3.IntegrityError):
        hand.alter("UPDATE entries SET key = 'sandbox' WHERE what = 'nature'")

    assert not is_sandbox(url)
    with Desk.open(url) as desk:
        assert not desk.is_sandbox
        assert desk.verify().problems == ()


def test_a_database_whose_nature_was_taken_out_is_a_real_one_and_named(url: str) -> None:
    hand = Hand(url)
    hand.break_the_lock()
    hand.alter("DELETE FROM entries")

    with Desk.open(url) as desk:
        assert not desk.is_sandbox
        assert "演练库" in "".join(each.text.zh for each in desk.verify().problems)


def test_a_sandbox_stays_one_when_it_is_made_again_without_the_word(url: str) -> None:
    initialise(url, sandbox=False, clock=Clock(), login=None)

    with Desk.open(url) as desk:
        assert desk.is_sandbox


def test_two_who_make_the_same_database_at_once_make_one(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/desk.db"
    script = f"""
from storage.setup import initialise
from tests.factories import Clock
initialise({url!r}, sandbox=False, clock=Clock(), login=None)
"""

    hands = [subprocess.Popen([sys.executable, "-c", script], cwd=HOUSE, stderr=subprocess.PIPE) for _ in range(3)]
    said = [hand.communicate()[1].decode() for hand in hands]

    assert [hand.returncode for hand in hands] == [0, 0, 0], said
    with Desk.open(url, clock=Clock()) as desk:
        assert desk.bureau_name == BUREAU_NAME


def test_the_migrations_give_the_tables_that_the_models_say(url: str, tmp_path: Path) -> None:
    from sqlmodel import SQLModel, create_engine

    wanted = tmp_path / "models.db"
    engine = create_engine(f"sqlite:///{wanted}")
    SQLModel.metadata.create_all(engine)
    engine.dispose()

    there = shape(Path(url.removeprefix("sqlite:///")))

    there.pop("alembic_version")
    assert there == shape(wanted)
    assert tables.CaseRow.__tablename__ in there


def shape(path: Path) -> dict[str, object]:
    """Columns, indexes and foreign keys of every table, in no particular order of writing."""
    connection = sqlite3.connect(path)
    found: dict[str, object] = {}
    for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        columns = connection.execute(f"SELECT name, type, \"notnull\", pk FROM pragma_table_info('{table}')").fetchall()
        keys = connection.execute(f'SELECT "table", "from", "to" FROM pragma_foreign_key_list(\'{table}\')').fetchall()
        indexes = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL", (table,)
        ).fetchall()
        unique = connection.execute(f"SELECT count(*) FROM pragma_index_list('{table}') WHERE \"unique\"").fetchone()
        without_rowid = connection.execute("SELECT wr FROM pragma_table_list WHERE name = ?", (table,)).fetchone()
        found[table] = (
            sorted(columns),
            sorted(keys),
            sorted((name, " ".join(sql.replace('"', "").split())) for name, sql in indexes),
            unique,
            without_rowid,
        )
    connection.close()
    return found


def test_the_program_asks_for_the_newest_migration() -> None:
    names = sorted(each.stem.split("_")[0] for each in (HOUSE / "storage" / "migrations" / "versions").glob("0*.py"))

    assert names[-1] == REVISION


def test_every_migration_says_whether_it_runs_before_the_new_code() -> None:
    for migration in (HOUSE / "storage" / "migrations" / "versions").glob("0*.py"):
        first = migration.read_text("utf-8").split('"""')[1]
        assert "before" in first.lower() or "after" in first.lower(), migration.name


@pytest.mark.parametrize(("found", "way_out"), [("0000", "gongkai init"), ("9999", "upgrade gongkai")])
def test_a_database_of_another_program_version_is_not_opened(url: str, found: str, way_out: str) -> None:
    hand = sqlite3.connect(url.removeprefix("sqlite:///"))
    hand.execute("UPDATE alembic_version SET version_num = ?", (found,))
    hand.commit()
    hand.close()

    with pytest.raises(StorageFault) as fault:
        Desk.open(url)

    assert found in fault.value.said.zh
    assert way_out in fault.value.said.en


def as_of_the_first_schema(source: Path, path: Path) -> None:
    """The rows of a database in the tables of the first migration."""
    config = Config()
    config.set_main_option("script_location", str(HOUSE / "storage" / "migrations"))
    with migrating(path) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    with closing(sqlite3.connect(path)) as first, first:
        first.execute("ATTACH DATABASE ? AS newest", (str(source),))
        for (table,) in first.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'").fetchall():
            if table != "alembic_version" and not table.startswith("sqlite_"):
                columns = ", ".join(row[1] for row in first.execute(f"PRAGMA main.table_info({table})"))
                first.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM newest.{table}")
        first.execute(
            "INSERT INTO main.meta SELECT 'sandbox', '1' FROM newest.entries WHERE (what, key) = ('nature', 'sandbox')"
        )
        _in_the_first_form(first)


def _in_the_first_form(first: sqlite3.Connection) -> None:
    """Every event as it was hashed then, with all that it says in clear."""
    first.row_factory = sqlite3.Row
    names = ", ".join(each.name for each in EventRow.__table__.columns)  # type: ignore[attr-defined]
    (kept,) = first.execute("SELECT sql FROM main.sqlite_master WHERE name = 'tr_events_no_update'").fetchone()
    first.execute("DROP TRIGGER tr_events_no_update")
    heads: dict[str, str] = {}
    for row in first.execute(f"SELECT {names} FROM newest.events ORDER BY case_id, seq").fetchall():
        plain = replace(event_from(row), form=1, salts={}, erased={})
        told = event_row(chained(plain, heads.get(plain.case_id, "")), row["bureau"])
        first.execute(
            "UPDATE main.events SET data = :data, comment = :comment, previous = :previous, hash = :hash "
            "WHERE case_id = :case_id AND seq = :seq",
            told,
        )
        heads[plain.case_id] = told["hash"]
    first.execute(kept)
    first.executemany("UPDATE main.cases SET head = ? WHERE id = ?", [(head, case) for case, head in heads.items()])


def test_a_database_of_a_newer_program_is_not_migrated(url: str) -> None:
    hand = sqlite3.connect(url.removeprefix("sqlite:///"))
    hand.execute("UPDATE alembic_version SET version_num = '9999'")
    hand.commit()
    hand.close()

    with pytest.raises(StorageFault) as fault:
        initialise(url, sandbox=True, clock=Clock(MONDAY), login=None)

    assert "upgrade gongkai" in fault.value.said.en


def test_a_file_of_another_program_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE contacts (name)")
    other.close()
    before = path.read_bytes()

    with pytest.raises(StorageFault):
        initialise(f"sqlite:///{path}", sandbox=False, clock=Clock(), login=None)

    assert path.read_bytes() == before
