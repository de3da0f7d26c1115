"""What stands in the way of a step: every requirement, not the first, each in words and with who can help. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime

from workflow.act import Demand
from workflow.case import (
    SYSTEM,
    Actor,
    Appointment,
    Case,
    Command,
    Data,
    Helper,
    RoleName,
    Scalar,
    SubCase,
    Trace,
    TransitionName,
    Unmet,
    business_date,
)
from workflow.checks import OF_CLOCKS, OF_EACH_DAY, REGISTRY, edited_in, persons
from workflow.conditions import fields_of
from workflow.errors import Invalid, Problem
from workflow.lacking import decides
from workflow.model import CLOSED, Definition, Guard, Needs, Passage, Transition
from workflow.moved_clocks import days_counted_from
from workflow.suppliers import demanded_by, of_those_who_may, to_fill_in, wanted_empty, who_can_meet, who_can_write
from workflow.text import Text, listed
from workflow.values import comment_fault, faults_of, says
from workflow.words import only_if, said_once

SYSTEM_ROLE = RoleName("system")


def judge(
    definition: Definition, case: Case, step: Transition, command: Command, actor: Actor, now: datetime
) -> tuple[Appointment | None, tuple[Unmet, ...]]:
    """By which appointment the actor would take this step, and all that is unmet: nothing means that it is open."""
    post = post_for(definition, step.roles.get(case.state, ()), actor, case, now)
    written = case.with_data(with_lapses(definition, case, command.data))
    who = persons(actor, post)
    edited = _as_edited(case, written, step, command.data, who)
    unmet = (
        *_wrong_state(definition, case, step),
        *_not_offered(definition, written, step, now),
        *_missing_role(definition, case, step, post),
        # Most steps come with nothing typed: what only asks of that is not gone through for them (measured).
        *(_amiss(definition, case, step, command, actor, now) if command.data else ()),
        *_missing_data(definition, step, command),
        *_day_ahead(definition, written, step, now),
        *failing(definition, edited, step, _guards_asked(definition, case, step), who, now),
    )
    return post, unmet if len(unmet) < 2 else tuple(_by_what_decides(definition, step, edited, unmet))


def _amiss(
    definition: Definition, case: Case, step: Transition, command: Command, actor: Actor, now: datetime
) -> Iterator[Unmet]:
    """What of all that is typed with a step is not to be typed: by this actor, with this step, of this day."""
    data = command.data
    forbidden = tuple(forbidden_fields(definition, case, data, {*step.required, *step.optional}, actor, now, step))
    yield from forbidden
    yield from _typed_numbers(definition, data)
    yield from anchors_ahead(definition, _unasked_days(definition, step, data), now)
    yield from anchors_moved(definition, case, edited_with(step, data), command.comment)
    # Whoever may not write it at all has been told, and cannot change it by edit either.
    writable = {name: said for name, said in data.items() if name not in {each.name for each in forbidden}}
    yield from _written_by_itself(definition, step, writable)


def automatic(definition: Definition, case: Case, now: datetime) -> TransitionName | None:
    """The transition that the sweep is to take on this case now, because nothing but the rule is needed for it."""
    for step in definition.leaving[case.state]:
        # What it is for comes first: mostly nothing is lacking, and to know that costs less than to say it in words.
        is_due = (
            step.auto
            and (step.when is None or step.when.holds(case.data))
            and _is_called_for(definition, case, step, now)
        )
        if is_due and not judge(definition, case, step, Command(step.name), system_actor(case.bureau), now)[1]:
            return step.name
    return None


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
    definition: Definition, case: Case, step: Transition, guards: tuple[str, ...], who: tuple[str, ...], now: datetime
) -> Iterator[Unmet]:
    """Each of these guards that this case does not meet, with who can help."""
    unmet = [guard for name in guards if not is_met(guard := definition.guards[name], case, who, now)]
    empty = wanted_empty(definition, guards, case) if unmet else frozenset()
    for guard in unmet:
        text = _with_the_missing(guard, case.children) if guard.needs else guard.text
        helpers = who_can_meet(definition, guard.name, case, step)
        yield Unmet(guard.name, text, "guard", helpers, _to_mend(definition, case, guard, empty, who, now))


def _to_mend(
    definition: Definition, case: Case, guard: Guard, empty: frozenset[str], who: tuple[str, ...], now: datetime
) -> tuple[str, ...]:
    """The fields that people can fill in to make this guard true, without those that are right, or that another rule of the step wants empty."""
    fields = to_fill_in(definition, guard.name, case)
    if guard.check in OF_EACH_DAY:
        return tuple(each for each in fields if not is_met(replace(guard, params={"dates": (each,)}), case, who, now))
    filled = (each for each in fields_of(guard.when) if case.data.get(each) is not None) if guard.when else ()
    return tuple(each for each in fields if each not in empty) or tuple(filled)


def _by_what_decides(definition: Definition, step: Transition, case: Case, unmet: tuple[Unmet, ...]) -> Iterator[Unmet]:
    """The same, each that a choice made with the step may settle with the name of what demands that choice.

    Before it is made nobody can tell whether the other is asked for, and whoever makes it is told at once. Whatever demands an
    empty field hangs on nothing but the form that demands it, too: it does not hold while that one is empty.
    """
    conditions = {each.name: guard.when for each in unmet if (guard := definition.guards.get(each.name)) and guard.when}
    demands = {name: demanded_by(definition, name, case) for name in conditions}
    form, required = {*step.required, *step.optional}, {each.name for each in unmet if each.kind == "data"}
    demanding = {field: name for name, fields in reversed(demands.items()) for field in fields & form}
    demanding |= {name: name for name in required}
    for each in unmet:
        when = conditions.get(each.name) if each.kind == "guard" else None
        if when:
            choices = (name for name in fields_of(when) if name in (required if demands[each.name] else demanding))
            holder = next((demanding[name] for name in choices if decides(definition, name, when, case.data)), None)
            yield replace(each, hangs_on=holder)
        else:
            yield each


def _as_edited(case: Case, written: Case, step: Transition, data: Data, who: tuple[str, ...]) -> Case:
    """The case as its guards see it: who writes with a step what stands in no form of it has edited the case.

    Otherwise whoever may not confirm a text of their own could write it and confirm it in one breath.
    """
    changed = {name for name, value in data.items() if case.data.get(name) != value}
    if changed <= {*step.required, *step.optional}:
        return written
    name = edited_in(case.state)
    before = case.trail[name].by if name in case.trail else ()
    return replace(written, trail={**case.trail, name: Trace((*before, *who), case.seq, case.changed_at)})


def _guards_asked(definition: Definition, case: Case, step: Transition) -> tuple[str, ...]:
    """Its guards; from a state in which it is not offered, without those of clocks that run in another."""
    guards = guards_of(definition, step)
    if case.state in step.sources:
        return guards
    return tuple(name for name in guards if definition.guards[name].check not in OF_CLOCKS)


def guards_of(definition: Definition, step: Transition) -> tuple[str, ...]:
    """Its own guards and, where a letter leaves with it, the letter's compulsory parts."""
    if step.letter is None:
        return step.guards
    return tuple(dict.fromkeys((*step.guards, *definition.letters[step.letter].parts)))


