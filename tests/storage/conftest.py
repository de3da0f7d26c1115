"""A bureau on each engine for each test: made once in a file and once on a server, copied for everyone."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage import Desk
from tests.engines import MISSING, Hand, Server, a_server, program
from tests.factories import Clock, Ids, Office, bureau_at, people_in


@pytest.fixture(scope="session")
def bureau_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bureau") / "bureau.db"
    bureau_at(path)
    return path


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    if program("initdb") is None:
        pytest.skip(MISSING)
    yield from a_server()


@pytest.fixture(scope="session")
def bureau_template(server: Server) -> str:
    url = server.fresh()
    people_in(url)
    return server.made_a_template(url)


@pytest.fixture
def file_url(bureau_file: Path, tmp_path: Path) -> str:
    """The bureau in a file."""
    path = tmp_path / "bureau.db"
    shutil.copy(bureau_file, path)
    return f"sqlite:///{path}"


@pytest.fixture
def server_url(server: Server, bureau_template: str) -> Iterator[str]:
    """The bureau on a server."""
    url = server.lent(bureau_template)
    yield url
    server.take_back(url, bureau_template)


@pytest.fixture
def dumped_url(server: Server, bureau_template: str) -> Iterator[str]:
    """The same with nothing of the tests in it, for what takes the whole database."""
    url = server.fresh(bureau_template)
    Hand(url).alter("DROP SCHEMA origin CASCADE")
    yield url
    server.drop(url)


@pytest.fixture(params=["file_url", "server_url"], ids=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """The bureau on each engine; a test of one engine asks for `file_url` or `server_url`."""
    address: str = request.getfixturevalue(request.param)
    return address


@pytest.fixture
def hand(url: str) -> Hand:
    return Hand(url)


@pytest.fixture
def office(url: str) -> Iterator[Office]:
    clock = Clock()
    with Desk.open(url, clock=clock, ids=Ids()) as desk:
        yield Office(url, clock, desk)
