"""Who may act (人员): people with their dated posts, where they sit, and the sections. Reads and changes of these rows.

Only an administrator changes people; but everyone may delegate their own posts (`storage/posts.py`). Nothing here is deleted:
who sat where and what was held on a day can be read years later, and a section that was closed keeps its name.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from difflib import get_close_matches
from typing import Any

from storage import authority
from storage.accounts import one_person
from storage.authority import ADMIN as ADMIN
from storage.authority import holders as holders
from storage.authority import only_admin
from storage.authority import present_holders as present_holders
from storage.connection import Connection
from storage.naming import well_named
from storage.statements import (
    ADD_PERSON,
    ADD_SECTION,
    ALL_ABSENCES,
    ALL_PEOPLE,
    ALL_POSTS,
    ALL_SEATS,
    ALL_SECTIONS,
    LEFT_ON,
    PERSON_OF_LOGIN,
    RELEASE_LOGIN,
    SET_META,
)
from workflow.case import SYSTEM, Actor, Appointment, RoleName, Unmet
from workflow.errors import Denied, Invalid, NotFound, Problem
from workflow.text import Text

ONE_DAY = timedelta(days=1)
#: Under this name `meta` keeps the day on which every case was looked at for hands, and the row of the last event that was.
LOOKED = "hands.looked"
#: Whoever heads a section.
HEAD = RoleName("section_head")
#: A post by which one only reads: no definition can name such a role.
READS_ON = RoleName("section_head.of_former")


@dataclass(frozen=True, slots=True)
class Absence:
    """Days on which somebody is away (请假), both included, and who recorded it."""

    from_on: date
    until_on: date
    by: str

    def covers(self, day: date) -> bool:
        """Whether that day is one of them."""
        return self.from_on <= day <= self.until_on


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may act, as the register shows them today."""

    id: str
    name: str
    first_section: str | None  # where they were registered
    login: str | None
    left_on: date | None
    appointments: tuple[Appointment, ...]  # every post ever, in the order of their first days
    seats: tuple[tuple[date, str], ...] = ()  # where they went later, and from which day, in the order of these days
    absences: tuple[Absence, ...] = ()  # in the order of their first days

    def section_on(self, day: date) -> str | None:
        """The section in which they sit on that day."""
        return next((place for from_on, place in reversed(self.seats) if from_on <= day), self.first_section)

    def away_until(self, day: date) -> date | None:
        """The last day of the absence that covers that day; None where they are there."""
        return next((each.until_on for each in self.absences if each.covers(day)), None)

    def roles_on(self, day: date) -> tuple[str, ...]:
        """The roles held on that day, own and delegated, each once."""
        return tuple(dict.fromkeys(post.role for post in self.appointments if post.holds_on(day)))

    def to_json(self, day: date) -> dict[str, object]:
        """The person as `people list --json` shows them."""
        return {"id": self.id, "name": self.name, "section": self.section_on(day), "roles": list(self.roles_on(day))}


@dataclass(frozen=True, slots=True)
class Section:
    """A section (科室), and where its cases went when it was closed."""

    id: str
    until_on: date | None  # its last day; None: it is open
    successor: str | None

    @property
    def closed_on(self) -> date:
        """The first day on which it is no more."""
        return self.until_on + ONE_DAY if self.until_on else date.max

    def is_open(self, day: date) -> bool:
        """Whether a case may begin in it on that day."""
        return self.until_on is None or day <= self.until_on


# Reading.


def person(db: Connection, bureau: str, said: str) -> Person:
    """The person of this id or, where only one bears it, of this name."""
    everyone = people(db, bureau)
    name = unicodedata.normalize("NFC", said.strip())
    found = [each for each in everyone if each.id == name] or [each for each in everyone if each.name == name]
    if len(found) > 1:
        ids = ", ".join(each.id for each in found)
        raise Invalid((Problem("ambiguous", _SAME_NAME.filled(name=name, ids=ids), field="person"),))
    if not found:
        raise _unknown_person(everyone, name)
    return found[0]


