"""The values that one step is made of: who (Actor), what (Command), on what (Case), and what comes of it.

All are frozen. Business data is plain JSON: text, bool, int, dates as ISO text, money as decimal text.
Instants (`_at`) are aware UTC datetimes, business days (`_on`) are dates in Asia/Shanghai.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from functools import lru_cache
from operator import attrgetter
from typing import NewType

from workflow.text import Text

StateName = NewType("StateName", str)
TransitionName = NewType("TransitionName", str)
RoleName = NewType("RoleName", str)

Scalar = str | int | bool | None
Data = Mapping[str, Scalar]

#: China has kept one time without daylight saving since 1991; business dates before that do not occur here.
SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")

SYSTEM = "system"  # the actor of automatic steps; no person bears it
START = TransitionName("start")
EDIT = TransitionName("edit")
IMPORT = TransitionName("import")
REMIND = TransitionName("remind")
ESCALATE = TransitionName("escalate")
RECOMPUTE = TransitionName("recompute")
MIGRATE = TransitionName("migrate")
UNMANNED = TransitionName("unmanned")
REORGANISE = TransitionName("reorganise")
ERASE = TransitionName("erase")
#: Under this name such an event says which fields it erased.
ERASED = "erased"
#: A paper is put to a case (附件), or taken from it again; neither is a step.
ATTACH = TransitionName("attach")
DETACH = TransitionName("detach")
#: The everyday acts (日常办件), which every definition has.
SIGN_FOR = TransitionName("sign_for")
URGE = TransitionName("urge")
TAKE_BACK = TransitionName("take_back")
TRANSFER = TransitionName("transfer")
CIRCULATE = TransitionName("circulate")
READ = TransitionName("read")
EXPLAIN_LATENESS = TransitionName("explain_lateness")
#: What an act says for the record stands under its own name, `sign_for.since`; no field can be called so.
SIGNED_SINCE, SIGNED_IN = "sign_for.since", "sign_for.section"
TAKEN_BACK, CLOCKS_BACK = "take_back.step", "take_back.clocks"
CIRCULATED_TO, CIRCULATED_NAMES = "circulate.to", "circulate.names"
#: Under these names the first event of a sub-case holds where it belongs; no field can be called so.
PARENT, SLOT, PARENT_NUMBER = "case.parent", "case.slot", "case.parent_number"
#: An event that takes the case to another section says under these from which and to which.
SECTION_BEFORE, SECTION = "case.section_before", "case.section"
#: And under these what a migration says beside the fields that it sets: from which definition, by which plan, in whose hands
#: the case stays, and after each prefix what becomes of a clock, of a name in the trail, of what a field held before.
FROM, PLAN, STAYS_WITH = "migrate.from", "migrate.plan", "migrate.stays_with"
CLOCK, FIRED, BACK, TRAIL, WAS = "clock.", "fired.", "back.", "trail.", "was."


@lru_cache(maxsize=4096)  # each step asks several times for the day of its own moment
def business_date(instant: datetime) -> date:
    """The day in Shanghai on which an instant falls.

    >>> business_date(datetime(2026, 2, 13, 16, 30, tzinfo=timezone.utc))
    datetime.date(2026, 2, 14)
    """
    return instant.astimezone(SHANGHAI).date()


def moment(at: datetime) -> str:
    """An instant as the office reads it, in Shanghai."""
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


@lru_cache(maxsize=4096)  # the instants of a case come back with each of its steps
def instant_text(at: datetime) -> str:
    """An instant as the tables and the record hold it: UTC with microseconds, so that it sorts as it reads.

    >>> instant_text(datetime(2026, 2, 13, 2, 0, tzinfo=timezone.utc))
    '2026-02-13T02:00:00.000000Z'
    """
    return at.astimezone(UTC).isoformat(timespec="microseconds")[:26] + "Z"


@dataclass(frozen=True, slots=True)
class Appointment:
    """One dated post of a person (任职): a role, in a section or the whole bureau, maybe held for somebody else."""

    role: RoleName
    section: str | None  # None: the whole bureau
    from_on: date
    until_on: date | None  # the last day, inclusive; None: open
    on_behalf_of: str | None = None  # person whose post is exercised by delegation (代办)
    acting: bool = False  # 代理职务

    def holds_on(self, day: date) -> bool:
        """Whether the post is held on that business day."""
        return self.from_on <= day and (self.until_on is None or day <= self.until_on)

    @property
    def is_empty(self) -> bool:
        """Whether it is held on no day: it was called off before it began."""
        return self.until_on is not None and self.until_on < self.from_on


#: The accounts (账号) of each person who has several, as the register holds them to be one person (同一人); disjoint sets of ids.
OnePerson = tuple[frozenset[str], ...]


def accounts_of(ids: Iterable[str], one_person: OnePerson) -> tuple[str, ...]:
    """These accounts, and after them every other one of the same persons.

    >>> accounts_of(("wangmin", "lihua"), (frozenset({"wangmin", "wangmin2"}),))
    ('wangmin', 'lihua', 'wangmin2')
    """
    found = dict.fromkeys(ids)
    for group in one_person:
        if not group.isdisjoint(found):
            found.update(dict.fromkeys(sorted(group)))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, with every post they hold, and through which door they came (cli, web, api, ticker)."""

    id: str
    name: str
    bureau: str
    appointments: tuple[Appointment, ...] = ()
    via: str = "cli"
    moved_by: str | None = None  # of the system's hand: the person whose step in another case moves this one
    one_person: OnePerson = ()  # who of the bureau has several accounts

    @property
    def is_system(self) -> bool:
        """Whether this is the hand of the automatic steps."""
        return self.id == SYSTEM


