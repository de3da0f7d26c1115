"""What can happen to a case, as relations between sets of data: each act can be followed forward and back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass, replace
from functools import reduce
from typing import Protocol

from workflow.case import EDIT, IMPORT, START, RoleName, Scalar, StateName
from workflow.checks import edited_in
from workflow.conditions import AnyOf, IsSet, OneOf, fields_of
from workflow.judge import SYSTEM_ROLE, guards_of
from workflow.model import Assignment, Definition, FieldType, Opening, Transition
from workflow.prover.sets import ALL, NONE, Set, Space, Values
from workflow.prover.tellable import UNSET, Tellable, copies

#: Of a field with more values than this it is not followed which it was when what lapses on it is lost: it may be, or not.
#: With all followed, requests (22 outcomes) cost half as much again, and some that are like them are too large (measured).
MOST_FOLLOWED = 8
#: What it costs to write out the effects of a step for one more value of a field that they read, in branches (measured).
_SPLIT = 1000


class Act(Protocol):
    """One thing that happens to the data."""

    def after(self, space: Space, a: Set) -> Set:
        """All data that can come of these."""
        ...

    def before(self, space: Space, b: Set) -> Set:
        """All data from which these can come."""
        ...


@dataclass(frozen=True, slots=True)
class Only:
    """Nothing changes, and it happens only to data like this."""

    these: Set

    def after(self, space: Space, a: Set) -> Set:
        return space.both(a, self.these)

    def before(self, space: Space, b: Set) -> Set:
        return space.both(b, self.these)


@dataclass(frozen=True, slots=True)
class Put:
    """Each of these fields gets one of its values."""

    values: Values

    def after(self, space: Space, a: Set) -> Set:
        return space.put(a, self.values)

    def before(self, space: Space, b: Set) -> Set:
        return space.taken(b, self.values)


@dataclass(frozen=True, slots=True)
class Turned:
    """A field gets a value by what another holds, or by what it held itself: a copy, a sum."""

    source: int
    target: int
    becomes: tuple[tuple[int, ...], ...]  # for each value of the source, the values that the target may get

    def after(self, space: Space, a: Set) -> Set:
        found = NONE
        for value, given in enumerate(self.becomes):
            held = space.both(a, space.where(self.source, (value,)))
            found = space.either(found, space.put(held, ((self.target, given),)))
        return found

    def before(self, space: Space, b: Set) -> Set:
        found = NONE
        for value, given in enumerate(self.becomes):
            held = space.both(space.taken(b, ((self.target, given),)), space.where(self.source, (value,)))
            found = space.either(found, held)
        return found


@dataclass(frozen=True, slots=True)
class Maybe:
    """These acts happen, or nothing does."""

    acts: tuple[Act, ...]

    def after(self, space: Space, a: Set) -> Set:
        return space.either(a, after(space, self.acts, a))

    def before(self, space: Space, b: Set) -> Set:
        return space.either(b, before(space, self.acts, b))


@dataclass(frozen=True, slots=True)
class Chosen:
    """The first of several that applies to the data happens."""

    branches: tuple[tuple[Set, tuple[Act, ...]], ...]

    def after(self, space: Space, a: Set) -> Set:
        return reduce(space.either, (after(space, acts, space.both(a, these)) for these, acts in self.branches), NONE)

    def before(self, space: Space, b: Set) -> Set:
        return reduce(space.either, (space.both(before(space, acts, b), these) for these, acts in self.branches), NONE)


def after(space: Space, acts: Iterable[Act], a: Set) -> Set:
    """All data that can come of these by all the acts, one after the other."""
    for each in acts:
        space.spend(1)
        if a == NONE:
            break
        a = each.after(space, a)
    return a


def before(space: Space, acts: tuple[Act, ...], b: Set) -> Set:
    """All data from which these can come by all the acts, one after the other."""
    for each in reversed(acts):
        space.spend(1)
        if b == NONE:
            break
        b = each.before(space, b)
    return b


@dataclass(frozen=True, slots=True)
class Move:
    """A way from one state to the next: a step, an edit, or how a case begins (then `source` is None)."""

    name: str
    source: StateName | None
    target: StateName
    roles: tuple[RoleName, ...]
    written: tuple[Act, ...]  # what people type
    follows: tuple[Act, ...] = ()  # what it must be for the step to be taken, and what the step does by itself

    @property
    def acts(self) -> tuple[Act, ...]:
        """Everything that happens, in order."""
        return (*self.written, *self.follows)


class Moves:
    """Everything that can happen to a case of this definition."""

    def __init__(self, tellable: Tellable, openings: Iterable[Opening] = ()) -> None:
        self._tellable = tellable
        self._space = tellable.space
        self._definition = tellable.definition
        self.beginnings = tuple(self._beginnings(openings))
        self.all = tuple(self._moves())
        self.excuses = frozenset(_excuses(self._definition))

    def without(self, step: str) -> Moves:
        """The same but for one step."""
        fewer = copy(self)
        fewer.all = tuple(move for move in self.all if move.name != step)
        return fewer

    def form_of(self, move: Move) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The fields that people can write with a move, and which of them they must."""
        step = self._definition.transitions.get(move.name)  # type: ignore[call-overload]
        if step:
            return (*step.required, *step.optional), step.required
        edit = self._definition.states[move.source].edit if move.source else {}
        return tuple({name for fields in edit.values() for name in fields}), ()

    def keeping(self, move: Move, free: Collection[str] = (), unsaid: Collection[str] = ()) -> Move:
        """The same move by people who leave what is filled in as it is, save these fields, and say nothing in others."""
        names, required = self.form_of(move)
        said = [each for each in names if each not in unsaid]
        return replace(move, written=tuple(self._typed(said, required, {*said} - {*free})))

    def taken_by_itself(self, step: Transition, state: StateName) -> Move:
        """The step as the system takes it: nobody types anything with it."""
        return Move(str(step.name), state, step.target, (SYSTEM_ROLE,), (), self._follows(step, (SYSTEM_ROLE,)))

    def called_for(self, step: Transition) -> Set:
        """All data for which the step is there at all, whoever takes it."""
        blocked = ALL
        if step.when_blocked:
            blocked = self._space.without(ALL, self._met(step.when_blocked, certain=True))
        return self._space.both(self._tellable.may(step.when), blocked)

    def open_by_data(self, step: Transition) -> Set:
        """All data for which no condition stands in the way of the step; named checks and sub-cases are not judged."""
        guards = [name for name in guards_of(self._definition, step) if self._definition.guards[name].when]
        return self._space.both(self._tellable.must(step.when), self._met(guards, certain=True))

    def begun_by(self, opening: Opening) -> Move:
        """How a case begins as a sub-case: what comes from another case may be anything, but for what is written out."""
        known = self._tellable.values
        given = {"title": known["title"].filled} if "title" in known else {}  # its own or its parent's
        for each in opening.sets:
            if each.field in known and each.kind == "literal":
                given.update([self._literal(each.field, each.value)])
            elif each.field in known and each.field != "title":
                given[each.field] = (UNSET, *known[each.field].filled)
        return Move(START, None, self._definition.initial, (SYSTEM_ROLE,), (self._blank(), self._put(given.items())))

    def _blank(self) -> Put:
        return Put(tuple((place, (UNSET,)) for place in range(len(self._space.sizes))))

    def _beginnings(self, openings: Iterable[Opening]) -> Iterator[Move]:
        definition, blank = self._definition, self._blank()
        initial = definition.states[definition.initial]
        names = {name for fields in initial.edit.values() for name in fields}
        if initial.edit:
            yield Move(
                START, None, definition.initial, tuple(initial.edit), (blank, self._put(self._given(names).items()))
            )
        yield from (self.begun_by(each) for each in openings)
        if definition.intake:
            intake = definition.intake
            sets = [self._literal(name, value) for name, value in intake.sets.items() if name in self._tellable.values]
            written = self._given({*intake.columns} - {*intake.sets}, {*intake.required})
            acts = (blank, self._put(written.items()), self._put(sets))
            yield Move(IMPORT, None, intake.state, (), acts)

    def _moves(self) -> Iterator[Move]:
        for state in self._definition.states.values():
            edited = {name for fields in state.edit.values() for name in fields}
            if edited:
                marked = tuple(self._marked(edited_in(state.name)))
                yield Move(EDIT, state.name, state.name, tuple(state.edit), tuple(self._typed(edited)), marked)
            for step in self._definition.leaving[state.name]:
                roles = step.roles.get(state.name, ())
                if roles:
                    # With a step that another case moves comes what that one says: it may be anything.
                    follows = self._follows(step, roles)
                    yield Move(str(step.name), state.name, step.target, roles, self._form(step), follows)

    def _form(self, step: Transition) -> tuple[Act, ...]:
        return tuple(self._typed({*step.required, *step.optional}, {*step.required}))

    def _follows(self, step: Transition, roles: Collection[RoleName]) -> tuple[Act, ...]:
        guards = guards_of(self._definition, step)
        return (
            Only(self._space.both(self.called_for(step), self._met(guards, certain=False))),
            *self._effects(step),
            *self._marked(step.name, guards, roles),
        )

    def _marked(self, name: str, guards: Iterable[str] = (), roles: Collection[RoleName] = ()) -> Iterator[Act]:
        """What the step does to the passages: it is one that must have been taken, or one after which it must be taken anew."""
        checks = [self._definition.guards[each] for each in guards]
        apart = {each for guard in checks if guard.check == "four_eyes" for each in guard.params["apart_from"]}
        marks = self._tellable.marks.items()
        anew = [mark for said, mark in marks if name in (*said.since, *said.apart_from)]
        through = [said for said, mark in marks if name in said.through and mark not in anew]
        passed = [said for said in through if apart.issuperset(said.apart_from)]
        # The system is nobody: what it takes, no other person has taken.
        by_person = [self._tellable.marks[said] for said in passed if said.apart_from and SYSTEM_ROLE in roles]
        by_anybody = [mark for said in passed if (mark := self._tellable.marks[said]) not in by_person]
        if by_person and {*roles} != {SYSTEM_ROLE}:
            yield Maybe((Put(tuple((mark, (1,)) for mark in sorted(by_person))),))
        values = ((mark, (value,)) for fresh, value in ((by_anybody, 1), (anew, 0)) for mark in fresh)
        if by_anybody or anew:
            yield Put(tuple(sorted(values)))

    def _met(self, guards: Iterable[str], certain: bool) -> Set:
        found = ALL
        for name in guards:
            guard = self._definition.guards[name]
            if guard.when is None:
                one = NONE if certain else ALL  # a named check, or sub-cases: either
            else:
                one = self._tellable.must(guard.when) if certain else self._tellable.may(guard.when)
            found = self._space.both(found, one)
        return found

    def _typed(self, names: Iterable[str], required: Collection[str] = (), kept: Collection[str] = ()) -> Iterator[Act]:
        """Whatever may be written at once. What lapses on it is lost when it changes, unless it could be written too.

        What is `kept` is only filled in where it is empty.
        """
        known, place, wanted = self._tellable.values, self._tellable.place, {*names}
        given = self._given(wanted, required)
        lost = {
            each: acts for each in self._definition.fields if each in wanted and (acts := (*self._lost(each, wanted),))
        }
        # What nothing hangs on comes first: the diagrams are smaller without it.
        exact = [name for name in lost if name in given and len(known[name].kinds) <= MOST_FOLLOWED]
        if free := [(name, values) for name, values in given.items() if name not in exact and name not in kept]:
            yield self._put(free)
        for name in (each for each in self._definition.fields if each in given and each in kept):
            yield from self._filled_in(name, given[name], lost.get(name, ()))
        for name, acts in lost.items():
            if name in kept and (name in given or name not in required):
                continue
            if name not in exact:  # other words, or the same
                yield Maybe(acts)
                continue
            values = given[name]
            others = (
                tuple(value for value in values if value != old or known[name].may_differ(value))
                for old in range(len(known[name].kinds))
            )
            yield Maybe((*acts, Turned(place[name], place[name], tuple(others))))
            if UNSET not in values:
                yield Only(self._space.where(place[name], values))

    def _filled_in(self, name: str, values: tuple[int, ...], lost: tuple[Act, ...]) -> Iterator[Act]:
        """A field that may be written while it is empty; where it must be filled in, it is."""
        place = self._tellable.place[name]
        filled = tuple(each for each in values if each != UNSET)
        yield Maybe((Only(self._space.where(place, (UNSET,))), *lost, Put(((place, filled),))))
        if UNSET not in values:
            yield Only(self._space.where(place, filled))

    def _given(self, names: Iterable[str], required: Iterable[str] = ()) -> dict[str, tuple[int, ...]]:
        """What each of these fields may be written to be."""
        known = self._tellable.values
        return {
            name: (*(() if name in {*required, "title"} else (UNSET,)), *self._tellable.typed(name))
            for name in {*names} & known.keys()
        }

    def _lost(self, changed: str, wanted: Collection[str]) -> Iterator[Act]:
        """What lapses when this field changes, and what lapses with that; who hangs on another comes before it."""
        space, known = self._space, self._tellable.values
        may, must = {changed: ALL}, {changed: ALL}  # of each that changes, the data with which it may and must
        for each in self._definition.lapsing:
            if each.name in wanted or may.keys().isdisjoint(each.lapses_on):
                continue
            filled = self._tellable.filled(each.name)
            may[each.name] = space.both(filled, self._any(may[on] for on in each.lapses_on if on in may))
            must[each.name] = space.both(filled, self._any(must[on] for on in each.lapses_on if on in must))
            if each.name not in known:
                must[each.name] = NONE
        lost = [
            each
            for each in self._definition.lapsing
            if each.name in may and each.name in known and each.name != changed
        ]
        for field in reversed([each for each in lost if changed not in each.lapses_on]):
            gone = self._put([(field.name, (UNSET,))])
            perhaps = space.without(may[field.name], must[field.name])
            rest = space.without(ALL, may[field.name])
            yield Chosen(((must[field.name], (gone,)), (perhaps, (Maybe((gone,)),)), (rest, ())))
        if at_once := [(each.name, (UNSET,)) for each in lost if changed in each.lapses_on]:
            yield self._put(at_once)

    def _any(self, sets: Iterable[Set]) -> Set:
        return reduce(self._space.either, sets, NONE)

    def _effects(self, step: Transition) -> Iterator[Act]:
        """What the step writes by itself, then the number that is drawn for it."""
        known = self._tellable.values
        yield from self._sets([each for each in step.sets if each.field in known])
        if step.number and step.number.field in known:
            yield self._put([(step.number.field, known[step.number.field].filled)])

    def _sets(self, left: list[Assignment], was: Mapping[str, int] | None = None) -> Iterator[Act]:
        """Every effect reads what stood before all of them: who reads a field comes before who writes it.

        Of two that read each other, it is gone through all that the field of one of them was.
        """
        was = was or {}
        while left:
            ready = [
                each
                for each in left
                if each.field in was or not any(each.field in _reads(other) for other in left if other is not each)
            ]
            if not ready:
                field = left[0].field
                place, size = self._tellable.place[field], len(self._tellable.values[field].kinds)
                self._space.spend(_SPLIT * size)
                yield Chosen(
                    tuple(
                        (self._space.where(place, (value,)), tuple(self._sets(left, {**was, field: value})))
                        for value in range(size)
                    )
                )
                return
            # What is written whatever the data comes first: the diagrams are smaller without it.
            turned = [(each, self._turned(each, was)) for each in ready]
            if plain := [self._written(each) for each, act in turned if not act]:
                yield self._put(plain)
            yield from (act for _, act in turned if act)
            left = [each for each in left if each not in ready]

    def _turned(self, said: Assignment, was: Mapping[str, int]) -> Act | None:
        """The effect, where what it writes hangs on the data; of some fields it is known what they were."""
        known, place = self._tellable.values, self._tellable.place
        values = known[said.field]
        becomes: tuple[tuple[int, ...], ...]
        match said.kind:
            case "copy" if str(said.value) in known:
                source = known[str(said.value)]
                becomes = tuple((values.of(each),) for each in source.samples)
                if str(said.value) in was:
                    return self._put([(said.field, becomes[was[str(said.value)]])])
                if said.value == said.field:
                    return Only(
                        ALL
                    )  # as it was: gone through value by value it cost more than all else of a step (measured)
                return Turned(place[str(said.value)], place[said.field], becomes)
            case "add":
                becomes = tuple(values.grown(n, int(said.value or 0)) for n in range(len(values.kinds)))
                return Turned(place[said.field], place[said.field], becomes)
            case "choose":
                return self._chosen(said, was)
            case _:
                return None

    def _written(self, said: Assignment) -> tuple[str, tuple[int, ...]]:
        """The effect, where it writes the same whatever the data."""
        filled = self._tellable.values[said.field].filled
        match said.kind:
            case "literal":
                return self._literal(said.field, said.value)
            case "today" | "actor" | "due":
                return said.field, filled
            case _:  # a copy of what is of no matter, latest, tariff: filled in or not
                return said.field, (UNSET, *filled)

    def _chosen(self, said: Assignment, was: Mapping[str, int]) -> Chosen:
        then_was = tuple(sorted((self._tellable.place[name], (value,)) for name, value in was.items()))
        rest, branches = ALL, []
        for when, then in said.choices:
            may, must = (self._space.taken(each(when), then_was) for each in (self._tellable.may, self._tellable.must))
            branches.append(
                (self._space.both(rest, may), (self._turned(then, was) or self._put([self._written(then)]),))
            )
            rest = self._space.without(rest, must)
        return Chosen((*branches, (rest, (self._put([(said.field, (UNSET,))]),))))

    def _literal(self, name: str, value: Scalar) -> tuple[str, tuple[int, ...]]:
        return name, (self._tellable.values[name].of(value),)

    def _put(self, given: Iterable[tuple[str, tuple[int, ...]]]) -> Put:
        return Put(tuple(sorted((self._tellable.place[name], tuple(sorted(values))) for name, values in given)))


