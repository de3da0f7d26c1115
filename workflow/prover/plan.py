"""The best way from where a case stands to where it should be: who must do what, with what; or why there is no way.

It is looked for in the same sets of data in which a definition is proved: no way is shorter that hangs less on others (`whose`),
of those that leave all that the case states as it is (`stated`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property, partial

from workflow.act import Demand
from workflow.case import Case, RoleName, Scalar, StateName
from workflow.judge import SYSTEM_ROLE, guards_of
from workflow.model import DeadlineRule, FieldType, Guard, Transition
from workflow.prover.barred import Barred, NoWay, as_it_is_stated
from workflow.prover.best import Rings, Search
from workflow.prover.faults import Proof
from workflow.prover.moves import Move, after, before
from workflow.prover.sets import ALL, NONE, Set, TooLarge
from workflow.prover.stated import Taken, Ways, ways
from workflow.prover.tellable import UNSET
from workflow.prover.whose import COST, Around, Choice, around, asks_for_nothing, whose
from workflow.text import Text
from workflow.words import step_label


@dataclass(frozen=True, slots=True)
class Written:
    """A field to be filled in, emptied or changed, with a value that will do; `any_value`: whatever it is; `example`: others will do too.

    Where the way hangs on what is decided there, `among` holds all that leads along it: another value leads elsewhere.
    """

    name: str
    value: Scalar
    any_value: bool
    example: bool = False
    among: tuple[Scalar, ...] = ()


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of the way: what is to be done in `source`, by which roles, with what, and what else must be so."""

    name: str
    label: Text
    source: StateName
    target: StateName
    roles: tuple[RoleName, ...]
    writes: tuple[Written, ...]
    comment: bool  # whether it must be given a reason
    besides: tuple[Guard, ...]  # what is not in the data: other people, other cases, the day
    clocks: tuple[DeadlineRule, ...]  # those that run in `source`
    automatic: bool  # the system takes it by itself
    choice: Choice  # whose it is
    records: str | None  # the day that is typed with it, of what has happened by then


