"""Verify: an honest record is found well, and whatever is altered past the door is found, named by case and event."""

from __future__ import annotations

import pytest

from storage import Desk, versions
from storage.verify import Verified
from tests.engines import Hand
from tests.factories import REASON, Office


@pytest.fixture
def busy_office(office: Office) -> Office:
    """Papers at every stage, with reminders, a return, an edit, a delegation, numbers and an end."""
    office.draft()
    untagged = office.at_the_office()
    office.desk.sweep()
    office.desk.edit(office.actor("wangmin"), untagged, data={"attribute": "proactive"})
    for _ in range(2):
        paper = office.signed()
        office.does("zhaoyun", "number", paper, series=series(office))
        office.does("zhaoyun", "publish", paper)
    office.desk.delegate(office.actor("zhouju"), "zhouju", "zhaoyun")
    kept = office.at_the_office(attribute="on_request", reason_kind="R13-1", reason_text=REASON)
    office.does("zhaoyun", "void", kept, comment="重复报送")
    waits = office.draft(attribute="proactive")
    office.does("wangmin", "submit", waits)
    office.clock.set("2026-03-12T10:00")
    office.desk.sweep()
    return office


def series(office: Office) -> str:
    return next(iter(office.desk.definition("document").fields["series"].choices))


def alter(office: Office, sql: str, *values: object) -> int:
    """Somebody writes into the tables, past the door and past its guards."""
    hand = Hand(office.url)
    hand.break_the_lock()
    return hand.alter(sql, *values)


def codes(said: Verified) -> list[str]:
    return [each.code for each in said.problems]


def test_an_honest_record_is_found_well(busy_office: Office) -> None:
    said = busy_office.desk.verify()

    assert said.problems == ()
    assert said.cases == 6
    assert said.events > 30
    assert said.to_json()["problems"] == []


def test_an_empty_office_is_found_well(office: Office) -> None:
    assert office.desk.verify() == Verified(0, 0, ())


PAPER = "(select max(id) from cases where closed_at is null and id in (select case_id from steps))"  # the one that waits, with three steps fired
DONE = "(select id from cases where state = 'published' limit 1)"


def test_a_case_that_the_sweep_would_find_too_late_is_found(busy_office: Office) -> None:
    paper = busy_office.draft(attribute="proactive")
    busy_office.does("wangmin", "submit", paper)
    alter(busy_office, f"update cases set next_at = '2030-01-01T00:00:00.000000Z' where id = '{paper}'")

    assert "due" in codes(busy_office.desk.verify())


@pytest.mark.parametrize(
    ("fault", "sql"),
    [
        ("hash", f"update events set comment = 'x' where case_id = {PAPER} and seq = 2"),
        ("hash", f"update events set data = '{{}}' where case_id = {PAPER} and seq = 1"),
        ("hash", f"update events set at = '2026-03-01T00:00:00.000000Z' where case_id = {DONE} and seq = 3"),
        ("gap", f"delete from events where case_id = {DONE} and seq = 3"),
        ("gap", f"update events set seq = 90 where case_id = {DONE} and seq = 3"),
        ("chain", f"update events set previous = 'abc' where case_id = {DONE} and seq = 3"),
        ("tail", f"delete from events where case_id = {DONE} and seq = (select seq from cases where id = case_id)"),
        ("tail", f"update cases set head = 'abc' where id = {DONE}"),
        ("no-events", f"delete from events where case_id = {DONE}"),
        ("replay", f"update cases set state = 'withheld' where id = {DONE}"),
        ("replay", f"update cases set version = version - 1 where id = {DONE}"),
        ("replay", f"update cases set data = replace(data, 'proactive', 'withheld') where id = {DONE}"),
        ("replay", f"update cases set trail = replace(trail, 'submit', 'submitted') where id = {DONE}"),
        ("replay", f"update cases set waits_for = 'drafter' where id = {PAPER}"),
        ("replay", f"update cases set closed_at = null where id = {DONE}"),
        ("replay", f"update cases set title = '另一标题' where id = {DONE}"),
        ("replay", f"update cases set opened_at = '2020-01-01T00:00:00.000000Z' where id = {DONE}"),
        ("deadline", f"update deadlines set rolled_on = '2026-12-31' where case_id = {PAPER}"),
        ("deadline", f"update deadlines set outcome = 'met', closed_at = due_at where case_id = {PAPER}"),
        ("deadline", f"update deadlines set fired = 1 where case_id = {PAPER}"),
        ("deadline", f"delete from deadlines where case_id = {PAPER}"),
        ("due", f"update cases set due_at = null, due_on = null where id = {PAPER}"),
        ("step", f"delete from steps where case_id = {PAPER} and step = 'remind-1'"),
        ("step", f"update steps set step = 'remind-9' where case_id = {PAPER} and step = 'remind-1'"),
        ("number", "update counters set serial = serial + 1 where series <> 'case:document'"),
        ("orphan", "insert into steps values ('nowhere', 'section', 1, 'remind-1', '', '')"),
        ("orphan", "update deadlines set case_id = 'nowhere' where case_id = " + DONE),
        ("unreadable", f"update cases set data = 'not json' where id = {DONE}"),
        ("definition", "update definitions set accepted = replace(accepted, '3 working days', '9 working days')"),
    ],
)
def test_what_was_altered_past_the_door_is_found(busy_office: Office, fault: str, sql: str) -> None:
    assert alter(busy_office, sql) > 0

    said = busy_office.desk.verify()

    assert fault in codes(said), said.problems
    first = next(each for each in said.problems if each.code == fault)
    assert first.text.zh
    assert first.text.en


def test_a_fault_names_its_case_and_its_event(busy_office: Office) -> None:
    alter(busy_office, f"update events set comment = 'x' where case_id = {PAPER} and seq = 2")

    (problem,) = busy_office.desk.verify().problems

    assert str(problem.field).startswith("DOC-2026-")
    assert problem.row == 2


def test_one_number_borne_twice_is_found(busy_office: Office) -> None:
    numbers = list(busy_office.desk.list_cases(busy_office.actor("zhengshen"), state="published")[0])
    assert len(numbers) == 2

    # Told through the counter: it is set back, and the next paper is given a number that is taken.
    alter(busy_office, "update counters set serial = 0 where series <> 'case:document'")
    paper = busy_office.signed()
    busy_office.does("zhaoyun", "number", paper, series=series(busy_office))

    said = [each.text.zh for each in busy_office.desk.verify().problems if each.code == "number"]
    assert any("发文字号相同" in each and busy_office.case(paper).number in each for each in said)


def test_a_case_that_the_sweep_set_aside_is_no_fault_of_the_record(busy_office: Office) -> None:
    retry = "2026-03-20T00:00:00.000000Z"
    alter(busy_office, f"update cases set next_at = '{retry}' where id = {PAPER}")
    alter(busy_office, f"insert into troubles select {PAPER}, '{retry}', 1, '{retry}', 'fault', '…', '…'")

    assert busy_office.desk.verify().problems == ()


def test_verify_reads_one_moment_while_others_write(
    busy_office: Office, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest_of = versions.digest_of

    def meanwhile(accepted: str) -> str:
        with Desk.open(url, clock=busy_office.clock) as other:
            other.start(other.actor("wangmin"), "document", title="核验期间新建")
        return digest_of(accepted)

    monkeypatch.setattr(versions, "digest_of", meanwhile)
    said = busy_office.desk.verify()

    assert (said.cases, said.problems) == (6, ())
