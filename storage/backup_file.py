"""The one file of a backup: a first line that says what it holds, and the content as the engine itself writes it.

The line has a fixed length and is written last. It carries the checksum of the content and one of itself, so that no byte
of the file can change unseen. What is not encrypted can be had without this program: `tail -n +2 FILE`. Where there are attachments
the content is an archive of both (attachments/packed.py), and the format's number is 2.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from stat import S_ISREG
from typing import IO, Any

from storage import cipher
from storage.connection import Moved
from storage.files import private, readable, unwritten
from workflow.errors import BadFile, Invalid, Problem, no_such_file
from workflow.text import Text

FORMAT, WITH_ATTACHMENTS = "gongkai-backup/1", "gongkai-backup/2"
LINE = 1024  # bytes of the first line, filled up with blanks
READ = 1 << 20
_BEGINS = b'{"format": "gongkai-backup/'


@dataclass(frozen=True, slots=True)
class Header:
    """What the first line says of the content."""

    engine: str
    schema: str  # the newest migration that the database had seen
    made_at: str
    cases: int
    events: int
    salt: str = ""  # of an encrypted content, in hexadecimal
    size: int = 0
    sha256: str = ""
    attachments: int = 0  # contents; the line says it only where there are some

    @property
    def is_encrypted(self) -> bool:
        """Whether the content is to be had with a key only."""
        return bool(self.salt)

    def line(self) -> bytes:
        """The first line of the file."""
        facts = {"format": WITH_ATTACHMENTS if self.attachments else FORMAT, **asdict(self)}
        if not self.attachments:
            del facts["attachments"]
        said = json.dumps(facts)
        whole = json.dumps({**json.loads(said), "check": hashlib.sha256(said.encode()).hexdigest()})
        return whole.encode().ljust(LINE - 1) + b"\n"

    def bound(self) -> bytes:
        """What an encrypted content is bound to: all that is known before it is written."""
        return replace(self, size=0, sha256="").line()

    def to_json(self) -> dict[str, object]:
        """As the JSON surface shows it."""
        names = ("engine", "schema", "made_at", "cases", "events", "attachments", "size", "sha256")
        return {**{name: getattr(self, name) for name in names}, "encrypted": self.is_encrypted}


def write(place: Path, header: Header, content: Iterable[bytes], secret: bytes | None) -> Header:
    """Write the file; what its first line says in the end. Only who runs the program may read it."""
    if secret is not None:
        header = replace(header, salt=os.urandom(cipher.SALT).hex())
        content = cipher.encrypted(content, secret, bytes.fromhex(header.salt), header.bound())
    digest, size = hashlib.sha256(), 0
    with private(place) as file:
        file.write(bytes(LINE))
        for part in content:
            file.write(part)
            digest.update(part)
            size += len(part)
        header = replace(header, size=size, sha256=digest.hexdigest())
        file.seek(0)
        file.write(header.line())
    return header


class BackupFile:
    """A file that somebody says is a backup, open for reading."""

    def __init__(self, path: Path, file: IO[bytes]) -> None:
        self._path, self._file = path, file
        self.header = self._header()

    def check(self, moved: Moved) -> None:
        """Read all of it. Raises BadFile unless it is what was written."""
        digest, done = hashlib.sha256(), 0
        for part in self._stored():
            digest.update(part)
            done += len(part)
            moved(done >> 20, self.header.size >> 20)
        if digest.hexdigest() != self.header.sha256:
            raise self._bad("damaged", _DAMAGED)

    def content(self, secret: bytes | None) -> Iterator[bytes]:
        """What the engine wrote. Raises Invalid where the key does not open it."""
        self.expect(secret)
        if secret is None:
            return self._stored()
        return self._opened(secret)

    def _opened(self, secret: bytes) -> Iterator[bytes]:
        try:
            salt = bytes.fromhex(self.header.salt)
            yield from cipher.decrypted(self._stored(), secret, salt, self.header.bound())
        except cipher.WrongKey:  # the checksum has told already that nothing is damaged
            raise self._misfit("wrong-key", _WRONG_KEY) from None

    def expect(self, secret: bytes | None) -> None:
        """Raises Invalid where a key is wanting, or is not wanted."""
        if self.header.is_encrypted and secret is None:
            raise self._misfit("no-key", _NO_KEY)
        if secret is not None and not self.header.is_encrypted:
            raise self._misfit("not-encrypted", _NOT_ENCRYPTED)

    def _stored(self) -> Iterator[bytes]:
        self._file.seek(LINE)
        while part := self._file.read(READ):
            yield part

    def _header(self) -> Header:
        line = self._file.read(LINE)
        if not line.startswith(_BEGINS):
            raise self._bad("not-a-backup", _NO_BACKUP)
        length = os.fstat(self._file.fileno()).st_size
        if len(line) < LINE:
            raise self._bad("cut", _CUT.filled(wanted=f"≥ {LINE}", found=length))
        said = _facts(line)
        if said is None:
            raise self._bad("damaged-line", _DAMAGED_LINE)
        if (form := said.pop("format")) not in (FORMAT, WITH_ATTACHMENTS):
            raise self._bad("newer", _NEWER)
        if form == FORMAT:
            said.setdefault("attachments", 0)
        header = _as_written(said, line)
        if header is None:
            raise self._bad("damaged-line", _DAMAGED_LINE)
        if length != LINE + header.size:
            raise self._bad("cut", _CUT.filled(wanted=LINE + header.size, found=length))
        return header

    def _bad(self, code: str, text: Text) -> BadFile:
        return BadFile((Problem(code, text),), file=str(self._path))

    def _misfit(self, code: str, text: Text) -> Invalid:
        return Invalid((Problem(code, text.filled(file=str(self._path)), field="key-file"),))


@contextmanager
def opened(path: Path) -> Iterator[BackupFile]:
    """The backup in this file. Raises BadFile for what is none, Unwritten for what cannot be read."""
    try:
        with readable(path).open("rb") as file:
            if not S_ISREG(os.fstat(file.fileno()).st_mode):
                raise BadFile((Problem("not-a-file", _NO_FILE),), file=str(path))
            yield BackupFile(path, file)
    except FileNotFoundError as error:
        raise no_such_file(str(path)) from error
    except OSError as error:
        raise unwritten(error, path) from error


def _facts(line: bytes) -> dict[str, Any] | None:
    """What the line says; None unless it is as it was written."""
    try:
        said = json.loads(line)
        check = said.pop("check")
        if hashlib.sha256(json.dumps(said).encode()).hexdigest() == check:
            return dict(said)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        pass
    return None


def _as_written(said: dict[str, Any], line: bytes) -> Header | None:
    """The header of this line, if it is one that this program writes, to the last blank."""
    wanted = {each.name: int if each.type == "int" else str for each in fields(Header)}
    if {name: type(value) for name, value in said.items()} != wanted:
        return None
    header = Header(**said)
    return header if header.line() == line else None


_NO_BACKUP = Text(
    "这不是 gongkai 的备份文件；请指明由 gongkai backup 写出的文件",
    "it is no backup of gongkai; name a file that gongkai backup has written",
)
_NO_FILE = Text(
    "这不是普通文件；请把备份复制到磁盘上再恢复", "it is no plain file; copy the backup to a disk and restore it there"
)
_CUT = Text(
    "文件应有 {wanted} 字节，实有 {found} 字节：没有复制完整，或其后多了内容；请重新复制，或用另一份备份",
    "it should have {wanted} bytes and has {found}: it was not copied whole, or something was added; copy it again, or "
    "use another backup",
)
_DAMAGED_LINE = Text(
    "首行（说明与校验和）已损坏；请重新复制，或用另一份备份",
    "its first line (what it holds, and the checksum) is damaged; copy it again, or use another backup",
)
_DAMAGED = Text(
    "内容与校验和（SHA-256）不符，文件已损坏；请重新复制，或用另一份备份",
    "its content does not match its checksum (SHA-256): the file is damaged; copy it again, or use another backup",
)
_NEWER = Text("它由更新版本的 gongkai 写成；请升级 gongkai", "a newer gongkai wrote it; upgrade gongkai")
_NO_KEY = Text(
    "备份 {file} 已加密；请用 --key-file 指明备份时所用的密钥文件",
    "the backup {file} is encrypted; name with --key-file the key that it was made with",
)
_WRONG_KEY = Text(
    "密钥打不开备份 {file}（文件本身完好）；请用备份时所用的密钥文件",
    "this key does not open the backup {file} (the file itself is whole); use the key that it was made with",
)
_NOT_ENCRYPTED = Text(
    "备份 {file} 没有加密，却给了密钥；若确是这份文件，请去掉 --key-file（GONGKAI_BACKUP_KEY）",
    "the backup {file} is not encrypted, yet a key was given; if it is the right file, leave --key-file "
    "(GONGKAI_BACKUP_KEY) out",
)
