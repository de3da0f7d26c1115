"""What may go wrong with a server, as one of our errors with the way out."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import errors

from storage.connection import Overtaken
from workflow.errors import Busy, GongkaiError, Invalid, Problem, StorageFault, Unknown
from workflow.text import Text

#: What the driver raises: its own faults, and what it cannot bind (numbers past 64 bits, half a surrogate pair).
FAULTS = (psycopg.Error, OverflowError, UnicodeEncodeError)


#: The same request came twice at once: the one that waited finds, judged anew, what the first has done.
ONE_ANSWER = "uq_events_request"


def said(error: BaseException, place: str, *, committing: bool = False) -> GongkaiError:
    """The driver's fault as one of ours, with the way out."""
    if isinstance(error, _AT_ITS_END):
        return StorageFault(reason=_NO_MORE_NUMBERS, way_out=_WHO_WROTE_IT)
    if isinstance(error, (psycopg.DataError, OverflowError, UnicodeEncodeError)):
        return Invalid((Problem("bad-value", _UNSTORABLE),))
    if isinstance(error, (errors.SerializationFailure, errors.DeadlockDetected)):
        return Overtaken()
    if isinstance(error, errors.UniqueViolation) and error.diag.constraint_name == ONE_ANSWER:
        return Overtaken()
    if isinstance(error, (errors.LockNotAvailable, errors.TooManyConnections)):
        return Busy()
    # While it follows another, a server has no number for what leaves a trace alone; this it says in English on every system.
    if isinstance(error, errors.InternalError_) and "during recovery" in str(error):
        return read_only(place)
    reason, way_out = next((words for kinds, *words in _REASONS if isinstance(error, kinds)), (None, None))
    if reason is not None and way_out is not None:
        return StorageFault(reason=reason.filled(place=place), way_out=way_out.filled(place=place))
    if committing and _may_stand(error):
        return Unknown(_IN_DOUBT)
    if isinstance(error, errors.QueryCanceled):
        return Busy()
    if isinstance(error, (psycopg.OperationalError, psycopg.InterfaceError)):
        return lost(place)
    return StorageFault(reason=_OTHER.filled(error=_first_line(error)), way_out=_DOCTOR)


def lost(place: str) -> StorageFault:
    """The answer where the connection went before the commit."""
    return StorageFault(reason=_LOST.filled(place=place), way_out=AGAIN)


def read_only(place: str) -> StorageFault:
    """The answer of a server that can only be read, or was told to let nobody write: who fenced it so had a reason, and is not overruled."""
    return StorageFault(reason=_READ_ONLY.filled(place=place), way_out=_TO_THE_PRIMARY)


def _may_stand(error: BaseException) -> bool:
    """Whether a commit may have come about all the same: what the server answers with a reason of its own, it has undone."""
    state = getattr(error, "sqlstate", None)
    return state is None or state[:2] in _WITHOUT_AN_ANSWER


#: What is typed fits every column or is refused before (a version, a year): what does not is a number of ours.
_AT_ITS_END = (errors.NumericValueOutOfRange, errors.SequenceGeneratorLimitExceeded)
#: Classes of SQLSTATE: connection exception, operator intervention (a shutdown, a cancelled wait for a standby), system error.
_WITHOUT_AN_ANSWER = ("08", "57", "58")


def unreachable(error: psycopg.Error, place: str) -> GongkaiError:
    """Why no connection came about."""
    if isinstance(error, errors.TooManyConnections):
        return Busy()
    if "," not in place and "session is read-only" in str(error):  # as libpq says it, in English on every system
        return read_only(place)
    way_out = _ANOTHER if "," in place else _START
    return StorageFault(reason=_UNREACHABLE.filled(place=place, error=_first_line(error)), way_out=way_out)


def other_encoding(place: str) -> StorageFault:
    """The answer of a database that keeps texts otherwise: some of ours it could not hold, or would not know for texts."""
    return StorageFault(reason=_ENCODING.filled(place=place), way_out=_CREATEDB)


def _first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0]


