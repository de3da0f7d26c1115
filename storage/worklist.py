"""What waits for whom (待办), lists, and the board's counts: each an index read, each filtered by what its reader may see.

A person sees a case by a post that is held today: in the whole bureau (any role of that scope but admin), or in the case's
section. What they may not see is not in the answer, nor in its counts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from heapq import merge
from itertools import islice
from typing import Any

from storage import versions
from storage.authority import holders
from storage.connection import Connection, instant_from, instant_text
from storage.inbox import NoticeView, unread
from storage.people import ADMIN, ONE_DAY, READS_ON, sections, still_shown
from storage.readings import ToRead, to_read
from storage.statements import (
    BOARD_CASES,
    BOARD_CLOCKS,
    CHILDREN,
    ENDED_IN_STATE,
    FIRED_STEPS,
    LAST_ESCALATED,
    LISTED,
    LISTED_OVERDUE,
    PAUSED,
    PAUSED_TOO_LONG,
    RUNNING_CLOCKS,
    RUNNING_IN_STATE,
    TROUBLES,
    WAITING,
    WAITING_UNTIMED,
)
from workflow.case import SHANGHAI, SYSTEM, Actor, Data, RoleName, business_date
from workflow.errors import Invalid, Problem, Quarantined
from workflow.model import Definition
from workflow.text import Text
from workflow.workdays import Workdays

#: What one answer holds where nobody says otherwise, and at most; `next` leads on.
USUAL_LIST, LONGEST_LIST = 50, 1000
#: SQLite gives up on patterns of many thousand characters; nobody looks for a title by so many.
LONGEST_WORDS = 500
#: Sorts after every id.
_AFTER_ALL = "\U0010ffff"


#: Who sees no case by this post alone.
_NO_SIGHT = (ADMIN, SYSTEM)


@dataclass(frozen=True, slots=True)
class Sight:
    """What one actor may see on one day: every section, or these."""

    bureau: str
    everything: bool
    sections: tuple[str, ...]

    def scopes(self, wanted: str | None = None) -> tuple[str | None, ...]:
        """The sections to ask for, one query each; None asks for all of them."""
        if self.everything:
            return (wanted,)
        return tuple(each for each in self.sections if wanted in (None, each))

    def covers(self, section: str) -> bool:
        """Whether the cases of this section are seen."""
        return self.everything or section in self.sections


@dataclass(frozen=True, slots=True)
class CaseRowView:
    """A case as a list shows it."""

    id: str
    number: str
    kind: str
    definition: str
    section: str
    title: str
    state: str
    version: int
    waits_for: str | None
    opened_at: datetime
    entered_at: datetime
    closed_at: datetime | None
    due_on: date | None
    due_at: datetime | None
    data: Data  # only the fields that its definition hands on to lists
    parent: str | None

    def to_json(self) -> dict[str, object]:
        """The row as the JSON surface shows it."""
        return {
            "id": self.id,
            "number": self.number,
            "kind": self.kind,
            "state": self.state,
            "version": self.version,
            "title": self.title,
            "section": self.section,
            "whose": self.waits_for,
            "opened_at": self.opened_at.isoformat(),
            "entered_at": self.entered_at.isoformat(),
            "closed_at": self.closed_at.isoformat() if self.closed_at else None,
            "due_on": self.due_on.isoformat() if self.due_on else None,
            "due_at": self.due_at.isoformat() if self.due_at else None,
            "parent": self.parent,
            "data": dict(self.data),
        }


@dataclass(frozen=True, slots=True)
class Worklist:
    """What waits for one person: cases in their hands, soonest first, and what they were told."""

    cases: tuple[CaseRowView, ...]
    notices: tuple[NoticeView, ...]
    more: bool = False  # there are more cases than are shown
    to_read: tuple[ToRead, ...] = ()  # what was circulated to them


@dataclass(frozen=True, slots=True)
class Filters:
    """Which cases a list is to show."""

    kind: str | None = None
    state: str | None = None
    section: str | None = None
    overdue: bool = False
    title: str | None = None


def sight(actor: Actor, today: date) -> Sight:
    """What the actor may see today."""
    places = _places(actor, today)
    whole = actor.is_system or None in places
    return Sight(actor.bureau, whole, tuple(sorted(each for each in places if each is not None)))


def may_see(actor: Actor, section: str, today: date) -> bool:
    """Whether the cases of this section are the actor's to see today."""
    return actor.is_system or not _places(actor, today).isdisjoint((None, section))


