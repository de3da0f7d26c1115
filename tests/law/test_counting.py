"""Counting held against others: a slow counter of our own, a second library, and what LAW 10 measured."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import cache
from itertools import pairwise

import chinese_calendar
import pytest

from workflow.workdays import Calendar, shipped

PRC = Calendar(*shipped())
ONE = timedelta(days=1)


def days(first: date, last: date) -> list[date]:
    return [first + n * ONE for n in range((last - first).days + 1)]


@cache
def works(day: date) -> bool:
    return bool(chinese_calendar.is_workday(day))


def slow_last_days(anchor: date, most: int) -> list[date]:
    """The last days of limits 1 to `most`, found by walking, as far as the library knows."""
    found: list[date] = []
    day = anchor + ONE
    while len(found) < most and day.year <= 2026:
        if works(day):
            found.append(day)
        day += ONE
    return found


def test_a_slow_counter_agrees_for_every_start_and_limit_from_2007_to_2026() -> None:
    for anchor in days(date(2007, 1, 1), date(2026, 12, 31)):
        walked = slow_last_days(anchor, 30)
        assert [PRC.last_working_day(anchor, n) for n in range(1, len(walked) + 1)] == walked, anchor


def test_counting_back_undoes_counting_forward() -> None:
    for anchor in days(date(2007, 1, 1), date(2026, 6, 30)):
        back_on = PRC.working_day_before(PRC.last_working_day(anchor, 20), 20)
        assert back_on == PRC.on_or_before(anchor), anchor


@pytest.mark.parametrize("year", range(2018, 2027))
def test_a_second_library_knows_the_same_working_days(year: int) -> None:
    other = pytest.importorskip("holidays").country_holidays("CN", years=range(2017, 2028))

    ours = [day for day in days(date(year, 1, 1), date(year, 12, 31)) if PRC.is_workday(day)]

    assert ours == [day for day in days(date(year, 1, 1), date(year, 12, 31)) if other.is_working_day(day)]


@pytest.mark.parametrize(("year", "count"), [(2018, 250), (2019, 250), (2025, 248), (2026, 248)])
def test_a_year_has_as_many_working_days_as_were_announced(year: int, count: int) -> None:
    assert PRC.working_days_between(date(year - 1, 12, 31), date(year, 12, 31)) == count


def test_counting_monday_to_friday_would_be_wrong_for_every_second_receipt() -> None:
    wrong = []
    for anchor in days(date(2025, 1, 1), date(2026, 11, 20)):
        naive, left = anchor, 20
        while left:
            naive += ONE
            left -= naive.weekday() < 5
        if (due := PRC.last_working_day(anchor, 20)) != naive:
            wrong.append(abs((due - naive).days))

    assert (len(wrong), max(wrong)) == (358, 7)  # LAW 10


def test_a_receipt_on_a_day_off_is_due_with_the_last_working_day_before_it() -> None:
    for anchor in days(date(2018, 1, 1), date(2026, 12, 31)):
        assert PRC.last_working_day(anchor, 20) == PRC.last_working_day(PRC.on_or_before(anchor), 20), anchor


def test_a_later_receipt_is_never_due_earlier() -> None:
    ends = [PRC.last_working_day(anchor, 20) for anchor in days(date(2007, 1, 1), date(2027, 12, 31))]

    assert all(a <= b for a, b in pairwise(ends))


def test_the_library_own_counter_errs_on_a_day_off_and_ours_does_not() -> None:
    assert chinese_calendar.find_workday(20, datetime(2026, 2, 16)).isoformat() == "2026-03-23"  # noqa: DTZ001
    assert PRC.last_working_day(date(2026, 2, 16), 20) == date(2026, 3, 20)
