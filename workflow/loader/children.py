"""A definition beside those of its sub-cases and of the cases that it names: have they the states, fields and steps it counts on?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from workflow.act import Demand
from workflow.loader.draft import SYSTEM_ROLE, Draft, assignments, held_in, roles_by_state, simple_assignments
from workflow.loader.report import Path, suggestion
from workflow.loader.values import Target, check_written, target_of, trails_of
from workflow.model import CANCEL, CLOSED, PARENT, Definition, FieldType
from workflow.schema import MoveEntry


@dataclass(frozen=True, slots=True)
class Offer:
    """A step of another kind, as far as it may be taken for the sake of this one."""

    by_system: tuple[str, ...]  # the states from which the system may take it
    required: tuple[str, ...]
    optional: tuple[str, ...]
    wants_comment: bool


@dataclass(frozen=True, slots=True)
class Kind:
    """As much of a kind as another must know that opens, names or moves cases of it."""

    id: str
    fields: Mapping[str, Target | None]  # None: broken where it is declared
    states: tuple[str, ...]
    open_states: tuple[str, ...]  # those in which it has not ended
    steps: Mapping[str, Offer]

    @property
    def not_cancelled(self) -> tuple[str, ...]:
        """The states from which the system may not call it off."""
        step = self.steps.get(CANCEL)
        return tuple(state for state in self.open_states if step is None or state not in step.by_system)


def kind_of(draft: Draft, slot: str) -> Kind | None:
    """The kind of these sub-cases; None where it is not known here."""
    child = draft.file.children.get(slot)
    return _kind(draft, child.kind) if child else None


def kinds_of(draft: Draft, name: str) -> list[Kind]:
    """The kinds of the cases that `needs` and `moves` call by this name, as far as they are known here."""
    if name == PARENT:
        named = list(_parents(draft))
    elif name in draft.file.children:
        named = [draft.file.children[name].kind]
    elif "." in name:
        named = [name.partition(".")[0]]
    else:
        field = draft.file.fields.get(name)
        named = list(field.of or ()) if field else []
    return [kind for each in dict.fromkeys(named) if (kind := _kind(draft, each))]


def check_children(draft: Draft) -> None:
    """Report whatever the definitions of the other cases lack; only what is known of them is judged."""
    for name, child in draft.file.children.items():
        _check_kind(draft, child.kind, ("children", name, "kind"))
        if name in draft.file.fields and draft.file.fields[name].type == "case":
            draft.report.of(("children", name), "reserved-name", name=name)
    for name, field in draft.file.fields.items():
        for number, named in enumerate(field.of or ()):
            _check_kind(draft, named, ("fields", name, "of", number))
        for kind in kinds_of(draft, name) if field.named_in else ():
            _check_named_in(draft, kind, str(field.named_in), ("fields", name, "named_in"))
    for name, guard in draft.file.guards.items():
        for kind in kinds_of(draft, guard.needs.children) if guard.needs else ():
            assert guard.needs
            modes = (("all", guard.needs.all_), ("some", guard.needs.some), ("none", guard.needs.none))
            for mode, said in modes:
                _check_states(draft, kind, said or (), ("guards", name, "needs", mode))
        for number, day in enumerate(guard.params.get("dates", ())):
            slot, dot, its = day.partition(".")
            for kind in kinds_of(draft, slot) if dot else ():
                _check_day(draft, kind, its, ("guards", name, "params", "dates", number))
    for name, step in draft.file.transitions.items():
        for number, slot in enumerate(step.cancels):
            called_off = kind_of(draft, slot)
            if called_off and called_off.not_cancelled:
                here: Path = ("transitions", name, "cancels", number)
                states = ", ".join(called_off.not_cancelled)
                draft.report.of(here, "no-cancel", value=True, kind=called_off.id, states=states)
        for number, move in enumerate(step.moves):
            _check_move(draft, move, ("transitions", name, "moves", number))
        for path, value in assignments(name, step):
            for each in simple_assignments(value):
                for trail, here in trails_of(each.get("latest") or each.get("earliest") or [], path):
                    if isinstance(trail, str):
                        _check_latest(draft, trail, here)


def known_case(draft: Draft, name: str, path: Path) -> None:
    """Report a name that is neither a kind of sub-case nor a field that names cases, nor the parent where that is meant."""
    links = [each for each in draft.names["fields"] if (said := draft.file.fields.get(each)) and said.type == "case"]
    names = [*draft.names[held_in("child")], *links]
    if path[-1] == "case":
        names += [
            PARENT,
            *(f"{draft.file.id}.{each}" for each in links if draft.file.id in (draft.file.fields[each].of or ())),
        ]
        kinds = (draft.others or {}).values()
        names += [f"{kind.id}.{each.name}" for kind in kinds for each in kind.links if draft.file.id in each.of]
    broken = name in draft.names["fields"] and name not in draft.file.fields
    if name not in names and not broken:
        draft.report.of(path, "unknown-child", value=True, name=name, hint=suggestion(name, names))


def written_by_parents(draft: Draft) -> set[str]:
    """The fields that the steps of other kinds write when they open a case of this one."""
    return {
        each.field
        for other in (draft.others or {}).values()
        for step in other.transitions.values()
        if step.opens and other.children[step.opens.child].kind == draft.file.id
        for each in step.opens.sets
    }


def moved_by_others(draft: Draft) -> set[str] | None:
    """The steps that are taken for the sake of another case, or of one of this kind; None where no other kind is known."""
    if draft.others is None:
        return None
    own = {
        move.step
        for step in draft.file.transitions.values()
        for move in step.moves
        if any(kind.id == draft.file.id for kind in kinds_of(draft, move.case))
    }
    children = {each.kind for each in draft.file.children.values()}
    return own | {
        str(move.step)
        for other in draft.others.values()
        for step in other.transitions.values()
        for move in step.moves
        if (move.case == PARENT and other.id in children) or draft.file.id in _meant(other, move.case)
    }


def _meant(other: Definition, name: str) -> tuple[str, ...]:
    if "." in name:
        return (name.partition(".")[0],)
    if name in other.children:
        return (other.children[name].kind,)
    return other.fields[name].of if name in other.fields else ()


def _check_kind(draft: Draft, kind: str, path: Path) -> None:
    known = {*(draft.others or ()), draft.file.id}
    if draft.others is not None and kind not in known:
        draft.report.of(path, "unknown-kind", value=True, name=kind, hint=suggestion(kind, sorted(known)))


def _check_named_in(draft: Draft, kind: Kind, name: str, path: Path) -> None:
    # A field that is broken where it is declared may be any.
    links = [each for each, said in kind.fields.items() if said is None or draft.file.id in said.field.of]
    if name not in links:
        hint = suggestion(name, links)
        draft.report.of(path, "unknown-child-field", value=True, kind=kind.id, name=name, hint=hint)


def _check_states(draft: Draft, kind: Kind, states: tuple[str, ...] | list[str], path: Path) -> None:
    for number, state in enumerate(states):
        if state != CLOSED and state not in kind.states:
            hint = suggestion(state, (*kind.states, CLOSED))
            draft.report.of((*path, number), "unknown-child-state", value=True, kind=kind.id, name=state, hint=hint)


def _check_move(draft: Draft, move: MoveEntry, path: Path) -> None:
    kinds = kinds_of(draft, move.case)
    for kind in kinds:
        offer = kind.steps.get(move.step)
        # A condition may single out those among the parents that have it.
        if offer is None and move.case == PARENT and move.if_ and any(move.step in each.steps for each in kinds):
            continue
        if offer is None:
            hint = suggestion(move.step, kind.steps)
            draft.report.of((*path, "step"), "unknown-child-step", value=True, kind=kind.id, name=move.step, hint=hint)
        elif not offer.by_system or offer.wants_comment:
            draft.report.of((*path, "step"), "no-move", value=True, kind=kind.id, name=move.step)
        else:
            _check_brought(draft, kind, offer, move, path)
    if move.case == PARENT and draft.others is not None and not kinds:
        draft.report.of((*path, "case"), "no-parent", value=True)


def _check_brought(draft: Draft, kind: Kind, offer: Offer, move: MoveEntry, path: Path) -> None:
    form = (*offer.required, *offer.optional)
    for field, value in move.set_.items():
        if field not in form:
            hint = suggestion(field, form)
            draft.report.of((*path, "set", field), "not-in-form", kind=kind.id, name=field, step=move.step, hint=hint)
        else:
            check_written(draft, kind.fields.get(field), value, (*path, "set", field))
    for field in offer.required:
        if field not in move.set_:
            draft.report.of(path, "move-lacks", kind=kind.id, name=field, step=move.step)


def _check_latest(draft: Draft, trail: str, path: Path) -> None:
    slot, _, name = trail.partition(".")
    kind = kind_of(draft, slot)
    if kind and name:
        _check_day(draft, kind, name, path)


def _check_day(draft: Draft, kind: Kind, name: str, path: Path) -> None:
    dates = [each for each, target in kind.fields.items() if target is None or target.field.type == FieldType.DATE]
    if name not in dates:
        hint = suggestion(name, dates)
        draft.report.of(path, "unknown-child-field", value=True, kind=kind.id, name=name, hint=hint)


def _parents(draft: Draft) -> Iterator[str]:
    """Every kind, this one among them, that opens cases of this one."""
    for other in (draft.others or {}).values():
        if other.id != draft.file.id and any(each.kind == draft.file.id for each in other.children.values()):
            yield other.id
    if any(each.kind == draft.file.id for each in draft.file.children.values()):
        yield draft.file.id


def _kind(draft: Draft, name: str) -> Kind | None:
    if name not in draft.kinds:  # one that thousands of moves look at
        definition = (draft.others or {}).get(name)
        draft.kinds[name] = _own(draft) if name == draft.file.id else _other(definition) if definition else None
    return draft.kinds[name]


def _own(draft: Draft) -> Kind:
    return Kind(
        id=draft.file.id,
        fields={name: target_of(draft, name) for name in draft.names["fields"]},
        states=tuple(draft.names["states"]),
        open_states=tuple(name for name, each in draft.file.states.items() if not each.final),
        steps={
            name: Offer(
                tuple(state for state, roles in roles_by_state(step).items() if SYSTEM_ROLE in roles),
                tuple(step.form.required if step.form else ()),
                tuple(step.form.optional if step.form else ()),
                step.comment == "required",
            )
            for name, step in draft.file.transitions.items()
        },
    )


def _other(definition: Definition) -> Kind:
    return Kind(
        id=definition.id,
        fields={name: Target(each, tuple(each.choices)) for name, each in definition.fields.items()},
        states=tuple(definition.states),
        open_states=tuple(name for name, each in definition.states.items() if not each.final),
        steps={
            str(name): Offer(
                tuple(state for state, roles in step.roles.items() if SYSTEM_ROLE in roles),
                step.required,
                step.optional,
                step.comment is Demand.REQUIRED,
            )
            for name, step in definition.transitions.items()
        },
    )
