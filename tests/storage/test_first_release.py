"""The database of the first release, as its own program left it: every later one opens it, finds it whole and works on in it."""

from __future__ import annotations

import lzma
import shutil
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from storage import Desk
from storage.setup import initialise, is_sandbox
from tests.engines import Hand
from tests.factories import Clock
from workflow.case import SHANGHAI, Actor
from workflow.errors import NotFound, StorageFault

HOUSE = Path(__file__).resolve().parents[2]
FIRST = Path(__file__).parent / "releases" / "0.1.0.db.xz"
#: The Friday evening on which the month of the demonstration ends, and the Monday after it.
LEFT = datetime(2026, 3, 6, 17, 30, tzinfo=SHANGHAI)
HASHES = "SELECT case_id, seq, previous, hash FROM events ORDER BY case_id, seq"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The database as the first release left it, and a copy that this program has brought up to itself."""
    place = tmp_path_factory.mktemp("first")
    (place / "left.db").write_bytes(lzma.decompress(FIRST.read_bytes()))
    shutil.copy(place / "left.db", place / "upgraded.db")
    initialise(f"sqlite:///{place / 'upgraded.db'}", sandbox=True, clock=Clock(LEFT), login=None)
    return place / "left.db", place / "upgraded.db"


@pytest.fixture
def upgraded(made: tuple[Path, Path], tmp_path: Path) -> Iterator[Desk]:
    with Desk.open(f"sqlite:///{shutil.copy(made[1], tmp_path / 'bureau.db')}", clock=Clock(LEFT)) as desk:
        yield desk


def test_it_is_not_opened_before_it_was_migrated(made: tuple[Path, Path]) -> None:
    with pytest.raises(StorageFault) as fault:
        Desk.open(f"sqlite:///{made[0]}")

    assert "0001" in fault.value.said.en
    assert "gongkai init" in fault.value.said.en
    assert is_sandbox(f"sqlite:///{made[0]}")


def test_every_event_is_there_with_the_hash_that_it_had_and_verifies(made: tuple[Path, Path], upgraded: Desk) -> None:
    found = upgraded.verify()

    assert (found.cases, found.events, found.problems) == (203, 690, ())
    assert upgraded.is_sandbox
    assert [each.ok for each in upgraded.doctor() if each.name == "guards"] == [True]
    assert Hand(upgraded.url).rows(HASHES) == Hand(f"sqlite:///{made[0]}").rows(HASHES)


def test_its_posts_are_on_record_as_they_were_found(upgraded: Desk) -> None:
    told = upgraded.staffing.changes()
    assert {(each.act, each.by) for each in told} == {("found", "system")}
    assert len(told) == 29

    Hand(upgraded.url).alter("UPDATE appointments SET role = 'leader', section = NULL WHERE person = 'xujia'")

    assert ("post", "xujia") in [(each.code, each.field) for each in upgraded.verify().problems]


def test_what_its_bureau_is_called_is_entered_as_it_was_found(upgraded: Desk) -> None:
    Hand(upgraded.url).alter("UPDATE bureaus SET name = '假局'")

    assert [(each.code, each.field) for each in upgraded.verify().problems] == [("entry", "bureau")]


def test_who_acted_before_the_upgrade_and_left_after_it_on_the_same_day_held_their_post(upgraded: Desk) -> None:
    upgraded.end_post(upgraded.actor("admin"), "wangmin", "drafter", last_on=LEFT.date() - timedelta(days=1))

    assert upgraded.verify().problems == ()


def test_numbers_of_its_cases_that_were_exchanged_since_the_upgrade_are_named(upgraded: Desk) -> None:
    hand = Hand(upgraded.url)
    hand.break_the_lock()
    for old, new in (("DOC-2026-00001", "-"), ("DOC-2026-00002", "DOC-2026-00001"), ("-", "DOC-2026-00002")):
        hand.alter("UPDATE cases SET number = ? WHERE number = ?", new, old)

    found = [(each.code, each.field) for each in upgraded.verify().problems]

    assert sorted(found) == [("named", "DOC-2026-00001"), ("named", "DOC-2026-00002")]


def test_people_and_the_clock_go_on_in_it(upgraded: Desk, tmp_path: Path) -> None:
    desk = upgraded
    assert isinstance(desk._clock, Clock)
    desk._clock.set("2026-03-09T09:30")
    auditor = desk.actor("zhengyan")
    open_before = {
        row[0]: row[1] for row in Hand(desk.url).rows("SELECT number, state FROM cases WHERE closed_at IS NULL")
    }

    fired = desk.sweep()
    again = desk.sweep()
    planned = {number: desk.plan(auditor, number, "published") for number in open_before}
    moved = dict(_moved_on(desk, open_before))
    fresh = desk.start(
        desk.actor("wangmin"), "document", title="升级后的第一份", data={"origin": "own", "is_policy": False}
    )

    assert fired
    assert again == ()
    assert len({(each.case, each.deadline, each.step) for each in fired}) == len(fired)
    assert len(planned) == 18
    assert {"section_review", "leader_approval"} <= {open_before[each] for each in moved}
    assert fresh.case.case.number not in open_before
    for old, new in (("采购办", "会计科"), ("会计科", "综合科")):  # where each case began is still known
        desk.staffing.reorganise(desk.actor("admin"), old, new)
    desk.seal(tmp_path / "seals")
    assert desk.verify(tmp_path / "seals").problems == ()


def _moved_on(desk: Desk, numbers: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Each open case takes the first step that somebody may take by the definition of its own time, without more to be said."""
    staff = [desk.actor(each.id) for each in desk.people(desk.actor("admin"))]
    for number in numbers:
        for who in staff:
            for option in desk.options(who, number) if _sees(desk, who, number) else ():
                if option.allowed and not option.required and not option.comment_required:
                    yield number, desk.fire(who, number, option.transition).case.case.state
                    break
            else:
                continue
            break


def _sees(desk: Desk, who: Actor, number: str) -> bool:
    with suppress(NotFound):
        return bool(desk.case(who, number))
    return False


def test_doctor_finds_nothing_amiss_but_the_procedure_that_was_changed_before_the_release(upgraded: Desk) -> None:
    amiss = [each for each in upgraded.doctor() if not each.ok]

    assert [(each.name, "document" in each.text.en) for each in amiss] == [("definition", True)]
    assert {row[0] for row in Hand(upgraded.url).rows("SELECT id FROM definitions")} > {"document", "request"}
