"""Who may act (人员与任职): sections, people, dated posts, acting posts, delegations, leaving. Reads and changes of these rows.

A post is held from its first to its last day, both included. A delegation (代办) is a post of the delegate's own, held on
behalf of the principal, never longer than the principal's. Only an administrator changes people; but everyone may
delegate their own posts. Nothing here is deleted: what was held on a day can be read years later.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from difflib import get_close_matches
from typing import Any

from storage import authority
from storage.authority import ADMIN as ADMIN
from storage.authority import holders as holders
from storage.authority import only_admin
from storage.naming import plain_days, well_named
from storage.sqlite import Connection
from storage.statements import (
    ADD_PERSON,
    ADD_POST,
    ADD_SECTION,
    ALL_PEOPLE,
    ALL_POSTS,
    ALL_SECTIONS,
    END_POST,
    END_POSTS_OF,
    LEFT_ON,
    PERSON_OF_LOGIN,
    RELEASE_LOGIN,
)
from workflow.case import SYSTEM, Actor, Appointment, RoleName, Unmet, business_date
from workflow.errors import Denied, Invalid, NotFound, Problem
from workflow.model import Role
from workflow.text import Text

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may act, as the register shows them today."""

    id: str
    name: str
    section: str | None
    login: str | None
    left_on: date | None
    appointments: tuple[Appointment, ...]  # every post ever, in the order of their first days

    def roles_on(self, day: date) -> tuple[str, ...]:
        """The roles held on that day, own and delegated, each once."""
        return tuple(dict.fromkeys(post.role for post in self.appointments if post.holds_on(day)))

    def to_json(self, day: date) -> dict[str, object]:
        """The person as `people list --json` shows them."""
        return {"id": self.id, "name": self.name, "section": self.section, "roles": list(self.roles_on(day))}


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
    return tuple(
        Person(
            id=row["id"],
            name=row["name"],
            section=row["section"],
            login=row["login"],
            left_on=_day(row["left_on"]),
            appointments=tuple(posts.get(row["id"], ())),
        )
        for row in db.all(ALL_PEOPLE, bureau=bureau)
    )


def actor(db: Connection, bureau: str, said: str, today: date, via: str) -> Actor:
    """The person as one who acts, with every post of theirs; who has left acts no more."""
    who = person(db, bureau, said)
    if who.left_on and who.left_on <= today:
        text = _LEFT.filled(name=who.name, on=who.left_on)
        raise Denied(Text("办理", "act"), (Unmet("left", text, "role"),))
    return Actor(who.id, who.name, bureau, who.appointments, via)


def person_of_login(db: Connection, bureau: str, login: str, today: date) -> str | None:
    """The id of the person whom the system knows by this login, unless they have left."""
    row = db.one(PERSON_OF_LOGIN, bureau=bureau, login=login)
    return str(row["id"]) if row and (row["left_on"] is None or row["left_on"] > today.isoformat()) else None


def sections(db: Connection, bureau: str) -> tuple[str, ...]:
    """The sections' ids, by name."""
    return tuple(row["id"] for row in db.all(ALL_SECTIONS, bureau=bureau))


# Changing; each is called inside a write transaction.


def add_section(db: Connection, by: Actor, name: str, today: date) -> str:
    """A new section; its name is its id. Adding one that is there changes nothing."""
    only_admin(db, by, today, authority.ADD_A_SECTION)
    name = well_named(name, _SECTION, "section")
    if name not in sections(db, by.bureau):
        db.run(ADD_SECTION, id=name, bureau=by.bureau, name=name)
    return name


def add_person(
    db: Connection, by: Actor, id: str, name: str, today: date, *, section: str | None = None, login: str | None = None
) -> Person:
    """A new person. Adding the same person once more changes nothing; another person by the same id is refused."""
    only_admin(db, by, today, authority.ADD_A_PERSON)
    id, name = well_named(id, _ID, "id"), well_named(name, _NAME, "name")
    if id == SYSTEM or any(each.isspace() for each in id):
        raise Invalid((Problem("bad-id", _BAD_ID.filled(id=id), field="id"),))
    if section is not None:
        section = _known_section(db, by.bureau, section)
    everyone = people(db, by.bureau)
    there = next((each for each in everyone if each.id == id), None)
    if there and there.name == name and there.left_on and there.left_on <= today:
        return _come_back(db, there, section, login)
    if there and (there.name, there.section, there.login) == (name, section, login):
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


