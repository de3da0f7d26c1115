"""A section goes over to another (科室撤并): its posts and people, and its open cases, each by an event of its own.

The register changes in one transaction; then the cases follow in batches, each read under the lock. A case that has gone over no
longer lies in the section that was closed, so that a run that was killed goes on where it stopped, here or in the sweep, and none
goes over twice. What was closed before stays where it was, under the name that the section had.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from storage import authority, people
from storage.backdated import refuse_before_acts, too_early_for_cases
from storage.connection import Connection
from storage.naming import plain_days
from storage.people import ONE_DAY, Section
from storage.post_changes import on_record
from storage.posts import held_on, labelled, meets
from storage.statements import BUREAU, CLOSE_SECTION, END_POST, HOW_MANY_OPEN, OPEN_IN_SECTION, PUT_SEAT
from storage.store import Store
from workflow.case import Actor, Appointment, RoleName, business_date
from workflow.errors import Invalid, Problem
from workflow.hands import relocated
from workflow.judge import system_actor
from workflow.model import Role
from workflow.text import Text

#: Cases of one commit: large enough to share the cost of reaching the disk, small enough to let people in.
BATCH = 60

#: Told after each batch: how many cases have gone over, and how many there were.
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class GoneOver:
    """A case that now lies in the section that took over."""

    case: str
    number: str
    definition: str


@dataclass(frozen=True, slots=True)
class Reorganised:
    """A section that goes over to another: from when, with whom, with which posts and how many cases."""

    old: str
    new: str
    from_on: date
    renamed: bool  # the other one is new: nothing but the name changes
    is_new: bool  # False: so it was decided already
    posts: tuple[tuple[str, Appointment], ...]  # person and post, as they are given in the new section
    seats: tuple[str, ...]  # the people who now sit there
    moved: int  # cases that went over in this run
    waiting: int  # cases that are still to go, on that day

    def to_json(self) -> dict[str, object]:
        """The result as the JSON surface shows it, but for the posts."""
        return {
            "old": self.old,
            "new": self.new,
            "from_on": self.from_on.isoformat(),
            "renamed": self.renamed,
            "changed": self.is_new or self.moved > 0,
            "people": list(self.seats),
            "moved": self.moved,
            "waiting": self.waiting,
        }


def reorganise(
    store: Store,
    by: Actor,
    old: str,
    new: str,
    roles: Mapping[RoleName, Role],
    clock: Callable[[], datetime],
    *,
    on: date | None,
    dry_run: bool,
    progress: Progress | None,
) -> Reorganised:
    """Close a section from that day on and let another take over; the administrator's act. The same once more completes it."""
    db, today = store.db, business_date(clock())
    with db.writing(keep=not dry_run), on_record(db, by, clock()):
        authority.only_admin(db, by, today, authority.REORGANISE)
        plain_days(on=on)
        done = _register(db, by, old, new, on, roles, today)
    if dry_run or done.from_on > today:
        return done
    moved = 0
    for batch in carried_over(store, by, done.old, done.new, clock):
        moved += len(batch)
        if progress:
            progress(moved, max(moved, done.waiting))
    return replace(done, moved=moved, waiting=0)


def carried_over(
    store: Store, by: Actor, old: str, new: str, clock: Callable[[], datetime], limit: int | None = None
) -> Iterator[tuple[GoneOver, ...]]:
    """The open cases of a section in the other one, batch by batch, until there are none or as many as `limit` went."""
    left = limit if limit is not None else BATCH
    while left > 0:
        with store.db.writing():
            rows = store.db.all(OPEN_IN_SECTION, bureau=by.bureau, section=old, limit=min(BATCH, left))
            batch = tuple(_carried(store, by, row["id"], new, clock()) for row in rows)
        if not batch:
            return
        left -= len(batch) if limit is not None else 0
        yield batch


def follow(store: Store, clock: Callable[[], datetime], limit: int) -> Iterator[GoneOver]:
    """What is still open in sections that were closed: dated ahead, or left by a run that was killed. For the sweep."""
    bureau = store.db.one(BUREAU)
    if bureau is None:
        return
    today, by = business_date(clock()), system_actor(str(bureau["id"]))
    for each in people.all_sections(store.db, by.bureau):
        if each.successor and each.closed_on <= today:
            to = people.successor_on(store.db, by.bureau, each.id, today)
            for batch in carried_over(store, by, each.id, to, clock, limit):
                limit -= len(batch)
                yield from batch


