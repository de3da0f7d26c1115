"""SQLite, the embedded engine: one file, one driver connection a thread, and all that is SQLite's own.

WAL lets readers read while one writes; synchronous FULL because NORMAL loses acknowledged steps when the power goes;
BEGIN IMMEDIATE because a deferred transaction that turns into a writer fails instead of waiting. All are read back.
"""

from __future__ import annotations

import fcntl
import os
import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from functools import cache
from itertools import islice
from operator import itemgetter
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from storage.connection import OURS, PATIENCE_SECONDS, Moved, Row, Transaction, bad_url
from storage.reasons import why
from storage.triggers import OF_A_FILE, Triggers, compared
from workflow.errors import Busy, GongkaiError, Invalid, Problem, StorageFault, Unknown
from workflow.text import Text

if TYPE_CHECKING:
    from sqlalchemy import Connection as Migrating

SCHEME = "sqlite:///"
#: For that long at a time SQLite waits by itself, looking after 1, 2, 5 and 10 ms.
_LOOK_OFTEN = "PRAGMA busy_timeout = 20"
WANTED = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
#: Pages that are copied at a time; between two of them others may read and write.
_PAGES = 1000
#: So many rows of a long answer are taken from the driver at a time.
_ROWS = 1000
_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table'"
_TRIGGERS = """
WITH own AS (SELECT name, sql LIKE '%ON CONFLICT%' AS silent FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%')
SELECT tbl_name || '.' || name AS name, sql AS said FROM sqlite_master WHERE type = 'trigger' OR sql LIKE 'CREATE UNIQUE INDEX%'
UNION ALL SELECT name || '.PRIMARY KEY', silent || (SELECT coalesce(group_concat(name), '')
  FROM (SELECT name FROM pragma_table_info(own.name) WHERE pk ORDER BY pk)) FROM own
UNION ALL SELECT own.name || '.UNIQUE (' || (SELECT group_concat(name) FROM pragma_index_info(i.name)) || ')', ''
FROM own, pragma_index_list(own.name) AS i WHERE i.origin = 'u'
"""
#: A parameter in the text of a statement; none of ours has a colon elsewhere.
_NAMED = re.compile(r":(\w+)")


def path_of(url: str) -> Path:
    """The file that a `sqlite:///` URL names, relative or absolute. Raises Invalid for anything else."""
    said = url.removeprefix(SCHEME)
    if not url.startswith(SCHEME) or said in ("", ":memory:") or not said.isprintable():
        raise bad_url(url)
    try:
        return Path(said).expanduser()
    except RuntimeError as error:  # ~somebody who has no home here
        raise bad_url(url) from error


@cache
def _placed(sql: str) -> tuple[str, Callable[[Mapping[str, Any]], tuple[Any, ...]]]:
    """The same statement with its parameters by place, and what takes them from a row.

    The driver looks each name up anew: bound by place, the rows of a step take 12 µs less of the 160 without the disk.
    """
    names = _NAMED.findall(sql)
    text = _NAMED.sub("?", sql)
    if len(names) > 1:
        return text, itemgetter(*names)
    return text, lambda row: tuple([row[name] for name in names])