@dataclass(frozen=True, slots=True)
class Trace:
    """When a transition was last taken on a case, and everyone who ever took it (principals of delegates included)."""

    by: tuple[str, ...]
    seq: int
    at: datetime


class ClockKind(StrEnum):
    """The two clocks on each case."""

    INTERNAL = "internal"  # 承办时限
    STATUTORY = "statutory"  # 法定时限


class Outcome(StrEnum):
    """How a deadline ended."""

    MET = "met"  # the case left in time
    LATE = "late"  # the case left after the last day
    VOID = "void"  # the deadline no longer applies
    EXTENDED = "extended"  # another with a longer limit took its place
    RESTARTED = "restarted"  # another with a later anchor took its place
    MIGRATED = "migrated"  # another, counted by another version of the definition, took its place


@dataclass(frozen=True, slots=True)
class Pause:
    """A time that a limit does not count. The day on which it begins still counts, the day on which it ends does not."""

    from_on: date
    from_at: datetime
    to_on: date | None = None  # None: it lasts
    to_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Deadline:
    """A running legal clock (时限) of one case. Its dates follow from definition, events and calendar alone.

    `armed_seq` is the event that armed it: (case, rule, armed_seq) names it for ever, and a re-entry arms a new one.
    """

    rule: str
    armed_seq: int
    anchor_on: date
    anchor_at: datetime
    strict_on: date  # the last day as counted
    rolled_on: date  # the last day after moving off a day off (民法典 203); equal to strict_on for working days
    due_at: datetime  # the first instant that is too late, UTC
    provisional: bool = False  # counted with a year that the State Council has not announced
    fired: int = 0  # how many of the rule's steps have fired, in their order
    closed_at: datetime | None = None
    outcome: Outcome | None = None
    late_days: int | None = None  # working days between the last day and the closing; None while open or not computable
    extended: int = 0  # by how much the limit was made longer, in its unit
    pauses: tuple[Pause, ...] = ()

    def ended(self, at: datetime, outcome: Outcome, late_days: int | None = None) -> Deadline:
        """The same clock, stopped."""
        return Deadline(*(*_runs_by(self), at, outcome, late_days, self.extended, self.pauses))

    @property
    def paused(self) -> Pause | None:
        """The pause that lasts; None while the clock runs."""
        return self.pauses[-1] if self.pauses and self.pauses[-1].to_on is None else None


