"""A backup holds the papers of its moment, and a database that is restored has them: whole, once each, or it is said which are not."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from settings import Keeping
from storage import Desk
from storage.attachments import Contents
from storage.backup_file import LINE
from tests.factories import Clock, Office
from tests.storage.attaching import keeping as keeping
from tests.storage.attaching import office as office
from tests.storage.attaching import paper as paper
from tests.storage.test_attachments import add, ended, kept
from tests.storage.test_backups import SECRET, backed_up, everything, new_url, refusal, restored, server_url
from workflow.errors import StorageFault
from workflow.text import Text

__all__ = ["new_url", "server_url"]

IN_A_FILE = pytest.mark.parametrize("url", ["file_url"], indirect=True, ids=["sqlite"])
Paper = Callable[..., Path]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "monday.backup"


@pytest.fixture
def elsewhere(keeping: Keeping, tmp_path: Path) -> Keeping:
    """Where what is restored keeps its papers."""
    return replace(keeping, directory=str(tmp_path / "restored" / "kept"))


def contents(keeping: Keeping) -> dict[str, bytes]:
    place = Path(str(keeping.directory))
    return {each.relative_to(place).as_posix(): each.read_bytes() for each in kept(keeping)}


@pytest.mark.parametrize("secret", [None, SECRET], ids=["open", "locked"])
def test_the_papers_are_there_again(
    office: Office, paper: Paper, keeping: Keeping, elsewhere: Keeping, file: Path, new_url: str, secret: bytes | None
) -> None:
    case = office.draft()
    for n, content in enumerate(("一", "二", "一", b"x" * 1_500_000)):
        add(office, case if n < 3 else office.draft(title="另一件"), paper(content, f"{n}.txt"))
    add_nothing_points_at(keeping)

    header = backed_up(office.url, file, keeping=keeping, secret=secret)
    done = restored(new_url, file, keeping=elsewhere, secret=secret)

    assert (header.attachments, header.cases, done.header) == (3, 2, header)
    assert (done.verified.problems, done.verified.attachments) == ((), 3)
    assert everything(new_url) == everything(office.url)
    assert contents(elsewhere) == {name: said for name, said in contents(keeping).items() if said != b"nobody's"}
    assert {*kept(elsewhere).values()} == {"0o600"}
    with Desk.open(new_url, clock=office.clock, keeping=elsewhere) as desk:
        desk.attachments.get(desk.actor("wangmin"), case, 2, file.with_name("out.txt"))
    assert file.with_name("out.txt").read_text() == "二"


def add_nothing_points_at(keeping: Keeping) -> None:
    place = Contents(Path(str(keeping.directory)))
    with place.bench() as bench:
        (bench / "x").write_bytes(b"nobody's")
        place.put(bench / "x", "ab" * 32, Clock()())


@IN_A_FILE
def test_without_this_program_the_papers_can_be_had_as_well(
    office: Office, paper: Paper, keeping: Keeping, file: Path, tmp_path: Path
) -> None:
    add(office, office.draft(), paper("会签意见"))
    backed_up(office.url, file, keeping=keeping)
    out = tmp_path / "out"
    out.mkdir()

    subprocess.run(
        f"tail -n +2 '{file}' | tar x -C '{out}' && cat '{out}'/database.* > '{out}/bureau.db'", shell=True, check=True
    )

    assert everything(f"sqlite:///{out}/bureau.db") == everything(office.url)
    assert [each.read_text() for each in (out / "files").rglob("*") if each.is_file()] == ["会签意见"]


@IN_A_FILE
def test_where_there_are_no_papers_a_backup_is_as_before(office: Office, keeping: Keeping, file: Path) -> None:
    office.draft()

    backed_up(office.url, file, keeping=keeping)

    assert b'"gongkai-backup/1"' in file.read_bytes()[:LINE]
    assert b"attachments" not in file.read_bytes()[:LINE]


@IN_A_FILE
def test_who_attaches_meanwhile_is_in_the_next_backup(
    office: Office, paper: Paper, keeping: Keeping, elsewhere: Keeping, file: Path, new_url: str
) -> None:
    case = office.draft()
    add(office, case, paper("先前的"))
    late = [paper("其间的", "b.txt")]

    def meanwhile(*_: object) -> None:
        if late:
            add(office, case, late.pop())

    header = backed_up(office.url, file, keeping=keeping, moved=meanwhile)
    done = restored(new_url, file, keeping=elsewhere)

    assert len(kept(keeping)) == 2
    assert (header.attachments, done.verified.problems) == (1, ())
    assert [*contents(elsewhere).values()] == ["先前的".encode()]


@IN_A_FILE
def test_what_is_erased_meanwhile_is_not_kept_by_half(
    office: Office, paper: Paper, keeping: Keeping, file: Path
) -> None:
    case = ended(office, paper("赵甲乙的身份证号"))
    once = [case]

    def meanwhile(*_: object) -> None:
        if once:
            office.desk.erase(office.actor("zhouzhu"), once.pop(), "依申请")

    with pytest.raises(StorageFault) as fault:
        backed_up(office.url, file, keeping=keeping, moved=meanwhile)

    assert "重新备份" in fault.value.said.zh
    assert not file.exists()
    assert backed_up(office.url, file, keeping=keeping).attachments == 0


@IN_A_FILE
@pytest.mark.parametrize("damage", ["gone", "altered", "cut"])
def test_what_cannot_be_kept_is_named_and_all_else_is_kept(
    office: Office, paper: Paper, keeping: Keeping, elsewhere: Keeping, file: Path, new_url: str, damage: str
) -> None:
    case = office.draft()
    add(office, case, paper("完好的", "a.txt"))
    add(office, case, paper("受损的", "b.txt"))
    ill = next(each for each in kept(keeping) if each.read_text() == "受损的")
    lost: list[Text] = []
    if damage == "gone":
        ill.unlink()
    else:
        ill.write_text("被改的" if damage == "altered" else "受")

    header = backed_up(office.url, file, keeping=keeping, lost=lost.append)
    done = restored(new_url, file, keeping=elsewhere)

    assert header.attachments == (1 if damage == "gone" else 2)
    assert len(lost) == 1
    assert [each.code for each in done.verified.problems] == ["content"]
    assert "完好的".encode() in contents(elsewhere).values()


@IN_A_FILE
@pytest.mark.parametrize("at", [LINE + 10, -2000, -1])
def test_a_byte_that_changed_is_found_before_anything_is_laid_down(
    office: Office, paper: Paper, keeping: Keeping, elsewhere: Keeping, file: Path, new_url: str, at: int
) -> None:
    add(office, office.draft(), paper())
    backed_up(office.url, file, keeping=keeping)
    said = bytearray(file.read_bytes())
    said[at] ^= 1
    file.write_bytes(said)

    assert refusal(lambda: restored(new_url, file, keeping=elsewhere)) == "damaged"
    assert not Path(str(elsewhere.directory)).exists()


@IN_A_FILE
def test_another_key_lays_nothing_down(
    office: Office, paper: Paper, keeping: Keeping, elsewhere: Keeping, file: Path, new_url: str
) -> None:
    add(office, office.draft(), paper())
    backed_up(office.url, file, keeping=keeping, secret=SECRET)

    assert (
        refusal(lambda: restored(new_url, file, keeping=elsewhere, secret=b"another key, of another bureau"))
        == "wrong-key"
    )
    assert not Path(str(elsewhere.directory)).exists()
    assert not os.path.lexists(new_url.removeprefix("sqlite:///"))


@IN_A_FILE
def test_what_an_earlier_attempt_left_is_no_hindrance(
    office: Office, paper: Paper, keeping: Keeping, elsewhere: Keeping, file: Path, new_url: str
) -> None:
    add(office, office.draft(), paper("会签意见"))
    backed_up(office.url, file, keeping=keeping)
    (name,) = contents(keeping)
    (Path(str(elsewhere.directory)) / name).parent.mkdir(parents=True)
    (Path(str(elsewhere.directory)) / name).write_text("会签")

    done = restored(new_url, file, keeping=elsewhere)

    assert done.verified.problems == ()
    assert contents(elsewhere) == contents(keeping)


@pytest.mark.parametrize("url", ["server_url"], indirect=True, ids=["postgresql"])
def test_a_server_is_told_where_its_papers_lie_before_it_is_filled(
    office: Office, paper: Paper, keeping: Keeping, file: Path, new_url: str
) -> None:
    add(office, office.draft(), paper())
    backed_up(office.url, file, keeping=keeping)

    with pytest.raises(StorageFault) as fault:
        restored(new_url, file)

    assert "GONGKAI_FILES" in fault.value.said.en
    assert everything(new_url) == {}


def test_a_pipe_in_the_place_of_a_content_is_named_and_not_waited_for(
    office: Office, paper: Paper, keeping: Keeping, file: Path, tmp_path: Path
) -> None:
    case = office.draft()
    done = office.desk.attachments.add(office.actor("wangmin"), case, paper())
    there = Contents(Path(str(keeping.directory))).path(str(done.paper.sha256))
    there.unlink()
    os.mkfifo(there)
    lost: list[Text] = []

    with at_once():
        assert [each.code for each in office.desk.verify().problems] == ["content"]
        with pytest.raises(StorageFault):
            office.desk.attachments.get(office.actor("wangmin"), case, 1, tmp_path / "out.txt")
        backed_up(office.url, file, keeping=keeping, lost=lost.append)

    assert len(lost) == 1
    assert str(done.paper.sha256) in lost[0].zh


@contextmanager
def at_once() -> Iterator[None]:
    """Whoever waits in here is woken, and fails."""

    def waited(*_: object) -> None:
        raise AssertionError("it waits")

    former = signal.signal(signal.SIGALRM, waited)
    signal.alarm(20)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, former)