class Connection:
    """One driver connection with its settings made sure of; every fault of the driver leaves it as one of ours.

    One thread uses it; the desk that closes it may be another's. Where the file need not exist, it is made.
    """

    def __init__(self, path: Path, *, must_exist: bool = True, patience: float = PATIENCE_SECONDS) -> None:
        if not os.path.exists(path.parent):
            raise no_directory(path)
        if must_exist and not os.path.lexists(path):
            raise StorageFault(reason=_MISSING.filled(path=path), way_out=_INIT)
        self.path = path
        try:
            self._driver = sqlite3.connect(
                path, timeout=patience, isolation_level=None, cached_statements=256, check_same_thread=False
            )
        except sqlite3.Error as error:
            raise _said(error, path) from error
        self._driver.row_factory = sqlite3.Row
        # One cursor for all that is written and one for what is read to its end: a step would make seven (8 % of its time).
        self._writer, self._reader = self._driver.cursor(), self._driver.cursor()
        self._patience, self._as_it_is = patience, False
        try:
            self._file = _identity(path)
            self._settle(must_exist)
            self._driver.execute(_LOOK_OFTEN)
        except sqlite3.Error as error:
            self.close()
            raise _said(error, path) from error
        except StorageFault:
            self.close()
            raise

    def close(self) -> None:
        """Let go of the file."""
        self._driver.close()

    def __del__(self) -> None:
        if hasattr(self, "_driver"):
            self._driver.close()

    def all(self, sql: str, **params: Any) -> list[Row]:
        """Every row of the answer."""
        try:
            rows: list[Any] = self._asked(sql, params, self._reader).fetchall()
        except FAULTS as error:
            if self._takes_bytes(error):
                return self.all(sql, **params)
            raise _said(error, self.path) from error
        return rows

    def each(self, sql: str, **params: Any) -> Iterator[Row]:
        """The rows one by one, for answers that are too long to hold."""
        told = 0
        try:
            rows = self._asked(sql, params)
            while part := rows.fetchmany(_ROWS):
                yield from part
                told += len(part)
        except FAULTS as error:
            if not self._takes_bytes(error):
                raise _said(error, self.path) from error
            yield from islice(self.each(sql, **params), told, None)

    def one(self, sql: str, **params: Any) -> Row | None:
        """The first row, or None."""
        try:
            row: Row | None = self._asked(sql, params).fetchone()
        except FAULTS as error:
            if self._takes_bytes(error):
                return self.one(sql, **params)
            raise _said(error, self.path) from error
        return row

    def run(self, sql: str, **params: Any) -> int:
        """Do it; how many rows it changed."""
        return self.put(sql, params)

    def put(self, sql: str, row: Mapping[str, Any]) -> int:
        """Do it with a whole row; how many rows it changed."""
        try:
            return self._asked(sql, row, self._writer).rowcount
        except FAULTS as error:
            raise _said(error, self.path) from error

    def many(self, sql: str, rows: Sequence[dict[str, Any]]) -> None:
        """Do it once for each row."""
        try:
            text, values_of = _placed(sql)
            self._driver.executemany(text, map(values_of, rows))
        except FAULTS as error:
            raise _said(error, self.path) from error

    @property
    def place(self) -> str:
        """The file."""
        return str(self.path)

    def whose(self) -> None:
        """A file has no server."""

    def writing(self, *, keep: bool = True, steps: bool = False) -> Transaction:
        """One write transaction; there is never another beside it in one file."""
        return Transaction(self, keep=keep, steps=steps)

    def hold(self, case_id: str) -> bool:
        """Nothing to do: the whole file is held by who writes."""
        return False

    def free(self, case_ids: Sequence[str]) -> list[str]:
        """All of them: the whole file is held by who writes."""
        return list(case_ids)

    def begin(self, *, steps: bool = False) -> None:
        """Open a write transaction, after the writers before us; raises Busy when patience ends.

        In WAL mode SQLite writes on into a file that was moved away, so the step would be acknowledged and lost.
        """
        if self._file != _identity(self.path):
            reason, way_out = _REASONS[sqlite3.SQLITE_READONLY_DBMOVED]
            raise StorageFault(reason=reason.filled(path=self.path), way_out=way_out)
        self.run("BEGIN IMMEDIATE")

    def end(self, *, keep: bool) -> None:
        """End the transaction that is open: keep what it wrote, or undo it. Whatever happens, none is open afterwards."""
        try:
            if keep:
                self._writer.execute("COMMIT")
        except sqlite3.Error as error:
            raise _said(error, self.path, committing=True) from error
        finally:
            if self._driver.in_transaction:
                self._driver.execute("ROLLBACK")

    @contextmanager
    def apart(self) -> Iterator[None]:
        """A part of a write transaction that can fail alone: what it wrote is undone, the rest stands."""
        self.run("SAVEPOINT part")
        try:
            yield
        except BaseException:
            if self._driver.in_transaction:  # a full disk ends the whole transaction by itself
                self._driver.execute("ROLLBACK TO part")
                self._driver.execute("RELEASE part")
            raise
        self.run("RELEASE part")

    @contextmanager
    def moment(self) -> Iterator[str]:
        """A moment at which nothing is committed: whoever begins to read while it lasts sees the same."""
        with self.writing(keep=False):
            yield ""

    @contextmanager
    def reading(self, at: str = "") -> Iterator[None]:
        """One snapshot for several questions."""
        self.run("BEGIN")
        try:
            yield
        finally:
            if self._driver.in_transaction:
                self._driver.execute("ROLLBACK")

    @contextmanager
    def as_it_is(self) -> Iterator[None]:
        """Meanwhile a text that is none (no UTF-8) is answered as the bytes that stand there."""
        before, self._as_it_is = self._as_it_is, True
        try:
            yield
        finally:
            self._as_it_is = before
            if not before:
                self._driver.text_factory = str

    def settings(self) -> dict[str, tuple[object, object]]:
        """What the database says of itself, and what it should say: read back, not assumed."""
        return {name: (self._pragma(name), wanted) for name, wanted in WANTED.items()}

    def tables(self) -> frozenset[str]:
        """The tables of the file."""
        return frozenset(row["name"] for row in self.all(_TABLES))

    def forgotten(self) -> bool:
        """Whether the log is empty: it is carried over to the tables and cut. It stays while another reads what was before."""
        give_up_at = monotonic() + self._patience
        while True:
            row = self.one("PRAGMA wal_checkpoint(TRUNCATE)")
            if row is None or not row["busy"]:
                return True
            if monotonic() >= give_up_at:
                return False

    def unwritable(self) -> StorageFault | None:
        """Why nothing can be written here, tried and undone; None where it can."""
        try:
            with self.writing(keep=False):  # of a file that may only be read SQLite makes a reading one
                self.run("UPDATE alembic_version SET version_num = version_num")
        except Busy:
            pass  # somebody writes at this moment
        except StorageFault as fault:
            return fault
        return None

    def triggers(self) -> Triggers:
        """What the triggers and unique indexes of the tables are, held against those that the migrations make."""
        return compared({row["name"]: row["said"] for row in self.all(_TRIGGERS)}, OF_A_FILE)

    def integrity(self) -> str:
        """`ok`, or what SQLite's own quick check found."""
        row = self.one("PRAGMA quick_check(1)")
        return str(row["quick_check"]) if row else "?"

    def copy_to(self, copy: Path, moved: Moved) -> str:
        """Every page of the file, as the snapshot that is being read sees it; what SQLite's quick check says of the copy.

        Outside a snapshot SQLite begins anew with each write of another (measured: beside one busy writer it never ended).
        """
        try:
            with closing(sqlite3.connect(copy, isolation_level=None)) as there:
                self._driver.backup(there, pages=_PAGES, progress=lambda _, left, whole: moved(whole - left, whole))
                return str(there.execute("PRAGMA quick_check(1)").fetchone()[0])
        except sqlite3.Error as error:
            raise _said(error, self.path) from error

    def _asked(self, sql: str, params: Mapping[str, Any], by: sqlite3.Cursor | None = None) -> sqlite3.Cursor:
        """The driver's answer; while others hold the database it is asked again, until patience ends.

        SQLite's own waiting comes to look every 100 ms and starves beside busy writers (measured: a person waited 10 s
        beside two tickers and lost); looking every few milliseconds does not.
        """
        text, values_of = _placed(sql)
        values = values_of(params) if params else ()
        execute = by.execute if by else self._driver.execute
        try:
            return execute(text, values)
        except sqlite3.OperationalError as error:
            if not _is_held(error):
                raise
        give_up_at = monotonic() + self._patience
        while True:
            try:
                return execute(text, values)
            except sqlite3.OperationalError as error:
                if not _is_held(error) or monotonic() >= give_up_at:
                    raise

    def _takes_bytes(self, error: Exception) -> bool:
        """Whether to ask again, since a text was none: only then each text is looked at, which costs."""
        is_first = self._as_it_is and self._driver.text_factory is str and "decode to UTF-8" in str(error)
        if is_first:
            self._driver.text_factory = _text_or_bytes
        return is_first

    def _settle(self, must_be_ours: bool) -> None:
        tables = {row[0] for row in self._driver.execute(_TABLES)}
        if not (tables >= OURS or (not tables and not must_be_ours)):
            raise StorageFault(reason=(_FOREIGN if tables else _EMPTY).filled(path=self.path), way_out=_OTHER_FILE)
        if self._pragma("journal_mode") != WANTED["journal_mode"]:
            self._driver.execute("PRAGMA journal_mode = WAL")
        self._driver.execute("PRAGMA synchronous = FULL")
        # What was erased by law is not left lying in free pages; most builds are not made so.
        self._driver.execute("PRAGMA secure_delete = ON")
        # Carried over to the tables in larger heaps: each writes the pages that all steps share only once (4 % of a step).
        self._driver.execute("PRAGMA wal_autocheckpoint = 4000")
        self._driver.execute("PRAGMA foreign_keys = ON")
        found = {name: self._pragma(name) for name in WANTED}
        if found != WANTED:
            raise StorageFault(reason=_SETTINGS.filled(found=found, wanted=WANTED), way_out=_OTHER_DISK)

    def _pragma(self, name: str) -> object:
        value: object = self._driver.execute(f"PRAGMA {name}").fetchone()[0]
        return value


