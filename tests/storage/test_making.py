"""What making a database leaves alone, and what it does not leave behind."""

from __future__ import annotations

import stat
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from storage import Desk
from storage.setup import initialise
from storage.versions import SHIPPED
from tests.engines import Hand
from tests.factories import MONDAY, Clock, Office
from workflow.errors import NotFound

HOUSE = Path(__file__).resolve().parent.parent.parent
NOBODY = 65534


def test_a_database_that_could_not_be_made_is_not_left(tmp_path: Path) -> None:
    def broken() -> datetime:
        raise RuntimeError("the clock is broken")

    with pytest.raises(RuntimeError):
        initialise(f"sqlite:///{tmp_path}/desk.db", sandbox=False, clock=broken)

    assert list(tmp_path.iterdir()) == []


def test_nothing_is_left_beside_a_database_that_was_made(tmp_path: Path) -> None:
    initialise(f"sqlite:///{tmp_path}/desk.db", sandbox=False, clock=Clock(MONDAY))

    assert [each.name for each in tmp_path.iterdir()] == ["desk.db"]


def test_a_directory_that_may_only_be_read_is_said_to_be_so_and_left_as_it_is() -> None:
    # Root may write everywhere, so the child gives up being root first; it needs a place that others may enter.
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o555)
        script = f"""
import os
from datetime import UTC, datetime
import storage.sqlite_engine
from storage.setup import initialise
from workflow.errors import StorageFault
from alembic import command  # loaded while the libraries may still be read
import sqlmodel, workflow.loader, workflow.workdays
if os.geteuid() == 0:
    os.setgid({NOBODY})
    os.setuid({NOBODY})
try:
    initialise("sqlite:///{place}/desk.db", sandbox=False, clock=lambda: datetime(2026, 3, 2, 1, tzinfo=UTC))
except StorageFault as fault:
    print(fault.exit_code, fault.said.zh, fault.said.en)
"""
        said = subprocess.run([sys.executable, "-c", script], cwd=HOUSE, capture_output=True, text=True, check=False)
        left = list(Path(place).iterdir())
        Path(place).chmod(stat.S_IRWXU)

    assert said.returncode == 0, said.stderr
    assert said.stdout.startswith("1 ")
    assert "权限" in said.stdout
    assert "permissions" in said.stdout
    assert left == []


def test_a_definition_that_is_not_yet_in_force_serves_no_new_case(office: Office) -> None:
    text = (SHIPPED / "document.yaml").read_text("utf-8").replace("version: 1\n", "version: 2\n", 1)
    begins, ends = "2027-01-01", "2027-12-31"
    lines = [line for line in text.splitlines() if not line.startswith("in_force")]
    at = next(place for place, line in enumerate(lines) if line.startswith("version:"))
    lines.insert(at + 1, f"in_force: {{from: {begins}, until: {ends}}}")

    office.desk.install_definition(office.actor("admin"), "\n".join(lines) + "\n", "document.yaml")

    versions = []
    for day in ("2026-12-31", "2027-01-01", "2027-12-31", "2028-01-01"):
        office.clock.set(f"{day}T09:00")
        versions.append(office.desk.definition("document").version)
    assert versions == [1, 2, 2, 1]


def test_a_kind_whose_every_version_has_ended_is_not_there(office: Office) -> None:
    hand = Hand(office.url)
    hand.break_the_lock()
    hand.alter("DELETE FROM definitions")

    with pytest.raises(NotFound), Desk.open(office.url, clock=lambda: datetime(2026, 3, 2, 1, tzinfo=UTC)) as desk:
        desk.definition("document")
