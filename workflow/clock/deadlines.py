"""From events to deadlines: what arms a clock, what moves, pauses, extends and restarts it, and what ends it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from workflow.case import (
    EDIT,
    ESCALATE,
    RECOMPUTE,
    REMIND,
    Case,
    Data,
    Deadline,
    Event,
    Outcome,
    Pause,
    Trace,
    TransitionName,
    business_date,
)
from workflow.checks import edited_in
from workflow.clock.limits import counted, due, late_days, length, regime, start_of, uncounted
from workflow.conditions import fields_of
from workflow.limit import Limit
from workflow.model import DeadlineRule, Definition
from workflow.text import Text
from workflow.workdays import Workdays


def advance(
    definition: Definition, before: tuple[Deadline, ...], event: Event, case_after: Case, calendar: Workdays
) -> tuple[Deadline, ...]:
    """Every deadline that was open before the event, as it stands after it, and those that the event arms."""
    if event.transition == RECOMPUTE:
        return tuple(recounted(definition.deadlines[each.rule], each, case_after.data, calendar) for each in before)
    if event.transition in (REMIND, ESCALATE):
        return tuple(_fired(each, event) for each in before)
    carried = [
        after
        for each in before
        for after in _carried(definition, definition.deadlines[each.rule], each, event, case_after, calendar)
    ]
    running = {each.rule for each in carried if each.closed_at is None}
    armed = [
        _armed(definition, rule, event, case_after, calendar)
        for rule in definition.clocks_in.get(case_after.state, ())
        if rule.name not in running and _arms(rule, event, case_after)
    ]
    return (*carried, *[each for each in armed if each])


def change_of(old: Deadline, new: Deadline) -> str | None:
    """What a recount made of a last day, as the event says it; None where it is what it was."""
    if (old.rolled_on, old.strict_on, old.provisional) == (new.rolled_on, new.strict_on, new.provisional):
        return None
    if old.rolled_on == new.rolled_on and old.provisional and not new.provisional:
        return f"{new.rolled_on} {NO_LONGER_PROVISIONAL.zh}"
    return f"{old.rolled_on} → {new.rolled_on}"


def day_of(definition: Definition, event: Event, case_after: Case) -> tuple[date, datetime]:
    """The day on which an event really happened, and the instant: where its step is dated otherwise, that day's first."""
    step = definition.transitions.get(event.transition)
    stated = case_after.data.get(step.dated) if step and step.dated else None
    return _stated(stated, event.at)


def stated_day(definition: Definition, name: str, data: Data, at: datetime) -> tuple[date, datetime]:
    """The day of a step of this name that was taken at that instant, as the data state it where it is dated."""
    return _stated(_day_field(definition, name, None, data), at)


def _stated(stated: object, at: datetime) -> tuple[date, datetime]:
    on = business_date(at)
    if not stated or (day := date.fromisoformat(str(stated))) == on:
        return on, at
    return day, start_of(day)


# Arming.


def _arms(rule: DeadlineRule, event: Event, case: Case) -> bool:
    """Whether a rule whose clock stands still, though it runs in this state, begins to run with this event."""
    if not applies(rule, case) or is_done(rule, case):
        return False
    # A rule with an anchor begins as soon as it runs here at all: its day 0 is the anchor's, not today's.
    if rule.anchor is not None or not is_in(rule, event.source) or event.transition in rule.restart:
        return True
    return _changes_whether_it_applies(rule, event)


def is_done(rule: DeadlineRule, case: Case) -> bool:
    """Whether what an anchored rule demands was done since it began, anew or first: a case that moves on does not owe it again."""
    if rule.anchor is None:
        return False
    began = (*rule.anchor.events, *rule.restart)
    since = max((case.trail[name].seq for name in began if name in case.trail), default=0)
    return any(case.trail[name].seq > since for name in rule.done_by if name in case.trail)


