"""Who can supply what a guard misses: in this state, or by the nearest step that leads to where somebody can."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from workflow.case import EDIT, Helper, RoleName, StateName, TransitionName
from workflow.conditions import fields_of
from workflow.model import Definition, Transition

#: A definition is big and frozen; it is found again by its digest, so that the answers below can be kept.
_BY_DIGEST: dict[str, Definition] = {}


def who_can_meet(definition: Definition, guard: str, state: StateName, transition: Transition) -> tuple[Helper, ...]:
    """Who can make this guard true for a case in this state, nearest first by the number of steps that lead there."""
    _BY_DIGEST.setdefault(definition.digest, definition)
    return _who(definition.digest, guard, state, transition.name)


@lru_cache(maxsize=4096)
def _who(digest: str, guard: str, state: StateName, transition: TransitionName) -> tuple[Helper, ...]:
    definition = _BY_DIGEST[digest]
    when = definition.guards[guard].when
    if when is None:  # a check looks at persons: another holder of the step's own roles can take it
        roles = definition.transitions[transition].roles.get(state, ())
        return tuple(_helper(definition, role, None, None) for role in roles)
    fields = frozenset(fields_of(when))
    for way_in, there in _outward(definition, state, guard):
        found = tuple(dict.fromkeys(_suppliers(definition, there, fields, guard)))
        if found:
            here = there == state
            return tuple(
                _helper(definition, role, None if here else there, by if here else way_in) for role, by in found
            )
    return ()


def _helper(definition: Definition, role: RoleName, state: StateName | None, by: TransitionName | None) -> Helper:
    return Helper(role, definition.roles[role].label, state, by)


def _suppliers(
    definition: Definition, state: StateName, fields: frozenset[str], guard: str
) -> Iterator[tuple[RoleName, TransitionName | None]]:
    """Roles that may write one of the fields in this state, by editing or by a step whose form or effect writes it."""
    for role, editable in definition.states[state].edit.items():
        if fields & editable:
            yield role, EDIT
    for step in definition.leaving[state]:
        if guard in step.guards:
            continue
        written = {*step.required, *step.optional}
        written |= {each.field for each in step.sets if each.kind == "literal" and each.value not in (None, False)}
        if step.number:
            written.add(step.number.field)
        if fields & written:
            for role in step.roles.get(state, ()):
                yield role, step.name


def _outward(definition: Definition, state: StateName, guard: str) -> Iterator[tuple[TransitionName | None, StateName]]:
    """This state, then those reached without passing the guard, nearest first, each with the first step towards it."""
    seen = {state}
    frontier: list[tuple[TransitionName | None, StateName]] = [(None, state)]
    while frontier:
        yield from frontier
        onward: list[tuple[TransitionName | None, StateName]] = []
        for way_in, there in frontier:
            # A return made for this very fault is the way that a reader should be shown.
            steps = sorted(definition.leaving[there], key=lambda step: guard not in step.when_blocked)
            for step in steps:
                if guard not in step.guards and step.target not in seen:
                    seen.add(step.target)
                    onward.append((way_in or step.name, step.target))
        frontier = onward
