"""Is everything as the record says (核验)? Every case is read once more, its chain followed, its story told again from blank.

What is stored beside the events (state, data, dates, what is due) must be what the events give; a step that fired must
stand in the record and the other way round; numbers have no gap. The first fault of a case is named with its event.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from storage import readings, seals
from storage.calendars import CalendarAt
from storage.connection import Connection, instant_text
from storage.hands import RULE
from storage.linked import differing
from storage.rows import case_from, deadline_from, event_from
from storage.seals import Outside
from storage.statements import (
    EVERY_CASE,
    EVERY_COUNTER,
    EVERY_DEADLINE,
    EVERY_DEFINITION,
    EVERY_EVENT,
    EVERY_LINK,
    EVERY_READING,
    EVERY_STEP,
    LOST_NOTICES,
)
from workflow.case import ERASE, ERASED, ESCALATE, IMPORT, REMIND, UNMANNED, WAS, Case, Deadline, Event
from workflow.clock import first_due, next_step_at
from workflow.errors import GongkaiError, Problem, Quarantined
from workflow.history import Replayed, blank, replay
from workflow.judge import automatic, numbers_of
from workflow.ledger import chained
from workflow.model import Definition
from workflow.text import Text

Row = Any  # a driver's row, read by column
DefinitionOf = Callable[[str], Definition]


@dataclass(frozen=True, slots=True)
class Verified:
    """How much was read, and everything that is not as it should be."""

    cases: int
    events: int
    problems: tuple[Problem, ...]
    seals: int = 0  # against which it was held

    def to_json(self) -> dict[str, object]:
        """The answer as the JSON surface shows it."""
        return {
            "cases": self.cases,
            "events": self.events,
            "seals": self.seals,
            "problems": [
                {"code": each.code, "case": each.field, "seq": each.row, **each.text.to_json()}
                for each in self.problems
            ],
        }


@dataclass(frozen=True, slots=True)
class _File:
    """Everything that is stored of one case."""

    row: Row
    events: tuple[Event, ...]
    deadlines: tuple[Deadline, ...]
    steps: tuple[Row, ...]
    readings: tuple[
        tuple[str, int, int | None], ...
    ]  # to whom it was circulated, by which event, and which says that they read it
    links: tuple[tuple[str, str], ...]  # field and number of each case that it names


def verify(
    db: Connection,
    definition_of: Callable[[str], Definition],
    calendar_at: CalendarAt,
    digest: Callable[[str], str],
    outside: Sequence[Outside] = (),
) -> Verified:
    """Read everything once, in one snapshot, and name every fault: of each case the first, with its event."""
    sealed = seals.in_the_database(db)
    problems = [*_altered_definitions(db, digest), *seals.faults(db, sealed, outside)]
    unknown = {problem.field for problem in problems}
    numbers = _Numbers()
    cases = events = 0
    streams = (EVERY_EVENT, EVERY_DEADLINE, EVERY_STEP, EVERY_LINK, EVERY_READING)
    told, clocks, fired, linked, read = (_Stream(db.each(statement)) for statement in streams)
    for row in db.each(EVERY_CASE):
        file = _File(
            row=row,
            events=tuple(event_from(each) for each in told.of(row["id"])),
            deadlines=tuple(deadline_from(each) for each in clocks.of(row["id"])),
            steps=tuple(fired.of(row["id"])),
            links=tuple((each["field"], each["number"]) for each in linked.of(row["id"])),
            readings=tuple((each["person"], each["asked_seq"], each["read_seq"]) for each in read.of(row["id"])),
        )
        cases, events = cases + 1, events + len(file.events)
        laws = {row["definition"], *(each.definition for each in file.events)}
        fault = _first_fault(file, None if laws & unknown else definition_of, calendar_at)
        if fault:
            problems.append(fault)
        else:
            numbers.take(definition_of, file)
    for name, stream in (
        ("events", told),
        ("deadlines", clocks),
        ("steps", fired),
        ("links", linked),
        ("readings", read),
    ):
        problems += [_orphan(name, id) for id in stream.orphans()]
    problems += [_orphan("notices", each["case_id"]) for each in db.all(LOST_NOTICES)]
    problems += numbers.faults({(r["bureau"], r["series"], r["year"]): r["serial"] for r in db.all(EVERY_COUNTER)})
    return Verified(cases, events, tuple(problems), max(len(sealed), len(outside)))


def _first_fault(file: _File, definition_of: DefinitionOf | None, calendar_at: CalendarAt) -> Problem | None:
    """The first thing that is wrong with this case, the chain before the story, the story before what stands beside it."""
    broken = _broken_chain(file)
    if broken:
        return broken
    if definition_of is None:
        return _fault(file, "definition", _NO_DEFINITION.filled(number=file.row["number"]))
    try:
        first = definition_of(file.events[0].definition)
        start = blank(file.row["id"], file.row["number"], first, file.row["bureau"], file.row["section"])
        folded = replay(definition_of, start, file.events, calendar_at)
        definition = definition_of(folded.case.definition)
        stored = case_from(file.row, [each for each in file.deadlines if each.closed_at is None])
        return (
            _opening_gone(file)
            or _other_case(file, stored, folded.case)
            or _other_deadlines(file, folded.touched)
            or _other_steps(file, definition_of, folded)
            or _quarantined(file, definition, folded.case)
            or _other_links(file, definition, folded.case)
            or _other_readings(file)
            or _other_moments(file, definition, folded.case, calendar_at)
        )
    # What the record says may be anything once somebody wrote into it: whatever it breaks is a finding, not a crash.
    except (GongkaiError, KeyError, ValueError, TypeError, AttributeError, IndexError) as error:
        text = _UNREADABLE.filled(number=file.row["number"], error=f"{type(error).__name__}: {error}")
        return _fault(file, "unreadable", text)


def _broken_chain(file: _File) -> Problem | None:
    previous = ""
    for place, event in enumerate(file.events, 1):
        facts = {"number": file.row["number"], "seq": event.seq}
        if event.seq != place:
            return _fault(file, "gap", _GAP.filled(number=file.row["number"], seq=place, found=event.seq), place)
        if event.previous != previous:
            return _fault(file, "chain", _CHAIN.filled(**facts), event.seq)
        if chained(event, previous).hash != event.hash:
            return _fault(file, "hash", _HASH.filled(**facts), event.seq)
        previous = event.hash
    if not file.events:
        return _fault(file, "no-events", _NO_EVENTS.filled(number=file.row["number"]))
    if file.row["head"] != previous or file.row["seq"] != len(file.events):
        text = _TAIL.filled(number=file.row["number"], seq=file.row["seq"], found=len(file.events))
        return _fault(file, "tail", text, len(file.events))
    return None


def _opening_gone(file: _File) -> Problem | None:
    """What has no opening any more was erased by a later event that says so."""
    told = {
        name: each.seq for each in file.events if each.transition == ERASE for name in str(each.data[ERASED]).split()
    }
    for event in file.events:
        if any(event.seq > told.get(name.removeprefix(WAS), 0) for name in event.erased):
            text = _NO_OPENING.filled(number=file.row["number"], seq=event.seq)
            return _fault(file, "opening", text, event.seq)
    return None


def _other_case(file: _File, stored: Case, told: Case) -> Problem | None:
    for name in (
        "section",
        "state",
        "version",
        "data",
        "trail",
        "waits_for",
        "entered_at",
        "changed_at",
        "closed_at",
        "definition",
        "parent",
        "slot",
    ):
        is_, should = getattr(stored, name), getattr(told, name)
        if is_ != should:
            if name == "data":
                name = ", ".join(sorted(each for each in {*is_, *should} if is_.get(each) != should.get(each)))
                text = _DATA.filled(number=file.row["number"], fields=name)
            else:
                text = _COLUMN.filled(number=file.row["number"], name=name, stored=is_, told=should)
            return _fault(file, "replay", text, told.seq)
    opened_at = instant_text(file.events[0].at)
    if file.row["opened_at"] != opened_at:
        facts = {"name": "opened_at", "stored": file.row["opened_at"], "told": opened_at}
        return _fault(file, "replay", _COLUMN.filled(number=file.row["number"], **facts), 1)
    if file.row["title"] != told.title:
        return _fault(file, "replay", _DATA.filled(number=file.row["number"], fields="title"), told.seq)
    return None


def _other_deadlines(file: _File, told: Iterable[Deadline]) -> Problem | None:
    stored = {(each.rule, each.armed_seq): each for each in file.deadlines}
    should = {(each.rule, each.armed_seq): each for each in told}
    for key in sorted({*stored, *should}):
        if stored.get(key) != should.get(key):
            text = _DEADLINE.filled(
                number=file.row["number"],
                rule=key[0],
                stored=_dates(stored.get(key)),
                told=_dates(should.get(key)),
            )
            return _fault(file, "deadline", text, key[1])
    return None


def _quarantined(file: _File, definition: Definition, told: Case) -> Problem | None:
    """A state that the definition does not know is no story that could be told on."""
    if told.state in definition.states:
        return None
    facts = {"number": told.number, "kind": told.kind, "version": definition.version, "state": told.state}
    return _fault(file, "quarantined", Quarantined.text.filled(**facts), told.seq)


def _other_steps(file: _File, definition_of: DefinitionOf, told: Replayed) -> Problem | None:
    """Each step that fired has its event and each such event its step; no clock fired more or fewer than its rows say."""
    rows = {(each["rule"], each["armed_seq"], each["step"]): each for each in file.steps}
    said = {
        (str(each.data["deadline"]), int(str(each.data["armed_seq"])), str(each.data["step"])): each
        for each in file.events
        if each.transition in (REMIND, ESCALATE)
    }
    said |= {
        (RULE, int(str(each.data["stay"])), str(each.data["cause"])): each
        for each in file.events
        if each.transition == UNMANNED
    }
    for key in sorted(rows.keys() | said.keys()):
        expires = key[2] == "expire" and key in rows
        if key not in rows or (key not in said and not expires):
            text = _STEP.filled(number=file.row["number"], rule=key[0], step=key[2])
            return _fault(file, "step", text, said[key].seq if key in said else key[1])
    past = file.events[0].transition == IMPORT
    for deadline in file.deadlines:
        arming = (deadline.rule, deadline.armed_seq)
        rule = definition_of(told.under[arming]).deadlines[deadline.rule]
        # What the clock before a migration had said, the one that took its place does not say again.
        names = [step.name for step in rule.steps][told.begun_with[arming] : deadline.fired]
        mine = {step for name, armed_seq, step in rows if (name, armed_seq) == arming}
        # An expiry that ended its own clock fired without being counted on it; a past record's steps never fired here.
        if not past and mine - {"expire"} != set(names) - {"expire"}:
            text = _FIRED.filled(number=file.row["number"], rule=deadline.rule, fired=deadline.fired, rows=len(mine))
            return _fault(file, "step", text, deadline.armed_seq)
    return None


def _other_links(file: _File, definition: Definition, told: Case) -> Problem | None:
    """The cases that it names, as those are found that wait for them or show who names them."""
    for field in differing(definition, told.data, file.links):
        return _fault(file, "link", _LINK.filled(number=file.row["number"], field=field), told.seq)
    return None


def _other_readings(file: _File) -> Problem | None:
    """To whom it was circulated, and who has read it, as worklists and the sight of a case know it."""
    found = readings.differing(file.events, file.readings)
    if found is None:
        return None
    person, seq = found
    return _fault(file, "reading", _READING.filled(number=file.row["number"], person=person, seq=seq))


def _other_moments(file: _File, definition: Definition, told: Case, calendar_at: CalendarAt) -> Problem | None:
    """The dates by which worklists and sweeps find the case."""
    first = first_due(told.deadlines)
    due = (first.rolled_on.isoformat(), instant_text(first.due_at)) if first else (None, None)
    if (file.row["due_on"], file.row["due_at"]) != due:
        text = _COLUMN.filled(number=file.row["number"], name="due_at", stored=file.row["due_at"], told=due[1])
        return _fault(file, "due", text, told.seq)
    if file.row["retry_at"] is not None and file.row["retry_at"] == file.row["next_at"]:
        return None  # set aside by the sweep; doctor tells of it
    last = file.events[-1].at
    if definition.knows_others:
        # A sub-case wakes its parent: the sweep may look too early, and never too late.
        coming = next_step_at(definition, told.deadlines, calendar_at(last))
        if coming is None or (file.row["next_at"] or "~") <= instant_text(coming):
            return None
    next_at = last if automatic(definition, told, last) else next_step_at(definition, told.deadlines, calendar_at(last))
    if file.row["next_at"] != (instant_text(next_at) if next_at else None):
        text = _COLUMN.filled(number=file.row["number"], name="next_at", stored=file.row["next_at"], told=next_at)
        return _fault(file, "due", text, told.seq)
    return None


def _altered_definitions(db: Connection, digest: Callable[[str], str]) -> Iterator[Problem]:
    for row in db.all(EVERY_DEFINITION):
        if digest(row["accepted"]) != row["digest"]:
            text = _DEFINITION.filled(id=row["id"], version=row["version"])
            yield Problem("definition", text, field=row["digest"])


class _Stream:
    """Rows that come in the order of their cases, handed out case by case; those of no case are kept by name."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._groups = groupby(rows, key=lambda row: str(row["case_id"]))
        self._next = next(self._groups, None)
        self._orphans: list[str] = []

    def of(self, case: str) -> Iterator[Row]:
        while self._next and self._next[0] < case:
            self._orphans.append(self._next[0])
            self._next = next(self._groups, None)
        if self._next and self._next[0] == case:
            yield from self._next[1]
            self._next = next(self._groups, None)

    def orphans(self) -> list[str]:
        """The cases that are not there, once all that are there have been asked for."""
        rest = [self._next[0]] if self._next else []
        self._next = None
        return [*self._orphans, *rest, *(case for case, _ in self._groups)]


