"""The cases between two ids, read in a few questions: each is told again, or, where nothing happened since, held against its hashes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any, Protocol, TypeVar

from storage.calendars import CalendarAt
from storage.connection import Connection
from storage.rows import MISREAD, event_from
from storage.statements import (
    ATTACHMENTS_IN,
    CASES_IN,
    DEADLINES_IN,
    EVENTS_IN,
    EVENTS_OF_EACH,
    LAST_CASES,
    LINKS_IN,
    MOVED_IN,
    READINGS_IN,
    STEPS_IN,
)
from storage.verify.numbers import Begun, Given, begun, given_by, numbering
from storage.verify.posts import Posts
from storage.verify.retold import DefinitionOf, File, first_fault, is_as_hashed
from workflow.case import Event
from workflow.errors import GongkaiError, Problem
from workflow.model import Definition

Row = Any  # a driver's row, read by column; the first one is the case's id
Id = Any  # text; whatever somebody put there past the door

#: So many events are read at a time: enough that a question more costs nothing, few enough that they fit in little memory.
AT_A_TIME = 2000
#: The tables that hold rows of cases, in the order in which their orphans are told.
TABLES = {
    "events": EVENTS_IN,
    "deadlines": DEADLINES_IN,
    "steps": STEPS_IN,
    "links": LINKS_IN,
    "readings": READINGS_IN,
    "attachments": ATTACHMENTS_IN,
}

Found_ = TypeVar("Found_", covariant=True)


class Task(Protocol[Found_]):
    """A part of the verification, done by whoever reads the same moment."""

    def found(self, record: Record) -> Found_: ...


class Record:
    """The record at one moment, with what it is judged by."""

    def __init__(self, db: Connection, definition_of: DefinitionOf, calendar_at: CalendarAt) -> None:
        self.db, self.calendar_at, self.posts = db, calendar_at, Posts(db)
        self._definition_of = definition_of
        self._laws: dict[str, Definition] = {}
        self._numbering: dict[str, frozenset[str]] = {}

    def definition_of(self, digest: str) -> Definition:
        """The definition of this digest; asked for once."""
        law = self._laws.get(digest)
        if law is None:
            law = self._laws[digest] = self._definition_of(digest)
        return law

    def numbering(self, digest: str) -> frozenset[str]:
        """The names of events that give or bring a number under this definition."""
        names = self._numbering.get(digest)
        if names is None:
            names = self._numbering[digest] = numbering(self.definition_of(digest))
        return names


@dataclass(frozen=True, slots=True)
class Read:
    """What came of a stretch."""

    cases: int
    events: int
    retold: int
    problems: tuple[Problem, ...]
    orphans: tuple[tuple[str, str], ...]  # table, and the case that is not there
    numbers: tuple[Given | Problem, ...]
    begun: tuple[Begun, ...]


@dataclass(frozen=True)
class Stretch:
    """The cases from one id up to another, which is not among them.

    Where `since` says a row of the record, a case without a later event is only held against its hashes.
    """

    first: Id
    end: Id
    unknown: frozenset[str] = field(default=frozenset())  # definitions that were altered
    since: int | None = None

    def found(self, record: Record) -> Read:
        """Everything in it that is not as it should be, of each case the first."""
        ids = {"first": self.first, "end": self.end}
        rows = {name: _by_case(record.db.all(question, **ids)) for name, question in TABLES.items()}
        moved = None
        if self.since is not None:
            moved = {each["case_id"] for each in record.db.all(MOVED_IN, row=self.since, **ids)}
        problems: list[Problem] = []
        numbers: list[Given | Problem] = []
        cases = events = retold = 0
        row: Row
        files = record.db.all(CASES_IN, **ids)
        for row in files:
            of = (rows[name].pop(row[0], ()) for name in TABLES)
            file = File(row, *of)
            cases, events = cases + 1, events + len(file.told)
            if moved is not None and row[0] not in moved:
                as_hashed = self._as_hashed(record, file)
                if as_hashed is not None:
                    numbers += as_hashed
                    continue
            retold += 1
            known = not self.unknown or self.unknown.isdisjoint(file.laws)
            fault = first_fault(file, record.definition_of if known else None, record.calendar_at)
            fault = fault or record.posts.not_held(file, record.definition_of)
            if fault:
                problems.append(fault)
                numbers += _still_said(record, file)
            else:
                numbers += self._numbers(record, file, file.events)
        orphans = tuple((name, str(case)) for name in TABLES for case in rows[name])
        return Read(cases, events, retold, tuple(problems), orphans, tuple(numbers), begun(files))

    def _as_hashed(self, record: Record, file: File) -> list[Given | Problem] | None:
        """What the case says of numbers, where each event is still what its hash says; None where anything is odd about it."""
        try:
            if self.unknown.isdisjoint(file.laws) and is_as_hashed(file):
                return self._numbers(record, file)
        except (GongkaiError, *MISREAD):
            pass
        return None

    def _numbers(
        self, record: Record, file: File, events: Iterable[Event | None] = repeat(None)
    ) -> list[Given | Problem]:
        """What the case says of numbers; `events` are those that were read already."""
        return [
            said
            for row, event in zip(file.told, events, strict=False)
            if row["transition"] in record.numbering(row["definition"])
            for said in _said_by(record, file, row, event or event_from(row))
        ]


def stretches(db: Connection) -> Iterator[tuple[Id, Id]]:
    """The ids at which all cases are cut into stretches, so that each holds about as many events."""
    first: Id = ""
    held = 0
    for row in db.each(EVENTS_OF_EACH):
        if held >= AT_A_TIME:
            yield first, row["case_id"]
            first, held = row["case_id"], 0
        held += row["count"]
    yield first, _after_all(row["id"] for row in db.all(LAST_CASES))


def _said_by(record: Record, file: File, row: Row, event: Event) -> Iterator[Given | Problem]:
    return given_by(record.definition_of(row["definition"]), file.row["number"], row["bureau"], event)


def _still_said(record: Record, file: File) -> Iterator[Given]:
    """The numbers that stand in a case with a fault, where they can be read: they are not missing, and nobody shall look for them."""
    for row in file.told:
        with suppress(GongkaiError, *MISREAD):
            if row["transition"] in record.numbering(row["definition"]):
                yield from [each for each in _said_by(record, file, row, event_from(row)) if isinstance(each, Given)]


def _after_all(ids: Iterable[Id]) -> Id:
    """An id that comes after all of these; in a file somebody may have written bytes, which come after every text."""
    there = [each for each in ids if each is not None]
    raw = [bytes(each) for each in there if not isinstance(each, str)]
    return max(raw) + b"~" if raw else max(there, key=str.encode, default="") + "~"


def _by_case(rows: Iterable[Row]) -> dict[Id, list[Row]]:
    found: dict[Id, list[Row]] = {}
    for row in rows:
        case = row[0]
        if case in found:
            found[case].append(row)
        else:
            found[case] = [row]
    return found