def _armed(definition: Definition, rule: DeadlineRule, event: Event, case: Case, calendar: Workdays) -> Deadline | None:
    anchor = anchor_of(definition, rule, event, case)
    if anchor is None or (rule.since and anchor[0] < rule.since):
        return None
    return armed_from(rule, anchor, event, case, calendar, day_of(definition, event, case))


def armed_from(
    rule: DeadlineRule,
    anchor: tuple[date, datetime],
    event: Event,
    case: Case,
    calendar: Workdays,
    still_since: tuple[date, datetime],
) -> Deadline | None:
    """A clock that begins with this event and counts from this day; where it stands still in this state, since when it does."""
    anchor_on, anchor_at = anchor
    limit = length(rule, case.data, anchor_on)
    if limit is None:
        return None
    end = due(limit, anchor_on, anchor_at, calendar, backward=rule.backward)
    pauses: tuple[Pause, ...] = ()
    if case.state in rule.pauses_in:
        pauses = (_pause(still_since, anchor),)
    return Deadline(
        rule=rule.name,
        armed_seq=event.seq,
        anchor_on=anchor_on,
        anchor_at=anchor_at,
        strict_on=end.strict_on,
        rolled_on=end.rolled_on,
        due_at=end.due_at,
        provisional=end.provisional,
        pauses=pauses,
    )


def anchor_of(definition: Definition, rule: DeadlineRule, event: Event, case: Case) -> tuple[date, datetime] | None:
    """The day and instant from which a rule counts: its declared event's or restart's, else this one's.

    None: it never happened.
    """
    if rule.anchor is None:
        restarts = rule.restart and event.transition in rule.restart
        return _day_of_restart(definition, rule, event, case) if restarts else day_of(definition, event, case)
    names = (*rule.anchor.events, *rule.restart) if rule.restart else rule.anchor.events
    traces = [(name, case.trail[name]) for name in names if name in case.trail]
    if not traces:
        return None
    name, trace = max(traces, key=_seq_of)
    if name in rule.restart:
        return _stated(_day_field(definition, name, rule.restart[TransitionName(name)], case.data), trace.at)
    stated = case.data.get(rule.anchor.date) if rule.anchor.date else None
    if stated:
        on = date.fromisoformat(str(stated))
        return on, start_of(on)
    return _stated(_day_field(definition, name, None, case.data), trace.at)


def _seq_of(named: tuple[str, Trace]) -> int:
    return named[1].seq


def _day_of_restart(definition: Definition, rule: DeadlineRule, event: Event, case: Case) -> tuple[date, datetime]:
    return _stated(_day_field(definition, event.transition, rule.restart[event.transition], case.data), event.at)


def _day_field(definition: Definition, name: str, field: str | None, data: Data) -> object:
    """What the data say of the day of a step."""
    said = _stated_in(definition, name, field, data)
    return data[said] if said else None


def _stated_in(definition: Definition, name: str, field: str | None, data: Data) -> str | None:
    """The field that states the day of a step: the rule's own, else that by which the step is dated; None where neither does."""
    if field and data.get(field):
        return field
    step = definition.transitions.get(TransitionName(name))
    return step.dated if step and step.dated and data.get(step.dated) else None


def anchored_in(definition: Definition, rule: DeadlineRule, deadline: Deadline, case: Case) -> str | None:
    """The field that states the day from which an open deadline counts; None: it counts from the day on which its step was taken."""
    if rule.anchor is None:
        began = next((name for name, trace in case.trail.items() if trace.seq == deadline.armed_seq), None)
    else:
        names = [name for name in (*rule.anchor.events, *rule.restart) if name in case.trail]
        began = max(names, key=lambda name: case.trail[name].seq, default=None)
    if began is None:
        return None
    if began not in rule.restart and rule.anchor and rule.anchor.date and case.data.get(rule.anchor.date):
        return rule.anchor.date
    return _stated_in(definition, began, rule.restart.get(TransitionName(began)), case.data)


