"""Everything in a definition that names something else: does it exist, and is it of the right type?"""

from __future__ import annotations

import re
from collections.abc import Mapping

from workflow.case import EDIT, ESCALATE, IMPORT, RECOMPUTE, REMIND, START
from workflow.loader.draft import AUTHOR, Draft, conditions
from workflow.loader.patterns import broken, danger
from workflow.loader.report import Path, suggestion
from workflow.loader.values import check_assignment, check_condition, check_value
from workflow.schema import DeadlineEntry, FieldEntry, IntakeEntry, NumberEntry, TransitionEntry
from workflow.text import Text

RESERVED = {
    "fields": frozenset({"any", "all", "not", "comment"}),
    "transitions": frozenset({START, EDIT, IMPORT, REMIND, ESCALATE, RECOMPUTE}),
    "roles": frozenset({AUTHOR}),
    "choices": frozenset({"set", "unset"}),
}

#: What the registered checks want to know; a check that is not here takes what it is given.
_PARAMETERS: Mapping[str, tuple[str, ...]] = {"author": (), "four_eyes": ("apart_from",)}

_BOUNDED = ("text", "integer")


def check_names(draft: Draft) -> None:
    """Report every name that leads nowhere, and every value that its field cannot hold."""
    _check_reserved(draft)
    for name, field in draft.file.fields.items():
        _check_field(draft, name, field)
    for path, said in conditions(draft.file):
        check_condition(draft, said, path)
    _check_guards(draft)
    _check_states(draft)
    for name, step in draft.file.transitions.items():
        _check_transition(draft, name, step)
    for name, clock in draft.file.deadlines.items():
        _check_deadline(draft, name, clock)
    for name, never in draft.file.never.items():
        draft.all_known("state", never.in_, ("never", name, "in"))
    if draft.file.intake:
        _check_intake(draft, draft.file.intake)
    force = draft.file.in_force
    if force and force.from_on and force.until and force.from_on > force.until:
        draft.report.of(("in_force",), "dates-order")


def _check_reserved(draft: Draft) -> None:
    for section in ("fields", "transitions"):
        for name in draft.names[section]:
            if name in RESERVED[section]:
                draft.report.of((section, name), "reserved-name", name=name)
    for name in draft.file.roles.values or {}:
        if name in RESERVED["roles"]:
            draft.report.of(("roles", "values", name), "reserved-name", name=name)
    for name, field in draft.file.fields.items():
        for value in field.values or {}:
            if value in RESERVED["choices"]:
                draft.report.of(("fields", name, "values", value), "reserved-name", name=value)


def _check_field(draft: Draft, name: str, field: FieldEntry) -> None:
    path: Path = ("fields", name)
    by_one = (field.values is None) != (field.catalogue is None)
    if field.type == "enum" and not by_one and draft.report.is_whole(path):
        draft.report.of(path, "choice-source")
    allowed = {
        "values": field.type == "enum",
        "catalogue": field.type == "enum",
        "min": field.type in _BOUNDED,
        "max": field.type in _BOUNDED,
        "pattern": field.type == "text",
    }
    for key, well in allowed.items():
        if not well and getattr(field, key) is not None:
            draft.report.of((*path, key), "key-not-for-type", type=field.type, name=key)
    if field.min is not None and field.max is not None and field.min > field.max:
        draft.report.of((*path, "min"), "bounds-order", min=field.min, max=field.max)
    if field.pattern is not None:
        _check_pattern(draft, field, field.pattern, (*path, "pattern"))
    draft.all_known("field", field.lapses_on, (*path, "lapses_on"))


def _check_pattern(draft: Draft, field: FieldEntry, pattern: str, path: Path) -> None:
    if fault := broken(pattern):
        draft.report.of(path, "bad-pattern", value=True, detail=fault)
    elif slow := danger(pattern):
        draft.report.of(path, "unsafe-pattern", value=True, detail=slow)
    elif field.max is None or field.max > 1000:
        long = Text("字段没有不超过 1000 的 max", "the field has no max of 1000 at most")
        draft.report.of(path, "unsafe-pattern", value=True, detail=long)


def _check_guards(draft: Draft) -> None:
    for name, guard in draft.file.guards.items():
        path: Path = ("guards", name)
        by_one = (guard.if_ is None) != (guard.check is None)
        if (not by_one or (guard.params and guard.check is None)) and draft.report.is_whole(path):
            draft.report.of(path, "guard-form", name=name)
        if guard.check is not None:
            _check_check(draft, guard.check, guard.params, path)


def _check_check(draft: Draft, check: str, params: Mapping[str, list[str]], path: Path) -> None:
    if check not in draft.checks:
        hint = suggestion(check, sorted(draft.checks))
        draft.report.of((*path, "check"), "unknown-check", value=True, name=check, hint=hint)
    elif tuple(params) != _PARAMETERS.get(check, tuple(params)) and draft.report.is_whole(path):
        wanted = ", ".join(_PARAMETERS[check]) or Text("（无）", "(none)")
        draft.report.of((*path, "params"), "check-params", name=check, wanted=wanted)
    steps = (*draft.anchor_names, *(f"{EDIT}.{state}" for state in draft.names["states"]))
    for key, names in params.items():
        for number, step in enumerate(names):
            if step not in steps:
                here = (*path, "params", key, number)
                draft.report.of(here, "unknown-step", value=True, name=step, hint=suggestion(step, steps))


