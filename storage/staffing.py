"""Who goes where (调动): a person moves to another section, and what is then left without hands. `Desk.staffing` hands it out.

Whoever moves holds section posts only where they now sit; what they did stays theirs, so that four eyes follow the person.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from storage import authority
from storage.accounts import Sameness, entries
from storage.backdated import refuse_before_acts
from storage.connection import Connection
from storage.naming import plain_days
from storage.people import ONE_DAY, Person, known_section, look_anew, person, present
from storage.post_changes import PostChange, changes_of_posts, on_record
from storage.posts import held_on, labelled, meets
from storage.statements import END_POST, PUT_SEAT
from storage.store import Store
from workflow.case import Actor, Appointment, Case, RoleName, business_date
from workflow.errors import Invalid, Problem
from workflow.model import Role
from workflow.text import Text

if TYPE_CHECKING:
    from storage.absences import Recorded, Returned
    from storage.one_person import Declared
    from storage.reorganise import Progress, Reorganised


@dataclass(frozen=True, slots=True)
class Gone:
    """A person who goes to another section: from when, which posts end the day before, and which begin."""

    person: Person
    from_on: date
    ended: tuple[Appointment, ...]
    given: tuple[Appointment, ...]
    is_new: bool  # whether anything changed


@dataclass(frozen=True, slots=True)
class Staffing:
    """People who go elsewhere, and sections that do; what `Desk.staffing` hands out."""

    store: Store
    bureau: str
    clock: Callable[[], datetime]
    roles: Callable[[], Mapping[RoleName, Role]]

    def in_nobodys_hands(self, case: Case) -> Text | None:
        """That nobody present can take the case on as it stands here, why, and whom to ask; None where somebody can."""
        from storage.hands import nobody_for

        now = self.clock()
        found = nobody_for(self.store, case, now)
        if found is None:
            return None
        on = business_date(now)
        admins = tuple(authority.present_holders(self.store.db, case.bureau, authority.ADMIN, None, on).values())
        names = Text("、".join(admins), ", ".join(admins))
        return _NOBODY.filled(text=found.text, admins=names, way_out=found.way_out)

    def move(self, by: Actor, said: str, section: str, *, on: date | None = None, keep_posts: bool = False) -> Gone:
        """The person sits in another section from that day on; the administrator's act. The same once more changes nothing."""
        db, today = self.store.db, business_date(self.clock())
        with db.writing(), on_record(db, by, self.clock()):
            authority.only_admin(db, by, today, authority.MOVE_A_PERSON)
            plain_days(on=on)
            return _gone(db, self.bureau, said, section, on or today, self.roles(), keep_posts, today)

    def reorganise(
        self,
        by: Actor,
        old: str,
        new: str,
        *,
        on: date | None = None,
        dry_run: bool = False,
        progress: Progress | None = None,
    ) -> Reorganised:
        """A section goes over to another, with its posts, people and open cases; the administrator's act."""
        from storage.reorganise import reorganise

        return reorganise(self.store, by, old, new, self.roles(), self.clock, on=on, dry_run=dry_run, progress=progress)

    def away(self, by: Actor, said: str, until_on: date, *, from_on: date | None = None) -> Recorded:
        """The person is away on these days (请假); their own act, that of who heads their section, or the administrator's."""
        from storage.absences import away

        with self.store.db.writing():
            return away(self.store.db, by, said, business_date(self.clock()), from_on=from_on, until_on=until_on)

    def back(self, by: Actor, said: str, *, on: date | None = None) -> Returned:
        """The person is there again from that day on, sooner than was recorded; who may record an absence may end it."""
        from storage.absences import back

        with self.store.db.writing():
            return back(self.store.db, by, said, business_date(self.clock()), on=on)

    def same(self, by: Actor, said: str, other: str, reason: str, *, withdraw: bool = False) -> Declared:
        """Two accounts are one person from now on, or (`withdraw`) are not any more; the administrator's act."""
        from storage.one_person import declare

        with self.store.db.writing():
            return declare(self.store.db, by, said, other, reason, self.roles(), self.clock(), withdraw=withdraw)

    def sameness(self) -> tuple[Sameness, ...]:
        """Which accounts were said to be one person, and which no longer, in the order in which it was said."""
        return entries(self.store.db)

    def changes(self, said: str | None = None) -> tuple[PostChange, ...]:
        """Who gave which post, or ended it, and when; of one person, or of all."""
        return changes_of_posts(
            self.store.db, self.bureau, person(self.store.db, self.bureau, said).id if said else None
        )

    def unmanned(self, on: date) -> tuple[tuple[str, str, int], ...]:
        """Roles that nobody holds who is there on that day though cases wait for them: role, section, how many."""
        from storage.doctor import unheld

        return tuple(each[:3] for each in unheld(self.store.db, self.bureau, on))


def _gone(
    db: Connection,
    bureau: str,
    said: str,
    section: str,
    from_on: date,
    roles: Mapping[RoleName, Role],
    keep_posts: bool,
    today: date,
) -> Gone:
    who, place = present(person(db, bureau, said), from_on), known_section(db, bureau, section, from_on)
    later = next(((day, there) for day, there in who.seats if day > from_on and there != place), None)
    if later:
        text = _GOES_LATER.filled(name=who.name, on=later[0], section=later[1])
        raise Invalid((Problem("goes-later", text, field="on"),))
    left = [post for post in who.appointments if post.section not in (None, place) and meets(post, from_on, None)]
    if left:
        refuse_before_acts(db, who.id, who.name, left, from_on, today)
    is_new = who.section_on(from_on) != place
    look_anew(db)
    if is_new:
        db.run(PUT_SEAT, person=who.id, from_on=from_on.isoformat(), section=place)
    for post in left:
        last_on = (from_on - ONE_DAY).isoformat()
        db.run(END_POST, person=who.id, role=post.role, section=post.section, last_on=last_on)
    given = list(_kept(db, bureau, said, left, place, from_on, roles)) if keep_posts else []
    return Gone(person(db, bureau, said), from_on, tuple(left), tuple(given), bool(is_new or left or given))


def _kept(
    db: Connection,
    bureau: str,
    said: str,
    left: list[Appointment],
    place: str,
    from_on: date,
    roles: Mapping[RoleName, Role],
) -> Iterator[Appointment]:
    """Their own posts, held on in the new section; what they did there for others is over."""
    for post in (each for each in left if each.on_behalf_of is None):
        yield from held_on(db, bureau, said, replace(post, section=place), from_on, labelled(roles, post.role))


_NOBODY = Text("{text}。请告知系统管理员（{admins}）：{way_out}", "{text}. Tell the administrator {admins}: {way_out}")
_GOES_LATER = Text(
    "{name}已登记自 {on} 起调往“{section}”；更早的调动须为同一科室，或以 {on} 改登",
    "{name} goes to “{section}” on {on}; an earlier move must be to the same section, or change the one of {on}",
)
