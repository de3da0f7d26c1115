"""A backup, and a database that is restored, is there whole or not at all: killed at each thing it asks of the system, or without room."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.factories import bureau_at

HOUSE = Path(__file__).resolve().parent.parent.parent

#: Does the act in one child after another, each of which dies one step later; says of each what was there afterwards.
KILLED = """
import json, os, signal, sys
from pathlib import Path
from storage import backups
from storage.moments import wall_clock
from storage.desk import Desk

act, url, file, new = sys.argv[1:]
asked = ("open", "os.", "shutil.", "tempfile.", "fcntl.", "sqlite3.", "subprocess.")

def back_up():
    backups.back_up(url, Path(file), clock=wall_clock, secret=None, force=True, moved=lambda *_: None)

def restore():
    backups.restore(f"sqlite:///{new}", Path(file), secret=None, moved=lambda *_: None)

def found():
    if act == "back_up":
        return backups.look_through(Path(file), None, lambda *_: None).cases
    if not os.path.lexists(new):
        return None
    with Desk.open(f"sqlite:///{new}") as desk:
        done = desk.verify()
        return "torn" if done.problems else done.cases

def begun(last):
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    left = last
    def hook(event, _):
        nonlocal left
        if event.startswith(asked):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
    sys.addaudithook(hook)
    {"back_up": back_up, "restore": restore}[act]()
    os._exit(0)

back_up()  # what is imported on the way is there from now on, in each child
if act == "restore":
    restore()
    os.unlink(new)
told, step = [], 0
while not told or told[-1][0] != 0:
    step += 1
    code = begun(step)
    told.append([code, found()])
    if act == "restore" and os.path.lexists(new):
        os.unlink(new)
print(json.dumps({"told": told, "left": sorted(os.listdir(Path(new).parent))}))
"""


@pytest.fixture(scope="module")
def _bureau(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bureau") / "bureau.db"
    bureau_at(path)
    return path


@pytest.fixture
def bureau(_bureau: Path, tmp_path: Path) -> Path:
    """A bureau's file."""
    return Path(shutil.copy(_bureau, tmp_path / "bureau.db"))


@pytest.mark.parametrize("act", ["back_up", "restore"])
def test_killed_at_each_step_it_is_whole_or_not_there(bureau: Path, tmp_path: Path, act: str) -> None:
    url, file, new = f"sqlite:///{bureau}", tmp_path / "kept.backup", tmp_path / "new.db"

    said = run(KILLED, act, url, str(file), str(new))

    assert said.returncode == 0, said.stderr
    told = json.loads(said.stdout)
    killed, (last, whole) = told["told"][:-1], told["told"][-1]
    # The one that lived to the end cleared away what all before it had left.
    assert set(told["left"]) <= {"bureau.db", "bureau.db-shm", "bureau.db-wal", "kept.backup"}
    assert len(killed) > 15
    assert {code for code, _ in killed} == {-9}
    assert (last, whole) == (0, 0)
    assert {each for _, each in killed} <= ({0} if act == "back_up" else {None, 0})


def run(code: str, *words: str, room: int | None = None) -> subprocess.CompletedProcess[str]:
    """The code in a process of its own, none of whose files may grow beyond that room."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GONGKAI_")}

    def narrow() -> None:
        if room is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

    return subprocess.run(
        [sys.executable, "-c", code, *words], env={**environment, "PYTHONPATH": str(HOUSE), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True, text=True, check=False, preexec_fn=narrow,
    )  # fmt: skip


NOTHING = ("nothing half done is left", "nothing was changed")
GONGKAI = "from cli import main; main()"


@pytest.mark.parametrize("part", [0.0, 0.01, 0.5, 0.999])
def test_a_backup_without_room_says_so_and_leaves_the_earlier_one(bureau: Path, tmp_path: Path, part: float) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    file = kept / "monday.backup"
    file.write_text("last week's")
    size = bureau.stat().st_size

    answer = run(GONGKAI, "backup", str(file), "--force", "--db", str(bureau), "--lang", "en", room=int(size * part))

    assert answer.returncode == 1, answer.stderr
    assert any(said in answer.stderr for said in NOTHING)
    assert "gongkai-faults" not in answer.stderr
    assert file.read_text() == "last week's"
    assert os.listdir(kept) == [file.name]


@pytest.mark.parametrize("part", [0.0, 0.01, 0.5, 0.999])
def test_a_restoration_without_room_says_so_and_leaves_nothing(bureau: Path, tmp_path: Path, part: float) -> None:
    file, new = tmp_path / "kept.backup", tmp_path / "new"
    new.mkdir()
    assert run(GONGKAI, "backup", str(file), "--db", str(bureau)).returncode == 0
    size = bureau.stat().st_size

    answer = run(GONGKAI, "restore", str(file), "--db", f"{new}/bureau.db", "--lang", "en", room=int(size * part))

    assert answer.returncode == 1, answer.stderr
    assert any(said in answer.stderr for said in NOTHING)
    assert os.listdir(new) == []
