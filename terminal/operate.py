"""What keeps the office running: init, sweep, scheduler, doctor."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from terminal.render import Column, Grid, Line, Tinted, Tone
from terminal.session import Session, in_session, system_login
from terminal.tongue import Example, command, option
from terminal.trust import Found, letters_with_seals, written_page
from workflow.case import SHANGHAI, TransitionName
from workflow.errors import Invalid, Problem, StorageFault
from workflow.text import Text

if TYPE_CHECKING:
    from storage import Desk
    from storage.sweep import Fired

ADMIN = "admin"


@command(
    examples=(
        Example(
            "gongkai init",
            Text("正式使用：建库，当前系统用户为管理员", "for real: the system's user becomes the administrator"),
        ),
        Example(
            "gongkai init --sample --sandbox --db try.db",
            Text("练习用：示例机关，时钟可设", "for practice: a sample bureau, the clock may be set"),
        ),
    ),
    more=Text(
        "可重复运行：已有的数据不动，旧版数据库升级到新版。",
        "Safe to repeat: what is there stays; an older database is migrated.",
    ),
)
@option(
    "--sample",
    is_flag=True,
    says=Text("加入示例机关：科室、人员、事项", "with a sample bureau: sections, people, cases"),
)
@option(
    "--sandbox",
    is_flag=True,
    says=Text("沙盒：可用 --now 设定时钟；不可改回", "a sandbox: --now may set its clock; for good"),
)
@in_session
def init(session: Session, sample: bool, sandbox: bool) -> None:
    """Create or migrate the database."""
    from storage.connection import without_password
    from storage.setup import initialise, is_sandbox

    url = session.settings.url
    if session.set_clock and not sandbox and not is_sandbox(url):
        raise Invalid((Problem("real-clock", _SANDBOX_FIRST, field="now"),))
    if url.startswith("sqlite:///") and session.settings.db is None:
        make_room(Path(url.removeprefix("sqlite:///")).parent)
    initialise(url, sandbox=sandbox, clock=lambda: session.clock_now, login=system_login())
    cases = 0
    with session.desk() as desk:
        if sample:
            from storage.sample import load_sample

            cases = load_sample(desk, desk.actor(ADMIN))
        for_practice = desk.is_sandbox
        kinds = sorted({each.id for each in desk.definitions()})
        is_empty = not desk.sections()
    url = without_password(url)
    said = (_SANDBOX_READY if for_practice else _READY).filled(url=url)
    if session.json or not session.quiet:
        session.answer(
            {"database": url, "sandbox": for_practice, "definitions": kinds, "cases": cases},
            Line((Tinted("✓ ", Tone.GOOD), session.read(said))),
            *([Line(session.read(_SAMPLE.filled(count=cases)))] if sample else []),
        )
    steps = _FIRST_STEPS if is_empty else _SAMPLE_STEPS if sample else _LATER_STEPS
    session.remark(_NEXT, *(session.to_type(session.read(each)) for each in steps))


def make_room(directory: Path) -> None:
    """The directory of this user's data, where nobody said another."""
    from storage.reasons import why

    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise StorageFault(reason=_NO_ROOM.filled(path=directory, why=why(fault)), way_out=_SAY_WHERE) from fault


@command(examples=(Example("gongkai sweep", Text("由系统定时任务每分钟运行亦可", "a cron job each minute does, too")),))
@option(
    "--limit",
    metavar="N",
    type=int,
    default=1000,
    says=Text("最多处理多少步，默认 1000", "at most so many steps, 1000 if not said"),
)
@in_session
def sweep(session: Session, limit: int) -> None:
    """One pass over what is due."""
    if limit < 1:
        raise Invalid((Problem("bad-limit", _AT_LEAST_ONE, field="limit"),))
    with session.desk() as desk:
        fired = desk.sweep(limit=limit)
        called = [_called(desk, each) for each in fired]
        cleared = desk.attachments.collect()
    session.answer(
        {
            "fired": [
                {
                    "case": each.number,
                    "deadline": each.deadline,
                    "step": each.step,
                    "scheduled_at": each.scheduled_at.isoformat(),
                    "fired_at": each.fired_at.isoformat(),
                    "late": each.late,
                }
                for each in fired
            ],
            "cleared": {"contents": cleared.contents, "size": cleared.size},
        },
        *(
            [
                Grid(
                    tuple(Column(session.read(each)) for each in (_CASE, _DEADLINE, _STEP, _SCHEDULED)),
                    tuple(
                        (
                            each.number,
                            *map(session.read, said),
                            each.scheduled_at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M"),
                        )
                        for each, said in zip(fired, called, strict=True)
                    ),
                )
            ]
            if fired
            else []
        ),
        Line(
            session.read((_FIRED if fired else _NOTHING_DUE).filled(count=len(fired), late=sum(f.late for f in fired)))
        ),
    )


