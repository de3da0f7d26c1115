"""Everyday acts (日常办件): what an office does with a paper without deciding anything. Pure, as `decide` is, which asks here.

An act is judged by the definition's own list (`acts`), the case and its record; it comes to an event that leaves state, data
and clocks as they are, or brings the case back to where it stood. What hangs on former events is read from the record itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from workflow.act import PARAMETERS, Act, Demand, Standing
from workflow.case import (
    CIRCULATE,
    CIRCULATED_NAMES,
    CIRCULATED_TO,
    CLOCKS_BACK,
    ESCALATE,
    EXPLAIN_LATENESS,
    IMPORT,
    MIGRATE,
    READ,
    SECTION,
    SECTION_BEFORE,
    SIGN_FOR,
    SIGNED_IN,
    SIGNED_SINCE,
    START,
    TAKE_BACK,
    TAKEN_BACK,
    TRANSFER,
    URGE,
    Actor,
    Appointment,
    Case,
    Command,
    Data,
    Deadline,
    Event,
    Helper,
    Notice,
    RoleName,
    StateName,
    TransitionName,
    Unmet,
    business_date,
    instant_text,
    moment,
)
from workflow.circulation import named_in, none_to_ask, readings
from workflow.clock import clocks_said
from workflow.errors import Invalid, Problem
from workflow.history import CLOCK_EVENTS, OF_PAPERS, blank, difference, replay
from workflow.judge import post_for
from workflow.lateness import explanation, late_clocks, unmet_by
from workflow.model import DeadlineRule, Definition, Transition
from workflow.text import Text, listed, shown
from workflow.values import comment_fault, says
from workflow.workdays import Workdays


@dataclass(frozen=True, slots=True)
class Record:
    """What an act is judged by beside the case: its events in order, whether open cases name it and may wait for it, the sections."""

    events: Sequence[Event] = ()
    awaited: bool = False
    sections: Mapping[str, bool] = field(
        default_factory=dict
    )  # each that is open, and whether anybody there could take it
    people: Mapping[str, str] = field(default_factory=dict)  # who is here, by id, with their names
    deadlines: Sequence[Deadline] | None = None  # all that the case ever had; None where lateness is not asked for


NO_RECORD = Record()


@dataclass(frozen=True, slots=True)
class Judged:
    """What an act comes to: by which appointment, all that is unmet, what its event says, where it leads, and who hears of it."""

    post: Appointment | None
    unmet: tuple[Unmet, ...]
    said: Data
    target: StateName
    notices: tuple[Notice, ...]
    warnings: tuple[Unmet, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """One wish to act, with all that it is judged by."""

    definition: Definition
    case: Case
    act: Act
    command: Command
    actor: Actor
    now: datetime
    calendar: Workdays
    record: Record


def judged(asked: Asked) -> Judged:
    """Whether this act may be done, and what it comes to. Raises Invalid for data or a comment that no act could take."""
    _check_input(asked)
    rule = _RULES[asked.act.name]
    post = _post(asked)
    unmet = (*_not_for(asked, post), *_missing_comment(asked), *rule.unmet(asked))
    if unmet:
        return Judged(post, unmet, {}, asked.case.state, ())
    return Judged(post, (), rule.said(asked), rule.leads(asked), tuple(rule.told(asked)), tuple(rule.warns(asked)))


def roles_for(act: Act, case: Case) -> tuple[RoleName, ...]:
    """The roles that may do an act on a case as it stands."""
    hands = (case.waits_for,) if Standing.HANDS in act.also and case.waits_for else ()
    return tuple(dict.fromkeys((*act.by, *hands)))


def came_to_hands(events: Sequence[Event]) -> Event:
    """The event that brought a case into the hands in which it is: it moved, or was handed over by an escalation."""
    return next(each for each in reversed(events) if _hands_over(each))


def signed_for(events: Sequence[Event]) -> Event | None:
    """The receipt (签收) of those in whose hands a case is; None while they have not signed."""
    for event in reversed(events):
        if event.transition == SIGN_FOR:
            return event
        if _hands_over(event):
            return None
    return None


# Whose acts they are.


def _post(asked: Asked) -> Appointment | None:
    if Standing.LAST in asked.act.also and (post := _post_of_last_step(asked)):
        return post
    return post_for(asked.definition, roles_for(asked.act, asked.case), asked.actor, asked.case, asked.now)


def _post_of_last_step(asked: Asked) -> Appointment | None:
    """The post by which whoever took the last step, or somebody who acts for them today, may take it."""
    event = last_done(asked.record.events)
    step = asked.definition.transitions.get(event.transition) if event else None
    if event is None or step is None or event.source is None or event.automatic:
        return None
    taken_by, actor = {event.actor, event.on_behalf_of} - {None}, asked.actor
    if actor.id not in taken_by:
        actor = replace(actor, appointments=tuple(each for each in actor.appointments if each.on_behalf_of in taken_by))
    return post_for(asked.definition, step.roles.get(event.source, ()), actor, asked.case, asked.now)


def _not_for(asked: Asked, post: Appointment | None) -> Iterator[Unmet]:
    if post is None and not _is_meant(asked):
        roles = [asked.definition.roles[each] for each in roles_for(asked.act, asked.case)]
        labels = [each.label for each in roles] + [_MEANT[each] for each in asked.act.also if each in _MEANT]
        helpers = tuple(Helper(each.name, each.label, None, asked.act.name) for each in roles)
        yield Unmet("role", _FOR.filled(roles=listed(labels)) if labels else _FOR_NOBODY, "role", helpers)


def _is_meant(asked: Asked) -> bool:
    """Whether the actor has to do with the case in a way that the act asks for, whatever posts they hold."""
    if Standing.NAMED in asked.act.also and asked.actor.id in readings(asked.record.events):
        return True
    begun = asked.case.trail.get(START) or asked.case.trail.get(IMPORT)
    return Standing.AUTHOR in asked.act.also and begun is not None and asked.actor.id in begun.by


def _missing_comment(asked: Asked) -> Iterator[Unmet]:
    if asked.act.comment == Demand.REQUIRED and not says(asked.command.comment or ""):
        yield Unmet("comment", _COMMENT_NEEDED.filled(act=asked.act.label), "data")


def _check_input(asked: Asked) -> None:
    problems = [
        Problem("unknown-field", _NO_DATA.filled(act=asked.act.label, name=name), field=name)
        for name in asked.command.data
        if name not in PARAMETERS.get(asked.act.name, ())
    ]
    comment = asked.command.comment
    fault = comment_fault(comment) if comment else None
    if fault:
        problems.append(fault)
    if problems:
        raise Invalid(problems)


# What each of them asks, says and tells.


def _in_hands(asked: Asked) -> Iterator[Unmet]:
    if asked.case.closed_at or asked.case.waits_for is None:
        state = asked.definition.state_named(asked.case.state).label
        yield Unmet("state", _IN_NO_HANDS.filled(state=state, act=asked.act.label), "state")


def _unsigned(asked: Asked) -> Iterator[Unmet]:
    yield from _in_hands(asked)
    receipt = signed_for(asked.record.events)
    if receipt:
        text = _SIGNED.filled(name=receipt.actor_name, at=moment(receipt.at))
        yield Unmet("signed", text)


def _receipt(asked: Asked) -> Data:
    """Since when it waited, and in which section: what time to accept is counted from, wherever the case goes later."""
    return {SIGNED_SINCE: instant_text(came_to_hands(asked.record.events).at), SIGNED_IN: asked.case.section}


def _not_urged_today(asked: Asked) -> Iterator[Unmet]:
    yield from _in_hands(asked)
    today = business_date(asked.now)
    for event in reversed(asked.record.events):
        if business_date(event.at) < today:
            return
        if event.transition == URGE:
            yield Unmet("urged", _URGED.filled(name=event.actor_name, at=moment(event.at)))
            return


def _urged(asked: Asked) -> Iterator[Notice]:
    case = asked.case
    if case.waits_for:
        text = _URGE.filled(
            number=case.number,
            title=case.title,
            state=asked.definition.state_named(case.state).label,
            actor=asked.actor.name,
            said=asked.command.comment or "",
        )
        yield Notice(case.waits_for, text, URGE)


# Taking back.


def last_done(events: Sequence[Event]) -> Event | None:
    """The last thing that somebody did with a case, but for acts that leave it as it is; clocks do not count."""
    return next((each for each in reversed(events) if each.transition not in _LEAVE_IT), None)


def _may_go_back(asked: Asked) -> Iterator[Unmet]:
    event = last_done(asked.record.events)
    step = asked.definition.transitions.get(event.transition) if event else None
    if event is None or step is None or event.automatic or event.source in (None, event.target):
        yield Unmet("no_step", _NO_STEP)
        return
    receipt = signed_for(asked.record.events)
    if receipt:
        yield Unmet("signed", _TAKEN_UP.filled(name=receipt.actor_name, at=moment(receipt.at)))
    bound = [text for text, binds in _bindings(asked, step, event) if binds]
    if bound:
        yield Unmet("no_way_back", _BOUND.filled(step=step.label, why=listed(bound, "；", "; ")))


def _bindings(asked: Asked, step: Transition, event: Event) -> Iterator[tuple[Text, object]]:
    """What makes a step one that cannot be taken back, because more hangs on it than this case."""
    definition, case, before = asked.definition, asked.case, event.source
    yield _ENDED, case.closed_at
    yield _NUMBERED, step.number
    yield _POSTED, step.letter
    yield _OTHERS, step.opens or step.moves or case.parent or asked.record.awaited
    yield _CLOCKED, step.dated or any(_hangs_on(rule, step.name) for rule in definition.deadlines.values())
    yield _NOT_WRITTEN, before is None or not definition.state_named(before).edit
    yield _MIGRATED, any(each.definition != case.definition for each in asked.record.events)


def _hangs_on(rule: DeadlineRule, step: TransitionName) -> bool:
    """Whether a clock counts from this step, ends with it or is made longer by it: what the law counts has happened."""
    named = {*rule.restart, *rule.done_by, *(rule.anchor.events if rule.anchor else ())}
    return step in named or (rule.extend is not None and step in rule.extend.events)


def _former(asked: Asked) -> tuple[Event, Case]:
    """The step that is taken back, and the case as it stood before: told again from its record."""
    event, case = last_done(asked.record.events), asked.case
    assert event is not None
    start = blank(case.id, case.number, asked.definition, case.bureau, case.section)
    told = [each for each in asked.record.events if each.seq < event.seq]
    return event, replay(asked.definition, start, told, lambda _: asked.calendar).case


def _given_back(asked: Asked) -> Data:
    event, before = _former(asked)
    clocks = clocks_said(before.deadlines)
    return {TAKEN_BACK: event.transition, CLOCKS_BACK: clocks, **difference(asked.case, before)}


def _where_it_was(asked: Asked) -> StateName:
    event = last_done(asked.record.events)
    assert event is not None
    assert event.source is not None
    return event.source


def _called_back(asked: Asked) -> Iterator[Notice]:
    case, event = asked.case, last_done(asked.record.events)
    if case.waits_for and event:
        label = asked.definition.transitions[event.transition].label
        said = asked.command.comment or ""
        text = _CALLED_BACK.filled(number=case.number, title=case.title, step=label, actor=asked.actor.name, said=said)
        yield Notice(case.waits_for, text, TAKE_BACK)


# Handing on.


def _may_go_over(asked: Asked) -> Iterator[Unmet]:
    yield from _in_hands(asked)
    case, role = asked.case, asked.definition.roles.get(asked.case.waits_for) if asked.case.waits_for else None
    if role and role.scope != "section":
        yield Unmet("state", _IN_NO_SECTION.filled(role=role.label), "state")
    section = asked.command.data.get("section")
    if not section:
        yield Unmet("section", _SECTION_NEEDED, "data")
    elif section == case.section:
        yield Unmet("section", _THERE_ALREADY.filled(section=section), "data")
    elif section not in asked.record.sections:
        known = [Text(each, each) for each in asked.record.sections if each != case.section]
        yield Unmet("section", _NO_SECTION.filled(section=shown(str(section)), known=listed(known)), "data")


def _goes_over(asked: Asked) -> Data:
    return {SECTION_BEFORE: asked.case.section, SECTION: asked.command.data["section"]}


def _handed_on(asked: Asked) -> Iterator[Notice]:
    case = asked.case
    if case.waits_for:
        text = _HANDED_ON.filled(
            number=case.number,
            title=case.title,
            actor=asked.actor.name,
            before=case.section,
            section=asked.command.data["section"],
            said=asked.command.comment or "",
        )
        yield Notice(case.waits_for, text, TRANSFER)


def _nobody_there(asked: Asked) -> Iterator[Unmet]:
    section = str(asked.command.data["section"])
    role = asked.definition.roles[asked.case.waits_for] if asked.case.waits_for else None
    if role and not asked.record.sections[section]:
        yield Unmet("section", _NOBODY_THERE.filled(section=section, role=role.label))


# Circulating.


def _may_go_round(asked: Asked) -> Iterator[Unmet]:
    yield from none_to_ask(named_in(asked.command.data.get("to")), asked.record.people, asked.record.events)


def _goes_round(asked: Asked) -> Data:
    to = named_in(asked.command.data["to"])
    return {CIRCULATED_TO: " ".join(to), CIRCULATED_NAMES: "、".join(asked.record.people[each] for each in to)}


def _sent_round(asked: Asked) -> Iterator[Notice]:
    case, said = asked.case, asked.command.comment or ""
    text = _TO_READ.filled(number=case.number, title=case.title, actor=asked.actor.name, said=said)
    for each in named_in(asked.command.data["to"]):
        yield Notice("reader", text, CIRCULATE, person=each)


def _unread(asked: Asked) -> Iterator[Unmet]:
    mine = readings(asked.record.events).get(asked.actor.id)
    if mine and mine.read_at:
        yield Unmet("read", _READ_ALREADY.filled(at=moment(mine.read_at)))


def _not_explained(asked: Asked) -> Iterator[Unmet]:
    late = tuple(late_clocks(asked.definition, asked.record.deadlines or (), asked.now, asked.calendar))
    yield from unmet_by(asked.act, asked.command.data, asked.command.comment, late, asked.record.sections)


def _stays(asked: Asked) -> StateName:
    return asked.case.state


def _nothing(_asked: Asked) -> Data:
    return {}


def _nobody(_asked: Asked) -> Iterator[Notice]:
    yield from ()


@dataclass(frozen=True, slots=True)
class _Rule:
    unmet: Callable[[Asked], Iterator[Unmet]]
    said: Callable[[Asked], Data] = _nothing
    told: Callable[[Asked], Iterator[Notice]] = _nobody
    leads: Callable[[Asked], StateName] = _stays
    warns: Callable[[Asked], Iterator[Unmet]] = lambda _asked: iter(())


_RULES: Mapping[str, _Rule] = {
    SIGN_FOR: _Rule(_unsigned, said=_receipt),
    URGE: _Rule(_not_urged_today, told=_urged),
    TAKE_BACK: _Rule(_may_go_back, said=_given_back, told=_called_back, leads=_where_it_was),
    TRANSFER: _Rule(_may_go_over, said=_goes_over, told=_handed_on, warns=_nobody_there),
    CIRCULATE: _Rule(_may_go_round, said=_goes_round, told=_sent_round),
    READ: _Rule(_unread),
    EXPLAIN_LATENESS: _Rule(_not_explained, said=lambda asked: explanation(asked.act, asked.command.data)),
}
#: Acts and words of a clock after which nobody has taken a case up.
_LEAVE_IT = frozenset((SIGN_FOR, URGE, CIRCULATE, READ, EXPLAIN_LATENESS, *CLOCK_EVENTS - OF_PAPERS))


# What the record says.


def _hands_over(event: Event) -> bool:
    if event.transition == MIGRATE:
        return False  # whatever the state is called now, nobody took a step
    return (
        event.source != event.target
        or SECTION in event.data
        or (event.transition == ESCALATE and "reassign" in event.data)
    )


_MEANT = {
    Standing.AUTHOR: Text("起办人", "whoever began it"),
    Standing.NAMED: Text("受传阅的人", "those to whom it was circulated"),
    Standing.LAST: Text("办理上一步的人", "whoever took the last step"),
}
_FOR = Text("须由{roles}办理", "this is for: {roles}")
_FOR_NOBODY = Text("事项不在任何人手中，无人可办", "the case is in nobody's hands, so this is for nobody")
_COMMENT_NEEDED = Text("“{act}”须填写意见", "“{act}” needs a comment")
_NO_DATA = Text("“{act}”不填写“{name}”", "“{act}” takes no “{name}”")
_IN_NO_HANDS = Text(
    "事项现为“{state}”，不在任何人手中，无须“{act}”",
    "the case is in “{state}”, in nobody's hands: there is nothing to “{act}”",
)
_SIGNED = Text(
    "{name}已于 {at} 签收，同一环节只签收一次", "{name} signed for it on {at}; once is enough while it stays here"
)
_URGED = Text(
    "{name}今天已催办（{at}），一件事项每天只催办一次", "{name} urged it today ({at}); a case is urged once a day"
)
_NO_STEP = Text(
    "上一次办理不是可以撤回的步骤（只能撤回由人办理、使事项移动、其后无人办理的一步）",
    "what was done last is no step to be taken back: it must be one that somebody took, that moved the case, and after which nobody did anything",
)
_TAKEN_UP = Text(
    "{name}已于 {at} 签收，不能撤回；请与其联系退回",
    "{name} signed for it on {at}: it cannot be taken back; ask them to return it",
)
_BOUND = Text("“{step}”不能撤回：{why}", "“{step}” cannot be taken back: {why}")
_ENDED = Text("事项已办结", "the case has ended")
_NUMBERED = Text("已编号", "a number was given")
_POSTED = Text("文书已发出", "a letter left with it")
_OTHERS = Text("涉及其他事项", "other cases hang on it")
_CLOCKED = Text("有时限由此起算、终止或延长", "a clock counts from it, ends or is made longer by it")
_NOT_WRITTEN = Text("原环节没有可修改的内容", "nothing can be written where it came from")
_MIGRATED = Text("事项曾迁移至另一版流程", "the case was moved to another version")
_CALLED_BACK = Text(
    "撤回：{number}《{title}》，{actor}撤回了“{step}”。{said}",
    "taken back: {number} “{title}”; {actor} took back “{step}”. {said}",
)
_IN_NO_SECTION = Text(
    "事项现由{role}办理，不在科室手中，无须转办",
    "the case is in no section's hands but with: {role}; there is nothing to hand on",
)
_SECTION_NEEDED = Text("须写明转往哪个科室（section）", "say to which section (section)")
_THERE_ALREADY = Text("事项已在{section}", "the case is in {section} already")
_NO_SECTION = Text("没有科室“{section}”；现有：{known}", "there is no section “{section}”; there are: {known}")
_NOBODY_THERE = Text(
    "{section}现无{role}，转办后无人可办", "{section} has no {role} today: nobody there can take the case up"
)
_HANDED_ON = Text(
    "转办：{number}《{title}》由{before}转至{section}（{actor}）。{said}",
    "handed on: {number} “{title}” went from {before} to {section} ({actor}). {said}",
)
_READ_ALREADY = Text("您已于 {at} 阅毕", "you read it on {at}")
_TO_READ = Text("传阅：{number}《{title}》，{actor}请您阅。{said}", "to read: {number} “{title}”, from {actor}. {said}")
_URGE = Text(
    "催办：{number}《{title}》处于“{state}”，{actor}催请抓紧办理。{said}",
    "urged: {number} “{title}” is in “{state}”; {actor} asks for it to be dealt with. {said}",
)
