"""Which cases a clock watches: none for which it never began, or is fulfilled already while they stay where it runs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from workflow.case import EDIT, IMPORT, StateName, TransitionName
from workflow.checks import edited_in
from workflow.judge import SYSTEM_ROLE, guards_of
from workflow.model import DeadlineRule, Transition
from workflow.prover.moves import Move, Moves, after
from workflow.prover.reach import Reach
from workflow.prover.sets import ALL, NONE, Set, Space
from workflow.prover.tellable import Tellable
from workflow.text import Text, listed
from workflow.values import LATEST
from workflow.words import step_label


def name_in_trail(move: Move) -> str:
    """A move as `apart_from`, `anchor` and the trail of a case call it."""
    return edited_in(move.source) if move.name == EDIT and move.source else move.name


class Watched:
    """The clocks of a definition, and the reachable (state, data) for which each is not sure to be open."""

    def __init__(self, tellable: Tellable, moves: Moves, reach: Reach) -> None:
        self._space: Space = tellable.space
        self._tellable, self._moves, self._reach = tellable, moves, reach
        self._idle: dict[str, Mapping[StateName, Set]] = {}
        self._roughly: dict[str, frozenset[StateName]] = {}

    def unwatched(self, state: StateName, these: Set, rules: Iterable[DeadlineRule]) -> Set:
        """Those of these data for which none of the clocks is sure to be open in the state."""
        unsure = []
        for rule in (each for each in rules if each.since is None or each.since <= LATEST):
            if state in self._may_be_idle_in(rule):
                unsure.append(rule)
            else:
                these = self._space.without(these, self._open_for(rule))
        # Only then by the data: to explore them without one event may cost as much as all the rest.
        for rule in unsure if these != NONE else ():
            idle = self._space.without(self._idle_at(rule).get(state, NONE), self._left_at_once(state))
            these = self._space.without(these, self._space.without(self._open_for(rule), idle))
        return these

    def why(self, state: StateName, these: Set, rules: Iterable[DeadlineRule]) -> Iterator[Text]:
        """Of each clock that would otherwise run for one of these, why it does not."""
        for rule in rules:
            meant = self._space.both(these, self._tellable.may(rule.applies))
            if meant != NONE and self._open_for(rule) == NONE:
                field = self._tellable.definition.fields[rule.limit_field or ""].label
                yield _UNSAID.filled(clock=rule.label, field=field)
                continue
            if (
                state not in self._may_be_idle_in(rule)
                or self._space.both(meant, self._idle_at(rule).get(state, NONE)) == NONE
            ):
                continue
            steps = rule.anchor.events if rule.anchor else ()
            if any(move.name in rule.done_by for move in self._reach.into[state]):
                yield _FULFILLED.filled(clock=rule.label, steps=self._labels(rule.done_by))
            elif steps:
                yield _UNBEGUN.filled(clock=rule.label, steps=self._labels(steps))

    def _open_for(self, rule: DeadlineRule) -> Set:
        """All data for which a clock runs that has begun: it is meant for them, and how long it is has been said."""
        applies = self._tellable.must(rule.applies)
        if rule.limit_field is None or self._says_how_long(rule, rule.limit_field):
            return applies
        if rule.limit_field not in self._tellable.values:
            return NONE
        return self._space.both(applies, self._tellable.filled(rule.limit_field))

    def _says_how_long(self, rule: DeadlineRule, field: str) -> bool:
        """Whether every step with which the clock begins says its length, and nothing takes that back before it ends."""
        definition, there = self._tellable.definition, {*rule.runs_in, *rule.pauses_in}
        for move in (*self._moves.beginnings, *self._moves.all):
            # One that counts from an event may be left and come to again: what was said is to stand all the way.
            while_open = rule.anchor is not None or _stays(rule, move)
            begins = _arms(rule, move) or (rule.anchor is None and move.target in there and not _stays(rule, move))
            step = definition.transitions.get(TransitionName(move.name))
            if begins and not (step and _says(step, field)):
                return False
            if step and while_open and field in step.writes and not _says(step, field):
                return False
            edit = definition.states[move.source].edit if move.name == EDIT and move.source else {}
            if while_open and move.source != definition.initial and any(field in fields for fields in edit.values()):
                return False
        return True

    def _labels(self, steps: Iterable[str]) -> Text:
        return listed([step_label(self._tellable.definition, each) for each in steps])

    def _left_at_once(self, state: StateName) -> Set:
        """All data with which the system is sure to take a case on from there."""
        definition, found = self._tellable.definition, NONE
        for step in definition.leaving[state]:
            guards = (definition.guards[each] for each in guards_of(definition, step))
            by_itself = step.auto and SYSTEM_ROLE in step.roles.get(state, ()) and not step.when_blocked
            if by_itself and all(each.when for each in guards):
                found = self._space.either(found, self._moves.open_by_data(step))
        return found

    def _may_be_idle_in(self, rule: DeadlineRule) -> frozenset[StateName]:
        """The states to which, by the steps alone, a case comes for which the clock never began or is fulfilled."""
        if rule.name not in self._roughly:
            found = {move.target for move in (*self._unbegun(rule), *self._fulfilled(rule))}
            fresh = [*found]
            while fresh:
                on = {move.target for move in self._reach.out[fresh.pop()] if _leaves_idle(rule, move)} - found
                found |= on
                fresh += on
            self._roughly[rule.name] = frozenset(found)
        return self._roughly[rule.name]

    def _idle_at(self, rule: DeadlineRule) -> Mapping[StateName, Set]:
        """The same, each state with the data of such cases."""
        if rule.name not in self._idle:
            begun: dict[StateName, Set] = defaultdict(lambda: NONE)
            for move in self._unbegun(rule):
                begun[move.target] = self._space.either(begun[move.target], after(self._space, move.acts, ALL))
            for move in self._fulfilled(rule):
                come = after(self._space, move.acts, self._reach.at(move.source) if move.source else NONE)
                begun[move.target] = self._space.either(begun[move.target], come)
            self._idle[rule.name] = self._reach.from_here(begun, lambda move: _leaves_idle(rule, move))
        return self._idle[rule.name]

    def _unbegun(self, rule: DeadlineRule) -> Iterator[Move]:
        """The beginnings that are not the event from which it counts; a past record is counted as it was entered."""
        for move in self._moves.beginnings if rule.anchor else ():
            if move.name != IMPORT and not _arms(rule, move):
                yield move

    def _fulfilled(self, rule: DeadlineRule) -> Iterator[Move]:
        """The steps that fulfil it and leave the case where it would run."""
        for move in self._moves.all:
            if move.name in rule.done_by and not _arms(rule, move) and (rule.anchor or _stays(rule, move)):
                yield move


def _leaves_idle(rule: DeadlineRule, move: Move) -> bool:
    """Whether a clock that is not open is not begun by this either: one without an anchor begins whenever a case comes to it."""
    return not _arms(rule, move) and (rule.anchor is not None or _stays(rule, move))


def _arms(rule: DeadlineRule, move: Move) -> bool:
    return name_in_trail(move) in (*(rule.anchor.events if rule.anchor else ()), *rule.restart)


def _says(step: Transition, field: str) -> bool:
    """Whether the field is filled in once the step is taken."""
    own = [each for each in step.sets if each.field == field]
    if own:
        return all(each.kind == "literal" and each.value is not None for each in own)
    return field in step.required


def _stays(rule: DeadlineRule, move: Move) -> bool:
    return {move.source, move.target} <= {*rule.runs_in, *rule.pauses_in}


_UNBEGUN = Text(
    "其中时限“{clock}”自{steps}起算，而那可能尚未发生",
    "where “{clock}” counts from {steps}, which may not have happened",
)
_UNSAID = Text(
    "其中时限“{clock}”的长短取自“{field}”，而它可能为空",
    "where “{clock}” is as long as {field} says, which may be empty",
)
_FULFILLED = Text(
    "其中时限“{clock}”可能已因{steps}而办结，事项却仍在此",
    "where “{clock}” may be fulfilled by {steps}, though the case stays there",
)
