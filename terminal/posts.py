"""`gongkai people appoint`, `delegate`, `end`, `leave`: dated posts as they are typed and said, and what is then without hands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from terminal.render import Block, Line, Tinted, Tone
from terminal.session import Session, in_session
from terminal.tongue import Example, argument, command, option
from terminal.typed import day
from workflow.case import Actor, Appointment, RoleName, business_date
from workflow.text import Text, listed

if TYPE_CHECKING:
    from storage import Desk
    from storage.people import Person
    from workflow.model import Role

ONE_DAY = timedelta(days=1)

WHOM = Text("人员编号或姓名", "id or name of a person")
_FROM = Text("第一天，默认今天", "first day, today if not said")
_UNTIL = Text("最后一天（含）", "last day, included")


# How a post is said; the other words for people say it so too.


def post_facts(post: Appointment) -> dict[str, object]:
    """A dated post as the JSON surface shows it."""
    return {
        "role": post.role,
        "section": post.section,
        "from_on": post.from_on.isoformat(),
        "until_on": post.until_on.isoformat() if post.until_on else None,
        "acting": post.acting,
        "for": post.on_behalf_of,
    }


def names_of(desk: Desk, actor: Actor) -> dict[str, Text]:
    """What everyone in the register is called, by their id: the name, and the id by which they are typed."""
    return {each.id: called(each) for each in desk.people(actor)}


def called(who: Person) -> Text:
    """Somebody by their name, with the id in brackets."""
    return _CALLED.filled(name=who.name, id=who.id)


def post_said(post: Appointment, today: date, roles: dict[RoleName, Role], names: Mapping[str, Text]) -> Text:
    """A post with its section, whose it is, and its days as far as they need to be told."""
    role = roles.get(post.role)
    said = role.label if role else Text(post.role, post.role)
    if role and role.scope == "section" and post.section:
        said = _IN_SECTION.filled(role=said, section=post.section)
    if post.acting:
        said = _ACTING.filled(role=said)
    if post.on_behalf_of:
        said = _FOR.filled(role=said, principal=names.get(post.on_behalf_of, post.on_behalf_of))
    if post.from_on > today:
        said = _LATER.filled(role=said, on=post.from_on)
    return _UNTIL_SAID.filled(role=said, on=post.until_on) if post.until_on else said


def roles_of(desk: Desk) -> dict[RoleName, Role]:
    """The roles that any definition in force knows."""
    return dict(desk.roles())


def bereft_facts(bereft: Iterable[tuple[str, str, int]]) -> list[dict[str, object]]:
    """What is in nobody's hands, as the JSON surface shows it."""
    return [{"role": role, "section": place, "cases": count} for role, place, count in bereft]


def tell_bereft(
    session: Session,
    bereft: Iterable[tuple[str, str, int]],
    roles: dict[RoleName, Role],
    on: date,
    away: tuple[str, date] | None = None,
) -> None:
    """What is in nobody's hands from that day on, and the line that mends it; `away`: whose posts rest until which day."""
    for name, place, count in bereft:
        role = roles.get(RoleName(name))
        facts = {"role": role.label if role else name, "section": place, "count": count, "on": on}
        where = f" --section {place}" if role and role.scope == "section" else ""
        appointed = f"gongkai people appoint {session.read(_WHO)} {name}{where}"
        if away:
            period = f"--role {name} --from {on} --until {away[1]}"
            delegated = f"gongkai people delegate {away[0]} {session.read(_WHO)} {period}"
            session.remark(_RESTS.filled(**facts), delegated, appointed)
        else:
            session.remark(_BEREFT.filled(**facts), appointed)


def _days(from_on: str | None, until_on: str | None) -> tuple[date | None, date | None]:
    return day(from_on, "--from") if from_on else None, day(until_on, "--until") if until_on else None


def ticked(session: Session, text: Text) -> Block:
    """The sentence of what was done."""
    return Line((Tinted("✓ ", Tone.GOOD), session.read(text)))


# The words.


