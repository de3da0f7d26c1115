"""A server's backup goes by pg_dump and pg_restore: what they need, what they are told, and what is left where they fail."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic
from urllib.parse import quote

import pytest

from storage import Desk
from storage.backup_file import LINE
from storage.postgres import Server as Address
from storage.postgres import backups as programs
from storage.postgres import pool as pools
from tests.engines import Hand, Server
from tests.factories import Office
from tests.storage.test_backups import backed_up, everything, file, forge, is_untouched, restored
from tests.storage.test_postgres import HOUSE, give_the_roles, roles
from workflow.errors import StorageFault

__all__ = ["file", "roles"]


@pytest.fixture
def url(dumped_url: str) -> str:
    return dumped_url


@pytest.fixture
def new_url(server: Server) -> Iterator[str]:
    address = server.fresh()
    yield address
    server.drop(address)


@pytest.fixture
def instead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """A script in the place of one of PostgreSQL's programs."""
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:{os.environ['PATH']}")

    def put(name: str, script: str) -> None:
        program = tmp_path / "bin" / name
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)

    return put


def test_who_works_and_who_may_only_read_can_make_the_backup(
    office: Office, roles: Callable[[str], str], file: Path, new_url: str
) -> None:
    office.signed()

    backed_up(roles("app"), file.with_name("at-work.backup"))
    backed_up(roles("reader"), file)
    restored(new_url, file)

    assert everything(new_url) == everything(office.url)


def test_what_was_restored_is_kept_as_before_and_the_roles_are_given_anew(
    office: Office, file: Path, new_url: str, roles: Callable[[str], str]
) -> None:
    office.draft()
    backed_up(office.url, file)
    restored(new_url, file)

    give_the_roles(new_url)

    at_work = roles("app").rpartition("/")[0] + "/" + new_url.rpartition("/")[2]
    with Desk.open(at_work, clock=office.clock) as desk:
        desk.start(desk.actor("wangmin"), "document", title="恢复后的公文")
    with pytest.raises(Exception, match="append-only"):
        Hand(new_url).alter("DELETE FROM events")
    Hand(new_url).alter(f"DROP OWNED BY {at_work.partition('//')[2].partition('@')[0]}")


@pytest.mark.parametrize("name", ["pg_dump", "pg_restore"])
def test_a_program_that_is_missing_is_named_with_the_line_that_installs_it(
    office: Office, file: Path, new_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    if name == "pg_restore":
        backed_up(office.url, file)
    monkeypatch.setattr(programs, "PLACES", tmp_path / "none")
    monkeypatch.setenv("PATH", str(tmp_path / "none"))

    with pytest.raises(StorageFault) as fault:
        backed_up(office.url, file) if name == "pg_dump" else restored(new_url, file)

    assert name in fault.value.said.zh
    assert "sudo apt-get install postgresql-client" in fault.value.said.zh
    assert "sudo apt-get install postgresql-client" in fault.value.said.en
    assert is_untouched(new_url)


@pytest.mark.parametrize(
    ("on_the_path", "beside", "taken"),
    [
        ("pg_dump", ("9.6", "15"), "path/pg_dump"),  # what the administrator chose
        ("pg_dump", (), "path/pg_dump"),
        ("pg_wrapper", ("9.6", "13", "15"), "lib/15/bin/pg_dump"),
        ("pg_wrapper", (), "path/pg_dump"),
        (None, ("9.6", "15"), "lib/15/bin/pg_dump"),
    ],
)
def test_the_program_that_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, on_the_path: str | None, beside: tuple[str, ...], taken: str
) -> None:
    path, library = tmp_path / "path", tmp_path / "lib"
    path.mkdir()
    for place in [path / (on_the_path or "other"), *(library / each / "bin" / "pg_dump" for each in beside)]:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.touch(0o755)
    if on_the_path == "pg_wrapper":
        (path / "pg_dump").symlink_to("pg_wrapper")
    monkeypatch.setattr(programs, "PLACES", library)
    monkeypatch.setenv("PATH", str(path))

    assert programs._program("pg_dump") == str(tmp_path / taken)


def test_a_password_reaches_the_program_and_is_no_word_of_its_line(
    office: Office, file: Path, tmp_path: Path, instead: Callable[[str, str], None]
) -> None:
    instead("pg_dump", f'echo "$@" > {tmp_path}/line; echo "$PGPASSWORD" > {tmp_path}/password')
    secret = "geheim, with 'quotes' and spaces"

    backed_up(office.url.replace("owner@", f"owner:{quote(secret)}@"), file)

    assert "geheim" not in (tmp_path / "line").read_text()
    assert "--no-password" in (tmp_path / "line").read_text()
    assert (tmp_path / "password").read_text() == f"{secret}\n"


def test_a_dump_that_fails_half_way_is_no_backup(
    office: Office, file: Path, instead: Callable[[str, str], None]
) -> None:
    file.write_text("last week's")
    instead(
        "pg_dump",
        "echo half of it; echo 'pg_dump: warning: x' >&2; echo 'pg_dump: error: the disk is gone' >&2; exit 1",
    )

    with pytest.raises(StorageFault) as fault:
        backed_up(office.url, file, force=True)

    assert "the disk is gone" in fault.value.said.zh
    assert file.read_text() == "last week's"
    assert os.listdir(file.parent) == [file.name]


def test_a_dump_that_nobody_takes_any_more_is_ended(
    office: Office, file: Path, instead: Callable[[str, str], None]
) -> None:
    instead("pg_dump", "echo content; exec sleep 60")
    begun = monotonic()

    def no_room(done: int, total: int | None) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(StorageFault) as fault:
        backed_up(office.url, file, moved=no_room)

    assert "full" in fault.value.said.en
    assert monotonic() - begun < 50
    assert os.listdir(file.parent) == []


