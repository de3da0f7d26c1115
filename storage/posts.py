"""Who holds which post (任职): appointments, delegations (代办), ends of posts, leaving.

A post is held from its first to its last day, both included, whatever days these are. A delegation is a post of the delegate's
own, held on behalf of the principal, never longer than the principal's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from storage import authority
from storage.accounts import one_person
from storage.authority import ADMIN, is_admin, only_admin
from storage.backdated import refuse_before_acts
from storage.connection import Connection
from storage.naming import plain_days
from storage.people import ONE_DAY, Person, known_section, look_anew, people, person, present
from storage.statements import ADD_PERSON, ADD_POST, END_DELEGATION, END_POST, END_POSTS_OF, LEFT_ON
from workflow.case import SYSTEM, Actor, Appointment, RoleName, accounts_of, business_date
from workflow.errors import Invalid, Problem
from workflow.model import Role
from workflow.text import Text, listed


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
    who = present(person(db, by.bureau, said), today)
    declared = _declared_role(role, roles)
    if declared.scope == "section":
        section = section or who.section_on(from_on or today)
        if section is None:
            raise Invalid((Problem("needs-section", _NEEDS_SECTION.filled(role=declared.label), field="section"),))
        section = known_section(db, by.bureau, section, from_on or today)
    elif section is not None:
        raise Invalid((Problem("no-section", _NO_SECTION.filled(role=declared.label), field="section"),))
    post = Appointment(declared.name, section, from_on or today, until_on, None, acting)
    for there in who.appointments if from_on is None else ():
        if there.holds_on(today) and replace(there, from_on=today) == post:
            return there
    return take_up(db, by.bureau, who, post, declared.label)


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
    present(principal, today)
    delegate_ = present(person(db, by.bureau, to), today)
    if delegate_ in of_one_person(db, by.bureau, principal):
        raise Invalid((Problem("self", _TO_SELF.filled(name=principal.name), field="to"),))
    starts = from_on or today
    _sane(starts, until_on)
    wanted = _declared_role(role, roles).name if role is not None else None
    theirs = tuple(
        post for post in principal.appointments if post.on_behalf_of is None and meets(post, starts, until_on)
    )
    posts = tuple(post for post in theirs if wanted in (None, post.role))
    if not posts:
        held = "、".join(dict.fromkeys(labelled(roles, post.role).zh for post in theirs)) or "无"
        held_en = ", ".join(dict.fromkeys(labelled(roles, post.role).en for post in theirs)) or "none"
        text = _NOT_HELD.filled(name=principal.name, held=Text(held, held_en))
        raise Invalid((Problem("not-held", text, field="role"),))
    return tuple(
        take_up(
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
            labelled(roles, post.role),
        )
        for post in posts
    )


@dataclass(frozen=True, slots=True)
class Ended:
    """Whose posts of one role are over, which, after which day, and whether anything changed."""

    person: Person
    posts: tuple[Appointment, ...]
    last_on: date
    is_new: bool


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
) -> Ended:
    """The posts of this role (in this section, if said) are over after their last day, and delegations of them; once more changes nothing.

    Who delegated a post may end the delegation, and nothing else of the delegate.
    """
    who = person(db, by.bureau, said)
    plain_days(last_on=last_on)
    declared, last = _declared_role(role, roles), last_on or today
    of_role = [post for post in who.appointments if post.role == declared.name and section in (None, post.section)]
    if who.id != by.id and not is_admin(by, today):
        of_role = [post for post in of_role if post.on_behalf_of == by.id]
        if not of_role:
            only_admin(db, by, today, authority.END_A_POST, of_a_post=True)
    posts = tuple(post for post in of_role if meets(post, last + ONE_DAY, None))
    if not posts:
        return _over_already(who, of_role, declared, section, roles, last)
    refuse_before_acts(db, who.id, who.name, posts, last + ONE_DAY, today)
    if declared.name == ADMIN:
        _keep_an_admin(db, by.bureau, who, last + ONE_DAY)
    look_anew(db)
    for post in posts:
        which = {"person": who.id, "role": post.role, "section": post.section, "last_on": last.isoformat()}
        if post.on_behalf_of:
            db.run(END_DELEGATION, principal=post.on_behalf_of, **which)
        else:
            db.run(END_POST, **which)
    return Ended(who, tuple(replace(post, until_on=last) for post in posts), last, is_new=True)


def _over_already(
    who: Person,
    of_role: Iterable[Appointment],
    declared: Role,
    section: str | None,
    roles: Mapping[RoleName, Role],
    last: date,
) -> Ended:
    """When the posts of this role ended; Invalid, with the posts that there are, where there were none."""
    ends = [(post.until_on, post) for post in of_role if post.until_on]
    if ends:
        ended_on = max(day for day, _ in ends)
        return Ended(who, tuple(post for day, post in ends if day == ended_on), ended_on, is_new=False)
    there = [_in_place(post, roles) for post in who.appointments if meets(post, last + ONE_DAY, None)]
    facts = {
        "name": who.name,
        "role": _placed(declared.label, section),
        "on": last + ONE_DAY,
        "held": listed(dict.fromkeys(there)) if there else _NO_POSTS,
    }
    raise Invalid((Problem("not-held", _NOTHING_TO_END.filled(**facts), field="role"),))


def leave(db: Connection, by: Actor, said: str, today: date, *, on: date | None = None) -> Person:
    """The person is gone from that day: posts, delegations given and received, and the login end the day before."""
    only_admin(db, by, today, authority.LET_LEAVE)
    plain_days(on=on)
    who, gone_on = person(db, by.bureau, said), on or today
    if who.left_on == gone_on or (who.left_on and who.left_on <= today):
        return who
    refuse_before_acts(db, who.id, who.name, who.appointments, gone_on, today)
    _keep_an_admin(db, by.bureau, who, gone_on)
    look_anew(db)
    db.run(END_POSTS_OF, person=who.id, last_on=(gone_on - ONE_DAY).isoformat())
    db.run(LEFT_ON, person=who.id, left_on=gone_on.isoformat())
    return person(db, by.bureau, who.id)


def first_admin(db: Connection, bureau: str, id: str, name: str, login: str | None, now: datetime) -> None:
    """The first person of a new bureau, who appoints all others."""
    db.run(ADD_PERSON, id=id, bureau=bureau, name=name, section=None, login=login)
    post = Appointment(ADMIN, None, business_date(now), None)
    take_up(db, bureau, person(db, bureau, id), post, authority.ADMIN_LABEL)


# What must hold.


def _keep_an_admin(db: Connection, bureau: str, who: Person, on: date) -> None:
    """Refuse what would leave the bureau without anyone who may change people."""
    if not _administers(who, on):
        return
    if not any(_administers(each, on) for each in people(db, bureau) if each.id != who.id):
        raise Invalid((Problem("last-admin", _LAST_ADMIN.filled(name=who.name), field="person"),))


def keep_apart(holders: Iterable[Person], post: Appointment, label: Text) -> None:
    """Whoever manages people or reads all has no other post on the same days, by whatever name or account (三员分立).

    Raises Invalid, with the post that one of these accounts of the person holds.
    """
    for who in holders:
        for there in who.appointments:
            is_apart = there.role != post.role and {there.role, post.role} & APART
            if is_apart and meets(there, post.from_on, post.until_on):
                until = there.until_on or Text("长期", "open end")
                facts = {"name": who.name, "id": who.id, "role": label}
                of = _APART_LABELS.get(there.role, there.role)
                text = _KEPT_APART.filled(**facts, there=of, from_on=there.from_on, until=until)
                raise Invalid((Problem("kept-apart", text, field="role"),))


def of_one_person(db: Connection, bureau: str, who: Person) -> tuple[Person, ...]:
    """The register's entries for every account of this person, their own first."""
    others = accounts_of((who.id,), one_person(db))[1:]
    return (who, *(each for each in people(db, bureau) if each.id in others)) if others else (who,)