def far_enough(needs: Needs, children: tuple[SubCase, ...]) -> bool:
    """Whether the cases of that name are as far as is needed."""
    meant = [each for each in children if each.slot == needs.children]
    reached = [_is_in(each, needs.states) for each in meant]
    if needs.mode == "none":
        # Of one whose version does not know such a state nobody can say that it is in none.
        return not any(reached) and all(each.unknown.isdisjoint(needs.states) for each in meant)
    return all(reached) if needs.mode == "all" else any(reached)


def _is_in(child: SubCase, states: tuple[str, ...]) -> bool:
    return child.state in states or (CLOSED in states and child.closed_at is not None)


def _with_the_missing(guard: Guard, children: tuple[SubCase, ...]) -> Text:
    """The guard's sentence and, where some of the sub-cases keep it from being true, which."""
    needs = guard.needs
    if needs is None or needs.mode == "some":
        return guard.text
    meant = [each for each in children if each.slot == needs.children]
    wrong = [each for each in meant if _is_in(each, needs.states) == (needs.mode == "none")]
    if wrong:
        return _WHICH.filled(text=guard.text, which=_named(wrong))
    strange = [each for each in meant if not each.unknown.isdisjoint(needs.states)]
    return _OTHER_VERSION.filled(text=guard.text, which=_named(strange)) if strange else guard.text


def _named(cases: Iterable[SubCase]) -> Text:
    return listed(_ONE.filled(number=each.number, section=each.section, state=each.state_label) for each in cases)


def _day_ahead(definition: Definition, case: Case, step: Transition, now: datetime) -> Iterator[Unmet]:
    """What has happened cannot have happened tomorrow."""
    said = case.data.get(step.dated) if step.dated else None
    if step.dated:
        yield from _ahead(definition, step.dated, said, now)


