"""The two engines as tests stand on them: a bureau's file, a bureau's database on a real server, and a hand past the door.

The server is Debian's PostgreSQL, started on a directory of its own for each process that runs tests.
"""

from __future__ import annotations

import itertools
import os
import shutil
import socket
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg

from storage.postgres.connection import LOCK
from storage.sqlite import Connection as InFile

MISSING = "PostgreSQL is missing here, so nothing was tried on it; install it: sudo apt-get install postgresql"


def program(name: str) -> str | None:
    """Where a program of PostgreSQL's server lies: Debian keeps them beside the path."""
    beside = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda each: float(each.parts[-3]))
    return shutil.which(name) or (str(beside[-1]) if beside else None)


class Server:
    """A PostgreSQL server of our own on a port of this machine; `settings` go to its command line."""

    def __init__(self, directory: Path, **settings: str) -> None:
        self.directory, self.port = directory, _free_port()
        # The server refuses to run as root: the package brings a user for it.
        self._user = "postgres" if os.geteuid() == 0 else None
        if self._user:
            shutil.chown(directory, self._user)
        self._settings = {"shared_buffers": "32MB", "autovacuum": "off", **settings}
        self._run(
            "initdb", "-D", self.data, "-E", "UTF8", "--locale=C.UTF-8", "-A", "trust", "-U", "owner", "--no-sync"
        )
        self._numbers = itertools.count(1)
        self._given_back: dict[str, list[str]] = {}
        self.start()

    @property
    def data(self) -> str:
        return str(self.directory / "data")

    def start(self) -> None:
        settings = {
            "port": str(self.port),
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": str(self.directory),
            **self._settings,
        }
        said = " ".join(f"-c {name}={value}" for name, value in settings.items())
        self._run("pg_ctl", "-D", self.data, "-w", "-l", str(self.directory / "log"), "-o", said, "start")

    def stop(self, mode: str = "immediate") -> None:
        self._run("pg_ctl", "-D", self.data, "-m", mode, "-w", "stop")

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://owner@127.0.0.1:{self.port}/{name}"

    def fresh(self, template: str = "template0") -> str:
        """The address of a new database, empty or a copy of another."""
        name = f"desk_{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)

    def made_a_template(self, url: str) -> str:
        """The name by which copies of this database are lent; nobody changes it from now on."""
        with closing(psycopg.connect(url.replace("+psycopg", ""), autocommit=True)) as db:
            db.execute(_REMEMBER)
        return url.rpartition("/")[2]

    def lent(self, template: str) -> str:
        """The address of a copy of a template, made now or given back by an earlier test: to copy one costs as much as a test."""
        there = self._given_back.setdefault(template, [])
        return there.pop() if there else self.fresh(template)

    def take_back(self, url: str, template: str) -> None:
        """Put it as the template was, for the next test; where more than rows was changed in it, it goes."""
        with closing(psycopg.connect(url.replace("+psycopg", ""), autocommit=True)) as db:
            as_before = db.execute("SELECT origin.put_back()").fetchone() == (True,)
        if as_before:
            self._given_back[template].append(url)
        else:
            self.drop(url)

    def drop(self, url: str) -> None:
        """For good, whoever is still connected."""
        self.execute(f"DROP DATABASE {url.rpartition('/')[2]} WITH (FORCE)")

    def execute(self, sql: str) -> None:
        with closing(psycopg.connect(self.url("postgres").replace("+psycopg", ""), autocommit=True)) as db:
            db.execute(sql)

    def _run(self, name: str, *arguments: str) -> None:
        found = program(name)
        assert found is not None, MISSING
        subprocess.run(
            [found, *arguments], user=self._user, cwd=self.directory, check=True, stdout=subprocess.DEVNULL,
            env={**os.environ, "HOME": str(self.directory)},
        )  # fmt: skip