def no_directory(path: Path) -> StorageFault:
    """The answer where the directory of the file is not there."""
    return StorageFault(reason=_NO_DIRECTORY.filled(path=path.parent), way_out=_MKDIR.filled(path=path.parent))


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file lies there now; None when there is none. Raises StorageFault where the system cannot say."""
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return None
    except OSError as error:  # a disk that fails, a directory that may not be entered any more
        reason, way_out = _REASONS[
            sqlite3.SQLITE_CANTOPEN if isinstance(error, PermissionError) else sqlite3.SQLITE_IOERR
        ]
        raise StorageFault(reason=reason.filled(path=path), way_out=way_out) from error
    return found.st_dev, found.st_ino


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Nobody else makes or migrates a database in this directory meanwhile; nothing is left beside the file."""
    try:
        directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    except FileNotFoundError as error:
        raise no_directory(path) from error
    except OSError as error:
        raise StorageFault(reason=_CLOSED.filled(path=path.parent, why=why(error)), way_out=_PERMISSIONS) from error
    try:
        # The directory and not the file: closing a second handle of the file would drop SQLite's own locks on it.
        fcntl.flock(directory, fcntl.LOCK_EX)
        yield
    finally:
        os.close(directory)


@contextmanager
def migrating(path: Path) -> Iterator[Migrating]:
    """A SQLAlchemy connection inside one write transaction: a migration that dies leaves nothing behind."""
    from sqlalchemy import NullPool, create_engine, event
    from sqlalchemy.exc import DBAPIError

    with closing(sqlite3.connect(path, timeout=PATIENCE_SECONDS, isolation_level=None)) as driver:
        engine = create_engine("sqlite://", creator=lambda: driver, poolclass=NullPool)
        # By itself the driver begins a transaction with the first row, so that each new table would stand at once.
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
        try:
            with engine.begin() as connection:
                yield connection
        except DBAPIError as error:
            if isinstance(error.orig, sqlite3.Error):
                raise _said(error.orig, path) from error
            raise


