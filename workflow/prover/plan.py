"""The shortest way from where a case stands to where it should be: who must do what, with what; or why there is no way.

It is looked for backwards from the goal, in the same sets of data in which a definition is proved, so it is as short as any.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from workflow.case import EDIT, Case, RoleName, Scalar, StateName
from workflow.judge import SYSTEM_ROLE, guards_of
from workflow.model import DeadlineRule, Demand, Guard, Transition
from workflow.prover.faults import Proof
from workflow.prover.moves import Move, after, before
from workflow.prover.sets import ALL, NONE, Set
from workflow.prover.tellable import UNSET
from workflow.text import Text
from workflow.words import in_words, step_label


@dataclass(frozen=True, slots=True)
class Written:
    """A field to be filled in, emptied or changed, with a value that will do; `any_value`: whatever it is; `example`: others will do too."""

    name: str
    value: Scalar
    any_value: bool
    example: bool = False


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


@dataclass(frozen=True, slots=True)
class NoWay:
    """That nothing leads there, and why."""

    text: Text


class Planner:
    """The ways through one definition."""

    def __init__(self, proof: Proof) -> None:
        self._proof = proof
        self._definition = proof.definition
        self._space = proof.space
        self._rings: dict[StateName, list[dict[StateName, Set]]] = {}

    def plan(self, case: Case, to: StateName) -> tuple[Stage, ...] | NoWay:
        """The stages of the shortest way to a state, or that there is none. A case that is there has no stage before it."""
        here = self._proof.tellable.point(case)
        rings = self._towards(to)
        distance = next((n for n, ring in enumerate(rings) if self._space.both(ring.get(case.state, NONE), here)), None)
        if distance is None:
            return NoWay(self._why_not(case, here, to))
        return tuple(self._stages(case, here, rings[:distance]))

    def _stages(self, case: Case, here: Set, rings: list[dict[StateName, Set]]) -> Iterator[Stage]:
        state, taken = case.state, {str(each) for each in case.trail}
        for ring in reversed(rings):
            move = self._next(state, here, ring)
            goal = ring[move.target]
            able = self._space.both(after(self._space, move.written, here), before(self._space, move.follows, goal))
            typed = self._nearest(able, here)
            yield self._stage(move, state, here, typed, able, taken)
            taken.add(move.name)
            come = self._space.both(after(self._space, move.follows, typed), goal)
            state, here = move.target, self._nearest(come, typed)

    def _next(self, state: StateName, here: Set, ring: Mapping[StateName, Set]) -> Move:
        return next(
            move
            for move in self._proof.reach.out[state]
            if self._space.both(after(self._space, move.acts, here), ring.get(move.target, NONE)) != NONE
        )

    def _stage(self, move: Move, state: StateName, here: Set, typed: Set, able: Set, taken: set[str]) -> Stage:
        step = self._definition.transitions.get(move.name)  # type: ignore[call-overload]
        besides = [self._definition.guards[name] for name in guards_of(self._definition, step)] if step else []
        people = tuple(role for role in move.roles if role != SYSTEM_ROLE)
        return Stage(
            name=move.name,
            label=step_label(self._definition, move.name),
            source=state,
            target=move.target,
            roles=people,
            writes=tuple(self._writes(step, state, here, typed, able)),
            comment=bool(step) and step.comment == Demand.REQUIRED,
            besides=tuple(guard for guard in besides if guard.when is None),
            clocks=tuple(
                rule
                for rule in self._definition.clocks_in[state]
                if state in rule.runs_in
                and _begun(rule, taken)
                and self._space.both(here, self._proof.tellable.may(rule.applies))
            ),
            automatic=not people or bool(step and step.auto),
        )

    def _writes(self, step: Transition | None, state: StateName, here: Set, typed: Set, able: Set) -> Iterator[Written]:
        edits = {name for fields in self._definition.states[state].edit.values() for name in fields}
        form = {*step.required, *step.optional} if step else edits
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
                others = len(told.kinds[value]) > 1 or any(
                    self._space.both(able, self._space.where(place[name], (each,))) != NONE
                    for each in told.filled
                    if each != value
                )
                yield Written(name, told.samples[value], len(told.filled) == 1, others)
            else:
                yield Written(name, None, told is None)

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

    def _towards(self, to: StateName) -> list[dict[StateName, Set]]:
        """Every (state, data) from which it is so many moves to a state in which nothing forbidden is true."""
        if to not in self._rings:
            forbidden = self._proof.forbidden()
            seen: dict[StateName, Set] = {}
            rings: list[dict[StateName, Set]] = []
            fresh = {to: self._space.without(ALL, forbidden.get(to, NONE))}
            while fresh:
                rings.append(fresh)
                for state, these in fresh.items():
                    seen[state] = self._space.either(seen.get(state, NONE), these)
                earlier = self._proof.reach.one_before(fresh)
                left = {
                    state: self._space.without(
                        these, self._space.either(seen.get(state, NONE), forbidden.get(state, NONE))
                    )
                    for state, these in earlier.items()
                }
                fresh = {state: these for state, these in left.items() if these != NONE}
            self._rings[to] = rings
        return self._rings[to]

    def _leading_to(self, to: StateName) -> set[StateName]:
        """The states from which steps lead there, whatever the data."""
        found, waiting = {to}, [to]
        while waiting:
            fresh = {move.source for move in self._proof.reach.into[waiting.pop()] if move.source} - found
            found |= fresh
            waiting.extend(fresh)
        return found

    def _why_not(self, case: Case, here: Set, to: StateName) -> Text:
        label = self._definition.states[to].label
        state = self._definition.states[case.state].label
        if not self._definition.leaving[case.state]:
            return _FINAL.filled(state=state)
        reached = self._proof.reach.from_here({case.state: here})
        on_the_way = self._leading_to(to)
        for move in self._proof.moves.all:
            if move.source in reached and move.target in on_the_way - reached.keys() and move.name != EDIT:
                step = self._definition.transitions[move.name]  # type: ignore[index]
                if step.when:
                    said = in_words(self._definition, step.when)
                    return _ONLY_IF.filled(state=label, step=step.label, condition=said)
        return _NOWHERE.filled(here=state, state=label)


def _begun(rule: DeadlineRule, taken: set[str]) -> bool:
    """Whether a step from which the clock is counted was taken, or is on the way before."""
    return rule.anchor is None or not rule.anchor.events or not taken.isdisjoint({*rule.anchor.events, *rule.restart})


_FINAL = Text("“{state}”是办结状态，没有步骤离开它", "“{state}” is an end: no step leaves it")
_ONLY_IF = Text(
    "从现状到不了“{state}”：“{step}”只适用于{condition}的事项，而此事项不会再成为这样",
    "nothing leads to “{state}” from here: “{step}” is only for cases where {condition}, which this one cannot become",
)
_NOWHERE = Text("没有一连串步骤能从“{here}”到“{state}”", "no steps lead from “{here}” to “{state}”")
