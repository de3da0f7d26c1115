"""The tables, each with the promise its constraints carry. The only home of SQLModel; migrations and `statements` read it.

Instants are text in UTC with microseconds (`2026-02-13T02:00:00.000000Z`), business days are ISO text: both sort as they
read, on every engine, and an auditor can read a row without us. Data and trail are canonical JSON text.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    Text,
    UniqueConstraint,
    text,
)
from sqlmodel import Field, SQLModel

#: The acts that are counted over a time, as the index says it: a question must say the same words to be served by it.
COUNTED_ACTS = "transition IN ('sign_for', 'explain_lateness')"


class Meta(SQLModel, table=True):
    """Facts about this database: who answers for it, and what was looked at last."""

    __tablename__ = "meta"
    key: str = Field(primary_key=True)
    value: str


class Bureau(SQLModel, table=True):
    """机关."""

    __tablename__ = "bureaus"
    id: str = Field(primary_key=True)
    name: str


class Section(SQLModel, table=True):
    """科室; `id` is what --section takes, usually its name. What was closed has its last day and, where its cases went, who took over."""

    __tablename__ = "sections"
    __table_args__ = (UniqueConstraint("bureau", "name", name="uq_sections_name"),)
    id: str = Field(primary_key=True)
    bureau: str = Field(foreign_key="bureaus.id")
    name: str
    until_on: str | None = None
    successor: str | None = None


class Person(SQLModel, table=True):
    """Somebody who may act; `login` maps the system's user."""

    __tablename__ = "people"
    __table_args__ = (UniqueConstraint("login", name="uq_people_login"),)
    id: str = Field(primary_key=True)
    bureau: str = Field(foreign_key="bureaus.id")
    name: str
    section: str | None = Field(default=None, foreign_key="sections.id")
    login: str | None = None
    left_on: str | None = None


class Seat(SQLModel, table=True):
    """A person goes to another section (调动), from that day on; the latest of them says where somebody sits."""

    __tablename__ = "seats"
    __table_args__ = {"sqlite_with_rowid": False}
    person: str = Field(primary_key=True, foreign_key="people.id")
    from_on: str = Field(primary_key=True)
    section: str = Field(foreign_key="sections.id")


class Absence(SQLModel, table=True):
    """Days on which somebody is away (请假): their posts rest, and nothing that they do is refused."""

    __tablename__ = "absences"
    __table_args__ = {"sqlite_with_rowid": False}
    person: str = Field(primary_key=True, foreign_key="people.id")
    from_on: str = Field(primary_key=True)
    until_on: str  # the last day; before the first: it was called off
    recorded_by: str


class Appointment(SQLModel, table=True):
    """A dated post; `on_behalf_of` makes it a delegation (代办), `acting` a 代理职务."""

    __tablename__ = "appointments"
    __table_args__ = (
        Index("ix_appointments_role", "bureau", "role", "section"),
        Index("ix_appointments_person", "person"),
    )
    id: int | None = Field(default=None, primary_key=True)
    bureau: str = Field(foreign_key="bureaus.id")
    person: str = Field(foreign_key="people.id")
    role: str
    section: str | None = Field(default=None, foreign_key="sections.id")
    from_on: str
    until_on: str | None = None
    acting: int = 0
    on_behalf_of: str | None = Field(default=None, foreign_key="people.id")


class PostChange(SQLModel, table=True):
    """A post as it stood after somebody gave it, or set its last day (任免记录). Rows are only ever added."""

    __tablename__ = "post_changes"
    no: int | None = Field(default=None, primary_key=True)
    bureau: str = Field(foreign_key="bureaus.id")
    at: str
    by: str
    act: str
    person: str = Field(foreign_key="people.id")
    role: str
    section: str | None = None
    from_on: str
    until_on: str | None = None
    acting: int
    on_behalf_of: str | None = None


