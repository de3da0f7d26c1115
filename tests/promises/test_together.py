"""Two tickers and four people at once on one database: every step once, no lost step, nobody is told that it is locked.

On a server they go on while it is killed and started again; what was acknowledged stands in files of their own.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from time import time

import pytest

from storage import Desk
from tests.engines import MISSING, Hand, Server, a_server, program
from tests.factories import Clock, bureau_at, people_in
from tests.promises.hands import OVER, running_clock

HOUSE = Path(__file__).resolve().parent.parent.parent
#: Office time for one real second.
SPEED = 2 * 86_400.0
#: wangmin drafts and files; lihua reviews; the Office; reviewer and leader share a desk.
PEOPLE = (("wangmin",), ("lihua",), ("zhaoyun",), ("sunli", "zhouju"))


def hand(*words: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.promises.hands", *map(str, words)]
    return subprocess.Popen(command, cwd=HOUSE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def lived_together(
    url: str,
    directory: Path,
    seconds: float,
    does: str = "work",
    meanwhile: Callable[[float], None] | None = None,
    speed: float = SPEED,
    fault: str = "none",
) -> None:
    """They live together for so long, or until what is done meanwhile is over; then every promise is looked at."""
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
    tickers = [hand("tick", url, begun, speed, fault) for _ in range(2)]
    for each in tickers:
        assert each.stdout is not None
        assert each.stdout.readline() == "ready\n"
    until = time() + seconds
    files = [directory / f"{people[0]}.acknowledged" for people in PEOPLE]
    workers = [
        hand(does, url, begun, speed, until, file, seed, fault, *people)
        for seed, (people, file) in enumerate(zip(PEOPLE, files, strict=True))
    ]

    try:
        if meanwhile:
            meanwhile(until)
            (directory / OVER).touch()
        for each in workers:
            _, said = each.communicate(timeout=seconds + 120)
            assert (each.returncode, said) == (0, "")
        for each in tickers:
            each.send_signal(signal.SIGTERM)
        for each in tickers:
            out, said = each.communicate(timeout=120)
            assert (each.returncode, out) == (0, "stopped\n"), said
            assert "locked" not in said
    finally:
        for each in (*workers, *tickers):
            each.kill()

    evening = running_clock(begun, speed)()
    with Desk.open(url, clock=lambda: evening) as desk:
        while desk.sweep():
            pass
        assert desk.verify().problems == ()
        assert [each.name for each in desk.doctor() if not each.ok and each.name != "calendar"] == []
    nothing_is_lost(url, files)
    each_step_once(url)


def left_lying(url: str) -> None:
    """Papers of a section whose head does not come in: their clocks run out under everybody's hands."""
    with Desk.open(url, clock=Clock()) as desk:
        drafter = desk.actor("chenjing")
        for _ in range(20):
            paper = desk.start(drafter, "document", title="无人审核", data={"attribute": "proactive"}).case.case
            desk.fire(drafter, paper.id, "submit")


def nothing_is_lost(url: str, files: list[Path]) -> None:
    record = set(Hand(url).rows("select case_id, seq, actor, transition, hash from events"))
    acknowledged = [tuple(json.loads(line)) for file in files for line in file.read_text().splitlines()]
    assert all(file.read_text() for file in files), "somebody had nothing to do"
    assert len(acknowledged) == len(set(acknowledged))
    assert set(acknowledged) <= record
    assert {each for each in record if each[2] not in ("system", "chenjing")} == set(acknowledged)


def each_step_once(url: str) -> None:
    rows = Hand(url).rows("select case_id, rule, armed_seq, step from steps")
    told = Hand(url).rows("select case_id, data from events where transition in ('remind', 'escalate')")
    events = [
        (case, *(json.loads(data).get(name) for name in ("deadline", "armed_seq", "step"))) for case, data in told
    ]
    assert len(rows) >= 40, "nobody was ever late: the trial tried nothing"
    assert len(events) == len(set(events))
    assert sorted(events) == sorted(rows)


def test_two_tickers_and_four_people_work_on_one_file(tmp_path: Path) -> None:
    lived_together(bureau_at(tmp_path / "bureau.db"), tmp_path, seconds=3)


def test_two_tickers_and_four_people_work_on_one_server(server: Server, tmp_path: Path) -> None:
    lived_together(people_in(server.fresh()), tmp_path, seconds=3)


@pytest.fixture
def server() -> Iterator[Server]:
    if program("initdb") is None:
        pytest.skip(MISSING)
    yield from a_server()


def killed_again_and_again(server: Server, least: int) -> Callable[[float], None]:
    """The server is killed without a word and started again, each time when somebody is at work on it; so often at least."""

    def meanwhile(until: float) -> None:
        kills = 0
        while time() < until - 0.5 or kills < least:
            at_work = "SELECT 1 FROM pg_stat_activity WHERE application_name = 'gongkai' AND state <> 'idle'"
            while time() < until - 0.5 and not Hand(server.url("postgres")).rows(at_work):
                pass
            server.stop("immediate")
            server.start()
            kills += 1
            # Half a second of work between one and the next.
            threading.Event().wait(0.5)

    return meanwhile


def test_a_server_that_is_killed_under_them_loses_nothing_and_does_nothing_twice(
    server: Server, tmp_path: Path
) -> None:
    lived_together(people_in(server.fresh()), tmp_path, 6, "insist", killed_again_and_again(server, 2))


@pytest.mark.torture
@pytest.mark.parametrize("place", ["file", "server"])
def test_two_tickers_and_four_people_work_on_one_database_for_a_minute(
    tmp_path: Path, server: Server, place: str
) -> None:
    url = people_in(server.fresh()) if place == "server" else bureau_at(tmp_path / "bureau.db")
    lived_together(url, tmp_path, seconds=60)


@pytest.mark.torture
def test_a_server_that_is_killed_under_them_for_two_minutes(server: Server, tmp_path: Path) -> None:
    lived_together(people_in(server.fresh()), tmp_path, 120, "insist", killed_again_and_again(server, 20))


@pytest.mark.torture
def test_the_trial_sees_two_tickers_that_fire_the_same_step(tmp_path: Path) -> None:
    with pytest.raises(AssertionError):
        lived_together(bureau_at(tmp_path / "bureau.db"), tmp_path, seconds=1, fault="no row")


@pytest.mark.torture
def test_the_trial_sees_a_server_that_acknowledges_what_it_has_not_on_its_disk(server: Server, tmp_path: Path) -> None:
    url = people_in(server.fresh())
    with pytest.raises(AssertionError):
        lived_together(url, tmp_path, 10, "insist", killed_again_and_again(server, 5), fault="not waited for")
