"""One calendar: what each day is and why, and counting by it; its days are an argument."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import compress
from typing import Protocol

from workflow.errors import Invalid, Problem
from workflow.text import Text

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Day:
    """What one day is, in whose words, and whether its year has been announced."""

    on: date
    workday: bool
    why: Text
    notice: str | None = None  # number of the State Council's notice; None: its weekday says it all
    known: bool = True


class Workdays(Protocol):
    """What the clocks need of a calendar."""

    def is_workday(self, on: date) -> bool: ...

    def is_known(self, on: date) -> bool: ...

    def day(self, on: date) -> Day: ...

    def last_working_day(self, anchor: date, limit: int) -> date: ...

    def working_day_before(self, on: date, count: int) -> date: ...

    def on_or_before(self, on: date) -> date: ...

    def on_or_after(self, on: date) -> date: ...

    def working_days_between(self, after: date, until: date) -> int: ...


class UnknownYear(Invalid):
    """A day before the first year that the calendar holds."""

    code = "unknown_year"
    text = Text(
        zh="工作日历自{known_from}年起，不能计算{on}；请核对日期，或用 gongkai calendar import 导入该年的放假安排",
        en="the calendar begins in {known_from} and cannot count {on}; check the date, or load that year's notice with "
        "gongkai calendar import",
    )


class Calendar:
    """The announced days, ready for counting: working days as one sorted row of day numbers.

    >>> from workflow.workdays import shipped
    >>> prc = Calendar(*shipped())
    >>> prc.last_working_day(date(2026, 2, 18), 20)  # received inside the Spring Festival
    datetime.date(2026, 3, 20)
    """

    __slots__ = ("_days", "_first", "_row", "_years", "known_from", "known_until")

    def __init__(self, days: Iterable[Day], years: Iterable[int]) -> None:
        """Of two days for one date the later one holds: an amendment follows what it amends."""
        self._days = {day.on: day for day in days}
        self._years = frozenset(years)
        if not self._years:
            raise Invalid((Problem("empty-calendar", _EMPTY_CALENDAR),))
        self.known_from = min(self._years)
        #: The last year up to which every year is announced.
        self.known_until = next(y for y in range(self.known_from, date.max.year + 1) if y + 1 not in self._years)
        self._first = date(self.known_from, 1, 1).toordinal()
        # A row is never changed, only replaced by a longer one: threads that count at this moment keep the one they hold.
        self._row = self._working_until(max(self._years) + 2)

    def is_workday(self, on: date) -> bool:
        """Whether offices work on that day."""
        row, ordinal = self._row, on.toordinal()
        if not self._first <= ordinal < row[-1]:
            return self.day(on).workday
        return row[bisect_left(row, ordinal)] == ordinal

    def is_known(self, on: date) -> bool:
        """Whether the State Council has announced that day's year."""
        return on.year in self._years

    def day(self, on: date) -> Day:
        """What that day is, and why.

        >>> from workflow.workdays import shipped
        >>> Calendar(*shipped()).day(date(2026, 2, 28)).why.zh
        '春节调休上班'
        """
        self._refuse_before_the_first(on)
        said = self._days.get(on)
        if said:
            return said
        known = on.year in self._years
        if not known and (on.month, on.day) == (1, 1):
            return Day(on, False, _guessed(_NEW_YEAR), known=False)
        why = _WEEKEND.get(on.weekday(), _WORKDAY)
        return Day(on, why is _WORKDAY, why if known else _guessed(why), known=known)

    def last_working_day(self, anchor: date, limit: int) -> date:
        """The last day of a limit (期限) of working days; day 1 is the first working day after `anchor`.

        >>> from workflow.workdays import shipped
        >>> Calendar(*shipped()).last_working_day(date(2026, 2, 16), 20)  # find_workday says 2026-03-23
        datetime.date(2026, 3, 20)
        """
        if limit <= 0:
            return anchor
        self._refuse_before_the_first(anchor)
        ordinal = anchor.toordinal()
        # Strictly after: 民法典 201 leaves the day of the event uncounted, be it a working day or not.
        index = bisect_right(self._row, ordinal) + limit - 1
        if index >= len(self._row):
            row = self._row_that_reaches(ordinal + 2 * limit + 31)
            return date.fromordinal(row[bisect_right(row, ordinal) + limit - 1])
        return date.fromordinal(self._row[index])

    def working_day_before(self, on: date, count: int) -> date:
        """The `count`-th working day before `on`, that day itself uncounted.

        >>> from workflow.workdays import shipped
        >>> Calendar(*shipped()).working_day_before(date(2026, 2, 25), 3)
        datetime.date(2026, 2, 13)
        """
        if count <= 0:
            return on
        self._refuse_before_the_first(on)
        row = self._row_that_reaches(on.toordinal())
        index = bisect_left(row, on.toordinal()) - count
        if index < 0:
            raise UnknownYear(on=date.fromordinal(self._first) - ONE_DAY, known_from=self.known_from)
        return date.fromordinal(row[index])

    def on_or_before(self, on: date) -> date:
        """That day if offices work on it, else the last working day before: where an alarm stands."""
        return on if self.is_workday(on) else self.working_day_before(on, 1)

    def on_or_after(self, on: date) -> date:
        """That day if offices work on it, else the next working day (民法典 203)."""
        return on if self.is_workday(on) else self.last_working_day(on, 1)

    def working_days_between(self, after: date, until: date) -> int:
        """How many working days lie after the one day, up to and with the other; 0 when none does."""
        if until <= after:
            return 0
        self._refuse_before_the_first(after)
        row = self._row_that_reaches(until.toordinal())
        return bisect_right(row, until.toordinal()) - bisect_right(row, after.toordinal())

    def _refuse_before_the_first(self, on: date) -> None:
        if on.year < self.known_from:
            raise UnknownYear(on=on, known_from=self.known_from)

    def _row_that_reaches(self, ordinal: int) -> list[int]:
        ordinal = min(ordinal, date.max.toordinal())
        if ordinal > self._row[-1]:
            # A quarter more than asked, so that a long future is built seldom.
            year = date.fromordinal(ordinal).year
            self._row = self._working_until(min(year + 2 + (year - self.known_from) // 4, date.max.year))
        return self._row

    def _working_until(self, year: int) -> list[int]:
        """The numbers of all working days from the first known year to the end of that one."""
        beyond = date(year, 12, 31).toordinal() + 1
        weeks = (beyond - self._first) // 7 + 2
        start = date.fromordinal(self._first).weekday()
        works = bytearray(_WEEK * weeks)[start : start + beyond - self._first]
        for each in range(self.known_from, year + 1):
            if each not in self._years:
                works[date(each, 1, 1).toordinal() - self._first] = False
        for day in self._days.values():
            if self._first <= day.on.toordinal() < beyond:
                works[day.on.toordinal() - self._first] = day.workday
        return list(compress(range(self._first, beyond), works))


def amended(days: Iterable[Day], by: Iterable[Day]) -> tuple[Day, ...]:
    """These days with those of a later notice, which win; in the order of the calendar."""
    whole = {day.on: day for day in (*days, *by)}
    return tuple(whole[on] for on in sorted(whole))


def _guessed(why: Text) -> Text:
    return _NOT_ANNOUNCED.filled(why=why)


_WEEK = b"\1\1\1\1\1\0\0"  # from Monday
_WORKDAY = Text("工作日", "working day")
_WEEKEND = {5: Text("周六", "Saturday"), 6: Text("周日", "Sunday")}
_NEW_YEAR = Text("元旦放假", "day off (New Year's Day)")
_NOT_ANNOUNCED = Text("{why}（当年未公布，暂定）", "{why}, provisional")
_EMPTY_CALENDAR = Text(
    "工作日历中没有任何年份；请用 gongkai init 重新装入随附的日历",
    "the calendar holds no year; load the shipped one with gongkai init",
)
