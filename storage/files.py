"""Files that somebody names: read where they can be, and made whole or not at all."""

from __future__ import annotations

import errno
import fcntl
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from stat import S_IMODE
from tempfile import mkdtemp
from typing import IO

from storage.reasons import why
from workflow.errors import Invalid, Problem, StorageFault, no_such_file
from workflow.text import Text

#: How a database begins, and its log; what lies beside a database; how a line of a file of seals begins (keys are sorted), of
#: which the first may be half: what the power left.
_SQLITE, _WAL = b"SQLite format 3\0", (b"\x37\x7f\x06\x82", b"\x37\x7f\x06\x83")
_BESIDE = ("-wal", "-shm", "-journal")
_SEAL = re.compile(rb'^\{"at":"[^"]*","cases":\d+,("entries":\d+,"entry":"[^"]*",)?"events":\d+,"hash":"', re.MULTILINE)
_FIRST = 4096
_MARK = (".gongkai-", ".part")  # how a workbench is called
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class Unwritten(StorageFault):
    """A file could not be read or written; nothing is wrong with the database."""

    text = Text("{reason}；{way_out}", "{reason}; {way_out}")


def readable(path: Path) -> Path:
    """The path, unless opening it would wait until somebody writes there: a named pipe. Raises OSError.

    What a shell hands over under /dev/fd is a pipe, too, and its writer is there already.
    """
    if path.is_fifo() and path.parts[:3] != ("/", "dev", "fd"):
        raise OSError(errno.EINVAL, "not a plain file", str(path))
    return path


def ending(path: Path) -> Path:
    """The same of what comes to an end: no device, of which none may be in sight. Raises OSError.

    For what is read to its end; who reads no more than so much needs not ask.
    """
    if path.is_char_device() or path.is_block_device():
        raise OSError(errno.EINVAL, "not a plain file", str(path))
    return readable(path)


class OpenToOthers(Exception):
    """A file that holds a secret can be read by others than its owner."""


def secret_in(path: Path, most: int) -> bytes:
    """What the file holds, one byte more than `most` at most.

    Raises OpenToOthers, BadFile where there is none, and Unwritten where it cannot be read.
    """
    try:
        with readable(path).open("rb") as file:
            if S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
                raise OpenToOthers
            return file.read(most + 1)
    except FileNotFoundError as error:
        raise no_such_file(str(path)) from error
    except OSError as error:
        raise unwritten(error, path) from error