def _carried(store: Store, by: Actor, case_id: str, to: str, now: datetime) -> GoneOver:
    case = store.case(case_id, by.bureau)
    definition = store.definition_of(case.definition)
    calendar = store.calendar_at(max(now, case.changed_at))
    store.keep(definition, case, relocated(definition, case, by, to, now, calendar), None, now)
    return GoneOver(case.id, case.number, case.definition)


# The register.


def _register(
    db: Connection, by: Actor, old: str, new: str, on: date | None, roles: Mapping[RoleName, Role], today: date
) -> Reorganised:
    """The section closed, the people and posts in the other one; nothing, where so it was decided already."""
    there = {each.id: each for each in people.all_sections(db, by.bureau)}
    closing = there.get(old) or Section(people.known_section(db, by.bureau, old, today), None, None)
    waiting = _count(db, by.bureau, old)
    if closing.until_on and closing.successor == new and on in (None, closing.closed_on):
        return Reorganised(old, new, closing.closed_on, False, False, (), (), 0, waiting)
    from_on = on or today
    faults = (*_faults(there, closing, old, new), *too_early_for_cases(db, by.bureau, old, from_on, today))
    if faults:
        raise Invalid(faults)
    if new not in there:
        new = people.add_section(db, by, new, today)
    last_on = (from_on - ONE_DAY).isoformat()
    db.run(CLOSE_SECTION, id=old, until_on=last_on, successor=new)
    people.look_anew(db)
    everyone = people.people(db, by.bureau)
    posts = [
        (each.id, post)
        for each in everyone
        for post in each.appointments
        if post.section == old and meets(post, from_on, None)
    ]
    for each in everyone:
        theirs = [post for person, post in posts if person == each.id]
        if theirs:
            refuse_before_acts(db, each.id, each.name, theirs, from_on, today)
    for person, post in posts:
        db.run(END_POST, person=person, role=post.role, section=old, last_on=last_on)
    given = tuple(
        (person, now_there)
        for person, post in posts
        for now_there in held_on(db, by.bureau, person, replace(post, section=new), from_on, labelled(roles, post.role))
    )
    seats = tuple(_seated(db, everyone, old, new, from_on))
    return Reorganised(old, new, from_on, new not in there, True, given, seats, 0, waiting)


def _faults(there: Mapping[str, Section], closing: Section, old: str, new: str) -> Iterator[Problem]:
    if closing.until_on:
        facts = {"old": old, "on": closing.closed_on, "successor": closing.successor or "?"}
        yield Problem("closed-section", _CLOSED_ALREADY.filled(**facts), field="old")
    if old == new:
        yield Problem("same-section", _SAME.filled(old=old), field="new")
    taking = there.get(new)
    if taking and taking.until_on:
        facts = {"new": new, "on": taking.closed_on, "successor": taking.successor or "?"}
        yield Problem("closed-section", _NO_HEIR.filled(**facts), field="new")


def _seated(db: Connection, everyone: Iterable[people.Person], old: str, new: str, from_on: date) -> Iterator[str]:
    """Whoever sits in the section on that day, or was to go there later, sits in the other one."""
    for each in everyone:
        if each.left_on and each.left_on <= from_on:
            continue
        days = [day for day, place in each.seats if day > from_on and place == old]
        days += [from_on] if each.section_on(from_on) == old else []
        for day in days:
            db.run(PUT_SEAT, person=each.id, from_on=day.isoformat(), section=new)
        if days:
            yield each.id


def _count(db: Connection, bureau: str, section: str) -> int:
    row = db.one(HOW_MANY_OPEN, bureau=bureau, section=section)
    return int(row["count"]) if row else 0


_CLOSED_ALREADY = Text(
    "科室“{old}”已定自 {on} 起撤并至“{successor}”；要再并，请对“{successor}”办理",
    "section “{old}” goes over to “{successor}” on {on} already; to go on from there, reorganise “{successor}”",
)
_SAME = Text(
    "“{old}”不能并入本身，请给出承接的科室", "“{old}” cannot go over to itself; name the section that takes over"
)
_NO_HEIR = Text(
    "科室“{new}”自 {on} 起并入“{successor}”，不能承接；请改用“{successor}”",
    "section “{new}” itself goes over to “{successor}” on {on} and cannot take over; say “{successor}” instead",
)