@command(
    examples=(
        Example(
            "gongkai people appoint liuqiang drafter --as admin", Text("自今日起任拟稿人", "drafter from today on")
        ),
        Example(
            "gongkai people appoint songtao leader --acting --until 2026-12-31 --as admin",
            Text("代理局领导至年底", "acting leader until the end of the year"),
        ),
    ),
)
@argument("person", says=WHOM)
@argument("role", says=Text("职务，见 definitions show", "the role; see definitions show"))
@option("--section", says=Text("任职科室，默认本人所在科室", "where; the person's own section if not said"))
@option("--from", "from_on", metavar="DATE", says=_FROM)
@option("--until", "until_on", metavar="DATE", says=_UNTIL)
@option("--acting", is_flag=True, says=Text("代理职务", "an acting post"))
@in_session
def appoint(
    session: Session,
    person: str,
    role: str,
    section: str | None,
    from_on: str | None,
    until_on: str | None,
    acting: bool,
) -> None:
    """A dated post."""
    first, last = _days(from_on, until_on)
    with session.desk() as desk:
        actor = session.actor(desk)
        before = [each for each in desk.people(actor) if person in (each.id, each.name)]
        post = desk.appoint(actor, person, role, section=section, from_on=first, until_on=last, acting=acting)
        said = post_said(post, post.from_on, roles_of(desk), names_of(desk, actor))
    is_new, who = all(post not in each.appointments for each in before), called(before[0])
    session.answer(
        {"person": person, "posts": [post_facts(post)], "new": is_new},
        ticked(session, (_APPOINTED if is_new else _HELD_ALREADY).filled(person=who, post=said, on=post.from_on)),
    )


@command(
    examples=(
        Example(
            "gongkai people delegate linfang zhaoqiming --until 2026-12-31 --as linfang",
            Text("今天起到年底由赵启明代办", "until the end of the year, from today"),
        ),
    ),
)
@argument("person", says=Text("委托人", "whose posts"))
@argument("to", says=Text("受托人", "who acts for them"))
@option("--role", says=Text("只委托这一职务", "this role only"))
@option("--from", "from_on", metavar="DATE", says=_FROM)
@option("--until", "until_on", metavar="DATE", says=_UNTIL)
@in_session
def delegate(
    session: Session, person: str, to: str, role: str | None, from_on: str | None, until_on: str | None
) -> None:
    """Posts exercised by somebody else for a time."""
    first, last = _days(from_on, until_on)
    with session.desk() as desk:
        actor = session.actor(desk)
        posts = desk.delegate(actor, person, to, role=role, from_on=first, until_on=last)
        names = names_of(desk, actor)
        said = listed(post_said(post, post.from_on, roles_of(desk), names) for post in posts)
        whose, whom = (
            next(called(each) for each in desk.people(actor) if who in (each.id, each.name)) for who in (person, to)
        )
    session.answer(
        {"person": person, "to": to, "posts": [post_facts(post) for post in posts]},
        ticked(session, _DELEGATED.filled(person=whose, to=whom, posts=said)),
    )


@command(
    more=Text(
        "只止这一职务，其余照旧；由此而来的委托同时结束。--on 是第一天不再任职的那天。",
        "This post is over, the others go on; what was delegated of it ends with it. --on is the first day on which it is not held.",
    ),
    examples=(
        Example("gongkai people end liuqiang section_head --as admin", Text("今日起不再任科室负责人", "not the head from today on")),
        Example(
            "gongkai people end wangmin drafter --section 预算科 --on 2027-01-01 --as admin",
            Text("元旦起不再任预算科拟稿人", "not a drafter of 预算科 from 1 January on"),
        ),
    ),
)  # fmt: skip
@argument("person", says=WHOM)
@argument("role", says=Text("职务，见 people list", "the role; see people list"))
@option("--section", says=Text("只止在这一科室的", "only in this section"))
@option("--on", metavar="DATE", says=Text("不再任职的第一天，默认今天", "the first day without it, today if not said"))
@in_session
def end(session: Session, person: str, role: str, section: str | None, on: str | None) -> None:
    """One post is over."""
    free_on = day(on, "--on") if on else None
    with session.desk() as desk:
        wanted = free_on or business_date(desk.now())
        held = set(desk.staffing.unmanned(wanted))
        actor = session.actor(desk)
        ended = desk.end_post(actor, person, role, section=section, last_on=wanted - ONE_DAY)
        bereft = [each for each in desk.staffing.unmanned(wanted) if each not in held]
        roles, names = roles_of(desk), names_of(desk, actor)
    over_on = ended.last_on + ONE_DAY
    posts = listed(post_said(replace(each, until_on=None), over_on, roles, names) for each in ended.posts)
    text = (_ENDED if ended.is_new else _ENDED_ALREADY).filled(person=called(ended.person), posts=posts, on=over_on)
    session.answer(
        {
            "person": ended.person.id,
            "role": ended.posts[0].role,
            "on": over_on.isoformat(),
            "new": ended.is_new,
            "ended": [post_facts(each) for each in ended.posts],
            "unmanned": bereft_facts(bereft),
        },
        ticked(session, text),
    )
    tell_bereft(session, bereft, roles, over_on)


