"""Everything in a definition that names something else: does it exist, and is it of the right type?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from workflow.case import (
    ATTACH,
    DETACH,
    EDIT,
    ERASE,
    ESCALATE,
    IMPORT,
    MIGRATE,
    RECOMPUTE,
    REMIND,
    REORGANISE,
    START,
    UNMANNED,
)
from workflow.loader.children import kind_of, known_case
from workflow.loader.clocks import check_clock_names
from workflow.loader.draft import AUTHOR, IDLE_ROLE, Draft, conditions
from workflow.loader.patterns import broken, danger
from workflow.loader.report import Path, suggestion
from workflow.loader.values import (
    check_assignment,
    check_condition,
    check_setting,
    check_value,
    check_written,
    target_of,
)
from workflow.model import ANY_VALUE, CLOSED, PARENT
from workflow.promised import NeverWithoutEntry, PassEntry
from workflow.schema import (
    FieldEntry,
    IntakeEntry,
    NeedsEntry,
    NumberEntry,
    OpensEntry,
    StateEntry,
    TariffEntry,
    TransitionEntry,
)
from workflow.text import Text

RESERVED = {
    "fields": frozenset({"any", "all", "not", "comment"}),
    "states": frozenset({CLOSED}),
    "children": frozenset({CLOSED, EDIT, PARENT}),
    "transitions": frozenset(
        {START, EDIT, IMPORT, REMIND, ESCALATE, RECOMPUTE, MIGRATE, UNMANNED, REORGANISE, ERASE, ATTACH, DETACH}
    ),
    "roles": frozenset({AUTHOR}),
    "choices": frozenset({"set", "unset"}),
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """What one parameter of a check names: steps, deadlines, or fields of a type; how many of them."""

    kind: str
    least: int = 1
    most: int = 50

    @property
    def written(self) -> str:
        names = [self.kind, self.kind] if self.least > 1 else [self.kind]
        return ", ".join(names) + (", …" if self.most > self.least else "")


#: What the registered checks want to know; a check that is not here takes steps, under whatever name.
PARAMETERS: Mapping[str, Mapping[str, Parameter]] = {
    "author": {},
    "four_eyes": {"apart_from": Parameter("step")},
    "first_time": {"steps": Parameter("step")},
    "before_due": {"deadlines": Parameter("deadline")},
    "not_overdue": {"deadlines": Parameter("deadline")},
    "last_day_reached": {"deadlines": Parameter("deadline")},
    "identity": {"kind": Parameter("enum", most=1), "number": Parameter("text", most=1)},
    "not_later_than_today": {"dates": Parameter("date")},
    "in_order": {"dates": Parameter("date", least=2)},
    "said_anew": {"text": Parameter("text", most=1), "gathered": Parameter("text", most=1)},
    "year_end": {"dates": Parameter("date")},
    "today": {"dates": Parameter("date")},
    "undated": {"dates": Parameter("date")},
    "known_with": {"text": Parameter("text", most=1), "dates": Parameter("date")},
}

#: How many characters the reason of a waiver has at least: whoever reads it in a year has to understand it.
LEAST_REASON = 4
#: The checks that are waived for a clock; all others are for a state.
OF_CLOCKS = frozenset({"no-outcome", "escalation-falls", "escalation-stops-short"})

#: The kinds of document whose numbers the check `identity` knows.
DOCUMENTS = ("resident_id", "uscc", "passport", "other")

_BOUNDED = ("text", "integer", "case")


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
        check_clock_names(draft, name, clock)
    for name, never in draft.file.never.items():
        if isinstance(never, NeverWithoutEntry):
            _check_without(draft, never, ("never", name))
        else:
            draft.all_known("state", never.in_, ("never", name, "in"))
    for name, passage in draft.file.passes.items():
        _check_passage(draft, passage, ("passes", name))
    for name, letter in draft.file.letters.items():
        draft.all_known("guard", letter.parts, ("letters", name, "parts"))
    for name, tariff in draft.file.tariffs.items():
        _check_tariff(draft, tariff, ("tariffs", name))
    for name, similar in draft.file.similar.items():
        draft.all_known("field", similar.fields, ("similar", name, "fields"))
    _check_listed(draft)
    if draft.file.intake:
        _check_intake(draft, draft.file.intake)
    force = draft.file.in_force
    if force and force.from_on and force.until and force.from_on > force.until:
        draft.report.of(("in_force",), "dates-order")


def _check_reserved(draft: Draft) -> None:
    for section in ("fields", "states", "transitions", "children"):
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
        "of": field.type == "case",
        "named_in": field.type == "case",
    }
    for key, well in allowed.items():
        if not well and getattr(field, key) is not None:
            draft.report.of((*path, key), "key-not-for-type", type=field.type, name=key)
    if field.own and field.type != "case":
        draft.report.of((*path, "own"), "key-not-for-type", type=field.type, name="own")
    if field.type == "case" and (field.of is None or name == PARENT) and draft.report.is_whole(path):
        draft.report.of(path, "link-of")
    if field.min is not None and field.max is not None and field.min > field.max:
        draft.report.of((*path, "min"), "bounds-order", min=field.min, max=field.max)
    if field.pattern is not None:
        _check_pattern(draft, field, field.pattern, (*path, "pattern"))
    if field.example is not None and not (field.pattern and _is_so_written(field.example, field.pattern)):
        draft.report.of((*path, "example"), "bad-example", value=True)
    draft.all_known("field", field.lapses_on, (*path, "lapses_on"))
    draft.all_known("role", field.seen_by, (*path, "seen_by"))
    if field.seen_by and not field.personal and draft.report.is_whole((*path, "personal")):
        draft.report.of((*path, "seen_by"), "seen-by-open", name=name)


def _check_pattern(draft: Draft, field: FieldEntry, pattern: str, path: Path) -> None:
    if fault := broken(pattern):
        draft.report.of(path, "bad-pattern", value=True, detail=fault)
    elif slow := danger(pattern):
        draft.report.of(path, "unsafe-pattern", value=True, detail=slow)
    elif field.max is None or field.max > 1000:
        long = Text("字段没有不超过 1000 的 max", "the field has no max of 1000 at most")
        draft.report.of(path, "unsafe-pattern", value=True, detail=long)


def _is_so_written(example: str, pattern: str) -> bool:
    """Whether the example is what the pattern takes; with a pattern that is faulty itself there is nothing to compare."""
    return bool(broken(pattern) or danger(pattern) or re.fullmatch(pattern, example))


def _check_guards(draft: Draft) -> None:
    for name, guard in draft.file.guards.items():
        path: Path = ("guards", name)
        ways = [way for way in (guard.if_, guard.needs, guard.check) if way is not None]
        if (len(ways) != 1 or (guard.params and guard.check is None)) and draft.report.is_whole(path):
            draft.report.of(path, "guard-form", name=name)
        if guard.check is not None:
            _check_check(draft, guard.check, guard.params, path)
        if guard.needs is not None:
            _check_needs(draft, guard.needs, (*path, "needs"))


def _check_needs(draft: Draft, needs: NeedsEntry, path: Path) -> None:
    known_case(draft, needs.children, (*path, "children"))
    if [needs.all_, needs.some, needs.none].count(None) != 2 and draft.report.is_whole(path):
        draft.report.of(path, "needs-form")


def _busy_in(draft: Draft, name: str, state: StateEntry) -> set[str]:
    """The roles that can do something in a state: it may wait for one of them."""
    steps = [step.roles for step in draft.file.transitions.values() if name in step.from_]
    takers = (said.get(name, []) if isinstance(said, Mapping) else said or [] for said in steps)
    return {*(state.edit or {}), *(role for each in takers for role in each)}


def _check_check(draft: Draft, check: str, params: Mapping[str, list[str]], path: Path) -> None:
    if check not in draft.checks:
        hint = suggestion(check, sorted(draft.checks))
        draft.report.of((*path, "check"), "unknown-check", value=True, name=check, hint=hint)
        return
    wanted = PARAMETERS.get(check, {})
    if check in PARAMETERS and draft.report.is_whole(path) and not _are_well(params, wanted):
        said = ", ".join(f"{key}: [{each.written}]" for key, each in wanted.items()) or Text("（无）", "(none)")
        draft.report.of((*path, "params"), "check-params", name=check, wanted=said)
    for key, names in params.items():
        kind = wanted[key].kind if key in wanted else "step"
        for number, name in enumerate(names):
            _check_parameter(draft, kind, name, (*path, "params", key, number))
    if check == "identity" and len(params.get("kind", ())) == 1:
        _check_documents(draft, params["kind"][0], (*path, "params", "kind", 0))


def _are_well(params: Mapping[str, list[str]], wanted: Mapping[str, Parameter]) -> bool:
    """Whether these are the parameters that the check wants, each of as many names as it reads."""
    return set(params) == set(wanted) and all(
        wanted[key].least <= len(names) <= wanted[key].most for key, names in params.items()
    )


def _check_parameter(draft: Draft, kind: str, name: str, path: Path) -> None:
    if kind == "deadline":
        draft.known("deadline", name, path)
    elif kind == "date" and "." in name:
        known_case(draft, name.partition(".")[0], path)
    elif kind != "step":
        draft.known_field(name, kind, path)
    else:
        _known_step(draft, name, path)


def _known_step(draft: Draft, name: str, path: Path) -> None:
    states = draft.file.states
    # Where nobody may edit, nobody has: to be apart from that is to be apart from nothing.
    edits = [f"{EDIT}.{each}" for each in draft.names["states"] if each not in states or states[each].edit]
    steps = (*draft.anchor_names, *edits)
    if name not in steps:
        draft.report.of(path, "unknown-step", value=True, name=name, hint=suggestion(name, steps))


def _check_documents(draft: Draft, name: str, path: Path) -> None:
    for choice in draft.choices.get(name) or ():
        if choice not in DOCUMENTS:
            kinds = ", ".join(DOCUMENTS)
            draft.report.of(path, "unknown-document", value=True, field=name, name=choice, kinds=kinds)


def _check_states(draft: Draft) -> None:
    for name, state in draft.file.states.items():
        path: Path = ("states", name)
        if state.waits_for:
            draft.known("role", state.waits_for, (*path, "waits_for"), fit=_busy_in(draft, name, state))
        for role, fields in state.edit.items():
            draft.known("role", role, (*path, "edit", role), value=False)
            draft.all_known("field", fields, (*path, "edit", role))
    for number, waiver in enumerate(draft.file.waive):
        if waiver.state:
            draft.known("state", waiver.state, ("waive", number, "state"))
        if waiver.deadline:
            draft.known("deadline", waiver.deadline, ("waive", number, "deadline"))
        if waiver.role:
            draft.known("role", waiver.role, ("waive", number, "role"))
        if len("".join(waiver.reason.split())) < LEAST_REASON:
            draft.report.of(("waive", number, "reason"), "thin-reason", value=True, least=LEAST_REASON)
        of = "deadline" if waiver.check in OF_CLOCKS else "role" if waiver.check == IDLE_ROLE else "state"
        if [each for each in ("state", "deadline", "role") if getattr(waiver, each)] != [of]:
            draft.report.of(("waive", number), "waiver-of", value=True, name=waiver.check)


def _check_without(draft: Draft, said: NeverWithoutEntry, path: Path) -> None:
    if not (said.into or said.out_of or said.sets or said.opens) and draft.report.is_whole(path):
        draft.report.of(path, "never-form")
    for key, states in (("into", said.into), ("out_of", said.out_of)):
        draft.all_known("state", states or (), (*path, key))
    for field, value in (said.sets or {}).items():
        here = (*path, "sets", field)
        if draft.known("field", field, here, value=False) and value != ANY_VALUE:
            check_setting(draft, field, value, here)
    draft.all_known("child", said.opens or (), (*path, "opens"))
    draft.all_known("guard", said.without, (*path, "without"))
    for number, name in enumerate(said.but_by):
        _known_step(draft, name, (*path, "but_by", number))


def _check_passage(draft: Draft, said: PassEntry, path: Path) -> None:
    draft.all_known("state", said.to, (*path, "to"))
    draft.all_known("transition", said.through, (*path, "through"))
    for key, steps in (("since", said.since), ("apart_from", said.apart_from)):
        for number, name in enumerate(steps):
            _known_step(draft, name, (*path, key, number))


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
    if step.dated:
        _check_dated(draft, step, step.dated, (*path, "dated"))
    if step.opens:
        _check_opens(draft, step.opens, (*path, "opens"))
    draft.all_known("child", step.cancels, (*path, "cancels"))
    for number, move in enumerate(step.moves):
        known_case(draft, move.case, (*path, "moves", number, "case"))
    if step.letter:
        draft.known("letter", step.letter, (*path, "letter"))


def _check_dated(draft: Draft, step: TransitionEntry, name: str, path: Path) -> None:
    draft.known_field(name, "date", path)
    form = {*step.form.required, *step.form.optional} if step.form else set()
    if name not in form and name not in step.set_ and draft.report.is_whole(path[:-1]):
        draft.report.of(path, "dated-unset", value=True, name=name)


def _check_opens(draft: Draft, opens: OpensEntry, path: Path) -> None:
    draft.known("child", opens.child, (*path, "child"))
    if opens.section:
        draft.known_field(opens.section, "text", (*path, "section"))
    kind = kind_of(draft, opens.child)
    for field, value in opens.set_.items():
        here = (*path, "set", field)
        if kind and field not in kind.fields:
            hint = suggestion(field, kind.fields)
            draft.report.of(here, "unknown-child-field", kind=kind.id, name=field, hint=hint)
        else:
            check_written(draft, kind.fields[field] if kind else None, value, here)


def _check_tariff(draft: Draft, tariff: TariffEntry, path: Path) -> None:
    draft.known_field(tariff.of, "integer", (*path, "of"))
    for number, (band, higher) in enumerate(pairwise(tariff.bands), 1):
        if higher.up_to <= band.up_to:
            here = (*path, "bands", number, "up_to")
            draft.report.of(here, "bands-order", value=True, up_to=higher.up_to, previous=band.up_to)


def _check_listed(draft: Draft) -> None:
    draft.all_known("field", draft.file.listed, ("listed",))
    for number, name in enumerate(draft.file.listed):
        if name in draft.file.fields and draft.file.fields[name].personal:
            draft.report.of(("listed", number), "listed-personal", value=True, name=name)


def _check_roles(draft: Draft, step: TransitionEntry, path: Path) -> None:
    if not isinstance(step.roles, dict):
        draft.all_known("role", step.roles, (*path, "roles"))
        return
    for state, roles in step.roles.items():
        draft.all_known("role", roles, (*path, "roles", state))
        if draft.known("state", state, (*path, "roles", state), value=False) and state not in step.from_:
            draft.report.of((*path, "roles", state), "roles-elsewhere", name=state)


def _check_number(draft: Draft, number: NumberEntry, path: Path) -> None:
    draft.known_field(number.field, "text", (*path, "field"))
    draft.known_field(number.series, "enum", (*path, "series"))
    draft.known_field(number.year_of, "date", (*path, "year_of"))
    if sorted(re.findall(r"\{[^{}]*\}|[{}]", number.format)) != ["{serial}", "{series}", "{year}"]:
        draft.report.of((*path, "format"), "number-format", value=True)


def _check_intake(draft: Draft, intake: IntakeEntry) -> None:
    draft.known("state", intake.state, ("intake", "state"))
    draft.all_known("role", intake.roles, ("intake", "roles"))
    draft.all_known("role", intake.of_this_year, ("intake", "of_this_year"))
    for name, value in intake.set_.items():
        path: Path = ("intake", "set", name)
        target = target_of(draft, name) if draft.known("field", name, path, value=False) else None
        if target:
            check_value(draft, target, value, path, "bad-set")
    for name in intake.columns:
        draft.known("field", name, ("intake", "columns", name), value=False)
    whole = draft.report.is_whole(("intake", "columns"))
    for key, names in (("required", intake.required), ("key", intake.key)):
        for number, name in enumerate(names):
            if draft.known("field", name, ("intake", key, number)) and name not in intake.columns and whole:
                draft.report.of(("intake", key, number), "no-column", value=True, name=name)
    for key, day in (("opened", intake.opened), ("closed", intake.closed)):
        if day:
            draft.known_field(day, "date", ("intake", key))
