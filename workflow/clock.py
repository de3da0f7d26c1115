"""The law's clocks (时限): from events to due dates, and from due dates to the moments at which something is to be done.

Everything here follows from (definition, events, calendar) alone, so `verify` can count every date again.
Where the rest of the law's clocks finds its place: a restart and the version of the law by date choose the anchor and the
limit (`_anchor`, `_armed`); days that a pause leaves uncounted and an extension lengthen the count (`due`, `explain`);
both are events, and an event that touches an open deadline is judged in `_carried`.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby

from workflow.case import (
    EDIT,
    ESCALATE,
    RECOMPUTE,
    REMIND,
    SHANGHAI,
    Case,
    Deadline,
    Event,
    Outcome,
    business_date,
)
from workflow.checks import edited_in
from workflow.conditions import fields_of
from workflow.errors import Invalid, Problem
from workflow.model import DeadlineRule, Definition, Limit, Step, Unit
from workflow.text import Text
from workflow.workdays import ONE_DAY, Day, UnknownYear, Workdays

#: Reminders and escalations come when the office opens, not at midnight.
OFFICE_OPENS = time(9)


@dataclass(frozen=True, slots=True)
class Due:
    """When a limit ends: the last day as counted, the last day after moving off a day off, the first instant too late."""

    strict_on: date
    rolled_on: date
    due_at: datetime
    provisional: bool


@dataclass(frozen=True, slots=True)
class Scheduled:
    """One step of a deadline and its moment."""

    step: Step
    at: datetime


@dataclass(frozen=True, slots=True)
class CountedDay:
    """One day of a count: its number in it, or None for a day that does not count, and why."""

    on: date
    counted: int | None
    why: Text


@dataclass(frozen=True, slots=True)
class Derivation:
    """A due date with the way to it, day by day and in one paragraph."""

    days: tuple[CountedDay, ...]
    due: Due
    text: Text


def due(limit: Limit, anchor_on: date, anchor_at: datetime, calendar: Workdays) -> Due:
    """When a limit ends that begins with an event on that day (hours: at that instant); the event's day is not counted.

    Raises UnknownYear for days before the calendar begins and Invalid for ends that no calendar reaches.

    >>> from workflow.workdays import Calendar, shipped
    >>> end = due(Limit(20, Unit.CALENDAR_DAYS), date(2026, 1, 29), datetime(2026, 1, 29, 2, tzinfo=UTC), Calendar(*shipped()))
    >>> end.strict_on.isoformat(), end.rolled_on.isoformat(), end.due_at.isoformat()
    ('2026-02-18', '2026-02-24', '2026-02-24T16:00:00+00:00')
    """
    _refuse_what_no_calendar_reaches(limit, anchor_on)
    match limit.unit:
        case Unit.HOURS:
            # Wall-clock hours run on days off too (LAW 8); a limit that ends at midnight belongs to the day before it.
            due_at = anchor_at + timedelta(hours=limit.count)
            last = business_date(due_at - timedelta.resolution)
            return Due(last, last, due_at, False)
        case Unit.WORKING_DAYS:
            strict = calendar.last_working_day(anchor_on, limit.count)
            return Due(strict, strict, _day_after(strict), _unannounced(anchor_on + ONE_DAY, strict, calendar))
        case Unit.CALENDAR_DAYS:
            strict = anchor_on + timedelta(days=limit.count)
        case Unit.MONTHS:
            strict = months_after(anchor_on, limit.count)
    rolled = calendar.on_or_after(strict)  # 民法典 203
    return Due(strict, rolled, _day_after(rolled), _unannounced(strict, rolled, calendar))


def months_after(day: date, months: int) -> date:
    """The corresponding day so many months on, or the month's end where there is none (民法典 202).

    >>> months_after(date(2026, 8, 31), 1)
    datetime.date(2026, 9, 30)
    """
    index = day.year * 12 + day.month - 1 + months
    year, month = index // 12, index % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def late_days(rolled_on: date, closed_on: date, calendar: Workdays) -> int | None:
    """Working days after the last day until the closing; None when the calendar cannot count them."""
    try:
        return calendar.working_days_between(rolled_on, closed_on)
    except UnknownYear:  # LAW 10: before the calendar begins there is no number to give, and none is made up
        return None


# From events to deadlines.


def advance(
    definition: Definition, before: tuple[Deadline, ...], event: Event, case_after: Case, calendar: Workdays
) -> tuple[Deadline, ...]:
    """Every deadline that was open before the event, as it stands after it, and those that the event arms."""
    if event.transition == RECOMPUTE:
        return tuple(_recounted(definition.deadlines[each.rule], each, calendar) for each in before)
    if event.transition in (REMIND, ESCALATE):
        return tuple(_fired(each, event) for each in before)
    carried = tuple(_carried(definition.deadlines[each.rule], each, event, case_after, calendar) for each in before)
    running = {each.rule for each in carried if each.closed_at is None}
    armed = (
        _armed(rule, event, case_after, calendar)
        for rule in definition.deadlines.values()
        if rule.name not in running and _arms(rule, event, case_after)
    )
    return (*carried, *(each for each in armed if each))


def _arms(rule: DeadlineRule, event: Event, case: Case) -> bool:
    """Whether a rule whose clock stands still begins to run with this event."""
    if case.state not in rule.runs_in or not _applies(rule, case):
        return False
    # A rule with an anchor begins as soon as it runs here at all: its day 0 is the anchor's, not today's.
    return rule.anchor is not None or event.source not in rule.runs_in or _changes_whether_it_applies(rule, event)


def _armed(rule: DeadlineRule, event: Event, case: Case, calendar: Workdays) -> Deadline | None:
    anchor = _anchor(rule, event, case)
    if anchor is None or (rule.since and anchor[0] < rule.since):
        return None
    anchor_on, anchor_at = anchor
    end = due(rule.limit, anchor_on, anchor_at, calendar)
    return Deadline(
        rule=rule.name,
        armed_seq=event.seq,
        anchor_on=anchor_on,
        anchor_at=anchor_at,
        strict_on=end.strict_on,
        rolled_on=end.rolled_on,
        due_at=end.due_at,
        provisional=end.provisional,
    )


def _anchor(rule: DeadlineRule, event: Event, case: Case) -> tuple[date, datetime] | None:
    """The day and instant from which a rule counts: its declared event's, else this one's; None: it never happened."""
    if rule.anchor is None:
        return business_date(event.at), event.at
    traces = [case.trail[name] for name in rule.anchor.events if name in case.trail]
    if not traces:
        return None
    stated = case.data.get(rule.anchor.date) if rule.anchor.date else None
    if stated:
        on = date.fromisoformat(str(stated))
        return on, _start_of(on)
    at = max(traces, key=lambda trace: trace.seq).at
    return business_date(at), at


def _carried(rule: DeadlineRule, deadline: Deadline, event: Event, case: Case, calendar: Workdays) -> Deadline:
    """An open deadline after an event of its case: ended by it, dated anew, or running on."""
    if case.state not in rule.runs_in:
        return _ended(deadline, event, calendar)
    if not _applies(rule, case) or _is_anchor(rule, event):
        return replace(deadline, closed_at=event.at, outcome=Outcome.VOID)
    if rule.anchor and rule.anchor.date in event.data:
        deadline = _anchored_anew(rule, deadline, event, case, calendar)
    return replace(deadline, fired=deadline.fired + 1) if _is_expiry(rule, deadline, event) else deadline


def _ended(deadline: Deadline, event: Event, calendar: Workdays) -> Deadline:
    if event.at < deadline.due_at:
        return replace(deadline, closed_at=event.at, outcome=Outcome.MET)
    late = late_days(deadline.rolled_on, business_date(event.at), calendar)
    return replace(deadline, closed_at=event.at, outcome=Outcome.LATE, late_days=late)


def _anchored_anew(rule: DeadlineRule, deadline: Deadline, event: Event, case: Case, calendar: Workdays) -> Deadline:
    """The same deadline when the day in its anchor's field was corrected."""
    anchor = _anchor(rule, event, case)
    if anchor is None:
        return deadline
    return _recounted(rule, replace(deadline, anchor_on=anchor[0], anchor_at=anchor[1]), calendar)


