"""One case told again (重演): its chain followed, its story told from blank, and all that is stored beside it held against that.

What is stored beside the events (state, data, dates, what is due) must be what the events give; a step that fired must
stand in the record and the other way round. The first fault of a case is named with its event.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from storage import readings
from storage.calendars import CalendarAt
from storage.connection import instant_from, instant_text
from storage.hands import RULE
from storage.linked import differing
from storage.rows import MISREAD, case_from, case_row, deadline_from, deadline_row, event_from
from workflow import papers
from workflow.case import (
    ERASE,
    ERASED,
    ESCALATE,
    IMPORT,
    REMIND,
    SECTION_BEFORE,
    UNMANNED,
    WAS,
    Case,
    Deadline,
    Event,
    moment,
)
from workflow.clock import first_due, next_step_at
from workflow.errors import GongkaiError, Problem, Quarantined
from workflow.history import Replayed, blank, replay
from workflow.judge import automatic
from workflow.ledger import COMMENT, MARK, canonical_json, commitment, named, stored_hash
from workflow.model import Definition
from workflow.text import Text, shown

Row = Any  # a driver's row, read by column
DefinitionOf = Callable[[str], Definition]

#: By these worklists and sweeps find a case; they are held against its clocks.
_DUE = ("due_on", "due_at", "next_at")
#: How a commitment among an event's data begins, in the text that is stored; within a value the quotes would be escaped.
_SHUT = f'{{"{MARK}":'


@dataclass(frozen=True)
class File:
    """Everything that is stored of one case, as it is stored; it is read when it is asked for."""

    row: Row
    told: Sequence[Row]
    clocks: Sequence[Row]
    steps: Sequence[Row]
    linked: Sequence[Row]
    circulated: Sequence[Row]
    attached: Sequence[Row]

    @property
    def laws(self) -> set[str]:
        """The digests of all definitions by which it was judged."""
        return {self.row["definition"], *[each["definition"] for each in self.told]}

    @cached_property
    def events(self) -> tuple[Event, ...]:
        """Its record."""
        return tuple([event_from(each) for each in self.told])

    @cached_property
    def deadlines(self) -> tuple[Deadline, ...]:
        """Every clock that it ever had."""
        return tuple([deadline_from(each) for each in self.clocks])


def first_fault(file: File, definition_of: DefinitionOf | None, calendar_at: CalendarAt) -> Problem | None:
    """The first thing that is wrong with this case, the chain before the story, the story before what stands beside it."""
    try:
        broken = _broken_chain(file)
        if broken:
            return broken
        if definition_of is None:
            return _fault(file, "definition", _NO_DEFINITION.filled(number=file.row["number"]))
        first = definition_of(file.events[0].definition)
        start = blank(file.row["id"], file.row["number"], first, file.row["bureau"], file.row["section"])
        folded = replay(definition_of, start, file.events, calendar_at)
        definition = definition_of(folded.case.definition)
        case = case_from(file.row, [each for each in file.deadlines if each.closed_at is None])
        return (
            _opening_gone(file)
            or _other_case(file, case, folded.case)
            or _other_deadlines(file, folded.touched)
            or _other_steps(file, definition_of, folded)
            or _quarantined(file, definition, folded.case)
            or _other_links(file, definition, folded.case)
            or _other_readings(file)
            or _other_papers(file)
            or _other_moments(file, definition, folded.case, calendar_at)
        )
    except (GongkaiError, *MISREAD) as error:
        return _fault(file, "unreadable", _UNREADABLE.filled(number=file.row["number"], error=_why(error)))


def is_as_hashed(file: File) -> bool:
    """Whether the chain of this case holds, and nothing of it was erased: then it is what it was when it was sealed."""
    return _broken_chain(file) is None and not any(map(_lacks_an_opening, file.told))


def _broken_chain(file: File) -> Problem | None:
    number = file.row["number"]
    # A case from before names were chained follows on nothing; to say so of another would change its first hash.
    began = previous = file.told[0]["previous"] if file.told else ""
    for place, row in enumerate(file.told, 1):
        seq = row["seq"]
        if seq != place:
            return _fault(file, "gap", _GAP.filled(number=number, seq=place, found=seq), place)
        if row["previous"] != previous:
            return _fault(file, "chain", _CHAIN.filled(number=number, seq=seq), seq)
        if not _is_hashed(row, previous):
            return _fault(file, "hash", _HASH.filled(number=number, seq=seq), seq)
        if row["bureau"] != file.row["bureau"]:
            return _fault(file, "named", _NAMED.filled(number=number), seq)
        previous = row["hash"]
    if not file.told:
        return _fault(file, "no-events", _NO_EVENTS.filled(number=number))
    if began and began != _named(file):
        return _fault(file, "named", _NAMED.filled(number=number), 1)
    if file.row["head"] != previous or file.row["seq"] != len(file.told):
        text = _TAIL.filled(number=number, seq=file.row["seq"], found=len(file.told))
        return _fault(file, "tail", text, len(file.told))
    return None


def _named(file: File) -> str:
    """What the first event of this case must follow on."""
    row = file.row
    told = (json.loads(each["data"]) for each in file.told if f'"{SECTION_BEFORE}"' in each["data"])
    section = next((data[SECTION_BEFORE] for data in told if SECTION_BEFORE in data), row["section"])
    return named(row["id"], row["number"], row["kind"], row["bureau"], section)


def _is_hashed(row: Row, previous: str) -> bool:
    """Whether the hash of this event is that of what its row holds, openings included."""
    (
        case_id, seq, _, at, actor, actor_name, on_behalf_of, via, transition, source, target, data, comment,
        automatic, definition, request_id, _, own, form, openings,
    ) = row  # fmt: skip
    try:
        # As it is stored it is canonical already: a text that says the same in another way was not written by us.
        as_stored = stored_hash(
            form, case_id, seq, at, actor, actor_name, on_behalf_of, via, transition, source, target, data, comment,
            automatic, definition, request_id, previous,
        )  # fmt: skip
        return bool(as_stored == own) and (openings is None or _fit(openings, data, comment))
    except MISREAD:
        return False


def _fit(openings: str, data: str, comment: str | None) -> bool:
    """Whether each opening is that of the commitment which the chain holds, and stands there once."""
    said: dict[str, Any] = json.loads(data)
    opened: dict[str, Any] = json.loads(openings)
    if canonical_json(opened) != openings:
        return False
    for name, (salt, value) in opened.items():
        shut = {MARK: comment} if name == COMMENT else said.get(name)
        if shut != {MARK: commitment(salt, name, value)}:
            return False
    return True


def _lacks_an_opening(row: Row) -> bool:
    """Whether a commitment of this event stands without its opening: it was erased, and a later event must say so."""
    if row["form"] == 1:
        return False
    shut = row["data"].count(_SHUT) + (row["comment"] is not None)
    return bool(shut) and shut != (len(json.loads(row["openings"])) if row["openings"] else 0)


def _opening_gone(file: File) -> Problem | None:
    """What has no opening any more was erased by a later event that says so."""
    told = {
        name: each.seq for each in file.events if each.transition == ERASE for name in str(each.data[ERASED]).split()
    }
    for event in file.events:
        if any(event.seq > told.get(name.removeprefix(WAS), 0) for name in event.erased):
            text = _NO_OPENING.filled(number=file.row["number"], seq=event.seq)
            return _fault(file, "opening", text, event.seq)
    return None


def _other_case(file: File, stored: Case, told: Case) -> Problem | None:
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
            if isinstance(is_, dict):
                return _fault(file, "replay", _DATA.filled(number=file.row["number"], fields=name), told.seq)
            return _other(file, "replay", name, is_, should, told.seq)
    opened_at = instant_text(file.events[0].at)
    if file.row["opened_at"] != opened_at:
        return _other(file, "replay", "opened_at", file.row["opened_at"], opened_at, 1)
    # Others read what is written: a title of its own, a key that stands twice, an instant in another form.
    for name, said in case_row(stored, None).items():
        if name not in _DUE and file.row[name] != said:
            return _fault(file, "replay", _DATA.filled(number=file.row["number"], fields=name), told.seq)
    return None


def _other_deadlines(file: File, told: Iterable[Deadline]) -> Problem | None:
    stored = {(each.rule, each.armed_seq): (each, row) for each, row in zip(file.deadlines, file.clocks, strict=True)}
    should = {(each.rule, each.armed_seq): each for each in told}
    for key in sorted({*stored, *should}):
        there, row = stored.get(key, (None, ()))
        counted = should.get(key)
        if there is None or counted is None or _dates(there) != _dates(counted):
            facts = {"number": file.row["number"], "rule": key[0], "stored": _dates(there), "told": _dates(counted)}
            return _fault(file, "deadline", _DEADLINE.filled(**facts), key[1])
        # Lists and boards look at what is written, and at the day since when a clock stands still.
        for (name, said), written in zip(deadline_row(file.row["id"], counted).items(), row, strict=True):
            if written != said:
                return _other(file, "deadline", f"deadlines.{key[0]}.{name}", written, said, key[1])
    return None


def _quarantined(file: File, definition: Definition, told: Case) -> Problem | None:
    """A state that the definition does not know is no story that could be told on."""
    if told.state in definition.states:
        return None
    facts = {"number": told.number, "kind": told.kind, "version": definition.version, "state": told.state}
    return _fault(file, "quarantined", Quarantined.text.filled(**facts), told.seq)


def _other_steps(file: File, definition_of: DefinitionOf, told: Replayed) -> Problem | None:
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


def _other_links(file: File, definition: Definition, told: Case) -> Problem | None:
    """The cases that it names, as those are found that wait for them or show who names them."""
    for field in differing(definition, told.data, [(each["field"], each["number"]) for each in file.linked]):
        return _fault(file, "link", _LINK.filled(number=file.row["number"], field=field), told.seq)
    return None


def _other_readings(file: File) -> Problem | None:
    """To whom it was circulated, and who has read it, as worklists and the sight of a case know it."""
    to_whom = [(each["person"], each["asked_seq"], each["read_seq"]) for each in file.circulated]
    found = readings.differing(file.events, to_whom)
    if found is None:
        return None
    person, seq = found
    return _fault(file, "reading", _READING.filled(number=file.row["number"], person=person, seq=seq))


def _other_papers(file: File) -> Problem | None:
    """The content to which each of its papers points, and which were withdrawn."""
    seq = papers.differing(
        file.events,
        [(each["no"], each["seq"], each["sha256"], each["size"], each["withdrawn_seq"]) for each in file.attached],
    )
    if seq is None:
        return None
    return _fault(file, "attachment", _PAPER.filled(number=file.row["number"], seq=seq), seq)


def _other_moments(file: File, definition: Definition, told: Case, calendar_at: CalendarAt) -> Problem | None:
    """The dates by which worklists and sweeps find the case."""
    first = first_due(told.deadlines)
    due_on, due_at = (first.rolled_on.isoformat(), instant_text(first.due_at)) if first else (None, None)
    for name, due in (("due_on", due_on), ("due_at", due_at)):
        if file.row[name] != due:
            return _other(file, "due", name, file.row[name], due, told.seq)
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
        return _other(file, "due", "next_at", file.row["next_at"], next_at, told.seq)
    return None


def _other(file: File, code: str, name: str, stored: object, told: object, seq: int) -> Problem:
    """That a column holds something else than its events say; instants as the office reads them, where that tells the two apart."""
    said = [_read(stored), _read(told)]
    if said[0] == said[1]:
        said = [instant_text(each) if isinstance(each, datetime) else each for each in (stored, told)]
    return _fault(file, code, _COLUMN.filled(number=file.row["number"], name=name, stored=said[0], told=said[1]), seq)


def _read(said: object) -> object:
    if said is None:
        return _EMPTY
    if isinstance(said, str) and "T" in said:
        with suppress(ValueError):
            said = instant_from(said)
    return moment(said) if isinstance(said, datetime) else said


def _why(error: Exception) -> Text:
    return (
        error.said
        if isinstance(error, GongkaiError)
        else _ALTERED.filled(why=shown(f"{type(error).__name__}: {error}"))
    )


def _fault(file: File, code: str, text: Text, seq: int | None = None) -> Problem:
    return Problem(code, text, field=str(file.row["number"]), row=seq)


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


_PAPER = Text("{number} 的附件与办理记录第 {seq} 条不符", "an attachment of {number} is not as its event {seq} says")
_LINK = Text("{number} 的关联与其“{field}”所记不符", "{number} is linked to other cases than its “{field}” says")
_GAP = Text(
    "{number} 缺少第 {seq} 条办理记录（其位置上是第 {found} 条）", "{number} lacks event {seq} (there stands {found})"
)
_CHAIN = Text(
    "{number} 第 {seq} 条办理记录与前一条不相连：有记录被删除、插入或调换",
    "event {seq} of {number} does not follow the one before it: something was deleted, inserted or reordered",
)
_HASH = Text("{number} 第 {seq} 条办理记录的内容被改动", "event {seq} of {number} was altered")
_NAMED = Text(
    "{number} 的编号、种类、单位或科室与其首条办理记录不符：被改动，或与另一事项调换",
    "number, kind, bureau or section of {number} are not those under which it began: they were altered, or exchanged with another's",
)
_NO_EVENTS = Text("{number} 没有任何办理记录", "{number} has no events at all")
_TAIL = Text(
    "{number} 应有 {seq} 条办理记录，实有 {found} 条，或末尾与事项不符",
    "{number} should have {seq} events and has {found}, or its last one is not the one that the case names",
)
_NO_DEFINITION = Text(
    "{number} 所依据的定义已被改动，无法核验", "the definition of {number} was altered: it cannot be verified"
)
_UNREADABLE = Text("{number} 的记录无法重演：{error}", "the record of {number} cannot be told again: {error}")
_ALTERED = Text("其中有无法读取的内容，被改动（{why}）", "it holds what nobody can read, and was altered ({why})")
_EMPTY = Text("空", "empty")
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
_NO_OPENING = Text(
    "{number} 第 {seq} 条办理记录的个人信息或意见被抹去，而没有删除的记录",
    "personal data or the comment of event {seq} of {number} are gone, and no event says that they were erased",
)
_READING = Text(
    "{number} 对 {person} 的传阅、已阅与办理记录第 {seq} 条不符",
    "whether {person} was to read {number}, and has, is not as its event {seq} says",
)
