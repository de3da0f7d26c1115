"""A bureau on each engine, as the tests of the store have it; the trials copy it as often as they break it."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage import Desk
from tests.factories import Clock, Ids, Office
from tests.promises.test_nothing_is_half_done import copied
from tests.storage.conftest import bureau_file, bureau_template, file_url, server, server_url, url

__all__ = ["bureau_file", "bureau_template", "file_url", "server", "server_url", "url"]


@pytest.fixture(scope="session")
def busy_bureau(bureau_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A draft, a paper at the Office that the sweep will return, and a signed one that waits for its number."""
    path = copied(bureau_file, tmp_path_factory.mktemp("busy") / "bureau.db")
    with Desk.open(f"sqlite:///{path}", clock=Clock(), ids=Ids()) as desk:
        office = Office(desk.url, Clock(), desk)
        office.draft(attribute="proactive")
        office.at_the_office()
        office.signed()
    return path
