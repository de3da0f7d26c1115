"""The definition as a whole: can every state be reached and left, by whom, under which clock; is everything used?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from workflow.loader.children import moved_by_others, written_by_parents
from workflow.loader.clocks import check_clock_flow
from workflow.loader.draft import (
    IDLE_ROLE,
    SYSTEM_ROLE,
    Draft,
    able,
    assignments,
    conditions,
    held_in,
    label_of,
    roles_by_state,
    simple_assignments,
)
from workflow.loader.report import Path
from workflow.loader.values import fields_in
from workflow.model import CANCEL
from workflow.notation import Labelled
from workflow.promised import PassEntry
from workflow.schema import DeadlineEntry, FieldLimit, GuardEntry, TransitionEntry


def check_flow(draft: Draft) -> None:
    """Report whatever no single entry shows; asks for a file whose names all lead somewhere."""
    _check_title(draft)
    _check_ends(draft)
    _check_reach(draft)
    _check_hands(draft)
    _check_roles(draft)
    _check_system(draft)
    _check_basis(draft)
    check_clock_flow(draft)
    _check_labels(draft)
    _check_used(draft)


def _check_title(draft: Draft) -> None:
    title = draft.file.fields.get("title")
    if title is None or title.type != "text":
        draft.report.of(("fields", "title") if title else ("fields",), "no-title")


def _check_ends(draft: Draft) -> None:
    initial = [name for name, state in draft.file.states.items() if state.initial]
    if not initial:
        draft.report.of(("states",), "no-initial")
    for other in initial[1:]:
        draft.report.of(("states", other), "several-initial", other=initial[0])
    left = {state for step in draft.file.transitions.values() for state in step.from_}
    for name, state in draft.file.states.items():
        path: Path = ("states", name)
        if state.final and state.waits_for:
            draft.report.of((*path, "waits_for"), "final-waits", name=name, role=state.waits_for)
        if not state.final and name not in left:
            draft.report.of(path, "dead-end", name=name)
        if not state.final and not state.waits_for:
            draft.report.of(path, "nobody-waits", name=name)


def _check_reach(draft: Draft) -> None:
    leads = defaultdict(set)
    for step in draft.file.transitions.values():
        for state in step.from_:
            leads[state].add(step.to)
    reached = {name for name, state in draft.file.states.items() if state.initial}
    if not reached:
        return
    if intake := draft.file.intake:
        reached.add(intake.state)
        if not draft.file.states[intake.state].final:
            draft.report.of(("intake", "state"), "intake-open", value=True, state=intake.state)
    waiting = list(reached)
    while waiting:
        fresh = leads[waiting.pop()] - reached
        reached |= fresh
        waiting.extend(fresh)
    for name in draft.file.states:
        if name not in reached:
            draft.report.of(("states", name), "unreachable", name=name)


def _check_hands(draft: Draft) -> None:
    busy = able(draft)
    for name, state in draft.file.states.items():
        if state.waits_for and not state.final and (name, state.waits_for) not in busy:
            draft.report.of(("states", name, "waits_for"), "idle-waiter", name=name, role=state.waits_for)
    for name, step in draft.file.transitions.items():
        for source, roles in roles_by_state(step).items():
            if not roles:
                path: Path = ("transitions", name)
                draft.report.of((*path, "roles") if step.roles else path, "nobody", name=name, state=source)


def _check_roles(draft: Draft) -> None:
    """Whoever the file itself lists has something to do; a shared catalogue lists more roles than one procedure needs."""
    intake = draft.file.intake
    busy = {SYSTEM_ROLE, *(role for _, role in able(draft)), *((*intake.roles, *intake.of_this_year) if intake else ())}
    idle = {name: role for name, role in (draft.file.roles.values or {}).items() if name not in busy}
    waived: set[str] = set()
    for number, waiver in enumerate(draft.file.waive):
        if waiver.check != IDLE_ROLE or not waiver.role:
            continue
        if waiver.role not in idle or waiver.role in waived:
            draft.report.of(("waive", number), "needless-waiver", value=True, name=IDLE_ROLE)
        waived.add(waiver.role)
    for name, role in idle.items():
        if name not in waived:
            draft.report.of(("roles", "values", name), "idle-role", name=name, label=label_of(role))


def _check_basis(draft: Draft) -> None:
    """A definition is reviewed as law: it says what it rests on, and so does each limit and letter that a law demands."""
    file = draft.file
    rules: tuple[GuardEntry | TransitionEntry | DeadlineEntry | PassEntry, ...] = (
        *file.guards.values(), *file.transitions.values(), *file.deadlines.values(), *file.passes.values(),
    )  # fmt: skip
    if not file.basis and not any(each.basis for each in rules):
        draft.report.of(("basis",), "no-basis")
    for name, clock in file.deadlines.items():
        if clock.clock == "statutory" and not clock.basis:
            draft.report.of(("deadlines", name), "clock-basis", label=label_of(clock))
    for name, step in file.transitions.items():
        if step.letter and not step.basis:
            draft.report.of(("transitions", name, "letter"), "letter-basis", label=label_of(step))


def _check_system(draft: Draft) -> None:
    by_itself = {CANCEL, *(clock.on_expiry for clock in draft.file.deadlines.values())}
    moved = moved_by_others(draft)
    for name, step in draft.file.transitions.items():
        path: Path = ("transitions", name)
        by_system = any(SYSTEM_ROLE in roles for roles in roles_by_state(step).values())
        if step.at_once and not step.auto:
            draft.report.of((*path, "at_once"), "at-once-by-hand")
        if step.auto and not by_system:
            draft.report.of((*path, "auto"), "auto-without-system")
        if by_system and not step.auto and name not in by_itself and moved is not None and name not in moved:
            draft.report.of((*path, "roles"), "idle-system")
        if step.auto or (by_system and name in by_itself):
            if step.comment == "required":
                draft.report.of((*path, "comment"), "auto-needs-input", name="comment")
            for number, field in enumerate(step.form.required if step.form else ()):
                draft.report.of((*path, "form", "required", number), "auto-needs-input", value=True, name=field)


def _check_labels(draft: Draft) -> None:
    file = draft.file
    kinds: dict[Path, Mapping[str, Labelled]] = {
        ("roles", "values"): file.roles.values or {},
        ("fields",): file.fields,
        ("guards",): file.guards,
        ("states",): file.states,
        ("transitions",): file.transitions,
        ("deadlines",): file.deadlines,
        ("never",): file.never,
        ("passes",): file.passes,
        ("children",): file.children,
        ("letters",): file.letters,
        ("tariffs",): file.tariffs,
        ("similar",): file.similar,
        **{("fields", name, "values"): field.values or {} for name, field in file.fields.items()},
    }
    for path, entries in kinds.items():
        _check_distinct(draft, path, "zh", {name: said.zh for name, said in entries.items()})
        _check_distinct(draft, path, "en", {name: said.en for name, said in entries.items()})


def _check_distinct(draft: Draft, path: Path, language: str, labels: Mapping[str, str]) -> None:
    first: dict[str, str] = {}
    for name, label in labels.items():
        other = first.setdefault(label.strip().casefold(), name)
        if other != name:
            line = draft.report.spot((*path, other)).line
            here = (*path, name, language)
            draft.report.of(here, "same-label", value=True, once=True, label=label, other=other, line=line)


def _check_used(draft: Draft) -> None:
    file = draft.file
    steps = file.transitions.values()
    used_by_kind = {
        "guard": {name for step in steps for name in (*step.guards, *step.warns, *step.when_blocked)}
        | {name for letter in file.letters.values() for name in letter.parts},
        "child": {step.opens.child for step in steps if step.opens},
        "letter": {step.letter for step in steps if step.letter},
        "tariff": {each["tariff"] for each in _written(draft) if "tariff" in each},
    }
    for kind, named in used_by_kind.items():
        section = held_in(kind)
        for name in draft.names[section]:
            if name not in named:
                draft.report.of((section, name), f"unused-{kind}", name=name)
    used = used_fields(draft)
    for name in draft.file.fields:
        if name not in used:
            draft.report.note(("fields", name), "unused-field", name=name)


def used_fields(draft: Draft) -> set[str]:
    """The fields that something in the file reads, writes or shows, or that another kind fills in."""
    return {*_used_fields(draft), *written_by_parents(draft)}


def _written(draft: Draft) -> Iterator[Mapping[str, Any]]:
    """Everything but literals that any step writes by itself."""
    for name, step in draft.file.transitions.items():
        for _, value in assignments(name, step):
            yield from simple_assignments(value)


def _used_fields(draft: Draft) -> Iterator[str]:
    yield from ("title", *draft.file.listed)
    yield from (each[taken] for each in _written(draft) for taken in ("copy", "append") if taken in each)
    for similar in draft.file.similar.values():
        yield from similar.fields
    for tariff in draft.file.tariffs.values():
        yield tariff.of
    for guard in draft.file.guards.values():
        yield from (name for names in guard.params.values() for name in names if name in draft.file.fields)
    for _, said in conditions(draft.file):
        yield from fields_in(said)
    for field in draft.file.fields.values():
        yield from field.lapses_on
    for state in draft.file.states.values():
        for names in state.edit.values():
            yield from names
    for step in draft.file.transitions.values():
        yield from step.set_
        if step.form:
            yield from (*step.form.required, *step.form.optional)
        if step.number:
            yield from (step.number.field, step.number.series, step.number.year_of)
        yield from (name for name in (step.dated, step.opens and step.opens.section) if name)
    for clock in draft.file.deadlines.values():
        yield from _fields_of(clock)
    if draft.file.intake:
        yield from (*draft.file.intake.set_, *draft.file.intake.columns)


def _fields_of(clock: DeadlineEntry) -> Iterator[str]:
    """The fields that a deadline counts from, or by."""
    named = (
        clock.anchor and clock.anchor.date,
        clock.limit.field if isinstance(clock.limit, FieldLimit) else None,
        *(restart.date for restart in clock.restart),
        clock.extend and clock.extend.count,
        clock.regimes and clock.regimes.by,
    )
    yield from (name for name in named if name)
