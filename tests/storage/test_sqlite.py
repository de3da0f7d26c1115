"""The embedded engine: its settings are made sure of, and each of its faults comes out in words with the way out."""

from __future__ import annotations

import errno
import sqlite3
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace

import pytest

from storage import Desk
from storage.connection import instant_from, instant_text
from storage.sqlite import Connection, path_of
from tests.factories import Office
from workflow.errors import Busy, Invalid, StorageFault

HOUSE = Path(__file__).resolve().parent.parent.parent
NOBODY = 65534


@pytest.fixture
def url(file_url: str) -> str:
    """What is tried here is the file; `test_postgres.py` tries the server."""
    return file_url


@pytest.fixture
def db(url: str) -> Iterator[Connection]:
    connection = Connection(path_of(url), patience=0.05)
    yield connection
    connection.close()


def test_a_connection_keeps_what_it_acknowledges(db: Connection) -> None:
    assert db.settings() == {"journal_mode": ("wal", "wal"), "synchronous": (2, 2), "foreign_keys": (1, 1)}


def test_a_database_whose_settings_another_program_changed_is_brought_to_ours(url: str) -> None:
    other = sqlite3.connect(path_of(url))
    other.execute("PRAGMA journal_mode = DELETE")
    other.close()

    connection = Connection(path_of(url))

    assert connection.settings()["journal_mode"] == ("wal", "wal")
    connection.close()


def test_a_path_with_strange_characters_is_just_a_path(tmp_path: Path) -> None:
    path = tmp_path / "财政 局%20?mode=ro#1.db"

    Connection(path, must_exist=False).close()

    assert path.exists()


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:///gongkai.db", "gongkai.db"),
        ("sqlite:////var/lib/gongkai.db", "/var/lib/gongkai.db"),
        ("sqlite:///公开/台账.db", "公开/台账.db"),
    ],
)
def test_an_address_names_a_file(url: str, path: str) -> None:
    assert path_of(url) == Path(path)


@pytest.mark.parametrize(
    "url",
    ["", "gongkai.db", "sqlite://", "sqlite:///", "sqlite:///:memory:", "postgresql://host", "mysql://x", "{}"],
)
def test_an_address_that_cannot_be_is_refused_with_an_example(url: str) -> None:
    with pytest.raises(Invalid) as invalid:
        Desk.open(url)

    (problem,) = invalid.value.problems
    assert problem.field == "db"
    assert "sqlite:///" in problem.text.zh
    assert "sqlite:///" in problem.text.en


def test_a_directory_that_is_not_there_is_named_with_the_way_out(tmp_path: Path) -> None:
    from storage.setup import initialise

    with pytest.raises(StorageFault) as fault:
        initialise(f"sqlite:///{tmp_path}/nowhere/desk.db", sandbox=False, clock=lambda: datetime.now(UTC))

    assert f"mkdir -p {tmp_path}/nowhere" in fault.value.said.zh
    assert f"mkdir -p {tmp_path}/nowhere" in fault.value.said.en


def test_a_database_that_is_not_there_is_not_made_by_looking_for_it(tmp_path: Path) -> None:
    with pytest.raises(StorageFault) as fault:
        Desk.open(f"sqlite:///{tmp_path}/desk.db")

    assert "gongkai init" in fault.value.said.zh
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_database_is_said_to_be_none(tmp_path: Path) -> None:
    path = tmp_path / "report.db"
    path.write_text("2018年度政府信息公开工作报告" * 100, encoding="utf-8")

    with pytest.raises(StorageFault) as fault:
        Desk.open(f"sqlite:///{path}")

    assert "不是 gongkai 数据库" in fault.value.said.zh


def test_a_directory_in_the_place_of_the_file_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(StorageFault) as fault:
        Desk.open(f"sqlite:///{tmp_path}")

    assert "打不开" in fault.value.said.zh


