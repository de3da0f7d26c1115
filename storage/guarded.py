"""Whether what keeps the record is in force, as it was made: its triggers, its unique indexes, and tables that a crash leaves whole,
and of which who works sees every row.
"""

from __future__ import annotations

from collections.abc import Iterator

from storage.check import Check
from storage.connection import Connection
from workflow.text import Text, listed


def guards(db: Connection) -> Iterator[Check]:
    """Whether the triggers and unique indexes are those by which the record holds, and no others; which tables a crash empties, or hide rows."""
    found = db.triggers()
    said = ((_GONE, found.gone), (_CHANGED, found.altered), (_FOREIGN, found.foreign))
    amiss = [text.filled(names=", ".join(names)) for text, names in said if names]
    yield Check("guards", not amiss, listed(amiss, "；", "; ") if amiss else _GUARDED, _WHO_TOOK_IT if amiss else None)
    if found.unlogged:
        names = ", ".join(found.unlogged)
        yield Check("unlogged", False, _UNLOGGED.filled(names=names), _SET_LOGGED.filled(first=found.unlogged[0]))
    if found.kept_back:
        names = ", ".join(found.kept_back)
        yield Check("row-security", False, _KEPT_BACK.filled(names=names), _SHOW_ALL.filled(first=found.kept_back[0]))


_GUARDED = Text(
    "办理记录只增不改的触发器、不重复的索引齐全，未被改动",
    "the triggers by which the record only grows, and the indexes by which nothing is there twice, are all there, as they were made",
)
_GONE = Text(
    "保护办理记录的触发器或索引被删除：{names}", "triggers or indexes that keep the record were removed: {names}"
)
_CHANGED = Text(
    "保护办理记录的触发器或索引被改动或停用：{names}",
    "triggers or indexes that keep the record were altered or disabled: {names}",
)
_FOREIGN = Text(
    "有不是本程序建立的触发器或唯一索引：{names}",
    "there are triggers or unique indexes that this program did not make: {names}",
)
_WHO_TOOK_IT = Text(
    "请查明是谁、何时所为，用库外的封存核验（gongkai verify --seals 文件），再把一份可信的备份恢复为新库",
    "find out who did it and when, verify against the seals outside (gongkai verify --seals FILE), and restore a backup that can be "
    "trusted as a new database",
)
_UNLOGGED = Text(
    "不写日志（UNLOGGED）的表或序列，服务器一旦崩溃即被清空，备库和基础备份中也没有：{names}",
    "tables or sequences that are not logged (UNLOGGED) are emptied by a crash of the server, and no standby and no base backup has "
    "what they hold: {names}",
)
_SET_LOGGED = Text(
    "请由库的所有者逐一改回：ALTER TABLE {first} SET LOGGED（序列为 ALTER SEQUENCE），查明是谁、何时所为，再运行 gongkai verify",
    "as the owner set each back: ALTER TABLE {first} SET LOGGED (a sequence: ALTER SEQUENCE); find out who did it and when, then run "
    "gongkai verify",
)
_KEPT_BACK = Text(
    "有行级安全或其策略的表，会把一些行藏起来，或不让改动，本程序却看不出：{names}",
    "tables with row security or a policy of it keep rows from being seen or changed, and this program cannot tell: {names}",
)
_SHOW_ALL = Text(
    "请由库的所有者删去策略（psql 中用 \\d {first} 查看）并逐一关闭：ALTER TABLE {first} DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL "
    "SECURITY；查明是谁、何时所为，再运行 gongkai verify",
    "as the owner drop the policies (\\d {first} in psql shows them) and switch each off: ALTER TABLE {first} DISABLE ROW LEVEL SECURITY, "
    "NO FORCE ROW LEVEL SECURITY; find out who did it and when, then run gongkai verify",
)