def _called(desk: Desk, each: Fired) -> tuple[Text, Text]:
    """What the clock and its step are called in the case's own definition: another kind may use the same name."""
    definition = desk.definition_of(each.definition)
    rule = definition.deadlines.get(each.deadline) if each.deadline else None
    step = definition.transitions.get(TransitionName(each.step))
    said = step.label if step else _STEPS.get(each.step.partition("-")[0]) or Text(each.step, each.step)
    return rule.label if rule else _AUTOMATIC, said


@command(
    examples=(Example("gongkai scheduler --every 30", Text("每 30 秒处理一遍", "every 30 seconds")),),
    more=Text(
        "启动时、每隔一段时间、以及下一个到期时刻各处理一遍；设有邮件服务器（GONGKAI_MAIL）的，同时发送发件箱里的通知。"
        "可同时运行多个。用 Ctrl-C 或 SIGTERM 停止。",
        "Sweeps at start, at intervals and at the next due moment and, where a mail server is named (GONGKAI_MAIL), delivers what is "
        "in the outbox beside that. Any number may run. Ctrl-C or SIGTERM stops it.",
    ),
)
@option(
    "--every",
    metavar="SECONDS",
    type=float,
    default=60.0,
    says=Text("间隔秒数，默认 60", "seconds between two passes, 60 if not said"),
)
@option(
    "--seals",
    metavar="FILE",
    says=Text("每小时及公开后封存，并追加到此文件", "seal each hour and after each publication, into this file too"),
)
@option(
    "--seal-mail",
    metavar="ADDRESS",
    says=Text("各次封存另寄到此邮件地址", "mail each seal to this address, too"),
)
@option(
    "--seal-page",
    metavar="FILE.html",
    says=Text("各次封存另写在此网页上，旁边另有 .jsonl", "write each seal on this page, too, with a .jsonl beside it"),
)
@option(
    "--log",
    type=click.Choice(["text", "json"]),
    default="text",
    says=Text("日志写成文字或每行一个 JSON 对象", "log sentences, or one JSON object a line"),
)
@in_session
def scheduler(
    session: Session, every: float, seals: str | None, seal_mail: str | None, seal_page: str | None, log: str
) -> None:
    """The ticker, until it is stopped."""
    from scheduler import Ticker
    from terminal.logs import speak
    from terminal.outbox import outgoing

    if not 0.1 <= every <= 86_400:
        raise Invalid((Problem("bad-interval", _BAD_INTERVAL, field="every"),))
    if session.set_clock:
        raise Invalid((Problem("real-clock", _TICKS_FOR_REAL, field="now"),))
    speak(session, as_json=log == "json")
    with session.desk() as desk:
        to = Path(seals) if seals else None
        if to:
            desk.expect_outside(to)
        pages = [written_page(desk, Path(seal_page))] if seal_page else []
        letters = [letters_with_seals(session, desk, seal_mail)] if seal_mail is not None else []
        session.remark(_TICKING)

        def seal() -> None:
            desk.seal_if_due(to)

        cleared_at: list[datetime] = []

        def clear_away() -> None:
            """Once an hour, what nothing points at."""
            now = desk.now()
            if not cleared_at or now - cleared_at[0] >= timedelta(hours=1):
                cleared_at[:] = [now]
                desk.attachments.collect()

        Ticker(
            desk, every=every, deliveries=[seal, *pages, clear_away], beside=[outgoing(session, desk), *letters]
        ).run_forever()
    session.answer({"stopped": True}, Line(session.read(_STOPPED)))


