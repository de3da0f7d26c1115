"""A date explains itself: every day that was counted or not, and the whole way in one paragraph of both languages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from workflow.case import SHANGHAI
from workflow.clock.limits import Due, due, in_words, unannounced_years
from workflow.model import Limit, Unit
from workflow.text import Text
from workflow.workdays import ONE_DAY, Day, Workdays


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


def explain(limit: Limit, anchor_on: date, anchor_at: datetime, calendar: Workdays) -> Derivation:
    """A due date with every day that was counted or not, and why.

    >>> from workflow.clock.limits import start_of
    >>> from workflow.workdays import Calendar, shipped
    >>> friday = date(2026, 2, 13)
    >>> told = explain(Limit(1, Unit.WORKING_DAYS), friday, start_of(friday), Calendar(*shipped()))
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
        years = unannounced_years(anchor_on, end.rolled_on, calendar)
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


_SATURDAY = 5

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
