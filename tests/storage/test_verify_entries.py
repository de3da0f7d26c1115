"""The chain of entries: what was entered and is gone, entered again, or does not follow is named for what it is."""

from __future__ import annotations

from typing import Any

import pytest

from storage import Desk, entries
from storage.calendars import Editions
from storage.setup import initialise
from tests.factories import Clock, Office
from tests.storage.tampering import alter


def told(office: Office) -> list[str]:
    return [each.text.zh for each in office.desk.verify().problems if each.code == "entry"]


@pytest.mark.parametrize(
    ("gone", "sql"),
    [
        ("登记的定义已不在", "delete from definitions where id = 'licence'"),
        ("登记的日历已不在数据库中：2026-03-02 09:00", "delete from calendar_days"),
        ("2026-03-02 09:00 载入的日历与登记不符", "update calendar_days set zh = '改' where on_day = '2026-10-01'"),
    ],
)
def test_what_was_entered_and_is_gone_or_altered_is_named_as_people_know_it(
    office: Office, gone: str, sql: str
) -> None:
    alter(office, sql)
    if sql == "delete from calendar_days":
        alter(office, "insert into calendar_years select year + 0, 'x', source from calendar_years where year = 2026")
        alter(office, "delete from calendar_years where known_at <> 'x'")

    assert any(gone in each for each in told(office))


def test_an_entry_taken_out_of_the_middle_is_named_by_its_place(office: Office) -> None:
    alter(office, "delete from entries where no = 2")

    assert [each for each in told(office) if "第 2 条登记" in each] == told(office)[:1]


@pytest.mark.parametrize("said", [{"previous": "0" * 64}, {"no": 999}])
def test_an_entry_that_does_not_follow_though_its_own_hash_fits_is_named(office: Office, said: dict[str, Any]) -> None:
    last = office.desk._db.all("SELECT * FROM entries ORDER BY no")[-1]
    own = entries.hash_of({**last, **said})
    ((name, value),) = said.items()

    alter(office, f"update entries set {name} = '{value}', hash = '{own}' where no = {last['no']}")

    assert told(office) == [f"第 {_count(office)} 条登记与前一条不相连，或内容被改动；此后的登记不再核对"]


def test_a_definition_that_is_entered_again_though_the_chain_holds_is_named(office: Office) -> None:
    db, now = office.desk._db, office.clock()
    definition = office.desk.definitions()[0]
    with db.writing():
        entries.enter(db, entries.DEFINITION, definition.digest, "0" * 64, now)

    assert told(office) == [f"第 {_count(office)} 条登记与前一条不相连，或内容被改动；此后的登记不再核对"]


def test_a_calendar_may_be_entered_again_at_one_instant_and_not_later(office: Office) -> None:
    db, now = office.desk._db, office.clock()
    said = next(row for row in db.all(entries_of_calendars()))
    with db.writing():
        entries.enter(db, entries.CALENDAR, said["key"], said["digest"], now)
    assert told(office) == []
    assert Editions(db).odd == ()

    office.desk.add_person(office.actor("admin"), "xin", "新")
    office.clock.forward(minutes=1)
    with db.writing():
        entries.enter(db, entries.CALENDAR, said["key"], said["digest"], office.clock())
    assert len(told(office)) == 1
    assert len(Editions(db).odd) == 1


def entries_of_calendars() -> str:
    return "SELECT key, digest FROM entries WHERE what = 'calendar' ORDER BY no"


def _count(office: Office) -> int:
    return len(office.desk._db.all("SELECT no FROM entries"))


@pytest.mark.parametrize(
    "sql",
    [
        "update same_people set act = 'apart' where no = 1",
        "update same_people set at = '2020-01-01T00:00:00.000000Z' where no = 2",
        "delete from same_people where no = 2",
        # Back-dated: as if the two had been said to be two from the beginning.
        """insert into same_people
           select 0, '2020-01-01T00:00:00.000000Z', "by", 'apart', person, other, reason from same_people where no = 1""",
        """insert into same_people select 3, at, "by", 'apart', person, other, reason from same_people where no = 2""",
    ],
)
def test_who_is_one_person_is_as_it_was_entered(office: Office, sql: str) -> None:
    admin = office.actor("admin")
    for other in ("lihua", "zhaoyun"):
        office.desk.staffing.same(admin, "wangmin", other, "同一人")
    assert told(office) == []

    alter(office, sql)

    assert ["同一人认定" in each for each in told(office)] == [True]


def test_what_was_said_of_one_person_before_it_was_entered_is_entered_as_it_stands(office: Office) -> None:
    office.desk.staffing.same(office.actor("admin"), "wangmin", "lihua", "同一人")
    alter(office, "delete from entries where what = 'same'")
    assert len(told(office)) == 1

    alter(office, "drop index ix_entries_calendar")
    alter(office, "update alembic_version set version_num = '0020'")
    initialise(office.url, sandbox=True, clock=office.clock)

    assert told(office) == []


def test_a_name_that_is_no_text_stops_no_upgrade_and_is_told_afterwards(file_url: str) -> None:
    with Desk.open(file_url, clock=(clock := Clock())) as desk:
        office = Office(file_url, clock, desk)
        alter(office, "update bureaus set name = cast(x'ff41' as text)")
        alter(office, "drop index ix_entries_calendar")
        alter(office, "update alembic_version set version_num = '0021'")

        initialise(file_url, sandbox=True, clock=clock)

        assert ["单位名称" in each for each in told(office)] == [True]


def test_the_bureau_is_called_as_it_was_entered(office: Office) -> None:
    alter(office, "update bureaus set name = '假局'")
    assert told(office) == [
        "单位名称“假局”与登记不符：被改动，或不经 gongkai 写入；核实后用 gongkai people bureau --name 重新登记"
    ]
    elsewhere = Desk.open(office.url, clock=office.clock)

    office.desk.change_contact(office.actor("admin"), {"name": "滨海市财政局", "postcode": "310000"})

    assert told(office) == []
    with elsewhere:
        assert office.desk.bureau_name == elsewhere.bureau_name == "滨海市财政局"