def _come_back(db: Connection, who: Person, section: str | None, login: str | None) -> Person:
    """Somebody who left is here again, where they were; posts are given anew."""
    if section not in (None, who.section) or login not in (None, who.login):
        raise Invalid((Problem("other-place", _AS_BEFORE.filled(name=who.name, id=who.id), field="section"),))
    db.run(LEFT_ON, person=who.id, left_on=None)
    return replace(who, left_on=None)


def appoint(
    db: Connection,
    by: Actor,
    said: str,
    role: str,
    roles: Mapping[RoleName, Role],
    today: date,
    *,
    section: str | None = None,
    from_on: date | None = None,
    until_on: date | None = None,
    acting: bool = False,
) -> Appointment:
    """A post for a person, from today if no day is said. The same post once more changes nothing; an overlap is refused."""
    only_admin(db, by, today, authority.APPOINT)
    plain_days(from_on=from_on, until_on=until_on)
    who = _present(person(db, by.bureau, said), today)
    declared = _declared_role(role, roles)
    if declared.scope == "section":
        section = section or who.section
        if section is None:
            raise Invalid((Problem("needs-section", _NEEDS_SECTION.filled(role=declared.label), field="section"),))
        section = _known_section(db, by.bureau, section)
    elif section is not None:
        raise Invalid((Problem("no-section", _NO_SECTION.filled(role=declared.label), field="section"),))
    post = Appointment(declared.name, section, from_on or today, until_on, None, acting)
    for there in who.appointments if from_on is None else ():
        if there.holds_on(today) and replace(there, from_on=today) == post:
            return there
    return _take_up(db, by.bureau, who, post, declared.label)


def delegate(
    db: Connection,
    by: Actor,
    said: str,
    to: str,
    roles: Mapping[RoleName, Role],
    today: date,
    *,
    role: str | None = None,
    from_on: date | None = None,
    until_on: date | None = None,
) -> tuple[Appointment, ...]:
    """The principal's posts (or those of one role), exercised by the delegate in the period; own posts only, never longer."""
    principal = person(db, by.bureau, said)
    if principal.id != by.id:
        only_admin(db, by, today, authority.DELEGATE, of_a_post=True)
    plain_days(from_on=from_on, until_on=until_on)
    _present(principal, today)
    delegate_ = _present(person(db, by.bureau, to), today)
    if principal.id == delegate_.id:
        raise Invalid((Problem("self", _TO_SELF.filled(name=principal.name), field="to"),))
    starts = from_on or today
    _sane(starts, until_on)
    wanted = _declared_role(role, roles).name if role is not None else None
    theirs = tuple(
        post for post in principal.appointments if post.on_behalf_of is None and _meets(post, starts, until_on)
    )
    posts = tuple(post for post in theirs if wanted in (None, post.role))
    if not posts:
        held = "、".join(dict.fromkeys(_labelled(roles, post.role).zh for post in theirs)) or "无"
        held_en = ", ".join(dict.fromkeys(_labelled(roles, post.role).en for post in theirs)) or "none"
        text = _NOT_HELD.filled(name=principal.name, held=Text(held, held_en))
        raise Invalid((Problem("not-held", text, field="role"),))
    return tuple(
        _take_up(
            db,
            by.bureau,
            delegate_,
            Appointment(
                post.role,
                post.section,
                max(starts, post.from_on),
                min((day for day in (until_on, post.until_on) if day), default=None),
                principal.id,
                post.acting,
            ),
            _labelled(roles, post.role),
        )
        for post in posts
    )


def end_post(
    db: Connection,
    by: Actor,
    said: str,
    role: str,
    roles: Mapping[RoleName, Role],
    today: date,
    *,
    section: str | None = None,
    last_on: date | None = None,
) -> int:
    """End the posts of this role (in this section, if said) after their last day, delegations of them included."""
    who = person(db, by.bureau, said)
    if who.id != by.id:
        only_admin(db, by, today, authority.END_A_POST, of_a_post=True)
    plain_days(last_on=last_on)
    declared, last = _declared_role(role, roles), last_on or today
    posts = [
        post
        for post in who.appointments
        if post.role == declared.name and section in (None, post.section) and _meets(post, last + ONE_DAY, None)
    ]
    if not posts:
        text = _NOTHING_TO_END.filled(name=who.name, role=declared.label, on=last)
        raise Invalid((Problem("not-held", text, field="role"),))
    if declared.name == ADMIN:
        _keep_an_admin(db, by.bureau, who, last + ONE_DAY)
    for post in posts:
        db.run(END_POST, person=who.id, role=post.role, section=post.section, last_on=last.isoformat())
    return len(posts)


