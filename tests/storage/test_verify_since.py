"""Only what is new is told again, and what is old is proved by seals outside: what such a run finds, and what it leaves to a whole one."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from storage.verify import Verified, stretch
from tests.engines import Hand
from tests.factories import Office
from tests.storage.tampering import DONE, PAPER, TAMPERINGS, alter, busy
from tests.storage.test_erasure import ended
from tests.storage.test_seals import rewritten
from workflow.case import business_date
from workflow.errors import Invalid

#: What stands beside the events of a case and is told again only where the case has a later event; `cases.head` is held as well.
BESIDE = frozenset({"replay", "deadline", "due", "step", "unreadable"})


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """The file of seals."""
    return tmp_path / "seals.jsonl"


@pytest.fixture
def memory(tmp_path: Path) -> Path:
    """What remembers up to which seal all was found well."""
    return tmp_path / "verified.json"


@pytest.fixture
def office(office: Office, outside: Path, memory: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    """Found well as a whole, and sealed; nothing has happened since."""
    monkeypatch.setattr(stretch, "AT_A_TIME", 20)
    busy(office).desk.seal(outside)
    assert office.desk.verify(outside, since=memory).since is None
    return office


def found(office: Office, outside: Path, memory: Path, jobs: int = 1) -> Verified:
    return office.desk.verify(outside, since=memory, jobs=jobs)


def codes(said: Verified) -> list[str]:
    return [each.code for each in said.problems]


def test_only_cases_with_something_new_are_told_again(office: Office, outside: Path, memory: Path) -> None:
    assert found(office, outside, memory).retold == 0
    office.draft()
    office.does("wangmin", "submit", office.draft(attribute="proactive"))

    said = found(office, outside, memory)

    assert (said.cases, said.retold, said.since, said.problems) == (8, 2, 1, ())
    assert said.events == office.desk.verify().events


def test_several_processes_tell_the_same(office: Office, outside: Path, memory: Path) -> None:
    office.draft()
    alter(office, f"update events set via = 'mail' where case_id = {DONE} and seq = 3")

    assert found(office, outside, memory, jobs=2) == found(office, outside, memory)


def test_what_was_new_is_old_once_it_was_sealed_and_found_well(office: Office, outside: Path, memory: Path) -> None:
    office.draft()
    office.desk.seal(outside)
    assert found(office, outside, memory).retold == 1

    said = found(office, outside, memory)

    assert (said.retold, said.since) == (0, 2)


def test_the_memory_says_when_all_was_last_told_again(office: Office, outside: Path, memory: Path) -> None:
    first = json.loads(memory.read_text("utf-8"))
    office.clock.forward(hours=24)
    found(office, outside, memory)
    second = json.loads(memory.read_text("utf-8"))

    assert (second["no"], second["hash"], second["whole_at"]) == (first["no"], first["hash"], first["whole_at"])
    assert second["at"] > first["at"] == first["whole_at"]


@pytest.mark.parametrize(("fault", "sql"), [each for each in TAMPERINGS if each[0] not in BESIDE])
def test_what_was_altered_in_an_old_record_is_found(
    office: Office, outside: Path, memory: Path, fault: str, sql: str
) -> None:
    before = memory.read_text("utf-8")
    alter(office, sql)

    assert fault in codes(found(office, outside, memory))
    assert memory.read_text("utf-8") == before


@pytest.mark.parametrize(("fault", "sql"), [each for each in TAMPERINGS if each[0] in BESIDE])
def test_what_stands_beside_an_old_record_is_left_to_a_whole_verification(
    office: Office, outside: Path, memory: Path, fault: str, sql: str
) -> None:
    alter(office, sql)

    assert codes(found(office, outside, memory)) == []
    assert fault in codes(office.desk.verify(outside))


@pytest.mark.parametrize("code", ["deadline", "step"])
def test_what_stands_beside_a_record_that_went_on_is_found(
    office: Office, outside: Path, memory: Path, code: str
) -> None:
    (case,) = Hand(office.url).rows(f"SELECT {PAPER}")[0]
    office.does("lihua", "endorse", case)
    alter(office, next(sql for fault, sql in TAMPERINGS if fault == code).replace(PAPER, f"'{case}'"))

    assert codes(found(office, outside, memory)) == [code]


def test_an_old_record_that_was_rewritten_with_hashes_that_fit_is_found(
    office: Office, outside: Path, memory: Path
) -> None:
    rewritten(office, "DOC-2026-00003", lambda event: replace(event, via="mail" if event.seq == 3 else event.via))

    said = found(office, outside, memory)

    assert [(each.code, each.field, each.row) for each in said.problems] == [("sealed", "DOC-2026-00003", 3)]


def test_where_the_database_says_that_the_seal_covers_more_nobody_believes_it(
    office: Office, outside: Path, memory: Path
) -> None:
    paper = office.draft()
    alter(office, "update seals set last_row = last_row + 1000")
    alter(office, f"update cases set state = 'withheld' where id = '{paper}'")

    assert codes(found(office, outside, memory)) == ["seal", "replay"]


def test_a_record_that_was_cut_is_found(office: Office, outside: Path, memory: Path) -> None:
    hand = Hand(office.url)
    hand.break_the_lock()
    for table in ("events", "deadlines", "steps", "notices", "likenesses", "cases", "counters", "seals"):
        hand.alter(f"DELETE FROM {table}")

    assert codes(found(office, outside, memory)) == ["seal", "sealed"]


def test_what_was_erased_by_an_old_event_is_well(office: Office, outside: Path, memory: Path) -> None:
    admin = office.actor("admin")
    office.desk.add_person(admin, "zhouzhu", "周主任")
    office.desk.appoint(admin, "zhouzhu", "office_head", from_on=business_date(office.clock()))
    office.desk.erase(office.actor("zhouzhu"), ended(office), "依当事人申请删除")
    office.desk.seal(outside)
    assert found(office, outside, memory).problems == ()

    said = found(office, outside, memory)

    assert (said.problems, said.since, said.retold) == ((), 2, 1)  # what lacks an opening is told again, each time


def test_without_seals_nothing_proves_what_is_old(office: Office, memory: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty.jsonl"
    empty.touch()
    for seals in (None, empty):
        with pytest.raises(Invalid) as refused:
            office.desk.verify(seals, since=memory)
        assert refused.value.problems[0].code == "no-seals"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("bad-memory", "seal 1"),
        ("bad-memory", "[]"),
        ("bad-memory", '{"v":1,"no":1}'),
        ("bad-memory", "[" * 100_000),
        ("bad-memory", r'{"v":1,"no":1,"hash":"00","at":"","whole_at":"\ud800"}'),
        ("other-memory", '{"v":1,"no":1,"hash":"00","at":"","whole_at":""}'),
        ("other-memory", '{"v":1,"no":9,"hash":"00","at":"","whole_at":""}'),
    ],
)
def test_a_memory_of_something_else_is_refused(
    office: Office, outside: Path, memory: Path, code: str, said: str
) -> None:
    memory.write_text(said, "utf-8")

    with pytest.raises(Invalid) as refused:
        found(office, outside, memory)
    assert refused.value.problems[0].code == code
    assert memory.read_text("utf-8") == said
