"""A record of any length: one real month of the demonstration, taken over and over, each time as other cases.

A step through the desk takes a third of a millisecond and a month of the demonstration some seconds; a million events would
take ten minutes. So the month is played once by the desk, and its chains are copied: other ids, other numbers, other instants
(each time some microseconds later), every hash taken anew by the ledger, in the order in which the events were committed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from storage import versions
from storage.connection import Connection, instant_text
from storage.engines import engine_at
from storage.rows import event_from, event_row
from storage.seals import seal
from storage.statements import (
    ADD_CASE,
    ADD_DEADLINE,
    ADD_EVENT,
    ADD_NOTICE,
    ADD_STEP,
    EVERY_COUNTER,
    RAISE_SERIAL,
)
from workflow.case import IMPORT, SECTION_BEFORE, Event
from workflow.judge import numbers_of
from workflow.ledger import canonical_json, chained, named

Row = dict[str, Any]
Series = tuple[str, str, int]

#: Between two takings of the month, in the instants of their cases' ids: longer than the month was played.
_APART_MS = 10_000_000
_EVENTS = "SELECT * FROM events ORDER BY {order}"
_NOTICES = "SELECT bureau, person, role, case_id, occasion, zh, en, created_at FROM notices ORDER BY id"
_LAST_DIGITS = re.compile(r"\d+(?=\D*$)")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
_INSTANTS = frozenset({"opened_at", "entered_at", "changed_at", "closed_at", "trail", "anchor_at", "pauses"})
_MIDNIGHT = "T16:00:00.000000Z"  # in Shanghai


@dataclass(frozen=True, slots=True)
class Month:
    """What one month left in the tables, and how the numbers in it go on."""

    cases: Sequence[Row]
    events: Sequence[Event]  # in the order of their commits
    beside: Mapping[str, Sequence[Row]]  # the rows of other tables, by the statement that adds them
    bureau: str
    counters: Mapping[Series, int]
    taken_over: Mapping[Series, int]
    numbers: Mapping[str, Series]  # each document number that a step gave, with its series
    moved_from: Mapping[str, str]  # the section in which a case began that was handed to another
    fixed: frozenset[
        str
    ]  # cases whose instants stay: a clock of theirs runs by the hour, or something happened at midnight


def lengthened(url: str, events: int, seal_each: int = 10) -> int:
    """Make the record in this database at least so long, with a seal now and then; how many events it then has."""
    with closing(engine_at(url)) as engine, closing(engine.connect()) as db:
        month = _read(db)
        times = max(0, -(-events // len(month.events)) - 1)
        for turn in range(1, times + 1):
            with db.writing():
                _take(db, month, turn)
            if turn % seal_each == 0:
                seal(db, datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=turn))
        with db.writing():
            for key, serial in month.counters.items():
                before = 0 if key[1].startswith("case:") else month.taken_over.get(key, 0)
                raised = before + (serial - before) * (times + 1)
                db.run(RAISE_SERIAL, bureau=key[0], series=key[1], year=key[2], serial=raised)
        return len(month.events) * (times + 1)


def _read(db: Connection) -> Month:
    order = "row_no" if "postgresql" in db.place else "rowid"
    rows = [dict(row) for row in db.all(_EVENTS.format(order=order))]
    for row in rows:
        row.pop("row_no", None)
    events = [event_from(row.values()) for row in rows]
    bureau = str(rows[0]["bureau"])
    numbers: dict[str, Series] = {}
    taken_over: dict[Series, int] = {}
    for event in events:
        definition = versions.load(db, event.definition)
        step = definition.transitions.get(event.transition)
        if event.transition == IMPORT:
            for series, year, serial in numbers_of(definition, event.data):
                key = (bureau, series, year)
                taken_over[key] = max(taken_over.get(key, 0), serial)
        if step and step.number:
            number = str(event.data[step.number.field])
            parts = step.number.parts(number)
            assert parts is not None
            numbers[number] = (bureau, parts[0], parts[1])
    clocks = [dict(row) for row in db.all("SELECT * FROM deadlines")]
    fixed = {each.case_id for each in events if instant_text(each.at).endswith(_MIDNIGHT)}
    fixed |= {row["case_id"] for row in clocks if not row["due_at"].endswith(_MIDNIGHT)}
    return Month(
        cases=[dict(row) for row in db.all("SELECT * FROM cases ORDER BY id")],
        events=events,
        beside={
            ADD_DEADLINE: clocks,
            ADD_STEP: [dict(row) for row in db.all("SELECT * FROM steps")],
            ADD_NOTICE: [dict(row) for row in db.all(_NOTICES)],
        },
        bureau=bureau,
        counters={(r["bureau"], r["series"], r["year"]): r["serial"] for r in db.all(EVERY_COUNTER)},
        taken_over=taken_over,
        numbers=numbers,
        fixed=frozenset(fixed),
        moved_from={
            each.case_id: str(each.data[SECTION_BEFORE]) for each in reversed(events) if SECTION_BEFORE in each.data
        },
    )


def _take(db: Connection, month: Month, turn: int) -> None:
    """The month once more, as the cases of another."""
    names = dict(_names(month, turn))
    later = timedelta(microseconds=turn)
    at: dict[str, dict[str, str]] = {row["id"]: {} for row in month.cases}
    for event in month.events:
        if event.case_id not in month.fixed:
            at[event.case_id][instant_text(event.at)] = instant_text(event.at + later)
    heads = {names[row["id"]]: _called(month, row, names) for row in month.cases}
    rows = []
    for event in month.events:
        case = names[event.case_id]
        told = replace(
            event,
            case_id=case,
            at=event.at if event.case_id in month.fixed else event.at + later,
            data={name: _as_in(names, value) for name, value in event.data.items()},
            request_id=f"{event.request_id}/{turn}" if event.request_id else None,
        )
        told = chained(told, heads[case])
        heads[case] = told.hash
        rows.append(event_row(told, month.bureau))
    db.many(ADD_CASE, [_case(row, names, heads, at[row["id"]]) for row in month.cases])
    db.many(ADD_EVENT, rows)
    for statement, those in month.beside.items():
        db.many(statement, [{**_moved(row, at[row["case_id"]]), "case_id": names[row["case_id"]]} for row in those])


def _called(month: Month, row: Row, names: Mapping[str, str]) -> str:
    """What the first event of the case follows on, by its new name."""
    section = month.moved_from.get(row["id"], row["section"])
    return named(names[row["id"]], names[row["number"]], row["kind"], row["bureau"], section)


def _case(row: Row, names: Mapping[str, str], heads: Mapping[str, str], at: Mapping[str, str]) -> Row:
    data = {name: _as_in(names, value) for name, value in json.loads(row["data"]).items()}
    told = {**row, "id": names[row["id"]], "number": names[row["number"]], "data": canonical_json(data)}
    if row["parent"]:
        told["parent"] = names[row["parent"]]
    return {**_moved(told, at), "head": heads[told["id"]]}


def _moved(row: Row, at: Mapping[str, str]) -> Row:
    """The row with every instant that is one of an event as that event now has it."""

    def instant(found: re.Match[str]) -> str:
        return at.get(found[0], found[0])

    return {name: _INSTANT.sub(instant, value) if name in _INSTANTS and value else value for name, value in row.items()}


def _as_in(names: Mapping[str, str], value: Any) -> Any:
    return names.get(value, value) if isinstance(value, str) else value


def _names(month: Month, turn: int) -> Iterator[tuple[str, str]]:
    """What stood for one thing in the month, and what stands for it now."""
    for row in month.cases:
        id, number = row["id"], row["number"]
        yield id, f"{int(id[:12], 16) + turn * _APART_MS:012x}{id[12:]}"
        per_month = month.counters.get(
            (month.bureau, f"case:{row['kind']}", int(number.split("-")[1])), len(month.cases)
        )
        yield number, _raised(number, turn * per_month)
    for number, series in month.numbers.items():
        yield number, _raised(number, turn * (month.counters[series] - month.taken_over.get(series, 0)))


def _raised(number: str, by: int) -> str:
    return _LAST_DIGITS.sub(lambda found: str(int(found[0]) + by).rjust(len(found[0]), "0"), number)
