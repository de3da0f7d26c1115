"""The content of a backup where there are attachments: one tar archive, the database in pieces, then each content once.

What is not encrypted can be had without this program: `tail -n +2 FILE | tar x`, then `cat database.*`.
"""

from __future__ import annotations

import tarfile
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import IO, cast

from storage.attachments.contents import Contents, is_digest
from storage.cipher import pieces
from storage.files import private
from workflow.errors import StorageFault
from workflow.text import Text

PIECE = 1 << 24  # of the database; as much is in memory at a time
READ = 1 << 20
_BLOCK = 512
_DATABASE, _FILES = "database.", "files/"


def packed(
    database: Iterable[bytes], contents: Contents, wanted: Iterable[tuple[str, int]], altered: Callable[[str], object]
) -> Iterator[bytes]:
    """The archive; each content that is not what its digest says is told of, and packed as it is. Raises StorageFault."""
    for no, (piece, _) in enumerate(pieces(database, PIECE)):
        yield from _member(f"{_DATABASE}{no:06d}", len(piece), [piece])
    for digest, size in wanted:
        try:
            opened = contents.opened(digest)
        except FileNotFoundError as error:
            raise StorageFault(reason=WENT, way_out=AGAIN) from error
        except OSError:
            opened = BytesIO()  # a pipe, a link or a directory stands there
        with opened as file:
            said = _as_long(file, digest, size, altered)
            yield from _member(f"{_FILES}{digest[:2]}/{digest[2:]}", size, said)
    yield bytes(2 * _BLOCK)


def _as_long(file: IO[bytes], digest: str, size: int, altered: Callable[[str], object]) -> Iterator[bytes]:
    """So many bytes, whatever the file holds."""
    found, left = sha256(), size
    while left and (part := file.read(min(READ, left))):
        found.update(part)
        left -= len(part)
        yield part
    if found.hexdigest() != digest:
        altered(digest)
    while left:
        yield bytes(min(READ, left))
        left -= min(READ, left)


def _member(name: str, size: int, content: Iterable[bytes]) -> Iterator[bytes]:
    said = tarfile.TarInfo(name)
    said.size, said.mode = size, 0o600
    yield said.tobuf(tarfile.GNU_FORMAT)
    yield from content
    yield bytes(-size % _BLOCK)


class Unpacked:
    """What was packed: first the database, to its end, then the contents."""

    def __init__(self, content: Iterable[bytes]) -> None:
        self._archive = tarfile.open(fileobj=cast(IO[bytes], _Stream(content)), mode="r|")  # noqa: SIM115  it reads from what is not ours to close
        self._next: tarfile.TarInfo | None = self._archive.next()

    def database(self) -> Iterator[bytes]:
        """What the engine wrote."""
        while self._next is not None and self._next.name.startswith(_DATABASE):
            yield from self._said()
            self._next = self._archive.next()

    def lay(self, contents: Contents, bench: Path) -> int:
        """Each content in its place; how many there were. What is not what it is called is left out: verification names it."""
        count = 0
        while self._next is not None:
            digest = self._next.name.removeprefix(_FILES).replace("/", "")
            if is_digest(digest):
                with private(bench / digest) as file:
                    file.writelines(self._said())
                target = contents.path(digest)
                target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                (bench / digest).rename(target)
                count += 1
            self._next = self._archive.next()
        return count

    def _said(self) -> Iterator[bytes]:
        assert self._next is not None
        file = self._archive.extractfile(self._next)
        while file is not None and (part := file.read(READ)):
            yield part


class _Stream:
    """Parts of bytes as a file that is read from its beginning to its end."""

    def __init__(self, content: Iterable[bytes]) -> None:
        self._content, self._held = iter(content), b""

    def read(self, length: int) -> bytes:
        """So many bytes; fewer at the end."""
        parts, left = [self._held[:length]], length - len(self._held[:length])
        self._held = self._held[length:]
        while left:
            part = next(self._content, b"")
            if not part:
                break
            parts.append(part[:left])
            self._held, left = part[left:], left - len(part[:left])
        return b"".join(parts)


WENT = Text("备份期间有附件被删除", "an attachment was erased while the backup was made")
AGAIN = Text("没有写出备份；请重新备份", "no backup was written; make it again")