class _Numbers:
    """The document numbers that were given, to be held against the counters: none twice, none left out."""

    def __init__(self) -> None:
        self._given: dict[tuple[str, str, int], dict[int, str]] = {}
        self._taken_over: dict[tuple[str, str, int], int] = {}  # the highest serial of a past record
        self._faults: list[Problem] = []

    def take(self, definition_of: DefinitionOf, file: _File) -> None:
        """Note every number that a step of this case gave."""
        for event in file.events:
            definition = definition_of(event.definition)
            if event.transition == IMPORT:
                self._take_over(definition, file, event)
            step = definition.transitions.get(event.transition)
            if step is None or step.number is None:
                continue
            number = str(event.data.get(step.number.field, ""))
            found = step.number.parts(number)
            if found is None:
                text = _NO_NUMBER.filled(number=file.row["number"], seq=event.seq)
                self._faults.append(_fault(file, "number", text, event.seq))
                continue
            key = (file.row["bureau"], found[0], found[1])
            there = self._given.setdefault(key, {}).setdefault(found[2], file.row["number"])
            if there != file.row["number"]:
                text = _TWICE.filled(number=file.row["number"], doc=number, other=there)
                self._faults.append(_fault(file, "number", text, event.seq))

    def _take_over(self, definition: Definition, file: _File, event: Event) -> None:
        for series, year, serial in numbers_of(definition, event.data):
            key = (file.row["bureau"], series, year)
            self._taken_over[key] = max(self._taken_over.get(key, 0), serial)

    def faults(self, counters: Mapping[tuple[str, str, int], int]) -> list[Problem]:
        """Numbers given twice, left out, or beyond what the counter says."""
        for key, serials in self._given.items():
            # Below what was taken over from paper, what is not here was given before this program.
            whole = set(range(self._taken_over.get(key, 0) + 1, counters.get(key, 0) + 1))
            if {each for each in serials if each > self._taken_over.get(key, 0)} != whole:
                odd = ", ".join(str(each) for each in sorted(whole.symmetric_difference(serials))[:10])
                text = _COUNTER.filled(series=key[1], year=key[2], odd=odd)
                self._faults.append(Problem("number", text, field=f"{key[1]}/{key[2]}"))
        return self._faults


