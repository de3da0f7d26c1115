"""`gongkai outbox` and `gongkai people address`: what is on its way to people, and where they are reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

from terminal.posts import WHOM, ticked
from terminal.render import Column, Grid, Line, Tinted, Tone
from terminal.session import Session, in_session
from terminal.tongue import Example, argument, command, group, option
from terminal.trust import NO_CHANNEL, Found
from workflow.case import SHANGHAI
from workflow.errors import Invalid, Problem
from workflow.text import Text

if TYPE_CHECKING:
    from notices import Delivery
    from storage import Desk

_STATES = {
    "waiting": Text("待发", "waiting"),
    "delivered": Text("已送达", "delivered"),
    "parked": Text("停止重试", "parked"),
    "dropped": Text("不再需要", "not needed any more"),
}


def outgoing(session: Session, desk: Desk) -> Delivery:
    """Delivers what is due by the channels that the settings name; by none, it only lets go of what is too old."""
    from notices import Channel, Delivery

    mail, channels = session.settings.mail, list[Channel]()
    if mail:
        from notices.mail import ByMail

        channels.append(ByMail(mail))
    return Delivery(
        lambda: desk.outbox, channels, says=mail.says if mail else "number", for_practice=desk.is_sandbox
    )  # fmt: skip


@group(
    "outbox",
    more=Text(
        "通知与办理同一次提交写入收件箱；登记了邮件地址的人（people address），另由 scheduler 发邮件。发不出的逐次延后重试，"
        "二十次（约三天）后停止，由 doctor 指出；改正后用 retry 重发。",
        "Notices are written into the inbox in the commit of the step; who has an address (people address) is sent mail by the "
        "scheduler, too. What does not leave is tried again after longer and longer pauses and parked after twenty tries, some three "
        "days; doctor shows it, and retry releases it when the cause is mended.",
    ),
    examples=(
        Example("gongkai outbox list --parked", Text("发不出去的", "what could not be delivered")),
        Example("gongkai outbox retry", Text("改正后全部重发", "try all of it again")),
    ),
)
def outbox() -> None:
    """The group."""


@outbox.command(
    "deliver",
    says=Text("发送一遍到期的通知", "one pass over what is to be delivered"),
    more=Text(
        "须设 GONGKAI_MAIL（smtp://用户@主机:587）和 GONGKAI_MAIL_FROM；密码用 GONGKAI_MAIL_PASSWORD。有发不出去的，退出码为 7。"
        "发不出去的和 scheduler 一样延后重试。",
        "GONGKAI_MAIL (smtp://user@host:587) and GONGKAI_MAIL_FROM must be set, the password in GONGKAI_MAIL_PASSWORD. Exit code 7 "
        "where something could not be delivered; it is tried again later, as by the scheduler.",
    ),
    examples=(Example("gongkai outbox deliver", Text("由系统定时任务运行亦可", "a cron job does, too")),),
)
@in_session
def deliver(session: Session) -> None:
    """One pass."""
    if session.settings.mail is None:
        raise Invalid((Problem("no-channel", NO_CHANNEL, field="mail"),))
    with session.desk() as desk:
        passed = outgoing(session, desk)()
    facts = {"delivered": passed.delivered, "dropped": passed.dropped.total()}
    if passed.failed or passed.parked:
        reasons = "、".join(passed.codes)
        text = _NOT_ALL.filled(**facts, failed=passed.failed, parked=passed.parked, codes=reasons)
        raise Found(text, passed.to_json(), [])
    session.answer(passed.to_json(), ticked(session, _PASSED.filled(**facts)))


@outbox.command(
    "list",
    says=Text("发件箱：给谁、何时再试、为何发不出", "who is written to, when it is tried next, why it did not leave"),
)
@option("--parked", is_flag=True, says=Text("只看停止重试的", "only what is parked"))
@in_session
def list_outbox(session: Session, parked: bool) -> None:
    """The rows."""
    with session.desk() as desk:
        rows = desk.outbox.kept("parked" if parked else None)
    columns = tuple(Column(session.read(each)) for each in (_ID, _TO, _STATE, _TRIES, _NEXT, _CODE))
    grid = Grid(
        columns,
        tuple(
            (
                str(each.id),
                f"{each.name or '?'} · {each.channel}",
                session.read(_STATES[each.state]),
                str(each.tries),
                each.due_at.astimezone(SHANGHAI).strftime("%m-%d %H:%M") if each.due_at else "",
                each.code or "",
            )
            for each in rows
        ),
    )
    session.answer(
        {"outbox": [each.to_json() for each in rows]},
        grid if rows else Line(Tinted(session.read(_EMPTY), Tone.DIM)),
    )


@outbox.command(
    "retry",
    says=Text("重发停止重试的通知", "try again what was parked"),
    examples=(Example("gongkai outbox retry 12", Text("只重发一条", "one of them only")),),
)
@argument(
    "id",
    required=False,
    type=int,
    says=Text("编号，见 outbox list；不写则全部", "its id, see outbox list; all if not said"),
)
@in_session
def retry(session: Session, id: int | None) -> None:
    """Release what was parked."""
    with session.desk() as desk:
        count = desk.outbox.release(id)
    session.answer({"released": count}, ticked(session, (_RELEASED if count else _NONE_PARKED).filled(count=count)))


@command(
    more=Text(
        "由本人或系统管理员登记；别人看不到。登记后的通知才发邮件，离任时删除。",
        "Said by the person or the administrator, and shown to nobody else. Mail is sent of what is told from then on; the address "
        "goes when its person leaves.",
    ),
    examples=(
        Example(
            "gongkai people address wangmin wangmin@example.gov.cn --as wangmin",
            Text("通知也发到这个邮箱", "notices go there, too"),
        ),
        Example("gongkai people address wangmin --as wangmin", Text("现在登记的地址", "the address as it is")),
        Example("gongkai people address wangmin --none --as wangmin", Text("不再发邮件", "no mail any more")),
    ),
)
@argument("person", says=WHOM)
@argument("address", required=False, says=Text("邮件地址；不写则查看", "the mail address; shown if not said"))
@option("--none", "nowhere", is_flag=True, says=Text("删除地址", "remove the address"))
@in_session
def address(session: Session, person: str, address: str | None, nowhere: bool) -> None:
    """Where somebody is reached by mail."""
    if address and nowhere:
        raise Invalid((Problem("both", _BOTH, field="none"),))
    with session.desk() as desk:
        actor = session.actor(desk)
        asks = address is None and not nowhere
        there = desk.outbox.reached(actor, person) if asks else desk.outbox.reach(actor, person, address)
    said = (_AT if there.address else _NOWHERE).filled(name=there.person.name, address=there.address)
    session.answer(there.to_json(), ticked(session, said) if not asks else Line(session.read(said)))


_PASSED = Text("送达 {delivered} 条，不再需要 {dropped} 条", "{delivered} delivered, {dropped} not needed any more")
_NOT_ALL = Text(
    "送达 {delivered} 条；{failed} 条未送达，稍后再试；{parked} 条停止重试（{codes}）",
    "{delivered} delivered; {failed} not, to be tried again; {parked} parked ({codes})",
)
_ID, _TO, _STATE = Text("编号", "Id"), Text("收件人", "To"), Text("状态", "State")
_TRIES, _NEXT, _CODE = Text("次数", "Tries"), Text("下次", "Next"), Text("原因", "Why")
_EMPTY = Text("发件箱是空的", "the outbox is empty")
_RELEASED = Text("{count} 条通知将重发", "{count} notice(s) will be tried again")
_NONE_PARKED = Text("没有停止重试的通知", "nothing is parked")
_BOTH = Text("地址和 --none 只能写一个", "say an address or --none, not both")
_AT = Text("{name}的邮件地址：{address}", "{name} is reached by mail at {address}")
_NOWHERE = Text("{name}没有登记邮件地址", "{name} has no mail address here")