def _unasked_days(definition: Definition, step: Transition, data: Data) -> Data:
    """What is typed but for the days of which a guard of the step, or the step itself, asks already that they have come."""
    checks = [definition.guards[name] for name in guards_of(definition, step)]
    asked = {day for each in checks if each.check in ("not_later_than_today", "today") for day in each.params["dates"]}
    return {name: said for name, said in data.items() if name != step.dated and name not in asked}


def _ahead(definition: Definition, name: str, said: Scalar, now: datetime) -> Iterator[Unmet]:
    if said and str(said) > business_date(now).isoformat():
        text = _AHEAD.filled(field=definition.fields[name].label, day=said, today=business_date(now))
        yield Unmet(name, text, "data")


#: What is said of whoever takes the automatic steps.
SYSTEM_NAME = Text("系统", "the system")


def anchors_ahead(definition: Definition, data: Data, now: datetime) -> Iterator[Unmet]:
    """Each day of an event written here from which a clock counts, and that is not yet: a slip in the year would hide it.

    A day to which a limit is counted back, such as that of a meeting, is still to come, whatever else is counted from it.
    """
    anchors = [(rule.anchor.date, rule.backward) for rule in definition.deadlines.values() if rule.anchor]
    to_come = {name for name, backward in anchors if backward}
    for name, said in data.items():
        if name not in to_come and (name, False) in anchors:
            yield from _ahead(definition, name, said, now)


def anchors_moved(definition: Definition, case: Case, data: Data, comment: str | None) -> Iterator[Unmet]:
    """Each day that is changed without a word, or taken away, while a clock of the law counts from it.

    The last day would move unexplained; without a day the clock would count from another, or not at all.
    """
    for name, rules in days_counted_from(definition, case, data).items():
        label = definition.fields[name].label
        if data[name] is None:
            yield Unmet(name, _STAYS.filled(field=label, clocks=listed(each.label for each in rules)), "data")
        elif not says(comment or ""):
            yield Unmet("comment", _WHY_MOVED.filled(field=label), "data")


def edited_with(step: Transition, data: Data) -> Data:
    """What is typed with a step and stands in no form of it: an edit, made along with it."""
    return {name: said for name, said in data.items() if name not in {*step.required, *step.optional}}


def system_actor(bureau: str, moved_by: str | None = None) -> Actor:
    """The hand of the automatic steps, and of those that a person's step in another case brings about."""
    return Actor(SYSTEM, SYSTEM_NAME.zh, bureau, via="ticker", moved_by=moved_by)


def check_input(definition: Definition, command: Command) -> None:
    """Raises Invalid for what no state could accept: an unknown field, a value or a comment that cannot be."""
    problems = [*faults_of(definition, command.data)]
    if "title" in command.data and command.data["title"] is None:
        problems.append(Problem("title-needed", TITLE_NEEDED, field="title"))
    fault = comment_fault(command.comment) if command.comment else None
    if fault:
        problems.append(fault)
    if problems:
        raise Invalid(problems)


def declared(definition: Definition, case: Case, name: TransitionName) -> Transition:
    """The declared step of this name. Raises Invalid, with what there is from here."""
    if name not in definition.transitions:
        here = definition.leaving[case.state]
        known = Text(
            "、".join(f"{s.name}（{s.label.zh}）" for s in here) or "无", ", ".join(s.name for s in here) or "none"
        )
        raise Invalid((Problem("unknown-transition", _NO_STEP.filled(name=name, known=known), field="transition"),))
    return definition.transitions[name]


@said_once
def no_role(definition: Definition, roles: tuple[RoleName, ...], by: TransitionName) -> Unmet:
    """That the actor holds no post for this, and who does."""
    labels = [definition.roles[role].label for role in roles if role != SYSTEM_ROLE]
    names = listed(labels)
    helpers = tuple(Helper(role, definition.roles[role].label, None, by) for role in roles if role != SYSTEM_ROLE)
    return Unmet("role", _ROLE.filled(roles=names) if labels else _NOBODY, "role", helpers)


@said_once
def missing_field(definition: Definition, name: str) -> Unmet:
    """That a field must be given."""
    return Unmet(name, _FIELD_NEEDED.filled(field=definition.fields[name].label, name=name), "data")


