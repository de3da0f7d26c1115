"""Lengths of time as a definition says them: their units, how they are written, and which of two comes first.

A limit is counted exactly only from a day and by a calendar (`clock/limits.py`). Where two are held against each other without
one, in the check of a file, in the order of a clock's steps, between two versions, it is by the rough hours told here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from enum import StrEnum

#: Reminders and escalations come when the office opens, not at midnight.
OFFICE_OPENS = time(9)


class Unit(StrEnum):
    """What a limit is counted in."""

    WORKING_DAYS = "working days"
    CALENDAR_DAYS = "calendar days"
    MONTHS = "months"
    HOURS = "hours"
    NEXT_YEAR = "of the next year"  # a day of the calendar: 01-31 of the year after the anchor's
    SAME_YEAR = "of the same year"

    @property
    def is_yearly(self) -> bool:
        """Whether the limit is a day of the calendar (年度期日), and no length of time."""
        return self in (Unit.NEXT_YEAR, Unit.SAME_YEAR)


@dataclass(frozen=True, slots=True)
class Limit:
    """A length of time in its unit: `3 working days`; or a day of the year, whose count is month and day: 131."""

    count: int
    unit: Unit

    @property
    def written(self) -> str:
        """The limit as a file writes it.

        >>> Limit(3, Unit.WORKING_DAYS).written, Limit(131, Unit.NEXT_YEAR).written
        ('3 working days', '01-31 of the next year')
        """
        count = f"{self.count // 100:02}-{self.count % 100:02}" if self.unit.is_yearly else str(self.count)
        return f"{count} {self.unit}"

    @property
    def rough_hours(self) -> float:
        """About how many hours it lasts; a day of the year, about how many after the first of January of the anchor's year.

        >>> Limit(5, Unit.WORKING_DAYS).rough_hours == Limit(7, Unit.CALENDAR_DAYS).rough_hours
        True
        """
        if self.unit.is_yearly:
            days = 365 * (self.unit is Unit.NEXT_YEAR) + self.count // 100 * 31 + self.count % 100
            return days * _A_DAY
        return self.count * _ROUGH_HOURS[self.unit]

    @property
    def rough_hours_ahead(self) -> float:
        """About how many hours before the end of a clock its reminder comes that is so far ahead.

        >>> limit_from("1 calendar day").rough_hours_ahead, limit_from("30 hours").rough_hours_ahead
        (39.0, 30.0)
        """
        return self.rough_hours + (_A_DAY - OFFICE_OPENS.hour) * self._is_in_days

    @property
    def rough_hours_late(self) -> float:
        """About how many hours after the end of a clock its escalation comes that is so much later.

        >>> limit_from("0 working days").rough_hours_late, limit_from("5 hours").rough_hours_late
        (9.0, 5.0)
        """
        return self.rough_hours + OFFICE_OPENS.hour * self._is_in_days

    @property
    def _is_in_days(self) -> bool:
        return self.unit is not Unit.HOURS


def limit_from(said: str) -> Limit:
    """A limit as it is written.

    >>> limit_from("04-30 of the next year")
    Limit(count=430, unit=<Unit.NEXT_YEAR: 'of the next year'>)
    """
    count, _, unit = said.partition(" ")
    if "-" in count:
        return Limit(int(count.replace("-", "")), Unit(unit))
    return Limit(int(count), Unit(unit if unit.endswith("s") else unit + "s"))


_A_DAY = 24.0
#: Of five working days and two days off each working day has its share: 7/5 of a day.
_ROUGH_HOURS = {Unit.HOURS: 1.0, Unit.CALENDAR_DAYS: _A_DAY, Unit.WORKING_DAYS: 33.6, Unit.MONTHS: 30 * _A_DAY}
