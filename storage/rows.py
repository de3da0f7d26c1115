"""Rows to values and back: the one place that knows how a case, a deadline and an event lie in their tables."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from storage.sqlite import Row, instant_from, instant_text
from workflow.case import (
    Case,
    Deadline,
    Event,
    Outcome,
    Pause,
    RoleName,
    StateName,
    SubCase,
    Trace,
    TransitionName,
)
from workflow.clock import first_due, stands_still
from workflow.text import Text


def case_from(row: Row, deadlines: Iterable[Deadline], children: Iterable[SubCase] = ()) -> Case:
    """The case that a row holds, with its open deadlines and the sub-cases that it must know."""
    trail = json.loads(row["trail"])
    return Case(
        id=row["id"],
        number=row["number"],
        kind=row["kind"],
        definition=row["definition"],
        bureau=row["bureau"],
        section=row["section"],
        state=StateName(row["state"]),
        version=row["version"],
        seq=row["seq"],
        data=json.loads(row["data"]),
        trail={name: Trace(tuple(by), seq, instant_from(at)) for name, (by, seq, at) in trail.items()},
        waits_for=RoleName(row["waits_for"]) if row["waits_for"] else None,
        entered_at=instant_from(row["entered_at"]),
        changed_at=instant_from(row["changed_at"]),
        closed_at=instant_from(row["closed_at"]) if row["closed_at"] else None,
        head=row["head"],
        parent=row["parent"],
        slot=row["slot"],
        children=tuple(children),
        deadlines=tuple(deadlines),
    )


def sub_case_from(row: Row, label: Text) -> SubCase:
    """The sub-case that a row holds, with its state as its own definition calls it."""
    return SubCase(
        id=row["id"],
        number=row["number"],
        slot=row["slot"],
        kind=row["kind"],
        section=row["section"],
        title=row["title"],
        state=StateName(row["state"]),
        state_label=label,
        closed_at=instant_from(row["closed_at"]) if row["closed_at"] else None,
        data=json.loads(row["data"]),
    )


def deadline_from(row: Row) -> Deadline:
    """The deadline that a row holds."""
    return Deadline(
        rule=row["rule"],
        armed_seq=row["armed_seq"],
        anchor_on=date.fromisoformat(row["anchor_on"]),
        anchor_at=instant_from(row["anchor_at"]),
        strict_on=date.fromisoformat(row["strict_on"]),
        rolled_on=date.fromisoformat(row["rolled_on"]),
        due_at=instant_from(row["due_at"]),
        provisional=bool(row["provisional"]),
        fired=row["fired"],
        closed_at=instant_from(row["closed_at"]) if row["closed_at"] else None,
        outcome=Outcome(row["outcome"]) if row["outcome"] else None,
        late_days=row["late_days"],
        extended=row["extended"],
        pauses=_pauses_from(row["pauses"]) if row["pauses"] != _NO_PAUSES else (),
    )


def _pauses_from(said: str) -> tuple[Pause, ...]:
    return tuple(
        Pause(
            date.fromisoformat(from_on),
            instant_from(from_at),
            date.fromisoformat(to_on) if to_on else None,
            instant_from(to_at) if to_at else None,
        )
        for from_on, from_at, to_on, to_at in json.loads(said)
    )


def _pauses_text(pauses: Iterable[Pause]) -> str:
    """Each pause as [from_on, from_at, to_on, to_at]; the last two are null while it lasts."""
    return _json(
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


def event_from(row: Row) -> Event:
    """The event that a row holds."""
    return Event(
        case_id=row["case_id"],
        seq=row["seq"],
        at=instant_from(row["at"]),
        actor=row["actor"],
        actor_name=row["actor_name"],
        on_behalf_of=row["on_behalf_of"],
        via=row["via"],
        transition=TransitionName(row["transition"]),
        source=StateName(row["source"]) if row["source"] else None,
        target=StateName(row["target"]),
        data=json.loads(row["data"]),
        comment=row["comment"],
        automatic=bool(row["automatic"]),
        definition=row["definition"],
        request_id=row["request_id"],
        previous=row["previous"],
        hash=row["hash"],
    )


_NO_PAUSES = "[]"
#: One encoder for all: to make one costs as much as to use it.
_json = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


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
        "data": _json(case.data),
        "trail": _json(trail),
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
        "data": _json(event.data),
        "comment": event.comment,
        "automatic": int(event.automatic),
        "definition": event.definition,
        "request_id": event.request_id,
        "previous": event.previous,
        "hash": event.hash,
    }