def _places(actor: Actor, today: date) -> set[str | None]:
    """Where the actor holds a post today; None is the whole bureau."""
    return {post.section for post in actor.appointments if post.holds_on(today) and post.role not in _NO_SIGHT}


def worklist(db: Connection, actor: Actor, now: datetime, limit: int = LONGEST_LIST) -> Worklist:
    """The open cases that wait for a role of the actor's where they hold it, and their unread notices."""
    everywhere = sections(db, actor.bureau)
    places: dict[tuple[RoleName, str], None] = {}
    for post in actor.appointments:
        if post.holds_on(business_date(now)) and post.role not in (ADMIN, SYSTEM, READS_ON):
            places.update(
                dict.fromkeys((post.role, each) for each in ((post.section,) if post.section else everywhere))
            )
    waiting = [
        _rows(db, db.all(WAITING, bureau=actor.bureau, role=role, section=section, limit=limit + 1))
        for role, section in places
    ]
    found = list(islice(merge(*waiting, key=_soonest), limit + 1))
    for role, section in places:
        if len(found) > limit:
            break
        found += _rows(
            db, db.all(WAITING_UNTIMED, bureau=actor.bureau, role=role, section=section, limit=limit + 1 - len(found))
        )
    told = tuple(islice(unread(db, actor.id, sight(actor, business_date(now)).scopes(), LONGEST_LIST), LONGEST_LIST))
    return Worklist(tuple(found[:limit]), told, len(found) > limit, tuple(to_read(db, actor.id)))


def list_cases(
    db: Connection, actor: Actor, now: datetime, filters: Filters, limit: int = USUAL_LIST, after: str | None = None
) -> tuple[tuple[CaseRowView, ...], str | None]:
    """The cases that the actor may see and the filters ask for, newest first (overdue: oldest first), and where to go on."""
    limit = max(1, min(limit, LONGEST_LIST))
    if filters.overdue:
        return _overdue(db, actor, now, filters, limit, after)
    if after is not None and not _AN_ID.fullmatch(after):
        raise Invalid((Problem("bad-cursor", _BAD_CURSOR.filled(after=after), field="after"),))
    scopes = sight(actor, business_date(now)).scopes(filters.section)
    in_state = filters.kind and filters.state
    questions = (RUNNING_IN_STATE, ENDED_IN_STATE) if in_state else (LISTED,)
    found = _merged(
        (
            _rows(
                db,
                db.all(
                    question,
                    bureau=actor.bureau,
                    section=scope,
                    kind=filters.kind,
                    state=filters.state,
                    pattern=_pattern(filters.title),
                    after=after or _AFTER_ALL,
                    limit=limit + 1,
                ),
            )
            for scope in scopes
            for question in questions
        ),
        limit + 1,
        key=lambda row: row.id,
        reverse=True,
    )
    return tuple(found[:limit]), found[limit - 1].id if len(found) > limit else None


def _overdue(
    db: Connection, actor: Actor, now: datetime, filters: Filters, limit: int, after: str | None
) -> tuple[tuple[CaseRowView, ...], str | None]:
    after_at, after_id = _cursor(after)
    found = _merged(
        (
            _rows(
                db,
                db.all(
                    LISTED_OVERDUE,
                    bureau=actor.bureau,
                    section=scope,
                    kind=filters.kind,
                    state=filters.state,
                    pattern=_pattern(filters.title),
                    now=instant_text(now),
                    after_at=after_at,
                    after=after_id,
                    limit=limit + 1,
                ),
            )
            for scope in sight(actor, business_date(now)).scopes(filters.section)
        ),
        limit + 1,
        key=_soonest,
    )
    last = found[limit - 1] if len(found) > limit else None
    return tuple(found[:limit]), f"{instant_text(last.due_at)}|{last.id}" if last and last.due_at else None


# What the supervisor's board is made of. `reports/board.py` puts it together.

