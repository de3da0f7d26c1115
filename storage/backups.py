"""A copy of everything in one file (备份), made while people work, and a new database from it (恢复), looked through before it is one.

What is copied is one moment of the database. What is restored was held against its checksum first, is migrated where this
program is newer, and is verified case by case; until then nothing stands where the database shall be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from settings import Keeping
from storage import backup_file
from storage.attachments.contents import Contents, nowhere, place_of
from storage.attachments.packed import AGAIN, WENT, Unpacked, packed
from storage.attachments.papers import all_pointed_at
from storage.backup_file import BackupFile, Header
from storage.connection import Connection, Engine, Moved, instant_text, without_password
from storage.desk import Desk
from storage.engines import engine_at
from storage.files import expect_free, put_in_place, workbench
from storage.moments import wall_clock
from storage.setup import REVISION, initialise, refuse_newer
from storage.statements import CASE, POINTS_AT
from storage.verify import Verified
from workflow.errors import BadFile, Invalid, Problem, StorageFault
from workflow.text import Text

_HELD = """
SELECT (SELECT count(*) FROM cases) AS cases, (SELECT count(*) FROM events) AS events,
  (SELECT version_num FROM alembic_version) AS revision
"""


@dataclass(frozen=True, slots=True)
class Restored:
    """What the backup said of itself, where it is now, and what the verification found."""

    header: Header
    database: str  # without a password
    migrated_to: str | None
    verified: Verified

    def to_json(self) -> dict[str, object]:
        """As the JSON surface shows it."""
        now = {"database": self.database, "migrated_to": self.migrated_to}
        return {**self.header.to_json(), **now, **self.verified.to_json()}


def back_up(
    url: str,
    file: Path,
    *,
    clock: Callable[[], datetime],
    secret: bytes | None,
    force: bool,
    moved: Moved,
    keeping: Keeping | None = None,
    lost: Callable[[Text], object] = lambda _: None,
) -> Header:
    """Everything in the database, as it is at one moment, with its attachments, in this file; what its first line says.

    The file is there whole or not at all; one that is there stays unless `force` is said. Of an attachment whose content is
    not to be had whole `lost` is told: what else there is is kept all the same.
    """
    expect_free(file, force=force)
    contents = place_of(url, keeping or Keeping())
    with (
        closing(engine_at(url)) as engine,
        workbench(file) as place,
        # Where backups are kept is trusted with what nobody can read there, and with nothing else.
        engine.copied(None if secret else place, moved) as (db, content),
    ):
        header, wanted = _of(engine, db, clock()), list(_to_be_had(engine, db, contents, lost))
        if wanted and contents:
            header = replace(header, attachments=len(wanted))
            content = packed(content, Contents(contents), wanted, lambda digest: lost(_ALTERED.filled(digest=digest)))
        header = backup_file.write(place / "whole", header, content, secret)
        expect_free(file, force=force)  # somebody may have made a database there meanwhile
        try:
            put_in_place(place / "whole", file, over=force)
        except FileExistsError:
            expect_free(file, force=False)
            raise
    return header


def look_through(file: Path, secret: bytes | None, moved: Moved) -> Header:
    """What a backup says of itself, once all of it was read and found whole. Raises BadFile, Invalid."""
    with backup_file.opened(file) as backup:
        _check(backup, secret, moved)
        for _ in backup.content(secret):
            pass
        return backup.header


def restore(url: str, file: Path, *, secret: bytes | None, moved: Moved, keeping: Keeping | None = None) -> Restored:
    """A new database with everything that this backup holds; nothing where it could not be looked through to its end.

    Its attachments come to where the new database keeps them; contents that are there already stay.

    Raises BadFile and Invalid for what cannot be restored, StorageFault where a database is already.
    """
    with closing(engine_at(url)) as engine, backup_file.opened(file) as backup:
        header = backup.header
        if header.engine != engine.name:
            raise Invalid((Problem("other-engine", _OTHER_ENGINE[header.engine == "sqlite"], field="db"),))
        refuse_newer(header.schema)
        engine.refuse_unless_new()
        keeping = keeping or Keeping()
        contents = place_of(url, keeping)
        if header.attachments and contents is None:
            raise nowhere()
        if header.attachments and contents:
            Contents(contents).expect(engine.whose())
        _check(backup, secret, moved)
        unpacked = Unpacked(backup.content(secret)) if header.attachments else None
        content = unpacked.database() if unpacked else backup.content(secret)
        with engine.receiving(content) as laid, _received(unpacked, contents) as brought:
            is_older = header.schema < REVISION
            if is_older:
                initialise(laid, sandbox=False, clock=wall_clock)
            with Desk.open(laid, keeping=replace(keeping, directory=brought)) as desk:
                found = desk.verify()
            if (found.cases, found.events) != (header.cases, header.events):
                facts = {"cases": header.cases, "events": header.events, "found": found.cases, "told": found.events}
                raise BadFile((Problem("not-all", _NOT_ALL.filled(**facts)),), file=str(file))
    return Restored(header, without_password(url), REVISION if is_older else None, found)


@contextmanager
def _received(unpacked: Unpacked | None, place: Path | None) -> Iterator[str | None]:
    """The attachments of a backup in a directory of their own; at the end, if nothing was raised, they are where they belong.

    They come before the database that points at them; whoever dies in between leaves contents, which the next to come brings
    once more, or clears away.
    """
    if unpacked is None or place is None:
        yield None if place is None else str(place)
        return
    is_new, contents = not place.exists(), Contents(place)
    try:
        with contents.bench() as bench:
            brought = Contents(bench / "files")
            brought.directory.mkdir()
            unpacked.lay(brought, bench)
            yield str(brought.directory)
            for digest in list(brought.there()):
                contents.put(brought.path(digest), digest, wall_clock())
    except BaseException:
        if is_new:
            with suppress(OSError):
                place.rmdir()
        raise


def _to_be_had(
    engine: Engine, db: Connection, place: Path | None, lost: Callable[[Text], object]
) -> Iterator[tuple[str, int]]:
    """The contents that are pointed at and there. Raises StorageFault where one went by right since this moment."""
    for digest, size in all_pointed_at(db):
        path = Contents(place).path(digest) if place else None
        if path and path.exists():
            yield digest, size
            continue
        with closing(engine.connect()) as present:
            still = present.one(POINTS_AT, sha256=digest)
            row = present.one(CASE, id=still["case_id"]) if still else None
        if still is None:
            raise StorageFault(reason=WENT, way_out=AGAIN)
        lost(_LOST.filled(number=row["number"] if row else "?", path=path or "?"))


def _of(engine: Engine, db: Connection, now: datetime) -> Header:
    row = db.one(_HELD)
    assert row is not None
    return Header(engine.name, row["revision"], instant_text(now), row["cases"], row["events"])


def _check(backup: BackupFile, secret: bytes | None, moved: Moved) -> None:
    backup.expect(secret)
    backup.check(moved)


_LOST = Text("{number} 有附件的内容不在（{path}）", "the content of an attachment of {number} is gone ({path})")
_ALTERED = Text("附件的内容被改动（{digest}）", "the content of an attachment was altered ({digest})")
_OTHER_ENGINE = (
    Text(
        "这份备份来自 PostgreSQL；请用 --db postgresql+psycopg://用户@主机/库名 指明一个新的空库",
        "this backup is of a PostgreSQL database; name a new, empty one with --db postgresql+psycopg://user@host/name",
    ),
    Text(
        "这份备份来自 SQLite 文件；请用 --db 指明一个新的文件名",
        "this backup is of an SQLite file; name a new file with --db",
    ),
)
_NOT_ALL = Text(
    "备份中应有 {cases} 件事项、{events} 条办理记录，恢复出 {found} 件、{told} 条；没有恢复，请用另一份备份",
    "it should hold {cases} case(s) and {events} event(s), and {found} and {told} came out of it; nothing was restored, "
    "use another backup",
)