def _text_or_bytes(raw: bytes) -> str | bytes:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw


#: What the driver raises: its own faults, and what it cannot bind (numbers past 64 bits, half a surrogate pair).
FAULTS = (sqlite3.Error, OverflowError, UnicodeEncodeError)


def _is_held(error: sqlite3.OperationalError) -> bool:
    """Whether others hold the database for a while; a snapshot that has grown old is not cured by waiting."""
    return getattr(error, "sqlite_errorcode", 0) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_BUSY_RECOVERY)


def _said(
    error: sqlite3.Error | OverflowError | UnicodeEncodeError, path: Path, *, committing: bool = False
) -> GongkaiError:
    """The driver's fault as one of ours, with the way out."""
    if not isinstance(error, sqlite3.Error):
        return Invalid((Problem("bad-value", _UNSTORABLE),))
    code = getattr(error, "sqlite_errorcode", 0)
    primary = code & 0xFF  # the extended codes carry the primary one in their last byte
    if primary in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return Busy()
    if primary == sqlite3.SQLITE_IOERR and committing:
        return Unknown(_IN_DOUBT)
    if primary == sqlite3.SQLITE_CANTOPEN and os.path.isfile(path) and not os.access(path, os.W_OK):
        primary = sqlite3.SQLITE_READONLY  # a reader of a write-ahead log writes beside it
    reason, way_out = _REASONS.get(code) or _REASONS.get(primary) or (_OTHER.filled(error=error), _DOCTOR)
    return StorageFault(reason=reason.filled(path=path), way_out=way_out.filled(path=path))


