"""A date explains itself: every day that was counted or not, and the whole way in one paragraph of both languages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from workflow.case import SHANGHAI, Data, Deadline, Pause, business_date
from workflow.clock.limits import Due, due, in_words, length, regime, unannounced_years, uncounted
from workflow.limit import Limit, Unit
from workflow.model import DeadlineRule
from workflow.text import Text, basis_said, listed
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


def derived(rule: DeadlineRule, deadline: Deadline, data: Data, calendar: Workdays) -> Derivation:
    """The way to a deadline's date: the version of the law, the extension, every pause, every day."""
    limit = length(rule, data, deadline.anchor_on, deadline.extended) or rule.limit
    said = (*_by_which_law(rule, data, deadline), *_extension(rule, data, deadline))
    return explain(
        limit, deadline.anchor_on, deadline.anchor_at, calendar, deadline.pauses, backward=rule.backward, said=said
    )


def left(rule: DeadlineRule, deadline: Deadline, calendar: Workdays, now: datetime) -> Limit:
    """What is left of a limit: working days, hours begun, or days on the calendar; of a clock that stands still, at its pause.

    Today is no longer counted among them.
    """
    pause = deadline.paused
    if rule.limit.unit is Unit.HOURS:
        rest = deadline.due_at - (min(pause.from_at, now) if pause else now)
        return Limit(max(0, -(-rest // timedelta(hours=1))), Unit.HOURS)
    on = max(min(pause.from_on, business_date(now)) if pause else business_date(now), deadline.anchor_on)
    if rule.backward:
        on = business_date(now)
    if rule.limit.unit is Unit.WORKING_DAYS:
        return Limit(calendar.working_days_between(on, deadline.strict_on), Unit.WORKING_DAYS)
    return Limit(max(0, (deadline.rolled_on - on).days), Unit.CALENDAR_DAYS)


def explain(
    limit: Limit,
    anchor_on: date,
    anchor_at: datetime,
    calendar: Workdays,
    pauses: tuple[Pause, ...] = (),
    *,
    backward: bool = False,
    said: Iterable[Text] = (),
) -> Derivation:
    """A due date with every day that was counted or not, and why; `said` are sentences on how long the limit is.

    >>> from workflow.clock.limits import start_of
    >>> from workflow.workdays import Calendar, shipped
    >>> friday = date(2026, 2, 13)
    >>> told = explain(Limit(1, Unit.WORKING_DAYS), friday, start_of(friday), Calendar(*shipped()))
    >>> [(day.on.isoformat(), day.counted, day.why.zh) for day in told.days]
    [('2026-02-13', None, '起算之日，不计入（民法典第201条）'), ('2026-02-14', 1, '春节调休上班')]
    """
    end = due(limit, anchor_on, anchor_at, calendar, pauses, backward=backward)
    if backward:
        return _counted_back(limit, anchor_on, anchor_at, end, calendar, said)
    if limit.unit is Unit.HOURS:
        return _on_the_clock(limit, anchor_on, anchor_at, end, pauses, said)
    if limit.unit.is_yearly:
        pauses = ()
    still = pauses[-1] if pauses and pauses[-1].to_on is None and pauses[-1].from_at < end.due_at else None
    count = _Count(limit, anchor_on, end, calendar, tuple(uncounted(pauses, anchor_on)), still)
    days = tuple(count.days())
    return Derivation(days, end, _joined_up(count.sentences(said)))


@dataclass(frozen=True, slots=True)
class _Count:
    """One count forward, with the stretches that it leaves out and the pause in which it stands still."""

    limit: Limit
    anchor_on: date
    end: Due
    calendar: Workdays
    stretches: tuple[tuple[date, date], ...]
    still: Pause | None

    def is_paused(self, on: date) -> bool:
        return any(from_on < on <= to_on for from_on, to_on in self.stretches)

    def days(self) -> Iterator[CountedDay]:
        yield CountedDay(self.anchor_on, None, _ANCHOR_DAY)
        last = self.end.rolled_on
        if self.still:
            last = min(last, max(self.still.from_on, self.anchor_on))
        counted = 0
        for on in _each_day(self.anchor_on + ONE_DAY, last):
            day = self.calendar.day(on)
            if on == self.end.rolled_on > self.end.strict_on:
                yield CountedDay(on, None, _ROLLED_TO.filled(why=day.why))
            elif self.is_paused(on):
                yield CountedDay(on, None, _CARRIED_TO if on == self.end.strict_on else _PAUSED)
            elif on > self.end.strict_on:
                yield CountedDay(on, None, day.why)
            elif self.limit.unit is Unit.MONTHS or self.limit.unit.is_yearly:
                # Neither months nor a day of the calendar are counted in days: only the last day has a place.
                if on == self.end.strict_on:
                    up = _DAY_COME if self.limit.unit.is_yearly else _MONTHS_UP
                    yield CountedDay(on, None, up.filled(why=day.why))
            elif counted == self.limit.count:
                yield CountedDay(on, None, _CARRIED_TO if on == self.end.strict_on else day.why)
            elif self.limit.unit is Unit.CALENDAR_DAYS or day.workday:
                counted += 1
                yield CountedDay(on, counted, day.why)
            else:
                yield CountedDay(on, None, day.why)
        if self.still:
            yield CountedDay(last + ONE_DAY, None, _STILL_PAUSED)

    def sentences(self, said: Iterable[Text]) -> Iterator[Text]:
        begins = _FOLLOWS if self.limit.unit.is_yearly else _BEGINS
        yield begins.filled(anchor=_named(self.anchor_on))
        yield from said
        yield from self._pauses()
        yield _ends(self.limit, self.anchor_on, self.end, moved=bool(self.stretches))
        if self.limit.unit is Unit.WORKING_DAYS:
            # To the last day that was named, also where the clock stands still before it.
            on_the_way = _each_day(self.anchor_on + ONE_DAY, self.end.rolled_on)
            walked = [self.calendar.day(on) for on in on_the_way if not self.is_paused(on)]
            yield from _days_off([day for day in walked if not day.workday])
            yield from _made_up([day for day in walked if day.workday and day.on.weekday() >= _SATURDAY])
        if self.end.rolled_on != self.end.strict_on:
            yield _ROLLED.filled(
                strict=self.end.strict_on,
                why=self.calendar.day(self.end.strict_on).why,
                rolled=_named(self.end.rolled_on),
                safe=_named(self.calendar.on_or_before(self.end.strict_on)),
            )
        if self.end.provisional:
            yield _provisional(self.anchor_on, self.end.rolled_on, self.calendar)
        if self.still:
            yield _STANDS_STILL.filled(from_on=_named(self.still.from_on))

    def _pauses(self) -> Iterator[Text]:
        """Each pause that left days out of this count."""
        for from_on, to_on in self.stretches:
            if from_on <= self.end.rolled_on:
                yield _PAUSE.filled(
                    from_on=_named(from_on),
                    to_on=_named(to_on),
                    days=(to_on - from_on).days,
                    working=self.calendar.working_days_between(from_on, to_on),
                )


def _on_the_clock(
    limit: Limit, anchor_on: date, anchor_at: datetime, end: Due, pauses: tuple[Pause, ...], said: Iterable[Text]
) -> Derivation:
    spans = [(max(each.from_at, anchor_at), each.to_at) for each in pauses]
    told = [
        *said,
        *(
            _PAUSE_HOURS.filled(begins=_clock(begins), ends=_clock(ends))
            for begins, ends in spans
            if ends and begins < ends and begins < end.due_at
        ),
        _HOURS.filled(limit=in_words(limit), begins=_clock(anchor_at), ends=_clock(end.due_at)),
        *(
            _STANDS_STILL_SINCE.filled(begins=_clock(begins))
            for begins, ends in spans
            if ends is None and begins < end.due_at
        ),
    ]
    return Derivation((CountedDay(anchor_on, None, _FROM_THAT_HOUR),), end, _joined_up(told))


def _counted_back(
    limit: Limit, anchor_on: date, anchor_at: datetime, end: Due, calendar: Workdays, said: Iterable[Text]
) -> Derivation:
    """The way back from an event to the last day on which to act."""
    if limit.unit is Unit.HOURS:
        text = _HOURS_BEFORE.filled(limit=in_words(limit), anchor=_clock(anchor_at), ends=_clock(end.due_at))
        return Derivation((CountedDay(anchor_on, None, _EVENT_DAY),), end, _joined_up([*said, text]))
    days, number = [CountedDay(anchor_on, None, _EVENT_DAY)], 0
    for on in reversed(tuple(_each_day(end.rolled_on, anchor_on - ONE_DAY))):
        day = calendar.day(on)
        counts = on >= end.strict_on and (limit.unit is Unit.CALENDAR_DAYS or day.workday)
        if limit.unit is Unit.MONTHS:
            if on == end.rolled_on:
                days.append(CountedDay(on, None, _ACT_BY.filled(why=day.why)))
        elif counts:
            number += 1
            days.append(CountedDay(on, number, day.why))
        else:
            days.append(CountedDay(on, None, _ACT_BY.filled(why=day.why) if on == end.rolled_on else day.why))
    told = [*said, _BEFORE.filled(anchor=_named(anchor_on), limit=in_words(limit), strict=_named(end.strict_on))]
    if end.rolled_on != end.strict_on:
        why = calendar.day(end.strict_on).why
        told.append(_ROLLED_BACK.filled(strict=end.strict_on, why=why, rolled=_named(end.rolled_on)))
    if end.provisional:
        told.append(_provisional(end.rolled_on, anchor_on, calendar))
    return Derivation(tuple(reversed(days)), end, _joined_up(told))


def _by_which_law(rule: DeadlineRule, data: Data, deadline: Deadline) -> Iterator[Text]:
    if not rule.regimes:
        return
    law = regime(rule, data, deadline.anchor_on)
    said = data.get(rule.regime_by) if rule.regime_by else None
    basis, limit = (law.basis, law.limit) if law else (rule.basis or "", rule.limit)
    yield _LAW.filled(on=said or deadline.anchor_on, basis=basis_said(basis), limit=in_words(limit))


def _extension(rule: DeadlineRule, data: Data, deadline: Deadline) -> Iterator[Text]:
    own = length(rule, data, deadline.anchor_on)
    if deadline.extended and own:
        whole = Limit(own.count + deadline.extended, own.unit)
        granted = Limit(deadline.extended, own.unit)
        yield _EXTENDED.filled(limit=in_words(own), granted=in_words(granted), whole=in_words(whole))


def _provisional(first: date, last: date, calendar: Workdays) -> Text:
    years = unannounced_years(first, last, calendar)
    return _PROVISIONAL.filled(years=listed([Text(f"{year}年", str(year)) for year in years]))


def _joined_up(sentences: Iterable[Text]) -> Text:
    told = tuple(sentences)
    return Text("".join(each.zh for each in told), " ".join(each.en for each in told))


def _clock(at: datetime) -> str:
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


def _ends(limit: Limit, anchor_on: date, end: Due, *, moved: bool) -> Text:
    if limit.unit.is_yearly:
        said = _DAY_OF_YEAR
    elif moved and limit.unit is not Unit.WORKING_DAYS:
        said = _ENDS_LATER
    elif limit.unit is Unit.MONTHS:
        said = _MONTH_DAY if end.strict_on.day == anchor_on.day else _MONTH_END
    else:
        said = _WORKING if limit.unit is Unit.WORKING_DAYS else _RUNNING
    return said.filled(limit=in_words(limit), strict=_named(end.strict_on))


def _days_off(days: list[Day]) -> Iterator[Text]:
    if days:
        said = [_SO_MANY.filled(why=_with_notice(why, notice), count=len(same)) for (why, notice), same in _alike(days)]
        yield _NOT_COUNTED.filled(count=len(days), days=listed(said))


def _made_up(days: list[Day]) -> Iterator[Text]:
    if days:
        said = [_with_notice(_ON.filled(on=day.on, why=day.why), day.notice) for day in days]
        yield _COUNTED_TOO.filled(days=listed(said))


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
_DAY_COME = Text("规定的期日：{why}", "the day that is fixed: {why}")
_DAY_OF_YEAR = Text("期日为{limit}，最后一日为{strict}。", "The day is fixed: {limit}. The last day is {strict}.")
_PAUSED = Text("暂停，不计入期限", "paused, not counted")
_STILL_PAUSED = Text("暂停中，恢复之日的次日续计", "paused; counted on from the day after it is resumed")
_CARRIED_TO = Text(
    "暂停自最后一日开始，期限随恢复之日届满",
    "the pause began on the last day: the limit ends with the day on which it was resumed",
)
_EVENT_DAY = Text("所定之日，不计入", "the day of the event, not counted")
_ACT_BY = Text("最迟应于此日办理：{why}", "act by this day: {why}")
_LAW = Text("{on}适用{basis}，期限为{limit}。", "On {on} this applies: {basis}; the limit is {limit}.")
_EXTENDED = Text(
    "原期限{limit}，经批准延长{granted}，共{whole}。", "The limit of {limit} was extended by {granted} to {whole}."
)
_PAUSE = Text(
    "{from_on}起暂停，{to_on}恢复：次日起至恢复之日共{days}天（其中{working}个工作日）不计入期限。",
    "Paused on {from_on}, resumed on {to_on}: {days} day(s) ({working} working) from the next day to that of resuming "
    "are not counted.",
)
_STANDS_STILL = Text(
    "{from_on}起暂停，至今未恢复：以上最后一日按当日恢复计，恢复后重新计算。",
    "Paused on {from_on} and not resumed: the last day above is as if it were resumed at once, and will be counted anew.",
)
_PAUSE_HOURS = Text("{begins}至{ends}暂停，不计入期限。", "Paused from {begins} to {ends}: not counted.")
_STANDS_STILL_SINCE = Text(
    "{begins}起暂停，至今未恢复，恢复后重新计算。", "Paused since {begins}; it will be counted anew when resumed."
)
_ENDS_LATER = Text(
    "{limit}连续计算，扣除暂停的天数，最后一日为{strict}。",
    "{limit}, days off included and paused days left out, end on {strict}.",
)
_BEFORE = Text(
    "{anchor}之前{limit}（当日不计入），最迟应于{strict}办理。",
    "{limit} before {anchor}, that day not counted: act by {strict}.",
)
_ROLLED_BACK = Text(
    "{strict}不上班（{why}），提前至{rolled}。", "{strict} is no working day ({why}): act earlier, by {rolled}."
)
_HOURS_BEFORE = Text(
    "{anchor}之前{limit}，最迟应于{ends}办理（北京时间）。", "{limit} before {anchor}: act by {ends} (Shanghai time)."
)
_FOLLOWS = Text("事由发生于{anchor}。", "It follows from {anchor}.")
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
