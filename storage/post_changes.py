"""Who gave a post, or ended one, and when (任免记录): what a change of the register did to posts, entry by entry, for ever.

Whatever the change is called, a post that is new or has another last day is written down with it, in the same transaction.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from storage import entries
from storage.connection import Connection, instant_from, instant_text
from storage.statements import ADD_POST_CHANGE, ALL_POSTS, POST_CHANGES
from workflow.case import Actor, Appointment, RoleName

GIVEN, ENDED = "given", "ended"


@dataclass(frozen=True, slots=True)
class PostChange:
    """A post as it stood after somebody gave it, or set its last day."""

    at: datetime
    by: str
    act: str  # GIVEN or ENDED; “found” of those that were given before such changes were written down
    person: str
    post: Appointment


@contextmanager
def on_record(db: Connection, by: Actor, now: datetime) -> Iterator[None]:
    """What is done to posts meanwhile is written down, by whom and when; inside the change's transaction."""
    there = _posts(db, by.bureau)
    yield
    for key, row in _posts(db, by.bureau).items():
        before = there.get(key)
        if before != row:
            act = ENDED if before and _ends_sooner(row["until_on"], before["until_on"]) else GIVEN
            change = {"bureau": by.bureau, "at": instant_text(now), "by": by.id, "act": act, **row}
            db.run(ADD_POST_CHANGE, **change)
            entries.enter(db, entries.POST, row["person"], entries.of_post(change), now, by.id)


def changes_of_posts(db: Connection, bureau: str, person: str | None = None) -> tuple[PostChange, ...]:
    """Every change of a post, or of this person's and of what was delegated for them, in the order in which they were made."""
    rows = db.all(POST_CHANGES, bureau=bureau)
    return tuple(_change(row) for row in rows if person in (None, row["person"], row["on_behalf_of"]))


def _posts(db: Connection, bureau: str) -> dict[tuple[Any, ...], dict[str, Any]]:
    names = ("person", "role", "section", "from_on", "until_on", "acting", "on_behalf_of")
    rows = ({name: row[name] for name in names} for row in db.all(ALL_POSTS, bureau=bureau))
    return {(r["person"], r["role"], r["section"], r["from_on"], r["on_behalf_of"]): r for r in rows}


def _ends_sooner(until_on: str | None, before: str | None) -> bool:
    """Whether its last day lies before the one that it had; one that was called off before it began may be given anew."""
    return until_on is not None and (before is None or until_on < before)


def _change(row: Any) -> PostChange:
    post = Appointment(
        RoleName(str(row["role"])),
        row["section"],
        date.fromisoformat(str(row["from_on"])),
        date.fromisoformat(str(row["until_on"])) if row["until_on"] else None,
        row["on_behalf_of"],
        bool(row["acting"]),
    )
    return PostChange(instant_from(row["at"]), str(row["by"]), str(row["act"]), str(row["person"]), post)
