"""Which accounts (账号) are one person (同一人), as the register holds today: read wherever persons are compared.

Somebody may come to two accounts, after a change of name or by a login of another system. What is forbidden to a person is
forbidden by each of their accounts: four eyes, and the posts that are kept apart (docs/decisions/0020).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from storage import authority
from storage.connection import Connection, instant_from
from storage.statements import SAME_PEOPLE
from workflow.case import Case, Helper, OnePerson

SAME, APART = "same", "apart"


@dataclass(frozen=True, slots=True)
class Sameness:
    """An entry of the register: two accounts are held to be one person, or are not any more."""

    at: datetime
    by: str
    act: str  # SAME or APART
    person: str
    other: str
    reason: str

    @property
    def accounts(self) -> frozenset[str]:
        """The two."""
        return frozenset({self.person, self.other})


def entries(db: Connection) -> tuple[Sameness, ...]:
    """Every entry, in the order in which they were made."""
    return tuple(
        Sameness(instant_from(row["at"]), row["by"], row["act"], row["person"], row["other"], row["reason"])
        for row in db.all(SAME_PEOPLE)
    )


def one_person(db: Connection) -> OnePerson:
    """The accounts of each person who has several, by the last entry of each two; who is one with the same third is one."""
    last = {each.accounts: each.act for each in entries(db)}
    groups: list[frozenset[str]] = []
    for two in (accounts for accounts, act in last.items() if act == SAME):
        met = [group for group in groups if group & two]
        groups = [group for group in groups if group not in met]
        groups.append(two.union(*met))
    return tuple(groups)


def meant(db: Connection, helper: Helper, case: Case, on: date) -> tuple[str, ...]:
    """The names of those who hold the role that day and for whom a requirement is; who is barred is so by each account, and in whose stead."""
    there = (case.bureau, helper.role, case.section, on)
    holders = authority.holders(db, *there)
    if not holders or not (helper.only or helper.but):
        return tuple(holders.values())
    groups, stand_in = one_person(db), authority.standing_in(db, *there)
    return tuple(name for id, name in holders.items() if helper.is_meant((id, stand_in.get(id, id)), groups))
