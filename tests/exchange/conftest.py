"""A bureau with its people, a small register of enquiries beside the shipped kinds, and a clock that stands still."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from storage import Desk
from storage.sample import add_bureau
from storage.setup import initialise
from workflow.case import Actor

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
ENQUIRY = Path(__file__).with_name("kinds") / "enquiry.yaml"


@pytest.fixture(scope="session")
def bureau(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("exchange") / "desk.db"
    address = f"sqlite:///{path}"
    initialise(address, sandbox=True, clock=lambda: NOW, login=None)
    with Desk.open(address, clock=lambda: NOW) as desk:
        add_bureau(desk, desk.actor("admin"))
    return path


@pytest.fixture
def url(bureau: Path, tmp_path: Path) -> str:
    shutil.copy(bureau, tmp_path / "desk.db")
    return f"sqlite:///{tmp_path / 'desk.db'}"


@pytest.fixture
def desk(url: str) -> Iterator[Desk]:
    with Desk.open(url, clock=lambda: NOW) as opened:
        yield opened


@pytest.fixture
def office(desk: Desk) -> Actor:
    return desk.actor("sunli")


@pytest.fixture
def register(desk: Desk) -> Desk:
    """The desk, where enquiries are a kind of case, too."""
    desk.install_definition(desk.actor("admin"), ENQUIRY.read_text(encoding="utf-8"), ENQUIRY.name)
    return desk
