"""A bureau in a real SQLite file for each test: made once, copied for everyone."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage import Desk
from tests.factories import Clock, Ids, Office, bureau_at


@pytest.fixture(scope="session")
def bureau_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bureau") / "bureau.db"
    bureau_at(path)
    return path


@pytest.fixture
def url(bureau_file: Path, tmp_path: Path) -> str:
    path = tmp_path / "bureau.db"
    shutil.copy(bureau_file, path)
    return f"sqlite:///{path}"


@pytest.fixture
def office(url: str) -> Iterator[Office]:
    clock = Clock()
    with Desk.open(url, clock=clock, ids=Ids()) as desk:
        yield Office(url, clock, desk)
