"""Limits that are a day of the year (LAW 12, M8 1 and 3, M14 5), and the versions of the law that their catalogue holds."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.papers import PRC, Paper, at
from workflow.accepted import definition_from
from workflow.case import START, Deadline
from workflow.clock import due, scheduled
from workflow.limit import limit_from
from workflow.loader import accept, read_catalogue
from workflow.model import Definition

HOUSE = Path(__file__).parent.parent.parent


def yearly() -> Definition:
    catalogue = HOUSE / "definitions/catalogues/limits.yaml"
    limits = read_catalogue(catalogue.read_text("utf-8"), catalogue.name)
    said = accept((HOUSE / "tests/definitions/good/yearly.yaml").read_text("utf-8"), "yearly.yaml", {"limits": limits})
    return definition_from(said.json, said.digest)


DEFINITION = yearly()


def clock(rule: str, *, year_end: str = "2025-12-31", received: str = "2026-01-05") -> Deadline:
    paper = Paper(DEFINITION).happens(START, received, title="备案", year_end_on=year_end, received_on=received)
    (found,) = [each for each in paper.case.deadlines if each.rule == rule]
    return found


def test_the_report_of_2025_is_due_on_a_saturday_and_its_alarm_stands_on_the_friday() -> None:
    report = clock("report")

    assert (report.strict_on, report.rolled_on) == (date(2026, 1, 31), date(2026, 2, 2))
    assert PRC.on_or_before(report.strict_on) == date(2026, 1, 30)
    assert not report.provisional
    (remind, alarm, _) = scheduled(DEFINITION.deadlines["report"], report, PRC)
    assert (remind.at, alarm.at) == (at("2026-01-23 09:00"), at("2026-01-30 09:00"))


def test_the_report_of_2026_is_provisional_and_aims_at_the_friday() -> None:
    report = clock("report", year_end="2026-12-31")

    assert (report.strict_on, report.provisional) == (date(2027, 1, 31), True)
    assert PRC.on_or_before(report.strict_on) == date(2027, 1, 29)


def test_the_report_of_2018_went_by_the_older_version_of_the_law() -> None:
    report = clock("report", year_end="2018-12-31", received="2019-01-07")

    assert report.strict_on == date(2019, 3, 31)


def test_a_filing_that_was_missed_is_overdue_on_the_first_of_may_and_told_on_the_first_working_day() -> None:
    filing = clock("filing")

    assert filing.strict_on == filing.rolled_on == date(2026, 4, 30)
    assert filing.due_at == at("2026-05-01 00:00")
    remind, escalate = scheduled(DEFINITION.deadlines["filing"], filing, PRC)
    assert (remind.at, escalate.at) == (at("2026-04-29 09:00"), at("2026-05-06 09:00"))


@pytest.mark.parametrize(
    ("anchor", "limit", "last"),
    [
        ("2025-12-31", "01-31 of the next year", "2026-01-31"),
        ("2026-01-01", "01-31 of the next year", "2027-01-31"),
        ("2026-01-30", "01-31 of the same year", "2026-01-31"),
        ("2026-01-31", "01-31 of the same year", "2026-01-31"),
        ("2026-01-31", "12-31 of the same year", "2026-12-31"),
        ("2025-06-30", "02-29 of the next year", "2026-02-28"),
        ("2027-06-30", "02-29 of the next year", "2028-02-29"),
        ("2025-12-31", "03-31 of the next year", "2026-03-31"),
    ],
)
def test_a_day_of_the_year_is_a_day_of_the_calendar(anchor: str, limit: str, last: str) -> None:
    end = due(limit_from(limit), date.fromisoformat(anchor), at(anchor), PRC)

    assert end.strict_on == date.fromisoformat(last)
    assert end.rolled_on == PRC.on_or_after(end.strict_on)
    assert end.due_at == at(f"{end.rolled_on + timedelta(days=1)} 00:00")


def test_a_deadline_takes_from_the_law_all_that_it_does_not_say_itself() -> None:
    reply = DEFINITION.deadlines["reply"]

    assert (reply.limit, reply.basis, reply.since) == (limit_from("20 working days"), "条例 33", date(2008, 5, 1))
    assert reply.extend is not None
    assert reply.extend.by == limit_from("20 working days")
    (old,) = reply.regimes
    assert (old.until, old.limit, old.extend) == (date(2019, 5, 14), *[limit_from("15 working days")] * 2)


@pytest.mark.parametrize(("received", "last"), [("2019-05-10", "2019-05-31"), ("2019-05-15", "2019-06-13")])
def test_the_version_of_the_law_is_that_of_the_day_it_is_counted_from(received: str, last: str) -> None:
    assert clock("reply", received=received).rolled_on == date.fromisoformat(last)
