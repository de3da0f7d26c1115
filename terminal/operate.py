"""What keeps the office running: init, demo, sweep, scheduler, verify, doctor."""

from __future__ import annotations

import sys
from pathlib import Path

from terminal.render import Column, Grid, Line, Tinted, Tone
from terminal.session import Session, in_session, system_login
from terminal.tongue import Example, command, option
from workflow.case import SHANGHAI
from workflow.errors import FoundFault, Invalid, Problem, StorageFault
from workflow.text import Text

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
    from storage.setup import initialise

    url = session.settings.url
    at = session.set_clock
    if at and not sandbox:
        _refuse_a_set_clock(session)
    if url.startswith("sqlite:///") and session.settings.db is None:
        _make_room(Path(url.removeprefix("sqlite:///")).parent)
    initialise(url, sandbox=sandbox, clock=lambda: session.clock_now, login=system_login())
    cases = 0
    with session.desk() as desk:
        if sample:
            from storage.sample import load_sample

            cases = load_sample(desk, desk.actor(ADMIN))
        is_sandbox = desk.is_sandbox
        kinds = sorted({each.id for each in desk.definitions()})
    said = (_SANDBOX_READY if is_sandbox else _READY).filled(url=url)
    session.answer(
        {"database": url, "sandbox": is_sandbox, "definitions": kinds, "cases": cases},
        Line((Tinted("✓ ", Tone.GOOD), session.read(said))),
        *([Line(session.read(_SAMPLE.filled(count=cases)))] if sample else []),
    )
    session.remark(_NEXT_SAMPLE if sample else _NEXT)


def _make_room(directory: Path) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise StorageFault(reason=_NO_ROOM.filled(path=directory, why=fault.strerror), way_out=_SAY_WHERE) from fault


def _refuse_a_set_clock(session: Session) -> None:
    """A clock may be set for a database that is a sandbox already."""
    from storage import Desk

    path = Path(session.settings.url.removeprefix("sqlite:///"))
    if path.exists() and path.stat().st_size:
        with Desk.open(session.settings.url) as desk:
            if desk.is_sandbox:
                return
    raise Invalid((Problem("real-clock", _SANDBOX_FIRST, field="now"),))


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
            ]
        },
        *(
            [
                Grid(
                    tuple(Column(session.read(each)) for each in (_CASE, _DEADLINE, _STEP, _SCHEDULED)),
                    tuple(
                        (
                            each.number,
                            each.deadline or session.read(_AUTOMATIC),
                            each.step,
                            each.scheduled_at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M"),
                        )
                        for each in fired
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


@command(
    examples=(Example("gongkai scheduler --every 30", Text("每 30 秒处理一遍", "every 30 seconds")),),
    more=Text(
        "启动时、每隔一段时间、以及下一个到期时刻各处理一遍；可同时运行多个。用 Ctrl-C 或 SIGTERM 停止。",
        "Sweeps at start, at intervals and at the next due moment; any number may run. Ctrl-C or SIGTERM stops it.",
    ),
)
@option(
    "--every",
    metavar="SECONDS",
    type=float,
    default=60.0,
    says=Text("间隔秒数，默认 60", "seconds between two passes, 60 if not said"),
)
@in_session
def scheduler(session: Session, every: float) -> None:
    """The ticker, until it is stopped."""
    import logging

    from scheduler import Ticker

    if not 0.1 <= every <= 86_400:
        raise Invalid((Problem("bad-interval", _BAD_INTERVAL, field="every"),))
    if session.set_clock:
        raise Invalid((Problem("real-clock", _TICKS_FOR_REAL, field="now"),))
    logging.basicConfig(
        stream=sys.stderr, level=logging.WARNING if session.quiet else logging.INFO, format="%(asctime)s %(message)s"
    )
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    with session.desk() as desk:
        session.remark(_TICKING)
        Ticker(desk, every=every).run_forever()
    session.answer({"stopped": True}, Line(session.read(_STOPPED)))


@command(examples=(Example("gongkai verify --json", Text("供程序读取", "for programs")),))
@in_session
def verify(session: Session) -> None:
    """The whole record, read once more."""
    with session.desk() as desk:
        found = desk.verify()
    facts = found.to_json()
    if found.problems:
        raise _Found(_BROKEN.filled(count=len(found.problems)), facts, [each.text for each in found.problems])
    said = _WHOLE.filled(cases=found.cases, events=found.events)
    session.answer(facts, Line((Tinted("✓ ", Tone.GOOD), session.read(said))))


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
    raise _Found(_ILL.filled(count=len(ill)), facts, [])


class _Found(FoundFault):
    """A check found something: its figures, and each finding as a problem."""

    def __init__(self, text: Text, figures: dict[str, object], said: list[Text]) -> None:
        super().__init__(text)
        self.figures = figures
        self.problems = tuple(Problem("found", each) for each in said)


_READY = Text("数据库已就绪：{url}", "the database is ready: {url}")
_SANDBOX_READY = Text(
    "沙盒数据库已就绪：{url}（时钟可用 --now 设定）", "the sandbox database is ready: {url} (--now sets its clock)"
)
_SAMPLE = Text("示例机关已加入，事项 {count} 件", "the sample bureau is in, with {count} case(s)")
_NEXT = Text(
    "下一步：gongkai people section 科室名，gongkai people add 编号 姓名，gongkai people appoint 编号 职务；或 gongkai demo 先看演示",
    "next: gongkai people section NAME, gongkai people add ID NAME, gongkai people appoint ID ROLE; or gongkai demo to see it live",
)
_NEXT_SAMPLE = Text(
    "下一步：gongkai people list 看有哪些人，再用 --as 编号 办理，如 gongkai todo --as wangmin",
    "next: gongkai people list shows who is here; then act with --as ID, such as gongkai todo --as wangmin",
)
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
_BROKEN = Text(
    "核验发现 {count} 个问题：记录与数据不符，请勿继续办理，先查明原因",
    "verification found {count} problem(s): record and data differ; find the cause before going on",
)
_WHOLE = Text(
    "{cases} 件事项、{events} 条办理记录全部相符", "{cases} case(s), {events} event(s): all as the record says"
)
_ILL = Text("体检发现 {count} 项需要处理", "{count} check(s) need attention")
