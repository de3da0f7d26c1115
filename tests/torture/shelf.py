"""What this Python itself does to the files of a directory, told in order with what SQLite does (`disk.py`).

Each call that names, writes or syncs something there is made and then told. What is opened to be written is opened so that
every write is seen; a way of writing that would not be seen is a fault of the trial and ends it.
"""

from __future__ import annotations

import builtins
import io
import os
from collections.abc import Callable
from pathlib import Path
from stat import S_ISDIR
from typing import Any
from unittest import mock

#: Numbers of files that SQLite did not make begin here.
FIRST = 1_000_000
_UNSEEN = ("link", "truncate", "ftruncate", "write", "writev", "pwrite", "sendfile")


class Shelf:
    """Tells of everything beneath a directory but of the files that lie in it directly: those are SQLite's."""

    def __init__(self, root: Path, tell: Callable[..., object]) -> None:
        self._root, self._tell = root, tell
        self._numbers: dict[tuple[int, int], int] = {}
        self._directories = {self._key(os.stat(root)): root}
        self._count = FIRST
        self._open, self._fsync, self._really_opened = os.open, os.fsync, io.open
        calls: dict[str, Callable[..., Any]] = {
            "open": self._on_open,
            "fsync": self._on_fsync,
            "mkdir": self._told(os.mkdir, self._on_mkdir),
            **{name: self._told(getattr(os, name), self._on_rename) for name in ("rename", "replace")},
            **{name: self._told(getattr(os, name), self._on_removed) for name in ("unlink", "remove", "rmdir")},
            **{name: self._unseen(getattr(os, name)) for name in _UNSEEN},
        }
        self._patches = [
            *(mock.patch.object(os, name, call) for name, call in calls.items()),
            mock.patch.object(builtins, "open", self._opened),
            mock.patch.object(io, "open", self._opened),
        ]

    def __enter__(self) -> Shelf:
        for each in self._patches:
            each.start()
        return self

    def __exit__(self, *_: object) -> None:
        for each in self._patches:
            each.stop()

    def wrote(self, descriptor: int, offset: int, written: bytes) -> None:
        """So much came to stand in a file."""
        if (number := self._numbers.get(self._key(os.fstat(descriptor)))) is not None:
            self._tell("write", number, offset, written)

    def _told(self, really: Callable[..., Any], told: Callable[..., None]) -> Callable[..., Any]:
        def called(*given: Any, **how: Any) -> Any:
            answer = really(*given, **how)
            told(*given, **how)
            return answer

        return called

    def _on_open(self, path: Any, flags: int, mode: int = 0o777, **how: Any) -> int:
        is_new = bool(flags & os.O_CREAT) and not os.path.lexists(path)
        assert is_new or not flags & os.O_TRUNC or not self._name(path), "this trial does not see that a file is cut"
        descriptor = self._open(path, flags, mode, **how)
        if is_new and (name := self._name(path)):
            self._count += 1
            self._numbers[self._key(os.fstat(descriptor))] = self._count
            self._tell("make", self._count, name)
        return descriptor

    def _on_fsync(self, descriptor: int) -> None:
        self._fsync(descriptor)
        found = os.fstat(descriptor)
        if S_ISDIR(found.st_mode):
            if directory := self._directories.get(self._key(found)):
                self._tell("list", directory.relative_to(self._root).as_posix())
        elif (number := self._numbers.get(self._key(found))) is not None:
            self._tell("sync", number)

    def _on_mkdir(self, path: Any, *_: object, **how: Any) -> None:
        if name := self._name(path, **how):
            self._directories[self._key(os.stat(path))] = self._root / name
            self._tell("directory", name)

    def _on_rename(self, source: Any, target: Any) -> None:
        if name := self._name(source):
            self._tell("rename", name, self._name(target))

    def _on_removed(self, path: Any, **how: Any) -> None:
        if name := self._name(path, **how):
            self._tell("delete", name, False)

    def _opened(self, file: Any, mode: str = "r", *how: Any, **more: Any) -> Any:
        is_written = set(mode) & set("wxa+")
        known = file if isinstance(file, int) else self._name(file)
        if not is_written or not known:
            return self._really_opened(file, mode, *how, **more)
        assert "b" in mode, "what is written as text would not be seen"
        raw = _Told(file, mode.replace("b", ""), opener=self._on_open)
        raw.shelf = self
        return io.BufferedRandom(raw) if "+" in mode else io.BufferedWriter(raw)

    def _unseen(self, really: Callable[..., Any]) -> Callable[..., Any]:
        def called(what: Any, *given: Any, **how: Any) -> Any:
            is_ours = self._key(os.fstat(what)) in self._numbers if isinstance(what, int) else self._name(what)
            assert not is_ours, f"this trial does not see {really.__name__}"
            return really(what, *given, **how)

        return called

    def _name(self, path: Any, dir_fd: int | None = None) -> str | None:
        """How this is called from the root; None for what lies elsewhere, or is SQLite's."""
        base = self._directories.get(self._key(os.fstat(dir_fd))) if dir_fd is not None else Path.cwd()
        whole = Path(os.path.abspath(base / os.fsdecode(path))) if base else None
        if whole is None or self._root not in whole.parents:
            return None
        name = whole.relative_to(self._root).as_posix()
        return name if "/" in name or whole.suffix == ".files" else None

    @staticmethod
    def _key(found: os.stat_result) -> tuple[int, int]:
        return found.st_dev, found.st_ino


class _Told(io.FileIO):
    """A file of which every write is told."""

    shelf: Shelf

    def write(self, written: Any) -> int:
        offset, content = self.tell(), bytes(written)
        count = super().write(written)
        self.shelf.wrote(self.fileno(), offset, content[:count])
        return count

    def truncate(self, *_: object) -> int:
        raise AssertionError("this trial does not see that a file is cut")