def _recounted(rule: DeadlineRule, deadline: Deadline, calendar: Workdays) -> Deadline:
    end = due(rule.limit, deadline.anchor_on, deadline.anchor_at, calendar)
    return replace(
        deadline, strict_on=end.strict_on, rolled_on=end.rolled_on, due_at=end.due_at, provisional=end.provisional
    )


def _fired(deadline: Deadline, event: Event) -> Deadline:
    is_meant = (deadline.rule, deadline.armed_seq) == (event.data.get("deadline"), event.data.get("armed_seq"))
    return replace(deadline, fired=deadline.fired + 1) if is_meant else deadline


def _applies(rule: DeadlineRule, case: Case) -> bool:
    return rule.applies is None or rule.applies.holds(case.data)


def _changes_whether_it_applies(rule: DeadlineRule, event: Event) -> bool:
    return rule.applies is not None and any(name in event.data for name in fields_of(rule.applies))


def _is_anchor(rule: DeadlineRule, event: Event) -> bool:
    happened = edited_in(event.target) if event.transition == EDIT else event.transition
    return rule.anchor is not None and happened in rule.anchor.events


def _is_expiry(rule: DeadlineRule, deadline: Deadline, event: Event) -> bool:
    """Whether this is the deadline's own expiry step, which left the case where the clock runs on."""
    following = firing_order(rule)[deadline.fired : deadline.fired + 1]
    return event.automatic and any(step.transition == event.transition for step in following)


