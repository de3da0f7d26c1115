"""Very much is to leave by mail, three deliverers are at work, and again and again one is killed: all of it arrives, hardly any twice."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter, deque
from contextlib import suppress
from pathlib import Path
from time import time

import pytest

from storage import Desk
from tests.engines import Hand
from tests.factories import Clock, Ids, Office
from tests.notices.servers import MailServer, serving

HOUSE = Path(__file__).resolve().parent.parent.parent
#: Who is taken for dead after five minutes is so after three seconds: the clock runs so many times faster.
SPEED = 100
HANDS = 3


def told(url: str, papers: int) -> None:
    """So many papers that the Office returned, told to two people with an address each."""
    clock = Clock()
    with Desk.open(url, clock=clock, ids=Ids()) as desk:
        office = Office(url, clock, desk)
        for person in ("wangmin", "lihua"):
            desk.outbox.reach(office.actor(person), person, f"{person}@example.gov.cn")
        for _ in range(papers):
            office.does("zhaoyun", "return_untagged", office.at_the_office())


def hand_at(url: str, begun: float, port: int, fault: str) -> subprocess.Popen[bytes]:
    words = [url, str(begun), str(SPEED), str(port), fault]
    return subprocess.Popen([sys.executable, "-m", "tests.torture.postmen", *words], cwd=HOUSE)


def killed(hand: subprocess.Popen[bytes]) -> None:
    hand.kill()
    hand.wait()


def delivered(url: str, there: MailServer, each: int, fault: str) -> int:
    """How many deliverers were killed, one after so many letters each time, until nothing waits any more."""
    begun, kills, waiting = time(), 0, Hand(url)
    hands = deque(hand_at(url, begun, there.port, fault) for _ in range(HANDS))
    try:
        while waiting.rows("SELECT id FROM outbox WHERE state = 'waiting' LIMIT 1"):
            with suppress(subprocess.TimeoutExpired):
                code = hands[-1].wait(0.05)
                raise AssertionError(f"a deliverer ended by itself: {code}")
            if len(there.taken) >= (kills + 1) * each:
                killed(hands.popleft())
                kills += 1
                hands.append(hand_at(url, begun, there.port, fault))
    finally:
        for hand in hands:
            killed(hand)
    return kills


def tried(url: str, papers: int, each: int, fault: str = "none") -> tuple[list[str], int]:
    """The faults, and how many deliverers were killed."""
    told(url, papers)
    hand = Hand(url)
    due = len(hand.rows("SELECT id FROM outbox"))
    with serving(there=MailServer(takes=0.05)) as there:
        kills = delivered(url, there, each, fault)
    times = Counter(there.ids)
    states = dict(hand.rows("SELECT state, count(*) FROM outbox GROUP BY state"))
    again = sum(times.values()) - len(times)
    return [
        *(f"{due} were told, {len(times)} arrived" for _ in [0] if len(times) != due),
        *(f"{again} came again, of {kills} who were killed" for _ in [0] if again > kills),
        *(f"states: {states}" for _ in [0] if states != {"delivered": due}),
    ], kills


def test_all_that_is_told_arrives_although_deliverers_are_killed(url: str) -> None:
    faults, kills = tried(url, papers=30, each=8)

    assert faults == []
    assert kills > 2, "nobody was killed"


@pytest.mark.torture
def test_thousands_of_letters_arrive_although_deliverers_are_killed_all_the_time(url: str) -> None:
    faults, kills = tried(url, papers=2_000, each=60)

    print(kills)
    assert faults == []
    assert kills > 50


def test_the_trial_sees_that_rows_are_taken_by_nobody(url: str) -> None:
    faults, _ = tried(url, papers=10, each=1000, fault="no claim")

    assert any("came again" in each for each in faults), faults
