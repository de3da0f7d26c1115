"""The directory of a server's attachments is one database's: by its real name, and by the mark of the server that was first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from settings import Keeping, Settings
from storage import Desk
from storage.postgres.server import Server as Reached
from tests.factories import Clock, Office
from tests.storage.attaching import keeping as keeping
from tests.storage.attaching import paper as paper
from workflow.errors import StorageFault

ROOT = Keeping("/srv/files")


@pytest.fixture
def office(server_url: str, keeping: Keeping) -> Iterator[Office]:
    clock = Clock()
    with Desk.open(server_url, clock=clock, keeping=keeping) as desk:
        yield Office(server_url, clock, desk)


def attach(office: Office, file: Path) -> Path:
    """Where the content of this file lies once it was attached."""
    attachments = office.desk.attachments
    done = attachments.add(office.actor("wangmin"), office.draft(), file)
    return attachments._contents.path(str(done.paper.sha256))


@pytest.mark.parametrize(
    ("address", "directory"),
    [
        ("u@db1/gongkai", "gongkai"),
        ("u@db1,db2:5433/g4?connect_timeout=3", "g4"),
        ("u@db1/?dbname=g4", "g4"),
        ("u@db1?dbname=g4&connect_timeout=3", "g4"),
        ("u@db1/gongkai?dbname=g4", "g4"),
        ("u@db1/%67ongkai", "gongkai"),
        ("u@db1/a+b", "a+b"),
        ("u@db1/%E5%B1%80", "局"),
        ("u@db1/a%2Fb", "a%2Fb"),
        ("u@db1/%2E%2E", "%2E."),
        ("u@db1/..", "%2E."),
    ],
)
def test_the_directory_bears_the_name_that_the_server_knows(address: str, directory: str) -> None:
    url = f"postgresql+psycopg://{address}"

    there = Settings(url, None, "zh", None, keeping=ROOT).kept.directory

    assert there == f"/srv/files/{directory}"
    with closing(Reached(url)) as engine:
        assert engine.place.rpartition("/")[2] in (directory, "b", "..")


def test_no_name_is_no_directory() -> None:
    assert Settings("postgresql+psycopg://u@db1/", None, "zh", None, keeping=ROOT).kept.directory is None


def test_who_attaches_first_has_the_directory(office: Office, paper: Callable[..., Path], keeping: Keeping) -> None:
    attach(office, paper())

    mark = Path(str(keeping.directory)) / "whose"
    with closing(psycopg.connect(office.url.replace("+psycopg", ""))) as db:
        assert db.execute("SELECT system_identifier::text FROM pg_control_system()").fetchone() == (
            mark.read_text().strip(),
        )
    attach(office, paper("另一份"))
    assert office.desk.verify().problems == ()


def test_nothing_is_put_cleared_or_called_well_in_a_directory_of_another_server(
    office: Office, paper: Callable[..., Path], keeping: Keeping
) -> None:
    there = attach(office, paper())
    others = there.parent / ("0" * 62)
    others.write_text("另一个库的附件")
    (Path(str(keeping.directory)) / "whose").write_text("7000000000000000000\n")
    office.clock.forward(days=30)

    with pytest.raises(StorageFault) as fault:
        attach(office, paper("另一份"))
    assert "whose" in fault.value.said.zh
    assert office.desk.attachments.collect().contents == 0
    assert office.desk.attachments.collect([there.parent.name + others.name]).contents == 0
    assert others.exists()
    assert [each.ok for each in office.desk.attachments.health()] == [False]


def test_a_sweep_clears_nothing_where_none_of_its_contents_lie_and_nobody_said_whose_it_is(
    office: Office, paper: Callable[..., Path], keeping: Keeping
) -> None:
    there = attach(office, paper())
    (Path(str(keeping.directory)) / "whose").unlink()
    others = there.parent / ("0" * 62)
    others.write_text("另一个库的附件")
    there.rename(there.with_name("1" * 62))
    office.clock.forward(days=400)

    assert office.desk.attachments.collect().contents == 0

    there.with_name("1" * 62).rename(there)
    assert office.desk.attachments.collect().contents == 1
    assert not others.exists()
    assert there.exists()