def _written_by_itself(definition: Definition, step: Transition, data: Data) -> Iterator[Unmet]:
    """Each field that the step itself writes and that stands in no form of it: typed with it, it would be nobody's edit."""
    for name in (each for each in data if each in step.writes and each not in {*step.required, *step.optional}):
        yield Unmet(name, _BY_ITSELF.filled(field=definition.fields[name].label), "data")


def forbidden_fields(
    definition: Definition,
    case: Case,
    data: Data,
    form: set[str],
    actor: Actor,
    now: datetime,
    step: Transition | None = None,
) -> Iterator[Unmet]:
    """Each field of the data that the actor may not write as the case stands, or not with this step."""
    if data.keys() <= form:
        return
    edit = definition.states[case.state].edit
    allowed = form.union(*(edit[role] for role in edit if post_for(definition, (role,), actor, case, now)))
    for name in (each for each in data if each not in allowed):
        said = _BY_ITSELF if step and name in step.writes else _NOT_YOURS
        text = said.filled(field=definition.fields[name].label, state=definition.states[case.state].label)
        yield Unmet(name, text, "role", who_can_write(definition, case, name, step))


def broken(definition: Definition, case: Case) -> Iterator[Unmet]:
    """The last line of defence: what the definition says must never be."""
    for never in definition.never:
        if case.state in never.states and never.when.holds(case.data):
            yield Unmet(never.name, never.text, "guard")
    for passage in definition.passes:
        is_meant = case.state in passage.targets and (passage.when is None or passage.when.holds(case.data))
        if is_meant and not has_passed(case, passage):
            yield Unmet(passage.name, passage.text, "guard")


def has_passed(case: Case, passage: Passage) -> bool:
    """Whether one of the steps was taken, after the last of those after which it must be taken anew."""
    taken = [each for each in passage.through if _by_a_person(case, each)] if passage.apart_from else passage.through
    return _last_taken(case, taken) > _last_taken(case, (*passage.since, *passage.apart_from))


def _by_a_person(case: Case, step: str) -> bool:
    """Whether only people took the step: the system is nobody, and so no other person, for whomever it was moved."""
    return step in case.trail and SYSTEM not in case.trail[step].by


def _last_taken(case: Case, steps: Iterable[str]) -> int:
    return max([case.trail[each].seq for each in steps if each in case.trail], default=0)


def _wrong_state(definition: Definition, case: Case, step: Transition) -> Iterator[Unmet]:
    if case.state not in step.sources:
        sources = [definition.states[each].label for each in step.sources]
        yield Unmet(
            "state",
            _WRONG_STATE.filled(
                state=definition.states[case.state].label,
                step=step.label,
                states=listed(sources),
            ),
            "state",
        )


def _not_offered(definition: Definition, case: Case, step: Transition, now: datetime) -> Iterator[Unmet]:
    if step.when and not step.when.holds(case.data):
        yield Unmet("if", _meant_for(definition, step.name), "state")
    if not _is_called_for(definition, case, step, now):
        of_clocks = {definition.guards[each].check in OF_CLOCKS for each in step.when_blocked}
        said = _NOT_BLOCKED if len(of_clocks) > 1 else _STILL_RUNS if True in of_clocks else _NOTHING_LACKS
        yield Unmet("when_blocked", said.filled(step=step.label), "state")


@said_once
def _meant_for(definition: Definition, transition: TransitionName) -> Text:
    return _ONLY_IF.filled(step=definition.transitions[transition].label, condition=only_if(definition, transition))


def is_met(guard: Guard, case: Case, who: tuple[str, ...], now: datetime) -> bool:
    """Whether what a guard asks for is so, with these persons who act."""
    if guard.when:
        return guard.when.holds(case.data)
    if guard.needs:
        return far_enough(guard.needs, case.children)
    return REGISTRY[str(guard.check)](case, who, guard.params, now)


def _is_called_for(definition: Definition, case: Case, step: Transition, now: datetime) -> bool:
    """Whether one of the guards for whose lack the step is there is lacking."""
    return not step.when_blocked or not all(
        is_met(definition.guards[each], case, (), now) for each in step.when_blocked
    )


def _missing_role(definition: Definition, case: Case, step: Transition, post: Appointment | None) -> Iterator[Unmet]:
    if post is None and case.state in step.sources:
        unmet = no_role(definition, step.roles.get(case.state, ()), step.name)
        yield replace(unmet, who=of_those_who_may(definition, case, step, unmet.who))


