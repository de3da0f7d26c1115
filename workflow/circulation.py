"""Circulating (传阅): a case goes round to named persons for a purpose, and each says that they have read it. Pure.

Who was asked and who has read is the record's own word; the table `readings` holds it once more, so that a list of what somebody
has to read, and whether a case from elsewhere is theirs to see, are index reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from workflow.case import CIRCULATE, CIRCULATED_NAMES, CIRCULATED_TO, READ, Event

#: A circulation to more than so many is a publication.
MOST_READERS = 100


@dataclass(frozen=True, slots=True)
class Reading:
    """One person to whom a case was circulated last by this event, and the event by which they read it."""

    person: str
    name: str
    asked_seq: int
    asked_by: str  # a name
    asked_at: datetime
    purpose: str
    read_seq: int | None = None
    read_at: datetime | None = None


def readings(events: Iterable[Event]) -> dict[str, Reading]:
    """Everyone to whom a case was ever circulated, by id; who was asked anew is to read anew."""
    found: dict[str, Reading] = {}
    for event in events:
        if event.transition == CIRCULATE and CIRCULATED_TO in event.data:
            names = str(event.data[CIRCULATED_NAMES]).split("、")
            for person, name in zip(named_in(event.data[CIRCULATED_TO]), names, strict=True):
                purpose = event.comment or ""
                found[person] = Reading(person, name, event.seq, event.actor_name, event.at, purpose)
        elif event.transition == READ and event.actor in found:
            found[event.actor] = replace(found[event.actor], read_seq=event.seq, read_at=event.at)
    return found


def named_in(said: object) -> tuple[str, ...]:
    """The persons of a list as it is typed, each once.

    >>> named_in("lihua, heping、lihua")
    ('lihua', 'heping')
    """
    return tuple(dict.fromkeys(each for each in re.split(r"[\s,，、;；]+", str(said or "")) if each))
