"""`gongkai people`: sections, people, dated posts, delegations, leaving."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from terminal.render import Block, Column, Grid, Line, Tinted, Tone
from terminal.session import Session, in_session
from terminal.tongue import Example, argument, group, option
from terminal.typed import day
from workflow.case import Appointment, RoleName, business_date
from workflow.text import Lang, Text, listed

if TYPE_CHECKING:
    from storage import Desk
    from storage.people import Person
    from workflow.model import Role

_PERSON = Text("人员编号或姓名", "id or name of a person")
_FROM = Text("第一天，默认今天", "first day, today if not said")
_UNTIL = Text("最后一天（含）", "last day, included")


@group(
    "people",
    more=Text(
        "任职和委托都有起止日期；离任的人员和过去的任职一直可查。",
        "Posts and delegations are dated; who left and what was held stays on record.",
    ),
    examples=(
        Example("gongkai people list", Text("现有人员和职务", "who is here, with their roles")),
        Example("gongkai people section 债务科 --as admin", Text("增设科室", "a new section")),
        Example("gongkai people add qianwu 钱五 --section 预算科 --as admin", Text("登记人员", "a new person")),
        Example("gongkai people appoint liuqiang drafter --as admin", Text("任命为拟稿人", "appoint a drafter")),
        Example(
            "gongkai people delegate sunli songtao --until 2026-12-31 --as sunli",
            Text("出差期间委托他人代办", "hand over while away"),
        ),
    ),
)
def people() -> None:
    """The group."""


@people.command("list", says=Text("人员、科室和现任职务", "people, their sections and present roles"))
@option("--all", "everyone", is_flag=True, says=Text("包括已离任的人员", "those who left, too"))
@in_session
def list_people(session: Session, everyone: bool) -> None:
    """Who is here."""
    with session.desk() as desk:
        today = business_date(desk.now())
        register = desk.people(session.actor(desk))
        roles = _roles(desk)
    shown = [each for each in register if everyone or each.left_on is None or each.left_on > today]
    session.answer(
        {"people": [_person_facts(each, today) for each in shown]},
        Grid(
            (
                Column(session.read(_ID)),
                Column(session.read(_NAME)),
                Column(session.read(_SECTION)),
                Column(session.read(_POSTS), wraps=True),
            ),
            tuple(_row(each, today, roles, session.lang) for each in shown),
        ),
    )


def _person_facts(person: Person, today: date) -> dict[str, object]:
    return {
        **person.to_json(today),
        "login": person.login,
        "left_on": person.left_on.isoformat() if person.left_on else None,
        "posts": [post_facts(post) for post in person.appointments],
    }


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


def _row(person: Person, today: date, roles: dict[RoleName, Role], lang: Lang) -> tuple[str | Tinted, ...]:
    held = [post for post in person.appointments if post.until_on is None or post.until_on >= today]
    posts = Text("；", "; ").read(lang).join(_post_said(post, today, roles).read(lang) for post in held)
    if person.left_on and person.left_on <= today:
        return (
            person.id,
            person.name,
            person.section_on(today) or "",
            Tinted(_LEFT.filled(on=person.left_on).read(lang), Tone.DIM),
        )
    return person.id, person.name, person.section_on(today) or "", posts or Tinted(_NO_POST.read(lang), Tone.DIM)


def _post_said(post: Appointment, today: date, roles: dict[RoleName, Role]) -> Text:
    role = roles.get(post.role)
    said = role.label if role else Text(post.role, post.role)
    if role and role.scope == "section" and post.section:
        said = _IN_SECTION.filled(role=said, section=post.section)
    if post.acting:
        said = _ACTING.filled(role=said)
    if post.on_behalf_of:
        said = _FOR.filled(role=said, principal=post.on_behalf_of)
    if post.from_on > today:
        said = _LATER.filled(role=said, on=post.from_on)
    return _UNTIL_SAID.filled(role=said, on=post.until_on) if post.until_on else said


def _roles(desk: Desk) -> dict[RoleName, Role]:
    """The roles that any definition in force knows."""
    return dict(desk.roles())


@people.command(
    "section",
    says=Text("增设科室", "add a section"),
    examples=(Example("gongkai people section 债务科 --as admin", Text("增设债务科", "add a section")),),
)
@argument("name", says=Text("科室名称", "name of the section"))
@in_session
def section(session: Session, name: str) -> None:
    """A new section."""
    with session.desk() as desk:
        there = name.strip() in desk.sections()
        desk.add_section(session.actor(desk), name)
    said = (_SECTION_THERE if there else _SECTION_ADDED).filled(name=name)
    session.answer({"section": name, "new": not there}, _done(session, said))


@people.command(
    "add",
    says=Text("登记人员；离任后回任的也用它恢复", "add a person, or one who left and is back"),
    examples=(
        Example(
            "gongkai people add qianwu 钱五 --section 预算科 --login qw --as admin",
            Text("登记并对应系统用户 qw", "and map the system's user qw"),
        ),
    ),
)
@argument("id", says=Text("人员编号，如姓名拼音", "an id, such as the name in pinyin"))
@argument("name", says=Text("姓名", "the name"))
@option("--section", says=Text("所在科室", "the section"))
@option("--login", says=Text("对应的系统登录名", "the system's user that is this person"))
@in_session
def add(session: Session, id: str, name: str, section: str | None, login: str | None) -> None:
    """A new person."""
    with session.desk() as desk:
        actor = session.actor(desk)
        before = next((each for each in desk.people(actor) if each.id == id.strip()), None)
        there = desk.add_person(actor, id, name, section=section, login=login)
        today = business_date(desk.now())
    said = _PERSON_ADDED if before is None else _PERSON_THERE if before == there else _PERSON_BACK
    session.answer(
        {
            "person": {"id": there.id, "name": there.name, "section": there.section_on(today), "login": there.login},
            "new": before is None,
        },
        _done(session, said.filled(name=there.name, id=there.id)),
    )


@people.command(
    "appoint",
    says=Text("任命职务", "appoint to a role"),
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
@argument("person", says=_PERSON)
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
        held = [post for each in desk.people(actor) if person in (each.id, each.name) for post in each.appointments]
        post = desk.appoint(actor, person, role, section=section, from_on=first, until_on=last, acting=acting)
        said = _post_said(post, post.from_on, _roles(desk))
    is_new = post not in held
    session.answer(
        {"person": person, "posts": [post_facts(post)], "new": is_new},
        _done(session, (_APPOINTED if is_new else _HELD_ALREADY).filled(person=person, post=said, on=post.from_on)),
    )


@people.command(
    "delegate",
    says=Text("委托他人代办（本人只可委托自己的职务）", "let somebody act for you (your own posts only)"),
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
        posts = desk.delegate(session.actor(desk), person, to, role=role, from_on=first, until_on=last)
        said = listed(_post_said(post, post.from_on, _roles(desk)) for post in posts)
    session.answer(
        {"person": person, "to": to, "posts": [post_facts(post) for post in posts]},
        _done(session, _DELEGATED.filled(person=person, to=to, posts=said)),
    )


@people.command(
    "leave",
    says=Text("离任：结束全部任职", "leave: every post ends"),
    examples=(
        Example("gongkai people leave xujia --on 2026-12-31 --as admin", Text("12 月 31 日离任", "on 31 December")),
    ),
)
@argument("person", says=_PERSON)
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
        roles = _roles(desk)
    left_on = who.left_on or wanted
    said = (_GONE_ALREADY if before == who else _GONE).filled(person=who.name, on=left_on)
    session.answer(
        {
            "person": person,
            "left_on": left_on.isoformat(),
            "unmanned": _bereft_facts(bereft),
        },
        _done(session, said),
    )
    _tell_bereft(session, bereft, roles, left_on)


@people.command(
    "move",
    says=Text("调动：自某日起到另一科室", "move: to another section from a day on"),
    more=Text(
        "原科室的任职（含受托和委托）于前一日结束；已起草和办理的事项留在原科室，回避规则随人。",
        "Posts in the former section end the day before, delegations of them and in them too; cases stay where they are, and four "
        "eyes follow the person.",
    ),
    examples=(
        Example(
            "gongkai people move wangmin 国库科 --on 2026-12-01 --keep-posts --as admin",
            Text("12 月 1 日起调国库科，职务不变", "to 国库科 on 1 December, in the same posts"),
        ),
    ),
)
@argument("person", says=_PERSON)
@argument("section", says=Text("调入科室", "the section they go to"))
@option("--on", metavar="DATE", says=Text("到任之日，默认今天", "their first day there, today if not said"))
@option("--keep-posts", is_flag=True, says=Text("在新科室任原有职务", "hold the same posts in the new section"))
@in_session
def move(session: Session, person: str, section: str, on: str | None, keep_posts: bool) -> None:
    """Somebody goes to another section."""
    first = day(on, "--on") if on else None
    with session.desk() as desk:
        actor = session.actor(desk)
        wanted = first or business_date(desk.now())
        held = set(desk.staffing.unmanned(wanted))
        gone = desk.staffing.move(actor, person, section, on=first, keep_posts=keep_posts)
        bereft = [each for each in desk.staffing.unmanned(wanted) if each not in held]
        roles = _roles(desk)
    said = [(_MOVED if gone.is_new else _THERE_ALREADY).filled(person=gone.person.name, section=section, on=wanted)]
    for text, posts in ((_ENDED, gone.ended), (_GIVEN, gone.given)):
        if posts:
            said.append(
                text.filled(posts=listed(_post_said(replace(each, until_on=None), wanted, roles) for each in posts))
            )
    session.answer(
        {
            "person": gone.person.id,
            "section": section,
            "from_on": wanted.isoformat(),
            "new": gone.is_new,
            "ended": [post_facts(each) for each in gone.ended],
            "posts": [post_facts(each) for each in gone.given],
            "unmanned": _bereft_facts(bereft),
        },
        _done(session, listed(said, "；", "; ")),
    )
    _tell_bereft(session, bereft, roles, wanted)


@people.command(
    "reorganise",
    says=Text("撤并科室或改名", "merge a section into another, or rename it"),
    more=Text(
        "原科室的任职和人员转入承接科室，在办事项逐件转入并各留一条记录；原科室不再新建事项，已办结的仍在原科室名下，由承接科室负责人查阅。"
        "承接科室尚不存在的，即为改名。日期在后的，到期由定时程序转入；中断后再运行一次即可。",
        "Posts and people go over, and every open case with an event of its own; no case begins in the closed section any more. What "
        "ended stays under its name, and whoever heads the other one reads it. Where the other is not there yet, this is a new name. "
        "Dated ahead, the cases follow on the day, by the ticker; after a break, run the same again.",
    ),
    examples=(
        Example(
            "gongkai people reorganise 会计科 综合科 --dry-run --as admin",
            Text("先看会转哪些任职、多少事项", "which posts and how many cases would go over"),
        ),
        Example(
            "gongkai people reorganise 预算科 预算绩效科 --on 2027-01-01 --as admin",
            Text("自 2027 年起改名", "a new name from 2027 on"),
        ),
    ),
)
@argument("old", says=Text("撤销或改名的科室", "the section that is closed"))
@argument("new", says=Text("承接的科室，或新名称", "the section that takes over, or the new name"))
@option("--on", metavar="DATE", says=Text("从哪一天起，默认今天", "from which day on, today if not said"))
@option("--dry-run", is_flag=True, says=Text("只看结果，不改动", "show what would happen, change nothing"))
@in_session
def reorganise(session: Session, old: str, new: str, on: str | None, dry_run: bool) -> None:
    """A section goes over to another."""
    first = day(on, "--on") if on else None
    with session.desk() as desk:
        done = desk.staffing.reorganise(session.actor(desk), old, new, on=first, dry_run=dry_run)
        roles, ahead = _roles(desk), done.from_on > business_date(desk.now())
    facts = {
        "old": done.old,
        "new": done.new,
        "on": done.from_on,
        "count": done.waiting if dry_run or ahead else done.moved,
    }
    said = _RENAMED if done.renamed else _MERGED if done.is_new else _MERGED_ALREADY
    cases = _WOULD_FOLLOW if dry_run else _FOLLOW_LATER if ahead else _FOLLOWED
    posts = (
        Text("、", ", ")
        .read(session.lang)
        .join(f"{who} {_post_said(post, done.from_on, roles).read(session.lang)}" for who, post in done.posts)
    )
    session.answer(
        {
            **done.to_json(),
            "posts": [{"person": who, **post_facts(post)} for who, post in done.posts],
            "dry_run": dry_run,
        },
        *([Line(Tinted(session.read(_DRY), Tone.DIM))] if dry_run else []),
        _done(session, said.filled(**facts)),
        *([Line(session.read(_GIVEN.filled(posts=posts)), indent=2)] if posts else []),
        Line(session.read(cases.filled(**facts)), indent=2),
    )


def _bereft_facts(bereft: Iterable[tuple[str, str, int]]) -> list[dict[str, object]]:
    return [{"role": role, "section": place, "cases": count} for role, place, count in bereft]


def _tell_bereft(
    session: Session, bereft: Iterable[tuple[str, str, int]], roles: dict[RoleName, Role], on: date
) -> None:
    """What is in nobody's hands from that day on, and the line that mends it."""
    for name, place, count in bereft:
        role = roles.get(RoleName(name))
        facts = {"role": role.label if role else name, "section": place, "count": count, "on": on}
        where = f" --section {place}" if role and role.scope == "section" else ""
        session.remark(_BEREFT.filled(**facts), f"gongkai people appoint {session.read(_WHO)} {name}{where}")