def _check_states(draft: Draft) -> None:
    for name, state in draft.file.states.items():
        path: Path = ("states", name)
        if state.waits_for:
            draft.known("role", state.waits_for, (*path, "waits_for"))
        for role, fields in state.edit.items():
            draft.known("role", role, (*path, "edit", role), value=False)
            draft.all_known("field", fields, (*path, "edit", role))
    for number, waiver in enumerate(draft.file.waive):
        draft.known("state", waiver.state, ("waive", number, "state"))


def _check_transition(draft: Draft, name: str, step: TransitionEntry) -> None:
    path: Path = ("transitions", name)
    draft.all_known("state", step.from_, (*path, "from"))
    draft.known("state", step.to, (*path, "to"))
    _check_roles(draft, step, path)
    for key, guards in (("guards", step.guards), ("warns", step.warns), ("when_blocked", step.when_blocked)):
        draft.all_known("guard", guards, (*path, key))
    if step.form:
        draft.all_known("field", step.form.required, (*path, "form", "required"))
        draft.all_known("field", step.form.optional, (*path, "form", "optional"))
    for field, value in step.set_.items():
        check_assignment(draft, field, value, (*path, "set", field))
    if step.number:
        _check_number(draft, step.number, (*path, "number"))
    for number, told in enumerate(step.tell):
        if told.to != AUTHOR:
            draft.known("role", told.to, (*path, "tell", number, "to"))


def _check_roles(draft: Draft, step: TransitionEntry, path: Path) -> None:
    if not isinstance(step.roles, dict):
        draft.all_known("role", step.roles, (*path, "roles"))
        return
    for state, roles in step.roles.items():
        draft.all_known("role", roles, (*path, "roles", state))
        if draft.known("state", state, (*path, "roles", state), value=False) and state not in step.from_:
            draft.report.of((*path, "roles", state), "roles-elsewhere", name=state)


def _check_number(draft: Draft, number: NumberEntry, path: Path) -> None:
    _check_type(draft, number.field, "text", (*path, "field"))
    _check_type(draft, number.series, "enum", (*path, "series"))
    _check_type(draft, number.year_of, "date", (*path, "year_of"))
    if sorted(re.findall(r"\{[^{}]*\}|[{}]", number.format)) != ["{serial}", "{series}", "{year}"]:
        draft.report.of((*path, "format"), "number-format", value=True)


def _check_type(draft: Draft, name: str, wanted: str, path: Path) -> None:
    field = draft.file.fields.get(name)
    if draft.known("field", name, path) and field and field.type != wanted:
        draft.report.of(path, "wrong-type", value=True, field=name, type=field.type, wanted=wanted)


def _check_deadline(draft: Draft, name: str, clock: DeadlineEntry) -> None:
    path: Path = ("deadlines", name)
    draft.all_known("state", clock.runs_in, (*path, "runs_in"))
    if clock.anchor:
        for number, event in enumerate(clock.anchor.event):
            if event not in draft.anchor_names:
                hint = suggestion(event, draft.anchor_names)
                draft.report.of(
                    (*path, "anchor", "event", number), "unknown-transition", value=True, name=event, hint=hint
                )
        if clock.anchor.date:
            _check_type(draft, clock.anchor.date, "date", (*path, "anchor", "date"))
    if clock.on_expiry:
        draft.known("transition", clock.on_expiry, (*path, "on_expiry"))
    for number, remind in enumerate(clock.remind):
        draft.all_hear(remind.tell, (*path, "remind", number, "tell"))
    for number, escalate in enumerate(clock.escalate):
        draft.all_hear(escalate.tell, (*path, "escalate", number, "tell"))
        if escalate.reassign:
            draft.known("role", escalate.reassign, (*path, "escalate", number, "reassign"))


def _check_intake(draft: Draft, intake: IntakeEntry) -> None:
    draft.known("state", intake.state, ("intake", "state"))
    for name, value in intake.set_.items():
        path: Path = ("intake", "set", name)
        if draft.known("field", name, path, value=False) and name in draft.file.fields:
            check_value(draft, name, value, path, "bad-set")
    for name in intake.columns:
        draft.known("field", name, ("intake", "columns", name), value=False)
    whole = draft.report.is_whole(("intake", "columns"))
    for key, names in (("required", intake.required), ("key", intake.key)):
        for number, name in enumerate(names):
            if draft.known("field", name, ("intake", key, number)) and name not in intake.columns and whole:
                draft.report.of(("intake", key, number), "no-column", value=True, name=name)
    for key, day in (("opened", intake.opened), ("closed", intake.closed)):
        if day:
            _check_type(draft, day, "date", ("intake", key))