#: Run in a template: its rows are kept beside it, and `put_back` brings every table and sequence of a copy back to them. It
#: answers whether the copy is still built as the template was; only then it may be lent again.
_REMEMBER = """
CREATE SCHEMA origin;
CREATE FUNCTION origin.built() RETURNS text LANGUAGE sql AS $$
  SELECT md5(string_agg(said, ' ' ORDER BY said)) FROM (
    SELECT concat(tgname, tgenabled, tgrelid::regclass) FROM pg_trigger
    UNION ALL SELECT concat(conname, conrelid::regclass) FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT concat(relname, relkind, relacl) FROM pg_class WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT concat(attrelid::regclass, attname) FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
      WHERE relnamespace = 'public'::regnamespace AND attnum > 0
    UNION ALL SELECT concat(setconfig) FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase
      WHERE datname = current_database()
  ) AS parts (said) $$;
CREATE TABLE origin.build AS SELECT origin.built() AS said;
CREATE TABLE origin.places AS SELECT sequencename AS name, last_value AS place FROM pg_sequences WHERE schemaname = 'public';
DO $$ DECLARE name text; BEGIN
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE format('CREATE TABLE origin.of_%s AS TABLE public.%I', name, name);
  END LOOP;
END $$;
CREATE FUNCTION origin.put_back() RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE name text; place bigint;
BEGIN
  PERFORM pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid();
  IF origin.built() IS DISTINCT FROM (SELECT said FROM origin.build) THEN RETURN false; END IF;
  SET LOCAL session_replication_role = replica;
  SET LOCAL lock_timeout = '5s';
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE format('DELETE FROM public.%I', name);
    EXECUTE format('INSERT INTO public.%I OVERRIDING SYSTEM VALUE SELECT * FROM origin.of_%s', name, name);
  END LOOP;
  FOR name, place IN SELECT * FROM origin.places LOOP
    PERFORM setval(format('public.%I', name)::regclass, coalesce(place, 1), place IS NOT NULL);
  END LOOP;
  RETURN true;
END $$;
"""


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def a_server(**settings: str) -> Iterator[Server]:
    """A server while it is used; its directory has a short name, since that of a socket may not be long."""
    with tempfile.TemporaryDirectory(prefix="gk-") as directory:
        Path(directory).chmod(0o755)
        server = Server(Path(directory), **settings)
        try:
            yield server
        finally:
            server.stop()


class Hand:
    """Somebody who reads and writes the tables past the door, on either engine; values stand where a `?` does."""

    def __init__(self, url: str) -> None:
        self._url = url

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        if self._url.startswith("sqlite"):
            with closing(sqlite3.connect(self._url.removeprefix("sqlite:///"))) as db:
                return [tuple(row) for row in db.execute(sql, values).fetchall()]
        with closing(psycopg.connect(self._url.replace("+psycopg", ""))) as server:
            return server.execute(sql.replace("?", "%s"), values).fetchall()

    def alter(self, sql: str, *values: object) -> int:
        """How many rows that changed; what the engine itself forbids is raised as it says it."""
        if self._url.startswith("sqlite"):
            with closing(sqlite3.connect(self._url.removeprefix("sqlite:///"))) as db, db:
                return db.execute(sql, values).rowcount
        with closing(psycopg.connect(self._url.replace("+psycopg", ""))) as server, server:
            return server.execute(sql.replace("?", "%s"), values).rowcount

    def break_the_lock(self) -> None:
        """The triggers and the keys that hold the tables together are gone, as an intruder would have it."""
        if self._url.startswith("sqlite"):
            for (name,) in self.rows("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
                self.alter(f'DROP TRIGGER "{name}"')
        else:
            for table, name in self.rows(
                "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal AND tgparentid = 0"
            ):
                self.alter(f"DROP TRIGGER {name} ON {table}")
            for table, name in self.rows(
                "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype = 'f'"
            ):
                self.alter(f"ALTER TABLE {table} DROP CONSTRAINT {name}")


def on_each_statement(db: Any, hook: Callable[[str], object]) -> None:
    """Before each statement that this connection of a desk sends from now on, its text goes to the hook."""
    if isinstance(db, InFile):
        db._driver.set_trace_callback(hook)
        return

    class Told(psycopg.Cursor[Any]):
        def execute(self, query: Any, *rest: Any, **named: Any) -> Any:
            hook(str(query).replace("BEGIN;", "BEGIN IMMEDIATE;"))
            return super().execute(query, *rest, **named)

    pool, taken = db._pool, db._pool.taken

    def told() -> Any:
        driver = taken()
        driver.cursor_factory = Told
        return driver

    pool.taken = told


@contextmanager
def held_by_another(url: str) -> Iterator[None]:
    """Somebody else is in the middle of writing, and does not come to an end."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as file:
            file.execute("BEGIN IMMEDIATE")
            yield
    else:
        with closing(psycopg.connect(url.replace("+psycopg", ""))) as db:
            db.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
            yield


@contextmanager
def impatient(db: Any) -> Iterator[None]:
    """A connection of a desk that hardly waits for others."""
    if isinstance(db, InFile):
        db._patience = 0.0
        yield
        return
    driver = db._pool.taken()
    driver.execute("SET lock_timeout = '1ms'")
    db._pool.given_back(driver)
    yield
