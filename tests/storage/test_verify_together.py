"""Several processes verify as one does: the same findings in the same order, of one moment; and one goes on where they cannot."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import date

import pytest

from storage import Desk, versions
from storage.verify import Verified, stretch, together, whole
from tests.factories import Office
from tests.storage.tampering import DONE, PAPER, TAMPERINGS, alter, busy, series
from workflow.workdays import Calendar, shipped


@pytest.fixture
def busy_office(office: Office, monkeypatch: pytest.MonkeyPatch) -> Office:
    """Cut into so many stretches that each process gets some."""
    monkeypatch.setattr(stretch, "AT_A_TIME", 5)
    return busy(office)


def alone(office: Office) -> Verified:
    return office.desk.verify()


def side_by_side(office: Office, jobs: int = 2) -> Verified:
    """By processes, and by nobody else."""

    def nobody(*_: object) -> None:
        raise AssertionError("one process read it alone")

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(whole, "Editions", nobody)
        return office.desk.verify(jobs=jobs)


def test_an_honest_record_is_found_well_by_several(busy_office: Office) -> None:
    said = side_by_side(busy_office, jobs=3)

    assert said == alone(busy_office)
    assert (said.cases, said.retold, said.problems) == (6, 6, ())


#: One of each kind: that each of the others is found is held where one process looks.
OF_EACH_KIND = dict(TAMPERINGS)


@pytest.mark.parametrize(("fault", "sql"), OF_EACH_KIND.items())
def test_several_find_what_one_finds(busy_office: Office, fault: str, sql: str) -> None:
    assert alter(busy_office, sql) > 0

    said = side_by_side(busy_office)

    assert said == alone(busy_office)
    assert fault in [each.code for each in said.problems]


def test_all_that_is_wrong_is_told_in_the_order_in_which_one_tells_it(busy_office: Office) -> None:
    alter(busy_office, "update counters set serial = 0 where series <> 'case:document'")
    busy_office.does("zhaoyun", "number", busy_office.signed(), series=series(busy_office))
    alter(busy_office, f"delete from steps where case_id = {PAPER}")
    for case in ("zzz", "nowhere", ""):
        alter(busy_office, f"insert into steps values ('{case}', 'section', 1, 'remind-1', '', '')")

    said = side_by_side(busy_office)

    assert [each.code for each in said.problems] == ["step", "orphan", "orphan", "orphan", "number", "number"]
    assert said.problems == alone(busy_office).problems


def test_what_others_write_meanwhile_is_seen_by_none_of_them(
    busy_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest_of = versions.digest_of

    def meanwhile(accepted: str) -> str:
        with Desk.open(busy_office.url, clock=busy_office.clock) as other:
            other.start(other.actor("wangmin"), "document", title="核验期间新建")
        return digest_of(accepted)

    monkeypatch.setattr(versions, "digest_of", meanwhile)
    said = side_by_side(busy_office)

    assert (said.cases, said.problems) == (6, ())


def test_all_count_by_the_calendar_that_the_desk_was_given(busy_office: Office) -> None:
    days, years = shipped()
    off = [replace(days[0], on=date(2026, 3, day), workday=False) for day in (3, 4, 5)]
    with Desk.open(busy_office.url, clock=busy_office.clock, calendar=Calendar([*days, *off], years)) as desk:
        said = desk.verify(jobs=2)

        assert said == desk.verify()
    assert "deadline" in [each.code for each in said.problems]


def test_where_no_process_stays_one_reads_it_alone(busy_office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    alter(busy_office, f"update cases set state = 'withheld' where id = {DONE}")
    monkeypatch.setattr(sys, "executable", "/bin/false")

    assert busy_office.desk.verify(jobs=2) == alone(busy_office)


def test_where_one_is_killed_at_work_one_reads_it_all_and_none_is_left(
    busy_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell, begun = together._tell, []

    def and_kill(hand: together._Hand, said: object) -> None:
        tell(hand, said)
        if isinstance(said, stretch.Stretch):
            begun.append(hand.program)
            hand.program.kill()

    monkeypatch.setattr(together, "_tell", and_kill)

    assert busy_office.desk.verify(jobs=2) == alone(busy_office)
    assert begun
    assert all(each.returncode is not None for each in begun)


def test_where_no_process_can_be_begun_one_reads_it_alone(busy_office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")

    assert busy_office.desk.verify(jobs=2).problems == ()


def test_a_short_record_is_not_worth_another_process(busy_office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", None)

    assert busy_office.desk.verify(jobs=None).problems == ()
