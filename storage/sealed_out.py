"""When seals last went outside (库外封存): noted with each that did, so that an end of it is told where people look, and not in a log alone.

Of the file the last one that was named is remembered; of other places, by what they are called (`mail ADDRESS`), each until it
is forgotten, with the seal that it has and what stood in the way of the next one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

from storage.check import Check
from storage.connection import Connection, Row, instant_from, instant_text
from storage.statements import FIRST_SINCE, LAST_SEAL, META, SEALS_FROM, SET_META
from workflow.case import moment
from workflow.text import Text

_KEY, _PLACES = "seals.out", "seals.places"
#: A ticker seals each hour and tries again with each pass: what waits for so long goes nowhere.
PATIENCE = timedelta(hours=3)


@dataclass(frozen=True, slots=True)
class Gone:
    """What a place has: all seals up to `no`, since `at`; of none, since when it shall have them."""

    at: str
    no: int = 0
    hash: str = ""
    until: int = 0  # the last one of what is on its way, which goes again as it is until it has arrived
    held_at: str = ""  # when somebody took that to bring it there
    code: str = ""  # why the last try failed
    parked: bool = False  # refused for good: nobody tries by themselves


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


def places(db: Connection) -> dict[str, Gone]:
    """What each place has that is no file; of one whose note is none any more nothing is known."""
    row, found = db.one(META, key=_PLACES), dict[str, Gone]()
    try:
        for place, said in json.loads(row["value"] if row else "{}").items():
            found[place] = Gone(**said)
            instant_from(found[place].at)
    except (ValueError, TypeError, AttributeError, RecursionError):
        return {}
    return found


def keep(db: Connection, place: str, gone: Gone | None) -> None:
    """Remember what this place has; None: it is no place for seals any more. Inside a write transaction."""
    there = {name: asdict(each) for name, each in places(db).items() if name != place}
    if gone:
        there[place] = asdict(gone)
    db.run(SET_META, key=_PLACES, value=json.dumps(there, ensure_ascii=False, sort_keys=True))


def forget(db: Connection, place: str) -> bool:
    """No seals are asked for there any more, a file or page by whatever way it is named; whether any were. Inside a write transaction.

    The note of the file is emptied and stays: on a server the program may remove none.
    """
    path = Path(place).absolute()
    known = [each for each in places(db) if each.partition(" ")[2] == place or each == f"page {path}"]
    for each in known:
        keep(db, each, None)
    row = db.one(META, key=_KEY)
    if row and [Path(each).absolute() for each in row["value"].split(" ", 2)[2:]] == [path]:
        known.append(place)
        db.run(SET_META, key=_KEY, value="")
    return bool(known)


def health(db: Connection, now: datetime) -> Iterator[Check]:
    """Whether seals go outside as they should, where they once did or shall."""
    row, elsewhere = db.one(META, key=_KEY), places(db)
    if not (row and row["value"]) and not elsewhere:
        yield Check("seals", True, _NEVER)
    if row and row["value"]:
        at, no, path = row["value"].split(" ", 2)
        facts = {"no": no, "at": moment(instant_from(at)), "path": path}
        if first := _waiting(db, int(no), now):
            text = _STAYS_IN.filled(**facts, since=moment(instant_from(first["at"])))
            yield Check("seals", False, text, _SEE_WHY.filled(place=f"to {path}", path=path))
        else:
            yield Check("seals", True, _GOES_OUT.filled(**facts))
    for place, gone in sorted(elsewhere.items()):
        facts = {"no": gone.no, "at": moment(instant_from(gone.at)), "path": place.partition(" ")[2]}
        first = _waiting(db, gone.no, now)
        # Noted by a clock that ran ahead it is of no use until then: what waits is told.
        if gone.parked:
            yield Check(
                "seals", False, _REFUSED.filled(**facts, code=gone.code), _TRY.filled(place=place, path=facts["path"])
            )
        elif first is None or abs(now - instant_from(gone.at)) <= PATIENCE:
            yield Check("seals", True, (_GOES_OUT if gone.no else _SHALL_GO_OUT).filled(**facts))
        else:
            said = _STAYS_IN if gone.no else _NEVER_CAME
            text = said.filled(**facts, since=moment(instant_from(first["at"])))
            why = _WHY.filled(text=text, code=gone.code) if gone.code else text
            yield Check("seals", False, why, _SEE_WHY.filled(place=place, path=facts["path"]))


def _waiting(db: Connection, no: int, now: datetime) -> Row | None:
    """The first event after that seal, where it has waited for too long."""
    seal = next(iter(db.all(SEALS_FROM, no=no)), None) if no else None
    first = db.one(FIRST_SINCE, after=seal["last_row"] if seal else 0)
    return first if first and now - instant_from(first["at"]) > PATIENCE else None


_NEVER = Text(
    "没有封存写到过库外（gongkai scheduler --seals 文件）",
    "no seal ever went outside the database (gongkai scheduler --seals FILE)",
)
_GOES_OUT = Text("封存已写到库外：第 {no} 号，{at}，{path}", "seals go outside: no. {no} on {at}, to {path}")
_SHALL_GO_OUT = Text("封存将送往库外：{path}", "seals shall go outside, to {path}")
_STAYS_IN = Text(
    "自 {since} 起的办理记录没有写到库外的封存；最后一次是第 {no} 号，{at}，{path}",
    "nothing since {since} is covered by a seal outside; the last one was no. {no} on {at}, to {path}",
)
_NEVER_CAME = Text(
    "自 {at} 起应送往 {path} 的封存一次也没有送到",
    "seals shall go to {path} since {at}, and none ever came there",
)
_REFUSED = Text(
    "{path} 的邮件服务器拒收封存（{code}），不再自动寄；已送到第 {no} 号",
    "the mail server refuses seals for {path} ({code}), and none is sent by itself any more; no. {no} was the last to come there",
)
_TRY = Text(
    "改好后再寄：gongkai seal --{place}；不再送往该处：gongkai seal --forget {path}",
    "once that is mended: gongkai seal --{place}; to send none there any more: gongkai seal --forget {path}",
)
_WHY = Text("{text}（{code}）", "{text} ({code})")
_SEE_WHY = Text(
    "看看送不到的原因：gongkai seal --{place}；不再送往该处：gongkai seal --forget {path}",
    "see why: gongkai seal --{place}; to send none there any more: gongkai seal --forget {path}",
)
