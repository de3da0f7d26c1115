"""What no step may do unless it carries certain guards: read from the steps themselves, whatever data a case can come to.

A guard that asks other cases or a clock may hold or not as far as the proof knows, so nothing that a case comes to shows that
it is gone; that a step enters a state, leaves it or writes a value without it does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from workflow.case import EDIT, StateName, TransitionName
from workflow.judge import guards_of
from workflow.model import ANY_VALUE, Assignment, Definition, NeverWithout, Transition
from workflow.text import Text
from workflow.words import step_label


@dataclass(frozen=True, slots=True)
class Lacking:
    """A step, or an edit (`edit.STATE`), that does what must never be done without these guards."""

    never: NeverWithout
    step: str
    at: tuple[str | int, ...]
    guards: tuple[str, ...]

    @property
    def mend(self) -> Text:
        """How to mend it: an edit asks no guards, so its field is taken from it."""
        facts = {"step": self.step, "guards": ", ".join(self.guards), "never": self.never.name}
        if self.step.startswith(f"{EDIT}."):
            return _KEEP_FROM_EDITS.filled(fields=", ".join(self.never.sets), **facts)
        return _ADD.filled(**facts)

    def how(self, definition: Definition) -> Text:
        """What the step lacks, in the words of the guards."""
        texts = [definition.guards[each].text for each in self.guards]
        zh, en = ("、".join(f"“{each.zh}”" for each in texts), ", ".join(f"“{each.en}”" for each in texts))
        return _LACKS.filled(step=_called(definition, self.step), guards=Text(zh, en))

    def way(self, definition: Definition) -> tuple[Text, ...]:
        """The one step that is the way to the breach."""
        step = definition.transitions.get(TransitionName(self.step))
        label = _called(definition, self.step)
        return (_STEP.filled(step=label, state=definition.states[step.target].label) if step else label,)


def lacking(definition: Definition) -> Iterator[Lacking]:
    """Every step and edit that does what must never be done without a guard, and lacks one, in the order of the file."""
    for never in definition.never_without:
        for lacks in _all_lacking(definition, never):
            if lacks.step not in never.but_by:
                yield lacks


def needless_exceptions(definition: Definition) -> Iterator[tuple[str, int, str]]:
    """Name, place and step of every exception from which nothing is excepted."""
    for never in definition.never_without:
        needed = {lacks.step for lacks in _all_lacking(definition, never)}
        for number, step in enumerate(never.but_by):
            if step not in needed:
                yield never.name, number, step


def _all_lacking(definition: Definition, never: NeverWithout) -> Iterator[Lacking]:
    for step in definition.transitions.values():
        asked = guards_of(definition, step)
        left = tuple(each for each in never.without if each not in asked)
        if left and does(step, never):
            yield Lacking(never, step.name, ("transitions", step.name), left)
    if never.into or never.out_of or never.opens:
        return  # an edit leads nowhere, and opens nothing
    for state in definition.states.values():
        may = {field for fields in state.edit.values() for field in fields}
        if may.issuperset(never.sets):
            yield Lacking(never, f"{EDIT}.{state.name}", ("states", state.name, "edit"), never.without)


def does(step: Transition, never: NeverWithout) -> bool:
    """Whether the step does all that is named: it enters, it leaves, it opens, and it may write each of these fields so."""
    if never.into and (step.target not in never.into or {*step.sources} <= {*never.into}):
        return False
    if never.out_of and (step.target in never.out_of or {*step.sources}.isdisjoint(never.out_of)):
        return False
    if never.into and never.out_of and {*step.sources}.isdisjoint({*never.out_of} - {*never.into}):
        return False
    if never.opens and (step.opens is None or step.opens.child not in never.opens):
        return False
    return all(_may_write(step, field, never.sets[field]) for field in never.sets)


def _may_write(step: Transition, field: str, values: tuple[object, ...]) -> bool:
    """Whether the step may write one of these values: what its form takes or is computed may be each of them."""
    if field in (*step.required, *step.optional):
        return True
    if step.number and step.number.field == field:
        return ANY_VALUE in values
    return any(_may_be(each, values) for each in step.sets if each.field == field)


def _may_be(assignment: Assignment, values: tuple[object, ...]) -> bool:
    if assignment.kind == "choose":
        return any(_may_be(each, values) for _, each in assignment.choices)
    if assignment.kind != "literal":
        return True
    return assignment.value is not None and (ANY_VALUE in values or assignment.value in values)


def _called(definition: Definition, step: str) -> Text:
    """What a step is called; an edit, by the state in which it is made."""
    edit, dot, state = step.partition(".")
    if not dot:
        return step_label(definition, step)
    return _EDITED.filled(edit=step_label(definition, edit), state=definition.states[StateName(state)].label)


_EDITED = Text("{edit}（{state}）", "{edit} ({state})")
_STEP = Text("{step}→{state}", "{step} → {state}")
_LACKS = Text("“{step}”没有要求{guards}", "“{step}” does not ask this: {guards}")
_ADD = Text(
    "请在步骤 {step} 的 guards 中加上 {guards}，或在 never 的 {never} 的 but_by 中写明此例外",
    "add {guards} to the guards of the step {step}, or name it as an exception in but_by of {never} under never",
)
_KEEP_FROM_EDITS = Text(
    "请从该状态的 edit 中删去 {fields}，或在 never 的 {never} 的 but_by 中写明 {step}",
    "take {fields} out of the edit of that state, or name {step} in but_by of {never} under never",
)
