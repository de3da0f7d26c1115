"""Who is away (请假), and back sooner: dated rows, which end nothing. Posts rest meanwhile, but who acts all the same may.

An absence is asked for where notices are addressed and where hands are looked for, never when a step is decided.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from storage import authority
from storage.authority import ADMIN, ADMIN_LABEL, RECORD_AN_ABSENCE
from storage.connection import Connection
from storage.naming import plain_days
from storage.people import HEAD, ONE_DAY, Absence, Person, look_anew, person, present
from storage.statements import PUT_ABSENCE
from workflow.case import Actor, Helper, Unmet
from workflow.errors import Denied, Invalid, Problem
from workflow.text import Text, listed


@dataclass(frozen=True, slots=True)
class Recorded:
    """An absence as it now stands, whose it is, and whether anything changed."""

    person: Person
    absence: Absence
    is_new: bool


@dataclass(frozen=True, slots=True)
class Returned:
    """Who is there again, and the absence that was made shorter."""

    person: Person
    absence: Absence | None  # none where they were there already


def away(db: Connection, by: Actor, said: str, today: date, *, from_on: date | None = None, until_on: date) -> Recorded:
    """Days of absence, from today if no first day is said. One with the same first day is replaced; an overlap is refused."""
    who = present(person(db, by.bureau, said), today)
    _may_record(db, by, who, today)
    plain_days(from_on=from_on, until_on=until_on)
    absence = Absence(from_on or today, until_on, by.id)
    if absence.until_on < absence.from_on:
        text = _BACKWARDS.filled(from_on=absence.from_on, until_on=until_on)
        raise Invalid((Problem("bad-period", text, field="until"),))
    for there in who.absences:
        if (there.from_on, there.until_on) == (absence.from_on, absence.until_on):
            return Recorded(who, there, is_new=False)
        meets = there.from_on <= there.until_on and there.from_on <= until_on and there.until_on >= absence.from_on
        if meets and there.from_on != absence.from_on:
            text = _OVERLAP.filled(name=who.name, from_on=there.from_on, until_on=there.until_on)
            raise Invalid((Problem("overlap", text, field="from"),))
    return _kept(db, who, absence)


def back(db: Connection, by: Actor, said: str, today: date, *, on: date | None = None) -> Returned:
    """The absence that covers that day (today, if none is said) ends the day before; once more changes nothing."""
    who = person(db, by.bureau, said)
    _may_record(db, by, who, today)
    plain_days(on=on)
    first = on or today
    for there in who.absences:
        if there.covers(first):
            shorter = _kept(db, who, Absence(there.from_on, first - ONE_DAY, by.id))
            return Returned(who, shorter.absence)
    if not any(each.until_on == first - ONE_DAY for each in who.absences):
        _expect_none_ahead(who, today, first)
    return Returned(who, None)


def _expect_none_ahead(who: Person, today: date, on: date) -> None:
    """Raises Invalid where absences are on record, none of which covers the day that was said."""
    ahead = [each for each in who.absences if each.until_on >= max(today, each.from_on)]
    if ahead:
        known = listed(_DAYS.filled(from_on=each.from_on, until_on=each.until_on) for each in ahead)
        raise Invalid((Problem("not-away", _NOT_AWAY.filled(name=who.name, on=on, known=known), field="on"),))


def _kept(db: Connection, who: Person, absence: Absence) -> Recorded:
    look_anew(db)
    db.run(
        PUT_ABSENCE,
        person=who.id,
        from_on=absence.from_on.isoformat(),
        until_on=absence.until_on.isoformat(),
        recorded_by=absence.by,
    )
    return Recorded(who, absence, is_new=True)


def _may_record(db: Connection, by: Actor, who: Person, today: date) -> None:
    """Raises Denied, with those who may, unless it is the person, who heads their section, or the administrator."""
    place = who.section_on(today)
    if by.id == who.id:
        return
    for post in by.appointments:
        if post.holds_on(today) and (post.role == ADMIN or (post.role == HEAD and post.section in (None, place))):
            return
    admins = tuple(authority.holders(db, by.bureau, ADMIN, None, today).values())
    heads = tuple(authority.holders(db, by.bureau, HEAD, place, today).values()) if place else ()
    could = (Helper(HEAD, _HEAD, people=heads), Helper(ADMIN, ADMIN_LABEL, people=admins))
    raise Denied(RECORD_AN_ABSENCE, (Unmet("role", _WHO_MAY, "role", could if heads else could[1:]),))


_HEAD = Text("科室负责人", "section head")
_WHO_MAY = Text(
    "须由本人、本人所在科室的负责人或系统管理员登记",
    "this is for the person, the head of their section, or the administrator",
)
_BACKWARDS = Text(
    "起始日 {from_on} 晚于终止日 {until_on}，请改正",
    "the first day {from_on} lies after the last day {until_on}; mend it",
)
_OVERLAP = Text(
    "{name}已登记 {from_on} 至 {until_on} 请假，不得重叠；改终止日请仍以 {from_on} 为起始日，提前销假用 gongkai people back",
    "{name} is away from {from_on} until {until_on} already, and absences may not overlap; to change its last day, say the same "
    "first day {from_on}; to end it sooner, gongkai people back",
)
_DAYS = Text("{from_on} 至 {until_on}", "{from_on} until {until_on}")
_NOT_AWAY = Text(
    "{name}在 {on} 没有请假；今后登记的请假：{known}",
    "{name} is not away on {on}; absences on record from now on: {known}",
)