def _excuses(definition: Definition) -> Iterator[str]:
    """The texts that are written instead of what a step does: why there is nothing that it could be done for."""
    states, steps = definition.states.values(), definition.transitions.values()
    typed = {name for state in states for fields in state.edit.values() for name in fields}
    typed |= {name for step in steps for name in (*step.required, *step.optional)}
    done = {each.field for step in steps for each in step.sets if each.kind == "literal" and each.value is True}
    for guard in definition.guards.values():
        ways = guard.when.of if isinstance(guard.when, AnyOf) else ()
        if any(isinstance(each, OneOf) and each.values == (True,) and each.field in done - typed for each in ways):
            texts = (each.field for each in ways if isinstance(each, IsSet))
            yield from (name for name in texts if definition.fields[name].type is FieldType.TEXT)


def _reads(said: Assignment) -> set[str]:
    found = {source for source, _ in copies(said)}
    for when, then in said.choices:
        found |= {*(fields_of(when) if when else ()), *_reads(then)}
    return found


def openings_of(definition: Definition, others: Iterable[Definition]) -> tuple[Opening, ...]:
    """Every way in which another case, or one of its own kind, begins a case of this kind."""
    return tuple(_openings(definition, [each for each in others if each.id != definition.id]))


def _openings(definition: Definition, others: Iterable[Definition]) -> Iterator[Opening]:
    for other in (definition, *others):
        for step in other.transitions.values():
            if step.opens and other.children[step.opens.child].kind == definition.id:
                yield step.opens