# From deadlines to moments.


def scheduled(rule: DeadlineRule, deadline: Deadline, calendar: Workdays) -> tuple[Scheduled, ...]:
    """All steps of a deadline in the order in which they fire, each with its moment; `deadline.fired` of them have fired."""
    return tuple(_moments(rule, deadline, calendar))


def next_step_at(definition: Definition, deadlines: Iterable[Deadline], calendar: Workdays) -> datetime | None:
    """When the first step that has not fired yet is due; None when nothing is to come."""
    coming = (
        _nth_moment(definition.deadlines[each.rule], each, calendar) for each in deadlines if each.closed_at is None
    )
    return min((at for at in coming if at), default=None)


def firing_order(rule: DeadlineRule) -> tuple[Step, ...]:
    """Reminders from the earliest on, then expiry, then escalations.

    The order is the rule's own and no calendar changes it: `fired` keeps its meaning when dates are counted anew.
    """
    return tuple(sorted(rule.steps, key=_place)) if len(rule.steps) > 1 else rule.steps


def _place(step: Step) -> tuple[int, int]:
    hours = step.offset.count * _ROUGH_HOURS[step.offset.unit]
    in_days = step.offset.unit is not Unit.HOURS
    if step.kind == "remind":
        return 0, -hours - _FROM_NINE_TO_MIDNIGHT * in_days
    return (1, 0) if step.kind == "expire" else (2, hours + _FROM_MIDNIGHT_TO_NINE * in_days)


def _nth_moment(rule: DeadlineRule, deadline: Deadline, calendar: Workdays) -> datetime | None:
    if deadline.fired >= len(rule.steps):
        return None
    moments = _moments(rule, deadline, calendar)
    for _ in range(deadline.fired):
        next(moments)
    return next(moments).at


def _moments(rule: DeadlineRule, deadline: Deadline, calendar: Workdays) -> Iterator[Scheduled]:
    # What lies before the anchor is due at once, and no step goes before the one that stands before it.
    earliest = deadline.anchor_at
    for step in firing_order(rule):
        earliest = max(earliest, _moment(step, deadline, calendar))
        yield Scheduled(step, earliest)


