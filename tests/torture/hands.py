"""The hands of these trials: processes of their own, that can be killed, raced and recorded, and that tell what they were told.

python -m tests.torture.hands record PATH FAULT
"""

from __future__ import annotations

import pickle
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

from storage import Desk
from storage.sqlite import Connection
from tests.factories import Clock, Ids
from tests.torture.disk import Tap
from workflow.case import IMPORT, Command, TransitionName

PAST = {"title": "关于下达预算的通知", "formed_on": "2023-06-14", "published_on": "2023-06-20"}


def record(path: Path, fault: str) -> None:
    """An office day; all that it does to the disk goes to standard output, and what was acknowledged between."""

    def tell(*what: object) -> None:
        pickle.dump(tuple(Path(each).name if isinstance(each, str) else each for each in what), sys.stdout.buffer)

    if fault != "none":
        less_careful(fault)
    with Tap(tell) as tap:
        tell("base", tap.number(str(path)))
        Day(path, tell).live()
    sys.stdout.buffer.flush()


def less_careful(synchronous: str) -> None:
    """The planted fault: SQLite does not wait for the disk as it should."""
    settle: Callable[..., None] = Connection._settle

    def settled(db: Connection, must_be_ours: bool) -> None:
        settle(db, must_be_ours)
        db._driver.execute(f"PRAGMA synchronous = {synchronous}")

    mock.patch.object(Connection, "_settle", settled).start()


class Day:
    """Papers that are begun, go their way, come back and lie too long; on two connections by turns."""

    def __init__(self, path: Path, tell: Callable[..., None]) -> None:
        self._tell, self._url, self._clock, self._ids = tell, f"sqlite:///{path}", Clock(), Ids()
        self._count = 0
        self._known: set[tuple[str, int, str]] = set()

    def live(self) -> None:
        with self._opened() as desk:
            self._note(desk)
        for _ in range(3):
            with self._opened() as one, self._opened() as other:
                self._morning(one, other)
                self._clock.forward(days=3)
                self._does(other, "sweep", lambda: other.sweep())
            # The last who goes carries the log over and deletes it.

    def _opened(self) -> Desk:
        desk = Desk.open(self._url, clock=self._clock, ids=lambda: f"day-{self._ids()}")
        # So often that what is written is carried over to the tables in the middle of the day, many times.
        desk._db.run("PRAGMA wal_autocheckpoint = 40")
        return desk

    def _morning(self, one: Desk, other: Desk) -> None:
        drafter, office = one.actor("wangmin"), other.actor("zhaoyun")
        papers: list[str] = []

        def begun() -> None:
            data: dict[str, Any] = {"origin": "own", "is_policy": False}
            papers.append(one.start(drafter, "document", title="关于停电的通知", data=data).case.case.id)

        def fire(desk: Desk, person: str, step: str, paper: str, **more: Any) -> Callable[[], object]:
            return lambda: desk.fire(desk.actor(person), paper, step, **more)

        for _ in range(4):
            self._does(one, "start", begun)
        for paper in papers[:3]:
            self._does(one, "edit", lambda: one.edit(drafter, paper, data={"body": "预算" * 4000}))  # noqa: B023
            self._does(one, "submit", fire(one, "wangmin", "submit", paper))
        for paper in papers[:2]:
            self._does(other, "endorse", fire(other, "lihua", "endorse", paper))
        self._does(one, "return", fire(one, "qianwei", "return", papers[0], comment="请补充"))
        past = [Command(IMPORT, PAST, request_id=f"past-{self._count}-{n}") for n in range(3)]
        self._does(other, "import", lambda: other.take_in(office, "document", past, section="预算科"))
        resubmitted = [(papers[0], Command(TransitionName("submit"))), (papers[3], Command(TransitionName("submit")))]
        self._does(one, "many", lambda: one.fire_many(drafter, resubmitted))

    def _does(self, desk: Desk, name: str, act: Callable[[], object]) -> None:
        self._count += 1
        self._tell("begins", self._count, name)
        act()
        self._tell("acknowledged", self._count)
        self._note(desk)

    def _note(self, desk: Desk) -> None:
        """What came to stand in the record with the last act."""
        now = {tuple(row) for row in desk._db.all("SELECT case_id, seq, hash FROM events")}
        self._tell("made", self._count, now - self._known)
        self._known = now  # type: ignore[assignment]


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["record", path, fault]:
            record(Path(path), fault)
