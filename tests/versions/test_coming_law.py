"""A law before its day: loaded ahead, in force from its first day on, and cases that began before stay under the old one."""

from __future__ import annotations

from datetime import date

import pytest

from storage import versions
from tests.versions.permits import FIRST, Permits
from workflow.errors import NotFound

#: The first version until the end of March, the second from April on with fewer days.
OLD = FIRST.replace("version: 1\n", 'version: 2\nin_force: {until: "2026-03-31"}\n')
COMING = FIRST.replace("version: 1\n", 'version: 3\nin_force: {from: "2026-04-01"}\n').replace(
    "limit: 10 working days", "limit: 8 working days"
)


def version_of(permits: Permits, case: str) -> int:
    return permits.office.desk.definition_of(permits.office.case(case).definition).version


def test_a_version_that_is_loaded_ahead_waits_for_its_day(permits: Permits) -> None:
    permits.install(OLD)
    permits.install(COMING)
    before = permits.filed()

    permits.office.clock.forward(days=30)
    after = permits.filed()

    assert (version_of(permits, before), version_of(permits, after)) == (2, 3)
    assert permits.office.desk.definition("permit").version == 3
    assert permits.clocks(before)["whole"] == "2026-03-16"
    assert permits.clocks(after)["whole"] == "2026-04-14"
    assert [each.text.en for each in permits.office.desk.verify().problems] == []


def test_a_case_that_began_under_the_old_law_is_ended_under_it(permits: Permits) -> None:
    permits.install(OLD)
    permits.install(COMING)
    permit = permits.filed()

    permits.office.clock.forward(days=30)
    permits.office.does("zhaoyun", "ask", permit)
    permits.office.does("zhaoyun", "answer", permit)

    assert version_of(permits, permit) == 2
    assert permits.office.case(permit).state == "checking"


@pytest.mark.parametrize(
    ("on", "version"), [("2026-03-31", 2), ("2026-04-01", 3), ("2019-01-01", 2), ("2030-01-01", 3)]
)
def test_the_day_chooses_the_version(permits: Permits, on: str, version: int) -> None:
    permits.install(OLD)
    permits.install(COMING)

    assert versions.current(permits.office.desk._db, "permit", date.fromisoformat(on)).version == version


def test_a_kind_whose_only_version_is_still_to_come_has_none_today(permits: Permits) -> None:
    coming = COMING.replace("id: permit", "id: pass").replace("prefix: PER", "prefix: PAS")
    permits.install(coming)

    with pytest.raises(NotFound):
        permits.office.desk.definition("pass")
