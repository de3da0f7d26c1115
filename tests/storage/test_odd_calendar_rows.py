"""A calendar into which somebody wrote, be it what is no day or another day: nothing is counted by it, and whoever looks is told."""

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
#: What reads well, and is not as it was entered.
OTHER = [
    "update calendar_days set workday = 1 where on_day between '2026-10-01' and '2026-10-08'",
    "delete from calendar_years where year = 2026",
    "insert into calendar_days select '2026-12-02', known_at, workday, zh, en, notice from calendar_days where on_day = '2026-10-01'",
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


@pytest.mark.parametrize("sql", [*ODD[:2], *ODD[-2:], *OTHER])
def test_nobody_counts_a_date_by_it(office: Office, sql: str) -> None:
    office.does("wangmin", "submit", paper := office.draft(attribute="proactive"))
    alter(office, sql)
    office.clock.forward(days=10)

    with Desk.open(office.url, clock=office.clock) as desk:
        admin, notice = desk.actor("admin"), (year_2027(), "2027.yaml")
        acts: list[Callable[[], object]] = [
            Office(office.url, office.clock, desk).draft,
            lambda: desk.clocks(desk.actor("lihua"), paper),
            lambda: desk.options(desk.actor("lihua"), paper),
            lambda: desk.calendar,  # by which every screen counts what is left
            desk.sweep,
            lambda: desk.recompute(admin),
            lambda: desk.knows_notice(*notice),
            lambda: desk.import_calendar(admin, *notice),
        ]
        said = [told(act) for act in acts]

    assert len({*said}) == 1, said
    assert all(each in said[0] for each in ("日历", "gongkai verify", "gongkai restore"))
    assert Hand(office.url).rows("SELECT case_id FROM troubles") == [], "no case is to blame"


@pytest.mark.parametrize("sql", OTHER)
def test_doctor_sends_nobody_to_what_stops_there(office: Office, sql: str) -> None:
    busy(office)
    office.at_the_office()  # untagged: to be returned at once
    office.clock.forward(hours=1)
    alter(office, sql)

    amiss = {
        each.name: each
        for each in office.desk.doctor()
        if not each.ok and each.name in {"calendar-rows", "calendar", "dates", "ticker"}
    }

    assert "与登记不符" in amiss["calendar-rows"].text.zh
    assert "gongkai verify" in amiss["calendar-rows"].text.zh
    assert [each.hint for each in amiss.values()] == [None] * len(amiss)


@pytest.mark.parametrize(
    ("sql", "back"),
    [
        (
            "update calendar_years set year = 0 where year = 2026",
            "update calendar_years set year = 2026 where year = 0",
        ),
        (OTHER[0], OTHER[0].replace("workday = 1", "workday = 0")),
    ],
)
def test_whoever_runs_goes_on_once_it_is_put_right(office: Office, sql: str, back: str) -> None:
    office.does("wangmin", "submit", office.draft(attribute="proactive"))
    alter(office, sql)
    office.clock.forward(days=10)

    with Desk.open(office.url, clock=office.clock) as desk:
        told(desk.sweep)
        alter(office, back)

        assert desk.sweep()
        assert desk.verify().problems == ()


@pytest.mark.parametrize("sql", NO_TEXT[::2])
def test_nor_by_what_only_a_file_takes(file_url: str, sql: str) -> None:
    with Desk.open(file_url, clock=(clock := Clock())) as desk:
        test_nobody_counts_a_date_by_it(Office(file_url, clock, desk), sql)


def told(act: Callable[[], object]) -> str:
    with pytest.raises(StorageFault) as refused:
        act()
    return refused.value.said.zh
