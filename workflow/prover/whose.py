"""Whose choice a step is: what the bureau's own people do in the ordinary course, or what only others, or a clock, bring about.

A plan prefers what its readers can do. What hangs on somebody else is read from the definition: a limit that runs out, a state
in which a clock stands still because the answer is awaited, a sub-case that must be far enough.
"""

from __future__ import annotations

from enum import StrEnum

from workflow.case import START, StateName
from workflow.judge import SYSTEM_ROLE, guards_of
from workflow.model import DeadlineRule, Definition, Guard, Transition
from workflow.prover.moves import Move
from workflow.suppliers import breaks_off


class Choice(StrEnum):
    """Whose choice a step is."""

    OURS = "ours"  # people of the bureau take it when they wish
    ITSELF = "itself"  # the system takes it as soon as its conditions hold
    AGAIN = (
        "again"  # it undoes what was done: back to an earlier state, out of an end, away from sub-cases that were asked
    )
    OTHERS = "others"  # somebody outside, or another case, must act first
    BREAKS_OFF = "breaks_off"  # it ends the case from wherever it stands: a withdrawal, a voiding
    EXPIRY = "expiry"  # nobody: a limit must run out

    @property
    def is_ours(self) -> bool:
        """Whether those who read a plan can bring the step about themselves."""
        return self not in (Choice.OTHERS, Choice.EXPIRY)


#: What a step costs in a plan. Few definitions have thirty states, so a way of one's own beats any that hangs on others;
#: and a case is broken off only where no few answers lead there, however short that would be.
COST = {
    Choice.OURS: 1,
    Choice.ITSELF: 4,
    Choice.AGAIN: 4,
    Choice.OTHERS: 100,
    Choice.BREAKS_OFF: 600,
    Choice.EXPIRY: 1000,
}


def whose(definition: Definition, move: Move, idle: frozenset[str] = frozenset()) -> Choice:
    """Whose choice a move is, where the case has no sub-case and names no other case by the names in `idle`."""
    step = definition.transitions.get(move.name)  # type: ignore[call-overload]
    state = move.source
    if step is None or state is None or move.name == START:
        return Choice.OURS
    if {*move.roles} == {SYSTEM_ROLE}:
        if _runs_out(definition, step, state):
            return Choice.EXPIRY
        return Choice.ITSELF if step.auto and not _waits(definition, step, state, idle) else Choice.OTHERS
    if breaks_off(definition, step):
        return Choice.BREAKS_OFF
    if _waits(definition, step, state, idle):
        return Choice.OTHERS
    if step.auto and not step.at_once:
        return Choice.ITSELF
    return Choice.AGAIN if _undoes(definition, step, state, idle) else Choice.OURS


def expiring(definition: Definition, step: str, state: StateName) -> DeadlineRule | None:
    """The clock that takes this step when it runs out in this state."""
    rules = (rule for rule in definition.clocks_in[state] if state in rule.runs_in)
    return next((rule for rule in rules if any(each.transition == step for each in rule.steps)), None)


def _runs_out(definition: Definition, step: Transition, state: StateName) -> bool:
    return expiring(definition, step.name, state) is not None


def asks_for_nothing(guard: Guard, idle: frozenset[str]) -> bool:
    """Whether it asks all (or none) of certain cases for something, and there is none of them."""
    return bool(guard.needs and guard.needs.mode != "some" and guard.needs.children in idle)


def _waits(definition: Definition, step: Transition, state: StateName, idle: frozenset[str]) -> bool:
    guards = [definition.guards[name] for name in guards_of(definition, step)]
    for_lack = [definition.guards[name].needs for name in step.when_blocked]
    return (
        any(state in rule.pauses_in for rule in definition.clocks_in[state])
        or any(guard.needs and guard.needs.mode != "none" and not asks_for_nothing(guard, idle) for guard in guards)
        # It is there only while another case is not far enough.
        or (bool(for_lack) and all(needs and needs.mode != "none" for needs in for_lack))
    )


def _undoes(definition: Definition, step: Transition, state: StateName, idle: frozenset[str]) -> bool:
    order = [*definition.states]
    back = order.index(step.target) < order.index(state)
    calls_off = any(each.whole and each.case not in idle for each in step.moves)
    return calls_off or back or definition.states[state].final
