"""What SQLite does to its files, seen and spoilt beneath it: the very library that this Python uses, nothing compiled.

`Tap` stands between SQLite and its files (a VFS whose `xOpen` hands on to the system's and then exchanges the table of
methods of the file); `Spoilt` stands between SQLite and the system (`xSetSystemCall`), where a call fails as the kernel
would have it fail: it answers -1 and leaves its reason in `errno`.
"""

from __future__ import annotations

import _sqlite3
import ctypes
import errno
import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ctypes import CFUNCTYPE, POINTER, Structure, c_char_p, c_int, c_int64, c_size_t, c_void_p
from typing import Any
from unittest import mock

import pytest

Answer = Callable[..., int]


class Vfs(Structure):
    """`sqlite3_vfs`, as of its third version."""

    _fields_ = (
        ("version", c_int), ("file_size", c_int), ("longest_name", c_int), ("next", c_void_p), ("name", c_char_p),
        ("app_data", c_void_p), ("open", c_void_p), ("delete", c_void_p), ("access", c_void_p), ("full_name", c_void_p),
        ("dl_open", c_void_p), ("dl_error", c_void_p), ("dl_sym", c_void_p), ("dl_close", c_void_p),
        ("randomness", c_void_p), ("sleep", c_void_p), ("now", c_void_p), ("last_error", c_void_p), ("now64", c_void_p),
        ("set_call", c_void_p), ("get_call", c_void_p), ("next_call", c_void_p),
    )  # fmt: skip


class Methods(Structure):
    """`sqlite3_io_methods`, as of its third version."""

    _fields_ = (
        ("version", c_int), ("close", c_void_p), ("read", c_void_p), ("write", c_void_p), ("truncate", c_void_p),
        ("sync", c_void_p), ("size", c_void_p), ("lock", c_void_p), ("unlock", c_void_p), ("is_reserved", c_void_p),
        ("control", c_void_p), ("sector", c_void_p), ("traits", c_void_p), ("shm_map", c_void_p), ("shm_lock", c_void_p),
        ("shm_barrier", c_void_p), ("shm_unmap", c_void_p), ("fetch", c_void_p), ("unfetch", c_void_p),
    )  # fmt: skip


class File(Structure):
    """`sqlite3_file`: a table of methods, and behind it what is the system's own."""

    _fields_ = (("methods", POINTER(Methods)),)


_OPEN = CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p, c_int, c_void_p)
_DELETE = CFUNCTYPE(c_int, c_void_p, c_char_p, c_int)
_CLOSE = CFUNCTYPE(c_int, c_void_p)
_WRITE = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64)
_TRUNCATE = CFUNCTYPE(c_int, c_void_p, c_int64)
_SYNC = CFUNCTYPE(c_int, c_void_p, c_int)
_SLEEP = CFUNCTYPE(c_int, c_void_p, c_int)
_SET_CALL = CFUNCTYPE(c_int, c_void_p, c_char_p, c_void_p)
_GET_CALL = CFUNCTYPE(c_void_p, c_void_p, c_char_p)


def library() -> Any:
    """The SQLite that `sqlite3` of this Python stands on; the test is skipped where it cannot be reached."""
    try:
        found = ctypes.CDLL(getattr(_sqlite3, "__file__", None))
        find, register = found.sqlite3_vfs_find, found.sqlite3_vfs_register
    except (OSError, AttributeError):
        pytest.skip("the SQLite of this Python is built in and shows none of its functions")
    find.restype, find.argtypes = POINTER(Vfs), [c_char_p]
    register.restype, register.argtypes = c_int, [POINTER(Vfs), c_int]
    return found


#: A connection that outlives its trial still calls them.
_KEPT: list[object] = []