def _administers(who: Person, on: date) -> bool:
    stays = who.left_on is None or who.left_on > on
    return stays and any(p.role == ADMIN and p.on_behalf_of is None and p.holds_on(on) for p in who.appointments)


def take_up(db: Connection, bureau: str, who: Person, post: Appointment, label: Text) -> Appointment:
    """Write the post, unless it is there already; refuse one that overlaps another of the same kind."""
    _sane(post.from_on, post.until_on)
    if who.left_on and (post.until_on is None or post.until_on >= who.left_on):
        raise Invalid((Problem("left", _LEAVES.filled(name=who.name, on=who.left_on), field="until"),))
    keep_apart(of_one_person(db, bureau, who), post, label)
    for there in who.appointments:
        same = (there.role, there.section, there.on_behalf_of) == (post.role, post.section, post.on_behalf_of)
        if same and there == post:
            return there
        if same and meets(there, post.from_on, post.until_on):
            until = Text("长期", "open end") if there.until_on is None else there.until_on
            text = _OVERLAP.filled(name=who.name, role=label, from_on=there.from_on, until=until)
            raise Invalid((Problem("overlap", text, field="role"),))
    look_anew(db)
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


def held_on(
    db: Connection, bureau: str, said: str, post: Appointment, from_on: date, label: Text
) -> Iterator[Appointment]:
    """The post from that day on, for as long as the person does not hold the same one already."""
    starts = max(post.from_on, from_on)
    who = person(db, bureau, said)
    same = [
        each
        for each in who.appointments
        if (each.role, each.section, each.on_behalf_of) == (post.role, post.section, post.on_behalf_of)
        and meets(each, starts, post.until_on)
    ]
    for there in sorted(same, key=lambda each: each.from_on):
        if there.from_on > starts:
            yield take_up(db, bureau, who, replace(post, from_on=starts, until_on=there.from_on - ONE_DAY), label)
        if there.until_on is None:
            return
        starts = there.until_on + ONE_DAY
    if post.until_on is None or starts <= post.until_on:
        yield take_up(db, bureau, who, replace(post, from_on=starts), label)