OVERDUE, TODAY, SOON = 0, 1, 2
SOON_DAYS = 3  # working days
OLDEST = 10


@dataclass(frozen=True, slots=True)
class Count:
    """How many cases, or clocks of one rule, of one section stand in one of the board's columns."""

    section: str
    column: int  # OVERDUE, TODAY or SOON
    count: int
    definition: str | None = None
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class Chased:
    """A late case with what its clocks have done so far."""

    row: CaseRowView
    holders: tuple[str, ...]  # names
    rules: tuple[tuple[str, datetime], ...]  # the running clocks, with the first instant too late
    reminded: int
    escalated: int
    escalated_to: tuple[str, ...]  # names, or the role where nobody held it
    escalated_at: datetime | None


@dataclass(frozen=True, slots=True)
class Stopped:
    """A clock that stands still, and the sub-cases that its case waits for: number, section, under which name."""

    row: CaseRowView
    rule: str
    since_on: date
    waits_for: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class SetAside:
    """A case on which nothing is done, and why."""

    number: str
    title: str
    section: str
    since_at: datetime
    why: Text


@dataclass(frozen=True, slots=True)
class BoardFacts:
    """Counts and the oldest late cases, as far as the actor may see."""

    at: datetime
    sections: tuple[str, ...]
    cases: tuple[Count, ...]
    clocks: tuple[Count, ...]
    oldest: tuple[Chased, ...]
    paused: tuple[Stopped, ...]  # the longest first
    quarantined: tuple[SetAside, ...]  # cases whose state their definition does not know, as the sweep met them
    paused_too_long: Mapping[str, int]  # by section: cases whose pause has outlived a clock of its own
    definitions: Mapping[str, Definition]  # those named in it, by digest


def board_facts(
    db: Connection,
    actor: Actor,
    now: datetime,
    calendar: Workdays,
    definition_of: Callable[[str], Definition],
) -> BoardFacts:
    """What is overdue, due today and due soon, and the ten oldest."""
    seen, today = sight(actor, business_date(now)), business_date(now)

    def holding(role: str, section: str) -> tuple[str, ...]:
        return tuple(holders(db, actor.bureau, role, section, today).values())

    horizon = datetime.combine(calendar.last_working_day(today, SOON_DAYS) + ONE_DAY, time(), SHANGHAI)
    moment = {"bureau": actor.bureau, "now": instant_text(now), "today": today.isoformat()}
    counted = [
        [
            row
            for scope in seen.scopes()
            for row in db.all(statement, section=scope, horizon=instant_text(horizon), **moment)
        ]
        for statement in (BOARD_CASES, BOARD_CLOCKS)
    ]
    late, _ = list_cases(db, actor, now, Filters(overdue=True), limit=OLDEST)
    paused = tuple(_stopped(db, actor, seen))
    return BoardFacts(
        at=now,
        sections=still_shown(db, actor.bureau, today, {row["section"] for row in (*counted[0], *counted[1])})
        if seen.everything
        else seen.sections,
        cases=tuple(Count(row["section"], row["bucket"], row["count"]) for row in counted[0]),
        clocks=tuple(
            Count(row["section"], row["bucket"], row["count"], row["definition"], row["rule"]) for row in counted[1]
        ),
        oldest=tuple(_chased(db, each, holding) for each in late),
        paused=paused,
        quarantined=tuple(_set_aside(db, seen)),
        paused_too_long={
            row["section"]: row["count"]
            for scope in seen.scopes()
            for row in db.all(PAUSED_TOO_LONG, bureau=actor.bureau, section=scope, now=instant_text(now))
        },
        definitions={
            digest: definition_of(digest)
            for digest in {
                *(row["definition"] for row in counted[1]),
                *(each.definition for each in late),
                *(each.row.definition for each in paused),
            }
        },
    )


def _stopped(db: Connection, actor: Actor, seen: Sight) -> Iterator[Stopped]:
    rows = [row for scope in seen.scopes() for row in db.all(PAUSED, bureau=actor.bureau, section=scope, limit=OLDEST)]
    for row in sorted(rows, key=lambda row: (row["paused_on"], row["id"]))[:OLDEST]:
        (view,) = _rows(db, (row,))
        waits_for = tuple(
            (each["number"], each["section"], each["slot"])
            for each in db.all(CHILDREN, parent=view.id)
            if each["closed_at"] is None
        )
        yield Stopped(view, row["rule"], date.fromisoformat(row["paused_on"]), waits_for)


