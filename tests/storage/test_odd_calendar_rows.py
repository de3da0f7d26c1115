"""A row of the calendar into which somebody wrote what is no day: nothing is counted by it, and whoever looks is told."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from storage import Desk
from tests.days_off import year_2027
from tests.engines import Hand
from tests.factories import Clock, Office
from tests.storage.tampering import alter, busy
from workflow.errors import StorageFault

ODD = [
    "update calendar_days set on_day = '2026-13-45' where on_day = '2026-10-01'",
    "update calendar_days set on_day = '国庆节' where on_day = '2026-10-01'",
    "update calendar_years set year = 0 where year = 2026",
    "update calendar_days set known_at = '2001' || substr(known_at, 5) where on_day = '2026-10-01'",
    "delete from calendar_years",
]
#: What only a file takes.
NO_TEXT = [
    "update calendar_days set known_at = x'00ff' where on_day = '2026-10-01'",
    "update calendar_years set known_at = cast(x'c3ff28' as text) where year = 2026",
    "update calendar_days set zh = cast(x'c3ff28' as text) where on_day = '2026-10-01'",
]


@pytest.mark.parametrize("sql", NO_TEXT)
def test_so_they_do_of_what_only_a_file_takes(file_url: str, sql: str) -> None:
    with Desk.open(file_url, clock=(clock := Clock())) as desk:
        test_verify_and_doctor_name_it_and_go_on(Office(file_url, clock, desk), sql)


@pytest.mark.parametrize("sql", ODD)
def test_verify_and_doctor_name_it_and_go_on(office: Office, sql: str) -> None:
    busy(office)
    assert alter(office, sql) > 0
    alter(office, "update cases set title = '改题' where number = 'DOC-2026-00002'")

    found = office.desk.verify().problems
    amiss = {each.name: each for each in office.desk.doctor() if not each.ok}

    assert {"entry", "replay"} <= {each.code for each in found}
    assert "日历" in "".join(each.text.zh for each in found if each.code == "entry")
    assert "calendar-rows" in amiss
    said = [each.text.zh for each in found] + [each.text.zh for each in amiss.values()]
    assert "Z" not in "".join(said), "an instant that nobody in the office knows"
    assert "guards" in amiss


@pytest.mark.parametrize("sql", [*ODD[:2], *ODD[-2:]])
def test_nobody_counts_a_date_by_it(office: Office, sql: str) -> None:
    office.does("wangmin", "submit", paper := office.draft(attribute="proactive"))
    alter(office, sql)
    office.clock.forward(days=10)

    with Desk.open(office.url, clock=office.clock) as desk:
        admin, notice = desk.actor("admin"), (year_2027(), "2027.yaml")
        acts: list[Callable[[], object]] = [
            Office(office.url, office.clock, desk).draft,
            lambda: desk.clocks(desk.actor("lihua"), paper),
            desk.sweep,
            lambda: desk.recompute(admin),
            lambda: desk.knows_notice(*notice),
            lambda: desk.import_calendar(admin, *notice),
        ]
        said = [told(act) for act in acts]

    assert len({*said}) == 1, said
    assert all(each in said[0] for each in ("日历", "gongkai verify", "gongkai restore"))
    assert Hand(office.url).rows("SELECT case_id FROM troubles") == [], "no case is to blame"


def test_nothing_is_counted_anew_by_a_calendar_that_reads_well_and_is_not_as_it_was_entered(office: Office) -> None:
    office.does("wangmin", "submit", office.draft(attribute="proactive"))
    alter(office, "delete from calendar_years where year = 2026")
    office.clock.forward(days=1)

    with Desk.open(office.url, clock=office.clock) as desk:
        admin = desk.actor("admin")
        said = [
            told(lambda: desk.recompute(admin)),
            told(lambda: desk.import_calendar(admin, year_2027(), "2027.yaml")),
        ]
        amiss = [each.text.zh for each in desk.doctor() if not each.ok and each.name == "calendar-rows"]

    assert all("与登记不符" in each and "gongkai verify" in each for each in said)
    assert len(amiss) == 1


def test_whoever_runs_goes_on_once_it_is_put_right(office: Office) -> None:
    office.does("wangmin", "submit", office.draft(attribute="proactive"))
    alter(office, "update calendar_years set year = 0 where year = 2026")
    office.clock.forward(days=10)

    with Desk.open(office.url, clock=office.clock) as desk:
        told(desk.sweep)
        alter(office, "update calendar_years set year = 2026 where year = 0")

        assert desk.sweep()


@pytest.mark.parametrize("sql", NO_TEXT[::2])
def test_nor_by_what_only_a_file_takes(file_url: str, sql: str) -> None:
    with Desk.open(file_url, clock=(clock := Clock())) as desk:
        test_nobody_counts_a_date_by_it(Office(file_url, clock, desk), sql)


def told(act: Callable[[], object]) -> str:
    with pytest.raises(StorageFault) as refused:
        act()
    return refused.value.said.zh
