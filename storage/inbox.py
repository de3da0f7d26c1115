"""What people were told (通知): sentences about cases that are theirs to see on the day on which they read them.

Who moved, or whose delegation ended, reads nothing more of the cases that they no longer see; with the post it is there again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from typing import Any

from storage.connection import Connection, instant_from, instant_text
from storage.statements import MARK_READ, UNREAD
from workflow.case import Actor
from workflow.text import Text

#: No section has this name: who sees no case is asked for what is told to them all the same.
_NOWHERE = ""


@dataclass(frozen=True, slots=True)
class NoticeView:
    """A sentence in somebody's inbox."""

    id: int
    case: str
    number: str
    role: str
    occasion: str
    text: Text
    created_at: datetime

    def to_json(self) -> dict[str, object]:
        """The notice as the JSON surface shows it."""
        return {
            "id": self.id,
            "case": self.number,
            "occasion": self.occasion,
            **self.text.to_json(),
            "created_at": self.created_at.isoformat(),
        }


def unread(db: Connection, person: str, scopes: Sequence[str | None], limit: int) -> Iterator[NoticeView]:
    """What the person was told of cases in these sections and has not read, the oldest first, so many of each section."""
    found = (db.all(UNREAD, person=person, section=scope, limit=limit) for scope in (scopes or (_NOWHERE,)))
    last = None
    for row in merge(*found, key=lambda row: row["id"]):
        if row["id"] != last:  # what is told wherever the case is, each section's answer holds
            yield _notice(row)
        last = row["id"]


def mark_read(db: Connection, actor: Actor, notices: Iterable[int], now: datetime) -> None:
    """These notices are read; somebody else's stay as they are."""
    for notice in notices:
        db.run(MARK_READ, notice=notice, person=actor.id, read_at=instant_text(now))


def _notice(row: Any) -> NoticeView:
    return NoticeView(
        id=row["id"],
        case=row["case_id"],
        number=row["number"],
        role=row["role"],
        occasion=row["occasion"],
        text=Text(row["zh"], row["en"]),
        created_at=instant_from(row["created_at"]),
    )
