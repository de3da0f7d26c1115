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
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
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
        self._names = (f"desk_{n}" for n in itertools.count(1))
        self._aside = ThreadPoolExecutor(1)
        self._ahead: dict[str, deque[Future[str]]] = {}
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

    def close(self) -> None:
        """For good: what was to be made or dropped is not waited for."""
        self._aside.shutdown(wait=True, cancel_futures=True)
        self.stop()

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://owner@127.0.0.1:{self.port}/{name}"

    def fresh(self, template: str = "template0") -> str:
        """The address of a new database, empty or a copy of another; of a copy two more are made ahead, while tests run."""
        if template == "template0":
            return self._made(template)
        ahead = self._ahead.setdefault(template, deque())
        while len(ahead) < 3:
            ahead.append(self._aside.submit(self._made, template))
        return ahead.popleft().result()

    def drop(self, url: str) -> None:
        """It goes, but nobody waits for it."""
        self._aside.submit(self.execute, f"DROP DATABASE {url.rpartition('/')[2]} WITH (FORCE)")

    def _made(self, template: str) -> str:
        name = next(self._names)
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)

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
            server.close()


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
            self.alter("DROP TRIGGER IF EXISTS tr_events_kept ON events")
            self.alter("DROP TRIGGER IF EXISTS tr_events_unchanged ON events")
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
