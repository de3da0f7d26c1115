"""From deadlines to the moments at which something is said or done: reminders, expiry, escalations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from operator import attrgetter

from workflow.case import SHANGHAI, Deadline
from workflow.clock.limits import months_after
from workflow.limit import OFFICE_OPENS, Limit, Unit
from workflow.model import DeadlineRule, Definition, Step
from workflow.workdays import ONE_DAY, Workdays


@dataclass(frozen=True, slots=True)
class Scheduled:
    """One step of a deadline and its moment."""

    step: Step
    at: datetime


def stands_still(deadline: Deadline) -> bool:
    """Whether the clock is paused; what had run out before the pause cannot stand still any more: it is overdue."""
    pause = deadline.paused
    return pause is not None and pause.from_at < deadline.due_at


def first_due(deadlines: Iterable[Deadline]) -> Deadline | None:
    """Of those that do not stand still, the one that ends first."""
    return min([each for each in deadlines if not stands_still(each)], key=_due_at, default=None)


def scheduled(rule: DeadlineRule, deadline: Deadline, calendar: Workdays) -> tuple[Scheduled, ...]:
    """All steps of a deadline in the order in which they fire, each with its moment; `deadline.fired` of them have fired.

    While the clock stands still nobody can say when: there are none.
    """
    return () if stands_still(deadline) else tuple(_moments(rule, deadline, calendar))


def next_step_at(definition: Definition, deadlines: Iterable[Deadline], calendar: Workdays) -> datetime | None:
    """When the first step that has not fired yet is due; None when nothing is to come."""
    coming = (
        _nth_moment(definition.deadlines[each.rule], each, calendar)
        for each in deadlines
        if each.closed_at is None and not stands_still(each)
    )
    return min((at for at in coming if at), default=None)


def _nth_moment(rule: DeadlineRule, deadline: Deadline, calendar: Workdays) -> datetime | None:
    if deadline.fired >= len(rule.steps):
        return None
    moments = _moments(rule, deadline, calendar)
    for _ in range(deadline.fired):
        next(moments)
    return next(moments).at


def _moments(rule: DeadlineRule, deadline: Deadline, calendar: Workdays) -> Iterator[Scheduled]:
    # What lies before the anchor is due at once, and no step goes before the one that stands before it.
    # Counted backward the anchor is still to come.
    earliest = _LONG_AGO if rule.backward else deadline.anchor_at
    for step in rule.steps:
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
    if timedelta(0) <= deadline.strict_on - deadline.anchor_on < timedelta(days=offset.count):
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


_due_at = attrgetter("due_at")
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
