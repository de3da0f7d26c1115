"""The file of seals outside the database: a line of JSON for each seal, only ever added to (docs/ledger.md).

A power cut or a full disk may leave its last line half written. Such a line stays where it is, for the file may allow nothing
but appending: its seal is written whole after it, and every byte of the half must be that of the whole at the same place.
So what it says is still compared, and whoever cuts the file takes nothing away that was sealed before.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from hashlib import sha256
from itertools import count
from pathlib import Path

from storage.connection import instant_from
from storage.files import ending, expect_no_log
from storage.reasons import why
from storage.rows import MISREAD
from workflow.case import moment
from workflow.errors import Busy, Invalid, Problem, StorageFault, no_such_file
from workflow.ledger import canonical_json
from workflow.text import Text


@dataclass(frozen=True, slots=True)
class Seal:
    """One seal: `events` of `cases` cases up to a row of the record, `entries` up to that `entry`; `hash` is over all but where the row stood.

    One of version 1, from before schema 0020, says nothing of entries.
    """

    no: int
    at: str
    cases: int
    events: int
    root: str
    previous: str
    hash: str
    entries: int | None = None
    entry: str | None = None

    @property
    def version(self) -> int:
        """Of its canonical form."""
        return 1 if self.entries is None and self.entry is None else 2

    def to_json(self) -> dict[str, object]:
        """The seal as the JSON surface and the file outside show it."""
        said = {"v": self.version, **asdict(self)}
        return said if self.version > 1 else {name: said[name] for name in said if name not in ("entries", "entry")}

    def own_hash(self) -> str:
        """What its hash must be."""
        return sha256(canonical_json({**self.to_json(), "hash": None}).encode()).hexdigest()

    def holds(self) -> bool:
        """Whether it is as its hash says, and its figures are figures."""
        return self.has_figures() and self.own_hash() == self.hash

    def has_figures(self) -> bool:
        """Whether its figures are figures: they are counted with."""
        of_entries = (self.entries,) if self.version > 1 else ()
        return all(type(each) is int for each in (self.no, self.cases, self.events, *of_entries))

    def follows(self, before: Seal) -> bool:
        """Whether it can be the one after another: what is sealed only grows, and is of no older version."""
        more = self.events > before.events and (self.entries or 0) >= (before.entries or 0)
        is_next = (self.no, self.previous) == (before.no + 1, before.hash)
        return is_next and more and (self.version >= before.version)

    def line(self, marks: str) -> bytes:
        """Its line in the file outside, with the beginnings of the hashes since the seal before it."""
        return (canonical_json({**self.to_json(), "marks": marks}) + "\n").encode()


#: No database counts further; no line is as long (it has eight digits for each event), nor was the power lost as often over one.
_MOST, _LONGEST, _MOST_HALVES = 2**31 - 1, 1 << 28, 1000
#: What stands before the first seal.
BLANK = Seal(0, "", 0, 0, "", "", "")


@dataclass(frozen=True, slots=True)
class Outside:
    """A seal as the file outside has it, with the beginnings of the hashes since the seal before it."""

    seal: Seal
    marks: str
    line: int


@dataclass(frozen=True, slots=True)
class HalfLine:
    """A line that was left half written."""

    line: int
    said: bytes

    def is_left_of(self, whole: bytes) -> bool:
        """Whether it is what a power cut leaves of this line: its beginning, or zeros where the disk had not yet been written."""
        said = self.said.removesuffix(b"\n")
        return len(said) <= len(whole) and all(byte in (0, there) for byte, there in zip(said, whole, strict=False))


@dataclass(frozen=True, slots=True)
class SealFile:
    """The seals of a file outside, and what is half written after the last of them."""

    seals: tuple[Outside, ...] = ()
    halves: tuple[HalfLine, ...] = ()
    ends_a_line: bool = True
    path: Path | None = None  # None: no file was named

    @property
    def last(self) -> Seal:
        """The last seal; the one over nothing where there is none."""
        return self.seals[-1].seal if self.seals else BLANK


def read_outside(path: Path) -> SealFile:
    """The seals of a file outside. Raises Invalid with the line that is neither a seal nor the half of the next one."""
    seals, halves, line = list[Outside](), list[HalfLine](), b"\n"
    for number, line in _lines(path):
        seal = _seal_in(number, line)
        if seal is None:
            if len(halves) == _MOST_HALVES:
                raise no_seal(path, halves[0].line)
            halves.append(HalfLine(number, line))
            continue
        for half in halves:
            if not half.is_left_of(line):
                raise no_seal(path, half.line)
        seals.append(seal)
        halves.clear()
    return SealFile(tuple(seals), tuple(halves), line.endswith(b"\n"), path)


def no_seal(path: Path, line: int) -> Invalid:
    """That line of the file is not a seal, and was not left of one."""
    return Invalid((Problem("bad-seal", _BAD_LINE.filled(path=path, line=line), field="seals", row=line),))


@contextmanager
def appending(path: Path) -> Iterator[int]:
    """The file, made where there is none, for one hand alone: two who added the same seal would leave a file that is no chain.

    Raises Busy where another adds to it just now, StorageFault where nobody can, Invalid where a database would remove it.
    """
    expect_no_log(path, "seals")
    try:
        descriptor = os.open(ending(path), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    except OSError as fault:
        raise _unwritten(path, fault) from fault
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as other:
            raise Busy(_ANOTHER.filled(path=path)) from other
        except OSError:
            pass  # a network's disk may know no hold on a file; then one scheduler alone should seal into it
        yield descriptor
    finally:
        os.close(descriptor)


def append(descriptor: int, path: Path, line: bytes) -> None:
    """One line, on the disk before it is said to be there and before another begins: no more than one is ever half written."""
    try:
        left = memoryview(line)
        while left:
            left = left[os.write(descriptor, left) :]
        os.fsync(descriptor)
    except OSError as fault:
        raise _unwritten(path, fault) from fault


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    try:
        with ending(path).open("rb") as file:
            for number in count(1):
                line = file.readline(_LONGEST)
                if len(line) == _LONGEST:
                    raise no_seal(path, number)
                if not line:
                    return
                yield number, line
    except FileNotFoundError as fault:
        raise no_such_file(str(path)) from fault
    except OSError as fault:
        text = _UNREAD.filled(path=path, why=why(fault))
        raise Invalid((Problem("seals-unread", text, field="seals"),)) from fault


def _seal_in(number: int, line: bytes) -> Outside | None:
    """The seal of a line; None for one that JSON reads, too, where no seal can say what it does: texts, an instant, figures."""
    try:
        said = json.loads(line)
        marks = said.pop("marks")
        version, seal = said.pop("v"), Seal(**said)
        "".join((seal.root, seal.previous, seal.hash, seal.entry or "", marks)).encode()
        moment(instant_from(seal.at))
        is_seal = version == seal.version and seal.has_figures() and seal.no <= _MOST
        return Outside(seal, marks, number) if is_seal else None
    except MISREAD:
        return None


def _unwritten(path: Path, fault: OSError) -> StorageFault:
    return StorageFault(reason=_UNWRITTEN.filled(path=path, why=why(fault)), way_out=_ELSEWHERE)


_UNREAD = Text("读不了封存文件 {path}：{why}", "the seals in {path} cannot be read: {why}")
_BAD_LINE = Text(
    "{path} 第 {line} 行既不是一次封存，也不是其后一次封存写了一半的内容；文件被改动（请与备份核对），或不是封存文件（请换一个）",
    "line {line} of {path} is neither a seal nor the half of the one after it: it was altered (compare it with a copy), or is no file "
    "of seals (name another)",
)
_ANOTHER = Text(
    "另有程序正在写封存文件 {path}；数据库中的封存已作且有效，稍后再运行即补写",
    "another program is adding to the file of seals {path}; the seal stands in the database and is added when this is typed again",
)
_UNWRITTEN = Text("写不了封存文件 {path}（{why}）", "the seals cannot be written to {path} ({why})")
_ELSEWHERE = Text(
    "请换一个能写的文件，或请系统管理员开放追加权限", "name a file that may be written, or have appending allowed"
)