def _moment(step: Step, deadline: Deadline, calendar: Workdays) -> datetime:
    if step.kind == "expire":
        return deadline.due_at
    if step.offset.unit is Unit.HOURS:
        hours = timedelta(hours=step.offset.count)
        return deadline.due_at - hours if step.kind == "remind" else deadline.due_at + hours
    if step.kind == "remind":
        return min(_opening(_days_before(step.offset, deadline, calendar)), deadline.due_at)
    # The first moment of an escalation is the first working day that is too late.
    return max(_opening(_days_after(step.offset, deadline, calendar)), deadline.due_at)


def _days_before(offset: Limit, deadline: Deadline, calendar: Workdays) -> date:
    """The day of a reminder, counted back from the last working day on which the limit is surely kept (LAW 10, 3)."""
    if offset.unit is Unit.MONTHS:
        return months_after(deadline.strict_on, -offset.count)
    if offset.unit is Unit.CALENDAR_DAYS:
        return deadline.strict_on - timedelta(days=offset.count)
    if deadline.strict_on - deadline.anchor_on < timedelta(days=offset.count):
        return deadline.anchor_on  # it lies before the anchor, and maybe before the calendar
    return calendar.working_day_before(calendar.on_or_before(deadline.strict_on), offset.count)


def _days_after(offset: Limit, deadline: Deadline, calendar: Workdays) -> date:
    if offset.unit is Unit.MONTHS:
        return months_after(deadline.rolled_on, offset.count) + ONE_DAY
    if offset.unit is Unit.CALENDAR_DAYS:
        return deadline.rolled_on + timedelta(days=offset.count + 1)
    return calendar.last_working_day(deadline.rolled_on, offset.count + 1)


def _opening(day: date) -> datetime:
    return datetime.combine(day, OFFICE_OPENS, SHANGHAI).astimezone(UTC)


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI).astimezone(UTC)


def _day_after(day: date) -> datetime:
    return _start_of(day + ONE_DAY)


def _unannounced(first: date, last: date, calendar: Workdays) -> bool:
    return bool(_unannounced_years(first, last, calendar))


def _unannounced_years(first: date, last: date, calendar: Workdays) -> list[int]:
    return [year for year in range(first.year, last.year + 1) if not calendar.is_known(date(year, 1, 1))]


def _refuse_what_no_calendar_reaches(limit: Limit, anchor_on: date) -> None:
    if not 0 <= limit.count <= _LONGEST[limit.unit] or anchor_on.year > _LAST_ANCHOR_YEAR:
        text = _TOO_FAR.filled(limit=in_words(limit), anchor=anchor_on, most=_LONGEST[limit.unit])
        raise Invalid((Problem("too-far", text, field="limit"),))


# In words.


