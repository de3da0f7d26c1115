"""A database of a server as one stream and back, by PostgreSQL's own pg_dump and pg_restore, of which this is the only home."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from storage.connection import Moved
from workflow.errors import StorageFault
from workflow.text import Text

#: Beside the path: Debian keeps each server's programs in a directory of their own.
PLACES = Path("/usr/lib/postgresql")
WRAPPER = "pg_wrapper"
READ = 1 << 20
#: How pg_dump says in which schema our tables stand. What there is it lists in the clear, before what is in it, and within so much.
_STANDS_IN = re.compile(rb'CREATE TABLE (?:"((?:[^"]|"")+)"|(\w+))\.alembic_version \(')
_LIST = 8 * READ


def dump(address: str, place: str, snapshot: str, moved: Moved) -> Generator[bytes, None, None]:
    """The whole database as that snapshot shows it, in pg_dump's custom format. Raises StorageFault."""
    done = 0
    with _running("pg_dump", address, place, "--format=custom", f"--snapshot={snapshot}", reads=True) as pipe:
        while part := os.read(pipe.fileno(), READ):  # what has come so far; the pipe's own read waits for all of it
            done += len(part)
            moved(done >> 20, None)
            yield part


def schema_of(content: Iterable[bytes]) -> tuple[str | None, Iterator[bytes]]:
    """The schema into which that content goes, None where it does not say; and all of the content."""
    parts, begins, found = iter(content), b"", None
    while found is None and len(begins) < _LIST and (part := next(parts, b"")):
        begins += part
        found = _STANDS_IN.search(begins)
    name = found and (found[1] or found[2]).decode("utf-8", "replace").replace('""', '"')
    return name, chain([begins], parts)


def restore(address: str, place: str, content: Iterable[bytes]) -> None:
    """That content into an empty database, in one transaction: all of it or nothing. Raises StorageFault."""
    # Whose the tables are and who may use them is said where they are now: ops/postgresql/roles.sql.
    how = ("--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges")
    # A pipe that breaks tells of a program that ended early: it says why itself.
    with _running("pg_restore", address, place, *how, reads=False) as pipe, suppress(BrokenPipeError):
        for part in content:
            pipe.write(part)


@contextmanager
def _running(name: str, address: str, place: str, *how: str, reads: bool) -> Iterator[IO[bytes]]:
    """That program's output, or its input; whatever happens, it has ended afterwards. Raises StorageFault where it failed."""
    program = _program(name)
    said: dict[str, Any] = dict(conninfo_to_dict(address))
    # The words of a command are everybody's to see: the password goes by the environment, where that of a key has no name.
    password = said.pop("password", None)
    said.pop("sslpassword", None)
    around = {**os.environ, "LC_ALL": "C.UTF-8", **({"PGPASSWORD": str(password)} if password else {})}
    with TemporaryFile() as told:
        running = subprocess.Popen(  # noqa: S603  # PostgreSQL's own program, and words that we wrote
            [program, "--no-password", *how, f"--dbname={make_conninfo(**said)}"],
            stdin=subprocess.DEVNULL if reads else subprocess.PIPE,
            stdout=subprocess.PIPE if reads else subprocess.DEVNULL,
            stderr=told,
            env=around,
        )
        pipe = running.stdout if reads else running.stdin
        assert pipe is not None
        try:
            yield pipe
        except BaseException:
            running.kill()
            raise
        finally:
            with suppress(BrokenPipeError):
                pipe.close()
            code = running.wait()
        if code:
            told.seek(0)
            raise StorageFault(reason=_FAILED.filled(name=name, place=place, error=_told(told.read())), way_out=_CHECK)


def _told(said: bytes) -> str:
    """The first thing that the program complained of."""
    lines = said.decode("utf-8", "replace").strip().splitlines()
    return next((line for line in lines if "error:" in line), lines[0] if lines else "?")


def _program(name: str) -> str:
    """Where that program lies: on the path, else the newest that Debian keeps beside it, which serves every older server."""
    found = shutil.which(name)
    beside = sorted(PLACES.glob(f"*/bin/{name}"), key=lambda each: float(each.parts[-3]))
    # Debian's wrapper takes the version of the cluster of this machine, whatever server is meant.
    if beside and (found is None or Path(found).resolve().name == WRAPPER):
        return str(beside[-1])
    if found is None:
        raise StorageFault(reason=_MISSING.filled(name=name), way_out=_INSTALL)
    return found


_MISSING = Text("缺少 PostgreSQL 的程序 {name}", "PostgreSQL's program {name} is missing here")
_INSTALL = Text(
    "请安装后重试：sudo apt-get install postgresql-client",
    "install it and try again: sudo apt-get install postgresql-client",
)
_FAILED = Text("{place} 的 {name} 没有完成（{error}）", "{name} of {place} did not succeed ({error})")
_CHECK = Text(
    "没有留下半成品；请按其提示检查权限（见 ops/postgresql/roles.sql）、版本（不得低于服务器）与磁盘后重试",
    "nothing half done is left; check rights (ops/postgresql/roles.sql), version (no older than the server's) and disk as it says, then "
    "try again",
)