def people(db: Connection, bureau: str) -> tuple[Person, ...]:
    """Everyone in the register, those who left included, by id."""
    posts: dict[str, list[Appointment]] = {}
    for row in db.all(ALL_POSTS, bureau=bureau):
        posts.setdefault(row["person"], []).append(_appointment(row))
    seats: dict[str, list[tuple[date, str]]] = {}
    for row in db.all(ALL_SEATS, bureau=bureau):
        seats.setdefault(row["person"], []).append((date.fromisoformat(row["from_on"]), str(row["section"])))
    away: dict[str, list[Absence]] = {}
    for row in db.all(ALL_ABSENCES, bureau=bureau):
        first, last = date.fromisoformat(row["from_on"]), date.fromisoformat(row["until_on"])
        away.setdefault(row["person"], []).append(Absence(first, last, str(row["recorded_by"])))
    return tuple(
        Person(
            id=row["id"],
            name=row["name"],
            first_section=row["section"],
            login=row["login"],
            left_on=_day(row["left_on"]),
            appointments=tuple(posts.get(row["id"], ())),
            seats=tuple(seats.get(row["id"], ())),
            absences=tuple(away.get(row["id"], ())),
        )
        for row in db.all(ALL_PEOPLE, bureau=bureau)
    )


def actor(db: Connection, bureau: str, said: str, today: date, via: str) -> Actor:
    """The person as one who acts, with every post of theirs; who has left acts no more."""
    who = person(db, bureau, said)
    if who.left_on and who.left_on <= today:
        text = _LEFT.filled(name=who.name, on=who.left_on)
        raise Denied(Text("办理", "act"), (Unmet("left", text, "role"),))
    posts = (*who.appointments, *_inherited(db, bureau, who))
    return Actor(who.id, who.name, bureau, posts, via, one_person=one_person(db))


def _inherited(db: Connection, bureau: str, who: Person) -> Iterator[Appointment]:
    """Whoever heads a section reads what the sections that went over to it left behind: posts to see by, never to act by."""
    heads = [post for post in who.appointments if post.role == HEAD]
    closed = [each for each in all_sections(db, bureau) if each.until_on and each.successor] if heads else []
    for post in heads:
        places = [post.section]
        for place in places:
            for each in (each for each in closed if each.successor == place and each.id not in places):
                places.append(each.id)
                yield replace(post, role=READS_ON, section=each.id, from_on=max(post.from_on, each.closed_on))


def person_of_login(db: Connection, bureau: str, login: str, today: date) -> str | None:
    """The id of the person whom the system knows by this login, unless they have left."""
    row = db.one(PERSON_OF_LOGIN, bureau=bureau, login=login)
    return str(row["id"]) if row and (row["left_on"] is None or row["left_on"] > today.isoformat()) else None


def sections(db: Connection, bureau: str) -> tuple[str, ...]:
    """The sections' ids, by name, those included that were closed: their cases and their history keep the name."""
    return tuple(row["id"] for row in db.all(ALL_SECTIONS, bureau=bureau))


def all_sections(db: Connection, bureau: str) -> tuple[Section, ...]:
    """Every section that ever was, by name."""
    return tuple(
        Section(str(row["id"]), _day(row["until_on"]), row["successor"]) for row in db.all(ALL_SECTIONS, bureau=bureau)
    )


def open_sections(db: Connection, bureau: str, on: date) -> tuple[str, ...]:
    """The sections in which a case may begin on that day, by name."""
    return tuple(each.id for each in all_sections(db, bureau) if each.is_open(on))


def still_shown(db: Connection, bureau: str, on: date, counted: Collection[str]) -> tuple[str, ...]:
    """The sections that are open on that day, and those closed ones in which something was still counted."""
    return tuple(each.id for each in all_sections(db, bureau) if each.is_open(on) or each.id in counted)


def successor_on(db: Connection, bureau: str, section: str, on: date) -> str:
    """The section that stands on that day in the place of this one: itself while it is open."""
    there = {each.id: each for each in all_sections(db, bureau)}
    seen = set[str]()
    while section in there and section not in seen and not there[section].is_open(on):
        seen.add(section)
        section = there[section].successor or section
    return section


# Changing; each is called inside a write transaction.


