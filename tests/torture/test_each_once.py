"""Very many steps are due at once, three tickers serve them, and again and again one is killed: each fires exactly once."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from storage import Desk
from tests.engines import Hand
from tests.factories import Clock
from tests.promises.test_each_step_once import A_WEEK_LATER, STEPS, filed
from tests.torture.crew import words_in

HOUSE = Path(__file__).resolve().parent.parent.parent


def reminded(url: str, directory: Path, every: float, fault: str = "none") -> list[list[Any]]:
    """What the tickers said that they fired, while each time after so many seconds one of them was killed."""
    file = directory / "told"
    command = ["remind", url, str(file), A_WEEK_LATER, str(every), fault]
    subprocess.run([sys.executable, "-m", "tests.torture.hands", *command], cwd=HOUSE, check=True)
    return words_in(file)


def faults_of(url: str, told: list[list[Any]], papers: int) -> list[str]:
    """Every step that did not fire, that fired twice or out of order, and of which somebody was not told once."""
    hand = Hand(url)
    said = Counter(
        (case, deadline, step) for _, what, case, deadline, step in (each for each in told if len(each) == 5)
    )
    events: dict[str, list[str]] = {}
    for case, data in hand.rows(
        "SELECT case_id, data FROM events WHERE transition IN ('remind', 'escalate') ORDER BY case_id, seq"
    ):
        events.setdefault(case, []).append(json.loads(data)["step"])
    notices = dict(hand.rows("SELECT person, count(*) FROM notices GROUP BY person"))
    # The head of the section: the reminder and the first escalation; the Office's two the first; the leader the second.
    wanted = {"lihua": 2 * papers, "zhaoyun": papers, "qianwei": papers, "zhouju": papers}
    with Desk.open(url, clock=Clock()) as desk:
        problems = desk.verify().problems
    return [
        *(f"{each[0]} broke: {each[2]}" for each in told if each[1] == "broke"),
        *(f"{case}: {steps}" for case, steps in events.items() if steps != [*STEPS]),
        *(f"{papers - len(events)} papers of which nobody was told" for _ in [0] if len(events) != papers),
        *(f"fired {times} times: {each}" for each, times in said.items() if times != 1),
        *(f"told: {notices}" for _ in [0] if notices != wanted),
        *(each.text.en for each in problems),
    ]


def tried(url: str, directory: Path, papers: int, every: float, fault: str = "none") -> tuple[list[str], int]:
    """The faults, and how many tickers there were."""
    filed(url, Clock(), papers)
    told = reminded(url, directory, every, fault)
    return faults_of(url, told, papers), sum(each[1] == "begins" for each in told)


def test_three_hundred_steps_fire_once_each_although_tickers_are_killed(url: str, tmp_path: Path) -> None:
    faults, tickers = tried(url, tmp_path, papers=100, every=0.4)

    assert faults == []
    assert tickers > 3, "nobody was killed"


@pytest.mark.torture
def test_a_hundred_and_fifty_thousand_steps_fire_once_each_although_a_ticker_is_killed(
    url: str, tmp_path: Path
) -> None:
    faults, tickers = tried(url, tmp_path, papers=50_000, every=1)

    print(tickers)
    assert faults == []
    assert tickers > 30


def test_the_trial_sees_that_a_step_has_no_row_of_its_own(url: str, tmp_path: Path) -> None:
    faults, _ = tried(url, tmp_path, papers=100, every=60, fault="no row")

    assert any(each.count(STEPS[0]) > 1 for each in faults), faults
