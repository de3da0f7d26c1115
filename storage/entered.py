"""What was entered beside the records of cases (登记): the table, and what is asked of it. `entries.py` writes it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Index, String, bindparam, cast, literal_column, null, select, text, union_all
from sqlmodel import Field, SQLModel

from storage.asking import (
    ONE,
    appointments,
    calendar_days,
    calendar_years,
    cases,
    events,
    post_changes,
    row_of,
)


class EntryRow(SQLModel, table=True):
    """登记: what judges cases (a definition, a post, a calendar), by its digest, chained to the entry before; append-only."""

    __tablename__ = "entries"
    __table_args__ = (
        Index(
            "uq_entries_nature",
            "what",
            unique=True,
            sqlite_where=text("what = 'nature'"),
            postgresql_where=text("what = 'nature'"),
        ),
        Index(
            "ix_entries_calendar",
            "no",
            sqlite_where=text("what = 'calendar'"),
            postgresql_where=text("what = 'calendar'"),
        ),
    )
    no: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    what: str
    key: str
    digest: str
    at: str
    by: str
    previous: str
    hash: str


entries: Any = EntryRow.__table__  # type: ignore[attr-defined]

# The entries in their order, the last one, and one of them.  Primary key
ENTRIES = select(entries).order_by(entries.c.no)
LAST_ENTRY = select(entries.c.no, entries.c.hash).order_by(entries.c.no.desc()).limit(ONE)
ENTRY_HASH = select(entries.c.hash).where(entries.c.no == bindparam("no"))
ADD_ENTRY = row_of(entries)
# As what was this database made?  uq_entries_nature
MADE_AS = select(entries.c.key).where(entries.c.what == literal_column("'nature'")).limit(ONE)
# The calendar with what was entered of it, in one question: an import that comes in between would be half of each.
_IS_CALENDAR = entries.c.what == literal_column("'calendar'")
CALENDAR_AS_ENTERED = union_all(
    select(
        literal_column("'day'").label("what"),
        calendar_days.c.known_at,
        calendar_days.c.on_day.label("place"),
        calendar_days.c.workday.label("number"),
        calendar_days.c.zh.label("said"),
        calendar_days.c.en,
        calendar_days.c.notice,
    ),
    select(
        literal_column("'year'"),
        calendar_years.c.known_at,
        cast(calendar_years.c.year, String),
        calendar_years.c.year,
        calendar_years.c.source,
        null(),
        null(),
    ),
    # ix_entries_calendar
    select(
        literal_column("'entry'"), entries.c.key, entries.c.at, entries.c.no, entries.c.digest, null(), null()
    ).where(_IS_CALENDAR),
).order_by(literal_column("what"), literal_column("known_at"), literal_column("place"))

# Every change of a post in every bureau, in the order in which they were made.
EVERY_POST_CHANGE = select(post_changes).order_by(post_changes.c.no)
# Every post in every bureau as it stands, in the order in which they were given.
EVERY_POST = select(appointments).order_by(appointments.c.id)

# Which cases began before their names were chained?  Every first event is read.
UNCHAINED_CASES = (
    select(cases.c.id, cases.c.number, cases.c.kind, cases.c.bureau, cases.c.section)
    .join_from(cases, events, cases.c.id == events.c.case_id)
    .where(events.c.seq == bindparam("seq"), events.c.previous == bindparam("previous"))
    .order_by(cases.c.id)
)
# Which events took a case to another section?  Every row is read, and few are found.
RELOCATIONS = (
    select(events.c.case_id, events.c.data)
    .where(events.c.data.like(bindparam("like")))
    .order_by(events.c.case_id, events.c.seq)
)
