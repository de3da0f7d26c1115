"""A storm of due steps drains steadily, in memory that does not grow, while people go on working and hardly notice."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from statistics import quantiles

import pytest

from tests.engines import Hand
from tests.factories import Clock
from tests.promises.test_each_step_once import A_WEEK_LATER, filed
from tests.torture.crew import words_in

HOUSE = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True)
class Storm:
    """How long people's steps took, in milliseconds, by themselves and in the storm; how it drained; the ticker's memory in KiB."""

    quiet: list[float]
    beside: list[float]
    fired: int
    seconds: float
    halves: tuple[float, float]  # steps per second in the first and the second half of the passes
    memory: tuple[int, int]  # after a tenth of the passes, and at the end
    longest_run: int  # steps of the storm on record without one of people's between them

    def __str__(self) -> str:
        said = [f"{self.fired} steps in {self.seconds:.0f} s, {self.halves[0]:.0f} and {self.halves[1]:.0f} a second"]
        for name, took in (("quiet", self.quiet), ("storm", self.beside)):
            p50, p99 = quantiles(took, n=100)[49], quantiles(took, n=100)[98]
            said.append(f"{name}: {len(took)} steps, p50 {p50:.1f} p99 {p99:.1f} max {max(took):.1f} ms")
        return "; ".join([*said, f"memory {self.memory[0]} to {self.memory[1]} KiB, longest run {self.longest_run}"])


def lived(url: str, directory: Path, papers: int, quiet: int, fault: str = "none") -> Storm:
    filed(url, Clock(), papers)
    file = directory / "told"
    command = ["storm", url, str(file), A_WEEK_LATER, str(quiet), fault]
    subprocess.run([sys.executable, "-m", "tests.torture.hands", *command], cwd=HOUSE, check=True)
    words = words_in(file)
    assert not [each for each in words if each[1] == "broke"]
    passes = [each[2:] for each in words if each[1] == "fired"]
    took = [(at, seconds * 1000) for _, what, at, seconds in (each for each in words if len(each) == 4)]
    begins, ends = passes[0][0], passes[-1][0]
    middle = passes[len(passes) // 2]
    fired = [each[1] for each in passes]
    first = sum(fired[: len(passes) // 2 + 1])
    order = "row_no" if "postgresql" in url else "rowid"
    events = [row[0] for row in Hand(url).rows(f"SELECT transition FROM events ORDER BY {order}")]
    runs = (sum(1 for _ in run) for is_due, run in groupby(each in ("remind", "escalate") for each in events) if is_due)
    return Storm(
        quiet=[each for at, each in took if at < begins],
        beside=[each for at, each in took if begins <= at <= ends],
        fired=sum(fired),
        seconds=ends - begins,
        halves=(first / (middle[0] - begins), (sum(fired) - first) / max(ends - middle[0], 1e-9)),
        memory=(passes[max(1, len(passes) // 10)][2], passes[-1][2]),
        longest_run=max(runs),
    )


def test_people_work_on_while_three_hundred_steps_are_due(url: str, tmp_path: Path) -> None:
    storm = lived(url, tmp_path, papers=150, quiet=20)

    assert storm.fired == 450
    assert storm.beside, "nobody came to act"
    assert storm.longest_run < 400, storm


def test_the_trial_sees_a_pass_that_lets_nobody_in(url: str, tmp_path: Path) -> None:
    storm = lived(url, tmp_path, papers=70, quiet=20, fault="all at once")

    assert storm.longest_run > 200, storm


@pytest.mark.torture
def test_people_hardly_notice_a_hundred_thousand_due_steps(url: str, tmp_path: Path) -> None:
    storm = lived(url, tmp_path, papers=33_334, quiet=500)

    print(storm)
    assert storm.fired == 100_002
    assert quantiles(storm.beside, n=100)[98] < 1000, storm
    assert storm.halves[1] > storm.halves[0] / 2, storm
    assert storm.memory[1] < 1.2 * storm.memory[0], storm
