"""Six people's hands and two tickers work on one database and are killed in the middle of it, again and again.

What each was told stands with the process that made them. In the end all of it is in the record, and what else is there are
acts that were announced and not yet answered when the hand died: one of each at most.
"""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from time import time
from typing import Any

import pytest

from storage import Desk
from tests.engines import Hand, Server
from tests.promises.hands import running_clock
from tests.promises.test_nothing_is_half_done import copied
from tests.torture.crew import words_in
from tests.torture.hands import SPEED

HOUSE = Path(__file__).resolve().parent.parent.parent
#: One bureau goes through so many rounds; then another begins, so that none grows so large that little happens in a round.
ROUNDS_OF_A_BUREAU = 25


def outlived(url: str, file: Path, rounds: int, seed: int, fault: str = "none") -> float:
    """When it began."""
    begun = time()
    command = ["outlive", url, str(file), str(begun), str(rounds), str(seed), fault]
    subprocess.run([sys.executable, "-m", "tests.torture.hands", *command], cwd=HOUSE, check=True)
    return begun


def faults_of(url: str, told: list[list[Any]], begun: float) -> list[str]:
    """What was told and is not so; what is so and was announced by nobody; what is there by half."""
    hand = Hand(url)
    record = {
        request: (case, seq, hash)
        for request, case, seq, hash in hand.rows("SELECT request_id, case_id, seq, hash FROM events")
        if request
    }
    acknowledged = {each[2]: tuple(each[3:]) for each in told if each[1] == "acknowledged"}
    # The last that a hand announced may have come about without a word.
    in_doubt = {each[0]: each[2] for each in told if each[1] == "intends"}
    fired = Counter((each[2], each[3], each[4]) for each in told if each[1] == "fired" and each[3])
    steps = Counter(hand.rows("SELECT case_id, rule, step FROM steps"))
    untold = hand.rows(
        "SELECT case_id, seq FROM events WHERE transition IN ('return', 'remind', 'escalate') AND NOT EXISTS"
        " (SELECT 1 FROM notices WHERE notices.case_id = events.case_id AND notices.created_at = events.at)"
    )
    with Desk.open(url, clock=lambda: running_clock(begun, SPEED)()) as desk:
        problems = desk.verify().problems
    return [
        *(f"{each[0]} broke: {each[2]}" for each in told if each[1] == "broke"),
        *(f"lost: {fact}" for request, fact in acknowledged.items() if record.get(request) != fact),
        *(f"nobody's: {request}" for request in record.keys() - acknowledged.keys() - set(in_doubt.values())),
        *(f"fired and not in the record: {each}" for each in fired - steps),
        *(f"nobody was told of: {each}" for each in untold),
        *(each.text.en for each in problems),
    ]


def lives(bureaus: Iterator[str], directory: Path, rounds: int) -> tuple[list[str], Counter[str]]:
    """The faults after so many rounds, and how much was done in them."""
    faults, done = list[str](), Counter[str]()
    for life in range(0, rounds, ROUNDS_OF_A_BUREAU):
        url, file = next(bureaus), directory / f"{life}.told"
        begun = outlived(url, file, min(ROUNDS_OF_A_BUREAU, rounds - life), seed=life)
        told = words_in(file)
        faults += faults_of(url, told, begun)
        done.update(each[1] for each in told)
    return faults, done


@pytest.fixture
def files(bureau_file: Path, tmp_path: Path) -> Iterator[str]:
    """As many bureaus as are asked for, each in a file; of each only as long as it is needed."""

    def made() -> Iterator[str]:
        for n in count():
            path = copied(bureau_file, tmp_path / f"{n}.db")
            yield f"sqlite:///{path}"
            path.unlink()

    return made()


@pytest.fixture
def databases(server: Server, bureau_template: str) -> Iterator[str]:
    """The same on a server."""

    def made() -> Iterator[str]:
        while True:
            url = server.fresh(bureau_template)
            yield url
            server.drop(url)

    return made()


def test_six_hands_and_two_tickers_that_are_killed_lose_nothing(files: Iterator[str], tmp_path: Path) -> None:
    faults, done = lives(files, tmp_path, rounds=8)

    assert faults == []
    assert done["acknowledged"] >= 20, "the trial tried too little"


@pytest.mark.torture
@pytest.mark.parametrize("place", ["files", "databases"])
def test_six_hands_and_two_tickers_that_are_killed_a_thousand_times_lose_nothing(
    request: pytest.FixtureRequest, tmp_path: Path, place: str
) -> None:
    faults, done = lives(request.getfixturevalue(place), tmp_path, rounds=1000)

    print(place, dict(done))
    assert faults == []
    assert done["acknowledged"] >= 2000, "the trial tried too little"
    assert done["fired"] >= 100, "nobody was ever late"


@pytest.mark.parametrize(
    ("fault", "place", "rounds"),
    [("two commits", "files", 8), ("committed late", "files", 8), ("committed late", "databases", 2)],
)
def test_the_trial_sees_what_is_lost_or_half_done(
    request: pytest.FixtureRequest, tmp_path: Path, fault: str, place: str, rounds: int
) -> None:
    kept: list[str] = []
    bureaus = request.getfixturevalue(place)
    # Whether a hand dies in the wrong moment is chance: where others take the processor, one life may pass without it.
    for seed in range(5):
        url, file = next(bureaus), tmp_path / f"{seed}.told"
        begun = outlived(url, file, rounds, seed, fault)
        kept += [each for each in faults_of(url, words_in(file), begun) if " broke: " not in each]
        if kept:
            break
    assert kept