_UNSTORABLE = Text(
    "输入含有无法保存的字符或过大的数字，请修改后重试",
    "the input holds a character or a number that cannot be stored; change it and try again",
)
_NO_MORE_NUMBERS = Text(
    "一个序号已到尽头，多半是有人写入了过大的序号",
    "a running number is at its end; somebody is likely to have written one that is too large",
)
_WHO_WROTE_IT = Text(
    "请运行 gongkai verify 找出是哪一条，再把此前的备份恢复为新库（gongkai restore）",
    "gongkai verify names it; then restore a backup from before as a new database (gongkai restore)",
)
_IN_DOUBT = Text(
    "提交时与数据库失去联系，结果不明；请用同一请求号重试，已办的不会重办",
    "the database fell silent during the commit and the outcome is unknown; repeat with the same request id: "
    "what was done is not done twice",
)
AGAIN = Text("请用同一请求号重试", "repeat with the same request id")
_LOST = Text("与 {place} 失去联系，未作任何改动", "the connection to {place} was lost; nothing was changed")
_UNREACHABLE = Text("连不上 {place}（{error}）", "{place} cannot be reached ({error})")
_START = Text(
    "请检查地址、用户与口令，并确认服务已启动（pg_isready）",
    "check the address, the user and the password, and whether the server runs (pg_isready)",
)
_ANOTHER = Text(
    "几台服务器现在都不接受写入；若正在切换，一分钟内会有另一台接替，请稍后重试，否则请在各台上运行 patronictl list 或 pg_isready 检查，并看是否设了 default_transaction_read_only",
    "none of these servers takes writes now; where one was lost another takes over within a minute, so try again then; "
    "if none does, look at each of them with patronictl list or pg_isready, and whether default_transaction_read_only is on",
)
_READ_ONLY = Text(
    "{place} 是只读的（是备库，或设了 default_transaction_read_only）",
    "{place} is read-only (a standby, or default_transaction_read_only is on)",
)
_TO_THE_PRIMARY = Text(
    "请把地址指向主库；它就是主库的，请查明谁设了该项，再由管理员取消：ALTER ROLE 用户（或 ALTER DATABASE 库名）RESET default_transaction_read_only",
    "point the address at the primary; if it is the primary, find out who set that, and have its administrator take it back: ALTER ROLE "
    "NAME (or ALTER DATABASE NAME) RESET default_transaction_read_only",
)
_ENCODING = Text("{place} 的编码不是 UTF8", "{place} is not encoded in UTF8")
_CREATEDB = Text("请另建：createdb -E UTF8 -T template0 库名", "make another: createdb -E UTF8 -T template0 NAME")
_OTHER = Text("{error}", "{error}")
_DOCTOR = Text("请运行 gongkai doctor 检查", "run gongkai doctor")
_REASONS: tuple[tuple[Any, Text, Text], ...] = (
    (
        errors.DiskFull,
        Text("磁盘已满", "the disk is full"),
        Text("未作任何改动；请腾出空间后重试", "nothing was changed; make room and try again"),
    ),
    (
        errors.ReadOnlySqlTransaction,
        _READ_ONLY,
        _TO_THE_PRIMARY,
    ),
    (
        errors.InsufficientPrivilege,
        Text("这个用户无权在 {place} 这样做", "this user may not do this in {place}"),
        Text(
            "办理和封存请用属于 gongkai_app 的用户，建库与升级用库的所有者：gongkai init",
            "work and seal as a user of gongkai_app; make and migrate it as its owner: gongkai init",
        ),
    ),
    (
        (errors.UndefinedTable, errors.UndefinedColumn),
        Text("{place} 的结构与本程序不合", "the tables of {place} are not those of this program"),
        Text("请运行 gongkai init", "run gongkai init"),
    ),
    (
        (errors.DataCorrupted, errors.IndexCorrupted),
        Text("{place} 已损坏", "{place} is damaged"),
        Text("请停止写入并从备份恢复：gongkai restore", "stop writing and restore a backup: gongkai restore"),
    ),
)
