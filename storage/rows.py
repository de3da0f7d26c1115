"""Rows to values and back: the one place that knows how a case, a deadline and an event lie in their tables."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from storage.connection import instant_from
from storage.statements import END_CASE, MOVE_CASE, RELOCATE_CASE, SWITCH_CASE
from workflow.case import (
    Case,
    Deadline,
    Event,
    Outcome,
    Pause,
    SubCase,
    Trace,
    instant_text,
    moment,
)
from workflow.clock import first_due, stands_still
from workflow.ledger import COMMENT, MARK, canonical_json, said_openly
from workflow.text import Text, shown

# Values are taken by their place: the questions name the columns in the order of the tables, and to find each by its name
# costs four times as much as all the rest (measured).

#: What a row may break with, once somebody wrote into it (JSON nested without end, a date beyond every year): it is a finding, not a crash.
MISREAD = (KeyError, ValueError, TypeError, AttributeError, IndexError, RecursionError, OverflowError)


def said_at(instant: Any) -> str:
    """An instant of a table as the office reads it; what somebody wrote in its place as it stands there."""
    try:
        return moment(instant_from(instant))
    except MISREAD:
        return shown(str(instant))


_decode = json.JSONDecoder().raw_decode


def _read(said: str) -> Any:
    """What we wrote as JSON: no blanks around it, which `json.loads` would look for."""
    return _decode(said)[0]


#: The columns of a clock, which stand last where a case is read with its clocks.
CLOCK_COLUMNS = 16


def whole_case(rows: Sequence[Any], children: tuple[SubCase, ...] = ()) -> Case:
    """The case that is read with its open clocks, a row for each of them, or one without any."""
    clocks = [row[-CLOCK_COLUMNS:] for row in rows]
    return case_from(rows[0], [deadline_from(clock) for clock in clocks if clock[0] is not None], children)


def case_from(row: Iterable[Any], deadlines: Iterable[Deadline], children: tuple[SubCase, ...] = ()) -> Case:
    """The case that a row holds, with its open deadlines and the sub-cases that it must know."""
    (
        id_, number, kind, definition, bureau, section, _, state, version, seq, data, trail, waits_for,
        _, entered_at, changed_at, closed_at, head, _, _, _, parent, slot, *_,
    ) = row  # fmt: skip
    traces = _read(trail)
    return Case(
        id=id_,
        number=number,
        kind=kind,
        definition=definition,
        bureau=bureau,
        section=section,
        state=state,
        version=version,
        seq=seq,
        data=_read(data),
        trail={name: Trace(tuple(by), at_seq, instant_from(at)) for name, (by, at_seq, at) in traces.items()},
        waits_for=waits_for or None,
        entered_at=instant_from(entered_at),
        changed_at=instant_from(changed_at),
        closed_at=instant_from(closed_at) if closed_at else None,
        head=head,
        parent=parent,
        slot=slot,
        children=children,
        deadlines=tuple(deadlines),
    )


def sub_case_from(row: Any, label: Text) -> SubCase:
    """The sub-case that a row holds, with its state as its own definition calls it."""
    return SubCase(
        id=row["id"],
        number=row["number"],
        slot=row["slot"],
        kind=row["kind"],
        section=row["section"],
        title=row["title"],
        state=row["state"],
        state_label=label,
        closed_at=instant_from(row["closed_at"]) if row["closed_at"] else None,
        data=_read(row["data"]),
    )


def deadline_from(row: Iterable[Any]) -> Deadline:
    """The deadline that a row holds."""
    (
        _, rule, armed_seq, anchor_on, anchor_at, strict_on, rolled_on, due_at, provisional, fired,
        closed_at, outcome, late_days, extended, pauses, _,
    ) = row  # fmt: skip
    return Deadline(
        rule=rule,
        armed_seq=armed_seq,
        anchor_on=date.fromisoformat(anchor_on),
        anchor_at=instant_from(anchor_at),
        strict_on=date.fromisoformat(strict_on),
        rolled_on=date.fromisoformat(rolled_on),
        due_at=instant_from(due_at),
        provisional=bool(provisional),
        fired=fired,
        closed_at=instant_from(closed_at) if closed_at else None,
        outcome=Outcome(outcome) if outcome else None,
        late_days=late_days,
        extended=extended,
        pauses=_pauses_from(pauses) if pauses != _NO_PAUSES else (),
    )


def _pauses_from(said: str) -> tuple[Pause, ...]:
    return tuple(
        Pause(
            date.fromisoformat(from_on),
            instant_from(from_at),
            date.fromisoformat(to_on) if to_on else None,
            instant_from(to_at) if to_at else None,
        )
        for from_on, from_at, to_on, to_at in _read(said)
    )


def _pauses_text(pauses: Iterable[Pause]) -> str:
    """Each pause as [from_on, from_at, to_on, to_at]; the last two are null while it lasts."""
    return canonical_json(
        [
            (
                each.from_on.isoformat(),
                instant_text(each.from_at),
                each.to_on.isoformat() if each.to_on else None,
                instant_text(each.to_at) if each.to_at else None,
            )
            for each in pauses
        ]
    )


def event_from(row: Iterable[Any]) -> Event:
    """The event that a row holds."""
    (
        case_id, seq, _, at, actor, actor_name, on_behalf_of, via, transition, source, target, data, comment,
        automatic, definition, request_id, previous, own, form, openings,
    ) = row  # fmt: skip
    opened = openings_of(openings)
    said, salts, erased = _opened(_read(data), comment, form, opened)
    return Event(
        case_id=case_id,
        seq=seq,
        at=instant_from(at),
        actor=actor,
        actor_name=actor_name,
        on_behalf_of=on_behalf_of,
        via=via,
        transition=transition,
        source=source or None,
        target=target,
        data=said,
        comment=comment_of(comment, form, opened),
        automatic=bool(automatic),
        definition=definition,
        request_id=request_id,
        form=form,
        salts=salts,
        erased=erased,
        previous=previous,
        hash=own,
    )


def openings_of(said: str | None) -> dict[str, list[Any]]:
    """Salt and value of each commitment of an event that was not erased."""
    return _read(said) if said else {}


def comment_of(comment: str | None, form: int, opened: Mapping[str, list[Any]]) -> str | None:
    """The comment of an event as it was given; None where there was none, or it was erased."""
    if form == 1:
        return comment
    return str(opened[COMMENT][1]) if COMMENT in opened else None


def _opened(
    said: dict[str, Any], comment: str | None, form: int, opened: Mapping[str, list[Any]]
) -> tuple[dict[str, Any], dict[str, str], dict[str, str]]:
    """The data in clear, the salt of each opening, and the commitments whose openings were erased."""
    if form == 1:
        return said, {}, {}
    shut = {name: value[MARK] for name, value in said.items() if type(value) is dict}
    data = {name: value for name, value in said.items() if name not in shut}
    if opened:  # in the order in which the record keeps its names
        told = {name: value for name, (_, value) in opened.items() if name != COMMENT}
        data = dict(sorted({**data, **told}.items()))
    if comment is not None:
        shut[COMMENT] = comment
    erased = {name: value for name, value in shut.items() if name not in opened}
    return data, {name: salt for name, (salt, _) in opened.items()}, erased


_NO_PAUSES = "[]"


def case_row(case: Case, next_at: datetime | None) -> dict[str, Any]:
    """The row of a case, all but the instant at which it was begun."""
    first = first_due(case.deadlines)
    trail = {name: (each.by, each.seq, instant_text(each.at)) for name, each in case.trail.items()}
    return {
        "id": case.id,
        "number": case.number,
        "kind": case.kind,
        "definition": case.definition,
        "bureau": case.bureau,
        "section": case.section,
        "title": case.title,
        "state": case.state,
        "version": case.version,
        "seq": case.seq,
        "data": canonical_json(case.data),
        "trail": canonical_json(trail),
        "waits_for": case.waits_for,
        "entered_at": instant_text(case.entered_at),
        "changed_at": instant_text(case.changed_at),
        "closed_at": instant_text(case.closed_at) if case.closed_at else None,
        "head": case.head,
        "due_on": first.rolled_on.isoformat() if first else None,
        "due_at": instant_text(first.due_at) if first else None,
        "next_at": instant_text(next_at) if next_at else None,
        "parent": case.parent,
        "slot": case.slot,
    }


def deadline_row(case_id: str, each: Deadline) -> dict[str, Any]:
    """The row of a deadline."""
    return {
        "case_id": case_id,
        "rule": each.rule,
        "armed_seq": each.armed_seq,
        "anchor_on": each.anchor_on.isoformat(),
        "anchor_at": instant_text(each.anchor_at),
        "strict_on": each.strict_on.isoformat(),
        "rolled_on": each.rolled_on.isoformat(),
        "due_at": instant_text(each.due_at),
        "provisional": int(each.provisional),
        "fired": each.fired,
        "closed_at": instant_text(each.closed_at) if each.closed_at else None,
        "outcome": each.outcome,
        "late_days": each.late_days,
        "extended": each.extended,
        "pauses": _pauses_text(each.pauses) if each.pauses else _NO_PAUSES,
        "paused_on": each.paused.from_on.isoformat() if each.paused and stands_still(each) else None,
    }


def event_row(event: Event, bureau: str) -> dict[str, Any]:
    """The row of an event."""
    data, comment = said_openly(event)
    openings = {
        name: (salt, event.comment if name == COMMENT else event.data[name]) for name, salt in event.salts.items()
    }
    return {
        "case_id": event.case_id,
        "seq": event.seq,
        "bureau": bureau,
        "at": instant_text(event.at),
        "actor": event.actor,
        "actor_name": event.actor_name,
        "on_behalf_of": event.on_behalf_of,
        "via": event.via,
        "transition": event.transition,
        "source": event.source,
        "target": event.target,
        "data": canonical_json(data),
        "comment": comment,
        "automatic": int(event.automatic),
        "definition": event.definition,
        "request_id": event.request_id,
        "previous": event.previous,
        "hash": event.hash,
        "form": event.form,
        "openings": canonical_json(openings) if openings else None,
    }


def moving(before: Case, case: Case) -> str:
    """How the row of a case moves: few steps end it, and few events take it to another definition or section."""
    if case.definition != before.definition:
        return SWITCH_CASE
    if case.section != before.section:
        return RELOCATE_CASE
    return MOVE_CASE if case.closed_at == before.closed_at else END_CASE
