"""Who can supply what a guard misses: in this state, or by the nearest step that leads to where somebody can."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from workflow.case import EDIT, SYSTEM, Case, Helper, RoleName, StateName, TransitionName
from workflow.checks import OF_PERSONS
from workflow.conditions import Condition, fields_of
from workflow.model import Definition, Transition

#: A definition is big and frozen; it is found again by its digest, so that the answers below can be kept.
_BY_DIGEST: dict[str, Definition] = {}


def who_can_meet(definition: Definition, guard: str, case: Case, transition: Transition) -> tuple[Helper, ...]:
    """Who can make this guard true for this case, by the fewest steps that lead there.

    A step that is not for data like this case's is no way, and what would clear a field helps only where it is filled in.
    """
    _BY_DIGEST.setdefault(definition.digest, definition)
    when = definition.guards[guard].when
    filled = frozenset(name for name in fields_of(when) if name in case.data) if when else frozenset()
    shut = frozenset(name for name, condition in _conditional(definition) if not condition.holds(case.data))
    return _who(definition.digest, guard, case.state, transition.name, filled, shut)


def _conditional(definition: Definition) -> Iterator[tuple[TransitionName, Condition]]:
    for step in definition.transitions.values():
        if step.when:
            yield step.name, step.when


@lru_cache(maxsize=4096)
def _who(
    digest: str,
    guard: str,
    state: StateName,
    transition: TransitionName,
    filled: frozenset[str],
    shut: frozenset[TransitionName],
) -> tuple[Helper, ...]:
    definition = _BY_DIGEST[digest]
    when = definition.guards[guard].when
    if definition.guards[guard].check in OF_PERSONS:  # another holder of the step's own roles can take it
        roles = definition.transitions[transition].roles.get(state, ())
        return tuple(_helper(definition, role, None, None) for role in roles if role != SYSTEM)
    if when is None:  # the calendar or the sub-cases decide, and nobody here
        return ()
    fields = frozenset(fields_of(when))
    for way_in, there in _outward(definition, state, guard, shut):
        steps = [step for step in definition.leaving[there] if guard not in step.guards and step.name not in shut]
        found = tuple(dict.fromkeys(_suppliers(definition, there, steps, fields, filled)))
        if found:
            here = there == state
            return tuple(
                _helper(definition, role, None if here else there, by if here else way_in) for role, by in found
            )
    return ()


def _helper(definition: Definition, role: RoleName, state: StateName | None, by: TransitionName | None) -> Helper:
    return Helper(role, definition.roles[role].label, state, by)


def _suppliers(
    definition: Definition,
    state: StateName,
    steps: Iterable[Transition],
    fields: frozenset[str],
    filled: frozenset[str],
) -> Iterator[tuple[RoleName, TransitionName | None]]:
    """Roles that may write one of the fields in this state, by editing or by a step whose form or effect writes it."""
    for role, editable in definition.states[state].edit.items():
        if fields & editable:
            yield role, EDIT
    for step in steps:
        written = {*step.required, *step.optional}
        written |= {each.field for each in step.sets if each.kind == "literal" and (each.value or each.field in filled)}
        if step.number:
            written.add(step.number.field)
        if fields & written:
            for role in step.roles.get(state, ()):
                if role != SYSTEM:
                    yield role, step.name


def _outward(
    definition: Definition, state: StateName, guard: str, shut: frozenset[TransitionName]
) -> Iterator[tuple[TransitionName | None, StateName]]:
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
                if guard not in step.guards and step.name not in shut and step.target not in seen:
                    seen.add(step.target)
                    onward.append((way_in or step.name, step.target))
        frontier = onward
