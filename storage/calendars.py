"""The stored calendar: every notice as this database came to know it, so that a date can be counted as it was known then.

What the State Council announces later adds to what was known and never rewrites it: a case that was closed under the old
calendar stays closed on its dates, and `verify` counts each event by the calendar of its own moment.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import date, datetime, timedelta
from functools import lru_cache
from operator import itemgetter
from typing import Any

from storage import entries
from storage.connection import Connection, Row, instant_from, instant_text
from storage.rows import MISREAD, said_at
from storage.statements import (
    CALENDAR_AS_ENTERED,
    CALENDAR_DAYS,
    CALENDAR_YEARS,
    LAST_CHANGE,
    LATEST_CALENDAR,
    LATEST_CHANGED,
    PUT_CALENDAR_DAY,
    PUT_CALENDAR_YEAR,
)
from storage.versions import shipped_calendars
from workflow.case import SHANGHAI, SYSTEM
from workflow.errors import Invalid, Problem, StorageFault
from workflow.text import Text, shown
from workflow.workdays import Calendar, Day, amended, expect_whole_years, shipped, statutory_days

CalendarAt = Callable[[datetime], Calendar]
Rows = tuple[tuple[Any, ...], ...]


class Editions:
    """The calendar at any instant; call it with one. Before the first notice, the first is what there is.

    Where a row says no day or year, or an edition is not as it was entered, no date is counted, for it may be the one that is asked
    for; who looks into what was altered counts in spite of it (`leniently`).
    """

    def __init__(self, db: Connection, *, leniently: bool = False) -> None:
        self._db, self._leniently = db, leniently
        self.odd: tuple[StorageFault, ...] = ()
        self._known_at: tuple[str, ...] = ()
        self._calendars: tuple[Calendar, ...] = ()
        self.refresh()

    def __call__(self, at: datetime) -> Calendar:
        if self.odd and not self._leniently:
            raise self.odd[0].with_traceback(None)  # one fault is told again and again, each time from here
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
        with self._db.as_it_is():
            row = self._db.one(LATEST_CALENDAR)
        self.heed(row["known_at"] if row else None)

    def heed(self, latest: str | None) -> None:
        """Take notice that the newest notice here is known since then."""
        if self.odd or not self._calendars or self._known_at[-1] != (latest or ""):
            self._read()

    def _read(self) -> None:
        with self._db.as_it_is():
            self._known_at, self._calendars, self.odd = _editions(*_rows(self._db))


def digests(db: Connection) -> dict[Any, str | None]:
    """Since when each edition is known, with the digest of what stands there; None for what has none."""
    days, years, _ = _rows(db)
    return _digests(days, years)


def _rows(db: Connection) -> tuple[Rows, Rows, Rows]:
    """Days and years, each first with since when it is known and in the order of that, and what was entered of them, in its order."""
    days, years, entered = list[tuple[Any, ...]](), list[tuple[Any, ...]](), list[tuple[Any, ...]]()
    for what, known_at, place, number, said, en, notice in db.all(CALENDAR_AS_ENTERED):
        if what == "day":
            days.append((known_at, place, number, said, en, notice))
        elif what == "year":
            years.append((known_at, number, said))
        else:
            entered.append((number, known_at, said, place))
    return tuple(days), tuple(years), tuple(entered)


def _digests(days: Rows, years: Rows) -> dict[Any, str | None]:
    return {at: _digest(at, days, years) for at in sorted({at for at, *_ in (*days, *years)}, key=str)}


def _digest(at: Any, days: Rows, years: Rows) -> str | None:
    with suppress(*MISREAD):
        return entries.of_calendar(*([said for since, *said in rows if since == at] for rows in (days, years)))
    return None


def save(
    db: Connection, days: Iterable[Day], years: Iterable[int], source: str, now: datetime, by: str = SYSTEM
) -> bool:
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
    if new or touched:
        entries.enter(db, entries.CALENDAR, since, digests(db)[since] or "", now, by)
    return bool(touched)


def is_known(db: Connection, days: Iterable[Day], years: Iterable[int]) -> bool:
    """Whether these days and years are all known as they are, so that keeping them would change nothing."""
    known = {row["on_day"]: _day(row) for row in db.all(CALENDAR_DAYS)}
    arranged = {row["year"] for row in db.all(CALENDAR_YEARS)}
    return arranged.issuperset(years) and all(known.get(day.on.isoformat()) == day for day in days)


def announce(
    db: Connection,
    days: Iterable[Day],
    years: Iterable[int],
    source: str,
    now: datetime,
    *,
    by: str = SYSTEM,
    keep: bool = True,
) -> None:
    """Keep what is new, where nothing has happened yet at this instant or later: dates stand by what was known at their moment.

    Raises Invalid otherwise; a sandbox whose clock stands still comes to that. What is not kept changes nothing, so that nothing
    must be told apart from it. Raises BadFile for a year of which only a part of the festivals is named, in this notice or before.
    """
    days, years = tuple(days), set(years)
    arranged = {row["year"] for row in db.all(CALENDAR_YEARS)}
    if years - arranged:
        whole = amended(map(_day, db.all(CALENDAR_DAYS)), days)
        expect_whole_years(whole, years - arranged, source, statutory_days(shipped_calendars()))
    last = db.one(LAST_CHANGE)
    if save(db, days, years, source, now, by) and keep and last and last["at"] and last["at"] >= instant_text(now):
        raise Invalid((Problem("not-after", _not_after(db, now), field="now"),))


def _not_after(db: Connection, now: datetime) -> Text:
    """That it is to be done in a moment; where a clock ran ahead, by which case and until when nothing helps."""
    row = db.one(LATEST_CHANGED)
    at = instant_from(row["changed_at"]) if row else now
    if row is None or at - now < A_MOMENT:
        later = (at + timedelta(minutes=1)).astimezone(SHANGHAI)
        return _NOT_AFTER.filled(later=later.strftime("%Y-%m-%dT%H:%M"))
    return _RAN_AHEAD.filled(number=row["number"], at=at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M"))


# Whoever opens the database again has the same rows, and making calendars of them takes longer than reading them.
@lru_cache(maxsize=8)
def _editions(
    announced: Rows, arranged: Rows, entered: Rows
) -> tuple[tuple[str, ...], tuple[Calendar, ...], tuple[StorageFault, ...]]:
    """Since when each edition is known, each by the rows of its days and years, the rows that say none, and what was altered."""
    days: dict[str, Day] = {}
    years: set[int] = set()
    found: dict[str, Calendar] = {}
    odd = [_odd("calendar_years", year) for _, year, _ in arranged if year not in YEARS]
    told: list[tuple[str, Day]] = []
    for known_at, *said in announced:
        try:
            told.append((known_at, _told(*said)))
        except StorageFault as fault:
            odd.append(fault)
    for at in (there := _digests(announced, arranged)):
        is_moment = isinstance(at, str)
        if is_moment:
            days.update((day.on.isoformat(), day) for known_at, day in told if known_at == at)
            years.update(year for known_at, year, _ in arranged if known_at == at and year in YEARS)
        if is_moment and years:
            found[at] = Calendar(days.values(), years)
        else:
            odd.append(StorageFault(reason=_ODD_SINCE.filled(said=said_at(at)), way_out=LOOK))
    if not found:
        odd.append(StorageFault(reason=_NO_YEAR, way_out=LOOK))
        found[""] = Calendar(*shipped(shipped_calendars()))
    odd += (StorageFault(reason=ALTERED.filled(at=said_at(at)), way_out=LOOK) for at in _altered(there, entered))
    return tuple(found), tuple(found.values()), tuple(odd)


def _altered(there: Mapping[Any, str | None], entered: Rows) -> Iterator[Any]:
    """Each edition that is not as it was entered last, or at another instant than at first."""
    first = dict[Any, Any]()
    last = {key: digest if first.setdefault(key, at) == at else None for _, key, digest, at in sorted(entered)}
    yield from (at for at in sorted({*there, *last}, key=str) if there.get(at) is None or there[at] != last.get(at))


def _told(on_day: str, workday: int, zh: str, en: str, notice: str | None) -> Day:
    """The day that a row says. Raises StorageFault for one that somebody wrote into, and that says none."""
    try:
        if not all(isinstance(each, str) for each in (zh, en, notice or "")):
            raise TypeError(zh)
        return Day(date.fromisoformat(on_day), bool(workday), Text(zh, en), notice or None)
    except (ValueError, TypeError) as fault:
        raise _odd("calendar_days", on_day) from fault


def _odd(table: str, said: object) -> StorageFault:
    return StorageFault(reason=_ODD.filled(table=table, said=shown(str(said))), way_out=LOOK)


def _day(row: Row) -> Day:
    return _told(*_DAY(row)[1:])


_DAY = itemgetter("known_at", "on_day", "workday", "zh", "en", "notice")


#: The years for which days off can be announced; anything else in their place was written by somebody else.
YEARS = range(1949, 2200)
_ODD = Text(
    "日历表 {table} 中的“{said}”不是日期或年份：被改动",
    "“{said}” in {table} of the calendar is no day or year: it was altered",
)
_ODD_SINCE = Text(
    "日历表中有一行的载入时刻是“{said}”，而此前没有载入过任何年份：被改动",
    "a row of the calendar was loaded on “{said}”, before any year was: it was altered",
)
_NO_YEAR = Text("日历表中没有任何年份：被改动", "the tables of the calendar hold no year: they were altered")
ALTERED = Text(
    "{at} 载入的日历与登记不符：被改动，或不经 gongkai 写入",
    "the calendar that became known at {at} is not as it was entered: it was altered, or written past gongkai",
)
LOOK = Text(
    "在此之前不再计算任何时限；请运行 gongkai verify 查明，照可信的备份改回那一版日历的行，一切即继续；不能改回的，再恢复备份（gongkai restore）",
    "no date is counted until that is put right: run gongkai verify, and bring the rows of that calendar back as a backup that can be trusted "
    "has them, and all goes on; where that cannot be, restore the backup (gongkai restore)",
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
