"""What may I do here, what not, and all that is missing: the same judgement as `decide`, for every step at once."""

from __future__ import annotations

from datetime import datetime

from workflow.act import PARAMETERS, Demand
from workflow.acts import Asked, Record, judged
from workflow.case import Actor, Case, Command, Data, Helper, Option, Unmet
from workflow.checks import persons
from workflow.conditions import AllOf, AnyOf, Condition, IsSet, Not, fields_of
from workflow.judge import SYSTEM_ROLE, failing, is_met, judge, post_for
from workflow.model import Definition, Transition
from workflow.suppliers import met_with_form
from workflow.text import Text
from workflow.words import only_if
from workflow.workdays import Workdays


def options(definition: Definition, case: Case, actor: Actor, now: datetime) -> tuple[Option, ...]:
    """Every transition of the present state for this actor, in the file's order: open, or all that stands in its way.

    What the actor would type with the step (its form, its comment) is not missing yet: it is named as required.
    """
    return tuple(
        _option(definition, case, step, actor, now)
        for step in definition.leaving[case.state]
        if step.roles.get(case.state, ()) != (SYSTEM_ROLE,)
    )


def acts(
    definition: Definition, case: Case, actor: Actor, now: datetime, calendar: Workdays, record: Record
) -> tuple[Option, ...]:
    """Every everyday act for this actor: open, or all that stands in its way."""
    return tuple(
        _act(Asked(definition, case, act, Command(act.name), actor, now, calendar, record))
        for act in definition.acts.values()
    )


def _act(asked: Asked) -> Option:
    act = asked.act
    found = judged(asked)
    missing = tuple(each for each in found.unmet if each.kind != "data")
    return Option(
        transition=act.name,
        label=act.label,
        target=found.target,
        allowed=not missing,
        unmet=missing,
        warnings=(),
        required=PARAMETERS.get(act.name, ()),
        optional=(),
        comment_required=act.comment == Demand.REQUIRED,
        is_act=True,
    )


def editable(definition: Definition, case: Case, actor: Actor, now: datetime) -> tuple[str, ...]:
    """The fields that the actor may write in the present state, in the order of the definition."""
    edit = definition.states[case.state].edit
    mine = frozenset().union(*(edit[role] for role in edit if post_for(definition, (role,), actor, case, now)))
    return tuple(name for name in definition.fields if name in mine)


def revealable(definition: Definition, case: Case, actor: Actor, now: datetime) -> frozenset[str]:
    """The personal fields that this actor may see whole, by a post that is held today."""
    return frozenset(
        field.name
        for field in definition.fields.values()
        if field.personal and field.seen_by and post_for(definition, field.seen_by, actor, case, now)
    )


def nothing_to_reveal(definition: Definition) -> Unmet:
    """That these personal data are not this actor's to see, and whose they are."""
    roles = dict.fromkeys(role for field in definition.fields.values() for role in field.seen_by)
    who = tuple(Helper(role, definition.roles[role].label) for role in roles)
    return Unmet("reveal", _NOT_TO_SEE, "role", who)


def unmet_of_letter(definition: Definition, case: Case, letter: str, now: datetime) -> tuple[Unmet, ...]:
    """The compulsory parts of a declared letter that this case does not hold yet, with who can supply them.

    What is said only when the letter is sent (that it was copied to others) is not missing until then.
    """
    declared = definition.letters.get(letter)
    steps = [step for step in definition.transitions.values() if step.letter == letter]
    if declared is None or not steps:
        return ()
    step = next((each for each in steps if case.state in each.sources), steps[0])
    unmet = failing(definition, case, step, declared.parts, (), now)
    return tuple(each for each in unmet if not _said_when_sent(definition, case, each, steps))


def _said_when_sent(definition: Definition, case: Case, unmet: Unmet, steps: list[Transition]) -> bool:
    when = definition.guards[unmet.name].when
    unsaid = {name for name in fields_of(when) if case.data.get(name) is None} if when else set()
    return all(_is_to_be_sent(case, step) and unsaid & {*step.required, *step.optional} for step in steps)


def _is_to_be_sent(case: Case, step: Transition) -> bool:
    """Whether a step that sends a letter is still to come: it may be taken now, or has not given the letter its number."""
    return case.state in step.sources or (step.number is not None and not case.data.get(step.number.field))


def _option(definition: Definition, case: Case, step: Transition, actor: Actor, now: datetime) -> Option:
    post, unmet = judge(definition, case, step, Command(step.name), actor, now)
    may_become = any(each.name == "if" and each.kind == "state" for each in unmet) and _may_become(case, step)
    with_it = tuple(each for each in unmet if _met_with_it(definition, case, each, step, now))
    missing = tuple(
        each
        for each in unmet
        if each not in with_it
        and not _typed_with_it(each, step)
        and not (may_become and (each.name, each.kind) == ("if", "state"))
    )
    return Option(
        transition=step.name,
        label=step.label,
        target=step.target,
        allowed=not missing,
        unmet=missing,
        warnings=tuple(failing(definition, case, step, step.warns, persons(actor, post), now)),
        required=step.required,
        optional=step.optional,
        comment_required=step.comment == Demand.REQUIRED,
        only_if=only_if(definition, step.name) if may_become else None,
        with_it=with_it,
    )


def _may_become(case: Case, step: Transition) -> bool:
    """Whether what is filled in with the step may make the case one that the step is for."""
    return step.when is not None and True in _what_it_may_be(step.when, case.data, step)


def _what_it_may_be(said: Condition, data: Data, step: Transition) -> set[bool]:
    """Whether a condition holds, or does not, or either, by what may be filled in with the step."""
    match said:
        case Not(of):
            return {not each for each in _what_it_may_be(of, data, step)}
        case AllOf(parts) | AnyOf(parts):
            each_of = [_what_it_may_be(each, data, step) for each in parts]
            decides = isinstance(said, AnyOf)  # one true part of `any` settles it, one false part of `all`
            otherwise = not decides
            found = {decides} if any(decides in each for each in each_of) else set()
            return found | ({otherwise} if all(otherwise in each for each in each_of) else set())
        case _:
            open_ones = {*fields_of(said)} & {*step.required, *step.optional}
            if isinstance(said, IsSet) and said.field in step.required:
                return {True}
            return {True, False} if open_ones else {said.holds(data)}


def _typed_with_it(unmet: Unmet, step: Transition) -> bool:
    return unmet.kind == "data" and unmet.name in {*step.required, *step.optional, "comment"}


def _met_with_it(definition: Definition, case: Case, unmet: Unmet, step: Transition, now: datetime) -> bool:
    """Whether a guard can be met by what is filled in with the step; a check of days says nothing before they are typed."""
    guard = definition.guards.get(unmet.name) if unmet.kind == "guard" else None
    if guard is None:
        return False
    if guard.when:
        return met_with_form(definition, guard.name, case, step)
    form = {*step.required, *step.optional}
    if form.isdisjoint(unmet.fields):
        return False
    return is_met(guard, case.with_data(dict.fromkeys(form)), (), now)


_NOT_TO_SEE = Text("个人信息只对办理的岗位完整显示", "personal data are shown whole only to those who work with them")
