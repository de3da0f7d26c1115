"""Two versions held against each other by all that their cases can come to: which situations are safe, new, or open now. Pure.

The data are told apart for both at once, so that a situation (state and data) of one is a situation of the other. What the old
version promised and the new one does not is looked for in the new version's space: it may still hold, or be breakable by now.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from math import prod
from typing import Any

from workflow.case import StateName
from workflow.conditions import Condition, fields_of
from workflow.model import Definition, Field, Opening, Passage, State
from workflow.prover import Proof, openings_of
from workflow.prover.moves import after
from workflow.prover.reach import Places, Reach
from workflow.prover.sets import ALL, MOST_WORK, NONE, Set, TooLarge, Values
from workflow.prover.tellable import Tellable
from workflow.text import Text
from workflow.words import step_label, value_in_words

HOLDS, BREAKS, CANNOT = "holds", "breaks", "cannot"

#: Fields that are named of a situation that is given as an example.
_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Promise:
    """What the old version promised and the new one does not: whether it still holds there, and how it can be broken."""

    part: str  # never | passes | end
    name: str
    verdict: str  # holds | breaks | cannot (be asked)
    text: Text
    path: tuple[str, ...] = ()
    way: tuple[Text, ...] = ()

    def to_json(self) -> dict[str, object]:
        """The promise as the JSON surface shows it."""
        way = [each.to_json() for each in self.way]
        return {
            "part": self.part,
            "name": self.name,
            "verdict": self.verdict,
            **self.text.to_json(),
            "path": [*self.path],
            "way": way,
        }


@dataclass(frozen=True, slots=True)
class Standing:
    """The situations of one state under the old version: how many can stay, how many need a plan and why; how many are new."""

    state: StateName
    label: Text
    count: int
    safe: int
    reasons: tuple[Text, ...]
    fresh: int
    path: tuple[str, ...] = ()  # how a case of the new version first comes to what is new
    way: tuple[Text, ...] = ()

    def to_json(self) -> dict[str, object]:
        """The situations as the JSON surface shows them."""
        return {
            "state": self.state,
            **self.label.to_json(),
            "situations": self.count,
            "safe": self.safe,
            "map": self.count - self.safe,
            "reasons": [each.to_json() for each in self.reasons],
            "new": self.fresh,
            "path": [*self.path],
            "way": [each.to_json() for each in self.way],
        }


@dataclass(frozen=True, slots=True)
class Explored:
    """What was found in the spaces of both; or why they were not explored."""

    standings: tuple[Standing, ...] = ()
    promises: tuple[Promise, ...] = ()
    unexplored: Text | None = None

    def to_json(self) -> dict[str, object]:
        """The whole as the JSON surface shows it."""
        return {
            "states": [each.to_json() for each in self.standings],
            "promises": [each.to_json() for each in self.promises],
            "unexplored": self.unexplored.to_json() if self.unexplored else None,
        }


def explored(old: Definition, new: Definition, others: Iterable[Definition] = ()) -> Explored:
    """The two versions by what can be reached; `others` are the kinds that may open cases of this one."""
    other_kind = next((name for name, field in old.fields.items() if _retyped(field, new.fields.get(name))), None)
    if other_kind:
        return Explored(unexplored=_OTHER_TYPE.filled(field=old.fields[other_kind].label))
    kinds = tuple(others)
    try:
        both = _Both(old, new, openings_of(old, kinds), openings_of(new, kinds))
        if not both.old.reach.all or not both.new.reach.all:
            return Explored(unexplored=_SUB_CASES)
        return Explored(tuple(both.standings()), tuple(both.promises()))
    except TooLarge:
        return Explored(unexplored=_TOO_LARGE)


def _retyped(before: Field, after: Field | None) -> bool:
    return after is not None and after.type != before.type


class _Both:
    """Two versions explored in one space."""

    def __init__(self, old: Definition, new: Definition, before: Iterable[Opening], after: Iterable[Opening]) -> None:
        # Three times what one may cost: two versions are explored, and held against each other.
        told = Tellable(_told_together(old, new), most_work=3 * MOST_WORK)
        self.space = told.space
        self.old = Proof(old, before, told=told.seen_by(old))
        self.new = Proof(new, after, told=told.seen_by(new))
        self._told = told
        self._known_fresh: dict[StateName, Set] = {}
        self._without: dict[tuple[int, str], Reach] = {}

    # Situations.

    def standings(self) -> Iterator[Standing]:
        """Each state of either version in which cases can stand."""
        states = {**self.new.definition.states, **self.old.definition.states}
        for state in sorted(states.values(), key=lambda each: each.name not in self.old.definition.states):
            if self.old.reach.at(state.name) != NONE or self.new.reach.at(state.name) != NONE:
                yield self._standing(state)

    def _standing(self, state: State) -> Standing:
        there, fresh = self.old.reach.at(state.name), self._fresh(state.name)
        unsafe, reasons = (NONE, ()) if state.final else self._unsafe(state.name, there)
        told = fresh != NONE and self._begins_here(state.name, fresh)
        path, way = self._way(state.name, fresh) if told else ((), ())
        count = self._count(there)
        # What is told apart only by what one version has may be safe and unsafe: it counts as unsafe.
        return Standing(
            state.name, state.label, count, count - self._count(unsafe), reasons, self._count(fresh), path, way
        )

    def _unsafe(self, state: StateName, there: Set) -> tuple[Set, tuple[Text, ...]]:
        """The situations of a state in which a case cannot stay under the new version, and why."""
        target = self.new.definition.states.get(state)
        if there == NONE or target is None or target.final:
            return there, ()  # the state itself needs a word: it is told with the states
        reasons, unsafe = [], NONE
        for these, text, looked_at in self._bars(state):
            met = self.space.both(there, these)
            if met != NONE:
                reasons.append(_FORBIDDEN.filled(text=text, example=self._example(met, looked_at)))
                unsafe = self.space.either(unsafe, met)
        stuck = self.space.without(there, self.space.either(self._ending.get(state, NONE), unsafe))
        if stuck != NONE:
            reasons.append(_STUCK.filled(example=self._example(stuck)))
        return self.space.either(unsafe, stuck), tuple(reasons)

    def _bars(self, state: StateName) -> Iterator[tuple[Set, Text, tuple[str, ...]]]:
        for never in self.new.definition.never:
            if state in never.states:
                yield self._told.may(never.when), never.text, tuple(fields_of(never.when))
        for said in self.new.definition.passes:
            if state in said.targets:
                yield self.new.missed(said), said.text, tuple(fields_of(said.when)) if said.when else ()

    @cached_property
    def _ending(self) -> dict[StateName, Set]:
        """Every (state, data) from which the new version leads to an end in which nothing forbidden is true."""
        forbidden = self.new.forbidden()
        ends = [name for name, state in self.new.definition.states.items() if state.final]
        return self.new.reach.leading_to({name: self.space.without(ALL, forbidden.get(name, NONE)) for name in ends})

    @cached_property
    def _own(self) -> Values:
        """What only one of the versions has: it is left out where their situations are compared."""
        fields = self.old.definition.fields.keys() ^ self.new.definition.fields.keys()
        places = [self._told.place[name] for name in fields if name in self._told.place]
        kept = {*self.old.definition.passes} & {*self.new.definition.passes}
        marks = [mark for said, mark in self._told.marks.items() if said not in kept]
        return tuple((place, tuple(range(self.space.sizes[place]))) for place in sorted((*marks, *places)))

    def _shared(self, these: Set) -> Set:
        return self.space.taken(these, self._own)

    def _count(self, these: Set) -> int:
        return self.space.size(self._shared(these)) // prod(len(values) for _, values in self._own)

    def _begins_here(self, state: StateName, fresh: Set) -> bool:
        """Whether a case comes to what is new from what is not new: further on, the way to the first of it tells it."""
        if self.new.definition.states[state].final:
            return True
        begun = (after(self.space, each.acts, ALL) for each in self.new.moves.beginnings if each.target == state)
        come = (
            after(self.space, move.acts, self.space.without(self.new.reach.at(move.source), self._fresh(move.source)))
            for move in self.new.reach.into[state]
            if move.source
        )
        return any(self.space.both(each, fresh) != NONE for each in (*begun, *come))

    def _fresh(self, state: StateName) -> Set:
        """What cases of the new version come to in a state, and those of the old one do not."""
        if state not in self._known_fresh:
            come, there = self._shared(self.new.reach.at(state)), self._shared(self.old.reach.at(state))
            self._known_fresh[state] = self.space.without(come, there)
        return self._known_fresh[state]

    def _way(self, state: StateName, fresh: Set) -> tuple[tuple[str, ...], tuple[Text, ...]]:
        names, way = self.new.told(self.new.reach, {state: self.space.both(self.new.reach.at(state), fresh)}, None)
        return names, (*way, self._example(fresh, self._telling(state, fresh))) if way else ()

    def _example(self, these: Set, first: Collection[str] = ()) -> Text:
        """One of these situations by a few of its fields: those named first, then what is filled in."""
        told = self._told.in_words(these)
        told = {**{name: told.get(name) for name in first if name in self._told.place}, **told}
        if not told:
            return _ANY
        fields = {**self.old.definition.fields, **self.new.definition.fields}
        names = sorted(told, key=lambda name: (name not in first, told[name] is None))
        said = [(fields[name].label, self._value(name, told[name])) for name in names[: len(first) or _SHOWN]]
        zh = "，".join(f"{label.zh}：{value.zh}" for label, value in said)
        return _EXAMPLE.filled(values=Text(zh, ", ".join(f"{label.en}: {value.en}" for label, value in said)))

    def _telling(self, state: StateName, fresh: Set) -> tuple[str, ...]:
        """The fields any one of which makes the example new: were it otherwise, the old version would come there, too."""
        some = self.space.some(fresh) or {}
        point = ALL
        for place in range(len(self.space.sizes)):
            point = self.space.both(point, self.space.where(place, (some.get(place, 0),)))
        # Whatever it has gone through: that, the steps on the way tell.
        marks = tuple((mark, (0, 1)) for mark in sorted(self._told.marks.values()))
        there = self.space.taken(self._shared(self.old.reach.at(state)), marks)
        if self.space.both(there, point) != NONE:
            return ()
        return tuple(
            name
            for name, place in self._told.place.items()
            if self.space.both(self.space.taken(there, ((place, (*range(self.space.sizes[place]),)),)), point) != NONE
        )

    def _value(self, name: str, value: Any) -> Text:
        if value is None:
            return _EMPTY
        definition = self.new.definition if name in self.new.definition.fields else self.old.definition
        return value_in_words(definition, name, value)

    # Promises.

    def promises(self) -> Iterator[Promise]:
        """What the old version promised and the new one does not promise as much."""
        yield from self._nevers()
        yield from self._passages()
        yield from self._ends()

    def _nevers(self) -> Iterator[Promise]:
        kept = {(never.when, state) for never in self.new.definition.never for state in never.states}
        for never in self.old.definition.never:
            states = [state for state in never.states if (never.when, state) not in kept]
            if states:
                there = [state for state in states if state in self.new.definition.states]
                asked = bool(there) and self._is_known(never.when)
                yield self._kept(
                    "never", never.name, never.text, there if asked else [], self._told.may(never.when), never.when
                )

    def _passages(self) -> Iterator[Promise]:
        kept = {replace(said, text=_ANY, name="") for said in self.new.definition.passes}
        for said in self.old.definition.passes:
            if replace(said, text=_ANY, name="") not in kept:
                there = [state for state in said.targets if state in self.new.definition.states]
                asked = bool(there) and (said.when is None or self._is_known(said.when))
                yield self._kept(
                    "passes", said.name, said.text, there if asked else [], self.new.missed(said), said.when
                )

    def _is_known(self, said: Condition) -> bool:
        return self.new.definition.fields.keys() >= {*fields_of(said)}

    def _kept(
        self, part: str, name: str, text: Text, states: list[StateName], these: Set, under: Condition | None
    ) -> Promise:
        if not states:
            return Promise(part, name, CANNOT, _CANNOT.filled(text=text))
        met = {state: self.space.both(self.new.reach.at(state), these) for state in states}
        bad = {state: found for state, found in met.items() if found != NONE}
        if not bad:
            return Promise(part, name, HOLDS, _STILL.filled(text=text))
        path, way = self.new.told(self.new.reach, bad, under)
        return Promise(part, name, BREAKS, _BROKEN.filled(text=text), path, way)

    def _ends(self) -> Iterator[Promise]:
        """The steps without which no case came to an end, and without which it can now."""
        now = self.new.definition.states
        for name, state in self.old.definition.states.items():
            if not state.final or name not in now or self.old.reach.at(name) == NONE or self.new.reach.at(name) == NONE:
                continue
            way = self.old.reach.way_to({name: self.old.reach.at(name)})
            # Only a step on the shortest way can be one that none goes without.
            for step in (
                dict.fromkeys(move.name for move in way.moves if move.name in self.old.definition.transitions)
                if way
                else ()
            ):
                if self._goes_on(step) and self._needs(self.old, step, name) and not self._needs(self.new, step, name):
                    there: Places = {name: self.new.reach.at(name)}
                    shorter = self._fewer(self.new, step)
                    path, told = self.new.told(shorter, {name: shorter.at(name)} if shorter.at(name) else there, None)
                    facts = {"state": now[name].label, "step": step_label(self.old.definition, step)}
                    yield Promise("end", f"{name}.{step}", BREAKS, _WITHOUT.filled(**facts), path, told)

    def _goes_on(self, name: str) -> bool:
        """Whether the step is there, or none has taken its place: one that leads as it did under another name is the same."""
        if name in self.new.definition.transitions:
            return True
        gone = self.old.definition.transitions[name]  # type: ignore[index]
        added = (
            step
            for each, step in self.new.definition.transitions.items()
            if each not in self.old.definition.transitions
        )
        return not any(step.target == gone.target and {*step.sources} & {*gone.sources} for step in added)

    def _needs(self, proof: Proof, step: str, end: StateName) -> bool:
        """Whether no case comes to this end without the step."""
        linked = {proof.definition.initial, *(begun.target for begun in proof.moves.beginnings)}
        waiting = [*linked]
        while waiting:
            for move in proof.reach.out[waiting.pop()]:
                if move.name != step and move.target not in linked:
                    linked.add(move.target)
                    waiting.append(move.target)
        return end not in linked or self._fewer(proof, step).at(end) == NONE

    def _fewer(self, proof: Proof, step: str) -> Reach:
        key = id(proof), step
        if key not in self._without:
            self._without[key] = proof.reach.without(step)
        return self._without[key]


def _told_together(old: Definition, new: Definition) -> Definition:
    """A definition that is never run: it asks whatever either version asks, so that data are told apart as both need it."""
    guards = {_of_new(name): guard for name, guard in new.guards.items()}
    steps: dict[Any, Any] = {
        _of_new(name): replace(step, guards=_all_of_new(step.guards), when_blocked=_all_of_new(step.when_blocked))
        for name, step in new.transitions.items()
    }
    letters = {_of_new(name): replace(each, parts=_all_of_new(each.parts)) for name, each in new.letters.items()}
    clocks = {_of_new(name): rule for name, rule in new.deadlines.items()}
    fields = {name: _widest(field, old.fields.get(name)) for name, field in {**old.fields, **new.fields}.items()}
    passes: tuple[Passage, ...] = tuple(dict.fromkeys((*old.passes, *new.passes)))
    return replace(
        old,
        fields=fields,
        guards={**old.guards, **guards},
        transitions={**old.transitions, **steps},
        letters={**old.letters, **letters},
        deadlines={**old.deadlines, **clocks},
        never=(*old.never, *new.never),
        passes=passes,
        lapsing=tuple({each.name: each for each in (*old.lapsing, *new.lapsing)}.values()),
    )


def _of_new(name: str) -> str:
    return f"new.{name}"


def _all_of_new(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(map(_of_new, names))


def _widest(field: Field, other: Field | None) -> Field:
    """The field with the choices and the least value of both versions."""
    if other is None:
        return field
    least = None if field.min is None or other.min is None else min(field.min, other.min)
    choices: Mapping[str, Any] = {**other.choices, **field.choices}
    return replace(field, choices=choices, min=least)


_OTHER_TYPE = Text(
    "未逐一比较能到的情形：内容项“{field}”在两版中类型不同",
    "what can be reached was not compared: the field “{field}” is of another type in the new version",
)
_SUB_CASES = Text(
    "未逐一比较能到的情形：此种事项只作为子事项开始，而开始它的流程不在此处",
    "what can be reached was not compared: such a case begins only as a sub-case, and what begins it is not at hand",
)
_TOO_LARGE = Text("情形过多，未逐一比较", "there are too many situations to compare what can be reached")
_FORBIDDEN = Text("新版禁止：{text}（{example}）", "forbidden by the new version: {text} ({example})")
_STUCK = Text("新版中从这里办不到头（{example}）", "from here the new version leads to no end ({example})")
_EXAMPLE = Text("如 {values}", "such as {values}")
_ANY = Text("任何数据", "whatever the data")
_EMPTY = Text("未填", "empty")
_CANNOT = Text(
    "新版不再规定，所说的环节或内容项也没有了：{text}",
    "no longer said, and the states or fields it speaks of are gone: {text}",
)
_STILL = Text("新版不再规定，但仍不会违反：{text}", "no longer said, but still true: {text}")
_BROKEN = Text("新版不再规定，已可违反：{text}", "no longer said, and can be broken now: {text}")
_WITHOUT = Text(
    "不经“{step}”也可到“{state}”，旧版不能", "“{state}” can be reached without “{step}”, which it could not before"
)