class StoredDefinition(SQLModel, table=True):
    """An accepted definition as written and as accepted; one digest per (id, version) for ever."""

    __tablename__ = "definitions"
    __table_args__ = (UniqueConstraint("id", "version", name="uq_definitions_version"),)
    digest: str = Field(primary_key=True)
    id: str
    version: int
    yaml: str = Field(sa_column=Column(Text, nullable=False))
    accepted: str = Field(sa_column=Column(Text, nullable=False))
    accepted_at: str


class CalendarDay(SQLModel, table=True):
    """A day that is not what its weekday says, or a statutory holiday: with the notice that says so.

    An amendment is another row, known later: a date that was told can be counted again as it was known then.
    """

    __tablename__ = "calendar_days"
    on_day: str = Field(primary_key=True)
    known_at: str = Field(primary_key=True)
    workday: int
    zh: str
    en: str
    notice: str


class CalendarYear(SQLModel, table=True):
    """A year that the State Council has announced, or amended, and since when this database knows it."""

    __tablename__ = "calendar_years"
    __table_args__ = (Index("ix_calendar_years_known", "known_at"),)
    year: int = Field(primary_key=True)
    known_at: str = Field(primary_key=True)
    source: str


class Counter(SQLModel, table=True):
    """The last serial given in a series and year; raised in the transaction that uses it, so numbers have no gap."""

    __tablename__ = "counters"
    bureau: str = Field(primary_key=True)
    series: str = Field(primary_key=True)
    year: int = Field(primary_key=True)
    serial: int


