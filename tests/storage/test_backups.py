"""A backup is one moment of the database in one file, and what is restored from it is that moment again, or nothing."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import sqlite3
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, nullcontext
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from storage import Desk, backup_file, backups, cipher, copies
from storage.backup_file import LINE, Header
from storage.files import put_in_place, workbench
from storage.setup import REVISION
from tests.engines import Hand
from tests.factories import Clock, Ids, Office
from tests.storage.test_setup import as_of_the_first_schema
from workflow.errors import BadFile, GongkaiError, StorageFault

SECRET = b"a key of this bureau, kept apart"


def unheard(done: int, total: int | None) -> None:
    """Nobody looks at the bar."""


def backed_up(url: str, file: Path, **said: Any) -> Header:
    return backups.back_up(url, file, **{"clock": Clock(), "secret": None, "force": False, "moved": unheard, **said})


def restored(url: str, file: Path, **said: Any) -> backups.Restored:
    return backups.restore(url, file, **{"secret": None, "moved": unheard, **said})


def refusal(act: Callable[[], object]) -> str:
    """By which code an act is refused."""
    with pytest.raises(GongkaiError) as refused:
        act()
    problems = getattr(refused.value, "problems", ())
    return str(problems[0].code) if problems else refused.value.code


def everything(url: str) -> dict[str, list[str]]:
    """Every row of every table."""
    hand = Hand(url)
    if url.startswith("sqlite"):
        names = hand.rows("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    else:
        names = hand.rows("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
    return {str(name): sorted(repr(row) for row in hand.rows(f"SELECT * FROM {name}")) for (name,) in names}


@pytest.fixture
def server_url(dumped_url: str) -> str:
    return dumped_url


@pytest.fixture
def new_url(url: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """Where a database of the same engine may be made."""
    if url.startswith("sqlite"):
        (tmp_path / "new").mkdir()
        yield f"sqlite:///{tmp_path}/new/restored.db"
        return
    server = request.getfixturevalue("server")
    address = server.fresh()
    yield address
    server.drop(address)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where a backup may be written, in a directory of its own."""
    (tmp_path / "kept").mkdir()
    return tmp_path / "kept" / "monday.backup"


@pytest.fixture
def on_file(file_url: str, file: Path) -> Iterator[tuple[Office, Path, Path]]:
    """A bureau in a file with a document on its way, its backup, and where it may be restored."""
    clock = Clock()
    with Desk.open(file_url, clock=clock, ids=Ids()) as desk:
        office = Office(file_url, clock, desk)
        office.signed()
        backed_up(file_url, file)
        (file.parent.parent / "new").mkdir()
        yield office, file, file.parent.parent / "new" / "restored.db"


# What goes in comes out.


def test_what_is_restored_is_what_was_backed_up(office: Office, file: Path, new_url: str) -> None:
    paper = office.signed(title="关于印发预算管理办法的通知")
    office.draft(by="chenjing")

    header = backed_up(office.url, file)
    done = restored(new_url, file)

    assert everything(new_url) == everything(office.url)
    assert (done.verified.cases, done.verified.events) == (header.cases, header.events) == (2, 7)
    assert done.verified.problems == ()
    with Desk.open(new_url, clock=office.clock) as desk:
        reader = desk.actor("zhengshen")
        assert desk.history(reader, paper) == office.history(paper)
        assert desk.fire(desk.actor("zhaoyun"), paper, "number", data={"series": "下财"}).case.case.data["doc_number"]


