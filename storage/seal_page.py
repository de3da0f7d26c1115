"""A published page of the seals, with their file beside it: the file only grows, the page is written anew as a whole.

What it says is for `reports` to lay out. A file of this name that is no such page is never written over.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from storage import sealed_out
from storage.connection import Connection, instant_text
from storage.files import Unwritten, put_in_place, readable, unwritten, workbench
from storage.seal_file import SealFile, read_outside
from storage.sealed_out import Gone
from storage.seals import written_out
from workflow.errors import Invalid, Problem
from workflow.text import Text

#: Stands in the head of each such page; by it one is told from all other files.
GENERATOR = "gongkai seal --page"
_HEAD = 1000

Layout = Callable[[SealFile, str], str]


def beside(page: Path) -> Path:
    """The file of seals that lies beside a page."""
    return page.with_suffix(".jsonl")


def expect(page: Path) -> None:
    """Raises Invalid where no page of seals can be written: another name, no such directory, somebody else's file."""
    if page.suffix not in (".html", ".htm"):
        raise _bad(_NO_PAGE.filled(page=page))
    if not page.parent.is_dir():
        raise _bad(_NO_DIRECTORY.filled(directory=page.parent))
    try:
        with readable(page).open("rb") as there:
            if GENERATOR.encode() not in there.read(_HEAD):
                raise _bad(_NOT_OURS.filled(page=page))
    except FileNotFoundError:
        pass
    except OSError as error:
        raise _bad(unwritten(error, page).said) from error
    try:
        with workbench(page):
            pass
    except Unwritten as error:
        raise _bad(error.said) from error


def put(db: Connection, page: Path, layout: Layout, now: datetime, *, anew: bool) -> None:
    """The file beside has every seal, and the page says so; `anew`: it is written though it says so already.

    Raises Invalid for what is not of this record or no page of seals, Busy where another is at it, StorageFault.
    """
    there = _noted(db, page, now)
    added = written_out(db, beside(page))
    seals = read_outside(beside(page))
    if not anew and not added and page.exists() and (there.no, there.hash) == (seals.last.no, seals.last.hash):
        return
    expect(page)
    content = layout(seals, beside(page).name).encode()
    with workbench(page) as place:
        whole = place / "whole"
        whole.write_bytes(content)
        put_in_place(whole, page, over=True)
    with db.writing():
        sealed_out.keep(db, _called(page), Gone(instant_text(now), seals.last.no, seals.last.hash))


def _noted(db: Connection, page: Path, now: datetime) -> Gone:
    """What the page has; from now on doctor asks whether it has all."""
    there = sealed_out.places(db).get(_called(page))
    if there is None:
        there = Gone(instant_text(now))
        with db.writing():
            sealed_out.keep(db, _called(page), there)
    return there


def _called(page: Path) -> str:
    return f"page {page}"


def _bad(text: Text) -> Invalid:
    return Invalid((Problem("bad-page", text, field="page"),))


_NO_PAGE = Text(
    "封存页“{page}”不可用：文件名应以 .html 结尾，如 /srv/www/seals.html",
    "“{page}” cannot be a page of seals: its name must end in .html, such as /srv/www/seals.html",
)
_NO_DIRECTORY = Text(
    "没有目录 {directory}；请先建立，或换一个已有的目录",
    "there is no directory {directory}; make it first, or name one that is there",
)
_NOT_OURS = Text(
    "{page} 已存在，且不是封存页，不能覆盖；请换个名字",
    "{page} is there and is no page of seals, so it is not written over; choose another name",
)