def private(path: Path) -> IO[bytes]:
    """A new file, to be written and read by whoever runs the program and by nobody else. Raises FileExistsError, OSError."""
    return open(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b")


def expect_free(file: Path, *, force: bool, field: str = "file") -> None:
    """Raises Invalid where nothing is to be written: over what is there, and with `force` over no database, nothing that keeps a
    record or cannot be looked at, and no other than a plain file; nor under a name that a database takes for its log.
    """
    expect_no_log(file, field)
    try:
        if _is_record(file):
            said = _RECORD
        elif os.path.lexists(file) and not (force and file.is_file()):
            said = _NO_FILE if force else _EXISTS
        else:
            return
    except OSError:
        said = _UNSEEN
    raise Invalid((Problem("exists", said.filled(file=str(file)), field=field),))


def expect_no_log(file: Path, field: str) -> None:
    """Raises Invalid for the name under which a database beside keeps its log: it removes what somebody else put there.

    Whoever writes a file that may be there already asks this alone; `expect_free` asks it, too.
    """
    try:
        if not any(_is_record(base) for base in _beside(file)):
            return
        said = _LOG
    except OSError:
        said = _UNSEEN
    raise Invalid((Problem("exists", said.filled(file=str(file)), field=field),))


def _is_record(file: Path) -> bool:
    """Whether this is a database, what SQLite keeps beside one, or a file of seals. Raises OSError where it cannot be looked at."""
    if not os.path.lexists(file) or not file.is_file():
        return False
    with readable(file).open("rb") as content:
        begins = content.read(_FIRST)
    return begins.startswith((_SQLITE, *_WAL)) or _SEAL.search(begins) is not None


def _beside(file: Path) -> Iterator[Path]:
    """The database of which this would be the log, or the like, by its name."""
    for each in _BESIDE:
        if file.name.endswith(each) and file.name != each:
            yield file.with_name(file.name.removesuffix(each))


@contextmanager
def workbench(file: Path) -> Iterator[Path]:
    """A private directory beside this file, on the same disk, for what is to become it; it goes at the end.

    What was left by a process that was killed goes, too: one that lives holds its directory. Raises Unwritten.
    """
    try:
        for left in file.parent.glob("*".join(_MARK)):
            _clear(left)
        place, hold = _made(file.parent)
        try:
            yield place
        finally:
            shutil.rmtree(place, ignore_errors=True)
            os.close(hold)
    except OSError as error:
        raise unwritten(error, file) from error


def put_in_place(whole: Path, file: Path, *, over: bool) -> None:
    """The file gets its name once all of it is on the disk. Raises FileExistsError unless it may go over another."""
    with whole.open("rb+") as content:
        os.fsync(content.fileno())
    if over:
        whole.replace(file)
    else:
        try:
            os.link(whole, file)  # unlike a rename it never goes over what another has put there meanwhile
        except FileExistsError:
            raise
        except OSError:  # a file system without links
            if os.path.lexists(file):
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(file)) from None
            whole.rename(file)
    directory = os.open(file.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(directory)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # a network's disk may have no such thing to bring down
            raise
    finally:
        os.close(directory)


def unwritten(error: OSError, file: Path) -> Unwritten:
    """The system's fault as one of ours, with the way out."""
    if error.errno in _NO_ROOM:
        return Unwritten(reason=_FULL.filled(directory=file.parent), way_out=_MAKE_ROOM)
    return Unwritten(reason=_OTHER.filled(file=file, why=why(error)), way_out=_ELSEWHERE)


def _made(directory: Path) -> tuple[Path, int]:
    """A new directory, and the hold on it by which others see that somebody is at work there."""
    while True:
        place = Path(mkdtemp(_MARK[1], _MARK[0], directory))
        try:
            hold = os.open(place, os.O_RDONLY | os.O_DIRECTORY)
        except FileNotFoundError:  # another took it for one that was left
            continue
        with suppress(OSError):  # a network's disk may know no hold on a directory; then nobody takes it away either
            fcntl.flock(hold, fcntl.LOCK_EX)
        if place.exists():
            return place, hold
        os.close(hold)


def _clear(left: Path) -> None:
    """Remove a workbench, unless somebody is at work there."""
    with suppress(OSError):
        hold = os.open(left, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            fcntl.flock(hold, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(left, ignore_errors=True)
        finally:
            os.close(hold)


_EXISTS = Text(
    "文件 {file} 已存在；换个名字，或加 --force 覆盖", "{file} is there already; choose another name, or say --force"
)
_NO_FILE = Text(
    "{file} 不是普通文件，不能覆盖；请换个名字", "{file} is no plain file and is not overwritten; choose another name"
)
_RECORD = Text(
    "{file} 是数据库（或其日志）或封存文件，不能覆盖；请换个名字",
    "{file} is a database, its log or a file of seals, and is never written over; choose another name",
)
_LOG = Text(
    "{file} 是旁边那个数据库的日志所用的名字，写在这里会被数据库清除；请换个名字",
    "{file} is the name of the log of the database beside it, which removes what is written there; choose another name",
)
_UNSEEN = Text(
    "{file} 读不了，看不出是不是数据库或封存文件，不能覆盖；请换个名字",
    "{file} cannot be read, so it may be a database or a file of seals, and is not written over; choose another name",
)
_FULL = Text("{directory} 所在的磁盘已满或达到限额", "the disk of {directory} is full, or a quota is")
_MAKE_ROOM = Text(
    "没有留下半成品；请腾出空间或换一个位置后重试", "nothing half done is left; make room or choose another place"
)
_OTHER = Text("文件 {file} 读不出或写不进（{why}）", "file {file} cannot be read or written ({why})")
_ELSEWHERE = Text("请检查路径与权限，或换一个位置", "check the path and the permissions, or choose another place")
