"""A migration that is killed and run again, beside people and tickers, moves every case once, with its clocks right.

The short trial has a few hundred cases; `make torture` moves ten thousand.
"""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from storage import Desk
from tests.factories import Clock, Office, bureau_at
from tests.versions.permits import FIRST, PLAN, SECOND, Permits
from workflow.case import MIGRATE, Command, TransitionName
from workflow.errors import Conflict, GongkaiError

HOUSE = Path(__file__).resolve().parent.parent.parent
TUESDAY = "2026-03-03T09:00:00+08:00"
#: A permit that was filed on Monday, as each version counts it.
LAST_DAYS = {1: {"check": "2026-03-05", "whole": "2026-03-16"}, 2: {"check": "2026-03-05", "whole": "2026-03-12"}}


@contextmanager
def permits_at(directory: Path, count: int) -> Iterator[tuple[Permits, list[str]]]:
    """So many filed permits of the first version, one in ten of them standing still, and the second version installed."""
    clock = Clock()
    url = bureau_at(directory / "bureau.db", clock)
    with Desk.open(url, clock=clock) as desk:
        permits = Permits(Office(url, clock, desk))
        permits.install(FIRST)
        drafter, officer = desk.actor("wangmin"), desk.actor("zhaoyun")
        begun = [
            desk.start(drafter, "permit", title="占道许可", data={"level": "low", "note": "急"}) for _ in range(count)
        ]
        ids = [each.case.case.id for each in begun]
        desk.fire_many(drafter, [(each, Command(TransitionName("file"))) for each in ids])
        desk.fire_many(officer, [(each, Command(TransitionName("ask"))) for each in ids[::10]])
        permits.install(SECOND)
        (directory / "plan.yaml").write_text(PLAN, "utf-8")
        clock.set("2026-03-03T09:00")
        yield permits, ids


def hand(*words: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.promises.hands", *map(str, words)]
    return subprocess.Popen(command, cwd=HOUSE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def killed_half_way(directory: Path, count: int, *, kills: int, fault: str = "none") -> None:
    """Killed so many times after some batches, then left to end: every case went over once, and all is as the record says."""
    with permits_at(directory, count) as (permits, ids):
        url, plan = permits.office.url, directory / "plan.yaml"
        for n in range(kills):
            running = hand("migrate", url, TUESDAY, plan, fault)
            assert running.stdout is not None
            for _ in range(n + 1):
                assert running.stdout.readline().strip().isdigit()
            running.send_signal(signal.SIGKILL)
            running.communicate()
            assert running.returncode == -signal.SIGKILL
            assert 0 < len(moved(directory)) < count
        last = hand("migrate", url, TUESDAY, plan)
        out, said = last.communicate(timeout=900)
        assert (last.returncode, out.splitlines()[-1]) == (0, "done"), said

        everything_went_over_once(directory, ids)
        clocks_are_right(permits, ids)
        assert permits.office.desk.verify().problems == ()
        back = permits.migrate(permits.migrate().inverse)
        assert (back.moved, back.refused) == (count, 0)
        clocks_are_right(permits, ids, version=1)
        assert permits.office.desk.verify().problems == ()


def moved(directory: Path) -> list[str]:
    with closing(sqlite3.connect(directory / "bureau.db")) as db:
        return [row[0] for row in db.execute("select case_id from events where transition = ?", (MIGRATE,))]


def everything_went_over_once(directory: Path, ids: list[str]) -> None:
    assert sorted(moved(directory)) == sorted(ids)
    with closing(sqlite3.connect(directory / "bureau.db")) as db:
        states = dict(db.execute("select state, count(*) from cases group by state"))
        versions = db.execute(
            "select distinct d.version from cases c join definitions d on d.digest = c.definition"
        ).fetchall()
    assert set(states) == {"review", "asking"}
    assert versions == [(2,)]


def clocks_are_right(permits: Permits, ids: list[str], version: int = 2) -> None:
    """What runs is due when its version says; what stands still has its pause."""
    for place, each in enumerate(ids):
        case = permits.office.case(each)
        running = {d.rule: d.rolled_on.isoformat() for d in case.deadlines}
        if place % 10:
            assert running == LAST_DAYS[version], each
        else:
            assert (running["whole"], running["asked"]) == (LAST_DAYS[version]["whole"], "2026-03-30"), each
            assert [d.rule for d in case.deadlines if d.paused] == ["whole"]


def test_a_migration_that_is_killed_half_way_and_run_again_moves_every_case_once(tmp_path: Path) -> None:
    killed_half_way(tmp_path, 300, kills=2)


def test_the_trial_sees_a_case_that_went_over_by_half(tmp_path: Path) -> None:
    with pytest.raises(AssertionError):
        killed_half_way(tmp_path, 60, kills=1, fault="half a batch")


@pytest.mark.torture
def test_a_migration_of_ten_thousand_cases_that_is_killed_half_way_moves_every_case_once(tmp_path: Path) -> None:
    killed_half_way(tmp_path, 10_000, kills=15)


def test_people_and_a_sweep_beside_a_migration_lose_nothing(tmp_path: Path) -> None:
    with permits_at(tmp_path, 200) as (permits, ids):
        desk = permits.office.desk
        seen = {each: permits.office.case(each).version for each in ids[:40]}
        permits.office.clock.set("2026-03-06T09:00")
        hands = [
            hand("migrate", permits.office.url, "2026-03-06T09:00:00+08:00", tmp_path / "plan.yaml") for _ in range(2)
        ]
        sweeper = hand("sweep", permits.office.url, "2026-03-06T09:00:00+08:00")
        outcomes: list[object] = []
        officer = desk.actor("zhaoyun")
        for each in ids[1:40]:
            try:
                outcomes.append(desk.fire(officer, each, "grant", expected_version=seen[each]))
            except GongkaiError as answer:
                outcomes.append(answer)
        for one in (*hands, sweeper):
            _, said = one.communicate(timeout=300)
            assert one.returncode == 0, said
        while desk.sweep():
            pass
        permits.migrate()

        granted = [each for each in ids if permits.office.case(each).state == "granted"]
        assert len(granted) == sum(not isinstance(each, GongkaiError) for each in outcomes)
        assert all(
            isinstance(each, Conflict) or not isinstance(each, GongkaiError) or each.code == "refused"
            for each in outcomes
        )
        gone = moved(tmp_path)
        assert len(gone) == len(set(gone))
        open_now = [permits.office.case(each) for each in ids if each not in granted]
        assert {desk.definition_of(each.definition).version for each in open_now} == {2}
        assert desk.verify().problems == ()
