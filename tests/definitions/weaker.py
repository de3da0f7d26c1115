"""A definition that lacks one of its rules: without a guard, a part of a condition, a role, a part of a clock. A table must miss it.

Each comes with what it is about (a step, a guard, a state, a clock), under the name of what is gone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

from workflow.act import Demand
from workflow.case import TransitionName
from workflow.conditions import AllOf, AnyOf, Condition, Not, OneOf
from workflow.limit import Limit
from workflow.model import Anchor, DeadlineRule, Definition, Guard, Regime, Transition


def unmissed(
    definition: Definition,
    weaker: Callable[[Definition], Iterator[tuple[Any, ...]]],
    faults: Callable[[Definition, str], Iterator[str]],
) -> list[str]:
    """Every rule that can be taken away without a fault of the tables about it."""
    return [" ".join(name) for *name, less in weaker(definition) if next(faults(less, name[0]), None) is None]


def with_step(definition: Definition, changed: Transition) -> Definition:
    """The definition with another reading of one step."""
    transitions = {**definition.transitions, changed.name: changed}
    leaving = {state: tuple(t for t in transitions.values() if state in t.sources) for state in definition.states}
    return replace(
        definition, transitions=transitions, leaving=leaving, digest=f"{definition.digest}-{hash(changed.name)}"
    )


def weaker_steps(definition: Definition) -> Iterator[tuple[str, str, Definition]]:
    """Every definition in which one step lacks one of its rules: a guard, its condition, a role is taken by itself below."""
    for step in definition.transitions.values():
        for guard in step.guards:
            kept = tuple(each for each in step.guards if each != guard)
            yield step.name, guard, with_step(definition, replace(step, guards=kept))
        if step.when:
            yield step.name, "if", with_step(definition, replace(step, when=None))
        if step.when_blocked:
            yield step.name, "when_blocked", with_step(definition, replace(step, when_blocked=()))
        # That a day has come from which a clock counts is asked of whatever step it is typed with.
        if step.dated and step.dated not in {rule.anchor.date for rule in definition.deadlines.values() if rule.anchor}:
            yield step.name, "dated", with_step(definition, replace(step, dated=None))
        if step.letter:
            for part in definition.letters[step.letter].parts:
                letter = definition.letters[step.letter]
                shorter = replace(letter, parts=tuple(each for each in letter.parts if each != part))
                yield (
                    step.name,
                    f"{letter.name}: {part}",
                    replace(definition, letters={**definition.letters, letter.name: shorter}),
                )


def weaker_conditions(definition: Definition) -> Iterator[tuple[str, str, Definition]]:
    """Every definition in which a condition or check of a guard or a step, or a step's form, lacks one of its parts."""
    for guard in definition.guards.values():
        for part, less in _weaker_guard(guard):
            yield guard.name, part, replace(definition, guards={**definition.guards, guard.name: less})
    for step in definition.transitions.values():
        for part, when in _parts_less(step.when) if step.when else ():
            yield step.name, part, with_step(definition, replace(step, when=when))
        for name in step.required:
            kept = tuple(each for each in step.required if each != name)
            yield step.name, f"required {name}", with_step(definition, replace(step, required=kept))
        if step.comment == Demand.REQUIRED:
            yield step.name, "comment", with_step(definition, replace(step, comment=Demand.OPTIONAL))


def _weaker_guard(guard: Guard) -> Iterator[tuple[str, Guard]]:
    for part, when in _parts_less(guard.when) if guard.when else ():
        yield part, replace(guard, when=when)
    for param, values in guard.params.items():
        for value in values if len(values) > 1 else ():
            yield f"{param} {value}", replace(guard, params={**guard.params, param: [v for v in values if v != value]})
    if guard.needs and len(guard.needs.states) > 1:
        for state in guard.needs.states:
            kept = tuple(each for each in guard.needs.states if each != state)
            yield f"needs {state}", replace(guard, needs=replace(guard.needs, states=kept))


def _parts_less(condition: Condition) -> Iterator[tuple[str, Condition]]:
    """The condition without one of its parts, or one of the values that it lets hold."""
    match condition:
        case AllOf(of) | AnyOf(of):
            for place, part in enumerate(of):
                before, after = of[:place], of[place + 1 :]
                if before or after:
                    yield f"without {part}", type(condition)((*before, *after))
                for name, less in _parts_less(part):
                    yield name, type(condition)((*before, less, *after))
        case Not(of):
            yield from ((name, Not(less)) for name, less in _parts_less(of))
        case OneOf(field, values) if len(values) > 1:
            for value in values:
                yield f"{field} without {value}", OneOf(field, tuple(each for each in values if each != value))