def with_lapses(definition: Definition, case: Case, written: Data) -> dict[str, Scalar]:
    """What these writings change: the values that differ, and the clearances and reasons that lapse with them."""
    if not written:
        return {}
    changes = {name: value for name, value in written.items() if case.data.get(name) != value}
    for field in definition.lapsing:
        # What is written in the same breath is of the new text, even where it says the same again.
        if field.name in case.data and field.name not in written and not changes.keys().isdisjoint(field.lapses_on):
            changes[field.name] = None
    return changes


def numbers_of(definition: Definition, data: Data) -> Iterator[tuple[str, int, int]]:
    """Series, year and serial of each number in this data that is of a series kept here."""
    for order in (step.number for step in definition.transitions.values() if step.number) if data else ():
        found = order.parts(str(data.get(order.field) or ""))
        if found and found[0] in definition.fields[order.series].choices:
            yield found


def _typed_numbers(definition: Definition, data: Data) -> Iterator[Unmet]:
    """A number of a series that is kept here is given by the step that gives it, and never typed: no gap, none twice."""
    for series, _, _ in numbers_of(definition, data):
        yield Unmet("number", _OUR_SERIES.filled(series=series), "guard")


def _missing_data(definition: Definition, step: Transition, command: Command) -> Iterator[Unmet]:
    for name in step.required:
        if command.data.get(name) in (None, ""):
            yield missing_field(definition, name)
    if step.comment == Demand.REQUIRED and not says(command.comment or ""):
        yield Unmet("comment", _COMMENT_NEEDED.filled(step=step.label), "data")


_WHICH = Text("{text}：{which}", "{text}: {which}")
_ONE = Text("{number}（{section}，{state}）", "{number} ({section}, {state})")
_OTHER_VERSION = Text(
    "{text}：{which}按另一版定义办理，那里没有这里所问的环节；请管理员用 gongkai definitions migrate 迁移本事项或它",
    "{text}: {which} goes by another version, which does not know the state that is asked for here; an administrator moves "
    "this case or that one with gongkai definitions migrate",
)
_AHEAD = Text(
    "“{field}”为 {day}，晚于今天（{today}）；请核对日期",
    "{field} is {day}, which lies ahead of today ({today}); check the day",
)
_NO_STEP = Text("没有步骤“{name}”；现在可办：{known}", "there is no step “{name}”; from here: {known}")
_WRONG_STATE = Text(
    "事项现为“{state}”，“{step}”只能从{states}办理", "the case is in “{state}”; “{step}” starts from: {states}"
)
_ONLY_IF = Text("“{step}”只适用于{condition}的事项", "“{step}” is only for cases where {condition}")
_NOT_BLOCKED = Text(
    "没有办理“{step}”的情形：期限尚未届满，或者应有的都已具备",
    "there is no ground for “{step}”: the limit still runs, or nothing is lacking",
)
_STILL_RUNS = Text("没有办理“{step}”的情形：期限尚未届满", "there is no ground for “{step}”: the limit still runs")
_NOTHING_LACKS = Text("没有办理“{step}”的情形：应有的都已具备", "there is no ground for “{step}”: nothing is lacking")
_ROLE = Text("须由{roles}办理", "this is for: {roles}")
_NOBODY = Text("此步骤不由人办理", "nobody takes this step by hand")
_NOT_YOURS = Text(
    "“{field}”在“{state}”阶段不能由您填写", "{field} is not yours to write while the case is in “{state}”"
)
_BY_ITSELF = Text(
    "“{field}”由本步骤自行写入，不能随它填写；请去掉这一项再办理",
    "{field} is written by the step itself and not with it; leave it out",
)
_FIELD_NEEDED = Text("须填写“{field}”（{name}）", "{field} ({name}) must be given")
_OUR_SERIES = Text(
    "不能填写本局“{series}”的字号，本局字号由编号步骤给出",
    "a number of our own series {series} cannot be typed: it is given at the numbering step",
)
#: What every case has, whatever its definition says of the field.
TITLE_NEEDED = Text("标题不能为空", "the title cannot be empty")
_WHY_MOVED = Text(
    "法定时限正从“{field}”起算，改动它须写明原因（--comment）",
    "a statutory limit counts from {field}: say why it is changed (--comment)",
)
_STAYS = Text(
    "“{field}”是{clocks}的起算日，时限进行中不能清空；登记有误的，改填实际的日期并写明原因（--comment）",
    "{field} is the day from which these limits of the law count: {clocks}; while they run it is not taken away: where it is wrong, "
    "write the true day and say why (--comment)",
)
_COMMENT_NEEDED = Text("“{step}”须填写意见", "“{step}” needs a comment")
