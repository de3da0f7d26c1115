"""`gongkai people same`: which accounts are one person, so that four eyes see two persons and not two accounts."""

from __future__ import annotations

from terminal.posts import WHOM, called, names_of, ticked
from terminal.render import Column, Grid, Line
from terminal.session import Session, in_session
from terminal.tongue import Example, argument, command, missing, option
from workflow.case import SHANGHAI
from workflow.text import Text


@command(
    more=Text(
        "一人有两个账号的，须认定为同一人：此后回避、兼任的限制按人而不按账号判断，此前的办理记录不变。认定和撤销都记明日期、依据和办理人，"
        "不能修改或删除；不带人员时列出全部记录。",
        "Where somebody has two accounts, say so: from then on four eyes and the posts that are kept apart are judged by the person; "
        "what was done before stays as it is. Each entry, and each that takes one back, has its day, its reason and who made it, and "
        "nobody changes it; without people all of them are listed.",
    ),
    examples=(
        Example(
            "gongkai people same wangmin wangmin2 --comment 改名后重新登记，人事科核实 --as admin",
            Text("认定两个账号为同一人", "two accounts are one person"),
        ),
        Example(
            "gongkai people same wangmin wangmin2 --withdraw --comment 系同名两人，人事科更正 --as admin",
            Text("撤销认定", "take it back"),
        ),
        Example("gongkai people same", Text("全部认定记录", "every entry")),
    ),
)
@argument("person", required=False, says=WHOM)
@argument("other", required=False, says=Text("同一人的另一个账号", "another account of the same person"))
@option("--withdraw", is_flag=True, says=Text("撤销认定：两个账号不是同一人", "take it back: they are two persons"))
@option("--comment", metavar="C", says=Text("认定或撤销的依据", "what it rests on"))
@in_session
def same(session: Session, person: str | None, other: str | None, withdraw: bool, comment: str | None) -> None:
    """Two accounts are one person, or are not any more; or everything that was said of this."""
    if person is None:
        return _listed(session)
    if other is None:
        raise missing("other")
    with session.desk() as desk:
        done = desk.staffing.same(session.actor(desk), person, other, comment or "", withdraw=withdraw)
    said = (_APART if withdraw else _SAME) if done.is_new else _ALREADY
    facts = {
        "person": called(done.person),
        "other": called(done.other),
        "on": done.entry.at.astimezone(SHANGHAI).date(),
    }
    session.answer(
        {
            "person": done.person.id,
            "other": done.other.id,
            "act": done.entry.act,
            "at": done.entry.at.isoformat(),
            "new": done.is_new,
        },
        ticked(session, said.filled(**facts)),
    )
    return None


def _listed(session: Session) -> None:
    with session.desk() as desk:
        names, found = names_of(desk, session.actor(desk)), desk.staffing.sameness()
    rows = tuple(
        (
            each.at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M"),
            session.read(names[each.by]),
            session.read(names[each.person]),
            session.read(_ACTS[each.act]),
            session.read(names[each.other]),
            each.reason,
        )
        for each in found
    )
    facts = [
        {
            "at": each.at.isoformat(),
            "by": each.by,
            "act": each.act,
            "person": each.person,
            "other": each.other,
            "reason": each.reason,
        }
        for each in found
    ]
    heads = (_AT, _BY, _PERSON, _WHAT, _OTHER, _WHY)
    grid = Grid(tuple(Column(session.read(each), wraps=each is _WHY) for each in heads), rows)
    session.answer({"entries": facts}, grid if rows else Line(session.read(_NONE)))


_SAME = Text(
    "{person}与{other}自 {on} 起按同一人对待；此前的办理记录不变",
    "{person} and {other} count as one person from {on} on; what was done before stays as it is",
)
_APART = Text("{person}与{other}自 {on} 起不再按同一人对待", "{person} and {other} count as two persons from {on} on")
_ALREADY = Text(
    "{person}与{other}自 {on} 起早已如此登记，没有改动",
    "{person} and {other}: so it was recorded on {on} already; nothing changed",
)
_ACTS = {"same": Text("同一人", "one person with"), "apart": Text("不是同一人", "not one person with")}
_AT = Text("办理时间", "Entered")
_BY = Text("办理人", "By")
_PERSON = Text("人员", "Person")
_WHAT = Text("认定", "What")
_OTHER = Text("另一账号", "Other account")
_WHY = Text("依据", "Reason")
_NONE = Text("没有同一人的认定", "no accounts were said to be one person")
