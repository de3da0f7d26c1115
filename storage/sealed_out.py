"""When seals last went outside (库外封存): noted with each that did, so that an end of it is told where people look, and not in a log alone."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from storage.connection import Connection, instant_from, instant_text
from storage.statements import FIRST_SINCE, LAST_SEAL, META, SEALS_FROM, SET_META
from workflow.case import moment
from workflow.text import Text

if TYPE_CHECKING:
    from storage.doctor import Check

_KEY = "seals.out"
#: A ticker seals each hour and tries again with each pass: what waits for so long goes nowhere.
PATIENCE = timedelta(hours=3)


def last_no(db: Connection) -> int:
    """The number of the last seal in the database."""
    row = db.one(LAST_SEAL)
    return int(row["no"]) if row else 0


def note(db: Connection, no: int, path: Path, now: datetime) -> None:
    """All seals up to this one are in this file."""
    there = db.one(META, key=_KEY)
    if no and (there is None or there["value"].split(" ", 2)[1:] != [str(no), str(path)]):
        with db.writing():
            db.run(SET_META, key=_KEY, value=f"{instant_text(now)} {no} {path}")


def health(db: Connection, now: datetime) -> Check:
    """Whether seals go outside as they should, where they once did."""
    from storage.doctor import Check

    row = db.one(META, key=_KEY)
    if row is None:
        return Check("seals", True, _NEVER)
    at, no, path = row["value"].split(" ", 2)
    facts = {"no": no, "at": moment(instant_from(at)), "path": path}
    seal = next(iter(db.all(SEALS_FROM, no=int(no))), None)
    first = db.one(FIRST_SINCE, after=seal["last_row"] if seal else 0)
    if first is None or now - instant_from(first["at"]) <= PATIENCE:
        return Check("seals", True, _GOES_OUT.filled(**facts))
    text = _STAYS_IN.filled(**facts, since=moment(instant_from(first["at"])))
    return Check("seals", False, text, _SEE_WHY.filled(path=path))


_NEVER = Text(
    "没有封存写到过库外（gongkai scheduler --seals 文件）",
    "no seal ever went outside the database (gongkai scheduler --seals FILE)",
)
_GOES_OUT = Text("封存已写到库外：第 {no} 号，{at}，{path}", "seals go outside: no. {no} on {at}, to {path}")
_STAYS_IN = Text(
    "自 {since} 起的办理记录没有写到库外的封存；最后一次是第 {no} 号，{at}，{path}",
    "nothing since {since} is covered by a seal outside; the last one was no. {no} on {at}, to {path}",
)
_SEE_WHY = Text("看看写不出的原因：gongkai seal --to {path}", "see why: gongkai seal --to {path}")
