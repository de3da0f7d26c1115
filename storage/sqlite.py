"""SQLite, the embedded engine: one file, one driver connection a thread, and all that is SQLite's own.

WAL lets readers read while one writes; synchronous FULL because NORMAL loses acknowledged steps when the power goes;
BEGIN IMMEDIATE because a deferred transaction that turns into a writer fails instead of waiting. All are read back.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from workflow.errors import Busy, GongkaiError, Invalid, Problem, StorageFault
from workflow.text import Text

SCHEME = "sqlite:///"
#: How long a writer waits for the one before it; a batch holds the lock for some tens of milliseconds.
PATIENCE_SECONDS = 10.0
WANTED = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


Row = Mapping[str, Any]


def path_of(url: str) -> Path:
    """The file that a `sqlite:///` URL names, relative or absolute. Raises Invalid for anything else."""
    if not url.startswith(SCHEME) or not url.removeprefix(SCHEME) or url.removeprefix(SCHEME) == ":memory:":
        raise Invalid((Problem("bad-url", _BAD_URL.filled(url=url), field="db"),))
    return Path(url.removeprefix(SCHEME)).expanduser()


def instant_text(at: datetime) -> str:
    """An instant as the tables hold it: UTC with microseconds, so that it sorts as it reads.

    >>> instant_text(datetime(2026, 2, 13, 2, 0, tzinfo=UTC))
    '2026-02-13T02:00:00.000000Z'
    """
    return at.astimezone(UTC).isoformat(timespec="microseconds")[:26] + "Z"


def instant_from(said: str) -> datetime:
    """The instant that a table holds."""
    return datetime.fromisoformat(said)


@dataclass(slots=True)
class Transaction:
    """A write transaction that is open: whether what it writes is to be kept."""

    keep: bool


class Connection:
    """One driver connection with its settings made sure of; every fault of the driver leaves it as one of ours."""

    def __init__(self, path: Path, *, must_exist: bool = True, patience: float = PATIENCE_SECONDS) -> None:
        if must_exist and not path.exists():
            raise StorageFault(reason=_MISSING.filled(path=path), way_out=_INIT)
        if not path.parent.exists():
            raise StorageFault(reason=_NO_DIRECTORY.filled(path=path.parent), way_out=_MKDIR.filled(path=path.parent))
        self.path = path
        with self._ours():
            # One thread uses it; the desk that closes it may be another's.
            self._driver = sqlite3.connect(
                path, timeout=patience, isolation_level=None, cached_statements=256, check_same_thread=False
            )
            self._driver.row_factory = sqlite3.Row
            self._settle()

    def close(self) -> None:
        """Let go of the file."""
        self._driver.close()

    def all(self, sql: str, **params: Any) -> list[Row]:
        """Every row of the answer."""
        with self._ours():
            rows: list[Any] = self._driver.execute(sql, params).fetchall()
            return rows

    def each(self, sql: str, **params: Any) -> Iterator[Row]:
        """The rows one by one, for answers that are too long to hold."""
        with self._ours():
            rows: Any = self._driver.execute(sql, params)
            yield from rows

    def one(self, sql: str, **params: Any) -> Row | None:
        """The first row, or None."""
        with self._ours():
            row: Any = self._driver.execute(sql, params).fetchone()
            return row

    def run(self, sql: str, **params: Any) -> int:
        """Do it; how many rows it changed."""
        with self._ours():
            return self._driver.execute(sql, params).rowcount

    def many(self, sql: str, rows: Sequence[dict[str, Any]]) -> None:
        """Do it once for each row."""
        if rows:
            with self._ours():
                self._driver.executemany(sql, rows)

    @contextmanager
    def writing(self, *, keep: bool = True) -> Iterator[Transaction]:
        """One write transaction: all of it or nothing. Where `keep` is False at its end all is rolled back (a dry run)."""
        with self._ours():
            self._driver.execute("BEGIN IMMEDIATE")
        transaction = Transaction(keep)
        try:
            yield transaction
            with self._ours():
                self._driver.execute("COMMIT" if transaction.keep else "ROLLBACK")
        finally:
            if self._driver.in_transaction:
                self._driver.execute("ROLLBACK")

    @contextmanager
    def apart(self) -> Iterator[None]:
        """A part of a write transaction that can fail alone: what it wrote is undone, the rest stands."""
        with self._ours():
            self._driver.execute("SAVEPOINT part")
        try:
            yield
        except BaseException:
            if self._driver.in_transaction:  # a full disk ends the whole transaction by itself
                self._driver.execute("ROLLBACK TO part")
                self._driver.execute("RELEASE part")
            raise
        with self._ours():
            self._driver.execute("RELEASE part")

    @contextmanager
    def reading(self) -> Iterator[None]:
        """One snapshot for several questions."""
        with self._ours():
            self._driver.execute("BEGIN")
        try:
            yield
        finally:
            if self._driver.in_transaction:
                self._driver.execute("ROLLBACK")

    def settings(self) -> dict[str, object]:
        """What the database says of itself: read back, not assumed."""
        return {name: self._pragma(name) for name in WANTED}

    def integrity(self) -> str:
        """`ok`, or what SQLite's own quick check found."""
        with self._ours():
            return str(self._driver.execute("PRAGMA quick_check(1)").fetchone()[0])

    def _settle(self) -> None:
        if self._pragma("journal_mode") != WANTED["journal_mode"]:
            self._driver.execute("PRAGMA journal_mode = WAL")
        self._driver.execute("PRAGMA synchronous = FULL")
        self._driver.execute("PRAGMA foreign_keys = ON")
        found = self.settings()
        if found != WANTED:
            raise StorageFault(reason=_SETTINGS.filled(found=found, wanted=WANTED), way_out=_OTHER_DISK)

    def _pragma(self, name: str) -> object:
        value: object = self._driver.execute(f"PRAGMA {name}").fetchone()[0]
        return value

    @contextmanager
    def _ours(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise _said(error, self.path) from error


def _said(error: sqlite3.Error, path: Path) -> GongkaiError:
    """The driver's fault as one of ours, with the way out."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the extended codes carry the primary one in their last byte
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return Busy()
    reason, way_out = _FAULTS.get(code, (_OTHER.filled(error=error), _DOCTOR))
    return StorageFault(reason=reason.filled(path=path), way_out=way_out.filled(path=path))


_BAD_URL = Text(
    "不认识数据库地址“{url}”；应为 sqlite:///文件路径，如 sqlite:///gongkai.db",
    "cannot use the database address “{url}”; write sqlite:///path, such as sqlite:///gongkai.db",
)
_MISSING = Text("没有数据库文件 {path}", "there is no database file {path}")
_INIT = Text("请先运行 gongkai init", "run gongkai init first")
_NO_DIRECTORY = Text("目录 {path} 不存在", "the directory {path} does not exist")
_MKDIR = Text("请先建立该目录：mkdir -p {path}", "make it first: mkdir -p {path}")
_SETTINGS = Text("设置未生效：{found}（应为 {wanted}）", "the settings did not take: {found} (wanted {wanted})")
_OTHER_DISK = Text(
    "请把数据库放在支持 WAL 的本地磁盘上", "keep the database on a local disk that supports write-ahead logging"
)
_OTHER = Text("{error}", "{error}")
_DOCTOR = Text("请运行 gongkai doctor 检查", "run gongkai doctor")
_FAULTS = {
    sqlite3.SQLITE_FULL: (
        Text("磁盘已满", "the disk is full"),
        Text("未作任何改动；请腾出空间后重试", "nothing was changed; make room and try again"),
    ),
    sqlite3.SQLITE_READONLY: (
        Text("数据库 {path} 是只读的", "the database {path} is read-only"),
        Text("请检查文件与目录的写权限", "check the write permission of the file and its directory"),
    ),
    sqlite3.SQLITE_CANTOPEN: (
        Text("打不开数据库 {path}", "the database {path} cannot be opened"),
        Text("请检查路径与权限", "check the path and the permissions"),
    ),
    sqlite3.SQLITE_IOERR: (
        Text("读写磁盘出错", "the disk failed to read or write"),
        Text(
            "未确认的改动不生效；请检查磁盘后重试",
            "what was not acknowledged did not happen; check the disk and try again",
        ),
    ),
    sqlite3.SQLITE_NOTADB: (
        Text("{path} 不是 gongkai 数据库", "{path} is not a gongkai database"),
        Text("请用 --db 指定正确的文件", "name the right file with --db"),
    ),
    sqlite3.SQLITE_CORRUPT: (
        Text("数据库 {path} 已损坏", "the database {path} is damaged"),
        Text("请停止写入并从备份恢复", "stop writing and restore a backup"),
    ),
    sqlite3.SQLITE_PERM: (
        Text("没有访问 {path} 的权限", "no permission for {path}"),
        Text("请检查文件权限", "check the permissions of the file"),
    ),
}