def leave(db: Connection, by: Actor, said: str, today: date, *, on: date | None = None) -> Person:
    """The person is gone from that day: posts, delegations given and received, and the login end the day before."""
    only_admin(db, by, today, authority.LET_LEAVE)
    plain_days(on=on)
    who, gone_on = person(db, by.bureau, said), on or today
    if who.left_on == gone_on or (who.left_on and who.left_on <= today):
        return who
    _keep_an_admin(db, by.bureau, who, gone_on)
    db.run(END_POSTS_OF, person=who.id, last_on=(gone_on - ONE_DAY).isoformat())
    db.run(LEFT_ON, person=who.id, left_on=gone_on.isoformat())
    return person(db, by.bureau, who.id)


def first_admin(db: Connection, bureau: str, id: str, name: str, login: str | None, now: datetime) -> None:
    """The first person of a new bureau, who appoints all others."""
    db.run(ADD_PERSON, id=id, bureau=bureau, name=name, section=None, login=login)
    post = Appointment(ADMIN, None, business_date(now), None)
    _take_up(db, bureau, person(db, bureau, id), post, authority.ADMIN_LABEL)


def section_meant(
    db: Connection, by: Actor, said: str | None, roles: Iterable[RoleName], today: date, *, own: bool = False
) -> str:
    """The section that a new case is for: the one named, or the only one where they hold one of these roles (or any).

    `own`: it lies in nobody's hands by its section, so that the actor's own in the register is as good as another.
    """
    if said is not None:
        return _known_section(db, by.bureau, said)
    wanted = set(roles)
    held = [post for post in by.appointments if post.section and post.holds_on(today)]
    places = {post.section for post in held if not wanted or post.role in wanted}
    if not places and own and (place := person(db, by.bureau, by.id).section):
        return place
    places = places or set(sections(db, by.bureau))
    if len(places) != 1:
        known = sorted(str(each) for each in places)
        text = _WHICH_SECTION.filled(known=Text("、".join(known), ", ".join(known))) if known else _NO_SECTIONS
        raise Invalid((Problem("which-section", text, field="section"),))
    return str(places.pop())


# What must hold.


def _keep_an_admin(db: Connection, bureau: str, who: Person, on: date) -> None:
    """Refuse what would leave the bureau without anyone who may change people."""
    if not _administers(who, on):
        return
    if not any(_administers(each, on) for each in people(db, bureau) if each.id != who.id):
        raise Invalid((Problem("last-admin", _LAST_ADMIN.filled(name=who.name), field="person"),))


def _administers(who: Person, on: date) -> bool:
    stays = who.left_on is None or who.left_on > on
    return stays and any(p.role == ADMIN and p.on_behalf_of is None and p.holds_on(on) for p in who.appointments)


def _present(who: Person, today: date) -> Person:
    if who.left_on and who.left_on <= today:
        raise Invalid((Problem("left", _GONE.filled(name=who.name, on=who.left_on, id=who.id), field="person"),))
    return who


def _take_up(db: Connection, bureau: str, who: Person, post: Appointment, label: Text) -> Appointment:
    """Write the post, unless it is there already; refuse one that overlaps another of the same kind."""
    _sane(post.from_on, post.until_on)
    if who.left_on and (post.until_on is None or post.until_on >= who.left_on):
        raise Invalid((Problem("left", _LEAVES.filled(name=who.name, on=who.left_on), field="until"),))
    for there in who.appointments:
        same = (there.role, there.section, there.on_behalf_of) == (post.role, post.section, post.on_behalf_of)
        if same and there == post:
            return there
        if same and _meets(there, post.from_on, post.until_on):
            until = Text("长期", "open end") if there.until_on is None else there.until_on
            text = _OVERLAP.filled(name=who.name, role=label, from_on=there.from_on, until=until)
            raise Invalid((Problem("overlap", text, field="role"),))
    db.run(
        ADD_POST,
        bureau=bureau,
        person=who.id,
        role=post.role,
        section=post.section,
        from_on=post.from_on.isoformat(),
        until_on=post.until_on.isoformat() if post.until_on else None,
        acting=int(post.acting),
        on_behalf_of=post.on_behalf_of,
    )
    return post