def _days(from_on: str | None, until_on: str | None) -> tuple[date | None, date | None]:
    return day(from_on, "--from") if from_on else None, day(until_on, "--until") if until_on else None


def _done(session: Session, text: Text) -> Block:
    return Line((Tinted("✓ ", Tone.GOOD), session.read(text)))


_DRY = Text("试算，没有改动：", "a trial, nothing is changed:")
_MERGED = Text("“{old}”自 {on} 起并入“{new}”", "“{old}” goes over to “{new}” on {on}")
_RENAMED = Text("“{old}”自 {on} 起改名为“{new}”", "“{old}” is called “{new}” from {on} on")
_MERGED_ALREADY = Text(
    "“{old}”早已定自 {on} 起并入“{new}”", "“{old}” goes over to “{new}” on {on}: so it was decided already"
)
_WOULD_FOLLOW = Text("将转入在办事项 {count} 件", "{count} open case(s) would go over")
_FOLLOW_LATER = Text("在办事项 {count} 件于 {on} 由定时程序转入", "{count} open case(s) follow on {on}, by the ticker")
_FOLLOWED = Text("转入在办事项 {count} 件", "{count} open case(s) went over")
_MOVED = Text("{person} 自 {on} 起在{section}", "{person} is in {section} from {on}")
_THERE_ALREADY = Text(
    "{person} 自 {on} 起已在{section}，没有改动", "{person} is in {section} on {on} already; nothing changed"
)
_ENDED = Text("前一日结束的任职：{posts}", "posts that end the day before: {posts}")
_GIVEN = Text("新科室的任职：{posts}", "posts in the new section: {posts}")
_ID = Text("编号", "Id")
_NAME = Text("姓名", "Name")
_SECTION = Text("科室", "Section")
_POSTS = Text("职务", "Posts")
_NO_POST = Text("无任职", "no post")
_LEFT = Text("{on} 已离任", "left on {on}")
_IN_SECTION = Text("{role}（{section}）", "{role} ({section})")
_ACTING = Text("代理{role}", "acting {role}")
_FOR = Text("{role}［代 {principal}］", "{role} [for {principal}]")
_LATER = Text("{role}，自 {on} 起", "{role}, from {on}")
_UNTIL_SAID = Text("{role}，至 {on}", "{role}, until {on}")
_SECTION_ADDED = Text("科室“{name}”已设立", "section “{name}” is there")
_PERSON_ADDED = Text(
    "{name}（{id}）已登记；用 gongkai people appoint {id} 职务 任命",
    "{name} ({id}) is registered; appoint them with gongkai people appoint {id} ROLE",
)
_SECTION_THERE = Text("科室“{name}”早已设立，没有改动", "section “{name}” was there already; nothing changed")
_PERSON_THERE = Text("{name}（{id}）早已登记，没有改动", "{name} ({id}) was registered already; nothing changed")
_PERSON_BACK = Text(
    "{name}（{id}）恢复登记，原任职已止；用 gongkai people appoint {id} 职务 任命",
    "{name} ({id}) is back, their former posts are over; appoint them with gongkai people appoint {id} ROLE",
)
_HELD_ALREADY = Text("{person} 自 {on} 起已任{post}，没有改动", "{person} has been {post} since {on}; nothing changed")
_GONE_ALREADY = Text("{person} 已定于 {on} 离任，没有改动", "{person} leaves or has left on {on}; nothing changed")
_BEREFT = Text(
    "! {section}有 {count} 件事项等待“{role}”，自 {on} 起无人任此职；请任命：",
    "! {count} case(s) of {section} wait for {role}, which nobody holds from {on}; appoint somebody:",
)
_WHO = Text("人员", "PERSON")
_APPOINTED = Text("{person} 自 {on} 起任{post}", "{person} is {post} from {on}")
_DELEGATED = Text("{person} 的职务由 {to} 代办：{posts}", "{to} acts for {person}: {posts}")
_GONE = Text("{person} 于 {on} 离任，任职随之结束", "{person} leaves on {on}; their posts end with it")
