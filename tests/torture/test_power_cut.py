"""The power goes while an office works on a file: what was acknowledged is there, and nothing is there by half.

A process works and tells of each write and each sync what SQLite asked for, of the contents of attachments what Python asked
for (`shelf.py`), and of each act that it was acknowledged. From this the files are made as a disk may leave them at a moment
of that day (`medium.py`), and opened as on the next morning.
"""

from __future__ import annotations

import os
import pickle
import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import pytest

from storage import Desk
from storage.setup import initialise
from tests.factories import MONDAY, Clock
from tests.promises.test_nothing_is_half_done import copied, everything
from tests.torture.disk import Tap, library
from tests.torture.medium import Medium, Operation
from workflow.errors import GongkaiError, StorageFault

HOUSE = Path(__file__).resolve().parent.parent.parent
ON_THE_DISK = ("create", "write", "truncate", "sync", "delete")
#: What Python asks of it beside that, with contents of attachments.
BESIDE = ("make", "directory", "rename", "list")
#: Acts that are several commits, of which the first may have come about.
SEVERAL = ("sweep",)

Events = set[tuple[str, int, str]]


@dataclass
class Recording:
    """A day as its disk saw it, and what each act of that day wrote."""

    before: bytes
    operations: list[Operation] = field(default_factory=list)
    made: dict[int, Events] = field(default_factory=dict)


@dataclass
class Expected:
    """What must be found after a cut: all that was acknowledged, and what was under way whole or not at all."""

    acknowledged: Events = field(default_factory=set)
    under_way: Events = field(default_factory=set)
    name: str = ""

    def is_met_by(self, found: Events) -> bool:
        more = found - self.acknowledged
        whole = more in (set(), self.under_way) or (self.name in SEVERAL and more <= self.under_way)
        return self.acknowledged <= found and whole


def recorded(bureau: Path | None, directory: Path, fault: str = "none", day: str = "papers") -> Recording:
    """A day of this bureau, or how one is made."""
    library()
    path = directory / "day.db"
    if bureau:
        copied(bureau, path)
    command = [sys.executable, "-m", "tests.torture.hands", "record", str(path), fault, day]
    with subprocess.Popen(command, cwd=HOUSE, stdout=subprocess.PIPE) as hand:
        assert hand.stdout is not None
        found = Recording(bureau.read_bytes() if bureau else b"")
        while True:
            try:
                operation = pickle.load(hand.stdout)
            except EOFError:
                break
            if operation[0] == "made":
                found.made[operation[1]] = operation[2]
            else:
                found.operations.append(operation)
    assert hand.returncode == 0
    return found


def mornings(day: Recording, count: int, chance: random.Random) -> Iterator[tuple[int, dict[str, bytes], Expected]]:
    """So many ways in which the files may be found, at moments spread over the day; and what must be found in them."""
    places = [n for n, each in enumerate(day.operations) if each[0] in (*ON_THE_DISK, *BESIDE)]
    cuts = sorted(chance.choices(places, k=count))
    medium, expected, done = Medium(), Expected(set(day.made.get(0, set()))), 0
    for cut in cuts:
        for operation in day.operations[done : cut + 1]:
            match operation:
                case ("base", int(number)):
                    medium.holds("day.db", number, day.before)
                case ("begins", int(act), str(name)):
                    expected.under_way, expected.name = day.made.get(act, set()), name
                case ("acknowledged", int()):
                    expected.acknowledged |= expected.under_way
                    expected.under_way, expected.name = set(), ""
                case _:
                    medium.take(operation)
        done = cut + 1
        yield cut, medium.after_a_cut(chance), expected


def laid_out(files: dict[str, bytes], directory: Path, chance: random.Random) -> Path:
    """The files in a directory of their own; beside them what is no file but memory, gone or full of anything."""
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir()
    for name, content in files.items():
        (directory / name).parent.mkdir(exist_ok=True, parents=True)
        (directory / name).write_bytes(content)
        os.utime(directory / name, (MONDAY.timestamp(), MONDAY.timestamp()))
    if chance.random() < 0.5:
        (directory / "day.db-shm").write_bytes(chance.randbytes(32768))
    return directory / "day.db"


def faults_of(path: Path, expected: Expected) -> list[str]:
    """What is wrong with this file as it is found: nothing, if the promise is kept."""
    try:
        with Desk.open(f"sqlite:///{path}", clock=Clock(MONDAY.replace(month=4))) as desk:
            found: Events = {
                (str(case), int(seq), str(hash))
                for case, seq, hash in desk._db.all("SELECT case_id, seq, hash FROM events")
            }
            faults = [str(each.text.en) for each in desk.verify().problems]
            if not expected.is_met_by(found):
                faults.append(f"lost {len(expected.acknowledged - found)} acknowledged, or half of {expected.name}")
            if desk._db.integrity() != "ok":
                faults.append(desk._db.integrity())
            desk.start(desk.actor("wangmin"), "document", title="关于来电的通知")
            return [*faults, *faults_of_contents(desk, Path(f"{path}.files"))]
    except GongkaiError as error:
        return [error.said.en]


