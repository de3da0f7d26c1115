"""One acknowledged step on SQLite through the desk, beside the barest step of the same durability written by hand.

Both run on the same disk in the same minute, by turns: one transaction begun IMMEDIATE, WAL, synchronous FULL. By hand that is
an update with a version check and one inserted event. Ours adds who may do it, guards, two clocks, the hash chain, notices.
"""

from __future__ import annotations

import itertools
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.measure import Measured, by_turns
from storage import Desk
from storage.setup import initialise

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
CASES = 50

SCHEMA = """
CREATE TABLE cases (id TEXT PRIMARY KEY, state TEXT, version INTEGER, data TEXT, changed_at TEXT);
CREATE TABLE events (case_id TEXT, seq INTEGER, at TEXT, actor TEXT, transition TEXT, data TEXT, PRIMARY KEY (case_id, seq));
"""


def by_hand(connection: sqlite3.Connection) -> Callable[[], None]:
    """The least that a durable step with a version check can be."""
    versions = dict.fromkeys((f"c{number}" for number in range(CASES)), 1)
    data = json.dumps({"title": "关于2026年度部门预算的批复", "attribute": "proactive"}, ensure_ascii=False)
    for case in versions:
        connection.execute("INSERT INTO cases VALUES (?, 'draft', 1, ?, ?)", (case, data, NOW.isoformat()))
    turns = itertools.cycle(versions)

    def step() -> None:
        case = next(turns)
        version = versions[case]
        connection.execute("BEGIN IMMEDIATE")
        changed = connection.execute(
            "UPDATE cases SET state = ?, version = version + 1, data = ?, changed_at = ? WHERE id = ? AND version = ?",
            ("section_review", data, NOW.isoformat(), case, version),
        )
        if changed.rowcount != 1:
            raise AssertionError("somebody was first")
        connection.execute(
            "INSERT INTO events VALUES (?, ?, ?, 'wangmin', 'submit', ?)", (case, version + 1, NOW.isoformat(), data)
        )
        connection.execute("COMMIT")
        versions[case] = version + 1

    return step


def through_the_desk(desk: Desk) -> Callable[[], None]:
    """Documents going to and fro between the drafter and the section head: submitted, recalled, submitted."""
    admin = desk.actor("admin")
    desk.add_section(admin, "预算科")
    desk.add_person(admin, "wangmin", "王敏", section="预算科")
    desk.appoint(admin, "wangmin", "drafter", section="预算科")
    drafter = desk.actor("wangmin")
    cases = [
        desk.start(
            drafter, "document", title=f"关于2026年度部门预算的批复（{number}）", data={"attribute": "proactive"}
        ).case.case.id
        for number in range(CASES)
    ]
    turns = itertools.cycle([*((case, "submit") for case in cases), *((case, "recall") for case in cases)])

    def step() -> None:
        case, transition = next(turns)
        desk.fire(drafter, case, transition)

    return step


def measures() -> Iterator[Measured]:
    """The ratio, and both times."""
    ticks = itertools.count()
    with TemporaryDirectory(dir=Path.cwd()) as place:
        url = f"sqlite:///{place}/desk.db"
        initialise(url, sandbox=True, clock=lambda: NOW, login=None)
        with (
            closing(sqlite3.connect(f"{place}/hand.db", isolation_level=None)) as connection,
            Desk.open(url, clock=lambda: NOW + timedelta(milliseconds=next(ticks))) as desk,
        ):
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.executescript(SCHEMA)
            acts = {"hand": by_hand(connection), "desk": through_the_desk(desk)}
            taken = by_turns(acts, rounds=30, calls=2 * CASES)
    # The median, not the lowest: a checkpoint of the log falls into every round of ours and into some of the other's.
    hand, ours = median(taken["hand"]), median(taken["desk"])
    yield Measured("an acknowledged step through the desk", ours / hand, "×", 2.5, "a step written by hand on sqlite3")
    yield Measured("  the same in time", ours * 1e6, "µs", None, f"by hand {hand * 1e6:.0f} µs")
    luckiest = min(taken["desk"]) / min(taken["hand"])
    yield Measured("  luckiest round of each", luckiest, "×", None, f"by hand {min(taken['hand']) * 1e6:.0f} µs")
