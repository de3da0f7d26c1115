"""What a definition can come to that it must not: each fault with its place in the file and the shortest way to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import combinations, pairwise

from workflow.case import EDIT, Scalar, StateName, TransitionName
from workflow.conditions import Condition, fields_of
from workflow.judge import SYSTEM_ROLE, guards_of
from workflow.model import Definition, FieldType, Opening, Passage, State, Transition
from workflow.prover.entries import lacking, needless_exceptions
from workflow.prover.moves import Move, Moves, after, before
from workflow.prover.reach import Places, Reach, Way
from workflow.prover.sets import ALL, NONE, Set
from workflow.prover.tellable import Tellable
from workflow.prover.watched import Watched, name_in_trail
from workflow.text import Text, listed
from workflow.words import step_label, value_in_words

Place = tuple[str | int, ...]

#: What the loader has looked at: it knows which states have a clock, and which roles the file itself lists.
_OF_THE_LOADER = ("no-deadline", "idle-role")


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A guard that waits for other cases, and where these may rest so that it is never met; `again` is where others can be had."""

    guard: str
    child: Text
    states: tuple[Text, ...]
    again: frozenset[StateName]


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: its code, the part of the file that is at fault, what its sentence speaks of, and how a case gets there."""

    code: str
    at: Place
    facts: Mapping[str, object]
    path: tuple[str, ...] = ()  # the names of the steps
    way: tuple[Text, ...] = ()  # in words


class Proof:
    """Everything that a definition can come to, and what of it is at fault. Raises TooLarge for what cannot be held.

    With the `order` of fields of another proof, or with data that were `told` apart for both, sets of the two can be held
    against each other.
    """

    def __init__(
        self,
        definition: Definition,
        openings: Iterable[Opening] = (),
        order: Sequence[str] = (),
        told: Tellable | None = None,
    ) -> None:
        self.definition = definition
        self.tellable = told or Tellable(definition, order)
        self.space = self.tellable.space
        self.moves = Moves(self.tellable, openings)
        self.reach = Reach(self.space, self.moves, definition.states)

    @property
    def size(self) -> int:
        """How many (state, data) a case can come to, as far as the definition tells data apart."""
        return self.reach.size

    def faults(self, elsewhere: Iterable[Elsewhere] = ()) -> Iterator[Fault]:
        """Every fault that is not waived, what must never be first; then every waiver that there is no need of."""
        waived = {(each.check, each.at): number for number, each in enumerate(self.definition.waivers)}
        needed = {(check, each.at) for each in self.definition.waivers for check in _OF_THE_LOADER}
        for fault in self._all(elsewhere):
            if (fault.code, fault.at[1]) in waived:
                needed.add((fault.code, str(fault.at[1])))
            else:
                yield fault
        for said, number in waived.items():
            if said not in needed:
                yield Fault("needless-waiver", ("waive", number), {"name": said[0]})

    def forbidden(self) -> dict[StateName, Set]:
        """Every (state, data) in which something is true that must never be, reachable or not."""
        found: dict[StateName, Set] = {}
        rules = [(each.states, self.tellable.may(each.when)) for each in self.definition.never]
        rules += [(said.targets, self.missed(said)) for said in self.definition.passes]
        for states, these in rules:
            for state in states:
                found[state] = self.space.either(found.get(state, NONE), these)
        return found

    def _all(self, elsewhere: Iterable[Elsewhere]) -> Iterator[Fault]:
        yield from self._broken()
        yield from self._not_passed()
        yield from self._never_reached()
        yield from self._dead_steps()
        yield from self._no_way_out()
        yield from self._waiting_for_ever(elsewhere)
        yield from self._stuck_hands()
        yield from self._without_clock()
        yield from self._closed_expiries()
        yield from self._automatic_cycles()
        yield from self._automatic_choices()
        yield from escalations(self.definition)

    def _fault(self, code: str, at: Place, places: Places, under: Condition | None = None, **facts: object) -> Fault:
        """A fault with the shortest way to one of these places, step by step, in the words of the office."""
        return self._told(code, at, self.reach.way_to(places), tuple(fields_of(under)) if under else (), facts)

    def _told(
        self, code: str, at: Place, way: Way | None, fields: Iterable[str], facts: Mapping[str, object], *more: Text
    ) -> Fault:
        """The fault with that way, what the case then holds in these fields, and more that is worth saying of the way."""
        if way is None:
            return Fault(code, at, facts)
        names = tuple(move.name for move in way.moves)
        return Fault(code, at, facts, names, (*self._in_words(way, fields), *more))

    def told(self, reach: Reach, places: Places, under: Condition | None) -> tuple[tuple[str, ...], tuple[Text, ...]]:
        """The shortest way to one of these places: the names of its steps, and the same in words."""
        way = reach.way_to(places)
        if way is None:
            return (), ()
        return tuple(move.name for move in way.moves), tuple(self._in_words(way, fields_of(under) if under else ()))

    # What must not be.

    def _broken(self) -> Iterator[Fault]:
        for never in self.definition.never:
            bad = self._reached(never.states, self.tellable.may(never.when))
            if bad:
                facts = {"said": never.text, "how": _STANDS.filled(states=self._states(bad)), "mend": _CLOSE_THE_WAY}
                yield self._fault("never-broken", ("never", never.name), bad, never.when, **facts)
        for lacks in lacking(self.definition):
            facts = {"said": lacks.never.text, "how": lacks.how(self.definition), "mend": lacks.mend}
            yield Fault("never-broken", lacks.at, facts, (lacks.step,), lacks.way(self.definition))
        for name, number, step in needless_exceptions(self.definition):
            yield Fault("needless-exception", ("never", name, "but_by", number), {"name": step})

    def _not_passed(self) -> Iterator[Fault]:
        for said in self.definition.passes:
            bad = self._reached(said.targets, self.missed(said))
            if bad:
                way = self.reach.way_to(bad)
                facts = {"said": said.text, "states": self._states(bad), "apart": self._too_near(said)}
                fields = fields_of(said.when) if said.when else ()
                yield self._told("not-passed", ("passes", said.name), way, fields, facts, *self._same_hand(said, way))

    def _same_hand(self, said: Passage, way: Way | None) -> Iterator[Text]:
        """Where the way goes through the step, but one person may take it and another from which it is to be apart."""
        moves = way.moves if way else ()
        for number, move in enumerate(moves):
            if move.name in said.through:
                apart = self._kept_apart(TransitionName(move.name))
                taken = {name_in_trail(each): self._label(each) for each in moves[:number]}
                if near := [label for name, label in taken.items() if name in said.apart_from and name not in apart]:
                    zh, en = ("、".join(f"“{each.zh}”" for each in near), ", ".join(f"“{each.en}”" for each in near))
                    yield _SAME_HAND.filled(step=self._label(move), others=Text(zh, en))
                if said.apart_from and SYSTEM_ROLE in move.roles:
                    yield _NOBODYS_HAND.filled(step=self._label(move))

    def _too_near(self, said: Passage) -> Text:
        """What the steps of a passage must be kept apart from, and are not: how to mend it."""
        for step in said.through:
            if near := [each for each in said.apart_from if each not in self._kept_apart(step)]:
                return _KEEP_APART.filled(step=step, steps=", ".join(near))
            if said.apart_from and any(
                SYSTEM_ROLE in roles for roles in self.definition.transitions[step].roles.values()
            ):
                return _LEAVE_TO_PEOPLE.filled(step=step)
        return Text("", "")

    def _kept_apart(self, step: TransitionName) -> set[str]:
        guards = (
            self.definition.guards[each] for each in guards_of(self.definition, self.definition.transitions[step])
        )
        return {each for guard in guards if guard.check == "four_eyes" for each in guard.params["apart_from"]}

    def missed(self, said: Passage) -> Set:
        """All data of a case that the passage is demanded of, and that has not gone through it."""
        return self.space.both(self.tellable.may(said.when), self.space.where(self.tellable.marks[said], (0,)))

    # What comes to nothing.

    def _never_reached(self) -> Iterator[Fault]:
        for state in self.definition.states.values():
            if self.reach.at(state.name) == NONE:
                yield Fault("never-reached", ("states", state.name), {"name": state.label})

    def _dead_steps(self) -> Iterator[Fault]:
        for move in self.moves.all:
            here = self.reach.at(move.source) if move.source else NONE
            if move.name != EDIT and here != NONE and after(self.space, move.acts, here) == NONE:
                facts = {"name": self._label(move), "state": self._state(move.source).label}
                yield Fault("dead-step", ("transitions", move.name), facts)

    def _no_way_out(self) -> Iterator[Fault]:
        ends = {name: ALL for name, state in self.definition.states.items() if state.final}
        ending = self.reach.leading_to(ends)
        for state in self._open_states():
            stuck = self.space.without(self.reach.at(state.name), ending.get(state.name, NONE))
            if stuck != NONE:
                way = self.reach.way_to({state.name: stuck})
                yield self._told(
                    "no-way-out", ("states", state.name), way, self._asked(state.name), {"name": state.label}
                )

    def _waiting_for_ever(self, elsewhere: Iterable[Elsewhere]) -> Iterator[Fault]:
        """Where a case comes to no end once the other cases that it waits for rest elsewhere."""
        ends = {name: ALL for name, state in self.definition.states.items() if state.final}
        for each in elsewhere:
            steps = [s for s in self.definition.transitions.values() if each.guard in guards_of(self.definition, s)]
            going_on = self.reach.leading_to(
                {**ends, **dict.fromkeys(each.again, ALL)}, frozenset(str(step.name) for step in steps)
            )
            waits = dict.fromkeys(state for step in steps for state in step.sources)
            stuck = {
                state: left
                for state in waits
                if (left := self.space.without(self.reach.at(state), going_on.get(state, NONE))) != NONE
            }
            if stuck:
                facts = {"name": self.definition.guards[each.guard].text, "child": each.child}
                facts["states"] = listed(each.states)
                yield self._fault("waits-for-ever", ("guards", each.guard), stuck, None, **facts)

    def _stuck_hands(self) -> Iterator[Fault]:
        for state in self._open_states():
            if state.waits_for is None:
                continue
            able = [move for move in self.reach.out[state.name] if state.waits_for in move.roles]
            stuck = self.space.without(self.reach.at(state.name), self._open(able))
            if stuck != NONE:
                role = self.definition.roles[state.waits_for].label
                at = ("states", state.name, "waits_for")
                way = self.reach.way_to({state.name: stuck})
                facts = {"name": state.label, "state": state.name, "role": role}
                yield self._told("stuck-hands", at, way, self._asked(state.name), facts)

    def _automatic_cycles(self) -> Iterator[Fault]:
        turning: dict[StateName, Set] = dict(self.reach.all)
        moves = [
            self.moves.taken_by_itself(step, state)
            for state in self.definition.states
            for step in self._automatic(state)
        ]
        on = {state: [move for move in moves if move.source == state] for state in turning}
        before_it: dict[StateName, Set] = {}
        while turning != before_it:
            before_it = turning
            again = {
                state: self._any(before(self.space, move.acts, before_it.get(move.target, NONE)) for move in on[state])
                for state in before_it
            }
            turning = {state: self.space.both(these, again[state]) for state, these in before_it.items()}
        for state, these in turning.items():
            if these != NONE:
                label = self._state(state).label
                yield self._fault("automatic-cycle", ("states", state), {state: these}, name=label)

    def _automatic_choices(self) -> Iterator[Fault]:
        for state in self.definition.states:
            here = self.reach.at(state)
            open_to = [
                (step, self.space.both(here, before(self.space, self.moves.taken_by_itself(step, state).acts, ALL)))
                for step in self._automatic(state)
            ]
            for (one, these), (other, those) in combinations(open_to, 2):
                self.space.spend(1)
                both = self.space.both(these, those)
                if both != NONE and one.target != other.target:
                    facts = {"name": other.label, "other": one.label, "state": self._state(state).label}
                    yield self._fault("automatic-choice", ("transitions", other.name), {state: both}, None, **facts)

    # Clocks.

    def _without_clock(self) -> Iterator[Fault]:
        watched = Watched(self.tellable, self.moves, self.reach)
        for state in self._open_states():
            rules = self.definition.clocks_in[state.name]
            running = [rule for rule in rules if state.name in rule.runs_in]
            here = self.reach.at(state.name)
            for rule in rules:
                if state.name in rule.pauses_in:
                    paused = self.space.both(here, self.tellable.may(rule.applies))
                    left = watched.unwatched(state.name, paused, running)
                    if left != NONE:
                        at = ("deadlines", rule.name, "pauses_in")
                        facts = {"name": rule.label, "state": state.label}
                        yield self._fault("paused-for-ever", at, {state.name: left}, rule.applies, **facts)
            left = watched.unwatched(state.name, here, rules)
            if rules and left != NONE:
                stands = ("states", state.name)
                said = {"name": state.label, "state": state.name}
                why = watched.why(state.name, left, rules)
                yield self._told("no-clock", stands, self.reach.way_to({state.name: left}), (), said, *why)

    def _closed_expiries(self) -> Iterator[Fault]:
        for rule in self.definition.deadlines.values():
            steps = [self.definition.transitions[each.transition] for each in rule.steps if each.transition]
            for step in steps:
                for state in rule.runs_in:
                    here = self.space.both(self.reach.at(state), self.tellable.may(rule.applies))
                    closed = self.space.without(here, self.moves.open_by_data(step))
                    if closed != NONE:
                        facts = {"name": rule.label, "step": step.label, "state": self._state(state).label}
                        at = ("deadlines", rule.name, "on_expiry")
                        yield self._fault("expiry-closed", at, {state: closed}, step.when, **facts)

    # What is asked again and again.

    def _open_states(self) -> Iterator[State]:
        yield from (state for state in self.definition.states.values() if not state.final)

    def _automatic(self, state: StateName) -> list[Transition]:
        return [
            each for each in self.definition.leaving[state] if each.auto and SYSTEM_ROLE in each.roles.get(state, ())
        ]

    def _asked(self, state: StateName) -> tuple[str, ...]:
        """The fields on which it hangs which steps lead on from there."""
        steps = self.definition.leaving[state]
        guards = [self.definition.guards[each].when for step in steps for each in guards_of(self.definition, step)]
        conditions = [each for each in (*(step.when for step in steps), *guards) if each]
        return tuple(dict.fromkeys(name for each in conditions for name in fields_of(each)))

    def _reached(self, states: tuple[StateName, ...], these: Set) -> dict[StateName, Set]:
        met = {state: self.space.both(self.reach.at(state), these) for state in states}
        return {state: found for state, found in met.items() if found != NONE}

    def _open(self, moves: list[Move]) -> Set:
        return self._any(before(self.space, move.acts, ALL) for move in moves)

    def _any(self, sets: Iterator[Set]) -> Set:
        return reduce(self.space.either, sets, NONE)

    def _state(self, name: StateName | None) -> State:
        return self.definition.states[name or self.definition.initial]

    def _states(self, places: Places) -> Text:
        labels = [self._state(name).label for name in places]
        return Text("、".join(f"“{each.zh}”" for each in labels), ", ".join(f"“{each.en}”" for each in labels))

    def _label(self, move: Move) -> Text:
        return step_label(self.definition, move.name)

    def _in_words(self, way: Way, fields: Iterable[str]) -> Iterator[Text]:
        for move in way.moves:
            target = self._state(move.target).label
            yield _STEP.filled(step=self._label(move), state=target)
        last = self.tellable.in_words(way.data[-1])
        for name in dict.fromkeys(fields):
            yield _HOLDS.filled(field=self.definition.fields[name].label, value=self._value(name, last.get(name)))

    def _value(self, name: str, value: Scalar) -> Text:
        if value is None:
            return _EMPTY
        # The proof writes dots for a text: what it says is nobody's matter, only that something does.
        return (
            _FILLED
            if self.definition.fields[name].type is FieldType.TEXT
            else value_in_words(self.definition, name, value)
        )


def escalations(definition: Definition) -> Iterator[Fault]:
    """The clocks whose end nobody hears of, and those of which the wrong people hear."""
    rank = {str(name): role.rank for name, role in definition.roles.items() if role.rank}
    for rule in definition.deadlines.values():
        # Who stands in no order of ranks, as the author, is above nobody.
        told = [max(rank.get(to, 0) for to in step.tell) for step in rule.steps if step.kind == "escalate"]
        if not told and not any(step.kind == "expire" for step in rule.steps):
            yield Fault("no-outcome", ("deadlines", rule.name), {"name": rule.label, "deadline": rule.name})
        if not rank:
            continue
        for number, (low, high) in enumerate(pairwise(told), 1):
            if high <= low:
                above = [name for name, height in rank.items() if height > low]
                facts = {"name": rule.label, "above": Text("、".join(above), ", ".join(above)) if above else _NOBODY}
                yield Fault("escalation-falls", ("deadlines", rule.name, "escalate", number), facts)
        hands = (definition.states[state].waits_for for state in rule.runs_in)
        if told and max(told) <= max((rank.get(holder, 0) for holder in hands if holder), default=0):
            yield Fault("escalation-stops-short", ("deadlines", rule.name, "escalate"), {"name": rule.label})


_STANDS = Text("事项能以不许有的数据进入{states}", "a case can stand in {states} with data that must not be")
_CLOSE_THE_WAY = Text(
    "请在最短路径的某一步加一个要求（guards），或删去使它成立的写入",
    "give a step of the shortest path a guard, or take away the writing that makes it so",
)
_NOBODY = Text("无，请删去后一条", "nobody, so remove the later one")
_STEP = Text("{step}→{state}", "{step} → {state}")
_HOLDS = Text("其中{field}：{value}", "with {field}: {value}")
_EMPTY = Text("未填", "empty")
_FILLED = Text("已填", "filled in")
_SAME_HAND = Text("其中“{step}”与{others}可由同一人办理", "where one person may take “{step}” and {others}")
_NOBODYS_HAND = Text(
    "其中“{step}”可由系统办理，系统不是另一人", "where the system may take “{step}”, and the system is no other person"
)
_LEAVE_TO_PEOPLE = Text(
    "；或从步骤 {step} 的 roles 中删去 system：系统办理的不算由另一人办理",
    "; or take system out of the roles of the step {step}: what the system takes, no other person has taken",
)
_KEEP_APART = Text(
    "；或在步骤 {step} 的 guards 中用 check: four_eyes，其 apart_from 补上：{steps}",
    "; or give {step} a guard with check: four_eyes whose apart_from names these, too: {steps}",
)
