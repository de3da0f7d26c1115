"""The heart: what a command changes, or everything that stands in its way. Pure; start reading here.

One sentence runs through the house: *this actor wishes this transition on this case with this data, now*. It is judged
by the definition alone, and the answer is a Decision (one commit's worth of change) or a Refusal (all that is unmet).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from workflow.acts import NO_RECORD, Asked, Record, judged
from workflow.case import (
    EDIT,
    ESCALATE,
    EXPLAIN_LATENESS,
    IMPORT,
    PARENT,
    PARENT_NUMBER,
    RECOMPUTE,
    REMIND,
    SLOT,
    START,
    Actor,
    Appointment,
    Case,
    Command,
    Data,
    Deadline,
    Decision,
    Event,
    Moved,
    Notice,
    Opened,
    Refusal,
    Scalar,
    StateName,
    TransitionName,
    Unmet,
    business_date,
    merged,
    moment,
)
from workflow.checks import APART, persons
from workflow.clock import change_of, next_step_at, until
from workflow.errors import Invalid, Problem, Refused
from workflow.history import Folded, fold
from workflow.intake import admitted
from workflow.judge import (
    SYSTEM_NAME,
    anchors_ahead,
    anchors_moved,
    automatic,
    broken,
    check_input,
    declared,
    failing,
    forbidden_fields,
    judge,
    missing_field,
    no_role,
    post_for,
    system_actor,
    with_lapses,
)
from workflow.lateness import late_clocks, owed
from workflow.machine import target_of
from workflow.model import Assignment, Definition, Step, Transition
from workflow.moved_clocks import told_of_moved_clocks, unproved_days
from workflow.numbering import number_due, to_come, unknown_parts
from workflow.text import Text
from workflow.values import on_one_line
from workflow.workdays import Workdays

#: A step of a clock that is taken later than this after its moment is called late; the ticker comes by every minute.
PUNCTUAL = timedelta(minutes=5)


def decide(
    definition: Definition,
    case: Case,
    command: Command,
    actor: Actor,
    now: datetime,
    calendar: Workdays,
    record: Record = NO_RECORD,
) -> Decision | Refusal:
    """Everything that this command changes, or everything that stands in its way. `record` is there where it is an act.

    Raises Invalid for what no state could accept: an unknown transition or field, a value that cannot be.
    """
    if command.transition in definition.acts:
        act = definition.acts[command.transition]
        return _act(Asked(definition, case, act, command, actor, now, calendar, record))
    check_input(definition, command)
    if command.transition == EDIT:
        return _edit(definition, case, command, actor, now, calendar)
    step = declared(definition, case, command.transition)
    post, unmet = judge(definition, case, step, command, actor, now)
    target = None if unmet else target_of(definition, case.state, step.name, judged_open=True)
    if target is None:
        return Refusal(case.id, step.name, unmet)
    changes = changes_of(definition, case, step, command.data, actor, now)
    leaving = case.with_data(changes)
    unnumbered = tuple(missing_field(definition, name) for name in unknown_parts(step, leaving))
    if unnumbered:
        return Refusal(case.id, step.name, unnumbered)
    numbering = number_due(step, leaving)
    opens = _opened(definition, case, step, {**changes, **to_come(numbering)}, actor, now)
    event = event_of(case, command, actor, post, now, data=changes, source=case.state, target=target)
    folded = fold(definition, case, event, calendar)
    late = (
        *unproved_days(definition, case, folded.touched, event),
        *_unexplained(definition, case, folded, event, calendar, record),
    )
    if late:
        return Refusal(case.id, step.name, late)
    never = tuple(broken(definition, folded.case.with_data(to_come(numbering))))
    if never:
        return Refusal(case.id, step.name, never)
    after = folded.case.with_child(opens) if opens else folded.case
    return Decision(
        case=folded.case,
        event=event,
        deadlines=folded.touched,
        notices=(
            *told_of_moved_clocks(definition, case, folded.case, folded.touched, event, _by(event)),
            *_told(folded.case, step, event),
        ),
        warnings=tuple(failing(definition, case.with_data(command.data), step, step.warns, persons(actor, post), now)),
        numbering=numbering,
        next_at=_next_at(definition, after, event, calendar),
        opens=opens,
        moves=tuple(moved_by(definition, folded.case, step, actor, now)) if step.moves else (),
    )


def _unexplained(
    definition: Definition, case: Case, folded: Folded, event: Event, calendar: Workdays, record: Record
) -> Iterator[Unmet]:
    """Each late clock that keeps a person from closing the case until its lateness is explained."""
    ends = folded.case.closed_at is not None and case.closed_at is None
    if ends and not event.automatic and record.deadlines is not None and EXPLAIN_LATENESS in definition.acts:
        clocks = {(each.rule, each.armed_seq): each for each in (*record.deadlines, *folded.touched)}
        yield from owed(late_clocks(definition, clocks.values(), event.at, calendar), record.events, case.number)


def begin(
    definition: Definition, case: Case, command: Command, actor: Actor, now: datetime, calendar: Workdays
) -> Decision | Refusal:
    """A new case from blank: whoever may edit the initial state may begin one, where they hold that post."""
    check_input(definition, command)
    roles = tuple(definition.states[definition.initial].edit)
    post = post_for(definition, roles, actor, case, now)
    unmet = (
        *(
            forbidden_fields(definition, case, command.data, set(), actor, now)
            if post
            else (no_role(definition, roles, START),)
        ),
        *(() if command.data.get("title") else (missing_field(definition, "title"),)),
        *anchors_ahead(definition, command.data, now),
    )
    if unmet:
        return Refusal(case.id, START, unmet)
    event = event_of(
        case, command, actor, post, now, data=merged({}, command.data), source=None, target=definition.initial
    )
    return _unless_broken(definition, _settled(definition, case, event, calendar))


def begin_child(
    definition: Definition, case: Case, opened: Opened, parent: Case, cause: Event, calendar: Workdays
) -> Decision:
    """A sub-case from blank, begun by the step of its parent that asks for it, whoever took that; no post is needed here.

    Raises Invalid for data that its definition cannot hold, Refused where it would begin as what must never be.
    """
    data = merged({"title": on_one_line(parent.title)}, opened.data)
    check_input(definition, Command(START, data))
    event = replace(
        cause,
        case_id=case.id,
        seq=1,
        transition=START,
        source=None,
        target=definition.initial,
        data={**data, PARENT: parent.id, SLOT: opened.slot, PARENT_NUMBER: parent.number},
        comment=None,
        definition=definition.digest,
        request_id=None,
    )
    decision = _unless_broken(definition, _settled(definition, case, event, calendar))
    if isinstance(decision, Refusal):
        raise Refused(_TO_BEGIN.filled(kind=definition.title), decision.unmet)
    return decision


def take_in(
    definition: Definition, case: Case, command: Command, actor: Actor, now: datetime, calendar: Workdays
) -> Decision | Refusal:
    """A past record, entered as it ended: open to those who could have taken the step that ends there."""
    intake = definition.intake
    if intake is None:
        raise Invalid((Problem("no-intake", _NO_INTAKE.filled(kind=definition.title)),))
    check_input(definition, command)
    data = merged(command.data, intake.sets)
    post, unmet = admitted(definition, intake, case, data, actor, now)
    unmet = (
        *unmet,
        *(missing_field(definition, name) for name in intake.required if not data.get(name)),
    )
    if unmet:
        return Refusal(case.id, IMPORT, unmet)
    event = event_of(case, command, actor, post, now, data=data, source=None, target=intake.state)
    decision = _settled(definition, case, event, calendar)
    return _unless_broken(definition, decision)


def fire_step(
    definition: Definition,
    case: Case,
    deadline: Deadline,
    step: Step,
    scheduled_at: datetime,
    now: datetime,
    calendar: Workdays,
) -> Decision | Refusal:
    """What one due step of a deadline changes: a reminder or an escalation said, or the expiry transition taken."""
    if step.kind == "expire" and step.transition:
        return decide(definition, case, Command(step.transition), system_actor(case.bureau), now, calendar)
    rule = definition.deadlines[deadline.rule]
    data: dict[str, Scalar] = {
        "deadline": deadline.rule,
        "armed_seq": deadline.armed_seq,
        "step": step.name,
        "scheduled_at": scheduled_at.isoformat(),
    }
    if step.reassign:
        data["reassign"] = step.reassign
    name = REMIND if step.kind == "remind" else ESCALATE
    said = _REMINDER if step.kind == "remind" and now < deadline.due_at else _ESCALATION
    text = said.filled(
        number=case.number,
        title=case.title,
        label=rule.label,
        state=definition.states[case.state].label,
        due=until(deadline.rolled_on, deadline.due_at),
    )
    if now - scheduled_at > PUNCTUAL:
        # The reader, who acts on it today, must not take it for one that was sent in time.
        text = _SENT_LATE.filled(text=text, at=moment(scheduled_at))
    decision = noted(definition, case, name, data, system_actor(case.bureau), now, calendar)
    return replace(decision, notices=tuple(Notice(to, text, name) for to in step.tell))


def noted(
    definition: Definition,
    case: Case,
    what: TransitionName,
    data: Data,
    actor: Actor,
    now: datetime,
    calendar: Workdays,
    *,
    post: Appointment | None = None,
    comment: str | None = None,
    request_id: str | None = None,
) -> Decision:
    """What an event amounts to that is no step of the definition, such as a reminder: the case stays in its state."""
    command = Command(what, comment=comment, request_id=request_id)
    event = event_of(case, command, actor, post, now, data=data, source=case.state, target=case.state)
    return _settled(definition, case, event, calendar)


def recomputed(
    definition: Definition, case: Case, now: datetime, calendar: Workdays, notice: str | None = None
) -> Decision | None:
    """The case with its dates counted anew by another calendar, as one event that names the notice; None if nothing moved."""
    command, by = Command(RECOMPUTE, comment=notice), system_actor(case.bureau)
    event = event_of(case, command, by, None, now, data={}, source=case.state, target=case.state)
    olds = {(each.rule, each.armed_seq): each for each in case.deadlines}
    data: dict[str, Scalar] = {}
    for each in fold(definition, case, event, calendar).touched:
        if said := change_of(olds[each.rule, each.armed_seq], each):
            data[f"{each.rule}.{each.armed_seq}"] = said
    return _settled(definition, case, replace(event, data=data), calendar) if data else None


# What changes.


def _edit(
    definition: Definition, case: Case, command: Command, actor: Actor, now: datetime, calendar: Workdays
) -> Decision | Refusal:
    changes = with_lapses(definition, case, command.data)
    unmet = (
        *forbidden_fields(definition, case, command.data, set(), actor, now),
        *anchors_ahead(definition, command.data, now),
        *anchors_moved(definition, case, changes, command.comment),
    )
    if not unmet and not changes:
        unmet = (Unmet("data", _NO_CHANGE, "data"),)
    if unmet:
        return Refusal(case.id, EDIT, unmet)
    roles = tuple(role for role, fields in definition.states[case.state].edit.items() if fields & command.data.keys())
    post = post_for(definition, roles, actor, case, now)
    event = event_of(case, command, actor, post, now, data=changes, source=case.state, target=case.state)
    decision = _settled(definition, case, event, calendar)
    told = told_of_moved_clocks(definition, case, decision.case, decision.deadlines, event, _by(event))
    return _unless_broken(definition, replace(decision, notices=tuple(told)))


def _unless_broken(definition: Definition, decision: Decision) -> Decision | Refusal:
    never = tuple(broken(definition, decision.case))
    return Refusal(decision.case.id, decision.event.transition, never) if never else decision


def _act(asked: Asked) -> Decision | Refusal:
    """An everyday act: an event that leaves the case where it stands, or takes it back to where it stood."""
    case, found = asked.case, judged(asked)
    if found.unmet:
        return Refusal(case.id, asked.act.name, found.unmet)
    event = event_of(
        case, asked.command, asked.actor, found.post, asked.now, data=found.said, source=case.state, target=found.target
    )
    decision = _settled(asked.definition, case, event, asked.calendar)
    told = told_of_moved_clocks(asked.definition, case, decision.case, decision.deadlines, event, _by(event))
    decision = replace(decision, notices=(*found.notices, *told), warnings=found.warnings)
    return _unless_broken(asked.definition, decision)


def changes_of(
    definition: Definition, case: Case, step: Transition, written: Data, actor: Actor, now: datetime
) -> dict[str, Scalar]:
    """What a step changes in the data: what is typed with it, what lapses on that, and what it writes by itself."""
    changes = with_lapses(definition, case, written)
    if step.sets:
        # Every effect reads what stood before the step's own effects, with what was typed.
        before = case.with_data(changes)
        for each in step.sets:
            changes[each.field] = _written(definition, before, each, actor, now)
    return {name: value for name, value in changes.items() if case.data.get(name) != value}


def _written(definition: Definition, case: Case, said: Assignment, actor: Actor, now: datetime) -> Scalar:
    """What one effect of a step writes, read on the case as it stands with what was typed."""
    match said.kind:
        case "literal":
            return said.value
        case "today":
            return business_date(now).isoformat()
        case "actor":
            return actor.name  # a field is read by people, and printed; whose id it was, the event says
        case "copy":
            return case.data.get(str(said.value))
        case "append":
            texts = (case.data.get(name) for name in (said.field, str(said.value)))
            return APART.join(str(each) for each in texts if each) or None
        case "due":
            ends = (each.rolled_on for each in case.deadlines if each.rule == said.value)
            return next(ends, business_date(now)).isoformat()
        case "latest":
            trails = [trail.partition(".")[::2] for trail in str(said.value).split()]
            days = (each.data.get(field) for slot, field in trails for each in case.children if each.slot == slot)
            return max((str(day) for day in days if day), default=None)
        case "earliest":
            trails = [trail.partition(".")[::2] for trail in str(said.value).split()]
            running = [each for each in case.children if each.closed_at is None]
            days = (each.data.get(field) for slot, field in trails for each in running if each.slot == slot)
            return min((str(day) for day in days if day), default=None)
        case "tariff":
            tariff = definition.tariffs[str(said.value)]
            items = case.data.get(tariff.of)
            return None if items is None else f"{tariff.fee(int(items))}.00"
        case "choose":
            chosen = (then for when, then in said.choices if when is None or when.holds(case.data))
            first = next(chosen, None)
            return _written(definition, case, first, actor, now) if first else None
        case _:  # add
            return int(case.data.get(said.field) or 0) + int(said.value or 0)


def _opened(
    definition: Definition, case: Case, step: Transition, changes: Data, actor: Actor, now: datetime
) -> Opened | None:
    """The sub-case that begins with this step, with its data taken from the case as the step leaves it."""
    opening, after = step.opens, case.with_data(changes)
    if opening is None or (opening.when and not opening.when.holds(after.data)):
        return None
    return Opened(
        slot=opening.child,
        kind=definition.children[opening.child].kind,
        section=str(after.data[opening.section]) if opening.section and after.data.get(opening.section) else None,
        data=merged({}, {each.field: _written(definition, after, each, actor, now) for each in opening.sets}),
    )


def moved_by(definition: Definition, case: Case, step: Transition, actor: Actor, now: datetime) -> Iterator[Moved]:
    """What other cases do with this step, with their data taken from the case as the step leaves it."""
    for each in step.moves:
        if each.when is None or each.when.holds(case.data):
            data = {said.field: _written(definition, case, said, actor, now) for said in each.sets}
            yield Moved(each.case, each.step, merged({}, data), each.whole)


def event_of(
    case: Case,
    command: Command,
    actor: Actor,
    post: Appointment | None,
    now: datetime,
    *,
    data: Data,
    source: StateName | None,
    target: StateName,
) -> Event:
    """The next event of a case, as its record will hold it."""
    return Event(
        case_id=case.id,
        seq=case.seq + 1,
        # A clock that was set back must not make the record run backwards.
        at=max(now, case.changed_at),
        actor=actor.id,
        actor_name=actor.name,
        on_behalf_of=(post and post.on_behalf_of) or actor.moved_by,
        via=actor.via,
        transition=command.transition,
        source=source,
        target=target,
        data=data,
        comment=command.comment,
        automatic=actor.is_system,
        definition=case.definition,
        request_id=command.request_id,
    )


def _settled(definition: Definition, case: Case, event: Event, calendar: Workdays) -> Decision:
    """The decision that an event amounts to: the case and its clocks after it, and when the sweep must look next."""
    folded = fold(definition, case, event, calendar)
    return Decision(
        case=folded.case,
        event=event,
        deadlines=folded.touched,
        notices=(),
        next_at=_next_at(definition, folded.case, event, calendar),
    )


def _next_at(definition: Definition, case: Case, event: Event, calendar: Workdays) -> datetime | None:
    # One in quarantine takes no step by itself.
    if case.state in definition.states and automatic(definition, case, event.at):
        return event.at
    return next_step_at(definition, case.deadlines, calendar)


def _told(case: Case, step: Transition, event: Event) -> Iterator[Notice]:
    told = [tell for tell in step.tell if tell.when is None or tell.when.holds(case.data)]
    if not told:
        return
    said = Text(event.comment, event.comment) if event.comment else step.slip or _NOTHING_SAID
    text = _STEP_TAKEN.filled(number=case.number, title=case.title, step=step.label, actor=_by(event), said=said)
    for tell in told:
        yield Notice(tell.to, text, step.name)


def _by(event: Event) -> Text:
    return Text(event.actor_name, SYSTEM_NAME.en if event.automatic else event.actor_name)


_NOTHING_SAID = Text("", "")
_NO_INTAKE = Text("“{kind}”不接受历史记录导入", "{kind} takes in no past records")
_NO_CHANGE = Text("没有任何改动", "nothing would change")
_TO_BEGIN = Text("发起{kind}", "begin: {kind}")
_REMINDER = Text(
    "提醒：{number}《{title}》处于“{state}”，{label}将于 {due} 到期",
    "reminder: {number} “{title}” is in “{state}”; the last day of its deadline ({label}) is {due}",
)
_ESCALATION = Text(
    "逾期上报：{number}《{title}》处于“{state}”，{label}已于 {due} 届满",
    "overdue: {number} “{title}” is in “{state}”; the last day of its deadline ({label}) was {due}",
)
_SENT_LATE = Text("{text}（应于 {at} 发出，迟发）", "{text} (was to be sent at {at}, and comes late)")
_STEP_TAKEN = Text(
    "{number}《{title}》：{actor}办理“{step}”。{said}", "{number} “{title}”: {actor} took “{step}”. {said}"
)
