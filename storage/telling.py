"""Who hears of a step: those meant, or the nearest above who is there; a missed deadline is never told to nobody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from storage import people
from storage.authority import holding
from storage.connection import Connection, instant_text
from storage.statements import ADD_NOTICE, SEND_OUT
from storage.worklist import may_see
from workflow.case import IMPORT, START, Actor, Case, Event, Notice, business_date
from workflow.model import Definition

#: Who hears of it when nobody of those meant is there.
UPWARDS = ("section_head", "office", "office_head", "leader", "supervisor")


def tell(db: Connection, definition: Definition, case: Case, notices: Iterable[Notice], event: Event) -> None:
    """Write what an event tells into the inboxes, and into the outbox for those who have an address; in the event's own commit."""
    rows = list(_rows(db, definition, case, notices, event))
    if rows:
        db.many(ADD_NOTICE, rows)
        db.run(SEND_OUT, case_id=case.id, count=len(rows))


def _rows(
    db: Connection, definition: Definition, case: Case, notices: Iterable[Notice], event: Event
) -> Iterator[dict[str, Any]]:
    """A row for each person that the notices reach, once; whoever took the step knows of it already."""
    told: set[str] = set()
    on = business_date(event.at)
    for notice in notices:
        meant = (notice.person,) if notice.person else _receivers(db, definition, case, notice.to, event.actor, on)
        reached: tuple[str | None, ...] = meant or (None,)
        for person in reached:
            if person == event.actor or (person and person in told):
                continue
            told.add(person or "")
            yield {
                "bureau": case.bureau,
                "person": person,
                "role": notice.to,
                "case_id": case.id,
                "occasion": notice.occasion,
                "zh": notice.text.zh,
                "en": notice.text.en,
                "created_at": instant_text(event.at),
            }


def _sees(who: people.Person, case: Case, on: date) -> bool:
    return may_see(Actor(who.id, who.name, case.bureau, who.appointments), case.section, on)


def _receivers(db: Connection, definition: Definition, case: Case, to: str, by: str, on: date) -> tuple[str, ...]:
    """Who is told: those meant and, where nobody of them is there (any more, or today: 请假), the nearest above who is.

    For an author those stand in first who hold the case in its section now; whoever took the step (`by`) stands in for nobody.
    """
    chain: tuple[str, ...] = UPWARDS[UPWARDS.index(to) + 1 :] if to in UPWARDS else UPWARDS
    if to == "author":
        begun = case.trail.get(START) or case.trail.get(IMPORT)
        # Who left, and holds no post since, or went where the case is not theirs to see, can do nothing about it.
        here = {each.id: each for each in people.people(db, case.bureau) if _sees(each, case, on)}
        meant = tuple(each for each in (begun.by if begun else ()) if each in here)
        at_work = {each: here[each].away_until(on) is None for each in meant}
        chain = (*_hands_in_the_section(definition, case), *chain)
    else:
        at_work = holding(db, case.bureau, to, case.section, on)
    if any(at_work.values()):
        return tuple(at_work)
    above = [holding(db, case.bureau, role, case.section, on) for role in chain]
    for held in above:
        held.pop(by, None)
    there = next((held for held in above if any(held.values())), {})
    # Nobody at all is there: who is meant is told all the same or, where nobody is, the nearest above.
    return tuple({**at_work, **there}) or next((tuple(held) for held in above if held), ())


def _hands_in_the_section(definition: Definition, case: Case) -> tuple[str, ...]:
    role = definition.roles.get(case.waits_for) if case.waits_for else None
    return (role.name,) if role and role.scope == "section" else ()
