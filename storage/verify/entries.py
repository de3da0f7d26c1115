"""What was entered beside the records of cases, held against its entries.

Definitions, posts, who is one person, calendars, what the bureau is called, the names of older cases.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import zip_longest
from typing import Any

from storage import entries
from storage.calendars import ALTERED, digests
from storage.connection import Connection
from storage.entries import CALENDAR, CASE, DEFINITION, NAME, NATURE, POST, REAL, SAME, SANDBOX
from storage.rows import MISREAD, said_at
from storage.statements import (
    BUREAU,
    ENTRIES,
    EVERY_DEFINITION,
    EVERY_POST_CHANGE,
    RELOCATIONS,
    SAME_PEOPLE,
    UNCHAINED_CASES,
)
from workflow.case import SECTION_BEFORE
from workflow.errors import Problem
from workflow.ledger import named
from workflow.text import Text

Row = Any  # a driver's row, read by column


def faults(db: Connection) -> Iterator[Problem]:
    """The first entry that does not follow on the one before; then all that is not as it was entered, and what is gone."""
    told = dict[tuple[str, str], str]()
    listed: dict[str, list[str]] = {what: [] for what in (*_IN_ORDER, NAME)}
    places: dict[tuple[str, str], int] = {}
    previous, at, since, place = "", "", 0, 0
    for place, row in enumerate(db.each(ENTRIES), 1):
        key = (row["what"], row["key"])
        since, at = (since if row["at"] == at else place), row["at"]
        # A calendar alone is entered twice: where two notices came at one instant, and nothing of another stands between.
        again = key in told and (row["what"] != CALENDAR or places[key] < since)
        as_hashed = fits(row["hash"], entries.hash_of, row)
        if (row["no"], row["previous"]) != (place, previous) or not as_hashed or again:
            yield Problem("entry", _BROKEN.filled(no=place), field=f"entry/{place}")
            return
        previous = row["hash"]
        if row["what"] in listed:
            listed[row["what"]].append(row["digest"])
        else:
            told[key], places[key] = row["digest"], place
    for row in db.all(EVERY_DEFINITION):
        if not fits(told.pop((DEFINITION, row["digest"]), None), entries.of_definition, row):
            yield Problem("entry", _DEFINITION.filled(id=row["id"], version=row["version"]), field=row["digest"])
    for what, (rows, of, said) in _IN_ORDER.items():
        for no, (digest, row) in enumerate(zip_longest(listed[what], db.each(rows)), 1):
            if not (digest and row and fits(digest, of, row)):
                yield Problem("entry", said.filled(no=no), field=f"{what}/{no}")
                break
    bureau = db.one(BUREAU)
    called = listed[NAME][-1] if listed[NAME] else None  # the last counts
    if bureau and not fits(called, entries.of_name, bureau):
        yield Problem("entry", _BUREAU.filled(name=bureau["name"]), field=NAME)
    yield from _calendars(db, told)
    yield from _cases(db, told)
    made_as = {name: told.pop((NATURE, name)) for what, name in tuple(told) if what == NATURE}
    if made_as not in [{name: entries.of_nature(name)} for name in (SANDBOX, REAL)]:
        yield Problem("entry", _NO_NATURE, field=NATURE)
    for what, name in told:  # what was found was taken out
        shown_as = said_at(name) if what == CALENDAR else name
        yield Problem("entry", _GONE.filled(what=_CALLED.get(what, Text(what, what)), name=shown_as), field=name)


def _calendars(db: Connection, told: dict[tuple[str, str], str]) -> Iterator[Problem]:
    """Every edition that is not as it was entered."""
    for known_at, digest in digests(db).items():
        if told.pop((CALENDAR, known_at), None) != digest or digest is None:
            yield Problem("entry", ALTERED.filled(at=said_at(known_at)), field=known_at)


def _cases(db: Connection, told: dict[tuple[str, str], str]) -> Iterator[Problem]:
    """Every case whose name its own record does not hold, and which is not called as it was entered."""
    began_in: dict[str, str] = {}
    are_old = any(what == CASE for what, _ in told)
    for row in db.each(RELOCATIONS, like=f"%{SECTION_BEFORE}%") if are_old else ():
        with suppress(*MISREAD):  # that event is no longer what its hash says, and is named by that
            began_in.setdefault(row["case_id"], json.loads(row["data"])[SECTION_BEFORE])
    for row in db.each(UNCHAINED_CASES, seq=1, previous=""):
        section = began_in.get(row["id"], row["section"])
        name = (row["id"], row["number"], row["kind"], row["bureau"], section)
        if not fits(told.pop((CASE, row["id"]), None), lambda said: named(*said), name):
            yield Problem("named", _NAMED.filled(number=row["number"]), field=row["number"], row=1)


def fits(digest: str | None, of: Callable[[Any], str], row: Any) -> bool:
    """Whether this is the digest of what stands there, which may be anything once somebody wrote into it."""
    try:
        return digest == of(row)
    except MISREAD:
        return False


_CALLED = {
    DEFINITION: Text("定义", "definition"),
    CALENDAR: Text("日历", "calendar"),
    CASE: Text("事项", "case"),
}
_BROKEN = Text(
    "第 {no} 条登记与前一条不相连，或内容被改动；此后的登记不再核对",
    "entry {no} does not follow on the one before, or was altered; those after it were not compared",
)
_DEFINITION = Text(
    "定义 {id} 第 {version} 版（含其原文）与登记不符：被改动，或不经 gongkai 写入",
    "version {version} of {id}, or its text, is not as it was entered: it was altered, or written past gongkai",
)
_POST = Text(
    "任免记录自第 {no} 条起与登记不符：被改动、删除，或不经 gongkai 写入",
    "the record of posts is not as it was entered, from change {no} on: altered, removed, or written past gongkai",
)
_SAME = Text(
    "同一人认定自第 {no} 条起与登记不符：被改动、增删，或不经 gongkai 写入",
    "the record of who is one person is not as it was entered, from {no} on: altered, put in, removed, or written past gongkai",
)
#: What is entered in the order of its rows, each as often as it comes: the n-th entry of its kind is the n-th row.
_IN_ORDER = {
    POST: (EVERY_POST_CHANGE, entries.of_post, _POST),
    SAME: (SAME_PEOPLE, entries.of_same, _SAME),
}
_BUREAU = Text(
    "单位名称“{name}”与登记不符：被改动，或不经 gongkai 写入；核实后用 gongkai people bureau --name 重新登记",
    "the name of the bureau, “{name}”, is not as it was entered: it was altered, or written past gongkai; once it is known which is "
    "right, enter it again with gongkai people bureau --name",
)
_NO_NATURE = Text(
    "没有登记本库是演练库还是正式库：登记被删除；按正式库对待",
    "no entry says whether this is a sandbox or a real database: it was taken out; it is treated as a real one",
)
_NAMED = Text(
    "{number} 的编号、种类、单位或科室与登记不符：被改动，或与另一事项调换",
    "number, kind, bureau or section of {number} are not as they were entered: they were altered, or exchanged with another's",
)
_GONE = Text(
    "登记的{what}已不在数据库中：{name}", "the {what} that was entered is not in the database any more: {name}"
)
