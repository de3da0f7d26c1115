"""Entries (登记): what stands beside the records of cases and judges them, each chained to the one before by its hash (docs/ledger.md).

Definitions, changes of posts, which accounts are one person, and editions of the calendar are entered in the transaction that writes them, by the digest of all
that their rows hold; so is what the bureau is called; whether this is a sandbox, when the database is made. Cases that began before their names were chained were entered once, when the table was made.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from storage.connection import Connection, instant_text
from storage.statements import ADD_ENTRY, LAST_ENTRY, MADE_AS
from workflow.case import SYSTEM
from workflow.ledger import digest as digest_of

DEFINITION, POST, SAME, CALENDAR, CASE, NATURE = "definition", "post", "same", "calendar", "case", "nature"
NAME = "bureau"
#: As what a database is made (库的性质), for good: in a sandbox the clock may be set.
SANDBOX, REAL = "sandbox", "real"

_OF_DEFINITION = ("digest", "id", "version", "yaml", "accepted", "accepted_at")
_OF_POST = (
    "bureau", "at", "by", "act", "person", "role", "section", "from_on", "until_on", "acting", "on_behalf_of",
)  # fmt: skip
_OF_SAME = ("at", "by", "act", "person", "other", "reason")


def enter(db: Connection, what: str, key: str, digest: str, now: datetime, by: str = SYSTEM) -> None:
    """Enter what was just written, inside its transaction, which nobody else writes beside."""
    last = db.one(LAST_ENTRY)
    no, previous = (last["no"] + 1, last["hash"]) if last else (1, "")
    row = {
        "no": no,
        "what": what,
        "key": key,
        "digest": digest,
        "at": instant_text(now),
        "by": by,
        "previous": previous,
    }
    db.run(ADD_ENTRY, **row, hash=hash_of(row))


def nature(db: Connection) -> str | None:
    """As what this database was made; None while it is being made."""
    row = db.one(MADE_AS)
    return str(row["key"]) if row else None


def hash_of(row: Mapping[str, Any]) -> str:
    """The hash of an entry, over all the rest of it."""
    return digest_of({"v": 1, **{name: row[name] for name in ("no", "what", "key", "digest", "at", "by", "previous")}})


def of_definition(row: Mapping[str, Any]) -> str:
    """The digest of a version as it is stored: its text, what it was accepted as, and when."""
    return digest_of([row[name] for name in _OF_DEFINITION])


def of_post(row: Mapping[str, Any]) -> str:
    """The digest of a change of a post."""
    return digest_of([row[name] for name in _OF_POST])


def of_same(row: Mapping[str, Any]) -> str:
    """The digest of what was said of two accounts."""
    return digest_of([row[name] for name in _OF_SAME])


def of_name(row: Mapping[str, Any]) -> str:
    """The digest of what the bureau is called."""
    return digest_of([row["id"], row["name"]])


def of_nature(said: str) -> str:
    """The digest of what a database was made as."""
    return digest_of([said])


def of_calendar(days: Iterable[Sequence[Any]], years: Iterable[Sequence[Any]]) -> str:
    """The digest of the days and years that became known at one instant, each in their order and as `calendars.py` reads it."""
    return digest_of([[[*said] for said in days], [[*said] for said in years]])