class CaseRow(SQLModel, table=True):
    """事项. `due_at` and `next_at` stand here so that worklists, overdue lists and sweeps are index reads."""

    __tablename__ = "cases"
    __table_args__ = (
        UniqueConstraint("bureau", "number", name="uq_cases_number"),
        CheckConstraint("version >= 1 AND seq >= version", name="ck_cases_version"),
        # What waits for whom and what is late, soonest first: one index, since each step moves its entry in every one.
        Index(
            "ix_cases_open",
            "bureau",
            "due_at",
            "id",
            "waits_for",
            "section",
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index(
            "ix_cases_next",
            "next_at",
            sqlite_where=text("next_at IS NOT NULL"),
            postgresql_where=text("next_at IS NOT NULL"),
        ),
        # Two for the lists by state, so that no step between beginning and end touches either.
        Index(
            "ix_cases_running",
            "bureau",
            "kind",
            "id",
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index(
            "ix_cases_ended",
            "bureau",
            "kind",
            "state",
            "id",
            sqlite_where=text("closed_at IS NOT NULL"),
            postgresql_where=text("closed_at IS NOT NULL"),
        ),
        Index(
            "ix_cases_parent",
            "parent",
            sqlite_where=text("parent IS NOT NULL"),
            postgresql_where=text("parent IS NOT NULL"),
        ),
    )
    id: str = Field(primary_key=True)
    number: str
    kind: str
    definition: str = Field(foreign_key="definitions.digest")
    bureau: str = Field(foreign_key="bureaus.id")
    section: str = Field(foreign_key="sections.id")
    title: str
    state: str
    version: int
    seq: int
    data: str = Field(sa_column=Column(Text, nullable=False))
    trail: str = Field(sa_column=Column(Text, nullable=False))
    waits_for: str | None = None
    opened_at: str
    entered_at: str
    changed_at: str
    closed_at: str | None = None
    head: str
    due_on: str | None = None  # rolled_on of the open deadline that ends first
    due_at: str | None = None
    next_at: str | None = None
    parent: str | None = None  # the case that this is a sub-case of; set once, when it begins
    slot: str | None = None  # under which name the parent's definition knows it


class LikenessRow(SQLModel, table=True):
    """What makes cases of one kind alike (the same applicant, the same subject), as a hash: found at intake."""

    __tablename__ = "likenesses"
    __table_args__ = (
        ForeignKeyConstraint(["case_id"], ["cases.id"], deferrable=True, initially="DEFERRED"),
        Index("ix_likenesses_case", "case_id"),
        {"sqlite_with_rowid": False},
    )
    bureau: str = Field(primary_key=True)
    name: str = Field(primary_key=True)  # kind and likeness: `request.same_applicant`
    value: str = Field(primary_key=True)  # sha-256 over the fields' values
    case_id: str = Field(primary_key=True)


class LinkRow(SQLModel, table=True):
    """A case that another names in one of its fields (关联事项): what stands there as numbers, as the database finds it."""

    __tablename__ = "links"
    __table_args__ = (
        ForeignKeyConstraint(["case_id"], ["cases.id"], deferrable=True, initially="DEFERRED"),
        ForeignKeyConstraint(["other_id"], ["cases.id"], deferrable=True, initially="DEFERRED"),
        Index("ix_links_other", "other_id"),
        {"sqlite_with_rowid": False},
    )
    case_id: str = Field(primary_key=True)
    field: str = Field(primary_key=True)
    other_id: str = Field(primary_key=True)


class ReadingRow(SQLModel, table=True):
    """Somebody to whom a case was circulated (传阅), and whether they have read it: who reads it sees it, wherever it is."""

    __tablename__ = "readings"
    __table_args__ = (
        ForeignKeyConstraint(["case_id"], ["cases.id"], deferrable=True, initially="DEFERRED"),
        Index(
            "ix_readings_open",
            "person",
            "asked_seq",
            sqlite_where=text("read_seq IS NULL"),
            postgresql_where=text("read_seq IS NULL"),
        ),
        {"sqlite_with_rowid": False},
    )
    case_id: str = Field(
        primary_key=True
    )  # first: a key that began with the person would be taken for what they have to read
    person: str = Field(primary_key=True)
    asked_seq: int  # the event that circulated it to them last
    read_seq: int | None = None  # the event by which they read it


class EventRow(SQLModel, table=True):
    """办理记录: append-only, chained by hash per case; a request id is used once."""

    __tablename__ = "events"
    __table_args__ = (
        ForeignKeyConstraint(["case_id"], ["cases.id"], deferrable=True, initially="DEFERRED"),
        Index(
            "uq_events_request",
            "bureau",
            "request_id",
            unique=True,
            sqlite_where=text("request_id IS NOT NULL"),
            postgresql_where=text("request_id IS NOT NULL"),
        ),
        # What reports count over a time; most events are none of these, and are not in it.
        Index(
            "ix_events_acts",
            "bureau",
            "transition",
            "at",
            sqlite_where=text(COUNTED_ACTS),
            postgresql_where=text(COUNTED_ACTS),
        ),
    )
    case_id: str = Field(primary_key=True)
    seq: int = Field(primary_key=True)
    bureau: str
    at: str
    actor: str
    actor_name: str
    on_behalf_of: str | None = None
    via: str
    transition: str
    source: str | None = None
    target: str
    data: str = Field(sa_column=Column(Text, nullable=False))
    comment: str | None = Field(default=None, sa_column=Column(Text))
    automatic: int
    definition: str
    request_id: str | None = None
    previous: str
    hash: str
    form: int  # of its canonical form
    openings: str | None = Field(
        default=None, sa_column=Column(Text)
    )  # salt and value of each commitment, until erased


class SealRow(SQLModel, table=True):
    """封存: the tree head over all events up to a row, and the last entry, chained to the seal before; append-only, and written outside as well."""

    __tablename__ = "seals"
    no: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: str
    cases: int
    events: int
    last_row: int = Field(sa_column=Column(BigInteger, nullable=False))  # of the last event that it covers
    root: str
    peaks: str  # from which the tree grows on; what is wrong in them shows in the next root
    previous: str
    hash: str
    entries: int | None = None  # how many there were, and the hash of the last; none in a seal from before
    entry: str | None = None


class DeadlineRow(SQLModel, table=True):
    """时限: one arming of one clock of one case."""

    __tablename__ = "deadlines"
    __table_args__ = (
        ForeignKeyConstraint(["case_id"], ["cases.id"], deferrable=True, initially="DEFERRED"),
        Index(
            "ix_deadlines_paused",
            "paused_on",
            sqlite_where=text("paused_on IS NOT NULL"),
            postgresql_where=text("paused_on IS NOT NULL"),
        ),
        # What somebody must answer for; most clocks end in time, and are not in it.
        Index(
            "ix_deadlines_late",
            "due_at",
            sqlite_where=text("outcome = 'late'"),
            postgresql_where=text("outcome = 'late'"),
        ),
        {"sqlite_with_rowid": False},  # small rows, always found by their key: one tree to write instead of two
    )
    case_id: str = Field(primary_key=True)
    rule: str = Field(primary_key=True)
    armed_seq: int = Field(primary_key=True)
    anchor_on: str
    anchor_at: str
    strict_on: str
    rolled_on: str
    due_at: str
    provisional: int
    fired: int
    closed_at: str | None = None
    outcome: str | None = None
    late_days: int | None = None
    extended: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    pauses: str = Field(default="[]", sa_column=Column(Text, nullable=False, server_default="[]"))
    paused_on: str | None = None  # since when it stands still; None while it runs, and when it has ended


class StepRow(SQLModel, table=True):
    """A step of a deadline that has fired: its primary key is what makes it fire exactly once."""

    __tablename__ = "steps"
    __table_args__ = {"sqlite_with_rowid": False}
    case_id: str = Field(primary_key=True)
    rule: str = Field(primary_key=True)
    armed_seq: int = Field(primary_key=True)
    step: str = Field(primary_key=True)
    scheduled_at: str
    fired_at: str


class NoticeRow(SQLModel, table=True):
    """A sentence for one person, written in the commit that causes it: what the inbox shows and the outbox sends."""

    __tablename__ = "notices"
    __table_args__ = (
        Index(
            "ix_notices_inbox",
            "person",
            "id",
            sqlite_where=text("read_at IS NULL"),
            postgresql_where=text("read_at IS NULL"),
        ),
        Index("ix_notices_case", "case_id"),
    )
    id: int | None = Field(default=None, sa_column=Column(Integer, primary_key=True, autoincrement=True))
    bureau: str
    person: str | None = None  # None: nobody holds the role; doctor shows it
    role: str
    case_id: str
    occasion: str
    zh: str = Field(sa_column=Column(Text, nullable=False))
    en: str = Field(sa_column=Column(Text, nullable=False))
    created_at: str
    read_at: str | None = None


class Address(SQLModel, table=True):
    """Where somebody is reached by a channel (送达地址): only who has one is written for, and it goes when they leave."""

    __tablename__ = "addresses"
    __table_args__ = {"sqlite_with_rowid": False}
    person: str = Field(primary_key=True, foreign_key="people.id")
    channel: str = Field(primary_key=True)
    address: str


class OutboxRow(SQLModel, table=True):
    """发件箱: a notice that is to leave by a channel, once for each; what it says stands in the notice alone."""

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("notice", "channel", name="uq_outbox_notice"),
        CheckConstraint("(state = 'waiting') = (due_at IS NOT NULL)", name="ck_outbox_due"),
        CheckConstraint("(due_at IS NULL) = (ended_at IS NOT NULL)", name="ck_outbox_ended"),
        Index(
            "ix_outbox_due",
            "due_at",
            "id",
            sqlite_where=text("due_at IS NOT NULL"),
            postgresql_where=text("due_at IS NOT NULL"),
        ),
        Index("ix_outbox_ended", "ended_at"),
    )
    id: int | None = Field(default=None, sa_column=Column(Integer, primary_key=True, autoincrement=True))
    notice: int
    channel: str
    created_at: str
    state: str = "waiting"  # then delivered, parked, or dropped
    due_at: str | None = (
        None  # when it is tried next; who takes it moves this on, so that nobody else takes it meanwhile
    )
    tries: int = 0  # raised by who takes it: only the latest may say what became of it
    code: str | None = None  # why it did not leave
    ended_at: str | None = None


class TroubleRow(SQLModel, table=True):
    """A case that the sweep could not serve: set aside with back-off so that it stops nobody else; doctor shows it."""

    __tablename__ = "troubles"
    case_id: str = Field(primary_key=True)
    since: str
    times: int
    retry_at: str
    code: str
    zh: str
    en: str
