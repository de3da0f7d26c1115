"""The definition as a whole: can every state be reached and left, by whom, under which clock; is everything used?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from workflow.loader.draft import Draft, conditions, roles_by_state
from workflow.loader.report import Path
from workflow.loader.values import fields_in
from workflow.schema import DeadlineEntry, Labelled

SYSTEM_ROLE = "system"
#: The step of a sub-case that the system takes when its parent calls it off.
CANCEL = "cancel"

# Only to put lengths of different units in order: a working day is 7/5 of a calendar day, a month thirty.
_HOURS = {"working days": 33.6, "calendar days": 24.0, "months": 720.0, "hours": 1.0}


def check_flow(draft: Draft) -> None:
    """Report whatever no single entry shows; asks for a file whose names all lead somewhere."""
    _check_title(draft)
    _check_ends(draft)
    _check_reach(draft)
    _check_hands(draft)
    _check_system(draft)
    for name, clock in draft.file.deadlines.items():
        _check_steps(draft, name, clock)
        _check_expiry(draft, name, clock)
        _check_reassign(draft, name, clock)
    _check_clocked(draft)
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
    if draft.file.intake:
        reached.add(draft.file.intake.state)
    waiting = list(reached)
    while waiting:
        fresh = leads[waiting.pop()] - reached
        reached |= fresh
        waiting.extend(fresh)
    for name in draft.file.states:
        if name not in reached:
            draft.report.of(("states", name), "unreachable", name=name)


def _able(draft: Draft) -> set[tuple[str, str]]:
    """Every (state, role) in which the role has something to do."""
    able = {
        (state, role)
        for step in draft.file.transitions.values()
        for state, roles in roles_by_state(step).items()
        for role in roles
    }
    return able | {
        (name, role) for name, state in draft.file.states.items() for role, fields in state.edit.items() if fields
    }


def _check_hands(draft: Draft) -> None:
    able = _able(draft)
    for name, state in draft.file.states.items():
        if state.waits_for and not state.final and (name, state.waits_for) not in able:
            draft.report.of(("states", name, "waits_for"), "idle-waiter", name=name, role=state.waits_for)
    for name, step in draft.file.transitions.items():
        for source, roles in roles_by_state(step).items():
            if not roles:
                path: Path = ("transitions", name)
                draft.report.of((*path, "roles") if step.roles else path, "nobody", name=name, state=source)


def _check_system(draft: Draft) -> None:
    on_expiry = {clock.on_expiry for clock in draft.file.deadlines.values()}
    for name, step in draft.file.transitions.items():
        path: Path = ("transitions", name)
        by_system = any(SYSTEM_ROLE in roles for roles in roles_by_state(step).values())
        if step.auto and not by_system:
            draft.report.of((*path, "auto"), "auto-without-system")
        if by_system and not step.auto and name not in {*on_expiry, CANCEL}:
            draft.report.of((*path, "roles"), "idle-system")
        if step.auto or name in on_expiry:
            if step.comment == "required":
                draft.report.of((*path, "comment"), "auto-needs-input", name="comment")
            for number, field in enumerate(step.form.required if step.form else ()):
                draft.report.of((*path, "form", "required", number), "auto-needs-input", value=True, name=field)


def _check_steps(draft: Draft, name: str, clock: DeadlineEntry) -> None:
    path: Path = ("deadlines", name)
    previous = None
    for number, remind in enumerate(clock.remind):
        here = (*path, "remind", number, "before")
        if previous is not None and _hours(remind.before) >= _hours(previous):
            draft.report.of(here, "remind-order", value=True, before=remind.before, previous=previous)
        if isinstance(clock.limit, str) and _hours(remind.before) > _hours(clock.limit):
            draft.report.of(here, "remind-too-early", value=True, before=remind.before, limit=clock.limit)
        previous = remind.before
    previous = None
    for number, escalate in enumerate(clock.escalate):
        if previous is not None and _hours(escalate.after) <= _hours(previous):
            here = (*path, "escalate", number, "after")
            draft.report.of(here, "escalate-order", value=True, after=escalate.after, previous=previous)
        previous = escalate.after


def _hours(span: str) -> float:
    count, _, unit = span.partition(" ")
    return int(count) * _HOURS[unit]


def _check_expiry(draft: Draft, name: str, clock: DeadlineEntry) -> None:
    if not clock.on_expiry:
        return
    path: Path = ("deadlines", name, "on_expiry")
    roles = roles_by_state(draft.file.transitions[clock.on_expiry])
    for state in clock.runs_in:
        if state not in roles:
            draft.report.of(path, "expiry-elsewhere", value=True, name=clock.on_expiry, state=state)
        elif SYSTEM_ROLE not in roles[state]:
            draft.report.of(path, "expiry-not-system", value=True, name=clock.on_expiry, state=state)


def _check_reassign(draft: Draft, name: str, clock: DeadlineEntry) -> None:
    able = _able(draft) if any(step.reassign for step in clock.escalate) else set()
    for number, step in enumerate(clock.escalate):
        if step.reassign and not any((state, step.reassign) in able for state in clock.runs_in):
            path: Path = ("deadlines", name, "escalate", number, "reassign")
            draft.report.of(path, "reassign-idle", value=True, role=step.reassign)


def _check_clocked(draft: Draft) -> None:
    states = draft.file.states
    clocked = {state for clock in draft.file.deadlines.values() for state in clock.runs_in}
    for name, clock in draft.file.deadlines.items():
        for number, state in enumerate(clock.runs_in):
            if states[state].final:
                path: Path = ("deadlines", name, "runs_in", number)
                draft.report.of(path, "final-deadline", value=True, name=name, state=state)
    waived: set[str] = set()
    for number, waiver in enumerate(draft.file.waive):
        if waiver.state in clocked | waived or states[waiver.state].final:
            draft.report.of(("waive", number, "state"), "idle-waiver", value=True, name=waiver.state)
        waived.add(waiver.state)
    for name in states:
        if not states[name].final and name not in clocked | waived:
            draft.report.of(("states", name), "no-deadline", name=name)


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
    guards = {
        name for step in draft.file.transitions.values() for name in (*step.guards, *step.warns, *step.when_blocked)
    }
    for name in draft.file.guards:
        if name not in guards:
            draft.report.of(("guards", name), "unused-guard", name=name)
    used = set(_used_fields(draft))
    for name in draft.file.fields:
        if name not in used:
            draft.report.note(("fields", name), "unused-field", name=name)


def _used_fields(draft: Draft) -> Iterator[str]:
    yield "title"
    for _, said in conditions(draft.file):
        yield from fields_in(said)
    for field in draft.file.fields.values():
        yield from field.lapses_on
    for state in draft.file.states.values():
        for names in state.edit.values():
            yield from names
    for step in draft.file.transitions.values():
        yield from step.set_
        yield from (value["copy"] for value in step.set_.values() if isinstance(value, dict) and "copy" in value)
        if step.form:
            yield from (*step.form.required, *step.form.optional)
        if step.number:
            yield from (step.number.field, step.number.series, step.number.year_of)
    for clock in draft.file.deadlines.values():
        if clock.anchor and clock.anchor.date:
            yield clock.anchor.date
    if draft.file.intake:
        yield from (*draft.file.intake.set_, *draft.file.intake.columns)
