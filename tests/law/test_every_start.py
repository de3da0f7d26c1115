"""Every start day from 2007 to 2026, every unit, against a counter written another way: it walks day by day and adds nothing up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from random import Random

import chinese_calendar
import pytest

from tests.law.matter import clocks, received
from workflow.case import SHANGHAI, Pause
from workflow.clock import due
from workflow.clock.limits import counted
from workflow.limit import Limit, Unit
from workflow.workdays import Calendar, shipped

PRC = Calendar(*shipped())
ONE = timedelta(days=1)
FIRST, LAST = date(2007, 1, 1), date(2026, 12, 31)
LENGTHS = {
    Unit.WORKING_DAYS: (1, 3, 5, 7, 10, 15, 20, 40),
    Unit.CALENDAR_DAYS: (1, 10, 15, 20, 30, 60),
    Unit.MONTHS: (1, 2, 3, 6, 12),
    Unit.HOURS: (5, 24, 48),
    Unit.NEXT_YEAR: (131, 229, 331, 430),
    Unit.SAME_YEAR: (131, 430, 1231),
}


@cache
def works(day: date) -> bool:
    """What the library says; beyond its years what the law leaves: weekends and New Year's Day (LAW 10, 8)."""
    if day.year > 2026:
        return day.weekday() < 5 and (day.month, day.day) != (1, 1)
    return bool(chinese_calendar.is_workday(day))


def starts() -> Iterator[date]:
    day = FIRST
    while day <= LAST:
        yield day
        day += ONE


def walked(start: date, limit: Limit, skipped: frozenset[date] = frozenset()) -> date:
    """The last day of a limit, found by walking: a day off or a day of a pause is passed over."""
    day, left = start, limit.count
    while left:
        day += ONE
        passes = day in skipped or (limit.unit is Unit.WORKING_DAYS and not works(day))
        left -= not passes
    return day


def same_day(start: date, months: int) -> date:
    """The corresponding day, sought from the first of that month on: the month's end where there is none."""
    month = date(start.year, start.month, 1)
    for _ in range(months):
        month = (month + timedelta(days=31)).replace(day=1)
    found = month
    while found.day < start.day and (found + ONE).month == month.month:
        found += ONE
    return found


def day_in_year(start: date, count: int, unit: Unit) -> date:
    """The day of the calendar, sought back from the end of its year: the month's end where there is none."""
    day = date(start.year + (unit is Unit.NEXT_YEAR), 12, 31)
    while day.month * 100 + day.day > count:
        day -= ONE
    return day


def moved_on(day: date) -> date:
    while not works(day):
        day += ONE
    return day


@pytest.mark.parametrize("unit", list(Unit), ids=str)
def test_every_limit_from_every_day_ends_where_a_walker_comes(unit: Unit) -> None:
    for start in starts():
        at = datetime.combine(start, time(10), SHANGHAI).astimezone(UTC)
        for count in LENGTHS[unit]:
            end = due(Limit(count, unit), start, at, PRC)
            if unit is Unit.HOURS:
                assert end.due_at == at + timedelta(hours=count)
                continue
            last = (
                day_in_year(start, count, unit)
                if unit.is_yearly
                else same_day(start, count)
                if unit is Unit.MONTHS
                else walked(start, Limit(count, unit))
            )
            assert (end.strict_on, end.rolled_on) == (last, moved_on(last)), (start, count, unit)


def test_the_days_of_a_pause_are_walked_past() -> None:
    """The day on which it begins still counts, the day on which it ends does not (LAW 14).

    Whoever asks on the last day has nothing left when the answer comes: the limit ends with that day, not in the past.
    """
    chance = Random(33)
    rule = clocks().deadlines["reply"]
    deadline = received("2026-03-02").clock("reply")
    for start in list(starts())[::7]:
        if start.year > 2025 or start < date(2019, 5, 15):
            continue
        begins = start + timedelta(days=chance.randint(0, 40))
        ends = begins + timedelta(days=chance.randint(0, 40))
        pause = Pause(begins, _ten(begins), ends, _ten(ends))
        running = replace(deadline, anchor_on=start, anchor_at=_ten(start), pauses=(pause,))
        skipped = frozenset(begins + timedelta(days=n) for n in range(1, (ends - begins).days + 1))

        end = counted(rule, running, {"received_on": start.isoformat()}, PRC)

        last = walked(start, Limit(20, Unit.WORKING_DAYS), skipped)
        asked_on_the_last_day = last == begins < ends
        assert end.strict_on == (moved_on(ends) if asked_on_the_last_day else last), (start, begins, ends)


def _ten(day: date) -> datetime:
    return datetime.combine(day, time(10), SHANGHAI).astimezone(UTC)
