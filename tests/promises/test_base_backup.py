"""The recipe of docs/operations/backup.md for PostgreSQL, tried as it stands there: a base backup, an archive, a moment to go back to."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage import Desk
from tests.engines import MISSING, Hand, Server, a_server, program
from tests.factories import Clock, Ids, Office, people_in
from workflow.errors import StorageFault

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "operations" / "backup.md"


@pytest.fixture
def server() -> Iterator[Server]:
    if program("initdb") is None:
        pytest.skip(MISSING)
    yield from a_server()


def as_the_page_says(setting: str, archive: Path) -> str:
    """A line of the page, with our archive for the one that stands there."""
    found = re.search(rf"^#\s+({setting} = .*)$", PAGE.read_text("utf-8"), re.MULTILINE)
    assert found is not None, f"the page says no {setting}"
    return found[1].replace("/mnt/wal", str(archive)) + "\n"


def room(server: Server, name: str) -> Path:
    """A directory that the server may write into."""
    path = server.directory / name
    path.mkdir()
    if server._user:
        shutil.chown(path, server._user)
    return path


def test_the_database_goes_back_to_a_moment_by_its_base_backup_and_archive(server: Server) -> None:
    archive, base = room(server, "wal"), room(server, "base") / "monday"
    settings = Path(server.data) / "postgresql.conf"
    with settings.open("a") as said:
        said.writelines(as_the_page_says(each, archive) for each in ("archive_mode", "archive_command"))
    server.stop("fast")
    server.start()
    url = people_in(server.fresh())
    at_the_server = Hand(server.url("postgres"))

    server._run("pg_basebackup", "-D", str(base), "-X", "stream", "-c", "fast",
                "-h", "127.0.0.1", "-p", str(server.port), "-U", "owner")  # fmt: skip
    server._run("pg_verifybackup", "-q", str(base))
    with Desk.open(url, clock=Clock(), ids=Ids()) as desk:
        office = Office(url, Clock(), desk)
        kept = office.signed()
        ((moment,),) = at_the_server.rows("SELECT clock_timestamp()")
        lost = office.draft()
    at_the_server.rows("SELECT pg_switch_wal()")
    server.stop("fast")  # what is not archived yet, the server archives before it ends
    shutil.rmtree(server.data)
    base.rename(server.data)
    with settings.open("a") as said:
        said.write(as_the_page_says("restore_command", archive))
        said.write(f"recovery_target_time = '{moment.isoformat(sep=' ')}'\n")
    (Path(server.data) / "recovery.signal").touch()
    server.start()

    with Desk.open(f"{url}?target_session_attrs=any", clock=Clock()) as looking:
        assert looking.verify().problems == ()
        with pytest.raises(StorageFault) as fault:
            looking.seal()
        (check,) = [each for each in looking.doctor() if each.name == "writable"]
    assert "只读" in fault.value.said.zh
    assert (check.ok, check.text) == (False, fault.value.said)
    at_the_server.rows("SELECT pg_wal_replay_resume()")
    while at_the_server.rows("SELECT pg_is_in_recovery()") != [(False,)]:
        pass
    with Desk.open(url, clock=Clock(), ids=Ids()) as desk:
        reader = desk.actor("zhengshen")
        assert desk.case(reader, kept).case.state == "numbering"
        assert desk.verify().cases == 1
        assert Hand(url).rows("SELECT count(*) FROM cases WHERE id = ?", lost) == [(0,)]
        assert desk.verify().problems == ()
    assert os.listdir(archive)