def _set_aside(db: Connection, seen: Sight) -> Iterator[SetAside]:
    for row in db.all(TROUBLES):
        if row["code"] == Quarantined.code and (seen.everything or row["section"] in seen.sections):
            why = Text(row["zh"], row["en"])
            yield SetAside(row["number"], row["title"], row["section"], instant_from(row["since"]), why)


def _chased(db: Connection, row: CaseRowView, holding: Callable[[str, str], tuple[str, ...]]) -> Chased:
    running = {(each["rule"], each["armed_seq"]): each["due_at"] for each in db.all(RUNNING_CLOCKS, case_id=row.id)}
    fired = [each for each in db.all(FIRED_STEPS, case_id=row.id) if (each["rule"], each["armed_seq"]) in running]
    told = db.all(LAST_ESCALATED, case_id=row.id)
    last = [each for each in told if each["created_at"] == told[0]["created_at"]]
    return Chased(
        row=row,
        holders=holding(row.waits_for, row.section) if row.waits_for else (),
        rules=tuple((rule, instant_from(due_at)) for (rule, _), due_at in running.items()),
        reminded=sum(each["step"].startswith("remind") for each in fired),
        escalated=sum(each["step"].startswith("escalate") for each in fired),
        escalated_to=tuple(dict.fromkeys(each["name"] or each["role"] for each in reversed(last))),
        escalated_at=instant_from(told[0]["created_at"]) if told else None,
    )


def _merged(
    lists: Iterable[Iterable[CaseRowView]], limit: int, key: Callable[[CaseRowView], Any], reverse: bool = False
) -> list[CaseRowView]:
    return list(islice(merge(*lists, key=key, reverse=reverse), limit))


def _rows(db: Connection, found: Iterable[Any]) -> Iterator[CaseRowView]:
    for row in found:
        listed = versions.load(db, row["definition"]).listed
        data = json.loads(row["data"]) if listed else {}
        yield CaseRowView(
            id=row["id"],
            number=row["number"],
            kind=row["kind"],
            definition=row["definition"],
            section=row["section"],
            title=row["title"],
            state=row["state"],
            version=row["version"],
            waits_for=row["waits_for"],
            opened_at=instant_from(row["opened_at"]),
            entered_at=instant_from(row["entered_at"]),
            closed_at=instant_from(row["closed_at"]) if row["closed_at"] else None,
            due_on=date.fromisoformat(row["due_on"]) if row["due_on"] else None,
            due_at=instant_from(row["due_at"]) if row["due_at"] else None,
            data={name: data.get(name) for name in listed},
            parent=row["parent"],
        )


def _soonest(row: CaseRowView) -> tuple[str, str]:
    return instant_text(row.due_at) if row.due_at else _AFTER_ALL, row.id


def _pattern(title: str | None) -> str | None:
    if not title:
        return None
    if len(title) > LONGEST_WORDS:
        raise Invalid((Problem("too-long", _TOO_LONG.filled(max=LONGEST_WORDS, length=len(title)), field="q"),))
    plain = title.replace("!", "!!").replace("%", "!%").replace("_", "!_")
    return f"%{plain}%"


#: What a `next` looks like: asking whether such a case is there would tell of cases that one may not see.
_AN_ID = re.compile(r"(?=.*\d)[0-9a-z-]{8,}")


def _cursor(after: str | None) -> tuple[str, str]:
    if after is None:
        return "", ""
    at, bar, id = after.partition("|")
    if not bar:
        raise Invalid((Problem("bad-cursor", _BAD_CURSOR.filled(after=after), field="after"),))
    return at, id


_TOO_LONG = Text(
    "查找的文字长 {length} 字，最多 {max} 字", "the words to look for have {length} characters, {max} at most"
)
_BAD_CURSOR = Text(
    "续页标记“{after}”无效；请使用上一页给出的 next", "“{after}” leads nowhere; use the `next` of the page before"
)