def _sane(from_on: date, until_on: date | None) -> None:
    if until_on is not None and until_on < from_on:
        raise Invalid((Problem("bad-period", _BACKWARDS.filled(from_on=from_on, until_on=until_on), field="until"),))


def _meets(post: Appointment, from_on: date, until_on: date | None) -> bool:
    """Whether the post is held on any day of the period."""
    empty = post.until_on is not None and post.until_on < post.from_on
    begins_in_time = until_on is None or post.from_on <= until_on
    return not empty and begins_in_time and (post.until_on is None or post.until_on >= from_on)


def _declared_role(role: str, roles: Mapping[RoleName, Role]) -> Role:
    said = role.strip().casefold()
    known = [each for each in roles.values() if each.name != SYSTEM]
    declared = next((r for r in known if said in (r.name, r.label.zh.casefold(), r.label.en.casefold())), None)
    if declared is None:
        text = _UNKNOWN_ROLE.filled(
            role=role,
            known=Text("、".join(f"{r.name}（{r.label.zh}）" for r in known), ", ".join(r.name for r in known)),
        )
        raise Invalid((Problem("unknown-role", text, field="role"),))
    return declared


def _labelled(roles: Mapping[RoleName, Role], role: RoleName) -> Text:
    return roles[role].label if role in roles else Text(role, role)


def _known_section(db: Connection, bureau: str, said: str) -> str:
    known = sections(db, bureau)
    if said not in known:
        text = _UNKNOWN_SECTION.filled(name=said, known=Text("、".join(known) or "无", ", ".join(known) or "none"))
        text = text if known else _NO_SECTIONS
        raise Invalid((Problem("unknown-section", text, field="section"),))
    return said


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
_LEAVES = Text("{name}将于 {on} 离任，任期须在此之前结束", "{name} leaves on {on}; the post must end before that day")
_BAD_ID = Text(
    "人员编号不能是“{id}”：不得含空格，也不得为 system", "the id cannot be “{id}”: no spaces, and not “system”"
)
_ID_TAKEN = Text("人员编号“{id}”已属于{name}，请另选", "the id “{id}” is {name}'s already; choose another")
_LOGIN_TAKEN = Text("登录名“{login}”已属于{name}，请另选", "the login “{login}” is {name}'s already; choose another")
_NEEDS_SECTION = Text(
    "“{role}”按科室任职，请用 --section 指明科室", "“{role}” is held in a section; name it with --section"
)
_NO_SECTION = Text("“{role}”为全局职务，不分科室，请去掉 --section", "“{role}” is for the whole bureau; drop --section")
_UNKNOWN_ROLE = Text("没有职务“{role}”；可用：{known}", "there is no role “{role}”; there are: {known}")
_WHICH_SECTION = Text("请用 --section 指明科室：{known}", "name the section with --section: {known}")
_UNKNOWN_SECTION = Text(
    "没有科室“{name}”；现有：{known}；增设用 gongkai people section {name}",
    "there is no section “{name}”; there are: {known}; to add it: gongkai people section {name}",
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
_BACKWARDS = Text(
    "起始日 {from_on} 晚于终止日 {until_on}，请改正",
    "the first day {from_on} lies after the last day {until_on}; mend it",
)
_OVERLAP = Text(
    "{name}在 {from_on} 至 {until} 已任“{role}”，任期不得重叠；请先结束原任职或改换日期",
    "{name} already holds “{role}” from {from_on} until {until}; end that post first or choose other days",
)
_TO_SELF = Text("{name}不能委托给本人，请另选受托人", "{name} cannot delegate to themselves; choose somebody else")
_NOT_HELD = Text(
    "{name}在此期间没有可委托的这一职务；可委托：{held}（受托的职务不得转委托）",
    "{name} has no such post to delegate in that period; there is: {held} (a delegated post is not delegated on)",
)
_NOTHING_TO_END = Text(
    "{name}在 {on} 之后没有“{role}”的任职，无需结束",
    "{name} holds no post “{role}” after {on}; there is nothing to end",
)
_LAST_ADMIN = Text(
    "{name}是唯一的系统管理员；请先任命另一位（gongkai people appoint … admin）",
    "{name} is the only administrator; appoint another first (gongkai people appoint … admin)",
)
