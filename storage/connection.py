"""What the store asks of its database, whichever engine holds it; `sqlite.py` and `postgres/` are the two that answer.

A statement is the text that `questions.py` compiles, its values come by name, and a row answers by name and by place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar

from storage.triggers import Triggers
from workflow.case import instant_text as instant_text  # the tables hold an instant as the record does
from workflow.errors import Busy, Invalid, Problem, StorageFault
from workflow.text import Text, shown

if TYPE_CHECKING:
    from sqlalchemy import Connection as Migrating

#: How long a writer waits for the one before it; a batch holds the lock for some tens of milliseconds.
PATIENCE_SECONDS = 10.0
#: Tables by which one of our databases is known.
OURS = frozenset({"alembic_version", "bureaus", "cases", "events"})

#: Between the first colon after the slashes and the last @, and what a parameter of that name says.
_PASSWORD = re.compile(r"(?<=://)(?P<user>[^:/@]*:).*(?=@)|(?<=password=)[^&\s]*")

Row = Mapping[str, Any]
#: Is told how much of long work is done, and of how much, where that is known.
Moved = Callable[[int, int | None], object]
T = TypeVar("T")


class Overtaken(Busy):
    """Another commit came between what this one read and wrote: nothing was kept, and it is to be judged anew."""


class Connection(Protocol):
    """One caller's way to the database; every fault of the driver leaves it as one of ours. One thread uses it."""

    @property
    def place(self) -> str:
        """Which database this is, as a person may read it: no password stands in it."""

    def whose(self) -> str | None:
        """What tells its server from every other; None for a file."""

    def close(self) -> None:
        """Let go of the database."""

    def all(self, sql: str, **params: Any) -> list[Row]:
        """Every row of the answer."""

    def each(self, sql: str, **params: Any) -> Iterator[Row]:
        """The rows one by one, for answers that are too long to hold."""

    def one(self, sql: str, **params: Any) -> Row | None:
        """The first row, or None."""

    def run(self, sql: str, **params: Any) -> int:
        """Do it; how many rows it changed."""

    def put(self, sql: str, row: Mapping[str, Any]) -> int:
        """Do it with a whole row; how many rows it changed."""

    def many(self, sql: str, rows: Sequence[dict[str, Any]]) -> None:
        """Do it once for each row."""

    def begin(self, *, steps: bool = False) -> None:
        """Open a write transaction; raises Busy when patience ends."""

    def end(self, *, keep: bool) -> None:
        """End the transaction that is open: keep what it wrote, or undo it. Whatever happens, none is open afterwards."""

    def writing(self, *, keep: bool = True, steps: bool = False) -> Transaction:
        """One write transaction: all of it or nothing.

        Nobody else writes meanwhile; where `steps` is said, only who takes steps too: each then holds the cases it acts on.
        """

    def hold(self, case_id: str) -> bool:
        """Inside a transaction of steps nobody else moves this case or those around it from now on.

        Whether what was read of them before may be old; False outside one.
        """

    def free(self, case_ids: Sequence[str]) -> list[str]:
        """Inside a transaction of steps: those of these cases that nobody else holds; they are now held."""

    def apart(self) -> AbstractContextManager[None]:
        """A part of a write transaction that can fail alone: what it wrote is undone, the rest stands."""

    def reading(self, at: str = "") -> AbstractContextManager[None]:
        """One snapshot for several questions; where `at` is what another's `moment` gave, that moment's."""

    def moment(self) -> AbstractContextManager[str]:
        """While it lasts, all who begin to read with what it gives, and ask their first question, see the same snapshot.

        Raises Busy, StorageFault.
        """

    def as_it_is(self) -> AbstractContextManager[None]:
        """Meanwhile a text that is none (no UTF-8) is answered as the bytes that stand there: for who looks into what was altered."""

    def settings(self) -> Mapping[str, tuple[object, object]]:
        """What the database says of itself, and what it should say: read back, not assumed."""

    def integrity(self) -> str:
        """`ok`, or what the database's own quick check found."""

    def tables(self) -> frozenset[str]:
        """The tables that are there."""

    def forgotten(self) -> bool:
        """Whether nothing of what was overwritten is left in a log beside the tables; what is left is cleared, as far as it may be."""

    def unwritable(self) -> StorageFault | None:
        """Why nothing can be written here, tried and undone; None where it can."""

    def triggers(self) -> Triggers:
        """What the triggers and unique indexes of the tables are, held against those that the migrations make."""


