"""Who can supply what a guard misses: in this state, or by the nearest step that leads to where somebody can."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from workflow.act import Demand
from workflow.case import EDIT, START, SYSTEM, Case, Helper, RoleName, Scalar, StateName, TransitionName
from workflow.checks import OF_FIELDS, OF_PERSONS
from workflow.conditions import Condition, fields_of
from workflow.model import Definition, Guard, Transition


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked of a definition here, gathered once: most of a warned step's time went into gathering it (measured)."""

    definition: Definition
    fields: Mapping[str, tuple[str, ...]]  # by guard: those that its condition looks at
    conditional: tuple[tuple[TransitionName, Condition], ...]  # the steps that are only for data like this
    decisive: tuple[str, ...]  # the fields that say which of them are open


#: A definition is big and frozen; it is found again by its digest, so that the answers below can be kept.
_BY_DIGEST: dict[str, _Asked] = {}


def who_can_meet(definition: Definition, guard: str, case: Case, transition: Transition) -> tuple[Helper, ...]:
    """Who can make this guard true for this case, by the fewest steps that lead there.

    A step that is not for data like this case's is no way, and what would clear a field helps only where it is filled in.
    """
    if definition.guards[guard].check in OF_PERSONS:  # another holder of the step's own roles can take it
        roles = transition.roles.get(case.state, ())
        return of_those_who_may(
            definition, case, transition, (_helper(definition, each, None, None) for each in roles if each != SYSTEM)
        )
    asked = _BY_DIGEST.get(definition.digest) or _BY_DIGEST.setdefault(definition.digest, _gathered(definition))
    filled = frozenset([name for name in asked.fields[guard] if name in case.data])
    shut = _shut(definition.digest, tuple(map(case.data.get, asked.decisive)))
    return _who(definition.digest, guard, case.state, transition.name, filled, shut)


def of_those_who_may(
    definition: Definition, case: Case, step: Transition, helpers: Iterable[Helper]
) -> tuple[Helper, ...]:
    """These helpers, of the persons whom no check of the step keeps from it: whoever began the case, nobody who took part."""
    checks = [guard for name in step.guards if (guard := definition.guards[name]).check in OF_PERSONS]
    apart = {each for guard in checks for each in guard.params.get("apart_from", ())}
    took_part = {person for each in apart if each in case.trail for person in case.trail[TransitionName(each)].by}
    began = case.trail[START].by if START in case.trail and any(each.check == "author" for each in checks) else ()
    return tuple(replace(each, only=began, but=tuple(sorted(took_part))) for each in helpers)


def _gathered(definition: Definition) -> _Asked:
    conditional = tuple((step.name, step.when) for step in definition.transitions.values() if step.when)
    return _Asked(
        definition,
        {name: _looked_at(definition, guard) for name, guard in definition.guards.items()},
        conditional,
        tuple(dict.fromkeys(name for _, when in conditional for name in fields_of(when))),
    )


def _looked_at(definition: Definition, guard: Guard) -> tuple[str, ...]:
    """The fields that a guard's condition or check reads."""
    if guard.when:
        return tuple(fields_of(guard.when))
    return tuple(name for key in OF_FIELDS & guard.params.keys() for name in guard.params[key])


@lru_cache(maxsize=4096)
def _shut(digest: str, said: tuple[Scalar, ...]) -> frozenset[TransitionName]:
    """The steps that are not for data which says this in the decisive fields."""
    asked = _BY_DIGEST[digest]
    data = dict(zip(asked.decisive, said, strict=True))
    return frozenset(name for name, when in asked.conditional if not when.holds(data))


@lru_cache(maxsize=4096)
def _who(
    digest: str,
    guard: str,
    state: StateName,
    transition: TransitionName,
    filled: frozenset[str],
    shut: frozenset[TransitionName],
) -> tuple[Helper, ...]:
    definition = _BY_DIGEST[digest].definition
    fields = frozenset(_BY_DIGEST[digest].fields[guard])
    if definition.guards[guard].when is None:
        # The calendar or the sub-cases decide, and nobody here; but what stands there wrong may be written right.
        edit = definition.states[state].edit
        return tuple(_helper(definition, role, None, EDIT) for role, mine in edit.items() if fields & filled & mine)
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
        if breaks_off(definition, step):  # it ends what it would be a help for
            continue
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


def breaks_off(definition: Definition, step: Transition) -> bool:
    """Whether it leads, with a reason, from most of the states that are gone through on to one of its own."""
    open_states = [each for each in definition.states.values() if not each.final]
    order = [*definition.states]
    onward = all(order.index(step.target) > order.index(each) for each in step.sources)
    return onward and step.comment == Demand.REQUIRED and 2 * len(step.sources) >= len(open_states) > 3