@dataclass(frozen=True, slots=True)
class SubCase:
    """A case that another waits for, as far as the other must know it."""

    id: str
    number: str
    slot: str
    kind: str
    section: str
    title: str
    state: StateName
    state_label: Text
    closed_at: datetime | None
    data: Data
    unknown: frozenset[str] = (
        frozenset()
    )  # states in which the other looks for it, and which its own version does not know


#: All of a deadline before how it ended, in order: `dataclasses.replace` takes three times as long.
_runs_by = attrgetter(*[each.name for each in fields(Deadline)][:9])


@dataclass(frozen=True, slots=True)
class Case:
    """One running instance (事项)."""

    id: str
    number: str
    kind: str
    definition: str  # digest of the definition it is pinned to
    bureau: str
    section: str
    state: StateName
    version: int  # rises with each command; what --expect compares
    seq: int  # sequence of its last event; automatic reminders raise it too
    data: Data
    trail: Mapping[str, Trace]
    waits_for: RoleName | None  # in whose hands it is; None: in nobody's here
    entered_at: datetime  # when it came into this state
    changed_at: datetime  # when its last event happened
    closed_at: datetime | None
    head: str  # hash of its last event
    parent: str | None = None  # id of the case that this is a sub-case of
    slot: str | None = None  # under which name the parent's definition knows it
    children: tuple[SubCase, ...] = ()  # loaded where the definition speaks of them
    deadlines: tuple[Deadline, ...] = ()  # the open ones

    @property
    def title(self) -> str:
        """Its title: a field like any other, that every definition has."""
        return str(self.data["title"])

    def with_deadlines(self, deadlines: tuple[Deadline, ...]) -> Case:
        """The same case with these clocks running."""
        return Case(*(*_parts_of(self), deadlines))

    def with_head(self, head: str) -> Case:
        """The same case after the event of this hash."""
        return Case(*(*_parts_before_head(self), head, *_parts_after_head(self)))

    def with_child(self, opened: Opened) -> Case:
        """The same case with a sub-case that is about to begin."""
        title = str(opened.data.get("title", ""))
        fresh = SubCase("", "", opened.slot, opened.kind, "", title, StateName(""), Text("", ""), None, opened.data)
        return replace(self, children=(*self.children, fresh))

    def with_data(self, changes: Data) -> Case:
        """The same case as it would stand after these changes."""
        return replace(self, data=merged(self.data, changes)) if changes else self


#: All of a case but its deadlines, in order: `dataclasses.replace` takes twice as long (measured), and every step does it.
_names = [each.name for each in fields(Case)]
_parts_of = attrgetter(*_names[:-1])
_parts_before_head = attrgetter(*_names[: _names.index("head")])
_parts_after_head = attrgetter(*_names[_names.index("head") + 1 :])