# An open deadline and an event.


def _carried(
    definition: Definition, rule: DeadlineRule, deadline: Deadline, event: Event, case: Case, calendar: Workdays
) -> tuple[Deadline, ...]:
    """An open deadline after an event of its case: ended by it, followed by another, dated anew, or running on."""
    if event.transition in rule.done_by:
        return (_ended(definition, rule, deadline, event, case, calendar),)
    if not applies(rule, case) or (rule.limit_field and length(rule, case.data, deadline.anchor_on) is None):
        return (_set_aside(definition, rule, deadline, event, case, Outcome.VOID, calendar),)
    if not is_in(rule, case.state):
        return (_ended(definition, rule, deadline, event, case, calendar),)
    if rule.restart and event.transition in rule.restart:
        return _followed(definition, rule, deadline, event, case, calendar)
    if is_anchor_of(rule, event):
        return (_set_aside(definition, rule, deadline, event, case, Outcome.VOID, calendar),)
    if event.data and _moves(definition, rule, event):
        corrected = _anchored_anew(definition, rule, deadline, event, case, calendar)
        if _has_run_out(rule, deadline, event.at) and event.at < corrected.due_at:
            late = _set_aside(definition, rule, deadline, event, case, Outcome.VOID, calendar)
            return (late, replace(corrected, armed_seq=event.seq, fired=0))
        deadline = corrected
    if rule.pauses_in:
        deadline = paused_or_resumed(definition, rule, deadline, event, case, calendar)
    if rule.extend and event.transition in rule.extend.events:
        return _extended(rule, deadline, event, case, calendar)
    if _is_expiry(rule, deadline, event):
        deadline = replace(deadline, fired=deadline.fired + 1)
    return (deadline,)


def _ended(
    definition: Definition, rule: DeadlineRule, deadline: Deadline, event: Event, case: Case, calendar: Workdays
) -> Deadline:
    on, at = _end_of(definition, rule, event, case)
    if deadline.paused:
        deadline = _resumed(rule, deadline, (on, at), case.data, calendar)
    if at < deadline.due_at or _is_met_by_lasting(rule):
        return deadline.ended(at, Outcome.MET)
    return deadline.ended(at, Outcome.LATE, late_by(deadline, on, calendar))


def _end_of(definition: Definition, rule: DeadlineRule, event: Event, case: Case) -> tuple[date, datetime]:
    """When an event ends a clock: on the day that its step states; where the entry itself is what was due, when it was entered."""
    return (business_date(event.at), event.at) if rule.by_entry else day_of(definition, event, case)


def _set_aside(
    definition: Definition,
    rule: DeadlineRule,
    deadline: Deadline,
    event: Event,
    case: Case,
    outcome: Outcome,
    calendar: Workdays,
) -> Deadline:
    """A clock that ends without being fulfilled; one that had run out by then stays late on record."""
    on, at = _end_of(definition, rule, event, case)
    if _has_run_out(rule, deadline, at):
        return deadline.ended(event.at, Outcome.LATE, late_by(deadline, on, calendar))
    return deadline.ended(event.at, outcome)


def _has_run_out(rule: DeadlineRule, deadline: Deadline, at: datetime) -> bool:
    return deadline.due_at <= at and deadline.paused is None and not _is_met_by_lasting(rule)


def _is_met_by_lasting(rule: DeadlineRule) -> bool:
    """Whether its own end fulfils a limit: a time that must be given, such as a consultation's, makes nobody late."""
    return any(step.transition in rule.done_by for step in rule.steps)


def late_by(deadline: Deadline, on: date, calendar: Workdays) -> int | None:
    """Working days after the last day until the closing; those of a pause do not count here either."""
    late = late_days(deadline.rolled_on, on, calendar)
    if late and deadline.pauses:
        late -= sum(calendar.working_days_between(*each) for each in uncounted(deadline.pauses, deadline.rolled_on))
    return late


