"""What is held up in the outbox: parked, failing, or long due; each a sentence, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from storage.connection import Connection, instant_from, instant_text
from storage.statements import OUTBOX_STANDING
from workflow.case import SHANGHAI
from workflow.text import Text

#: What has not left by then is told.
UNSENT_FOR = timedelta(hours=1)


def held_up(db: Connection, now: datetime) -> Iterator[tuple[Text, Text]]:
    """What is parked in the outbox, and what should long have left it."""
    late = instant_text(now - UNSENT_FOR)
    for row in db.all(OUTBOX_STANDING):
        facts = {"count": row["count"], "channel": row["channel"], "code": row["code"]}
        facts["since"] = instant_from(row["oldest"]).astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
        if row["state"] == "parked":
            yield _PARKED.filled(**facts), _RELEASE
        elif row["code"] and row["oldest"] < late:
            yield _FAILING.filled(**facts), _SERVER
        elif row["due_at"] < late:
            yield _UNSENT.filled(**facts), _DELIVER


_PARKED = Text(
    "{count} 条通知未能经 {channel} 送达（{code}），已停止重试，最早一条 {since}",
    "{count} notice(s) could not be delivered by {channel} ({code}) and are parked, the oldest of {since}",
)
_RELEASE = Text(
    "收件人见 gongkai outbox list --parked；改正地址（people address）或邮件服务器后运行 gongkai outbox retry",
    "see gongkai outbox list --parked; mend the address (people address) or the mail server, then run gongkai outbox retry",
)
_FAILING = Text(
    "{count} 条通知尚未经 {channel} 送达（{code}），仍在重试，最早一条 {since}",
    "{count} notice(s) have not been delivered by {channel} yet ({code}) and are tried again, the oldest of {since}",
)
_SERVER = Text(
    "请检查邮件服务器及其设置；原因代码见 docs/operations/outbox.md",
    "look after the mail server and its settings; what the code means stands in docs/operations/outbox.md",
)
_UNSENT = Text(
    "{count} 条通知待经 {channel} 发送而没有人发，最早一条 {since}",
    "{count} notice(s) wait to be delivered by {channel} and nobody does, the oldest of {since}",
)
_DELIVER = Text(
    "请让 gongkai scheduler 在设有 GONGKAI_MAIL 的环境中常驻运行；不再需要邮件的，用 gongkai people address 人员 --none",
    "keep gongkai scheduler running where GONGKAI_MAIL is set; who needs no mail: gongkai people address PERSON --none",
)
