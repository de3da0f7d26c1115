"""What a migration makes of the clocks of a case: each is kept, counted anew, begun anew, dropped or brought back, as its event says.

The event says it clock by clock and in full, so that the dates after it follow from definition, events and calendar as all do.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from workflow.case import (
    BACK,
    CLOCK,
    FIRED,
    MIGRATE,
    Case,
    Deadline,
    Event,
    Outcome,
    Pause,
    TransitionName,
    business_date,
    instant_text,
)
from workflow.clock.deadlines import (
    anchor_of,
    applies,
    armed_from,
    is_done,
    is_in,
    late_by,
    paused_or_resumed,
    recounted,
    stated_day,
)
from workflow.clock.limits import length
from workflow.clock.moments import scheduled, stands_still
from workflow.model import DeadlineRule, Definition, Step
from workflow.workdays import Workdays


class Take(StrEnum):
    """What the event of a migration says of one clock."""

    KEEP = "keep"  # the same clock runs on
    ANEW = "anew"  # another takes its place from the same day, with the new version's reminders
    RECOUNT = "recount"  # the same, from the day that the new version counts from
    RESTART = "restart"  # another begins with the migration
    DROP = "drop"  # it ends, and none takes its place
    LEAVE = "leave"  # it does not run from here on, though the new version has it
    BACK = "back"  # the one that an undone migration ended runs on


def taken_over(
    definition: Definition, before: tuple[Deadline, ...], event: Event, case: Case, calendar: Workdays
) -> tuple[Deadline, ...]:
    """Every clock that ran before the migration as it stands after it, and those that the new version arms."""
    carried = [after for each in before for after in _carried(definition, each, event, case, calendar)]
    running = {each.rule for each in carried if each.closed_at is None}
    fresh = (
        _fresh(definition, rule, event, case, calendar)
        for rule in definition.clocks_in.get(case.state, ())
        if rule.name not in running and applies(rule, case)
    )
    return (*carried, *(each for each in fresh if each))


def said_already(
    rule: DeadlineRule, fired: Iterable[Step], deadline: Deadline, now: datetime, calendar: Workdays
) -> int:
    """How many of a clock's first steps need not be said again: those whose like has fired and whose moment has passed.

    What lies ahead is always said, and what has passed unsaid is said late; but no reminder once a later step was said.
    """
    said = [(each.kind, each.offset, each.transition) for each in fired]
    count = 0
    for number, each in enumerate(scheduled(rule, deadline, calendar), 1):
        like = (each.step.kind, each.step.offset, each.step.transition)
        if each.at > now or (like not in said and each.step.kind != "remind"):
            break
        if like in said:
            said.remove(like)
            count = number
    return count


def was_done(definition: Definition, rule: DeadlineRule, case: Case) -> bool:
    """Whether what a clock demands was done since it began, or, where it has no anchor, since the case came in from outside."""
    if rule.anchor:
        return is_done(rule, case)
    began = max((trace.seq for name, trace in case.trail.items() if _begins(definition, rule, name, case)), default=0)
    return any(case.trail[name].seq > began for name in rule.done_by if name in case.trail)


def _begins(definition: Definition, rule: DeadlineRule, name: str, case: Case) -> bool:
    """Whether a step of the trail began a clock without an anchor: it led in from outside, or begins it anew.

    Of one that this version does not know it is held that it did; of one that leads in from outside and from within, that it did
    where the case came by it into its state.
    """
    step = definition.transitions.get(TransitionName(name))
    if step is None:
        return "." not in name and name != MIGRATE and name not in definition.acts
    within = [is_in(rule, each) for each in step.sources]
    leads_in = not all(within) and (not any(within) or case.trail[name].at == case.entered_at)
    return name in rule.restart or (is_in(rule, step.target) and leads_in)


def would_run(definition: Definition, rule: DeadlineRule, event: Event, case: Case, calendar: Workdays) -> bool:
    """Whether a version has a clock run for the case as it stands: one that does not was done, or dropped."""
    bare = replace(event, data={})
    return (
        is_in(rule, case.state) and applies(rule, case) and _fresh(definition, rule, bare, case, calendar) is not None
    )


def kept_for_later(deadline: Deadline) -> str:
    """A clock as the event of a migration that brings it back holds it: all that is not counted."""
    pauses = [
        [
            each.from_on.isoformat(),
            instant_text(each.from_at),
            each.to_on.isoformat() if each.to_on else None,
            instant_text(each.to_at) if each.to_at else None,
        ]
        for each in deadline.pauses
    ]
    said = {
        "anchor_on": deadline.anchor_on.isoformat(),
        "anchor_at": instant_text(deadline.anchor_at),
        "extended": deadline.extended,
        "pauses": pauses,
    }
    return json.dumps(said, sort_keys=True, separators=(",", ":"))


def _carried(
    definition: Definition, deadline: Deadline, event: Event, case: Case, calendar: Workdays
) -> Iterator[Deadline]:
    rule, take = definition.deadlines.get(deadline.rule), _take(event, deadline.rule)
    if rule is None or take in (Take.DROP, Take.LEAVE) or not _runs_on(rule, deadline, case):
        yield _ended(deadline, event, Outcome.VOID, calendar)
    elif take is Take.BACK:
        yield _ended(deadline, event, Outcome.MIGRATED, calendar)  # what comes back is armed with the others
    elif take is Take.RESTART:
        yield _ended(deadline, event, Outcome.RESTARTED, calendar)
    else:
        yield from _going_on(definition, rule, deadline, take, event, case, calendar)


def _going_on(
    definition: Definition,
    rule: DeadlineRule,
    deadline: Deadline,
    take: Take,
    event: Event,
    case: Case,
    calendar: Workdays,
) -> Iterator[Deadline]:
    after = deadline
    anchor = _anchor(definition, rule, event, case) if take is Take.RECOUNT and not deadline.extended else None
    if anchor:
        after = replace(after, anchor_on=anchor[0], anchor_at=anchor[1])
    after = recounted(rule, paused_or_resumed(definition, rule, after, event, case, calendar), case.data, calendar)
    if take is Take.KEEP:
        yield after
        return
    # Who was late stays so on record, unless the clock that takes its place is as late.
    was_late = deadline.due_at <= event.at < after.due_at
    yield _ended(deadline, event, Outcome.MIGRATED, calendar, if_late=was_late)
    yield replace(after, armed_seq=event.seq, fired=int(event.data.get(FIRED + rule.name) or 0))


def _fresh(definition: Definition, rule: DeadlineRule, event: Event, case: Case, calendar: Workdays) -> Deadline | None:
    """A clock of the new version that does not run yet: from the day of the migration, of its anchor, of its state."""
    take = _take(event, rule.name)
    if take is Take.LEAVE:
        return None
    fired = int(event.data.get(FIRED + rule.name) or 0)
    if take is Take.BACK:
        return _brought_back(rule, event, case, fired, calendar)
    anchor = (business_date(event.at), event.at) if take is Take.RESTART else _anchor(definition, rule, event, case)
    if anchor is None or (rule.since and anchor[0] < rule.since):
        return None
    since = _entry(definition, case)
    armed = armed_from(rule, anchor, event, case, calendar, max(since, anchor) if take is not Take.RESTART else anchor)
    return replace(armed, fired=fired) if armed and fired else armed


def _brought_back(rule: DeadlineRule, event: Event, case: Case, fired: int, calendar: Workdays) -> Deadline | None:
    said: dict[str, Any] = json.loads(str(event.data[BACK + rule.name]))
    anchor = date.fromisoformat(said["anchor_on"]), datetime.fromisoformat(said["anchor_at"])
    armed = armed_from(rule, anchor, event, case, calendar, anchor)
    if armed is None:
        return None
    there = replace(armed, fired=fired, extended=said["extended"], pauses=tuple(_pauses(said["pauses"])))
    return recounted(rule, there, case.data, calendar)


def _pauses(said: Iterable[Any]) -> Iterator[Pause]:
    for from_on, from_at, to_on, to_at in said:
        yield Pause(
            date.fromisoformat(from_on),
            datetime.fromisoformat(from_at),
            date.fromisoformat(to_on) if to_on else None,
            datetime.fromisoformat(to_at) if to_at else None,
        )


def _anchor(definition: Definition, rule: DeadlineRule, event: Event, case: Case) -> tuple[date, datetime] | None:
    return anchor_of(definition, rule, event, case) if rule.anchor else _entry(definition, case)


def _entry(definition: Definition, case: Case) -> tuple[date, datetime]:
    """The day on which the case came into its state: a migration moves nobody, so that it is that of the step before it."""
    by = [name for name, trace in case.trail.items() if trace.at == case.entered_at and "." not in name]
    # Several steps may share the moment: the first by name, as every record has it, in whatever order they are read.
    return stated_day(definition, min(by, default=""), case.data, case.entered_at)


def _runs_on(rule: DeadlineRule, deadline: Deadline, case: Case) -> bool:
    has_length = not rule.limit_field or length(rule, case.data, deadline.anchor_on) is not None
    return has_length and is_in(rule, case.state) and applies(rule, case)


def _ended(
    deadline: Deadline, event: Event, outcome: Outcome, calendar: Workdays, *, if_late: bool | None = None
) -> Deadline:
    """The clock, stopped by the migration; that it had run out stays on record."""
    is_late = (deadline.due_at <= event.at and not stands_still(deadline)) if if_late is None else if_late
    if is_late:
        return deadline.ended(event.at, Outcome.LATE, late_by(deadline, business_date(event.at), calendar))
    return deadline.ended(event.at, outcome)


def _take(event: Event, rule: str) -> Take:
    return Take(str(event.data.get(CLOCK + rule) or Take.RECOUNT))
