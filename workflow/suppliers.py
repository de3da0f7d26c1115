"""Who can supply what a guard misses: in this state, or by the nearest step that leads to where somebody can."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TypeVar, TypeVarTuple

from workflow.act import Demand
from workflow.case import EDIT, START, SYSTEM, Case, Data, Helper, RoleName, Scalar, StateName, TransitionName
from workflow.checks import OF_FIELDS, OF_PERSONS
from workflow.conditions import Condition, compared_in, fields_of
from workflow.lacking import demanded, lacking, wants_empty
from workflow.model import Definition, FieldType, Guard, Transition


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked of a definition here, gathered once: most of a warned step's time went into gathering it (measured)."""

    definition: Definition
    fields: Mapping[str, tuple[str, ...]]  # by guard: those that its condition looks at
    conditional: tuple[tuple[TransitionName, Condition], ...]  # the steps that are only for data like this
    decisive: tuple[str, ...]  # the fields that say which of them are open
    typed: frozenset[str]  # the fields that people write: by editing, or in the form of a step
    texts: frozenset[str]  # those of which only that they are filled in is kept: no words of a case
    comparing: frozenset[str]  # the guards that ask what such a text says: no answer of theirs is kept


Said = tuple[Scalar, ...]
More = TypeVarTuple("More")
T = TypeVar("T")

_WORDS = "…"

#: A definition is big and frozen; it is found again by its digest, so that the answers below can be kept.
_BY_DIGEST: dict[str, _Asked] = {}


def _kept(answer: Callable[[str, str, Said, *More], T]) -> Callable[[_Asked, str, Data, *More], T]:
    """The same, asked of a case's data, and kept by what they say in the fields that the guard looks at; of words, that there are some.

    Of a guard that compares words they are asked as they are, and nothing is kept.
    """
    memo = lru_cache(maxsize=4096)(answer)

    def kept(asked: _Asked, guard: str, data: Data, /, *more: *More) -> T:
        fields, texts = asked.fields[guard], asked.texts
        if guard in asked.comparing:
            return answer(asked.definition.digest, guard, tuple([data.get(name) for name in fields]), *more)
        said = tuple([_WORDS if name in texts and data.get(name) else data.get(name) for name in fields])
        return memo(asked.definition.digest, guard, said, *more)

    return kept


def who_can_meet(definition: Definition, guard: str, case: Case, transition: Transition) -> tuple[Helper, ...]:
    """Who can make this guard true for this case, by the fewest steps that lead there.

    A step that is not for data like this case's is no way, and what would clear a field helps only where it is filled in.
    """
    if definition.guards[guard].check in OF_PERSONS:  # another holder of the step's own roles can take it
        roles = transition.roles.get(case.state, ())
        return of_those_who_may(
            definition, case, transition, (_helper(definition, each, None, None) for each in roles if each != SYSTEM)
        )
    asked = _asked(definition)
    return _who(asked, guard, case.data, case.state, transition.name, _closed(asked, case))


def to_fill_in(definition: Definition, guard: str, case: Case) -> tuple[str, ...]:
    """The fields that people can fill in to make this guard true: what is empty, else what stands there wrong."""
    asked = _asked(definition)
    return _wanted(asked, guard, case.data) if asked.fields[guard] else ()


def who_can_write(
    definition: Definition, case: Case, field: str, refused: Transition | None = None
) -> tuple[Helper, ...]:
    """Who can write a field of this case, by the fewest steps that lead there: by typing it, else by a step that writes it.

    What the `refused` step writes by itself is had by typing alone: whoever takes that step is sent to no other like it.
    """
    shut = _closed(_asked(definition), case)
    here = frozenset(name for name in shut if case.state in definition.transitions[name].sources)
    for way in (_is_typed_with,) if refused and field in refused.writes else (_is_handed_on_by, _is_written_by):
        # Where no step that is for data like these writes it, one does that is for others: the data will change on the way.
        found = _writers(definition, case.state, field, way, shut) or _writers(definition, case.state, field, way, here)
        if found:
            return found
    return ()