@command(
    examples=(
        Example("gongkai people leave xujia --on 2026-12-31 --as admin", Text("12 月 31 日离任", "on 31 December")),
    ),
)
@argument("person", says=WHOM)
@option("--on", metavar="DATE", says=Text("离任之日，默认今天", "the day, today if not said"))
@in_session
def leave(session: Session, person: str, on: str | None) -> None:
    """Somebody leaves."""
    gone_on = day(on, "--on") if on else None
    with session.desk() as desk:
        actor = session.actor(desk)
        wanted = gone_on or business_date(desk.now())
        before = next((each for each in desk.people(actor) if person in (each.id, each.name)), None)
        held = set(desk.staffing.unmanned(wanted))
        who = desk.leave(actor, person, on=gone_on)
        bereft = [each for each in desk.staffing.unmanned(wanted) if each not in held]
        roles = roles_of(desk)
    left_on = who.left_on or wanted
    said = (_GONE_ALREADY if before == who else _GONE).filled(person=called(who), on=left_on)
    session.answer(
        {
            "person": person,
            "left_on": left_on.isoformat(),
            "unmanned": bereft_facts(bereft),
        },
        ticked(session, said),
    )
    tell_bereft(session, bereft, roles, left_on)


_CALLED = Text("{name}（{id}）", "{name} ({id})")
_IN_SECTION = Text("{role}（{section}）", "{role} ({section})")
_ACTING = Text("代理{role}", "acting {role}")
_FOR = Text("{role}［代{principal}］", "{role} [for {principal}]")
_LATER = Text("{role}，自 {on} 起", "{role}, from {on}")
_UNTIL_SAID = Text("{role}，至 {on}", "{role}, until {on}")
_APPOINTED = Text("{person}自 {on} 起任{post}", "{person} is {post} from {on}")
_HELD_ALREADY = Text("{person}自 {on} 起已任{post}，没有改动", "{person} has been {post} since {on}; nothing changed")
_DELEGATED = Text("{person}的职务由{to}代办：{posts}", "{to} acts for {person}: {posts}")
_ENDED = Text("{person}自 {on} 起不再任{posts}", "{person} is no longer {posts} from {on}")
_ENDED_ALREADY = Text(
    "{person}早已定自 {on} 起不再任{posts}，没有改动",
    "{person} is not {posts} from {on}: so it was already; nothing changed",
)
_GONE = Text("{person}于 {on} 离任，任职随之结束", "{person} leaves on {on}; their posts end with it")
_GONE_ALREADY = Text("{person}已定于 {on} 离任，没有改动", "{person} leaves or has left on {on}; nothing changed")
_BEREFT = Text(
    "! {section}有 {count} 件事项等待“{role}”，自 {on} 起没有在岗的人任此职；请任命：",
    "! {count} case(s) of {section} wait for {role}, which nobody who is there holds from {on}; appoint somebody:",
)
_RESTS = Text(
    "! {section}有 {count} 件事项等待“{role}”，自 {on} 起任此职的都不在；请委托代办或任命：",
    "! {count} case(s) of {section} wait for {role}, and nobody who holds it is there from {on}; delegate or appoint:",
)
_WHO = Text("人员", "PERSON")