class Tap:
    """Tells what is done to files, in order: created, written, cut, synced, deleted; where `sync` has an answer, it counts.

    Whoever waits for a lock does so without sleeping: what never comes free is given up at once.
    A file is known by a number of its own, so that one which comes after another of the same name is another.
    """

    def __init__(self, tell: Callable[..., object], sync: Callable[[], int | None] = lambda: None) -> None:
        self._library, self._tell, self._sync = library(), tell, sync
        self._system = self._library.sqlite3_vfs_find(None)
        self._open: dict[int, tuple[int, Methods]] = {}
        self._numbers: dict[str, int] = {}
        self._count = 0
        self._tables: dict[int, Methods] = {}
        system = self._system.contents
        self._really_open, self._really_delete = _OPEN(system.open), _DELETE(system.delete)
        self._opens, self._deletes = _OPEN(self._on_open), _DELETE(self._on_delete)
        self._methods = {
            "close": _CLOSE(self._on_close),
            "write": _WRITE(self._on_write),
            "truncate": _TRUNCATE(self._on_truncate),
            "sync": _SYNC(self._on_sync),
        }
        self._mine = Vfs.from_buffer_copy(system)
        self._mine.name = b"tap"
        self._mine.open = ctypes.cast(self._opens, c_void_p).value
        self._mine.delete = ctypes.cast(self._deletes, c_void_p).value
        self._sleeps = _SLEEP(lambda _, microseconds: microseconds)
        self._mine.sleep = ctypes.cast(self._sleeps, c_void_p).value

    def __enter__(self) -> Tap:
        _KEPT.append(self)
        self._library.sqlite3_vfs_register(ctypes.byref(self._mine), 1)
        return self

    def __exit__(self, *_: object) -> None:
        self._library.sqlite3_vfs_unregister(ctypes.byref(self._mine))
        self._library.sqlite3_vfs_register(self._system, 1)

    def number(self, name: str) -> int:
        """By which this file is told of."""
        if name not in self._numbers:
            self._count += 1
            self._numbers[name] = self._count
        return self._numbers[name]

    def _on_open(self, _: int, name: int | None, file: int, flags: int, found: int) -> int:
        system = ctypes.addressof(self._system.contents)
        if not name:  # what has no name is gone with the process, and is nobody's record
            return int(self._really_open(system, name, file, flags, found))
        path = os.fsdecode(ctypes.string_at(name))
        is_new = not os.path.exists(path)
        code = int(self._really_open(system, name, file, flags, found))
        held = File.from_address(file)
        if code == sqlite3.SQLITE_OK and held.methods:
            if is_new:
                self._numbers.pop(path, None)
            number = self.number(path)
            self._open[file] = (number, held.methods.contents)
            held.methods = ctypes.pointer(self._table(held.methods))
            if is_new:
                self._tell("create", number, path)
        return code

    def _table(self, methods: Any) -> Methods:
        address = ctypes.addressof(methods.contents)
        if address not in self._tables:
            table = Methods.from_buffer_copy(methods.contents)
            for name, function in self._methods.items():
                setattr(table, name, ctypes.cast(function, c_void_p).value)
            self._tables[address] = table
        return self._tables[address]

    def _on_close(self, file: int) -> int:
        _, methods = self._open.pop(file)
        return int(_CLOSE(methods.close)(file))

    def _on_write(self, file: int, bytes_at: int, count: int, offset: int) -> int:
        number, methods = self._open[file]
        self._tell("write", number, offset, ctypes.string_at(bytes_at, count))
        return int(_WRITE(methods.write)(file, bytes_at, count, offset))

    def _on_truncate(self, file: int, size: int) -> int:
        number, methods = self._open[file]
        self._tell("truncate", number, size)
        return int(_TRUNCATE(methods.truncate)(file, size))

    def _on_sync(self, file: int, flags: int) -> int:
        number, methods = self._open[file]
        if (code := self._sync()) is not None:
            return code
        code = int(_SYNC(methods.sync)(file, flags))
        self._tell("sync", number)
        return code

    def _on_delete(self, _: int, name: bytes, and_sync: int) -> int:
        code = int(self._really_delete(ctypes.addressof(self._system.contents), name, and_sync))
        path = os.fsdecode(name)
        if code == sqlite3.SQLITE_OK:
            self._numbers.pop(path, None)
            self._tell("delete", path, bool(and_sync))
        return code


