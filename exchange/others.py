"""What other cases do in the commit of a step: which begin, which take a step of their own. Every form of a procedure says it alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from workflow.conditions import Condition
from workflow.model import PARENT, Assignment, Definition, Moving, Transition
from workflow.text import Text, listed


@dataclass(frozen=True, slots=True)
class Other:
    """One thing that happens to other cases with a step: `name` is what the definition calls them, `label` what people do."""

    name: str
    label: Text
    act: str  # open | move | cancel
    step: str  # that they take; of one that begins, nothing
    when: Condition | None
    sets: tuple[Assignment, ...]

    @property
    def said(self) -> Text:
        """What happens, in one line."""
        return _SAID[self.act].filled(case=self.label, step=self.step)

    @property
    def said_shortly(self) -> Text:
        """The same; of what happens under a condition only that there is one."""
        return _SOMETIMES.filled(said=self.said) if self.when else self.said


def in_short(others: Sequence[Other]) -> tuple[Text, ...]:
    """All of it, one line each; those that are called off stand together."""
    called_off = [each.label for each in others if each.act == "cancel"]
    lines = [each.said_shortly for each in others if each.act != "cancel"]
    return (*lines, *([_SAID["cancel"].filled(case=listed(called_off))] if called_off else []))


def others_of(definition: Definition, step: Transition) -> tuple[Other, ...]:
    """What begins with a step, then what moves with it, in the order in which it happens."""
    return tuple(_others(definition, step))


def _others(definition: Definition, step: Transition) -> Iterator[Other]:
    if opens := step.opens:
        yield Other(opens.child, label_of(definition, opens.child), "open", "", opens.when, opens.sets)
    for move in step.moves:
        label = label_of(definition, move.case)
        yield Other(move.case, label, _act(move), move.step, move.when, move.sets)


def label_of(definition: Definition, name: str) -> Text:
    """What people call the cases that a definition calls by this name."""
    if name == PARENT:
        return _PARENT
    if "." in name:  # those that name this one: by the field in which they do
        return Text(name, name)
    child = definition.children.get(name)
    return child.label if child else definition.fields[name].label


def _act(move: Moving) -> str:
    return "cancel" if move.whole else "move"


_PARENT = Text("主事项", "the case it belongs to")
_SAID = {
    "open": Text("同时发起 {case}", "begins {case}"),
    "move": Text("同时办理 {case}：{step}", "moves {case}: {step}"),
    "cancel": Text("同时撤销 {case}", "calls off {case}"),
}
_SOMETIMES = Text("{said}（视情形）", "{said} (in some cases)")
