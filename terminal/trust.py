"""What the record is worth: verify, seal, erase."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from terminal.render import Line, Tinted, Tone
from terminal.session import Session, in_session
from terminal.tongue import Example, argument, command, option
from workflow.errors import FoundFault, Invalid, Problem
from workflow.text import Text, listed

if TYPE_CHECKING:
    from notices import SealMail
    from storage import Desk

#: More processes than this help nobody.
MOST_JOBS = 64


@command(
    examples=(
        Example("gongkai verify --json", Text("供程序读取", "for programs")),
        Example("gongkai verify --seals seals.jsonl", Text("与库外的封存核对", "against the seals outside")),
        Example(
            "gongkai verify --seals seals.jsonl --since verified.json",
            Text("只重演上次核验后有变动的事项", "tell again only what is new since the last time"),
        ),
    ),
    more=Text(
        "逐件重读办理记录，重新推算当前内容和时限，并与各次封存核对；给出封存文件时，还能发现整库被改写或换成旧副本。--since 的文件由本命令写入，"
        "记着核验到哪一次封存：此后没有变动的事项只核对办理记录本身，不重新推算其当前内容和时限，因此仍须定期全部核验。两个文件都须放在能改数据库的人改不了的地方。",
        "Reads every case's record anew, tells its story and its dates from blank, and holds all against the seals. The file "
        "outside shows, too, that the database was written anew as a whole or is an old copy. The file of --since is written by "
        "this command and says up to which seal all was found well: of a case without a later event only the record itself is "
        "held against seals and hashes, and its state and dates are not counted again, so verify the whole from time to time. "
        "Keep both files where whoever may write the database cannot change them.",
    ),
)
@option("--seals", metavar="FILE", says=Text("库外的封存文件", "the file outside that holds the seals"))
@option(
    "--since",
    metavar="FILE",
    says=Text(
        "库外的文件，记着上次核验到哪一次封存；没有则全部核验并新建",
        "the file outside that remembers up to which seal all was found well; made where there is none",
    ),
)
@option(
    "--jobs",
    metavar="N",
    type=click.IntRange(1, MOST_JOBS),
    says=Text(
        "用几个进程；不说则按处理器数，记录不多时用一个",
        "by so many processes; if not said, one for each processor, and one for a short record",
    ),
)
@in_session
def verify(session: Session, seals: str | None, since: str | None, jobs: int | None) -> None:
    """The whole record, read once more."""
    with session.desk() as desk:
        found = desk.verify(Path(seals) if seals else None, since=Path(since) if since else None, jobs=jobs)
    facts = found.to_json()
    for each in found.remarks:
        session.remark(each.text)
    if found.problems:
        raise Found(_BROKEN.filled(count=len(found.problems)), facts, [each.text for each in found.problems])
    said = _NEW_WHOLE if found.since else _SEALED_WHOLE if found.seals else _WHOLE
    figures = {"cases": found.cases, "events": found.events, "seals": found.seals}
    told = said.filled(**figures, retold=found.retold, since=found.since)
    session.answer(facts, Line((Tinted("✓ ", Tone.GOOD), session.read(told))))


@command(
    examples=(
        Example(
            "gongkai seal --to seals.jsonl",
            Text("封存，并追加到库外的文件", "seal, and add it to the file outside"),
        ),
        Example(
            "gongkai seal --mail seals@archives.example.gov.cn",
            Text("封存，并邮寄尚未寄出的各次封存", "seal, and mail all seals that were not yet sent there"),
        ),
        Example(
            "gongkai seal --page seals.html",
            Text("封存，并写成可发布的网页", "seal, and write a page to be published"),
        ),
        Example("gongkai seal --json", Text("交给别处保存", "to be kept elsewhere")),
    ),
    more=Text(
        "封存是全部办理记录的一个校验值，与上一次封存相连。文件须放在能改数据库的人改不了的地方；scheduler --seals 每小时及公开后自动封存。--mail 用发送通知的邮件服务器（GONGKAI_MAIL）把各次封存的原行寄给"
        "单位以外的人，scheduler --seal-mail 自动寄；寄不出的下次再寄，退出码为 7。--page 写成网页，旁边的 .jsonl 即封存文件，scheduler --seal-page 自动更新。",
        "A seal is one hash over the whole record, with the seal before it. Keep the file where whoever may write the database "
        "cannot change it; scheduler --seals seals each hour and after each publication. --mail sends the lines of the seals to somebody "
        "outside by the mail server that sends notices (GONGKAI_MAIL), scheduler --seal-mail does by itself; what does not leave "
        "is sent next time, exit code 7. --page writes a page, and the file of seals (.jsonl) beside it; scheduler --seal-page keeps both as new.",
    ),
)
@option(
    "--to",
    metavar="FILE",
    says=Text("库外的文件；补齐其中缺少的各次封存", "the file outside; seals that it lacks are added"),
)
@option(
    "--mail",
    metavar="ADDRESS",
    says=Text("寄到此邮件地址；补寄尚未寄出的各次封存", "mail them to this address; seals not yet sent there go, too"),
)
@option(
    "--page",
    metavar="FILE.html",
    says=Text("写成此网页，旁边另有 .jsonl", "write them on this page, with a .jsonl beside it"),
)
@option(
    "--forget",
    metavar="PLACE",
    says=Text(
        "不再往此处送封存，doctor 也不再过问；不封存",
        "no seals go there any more, and doctor asks no more; seals nothing",
    ),
)
@in_session
def seal(session: Session, to: str | None, mail: str | None, page: str | None, forget: str | None) -> None:
    """Seal the record as it is now."""
    if forget and (to or mail or page):
        raise Invalid((Problem("both", _ALONE, field="forget"),))
    with session.desk() as desk:
        if forget:
            desk.forget_outside(forget)
            session.answer({"forgotten": forget}, Line(session.read(_FORGOTTEN.filled(place=forget))))
            return
        letters = letters_with_seals(session, desk, mail) if mail is not None else None
        pages = written_page(desk, Path(page), anew=True) if page else None
        sealed = desk.seal(Path(to) if to else None, session.remark)
        if pages:
            pages()
        said = _SEALED.filled(no=sealed.no, cases=sealed.cases, events=sealed.events, hash=sealed.hash)
        if letters and mail:
            desk.parcels(mail).release()
            _mail_out(session, letters, sealed.to_json(), said)
    session.answer(sealed.to_json(), Line((Tinted("✓ ", Tone.GOOD), session.read(said))))


def letters_with_seals(session: Session, desk: Desk, address: str) -> SealMail:
    """What brings seals to this address. Raises Invalid where no server is named, or the address is none."""
    from notices import SealMail
    from notices.mail import ByMail

    desk.parcels(address)  # whether it is an address
    if session.settings.mail is None:
        raise Invalid((Problem("no-channel", NO_CHANNEL, field="mail"),))
    channel = ByMail(session.settings.mail)
    return SealMail(
        lambda: desk.parcels(address), channel, address, lambda: desk.bureau_name, for_practice=desk.is_sandbox
    )  # fmt: skip


def written_page(desk: Desk, page: Path, *, anew: bool = False) -> Callable[[], None]:
    """What writes seals on this page. Raises Invalid where nobody can."""
    from reports.seal_page import seal_page

    desk.expect_page(page)

    def put() -> None:
        desk.put_page(page, seal_page(desk.bureau_name), anew=anew)

    put.__name__ = "seal --page"  # what is typed to see why it failed
    return put


def _mail_out(session: Session, letters: SealMail, facts: dict[str, object], sealed: Text) -> None:
    """One pass; what did not leave is a finding, for the seal itself was made."""
    from notices import Undelivered

    try:
        last = letters()
    except Undelivered as fault:
        said = _REFUSED if fault.for_good else _NOT_MAILED
        raise Found(said.filled(sealed=sealed, code=fault.code), facts, []) from None
    session.remark(_MAILED.filled(no=last) if last else _ALL_THERE)


@command(
    examples=(
        Example(
            "gongkai erase REQ-2026-00012 --comment 依当事人申请，保存期限届满",
            Text("办公室主任办理", "the head of the Office does it"),
        ),
        Example(
            "gongkai erase REQ-2026-00012 --comment 核对 --dry-run", Text("先看会删除什么", "first see what would go")
        ),
    ),
    more=Text(
        "只限已办结的事项，不能恢复；办理记录仍可核验，因为其中只有个人信息的校验值。有个人信息的事项，各步意见、较长的文字内容和已发通知的文字一并删除，"
        "标题保留。此前的备份、由本事项带到其他事项的内容仍在，须另行处理。",
        "Of cases that have ended, and for good. The record still verifies, for it holds personal data by their hashes only. With them go "
        "comments, longer texts and the words of notices; the title stays. Older backups, and other cases into which they were copied, hold them still.",
    ),
)
@argument("case", says=Text("事项编号", "the case's number"))
@option("--comment", metavar="C", says=Text("删除的依据", "what obliges to it"))
@option("--dry-run", is_flag=True, says=Text("只看结果，不删除", "show it, erase nothing"))
@in_session
def erase(session: Session, case: str, comment: str | None, dry_run: bool) -> None:
    """Erase the personal data of a case that has ended."""
    from terminal.acts import what_was_erased

    with session.desk() as desk:
        erased = desk.erase(session.actor(desk), case, comment or "", dry_run=dry_run)
        definition = desk.case(session.actor(desk), erased.case).definition
    labels = what_was_erased(definition, erased.fields)
    if not erased.is_gone:
        session.remark(_LINGERS.filled(number=erased.number))
    if erased.missing:
        session.remark(_MISSING.filled(count=erased.missing))
    if erased.also:
        session.remark(_ALSO.filled(number=erased.number, also=listed([Text(each, each) for each in erased.also])))
    said = (_WOULD_ERASE if dry_run else _ERASED).filled(number=erased.number, fields=labels, events=erased.events)
    session.answer({**erased.to_json(), "dry_run": dry_run}, Line((Tinted("✓ ", Tone.GOOD), session.read(said))))


class Found(FoundFault):
    """A check found something: its figures, and each finding as a problem."""

    def __init__(self, text: Text, figures: dict[str, object], said: list[Text]) -> None:
        super().__init__(text)
        self.figures = figures
        self.problems = tuple(Problem("found", each) for each in said)


_BROKEN = Text(
    "核验发现 {count} 个问题：记录与数据不符，请勿继续办理，先查明原因",
    "verification found {count} problem(s): record and data differ; find the cause before going on",
)
_WHOLE = Text(
    "{cases} 件事项、{events} 条办理记录全部相符", "{cases} case(s), {events} event(s): all as the record says"
)
_SEALED_WHOLE = Text(
    "{cases} 件事项、{events} 条办理记录全部相符，与 {seals} 次封存一致",
    "{cases} case(s), {events} event(s): all as the record says, and as {seals} seal(s) say",
)
_NEW_WHOLE = Text(
    "{cases} 件事项、{events} 条办理记录与 {seals} 次封存一致；第 {since} 号封存后有变动的 {retold} 件全部相符，其余各件的当前内容和时限未重新推算",
    "{cases} case(s), {events} event(s): as {seals} seal(s) say; the {retold} case(s) with an event after seal {since} are all as "
    "the record says, state and dates of the others were not counted again",
)
_SEALED = Text(
    "第 {no} 号封存：{cases} 件事项、{events} 条办理记录，{hash}",
    "seal {no}: {cases} case(s), {events} event(s), {hash}",
)
NO_CHANNEL = Text(
    "没有设置邮件服务器；请设 GONGKAI_MAIL（如 smtp://用户@主机:587）和 GONGKAI_MAIL_FROM，或写入设置文件",
    "no mail server is named; set GONGKAI_MAIL (such as smtp://user@host:587) and GONGKAI_MAIL_FROM, or write them into the "
    "settings file",
)
_MAILED = Text("已寄出至第 {no} 号封存", "mailed, up to seal {no}")
_ALL_THERE = Text("各次封存此前都已寄出", "all seals had been mailed before")
_NOT_MAILED = Text(
    "{sealed}；没有寄出（{code}，含义见 docs/operations/outbox.md），下次封存时再寄",
    "{sealed}; not mailed ({code}, see docs/operations/outbox.md), which is tried again with the next one",
)
_REFUSED = Text(
    "{sealed}；没有寄出，邮件服务器拒收（{code}，含义见 docs/operations/outbox.md）；改好后再运行本命令，此前 scheduler 不再寄",
    "{sealed}; not mailed: the mail server refuses it ({code}, see docs/operations/outbox.md). Once that is mended type this again; "
    "until then no scheduler tries",
)
_ALONE = Text(
    "--forget 须单独使用；请去掉 --to、--mail、--page，或分两次办理",
    "--forget stands alone; leave out --to, --mail and --page, or say them in a command of their own",
)
_FORGOTTEN = Text("不再往 {place} 送封存", "no seals go to {place} any more")
_ERASED = Text(
    "{number} 的个人信息已删除：{fields}（{events} 条办理记录）",
    "the personal data of {number} are erased: {fields} (of {events} event(s))",
)
_LINGERS = Text(
    "注意：另有程序正在读数据库（核验、备份等），删除前的内容还留在数据库文件旁的 -wal 文件中；待其结束后请再运行一次本命令，答复“无须办理”即已清除",
    "mind: another program is reading the database (a verification, a backup), and what was erased still stands in the -wal file beside it; "
    "when that has ended run this command once more: “nothing is to be done” then says that it is gone",
)
_MISSING = Text(
    "注意：{count} 份附件的内容不在附件目录中，没有删到；如在别处（换过目录，或曾经由链接打开数据库），请到那里删除",
    "mind: the content of {count} attachment(s) is not in the directory of attachments and was not removed; if it lies elsewhere (another "
    "directory before, a database reached by a link), remove it there",
)
_ALSO = Text(
    "注意：与 {number} 相关的 {also} 也存有个人信息，办结后请另行删除",
    "mind: {also}, which belong(s) to {number}, hold(s) personal data as well; erase them there when they have ended",
)
_WOULD_ERASE = Text(
    "将删除 {number} 的个人信息：{fields}（{events} 条办理记录）；未删除",
    "this would erase of {number}: {fields} (of {events} event(s)); nothing was erased",
)
