"""Promise 4: each reminder and escalation fires exactly once, whoever sweeps and whoever is killed while sweeping."""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from storage import Desk
from tests.factories import Clock, bureau_at
from workflow.case import Command, TransitionName

HOUSE = Path(__file__).resolve().parent.parent.parent
A_WEEK_LATER = "2026-03-12T10:30:00+08:00"
STEPS = ("remind-1", "escalate-1", "escalate-2")


def filed(url: str, clock: Clock, count: int) -> None:
    """So many papers that wait for their section head."""
    with Desk.open(url, clock=clock) as desk:
        drafter = desk.actor("wangmin")
        papers = [
            desk.start(drafter, "document", title="逐一提醒", data={"attribute": "proactive"}).case.case.id
            for _ in range(count)
        ]
        desk.fire_many(drafter, [(paper, Command(TransitionName("submit"))) for paper in papers])


def hand(url: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.promises.hands", "sweep", url, A_WEEK_LATER]
    return subprocess.Popen(command, cwd=HOUSE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def swept_with_kills(url: str, kills: int, chance: random.Random) -> None:
    """Three hands sweep at once; after a few commits one is killed and another takes its place."""
    hands = [hand(url) for _ in range(3)]
    for _ in range(kills):
        victim = hands.pop(0)
        assert victim.stdout is not None
        for _ in range(chance.randint(1, 4)):
            victim.stdout.readline()
        victim.kill()
        victim.communicate()
        hands.append(hand(url))
    for each in hands:
        _, said = each.communicate(timeout=120)
        assert each.returncode == 0, said


def promise_is_kept(path: Path, count: int) -> None:
    with Desk.open(f"sqlite:///{path}", clock=Clock()) as desk:
        assert desk.verify().problems == ()
    with sqlite3.connect(path) as db:
        rows = db.execute("select case_id, rule, armed_seq, step from steps").fetchall()
        events = db.execute(
            "select case_id, json_extract(data, '$.deadline'), json_extract(data, '$.armed_seq'),"
            " json_extract(data, '$.step') from events where transition in ('remind', 'escalate') order by case_id, seq"
        ).fetchall()
        told = db.execute("select person, count(*) from notices group by person").fetchall()
    assert Counter(rows) == Counter(events)
    assert len(rows) == len(set(rows)) == count * len(STEPS)
    assert [step for *_, step in events] == [*STEPS] * count
    # lihua: reminder and first escalation; the Office's two: the first escalation; the leader: the second.
    assert dict(told) == {"lihua": 2 * count, "zhaoyun": count, "qianwei": count, "zhouju": count}


def tried(directory: Path, count: int, kills: int) -> None:
    clock = Clock()
    url = bureau_at(directory / "bureau.db", clock)
    filed(url, clock, count)

    swept_with_kills(url, kills, random.Random(count))

    promise_is_kept(directory / "bureau.db", count)


def test_each_step_fires_once_although_sweepers_are_killed(tmp_path: Path) -> None:
    tried(tmp_path, count=60, kills=4)


@pytest.mark.torture
def test_each_step_fires_once_although_sweepers_are_killed_again_and_again(tmp_path: Path) -> None:
    tried(tmp_path, count=1500, kills=60)
