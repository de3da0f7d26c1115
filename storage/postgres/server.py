"""A database on a server: its address, and how it is made and migrated."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from storage.connection import OURS, Moved, bad_url
from storage.postgres import backups, faults
from storage.postgres.connection import LOCK, Connection
from storage.postgres.pool import DEADLINE_SECONDS, ENCODING, Pool
from workflow.errors import GongkaiError, StorageFault
from workflow.text import Text

if TYPE_CHECKING:
    from sqlalchemy import Connection as Migrating

SCHEME = re.compile(r"^postgresql(\+psycopg)?://")
CONNECT_SECONDS = 5


class Server:
    """A database on a server, with the connections that this process keeps to it. Raises Invalid for no address."""

    name = "postgresql"

    def __init__(self, url: str) -> None:
        self._url = url
        try:
            said = conninfo_to_dict(SCHEME.sub("postgresql://", url))
        except psycopg.Error as error:
            raise bad_url(url) from error
        hosts = _hosts(said)
        if not SCHEME.match(url) or not said.get("dbname") or hosts is None:
            raise bad_url(url)
        usual: dict[str, Any] = {
            "application_name": "gongkai",
            "connect_timeout": CONNECT_SECONDS,
            # Of several hosts the one that may be written to: what is decided is read there, too.
            "target_session_attrs": "read-write",
            "tcp_user_timeout": int(DEADLINE_SECONDS * 1000),
            "keepalives_idle": 5,
            "keepalives_interval": 2,
            "keepalives_count": 3,
        }
        who = f"{said['user']}@" if said.get("user") else ""
        self.place = f"postgresql://{who}{','.join(hosts)}/{said['dbname']}"
        # What a user, a database or the surroundings say of the client's encoding would turn texts into others, or into none.
        self._pool = Pool(make_conninfo(**{**usual, **said, "client_encoding": ENCODING}), self.place)

    def connect(self) -> Connection:
        """A connection to a database of ours."""
        tables = (found := Connection(self._pool)).tables()
        if not tables >= OURS:
            text = _FOREIGN if tables else _EMPTY
            raise StorageFault(reason=text.filled(place=self.place), way_out=_INIT)
        return found

    def founding(self) -> Connection:
        """A connection to a database that is ours or empty. Raises StorageFault for somebody else's."""
        tables = (found := Connection(self._pool)).tables()
        if tables and not tables >= OURS:
            raise StorageFault(reason=_FOREIGN.filled(place=self.place), way_out=_OTHER_DATABASE)
        return found

    def is_there(self) -> bool:
        """Whether our tables are there."""
        return Connection(self._pool).tables() >= OURS

    def whose(self) -> str:
        """The server's own number."""
        return Connection(self._pool).whose()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nothing to do beforehand: what makes or migrates the database takes the lock of who writes alone."""
        yield

    @contextmanager
    def migrating(self) -> Iterator[Migrating]:
        """A SQLAlchemy connection inside one transaction that nothing else writes beside."""
        from sqlalchemy import NullPool, String, create_engine, text
        from sqlalchemy import Text as LongText
        from sqlalchemy.exc import DBAPIError
        from sqlalchemy.ext.compiler import compiles

        # Ids and instants sort as they read, whatever language the database was made for.
        for kind in (String, LongText):
            compiles(kind, "postgresql")(lambda *_, **__: 'TEXT COLLATE "C"')
        driver = self._pool.connected(psycopg.Connection)
        engine = create_engine("postgresql+psycopg://", creator=lambda: driver, poolclass=NullPool)
        try:
            with engine.begin() as connection:
                connection.execute(text(f"SET LOCAL statement_timeout = 0; SELECT pg_advisory_xact_lock({LOCK})"))
                yield connection
        except DBAPIError as error:
            if isinstance(error.orig, psycopg.Error):
                raise faults.said(error.orig, self.place) from error
            raise
        finally:
            driver.close()

    @contextmanager
    def copied(self, place: Path | None, moved: Moved) -> Iterator[tuple[Connection, Iterator[bytes]]]:
        """What pg_dump says of the snapshot in which a transaction of ours stands."""
        db = self.connect()
        with db.reading():
            row = db.one("SELECT pg_export_snapshot() AS snapshot")
            assert row is not None
            with closing(backups.dump(self._pool.address, self.place, row["snapshot"], moved)) as content:
                yield db, content

    def refuse_unless_new(self) -> None:
        """Raises StorageFault unless the database is there and empty."""
        if self.founding().tables():
            raise StorageFault(reason=_THERE.filled(place=self.place), way_out=_NEW_DATABASE)

    @contextmanager
    def receiving(self, content: Iterable[bytes]) -> Iterator[str]:
        """The content in the database itself, brought by one transaction; it is emptied again if something was raised.

        It keeps the name of its schema: raises StorageFault where nobody would look for our tables in that one.
        """
        schema, content = backups.schema_of(content)
        makes = self._looked_for(schema) if schema else None
        try:
            backups.restore(self._pool.address, self.place, content)
            yield self._url
        except BaseException:
            with suppress(GongkaiError):  # what was raised first is what is to be heard
                self._empty(makes)
            raise

    def _looked_for(self, schema: str) -> str | None:
        """That schema as a statement names it, where it is to be made first; it is made for a look, and undone."""
        db, named = Connection(self._pool), '"{}"'.format(schema.replace('"', '""'))
        with db.writing(keep=False):
            is_new = db.one("SELECT FROM pg_namespace WHERE nspname = :schema", schema=schema) is None
            if is_new:
                db.run(f"CREATE SCHEMA {named}")
            here = db.one("SELECT current_schema() AS name")
        facts = {"schema": schema, "name": self.place.rpartition("/")[2], "named": named}
        if here is None or here["name"] != schema:
            raise StorageFault(reason=_OTHER_SCHEMA.filled(**facts), way_out=_SEARCH_PATH.filled(**facts))
        if not is_new and schema != "public":  # the one that every database has, and no backup makes
            raise StorageFault(reason=_MADE.filled(**facts), way_out=_DROP.filled(**facts))
        return named if is_new else None

    def _empty(self, made: str | None) -> None:
        """Take away what was restored, with the schema that was made for it: before it there was nothing."""
        db = Connection(self._pool)
        with db.writing():
            if made:
                db.run(f"DROP SCHEMA IF EXISTS {made} CASCADE")
            for table in db.tables():
                db.run(f'DROP TABLE "{table}" CASCADE')
                db.run(f'DROP FUNCTION IF EXISTS "{table}_are_kept"()')

    def close(self) -> None:
        """Let go of every connection that nobody uses."""
        self._pool.close()


def _hosts(said: dict[str, Any]) -> list[str] | None:
    """Each host with its port, as an address has them; None where that is not what was said.

    >>> _hosts({"host": "db1,::1", "port": "5432"})
    ['db1:5432', '[::1]:5432']
    """
    hosts, ports = str(said.get("host") or "localhost").split(","), str(said.get("port") or "").split(",")
    if len(ports) == 1:
        ports *= len(hosts)
    # A name and a password before each host are read as a port of the one before it.
    if len(ports) != len(hosts) or not all(each.isdecimal() or not each for each in ports):
        return None
    named = [f"[{each}]" if ":" in each else each for each in hosts]
    return [f"{host}:{port}" if port else host for host, port in zip(named, ports, strict=True)]


_EMPTY = Text("{place} 尚未初始化", "{place} is not initialised yet")
_FOREIGN = Text("{place} 不是 gongkai 数据库", "{place} is not a gongkai database")
_THERE = Text("{place} 中已有数据", "there is something in {place} already")
_NEW_DATABASE = Text(
    "恢复只写入新的空库：createdb -E UTF8 -T template0 库名，再用 --db 指明",
    "a backup is restored into a new, empty database: createdb -E UTF8 -T template0 NAME, then name it with --db",
)
_OTHER_SCHEMA = Text(
    "备份中的表在模式“{schema}”里，恢复后 {name} 不会到那里去找；没有恢复",
    "the tables of this backup stand in the schema “{schema}”, where {name} would not look for them; nothing was restored",
)
_SEARCH_PATH = Text(
    "请先运行 ALTER DATABASE {name} SET search_path = {named}，再恢复一次",
    "run ALTER DATABASE {name} SET search_path = {named}, then restore it again",
)
_MADE = Text(
    "备份会自己建立模式“{schema}”，而 {name} 中已经有了；没有恢复",
    "this backup makes the schema “{schema}” itself, and {name} has it already; nothing was restored",
)
_DROP = Text(
    "那里是空的：请先运行 DROP SCHEMA {named}，再恢复一次",
    "it is empty: run DROP SCHEMA {named}, then restore it again",
)
_INIT = Text("请先运行 gongkai init", "run gongkai init first")
_OTHER_DATABASE = Text(
    "请用 --db 指定正确的库；新库请先建立：createdb -E UTF8 -T template0 库名",
    "name the right one with --db; make a new one first: createdb -E UTF8 -T template0 NAME",
)
