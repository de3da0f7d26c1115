"""To whom a case was circulated (传阅), as the database finds it: what somebody has to read, and whether a case is theirs to see."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from storage.connection import Connection, instant_from
from storage.rows import comment_of, openings_of
from storage.statements import HAVE_READ, PUT_READING, READING, TO_READ
from workflow.case import CIRCULATE, CIRCULATED_TO, READ, Event
from workflow.circulation import named_in, readings

#: Acts that change who reads a case.
OF_READERS = frozenset({CIRCULATE, READ})
LONGEST = 1000


@dataclass(frozen=True, slots=True)
class ToRead:
    """A case that somebody has to read, from whom, and for what."""

    case: str
    number: str
    title: str
    asked_at: datetime
    asked_by: str
    purpose: str

    def to_json(self) -> dict[str, object]:
        """The wish as the JSON surface shows it."""
        return {
            "case": self.number,
            "title": self.title,
            "by": self.asked_by,
            "at": self.asked_at.isoformat(),
            "purpose": self.purpose,
        }


def to_read(db: Connection, person: str) -> Iterator[ToRead]:
    """What was circulated to somebody and they have not read, the oldest first."""
    for row in db.all(TO_READ, person=person, limit=LONGEST):
        at = instant_from(row["at"])
        said = comment_of(row["comment"], row["form"], openings_of(row["openings"]))
        yield ToRead(row["id"], row["number"], row["title"], at, row["actor_name"], said or "")


def reads(db: Connection, case_id: str, person: str) -> bool:
    """Whether the case was circulated to this person: it is theirs to see, by no post."""
    return db.one(READING, person=person, case_id=case_id) is not None


def note(db: Connection, event: Event) -> None:
    """Keep what a circulation or a receipt says."""
    if event.transition == READ:
        db.run(HAVE_READ, person=event.actor, case_id=event.case_id, read_seq=event.seq)
    for person in named_in(event.data.get(CIRCULATED_TO)):
        db.run(PUT_READING, person=person, case_id=event.case_id, asked_seq=event.seq, read_seq=None)


def differing(events: Iterable[Event], rows: Iterable[tuple[str, int, int | None]]) -> tuple[str, int] | None:
    """Somebody of whom the table says otherwise than the record, and by which event; rows are person, and the two events."""
    told = {each.person: (each.asked_seq, each.read_seq) for each in readings(events).values()}
    kept = {person: (asked, read) for person, asked, read in rows}
    for each in sorted({*told, *kept}):
        (asked, read), found = told.get(each, (None, None)), kept.get(each, (None, None))
        if (asked, read) != found:
            return each, read if read and asked == found[0] else asked or found[0] or 0
    return None
