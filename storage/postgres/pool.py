"""The connections that one process keeps to a server: so many at most, each of whose calls ends in time."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import psycopg
from psycopg import errors
from psycopg.types.numeric import Int2Dumper, IntDumper

from storage.connection import PATIENCE_SECONDS
from storage.postgres.faults import other_encoding, unreachable
from workflow.errors import Busy

if TYPE_CHECKING:
    from psycopg.abc import PQGen

RV = TypeVar("RV")

#: Connections that one process keeps at most; further threads wait for one as they wait for a lock.
POOL = 10
#: The server ends a statement after this, and gives up the locks of a client that fell silent in the middle of a step.
STATEMENT_SECONDS, SILENCE_SECONDS = 20, 30
#: The client gives up a call after this, whatever became of the server.
DEADLINE_SECONDS = 30.0

#: In which texts come and go, and in which the database keeps them.
ENCODING = "UTF8"

_SETTLE = f"""
SET lock_timeout = '{PATIENCE_SECONDS:.0f}s';
SET statement_timeout = '{STATEMENT_SECONDS}s';
SET idle_in_transaction_session_timeout = '{SILENCE_SECONDS}s';
SET default_transaction_isolation = 'read committed';
SET client_min_messages = 'warning';
SET quote_all_identifiers = off;
SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') IN ('off', 'local');
"""
# Our tables are looked for where they are, and nowhere before: a schema of the user's name may come to stand there.
_AT_HOME = """
SELECT set_config('search_path', quote_ident(nspname), false) FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
  WHERE pg_class.oid = to_regclass('alembic_version')
"""


class _Row(tuple[Any, ...]):
    """A row that answers by place and by name, as that of the other driver does."""

    __slots__ = ()
    places: ClassVar[dict[str, int]]

    def __getitem__(self, key: Any) -> Any:
        return tuple.__getitem__(self, self.places[key] if isinstance(key, str) else key)

    def keys(self) -> list[str]:
        """The names of the columns."""
        return list(self.places)


@cache
def _row_class(names: tuple[str, ...]) -> type[_Row]:
    return type("Row", (_Row,), {"__slots__": (), "places": {name: n for n, name in enumerate(names)}})


def _as_rows(cursor: psycopg.Cursor[Any]) -> Callable[[Sequence[Any]], _Row]:
    return _row_class(tuple(column.name for column in cursor.description or ()))


class _TruthDumper(Int2Dumper):
    """The tables hold 0 and 1, on each engine."""

    def dump(self, truth: Any) -> Any:
        return super().dump(int(truth))


class _NumberDumper(IntDumper):
    """A number past 64 bits fits no column: it is refused, as the other driver does."""

    def upgrade(self, number: int, format: Any) -> Any:
        if not -(2**63) <= number < 2**63:
            raise OverflowError("a number past 64 bits")
        return super().upgrade(number, format)


class Driver(psycopg.Connection[Any]):
    """The driver's connection, whose every call ends in time, and that hears what the server warns of."""

    warned: bool = False

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        """What comes of a call; a server that says nothing for too long is given up, and the connection with it."""
        try:
            return super().wait(gen, interval, DEADLINE_SECONDS if timeout is None else timeout)
        except errors._WaitTimeout:
            if timeout is None:
                self.pgconn.finish()
            raise


def _hear(driver: Any, notice: psycopg.errors.Diagnostic) -> None:
    """A warning at a commit says that it stands here, and perhaps nowhere else."""
    if notice.severity_nonlocalized == "WARNING":
        driver.warned = True


class Pool:
    """Connections to one address, made when they are needed and kept while they are whole."""

    def __init__(self, address: str, place: str) -> None:
        self.address, self.place = address, place
        self._patience = PATIENCE_SECONDS
        self._closed = False
        self._room = threading.BoundedSemaphore(POOL)
        self._idle: deque[Driver] = deque()

    def close(self) -> None:
        """Let go of every connection: those that nobody uses now, the others when they come back."""
        self._closed = True
        self.forget()

    def __del__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Let go of those that nobody uses: what befell one has befallen them all."""
        while (idle := self._one_idle()) is not None:
            idle.close()

    def taken(self) -> Driver:
        """A connection of the driver for one transaction or question. Raises Busy, StorageFault."""
        if not self._room.acquire(timeout=self._patience):
            raise Busy()
        try:
            while (idle := self._one_idle()) is not None:
                if not idle.closed:
                    return idle
                idle.close()  # the server ended it; the driver is told, too
            driver = self.connected(Driver)
            assert isinstance(driver, Driver)
            return driver
        except BaseException:
            self._room.release()
            raise

    def given_back(self, driver: Driver) -> None:
        """It may be used again if it is still whole."""
        if self._closed or driver.closed or driver.pgconn.transaction_status != psycopg.pq.TransactionStatus.IDLE:
            driver.close()
        else:
            self._idle.append(driver)
        self._room.release()

    def _one_idle(self) -> Driver | None:
        try:
            return self._idle.pop()
        except IndexError:  # another thread took the last one
            return None

    def connected(self, kind: type[Any]) -> Any:
        """A new connection of this kind with our settings. Raises Busy, StorageFault."""
        try:
            driver = kind.connect(self.address, autocommit=True, row_factory=_as_rows)
        except psycopg.Error as error:
            raise unreachable(error, self.place) from error
        if driver.info.parameter_status("server_encoding") != ENCODING:
            driver.close()
            raise other_encoding(self.place)
        try:
            driver.adapters.register_dumper(bool, _TruthDumper)
            driver.adapters.register_dumper(int, _NumberDumper)
            driver.add_notice_handler(lambda notice: _hear(driver, notice))
            driver.execute(_SETTLE + _AT_HOME)
        except psycopg.Error as error:
            driver.close()
            raise unreachable(error, self.place) from error
        return driver
