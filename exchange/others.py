"""What other cases do in the commit of a step: which begin, which take a step of their own. Every form of a procedure says it alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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
    step_label: Text
    when: Condition | None
    sets: tuple[Assignment, ...]

    @property
    def said(self) -> Text:
        """What happens, in one line."""
        return _SAID[self.act].filled(case=self.label, step=self.step_label)


def in_short(others: Sequence[Other]) -> tuple[Text, ...]:
    """All of it, one line for each sort of other cases; of what happens under a condition only that there is one."""
    alike: dict[tuple[str, str, bool], list[Other]] = {}
    for each in others:
        alike.setdefault((each.act, "" if each.act == "cancel" else each.name, each.when is not None), []).append(each)
    return tuple(_in_one_line(these) for these in alike.values())


def _in_one_line(these: Sequence[Other]) -> Text:
    """What is said of cases that are called off together, or of the steps that those of one name take."""
    first = these[0]
    names = listed([each.label for each in these]) if first.act == "cancel" else first.label
    said = _SAID[first.act].filled(case=names, step=listed([each.step_label for each in these]))
    return _SOMETIMES.filled(said=said) if first.when else said


def others_of(definition: Definition, step: Transition, kinds: Mapping[str, Definition]) -> tuple[Other, ...]:
    """What begins with a step, then what moves with it, in the order in which it happens; `kinds` are read for what they call their steps."""
    return tuple(_others(definition, step, kinds))


def _others(definition: Definition, step: Transition, kinds: Mapping[str, Definition]) -> Iterator[Other]:
    if opens := step.opens:
        label = definition.children[opens.child].label
        yield Other(opens.child, label, "open", "", Text("", ""), opens.when, opens.sets)
    for move in step.moves:
        label, names = _meant(definition, move.case, kinds)
        steps = (kinds[each].transitions.get(move.step) for each in names if each in kinds)
        said = next((each.label for each in steps if each), Text(move.step, move.step))
        yield Other(move.case, label, _act(move), move.step, said, move.when, move.sets)


def _meant(definition: Definition, name: str, kinds: Mapping[str, Definition]) -> tuple[Text, tuple[str, ...]]:
    """What people call the cases that a definition calls by this name, and of which kinds they may be."""
    if name == PARENT:
        return _PARENT, tuple(
            each.id for each in kinds.values() if definition.id in {child.kind for child in each.children.values()}
        )
    kind, dot, field = name.partition(".")
    if dot:  # those that name this one: by the field in which they do
        there = kinds.get(kind)
        return _NAMING.filled(title=there.title, field=there.fields[field].label) if there else Text(name, name), (
            kind,
        )
    if child := definition.children.get(name):
        return child.label, (child.kind,)
    return definition.fields[name].label, definition.fields[name].of


def _act(move: Moving) -> str:
    return "cancel" if move.whole else "move"


_PARENT = Text("主事项", "the case it belongs to")
_NAMING = Text("{title}（其“{field}”为本事项）", "{title} that names it as {field}")
_SAID = {
    "open": Text("同时发起 {case}", "begins {case}"),
    "move": Text("同时办理 {case}：{step}", "moves {case}: {step}"),
    "cancel": Text("同时撤销 {case}", "calls off {case}"),
}
_SOMETIMES = Text("{said}（视情形）", "{said} (in some cases)")