def _followed(
    definition: Definition, rule: DeadlineRule, deadline: Deadline, event: Event, case: Case, calendar: Workdays
) -> tuple[Deadline, ...]:
    """The old clock ends and a new one counts from the day of the restart (条例 30: from the corrected request)."""
    ended = deadline
    if deadline.paused:
        ended = _resumed(rule, deadline, day_of(definition, event, case), case.data, calendar)
    ended = _set_aside(definition, rule, ended, event, case, Outcome.RESTARTED, calendar)
    new = _armed(definition, rule, event, case, calendar)
    return (ended, new) if new else (ended,)


def _extended(
    rule: DeadlineRule, deadline: Deadline, event: Event, case: Case, calendar: Workdays
) -> tuple[Deadline, ...]:
    """The old clock ends and a longer one counts from the same anchor, once (条例 33); its reminders come anew."""
    granted = _granted(rule, deadline, case.data)
    if deadline.extended or granted <= 0:
        return (deadline,)
    longer = replace(deadline, armed_seq=event.seq, extended=granted, fired=0)
    return (
        deadline.ended(event.at, Outcome.EXTENDED),
        recounted(rule, longer, case.data, calendar),
    )


def _granted(rule: DeadlineRule, deadline: Deadline, data: Data) -> int:
    most = _most(rule, deadline, data).count
    said = data.get(rule.extend.count) if rule.extend and rule.extend.count else None
    return min(said, most) if isinstance(said, int) else most


def _most(rule: DeadlineRule, deadline: Deadline, data: Data) -> Limit:
    """The longest extension: of the version of the law that applies, else the rule's own."""
    law = regime(rule, data, deadline.anchor_on)
    if law and law.extend:
        return law.extend
    assert rule.extend is not None
    return rule.extend.by


def paused_or_resumed(
    definition: Definition, rule: DeadlineRule, deadline: Deadline, event: Event, case: Case, calendar: Workdays
) -> Deadline:
    """The deadline as its case stands: it stands still where the rule says so, and runs elsewhere."""
    pauses = case.state in rule.pauses_in
    is_restated = pauses and deadline.paused is not None and _restates_entry(definition, event)
    if pauses == (deadline.paused is not None) and not is_restated:
        return deadline
    day = day_of(definition, event, case)
    if not pauses:
        return _resumed(rule, deadline, day, case.data, calendar)
    if is_restated:
        deadline = replace(deadline, pauses=deadline.pauses[:-1])
    last = deadline.pauses[-1] if deadline.pauses else None
    # No pause begins before the clock does, nor within the one before it.
    floor = (last.to_on, last.to_at) if last and last.to_on and last.to_at else (deadline.anchor_on, deadline.anchor_at)
    return replace(deadline, pauses=(*deadline.pauses, _pause(day, floor)))


def _restates_entry(definition: Definition, event: Event) -> bool:
    """Whether a step that stays where the case stands writes anew the day by which the steps that lead there are dated."""
    step = definition.transitions.get(event.transition)
    if step is None or event.source != event.target or step.dated not in event.data:
        return False
    entries = (each for each in definition.transitions.values() if event.target not in each.sources)
    return any(each.target == event.target and each.dated == step.dated for each in entries)


def _pause(day: tuple[date, datetime], floor: tuple[date, datetime]) -> Pause:
    return Pause(max(day[0], floor[0]), max(day[1], floor[1]))


def _resumed(
    rule: DeadlineRule, deadline: Deadline, day: tuple[date, datetime], data: Data, calendar: Workdays
) -> Deadline:
    """The deadline after its pause, counted again; a pause never ends before it began."""
    last = deadline.pauses[-1]
    ended = replace(last, to_on=max(day[0], last.from_on), to_at=max(day[1], last.from_at))
    return recounted(rule, replace(deadline, pauses=(*deadline.pauses[:-1], ended)), data, calendar)


