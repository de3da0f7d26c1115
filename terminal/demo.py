"""`gongkai demo`: the sample bureau lives through a month on real documents, in under a minute, in a sandbox of its own.

The real ticker drives the clocks in its thread, people act through the desk in this one, a board shows it. The figures at the
end are read from the database, whose record is then verified.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as hour
from pathlib import Path
from typing import IO, TYPE_CHECKING

from terminal.render import Block, Column, Grid, Line, Tinted, Tone
from terminal.session import Session, in_session
from terminal.tongue import Example, command, option
from workflow.case import SHANGHAI, Actor
from workflow.errors import FoundFault, GongkaiError, Invalid, Problem, StorageFault
from workflow.text import Text

if TYPE_CHECKING:
    from scheduler import Ticker
    from storage import Desk
    from storage.sweep import Fired
    from storage.verify import Verified
    from storage.views import Done
    from terminal.figures import Figures
    from terminal.month import FastClock, Passes
    from terminal.show import News

KIND = "document"
PROLOGUE = date(2026, 1, 5)
EVERY = 1.0  # seconds of real time between the ticker's own passes


@command(
    more=Text(
        "演示使用自己的沙盒数据库：默认为数据目录下的 demo.db，或 --db 指定的文件。那里已有的沙盒会被新的替换，真实数据库不会。",
        "It uses a sandbox database of its own: demo.db in the data directory, or --db FILE. A sandbox that stands there is "
        "replaced by a new one, a real database never.",
    ),
    examples=(
        Example("gongkai demo", Text("看一个机关的一个月", "watch a bureau live through a month")),
        Example(
            "gongkai demo --fast --db month.db",
            Text("不按节奏等待，直接看结果", "the result at once, without the pacing"),
        ),
    ),
)
@option("--fast", is_flag=True, says=Text("不按节奏等待，尽快做完", "as fast as it goes, without pacing"))
@option(
    "--seed",
    type=int,
    default=26,
    metavar="N",
    says=Text("换一个月份（默认 26）", "another month by chance (26 if not said)"),
)
@option(
    "--acknowledged",
    metavar="FILE",
    says=Text(
        "把数据库已确认的每一步写入文件，每行一个 JSON 对象",
        "write every step that the database has acknowledged to a file, one JSON object a line",
    ),
)
@in_session
def demo(session: Session, fast: bool, seed: int, acknowledged: str | None) -> None:
    """The month, its figures, and what to try next."""
    url = session.settings.url if session.settings.db else f"sqlite:///{_own_place()}"
    if acknowledged is None:
        _Demonstration(session, url, fast, seed, None).run()
        return
    with _opened(Path(acknowledged)) as file:
        _Demonstration(session, url, fast, seed, file).run()


def _opened(place: Path) -> IO[str]:
    """A new file, to be written; or a pipe, at whose other end somebody reads along."""
    from storage.files import expect_free
    from storage.reasons import why

    try:
        if place.is_fifo() or place.is_char_device():
            return place.open("w", encoding="utf-8")
        expect_free(place, force=True, field="acknowledged")
        is_empty = place.is_file() and not place.stat().st_size  # as one that was refused left it
        return place.open("w" if is_empty else "x", encoding="utf-8")
    except FileExistsError as fault:
        raise Invalid((Problem("exists", _EXISTS.filled(name=place), field="acknowledged"),)) from fault
    except OSError as fault:
        text = _UNWRITABLE.filled(name=place, reason=why(fault))
        raise Invalid((Problem("unwritable", text, field="acknowledged"),)) from fault


def _own_place() -> Path:
    from settings import data_directory

    return data_directory() / "demo.db"


@dataclass(slots=True)
class _Demonstration:
    session: Session
    url: str
    fast: bool
    seed: int
    acknowledged: IO[str] | None

    def run(self) -> None:
        """The whole of it; raises FoundFault when the record does not hold at the end."""
        from storage import Desk
        from terminal.figures import read_figures, read_others
        from terminal.month import FIRST, FastClock, Month, Passes, moment
        from terminal.show import READER, News, Pace, Show

        began = time.monotonic()
        clock, passes = FastClock(moment(PROLOGUE, hour(8, 0))), Passes()
        prepare(self.url, clock.now)
        with Desk.open(self.url, clock=clock.now) as desk:
            reader = desk.actor(READER)
            news = News(lambda case: desk.case(reader, case).definition, self.session.lang)
            show = Show(desk, clock, news, self.session.lang, self.session.quiet or self.session.json)
            show.say(Line(Tinted(self._read(_OPENING), Tone.STRONG)), Line(self._read(_take_in_history(desk))))
            ticker = _ticker(desk, news, passes, clock)
            month = Month(desk, clock, passes, ticker.nudge, lambda done: self._keep(done, news), self.seed)
            ticker.start()
            try:
                finished = show.play(month.beats(), Pace(self.fast, FIRST), FIRST)
            finally:
                ticker.stop()
            verified = desk.verify()
            show.say(Line(""), Line(Tinted(self._read(_FIGURES if finished else _STOPPED), Tone.STRONG)))
            figures = read_figures(desk, reader, KIND)
            read_others(desk, reader, figures)
            self._tell(finished, desk, figures, verified)
            show.say(Line(self._read(_TOOK.filled(seconds=f"{time.monotonic() - began:.0f}"))), Line(""))
            show.say(*self._what_next(desk, month.papers, clock.now()))
        if verified.problems:
            raise FoundFault(count=len(verified.problems))

    def _tell(self, finished: bool, desk: Desk, figures: Figures, verified: Verified) -> None:
        """The figures, and whether the record holds."""
        from terminal.figures import in_words, others_in_words
        from terminal.show import READER
        from terminal.together import moments

        seen = moments(desk, desk.actor(READER))
        told = (
            *in_words(figures, desk.definition(KIND)),
            *others_in_words(figures, desk.definition),
            *((each.label, each.said) for each in seen),
        )
        rows = tuple((self._read(name), self._read(said)) for name, said in told)
        facts = {"cases": verified.cases, "events": verified.events, "problems": len(verified.problems)}
        said, tone = (_UNSOUND, Tone.BAD) if verified.problems else (_SOUND, Tone.GOOD)
        self.session.answer(
            {
                "finished": finished,
                "figures": figures.to_json(),
                "moments": [each.to_json() for each in seen],
                "verified": verified.to_json(),
            },
            Grid((Column(self._read(_WHAT)), Column(self._read(_HOW_MANY), wraps=True)), rows, indent=2),
            Line(Tinted(self._read(said.filled(**facts)), tone)),
        )

    def _keep(self, done: Done, news: News) -> None:
        """Note a step that is in the database for good."""
        if self.acknowledged:
            facts = {
                "case": done.event.case_id,
                "seq": done.event.seq,
                "transition": done.event.transition,
                "hash": done.event.hash,
            }
            self.acknowledged.write(json.dumps(facts) + "\n")
            self.acknowledged.flush()
        news.taken(done)

    def _what_next(self, desk: Desk, papers: Iterable[str], now: datetime) -> Iterator[Block]:
        """Commands that work as they stand."""
        program = _program()
        moment = now.astimezone(SHANGHAI).isoformat(timespec="minutes")
        place = shlex.quote(str(Path(self.url.removeprefix("sqlite:///")).absolute()))
        yield Line(Tinted(self._read(_NEXT), Tone.STRONG))
        yield Line(
            f"export GONGKAI_DB={place} GONGKAI_NOW={moment} GONGKAI_LANG={self.session.lang}", indent=2, wraps=False
        )
        for typed, says in _suggestions(desk, papers):
            yield Line((f"{program} {typed}", Tinted(f"    # {self._read(says)}", Tone.DIM)), indent=2, wraps=False)

    def _read(self, text: Text) -> str:
        return self.session.read(text)


def _suggestions(desk: Desk, papers: Iterable[str]) -> Iterator[tuple[str, Text]]:
    from terminal.show import READER

    reader = desk.actor(READER)
    yield "board --as wujianguo", Text("督办看板", "the supervisor's board")
    yield "todo --as zhoujing", Text("办公室的待办", "what waits for the Office")
    story = _returned_by_the_system(desk, reader, papers)
    if story:
        yield f"history {story} --as {READER}", Text("一件退文的来龙去脉", "the story of one that was returned")
    waiting, _ = desk.list_cases(reader, kind=KIND, state="leader_approval", limit=1)
    for row in waiting:
        yield f"why {row.number} --as zhaoqiming", Text("能办什么，为什么不能", "what may be done, and why not")
    for row in desk.list_cases(reader, kind="request", state="consulting", limit=1)[0]:
        yield (
            f"show {row.number} --explain --as sunli",
            Text("一件暂停计时的申请", "a request whose clock stands still"),
        )
    for row in desk.list_cases(reader, kind="proposal", state="feedback", limit=1)[0]:
        yield f"history {row.number} --as {READER}", Text("一件建议提案的来龙去脉", "the story of a proposal")
    yield "calendar due 2026-02-13 '20 working days' --explain", Text("时限逐日说明", "a date that explains itself")
    yield "verify", Text("核验全部记录", "check the whole record")


def _returned_by_the_system(desk: Desk, reader: Actor, papers: Iterable[str]) -> str | None:
    """The number of a case that the system returned: one that has come to its end, where there is one."""
    found = None
    for id in papers:
        if any(each.transition == "return_untagged" and each.automatic for each in desk.history(reader, id)):
            case = desk.case(reader, id).case
            if case.closed_at:
                return case.number
            found = found or case.number
    return found


def _program() -> str:
    """How this program was called, so that the next commands can be typed as they stand."""
    said = Path(sys.argv[0])
    found = shutil.which("gongkai")
    same = found is not None and Path(found).resolve() == said.resolve()
    return "gongkai" if same or said.name != "gongkai" else shlex.quote(str(said))


# The stage.


def prepare(url: str, clock: Callable[[], datetime]) -> None:
    """A new sandbox with the sample bureau's people at that address; a sandbox that stands there gives way.

    It is made beside its place and moved there whole: a demonstration that dies at once leaves nothing half made.
    """
    from storage import Desk
    from storage.sample import add_bureau
    from storage.setup import initialise

    where = _place(url)
    beside = where.with_name(where.name + ".new")
    try:
        _remove(beside)
        fresh = f"sqlite:///{beside}"
        initialise(fresh, sandbox=True, clock=clock, login=None)
        with Desk.open(fresh, clock=clock) as desk:
            add_bureau(desk, desk.actor("admin"))
        _remove(where)
        beside.rename(where)
    except OSError as fault:
        raise _no_place(where, fault) from fault


def _place(url: str) -> Path:
    """The file that the address means, if the demonstration may have it."""
    from storage import Desk

    if not url.startswith("sqlite:///"):
        raise Invalid((Problem("not-a-file", _SQLITE_ONLY.filled(url=url), field="db"),))
    where = Path(url.removeprefix("sqlite:///"))
    try:
        where.parent.mkdir(parents=True, exist_ok=True)
        stands = os.path.exists(where) and where.stat().st_size > 0
    except OSError as fault:
        raise _no_place(where, fault) from fault
    if stands:
        try:
            with Desk.open(url) as desk:
                sandbox = desk.is_sandbox
        except GongkaiError:
            sandbox = False  # what we cannot read is not ours to remove
        if not sandbox:
            raise Invalid((Problem("not-a-sandbox", _NOT_A_SANDBOX.filled(name=where), field="db"),))
    return where


def _no_place(where: Path, fault: OSError) -> StorageFault:
    from storage.reasons import why

    return StorageFault(reason=_NO_PLACE.filled(place=where, why=why(fault)), way_out=_ELSEWHERE)


def _remove(where: Path) -> None:
    for ending in ("", "-wal", "-shm", "-journal", ".init"):
        where.with_name(where.name + ending).unlink(missing_ok=True)


def _take_in_history(desk: Desk) -> Text:
    from exchange import import_file
    from storage.sample import DIRECTORY

    report = import_file(desk, desk.actor("sunli"), KIND, DIRECTORY / "documents.csv", section="办公室")
    return Text(
        f"先导入历史公文。{report.summary.zh}；{report.timeliness.zh}。",
        f"First the documents of earlier years. {report.summary.en}; {report.timeliness.en}.",
    )


class _Watched:
    """The desk as the ticker sees it, with an eye on what fires, and only when the month waits for it."""

    def __init__(self, desk: Desk, news: News, passes: Passes) -> None:
        self._desk, self._news, self._passes = desk, news, passes

    def sweep(self, limit: int = 1000) -> Sequence[Fired]:
        fired = self._desk.sweep(limit) if self._passes.begins() else ()
        for each in fired:
            self._news.fired(each)
        return fired

    def next_due_at(self) -> datetime | None:
        return self._desk.next_due_at()


def _ticker(desk: Desk, news: News, passes: Passes, clock: FastClock) -> Ticker:
    from scheduler import Ticker

    def to_real(at: datetime) -> datetime:
        # Between two beats the sandbox's clock stands still: what is due is due now, the rest is asked for at its beat.
        return datetime.now(UTC) + (timedelta(0) if at <= clock.now() else timedelta(hours=1))

    return Ticker(_Watched(desk, news, passes), every=EVERY, deliveries=(passes.one_more,), to_real=to_real)


_OPENING = Text(
    "示范财政局的一个月：2026-02-02 至 2026-03-06，跨春节和两个补班日；文件是真实的，人是虚构的。",
    "A month in a sample finance bureau: 2026-02-02 to 2026-03-06, over the Spring Festival and two make-up days; "
    "the documents are real, the people are not.",
)
_FIGURES = Text("一个月的结果（自数据库读出）：", "The month, as the database tells it:")
_WHAT, _HOW_MANY = Text("办理情况", "what happened"), Text("数量", "how often")
_STOPPED = Text("提前结束；到此为止的结果（自数据库读出）：", "Stopped early; so far, as the database tells it:")
_SOUND = Text(
    "核验通过：{cases} 件事项、{events} 条办理记录首尾相连，重放与现状一致。",
    "Verified: {cases} cases, {events} events; every chain is whole, and replayed it gives what stands.",
)
_UNSOUND = Text(
    "核验发现 {problems} 个问题，请运行 gongkai verify 查看。",
    "The check found {problems} problem(s); see gongkai verify.",
)
_TOOK = Text("用时 {seconds} 秒。", "It took {seconds} seconds.")
_NEXT = Text("接下来可以试试：", "What to try next:")
_SQLITE_ONLY = Text(
    "演示只用 SQLite 文件，不能用 {url}；请用 --db 文件名",
    "the demonstration takes an SQLite file, not {url}; give --db FILE",
)
_NOT_A_SANDBOX = Text(
    "{name} 已存在且不是沙盒数据库，演示不会覆盖它；请用 --db 另指一个文件",
    "{name} is there and is no sandbox database; the demonstration does not overwrite it: name another file with --db",
)
_NO_PLACE = Text("{place} 写不了（{why}）", "{place} cannot be written ({why})")
_ELSEWHERE = Text("请用 --db 指定一个可写的文件", "name a file that can be written with --db")
_EXISTS = Text(
    "文件 {name} 已存在，不会覆盖；请换个名字", "{name} is there already and is not written over; choose another name"
)
_UNWRITABLE = Text("文件 {name} 写不了：{reason}", "the file {name} cannot be written: {reason}")
