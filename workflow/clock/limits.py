"""When a limit ends: working days, calendar days, months and hours after an anchor (民法典 201-203), less what is paused.

A pause leaves out the days after the one on which it begins, up to and with the one on which it ends (LAW 14: the day of the
consultation letter still counts, the day of the answer does not); of a limit in hours, the time itself. A pause that begins
on the very last day carries it to the day of the answer: nobody is late by having waited for an answer.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from workflow.case import SHANGHAI, Data, Deadline, Pause, business_date
from workflow.errors import Invalid, Problem
from workflow.limit import Limit, Unit
from workflow.model import DeadlineRule, Regime
from workflow.text import Text
from workflow.workdays import ONE_DAY, UnknownYear, Workdays


@dataclass(frozen=True, slots=True)
class Due:
    """When a limit ends: the last day as counted, the last day after moving off a day off, the first instant too late."""

    strict_on: date
    rolled_on: date
    due_at: datetime
    provisional: bool


def due(
    limit: Limit,
    anchor_on: date,
    anchor_at: datetime,
    calendar: Workdays,
    pauses: Iterable[Pause] = (),
    *,
    backward: bool = False,
) -> Due:
    """When a limit ends that begins with an event on that day (hours: at that instant); the event's day is not counted.

    A pause that lasts is as if it ended on the day on which it began. Counted backward, the limit lies before the event.
    Raises UnknownYear for days before the calendar begins and Invalid for ends that no calendar reaches.

    >>> from workflow.workdays import Calendar, shipped
    >>> end = due(Limit(20, Unit.CALENDAR_DAYS), date(2026, 1, 29), datetime(2026, 1, 29, 2, tzinfo=UTC), Calendar(*shipped()))
    >>> end.strict_on.isoformat(), end.rolled_on.isoformat(), end.due_at.isoformat()
    ('2026-02-18', '2026-02-24', '2026-02-24T16:00:00+00:00')
    """
    _refuse_what_no_calendar_reaches(limit, anchor_on)
    if backward:
        return _due_before(limit, anchor_on, anchor_at, calendar)
    match limit.unit:
        case Unit.HOURS:
            # Wall-clock hours run on days off too (LAW 8); a limit that ends at midnight belongs to the day before it.
            due_at = _hours_after(anchor_at, limit.count, pauses)
            last = business_date(due_at - timedelta.resolution)
            return Due(last, last, due_at, False)
        case Unit.WORKING_DAYS:
            strict = _working_days_after(anchor_on, limit.count, pauses, calendar)
            return Due(strict, strict, _day_after(strict), _unannounced(anchor_on + ONE_DAY, strict, calendar))
        case Unit.CALENDAR_DAYS:
            strict = anchor_on + timedelta(days=limit.count)
        case Unit.MONTHS:
            strict = months_after(anchor_on, limit.count)
        case Unit.NEXT_YEAR | Unit.SAME_YEAR:
            strict = day_of_year(limit, anchor_on)
    if pauses and not limit.unit.is_yearly:  # a day of the calendar comes, whoever waits for an answer
        strict, rolled = _moved_on(strict, anchor_on, pauses, calendar)
    else:
        rolled = calendar.on_or_after(strict)  # 民法典 203
    return Due(strict, rolled, _day_after(rolled), _unannounced(strict, rolled, calendar))


def counted(rule: DeadlineRule, deadline: Deadline, data: Data, calendar: Workdays) -> Due:
    """When this deadline ends: nothing but the rule, its anchor, what was paused and granted, the data and the calendar."""
    limit = length(rule, data, deadline.anchor_on, deadline.extended)
    # Where the field that says how long is empty, the clock is ended and its dates stay as they were told.
    if limit is None:
        return Due(deadline.strict_on, deadline.rolled_on, deadline.due_at, deadline.provisional)
    return due(limit, deadline.anchor_on, deadline.anchor_at, calendar, deadline.pauses, backward=rule.backward)


def length(rule: DeadlineRule, data: Data, anchor_on: date, extended: int = 0) -> Limit | None:
    """How long a rule's limit is for this data, extension included; None: no step has said it yet."""
    if rule.limit_field is not None:
        count = data.get(rule.limit_field)
        if not isinstance(count, int):
            return None
        limit = Limit(count, rule.limit.unit)
    else:
        law = regime(rule, data, anchor_on)
        limit = law.limit if law else rule.limit
    return Limit(limit.count + extended, limit.unit) if extended else limit