def _is_typed_with(step: Transition, field: str) -> bool:
    return field in step.required or field in step.optional


def _is_handed_on_by(step: Transition, field: str) -> bool:
    """Whether it is typed with the step, or was typed for it: a step copies what was proposed."""
    return _is_typed_with(step, field) or any(each.field == field and each.kind == "copy" for each in step.sets)


def _is_written_by(step: Transition, field: str) -> bool:
    """Whether the step writes it in any way, but for clearing it."""
    emptied = (each.field for each in step.sets if each.kind == "literal" and each.value is None)
    return field in step.writes and field not in emptied


def _writers(
    definition: Definition,
    state: StateName,
    field: str,
    way: Callable[[Transition, str], bool],
    shut: frozenset[TransitionName],
) -> tuple[Helper, ...]:
    for way_in, there in _outward(definition, state, None, shut):
        edit = definition.states[there].edit
        found = [(role, EDIT) for role, mine in edit.items() if field in mine]
        found += [
            (role, step.name)
            for step in definition.leaving[there]
            if way(step, field) and step.name not in shut
            for role in step.roles.get(there, ())
            if role != SYSTEM
        ]
        if found:
            here = there == state
            helpers = (_helper(definition, role, None if here else there, by if here else way_in) for role, by in found)
            return tuple(dict.fromkeys(helpers))
    return ()


@_kept
def _wanted(digest: str, guard: str, said: Said) -> tuple[str, ...]:
    wanted = _missed(digest, guard, said)
    return tuple(name for name in _BY_DIGEST[digest].fields[guard] if name in wanted & _BY_DIGEST[digest].typed)


def _missed(digest: str, guard: str, said: Said) -> frozenset[str]:
    """The fields that a guard misses: what is empty and could make it true, else all that it looks at."""
    fields, when = _BY_DIGEST[digest].fields[guard], _BY_DIGEST[digest].definition.guards[guard].when
    data = dict(zip(fields, said, strict=True))
    if when is None:  # a check passes over what is empty: what it read, it read wrong
        return frozenset(name for name in fields if data[name] is not None)
    return lacking(when, data) or frozenset(fields)


def _asked(definition: Definition) -> _Asked:
    return _BY_DIGEST.get(definition.digest) or _BY_DIGEST.setdefault(definition.digest, _gathered(definition))


def _closed(asked: _Asked, case: Case) -> frozenset[TransitionName]:
    return _shut(asked.definition.digest, tuple(map(case.data.get, asked.decisive)))


def wanted_empty(definition: Definition, guards: Iterable[str], case: Case) -> frozenset[str]:
    """The fields that one of these guards wants empty: it is met, and would not be with one of them filled in."""
    asked = _asked(definition)
    return frozenset().union(*[_emptied(asked, each, case.data) for each in guards])


def met_with_form(definition: Definition, guard: str, case: Case, step: Transition) -> bool:
    """Whether the condition of a guard can be met by what is filled in with the step, where all else stays as it is.

    What the form must hold is said anew, whatever stands there.
    """
    form = step.required
    stays = {name: said for name, said in case.data.items() if name not in form} if form else case.data
    return _met_with_form(_asked(definition), guard, stays, step.name)


@_kept
def _met_with_form(digest: str, guard: str, said: Said, transition: TransitionName) -> bool:
    definition, fields = _BY_DIGEST[digest].definition, _BY_DIGEST[digest].fields[guard]
    step, when = definition.transitions[transition], definition.guards[guard].when
    data = dict(zip(fields, said, strict=True))
    return when is not None and lacking(when, data, {*step.required, *step.optional}) is not None


def demanded_by(definition: Definition, guard: str, case: Case) -> frozenset[str]:
    """The empty fields without which the condition of a guard cannot hold, whatever else is filled in."""
    return _demanded(_asked(definition), guard, case.data)


