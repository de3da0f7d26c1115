"""Lateness that somebody must answer for (逾期原因): what is still unexplained, and what was given as its cause, by section.

Only automatic steps close a late case unexplained, so what is owed is little; a step that ends no case asks nothing here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from storage import versions
from storage.acts import LOOKS_BACK_DAYS, Receipt, deadlines_of, receipts
from storage.connection import Connection, instant_text
from storage.rows import deadline_from
from storage.statements import ACTS_SINCE, LATE_AND_ENDED
from storage.worklist import Sight
from workflow.case import EXPLAIN_LATENESS, Case, Option, Unmet
from workflow.lateness import LATE_CAUSE, LATE_SECTION, LateClock, causes_of, late_clocks, owed
from workflow.text import Text

if TYPE_CHECKING:
    from storage.store import Store
    from workflow.model import Definition


@dataclass(frozen=True, slots=True)
class Unexplained:
    """A case that an automatic step ended late, and of which nobody has said why."""

    number: str
    title: str
    section: str
    clock: LateClock

    def to_json(self) -> dict[str, object]:
        """The case as the JSON surface shows it."""
        return {
            "number": self.number,
            "title": self.title,
            "section": self.section,
            "clock": self.clock.label.to_json(),
            "late_days": self.clock.days,
        }


@dataclass(frozen=True, slots=True)
class Explained:
    """What was given as the cause of one case's lateness, and the section that it lay with."""

    section: str
    cause: str
    label: Text


@dataclass(frozen=True, slots=True)
class Answers:
    """What those who have cases in hand answered for in the last days, and what they still owe."""

    receipts: tuple[Receipt, ...]
    explained: tuple[Explained, ...]
    unexplained: tuple[Unexplained, ...]


def answers(store: Store, seen: Sight, now: datetime) -> Answers:
    """All of it, in the sections that the reader sees."""
    owing = unexplained(store, seen.bureau, now)
    return Answers(
        tuple(receipts(store.db, seen, now)),
        explained(store.db, seen, now),
        tuple(each for each in owing if seen.covers(each.section)),
    )


def before_it_closes(store: Store, definition: Definition, case: Case, now: datetime) -> tuple[Unmet, ...]:
    """What is still to be explained before somebody may close the case; it is read with its whole record."""
    if EXPLAIN_LATENESS not in definition.acts:
        return ()
    late = late_clocks(definition, deadlines_of(store.db, case), now, store.calendar_at(now))
    return tuple(owed(late, store.events(case.id), case.number))


def with_what_is_owed(
    store: Store, definition: Definition, case: Case, options: Sequence[Option], now: datetime
) -> Iterator[Option]:
    """The options, with the lateness that keeps those from being taken that would end the case; read only where one would."""
    ends = {each.transition for each in options if not each.is_act and definition.state_named(each.target).final}
    if not ends or case.closed_at:
        yield from options
        return
    unmet = before_it_closes(store, definition, case, now)
    for each in options:
        is_for_other_cases = any(said.name in ("if", "when_blocked") for said in each.unmet)
        if not unmet or is_for_other_cases or each.transition not in ends:
            yield each
        elif definition.transitions[each.transition].dated:
            # The day that is typed with it may lie before the last one: then nothing was late.
            yield replace(each, warnings=(*each.warnings, *unmet))
        else:
            yield replace(each, allowed=False, unmet=(*each.unmet, *unmet))


def unexplained(store: Store, bureau: str, now: datetime) -> Iterator[Unexplained]:
    """Every case of the bureau that ended late by itself and waits for an explanation, the oldest first."""
    calendar = store.calendar_at(now)
    for row in store.db.all(LATE_AND_ENDED, bureau=bureau):
        *deadline, number, title, section, digest = row
        definition = store.definition_of(digest)
        if EXPLAIN_LATENESS in definition.acts:
            for clock in late_clocks(definition, (deadline_from(deadline),), now, calendar):
                yield Unexplained(number, title, section, clock)


def explained(db: Connection, seen: Sight, now: datetime) -> tuple[Explained, ...]:
    """What each case was explained by in the last days, in the sections that the reader sees; what was said last counts."""
    since = instant_text(now - timedelta(days=LOOKS_BACK_DAYS))
    acts = db.all(ACTS_SINCE, bureau=seen.bureau, act=EXPLAIN_LATENESS, since=since)
    last = {row["case_id"]: json.loads(row["data"]) for row in acts}
    labels = _labels(db) if last else {}
    return tuple(
        Explained(said[LATE_SECTION], cause, labels.get(cause, Text(cause, cause)))
        for said in last.values()
        if (cause := said[LATE_CAUSE]) and seen.covers(said[LATE_SECTION])
    )


def _labels(db: Connection) -> dict[str, Text]:
    """What the causes of every installed definition are called."""
    found = (versions.load(db, each.digest) for each in versions.installed(db))
    return {name: cause.label for each in found for name, cause in causes_of(each.acts.get(EXPLAIN_LATENESS)).items()}
