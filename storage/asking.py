"""The tables as the questions see them, and the few words that several questions share; below `questions` and `lists`."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ColumnClause,
    bindparam,
    insert,
    literal_column,
)
from sqlalchemy.dialects import sqlite
from sqlmodel import SQLModel

from storage import tables as t


def _table(model: type[SQLModel]) -> Any:
    return model.__table__  # type: ignore[attr-defined]


meta, bureaus, sections, people = (_table(each) for each in (t.Meta, t.Bureau, t.Section, t.Person))
appointments, definitions, counters = (_table(each) for each in (t.Appointment, t.StoredDefinition, t.Counter))
calendar_days, calendar_years = _table(t.CalendarDay), _table(t.CalendarYear)
cases, events, deadlines = _table(t.CaseRow), _table(t.EventRow), _table(t.DeadlineRow)
steps, notices, troubles = _table(t.StepRow), _table(t.NoticeRow), _table(t.TroubleRow)
likenesses = _table(t.LikenessRow)
links, seats, readings = _table(t.LinkRow), _table(t.Seat), _table(t.ReadingRow)
absences, seals = _table(t.Absence), _table(t.SealRow)
addresses, outbox = _table(t.Address), _table(t.OutboxRow)
post_changes = _table(t.PostChange)


#: A number that stands in the text itself: the statements are bound by name, and only to what the store hands them.
NO: ColumnClause[Any] = literal_column("0")
ONE: ColumnClause[Any] = literal_column("1")
NOTHING: ColumnClause[Any] = literal_column("''")
#: Where an event stands in its table: rows are only ever added to it, so that a later one has a higher number. A server has
#: no such place by itself: there it is a column, `row_no`.
EVENT_ROW: ColumnClause[Any] = literal_column("events.rowid")


def row_of(table: Any, *left_out: str) -> Any:
    """A new row of this table, every column by its name but those left out."""
    named = (column.name for column in table.columns)
    return insert(table).values({name: bindparam(name) for name in named if name not in left_out})


def upsert(table: Any) -> Any:
    """Insert, or set every other column when the key is there; both engines say it by ON CONFLICT."""
    row = sqlite.insert(table).values({column.name: bindparam(column.name) for column in table.columns})
    keys = [column.name for column in table.primary_key.columns]
    changed = {column.name: row.excluded[column.name] for column in table.columns if column.name not in keys}
    return row.on_conflict_do_update(index_elements=keys, set_=changed)