@_kept
def _demanded(digest: str, guard: str, said: Said) -> frozenset[str]:
    fields, when = _BY_DIGEST[digest].fields[guard], _BY_DIGEST[digest].definition.guards[guard].when
    return demanded(when, dict(zip(fields, said, strict=True))) if when else frozenset()


@_kept
def _emptied(digest: str, guard: str, said: Said) -> frozenset[str]:
    fields, when = _BY_DIGEST[digest].fields[guard], _BY_DIGEST[digest].definition.guards[guard].when
    data = dict(zip(fields, said, strict=True))
    return frozenset(name for name in fields if when and wants_empty(when, name, data))


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
    texts = frozenset(name for name, field in definition.fields.items() if field.type is FieldType.TEXT)
    return _Asked(
        definition,
        {name: _looked_at(definition, guard) for name, guard in definition.guards.items()},
        conditional,
        tuple(dict.fromkeys(name for _, when in conditional for name in fields_of(when))),
        frozenset[str]().union(
            *(fields for state in definition.states.values() for fields in state.edit.values()),
            *({*step.required, *step.optional} for step in definition.transitions.values()),
        ),
        texts,
        frozenset(
            name
            for name, guard in definition.guards.items()
            if guard.when and not texts.isdisjoint(compared_in(guard.when))
        ),
    )


def _looked_at(definition: Definition, guard: Guard) -> tuple[str, ...]:
    """The fields that a guard's condition or check reads."""
    if guard.when:
        return tuple(dict.fromkeys(fields_of(guard.when)))
    named = (name for key in guard.params if key in OF_FIELDS for name in guard.params[key])
    return tuple(name for name in named if "." not in name)  # what is another case's is not written here


@lru_cache(maxsize=4096)
def _shut(digest: str, said: tuple[Scalar, ...]) -> frozenset[TransitionName]:
    """The steps that are not for data which says this in the decisive fields."""
    asked = _BY_DIGEST[digest]
    data = dict(zip(asked.decisive, said, strict=True))
    return frozenset(name for name, when in asked.conditional if not when.holds(data))


@_kept
def _who(
    digest: str,
    guard: str,
    said: Said,
    state: StateName,
    transition: TransitionName,
    shut: frozenset[TransitionName],
) -> tuple[Helper, ...]:
    definition, wanted = _BY_DIGEST[digest].definition, _missed(digest, guard, said)
    fields = zip(_BY_DIGEST[digest].fields[guard], said, strict=True)
    filled = frozenset(name for name, value in fields if value is not None)
    own = tuple(_with_the_step_itself(definition.transitions.get(transition), state, wanted))
    if definition.guards[guard].when is None:
        # The calendar or the sub-cases decide, and nobody here; but what stands there wrong may be written right.
        edit = definition.states[state].edit
        able = (*((role, EDIT) for role, mine in edit.items() if wanted & mine), *own)
        return tuple(_helper(definition, role, None, by) for role, by in able)
    for way_in, there in _outward(definition, state, guard, shut):
        steps = [step for step in definition.leaving[there] if guard not in step.guards and step.name not in shut]
        here = there == state
        supplied = _suppliers(definition, there, steps, wanted, filled)
        found = tuple(dict.fromkeys((*supplied, *(own if here else ()))))
        if found:
            return tuple(
                _helper(definition, role, None if here else there, by if here else way_in) for role, by in found
            )
    return ()


def _with_the_step_itself(
    step: Transition | None, state: StateName, wanted: frozenset[str]
) -> Iterator[tuple[RoleName, TransitionName]]:
    """Who takes the step, where its own form holds what is wanted."""
    if step and wanted & {*step.required, *step.optional}:
        yield from ((role, step.name) for role in step.roles.get(state, ()) if role != SYSTEM)


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
    definition: Definition, state: StateName, guard: str | None, shut: frozenset[TransitionName]
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
