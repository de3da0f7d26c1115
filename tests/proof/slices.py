"""A large definition cut down to what can be held one by one: of all fields but a few nobody knows what they hold."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from workflow.case import TransitionName
from workflow.conditions import AllOf, AnyOf, Condition, Not, SameAs
from workflow.model import Assignment, Definition, Transition

#: What may be so or not: two fields that are filled in may hold the same, and a title is always filled in.
UNKNOWN = SameAs("title", "title")


def sliced(definition: Definition, kept: Collection[str]) -> Definition:
    """The definition with nothing known but these fields: its states and steps, and what is asked of these."""
    steps = {
        name: replace(step, when=_cut(step.when, kept), sets=tuple(_effect(each, kept) for each in step.sets))
        for name, step in definition.transitions.items()
    }
    return replace(
        _with(definition, steps),
        guards={name: replace(guard, when=_cut(guard.when, kept)) for name, guard in definition.guards.items()},
        never=tuple(replace(each, when=_cut(each.when, kept) or UNKNOWN) for each in definition.never),
        deadlines={},
        passes=(),
    )


def without_step(definition: Definition, name: TransitionName) -> Definition:
    """The definition without one of its steps."""
    return _with(definition, {each: step for each, step in definition.transitions.items() if each != name})


def _with(definition: Definition, steps: Mapping[TransitionName, Transition]) -> Definition:
    leaving = {
        state: tuple(steps[each.name] for each in said if each.name in steps)
        for state, said in definition.leaving.items()
    }
    return replace(definition, transitions=steps, leaving=leaving)


def _effect(said: Assignment, kept: Collection[str]) -> Assignment:
    return replace(said, choices=tuple((_cut(when, kept), _effect(then, kept)) for when, then in said.choices))


def _cut(said: Condition | None, kept: Collection[str]) -> Condition | None:
    return said and _known(said, kept)


def _known(said: Condition, kept: Collection[str]) -> Condition:
    match said:
        case Not(of):
            return Not(_known(of, kept))
        case AllOf(parts):
            return AllOf(tuple(_known(each, kept) for each in parts))
        case AnyOf(parts):
            return AnyOf(tuple(_known(each, kept) for each in parts))
        case SameAs(one, other):
            return said if one in kept and other in kept else UNKNOWN
        case _:
            return said if said.field in kept else UNKNOWN
