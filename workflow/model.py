"""What a definition says, as the engine reads it: plain frozen values, built from the accepted JSON of a definition.

`schema.py` says what a YAML file may hold and turns it into that JSON; here nothing is checked again and nothing heavy
is imported, because every step of the command line passes through this file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from workflow.case import ClockKind, RoleName, Scalar, StateName, TransitionName
from workflow.conditions import Condition, condition
from workflow.text import Text


class FieldType(StrEnum):
    """What a field may hold."""

    TEXT = "text"
    BOOL = "bool"
    ENUM = "enum"
    DATE = "date"
    INTEGER = "integer"
    MONEY = "money"  # 元, decimal text


class Unit(StrEnum):
    """What a limit is counted in."""

    WORKING_DAYS = "working days"
    CALENDAR_DAYS = "calendar days"
    MONTHS = "months"
    HOURS = "hours"


class Demand(StrEnum):
    """Whether a step wants a comment."""

    NONE = "none"
    OPTIONAL = "optional"
    REQUIRED = "required"


@dataclass(frozen=True, slots=True)
class Limit:
    """A length of time in its unit: `3 working days`."""

    count: int
    unit: Unit


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of an enum field, with what its catalogue says of it (article, source, verified …)."""

    value: str
    label: Text
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Field:
    """One datum of a case. When a field named in `lapses_on` changes, it is cleared (a clearance is of one text)."""

    name: str
    type: FieldType
    label: Text
    choices: Mapping[str, Choice]
    min: int | None
    max: int | None
    pattern: str | None
    personal: bool
    lapses_on: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Role:
    """Who may be appointed to what; `scope` is `section` or `bureau`."""

    name: RoleName
    label: Text
    scope: str


@dataclass(frozen=True, slots=True)
class Guard:
    """A condition with the sentence that a blocked user reads: data (`when`) or a registered check with parameters."""

    name: str
    text: Text
    when: Condition | None
    check: str | None
    params: Mapping[str, Any]
    basis: str | None


