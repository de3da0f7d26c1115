"""The law's own examples, line by line: the tables beside this file say what is due, this file only asks the clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.papers import at
from workflow.case import SHANGHAI, Pause
from workflow.clock import due, explain
from workflow.limit import Unit, limit_from
from workflow.workdays import Calendar, amended, calendar_file, shipped

HERE = Path(__file__).parent
FORWARD = ("document.yaml", "request.yaml", "proposal.yaml", "procedures.yaml")
MUST, MAY = {"law", "when", "anchor", "limit", "due"}, {"rolled", "safe", "provisional", "calendar"}


def rows(*names: str) -> list[Any]:
    """Every line of these tables; all values are text (a date of YAML's own making would hide a typing error)."""
    return [
        pytest.param(row, id=f"{name}: {row['when']} ({row.get('anchor') or row.get('event')})")
        for name in names
        for row in yaml.load((HERE / name).read_text("utf-8"), Loader=yaml.CBaseLoader)
    ]


@cache
def calendar(other: str | None = None) -> Calendar:
    days, years = shipped()
    if other:
        days = amended(days, calendar_file((HERE / "calendars" / other).read_text("utf-8"), other)[0])
    return Calendar(days, years)


@pytest.mark.parametrize("row", rows(*FORWARD))
def test_a_limit_ends_on_the_day_that_the_law_says(row: dict[str, str]) -> None:
    assert row.keys() >= MUST
    assert row.keys() - MUST <= MAY, "a line has a word that nobody reads"
    anchor, prc = date.fromisoformat(row["anchor"]), calendar(row.get("calendar"))

    end = due(limit_from(row["limit"]), anchor, datetime.combine(anchor, time(10), SHANGHAI), prc)

    assert end.strict_on == date.fromisoformat(row["due"])
    assert end.rolled_on == date.fromisoformat(row.get("rolled") or row["due"])
    assert end.provisional == (row.get("provisional") == "true")
    assert end.due_at == datetime.combine(end.rolled_on + timedelta(days=1), time(), SHANGHAI)
    if "safe" in row:
        assert prc.on_or_before(end.strict_on) == date.fromisoformat(row["safe"])


@pytest.mark.parametrize("row", rows(*FORWARD))
def test_every_date_of_the_tables_explains_itself_in_both_languages(row: dict[str, str]) -> None:
    anchor, limit = date.fromisoformat(row["anchor"]), limit_from(row["limit"])

    told = explain(limit, anchor, datetime.combine(anchor, time(10), SHANGHAI), calendar(row.get("calendar")))

    assert row["due"] in told.text.zh
    assert row["due"] in told.text.en
    assert told.days[0].on == anchor
    assert told.days[0].counted is None
    assert told.days[-1].on == date.fromisoformat(row.get("rolled") or row["due"])
    if limit.unit is not Unit.MONTHS and not limit.unit.is_yearly:
        assert [day.counted for day in told.days if day.counted] == list(range(1, limit.count + 1))
    assert ("暂按" in told.text.zh) == (row.get("provisional") == "true")
    assert ("顺延" in told.text.zh) == ("rolled" in row)


@pytest.mark.parametrize("row", rows("hours.yaml"))
def test_hours_run_on_the_clock(row: dict[str, str]) -> None:
    begins, ends = (datetime.strptime(row[key], "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI) for key in ("anchor", "due"))

    end = due(limit_from(row["limit"]), begins.date(), begins.astimezone(UTC), calendar())

    assert end.due_at == ends
    assert end.strict_on == end.rolled_on == (ends - timedelta(microseconds=1)).date()
    assert not end.provisional


@pytest.mark.parametrize("row", rows("backward.yaml"))
def test_a_period_before_an_event_ends_on_the_earlier_working_day(row: dict[str, str]) -> None:
    event = date.fromisoformat(row["event"])

    end = due(limit_from(row["before"]), event, at(row["event"]), calendar(), backward=True)

    assert end.rolled_on == date.fromisoformat(row["by"])


def test_hours_before_an_event_are_counted_back_on_the_clock() -> None:
    end = due(limit_from("48 hours"), date(2026, 3, 2), at("2026-03-02 09:00"), calendar(), backward=True)

    assert (end.due_at, end.rolled_on) == (at("2026-02-28 09:00"), date(2026, 2, 28))


@pytest.mark.parametrize(
    ("asked", "ends"), [("2026-03-04 09:59", "2026-03-04 13:00"), ("2026-03-04 10:00", "2026-03-04 10:00")]
)
def test_a_question_of_three_hours_adds_them_only_if_it_is_asked_before_the_hours_are_over(
    asked: str, ends: str
) -> None:
    day, begins = date(2026, 3, 4), at("2026-03-02 10:00")
    pause = Pause(day, at(asked), day, at(asked) + timedelta(hours=3))

    end = due(limit_from("48 hours"), date(2026, 3, 2), begins, calendar(), [pause])

    assert end.due_at == at(ends)