def add_section(db: Connection, by: Actor, name: str, today: date) -> str:
    """A new section; its name is its id. Adding one that is there changes nothing; the name of one that was closed is taken."""
    only_admin(db, by, today, authority.ADD_A_SECTION)
    name = well_named(name, _SECTION, "section")
    if name not in sections(db, by.bureau):
        db.run(ADD_SECTION, id=name, bureau=by.bureau, name=name)
        return name
    return known_section(db, by.bureau, name, today)


def add_person(
    db: Connection, by: Actor, id: str, name: str, today: date, *, section: str | None = None, login: str | None = None
) -> Person:
    """A new person. Adding the same person once more changes nothing; another person by the same id is refused."""
    only_admin(db, by, today, authority.ADD_A_PERSON)
    id, name = well_named(id, _ID, "id"), well_named(name, _NAME, "name")
    if id == SYSTEM or any(each.isspace() for each in id):
        raise Invalid((Problem("bad-id", _BAD_ID.filled(id=id), field="id"),))
    if section is not None:
        section = known_section(db, by.bureau, section, today)
    everyone = people(db, by.bureau)
    there = next((each for each in everyone if each.id == id), None)
    if there and there.name == name and there.left_on and there.left_on <= today:
        return _come_back(db, there, section, login, today)
    if there and (there.name, there.section_on(today), there.login) == (name, section, login):
        return there
    if there:
        raise Invalid((Problem("taken", _ID_TAKEN.filled(id=id, name=there.name), field="id"),))
    if login is not None:
        login = well_named(login, _LOGIN, "login")
        owner = next((each for each in everyone if each.login == login), None)
        if owner and (owner.left_on is None or owner.left_on > today):
            raise Invalid((Problem("taken", _LOGIN_TAKEN.filled(login=login, name=owner.name), field="login"),))
        db.run(RELEASE_LOGIN, login=login)
    db.run(ADD_PERSON, id=id, bureau=by.bureau, name=name, section=section, login=login)
    return person(db, by.bureau, id)


def _come_back(db: Connection, who: Person, section: str | None, login: str | None, today: date) -> Person:
    """Somebody who left is here again, where they were; posts are given anew."""
    if section not in (None, who.section_on(today)) or login not in (None, who.login):
        raise Invalid((Problem("other-place", _AS_BEFORE.filled(name=who.name, id=who.id), field="section"),))
    db.run(LEFT_ON, person=who.id, left_on=None)
    return replace(who, left_on=None)


def section_meant(
    db: Connection, by: Actor, said: str | None, roles: Iterable[RoleName], today: date, *, own: bool = False
) -> str:
    """The section that a new case is for: the one named, or the only one where they hold one of these roles (or any).

    `own`: it lies in nobody's hands by its section, so that the actor's own in the register is as good as another.
    """
    if said is not None:
        return known_section(db, by.bureau, said, today)
    wanted = set(roles)
    there = open_sections(db, by.bureau, today)
    held = [post for post in by.appointments if post.section in there and post.holds_on(today)]
    places = {post.section for post in held if not wanted or post.role in wanted}
    if not places and own and (place := person(db, by.bureau, by.id).section_on(today)) in there:
        return str(place)
    places = places or set(there)
    if len(places) != 1:
        known = sorted(str(each) for each in places)
        text = _WHICH_SECTION.filled(known=Text("、".join(known), ", ".join(known))) if known else _NO_SECTIONS
        raise Invalid((Problem("which-section", text, field="section"),))
    return str(places.pop())


def look_anew(db: Connection) -> None:
    """Who may act has changed: the sweep's next pass looks whether every open case has hands. Inside the change's transaction."""
    db.run(SET_META, key=LOOKED, value="")


# What must hold.


def present(who: Person, today: date) -> Person:
    """The same person. Raises Invalid where they have left by that day."""
    if who.left_on and who.left_on <= today:
        raise Invalid((Problem("left", _GONE.filled(name=who.name, on=who.left_on, id=who.id), field="person"),))
    return who


