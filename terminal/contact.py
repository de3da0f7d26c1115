"""`gongkai people bureau`: what the bureau itself is called, where it is reached and how a fee is paid to it, as its letters say."""

from __future__ import annotations

from terminal.posts import ticked
from terminal.render import Block, Line
from terminal.session import Session, in_session
from terminal.tongue import Example, command, option
from workflow.text import Text


@command(
    more=Text(
        "请对方补正、说明理由、提出意见、缴费的文书写明送到哪里、怎样缴纳；没有登记的，这些文书不出具。由系统管理员登记，谁都可以查看。",
        "Letters that ask for a correction, reasons, an opinion or a fee say where it goes and how it is paid; while that is not on "
        "record they are not written. The administrator's to record, anybody's to see.",
    ),
    examples=(
        Example(
            "gongkai people bureau --name 示范区财政局 --as admin", Text("登记单位名称", "record what it is called")
        ),
        Example("gongkai people bureau", Text("现在登记的", "what is on record")),
        Example(
            "gongkai people bureau --address 示范区人民路1号 --postcode 310000 --telephone 0571-88880000 --as admin",
            Text("登记地址、邮政编码和电话", "record address, postcode and telephone"),
        ),
        Example(
            "gongkai people bureau --payment 凭本通知到任一代收银行缴纳 --as admin",
            Text("登记缴费方式", "record how a fee is paid"),
        ),
        Example("gongkai people bureau --payment '' --as admin", Text("撤去缴费方式", "take back how a fee is paid")),
    ),
)
@option(
    "--name",
    metavar="NAME",
    says=Text("单位名称，文书上用的就是它", "what the bureau is called, as its letters say it"),
)
@option("--address", metavar="ADDRESS", says=Text("地址（可含收件部门）", "the address, with whoever receives"))
@option("--postcode", metavar="CODE", says=Text("邮政编码，六位数字", "the postcode, six digits"))
@option("--telephone", metavar="NUMBER", says=Text("联系电话", "the telephone number"))
@option(
    "--payment", metavar="WAY", says=Text("缴费方式：地点、开户银行、账号等", "how a fee is paid: place, bank, account")
)
@in_session
def bureau(session: Session, **said: str | None) -> None:
    """What the bureau is called and where it is reached."""
    changes = {name: value for name, value in said.items() if value is not None}
    with session.desk() as desk:
        there = desk.change_contact(session.actor(desk), changes) if changes else desk.contact()
        name = desk.bureau_name
    facts = there.to_json()
    lines = [
        Line(_SAID.filled(label=label, said=facts[key] or _NOTHING).read(session.lang))
        for key, label in _LABELS.items()
    ]
    if there.changed_on:
        by = _BY.filled(by=there.changed_by, on=there.changed_on)
        lines.append(Line(_SAID.filled(label=_CHANGED, said=by).read(session.lang)))
    lines.insert(0, Line(_SAID.filled(label=_CALLED, said=name).read(session.lang)))
    told: list[Block] = [*([ticked(session, _RECORDED.filled(name=name))] if changes else []), *lines]
    session.answer({"bureau": name, **facts}, *told)


_CALLED = Text("单位名称", "name")
_LABELS = {
    "address": Text("地　　址", "address"),
    "postcode": Text("邮政编码", "postcode"),
    "telephone": Text("联系电话", "telephone"),
    "payment": Text("缴费方式", "payment"),
}
_CHANGED = Text("最近更改", "changed")
_BY = Text("{on}，{by}", "on {on} by {by}")
_SAID = Text("{label}：{said}", "{label}: {said}")
_NOTHING = Text("（未登记）", "(not on record)")
_RECORDED = Text("已登记{name}的名称或联系方式", "what is on record of {name} is changed")