def explain(limit: Limit, anchor_on: date, anchor_at: datetime, calendar: Workdays) -> Derivation:
    """A due date with every day that was counted or not, and why.

    >>> from workflow.workdays import Calendar, shipped
    >>> told = explain(Limit(1, Unit.WORKING_DAYS), date(2026, 2, 13), datetime(2026, 2, 13, tzinfo=UTC), Calendar(*shipped()))
    >>> [(day.on.isoformat(), day.counted, day.why.zh) for day in told.days]
    [('2026-02-13', None, '起算之日，不计入（民法典第201条）'), ('2026-02-14', 1, '春节调休上班')]
    """
    end = due(limit, anchor_on, anchor_at, calendar)
    if limit.unit is Unit.HOURS:
        begins, ends = (each.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M") for each in (anchor_at, end.due_at))
        said = _HOURS.filled(limit=in_words(limit), begins=begins, ends=ends)
        return Derivation((CountedDay(anchor_on, None, _FROM_THAT_HOUR),), end, said)
    days = tuple(_listed(limit, anchor_on, end, calendar))
    return Derivation(days, end, _paragraph(limit, anchor_on, end, days, calendar))


def in_words(limit: Limit) -> Text:
    """A limit as a sentence says it.

    >>> in_words(Limit(20, Unit.WORKING_DAYS)).zh
    '20个工作日'
    """
    zh, one, many = _UNITS[limit.unit]
    return Text(f"{limit.count}{zh}", f"{limit.count} {one if limit.count == 1 else many}")


def _listed(limit: Limit, anchor_on: date, end: Due, calendar: Workdays) -> Iterator[CountedDay]:
    yield CountedDay(anchor_on, None, _ANCHOR_DAY)
    counted = 0
    for on in _each_day(anchor_on + ONE_DAY, end.rolled_on):
        day = calendar.day(on)
        if on > end.strict_on:
            yield CountedDay(on, None, _ROLLED_TO.filled(why=day.why) if on == end.rolled_on else day.why)
        elif limit.unit is Unit.MONTHS:
            # Months are not counted in days: only their last day has a place.
            if on == end.strict_on:
                yield CountedDay(on, None, _MONTHS_UP.filled(why=day.why))
        elif limit.unit is Unit.CALENDAR_DAYS or day.workday:
            counted += 1
            yield CountedDay(on, counted, day.why)
        else:
            yield CountedDay(on, None, day.why)


def _paragraph(limit: Limit, anchor_on: date, end: Due, days: tuple[CountedDay, ...], calendar: Workdays) -> Text:
    sentences = [_BEGINS.filled(anchor=_named(anchor_on)), _ends(limit, anchor_on, end)]
    if limit.unit is Unit.WORKING_DAYS:
        walked = [calendar.day(each.on) for each in days[1:]]
        sentences += _days_off([day for day in walked if not day.workday])
        sentences += _made_up([day for day in walked if day.workday and day.on.weekday() >= _SATURDAY])
    if end.rolled_on != end.strict_on:
        sentences.append(
            _ROLLED.filled(
                strict=end.strict_on,
                why=calendar.day(end.strict_on).why,
                rolled=_named(end.rolled_on),
                safe=_named(calendar.on_or_before(end.strict_on)),
            )
        )
    if end.provisional:
        years = _unannounced_years(anchor_on, end.rolled_on, calendar)
        sentences.append(_PROVISIONAL.filled(years=_joined([Text(f"{year}年", str(year)) for year in years])))
    return Text("".join(each.zh for each in sentences), " ".join(each.en for each in sentences))


def _ends(limit: Limit, anchor_on: date, end: Due) -> Text:
    if limit.unit is Unit.MONTHS:
        said = _MONTH_DAY if end.strict_on.day == anchor_on.day else _MONTH_END
    else:
        said = _WORKING if limit.unit is Unit.WORKING_DAYS else _RUNNING
    return said.filled(limit=in_words(limit), strict=_named(end.strict_on))


def _days_off(days: list[Day]) -> Iterator[Text]:
    if days:
        said = [_SO_MANY.filled(why=_with_notice(why, notice), count=len(same)) for (why, notice), same in _alike(days)]
        yield _NOT_COUNTED.filled(count=len(days), days=_joined(said))


def _made_up(days: list[Day]) -> Iterator[Text]:
    if days:
        said = [_with_notice(_ON.filled(on=day.on, why=day.why), day.notice) for day in days]
        yield _COUNTED_TOO.filled(days=_joined(said))


def _alike(days: list[Day]) -> Iterator[tuple[tuple[Text, str | None], list[Day]]]:
    """The days of one reason together, in the order in which each reason first comes."""
    order = {(day.why, day.notice): place for place, day in reversed(list(enumerate(days)))}
    for _, same in groupby(
        sorted(days, key=lambda day: order[day.why, day.notice]), key=lambda day: (day.why, day.notice)
    ):
        alike = list(same)
        yield (alike[0].why, alike[0].notice), alike


def _with_notice(why: Text, notice: str | None) -> Text:
    return _BY_NOTICE.filled(why=why, notice=notice) if notice else why


def _named(on: date) -> Text:
    return Text(f"{on}（{_WEEKDAYS_ZH[on.weekday()]}）", f"{on} ({_WEEKDAYS_EN[on.weekday()]})")


def _joined(items: list[Text]) -> Text:
    return Text("、".join(each.zh for each in items), ", ".join(each.en for each in items))


def _each_day(first: date, last: date) -> Iterator[date]:
    for n in range((last - first).days + 1):
        yield first + n * ONE_DAY


_ROUGH_HOURS = {Unit.HOURS: 1, Unit.CALENDAR_DAYS: 24, Unit.WORKING_DAYS: 24, Unit.MONTHS: 720}
_FROM_NINE_TO_MIDNIGHT, _FROM_MIDNIGHT_TO_NINE = 15, 9
_LONGEST = {Unit.HOURS: 87_600, Unit.CALENDAR_DAYS: 36_600, Unit.WORKING_DAYS: 25_000, Unit.MONTHS: 1_200}
_LAST_ANCHOR_YEAR = 9000
_SATURDAY = 5

_UNITS = {
    Unit.HOURS: ("小时", "hour", "hours"),
    Unit.CALENDAR_DAYS: ("日", "calendar day", "calendar days"),
    Unit.WORKING_DAYS: ("个工作日", "working day", "working days"),
    Unit.MONTHS: ("个月", "month", "months"),
}
_WEEKDAYS_ZH = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
_WEEKDAYS_EN = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_ANCHOR_DAY = Text("起算之日，不计入（民法典第201条）", "the day of the event, not counted (Civil Code 201)")
_FROM_THAT_HOUR = Text("自该时刻起算（民法典第201条）", "counted from that very time (Civil Code 201)")
_ROLLED_TO = Text("顺延至此日：{why}（民法典第203条）", "moved here: {why} (Civil Code 203)")
_MONTHS_UP = Text("期满之日：{why}", "the months are up: {why}")
_BEGINS = Text(
    "自{anchor}起算，当日不计入，从次日开始计算（民法典第201条）。",
    "Counted from {anchor}: that day is not counted, day 1 is the next (Civil Code 201).",
)
_WORKING = Text("计满{limit}，最后一日为{strict}。", "The last of {limit} is {strict}.")
_RUNNING = Text("{limit}连续计算，休息日照计，最后一日为{strict}。", "{limit}, days off included, end on {strict}.")
_MONTH_DAY = Text("{limit}后的对应日为{strict}。", "The corresponding day {limit} later is {strict}.")
_MONTH_END = Text(
    "{limit}后没有对应日，以月末日{strict}为最后一日（民法典第202条）。",
    "There is no corresponding day {limit} later, so the month's last day counts: {strict} (Civil Code 202).",
)
_HOURS = Text(
    "自{begins}起连续计算{limit}，休息日照计，至{ends}止（北京时间）。",
    "{limit} on the clock from {begins}, days off included, until {ends} (Shanghai time).",
)
_NOT_COUNTED = Text("其间不计{count}天：{days}。", "Not counted in between: {count} day(s), {days}.")
_SO_MANY = Text("{why}{count}天", "{count} × {why}")
_COUNTED_TOO = Text("调休上班日照计：{days}。", "Made-up days count: {days}.")
_ON = Text("{on} {why}", "{on} {why}")
_BY_NOTICE = Text("{why}（{notice}）", "{why} ({notice})")
_ROLLED = Text(
    "{strict}不上班（{why}），顺延至{rolled}（民法典第203条）；稳妥办理应不晚于{safe}。",
    "{strict} is no working day ({why}), so the limit runs on to {rolled} (Civil Code 203); to be safe act by {safe}.",
)
_PROVISIONAL = Text(
    "{years}放假安排尚未公布，暂按周末和元旦计算；公布后重新计算，并留下记录。",
    "The days off of {years} are not announced yet: weekends and 1 January were taken, and the date will be counted anew, "
    "on record, when they are.",
)
_TOO_FAR = Text(
    "期限“{limit}”自{anchor}起算超出可计算的范围（至多{most}）；请核对数字和日期",
    "{limit} from {anchor} is further than can be counted (at most {most}); check the number and the date",
)
