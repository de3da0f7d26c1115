"""Every running clock counted anew (重算时限), when a notice of days off comes in or is amended: what moves is an event."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import date, datetime

from storage import authority, calendars, versions
from storage.statements import OPEN_CASES
from storage.store import Store
from workflow.case import Actor, business_date
from workflow.decide import recomputed
from workflow.errors import Busy, GongkaiError
from workflow.workdays import calendar_file

log = logging.getLogger("gongkai.recount")


@dataclass(frozen=True, slots=True)
class Moved:
    """A running clock whose last day another calendar moves."""

    case: str
    number: str
    deadline: str
    from_on: date
    to_on: date


def take_in_notice(
    store: Store, actor: Actor, text: str, file: str, now: datetime, *, dry_run: bool
) -> tuple[Moved, ...]:
    """Keep what a notice of days off says, and count every running clock anew by it; the administrator's act."""
    days, years = calendar_file(text, file)
    with store.db.writing(keep=not dry_run):
        authority.only_admin(store.db, actor, business_date(now), authority.IMPORT_CALENDAR)
        calendars.announce(store.db, days, years, file, now)
        moved = recompute(store, now)
    store.refresh()
    return moved


def recount(store: Store, actor: Actor, now: datetime, *, dry_run: bool) -> tuple[Moved, ...]:
    """Count every running clock anew by the calendar as it is known; the administrator's act."""
    with store.db.writing(keep=not dry_run):
        authority.only_admin(store.db, actor, business_date(now), authority.RECOMPUTE_DATES)
        return recompute(store, now)


def recompute(store: Store, now: datetime) -> tuple[Moved, ...]:
    """Count every running clock anew by the store's calendar, in the caller's transaction; what moves is an event.

    A case that cannot be read is left as it is: doctor and verify name it.
    """
    store.refresh()
    moved: list[Moved] = []
    for row in store.db.all(OPEN_CASES):
        try:
            with store.db.apart():
                moved += _recomputed(store, row["id"], now)
        except (GongkaiError, KeyError, ValueError, TypeError) as error:
            if isinstance(error, Busy):
                raise
            log.error("case.not_recomputed", extra={"case": row["id"]}, exc_info=error)
    return tuple(moved)


def _recomputed(store: Store, id: str, now: datetime) -> list[Moved]:
    case = store.case(id, "")
    definition = versions.load(store.db, case.definition)
    if not case.deadlines or case.state not in definition.states:
        return []
    decision = recomputed(definition, case, now, store.calendar_at(now))
    if decision is None:
        return []
    store.keep(definition, case, decision, None, now)
    before = {(each.rule, each.armed_seq): each.rolled_on for each in case.deadlines}
    return [
        Moved(case.id, case.number, each.rule, before[each.rule, each.armed_seq], each.rolled_on)
        for each in decision.deadlines
        if each.rolled_on != before[each.rule, each.armed_seq]
    ]
