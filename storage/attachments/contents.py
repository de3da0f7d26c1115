"""Where the content of attachments lies: each once, in a file that is called by its sha-256 and written whole before anything points at it.

`<directory>/ab/cdef…`, readable by its owner alone. What is not there yet is on a workbench beside; whoever dies at one leaves
it to the next who comes.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from stat import S_ISDIR, S_ISLNK, S_ISREG
from typing import IO

from settings import Keeping
from storage.files import put_in_place, unwritten, workbench
from storage.reasons import why
from workflow.errors import BadFile, Problem, StorageFault, no_such_file
from workflow.text import Text

READ = 1 << 20
_READING = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_MARK = "whose"
#: How old a content is at least before it is taken for one that nothing points at: so long nobody attaches.
ORPHAN_SECONDS = 24 * 3600


class Contents:
    """The contents of one database's attachments."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def path(self, digest: str) -> Path:
        """Where the content of this digest lies, if it is there."""
        return self.directory / digest[:2] / digest[2:]

    @contextmanager
    def bench(self) -> Iterator[Path]:
        """A place for what is coming, on the same disk. Raises Unwritten."""
        try:
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            with suppress(PermissionError):  # where it may not be read, it was there before us
                _bring_down(self.directory.parent)
        except OSError as error:
            raise unwritten(error, self.directory) from error
        with workbench(self.directory / "coming") as place:
            yield place

    def put(self, whole: Path, digest: str, at: datetime) -> None:
        """What was written whole gets its name; what is there already under it is the same. On the disk when this returns."""
        path = self.path(digest)
        try:
            path.parent.mkdir(mode=0o700, exist_ok=True)
            _bring_down(self.directory)  # whoever made what is there may have died before they said so
            os.utime(whole, (at.timestamp(), at.timestamp()))  # by the clock that tells how old it is
            # Over what is there: should that be damaged, it is whole from now on.
            put_in_place(whole, path, over=True)
        except OSError as error:
            raise unwritten(error, path) from error

    def whose(self) -> str | None:
        """Which server's database was the first to put something here; None where nobody was yet."""
        try:
            return self.mark.read_text("utf-8").strip()
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise another(self) from error

    def expect(self, whose: str | None) -> None:
        """Raises StorageFault where the contents are those of a database on another server than this; None: of no server."""
        if whose is not None and self.whose() not in (None, whose):
            raise another(self)

    def claim(self, whose: str | None) -> None:
        """From now on they are those of a database on this server. Raises StorageFault where they are another's."""
        if whose is not None and self.whose() is None:
            with self.bench() as bench, suppress(FileExistsError):
                (bench / _MARK).write_text(whose + "\n", "utf-8")
                put_in_place(bench / _MARK, self.mark, over=False)
        self.expect(whose)

    @property
    def mark(self) -> Path:
        """The file that says whose they are."""
        return self.directory / _MARK

    def opened(self, digest: str) -> IO[bytes]:
        """The content, to be read. Raises OSError where it is not there, or no plain file: nobody waits for a pipe."""
        opened = os.open(self.path(digest), _READING)
        if not S_ISREG(os.fstat(opened).st_mode):
            os.close(opened)
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL), str(self.path(digest)))
        return open(opened, "rb")

    def is_whole(self, digest: str, size: int) -> bool | None:
        """Whether the content is what its digest says; None where there is none."""
        try:
            with self.opened(digest) as file:
                found, length = sha256(), 0
                while part := file.read(READ):
                    found.update(part)
                    length += len(part)
        except FileNotFoundError:
            return None
        except OSError:
            return False
        return (found.hexdigest(), length) == (digest, size)

    def there(self, before: datetime | None = None) -> Iterator[str]:
        """The digests of all contents, of those alone that came before an instant where one is said."""
        for path in self.directory.glob("[0-9a-f][0-9a-f]/*"):
            digest = path.parent.name + path.name
            with suppress(OSError):
                if is_digest(digest) and (before is None or _changed(path) <= before):
                    yield digest

    def drop(self, digest: str) -> None:
        """The content goes. Raises Unwritten where it cannot."""
        path = self.path(digest)
        try:
            path.unlink(missing_ok=True)
            if path.parent.is_dir():
                _bring_down(path.parent)
        except OSError as error:
            raise unwritten(error, path) from error


def place_of(url: str, keeping: Keeping) -> Path | None:
    """The directory of a database's contents: the one that is named, else one beside its file; None for a server without."""
    if keeping.directory is not None:
        return Path(keeping.directory).expanduser()
    if url.startswith("postgresql"):
        return None
    from storage.sqlite import path_of

    path = path_of(url)
    # By whatever link it is reached, it is one database; the directories on the way are as they are called.
    return _beside(path.resolve() if _is(S_ISLNK, path) else path)


def left_by_link(url: str, keeping: Keeping) -> Path | None:
    """The directory beside the link by which a database is reached, where programs before this one put its contents."""
    if keeping.directory is not None or url.startswith("postgresql"):
        return None
    from storage.sqlite import path_of

    path = path_of(url)
    return _beside(path) if _is(S_ISLNK, path) and is_directory(_beside(path)) else None


def is_directory(path: Path) -> bool:
    """Whether a directory stands there. Raises Unwritten where the system cannot say."""
    return _is(S_ISDIR, path)


