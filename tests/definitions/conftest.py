"""A counter of the Office for the tests of requests, each with a database of its own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from storage import Desk
from storage.setup import initialise
from tests.definitions.requests import Counter
from workflow.case import SHANGHAI

#: Before the first law of these tests was in force.
BEGUN = datetime(2004, 1, 5, 10, 0, tzinfo=SHANGHAI)


@pytest.fixture(scope="session")
def empty_bureau(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("counter") / "bureau.db"
    initialise(f"sqlite:///{path}", sandbox=True, clock=lambda: BEGUN, login=None)
    return path


@pytest.fixture
def counter(empty_bureau: Path, tmp_path: Path) -> Iterator[Counter]:
    now = [BEGUN]
    shutil.copy(empty_bureau, tmp_path / "bureau.db")
    with Desk.open(f"sqlite:///{tmp_path}/bureau.db", clock=lambda: now[0]) as desk:
        office = Counter(desk, now)
        office.at("2026-03-02")
        yield office
        assert not desk.verify().problems, "what stands is not what the record says"
