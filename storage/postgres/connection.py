"""One caller's way to a server: the statements as this engine says them, the transactions, and what they hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import replace
from functools import cache
from typing import Any

import psycopg

from storage.connection import Row, Transaction
from storage.postgres.faults import AGAIN, FAULTS, lost, read_only, said
from storage.postgres.pool import Driver, Pool
from storage.triggers import OF_A_SERVER, Triggers, compared
from workflow.errors import GongkaiError, StorageFault, Unknown
from workflow.text import Text

#: By which the transactions of this program know one another in one database; any number does, if nobody changes it.
LOCK = 0x676F6E676B6169
#: What the server must say of itself: each is about not losing what was acknowledged, the last about triggers being heard.
WANTED = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on", "server_encoding": "UTF8",
          "session_replication_role": "origin"}  # fmt: skip

_STEPS = f"BEGIN; SELECT pg_advisory_xact_lock_shared({LOCK})"
_ALONE = f"BEGIN; SELECT pg_advisory_xact_lock({LOCK})"
_SNAPSHOT = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
# A commit that wrote nothing waits for nobody. This is a trace in the log and nowhere else, so that the commit waits for the
# standby and, with its own, for all before it.
_TRACE = "SELECT pg_logical_emit_message(true, 'gongkai', '')"
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
_TRIGGERS = """
SELECT relname || '.' || tgname AS name, (tgenabled IN ('O', 'A')) || ' ' || prosrc || ' '
  || replace(pg_get_triggerdef(pg_trigger.oid), format(' ON %I.', current_schema()), ' ON ') AS said
FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid JOIN pg_proc ON pg_proc.oid = tgfoid
WHERE NOT tgisinternal AND relnamespace = CAST(quote_ident(current_schema()) AS regnamespace)
UNION ALL SELECT tablename || '.' || rulename, definition FROM pg_rules WHERE schemaname = current_schema()
UNION ALL SELECT pg_class.relname || '.' || own.relname, indisvalid || ' '
  || replace(pg_get_indexdef(indexrelid), format(' ON %I.', current_schema()), ' ON ')
FROM pg_index JOIN pg_class ON pg_class.oid = indrelid JOIN pg_class AS own ON own.oid = indexrelid
WHERE indisunique AND pg_class.relnamespace = CAST(quote_ident(current_schema()) AS regnamespace)
"""
_ODD = """
SELECT relname AS name, relpersistence <> 'p' AS unlogged,
  relrowsecurity OR relforcerowsecurity OR EXISTS (SELECT FROM pg_policy WHERE polrelid = pg_class.oid) AS kept_back
