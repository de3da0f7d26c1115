"""Verify: an honest record is found well, and whatever is altered past the door is found, named by case and event."""

from __future__ import annotations

import re

import pytest

from storage import Desk, versions
from storage.verify import Verified
from tests.factories import Office
from tests.storage.tampering import PAPER, TAMPERINGS, alter, busy, series


@pytest.fixture
def busy_office(office: Office) -> Office:
    return busy(office)


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


def test_a_case_that_the_sweep_would_find_too_late_is_found(busy_office: Office) -> None:
    paper = busy_office.draft(attribute="proactive")
    busy_office.does("wangmin", "submit", paper)
    alter(busy_office, f"update cases set next_at = '2030-01-01T00:00:00.000000Z' where id = '{paper}'")

    assert "due" in codes(busy_office.desk.verify())


@pytest.mark.parametrize(
    ("fault", "sql"),
    TAMPERINGS,
)
def test_what_was_altered_past_the_door_is_found(busy_office: Office, fault: str, sql: str) -> None:
    assert alter(busy_office, sql) > 0

    said = busy_office.desk.verify()

    assert fault in codes(said), said.problems
    # No number is told to be missing that still stands on record.
    assert fault in ("number", "no-events") or "number" not in codes(said), said.problems
    first = next(each for each in said.problems if each.code == fault)
    assert first.text.zh
    assert first.text.en
    # It is read by people: no value of Python, and nothing that is called another and is the same.
    assert not re.search(
        r"None|\(by=|datetime|\+00:00(?!; its events say .*Z$)|is (.+); its events say \1$", first.text.en
    )


def test_a_fault_names_its_case_and_its_event(busy_office: Office) -> None:
    alter(busy_office, f"update events set comment = 'x' where case_id = {PAPER} and seq = 2")

    (problem,) = busy_office.desk.verify().problems

    assert str(problem.field).startswith("DOC-2026-")
    assert problem.row == 2


def test_two_cases_whose_numbers_were_exchanged_are_both_named(busy_office: Office) -> None:
    one, other = sorted(
        each.number for each in busy_office.desk.list_cases(busy_office.actor("zhengshen"), state="published")[0]
    )
    for old, new in ((one, "-"), (other, one), ("-", other)):
        alter(busy_office, "update cases set number = ? where number = ?", new, old)

    said = [(each.code, each.field) for each in busy_office.desk.verify().problems]

    assert sorted(said) == [("named", one), ("named", other)]


def test_one_number_borne_twice_is_found(busy_office: Office) -> None:
    numbers = list(busy_office.desk.list_cases(busy_office.actor("zhengshen"), state="published")[0])
    assert len(numbers) == 2

    # Told through the counter: it is set back, and the next paper is given a number that is taken.
    alter(busy_office, "update counters set serial = 0 where series <> 'case:document'")
    paper = busy_office.signed()
    busy_office.does("zhaoyun", "number", paper, series=series(busy_office))
    alter(busy_office, "update counters set serial = serial - 1 where series = 'case:document'")

    said = [each.text.zh for each in busy_office.desk.verify().problems if each.code == "number"]
    assert any("发文字号相同" in each and busy_office.case(paper).number in each for each in said)
    # and of the numbers of cases before it happens
    assert any("事项编号已编至" in each and "再编将重号" in each for each in said)


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
