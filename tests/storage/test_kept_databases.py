"""Databases that are kept as a program left them, full of all that happens in an office: every later program finds them whole.

The rules by which a case is told again judge the records of all programs before: one that judges an honest record otherwise is
seen here. `present_state.py` makes another, `releases/README.md` says when.
"""

from __future__ import annotations

import lzma
import shutil
import subprocess
import sys
import tarfile
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from settings import Keeping
from storage import Desk
from storage.setup import initialise
from storage.sqlite import path_of
from storage.versions import shipped_definitions
from tests.engines import Hand
from tests.factories import Clock
from workflow.case import SHANGHAI, Actor
from workflow.errors import GongkaiError
from workflow.judge import system_actor

HOUSE = Path(__file__).resolve().parents[2]
RELEASES = Path(__file__).parent / "releases"
KEPT = sorted(each.name.removesuffix(".db.xz") for each in RELEASES.glob("20*.db.xz"))
HASHES = "SELECT case_id, seq, previous, hash FROM events ORDER BY case_id, seq"
#: What befalls a case beside the steps of its definition.
BESIDE = {
    "start", "edit", "import", "remind", "escalate", "recompute", "migrate", "unmanned", "reorganise", "erase", "attach",
    "detach", "sign_for", "urge", "take_back", "transfer", "circulate", "read", "explain_lateness",
}  # fmt: skip
OUTCOMES = {None, "met", "late", "void", "restarted", "extended", "migrated"}
#: How many clocks of each sort there are: they ended on a day that was stated, not the one on which that was entered.
STATED = """
SELECT count(*) FROM deadlines AS d WHERE closed_at IS NOT NULL AND outcome = ?
AND NOT EXISTS (SELECT 1 FROM events AS e WHERE e.case_id = d.case_id AND e.at = d.closed_at)
"""


class Kept(NamedTuple):
    """One of them: as it was left, as this program brought it up to itself, and what lies beside it."""

    left: str
    upgraded: Path
    beside: Path
    at: datetime

    @property
    def keeping(self) -> Keeping:
        return Keeping(str(self.beside / "papers"))


@pytest.fixture(scope="module", params=KEPT)
def kept(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Kept:
    place = tmp_path_factory.mktemp("kept")
    (place / "left.db").write_bytes(lzma.decompress((RELEASES / f"{request.param}.db.xz").read_bytes()))
    with tarfile.open(RELEASES / f"{request.param}.beside.tar.xz") as beside:
        beside.extractall(place, filter="tar")
    left, upgraded = f"sqlite:///{place / 'left.db'}", place / "upgraded.db"
    shutil.copy(place / "left.db", upgraded)
    ((at,),) = Hand(left).rows("SELECT max(at) FROM events")
    after = datetime.fromisoformat(at).astimezone(SHANGHAI) + timedelta(hours=1)
    initialise(f"sqlite:///{upgraded}", sandbox=True, clock=Clock(after), login=None)
    return Kept(left, upgraded, place, after)


@pytest.fixture
def desk(kept: Kept, tmp_path: Path) -> Iterator[Desk]:
    url = f"sqlite:///{shutil.copy(kept.upgraded, tmp_path / 'bureau.db')}"
    with Desk.open(url, clock=Clock(kept.at), keeping=kept.keeping) as desk:
        yield desk


def test_it_is_found_whole_by_us_by_its_seals_and_by_whoever_verifies_without_us(kept: Kept, desk: Desk) -> None:
    found = desk.verify(kept.beside / "seals.jsonl")
    command = [
        sys.executable,
        "-I",
        *map(str, (HOUSE / "ops/ledger/verify.py", path_of(desk.url), kept.beside / "seals.jsonl")),
    ]
    told = subprocess.run(command, capture_output=True, text=True)

    assert [each.text.en for each in found.problems] == []
    assert Hand(desk.url).rows(HASHES) == Hand(kept.left).rows(HASHES)
    assert (told.returncode, told.stdout.rpartition(": ")[2]) == (0, "as sealed\n")
    # That a procedure was changed since is no fault of the record.
    assert [each.text.en for each in desk.doctor() if not each.ok and each.name != "definition"] == []


def test_all_that_happens_in_an_office_is_in_it(kept: Kept) -> None:
    hand = Hand(kept.left)
    kinds = {row[0] for row in hand.rows("SELECT DISTINCT kind FROM cases")}
    events = Counter(row[0] for row in hand.rows("SELECT transition FROM events"))
    outcomes = Counter(row[0] for row in hand.rows("SELECT outcome FROM deadlines"))
    counts = {
        table: hand.rows(f"SELECT count(*) FROM {table}")[0][0]
        for table in ("attachments", "links", "absences", "same_people", "seals", "readings", "seats")
    }

    assert len(kinds) >= 23  # the shipped ones of its time, and the one in which every sort of clock runs
    assert events.keys() >= BESIDE
    assert len(events) >= 190
    assert outcomes.keys() == OUTCOMES
    assert min(hand.rows(STATED, each)[0][0] for each in ("met", "late")) >= 5
    assert all(counts.values()), counts
    assert hand.rows("SELECT count(*) FROM deadlines WHERE pauses <> '[]'")[0][0] >= 80


def test_people_and_the_clock_go_on_in_it(kept: Kept, desk: Desk, tmp_path: Path) -> None:
    assert isinstance(desk._clock, Clock)
    desk._clock.forward(days=12)
    by = system_actor(desk.bureau)
    waiting = Hand(desk.url).rows("SELECT min(id), kind, state FROM cases WHERE closed_at IS NULL GROUP BY kind, state")

    fired = desk.sweep()
    moved = {kind for case, kind, _ in waiting if _goes_on(desk, case)}
    planned = [desk.plan(by, case, desk.case(by, case).case.state) for case, *_ in waiting[::9]]

    assert fired
    assert desk.sweep() == ()
    assert len(moved) >= 12
    assert planned
    desk.seal(tmp_path / "seals.jsonl")
    assert desk.verify(tmp_path / "seals.jsonl").problems == ()


def _goes_on(desk: Desk, case: str) -> bool:
    """Whether somebody takes a step of the case by the definition of its own time, without more to be said."""
    for who in _everyone(desk):
        with suppress(GongkaiError):
            for option in desk.options(who, case):
                if option.allowed and not option.required and not option.comment_required:
                    desk.fire(who, case, option.transition)
                    return True
    return False


def _everyone(desk: Desk) -> Iterator[Actor]:
    for each in desk.people(desk.actor("admin")):
        with suppress(GongkaiError):  # who left
            yield desk.actor(each.id)


def test_the_procedures_that_ship_today_are_in_force_beside_those_of_its_time(desk: Desk) -> None:
    installed = {each.id for each in desk.definitions()}

    assert {file.removesuffix(".yaml") for _, file in shipped_definitions()} <= installed
