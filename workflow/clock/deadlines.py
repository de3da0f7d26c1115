"""From events to deadlines: what arms a clock, what moves it and what ends it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from workflow.case import EDIT, ESCALATE, RECOMPUTE, REMIND, Case, Deadline, Event, Outcome, business_date
from workflow.checks import edited_in
from workflow.clock.limits import due, late_days, start_of
from workflow.clock.moments import firing_order
from workflow.conditions import fields_of
from workflow.model import DeadlineRule, Definition
from workflow.workdays import Workdays


def advance(
    definition: Definition, before: tuple[Deadline, ...], event: Event, case_after: Case, calendar: Workdays
) -> tuple[Deadline, ...]:
    """Every deadline that was open before the event, as it stands after it, and those that the event arms."""
    if event.transition == RECOMPUTE:
        return tuple(_recounted(definition.deadlines[each.rule], each, calendar) for each in before)
    if event.transition in (REMIND, ESCALATE):
        return tuple(_fired(each, event) for each in before)
    carried = [_carried(definition.deadlines[each.rule], each, event, case_after, calendar) for each in before]
    running = {each.rule for each in carried if each.closed_at is None}
    armed = [
        _armed(rule, event, case_after, calendar)
        for rule in definition.deadlines.values()
        if case_after.state in rule.runs_in and rule.name not in running and _arms(rule, event, case_after)
    ]
    return (*carried, *[each for each in armed if each])


def _arms(rule: DeadlineRule, event: Event, case: Case) -> bool:
    """Whether a rule whose clock stands still, though it runs in this state, begins to run with this event."""
    if not _applies(rule, case):
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
        return on, start_of(on)
    at = max(traces, key=lambda trace: trace.seq).at
    return business_date(at), at


def _carried(rule: DeadlineRule, deadline: Deadline, event: Event, case: Case, calendar: Workdays) -> Deadline:
    """An open deadline after an event of its case: ended by it, dated anew, or running on."""
    if not _applies(rule, case):
        return replace(deadline, closed_at=event.at, outcome=Outcome.VOID)
    if case.state not in rule.runs_in:
        return _ended(deadline, event, calendar)
    if _is_anchor(rule, event):
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