def test_a_database_of_another_program_is_not_ours(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE cases (id)")
    other.close()

    with pytest.raises(StorageFault) as fault:
        Desk.open(f"sqlite:///{path}")

    assert "gongkai init" in fault.value.said.en


def test_a_database_that_others_hold_for_too_long_is_busy(db: Connection, url: str) -> None:
    other = sqlite3.connect(path_of(url), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(Busy) as busy, db.writing():
        pytest.fail("nobody gets in")

    other.close()
    assert "请求号" in busy.value.said.zh
    with db.writing():
        db.run("UPDATE meta SET value = value")


def test_who_waits_behind_another_writer_gets_in_when_that_one_is_done(url: str) -> None:
    first, second = Connection(path_of(url)), Connection(path_of(url))
    at_the_door = threading.Event()
    written: list[str] = []

    def wait_for_the_turn() -> None:
        at_the_door.set()
        with second.writing():
            written.append("second")

    with first.writing():
        waiting = threading.Thread(target=wait_for_the_turn)
        waiting.start()
        at_the_door.wait()
        written.append("first")
    waiting.join()

    assert written == ["first", "second"]
    first.close()
    second.close()


def test_a_full_disk_loses_the_step_and_nothing_else(office: Office) -> None:
    paper = office.draft()
    pages = office.desk._db.one("PRAGMA page_count")
    assert pages is not None
    office.desk._db.run(f"PRAGMA max_page_count = {pages['page_count']}")

    with pytest.raises(StorageFault) as fault:
        office.desk.edit(office.actor("wangmin"), paper, data={"body": "预算" * 20_000})

    assert "磁盘已满" in fault.value.said.zh
    assert "nothing was changed" in fault.value.said.en
    assert office.case(paper).version == 1
    assert office.does("wangmin", "submit", paper).case.case.version == 2
    assert not office.desk.verify().problems


def test_a_database_that_may_only_be_read_is_said_to_be_so(url: str) -> None:
    # Root may write everywhere, so the child gives up being root first; it needs a place that others may enter.
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "bureau.db"
        path.write_bytes(path_of(url).read_bytes())
        path.chmod(stat.S_IRUSR | stat.S_IRGRP | stat.S_IROTH)
        Path(place).chmod(0o555)
        script = f"""
import os
import storage.sqlite_engine
from storage import Desk
from tests.factories import Clock
from workflow.errors import StorageFault
if os.geteuid() == 0:
    os.setgid({NOBODY})
    os.setuid({NOBODY})
try:
    with Desk.open("sqlite:///{path}", clock=Clock()) as desk:
        desk.start(desk.actor("wangmin"), "document", title="关于只读的通知")
except StorageFault as fault:
    print(fault.said.zh, fault.said.en)
"""
        said = subprocess.run([sys.executable, "-c", script], cwd=HOUSE, capture_output=True, text=True, check=False)
        Path(place).chmod(0o755)

    assert said.returncode == 0, said.stderr
    assert "只读" in said.stdout or "打不开" in said.stdout
    assert "权限" in said.stdout
    assert "permission" in said.stdout


@pytest.mark.parametrize(("reason", "said"), [(errno.EIO, "读写磁盘出错"), (errno.EACCES, "打不开数据库")])
def test_a_file_that_the_system_cannot_look_for_any_more_is_said_to_be_so(
    office: Office, monkeypatch: pytest.MonkeyPatch, reason: int, said: str
) -> None:
    def fails(path: Path) -> None:
        raise OSError(reason, "", str(path))

    monkeypatch.setattr("storage.sqlite.os", SimpleNamespace(stat=fails))

    with pytest.raises(StorageFault) as fault:
        office.draft()

    assert said in fault.value.said.zh


def test_a_dry_run_and_a_failure_both_leave_no_transaction_open(db: Connection) -> None:
    def write_and_break() -> None:
        with db.writing():
            db.run("UPDATE meta SET value = 'y'")
            raise Busy

    with db.writing(keep=False):
        db.run("UPDATE meta SET value = 'x'")
    with pytest.raises(Busy):
        write_and_break()

    values = {row["value"] for row in db.all("SELECT value FROM meta")}
    assert values.isdisjoint({"x", "y"})


def test_an_event_of_no_case_cannot_be_written(db: Connection) -> None:
    def write_an_orphan() -> None:
        with db.writing():
            db.run(
                "INSERT INTO events (case_id, seq, bureau, at, actor, actor_name, via, transition, target, data, automatic,"
                " definition, previous, hash) VALUES ('x', 1, '', '', '', '', '', '', '', '', 0, '', '', '')"
            )

    with pytest.raises(StorageFault):
        write_an_orphan()

    assert db.one("SELECT 1 FROM events") is None


def test_an_instant_sorts_as_it_reads_and_comes_back_as_it_went() -> None:
    shanghai = timezone(timedelta(hours=8))
    moments = [
        datetime(2026, 2, 13, 7, 59, 59, 999_999, shanghai),
        datetime(2026, 2, 13, 8, tzinfo=shanghai),
        datetime(2026, 2, 13, 0, 0, 1, tzinfo=UTC),
    ]

    texts = [instant_text(each) for each in moments]

    assert texts == sorted(texts)
    assert {len(each) for each in texts} == {27}
    assert [instant_from(each) for each in texts] == moments
