"""What a definition says, as the engine reads it: plain frozen values, built from the accepted JSON of a definition.

`schema.py` says what a YAML file may hold and turns it into that JSON; here nothing is checked again and nothing heavy
is imported, because every step of the command line passes through this file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from workflow.act import Act, Demand
from workflow.case import WAS, ClockKind, RoleName, Scalar, StateName, TransitionName
from workflow.conditions import Condition
from workflow.limit import Limit
from workflow.text import Text


class FieldType(StrEnum):
    """What a field may hold."""

    TEXT = "text"
    BOOL = "bool"
    ENUM = "enum"
    DATE = "date"
    INTEGER = "integer"
    MONEY = "money"  # 元, decimal text
    CASE = "case"  # numbers of other cases, as text


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
    seen_by: tuple[RoleName, ...] = ()  # of personal data: who may see it whole; everybody else sees a mask
    of: tuple[str, ...] = ()  # of a link: which kinds of case it may name
    own: bool = False  # of a link: begun after the case that names it, and named so by no other of that kind
    example: str | None = None  # what has the form of the pattern
    named_in: str | None = None  # of a link: the field in which that case must name this one, too


@dataclass(frozen=True, slots=True)
class Role:
    """Who may be appointed to what; `scope` is `section` or `bureau`."""

    name: RoleName
    label: Text
    scope: str
    rank: int | None = None  # how high it stands: escalations go up


#: Among the states in which a guard looks for other cases, every one in which they end.
CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Needs:
    """How far sub-cases of one kind, or the cases that a field names, must be."""

    children: str
    mode: str  # all | some | none
    states: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Guard:
    """A condition with the sentence that a blocked user reads: on the data, on the sub-cases, or a registered check."""

    name: str
    text: Text
    when: Condition | None
    check: str | None
    params: Mapping[str, Any]
    basis: str | None
    needs: Needs | None = None


@dataclass(frozen=True, slots=True)
class State:
    """A state, in whose hands a case in it is, and who may write which field there."""

    name: StateName
    label: Text
    initial: bool
    final: bool
    waits_for: RoleName | None
    edit: Mapping[RoleName, frozenset[str]]
    public: Text | None = None  # what those outside are told


@dataclass(frozen=True, slots=True)
class Assignment:
    """What a step writes by itself: a literal value (None clears), or what another thing says at that moment."""

    field: str
    kind: str  # literal | today | actor | copy | append | add | due | latest | earliest | tariff | choose
    value: Scalar
    choices: tuple[tuple[Condition | None, Assignment], ...] = ()  # of choose: the first that holds is written


@dataclass(frozen=True, slots=True)
class Opening:
    """A sub-case that begins with a step: of which kind, in which section, with which data."""

    child: str
    section: str | None  # text field that names the section; None: the case's own
    sets: tuple[Assignment, ...]
    when: Condition | None = None  # it begins only if this holds after the step


#: In `moves`, the case to which a sub-case belongs.
PARENT = "parent"
#: The step by which a sub-case is called off, where its parent's step says so.
CANCEL = TransitionName("cancel")


@dataclass(frozen=True, slots=True)
class Moving:
    """Other cases that take a step with this one: those sub-cases, linked cases, or the parent, that stand where it begins."""

    case: str  # a kind of sub-case, a field that names cases, `parent`, or `kind.field`: those that name this one there
    step: TransitionName
    when: Condition | None
    sets: tuple[Assignment, ...]  # what comes with their step
    whole: bool = False  # every one that has not ended takes it, or nothing happens: so sub-cases are called off


@dataclass(frozen=True, slots=True)
class Child:
    """A kind of sub-case: `kind` is the id of its definition."""

    name: str
    kind: str
    label: Text


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter and the guards that are its compulsory parts."""

    name: str
    label: Text
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tariff:
    """A progressive fee: whole 元 for each item up to each band's end; beyond, `adds` more for every further band."""

    name: str
    label: Text
    of: str
    bands: tuple[tuple[int, int], ...]  # up to which item, 元 for each
    every: int | None
    adds: int

    def fee(self, items: int) -> int:
        """What so many items cost.

        >>> Tariff("by_item", Text("", ""), "n", ((10, 0), (30, 100)), 10, 100).fee(35)
        3000
        """
        total, before, price = 0, 0, 0
        for up_to, price in self.bands:
            total += max(0, min(items, up_to) - before) * price
            before = up_to
        if self.every is None:
            return total + max(0, items - before) * self.adds
        while items > before:
            price += self.adds
            total += min(items - before, self.every) * price
            before += self.every
        return total