class Planner:
    """The ways through one definition."""

    def __init__(self, proof: Proof) -> None:
        self._proof = proof
        self._definition = proof.definition
        self._space = proof.space
        self._ways = ways(proof.moves)
        self._rings: dict[tuple[StateName, frozenset[str], Around], Rings] = {}
        self._choices: dict[Around, Mapping[tuple[str, StateName | None], Choice]] = {}

    def plan(self, case: Case, to: StateName, taken_along: frozenset[str] = frozenset()) -> tuple[Stage, ...] | NoWay:
        """The stages of the best way to a state, or that there is none. A case that is there has no stage before it.

        `taken_along`: the steps that it takes when an open case takes one.
        """
        here, spent = self._proof.tellable.point(case), self._spent(case)
        asked = _Asked(case, here, to, spent, around(self._definition, case, taken_along=taken_along))
        found = self._best(asked, self._ways)
        if found is not None:
            return tuple(stage for stage, _ in found)
        if self.leads(case, to):
            return self._stated(asked)
        free = self._towards(to, frozenset(), asked.around)
        if spent and (far := self._distance(free, case.state, here)) is not None:
            again = replace(asked, spent=frozenset())
            return self._once_only(case, [stage for stage, _ in self._stages(again, self._freely, free, far)], to)
        return Barred(self._proof, case, here, to, spent).why()

    def _best(self, asked: _Asked, these: Ways) -> list[tuple[Stage, Taken]] | None:
        far = self._towards(asked.to, asked.spent, asked.around)
        cost = partial(self._cost, asked)
        rings = Search(self._space, these, cost, far).best(asked.case.state, asked.here, asked.to)
        return [*self._stages(asked, these, rings, max(rings))] if rings else None

    @cached_property
    def _freely(self) -> Ways:
        """The ways of people who may write whatever they like."""
        taken = [Taken(each) for each in self._proof.moves.all]
        out = {state: [each for each in taken if each.move.source == state] for state in self._definition.states}
        into = {state: [each for each in taken if each.move.target == state] for state in self._definition.states}
        return Ways(out, into)

    def _stated(self, asked: _Asked) -> NoWay:
        """What bars a way that would be there if something were not stated as it is."""
        stated = [name for name in self._proof.tellable.values if asked.case.data.get(name) is not None]
        changed = list[str]()
        with suppress(TooLarge):
            way = self._best(asked, ways(self._proof.moves, stated)) or ()
            changed = [*dict.fromkeys(taken.changes for _, taken in way if taken.changes)]
        return as_it_is_stated(self._definition, asked.case, asked.to, changed or stated)

    def _spent(self, case: Case) -> frozenset[str]:
        """The steps that can be taken once, and were."""
        return frozenset(
            str(step.name)
            for step in self._definition.transitions.values()
            if any(not case.trail.keys().isdisjoint(each) for each in self._once(step))
        )

    def _opened(self, steps: Collection[str]) -> frozenset[str]:
        """The names of the sub-cases that these steps open."""
        found = (
            step.opens.child for step in self._definition.transitions.values() if step.opens and step.name in steps
        )
        return frozenset(found)

    def _once(self, step: Transition) -> Iterator[tuple[str, ...]]:
        for guard in (self._definition.guards[name] for name in guards_of(self._definition, step)):
            if guard.check == "first_time":
                yield guard.params["steps"]

    def _once_only(self, case: Case, stages: list[Stage], to: StateName) -> NoWay:
        step = next(
            step
            for each in stages
            if (step := self._definition.transitions.get(each.name))  # type: ignore[call-overload]
            and step.name in self._spent(case)
        )
        text = _ONCE.filled(state=self._definition.states[to].label, step=step.label)
        return NoWay(text)

    def leads(self, case: Case, to: StateName) -> bool:
        """Whether anything leads from the case to a state."""
        here = self._proof.tellable.point(case)
        rings = self._towards(to, self._spent(case), around(self._definition, case))
        return self._distance(rings, case.state, here) is not None

    def _choice(self, move: Move, others: Around) -> Choice:
        if others not in self._choices:
            moves = self._proof.moves.all
            self._choices[others] = {(each.name, each.source): whose(self._definition, each, others) for each in moves}
        return self._choices[others][move.name, move.source]

    def _cost(self, asked: _Asked, way: Taken) -> int | None:
        return None if way.move.name in asked.spent else COST[self._choice(way.move, asked.around)] + way.more

    def _distance(self, rings: Rings, state: StateName, here: Set) -> int | None:
        return next((n for n, ring in rings.items() if self._space.both(ring.get(state, NONE), here)), None)

    def _stages(self, asked: _Asked, these: Ways, rings: Rings, distance: int) -> Iterator[tuple[Stage, Taken]]:
        case, state, here = asked.case, asked.case.state, asked.here
        taken, stages = {str(each) for each in case.trail}, list[str]()
        while distance:
            way, nearer = self._next(asked, these, rings, distance, state, here)
            move, goal = way.move, rings[nearer][way.move.target]
            able = self._space.both(after(self._space, move.written, here), before(self._space, move.follows, goal))
            typed = self._nearest(able, here)
            others = around(self._definition, case, self._opened(stages), asked.around.taken_along)
            yield self._stage(move, state, here, typed, able, taken, others), way
            taken.add(move.name)
            stages.append(move.name)
            come = self._space.both(after(self._space, move.follows, typed), goal)
            state, here, distance = move.target, self._nearest(come, typed), nearer

    def _next(
        self, asked: _Asked, these: Ways, rings: Rings, distance: int, state: StateName, here: Set
    ) -> tuple[Taken, int]:
        """The next move, and how far it is from where it leads."""
        for way in these.out[state]:
            cost = self._cost(asked, way)
            goal = NONE if cost is None else rings.get(distance - cost, {}).get(way.move.target, NONE)
            if cost is not None and goal and self._space.both(after(self._space, way.move.acts, here), goal):
                return way, distance - cost
        raise AssertionError("each ring leads to one nearer to the goal")

    def _stage(
        self, move: Move, state: StateName, here: Set, typed: Set, able: Set, taken: set[str], others: Around
    ) -> Stage:
        step = self._definition.transitions.get(move.name)  # type: ignore[call-overload]
        besides = [self._definition.guards[name] for name in guards_of(self._definition, step)] if step else []
        people = tuple(role for role in move.roles if role != SYSTEM_ROLE)
        return Stage(
            name=move.name,
            label=step_label(self._definition, move.name),
            source=state,
            target=move.target,
            roles=people,
            writes=tuple(self._writes(step, move, here, typed, able)),
            comment=bool(step) and step.comment == Demand.REQUIRED,
            besides=tuple(
                guard for guard in besides if guard.when is None and not asks_for_nothing(guard, others.idle)
            ),
            clocks=tuple(
                rule
                for rule in self._definition.clocks_in[state]
                if state in rule.runs_in
                and _begun(rule, taken)
                and self._space.both(here, self._proof.tellable.may(rule.applies))
            ),
            automatic=not people or bool(step and step.auto),
            choice=self._choice(move, others),
            records=step.dated if step and people and step.dated in (*step.required, *step.optional) else None,
        )

    def _writes(self, step: Transition | None, move: Move, here: Set, typed: Set, able: Set) -> Iterator[Written]:
        form = {*self._proof.moves.form_of(move)[0]}
        old, new = self._space.some(here) or {}, self._space.some(typed) or {}
        values, place = self._proof.tellable.values, self._proof.tellable.place
        written = {*(step.required if step else ())}
        written |= {each for each in form & values.keys() if old.get(place[each], UNSET) != new.get(place[each], UNSET)}
        # What lapses with what is written is of the new text only if it is written too.
        for field in self._definition.lapsing:
            if field.name in form & values.keys() and new.get(place[field.name]) and written & {*field.lapses_on}:
                written.add(field.name)
        for name in (each for each in self._definition.fields if each in written):
            told = values.get(name)
            value = new.get(place[name], UNSET) if told else UNSET
            if told and value != UNSET:
                lead = [
                    each
                    for each in told.filled
                    if each == value or self._space.both(able, self._space.where(place[name], (each,))) != NONE
                ]
                others = len(told.kinds[value]) > 1 or len(lead) > 1
                among = (
                    [each for kind in lead for each in told.kinds[kind]] if self._hangs(name, lead, move, here) else []
                )
                yield Written(name, told.samples[value], len(told.filled) == 1, others, tuple(among))
            else:
                yield Written(name, None, told is None)

    def _hangs(self, name: str, lead: Collection[int], move: Move, here: Set) -> bool:
        """Whether something else may be decided there, which leads elsewhere; a yes that the step demands is no decision."""
        tellable, kind = self._proof.tellable, self._definition.fields[name].type
        others = [each for each in tellable.typed(name) if each not in lead]
        if kind is not FieldType.BOOL or not others:
            return kind is FieldType.ENUM and bool(others)
        otherwise = self._space.where(tellable.place[name], others)
        written = self._space.both(after(self._space, move.written, here), otherwise)
        return after(self._space, move.follows, written) != NONE

    def _nearest(self, come: Set, here: Set) -> Set:
        """One of these that differs from where we are in as few fields as can be had one after the other."""
        old = self._space.some(here) or {}
        for place in range(len(self._space.sizes)):
            kept = self._space.both(come, self._space.where(place, (old.get(place, 0),)))
            if kept == NONE:
                values = (
                    self._space.both(come, self._space.where(place, (v,))) for v in range(self._space.sizes[place])
                )
                kept = next(each for each in values if each != NONE)
            come = kept
        return come

    def _towards(self, to: StateName, spent: frozenset[str], others: Around) -> Rings:
        """Every (state, data) by how far it is to a state in which nothing forbidden is true, without the steps that are spent."""
        known = self._rings.get((to, spent, others))
        if known is None:
            known = self._rings[to, spent, others] = self._found(to, spent, others)
        return known

    def _found(self, to: StateName, spent: frozenset[str], others: Around) -> Rings:
        forbidden = self._proof.forbidden()
        seen: dict[StateName, Set] = {}
        rings: dict[int, dict[StateName, Set]] = {}
        waiting: dict[int, dict[StateName, Set]] = {0: {to: ALL}}
        while waiting:
            distance = min(waiting)
            fresh: dict[StateName, Set] = {}
            for state, these in waiting.pop(distance).items():
                barred = self._space.either(seen.get(state, NONE), forbidden.get(state, NONE))
                left = self._space.without(these, barred)
                if left != NONE:
                    fresh[state] = left
                    seen[state] = self._space.either(seen.get(state, NONE), left)
            if fresh:
                rings[distance] = fresh
            for state, these in fresh.items():
                for move in self._proof.reach.into[state]:
                    if move.source and move.name not in spent:
                        further = waiting.setdefault(distance + COST[self._choice(move, others)], {})
                        come = before(self._space, move.acts, these)
                        further[move.source] = self._space.either(further.get(move.source, NONE), come)
        return rings


@dataclass(frozen=True, slots=True)
class _Asked:
    """From which case to where, without which steps, and how the cases around it stand."""

    case: Case
    here: Set
    to: StateName
    spent: frozenset[str]
    around: Around


def _begun(rule: DeadlineRule, taken: set[str]) -> bool:
    """Whether a step from which the clock is counted was taken, or is on the way before."""
    return rule.anchor is None or not rule.anchor.events or not taken.isdisjoint({*rule.anchor.events, *rule.restart})


_ONCE = Text(
    "从现状到不了“{state}”：“{step}”只能办一次，已经办过",
    "nothing leads to “{state}” from here: “{step}” can be taken only once, and was",
)
