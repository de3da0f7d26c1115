"""The only home of `transitions`: one machine per definition, shared by every case, that owns who follows whom.

No model is ever added to it (that costs twenty times more and binds the machine to objects): a step fires on a small
subject that is thrown away. The guards are judged before (`decide` wants all that is unmet, not the first), so a step of
the machine only asks the subject for that verdict: nothing can move that has not been judged.
"""

from __future__ import annotations

from transitions.core import EventData, Machine, Transition

from workflow.case import StateName, TransitionName
from workflow.model import Definition


class Subject:
    """What the machine moves: a state, and whether the step was judged open."""

    __slots__ = ("_here", "judged_open")

    def __init__(self, state: StateName, judged_open: bool) -> None:
        self._here = state
        self.judged_open = judged_open


class Step(Transition):
    """A transition of the machine: it moves a subject that was judged open, and runs no callbacks on the way."""

    def execute(self, event_data: EventData) -> bool:
        """Move the subject, if it was judged open; whether it moved."""
        subject = event_data.model
        if not isinstance(subject, Subject) or not subject.judged_open:
            return False
        subject._here = StateName(str(self.dest))
        return True


class DeclaredMachine(Machine):
    """A machine built from a definition."""

    transition_cls = Step


#: Definitions by digest: a process serves a handful of kinds, each in a few versions.
_MACHINES: dict[str, DeclaredMachine] = {}


def machine_of(definition: Definition) -> DeclaredMachine:
    """The one machine of this definition's digest."""
    machine = _MACHINES.get(definition.digest)
    if machine is None:
        machine = _MACHINES[definition.digest] = _built(definition)
    return machine


def target_of(
    definition: Definition, state: StateName, transition: TransitionName, judged_open: bool
) -> StateName | None:
    """Where the machine goes from `state` by `transition`; None when it stays, because the step was not judged open."""
    subject = Subject(state, judged_open)
    return subject._here if machine_of(definition).events[transition].trigger(subject) else None


def _built(definition: Definition) -> DeclaredMachine:
    machine = DeclaredMachine(
        model=None,
        model_attribute="_here",  # no step of a definition can be called so
        states=[{"name": each.name, "final": each.final} for each in definition.states.values()],
        initial=definition.initial,
        auto_transitions=False,
        queued=False,
        send_event=True,
    )
    for declared in definition.transitions.values():
        for source in declared.sources:
            machine.add_transition(declared.name, source, declared.target)
    return machine
