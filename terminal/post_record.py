"""`gongkai people record`: who gave which post, or ended it, and when."""

from __future__ import annotations

from terminal.posts import WHOM, called, post_facts, post_said, roles_of
from terminal.render import Column, Grid, Line
from terminal.session import Session, in_session
from terminal.tongue import Example, argument, command
from workflow.case import SHANGHAI, SYSTEM
from workflow.judge import SYSTEM_NAME
from workflow.text import Text


@command(
    more=Text(
        "每次任命、委托、免职、调动、离任、撤并对任职的改动各记一行，不能修改或删除；倒填日期的，也看得出是何时、由谁填的。",
        "Each change of a post is a line that nobody changes or takes out; an end that was dated back shows when it was entered, and by whom.",
    ),
    examples=(Example("gongkai people record 王敏", Text("一个人的任免", "the posts of one person")),),
)
@argument("person", required=False, says=WHOM)
@in_session
def record(session: Session, person: str | None) -> None:
    """Every change of posts, the latest last."""
    with session.desk() as desk:
        people = desk.people(session.actor(desk))
        found, roles = desk.staffing.changes(person), roles_of(desk)
    names = {SYSTEM: session.read(SYSTEM_NAME), **{each.id: each.name for each in people}}
    ids = {each.id: called(each) for each in people}
    heads = (_AT, _BY, _WHAT, _WHO, _POST, _FROM, _UNTIL)
    rows = tuple(
        (
            each.at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M"),
            names.get(each.by, each.by),
            session.read(_ACTS[each.act]),
            names.get(each.person, each.person),
            session.read(post_said(each.post, each.post.from_on, roles, ids)),
            each.post.from_on.isoformat(),
            each.post.until_on.isoformat() if each.post.until_on else "",
        )
        for each in found
    )
    facts = [
        {"at": each.at.isoformat(), "by": each.by, "act": each.act, "person": each.person, **post_facts(each.post)}
        for each in found
    ]
    grid = Grid(tuple(Column(session.read(each), wraps=each is _POST) for each in heads), rows)
    session.answer({"changes": facts}, grid if rows else Line(session.read(_NONE)))


_ACTS = {"given": Text("任", "given"), "ended": Text("免", "ended"), "found": Text("原任", "found")}
_AT = Text("办理时间", "Entered")
_BY = Text("办理人", "By")
_WHAT = Text("任免", "What")
_WHO = Text("人员", "Person")
_POST = Text("职务", "Post")
_FROM = Text("起", "From")
_UNTIL = Text("止", "Until")
_NONE = Text("没有任免记录", "no post was given or ended")
