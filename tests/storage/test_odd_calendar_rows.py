"""A row of the calendar into which somebody wrote what is no day: nothing is counted by it, and whoever looks is told."""

from __future__ import annotations

import pytest

from tests.factories import Office
from tests.storage.tampering import alter, busy
from workflow.errors import StorageFault

ODD = [
    "update calendar_days set on_day = '2026-13-45' where on_day = '2026-10-01'",
    "update calendar_days set on_day = '国庆节' where on_day = '2026-10-01'",
    "update calendar_years set year = 0 where year = 2026",
]


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
    assert "guards" in amiss


@pytest.mark.parametrize("sql", ODD[:2])
def test_nobody_counts_a_date_by_it(office: Office, sql: str) -> None:
    alter(office, sql)

    with pytest.raises(StorageFault) as refused:
        office.draft()

    assert "gongkai verify" in refused.value.said.zh