@dataclass(frozen=True, slots=True)
class State:
    """A state, in whose hands a case in it is, and who may write which field there."""

    name: StateName
    label: Text
    initial: bool
    final: bool
    waits_for: RoleName | None
    edit: Mapping[RoleName, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Assignment:
    """What a step writes by itself: a literal value (None clears), or today, the actor, a copy, one more."""

    field: str
    kind: str  # literal | today | actor | copy | add
    value: Scalar


@dataclass(frozen=True, slots=True)
class Tell:
    """Who is told (a role, or `author`), always or under a condition."""

    to: str
    when: Condition | None


@dataclass(frozen=True, slots=True)
class SeriesNumber:
    """The document number that a step gives: `series` names the enum field whose value is the 机关代字."""

    field: str
    series: str
    year_of: str  # the date field whose year it bears
    format: str

    def parts(self, number: str) -> tuple[str, int, int] | None:
        """Series, year and serial of a number in this form; None when it has another.

        >>> SeriesNumber("doc_number", "series", "formed_on", "{series}〔{year}〕{serial}号").parts("下财〔2026〕7号")
        ('下财', 2026, 7)
        """
        pattern = re.escape(self.format)
        for name, group in (("series", ".+"), ("year", r"\d{4}"), ("serial", r"\d{1,9}")):
            pattern = pattern.replace(re.escape("{" + name + "}"), f"(?P<{name}>{group})")
        found = re.fullmatch(pattern, number)
        return (found["series"], int(found["year"]), int(found["serial"])) if found else None


@dataclass(frozen=True, slots=True)
class Transition:
    """A named step. A state from which no role may take it leaves it to nobody."""

    name: TransitionName
    label: Text
    sources: tuple[StateName, ...]
    target: StateName
    roles: Mapping[StateName, tuple[RoleName, ...]]  # by the state it starts from
    guards: tuple[str, ...]  # block
    warns: tuple[str, ...]  # are said, and do not block
    when: Condition | None  # the step exists only for data like this
    when_blocked: tuple[str, ...]  # the step exists only while one of these guards is unmet
    auto: bool  # the sweep takes it as soon as it is open to `system`
    comment: Demand
    required: tuple[str, ...]  # the step's form
    optional: tuple[str, ...]
    sets: tuple[Assignment, ...]
    number: SeriesNumber | None
    tell: tuple[Tell, ...]
    slip: Text | None  # the sentence recorded and sent with the step when no comment is given
    basis: str | None


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that a deadline does at its moment, once: remind, escalate, or take the transition on expiry."""

    name: str  # remind-1, escalate-2, expire; unique in its rule
    kind: str  # remind | escalate | expire
    offset: Limit  # before the last day (remind) or after it (escalate); zero for expire
    tell: tuple[str, ...]
    reassign: RoleName | None
    transition: TransitionName | None


@dataclass(frozen=True, slots=True)
class Anchor:
    """Which event a limit is counted from; `date` names the data field that holds the day, else the event's own day."""

    events: tuple[TransitionName, ...]
    date: str | None


@dataclass(frozen=True, slots=True)
class DeadlineRule:
    """A declared clock. It runs while the case is in `runs_in` and `applies` holds; `steps` stand in firing order."""

    name: str
    label: Text
    kind: ClockKind
    runs_in: tuple[StateName, ...]
    limit: Limit
    anchor: Anchor | None  # None: the entry into runs_in
    applies: Condition | None
    since: date | None  # anchors before this day arm nothing: the law was not in force
    steps: tuple[Step, ...]
    basis: str | None


@dataclass(frozen=True, slots=True)
class Never:
    """What must not be in these states; checked on each step, and proved by the prover."""

    name: str
    states: tuple[StateName, ...]
    when: Condition
    text: Text


@dataclass(frozen=True, slots=True)
class Intake:
    """How a file of past records enters: into which state, with which fields set, from which column names."""

    state: StateName
    sets: Mapping[str, Scalar]
    columns: Mapping[str, tuple[str, ...]]  # field or `title` -> header names, first that is there
    required: tuple[str, ...]
    key: tuple[str, ...]  # columns that make a record the same record
    opened: str  # date field that anchors the record's deadline
    closed: str  # date field on which it ended


@dataclass(frozen=True, slots=True)
class Definition:
    """One kind of case, accepted and whole."""

    id: str
    version: int
    digest: str
    title: Text
    prefix: str  # of case numbers
    basis: tuple[str, ...]
    in_force_from: date | None
    in_force_until: date | None
    roles: Mapping[RoleName, Role]
    fields: Mapping[str, Field]
    guards: Mapping[str, Guard]
    states: Mapping[StateName, State]
    transitions: Mapping[TransitionName, Transition]
    deadlines: Mapping[str, DeadlineRule]
    never: tuple[Never, ...]
    intake: Intake | None
    leaving: Mapping[StateName, tuple[Transition, ...]]  # the transitions of each state, in the file's order
    lapsing: tuple[Field, ...] = ()  # the fields that the change of another clears

    @property
    def initial(self) -> StateName:
        """The state in which a case begins."""
        return next(state.name for state in self.states.values() if state.initial)


def definition_from(accepted: Mapping[str, Any], digest: str) -> Definition:
    """The definition that an accepted file's JSON (see `schema.py`, the field names are the same) says."""
    transitions = {TransitionName(name): _transition(name, said) for name, said in accepted["transitions"].items()}
    fields = {name: _field(name, said) for name, said in accepted["fields"].items()}
    in_force = accepted.get("in_force") or {}
    return Definition(
        id=accepted["id"],
        version=accepted["version"],
        digest=digest,
        title=_text(accepted["title"]),
        prefix=accepted["prefix"],
        basis=tuple(accepted.get("basis", ())),
        in_force_from=_date(in_force.get("from")),
        in_force_until=_date(in_force.get("until")),
        roles={RoleName(n): Role(RoleName(n), _text(s), s["scope"]) for n, s in accepted["roles"].items()},
        fields=fields,
        guards={name: _guard(name, said) for name, said in accepted["guards"].items()},
        states={StateName(name): _state(name, said) for name, said in accepted["states"].items()},
        transitions=transitions,
        deadlines={name: _deadline(name, said) for name, said in accepted["deadlines"].items()},
        never=tuple(_never(name, said) for name, said in accepted["never"].items()),
        intake=_intake(accepted["intake"]) if accepted.get("intake") else None,
        leaving={
            StateName(state): tuple(each for each in transitions.values() if state in each.sources)
            for state in accepted["states"]
        },
        lapsing=tuple(each for each in fields.values() if each.lapses_on),
    )


def limit_from(said: str) -> Limit:
    """A limit as it is written.

    >>> limit_from("1 working day")
    Limit(count=1, unit=<Unit.WORKING_DAYS: 'working days'>)
    """
    count, _, unit = said.partition(" ")
    return Limit(int(count), Unit(unit if unit.endswith("s") else unit + "s"))


def _text(said: Mapping[str, Any]) -> Text:
    return Text(said["zh"], said["en"])


def _date(said: str | None) -> date | None:
    return date.fromisoformat(said) if said else None


def _when(said: Mapping[str, Any] | None) -> Condition | None:
    return condition(said) if said else None


def _field(name: str, said: Mapping[str, Any]) -> Field:
    return Field(
        name=name,
        type=FieldType(said["type"]),
        label=_text(said),
        choices={value: Choice(value, _text(c), c.get("facts", {})) for value, c in (said.get("values") or {}).items()},
        min=said.get("min"),
        max=said.get("max"),
        pattern=said.get("pattern"),
        personal=bool(said.get("personal")),
        lapses_on=tuple(said.get("lapses_on", ())),
    )


def _guard(name: str, said: Mapping[str, Any]) -> Guard:
    return Guard(
        name, _text(said), _when(said.get("if")), said.get("check"), said.get("params") or {}, said.get("basis")
    )


def _state(name: str, said: Mapping[str, Any]) -> State:
    return State(
        name=StateName(name),
        label=_text(said),
        initial=bool(said.get("initial")),
        final=bool(said.get("final")),
        waits_for=RoleName(said["waits_for"]) if said.get("waits_for") else None,
        edit={RoleName(role): frozenset(names) for role, names in (said.get("edit") or {}).items()},
    )


def _assignment(field: str, said: Any) -> Assignment:
    if not isinstance(said, Mapping):
        return Assignment(field, "literal", said)
    ((kind, value),) = said.items()
    return Assignment(field, kind, value)


def _transition(name: str, said: Mapping[str, Any]) -> Transition:
    form = said.get("form") or {}
    number = said.get("number")
    return Transition(
        name=TransitionName(name),
        label=_text(said),
        sources=tuple(StateName(each) for each in said["from"]),
        target=StateName(said["to"]),
        roles={StateName(state): tuple(RoleName(r) for r in roles) for state, roles in said["roles"].items()},
        guards=tuple(said.get("guards", ())),
        warns=tuple(said.get("warns", ())),
        when=_when(said.get("if")),
        when_blocked=tuple(said.get("when_blocked", ())),
        auto=bool(said.get("auto")),
        comment=Demand(said.get("comment") or "optional"),
        required=tuple(form.get("required", ())),
        optional=tuple(form.get("optional", ())),
        sets=tuple(_assignment(field, value) for field, value in (said.get("set") or {}).items()),
        number=SeriesNumber(number["field"], number["series"], number["year_of"], number["format"]) if number else None,
        tell=tuple(Tell(each["to"], _when(each.get("if"))) for each in said.get("tell", ())),
        slip=_text(said["slip"]) if said.get("slip") else None,
        basis=said.get("basis"),
    )


def _deadline(name: str, said: Mapping[str, Any]) -> DeadlineRule:
    anchor = said.get("anchor")
    return DeadlineRule(
        name=name,
        label=_text(said),
        kind=ClockKind(said["clock"]),
        runs_in=tuple(StateName(each) for each in said["runs_in"]),
        limit=limit_from(said["limit"]),
        anchor=Anchor(tuple(TransitionName(e) for e in anchor["event"]), anchor.get("date")) if anchor else None,
        applies=_when(said.get("applies")),
        since=_date(said.get("since")),
        steps=(
            *(_step(f"remind-{n}", "remind", s["before"], s) for n, s in enumerate(said.get("remind", ()), 1)),
            *(
                (_step("expire", "expire", "0 hours", {"transition": said["on_expiry"]}),)
                if said.get("on_expiry")
                else ()
            ),
            *(_step(f"escalate-{n}", "escalate", s["after"], s) for n, s in enumerate(said.get("escalate", ()), 1)),
        ),
        basis=said.get("basis"),
    )


def _step(name: str, kind: str, offset: str, said: Mapping[str, Any]) -> Step:
    reassign, transition = said.get("reassign"), said.get("transition")
    return Step(
        name=name,
        kind=kind,
        offset=limit_from(offset),
        tell=tuple(said.get("tell", ())),
        reassign=RoleName(reassign) if reassign else None,
        transition=TransitionName(transition) if transition else None,
    )


def _never(name: str, said: Mapping[str, Any]) -> Never:
    return Never(name, tuple(StateName(each) for each in said["in"]), condition(said["when"]), _text(said))


def _intake(said: Mapping[str, Any]) -> Intake:
    return Intake(
        state=StateName(said["state"]),
        sets=said.get("set") or {},
        columns={field: tuple(headers) for field, headers in said.get("columns", {}).items()},
        required=tuple(said.get("required", ())),
        key=tuple(said.get("key", ())),
        opened=said["opened"],
        closed=said["closed"],
    )
