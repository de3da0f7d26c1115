"""The scheduler was down over the Spring Festival, the notice of days off came meanwhile, somebody left: what was missed comes once."""

from __future__ import annotations

from datetime import date

import pytest

from tests.days_off import year_2027
from tests.engines import Hand
from tests.factories import Office
from tests.storage.conftest import bureau_file, bureau_template, file_url, office, server, server_url, url

__all__ = ["bureau_file", "bureau_template", "file_url", "office", "server", "server_url", "url"]

#: Friday the 5th to Thursday the 11th are off, Saturday the 13th is worked.
NOTICE = year_2027(春节="off: 2027-02-05..2027-02-11, work: [2027-02-13]")
#: Three working days from Wednesday the 3rd are the 4th, 12th and 13th: the reminder comes on the morning of the 12th, the
#: escalations on the first working morning after the 13th (Monday the 15th) and after two more working days (Wednesday the 17th).
PLANNED = [("remind-1", "2027-02-12T01:00"), ("escalate-1", "2027-02-15T01:00"), ("escalate-2", "2027-02-17T01:00")]


@pytest.fixture
def away(office: Office) -> Office:
    """A paper is with the section on 3 February 2027, and people have an address; then nothing runs until the 22nd."""
    office.clock.set("2027-02-03T10:00")
    for person in ("lihua", "zhaoyun", "zhouju"):
        office.desk.outbox.reach(office.actor(person), person, f"{person}@example.gov.cn")
    office.does("wangmin", "submit", office.draft(attribute="proactive"))
    return office


def back(office: Office) -> None:
    """Monday the 22nd: the notice is loaded, and 李华's leaving of the 10th noted, before the scheduler starts."""
    office.clock.set("2027-02-22T08:50")
    office.desk.leave(office.actor("admin"), "lihua", on=date(2027, 2, 10))
    office.desk.import_calendar(office.actor("admin"), NOTICE, "2027.yaml")
    office.clock.set("2027-02-22T09:00")


def rows(office: Office) -> list[tuple[str, str, str]]:
    return [
        (step, planned[:16], fired[:16])
        for step, planned, fired in Hand(office.url).rows(
            "SELECT step, scheduled_at, fired_at FROM steps ORDER BY scheduled_at"
        )
    ]


def test_what_was_missed_fires_once_in_order_by_the_dates_of_the_new_notice(away: Office) -> None:
    back(away)

    fired = away.desk.sweep()
    again = away.desk.sweep()

    assert ([each.step for each in fired], again) == ([step for step, _ in PLANNED], ())
    assert all(each.late for each in fired)
    assert rows(away) == [(step, at, "2027-02-22T01:00") for step, at in PLANNED]
    assert away.desk.verify().problems == ()


def test_nothing_is_said_as_if_it_came_in_time_and_nobody_who_left_is_told(away: Office) -> None:
    back(away)
    away.desk.sweep()

    said = away.told("zhaoyun")
    assert ["应于 2027-02-12 09:00 发出" in each and "已于 2027-02-13 届满" in each for each in said] == [True, False]
    assert "应于 2027-02-15 09:00 发出" in said[1]
    assert ["应于 2027-02-17 09:00 发出" in each for each in away.told("zhouju")] == [True]
    receivers = Hand(away.url).rows("SELECT DISTINCT person FROM notices WHERE created_at > '2027-02-11'")
    assert ("lihua",) not in receivers
    letters = [each for each in away.desk.outbox.kept() if each.created_at.date() > date(2027, 2, 11)]
    assert {each.person for each in letters} == {"zhaoyun", "zhouju"}


def test_a_reminder_that_came_by_the_provisional_date_does_not_come_again_by_the_new_one(away: Office) -> None:
    away.clock.set("2027-02-05T09:00")  # the 4th, 5th and 8th, as long as nothing is announced
    assert [each.step for each in away.desk.sweep()] == ["remind-1"]
    back(away)

    assert [each.step for each in away.desk.sweep()] == ["escalate-1", "escalate-2"]
    assert rows(away)[1:] == [(step, at, "2027-02-22T01:00") for step, at in PLANNED[1:]]
    assert away.desk.verify().problems == ()


def test_what_comes_in_time_says_nothing_of_being_late(away: Office) -> None:
    away.clock.set("2027-02-05T09:04")
    away.desk.sweep()

    assert [("2027-02-08 到期" in each, "迟发" in each) for each in away.told("lihua")][-1] == (True, False)