def test_a_backup_says_what_it_holds(office: Office, file: Path) -> None:
    office.draft()

    header = backed_up(office.url, file)

    said = json.loads(file.read_bytes()[:LINE])
    content = file.read_bytes()[LINE:]
    assert said.pop("check")
    assert said.pop("format") == "gongkai-backup/1"
    assert said == {
        "engine": "sqlite" if office.url.startswith("sqlite") else "postgresql",
        "schema": REVISION,
        "made_at": "2026-03-02T01:00:00.000000Z",
        "cases": 1,
        "events": 1,
        "salt": "",
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    assert header.to_json()["encrypted"] is False
    assert file.stat().st_mode & 0o777 == 0o600
    assert os.listdir(file.parent) == [file.name]
    assert backups.look_through(file, None, unheard) == header


def test_a_backup_is_one_moment_while_others_write(office: Office, file: Path, new_url: str) -> None:
    for _ in range(5):
        office.signed()
    enough = threading.Event()
    done: list[str] = []

    def at_work() -> None:
        with Desk.open(office.url, clock=office.clock) as desk:
            busy = Office(office.url, office.clock, desk)
            while not enough.is_set():
                done.append(busy.at_the_office(attribute="proactive"))

    other = threading.Thread(target=at_work)
    other.start()
    try:
        while not done:
            pass
        before = len(done)
        header = backed_up(office.url, file)
        after = len(done)
    finally:
        enough.set()
        other.join()

    verified = restored(new_url, file).verified
    assert verified.problems == ()
    assert verified.cases == header.cases
    assert before <= header.cases - 5 <= after + 1
    assert not office.desk.verify().problems


def test_a_copy_does_not_begin_anew_with_each_write_of_another(
    file_url: str, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.sqlite._PAGES", 10)
    copied: list[int] = []

    with Desk.open(file_url, clock=Clock(), ids=Ids()) as desk:
        office = Office(file_url, Clock(), desk)
        office.draft()

        def one_more(done: int, total: int | None) -> None:
            copied.append(done)
            if len(copied) < 60:
                office.draft()

        header = backed_up(file_url, file, moved=one_more)

    assert copied == sorted(copied)
    assert len(copied) > 20
    assert header.cases == 1
    assert restored(f"sqlite:///{tmp_path}/new.db", file).verified.cases == 1


def test_what_is_not_encrypted_can_be_had_without_this_program(on_file: tuple[Office, Path, Path]) -> None:
    _, file, new = on_file

    new.write_bytes(file.read_bytes().partition(b"\n")[2])

    with closing(sqlite3.connect(new)) as there:
        assert there.execute("SELECT count(*) FROM cases").fetchone() == (1,)


# What was made under another version.


def test_a_backup_of_an_older_schema_is_made_and_brought_up(on_file: tuple[Office, Path, Path], tmp_path: Path) -> None:
    office, file, new = on_file
    as_of_the_first_schema(Path(office.url.removeprefix("sqlite:///")), tmp_path / "first.db")

    header = backed_up(f"sqlite:///{tmp_path}/first.db", file, force=True)
    done = restored(f"sqlite:///{new}", file)

    assert (header.schema, done.migrated_to) == ("0001", REVISION)
    assert done.verified.problems == ()
    with Desk.open(f"sqlite:///{new}", clock=office.clock) as desk:
        assert desk.is_sandbox


def test_a_backup_of_a_newer_program_is_refused_before_it_is_read(
    hand: Hand, url: str, file: Path, new_url: str
) -> None:
    hand.alter("UPDATE alembic_version SET version_num = '9999'")
    backed_up(url, file)
    read: list[int] = []

    with pytest.raises(StorageFault) as fault:
        restored(new_url, file, moved=lambda done, total: read.append(done))

    assert "upgrade gongkai" in fault.value.said.en
    assert read == []
    assert is_untouched(new_url)


def is_untouched(url: str) -> bool:
    """Whether nothing stands there, nor beside it."""
    if url.startswith("sqlite"):
        return os.listdir(Path(url.removeprefix("sqlite:///")).parent) == []
    ours = "= (SELECT oid FROM pg_namespace WHERE nspname = current_schema())"
    left = f"""SELECT relname FROM pg_class WHERE relnamespace {ours}
               UNION ALL SELECT proname FROM pg_proc WHERE pronamespace {ours}"""
    return Hand(url).rows(left) == []


# What was damaged, altered, or is none.


def test_no_byte_of_the_first_line_can_change_unseen(on_file: tuple[Office, Path, Path]) -> None:
    _, file, _ = on_file
    line = file.read_bytes()[:LINE]

    unseen = []
    with file.open("rb+", buffering=0) as hand:
        for at in range(LINE):
            os.pwrite(hand.fileno(), with_a_bit_turned(line, at), 0)
            try:
                with backup_file.opened(file):
                    unseen.append(at)
            except BadFile:
                pass

    assert unseen == []


def with_a_bit_turned(content: bytes, at: int) -> bytes:
    altered = bytearray(content)
    altered[at] ^= 0x01
    return bytes(altered)


@pytest.mark.parametrize(
    ("where", "code"),
    [
        ("magic", "not-a-backup"),
        ("form", "damaged-line"),
        ("line", "damaged-line"),
        ("blanks", "damaged-line"),
        ("first", "damaged"),
        ("middle", "damaged"),
        ("last", "damaged"),
    ],
)
def test_a_damaged_backup_is_refused(on_file: tuple[Office, Path, Path], where: str, code: str) -> None:
    _, file, new = on_file
    whole = file.read_bytes()
    places = {
        "magic": 3,
        "form": whole.index(b"/1") + 1,
        "line": whole.index(b'"cases": ') + 9,
        "blanks": LINE - 2,
        "first": LINE,
        "middle": len(whole) // 2,
        "last": len(whole) - 1,
    }
    file.write_bytes(with_a_bit_turned(whole, places[where]))

    assert refusal(lambda: restored(f"sqlite:///{new}", file)) == code
    assert refusal(lambda: backups.look_through(file, None, unheard)) == code
    assert os.listdir(new.parent) == []


@pytest.mark.parametrize(
    ("length", "code"),
    [
        (0, "not-a-backup"),
        (10, "not-a-backup"),
        (LINE - 1, "cut"),
        (LINE, "cut"),
        (LINE + 1, "cut"),
        (500_000, "cut"),
        (-1, "cut"),
    ],
)
def test_a_backup_that_was_not_copied_whole_is_refused(
    on_file: tuple[Office, Path, Path], length: int, code: str
) -> None:
    _, file, new = on_file
    file.write_bytes(file.read_bytes()[:length])

    assert refusal(lambda: restored(f"sqlite:///{new}", file)) == code
    assert os.listdir(new.parent) == []


def test_a_backup_with_something_behind_it_is_refused(on_file: tuple[Office, Path, Path]) -> None:
    _, file, new = on_file
    file.write_bytes(file.read_bytes() + b"\n")

    assert refusal(lambda: restored(f"sqlite:///{new}", file)) == "cut"


def test_the_database_itself_is_no_backup(on_file: tuple[Office, Path, Path]) -> None:
    office, _, new = on_file

    assert refusal(lambda: restored(f"sqlite:///{new}", Path(office.url.removeprefix("sqlite:///")))) == "not-a-backup"


def test_a_line_that_somebody_made_up_is_refused(on_file: tuple[Office, Path, Path]) -> None:
    _, file, _ = on_file
    line, content = file.read_bytes()[:LINE], file.read_bytes()[LINE:]
    said = json.loads(line)
    said.pop("check")

    def made_up(**other: object) -> bytes:
        text = json.dumps({**said, **other})
        check = hashlib.sha256(text.encode()).hexdigest()
        return json.dumps({**json.loads(text), "check": check}).encode().ljust(LINE - 1) + b"\n" + content

    codes = {}
    others: dict[str, dict[str, object]] = {
        "as it was": {},
        "a truth for a count": {"cases": True},
        "a text for a size": {"size": str(len(content))},
        "one more word": {"note": "x"},
        "a newer form": {"format": "gongkai-backup/3"},
        "the form for attachments, without any": {"format": "gongkai-backup/2"},
        "attachments in the form without": {"attachments": 1},
    }
    for name, other in others.items():
        file.write_bytes(made_up(**other))
        codes[name] = refusal(lambda: backups.look_through(file, None, unheard)) if other else "whole"
    file.write_bytes(line[:-1] + b"\r" + content)
    codes["another end of the line"] = refusal(lambda: backups.look_through(file, None, unheard))
    nested = b'{"format": "gongkai-backup/1", "a": ' + b"[" * 900
    file.write_bytes(nested.ljust(LINE) + content)
    codes["a nest"] = refusal(lambda: backups.look_through(file, None, unheard))

    assert codes == {
        "as it was": "whole",
        "a truth for a count": "damaged-line",
        "a text for a size": "damaged-line",
        "one more word": "damaged-line",
        "the form for attachments, without any": "damaged-line",
        "attachments in the form without": "damaged-line",
        "a newer form": "newer",
        "another end of the line": "damaged-line",
        "a nest": "damaged-line",
    }


def test_what_does_not_hold_all_that_it_says_is_not_restored(
    office: Office, file: Path, new_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.draft()
    backed_up(office.url, file)
    counted = backups._of
    monkeypatch.setattr(backups, "_of", lambda *said: replace(counted(*said), cases=2))
    backed_up(office.url, file.with_name("other.backup"))

    assert refusal(lambda: restored(new_url, file.with_name("other.backup"))) == "not-all"
    assert is_untouched(new_url)
    assert restored(new_url, file).verified.cases == 1


def test_a_damaged_database_makes_no_backup_and_an_earlier_one_stays(
    on_file: tuple[Office, Path, Path], tmp_path: Path
) -> None:
    office, file, _ = on_file
    before = file.read_bytes()
    office.desk.close()
    damaged = Path(office.url.removeprefix("sqlite:///"))
    content = bytearray(damaged.read_bytes())
    content[-4096 * 20 : -4096 * 10] = bytes(4096 * 10)
    damaged.write_bytes(content)

    with pytest.raises(StorageFault) as fault:
        backed_up(office.url, file, force=True)

    assert "is damaged" in fault.value.said.en
    assert file.read_bytes() == before


def test_a_copy_that_is_not_sound_is_not_put_in_place(on_file: tuple[Office, Path, Path]) -> None:
    _, file, new = on_file
    content = bytearray(file.read_bytes()[LINE:])
    content[-4096 * 20 : -4096 * 10] = bytes(4096 * 10)

    with pytest.raises(StorageFault), copies.receiving(new, [bytes(content)]):
        pass

    assert os.listdir(new.parent) == []


def test_a_database_that_was_tampered_with_comes_back_as_it_was_and_says_so(
    office: Office, hand: Hand, file: Path, new_url: str
) -> None:
    office.draft()
    hand.alter("UPDATE cases SET title = '改过的标题'")

    backed_up(office.url, file)
    done = restored(new_url, file)

    assert [each.code for each in done.verified.problems] == ["replay"]
    assert everything(new_url) == everything(office.url)


# A key.


def test_what_is_encrypted_shows_nothing_and_comes_back_with_its_key(office: Office, file: Path, new_url: str) -> None:
    office.draft(title="关于印发预算管理办法的通知")

    header = backed_up(office.url, file, secret=SECRET)
    done = restored(new_url, file, secret=SECRET)

    assert header.is_encrypted
    content = file.read_bytes()[LINE:]
    assert [each for each in (b"SQLite", b"PGDMP", "预算".encode(), b"wangmin") if each in content] == []
    assert everything(new_url) == everything(office.url)
    assert done.verified.problems == ()


def test_whoever_is_killed_leaves_nothing_in_the_clear_where_backups_are_kept(
    file_url: str, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a kill at this moment would leave: a medium that goes from hand to hand got the whole database, for everybody to read."""
    monkeypatch.setattr("storage.sqlite._PAGES", 10)
    beside = Path(file_url.removeprefix("sqlite:///")).parent
    left: dict[str, set[int]] = {}
    named: list[Path] = []

    def asked_while_it_is_read() -> datetime:
        named.extend(file.parent.rglob("copy.db"))
        return Clock()()

    def killed(done: int, total: int | None) -> None:
        for place in (file.parent, beside):
            for each in (each for bench in place.glob(".gongkai-*") for each in (bench, *bench.rglob("*"))):
                name = "bench" if each.is_dir() else each.name.removesuffix("-journal")
                left.setdefault(f"{place.name}/{name}", set()).add(stat.S_IMODE(each.stat().st_mode))

    before = os.umask(0)
    try:
        backed_up(file_url, file, secret=SECRET, moved=killed)
        encrypted, left = left, {}
        backed_up(file_url, file.with_name("clear"), moved=killed, clock=asked_while_it_is_read)
        restored(f"sqlite:///{file.parent}/new.db", file, secret=SECRET)
    finally:
        os.umask(before)

    assert encrypted == {"kept/bench": {0o700}, f"{beside.name}/bench": {0o700}, f"{beside.name}/copy.db": {0o600}}
    assert left == {"kept/bench": {0o700}, "kept/copy.db": {0o600}}
    assert named == []
    assert stat.S_IMODE((file.parent / "new.db").stat().st_mode) == 0o600


def test_the_same_twice_is_encrypted_differently(office: Office, file: Path) -> None:
    one, other = file, file.with_name("again.backup")

    backed_up(office.url, one, secret=SECRET)
    backed_up(office.url, other, secret=SECRET)

    assert one.read_bytes()[LINE : LINE + 64] != other.read_bytes()[LINE : LINE + 64]


@pytest.mark.parametrize(
    ("made_with", "opened_with", "code"),
    [(SECRET, None, "no-key"), (SECRET, b"another key of this size", "wrong-key"), (None, SECRET, "not-encrypted")],
)
def test_a_key_that_does_not_fit_opens_nothing(
    office: Office, file: Path, new_url: str, made_with: bytes | None, opened_with: bytes | None, code: str
) -> None:
    backed_up(office.url, file, secret=made_with)

    assert refusal(lambda: restored(new_url, file, secret=opened_with)) == code
    assert refusal(lambda: backups.look_through(file, opened_with, unheard)) == code
    assert is_untouched(new_url)


@pytest.mark.parametrize(
    "alter",
    [
        pytest.param(lambda each: [with_a_bit_turned(each[0], 5), *each[1:]], id="a bit"),
        pytest.param(lambda each: [each[1], each[0], *each[2:]], id="two pieces change places"),
        pytest.param(lambda each: each[:-1], id="the last piece is gone"),
        pytest.param(lambda each: [each[0], *each[2:]], id="a piece is gone"),
        pytest.param(lambda each: [*each, each[-1]], id="the last piece twice"),
    ],
)
def test_who_has_no_key_alters_nothing_that_is_encrypted(
    on_file: tuple[Office, Path, Path], monkeypatch: pytest.MonkeyPatch, alter: Callable[[list[bytes]], list[bytes]]
) -> None:
    monkeypatch.setattr(cipher, "PIECE", 100_000)
    office, file, new = on_file
    header = backed_up(office.url, file, secret=SECRET, force=True)
    content, length = file.read_bytes()[LINE:], 100_000 + cipher.TAG
    pieces = [content[at : at + length] for at in range(0, len(content), length)]

    forge(file, header, b"".join(alter(pieces)))

    assert refusal(lambda: restored(f"sqlite:///{new}", file, secret=SECRET)) == "wrong-key"
    assert os.listdir(new.parent) == []


def test_what_an_encrypted_backup_says_of_itself_is_bound_to_it(on_file: tuple[Office, Path, Path]) -> None:
    office, file, new = on_file
    header = backed_up(office.url, file, secret=SECRET, force=True)

    forge(file, replace(header, made_at="2027-01-01T00:00:00.000000Z"), file.read_bytes()[LINE:])

    assert refusal(lambda: restored(f"sqlite:///{new}", file, secret=SECRET)) == "wrong-key"


def forge(file: Path, header: Header, content: bytes) -> None:
    """A file whose checksums all fit, as somebody can make it who has no key."""
    header = replace(header, size=len(content), sha256=hashlib.sha256(content).hexdigest())
    file.write_bytes(header.line() + content)


# What is there already.


def test_a_file_that_is_there_stays_unless_it_may_be_overwritten(office: Office, file: Path) -> None:
    file.write_text("明年的预算")

    assert refusal(lambda: backed_up(office.url, file)) == "exists"
    assert file.read_text() == "明年的预算"
    backed_up(office.url, file, force=True)
    assert backups.look_through(file, None, unheard)
    assert refusal(lambda: backed_up(office.url, file.parent, force=True)) == "exists"
    assert refusal(lambda: backed_up(office.url, Path("/dev/full"), force=True)) == "exists"
    assert os.listdir(file.parent) == [file.name]


def test_a_file_that_another_put_there_meanwhile_stays(office: Office, file: Path) -> None:
    def meanwhile(done: int, total: int | None) -> None:
        file.write_text("明年的预算")

    assert refusal(lambda: backed_up(office.url, file, moved=meanwhile)) == "exists"
    assert file.read_text() == "明年的预算"
    assert os.listdir(file.parent) == [file.name]


def test_a_database_that_is_there_is_never_overwritten(office: Office, file: Path) -> None:
    office.draft()
    backed_up(office.url, file)
    office.draft()
    before = everything(office.url)

    with pytest.raises(StorageFault) as fault:
        restored(office.url, file)

    assert "new" in fault.value.said.en
    assert everything(office.url) == before


def test_a_database_that_another_made_meanwhile_stays(on_file: tuple[Office, Path, Path]) -> None:
    _, file, new = on_file

    with pytest.raises(StorageFault):
        restored(f"sqlite:///{new}", file, moved=lambda done, total: new.write_text("somebody else's"))

    assert new.read_text() == "somebody else's"
    assert os.listdir(new.parent) == [new.name]


def test_an_empty_file_may_become_the_database(on_file: tuple[Office, Path, Path]) -> None:
    _, file, new = on_file
    new.touch()

    assert restored(f"sqlite:///{new}", file).verified.problems == ()
    assert os.listdir(new.parent) == [new.name]


@pytest.mark.parametrize("end", ["-wal", "-journal"])
def test_the_log_of_a_lost_database_is_not_played_into_the_restored_one(
    on_file: tuple[Office, Path, Path], end: str
) -> None:
    _, file, new = on_file
    left = new.with_name(new.name + end)
    left.write_bytes(b"the last steps before the disk failed")

    with pytest.raises(StorageFault) as fault:
        restored(f"sqlite:///{new}", file)

    assert str(left) in fault.value.said.zh
    assert os.listdir(new.parent) == [left.name]
    assert left.read_bytes() == b"the last steps before the disk failed"


def test_a_backup_of_one_engine_is_not_restored_into_the_other(
    on_file: tuple[Office, Path, Path], server_url: str, tmp_path: Path
) -> None:
    _, file, new = on_file
    of_a_server = tmp_path / "server.backup"
    backed_up(server_url, of_a_server)

    assert refusal(lambda: restored(f"sqlite:///{new}", of_a_server)) == "other-engine"
    assert refusal(lambda: restored(server_url, file)) == "other-engine"


@pytest.mark.parametrize(
    ("act", "named"),
    [
        (lambda url, file: backed_up(url, file.parent / "nowhere" / "a.backup"), "nowhere"),
        (lambda url, file: backed_up(url, file.with_name("长" * 200)), "长长"),
        (lambda url, file: backed_up(f"sqlite:///{file}.none", file.with_name("b.backup")), "gongkai init"),
        (lambda url, file: restored(f"sqlite:///{file}.db", file.with_name("none.backup")), "none.backup"),
        (lambda url, file: restored(f"sqlite:///{file}.db", file.parent), "kept"),
        (lambda url, file: restored(f"sqlite:///{file.parent}/nowhere/a.db", file), "mkdir -p"),
    ],
)
def test_a_place_that_cannot_be_is_named(
    on_file: tuple[Office, Path, Path], act: Callable[[str, Path], object], named: str
) -> None:
    office, file, _ = on_file

    with pytest.raises((StorageFault, BadFile)) as fault:
        act(office.url, file)

    assert named in fault.value.said.en
    assert "Errno" not in fault.value.said.en
    assert os.listdir(file.parent) == [file.name]


# What lasts, and what a killed process left.


def test_a_file_gets_its_name_when_it_is_on_the_disk_and_the_name_lasts_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    synced, linked, replaced = os.fsync, os.link, Path.replace

    def sync(number: int) -> None:
        done.append(f"fsync {os.path.basename(os.readlink(f'/proc/self/fd/{number}'))}")
        synced(number)

    def link(one: Path, other: Path) -> None:
        done.append("named")
        linked(one, other)

    def replace_(one: Path, other: Path) -> Path:
        done.append("named")
        return replaced(one, other)

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(os, "link", link)
    monkeypatch.setattr(Path, "replace", replace_)
    for over in (False, True):
        (tmp_path / "whole").write_text("all of it")
        put_in_place(tmp_path / "whole", tmp_path / "named", over=over)

    assert done == ["fsync whole", "named", f"fsync {tmp_path.name}"] * 2


def test_on_a_disk_without_links_a_file_gets_its_name_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def link(one: Path, other: Path) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", link)
    whole, named = tmp_path / "whole", tmp_path / "named"
    whole.write_text("all of it")

    put_in_place(whole, named, over=False)
    whole.write_text("something else")
    with pytest.raises(FileExistsError):
        put_in_place(whole, named, over=False)

    assert named.read_text() == "all of it"


@pytest.mark.parametrize(("number", "is_fault"), [(errno.EINVAL, False), (errno.ENOTSUP, False), (errno.EIO, True)])
def test_a_disk_that_cannot_bring_a_directory_down_is_taken_and_one_that_fails_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, is_fault: bool
) -> None:
    synced = os.fsync

    def sync(at: int) -> None:
        if stat.S_ISDIR(os.fstat(at).st_mode):
            raise OSError(number, os.strerror(number))
        synced(at)

    monkeypatch.setattr(os, "fsync", sync)
    (tmp_path / "whole").write_text("all of it")

    with pytest.raises(OSError, match="output error") if is_fault else nullcontext():
        put_in_place(tmp_path / "whole", tmp_path / "named", over=False)


def test_what_a_killed_process_left_is_cleared_and_what_a_living_one_uses_is_not(tmp_path: Path) -> None:
    left = tmp_path / ".gongkai-dead.part"
    left.mkdir()
    (left / "copy.db").write_bytes(b"personal data")

    with workbench(tmp_path / "one.backup") as one:
        (one / "copy.db").write_bytes(b"in use")
        with workbench(tmp_path / "two.backup"):
            assert not left.exists()
            assert (one / "copy.db").read_bytes() == b"in use"

    assert os.listdir(tmp_path) == []
