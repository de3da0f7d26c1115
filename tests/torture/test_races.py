"""Four people take the same step of the same case, each as they have seen it: one has it, the others are told who."""

from __future__ import annotations

import subprocess
import sys
from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from storage import Desk
from tests.engines import Hand
from tests.factories import Clock
from tests.torture.crew import words_in
from tests.torture.hands import RACERS

HOUSE = Path(__file__).resolve().parent.parent.parent
NAMES = "甲乙丙丁"


def raced(url: str, directory: Path, rounds: int, fault: str = "none") -> list[list[Any]]:
    """What the four were told."""
    with Desk.open(url, clock=Clock()) as desk:
        admin = desk.actor("admin")
        for n, (role, post) in (
            (n, each) for n in range(RACERS) for each in (("drafter", "拟"), ("section_head", "审"))
        ):
            person = f"{role.removeprefix('section_')}-{n}"
            desk.add_person(admin, person, post + NAMES[n], section="预算科")
            desk.appoint(admin, person, role, section="预算科", from_on=date(2018, 1, 1))
    file = directory / "told"
    command = [sys.executable, "-m", "tests.torture.hands", "race", url, str(file), str(rounds), fault]
    subprocess.run(command, cwd=HOUSE, check=False, stderr=subprocess.DEVNULL if fault != "none" else None)
    return words_in(file)


def faults_of(url: str, told: list[list[Any]]) -> list[str]:
    """Every race that was not won once and lost to the winner by all the others; and what the record says otherwise."""
    races: dict[tuple[str, int], list[list[Any]]] = defaultdict(list)
    for _, what, *facts in told:
        if what in ("won", "lost", "failed"):
            _, case, version, *rest = facts
            races[case, version].append([what, *rest])
    stood = {(case, seq - 1): name for case, seq, name in Hand(url).rows("SELECT case_id, seq, actor_name FROM events")}
    faults = [f"{each}" for each in told if each[1] in ("broke", "failed")]
    for (case, version), outcomes in races.items():
        winners = [name for what, name, *_ in outcomes if what == "won"]
        if len(winners) != 1 or winners[0] != stood.get((case, version)):
            faults.append(f"{case} version {version}: won by {winners}, the record has {stood.get((case, version))}")
        elif sorted(outcomes)[:-1] != [["lost", winners[0], version + 1]] * (RACERS - 1):
            faults.append(f"{case} version {version}: {winners[0]} has won, and told was {outcomes}")
    with Desk.open(url, clock=Clock()) as desk:
        faults += [each.text.en for each in desk.verify().problems]
    return faults


def won(told: list[list[Any]]) -> int:
    return sum(each[1] == "won" for each in told)


def test_one_of_four_has_the_step_and_the_others_are_told_who(url: str, tmp_path: Path) -> None:
    told = raced(url, tmp_path, 27)

    assert faults_of(url, told) == []
    assert won(told) >= 24


@pytest.mark.torture
def test_one_of_four_has_each_of_two_thousand_steps(url: str, tmp_path: Path) -> None:
    told = raced(url, tmp_path, 2190)

    assert faults_of(url, told) == []
    assert won(told) >= 2000


def test_the_trial_sees_that_the_last_writer_wins(url: str, tmp_path: Path) -> None:
    assert faults_of(url, raced(url, tmp_path, 3, "last wins"))


def test_the_trial_sees_that_a_reader_becomes_a_writer(file_url: str, tmp_path: Path) -> None:
    assert faults_of(file_url, raced(file_url, tmp_path, 13, "deferred"))
