"""A definition beside those of its sub-cases: are they kept, and have they the states, fields and steps that it counts on?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from workflow.case import RoleName, TransitionName
from workflow.loader.draft import SYSTEM_ROLE, Draft, assignments, roles_by_state, simple_assignments
from workflow.loader.report import Path, suggestion
from workflow.loader.values import Target, target_of, trails_of
from workflow.model import Definition, FieldType

#: In `needs`, every state in which a sub-case ends.
CLOSED = "closed"
#: The step that a sub-case takes when the case it belongs to calls it off.
CANCEL = "cancel"
_SYSTEM = RoleName(SYSTEM_ROLE)


@dataclass(frozen=True, slots=True)
class Kind:
    """As much of a kind as another must know that opens cases of it."""

    id: str
    fields: Mapping[str, Target | None]  # None: broken where it is declared
    states: tuple[str, ...]
    not_cancelled: tuple[str, ...]  # the states from which the system may not call it off


def kind_of(draft: Draft, slot: str) -> Kind | None:
    """The kind of these sub-cases; None where it is not known here."""
    child = draft.file.children.get(slot)
    if child is None:
        return None
    if child.kind == draft.file.id:
        return _own(draft)
    definition = (draft.others or {}).get(child.kind)
    return _other(definition) if definition else None


def check_children(draft: Draft) -> None:
    """Report whatever the definitions of the sub-cases lack; only what is known of them is judged."""
    for name, child in draft.file.children.items():
        known = {*(draft.others or ()), draft.file.id}
        if draft.others is not None and child.kind not in known:
            hint = suggestion(child.kind, sorted(known))
            draft.report.of(("children", name, "kind"), "unknown-kind", value=True, name=child.kind, hint=hint)
    for name, guard in draft.file.guards.items():
        if guard.needs and (kind := kind_of(draft, guard.needs.children)):
            for mode, states in (("all", guard.needs.all_), ("some", guard.needs.some), ("none", guard.needs.none)):
                _check_states(draft, kind, states or (), ("guards", name, "needs", mode))
    for name, step in draft.file.transitions.items():
        for number, slot in enumerate(step.cancels):
            kind = kind_of(draft, slot)
            if kind and kind.not_cancelled:
                here: Path = ("transitions", name, "cancels", number)
                draft.report.of(here, "no-cancel", value=True, kind=kind.id, states=", ".join(kind.not_cancelled))
        for path, value in assignments(name, step):
            for each in simple_assignments(value):
                for trail, here in trails_of(each.get("latest") or [], path):
                    if isinstance(trail, str):
                        _check_latest(draft, trail, here)


def written_by_parents(draft: Draft) -> set[str]:
    """The fields that the steps of other kinds write when they open a case of this one."""
    return {
        each.field
        for other in (draft.others or {}).values()
        for step in other.transitions.values()
        if step.opens and other.children[step.opens.child].kind == draft.file.id
        for each in step.opens.sets
    }


def _check_states(draft: Draft, kind: Kind, states: tuple[str, ...] | list[str], path: Path) -> None:
    for number, state in enumerate(states):
        if state != CLOSED and state not in kind.states:
            hint = suggestion(state, (*kind.states, CLOSED))
            draft.report.of((*path, number), "unknown-child-state", value=True, kind=kind.id, name=state, hint=hint)


def _check_latest(draft: Draft, trail: str, path: Path) -> None:
    slot, _, name = trail.partition(".")
    kind = kind_of(draft, slot)
    if kind is None or not name:
        return
    dates = [each for each, target in kind.fields.items() if target is None or target.field.type == FieldType.DATE]
    if name not in dates:
        hint = suggestion(name, dates)
        draft.report.of(path, "unknown-child-field", value=True, kind=kind.id, name=name, hint=hint)


def _own(draft: Draft) -> Kind:
    step = draft.file.transitions.get(CANCEL)
    by = roles_by_state(step) if step else {}
    return Kind(
        id=draft.file.id,
        fields={name: target_of(draft, name) for name in draft.names["fields"]},
        states=tuple(draft.names["states"]),
        not_cancelled=tuple(
            name for name, each in draft.file.states.items() if not each.final and _SYSTEM not in by.get(name, ())
        ),
    )


def _other(definition: Definition) -> Kind:
    step = definition.transitions.get(TransitionName(CANCEL))
    return Kind(
        id=definition.id,
        fields={name: Target(each, tuple(each.choices)) for name, each in definition.fields.items()},
        states=tuple(definition.states),
        not_cancelled=tuple(
            name
            for name, each in definition.states.items()
            if not each.final and (step is None or _SYSTEM not in step.roles.get(name, ()))
        ),
    )
