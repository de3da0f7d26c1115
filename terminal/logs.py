"""What a running process says on stderr: sentences for people, or one JSON object a line for whoever collects them.

Only what stands in `ALLOWED` leaves, whatever a record holds: no title, no name and no number of a person is ever in a log.
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime

from terminal.session import Session
from workflow.case import SHANGHAI
from workflow.story import story
from workflow.text import Lang, Text

ALLOWED = (
    "case", "code", "delivered", "delivery", "dropped", "every_seconds", "failed", "fired", "parked", "story",
)  # fmt: skip


class Sentences(logging.Formatter):
    """In the language of the call and Shanghai time, which each line says: the logs beside it may be of another zone."""

    def __init__(self, lang: Lang) -> None:
        super().__init__()
        self._lang = lang

    def format(self, record: logging.LogRecord) -> str:
        facts = facts_of(record)
        said = _SAID.get(record.msg)
        at = datetime.fromtimestamp(record.created, SHANGHAI).isoformat(" ", "seconds")
        filled = {name: facts.get(name, "?") for name in ALLOWED}
        text = said.filled(**filled).read(self._lang) if said else str(record.msg)
        told = f"\n  {facts['story']}" if "story" in facts else ""
        return f"{at} {text}{told}"


class Lines(logging.Formatter):
    """One JSON object for each record: `at` in UTC, `level`, `logger`, `event`, and of the rest what is allowed."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        said = {"at": at, "level": record.levelname.lower(), "logger": record.name, "event": str(record.msg)}
        return json.dumps({**said, **facts_of(record)}, ensure_ascii=False)


def facts_of(record: logging.LogRecord) -> dict[str, object]:
    """What a record says beside its event, as far as it is allowed; a fault by its story."""
    facts = {name: getattr(record, name) for name in ALLOWED if hasattr(record, name)}
    if record.exc_info and record.exc_info[1]:
        facts["story"] = story(record.exc_info[1])
    if isinstance(facts.get("every_seconds"), float):
        facts["every_seconds"] = float(f"{facts['every_seconds']:g}")
    return facts


def speak(session: Session, *, as_json: bool) -> None:
    """From now on what is logged goes to stderr."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines() if as_json else Sentences(session.lang))
    logging.basicConfig(handlers=[handler], level=logging.WARNING if session.quiet else logging.INFO)
    logging.getLogger("apscheduler").setLevel(logging.WARNING)


_SAID = {
    "ticker.started": Text("每 {every_seconds} 秒处理一遍", "a pass every {every_seconds} seconds"),
    "ticker.stopped": Text("停止", "stopped"),
    "sweep.done": Text("处理 {fired} 步", "{fired} step(s) taken"),
    "sweep.busy": Text(
        "数据库正忙，已处理 {fired} 步，下一遍再办", "the database is busy, {fired} step(s) taken; again next pass"
    ),
    "sweep.failed": Text(
        "这一遍未完成（{code}），已处理 {fired} 步；请运行 gongkai doctor",
        "the pass did not end ({code}), {fired} step(s) taken; run gongkai doctor",
    ),
    "clock.set_back": Text(
        "本机时钟被往回拨；照常处理，请用 gongkai doctor 核对时钟",
        "the clock of this machine was set back; passes go on, look at it with gongkai doctor",
    ),
    "seals.half_written": Text(
        "封存文件末行只写了一半，已在其后重写整行",
        "the last line of the seals was half written; the whole stands after it",
    ),
    "aim.failed": Text("读不到下一个到期时刻（{code}）", "the next due moment cannot be read ({code})"),
    "delivery.failed": Text(
        "“{delivery}”没有完成（{code}），下一遍再试；请手工运行一次看原因",
        "“{delivery}” did not succeed ({code}) and is tried again with the next pass; run it by hand to see why",
    ),
    "outbox.done": Text(
        "发件箱：送达 {delivered}，稍后再试 {failed}，停止重试 {parked}，不再需要 {dropped}（{code}）",
        "outbox: {delivered} delivered, {failed} to be tried again, {parked} parked, {dropped} not needed any more ({code})",
    ),
    "outbox.stuck": Text(
        "发件箱中一条通知出故障（{code}），已停止；请运行 gongkai doctor",
        "a notice in the outbox is at fault ({code}) and set aside; run gongkai doctor",
    ),
    "case.stuck": Text(
        "事项 {case} 暂时搁置（{code}）；请运行 gongkai doctor", "case {case} is set aside ({code}); run gongkai doctor"
    ),
    "case.not_recomputed": Text("事项 {case} 的时限未能重算", "the dates of case {case} could not be counted anew"),
    "case.not_migrated": Text("事项 {case} 未能迁移", "case {case} could not be migrated"),
    "case.hands_unknown": Text("查不出事项 {case} 在谁手里", "in whose hands case {case} is cannot be found out"),
}
