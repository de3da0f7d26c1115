"""`gongkai people`: sections, people, who moves and which section goes over to another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from terminal.absences import absence_facts, ahead
from terminal.posts import WHOM, bereft_facts, called, names_of, post_facts, post_said, roles_of, tell_bereft, ticked
from terminal.render import Column, Grid, Line, Tinted, Tone
from terminal.session import Session, in_session
from terminal.tongue import Chapter, Entry, Example, argument, group, option
from terminal.typed import day
from workflow.case import RoleName, business_date
from workflow.text import Lang, Text, listed

if TYPE_CHECKING:
    from storage.people import Person
    from workflow.model import Role


@group(
    "people",
    chapters=(
        Chapter(
            Text("任职", "Posts"),
            (
                Entry("appoint", "terminal.posts:appoint", Text("任命职务", "appoint to a role")),
                Entry(
                    "delegate",
                    "terminal.posts:delegate",
                    Text("委托他人代办（本人只可委托自己的职务）", "let somebody act for you (your own posts only)"),
                ),
                Entry("end", "terminal.posts:end", Text("免去一个职务，其余不变", "end one post, the others stay")),
                Entry("leave", "terminal.posts:leave", Text("离任：结束全部任职", "leave: every post ends")),
                Entry(
                    "record",
                    "terminal.post_record:record",
                    Text("任免记录：谁在何时任免了谁", "who gave or ended which post, and when"),
                ),
                Entry(
                    "same",
                    "terminal.same_person:same",
                    Text("同一人认定：回避按人而不按账号判断", "which accounts are one person"),
                ),
            ),
        ),
        Chapter(
            Text("请假", "Absence"),
            (
                Entry(
                    "away",
                    "terminal.absences:away",
                    Text("登记请假：职务在此期间暂不由其办理", "record an absence: posts rest meanwhile"),
                ),
                Entry("back", "terminal.absences:back", Text("提前销假", "back sooner than was recorded")),
            ),
        ),
        Chapter(
            Text("送达", "Mail"),
            (
                Entry(
                    "address", "terminal.outbox:address", Text("通知也发到的邮件地址", "where notices go by mail, too")
                ),
                Entry(
                    "bureau",
                    "terminal.contact:bureau",
                    Text(
                        "文书中本机关的名称、地址、电话和缴费方式",
                        "name, address, telephone and way of payment in the bureau's letters",
                    ),
                ),
            ),
        ),
    ),
    more=Text(
        "任职、委托和请假都有起止日期；离任的人员和过去的任职一直可查。",
        "Posts, delegations and absences are dated; who left and what was held stays on record.",
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
        roles, names = roles_of(desk), {each.id: called(each) for each in register}
    shown = [each for each in register if everyone or each.left_on is None or each.left_on > today]
    session.answer(
        {"people": [_person_facts(each, today) for each in shown]},
        Grid(
            (
                Column(session.read(_NAME)),
                Column(session.read(_SECTION)),
                Column(session.read(_POSTS), wraps=True),
            ),
            tuple(_row(each, today, roles, names, session.lang) for each in shown),
        ),
    )


def _person_facts(person: Person, today: date) -> dict[str, object]:
    return {
        **person.to_json(today),
        "away_until": until.isoformat() if (until := person.away_until(today)) else None,
        "absences": [absence_facts(each) for each in person.absences],
        "login": person.login,
        "left_on": person.left_on.isoformat() if person.left_on else None,
        "posts": [post_facts(post) for post in person.appointments if not post.is_empty],
    }


def _row(
    person: Person, today: date, roles: dict[RoleName, Role], names: Mapping[str, Text], lang: Lang
) -> tuple[str | Tinted, ...]:
    held = [
        post for post in person.appointments if post.until_on is None or (post.until_on >= today and not post.is_empty)
    ]
    posts = Text("；", "; ").read(lang).join(post_said(post, today, roles, names).read(lang) for post in held)
    if person.left_on and person.left_on <= today:
        return (
            called(person).read(lang),
            person.section_on(today) or "",
            Tinted(_LEFT.filled(on=person.left_on).read(lang), Tone.DIM),
        )
    away = [_AWAY.filled(from_on=each.from_on, until_on=each.until_on).read(lang) for each in ahead(person, today)]
    if away:
        posts = Text("；", "; ").read(lang).join([*away, posts or _NO_POST.read(lang)])
    return called(person).read(lang), person.section_on(today) or "", posts or Tinted(_NO_POST.read(lang), Tone.DIM)


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
    session.answer({"section": name, "new": not there}, ticked(session, said))


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
        ticked(session, said.filled(name=there.name, id=there.id)),
    )


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
@argument("person", says=WHOM)
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
        roles, names = roles_of(desk), names_of(desk, actor)
    said = [(_MOVED if gone.is_new else _THERE_ALREADY).filled(person=called(gone.person), section=section, on=wanted)]
    for text, posts in ((_ENDED, gone.ended), (_GIVEN, gone.given)):
        if posts:
            said.append(
                text.filled(
                    posts=listed(post_said(replace(each, until_on=None), wanted, roles, names) for each in posts)
                )
            )
    session.answer(
        {
            "person": gone.person.id,
            "section": section,
            "from_on": wanted.isoformat(),
            "new": gone.is_new,
            "ended": [post_facts(each) for each in gone.ended],
            "posts": [post_facts(each) for each in gone.given],
            "unmanned": bereft_facts(bereft),
        },
        ticked(session, listed(said, "；", "; ")),
    )
    tell_bereft(session, bereft, roles, wanted)


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
        actor = session.actor(desk)
        done = desk.staffing.reorganise(actor, old, new, on=first, dry_run=dry_run)
        roles, names = roles_of(desk), names_of(desk, actor)
        ahead = done.from_on > business_date(desk.now())
    facts = {
        "old": done.old,
        "new": done.new,
        "on": done.from_on,
        "count": done.waiting if dry_run or ahead else done.moved,
    }
    said = _RENAMED if done.renamed else _MERGED if done.is_new else _MERGED_ALREADY
    cases = _WOULD_FOLLOW if dry_run else _FOLLOW_LATER if ahead else _FOLLOWED
    posts = listed(
        _GOES_OVER.filled(person=names.get(who, who), post=post_said(post, done.from_on, roles, names))
        for who, post in done.posts
    )
    session.answer(
        {
            **done.to_json(),
            "posts": [{"person": who, **post_facts(post)} for who, post in done.posts],
            "dry_run": dry_run,
        },
        *([Line(Tinted(session.read(_DRY), Tone.DIM))] if dry_run else []),
        ticked(session, said.filled(**facts)),
        *([Line(session.read(_GIVEN.filled(posts=posts)), indent=2)] if done.posts else []),
        Line(session.read(cases.filled(**facts)), indent=2),
    )


_DRY = Text("试算，没有改动：", "a trial, nothing is changed:")
_MERGED = Text("“{old}”自 {on} 起并入“{new}”", "“{old}” goes over to “{new}” on {on}")
_RENAMED = Text("“{old}”自 {on} 起改名为“{new}”", "“{old}” is called “{new}” from {on} on")
_MERGED_ALREADY = Text(
    "“{old}”早已定自 {on} 起并入“{new}”", "“{old}” goes over to “{new}” on {on}: so it was decided already"
)
_WOULD_FOLLOW = Text("将转入在办事项 {count} 件", "{count} open case(s) would go over")
_FOLLOW_LATER = Text("在办事项 {count} 件于 {on} 由定时程序转入", "{count} open case(s) follow on {on}, by the ticker")
_FOLLOWED = Text("转入在办事项 {count} 件", "{count} open case(s) went over")
_MOVED = Text("{person}自 {on} 起在{section}", "{person} is in {section} from {on}")
_THERE_ALREADY = Text(
    "{person}自 {on} 起已在{section}，没有改动", "{person} is in {section} on {on} already; nothing changed"
)
_ENDED = Text("前一日结束的任职：{posts}", "posts that end the day before: {posts}")
_GIVEN = Text("新科室的任职：{posts}", "posts in the new section: {posts}")
_GOES_OVER = Text("{person}任{post}", "{person}: {post}")
_NAME = Text("姓名（编号）", "Name (id)")
_SECTION = Text("科室", "Section")
_POSTS = Text("职务", "Posts")
_NO_POST = Text("无任职", "no post")
_AWAY = Text("请假 {from_on} 至 {until_on}", "away {from_on} until {until_on}")
_LEFT = Text("{on} 已离任", "left on {on}")
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