@command(examples=(Example("gongkai doctor", Text("一切正常则退出码为 0", "exit code 0 when all is well")),))
@in_session
def doctor(session: Session) -> None:
    """Health, check by check."""
    with session.desk() as desk:
        checks = desk.doctor()
    ill = [each for each in checks if not each.ok]
    facts: dict[str, object] = {"checks": [each.to_json() for each in checks]}
    lines = [
        line
        for each in checks
        for line in (
            Line((Tinted("✓ ", Tone.GOOD) if each.ok else Tinted("✗ ", Tone.BAD), session.read(each.text))),
            *([Line(Tinted("→ " + session.read(each.hint), Tone.DIM), indent=4)] if each.hint else []),
        )
    ]
    if not ill:
        session.answer(facts, *lines)
        return
    if not session.json:
        session.answer(facts, *lines)
    raise Found(_ILL.filled(count=len(ill)), facts, [])


_READY = Text("数据库已就绪：{url}", "the database is ready: {url}")
_SANDBOX_READY = Text(
    "沙盒数据库已就绪：{url}（时钟可用 --now 设定）", "the sandbox database is ready: {url} (--now sets its clock)"
)
_SAMPLE = Text("示例机关已加入，事项 {count} 件", "the sample bureau is in, with {count} case(s)")
_NEXT = Text("下一步：", "next:")
_FIRST_STEPS = (
    Text("people bureau --name 单位名称", "people bureau --name NAME"),
    Text("people section 科室名", "people section NAME"),
    Text("people add 编号 姓名 --section 科室名", "people add ID NAME --section SECTION"),
    Text("people appoint 编号 职务", "people appoint ID ROLE"),
)
_SAMPLE_STEPS = (
    Text("people list --as admin", "people list --as admin"),
    Text("todo --as wangmin", "todo --as wangmin"),
)
_LATER_STEPS = (Text("doctor", "doctor"), Text("verify", "verify"))
_STEPS = {
    "remind": Text("提醒", "remind"),
    "escalate": Text("逾期上报", "escalate"),
    "expire": Text("到期", "expire"),
    "reorganise": Text("科室撤并，转科", "went over with its section"),
    "unmanned": Text("无人可办，上报", "nobody can act, told above"),
}
_NO_ROOM = Text("数据目录 {path} 建不了（{why}）", "the data directory {path} cannot be made ({why})")
_SAY_WHERE = Text("请用 --db 指明放在哪里", "say with --db where it shall lie")
_SANDBOX_FIRST = Text(
    "--now（GONGKAI_NOW）只用于沙盒数据库；请加 --sandbox，或去掉 --now",
    "--now (GONGKAI_NOW) is for a sandbox only; add --sandbox, or leave --now out",
)
_UNSOUND = Text(
    "演示的办理记录校验未通过，请把演示数据库交管理员",
    "the demonstration's record did not verify; hand its database to the administrator",
)
_AT_LEAST_ONE = Text("--limit 应为不小于 1 的整数", "--limit takes a whole number from 1")
_CASE = Text("事项", "Case")
_DEADLINE = Text("时限", "Deadline")
_STEP = Text("动作", "Step")
_SCHEDULED = Text("应于", "Scheduled")
_AUTOMATIC = Text("自动", "automatic")
_FIRED = Text(
    "处理 {count} 步，其中迟于应办时刻 {late} 步", "{count} step(s) taken, {late} of them later than scheduled"
)
_NOTHING_DUE = Text("没有到期事项", "nothing is due")
_BAD_INTERVAL = Text("--every 应在 0.1 至 86400 秒之间", "--every lies between 0.1 and 86400 seconds")
_TICKS_FOR_REAL = Text(
    "定时器只按真实时钟运行；沙盒请用 gongkai sweep --now 时刻",
    "the ticker runs by the real clock; in a sandbox use gongkai sweep --now INSTANT",
)
_TICKING = Text("定时器已启动，Ctrl-C 停止", "the ticker runs; Ctrl-C stops it")
_STOPPED = Text("定时器已停止", "the ticker has stopped")
_ILL = Text("体检发现 {count} 项需要处理", "{count} check(s) need attention")