def regime(rule: DeadlineRule, data: Data, anchor_on: date) -> Regime | None:
    """The other version of the law in whose days the matter falls; None: what the rule itself says applies."""
    if not rule.regimes:
        return None
    said = data.get(rule.regime_by) if rule.regime_by else None
    on = date.fromisoformat(str(said)) if said else anchor_on
    return next((each for each in rule.regimes if _in_force(each, on)), None)


def _in_force(law: Regime, on: date) -> bool:
    return (law.from_on is None or law.from_on <= on) and (law.until is None or on <= law.until)


def uncounted(pauses: Iterable[Pause], after: date) -> Iterator[tuple[date, date]]:
    """The stretches that pauses leave out after a day: (the last day before, the last day in it), from the first on."""
    for each in pauses:
        from_on = max(each.from_on, after)
        if each.to_on is not None and each.to_on > from_on:
            yield from_on, each.to_on


def _working_days_after(anchor_on: date, count: int, pauses: Iterable[Pause], calendar: Workdays) -> date:
    strict = calendar.last_working_day(anchor_on, count)
    for from_on, to_on in uncounted(pauses, anchor_on) if pauses else ():
        if from_on <= strict:
            count += calendar.working_days_between(from_on, to_on)
            strict = calendar.last_working_day(anchor_on, count)
            if strict < to_on:  # it had begun on the last day
                strict = calendar.on_or_after(to_on)
    return strict


def _moved_on(strict: date, anchor_on: date, pauses: Iterable[Pause], calendar: Workdays) -> tuple[date, date]:
    """The last day as counted, later by the days that pauses leave out, and the last day after moving off a day off."""
    rolled = calendar.on_or_after(strict)
    for from_on, to_on in uncounted(pauses, anchor_on):
        if from_on <= strict:
            strict += to_on - from_on
            rolled = calendar.on_or_after(strict)
        elif from_on <= rolled:
            rolled = calendar.on_or_after(max(rolled, to_on))
    return strict, rolled


def _hours_after(anchor_at: datetime, hours: int, pauses: Iterable[Pause]) -> datetime:
    due_at = anchor_at + timedelta(hours=hours)
    for each in pauses:
        from_at = max(each.from_at, anchor_at)
        if each.to_at is not None and from_at < due_at and each.to_at > from_at:
            due_at += each.to_at - from_at
    return due_at


def _due_before(limit: Limit, anchor_on: date, anchor_at: datetime, calendar: Workdays) -> Due:
    """The last day on which to act so long before an event; a day off moves it to the earlier working day (LAW 10, 7)."""
    match limit.unit:
        case Unit.HOURS:
            due_at = anchor_at - timedelta(hours=limit.count)
            last = business_date(due_at - timedelta.resolution)
            return Due(last, last, due_at, False)
        case Unit.WORKING_DAYS:
            strict = calendar.working_day_before(anchor_on, limit.count)
            return Due(strict, strict, _day_after(strict), _unannounced(strict, anchor_on - ONE_DAY, calendar))
        case Unit.CALENDAR_DAYS:
            strict = anchor_on - timedelta(days=limit.count)
        case Unit.MONTHS:
            strict = months_after(anchor_on, -limit.count)
        case Unit.NEXT_YEAR | Unit.SAME_YEAR:
            strict = day_of_year(limit, anchor_on)
    rolled = calendar.on_or_before(strict)
    return Due(strict, rolled, _day_after(rolled), _unannounced(rolled, strict, calendar))