FROM pg_class WHERE relkind IN ('r', 'S') AND relnamespace = CAST(quote_ident(current_schema()) AS regnamespace) ORDER BY relname
"""
# The case and those around it: its parent, its sub-cases, those that it names and those that name it.
_HOLD = """
SELECT id FROM cases WHERE id IN (
  SELECT %(id)s UNION SELECT parent FROM cases WHERE id = %(id)s AND parent IS NOT NULL
  UNION SELECT id FROM cases WHERE parent = %(id)s
  UNION SELECT other_id FROM links WHERE case_id = %(id)s UNION SELECT case_id FROM links WHERE other_id = %(id)s
) ORDER BY id FOR UPDATE
"""
_FREE = "SELECT id FROM cases WHERE id = ANY(%(ids)s) ORDER BY id FOR UPDATE SKIP LOCKED"
#: A parameter in the text of a statement; none of ours has a colon elsewhere.
_NAMED = re.compile(r":(\w+)")


@cache
def _placed(sql: str) -> str:
    """A statement of `statements.py` as this engine says it."""
    text = sql.replace("%", "%%").replace(" IS :", " IS NOT DISTINCT FROM :").replace(" LIKE ", " ILIKE ")
    return _NAMED.sub(r"%(\1)s", text.replace("events.rowid", "events.row_no"))


class Connection:
    """One caller's way to a server: a connection of the driver for each transaction, and for each question outside one."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._driver: Driver | None = None
        self._cursor: psycopg.Cursor[Any] | None = None
        self._held: set[str] | None = None  # the cases that a transaction of steps has locked
        self._names = 0
        self._wrote = False

    @property
    def place(self) -> str:
        """The server and the database, without a password."""
        return self._pool.place

    def whose(self) -> str:
        """What tells the server from every other: its own number, which its standbys share."""
        row = self.one("SELECT CAST(system_identifier AS text) AS whose FROM pg_control_system()")
        assert row is not None
        return str(row["whose"])

    def close(self) -> None:
        """Let go of a transaction that is open: nothing of it is kept."""
        if self._driver is not None:
            self._driver.close()
            self._let_go()

    def __del__(self) -> None:
        if getattr(self, "_driver", None) is not None:
            self.close()

    def all(self, sql: str, **params: Any) -> list[Row]:
        """Every row of the answer."""
        rows: list[Row] = self._asked(_placed(sql), params, lambda cursor: cursor.fetchall())
        return rows

    def one(self, sql: str, **params: Any) -> Row | None:
        """The first row, or None."""
        row: Row | None = self._asked(_placed(sql), params, lambda cursor: cursor.fetchone())
        return row

    def each(self, sql: str, **params: Any) -> Iterator[Row]:
        """The rows one by one, by a cursor of the server."""
        if self._driver is None:
            with self.reading():
                yield from self.each(sql, **params)
            return
        self._names += 1
        try:
            with self._driver.cursor(f"each_{self._names}") as cursor:
                cursor.itersize = 2000
                cursor.execute(_placed(sql), params)
                yield from cursor
        except FAULTS as error:
            raise said(error, self.place) from error

    def run(self, sql: str, **params: Any) -> int:
        """Do it; how many rows it changed."""
        return self.put(sql, params)

    def put(self, sql: str, row: Mapping[str, Any]) -> int:
        """Do it with a whole row; how many rows it changed."""
        count: int = self._asked(_placed(sql), row, lambda cursor: cursor.rowcount)
        self._wrote = self._wrote or count > 0
        return count

    def many(self, sql: str, rows: Sequence[dict[str, Any]]) -> None:
        """Do it once for each row."""
        for row in rows:
            self.put(sql, row)

    def writing(self, *, keep: bool = True, steps: bool = False) -> Transaction:
        """One write transaction: all of it or nothing."""
        return Transaction(self, keep=keep, steps=steps)

    def begin(self, *, steps: bool = False) -> None:
        """Open a write transaction; raises Busy when patience ends."""
        self._open(_STEPS if steps else _ALONE)
        self._held = set() if steps else None

    def end(self, *, keep: bool) -> None:
        """End the transaction that is open: keep what it wrote, or undo it. Whatever happens, none is open afterwards."""
        driver = self._driver
        if driver is None:  # the desk was closed under our hands, and the transaction with it
            if keep:
                raise lost(self.place)
            return
        try:
            if keep:
                driver.warned = False
                if not self._wrote:
                    # What is answered was read, and what was read may stand here alone: a commit that was unknown and is
                    # asked for again, a seal that is there already. If this server is lost, so is that.
                    driver.execute(_TRACE)
                done = driver.execute("COMMIT")
                if driver.warned:
                    raise Unknown(_NOT_EVERYWHERE)
                if done.statusmessage != "COMMIT":  # a transaction that had failed is rolled back without a word
                    raise StorageFault(reason=_UNDONE, way_out=AGAIN)
            elif not driver.closed:
                driver.execute("ROLLBACK")
        except psycopg.Error as error:
            driver.close()
            if keep:
                raise said(error, self.place, committing=True) from error
        finally:
            self._let_go()

    def hold(self, case_id: str) -> bool:
        """Lock this case and those around it; whether what was read of them before may be old."""
        if self._held is None or case_id in self._held:
            return False
        around: list[Row] = []
        while True:
            found = self._asked(_HOLD, {"id": case_id}, lambda cursor: cursor.fetchall())
            # What came to stand around it while we waited is found by the next look; once it is ours nothing more comes.
            if found == around:
                self._held.add(case_id)
                return True
            around = found

    def free(self, case_ids: Sequence[str]) -> list[str]:
        """Those of these cases that nobody else holds; they are now held."""
        rows = self._asked(_FREE, {"ids": list(case_ids)}, lambda cursor: cursor.fetchall())
        return [row["id"] for row in rows]

    @contextmanager
    def apart(self) -> Iterator[None]:
        """A part of a write transaction that can fail alone: what it wrote is undone, the rest stands."""
        self.run("SAVEPOINT part")
        try:
            yield
        except BaseException:
            if self._driver is not None and not self._driver.closed:
                self.run("ROLLBACK TO part")
                self.run("RELEASE part")
            raise
        self.run("RELEASE part")

    @contextmanager
    def moment(self) -> Iterator[str]:
        """A snapshot that others can read, too."""
        with self.reading():
            row = self.one("SELECT pg_export_snapshot() AS snapshot")
            assert row is not None
            yield str(row["snapshot"])

    @contextmanager
    def reading(self, at: str = "") -> Iterator[None]:
        """One snapshot for several questions; that of another's `moment`, where it is said."""
        self._open(_SNAPSHOT)
        try:
            if at:
                self.run(f"SET TRANSACTION SNAPSHOT '{at}'")
            yield
        finally:
            self.end(keep=False)

    def as_it_is(self) -> AbstractContextManager[None]:
        """Nothing to do: a server takes no text that is none."""
        return nullcontext()

    def settings(self) -> dict[str, tuple[object, object]]:
        """What the server says of itself, and what it should say: read back, not assumed."""
        found = {name: self._asked(f"SHOW {name}", {}, lambda cursor: cursor.fetchone())[0] for name in WANTED}
        # A stricter promise is kept, too: applied on the standbys before it is acknowledged.
        strict = {"synchronous_commit": "remote_apply"}
        read = {name: (value, value if strict.get(name) == value else WANTED[name]) for name, value in found.items()}
        pooler = self._pooler()
        return {**read, "pooler": (pooler, "session")} if pooler else read

    def _pooler(self) -> str | None:
        """Whether something stands between us and the server, and how it lends its connections: for a session, or a transaction.

        In the second way what we set is lost, or another's, with the next transaction. Two who ask in turn hear it.
        """
        with ExitStack() as after:

            def asks(driver: Driver) -> int:
                return int(driver.execute("SELECT pg_backend_pid() AS pid").fetchall()[0]["pid"])

            def taken() -> Driver:
                driver = self._pool.taken()
                after.callback(self._pool.given_back, driver)
                return driver

            try:
                one = taken()
                if asks(one) == one.info.backend_pid:
                    return None
                try:
                    other = taken()
                except GongkaiError:
                    return "session"  # it has one, and the first of us keeps it
                heard = [(asks(one), asks(other)) for _ in range(3)]
            except FAULTS as error:
                raise said(error, self.place) from error
        return "session" if len(set(heard)) == 1 and heard[0][0] != heard[0][1] else "transaction"

    def integrity(self) -> str:
        """`ok`, or that pages of the files were found damaged since the server counts them."""
        row = self.one("SELECT sum(checksum_failures) AS failures FROM pg_stat_database")
        failures = int(row["failures"] or 0) if row else 0
        return f"{failures} checksum failures" if failures else "ok"

    def tables(self) -> frozenset[str]:
        """The tables of the schema."""
        return frozenset(row["tablename"] for row in self.all(_TABLES))

    def forgotten(self) -> bool:
        """Whether nothing is left beside the tables: a server's own log is its administrator's (docs/ledger.md)."""
        return True

    def unwritable(self) -> StorageFault | None:
        """Why nothing can be written here: the address took a server that follows another; who may write is said by roles."""
        row = self.one("SELECT pg_is_in_recovery() AS follows")
        return read_only(self.place) if row and row["follows"] else None

    def triggers(self) -> Triggers:
        """What the triggers (with their functions) and unique indexes of the tables are, held against those that the migrations make."""
        found = compared({row["name"]: row["said"] for row in self.all(_TRIGGERS)}, OF_A_SERVER)
        rows = self.all(_ODD)
        odd = {each: tuple(row["name"] for row in rows if row[each]) for each in ("unlogged", "kept_back")}
        return replace(found, **odd)

    def _open(self, text: str) -> None:
        """Begin, on a connection that answers: one that died while it was idle is replaced."""
        for last in (False, True):
            driver = self._pool.taken()
            try:
                driver.execute(text)
            except psycopg.Error as error:
                is_lost = driver.closed or driver.broken
                driver.close()
                self._pool.given_back(driver)
                if last or not is_lost:
                    raise said(error, self.place) from error
                self._pool.forget()
            else:
                self._driver, self._cursor = driver, driver.cursor()
                return

    def _let_go(self) -> None:
        if self._driver is not None:
            self._pool.given_back(self._driver)
        self._driver = self._cursor = self._held = None
        self._wrote = False

    def _asked(self, text: str, params: Mapping[str, Any], answer: Callable[[psycopg.Cursor[Any]], Any]) -> Any:
        try:
            if self._cursor is not None:
                return answer(self._cursor.execute(text, params))
            return self._alone(text, params, answer)
        except FAULTS as error:
            raise said(error, self.place) from error

    def _alone(self, text: str, params: Mapping[str, Any], answer: Callable[[psycopg.Cursor[Any]], Any]) -> Any:
        """A question outside a transaction; asked once more where the connection had died while it was idle."""
        for last in (False, True):
            driver = self._pool.taken()
            try:
                return answer(driver.execute(text, params))
            except psycopg.OperationalError:
                if last or not (driver.closed or driver.broken):
                    raise
                self._pool.forget()
            finally:
                self._pool.given_back(driver)
        raise AssertionError("asked twice")


_NOT_EVERYWHERE = Text(
    "已在主库提交，但未得到备库确认，结果不明；请用同一请求号重试，已办的不会重办",
    "it was committed here but no standby confirmed it, so the outcome is unknown; repeat with the same request id: "
    "what was done is not done twice",
)
_UNDONE = Text("数据库撤销了这次提交，未作任何改动", "the database undid this commit; nothing was changed")
