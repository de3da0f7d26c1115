"""What was meant by the name of a step, and what a refusal needs to know of the names in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from terminal.failure import HELPERS, Helpers
from terminal.typed import suggestions
from workflow.case import Actor, Option, Unmet
from workflow.errors import Invalid, Problem, Refused
from workflow.model import FieldType
from workflow.text import Text, listed

if TYPE_CHECKING:
    from storage import Desk
    from storage.views import CaseView
    from workflow.model import Definition, Field

FEW_VALUES = 6


def no_step_said(desk: Desk, actor: Actor, case: str) -> Invalid:
    """The complaint that no step was named, with those that are open to the actor."""
    open_ones = [each for each in desk.options(actor, case) if each.allowed]
    text = _SAY_A_STEP.filled(
        case=case,
        known=Text("、".join(f"{each.transition}（{each.label.zh}）" for each in open_ones),
                   ", ".join(f"{each.transition} ({each.label.en})" for each in open_ones)),
    ) if open_ones else _NOTHING_OPEN.filled(case=case)  # fmt: skip
    return Invalid((Problem("missing-transition", text, field="transition"),))


def step_meant(there: CaseView, said: str) -> str:
    """The step that was meant, by name or by label; what the definition does not know is refused with what is near."""
    definition, steps = there.definition, there.definition.named_steps
    if said in steps:
        return said
    wanted = said.casefold()
    for step in steps.values():
        if wanted in (step.name.casefold(), step.label.zh, step.label.en.casefold()):
            return step.name
    nearest = set(suggestions(said, steps))
    near = [step for name, step in steps.items() if name in nearest]
    facts = {
        "name": said, "kind": definition.title, "version": definition.version, "case": there.case.number,
        "known": Text("、".join(f"{each.name}（{each.label.zh}）" for each in near),
                      ", ".join(f"{each.name} ({each.label.en})" for each in near)),
    }  # fmt: skip
    raise Invalid(
        (Problem("unknown-transition", (_NO_STEP_NEAR if near else _NO_STEP).filled(**facts), field="transition"),)
    )


def not_here(there: CaseView, wanted: str) -> tuple[Option, ...]:
    """A step that this state does not offer, with that as its reason."""
    step = there.definition.transitions[wanted]  # type: ignore[index]
    states = [there.definition.states[each].label for each in step.sources]
    text = _NOT_IN_STATE.filled(
        state=there.definition.states[there.case.state].label,
        states=listed(states),
    )
    return (Option(step.name, step.label, step.target, False, (Unmet("state", text, "state"),), (), (), (), False),)


@contextmanager
def explaining(definition: Definition, step: str | None = None) -> Iterator[None]:
    """A refusal that leaves here knows what its steps and states are called, and on what each rule rests."""
    try:
        yield
    except Refused as refused:
        refused.facts[HELPERS] = helpers_of(definition, step)
        raise


def helpers_of(definition: Definition, step: str | None = None) -> Helpers:
    """What steps and states are called, the basis of each guard, and what is typed with a step."""
    words = {str(step.name): step.label for step in definition.named_steps.values()}
    words.update((str(state.name), state.label) for state in definition.states.values())
    ways = {name: f"--set {to_type(field)}" for name, field in definition.fields.items()}
    ways |= {"comment": "--comment …", "title": "--title …"}
    bases = {guard.name: guard.basis for guard in definition.guards.values() if guard.basis}
    declared = definition.transitions.get(step)  # type: ignore[call-overload]
    return Helpers(words, bases, ways, frozenset((*declared.required, *declared.optional) if declared else ()))


def to_type(field: Field) -> str:
    """A field as it is typed, with its values where they are few."""
    values = tuple(field.choices)
    if field.type == FieldType.BOOL:
        values = ("true", "false")
    return f"{field.name}={'|'.join(values[:FEW_VALUES]) + ('|…' if len(values) > FEW_VALUES else '') or '…'}"


_NO_STEP_NEAR = Text(
    "本事项依“{kind}”第 {version} 版办理，该版没有步骤“{name}”；您要的是 {known}吗？",
    "this case goes by version {version} of {kind}, which has no step “{name}”; did you mean {known}?",
)
_NO_STEP = Text(
    "本事项依“{kind}”第 {version} 版办理，该版没有步骤“{name}”；您现在能办哪些：gongkai why {case}",
    "this case goes by version {version} of {kind}, which has no step “{name}”; for what you may do now: gongkai why {case}",
)
_SAY_A_STEP = Text(
    "缺少步骤：请写明；您现在可办：{known}", "TRANSITION is missing: name the step; open to you now: {known}"
)
_NOTHING_OPEN = Text(
    "缺少步骤：您现在没有可办的步骤；原因见 gongkai why {case}",
    "TRANSITION is missing: no step is open to you now; see gongkai why {case}",
)
_NOT_IN_STATE = Text(
    "现为“{state}”，本步骤只能在“{states}”办理", "the case is in {state}; this step starts from {states}"
)
