"""Seals (封存): what the record was at an hour, in one hash that is kept outside the database as well (docs/ledger.md).

A seal holds the head of a Merkle tree over the hashes of all events in the order of their commits, the last of the entries that
judge them (a chain: entries.py), and the seal before it. The file outside is one line of JSON for each seal, with the beginnings
of the hashes it covers, so that the event is named that is no longer what was sealed. Whoever may write the database must not be
able to change that file.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from itertools import chain, compress, islice, pairwise
from pathlib import Path
from typing import Any

from storage.connection import Connection, Row, instant_from, instant_text
from storage.rows import said_at
from storage.seal_file import BLANK, Outside, Seal, SealFile, append, appending, no_seal, read_outside
from storage.statements import (
    ADD_SEAL,
    EARLIER_BETWEEN,
    ENTRIES,
    ENTRY_HASH,
    HASHES_BETWEEN,
    HASHES_IN_ORDER,
    LAST_ENTRY,
    LAST_EVENT_ROW,
    LAST_SEAL,
    NUMBER,
    PUBLISHED_SINCE,
    SEALS_FROM,
)
from workflow.case import moment
from workflow.errors import Invalid, Problem
from workflow.text import Text
from workflow.treehead import grown, head

log = logging.getLogger("gongkai.seals")

#: A seal is due when so long nothing was sealed, and when something was published.
EVERY = timedelta(hours=1)
#: As much of each event's hash stands in the file as names the one that changed: what proves it is the root.
MARK = 8
#: What is said of a seal in the database that is not of the record.
ALTERED = "altered-seal"
#: So many events are held against the seals at a time.
PART = 5000


_NONE: dict[str, Any] = {**asdict(BLANK), "last_row": 0, "peaks": ""}


def seal(db: Connection, now: datetime) -> Seal:
    """Seal what is committed by now; the last seal where no event came since: a new entry waits for one.

    Raises Invalid on a fresh database, and where the last seal is not of the record: a new one on it could never be taken back.
    """
    # No step is on its way while the last row is read: what it covers is complete.
    with db.writing():
        last_row, before, entered = _last_row(db), _last(db), db.one(LAST_ENTRY)
    if not last_row:
        raise Invalid((Problem("nothing-to-seal", _NOTHING, field="seal"),))
    if before["no"]:
        earlier = db.all(SEALS_FROM, no=before["no"] - 1)[0]
        _of_the_record(db, earlier if earlier["no"] < before["no"] else _NONE, before)
    if before["last_row"] == last_row:
        return _seal_of(before)
    if entered and not _is_hash(str(entered["hash"])):
        raise _not_of_the_record(before["no"] + 1)
    found = _covered(db, before["last_row"], last_row)
    size, peaks = _grown(before, [each["hash"] for each in found])
    fresh = Seal(
        no=before["no"] + 1,
        at=instant_text(now),
        cases=before["cases"] + _begun(found),
        events=size,
        root=head(peaks),
        previous=before["hash"],
        hash="",
        entries=entered["no"] if entered else 0,
        entry=entered["hash"] if entered else "",
    )
    fresh = replace(fresh, hash=fresh.own_hash())
    with db.writing():
        there = _last(db)
        if there["no"] >= fresh.no:
            return _seal_of(there)  # somebody else sealed meanwhile
        row = {**asdict(fresh), "last_row": last_row, "peaks": " ".join(each.hex() for each in peaks)}
        db.put(ADD_SEAL, row)
    return fresh


def is_due(db: Connection, now: datetime) -> bool:
    """Whether something happened that shall not wait for its seal any longer."""
    before = _last(db)
    if before["last_row"] == _last_row(db):
        return False
    # A seal of an hour that is still to come is of a clock that ran ahead: it shall not hold up the others until then.
    try:
        is_old = not before["no"] or abs(now - instant_from(before["at"])) >= EVERY
    except (ValueError, TypeError):
        return True  # it was altered, as whoever seals now is told
    return is_old or db.one(PUBLISHED_SINCE, after=before["last_row"]) is not None


def written_out(db: Connection, path: Path, remark: Callable[[Text], object] | None = None) -> int:
    """Add to the file outside every seal that is not in it; how many. A last line that is half written is ended, which is remarked.

    Raises Invalid for a file that is not of this record, Busy where another adds to it.
    """
    with appending(path) as file:
        there, lines = missing_in(db, path)
        first = next(lines, None)
        if first is None:
            return 0
        # What goes outside must not be lost here: on a server the commit waits for the standby, and for all before it.
        with db.writing(steps=True):
            pass
        if there.halves:
            log.warning("seals.half_written")
        if there.halves and remark:
            remark(_ENDED.filled(path=path, line=there.halves[-1].line, no=there.last.no + 1))
        if not there.ends_a_line:
            append(file, path, b"\n")
        added = 0
        for added, line in enumerate(chain([first], lines), 1):  # noqa: B007
            append(file, path, line)
    return added


def missing_in(db: Connection, path: Path) -> tuple[SealFile, Iterator[bytes]]:
    """What a file outside has, and the lines that it lacks. Raises Invalid for one that is not of this record."""
    there = read_outside(path)
    is_last = (lambda own: own == there.last) if there.seals else None
    lines = (line for _, line in lines_after(db, there.last.no, is_last, path))
    first = next(lines, None)
    for half in there.halves:
        if first is None or not half.is_left_of(first):
            raise no_seal(path, half.line)
    return there, iter(()) if first is None else chain([first], lines)


def lines_after(
    db: Connection, no: int, is_last: Callable[[Seal], bool] | None, place: object
) -> Iterator[tuple[Seal, bytes]]:
    """Every seal after the one that a place has last, with its line; None: the place has none yet.

    Raises Invalid where that one is not of this record, or a seal is not.
    """
    rows = db.all(SEALS_FROM, no=no)
    if is_last and not (rows and is_last(_seal_of(rows[0]))):
        raise Invalid((Problem("other-seals", _OTHER.filled(path=place, no=no), field="to"),))
    for before, row in pairwise(rows if is_last else [_NONE, *rows]):
        yield _seal_of(row), _line(db, before, row)


def _line(db: Connection, before: Row, row: Row) -> bytes:
    """The line of a seal in the file outside. Raises Invalid for one that is not of the record: what goes outside is believed."""
    return _seal_of(row).line(_marks(_of_the_record(db, before, row)))


def _of_the_record(db: Connection, before: Row, row: Row) -> list[str]:
    """The hashes that a seal covers beside the one before it; no hash holds where it ends in the record.

    Raises Invalid where it is not as it was made, or other events or another last entry stand there.
    """
    found = _covered(db, before["last_row"], row["last_row"])
    hashes = _hashes(found)
    size, peaks = _grown(before, hashes)
    of_events = (before["cases"] + _begun(found), size, peaks) == (row["cases"], row["events"], _peaks(row))
    if not (of_events and _seal_of(row).follows(_seal_of(before)) and _is_entered(db, row)):
        raise _not_of_the_record(row["no"])
    return hashes


def _covered(db: Connection, after: int, last: int) -> list[Row]:
    """The events that a seal covers and the one before it does not."""
    return list(db.each(HASHES_BETWEEN, after=after, last=last))


def _begun(found: Iterable[Row]) -> int:
    """How many cases begin with one of these events."""
    return sum(each["seq"] == 1 for each in found)


def _hashes(found: Iterable[Row]) -> list[str]:
    """Their hashes; whatever somebody put in the place of one, as a text."""
    return [str(each["hash"]) for each in found]


def _marks(hashes: Iterable[str]) -> str:
    return "".join([each[:MARK] for each in hashes])


def _grown(before: Row, hashes: Sequence[str]) -> tuple[int, tuple[bytes, ...]]:
    """Size and peaks after these events. Raises Invalid where the seal was altered, or an event so that its hash is none."""
    try:
        return grown(before["events"], _peaks(before), hashes)
    except (ValueError, TypeError) as fault:
        raise _not_of_the_record(before["no"] + 1) from fault


def _is_entered(db: Connection, row: Row) -> bool:
    """Whether the entry that a seal says was the last is there, in that place; one from before says nothing of it."""
    there = db.one(ENTRY_HASH, no=row["entries"] or 0)
    return row["entries"] is None or row["entry"] == (there["hash"] if there else "")


def _peaks(row: Row) -> tuple[bytes, ...]:
    """The peaks that a row keeps. Raises Invalid where anything in it is not as its hash says."""
    try:
        peaks = tuple(bytes.fromhex(each) for each in row["peaks"].split())
        if row is _NONE or (head(peaks) == row["root"] and _seal_of(row).holds()):
            return peaks
    except (ValueError, TypeError, AttributeError):  # whatever somebody wrote there
        pass
    raise _not_of_the_record(row["no"])


def _is_sound(row: Row) -> bool:
    """Whether a row of the database is a seal as it was made."""
    try:
        return bool(_peaks(row))
    except Invalid:
        return False


def _not_of_the_record(no: int) -> Invalid:
    return Invalid((Problem(ALTERED, _NOT_OF_THE_RECORD.filled(no=no), field="seal"),))


def in_the_database(db: Connection) -> list[Row]:
    """Every seal that the database holds, the first one first."""
    return db.all(SEALS_FROM, no=0)


def faults(db: Connection, rows: Sequence[Row], outside: SealFile | None = None) -> Iterator[Problem]:
    """All that is not as it was sealed, by the seals of the database and by those outside; of each the first event."""
    outside = outside or SealFile()
    own, sound = [_seal_of(row) for row in rows], [_is_sound(row) for row in rows]
    yield from _broken(own, sound)
    yield from _broken([each.seal for each in outside.seals], [each.seal.holds() for each in outside.seals])
    known = {each.no: each for each in own}
    for each in outside.seals:
        if known.get(each.seal.no) != each.seal:
            text = (_ALTERED if each.seal.no in known else _GONE).filled(no=each.seal.no, at=said_at(each.seal.at))
            yield Problem("seal", text, field=str(each.seal.no), row=each.line)
            break
    yield from _not_begun(db, outside)
    yield from _lacking(own, outside)
    honest = [*compress(rows, sound)]
    yield from _not_entered(db, [*map(_seal_of, honest), *(each.seal for each in outside.seals if each.seal.holds())])
    yield from _unsealed(db, honest, outside.seals)


def back_dated(db: Connection, rows: Sequence[Row]) -> Iterator[Problem]:
    """After each seal of the database the first event that says it happened long before, when it was not there yet.

    No fault: so is what was done while the clock was set back. An act takes its moment before it waits for its turn.
    """
    sound = [row for row in rows if _is_sound(row)]
    for row, last in zip(sound, [*(row["last_row"] for row in sound[1:]), _last_row(db)], strict=False):
        before = instant_text(instant_from(row["at"]) - EVERY)
        if each := db.one(EARLIER_BETWEEN, after=row["last_row"], last=last, at=before):
            facts = {"number": _number(db, each), "seq": each["seq"], "no": row["no"]}
            facts |= {"at": moment(instant_from(each["at"])), "sealed": moment(instant_from(row["at"]))}
            yield Problem("back-dated", _BACK_DATED.filled(**facts), field=_number(db, each), row=each["seq"])


def _not_entered(db: Connection, sealed: Sequence[Seal]) -> Iterator[Problem]:
    """The first seal that the entries do not bear out: what comes after its last entry may be cut, what comes before it written anew."""
    ends, hashes, found = {each.entries for each in sealed}, {0: ""}, 0
    for found, row in enumerate(db.each(ENTRIES), 1):  # noqa: B007
        if row["no"] in ends:
            hashes[row["no"]] = row["hash"]
    for each in sorted(sealed, key=lambda seal: seal.no):
        if each.entries is not None and hashes.get(each.entries) != each.entry:
            facts = {"no": each.no, "at": said_at(each.at), "count": each.entries, "found": found}
            yield Problem("sealed", _NOT_ENTERED.filled(**facts), field=f"entry/{each.entries}")
            return


def _lacking(own: Sequence[Seal], outside: SealFile) -> Iterator[Problem]:
    """That the file was emptied or is an old copy: it lacks seals of the database, and not one that is just half written."""
    last = outside.last.no + bool(outside.halves)
    if outside.path is None or not own or own[-1].no <= last:
        return
    # Whoever seals meanwhile writes into the database first: what has come to the file since then is not lacking.
    last = max(last, read_outside(outside.path).last.no)
    lacking = [each for each in own if each.no > last]
    if lacking:
        text = _LACKING.filled(path=outside.path, no=lacking[0].no, at=said_at(lacking[0].at), count=len(lacking))
        yield Problem("seal", text, field=str(lacking[0].no))


def _not_begun(db: Connection, outside: SealFile) -> Iterator[Problem]:
    """The line half written that is not of the seal which follows in the database: that was there before a byte went out."""
    if not outside.halves:
        return
    rows = db.all(SEALS_FROM, no=outside.last.no)
    next_ones = pairwise(rows if outside.seals else [_NONE, *rows])
    # As it stands there: what else is wrong with that seal is told beside this.
    lines = (
        _seal_of(row).line(_marks(_hashes(_covered(db, before["last_row"], row["last_row"]))))
        for before, row in next_ones
        if _is_sound(row)
    )
    whole = next(lines, b"")
    for half in outside.halves:
        if not half.is_left_of(whole):
            no = outside.last.no + 1
            yield Problem("seal", _NOT_BEGUN.filled(line=half.line, no=no), field=str(no), row=half.line)
            return


def _broken(told: Sequence[Seal], sound: Sequence[bool]) -> Iterator[Problem]:
    """The first seal that does not hold in itself or does not follow on the one before."""
    for (before, each), holds in zip(pairwise([BLANK, *told]), sound, strict=True):
        if not (holds and each.follows(before)):
            yield Problem("seal", _ALTERED.filled(no=each.no, at=said_at(each.at)), field=str(each.no))
            return


def _unsealed(db: Connection, own: Sequence[Row], outside: Sequence[Outside]) -> Iterator[Problem]:
    """The first event that is not what was sealed: each by its mark where there is one, all before a seal by its root."""
    sealed: dict[int, Seal] = {row["events"]: _seal_of(row) for row in own}
    sealed |= {each.seal.events: each.seal for each in outside if each.seal.holds()}
    ends = {row["events"]: row["last_row"] for row in own}
    sizes = iter(sorted(each for each in sealed if each > 0))
    marks = "".join(each.marks for each in outside)
    size, cases, good = 0, 0, 0
    peaks: tuple[bytes, ...] = ()
    last: Any = None
    first: Any = None  # the first event after the last seal that held
    until = next(sizes, None)
    rows = db.each(HASHES_IN_ORDER)
    # A part at a time, up to the next seal: what is done for each event by itself costs more than its hash (measured).
    while until is not None and (part := list(islice(rows, min(PART, until - size)))):
        first, last = first or part[0], part[-1]
        differs = _differing(part, marks[size * MARK : (size + len(part)) * MARK])
        if differs:
            yield _event_fault(db, differs, _NOT_SEALED)
            return
        size, peaks = grown(size, peaks, [row["hash"] for row in part])
        cases += sum([row["seq"] == 1 for row in part])
        if size != until:
            continue
        seal = sealed.pop(size)
        if (seal.root, seal.cases) != (head(peaks), cases):
            text = _AMONG.filled(no=seal.no, at=said_at(seal.at), after=good, until=size, first=_named(db, first))
            yield Problem("sealed", text, field=_number(db, first), row=first["seq"])
            return
        if ends.get(size, last["row"]) != last["row"]:
            yield Problem("seal", _ALTERED.filled(no=seal.no, at=said_at(seal.at)), field=str(seal.no))
        good, first, until = size, None, next(sizes, None)
    if sealed:
        most = max(sealed.values(), key=lambda each: each.events)
        text = _FEWER.filled(no=most.no, at=said_at(most.at), sealed=most.events, found=size, last=_named(db, last))
        yield Problem("sealed", text, field=_number(db, last), row=last["seq"] if last else None)


def _differing(part: Sequence[Any], marks: str) -> Any:
    """The first of these events whose hash is not as it was marked, or is none at all; None where all are."""
    hashes = [str(row["hash"]) for row in part]
    if _marks(hashes).startswith(marks) and all(map(_is_hash, hashes)):
        return None
    for place, (row, said) in enumerate(zip(part, hashes, strict=True)):
        if not _is_hash(said) or not said.startswith(marks[place * MARK : (place + 1) * MARK]):
            return row
    return None


#: Whether this is a hash in lower-case hexadecimal.
_is_hash = re.compile("[0-9a-f]{64}").fullmatch


def _event_fault(db: Connection, row: Any, text: Text) -> Problem:
    number = _number(db, row)
    return Problem("sealed", text.filled(number=number, seq=row["seq"]), field=number, row=row["seq"])


def _number(db: Connection, row: Any) -> str | None:
    if row is None:
        return None
    there = db.one(NUMBER, id=row["case_id"])
    return str(there["number"]) if there else str(row["case_id"])


def _named(db: Connection, row: Any) -> str:
    return f"{_number(db, row)} #{row['seq']}" if row else "–"


def _last_row(db: Connection) -> int:
    row = db.one(LAST_EVENT_ROW)
    return int(row["last"] or 0) if row else 0


def _last(db: Connection) -> Any:
    """The row of the last seal; before the first one that of a seal over nothing."""
    return db.one(LAST_SEAL) or _NONE


def _seal_of(row: Any) -> Seal:
    return Seal(**{name: row[name] for name in Seal.__slots__})


_NOTHING = Text("还没有任何办理记录，无可封存", "nothing is on record yet that could be sealed")
_NOT_OF_THE_RECORD = Text(
    "数据库中第 {no} 号封存与办理记录不符：两者之一被改动，因此不再封存，也未写到库外；请运行 gongkai verify --seals 文件，其中列出被改动之处，"
    "再把改动之前的备份恢复为新库（gongkai restore）",
    "seal no. {no} of the database and its record do not agree: one of them was altered, so nothing more is sealed or written outside; "
    "gongkai verify --seals FILE names what was altered, then restore a backup from before that as a new database (gongkai restore)",
)
_OTHER = Text(
    "{path} 的最后一次封存（第 {no} 号）与本数据库不符：数据库可能是旧副本或被改动；请用 gongkai verify --seals 核验，另存封存请换文件",
    "the last seal in {path} (no. {no}) is not of this database, which may be an old copy or was altered: run gongkai verify "
    "--seals on it, and name another file for other seals",
)
_ENDED = Text(
    "{path} 第 {line} 行只写了一半（写入时断电或磁盘已满），与第 {no} 号封存相符；已保留该行，并在其后重写整行",
    "line {line} of {path} was left half written by a power cut or a full disk; it is as seal {no} says, is kept, and the whole line "
    "stands after it",
)
_NOT_BEGUN = Text(
    "封存文件第 {line} 行只写了一半，而本数据库的第 {no} 号封存不是这样开头：数据库是旧副本，或两者之一被改动",
    "line {line} of the file of seals is half written, and seal {no} of this database does not begin so: it is an old copy, or "
    "one of the two was altered",
)
_ALTERED = Text(
    "第 {no} 号封存（{at}）被改动，或与前一号不连续",
    "seal {no} ({at}) was altered, or does not follow on the one before",
)
_GONE = Text(
    "第 {no} 号封存（{at}）已不在数据库中：数据库是封存之前的旧副本，或封存被删除",
    "seal {no} ({at}) is not in the database any more: it is a copy from before, or the seal was removed",
)
_LACKING = Text(
    "{path} 缺第 {no} 号（{at}）起的 {count} 次封存，而数据库中有：文件被清空、换成旧副本，或一时未能写入；请与备份核对后运行 gongkai seal --to",
    "{path} lacks {count} seal(s) that the database holds, from seal {no} ({at}) on: it was emptied, put back from an old copy, or could not "
    "be written for a while; compare it with a copy, then run gongkai seal --to",
)
_NOT_ENTERED = Text(
    "第 {no} 号封存（{at}）时共有 {count} 条登记，现有 {found} 条，其第 {count} 条已不是封存时的那一条：登记被截断或重写，或数据库是旧副本",
    "when seal {no} ({at}) was made there were {count} entries; {found} are there, and entry {count} is not the one that was sealed: they "
    "were cut or written anew, or it is an old copy",
)
_NOT_SEALED = Text("{number} 第 {seq} 条办理记录与封存时不同", "event {seq} of {number} is not the one that was sealed")
_BACK_DATED = Text(
    "{number} 第 {seq} 条办理记录写的时刻是 {at}，而 {sealed} 第 {no} 号封存时还没有这一条：当时时钟被拨回，或事后倒填",
    "event {seq} of {number} says that it happened on {at}, but was not there when seal {no} was made on {sealed}: the clock was set "
    "back then, or it was written later",
)
_AMONG = Text(
    "第 {no} 号封存（{at}）所含的办理记录已被改动：自第 {after} 条之后至第 {until} 条之间，其中第一条为 {first}",
    "what seal {no} ({at}) covers was altered: between events {after} and {until} in the order of commits, of which {first} is "
    "the first",
)
_FEWER = Text(
    "第 {no} 号封存（{at}）含 {sealed} 条办理记录，现仅有 {found} 条，最后一条为 {last}：记录被截断，或数据库是旧副本",
    "seal {no} ({at}) covers {sealed} event(s), of which {found} are there, the last {last}: the record was cut, or it is an "
    "old copy",
)