@dataclass(frozen=True, slots=True)
class Similar:
    """What makes two cases alike enough to be shown to each other at intake."""

    name: str
    label: Text
    fields: tuple[str, ...]


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
    keeps: bool = False  # a number of this series and year that is there stays

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
    dated: str | None = None  # date field with the day on which it happened, for the clocks; None: the day of the step
    opens: Opening | None = None
    moves: tuple[Moving, ...] = ()  # what other cases do in the same commit; sub-cases called off stand among them
    letter: str | None = None
    at_once: bool = False  # an automatic step that is taken in the commit of the step that leads to it
    #: What stands in its form or is written by itself: with anything else, whoever takes it edits the case.
    writes: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        number = (self.number.field,) if self.number else ()
        object.__setattr__(
            self, "writes", frozenset((*self.required, *self.optional, *(each.field for each in self.sets), *number))
        )


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
class Extension:
    """How a limit is made longer, once, counted from the same anchor; `count` names the field with what was granted."""

    events: tuple[TransitionName, ...]
    by: Limit
    count: str | None


@dataclass(frozen=True, slots=True)
class Regime:
    """What another version of the law says: a limit and an extension of its own."""

    from_on: date | None
    until: date | None
    limit: Limit
    extend: Limit | None
    basis: str


@dataclass(frozen=True, slots=True)
class DeadlineRule:
    """A declared clock. It runs while the case is in `runs_in` and `applies` holds; `steps` stand in firing order.

    While the case is in `pauses_in` it stands still: open, and the days are not counted.
    """

    name: str
    label: Text
    kind: ClockKind
    runs_in: tuple[StateName, ...]
    limit: Limit  # its count is 0 where `limit_field` holds it
    anchor: Anchor | None  # None: the entry into runs_in
    applies: Condition | None
    since: date | None  # anchors before this day arm nothing: the law was not in force
    steps: tuple[Step, ...]
    basis: str | None
    pauses_in: tuple[StateName, ...] = ()
    restart: Mapping[TransitionName, str | None] = field(default_factory=dict)  # step -> date field with the day
    extend: Extension | None = None
    done_by: tuple[TransitionName, ...] = ()  # steps that fulfil it though the case stays where it runs
    regime_by: str | None = None  # date field that chooses the version of the law
    regimes: tuple[Regime, ...] = ()
    limit_field: str | None = None  # integer field that holds the length
    backward: bool = False  # counted back from the anchor's day
    by_entry: bool = False  # ends when a step is entered, whatever day the step states


@dataclass(frozen=True, slots=True)
class Never:
    """What must not be in these states; checked on each step, and proved by the prover."""

    name: str
    states: tuple[StateName, ...]
    when: Condition
    text: Text


#: In `sets` of what must never be: whatever is written.
ANY_VALUE = "set"


@dataclass(frozen=True, slots=True)
class NeverWithout:
    """What no step may do unless it carries these guards; a step does it if it does all that is named. Proved by reading."""

    name: str
    into: tuple[StateName, ...]  # it enters one of them from outside
    out_of: tuple[StateName, ...]  # it leaves them
    sets: Mapping[str, tuple[Scalar, ...]]  # it may write one of these values, of ANY_VALUE any
    opens: tuple[str, ...]  # it opens such a sub-case
    without: tuple[str, ...]
    but_by: tuple[str, ...]  # steps, and `edit.STATE`, that are excepted
    text: Text


@dataclass(frozen=True, slots=True)
class Passage:
    """Which steps (必经步骤) a case must have gone through before it stands in these states; proved, and checked on each step.

    One of `through` was taken after the last of `since`; where `apart_from` names steps, by somebody who took none of them.
    """

    name: str
    targets: tuple[StateName, ...]
    through: tuple[TransitionName, ...]
    since: tuple[str, ...]
    apart_from: tuple[str, ...]
    when: Condition | None
    text: Text
    basis: str | None


