"""Which day is a working day (工作日), and counting by them. Pure: the days are arguments, no file is opened here.

A calendar is what the State Council announced: for each known year the days that differ from their weekday.
Beyond the last announced year it counts weekends and 1 January, and says of each such day that it is not known
(LAW 10, 8); before the first one it refuses. `shipped` gives 2004-2026, `calendar_file` reads a newer notice.
"""

from workflow.workdays.calendar import ONE_DAY, Calendar, Day, UnknownYear, Workdays, amended
from workflow.workdays.festivals import (
    StatutoryDays,
    expect_whole_years,
    missing_festivals,
    statutory_days,
    working_days_beside_the_law,
)
from workflow.workdays.hours import Hours, Season, hours_file, lists_hours
from workflow.workdays.notices import Announcement, calendar_file, lists_notices, notices_file, shipped

__all__ = [
    "ONE_DAY",
    "Announcement",
    "Calendar",
    "Day",
    "Hours",
    "Season",
    "StatutoryDays",
    "UnknownYear",
    "Workdays",
    "amended",
    "calendar_file",
    "expect_whole_years",
    "hours_file",
    "lists_hours",
    "lists_notices",
    "missing_festivals",
    "notices_file",
    "shipped",
    "statutory_days",
    "working_days_beside_the_law",
]