def months_after(day: date, months: int) -> date:
    """The corresponding day so many months on, or the month's end where there is none (民法典 202).

    >>> months_after(date(2026, 8, 31), 1)
    datetime.date(2026, 9, 30)
    """
    index = day.year * 12 + day.month - 1 + months
    year, month = index // 12, index % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def day_of_year(limit: Limit, anchor_on: date) -> date:
    """The day of the calendar that a yearly limit names, in the year after the anchor's or in its own.

    >>> day_of_year(Limit(131, Unit.NEXT_YEAR), date(2025, 12, 31))
    datetime.date(2026, 1, 31)
    """
    year = anchor_on.year + (limit.unit is Unit.NEXT_YEAR)
    month, day = divmod(limit.count, 100)
    return date(year, month, min(day, monthrange(year, month)[1]))


def late_days(rolled_on: date, closed_on: date, calendar: Workdays) -> int | None:
    """Working days after the last day until the closing; None when the calendar cannot count them."""
    try:
        return calendar.working_days_between(rolled_on, closed_on)
    except UnknownYear:  # LAW 10: before the calendar begins there is no number to give, and none is made up
        return None


def start_of(day: date) -> datetime:
    """Midnight in Shanghai, with which a day begins."""
    return datetime.combine(day, time(), SHANGHAI).astimezone(UTC)


def until(last_on: date, due_at: datetime) -> str:
    """The last day of a limit; of one that ends in the middle of a day with the hour, in Shanghai.

    >>> until(date(2026, 3, 24), datetime(2026, 3, 24, 8, tzinfo=UTC))
    '2026-03-24 16:00'
    >>> until(date(2026, 3, 24), start_of(date(2026, 3, 25)))
    '2026-03-24'
    """
    return last_on.isoformat() if due_at == _day_after(last_on) else f"{due_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


def _day_after(day: date) -> datetime:
    return start_of(day + ONE_DAY)


def _unannounced(first: date, last: date, calendar: Workdays) -> bool:
    return bool(unannounced_years(first, last, calendar))


def unannounced_years(first: date, last: date, calendar: Workdays) -> list[int]:
    """The years from one day to another that the State Council has not announced."""
    return [year for year in range(first.year, last.year + 1) if not calendar.is_known(date(year, 1, 1))]


def in_words(limit: Limit) -> Text:
    """A limit as a sentence says it.

    >>> in_words(Limit(20, Unit.WORKING_DAYS)).zh, in_words(Limit(430, Unit.NEXT_YEAR)).en
    ('20个工作日', '30 April of the next year')
    """
    if limit.unit.is_yearly:
        month, day = divmod(limit.count, 100)
        return _YEARLY[limit.unit].filled(month=month, day=day, name=_MONTHS[month - 1])
    zh, one, many = _UNITS[limit.unit]
    return Text(f"{limit.count}{zh}", f"{limit.count} {one if limit.count == 1 else many}")


def _refuse_what_no_calendar_reaches(limit: Limit, anchor_on: date) -> None:
    if not 0 <= limit.count <= _LONGEST[limit.unit] or anchor_on.year > _LAST_ANCHOR_YEAR:
        text = _TOO_FAR.filled(limit=in_words(limit), anchor=anchor_on, most=_LONGEST[limit.unit])
        raise Invalid((Problem("too-far", text, field="limit"),))


_LONGEST = {
    Unit.HOURS: 87_600,
    Unit.CALENDAR_DAYS: 36_600,
    Unit.WORKING_DAYS: 25_000,
    Unit.MONTHS: 1_200,
    Unit.NEXT_YEAR: 1_231,
    Unit.SAME_YEAR: 1_231,
}
_LAST_ANCHOR_YEAR = 2200  # what is dated later was mistyped, and would be dear to count

_UNITS = {
    Unit.HOURS: ("小时", "hour", "hours"),
    Unit.CALENDAR_DAYS: ("日", "calendar day", "calendar days"),
    Unit.WORKING_DAYS: ("个工作日", "working day", "working days"),
    Unit.MONTHS: ("个月", "month", "months"),
}
_YEARLY = {
    Unit.NEXT_YEAR: Text("次年{month}月{day}日", "{day} {name} of the next year"),
    Unit.SAME_YEAR: Text("当年{month}月{day}日", "{day} {name} of the same year"),
}
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_TOO_FAR = Text(
    "期限“{limit}”自{anchor}起算超出可计算的范围（至多{most}）；请核对数字和日期",
    "{limit} from {anchor} is further than can be counted (at most {most}); check the number and the date",
)