def faults_of_contents(desk: Desk, place: Path) -> list[str]:
    """Each content that a row points at is there whole; nothing else is, once it was cleared away."""
    pointed_at = {str(row["sha256"]) for row in desk._db.all("SELECT sha256 FROM attachments WHERE sha256 IS NOT NULL")}

    def whole() -> set[str]:
        there = (each for each in place.rglob("*") if each.is_file())
        return {name for each in there if (name := "".join(each.parts[-2:])) == sha256(each.read_bytes()).hexdigest()}

    faults = [f"the content {each} is not there, or not whole" for each in pointed_at - whole()]
    desk.attachments.collect()
    if place.exists():
        with desk.attachments._contents.bench():  # whoever attaches next
            pass
    left = {str(each) for each in place.rglob("*") if each.is_file()}
    return [*faults, *([f"left over: {left}"] if len(left) != len(whole()) or whole() != pointed_at else [])]


def found_wrong(day: Recording, directory: Path, count: int, seed: int = 6) -> list[str]:
    chance = random.Random(seed)
    # Nobody cuts the power again: here no sync is waited for.
    with Tap(lambda *_: None, lambda: sqlite3.SQLITE_OK):
        return [
            f"cut after operation {cut}: {fault}"
            for cut, files, expected in mornings(day, count, chance)
            for fault in faults_of(laid_out(files, directory / "morning", chance), expected)
        ]


def test_what_was_acknowledged_is_there_after_a_power_cut(busy_bureau: Path, tmp_path: Path) -> None:
    day = recorded(busy_bureau, tmp_path)

    assert found_wrong(day, tmp_path, 40) == []
    assert {each[0] for each in day.operations} >= {*ON_THE_DISK}, "the day tried too little"


@pytest.mark.torture
def test_what_was_acknowledged_is_there_after_thousands_of_power_cuts(busy_bureau: Path, tmp_path: Path) -> None:
    assert found_wrong(recorded(busy_bureau, tmp_path), tmp_path, 5000) == []


def test_what_was_attached_is_there_after_a_power_cut(busy_bureau: Path, tmp_path: Path) -> None:
    day = recorded(busy_bureau, tmp_path, day="attachments")

    assert found_wrong(day, tmp_path, 20) == []
    assert {each[0] for each in day.operations} >= {*BESIDE}, "the day tried too little"


@pytest.mark.torture
def test_what_was_attached_is_there_after_thousands_of_power_cuts(busy_bureau: Path, tmp_path: Path) -> None:
    assert found_wrong(recorded(busy_bureau, tmp_path, day="attachments"), tmp_path, 2000) == []


@pytest.mark.parametrize("fault", ["content unsynced", "names unsynced", "row first"])
def test_the_trial_sees_a_content_that_comes_after_its_row(busy_bureau: Path, tmp_path: Path, fault: str) -> None:
    found = found_wrong(recorded(busy_bureau, tmp_path, fault, "attachments"), tmp_path, 8)

    assert any("the content" in each for each in found)


@pytest.mark.torture
def test_a_database_whose_making_the_power_cuts_off_is_made_by_the_next_who_tries(tmp_path: Path) -> None:
    assert made_again(tmp_path, 100) == {False, True}


def made_again(directory: Path, count: int, fault: str = "none", late: float = 0.25) -> set[bool]:
    """Whether it was a database, in each of so many ways in which the making of one may be cut off; then it is made again."""
    making, chance, whole = recorded(None, directory, fault), random.Random(6), everything(directory / "day.db")
    ways = set()
    with Tap(lambda *_: None, lambda: sqlite3.SQLITE_OK):
        # At its end, too: what is said to be made is there.
        making.operations += [("sync", 0)] * int(len(making.operations) * late)
        for _, files, expected in mornings(making, count, chance):
            path = laid_out(files, directory / "morning", chance)
            is_made = opens(path)
            ways.add(is_made)
            assert expected.name or (is_made and everything(path) == whole), "it was said to be made"
            initialise(f"sqlite:///{path}", sandbox=False, clock=Clock())
            assert everything(path) == whole
    return ways


def test_the_trial_sees_a_database_that_is_said_to_be_made_and_is_not_on_the_disk(tmp_path: Path) -> None:
    with pytest.raises((AssertionError, StorageFault), match=r"it was said to be made|damaged"):
        made_again(tmp_path, 2, "OFF", late=50)


def opens(path: Path) -> bool:
    """Whether it is a database of ours; who finds that it is none is told how to make it."""
    try:
        Desk.open(f"sqlite:///{path}").close()
    except StorageFault as fault:
        if "gongkai init" not in fault.said.en:
            raise
        return False
    return True


@pytest.mark.parametrize("synchronous", ["NORMAL", "OFF"])
def test_the_trial_sees_that_the_disk_is_not_waited_for(busy_bureau: Path, tmp_path: Path, synchronous: str) -> None:
    assert found_wrong(recorded(busy_bureau, tmp_path, synchronous), tmp_path, 10)
