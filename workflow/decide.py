"""The heart: what a command changes, or everything that stands in its way. Pure; start reading here.

One sentence runs through the house: *this actor wishes this transition on this case with this data, now*. It is judged
by the definition alone, and the answer is a Decision (one commit's worth of change) or a Refusal (all that is unmet).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime

from workflow.case import (
    EDIT,
    ESCALATE,
    IMPORT,
    RECOMPUTE,
    REMIND,
    START,
    SYSTEM,
    Actor,
    Appointment,
    Case,
    Command,
    Data,
    Deadline,
    Decision,
    Event,
    Helper,
    Notice,
    Numbering,
    Refusal,
    RoleName,
    Scalar,
    StateName,
    TransitionName,
    Unmet,
    business_date,
    merged,
)
from workflow.checks import REGISTRY, persons
from workflow.clock import next_step_at
from workflow.errors import Invalid, Problem
from workflow.history import fold
from workflow.machine import target_of
from workflow.model import Definition, Demand, Step, Transition
from workflow.suppliers import who_can_meet
from workflow.text import Text
from workflow.values import comment_fault, faults_of
from workflow.words import in_words
from workflow.workdays import Workdays

SYSTEM_ROLE = RoleName("system")


def decide(
    definition: Definition, case: Case, command: Command, actor: Actor, now: datetime, calendar: Workdays
) -> Decision | Refusal:
    """Everything that this command changes, or everything that stands in its way.

    Raises Invalid for what no state could accept: an unknown transition or field, a value that cannot be.
    """
    _check_input(definition, command)
    if command.transition == EDIT:
        return _edit(definition, case, command, actor, now, calendar)
    step = _declared(definition, case, command.transition)
    post, unmet = judge(definition, case, step, command, actor, now)
    target = None if unmet else target_of(definition, case.state, step.name, judged_open=True)
    if target is None:
        return Refusal(case.id, step.name, unmet)
    changes = _changes(definition, case, step, command.data, actor, now)
    event = _event(case, command, actor, post, now, data=changes, source=case.state, target=target)
    folded = fold(definition, case, event, calendar)
    broken = tuple(_broken(definition, folded.case))
    if broken:
        return Refusal(case.id, step.name, broken)
    return Decision(
        case=folded.case,
        event=event,
        deadlines=folded.touched,
        notices=tuple(_told(folded.case, step, event)),
        warnings=tuple(failing(definition, case.with_data(command.data), step, step.warns, persons(actor.id, post))),
        numbering=_numbering(step, folded.case),
        next_at=_next_at(definition, folded.case, event, calendar),
    )


def judge(
    definition: Definition, case: Case, step: Transition, command: Command, actor: Actor, now: datetime
) -> tuple[Appointment | None, tuple[Unmet, ...]]:
    """By which appointment the actor would take this step, and all that is unmet: nothing means that it is open."""
    post = post_for(definition, step.roles.get(case.state, ()), actor, case, now)
    written = case.with_data(command.data)
    return post, (
        *_wrong_state(definition, case, step),
        *_not_offered(definition, written, step),
        *_missing_role(definition, case, step, post),
        *_forbidden_fields(definition, case, command.data, {*step.required, *step.optional}, actor, now),
        *_missing_data(definition, step, command),
        *failing(definition, written, step, step.guards, persons(actor.id, post)),
    )


def begin(
    definition: Definition, case: Case, command: Command, actor: Actor, now: datetime, calendar: Workdays
) -> Decision | Refusal:
    """A new case from blank: whoever may edit the initial state may begin one, where they hold that post."""
    _check_input(definition, command)
    roles = tuple(definition.states[definition.initial].edit)
    post = post_for(definition, roles, actor, case, now)
    unmet = (
        *(() if post else (_no_role(definition, roles, START),)),
        *_forbidden_fields(definition, case, command.data, set(), actor, now),
        *(() if command.data.get("title") else (_missing_field(definition, "title"),)),
    )
    if unmet:
        return Refusal(case.id, START, unmet)
    event = _event(
        case, command, actor, post, now, data=merged({}, command.data), source=None, target=definition.initial
    )
    return _settled(definition, case, event, calendar)


def take_in(
    definition: Definition, case: Case, command: Command, actor: Actor, now: datetime, calendar: Workdays
) -> Decision | Refusal:
    """A past record, entered as it ended: open to those who could have taken the step that ends there."""
    intake = definition.intake
    if intake is None:
        raise Invalid((Problem("no-intake", _NO_INTAKE.filled(kind=definition.title)),))
    _check_input(definition, command)
    data = merged(command.data, intake.sets)
    roles = tuple(
        dict.fromkeys(
            role
            for step in definition.transitions.values()
            if step.target == intake.state
            for role in (role for roles in step.roles.values() for role in roles)
        )
    )
    post = post_for(definition, roles, actor, case, now)
    unmet = (
        *(() if post else (_no_role(definition, roles, IMPORT),)),
        *(_missing_field(definition, name) for name in intake.required if not data.get(name)),
    )
    if unmet:
        return Refusal(case.id, IMPORT, unmet)
    event = _event(case, command, actor, post, now, data=data, source=None, target=intake.state)
    decision = _settled(definition, case, event, calendar)
    broken = tuple(_broken(definition, decision.case))
    return Refusal(case.id, IMPORT, broken) if broken else decision


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
    actor = system_actor(case.bureau)
    event = _event(case, Command(name), actor, None, now, data=data, source=case.state, target=case.state)
    said = _REMINDER if step.kind == "remind" else _ESCALATION
    text = said.filled(
        number=case.number,
        title=case.title,
        label=rule.label,
        state=definition.states[case.state].label,
        due=deadline.rolled_on,
    )
    decision = _settled(definition, case, event, calendar)
    return replace(decision, notices=tuple(Notice(to, text, name) for to in step.tell))


def automatic(definition: Definition, case: Case, now: datetime) -> TransitionName | None:
    """The transition that the sweep is to take on this case now, because nothing but the rule is needed for it."""
    for step in definition.leaving[case.state]:
        if step.auto and not judge(definition, case, step, Command(step.name), system_actor(case.bureau), now)[1]:
            return step.name
    return None


def recomputed(definition: Definition, case: Case, now: datetime, calendar: Workdays) -> Decision | None:
    """The case with its dates counted anew by another calendar, as one event; None if nothing moved."""
    event = _event(
        case, Command(RECOMPUTE), system_actor(case.bureau), None, now, data={}, source=case.state, target=case.state
    )
    moved = fold(definition, case, event, calendar)
    olds = {(each.rule, each.armed_seq): each for each in case.deadlines}
    data: dict[str, Scalar] = {}
    for each in moved.touched:
        old = olds[each.rule, each.armed_seq]
        if (old.rolled_on, old.strict_on, old.provisional) != (each.rolled_on, each.strict_on, each.provisional):
            data[f"{each.rule}.{each.armed_seq}"] = f"{old.rolled_on} → {each.rolled_on}"
    return _settled(definition, case, replace(event, data=data), calendar) if data else None


def numbered(decision: Decision, serial: int) -> Decision:
    """The decision with the document number that the store drew for it."""
    order = decision.numbering
    if order is None:
        return decision
    number = {order.field: order.format.format(series=order.series, year=order.year, serial=serial)}
    return replace(
        decision,
        case=decision.case.with_data(number),
        event=replace(decision.event, data={**decision.event.data, **number}),
        numbering=None,
    )


def post_for(
    definition: Definition, roles: tuple[RoleName, ...], actor: Actor, case: Case, now: datetime
) -> Appointment | None:
    """The appointment by which the actor may act in one of these roles today; their own before a delegated one."""
    if actor.is_system:
        return Appointment(SYSTEM_ROLE, None, date.min, None) if SYSTEM_ROLE in roles else None
    if actor.bureau != case.bureau:
        return None
    today = business_date(now)
    found = None
    for post in actor.appointments:
        # A post of another procedure's may be of a role that this definition does not know.
        if post.role not in roles or not post.holds_on(today):
            continue
        if definition.roles[post.role].scope == "bureau" or post.section == case.section:
            if post.on_behalf_of is None:
                return post
            found = found or post
    return found


def failing(
    definition: Definition, case: Case, step: Transition, guards: tuple[str, ...], who: tuple[str, ...]
) -> Iterator[Unmet]:
    """Each of these guards that this case does not meet, with who can help."""
    for name in guards:
        guard = definition.guards[name]
        met = guard.when.holds(case.data) if guard.when else REGISTRY[str(guard.check)](case, who, guard.params)
        if not met:
            yield Unmet(name, guard.text, "guard", who_can_meet(definition, name, case.state, step))


def system_actor(bureau: str) -> Actor:
    """The hand of the automatic steps."""
    return Actor(SYSTEM, _SYSTEM_NAME, bureau, via="ticker")


# What stands in the way, one question each.


def _check_input(definition: Definition, command: Command) -> None:
    problems = [*faults_of(definition, command.data)]
    fault = comment_fault(command.comment) if command.comment else None
    if fault:
        problems.append(fault)
    if problems:
        raise Invalid(problems)


def _declared(definition: Definition, case: Case, name: TransitionName) -> Transition:
    if name not in definition.transitions:
        here = definition.leaving[case.state]
        known = Text(
            "、".join(f"{s.name}（{s.label.zh}）" for s in here) or "无", ", ".join(s.name for s in here) or "none"
        )
        raise Invalid((Problem("unknown-transition", _NO_STEP.filled(name=name, known=known), field="transition"),))
    return definition.transitions[name]


def _wrong_state(definition: Definition, case: Case, step: Transition) -> Iterator[Unmet]:
    if case.state not in step.sources:
        sources = [definition.states[each].label for each in step.sources]
        yield Unmet(
            "state",
            _WRONG_STATE.filled(
                state=definition.states[case.state].label,
                step=step.label,
                states=Text("、".join(each.zh for each in sources), ", ".join(each.en for each in sources)),
            ),
            "state",
        )


def _not_offered(definition: Definition, case: Case, step: Transition) -> Iterator[Unmet]:
    if step.when and not step.when.holds(case.data):
        yield Unmet("if", _ONLY_IF.filled(step=step.label, condition=in_words(definition, step.when)), "state")
    if step.when_blocked and not any(failing(definition, case, step, step.when_blocked, ())):
        yield Unmet("when_blocked", _NOT_BLOCKED.filled(step=step.label), "state")


def _missing_role(definition: Definition, case: Case, step: Transition, post: Appointment | None) -> Iterator[Unmet]:
    if post is None and case.state in step.sources:
        yield _no_role(definition, step.roles.get(case.state, ()), step.name)


def _no_role(definition: Definition, roles: tuple[RoleName, ...], by: TransitionName) -> Unmet:
    labels = [definition.roles[role].label for role in roles if role != SYSTEM_ROLE]
    names = Text("、".join(each.zh for each in labels), ", ".join(each.en for each in labels))
    helpers = tuple(Helper(role, definition.roles[role].label, None, by) for role in roles if role != SYSTEM_ROLE)
    return Unmet("role", _ROLE.filled(roles=names) if labels else _NOBODY, "role", helpers)


def _forbidden_fields(
    definition: Definition, case: Case, data: Data, form: set[str], actor: Actor, now: datetime
) -> Iterator[Unmet]:
    if data.keys() <= form:
        return
    edit = definition.states[case.state].edit
    allowed = form.union(*(edit[role] for role in edit if post_for(definition, (role,), actor, case, now)))
    for name in (each for each in data if each not in allowed):
        who = tuple(Helper(r, definition.roles[r].label, None, EDIT) for r, fields in edit.items() if name in fields)
        text = _NOT_YOURS.filled(field=definition.fields[name].label, state=definition.states[case.state].label)
        yield Unmet(name, text, "role", who)


def _missing_data(definition: Definition, step: Transition, command: Command) -> Iterator[Unmet]:
    for name in step.required:
        if command.data.get(name) in (None, ""):
            yield _missing_field(definition, name)
    if step.comment == Demand.REQUIRED and not (command.comment or "").strip():
        yield Unmet("comment", _COMMENT_NEEDED.filled(step=step.label), "data")


def _missing_field(definition: Definition, name: str) -> Unmet:
    return Unmet(name, _FIELD_NEEDED.filled(field=definition.fields[name].label, name=name), "data")


def _broken(definition: Definition, case: Case) -> Iterator[Unmet]:
    """The last line of defence: what the definition says must never be."""
    for never in definition.never:
        if case.state in never.states and never.when.holds(case.data):
            yield Unmet(never.name, never.text, "guard")


# What changes.


def _edit(
    definition: Definition, case: Case, command: Command, actor: Actor, now: datetime, calendar: Workdays
) -> Decision | Refusal:
    edit = definition.states[case.state].edit
    unmet = tuple(_forbidden_fields(definition, case, command.data, set(), actor, now))
    changes = _with_lapses(definition, case, command.data)
    if not unmet and not changes:
        unmet = (Unmet("data", _NO_CHANGE, "data"),)
    if unmet:
        return Refusal(case.id, EDIT, unmet)
    roles = tuple(role for role, fields in edit.items() if fields & command.data.keys())
    post = post_for(definition, roles, actor, case, now)
    event = _event(case, command, actor, post, now, data=changes, source=case.state, target=case.state)
    return _settled(definition, case, event, calendar)


def _with_lapses(definition: Definition, case: Case, written: Data) -> dict[str, Scalar]:
    """What these writings change: the values that differ, and the clearances that lapse with them."""
    changes = {name: value for name, value in written.items() if case.data.get(name) != value}
    for field in definition.lapsing:
        if field.name in case.data and field.name not in changes and not changes.keys().isdisjoint(field.lapses_on):
            changes[field.name] = None
    return changes


def _changes(
    definition: Definition, case: Case, step: Transition, written: Data, actor: Actor, now: datetime
) -> dict[str, Scalar]:
    changes = _with_lapses(definition, case, written)
    before = merged(case.data, changes)  # every `copy` reads what stood before the step's own effects
    for each in step.sets:
        match each.kind:
            case "literal":
                value = each.value
            case "today":
                value = business_date(now).isoformat()
            case "actor":
                value = actor.id
            case "copy":
                value = before.get(str(each.value))
            case _:  # add
                value = int(before.get(each.field) or 0) + int(each.value or 0)
        changes[each.field] = value
    return {name: value for name, value in changes.items() if case.data.get(name) != value}


def _event(
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
    return Event(
        case_id=case.id,
        seq=case.seq + 1,
        # A clock that was set back must not make the record run backwards.
        at=max(now, case.changed_at),
        actor=actor.id,
        actor_name=actor.name,
        on_behalf_of=post.on_behalf_of if post else None,
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
    if automatic(definition, case, event.at):
        return event.at
    return next_step_at(definition, case.deadlines, calendar)


def _told(case: Case, step: Transition, event: Event) -> Iterator[Notice]:
    told = [tell for tell in step.tell if tell.when is None or tell.when.holds(case.data)]
    if not told:
        return
    said = Text(event.comment, event.comment) if event.comment else step.slip or _NOTHING_SAID
    actor = Text(event.actor_name, _english(event))
    text = _STEP_TAKEN.filled(number=case.number, title=case.title, step=step.label, actor=actor, said=said)
    for tell in told:
        yield Notice(tell.to, text, step.name)


def _english(event: Event) -> str:
    return "the system" if event.automatic else event.actor_name


def _numbering(step: Transition, case: Case) -> Numbering | None:
    order = step.number
    if order is None:
        return None
    year = int(str(case.data[order.year_of])[:4])
    return Numbering(order.field, str(case.data[order.series]), year, order.format)


_SYSTEM_NAME = "系统"
_NOTHING_SAID = Text("", "")
_NO_INTAKE = Text("“{kind}”不接受历史记录导入", "{kind} takes in no past records")
_NO_STEP = Text("没有步骤“{name}”；现在可办：{known}", "there is no step “{name}”; from here: {known}")
_WRONG_STATE = Text(
    "事项现为“{state}”，“{step}”只能从{states}办理", "the case is in “{state}”; “{step}” starts from: {states}"
)
_ONLY_IF = Text("“{step}”只适用于{condition}的事项", "“{step}” is only for cases where {condition}")
_NOT_BLOCKED = Text(
    "已按规定标注，不能办理“{step}”", "everything is marked as the rule demands, so “{step}” does not apply"
)
_ROLE = Text("须由{roles}办理", "this is for: {roles}")
_NOBODY = Text("此步骤不由人办理", "nobody takes this step by hand")
_NOT_YOURS = Text(
    "“{field}”在“{state}”阶段不能由您填写", "{field} is not yours to write while the case is in “{state}”"
)
_FIELD_NEEDED = Text("须填写“{field}”（{name}）", "{field} ({name}) must be given")
_COMMENT_NEEDED = Text("“{step}”须填写意见", "“{step}” needs a comment")
_NO_CHANGE = Text("没有任何改动", "nothing would change")
_REMINDER = Text(
    "提醒：{number}《{title}》处于“{state}”，{label}将于 {due} 到期",
    "reminder: {number} “{title}” is in “{state}”; {label} ends on {due}",
)
_ESCALATION = Text(
    "催办：{number}《{title}》处于“{state}”，{label}已于 {due} 届满",
    "overdue: {number} “{title}” is in “{state}”; {label} ended on {due}",
)
_STEP_TAKEN = Text(
    "{number}《{title}》：{actor}办理“{step}”。{said}", "{number} “{title}”: {actor} took “{step}”. {said}"
)
