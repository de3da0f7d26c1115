"""A process that works for years holds no more memory than in its first days, and what a killed one left is open in a moment."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from pathlib import Path
from time import perf_counter

import pytest

from storage import Desk
from tests.factories import Clock

HOUSE = Path(__file__).resolve().parent.parent.parent
#: Steps after which a process holds all that it is going to hold: what it reads is kept for so many cases at most.
SETTLED = 0.1


def at_work(url: str, steps: int, fault: str = "none") -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.torture.hands", "labour", url, str(steps), fault]
    return subprocess.Popen(command, cwd=HOUSE, stdout=subprocess.PIPE, text=True)


def grown(url: str, steps: int, fault: str = "none") -> float:
    """How many times the memory of its first tenth a process holds at most."""
    hand = at_work(url, steps, fault)
    said, _ = hand.communicate()
    held = [int(line) for line in said.splitlines()]
    assert (hand.returncode, len(held)) == (0, 100)
    print(held[9], max(held[10:]))
    return max(held[10:]) / held[9]


@pytest.mark.torture
def test_memory_is_flat_over_a_million_steps(url: str) -> None:
    assert grown(url, 1_000_000) < 1.1


def test_the_trial_sees_a_process_that_keeps_what_it_has_written(file_url: str) -> None:
    assert grown(file_url, 1000, "forgets nothing") > 1.1


def test_what_a_killed_process_left_is_open_within_half_a_second(file_url: str, tmp_path: Path) -> None:
    hand = at_work(file_url, 100_000)
    assert hand.stdout is not None
    hand.stdout.readline()  # a thousand steps: as much beside the file as SQLite ever lets stand there
    hand.send_signal(signal.SIGKILL)
    hand.communicate()
    left = Path(file_url.removeprefix("sqlite:///"))
    assert left.with_name(left.name + "-wal").stat().st_size > 1_000_000

    took = []
    for n in range(3):  # the quickest counts: others use this machine too
        (there := tmp_path / str(n)).mkdir()
        for each in left.parent.glob(left.name + "*"):
            shutil.copy(each, there)
        began = perf_counter()
        with Desk.open(f"sqlite:///{there / left.name}", clock=Clock()) as desk:
            assert desk.worklist(desk.actor("lihua")).cases == ()
            took.append(perf_counter() - began)

    print(took)
    assert min(took) <= 0.5
    with Desk.open(file_url, clock=Clock()) as desk:
        assert desk.verify().problems == ()
