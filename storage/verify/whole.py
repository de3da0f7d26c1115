"""The whole record at one moment: definitions, seals, every case, rows of no case, document numbers."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import Any

from storage import seals, versions
from storage.calendars import Editions
from storage.connection import Connection
from storage.seal_file import Seal, SealFile
from storage.statements import EVERY_COUNTER, EVERY_DEFINITION, LAST_EVENT_ROW, LOST_NOTICES, ROW_IN_PLACE
from storage.verify import entries
from storage.verify.numbers import CaseNumbers, Numbers, counters_of
from storage.verify.posts import Posts
from storage.verify.stretch import TABLES, Record, Stretch, Task, stretches
from workflow.errors import GongkaiError, Problem
from workflow.text import Text
from workflow.workdays import Calendar

#: Below so many events other processes take longer to start than one takes to read them all (measured).
WORTH_SHARING = 20_000


@dataclass(frozen=True, slots=True)
class Verified:
    """How much was read, and everything that is not as it should be."""

    cases: int
    events: int
    problems: tuple[Problem, ...]
    seals: int = 0  # against which it was held
    retold: int = 0  # cases whose story was told again; the others were held against their hashes only
    attachments: int = 0  # contents that were held against their digests
    since: int | None = None  # the seal after which something happened to them; None: all were told again
    remarks: tuple[Problem, ...] = ()  # what is no fault of the record, and odd

    def to_json(self) -> dict[str, object]:
        """The answer as the JSON surface shows it."""
        return {
            "cases": self.cases,
            "events": self.events,
            "seals": self.seals,
            "retold": self.retold,
            "attachments": self.attachments,
            "since": self.since,
            **{
                name: [{"code": each.code, "case": each.field, "seq": each.row, **each.text.to_json()} for each in told]
                for name, told in (("problems", self.problems), ("remarks", self.remarks))
            },
        }


@dataclass(frozen=True, slots=True)
class Sealed:
    """The seals: those of the database and those outside, with every event in the order of commits."""

    outside: SealFile

    def found(self, record: Record) -> tuple[int, tuple[Problem, ...], tuple[Problem, ...]]:
        """How many seals the database holds, all that is not as it was sealed, and what is odd by them."""
        own = seals.in_the_database(record.db)
        return len(own), tuple(seals.faults(record.db, own, self.outside)), tuple(seals.back_dated(record.db, own))


def verify(
    db: Connection,
    url: str,
    digest: Callable[[str], str],
    outside: SealFile | None = None,
    *,
    since: Seal | None = None,
    calendar: Calendar | None = None,
    jobs: int | None = 1,
) -> Verified:
    """Read everything once, of one moment, and name every fault: of each case the first, with its event.

    After that seal: a case of which it covers the last event is only held against its hashes, and all of these against the
    seal. By so many processes; None: as many as there are processors, where the record is long.
    """
    outside = outside or SealFile()
    many = _usual(db) if jobs is None else jobs
    if many > 1:
        from storage.verify.together import Lost, crew

        try:
            with crew(url, calendar, many) as hands:
                with ExitStack() as reading:
                    hands.begin(db, url, reading)
                    whole = _Whole(db, digest, outside, since)
                # A server ends whoever is silent in the middle of a transaction: we are out of it while we wait.
                return whole.with_all(hands.found(whole.tasks))
        except (Lost, GongkaiError):
            pass  # others write without a pause, or no process is to be had: one reads alone, and says what is wrong
    with db.reading():
        record = Record(
            db, partial(versions.load, db), (lambda at: calendar) if calendar else Editions(db, leniently=True)
        )
        whole = _Whole(db, digest, outside, since)
        return whole.with_all(task.found(record) for task in whole.tasks)


class _Whole:
    """What is asked before the cases are: short answers, and how the rest is cut into tasks."""

    def __init__(self, db: Connection, digest: Callable[[str], str], outside: SealFile, since: Seal | None):
        self._outside, self._since = outside, since
        self._altered = tuple(_altered_definitions(db, digest))
        self._entered = (*entries.faults(db), *Posts(db).faults())
        self._lost = tuple(_orphan("notices", each["case_id"]) for each in db.all(LOST_NOTICES))
        self._counters, self._odd = counters_of(db.all(EVERY_COUNTER))
        unknown = frozenset(str(each.field) for each in self._altered)
        row = _row_of(db, since)
        cases = [Stretch(first, end, unknown, row) for first, end in stretches(db)]
        self.tasks: tuple[Task[Any], ...] = (Sealed(outside), *cases)

    def with_all(self, found: Iterable[Any]) -> Verified:
        """The whole, once each task is done; they come in the order of the tasks."""
        answers = iter(found)
        own, sealed, remarks = next(answers)
        faults: list[Problem] = []
        orphans: dict[str, list[str]] = {name: [] for name in TABLES}
        numbers, of_cases = Numbers(), CaseNumbers()
        cases = events = retold = 0
        for read in answers:
            cases, events, retold = cases + read.cases, events + read.events, retold + read.retold
            faults += read.problems
            numbers.take(read.numbers)
            of_cases.take(read.begun)
            for name, case in read.orphans:
                orphans[name].append(case)
        strays = (_orphan(name, case) for name, those in orphans.items() for case in those)
        of_numbers = (*self._odd, *numbers.faults(self._counters), *of_cases.faults(self._counters))
        problems = (*self._altered, *self._entered, *sealed, *faults, *strays, *self._lost, *of_numbers)
        since = self._since.no if self._since else None
        return Verified(
            cases, events, problems, max(own, len(self._outside.seals)), retold, since=since, remarks=remarks
        )


def _usual(db: Connection) -> int:
    """As many as there are processors, where there is enough to read for all of them."""
    row = db.one(LAST_EVENT_ROW)
    if row is None or int(row["last"] or 0) < WORTH_SHARING:
        return 1
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _row_of(db: Connection, since: Seal | None) -> int | None:
    """The row of the last event that a seal covers, by its place in the order of commits: that order is what was sealed.

    Where there are fewer events all are told again; that they are fewer, the seal shows.
    """
    if since is None:
        return None
    row = db.one(ROW_IN_PLACE, place=since.events - 1)
    return int(row["row"]) if row else 0


def _altered_definitions(db: Connection, digest: Callable[[str], str]) -> Iterator[Problem]:
    for row in db.all(EVERY_DEFINITION):
        if not entries.fits(row["digest"], digest, row["accepted"]):
            text = _DEFINITION.filled(id=row["id"], version=row["version"])
            yield Problem("definition", text, field=row["digest"])


def _orphan(table: str, case: str) -> Problem:
    return Problem("orphan", _ORPHAN.filled(table=table, case=case), field=case)


_DEFINITION = Text("定义 {id} 第 {version} 版的内容被改动", "definition {id} version {version} was altered")
_ORPHAN = Text("{table} 中有不属于任何事项的记录：{case}", "{table} holds rows of no case: {case}")