@pytest.mark.parametrize("length", [100, 100_000])
def test_a_program_that_ends_early_is_heard(
    new_url: str, tmp_path: Path, instead: Callable[[str, str], None], length: int
) -> None:
    ended = tmp_path / "ended"
    instead("pg_restore", f"exec <&-; echo 'pg_restore: error: unsupported version' >&2; touch {ended}; exit 1")

    def content() -> Iterator[bytes]:
        yield b"CREATE TABLE public.alembic_version ("  # what is looked at before the program is called
        while not ended.exists():
            pass
        yield bytes(length)  # less than is held back, and more

    with pytest.raises(StorageFault) as fault, Address(new_url).receiving(content()):
        pass

    assert "unsupported version" in fault.value.said.zh


def test_a_restoration_that_fails_half_way_leaves_the_database_empty(office: Office, file: Path, new_url: str) -> None:
    for _ in range(3):
        office.signed()
    header = backed_up(office.url, file)
    content = file.read_bytes()[LINE:]

    forge(file, header, content[: len(content) * 9 // 10])

    with pytest.raises(StorageFault) as fault:
        restored(new_url, file)
    assert "pg_restore" in fault.value.said.en
    assert is_untouched(new_url)


@pytest.mark.parametrize("missing", [1000, 0])
def test_a_content_that_breaks_off_leaves_the_database_empty(
    office: Office, file: Path, new_url: str, missing: int
) -> None:
    backed_up(office.url, file)
    content = file.read_bytes()[LINE:]

    def breaking_off() -> Iterator[bytes]:
        yield content[: len(content) - missing]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), Address(new_url).receiving(breaking_off()):
        pass

    assert is_untouched(new_url)


#: Restores, and dies when so much of the content has been sent.
KILLED = """
import os, signal, sys
from storage.postgres import Server

def content():
    with open(sys.argv[2], "rb") as file:
        yield file.read(int(sys.argv[3]))
    os.kill(os.getpid(), signal.SIGKILL)

with Server(sys.argv[1]).receiving(content()):
    pass
"""


@pytest.mark.parametrize("part", [0.3, 0.7, 0.99])
def test_a_restoration_that_is_killed_leaves_the_database_empty(
    office: Office, file: Path, new_url: str, part: float
) -> None:
    office.signed()
    backed_up(office.url, file)
    file.write_bytes(file.read_bytes()[LINE:])
    length = str(int(file.stat().st_size * part))

    killed = subprocess.run([sys.executable, "-c", KILLED, new_url, str(file), length], cwd=HOUSE, check=False)

    assert killed.returncode == -signal.SIGKILL
    # The program that was speaking to the server hears of it by the end of its input.
    still = "SELECT count(*) FROM pg_stat_activity WHERE datname = ?"
    while Hand(office.url).rows(still, new_url.rpartition("/")[2]) != [(0,)]:
        pass
    assert is_untouched(new_url)


def test_a_program_that_does_not_end_is_ended(new_url: str, instead: Callable[[str, str], None]) -> None:
    instead("pg_restore", "exec sleep 60")
    begun = monotonic()

    def breaking_off() -> Iterator[bytes]:
        yield b"a little"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), Address(new_url).receiving(breaking_off()):
        pass

    assert monotonic() - begun < 50


def test_a_backup_of_another_schema_says_so_before_anything_is_made_and_comes_where_it_is_looked_for(
    server: Server, office: Office, file: Path, new_url: str
) -> None:
    Hand(office.url).alter('ALTER SCHEMA public RENAME TO "My App"')
    server.execute(f'ALTER DATABASE {office.url.rpartition("/")[2]} SET search_path = "My App"')
    header = backed_up(office.url, file)
    content = file.read_bytes()[LINE:]
    schemas = Hand(new_url).rows("SELECT nspname FROM pg_namespace")

    with pytest.raises(StorageFault) as fault:
        restored(new_url, file)
    assert f'ALTER DATABASE {new_url.rpartition("/")[2]} SET search_path = "My App"' in fault.value.said.en
    server.execute(f'ALTER DATABASE {new_url.rpartition("/")[2]} SET search_path = "My App"')
    with pytest.raises(KeyboardInterrupt), Address(new_url).receiving(iter([content])):
        raise KeyboardInterrupt
    assert Hand(new_url).rows("SELECT nspname FROM pg_namespace") == schemas
    Hand(new_url).alter('CREATE SCHEMA "My App"')
    with pytest.raises(StorageFault) as fault:
        restored(new_url, file)
    assert 'DROP SCHEMA "My App"' in fault.value.said.en
    Hand(new_url).alter('DROP SCHEMA "My App"')

    assert restored(new_url, file).header == header
    assert everything(new_url) == everything(office.url)


def test_somebody_elses_database_is_not_restored_into(office: Office, file: Path, new_url: str) -> None:
    backed_up(office.url, file)
    Hand(new_url).alter("CREATE TABLE contacts (name TEXT)")

    with pytest.raises(StorageFault) as fault:
        restored(new_url, file)

    assert "createdb" in fault.value.said.en
    assert Hand(new_url).rows("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()") == [("contacts",)]


def test_a_long_dump_does_not_lose_its_moment_to_the_patience_of_the_server(
    office: Office, file: Path, monkeypatch: pytest.MonkeyPatch, instead: Callable[[str, str], None]
) -> None:
    monkeypatch.setattr(pools, "_SETTLE", pools._SETTLE.replace("timeout = '30s'", "timeout = '50ms'"))
    instead("pg_dump", "echo content")

    header = backed_up(office.url, file, moved=lambda done, total: Hand(office.url).rows("SELECT pg_sleep(0.3)"))

    assert header.size == len("content\n")
