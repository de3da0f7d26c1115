"""What an everyday act is judged by, and what they come to over a time: how long a section takes to sign for what it gets."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from storage import people
from storage.connection import Connection, instant_from, instant_text
from storage.rows import deadline_from
from storage.statements import ACTS_SINCE, ALL_DEADLINES
from storage.worklist import Sight
from workflow.acts import NO_RECORD, Record
from workflow.case import (
    CIRCULATE,
    CIRCULATED_TO,
    EXPLAIN_LATENESS,
    SECTION,
    SIGN_FOR,
    SIGNED_IN,
    SIGNED_SINCE,
    TRANSFER,
    Case,
    Command,
    Deadline,
    Event,
    Outcome,
    business_date,
)
from workflow.circulation import named_in
from workflow.lateness import explanation
from workflow.model import Definition

if TYPE_CHECKING:
    from storage.store import Store


def record_for(store: Store, definition: Definition, case: Case, command: Command, now: datetime) -> Record:
    """What a command is judged by beside its case: nothing for a step, but where a person's step may end the case late."""
    if command.transition in definition.acts:
        return record_of(store, case, command, business_date(now))
    step = definition.transitions.get(command.transition)
    if step is None or not definition.state_named(step.target).final or EXPLAIN_LATENESS not in definition.acts:
        return NO_RECORD
    deadlines = deadlines_of(store.db, case)
    is_late = any(each.outcome == Outcome.LATE or (not each.closed_at and each.due_at <= now) for each in deadlines)
    return Record(store.events(case.id), deadlines=deadlines) if is_late else NO_RECORD


def deadlines_of(db: Connection, case: Case) -> list[Deadline]:
    """Every clock that the case ever had."""
    return [deadline_from(each) for each in db.all(ALL_DEADLINES, case_id=case.id)]


def record_of(store: Store, case: Case, command: Command | None, on: date) -> Record:
    """What an act on this case is judged by; the sections are asked for only where it is to go to another."""
    sections: dict[str, bool] = {}
    if command and command.transition == TRANSFER and case.waits_for:
        for each in people.open_sections(store.db, case.bureau, on):
            sections[each] = bool(people.present_holders(store.db, case.bureau, case.waits_for, each, on))
    if command and command.transition == EXPLAIN_LATENESS:
        sections = dict.fromkeys(people.open_sections(store.db, case.bureau, on), True)
    here: dict[str, str] = {}
    if command and command.transition == CIRCULATE:
        everyone = people.people(store.db, case.bureau)
        here = {each.id: each.name for each in everyone if each.left_on is None or each.left_on > on}
    asks = command is None or command.transition == EXPLAIN_LATENESS
    deadlines = deadlines_of(store.db, case) if asks else None
    return Record(store.events(case.id), store.linked.is_awaited(case.id), sections, here, deadlines)


def repeats(definition: Definition, command: Command, event: Event) -> bool:
    """Whether a command for an act says what the event of the first one says."""
    if event.transition == EXPLAIN_LATENESS:
        told = explanation(definition.acts[EXPLAIN_LATENESS], command.data)
        return (command.comment, told) == (event.comment, event.data)
    to = " ".join(named_in(command.data.get("to"))) or None
    said = (command.comment, command.data.get("section"), to)
    return said == (event.comment, event.data.get(SECTION), event.data.get(CIRCULATED_TO))


#: Over how many days the board looks back.
LOOKS_BACK_DAYS = 30


@dataclass(frozen=True, slots=True)
class Receipt:
    """How long a case waited in one section before somebody signed for it."""

    section: str
    waited: timedelta


def receipts(db: Connection, seen: Sight, now: datetime) -> Iterator[Receipt]:
    """Every receipt of the last days in the sections that the reader sees."""
    since = instant_text(now - timedelta(days=LOOKS_BACK_DAYS))
    for row in db.all(ACTS_SINCE, bureau=seen.bureau, act=SIGN_FOR, since=since):
        said = json.loads(row["data"])
        if seen.covers(said[SIGNED_IN]):
            yield Receipt(said[SIGNED_IN], instant_from(row["at"]) - instant_from(said[SIGNED_SINCE]))
