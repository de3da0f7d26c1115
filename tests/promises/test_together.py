"""Two tickers and four people at once on one database: every step once, no lost step, nobody is told that it is locked."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
from datetime import date
from pathlib import Path
from time import time

import pytest

from storage import Desk
from tests.factories import Clock, bureau_at
from tests.promises.hands import running_clock

HOUSE = Path(__file__).resolve().parent.parent.parent
#: Office time for one real second.
SPEED = 2 * 86_400.0
#: wangmin drafts and files; lihua reviews; the Office; reviewer and leader share a desk.
PEOPLE = (("wangmin",), ("lihua",), ("zhaoyun",), ("sunli", "zhouju"))


def hand(*words: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.promises.hands", *map(str, words)]
    return subprocess.Popen(command, cwd=HOUSE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def lived_together(directory: Path, seconds: float) -> None:
    """They live together for so long; then every promise is looked at."""
    url = bureau_at(directory / "bureau.db")
    # What lies for so long that it reaches the supervisors is told to somebody: doctor names a word that nobody hears.
    with Desk.open(url, clock=Clock()) as desk:
        admin = desk.actor("admin")
        desk.add_person(admin, "wujianguo", "吴建国")
        desk.appoint(admin, "wujianguo", "supervisor", from_on=date(2018, 1, 1))
        # Whom the leader must leave a paper to, since he had a hand in it: doctor names one that nobody can take.
        desk.add_person(admin, "chenguohua", "陈国华")
        desk.appoint(admin, "chenguohua", "leader", from_on=date(2018, 1, 1))
    left_lying(url)
    begun = time()
    tickers = [hand("tick", url, begun, SPEED) for _ in range(2)]
    for each in tickers:
        assert each.stdout is not None
        assert each.stdout.readline() == "ready\n"
    until = time() + seconds
    files = [directory / f"{people[0]}.acknowledged" for people in PEOPLE]
    workers = [
        hand("work", url, begun, SPEED, until, file, seed, *people)
        for seed, (people, file) in enumerate(zip(PEOPLE, files, strict=True))
    ]

    for each in workers:
        _, said = each.communicate(timeout=seconds + 120)
        assert (each.returncode, said) == (0, "")
    for each in tickers:
        each.send_signal(signal.SIGTERM)
    for each in tickers:
        out, said = each.communicate(timeout=120)
        assert (each.returncode, out) == (0, "stopped\n"), said
        assert "locked" not in said

    evening = running_clock(begun, SPEED)()
    with Desk.open(url, clock=lambda: evening) as desk:
        while desk.sweep():
            pass
        assert desk.verify().problems == ()
        assert [each.name for each in desk.doctor() if not each.ok and each.name != "calendar"] == []
    nothing_is_lost(directory / "bureau.db", files)
    each_step_once(directory / "bureau.db")


def left_lying(url: str) -> None:
    """Papers of a section whose head does not come in: their clocks run out under everybody's hands."""
    with Desk.open(url, clock=Clock()) as desk:
        drafter = desk.actor("chenjing")
        for _ in range(20):
            paper = desk.start(drafter, "document", title="无人审核", data={"attribute": "proactive"}).case.case
            desk.fire(drafter, paper.id, "submit")


def nothing_is_lost(path: Path, files: list[Path]) -> None:
    with sqlite3.connect(path) as db:
        record = set(db.execute("select case_id, seq, actor, transition, hash from events"))
    acknowledged = [tuple(json.loads(line)) for file in files for line in file.read_text().splitlines()]
    assert all(file.read_text() for file in files), "somebody had nothing to do"
    assert len(acknowledged) == len(set(acknowledged))
    assert set(acknowledged) <= record
    assert {each for each in record if each[2] not in ("system", "chenjing")} == set(acknowledged)


def each_step_once(path: Path) -> None:
    with sqlite3.connect(path) as db:
        rows = db.execute("select case_id, rule, armed_seq, step from steps").fetchall()
        events = db.execute(
            "select case_id, json_extract(data, '$.deadline'), json_extract(data, '$.armed_seq'),"
            " json_extract(data, '$.step') from events where transition in ('remind', 'escalate')"
        ).fetchall()
    assert len(rows) >= 40, "nobody was ever late: the trial tried nothing"
    assert len(events) == len(set(events))
    assert sorted(events) == sorted(rows)


def test_two_tickers_and_four_people_work_on_one_database(tmp_path: Path) -> None:
    lived_together(tmp_path, seconds=3)


@pytest.mark.torture
def test_two_tickers_and_four_people_work_on_one_database_for_a_minute(tmp_path: Path) -> None:
    lived_together(tmp_path, seconds=60)
