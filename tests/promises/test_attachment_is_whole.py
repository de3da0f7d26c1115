"""An attachment is there whole, on the disk and on record, or not at all: killed at each thing it asks of the system, or without room."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from storage import Desk
from tests.factories import MONDAY, WHOLE, Clock, Ids, bureau_at
from tests.promises.test_backup_is_whole import run

pytestmark = pytest.mark.two_forms

#: Each step is tried by `make torture`, one in three of them by `make test`.
STRIDE = 1 if WHOLE else 3

#: Does the act in one child after another, each of which dies one step later; says of each how many papers were there
#: afterwards, and what was wrong.
KILLED = """
import json, os, signal, sys
import os
from pathlib import Path
from storage.desk import Desk
from tests.factories import Clock

act, url, case, file, stride = sys.argv[1:]
asked = ("open", "os.", "shutil.", "tempfile.", "fcntl.", "sqlite3.", "subprocess.")
clock = Clock()

def attach(desk):
    desk.attachments.add(desk.actor("wangmin"), case, Path(file))

def clear_away(desk):
    desk.attachments.collect()

def found():
    with Desk.open(url, clock=clock) as desk:
        papers = desk.attachments.of(desk.actor("wangmin"), case)
        return [len(papers), [each.code for each in desk.verify().problems]]

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
    with Desk.open(url, clock=clock) as desk:
        desk.attachments.of(desk.actor("wangmin"), case)
        sys.addaudithook(hook)
        {"attach": attach, "clear_away": clear_away}[act](desk)
    os._exit(0)

with Desk.open(url, clock=clock) as desk:
    attach(desk)  # what is imported on the way is there from now on, in each child
    if act == "clear_away":
        clear_away(desk)
        for n in range(3):
            bench = desk.attachments._contents.directory / str(n)
            bench.write_text(str(n))
            desk.attachments._contents.put(bench, str(n) * 64, clock())
        clock.forward(days=2)
told, step = [], 1 - int(stride)
while not told or told[-1][0] != 0:
    step += int(stride)
    told.append([begun(step), *found()])
clock.forward(days=2)
with Desk.open(url, clock=clock) as desk:
    clear_away(desk)
    desk.attachments._contents.bench().__enter__()
print(json.dumps(told))
"""


@pytest.fixture(scope="module")
def _bureau(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    path = tmp_path_factory.mktemp("bureau") / "bureau.db"
    with Desk.open(bureau_at(path), clock=Clock(), ids=Ids()) as desk:
        done = desk.start(desk.actor("wangmin"), "document", title="关于印发预算管理办法的通知", data={"origin": "own"})
        return path, done.case.case.id


@pytest.fixture
def bureau(_bureau: tuple[Path, str], tmp_path: Path) -> tuple[Path, str]:
    """A bureau's file, and a draft of 王敏's in it."""
    return Path(shutil.copy(_bureau[0], tmp_path / "bureau.db")), _bureau[1]


@pytest.mark.parametrize("act", ["attach", "clear_away"])
def test_killed_at_each_step_a_paper_is_whole_or_not_there(bureau: tuple[Path, str], tmp_path: Path, act: str) -> None:
    path, case = bureau
    file = tmp_path / "意见.txt"
    file.write_text("会签意见：同意")

    said = run(KILLED, act, f"sqlite:///{path}", case, str(file), str(STRIDE))

    assert said.returncode == 0, said.stderr
    told = json.loads(said.stdout)
    assert len(told) * STRIDE > (25 if act == "attach" else 8)
    assert {code for code, *_ in told[:-1]} == {-9}
    assert all(problems == [] for *_, problems in told)
    counts = [count for _, count, _ in told]
    assert counts == sorted(counts)
    assert (counts[0], told[-1][0]) == (1, 0)
    # What those who died had left was cleared away by whoever came after them.
    left = [each.name for each in (tmp_path / "bureau.db.files").iterdir() if any(each.iterdir())]
    assert len(left) == 1


@pytest.mark.parametrize("room", [0, 100, 30_000])
def test_without_room_a_paper_is_not_there_and_somebody_is_told(
    bureau: tuple[Path, str], tmp_path: Path, room: int
) -> None:
    path, case = bureau
    file = tmp_path / "意见.txt"
    file.write_text("会签意见\n" * 5000)

    typed = ("attachment", "add", case, str(file), "--as", "wangmin", "--db", str(path), "--now", MONDAY.isoformat())
    said = run("from cli import main; main()", *typed, "--lang", "en", room=room)

    assert said.returncode == 1, said.stderr
    assert "gongkai-faults" not in said.stderr
    with Desk.open(f"sqlite:///{path}", clock=Clock()) as desk:
        assert desk.attachments.of(desk.actor("wangmin"), case) == ()
        assert desk.verify().problems == ()
    assert not [each for each in Path(f"{path}.files").rglob("*") if each.is_file()]
    assert os.path.exists(file)