#: The calls of the system that SQLite makes by a table of its own, how each is called, and the reasons it may fail for.
_FULL, _READ, _LONG = ("EIO", "ENOSPC", "EROFS"), ("EIO",), c_int64
_SIGNATURES: dict[str, tuple[tuple[Any, ...], tuple[str, ...]]] = {
    "open": ((c_int, c_char_p, c_int, c_int), (*_FULL, "EMFILE", "EACCES")),
    "stat": ((c_int, c_char_p, c_void_p), _READ),
    "fstat": ((c_int, c_int, c_void_p), _READ),
    "access": ((c_int, c_char_p, c_int), _READ),
    "ftruncate": ((c_int, c_int, _LONG), _FULL),
    "fcntl": ((c_int, c_int, c_int, c_void_p), ("EIO", "ENOLCK")),
    "read": ((_LONG, c_int, c_void_p, c_size_t), _READ),
    "pread": ((_LONG, c_int, c_void_p, c_size_t, _LONG), _READ),
    "pread64": ((_LONG, c_int, c_void_p, c_size_t, _LONG), _READ),
    "write": ((_LONG, c_int, c_void_p, c_size_t), _FULL),
    "pwrite": ((_LONG, c_int, c_void_p, c_size_t, _LONG), _FULL),
    "pwrite64": ((_LONG, c_int, c_void_p, c_size_t, _LONG), _FULL),
    "unlink": ((c_int, c_char_p), ("EIO", "EROFS")),
    "mmap": ((_LONG, c_void_p, c_size_t, c_int, c_int, c_int, _LONG), ("ENOMEM",)),
}
#: What no table of SQLite's names: it syncs by itself, and this program asks by itself which file lies there.
_BESIDE = {"fsync": ("EIO", "ENOSPC"), "os.stat": ("EIO", "EACCES")}
#: Why each call may fail.
REASONS = {name: reasons for name, (_, reasons) in _SIGNATURES.items()} | _BESIDE


def _takes_a_lock(given: tuple[Any, ...]) -> bool:
    _, command, lock = given
    return command == fcntl.F_SETLK and ctypes.c_short.from_address(lock).value != fcntl.F_UNLCK


class Spoilt:
    """The system as a failing disk makes it: the n-th call that is counted fails, once or from then on for ever."""

    def __init__(self) -> None:
        self._tap = Tap(
            lambda *_: None, lambda: sqlite3.SQLITE_IOERR_FSYNC if self._fails("fsync") else sqlite3.SQLITE_OK
        )
        system = library().sqlite3_vfs_find(None)
        self._system = ctypes.addressof(system.contents)
        self._set, get = _SET_CALL(system.contents.set_call), _GET_CALL(system.contents.get_call)
        self._calls: dict[str, Any] = {}
        for name, (signature, _) in _SIGNATURES.items():
            if address := get(self._system, name.encode()):
                kind = CFUNCTYPE(*signature, use_errno=True)
                self._calls[name] = kind(self._instead(name, kind(address)))
        self.made: list[str] = []
        self._counts = self._ever = False
        self._at, self._reason = 0, ""

    @contextmanager
    def counting(self, at: int = 0, reason: str = "", *, ever: bool = False) -> Iterator[list[str]]:
        """Meanwhile calls are counted, and the one of this number fails for this reason; the names of those made."""
        self.made, self._at, self._reason, self._ever, self._counts = [], at, reason, ever, True
        try:
            yield self.made
        finally:
            self._counts = False

    def __enter__(self) -> Spoilt:
        _KEPT.append(self)
        self._tap.__enter__()
        for name, call in self._calls.items():
            self._set(self._system, name.encode(), ctypes.cast(call, c_void_p).value)
        really = os.stat

        def stat(path: Any, **how: Any) -> os.stat_result:
            # Only which database lies there: what Python itself looks for on its way is nobody's trial.
            if str(path).endswith(".db") and self._fails("os.stat"):
                raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), str(path))
            return really(path, **how)

        self._patch = mock.patch("storage.sqlite.os.stat", stat)
        self._patch.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._patch.stop()
        for name in self._calls:
            self._set(self._system, name.encode(), None)
        self._tap.__exit__()

    def _instead(self, name: str, really: Answer) -> Answer:
        def called(*given: Any) -> int:
            # To let go of a lock of a local file cannot fail; and what is let go is counted by nobody.
            lets_go = name == "fcntl" and not _takes_a_lock(given)
            return really(*given) if lets_go or not self._fails(name) else -1

        return called

    def _fails(self, name: str) -> bool:
        if not self._counts:
            return False
        self.made.append(name)
        is_at, is_after = len(self.made) == self._at, self._ever and len(self.made) > self._at > 0
        if not is_at and not (is_after and self._reason in REASONS[name]):
            return False
        ctypes.set_errno(getattr(errno, self._reason))
        return True
