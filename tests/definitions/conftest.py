"""A counter of the Office for the tests of requests, each with a database of its own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from storage import Desk
from storage.setup import initialise
from tests.definitions.requests import Counter
from workflow.case import SHANGHAI


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[Counter]:
    now = [datetime(2004, 1, 5, 10, 0, tzinfo=SHANGHAI)]
    url = f"sqlite:///{tmp_path}/bureau.db"
    initialise(url, sandbox=True, clock=lambda: now[0], login=None)
    with Desk.open(url, clock=lambda: now[0]) as desk:
        office = Counter(desk, now)
        office.at("2026-03-02")
        yield office
        assert not desk.verify().problems, "what stands is not what the record says"