class Transaction:
    """A write transaction: all of it or nothing. Where `keep` is False at its end all is rolled back (a dry run)."""

    __slots__ = ("_connection", "_steps", "keep")

    def __init__(self, connection: Connection, *, keep: bool, steps: bool) -> None:
        self._connection, self._steps, self.keep = connection, steps, keep

    def __enter__(self) -> Self:
        self._connection.begin(steps=self._steps)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.end(keep=error is None and self.keep)


class Engine(Protocol):
    """Where a database is, and how it is reached."""

    @property
    def name(self) -> str:
        """Which engine this is, as a backup says whose content it holds."""

    def connect(self) -> Connection:
        """A connection to a database of ours. Raises StorageFault."""

    def founding(self) -> Connection:
        """A connection to what may be empty still. Raises StorageFault for somebody else's."""

    def is_there(self) -> bool:
        """Whether a database was made there."""

    def whose(self) -> str | None:
        """What tells its server from every other; None for a file."""

    def alone(self) -> AbstractContextManager[None]:
        """Nobody else makes or migrates this database meanwhile; what could not be made is not left."""

    def migrating(self) -> AbstractContextManager[Migrating]:
        """A SQLAlchemy connection inside one write transaction: a migration that dies leaves nothing behind."""

    def copied(self, place: Path | None, moved: Moved) -> AbstractContextManager[tuple[Connection, Iterator[bytes]]]:
        """All of it as it was at one moment, while others go on writing, and a connection that sees that very moment.

        `place` is a directory of the caller's that may be used on the way; None: what is in the clear stays where the database lies.
        """

    def refuse_unless_new(self) -> None:
        """Raises StorageFault unless there is room for a database and none is there."""

    def receiving(self, content: Iterable[bytes]) -> AbstractContextManager[str]:
        """The address under which that content can be looked at; at the end, if nothing was raised, it is the database here."""

    def close(self) -> None:
        """Let go of what connections share."""


def judged_anew(act: Callable[[], T]) -> T:
    """What the act came to; where another commit came between, it is done again, until patience ends. Raises Busy."""
    give_up_at = monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return act()
        except Overtaken:
            if monotonic() >= give_up_at:
                raise


@lru_cache(maxsize=4096)  # the instants of a case come back with each of its steps
def instant_from(said: str) -> datetime:
    """The instant that a table holds."""
    return datetime.fromisoformat(said)


def without_password(url: str) -> str:
    """The address as it may be shown: what may be a password stands between a user and a host, or after `password=`.

    >>> without_password("postgresql+psycopg://clerk:geheim@db.local/gongkai?password=sesam&x=1")
    'postgresql+psycopg://clerk:…@db.local/gongkai?password=…&x=1'
    >>> without_password("sqlite:///a@b.db")
    'sqlite:///a@b.db'
    """
    if url.startswith("sqlite"):
        return url
    return _PASSWORD.sub(lambda found: f"{found['user'] or ''}…", url)


def bad_url(url: str) -> Invalid:
    """The answer to an address that names no database; a password in it is not repeated."""
    return Invalid((Problem("bad-url", _BAD_URL.filled(url=shown(without_password(url))), field="db"),))


_BAD_URL = Text(
    "不认识数据库地址“{url}”；应为 sqlite:///文件路径（如 sqlite:///gongkai.db）或 postgresql+psycopg://用户@主机/库名",
    "cannot use the database address “{url}”; write sqlite:///path (such as sqlite:///gongkai.db) or "
    "postgresql+psycopg://user@host/database",
)