def _fault(file: _File, code: str, text: Text, seq: int | None = None) -> Problem:
    return Problem(code, text, field=file.row["number"], row=seq)


def _orphan(table: str, case: str) -> Problem:
    return Problem("orphan", _ORPHAN.filled(table=table, case=case), field=case)


def _dates(deadline: Deadline | None) -> Text:
    if deadline is None:
        return Text("无", "none")
    said = f"{deadline.anchor_on} → {deadline.strict_on} / {deadline.rolled_on}"
    extended = f" +{deadline.extended}" if deadline.extended else ""
    paused = "".join(f" [{each.from_on}..{each.to_on or ''}]" for each in deadline.pauses)
    ended = f" {deadline.outcome}" if deadline.outcome else ""
    return Text(
        f"{said}{extended}{paused}{ended}（{deadline.fired}）", f"{said}{extended}{paused}{ended} ({deadline.fired})"
    )


_LINK = Text("{number} 的关联与其“{field}”所记不符", "{number} is linked to other cases than its “{field}” says")
_GAP = Text(
    "{number} 缺少第 {seq} 条办理记录（其位置上是第 {found} 条）", "{number} lacks event {seq} (there stands {found})"
)
_CHAIN = Text(
    "{number} 第 {seq} 条办理记录与前一条不相连：有记录被删除、插入或调换",
    "event {seq} of {number} does not follow the one before it: something was deleted, inserted or reordered",
)
_HASH = Text("{number} 第 {seq} 条办理记录的内容被改动", "event {seq} of {number} was altered")
_NO_EVENTS = Text("{number} 没有任何办理记录", "{number} has no events at all")
_TAIL = Text(
    "{number} 应有 {seq} 条办理记录，实有 {found} 条，或末尾与事项不符",
    "{number} should have {seq} events and has {found}, or its last one is not the one that the case names",
)
_NO_DEFINITION = Text(
    "{number} 所依据的定义已被改动，无法核验", "the definition of {number} was altered: it cannot be verified"
)
_DEFINITION = Text("定义 {id} 第 {version} 版的内容被改动", "definition {id} version {version} was altered")
_UNREADABLE = Text("{number} 的记录无法重演：{error}", "the record of {number} cannot be told again: {error}")
_DATA = Text("{number} 的数据与办理记录不符：{fields}", "the data of {number} is not what its events say: {fields}")
_COLUMN = Text(
    "{number} 的 {name} 为 {stored}，按办理记录应为 {told}", "{name} of {number} is {stored}; its events say {told}"
)
_DEADLINE = Text(
    "{number} 的时限“{rule}”为 {stored}，重新计算为 {told}；日历若有变动请运行 gongkai calendar recompute",
    "deadline {rule} of {number} is {stored}; counted again it is {told}; after a change of the calendar run "
    "gongkai calendar recompute",
)
_STEP = Text(
    "{number} 的时限“{rule}”的步骤“{step}”与办理记录不符",
    "step {step} of deadline {rule} of {number} does not match its events",
)
_FIRED = Text(
    "{number} 的时限“{rule}”应已执行 {fired} 步，记有 {rows} 步",
    "deadline {rule} of {number} should have fired {fired} step(s); {rows} are on record",
)
_NO_NUMBER = Text(
    "{number} 第 {seq} 条办理记录应编发文字号而没有", "event {seq} of {number} should have given a number and did not"
)
_TWICE = Text("{number} 与 {other} 的发文字号相同：{doc}", "{number} and {other} bear the same number: {doc}")
_COUNTER = Text(
    "{series} {year} 年的编号不连续或与计数不符：{odd}",
    "the numbers of {series} {year} have a gap or do not fit the counter: {odd}",
)
_NO_OPENING = Text(
    "{number} 第 {seq} 条办理记录的个人信息或意见被抹去，而没有删除的记录",
    "personal data or the comment of event {seq} of {number} are gone, and no event says that they were erased",
)
_READING = Text(
    "{number} 对 {person} 的传阅、已阅与办理记录第 {seq} 条不符",
    "whether {person} was to read {number}, and has, is not as its event {seq} says",
)
_ORPHAN = Text("{table} 中有不属于任何事项的记录：{case}", "{table} holds rows of no case: {case}")