def _sane(from_on: date, until_on: date | None) -> None:
    if until_on is not None and until_on < from_on:
        raise Invalid((Problem("bad-period", _BACKWARDS.filled(from_on=from_on, until_on=until_on), field="until"),))


def meets(post: Appointment, from_on: date, until_on: date | None) -> bool:
    """Whether the post is held on any day of the period."""
    begins_in_time = until_on is None or post.from_on <= until_on
    return not post.is_empty and begins_in_time and (post.until_on is None or post.until_on >= from_on)


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


def _in_place(post: Appointment, roles: Mapping[RoleName, Role]) -> Text:
    return _placed(labelled(roles, post.role), post.section)


def _placed(label: Text, section: str | None) -> Text:
    return _IN_SECTION.filled(role=label, section=section) if section else label


def labelled(roles: Mapping[RoleName, Role], role: RoleName) -> Text:
    """What a role is called; its name where no definition here knows it any more."""
    return roles[role].label if role in roles else Text(role, role)


#: 系统管理员 and 审计监督员: they have no business step, and none of the other's (docs/access.md).
APART = frozenset({ADMIN, RoleName("auditor")})
_APART_LABELS = {ADMIN: authority.ADMIN_LABEL, RoleName("auditor"): Text("审计监督员", "auditor")}
_KEPT_APART = Text(
    "{name}（{id}）在 {from_on} 至 {until} 任“{there}”，不能同时任“{role}”：系统管理、审计与业务办理须由不同的人担任；请另选他人，或先结束原任职",
    "{name} ({id}) holds “{there}” from {from_on} until {until} and cannot hold “{role}” as well: who manages people, who audits and "
    "who acts on cases are different persons; choose somebody else, or end that post first",
)
_LEAVES = Text("{name}将于 {on} 离任，任期须在此之前结束", "{name} leaves on {on}; the post must end before that day")
_NEEDS_SECTION = Text(
    "“{role}”按科室任职，请用 --section 指明科室", "“{role}” is held in a section; name it with --section"
)
_NO_SECTION = Text("“{role}”为全局职务，不分科室，请去掉 --section", "“{role}” is for the whole bureau; drop --section")
_UNKNOWN_ROLE = Text("没有职务“{role}”；可用：{known}", "there is no role “{role}”; there are: {known}")
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
_IN_SECTION = Text("{role}（{section}）", "{role} ({section})")
_NO_POSTS = Text("无", "none")
_NOTHING_TO_END = Text(
    "{name}没有“{role}”的任职；自 {on} 起的任职有：{held}",
    "{name} holds no post “{role}”; from {on} on there is: {held}",
)
_LAST_ADMIN = Text(
    "{name}是唯一的系统管理员；请先任命另一位（gongkai people appoint … admin）",
    "{name} is the only administrator; appoint another first (gongkai people appoint … admin)",
)