_MISSING = Text("没有数据库文件 {path}", "there is no database file {path}")
_INIT = Text("请先运行 gongkai init", "run gongkai init first")
_NO_DIRECTORY = Text("目录 {path} 不存在", "the directory {path} does not exist")
_CLOSED = Text("目录 {path} 打不开（{why}）", "the directory {path} cannot be opened ({why})")
_MKDIR = Text("请先建立该目录：mkdir -p {path}", "make it first: mkdir -p {path}")
_SETTINGS = Text("设置未生效：{found}（应为 {wanted}）", "the settings did not take: {found} (wanted {wanted})")
_EMPTY = Text("{path} 尚未初始化", "{path} is not initialised yet")
_FOREIGN = Text("{path} 不是 gongkai 数据库", "{path} is not a gongkai database")
_OTHER_FILE = Text(
    "请用 --db 指定正确的文件，新建数据库请运行 gongkai init",
    "name the right file with --db; for a new database run gongkai init",
)
_UNSTORABLE = Text(
    "输入含有无法保存的字符或过大的数字，请修改后重试",
    "the input holds a character or a number that cannot be stored; change it and try again",
)
_IN_DOUBT = Text(
    "提交时读写磁盘出错，结果不明；请检查磁盘后用同一请求号重试，已办的不会重办",
    "the disk failed during the commit and the outcome is unknown; check the disk, then repeat with the same request id: "
    "what was done is not done twice",
)
_PERMISSIONS = Text("请检查目录的权限", "check the permissions of the directory")
_OTHER_DISK = Text(
    "请把数据库放在支持 WAL 的本地磁盘上", "keep the database on a local disk that supports write-ahead logging"
)
_OTHER = Text("{error}", "{error}")
_DOCTOR = Text("请运行 gongkai doctor 检查", "run gongkai doctor")
_REASONS = {
    sqlite3.SQLITE_FULL: (
        Text("磁盘已满", "the disk is full"),
        Text("未作任何改动；请腾出空间后重试", "nothing was changed; make room and try again"),
    ),
    sqlite3.SQLITE_READONLY: (
        Text("数据库 {path} 是只读的", "the database {path} is read-only"),
        Text("请检查文件与目录的写权限", "check the write permission of the file and its directory"),
    ),
    sqlite3.SQLITE_READONLY_DBMOVED: (
        Text("数据库 {path} 在使用中被移走或替换", "the database {path} was moved or replaced while it was open"),
        Text("请放回原处并重新启动程序", "put it back and start the program again"),
    ),
    sqlite3.SQLITE_CANTOPEN: (
        Text("打不开数据库 {path}", "the database {path} cannot be opened"),
        Text("请检查路径与权限", "check the path and the permissions"),
    ),
    sqlite3.SQLITE_IOERR: (
        Text("读写磁盘出错", "the disk failed to read or write"),
        Text("未作任何改动；请检查磁盘后重试", "nothing was changed; check the disk and try again"),
    ),
    sqlite3.SQLITE_NOTADB: (
        Text("{path} 不是 gongkai 数据库", "{path} is not a gongkai database"),
        Text("请用 --db 指定正确的文件", "name the right file with --db"),
    ),
    sqlite3.SQLITE_CORRUPT: (
        Text("数据库 {path} 已损坏", "the database {path} is damaged"),
        Text("请停止写入并从备份恢复：gongkai restore", "stop writing and restore a backup: gongkai restore"),
    ),
    sqlite3.SQLITE_PERM: (
        Text("没有访问 {path} 的权限", "no permission for {path}"),
        Text("请检查文件权限", "check the permissions of the file"),
    ),
}
