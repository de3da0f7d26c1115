"""Making a database, or bringing an older one up to this program: migrations, shipped definitions, calendar, first person."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import closing
from datetime import datetime
from pathlib import Path

from storage import calendars, versions
from storage.connection import Connection, Engine
from storage.engines import engine_at
from storage.entries import NAME, NATURE, REAL, SANDBOX, enter, nature, of_name, of_nature
from storage.statements import ADD_BUREAU, BUREAU, CALENDAR_YEARS, META
from workflow.errors import Invalid, Problem, StorageFault
from workflow.text import Text

#: The schema that this program reads and writes; a test holds it to the newest migration.
REVISION = "0023"
BUREAU_ID, BUREAU_NAME = "bureau", "示范区财政局"
ADMIN_ID, ADMIN_NAME = "admin", "管理员"

#: From this schema on whether a database is a sandbox is entered; before, `meta` says it.
_ENTERED = "0018"
_REVISION_OF = "SELECT version_num FROM alembic_version"


def initialise(
    url: str,
    *,
    sandbox: bool,
    clock: Callable[[], datetime],
    login: str | None = None,
    definitions: Iterable[tuple[str, str]] | None = None,
) -> None:
    """Create the database, or migrate it; load what is shipped and not there yet. Can be repeated; nothing is overwritten.

    `definitions` (text, file name) stand in the place of the shipped ones, for a rehearsal of what is not in force yet.
    Raises StorageFault for a file that is somebody else's or of a newer program; a file that could not be made is not left.
    """
    with closing(engine_at(url)) as engine, engine.alone():
        _make(engine, sandbox, clock, login, versions.shipped_definitions() if definitions is None else definitions)


def is_sandbox(url: str) -> bool:
    """Whether a sandbox is there already, of whatever schema."""
    with closing(engine_at(url)) as engine:
        if not engine.is_there():
            return False
        with closing(engine.connect()) as db:
            if (_revision(db) or "") >= _ENTERED:
                return nature(db) == SANDBOX
            row = db.one(META, key="sandbox")
    return row is not None and row["value"] == "1"


def check_revision(db: Connection) -> None:
    """Raises StorageFault when this is not a database of this program's schema."""
    found = _revision(db)
    if found is None or found < REVISION:
        raise StorageFault(reason=_OLDER.filled(found=found or "-", wanted=REVISION), way_out=_INIT)
    refuse_newer(found)


def _make(
    engine: Engine,
    sandbox: bool,
    clock: Callable[[], datetime],
    login: str | None,
    definitions: Iterable[tuple[str, str]],
) -> None:
    with closing(engine.founding()) as db:
        refuse_newer(_revision(db))
        _migrate(engine)
        with db.writing():
            _settle_nature(db, sandbox, clock())
            _first_bureau(db, clock(), login)
            _shipped(db, definitions, clock())


def _revision(db: Connection) -> str | None:
    if not db.tables():
        return None
    row = db.one(_REVISION_OF)
    return str(row["version_num"]) if row else None


def refuse_newer(found: str | None) -> None:
    """Raises StorageFault for the schema of a newer program."""
    if found is not None and found > REVISION:
        raise StorageFault(reason=_NEWER.filled(found=found, wanted=REVISION), way_out=_UPGRADE)


def _migrate(engine: Engine) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    with engine.migrating() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _settle_nature(db: Connection, sandbox: bool, now: datetime) -> None:
    made_as = nature(db)
    if made_as is None:
        said = SANDBOX if sandbox else REAL
        enter(db, NATURE, said, of_nature(said), now)
    elif sandbox and made_as != SANDBOX:
        raise Invalid((Problem("not-a-sandbox", _NO_SANDBOX.filled(path=db.place), field="sandbox"),))


def _first_bureau(db: Connection, now: datetime, login: str | None) -> None:
    from storage import posts
    from storage.post_changes import on_record
    from workflow.judge import system_actor

    with db.as_it_is():  # whatever it is called
        there = db.one(BUREAU)
    if there is None:
        row = {"id": BUREAU_ID, "name": BUREAU_NAME}
        db.run(ADD_BUREAU, **row)
        enter(db, NAME, BUREAU_ID, of_name(row), now)
        with on_record(db, system_actor(BUREAU_ID), now):
            posts.first_admin(db, BUREAU_ID, ADMIN_ID, ADMIN_NAME, login, now)


def _shipped(db: Connection, definitions: Iterable[tuple[str, str]], now: datetime) -> None:
    from workflow.workdays import shipped

    for text, file in definitions:
        accepted = versions.accepted_by_files(text, file)
        # A changed number of the law that was adopted stands under a later version; what stands under this one is kept where it
        # says something else, as a database from before the first release has it: cases go by it, and doctor names it.
        there = {each.version for each in versions.installed(db) if each.id == accepted.id}
        if accepted.version not in there and versions.stands_for(db, accepted) is None:
            versions.install(db, accepted, now)
    known = {row["year"] for row in db.all(CALENDAR_YEARS)}
    days, years = shipped(versions.shipped_calendars())
    # Years that are there may have been amended here: what the bureau imported is not overwritten.
    calendars.save(db, (day for day in days if day.on.year not in known), set(years) - known, "shipped", now)


_INIT = Text("请先运行 gongkai init", "run gongkai init first")
_UPGRADE = Text("请升级 gongkai", "upgrade gongkai")
_OLDER = Text(
    "数据库结构为旧版 {found}，本程序为 {wanted}", "the database has the older schema {found}, this program {wanted}"
)
_NEWER = Text(
    "数据库结构为新版 {found}，本程序为 {wanted}", "the database has the newer schema {found}, this program {wanted}"
)
_NO_SANDBOX = Text(
    "{path} 是正式数据库，不能改为演练库；请用 --db 另建",
    "{path} is a real database and cannot become a sandbox; make another with --db",
)
