"""Promise: whatever dies, at whatever moment, a step is there with all that belongs to it, or it has not happened.

A child process dies as a killed one does, without a word, before each statement that the act sends to SQLite; then the
power goes in the middle of the commit, after each page that reached the disk. What is left is read by another hand.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from storage import Desk
from storage.setup import initialise
from tests.engines import on_each_statement
from tests.factories import MONDAY, WHOLE, Clock, Ids, Office, bureau_at
from workflow.case import IMPORT, Command, TransitionName
from workflow.errors import StorageFault

pytestmark = pytest.mark.two_forms

KILLED = 9
#: The child dies before every statement, or before every other one and around each commit.
STRIDE = 1 if WHOLE else 2
PAGE, FRAME, HEADER = 4096, 4096 + 24, 32

Act = Callable[[Desk], object]
Rows = dict[str, list[tuple[object, ...]]]

PAST = {"title": "关于下达预算的通知", "formed_on": "2023-06-14", "published_on": "2023-06-20"}

ACTS: dict[str, Act] = {
    "start": lambda desk: desk.start(desk.actor("wangmin"), "document", title="关于半途而废的通知", request_id="r"),
    "edit": lambda desk: desk.edit(
        desk.actor("wangmin"), "DOC-2026-00001", data={"attribute": "withheld"}, request_id="r"
    ),
    "return": lambda desk: desk.fire(desk.actor("zhaoyun"), "DOC-2026-00002", "return_untagged", request_id="r"),
    "number": lambda desk: desk.fire(
        desk.actor("zhaoyun"), "DOC-2026-00003", "number", data={"series": "下财"}, request_id="r"
    ),
    "sweep": lambda desk: desk.sweep(),
    "import": lambda desk: desk.take_in(
        desk.actor("zhaoyun"),
        "document",
        [Command(IMPORT, PAST, request_id=f"r-{n}") for n in range(3)],
        section="预算科",
    ),
    "many": lambda desk: desk.fire_many(
        desk.actor("zhaoyun"),
        [
            ("DOC-2026-00002", Command(TransitionName("return_untagged"))),
            ("DOC-2026-00003", Command(TransitionName("number"), {"series": "下财"})),
        ],
    ),
    "appoint": lambda desk: desk.appoint(desk.actor("admin"), "wangmin", "section_head", section="国库科"),
}


@pytest.fixture(scope="module")
def bureau(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A draft, a paper at the Office that the sweep will return, and a signed one that waits for its number.

    Who is told has a mail address: what is told is to leave the house, too.
    """
    path = tmp_path_factory.mktemp("whole") / "bureau.db"
    url = bureau_at(path)
    with Desk.open(url, clock=Clock(), ids=Ids()) as desk:
        office = Office(url, Clock(), desk)
        office.draft(attribute="proactive")
        office.at_the_office()
        office.signed()
        for person in ("wangmin", "lihua", "zhaoyun"):
            desk.outbox.reach(desk.actor(person), person, f"{person}@example.gov.cn")
    return path


def copied(source: Path, target: Path) -> Path:
    shutil.copy(source, target)
    return target


def opened(path: Path) -> Desk:
    ids = Ids()
    return Desk.open(f"sqlite:///{path}", clock=Clock(MONDAY), ids=lambda: "new-" + ids())


def everything(path: Path) -> Rows:
    """Every row of every table, and that the file itself is sound.

    How far the sweep has looked for cases without hands is no step: it is noted when all is told, and a look is repeated.
    """
    connection = sqlite3.connect(path)
    try:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        found = {name: sorted(connection.execute(f"SELECT * FROM {name}").fetchall(), key=repr) for name in tables}
        found["meta"] = [row for row in found.get("meta", []) if row[0] != "hands.looked"]
        return found
    finally:
        connection.close()


def statements_of(path: Path, act: Act) -> list[str]:
    """What the act sends to SQLite, in order, from its first write transaction on."""
    sent: list[str] = []
    with opened(path) as desk:
        on_each_statement(desk._db, sent.append)
        act(desk)
        on_each_statement(desk._db, lambda _: None)
    return sent


def dies(path: Path, act: Act, before: int) -> None:
    """A child does the act and is gone before the statement of that number; no line of ours runs after that."""
    child = os.fork()
    if child == 0:
        try:
            desk = opened(path)
            sent = 0

            def hook(statement: str) -> None:
                nonlocal sent
                if sent == before:
                    os._exit(KILLED)
                sent += 1

            on_each_statement(desk._db, hook)
            act(desk)
            os._exit(KILLED)  # all is sent, and nobody has been told
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == KILLED