def known_section(db: Connection, bureau: str, said: str, on: date) -> str:
    """The section of this name. Raises Invalid where there is none, or where it is closed on that day."""
    there = {each.id: each for each in all_sections(db, bureau)}
    known = [each.id for each in there.values() if each.is_open(on)]
    if said in known:
        return said
    if said in there:
        facts = {"name": said, "on": there[said].closed_on, "successor": successor_on(db, bureau, said, on)}
        raise Invalid((Problem("closed-section", _CLOSED_SECTION.filled(**facts), field="section"),))
    text = _UNKNOWN_SECTION.filled(name=said, known=Text("、".join(known) or "无", ", ".join(known) or "none"))
    raise Invalid((Problem("unknown-section", text if known else _NO_SECTIONS, field="section"),))


def _unknown_person(everyone: Iterable[Person], name: str) -> NotFound:
    names = {said: each for each in everyone for said in (each.id, each.name)}
    near = get_close_matches(name, names, n=1, cutoff=0.4)
    if not near:
        return NotFound(what=_PERSON, name=name, hint="gongkai people list")
    close = names[near[0]]
    return NotFound(_NEAREST, name=name, near=f"{close.name} ({close.id})")


def _appointment(row: Any) -> Appointment:
    return Appointment(
        role=RoleName(str(row["role"])),
        section=str(row["section"]) if row["section"] is not None else None,
        from_on=date.fromisoformat(str(row["from_on"])),
        until_on=_day(row["until_on"]),
        on_behalf_of=str(row["on_behalf_of"]) if row["on_behalf_of"] is not None else None,
        acting=bool(row["acting"]),
    )


def _day(said: object) -> date | None:
    return date.fromisoformat(str(said)) if said is not None else None


_PERSON = Text("人员", "person")
_ID = Text("人员编号", "the id")
_NAME = Text("姓名", "the name")
_LOGIN = Text("登录名", "the login")
_SECTION = Text("科室名称", "the section's name")
_SAME_NAME = Text(
    "有多人名为“{name}”，请改用人员编号：{ids}", "more than one person is called “{name}”; use an id instead: {ids}"
)
_NEAREST = Text(
    "没有找到人员“{name}”；是否为 {near}？可用 gongkai people list 查看",
    "there is no person “{name}”; did you mean {near}? See gongkai people list",
)
_LEFT = Text(
    "{name}已于 {on} 离任，不能再办理；请由现任人员办理",
    "{name} left on {on} and acts no more; somebody who holds the post now can",
)
_BAD_ID = Text(
    "人员编号不能是“{id}”：不得含空格，也不得为 system", "the id cannot be “{id}”: no spaces, and not “system”"
)
_ID_TAKEN = Text("人员编号“{id}”已属于{name}，请另选", "the id “{id}” is {name}'s already; choose another")
_LOGIN_TAKEN = Text("登录名“{login}”已属于{name}，请另选", "the login “{login}” is {name}'s already; choose another")
_WHICH_SECTION = Text("请用 --section 指明科室：{known}", "name the section with --section: {known}")
_UNKNOWN_SECTION = Text(
    "没有科室“{name}”；现有：{known}；增设用 gongkai people section {name}",
    "there is no section “{name}”; there are: {known}; to add it: gongkai people section {name}",
)
_CLOSED_SECTION = Text(
    "科室“{name}”自 {on} 起已撤并，由“{successor}”承接；请改用“{successor}”",
    "section “{name}” was closed on {on}, and “{successor}” took over; say “{successor}” instead",
)
_NO_SECTIONS = Text(
    "还没有科室；请先运行 gongkai people section 科室名",
    "there is no section yet; run gongkai people section NAME first",
)
_GONE = Text(
    "{name}已于 {on} 离任；如已回任，请先运行 gongkai people add {id} {name}，再任命",
    "{name} left on {on}; if they are back, run gongkai people add {id} {name} first, then appoint",
)
_AS_BEFORE = Text(
    "{name}曾离任；请用 gongkai people add {id} {name} 恢复登记，不带 --section 和 --login；要换科室请另用编号登记",
    "{name} had left; bring them back with gongkai people add {id} {name}, without --section and --login; for another "
    "section choose another id",
)
