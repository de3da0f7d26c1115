"""A database file copied while people work with it, and a new one made from a copy: SQLite's part of backups."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager, nullcontext
from functools import partial
from pathlib import Path

from storage.connection import Moved
from storage.files import private, put_in_place, workbench
from storage.sqlite import SCHEME, Connection, alone, no_directory
from workflow.errors import StorageFault
from workflow.text import Text

READ = 1 << 20


@contextmanager
def copied(path: Path, place: Path | None, moved: Moved) -> Iterator[tuple[Connection, Iterator[bytes]]]:
    """The pages of the file as they are at one moment, and a connection that sees that moment. Raises StorageFault.

    The copy lies in that place or, where none is said, beside the database, where whoever is killed leaves it as well kept as
    that is; it has no name any more while it is read.
    """
    with ExitStack() as stack:
        db = stack.enter_context(closing(Connection(path)))
        stack.enter_context(db.reading())
        db.tables()  # the snapshot begins with the first thing that is read
        # Left again before anything is written elsewhere: that another disk is full is no fault of this one's.
        with nullcontext(place) if place else workbench(path) as bench:
            copy = stack.enter_context(private(bench / "copy.db"))
            found = db.copy_to(bench / "copy.db", moved)
            (bench / "copy.db").unlink()
        if found != "ok":
            raise StorageFault(reason=_DAMAGED.filled(path=path, found=found), way_out=_EARLIER)
        yield db, iter(partial(copy.read, READ), b"")


def refuse_unless_new(path: Path) -> None:
    """Raises StorageFault where a file has something in it, or where what an older one left would be taken for the new one's."""
    if not os.path.exists(path.parent):
        raise no_directory(path)
    if os.path.lexists(path) and not (path.is_file() and path.stat().st_size == 0):
        raise StorageFault(reason=_THERE.filled(path=path), way_out=_NEW_NAME)
    refuse_what_is_left(path)


def refuse_what_is_left(path: Path) -> None:
    """Raises StorageFault where the log of an older file of this name lies there."""
    for left in _logs(path):
        # SQLite plays the log of this name back into whatever file of this name it finds.
        if os.path.lexists(left):
            raise StorageFault(reason=_LEFT.filled(left=left), way_out=_MOVE_AWAY)


@contextmanager
def receiving(path: Path, content: Iterable[bytes]) -> Iterator[str]:
    """The content in a file beside that place; it goes there at the end, if nothing was raised. Raises StorageFault."""
    with workbench(path) as place:
        laid = place / "new" / "restored.db"  # in a directory of its own: who migrates a file holds its directory
        laid.parent.mkdir()
        with private(laid) as file:
            file.writelines(content)
        with closing(Connection(laid)) as db:
            row = db.one("PRAGMA integrity_check(1)")
            if row is None or row["integrity_check"] != "ok":
                raise StorageFault(reason=_UNSOUND, way_out=_OTHER_BACKUP)
        yield f"{SCHEME}{laid}"
        if any(map(os.path.lexists, _logs(laid))):  # the last connection folds its log in; one more is open somewhere
            raise StorageFault(reason=_OPEN, way_out=_AGAIN)
        with alone(path):
            refuse_unless_new(path)
            put_in_place(laid, path, over=os.path.lexists(path))


def _logs(path: Path) -> Iterator[Path]:
    """What SQLite keeps beside a file and takes for a part of it."""
    return (path.with_name(path.name + end) for end in ("-wal", "-journal"))


_DAMAGED = Text("数据库 {path} 已损坏（{found}）", "the database {path} is damaged ({found})")
_EARLIER = Text(
    "没有写出备份；请停止写入，用 gongkai restore 恢复此前的备份",
    "no backup was written; stop writing and restore an earlier one: gongkai restore",
)
_THERE = Text("{path} 已存在", "{path} is there already")
_NEW_NAME = Text(
    "恢复只写入新的数据库：请用 --db 另取一个名字，或先把它移走",
    "a backup is restored into a new database: name another with --db, or move this one away first",
)
_LEFT = Text(
    "{left} 是原数据库的日志，会被当作新库的一部分",
    "{left} is the log of an older database and would be taken for the new one's",
)
_MOVE_AWAY = Text(
    "请先把它移走，并与原数据库一起保存（其中可能有最后办理的步骤）",
    "move it away first, and keep it with the older database (it may hold the last steps that were taken)",
)
_UNSOUND = Text("备份中的数据库不完好", "the database in the backup is not sound")
_OTHER_BACKUP = Text("没有恢复；请用另一份备份", "nothing was restored; use another backup")
_OPEN = Text("恢复出的数据库仍被占用", "what was restored is still open somewhere")
_AGAIN = Text("没有恢复；请重试", "nothing was restored; try again")