def _anchored_anew(
    definition: Definition, rule: DeadlineRule, deadline: Deadline, event: Event, case: Case, calendar: Workdays
) -> Deadline:
    """The same deadline when a day or a number on which it rests was corrected."""
    anchor = (
        anchor_of(definition, rule, event, case) if rule.anchor else _entered_anew(definition, rule, deadline, case)
    )
    if anchor:
        deadline = replace(deadline, anchor_on=anchor[0], anchor_at=anchor[1])
    return recounted(rule, deadline, case.data, calendar)


def _entered_anew(
    definition: Definition, rule: DeadlineRule, deadline: Deadline, case: Case
) -> tuple[date, datetime] | None:
    """The day of the step that armed a clock without an anchor, as the data state it now; None: it cannot be told."""
    if deadline.extended:
        return None
    by = [name for name, trace in case.trail.items() if trace.seq == deadline.armed_seq]
    if not by:
        return None
    field = rule.restart.get(TransitionName(by[0]))
    return _stated(_day_field(definition, by[0], field, case.data), case.trail[by[0]].at)


def _moves(definition: Definition, rule: DeadlineRule, event: Event) -> bool:
    """Whether the event corrects a day or a number on which the dates of the rule rest."""
    written = event.data
    anchor = rule.anchor
    if anchor and anchor.date in written:
        return True
    if rule.regime_by in written or rule.limit_field in written:
        return True
    if rule.restart and any(field in written for field in rule.restart.values()):
        return True
    # A step that writes its own day corrects nobody else's.
    own = definition.transitions.get(event.transition)
    return any(
        step.dated in written and not (own and own.dated == step.dated)
        for name in ((*anchor.events, *rule.restart) if anchor else rule.restart)
        if (step := definition.transitions.get(name)) and step.dated
    )


def recounted(rule: DeadlineRule, deadline: Deadline, data: Data, calendar: Workdays) -> Deadline:
    """The deadline with its dates counted again: from its anchor, by the rule, the data and this calendar."""
    end = counted(rule, deadline, data, calendar)
    return replace(
        deadline, strict_on=end.strict_on, rolled_on=end.rolled_on, due_at=end.due_at, provisional=end.provisional
    )


def _fired(deadline: Deadline, event: Event) -> Deadline:
    is_meant = (deadline.rule, deadline.armed_seq) == (event.data.get("deadline"), event.data.get("armed_seq"))
    return replace(deadline, fired=deadline.fired + 1) if is_meant else deadline


def is_in(rule: DeadlineRule, state: object) -> bool:
    """Whether the clock of a rule runs or stands still in a state."""
    return state in rule.runs_in or state in rule.pauses_in


def applies(rule: DeadlineRule, case: Case) -> bool:
    """Whether a rule is for cases with such data."""
    return rule.applies is None or rule.applies.holds(case.data)


def _changes_whether_it_applies(rule: DeadlineRule, event: Event) -> bool:
    if rule.limit_field and rule.limit_field in event.data:
        return True
    return rule.applies is not None and any(name in event.data for name in fields_of(rule.applies))


def is_anchor_of(rule: DeadlineRule, event: Event) -> bool:
    """Whether a rule counts from this event."""
    happened = edited_in(event.target) if event.transition == EDIT else event.transition
    return rule.anchor is not None and happened in rule.anchor.events


def _is_expiry(rule: DeadlineRule, deadline: Deadline, event: Event) -> bool:
    """Whether this is the deadline's own expiry step, which left the case where the clock runs on."""
    following = rule.steps[deadline.fired : deadline.fired + 1]
    return event.automatic and any(step.transition == event.transition for step in following)


#: An event keeps the Chinese words, as it keeps comments; a screen shows the others in their place.
NO_LONGER_PROVISIONAL = Text("不再暂定", "no longer provisional")
