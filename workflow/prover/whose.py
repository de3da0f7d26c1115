"""Whose choice a step is: what the bureau's own people do in the ordinary course, or what only others, or a clock, bring about.

A plan prefers what its readers can do. What hangs on somebody else is read from the definition: a limit that runs out, a state
in which a clock stands still because the answer is awaited, a sub-case that must be far enough.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from workflow.case import START, Case, StateName
from workflow.judge import SYSTEM_ROLE, far_enough, guards_of
from workflow.model import DeadlineRule, Definition, Guard, Transition
from workflow.prover.moves import Move
from workflow.suppliers import breaks_off


class Choice(StrEnum):
    """Whose choice a step is."""

    OURS = "ours"  # people of the bureau take it when they wish
    ITSELF = "itself"  # the system takes it as soon as its conditions hold
    AWAITS = "awaits"  # another case that is in hand must go on first, or takes it along
    AGAIN = (
        "again"  # it undoes what was done: back to an earlier state, out of an end, away from sub-cases that were asked
    )
    OTHERS = "others"  # somebody outside, or another case, must act first
    BREAKS_OFF = "breaks_off"  # it ends the case from wherever it stands: a withdrawal, a voiding
    EXPIRY = "expiry"  # nobody: a limit must run out

    @property
    def is_ours(self) -> bool:
        """Whether those who read a plan can bring the step about themselves."""
        return self not in (Choice.AWAITS, Choice.OTHERS, Choice.EXPIRY)


#: What a step costs in a plan. Few definitions have thirty states, so a way of one's own beats any that hangs on others;
#: and a case is broken off only where no few answers lead there, however short that would be.
COST = {
    Choice.OURS: 1,
    Choice.ITSELF: 4,
    Choice.AWAITS: 3,
    Choice.AGAIN: 5,
    Choice.OTHERS: 100,
    Choice.BREAKS_OFF: 600,
    Choice.EXPIRY: 1000,
}


@dataclass(frozen=True, slots=True)
class Around:
    """The cases around one, as far as the ways of that one hang on them."""

    idle: frozenset[str] = frozenset()  # by which names there is no sub-case, and no case that it names
    met: frozenset[str] = frozenset()  # the guards whose other cases are far enough
    awaited: frozenset[str] = frozenset()  # those whose other cases are in hand, and may yet be far enough
    taken_along: frozenset[str] = frozenset()  # the steps that it takes when an open case takes one


def around(
    definition: Definition,
    case: Case,
    opened: frozenset[str] = frozenset(),
    taken_along: frozenset[str] = frozenset(),
) -> Around:
    """How the other cases stand for this one; `opened`: names by which steps before open some."""
    names = {*definition.children, *(field.name for field in definition.links)}
    there = {each.slot for each in case.children} | opened
    met, awaited = set[str](), set[str]()
    for guard in definition.guards.values():
        needs = guard.needs
        if guard.check == "undated" and not there.isdisjoint(slots_of(guard)):
            is_open = slots_of(guard) & opened or any(
                each.closed_at is None and each.slot in slots_of(guard) for each in case.children
            )
            (awaited if is_open else met).add(guard.name)
        if needs is None or needs.children not in there:
            continue
        meant = [each for each in case.children if each.slot == needs.children]
        if far_enough(needs, case.children) and needs.children not in opened:
            met.add(guard.name)
        elif (
            needs.children in opened
            or all(each.closed_at is None or (far_enough(needs, (each,)) and needs.mode == "all") for each in meant)
            or (needs.mode == "some" and any(each.closed_at is None for each in meant))
        ):
            awaited.add(guard.name)
    return Around(frozenset(names - there), frozenset(met), frozenset(awaited), taken_along)


def whose(definition: Definition, move: Move, others: Around = Around()) -> Choice:
    """Whose choice a move is, as the other cases stand."""
    step = definition.transitions.get(move.name)  # type: ignore[call-overload]
    state = move.source
    if step is None or state is None or move.name == START:
        return Choice.OURS
    if {*move.roles} == {SYSTEM_ROLE}:
        if _runs_out(definition, step, state):
            return Choice.EXPIRY
        if step.name in others.taken_along:
            return Choice.AWAITS
        return (_waits(definition, step, state, others) or Choice.ITSELF) if step.auto else Choice.OTHERS
    if breaks_off(definition, step):
        return Choice.BREAKS_OFF
    waits = _waits(definition, step, state, others)
    # What follows at once on the step that awaited the same others is waited for no longer.
    if waits and not (waits is Choice.AWAITS and step.auto and step.at_once):
        return waits
    if step.auto and not step.at_once:
        return Choice.ITSELF
    return Choice.AGAIN if _undoes(definition, step, state, others.idle) else Choice.OURS


def expiring(definition: Definition, step: str, state: StateName) -> DeadlineRule | None:
    """The clock that takes this step when it runs out in this state."""
    rules = (rule for rule in definition.clocks_in[state] if state in rule.runs_in)
    return next((rule for rule in rules if any(each.transition == step for each in rule.steps)), None)


def _runs_out(definition: Definition, step: Transition, state: StateName) -> bool:
    return expiring(definition, step.name, state) is not None


def asks_for_nothing(guard: Guard, idle: frozenset[str]) -> bool:
    """Whether it asks all (or none) of certain cases for something, and there is none of them."""
    return bool(slots_of(guard)) and slots_of(guard) <= idle and not (guard.needs and guard.needs.mode == "some")


def slots_of(guard: Guard) -> frozenset[str]:
    """The names under which a guard asks how other cases stand."""
    if guard.needs:
        return frozenset({guard.needs.children})
    trails = guard.params["dates"] if guard.check == "undated" else ()
    return frozenset(trail.partition(".")[0] for trail in trails)


def _waits(definition: Definition, step: Transition, state: StateName, others: Around) -> Choice | None:
    """Whether a step waits for other cases or for an answer, and whether these are in hand."""
    asked = [
        guard
        for name in guards_of(definition, step)
        if slots_of(guard := definition.guards[name]) and not asks_for_nothing(guard, others.idle)
    ]
    if any(_is_missed(guard, others) for guard in asked):
        return Choice.OTHERS
    if any(guard.name in others.awaited for guard in asked):
        return Choice.AWAITS
    for_lack = [definition.guards[name].needs for name in step.when_blocked]
    # It is there only while another case is not far enough.
    if for_lack and all(needs and needs.mode != "none" for needs in for_lack):
        return Choice.OTHERS
    has_answer = any(guard.name in others.met for guard in asked)
    stands_still = any(state in rule.pauses_in for rule in definition.clocks_in[state])
    return Choice.OTHERS if stands_still and not has_answer else None


def _is_missed(guard: Guard, others: Around) -> bool:
    """Whether nobody in hand can make it true; that there is none to hinder it is what a guard of `none` asks."""
    if guard.name in others.met or guard.name in others.awaited:
        return False
    return not (guard.needs and guard.needs.mode == "none" and guard.needs.children in others.idle)


def _undoes(definition: Definition, step: Transition, state: StateName, idle: frozenset[str]) -> bool:
    order = [*definition.states]
    back = order.index(step.target) < order.index(state)
    calls_off = any(each.whole and each.case not in idle for each in step.moves)
    return calls_off or back or definition.states[state].final
