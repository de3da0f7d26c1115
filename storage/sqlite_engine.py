"""The engine that keeps a database in one file."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from storage.connection import Moved
from storage.sqlite import Connection, alone, migrating, path_of

if TYPE_CHECKING:
    from sqlalchemy import Connection as Migrating


class File:
    """A database that is one file; raises Invalid for an address that names none."""

    name = "sqlite"

    def __init__(self, url: str) -> None:
        self.path = path_of(url)

    def connect(self) -> Connection:
        """A connection to the file, which must be one of ours."""
        return Connection(self.path)

    def founding(self) -> Connection:
        """A connection to the file, which is made where there is none."""
        return Connection(self.path, must_exist=False)

    def is_there(self) -> bool:
        """Whether there is a file with something in it."""
        return os.path.exists(self.path) and self.path.stat().st_size > 0

    def whose(self) -> None:
        """A file has no server."""

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else makes or migrates it meanwhile; a file that could not be made is not left.

        Raises StorageFault where only the log of an older one is there: it may hold the last steps, and SQLite removes it.
        """
        with alone(self.path):
            is_new = not os.path.lexists(self.path)
            if is_new:
                from storage import copies

                copies.refuse_what_is_left(self.path)
            try:
                yield
            except BaseException:
                if is_new:
                    for each in (self.path, *(self.path.with_name(self.path.name + end) for end in ("-wal", "-shm"))):
                        if os.path.lexists(each):  # a name too long for any file is not there, and cannot be removed
                            each.unlink(missing_ok=True)
                raise

    @contextmanager
    def migrating(self) -> Iterator[Migrating]:
        """A SQLAlchemy connection inside one write transaction."""
        with migrating(self.path) as connection:
            yield connection

    def copied(self, place: Path | None, moved: Moved) -> AbstractContextManager[tuple[Connection, Iterator[bytes]]]:
        """A copy of its pages in another file, and a connection to this one that sees the same."""
        from storage import copies  # for backups only

        return copies.copied(self.path, place, moved)

    def refuse_unless_new(self) -> None:
        """Raises StorageFault where a file has something in it, or what an older one left would be taken for the new one's."""
        from storage import copies

        copies.refuse_unless_new(self.path)

    def receiving(self, content: Iterable[bytes]) -> AbstractContextManager[str]:
        """The content in a file beside, which gets its name at the end."""
        from storage import copies

        return copies.receiving(self.path, content)

    def close(self) -> None:
        """Connections to a file share nothing."""
