"""Why nothing leads from a case to a state: the step that stays shut and what keeps it shut, or the state that nobody leaves."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from workflow.case import EDIT, Case, Scalar, StateName
from workflow.conditions import IsSet, OneOf
from workflow.judge import SYSTEM_ROLE, guards_of
from workflow.model import Definition, FieldType, Transition
from workflow.prover.faults import Proof
from workflow.prover.moves import Move, after
from workflow.prover.sets import ALL, NONE, Set
from workflow.prover.whose import COST, whose
from workflow.text import Text, listed
from workflow.words import in_words


@dataclass(frozen=True, slots=True)
class NoWay:
    """That nothing leads there, and why; `stated`: by these fields as the case states them."""

    text: Text
    stated: tuple[str, ...] = ()


def as_it_is_stated(definition: Definition, case: Case, to: StateName, fields: Collection[str]) -> NoWay:
    """That what these fields say bars the way, and with which steps it is for others to record otherwise."""
    facts = listed((_said(definition, name, case.data.get(name)) for name in fields), "、", ", ")
    steps = [
        _RECORDED.filled(field=definition.fields[name].label, step=step.label, roles=listed(_people(definition, step)))
        for name in fields
        for step in definition.transitions.values()
        if name in step.optional and _people(definition, step)
    ]
    text = _STATED.filled(state=definition.states[to].label, facts=facts)
    return NoWay(listed((text, *steps), "；", "; "), tuple(fields))


def _said(definition: Definition, name: str, value: Scalar) -> Text:
    is_text = definition.fields[name].type in (FieldType.TEXT, FieldType.CASE)
    return in_words(definition, IsSet(name) if is_text else OneOf(name, (value,)))


def _people(definition: Definition, step: Transition) -> list[Text]:
    roles = dict.fromkeys(role for each in step.roles.values() for role in each if role != SYSTEM_ROLE)
    return [definition.roles[role].label for role in roles]


class Barred:
    """One case, one state to which nothing leads from it, and the steps that this case cannot take again."""

    def __init__(self, proof: Proof, case: Case, here: Set, to: StateName, spent: Collection[str]) -> None:
        self._proof = proof
        self._definition = proof.definition
        self._space = proof.space
        self._case = case
        self._here = here
        self._to = to
        self._moves = [move for move in proof.moves.all if move.name not in spent]
        self._forbidden = proof.forbidden()

    def why(self) -> NoWay:
        """What bars it."""
        state, label = self._definition.states[self._case.state].label, self._definition.states[self._to].label
        if not self._definition.leaving[self._case.state]:
            return NoWay(_FINAL.filled(state=state))
        far = self._distances()
        if self._case.state not in far:
            return NoWay(_NOWHERE.filled(here=state, state=label))
        reached = self._reached()
        shut = [
            move
            for move in self._moves
            if move.source in reached and move.target in far and move.target not in reached and move.name != EDIT
        ]
        for move in sorted(shut, key=lambda each: (COST[whose(self._definition, each)] > 1, far[each.target])):
            found = self._shut(move, reached[move.source])  # type: ignore[index]
            if found:
                return found
        return NoWay(_NOWHERE.filled(here=state, state=label))

    def _distances(self) -> dict[StateName, int]:
        """The states from which steps lead there whatever the data, with the number of steps."""
        found = {self._to: 0}
        waiting = [self._to]
        for target in waiting:
            for move in self._moves:
                if move.target == target and move.source and move.source not in found:
                    found[move.source] = found[target] + 1
                    waiting.append(move.source)
        return found

    def _reached(self) -> dict[StateName, Set]:
        """Every (state, data) to which the case can still come without anything forbidden."""
        found = {self._case.state: self._here}
        waiting = [self._case.state]
        while waiting:
            state = waiting.pop()
            for move in self._moves:
                if move.source == state:
                    come = self._allowed(move.target, after(self._space, move.acts, found[state]))
                    whole = self._space.either(found.get(move.target, NONE), come)
                    if whole != found.get(move.target, NONE):
                        found[move.target] = whole
                        waiting.append(move.target)
        return found

    def _allowed(self, state: StateName, these: Set) -> Set:
        return self._space.without(these, self._forbidden.get(state, NONE))

    def _shut(self, move: Move, held: Set) -> NoWay | None:
        step = self._definition.transitions[move.name]  # type: ignore[index]
        possible = after(self._space, move.written, held)
        facts = {"state": self._definition.states[self._to].label, "step": step.label}
        if step.when and self._none(possible, self._proof.tellable.may(step.when)):
            said = in_words(self._definition, step.when)
            return NoWay(_ONLY_IF.filled(condition=said, **facts))
        if step.when_blocked and self._none(possible, self._proof.moves.called_for(step)):
            names = [self._definition.guards[name] for name in step.when_blocked]
            return NoWay(_ONLY_LACKING.filled(guards=listed((each.text for each in names), "；", "; "), **facts))
        unmet = self._unmet(step, possible)
        if unmet:
            return NoWay(_UNMET.filled(guards=listed(unmet, "；", "; "), **facts))
        come = after(self._space, move.acts, held)
        return self._broken(move, come, facts)

    def _unmet(self, step: Transition, possible: Set) -> list[Text]:
        """The guards that can no longer be met: one of them by itself, or else all of them together."""
        asked = [guard for name in guards_of(self._definition, step) if (guard := self._definition.guards[name]).when]
        for guard in asked:
            if self._none(possible, self._proof.tellable.may(guard.when)):
                return [guard.text]
        together = possible
        for guard in asked:
            together = self._space.both(together, self._proof.tellable.may(guard.when))
        if together == NONE and possible != NONE:
            return [guard.text for guard in asked]
        return []

    def _broken(self, move: Move, come: Set, facts: dict[str, Text]) -> NoWay | None:
        """What must never be, and would be with every way of taking the step."""
        if come == NONE:
            return None
        there = facts["state"], self._definition.states[move.target].label
        bars = [*self._bars(move.target)]
        by_itself = [each for each in bars if self._space.without(come, each[0]) == NONE]
        for _, text in by_itself or [each for each in bars if self._space.both(come, each[0]) != NONE]:
            return NoWay(_NEVER.filled(state=there[0], target=there[1], step=facts["step"], never=text))
        return None

    def _bars(self, target: StateName) -> Iterator[tuple[Set, Text]]:
        for never in self._definition.never:
            if target in never.states:
                yield self._proof.tellable.may(never.when), never.text
        for said in self._definition.passes:
            if target in said.targets:
                yield self._proof.missed(said), said.text

    def _none(self, these: Set, those: Set) -> bool:
        return these != NONE and self._space.both(these, those) == NONE and those != ALL


_STATED = Text(
    "从现状到不了“{state}”：现已填明{facts}；这里不建议改动已填明的内容",
    "nothing leads to “{state}” from here as long as {facts}, as stated; no plan changes what is stated",
)
_RECORDED = Text(
    "“{field}”如有变化，由{roles}在“{step}”时登记",
    "where {field} has changed, it is recorded with “{step}” by: {roles}",
)
_FINAL = Text("“{state}”是办结状态，没有步骤离开它", "“{state}” is an end: no step leaves it")
_NOWHERE = Text("没有一连串步骤能从“{here}”到“{state}”", "no steps lead from “{here}” to “{state}”")
_ONLY_IF = Text(
    "从现状到不了“{state}”：“{step}”只适用于{condition}的事项，而此事项不会再成为这样",
    "nothing leads to “{state}” from here: “{step}” is only for cases where {condition}, which this one cannot become",
)
_ONLY_LACKING = Text(
    "从现状到不了“{state}”：“{step}”只用于尚有欠缺（{guards}）的事项，而此事项不会再成为这样",
    "nothing leads to “{state}” from here: “{step}” is only for cases in which something is lacking ({guards}), which this one cannot become",
)
_UNMET = Text(
    "从现状到不了“{state}”：“{step}”一直办不了（{guards}），以后也改变不了",
    "nothing leads to “{state}” from here: “{step}” stays shut ({guards}), and nothing that can still be done changes that",
)
_NEVER = Text(
    "从现状到不了“{state}”：经“{step}”到“{target}”总会违反“{never}”",
    "nothing leads to “{state}” from here: “{step}” would lead to “{target}” against this in every case: {never}",
)