@dataclass(frozen=True, slots=True)
class Waiver:
    """A check of the prover that does not hold at one place, and why."""

    check: str
    at: str  # state, deadline or role
    reason: str


@dataclass(frozen=True, slots=True)
class Intake:
    """How a file of past records enters: into which state, with which fields set, from which column names."""

    state: StateName
    sets: Mapping[str, Scalar]
    columns: Mapping[str, tuple[str, ...]]  # field or `title` -> header names, first that is there
    required: tuple[str, ...]
    key: tuple[str, ...]  # columns that make a record the same record
    opened: str  # date field that anchors the record's deadline
    closed: str | None  # date field on which it ended; None: no clock is counted
    roles: tuple[RoleName, ...] = ()  # who may enter them; none: whoever may take a step into that state
    of_this_year: tuple[RoleName, ...] = ()  # who may enter what was opened or closed this year; none: nobody


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
    children: Mapping[str, Child] = field(default_factory=dict)
    letters: Mapping[str, Letter] = field(default_factory=dict)
    tariffs: Mapping[str, Tariff] = field(default_factory=dict)
    similar: tuple[Similar, ...] = ()
    listed: tuple[str, ...] = ()  # fields that lists hand on
    passes: tuple[Passage, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    never_without: tuple[NeverWithout, ...] = ()
    acts: Mapping[TransitionName, Act] = field(default_factory=dict)
    #: The clocks that run or stand still in each state: every step asks for those of one state.
    clocks_in: Mapping[StateName, tuple[DeadlineRule, ...]] = field(init=False)
    links: tuple[Field, ...] = field(init=False)  # the fields that name other cases

    def __post_init__(self) -> None:
        rules = self.deadlines.values()
        by_state = {s: tuple(r for r in rules if s in r.runs_in or s in r.pauses_in) for s in self.states}
        object.__setattr__(self, "clocks_in", by_state)
        object.__setattr__(self, "links", tuple(each for each in self.fields.values() if each.type is FieldType.CASE))

    @property
    def knows_others(self) -> bool:
        """Whether it speaks of sub-cases or of linked cases, which are then read with each case."""
        return bool(self.children or self.links)

    @property
    def kinds_named(self) -> frozenset[str]:
        """The kinds of its sub-cases and of the cases that it names."""
        return frozenset([each.kind for each in self.children.values()] + [of for each in self.links for of in each.of])

    def states_asked_of(self, others: str) -> frozenset[str]:
        """The states in which its guards look for these sub-cases or linked cases, by name."""
        asked = (guard.needs for guard in self.guards.values() if guard.needs and guard.needs.children == others)
        return frozenset(state for needs in asked for state in needs.states) - {CLOSED}

    def holds_on(self, day: date) -> bool:
        """Whether a case that begins on that day may begin under it."""
        begun = self.in_force_from is None or self.in_force_from <= day
        return begun and (self.in_force_until is None or day <= self.in_force_until)

    @property
    def waits_in_sections(self) -> bool:
        """Whether any state leaves a case in the hands of a section of its own."""
        hands = (state.waits_for for state in self.states.values())
        return any(role and self.roles[role].scope == "section" for role in hands)

    def state_named(self, name: StateName) -> State:
        """The state of this name; one that the definition does not know is in quarantine (隔离): nobody may act in it."""
        return self.states.get(name) or State(name, _UNKNOWN_STATE.filled(name=name), False, False, None, {})

    def is_personal(self, name: str) -> bool:
        """Whether what an event says under this name is personal; of a field that a migration took away it may have been."""
        field = self.fields.get(name.removeprefix(WAS))
        return name.startswith(WAS) if field is None else field.personal

    @property
    def named_steps(self) -> Mapping[TransitionName, Transition | Act]:
        """Whatever can be done with a case of it by its name: its steps, then the everyday acts."""
        return {**self.transitions, **self.acts}

    @property
    def initial(self) -> StateName:
        """The state in which a case begins."""
        return next(state.name for state in self.states.values() if state.initial)


_UNKNOWN_STATE = Text("已隔离：定义中没有环节“{name}”", "in quarantine: the definition knows no state “{name}”")