@pytest.mark.parametrize("name", ACTS)
def test_an_act_that_dies_before_any_statement_has_happened_whole_or_not_at_all(
    name: str, bureau: Path, tmp_path: Path
) -> None:
    act = ACTS[name]
    whole = copied(bureau, tmp_path / "whole.db")
    before = everything(bureau)
    sent = statements_of(whole, act)
    after = everything(whole)
    commits = [place for place, statement in enumerate(sent) if statement == "COMMIT"]
    assert commits
    assert before != after

    for place in sorted({*range(0, len(sent) + 1, STRIDE), *commits, *(each + 1 for each in commits), len(sent)}):
        path = copied(bureau, tmp_path / f"{place}.db")

        dies(path, act, place)

        left = everything(path)
        if place <= commits[0]:
            assert left == before, f"died before {sent[place]}"
        if place > commits[-1]:
            assert left == after
        with opened(path) as desk:
            assert not desk.verify().problems
            # Whoever was not told repeats; with the same request id nothing happens twice.
            act(desk)
            assert not desk.verify().problems
        if name != "many":
            assert everything(path) == after


@pytest.mark.parametrize("name", ["return", "sweep", "many"])
def test_what_is_told_by_mail_is_part_of_the_act(name: str, bureau: Path, tmp_path: Path) -> None:
    """So that the trials here see what is left of the outbox, whenever the act died."""
    path = copied(bureau, tmp_path / "whole.db")

    with opened(path) as desk:
        ACTS[name](desk)

    assert everything(bureau)["outbox"] == []
    assert len(everything(path)["outbox"]) == len(everything(path)["notices"]) - len(everything(bureau)["notices"]) > 0


@pytest.mark.parametrize("name", ["start", "return", "number", "import", "sweep"])
def test_a_commit_that_the_power_cut_off_has_happened_whole_or_not_at_all(
    name: str, bureau: Path, tmp_path: Path
) -> None:
    path = copied(bureau, tmp_path / "whole.db")
    before = everything(bureau)
    with opened(path) as desk:
        ACTS[name](desk)
        log = path.with_name("whole.db-wal").read_bytes()
        copied(path, tmp_path / "main.db")
    after = everything(path)
    frames = (len(log) - HEADER) // FRAME
    assert frames > 3

    states = []
    for cut in range(frames * 2 + 1):
        torn = copied(tmp_path / "main.db", tmp_path / f"{cut}.db")
        torn.with_name(torn.name + "-wal").write_bytes(log[: HEADER + cut * FRAME // 2])
        states.append(everything(torn))

    assert all(each in (before, after) for each in states)
    assert states[0] == before
    assert states[-1] == after


def test_a_database_whose_making_dies_at_any_statement_is_made_by_the_next_who_tries(tmp_path: Path) -> None:
    whole = tmp_path / "whole.db"
    initialise(f"sqlite:///{whole}", sandbox=False, clock=Clock(MONDAY))
    wanted = everything(whole)
    connect: Any = sqlite3.connect

    for place in (0, 1, 5, 9, 10, 20, 30, 40, 50, 51, 52, 53, 54, 55, 60, 80, 200):
        path = tmp_path / f"{place}.db"
        child = os.fork()
        if child == 0:
            left = place

            def hook(statement: str) -> None:
                nonlocal left
                if left == 0:
                    os._exit(KILLED)
                left -= 1

            def hooked(*args: object, **kwargs: object) -> sqlite3.Connection:
                connection: sqlite3.Connection = connect(*args, **kwargs)
                connection.set_trace_callback(hook)
                return connection

            try:
                sqlite3.connect = hooked  # type: ignore[assignment]
                initialise(f"sqlite:///{path}", sandbox=False, clock=Clock(MONDAY))
            finally:
                os._exit(1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == KILLED

        tables = everything(path)
        assert "alembic_version" not in tables or len(tables) == len(wanted), "a migration stands by half"
        if not tables.get("bureaus"):
            with pytest.raises(StorageFault, match="gongkai init"):
                Desk.open(f"sqlite:///{path}")
        initialise(f"sqlite:///{path}", sandbox=False, clock=Clock(MONDAY))
        assert everything(path) == wanted