def _is(sort: Callable[[int], bool], path: Path) -> bool:
    try:
        return sort(os.stat(path, follow_symlinks=sort is not S_ISLNK).st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise unwritten(error, path) from error


def _beside(database: Path) -> Path:
    return database.with_name(database.name + ".files")


def is_digest(said: str) -> bool:
    """Whether this is how a sha-256 is written."""
    return len(said) == 64 and not set(said) - set("0123456789abcdef")


def taken_in(source: Path, to: Path, most: int) -> tuple[str, int]:
    """Digest and size of a file that somebody names, copied whole to another. Raises BadFile for what is none, and Unwritten.

    It is opened once and never waited for; what grows or shrinks while it is read is not taken.
    """
    try:
        file = _plain(source)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR):
            raise no_such_file(str(source)) from error
        raise bad(source, "unreadable", _UNREADABLE.filled(why=why(error))) from error
    with file:
        try:
            before = os.fstat(file.fileno())
            if before.st_size == 0:
                raise bad(source, "empty", _EMPTY)
            if before.st_size > most:
                raise bad(source, "too-large", _TOO_LARGE.filled(size=before.st_size, most=most))
            digest, length = sha256(), 0
            with open(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as copy:
                while part := _read(source, file):
                    length += len(part)
                    if length > before.st_size:  # somebody may write to it for ever
                        raise bad(source, "changing", _CHANGING)
                    digest.update(part)
                    copy.write(part)
                copy.flush()
                os.fsync(copy.fileno())  # now, and not while others wait to write
            after = os.fstat(file.fileno())
            if (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns) or length != before.st_size:
                raise bad(source, "changing", _CHANGING)
        except OSError as error:
            raise unwritten(error, to) from error
    return digest.hexdigest(), length


def bad(source: Path, code: str, text: Text) -> BadFile:
    """The answer to a file that is not taken."""
    from workflow.text import shown

    return BadFile((Problem(code, text, field="file"),), file=shown(str(source)))


def _read(source: Path, file: IO[bytes]) -> bytes:
    try:
        return file.read(READ)
    except OSError as error:  # of the file that is read, not of ours
        raise bad(source, "unreadable", _UNREADABLE.filled(why=why(error))) from error


def _plain(source: Path) -> IO[bytes]:
    """The file, if it is a plain one; no link is followed, and nothing that is no file is waited for."""
    found = os.lstat(source)
    if not S_ISREG(found.st_mode):
        raise bad(source, "not-a-file", _LINK if S_ISLNK(found.st_mode) else _NO_FILE)
    opened = os.open(source, _READING)
    if not S_ISREG(os.fstat(opened).st_mode):  # another stands there since we looked
        os.close(opened)
        raise bad(source, "not-a-file", _NO_FILE)
    return open(opened, "rb")


def _changed(path: Path) -> datetime:
    return datetime.fromtimestamp(path.lstat().st_mtime, UTC)


def _bring_down(directory: Path) -> None:
    """What a directory says of its files is on the disk."""
    opened = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # a network's disk may have no such thing to bring down
            raise
    finally:
        os.close(opened)


def nowhere() -> StorageFault:
    """The answer where nobody said in which directory contents lie."""
    return StorageFault(reason=_NOWHERE, way_out=_SAY_WHERE)


def another(contents: Contents) -> StorageFault:
    """The answer where the contents are those of a database on another server."""
    return StorageFault(reason=_ANOTHERS.filled(place=contents.directory), way_out=_NOT_OURS.filled(mark=contents.mark))


_ANOTHERS = Text(
    "附件目录 {place} 由另一台服务器上的库使用",
    "the directory of attachments, {place}, is that of a database on another server",
)
_NOT_OURS = Text(
    "请用 GONGKAI_FILES 另指目录；如那个库已由本库取代（换了服务器），请先删除 {mark}",
    "name another directory with GONGKAI_FILES; where this database took the place of that one (on a new server), remove {mark} first",
)
_UNREADABLE = Text("读不了（{why}）；请检查权限", "cannot be read ({why}); check who may read it")
_EMPTY = Text("是空文件（0 字节）；请重新导出或扫描", "is empty (0 bytes); export or scan it again")
_NO_FILE = Text(
    "不是普通文件（而是目录、管道或设备）；请指明一个文件，多个文件逐个添加",
    "is no plain file but a directory, a pipe or a device; name one file, and attach several one by one",
)
_LINK = Text(
    "是指向别处的链接，不予跟随；请指明文件本身", "is a link to elsewhere, which is not followed; name the file itself"
)
_TOO_LARGE = Text(
    "有 {size} 字节，超过单个附件的上限 {most} 字节；请压缩图像或拆分后分别添加，或由管理员调整 GONGKAI_ATTACHMENTS 中的 size",
    "has {size} bytes, and an attachment may have {most}; reduce its pictures or split it, or let the administrator raise "
    "size in GONGKAI_ATTACHMENTS",
)
_CHANGING = Text(
    "读取时内容仍在变动；请待其写完（扫描、下载结束）后重试",
    "it was being written while it was read; try again when that is over (scan, download)",
)
_NOWHERE = Text("没有指明附件放在哪个目录", "nobody said in which directory attachments lie")
_SAY_WHERE = Text(
    "数据库在服务器上时，请用环境变量 GONGKAI_FILES（或设置文件中的 files）指明各机器共用的目录",
    "with a database on a server, name the directory that all machines share: GONGKAI_FILES, or files in the settings",
)
