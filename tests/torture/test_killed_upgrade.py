"""The upgrade of the tables from the first release on is killed again and again: it has happened, or not begun, and ends when it is let."""

from __future__ import annotations

import lzma
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from time import monotonic

import pytest

from storage import Desk
from storage.setup import REVISION
from tests.engines import Hand
from tests.factories import Clock
from tests.storage.test_first_release import FIRST, HASHES, HOUSE

#: `gongkai init`, which says when each revision begins.
UPGRADE = """
import logging, sys
logging.basicConfig(level=logging.INFO)
from datetime import UTC, datetime
from storage.setup import initialise
from tests.torture.faults import planted
planted(sys.argv[2])
initialise("sqlite:///" + sys.argv[1], sandbox=True, clock=lambda: datetime.now(UTC))
"""
#: What the cases of the first release have beside them, each by its case.
BESIDE = ("events", "deadlines", "steps", "notices")


def first(path: Path, cases: int) -> str:
    """The database of the first release with so many cases: each of its own, again and again, under other numbers."""
    path.write_bytes(lzma.decompress(FIRST.read_bytes()))
    with closing(sqlite3.connect(path)) as db, db:
        # Aside, so that a round reads what it copies and not all that the rounds before have made.
        for table in ("cases", *BESIDE):
            db.execute(f"CREATE TEMP TABLE first_{table} AS SELECT * FROM {table}")
        for n in range(cases // 203):
            for table in ("cases", *BESIDE):
                names = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
                if table == "notices":
                    names.remove("id")
                marked = {"id", "case_id", "number", "request_id"}
                said = ", ".join(f"{each} || '-{n}'" if each in marked else each for each in names)
                db.execute(f"INSERT INTO {table} ({', '.join(names)}) SELECT {said} FROM first_{table}")
    return f"sqlite:///{path}"


def upgrading(path: Path, fault: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", UPGRADE, str(path), fault]
    return subprocess.Popen(command, cwd=HOUSE, stderr=subprocess.PIPE, text=True)


def killed_and_run_again(path: Path, cases: int, kills: Sequence[int], fault: str = "none") -> None:
    """Killed as it begins so many revisions, each time anew, then left to end."""
    url = first(path, cases)
    before = Hand(url).rows(HASHES)
    for begun in kills:
        hand = upgrading(path, fault)
        assert hand.stderr is not None
        for _ in range(begun):
            while "Running upgrade" not in (line := hand.stderr.readline()):
                assert line, "it ended before"
        hand.send_signal(signal.SIGKILL)
        hand.communicate()
        assert Hand(url).rows("SELECT version_num FROM alembic_version") == [("0001",)], "half an upgrade was kept"
        assert Hand(url).rows("PRAGMA quick_check") == [("ok",)]
        assert Hand(url).rows(HASHES) == before
    began = monotonic()
    _, said = upgrading(path, fault).communicate()
    print(f"{len(before)} events, {monotonic() - began:.1f} s, {path.stat().st_size >> 20} MiB")
    assert Hand(url).rows("SELECT version_num FROM alembic_version") == [(REVISION,)], said
    assert Hand(url).rows(HASHES) == before


def test_an_upgrade_that_is_killed_and_run_again_is_whole(tmp_path: Path) -> None:
    killed_and_run_again(tmp_path / "first.db", cases=0, kills=(3, 11))

    with Desk.open(f"sqlite:///{tmp_path / 'first.db'}", clock=Clock()) as desk:
        assert desk.verify().problems == ()


def test_the_trial_sees_half_an_upgrade(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="half an upgrade"):
        killed_and_run_again(tmp_path / "first.db", cases=0, kills=(3,), fault="each revision")


@pytest.mark.torture
def test_an_upgrade_of_a_million_cases_that_is_killed_and_run_again_keeps_every_event(tmp_path: Path) -> None:
    killed_and_run_again(tmp_path / "first.db", cases=1_000_000, kills=(1, 4, 8, 11, 13))
