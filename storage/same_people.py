"""Which accounts are one person: the table, and what is asked of it. What follows from its rows is said in `accounts`.

Rows are only ever added; that two accounts are no longer held to be one person is a row, too. Triggers hold it to that.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlmodel import Field, SQLModel

from storage.asking import row_of


class SameRow(SQLModel, table=True):
    """同一人认定: from this entry on two accounts are held to be one person, or are not any more; by whom, and why."""

    __tablename__ = "same_people"
    no: int | None = Field(default=None, primary_key=True)
    at: str
    by: str = Field(foreign_key="people.id")
    act: str
    person: str = Field(foreign_key="people.id")  # of the two the one whose id comes first
    other: str = Field(foreign_key="people.id")
    reason: str


same_people: Any = SameRow.__table__  # type: ignore[attr-defined]

ADD_SAME = row_of(same_people, "no")
# Which accounts were held to be one person, and which no longer, in the order in which it was said?  A few rows in all.
SAME_PEOPLE = select(same_people).order_by(same_people.c.no)