def without_a_role(definition: Definition) -> Iterator[tuple[str, str, str, Definition]]:
    """Every definition in which, in one state, one role may no longer take one step."""
    for step in definition.transitions.values():
        for state, roles in step.roles.items():
            for role in roles:
                fewer = {**step.roles, state: tuple(each for each in roles if each != role)}
                yield state, step.name, role, with_step(definition, replace(step, roles=fewer))


def weaker_clocks(definition: Definition) -> Iterator[tuple[str, str, Definition]]:
    """Every definition in which one clock lacks one of its parts, or is not there."""
    for rule in definition.deadlines.values():
        others = {name: each for name, each in definition.deadlines.items() if name != rule.name}
        yield rule.name, "whole", replace(definition, deadlines=others)
        changes: dict[str, dict[str, Any]] = {"limit": _another_limit(rule)}
        if rule.applies:
            changes["applies"] = {"applies": None}
        # Where the data must be of that day or later, too, the first day of the law is said twice.
        if rule.since and f"day='{rule.since}'" not in str(rule.applies):
            changes["since"] = {"since": None}
        if rule.extend:
            shorter = replace(rule.extend.by, count=rule.extend.by.count - 1)
            changes["extend"] = {"extend": None}
            changes["extend by"] = {"extend": replace(rule.extend, by=shorter)}
            if rule.extend.count:
                changes["extend count"] = {"extend": replace(rule.extend, count=None)}
        for event in rule.restart:
            changes[f"restart {event}"] = {"restart": {name: on for name, on in rule.restart.items() if name != event}}
        for event in rule.done_by:
            changes[f"done by {event}"] = {"done_by": tuple(each for each in rule.done_by if each != event)}
        if rule.anchor and rule.anchor.date and not _says_its_own_day(definition, rule.anchor):
            changes["anchor date"] = {"anchor": replace(rule.anchor, date=None)}
        if rule.anchor and len(rule.anchor.events) > 1:
            for event in rule.anchor.events:
                fewer = tuple(each for each in rule.anchor.events if each != event)
                changes[f"anchor {event}"] = {"anchor": replace(rule.anchor, events=fewer)}
        for state in rule.runs_in:
            changes[f"in {state}"] = {"runs_in": tuple(each for each in rule.runs_in if each != state)}
        for state in rule.pauses_in:
            pauses = tuple(each for each in rule.pauses_in if each != state)
            changes[f"pauses in {state}"] = {"pauses_in": pauses}
            changes[f"counted in {state}"] = {"pauses_in": pauses, "runs_in": (*rule.runs_in, state)}
        if rule.regime_by:
            changes["regime by"] = {"regime_by": None}
        for law in rule.regimes:
            changes |= {f"{law.basis}: {part}": {"regimes": other} for part, other in _other_law(rule.regimes, law)}
        for step in rule.steps:
            changes[step.name] = {"steps": tuple(each for each in rule.steps if each != step)}
        for name, change in changes.items():
            yield rule.name, name, replace(definition, deadlines={**others, rule.name: replace(rule, **change)})


def _another_limit(rule: DeadlineRule) -> dict[str, Any]:
    """Another limit; where a field says how long, one day whatever it says."""
    if rule.limit_field:
        return {"limit_field": None, "limit": replace(rule.limit, count=1)}
    return {"limit": _longer(rule.limit)}


def _longer(limit: Limit) -> Limit:
    """A day more; of a day of the year, the day before it."""
    if limit.unit.is_yearly:
        return replace(limit, count=1231 if limit.count == 101 else limit.count - 1)
    return replace(limit, count=limit.count + 1)


def _other_law(regimes: tuple[Regime, ...], law: Regime) -> Iterator[tuple[str, tuple[Regime, ...]]]:
    """Another reading of one version of the law: none, another limit, another extension, in force a day longer."""

    def read(**change: Any) -> tuple[Regime, ...]:
        return tuple(replace(each, **change) if each == law else each for each in regimes)

    yield "whole", tuple(each for each in regimes if each != law)
    yield "limit", read(limit=_longer(law.limit))
    if law.extend:
        yield "extend", read(extend=None)
        yield "extend by", read(extend=replace(law.extend, count=law.extend.count - 1))
    if law.until:
        yield "until", read(until=law.until + timedelta(days=1))


def _says_its_own_day(definition: Definition, anchor: Anchor) -> bool:
    """Whether the steps that begin a clock are dated by the day from which it counts: then its rule says it twice."""
    steps = [definition.transitions.get(TransitionName(name)) for name in anchor.events]
    return all(step is not None and step.dated == anchor.date for step in steps)
