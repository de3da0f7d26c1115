"""The stored calendar: the days that the State Council announced, as this database knows them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from storage.sqlite import Connection, instant_text
from storage.statements import CALENDAR_DAYS, CALENDAR_YEARS, PUT_CALENDAR_DAY, PUT_CALENDAR_YEAR
from workflow.text import Text
from workflow.workdays import Calendar, Day


def load(db: Connection) -> Calendar:
    """The calendar of this database."""
    days = (
        Day(date.fromisoformat(row["on_day"]), bool(row["workday"]), Text(row["zh"], row["en"]), row["notice"] or None)
        for row in db.all(CALENDAR_DAYS)
    )
    return Calendar(days, (row["year"] for row in db.all(CALENDAR_YEARS)))


def save(db: Connection, days: Iterable[Day], years: Iterable[int], source: str, now: datetime) -> None:
    """Keep these days and years; a day that is there already is amended."""
    db.many(
        PUT_CALENDAR_DAY,
        [
            {
                "on_day": day.on.isoformat(),
                "workday": int(day.workday),
                "zh": day.why.zh,
                "en": day.why.en,
                "notice": day.notice or "",
            }
            for day in days
        ],
    )
    db.many(PUT_CALENDAR_YEAR, [{"year": year, "source": source, "imported_at": instant_text(now)} for year in years])