def merged(data: Data, changes: Data) -> dict[str, Scalar]:
    """`data` with `changes`; what is set to None is no longer there."""
    whole = {**data, **changes}
    return {name: value for name, value in whole.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Command:
    """One wish: take this transition, with this data. `start` and `edit` are wishes too."""

    transition: TransitionName
    data: Data = field(default_factory=dict)
    comment: str | None = None
    expected_version: int | None = None
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One row of the record (办理记录): who did what, when, from where to where, with which data, under which law."""

    case_id: str
    seq: int
    at: datetime
    actor: str  # person id, or `system`
    actor_name: str
    on_behalf_of: str | None
    via: str
    transition: TransitionName
    source: StateName | None  # None: the case began here
    target: StateName
    data: Data  # what changed; None = cleared
    comment: str | None
    automatic: bool
    definition: str
    request_id: str | None = None
    form: int = 2  # of the canonical form that its hash is taken over
    salts: Mapping[str, str] = field(default_factory=dict)  # of what stands in the chain by its commitment only
    erased: Mapping[str, str] = field(default_factory=dict)  # the commitments of what was erased
    previous: str = ""
    hash: str = ""

    def chained(self, previous: str, own: str) -> Event:
        """The same event in its place: the hash of the one before it, and its own."""
        return Event(*(*_said_in(self), previous, own))


#: All of an event but its place in the chain, in order.
_said_in = attrgetter(*[each.name for each in fields(Event)][:-2])


@dataclass(frozen=True, slots=True)
class Helper:
    """Who can supply what is missing: a role, in which state it may, and by which step the case gets there."""

    role: RoleName
    label: Text
    state: StateName | None = None  # None: here and now
    by: TransitionName | None = None
    people: tuple[str, ...] = ()  # their names; filled in by the store, which knows who is appointed
    only: tuple[str, ...] = field(default=(), compare=False)  # where said, none but these persons
    but: tuple[str, ...] = field(default=(), compare=False)  # and none of these: they took part

    def is_meant(self, accounts: Iterable[str], one_person: OnePerson = ()) -> bool:
        """Whether of those who hold the role it is for this one: an account, and the one in whose stead it acts."""
        who = {*accounts_of(accounts, one_person)}
        return who.isdisjoint(self.but) and (not self.only or not who.isdisjoint(self.only))


@dataclass(frozen=True, slots=True)
class Unmet:
    """One requirement that stands in the way, in the words of the definition."""

    name: str  # the guard's name, or state / role / comment / a field's name
    text: Text
    kind: str = "guard"  # guard | role | state | data
    who: tuple[Helper, ...] = ()
    fields: tuple[str, ...] = field(default=(), compare=False)  # those that people can fill in to meet it
    hangs_on: str | None = field(default=None, compare=False)  # what else is unmet and decides whether it is asked for


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence for somebody: a role's holders in the case's section or bureau, or the case's author."""

    to: str  # a role, or `author`
    text: Text
    occasion: str  # remind | escalate | the transition's name
    person: str | None = None  # one who is named: nobody else hears of it


@dataclass(frozen=True, slots=True)
class Numbering:
    """A document number to be given in the same commit: the next serial of (series, year), never twice, no gap."""

    field: str
    series: str
    year: int
    format: str  # with {series}, {year}, {serial}
    serial: int | None = None  # of the number that the paper has already and keeps


@dataclass(frozen=True, slots=True)
class Opened:
    """A sub-case to be begun in the same commit."""

    slot: str
    kind: str
    section: str | None  # as it was written; None: the case's own
    data: Data


@dataclass(frozen=True, slots=True)
class Moved:
    """A step that other cases take in the same commit: those of this name that stand where it begins, or all that have not ended."""

    case: str  # kind of sub-case, field that names cases, or `parent`
    step: TransitionName
    data: Data
    whole: bool


@dataclass(frozen=True, slots=True)
class Decision:
    """Everything that a command changes, in one commit."""

    case: Case  # as it stands afterwards, open deadlines included
    event: Event  # not yet chained: previous and hash are the store's
    deadlines: tuple[Deadline, ...]  # those opened, moved or closed by this step
    notices: tuple[Notice, ...]
    warnings: tuple[Unmet, ...] = ()
    numbering: Numbering | None = None
    next_at: datetime | None = None  # when the case next needs the sweep; None: never
    opens: Opened | None = None
    moves: tuple[Moved, ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """Everything that stands in the command's way."""

    case_id: str
    transition: TransitionName
    unmet: tuple[Unmet, ...]


@dataclass(frozen=True, slots=True)
class Option:
    """One transition of the present state for one actor: open, or everything that is missing."""

    transition: TransitionName
    label: Text
    target: StateName
    allowed: bool
    unmet: tuple[Unmet, ...]
    warnings: tuple[Unmet, ...]
    required: tuple[str, ...]  # fields that the step's form demands
    optional: tuple[str, ...]
    comment_required: bool
    is_act: bool = False  # an everyday act: the case stays where it is
    only_if: Text | None = None  # for data like this, as what is filled in with it may make them
    with_it: tuple[Unmet, ...] = ()  # what is to be met by what is filled in with it
