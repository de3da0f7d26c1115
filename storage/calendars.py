"""The stored calendar: every notice as this database came to know it, so that a date can be counted as it was known then.

What the State Council announces later adds to what was known and never rewrites it: a case that was closed under the old
calendar stays closed on its dates, and `verify` counts each event by the calendar of its own moment.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from itertools import groupby

from storage.connection import Connection, Row, instant_from, instant_text
from storage.statements import (
    CALENDAR_DAYS,
    CALENDAR_YEARS,
    LAST_CHANGE,
    LATEST_CALENDAR,
    LATEST_CHANGED,
    PUT_CALENDAR_DAY,
    PUT_CALENDAR_YEAR,
)
from workflow.case import SHANGHAI
from workflow.errors import Invalid, Problem
from workflow.text import Text
from workflow.workdays import Calendar, Day, amended, expect_whole_years

CalendarAt = Callable[[datetime], Calendar]


class Editions:
    """The calendar at any instant; call it with one. Before the first notice, the first is what there is."""

    def __init__(self, db: Connection) -> None:
        self._db = db
        self._known_at: list[str] = []
        self._calendars: list[Calendar] = []
        self.refresh()

    def __call__(self, at: datetime) -> Calendar:
        if len(self._calendars) == 1:
            return self._calendars[0]
        return self._calendars[max(bisect_right(self._known_at, instant_text(at)) - 1, 0)]

    def refresh(self, *, anew: bool = False) -> None:
        """Take notice of what any process has imported since; one short read when there is nothing new.

        `anew` after an import here: of two notices at one instant the second, too, or the one that was tried only.
        """
        if anew:
            self._read()
            return
        row = self._db.one(LATEST_CALENDAR)
        self.heed(row["known_at"] if row else None)

    def heed(self, latest: str | None) -> None:
        """Take notice that the newest notice here is known since then."""
        if not self._calendars or self._known_at[-1] != (latest or ""):
            self._read()

    def _read(self) -> None:
        days: dict[str, Day] = {}
        years: set[int] = set()
        announced = {at: list(rows) for at, rows in groupby(self._db.all(CALENDAR_DAYS), key=_known_at)}
        arranged = {at: list(rows) for at, rows in groupby(self._db.all(CALENDAR_YEARS), key=_known_at)}
        self._known_at = sorted({*announced, *arranged}) or [""]
        self._calendars = []
        for at in self._known_at:
            days.update((row["on_day"], _day(row)) for row in announced.get(at, ()))
            years.update(row["year"] for row in arranged.get(at, ()))
            self._calendars.append(Calendar(days.values(), years))


def save(db: Connection, days: Iterable[Day], years: Iterable[int], source: str, now: datetime) -> bool:
    """Keep what is new in these days and years, as known from now on; whether there was anything new."""
    days, years = tuple(days), set(years)
    known = {row["on_day"]: _day(row) for row in db.all(CALENDAR_DAYS)}
    arranged = {row["year"] for row in db.all(CALENDAR_YEARS)}
    new = [day for day in days if known.get(day.on.isoformat()) != day]
    since = instant_text(now)
    db.many(
        PUT_CALENDAR_DAY,
        [
            {
                "on_day": day.on.isoformat(),
                "known_at": since,
                "workday": int(day.workday),
                "zh": day.why.zh,
                "en": day.why.en,
                "notice": day.notice or "",
            }
            for day in new
        ],
    )
    # A day that a notice gives to the year beyond its own does not make that year known.
    touched = (years - arranged) | ({day.on.year for day in new} & arranged) | (years if new else set())
    db.many(PUT_CALENDAR_YEAR, [{"year": year, "known_at": since, "source": source} for year in sorted(touched)])
    return bool(touched)


def is_known(db: Connection, days: Iterable[Day], years: Iterable[int]) -> bool:
    """Whether these days and years are all known as they are, so that keeping them would change nothing."""
    known = {row["on_day"]: _day(row) for row in db.all(CALENDAR_DAYS)}
    arranged = {row["year"] for row in db.all(CALENDAR_YEARS)}
    return arranged.issuperset(years) and all(known.get(day.on.isoformat()) == day for day in days)


def announce(
    db: Connection, days: Iterable[Day], years: Iterable[int], source: str, now: datetime, *, keep: bool = True
) -> None:
    """Keep what is new, where nothing has happened yet at this instant or later: dates stand by what was known at their moment.

    Raises Invalid otherwise; a sandbox whose clock stands still comes to that. What is not kept changes nothing, so that nothing
    must be told apart from it. Raises BadFile for a year of which only a part of the festivals is named, in this notice or before.
    """
    days, years = tuple(days), set(years)
    arranged = {row["year"] for row in db.all(CALENDAR_YEARS)}
    expect_whole_years(amended(map(_day, db.all(CALENDAR_DAYS)), days), years - arranged, source)
    last = db.one(LAST_CHANGE)
    if save(db, days, years, source, now) and keep and last and last["at"] and last["at"] >= instant_text(now):
        raise Invalid((Problem("not-after", _not_after(db, now), field="now"),))


def _not_after(db: Connection, now: datetime) -> Text:
    """That it is to be done in a moment; where a clock ran ahead, by which case and until when nothing helps."""
    row = db.one(LATEST_CHANGED)
    at = instant_from(row["changed_at"]) if row else now
    if row is None or at - now < A_MOMENT:
        later = (at + timedelta(minutes=1)).astimezone(SHANGHAI)
        return _NOT_AFTER.filled(later=later.strftime("%Y-%m-%dT%H:%M"))
    return _RAN_AHEAD.filled(number=row["number"], at=at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M"))


def _known_at(row: Row) -> str:
    return str(row["known_at"])


def _day(row: Row) -> Day:
    return Day(
        date.fromisoformat(row["on_day"]), bool(row["workday"]), Text(row["zh"], row["en"]), row["notice"] or None
    )


#: By so much two machines may differ; what lies further ahead was written by a clock that was wrong.
A_MOMENT = timedelta(minutes=5)
_RAN_AHEAD = Text(
    "{number} 有一条办理记录的时间为 {at}，尚未到来：当时时钟走快了。日历只对此后的办理起效，在那之前载入，会使该记录的日期核对不上，"
    "所以不予载入。请先校准时钟；再用 gongkai restore 恢复在该记录之前的备份，重新办理其后的步骤",
    "{number} has an event dated {at}, which is still to come: a clock ran ahead. A calendar serves what comes after it, and loaded "
    "before that the dates of this event could not be verified any more. Set the clock right, then bring back the backup from before that "
    "event with gongkai restore and take the later steps again",
)
_NOT_AFTER = Text(
    "同一时刻或更晚已有办理记录，日历只对此后的办理起效；请待片刻，沙盒请把时钟往后拨，如 --now {later}",
    "something happened at this very instant or later, and a calendar serves what comes after it; "
    "wait a moment, or set the clock of a sandbox on, as with --now {later}",
)
