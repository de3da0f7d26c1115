"""Every question that the store asks, as SQLAlchemy constructs over the tables: each with what it answers and what serves it.

The step path must not import SQLAlchemy (0.3 s), so `python -m storage.questions` compiles them to text once, into
`statements.py`; a test holds the two together. Whoever changes a question runs `make generate`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from textwrap import fill
from typing import Any

from sqlalchemy import (
    ColumnClause,
    and_,
    bindparam,
    case,
    delete,
    func,
    insert,
    literal_column,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.sql.expression import ClauseElement
from sqlmodel import SQLModel

from storage import tables as t


def _table(model: type[SQLModel]) -> Any:
    return model.__table__  # type: ignore[attr-defined]


meta, bureaus, sections, people = (_table(each) for each in (t.Meta, t.Bureau, t.Section, t.Person))
appointments, definitions, counters = (_table(each) for each in (t.Appointment, t.StoredDefinition, t.Counter))
calendar_days, calendar_years = _table(t.CalendarDay), _table(t.CalendarYear)
cases, events, deadlines = _table(t.CaseRow), _table(t.EventRow), _table(t.DeadlineRow)
steps, notices, troubles = _table(t.StepRow), _table(t.NoticeRow), _table(t.TroubleRow)
likenesses = _table(t.LikenessRow)


#: A number that stands in the text itself: the statements are bound by name, and only to what the store hands them.
NO: ColumnClause[Any] = literal_column("0")
ONE: ColumnClause[Any] = literal_column("1")


def _row_of(table: Any, *left_out: str) -> Any:
    named = (column.name for column in table.columns)
    return insert(table).values({name: bindparam(name) for name in named if name not in left_out})


def _upsert(table: Any) -> Any:
    """Insert, or set every other column when the key is there; on SQLite by ON CONFLICT."""
    row = sqlite.insert(table).values({column.name: bindparam(column.name) for column in table.columns})
    keys = [column.name for column in table.primary_key.columns]
    changed = {column.name: row.excluded[column.name] for column in table.columns if column.name not in keys}
    return row.on_conflict_do_update(index_elements=keys, set_=changed)


# What is this database?  Primary keys.
META = select(meta.c.value).where(meta.c.key == bindparam("key"))
SET_META = _upsert(meta)
BUREAU = select(bureaus.c.id, bureaus.c.name).order_by(bureaus.c.id).limit(ONE)
ADD_BUREAU = _row_of(bureaus)

# How new is the newest notice of days off?  Some dozens of rows.
LATEST_CALENDAR = select(func.max(calendar_years.c.known_at).label("known_at"))

# One case, by id or by number (uq_cases_number), once for each of its open clocks (primary key of deadlines), with how new
# the calendar is: all that a step reads, in one question.
_WHOLE = select(*cases.c, LATEST_CALENDAR.scalar_subquery().label("known_at"), *deadlines.c).select_from(
    cases.outerjoin(deadlines, and_(deadlines.c.case_id == cases.c.id, deadlines.c.closed_at.is_(None)))
)
CASE = _WHOLE.where(cases.c.id == bindparam("id"))
CASE_BY_NUMBER = _WHOLE.where(cases.c.bureau == bindparam("bureau"), cases.c.number == bindparam("number"))
OPEN_DEADLINES = select(deadlines).where(deadlines.c.case_id == bindparam("case_id"), deadlines.c.closed_at.is_(None))
ALL_DEADLINES = select(deadlines).where(deadlines.c.case_id == bindparam("case_id")).order_by(deadlines.c.armed_seq)

# Its sub-cases, in the order in which they began.  ix_cases_parent
CHILDREN = select(cases).where(cases.c.parent == bindparam("parent"), cases.c.parent.is_not(None)).order_by(cases.c.id)

# A parent that the sweep is to look at, because something that it waits for has moved.
WAKE = (
    update(cases)
    .where(cases.c.id == bindparam("id"), or_(cases.c.next_at.is_(None), cases.c.next_at > bindparam("at")))
    .values(next_at=bindparam("at"))
)

# Which other cases are like this one, the newest first?  Primary key of likenesses
ALIKE = (
    select(cases.c.id, cases.c.number, cases.c.section)
    .join_from(likenesses, cases, cases.c.id == likenesses.c.case_id)
    .where(
        likenesses.c.bureau == bindparam("bureau"),
        likenesses.c.name == bindparam("name"),
        likenesses.c.value == bindparam("value"),
        likenesses.c.case_id != bindparam("case_id"),
    )
    .order_by(likenesses.c.case_id.desc())
    .limit(bindparam("limit"))
    .offset(NO)
)
ADD_LIKENESS = _row_of(likenesses)
FORGET_LIKENESSES = delete(likenesses).where(likenesses.c.case_id == bindparam("case_id"))

# The story of one case; who acted last; what became of this request (uq_events_request).
EVENTS = select(events).where(events.c.case_id == bindparam("case_id")).order_by(events.c.seq)
LAST_EVENT = (
    select(events.c.actor_name).where(events.c.case_id == bindparam("case_id")).order_by(events.c.seq.desc()).limit(ONE)
)
EVENT_OF_REQUEST = select(events).where(
    events.c.bureau == bindparam("bureau"), events.c.request_id == bindparam("request_id")
)

# The writes of one step.
ADD_CASE = _row_of(cases)
MOVE_CASE = (
    update(cases)
    .where(cases.c.id == bindparam("id"), cases.c.seq == bindparam("old_seq"))
    .values(
        {
            name: bindparam(name)
            for name in (
                "title", "state", "version", "seq", "data", "trail", "waits_for", "entered_at", "changed_at",
                "head", "due_on", "due_at", "next_at",
            )
        }
    )
)  # fmt: skip
# Apart: to name `closed_at` is to write the indexes of what runs and what has ended, which the other steps leave alone.
END_CASE = MOVE_CASE.values(closed_at=bindparam("closed_at"))
ADD_EVENT = _row_of(events)
PUT_DEADLINE = _upsert(deadlines)
ADD_STEP = _row_of(steps)
ADD_NOTICE = _row_of(notices, "id", "read_at")

# The next serial of a series and year, drawn in the transaction that uses it.
TAKE_SERIAL = (
    sqlite.insert(counters)
    .values(bureau=bindparam("bureau"), series=bindparam("series"), year=bindparam("year"), serial=bindparam("first"))
    .on_conflict_do_update(index_elements=["bureau", "series", "year"], set_={"serial": counters.c.serial + ONE})
    .returning(counters.c.serial)
)

# A past record bears a number of a series kept here: what we give goes on after it.
RAISE_SERIAL = (
    _RAISED := sqlite.insert(counters).values(
        {name: bindparam(name) for name in ("bureau", "series", "year", "serial")}
    )
).on_conflict_do_update(
    index_elements=["bureau", "series", "year"],
    set_={"serial": _RAISED.excluded.serial},
    where=counters.c.serial < _RAISED.excluded.serial,
)

# Definitions and the calendar: read once a process.
DEFINITION = select(definitions.c.accepted, definitions.c.digest).where(definitions.c.digest == bindparam("digest"))
DEFINITIONS = select(
    definitions.c.digest, definitions.c.id, definitions.c.version, definitions.c.yaml, definitions.c.accepted_at
).order_by(definitions.c.id, definitions.c.version)
VERSIONS = (
    select(definitions.c.digest, definitions.c.version)
    .where(definitions.c.id == bindparam("id"))
    .order_by(definitions.c.version.desc())
)
ADD_DEFINITION = _row_of(definitions)
CALENDAR_DAYS = select(calendar_days).order_by(calendar_days.c.known_at, calendar_days.c.on_day)
CALENDAR_YEARS = select(calendar_years).order_by(calendar_years.c.known_at, calendar_years.c.year)
PUT_CALENDAR_DAY = _upsert(calendar_days)
PUT_CALENDAR_YEAR = _upsert(calendar_years)

# When is anything due next, anywhere?  Index ix_cases_next.
NEXT_DUE = select(func.min(cases.c.next_at).label("next_at")).where(cases.c.next_at.is_not(None))

# Every open case with a clock, for counting dates anew.
OPEN_CASES = select(cases.c.id).where(cases.c.closed_at.is_(None)).order_by(cases.c.id)

# People: the register (storage/people.py)

# Who is in the register?
ALL_PEOPLE = (
    select(people.c.id, people.c.name, people.c.section, people.c.login, people.c.left_on)
    .where(people.c.bureau == bindparam("bureau"))
    .order_by(people.c.id)
)

# Whom does the system know by this login?  uq_people_login
PERSON_OF_LOGIN = select(people.c.id, people.c.left_on).where(
    people.c.bureau == bindparam("bureau"), people.c.login == bindparam("login")
)

# Every post that was ever held.
ALL_POSTS = (
    select(
        appointments.c.person,
        appointments.c.role,
        appointments.c.section,
        appointments.c.from_on,
        appointments.c.until_on,
        appointments.c.acting,
        appointments.c.on_behalf_of,
    )
    .where(appointments.c.bureau == bindparam("bureau"))
    .order_by(appointments.c.from_on, appointments.c.id)
)

# Who holds this role in this section on that day?  ix_appointments_role
HOLDERS = (
    select(appointments.c.person, people.c.name)
    .join_from(appointments, people, people.c.id == appointments.c.person)
    .where(
        appointments.c.bureau == bindparam("bureau"),
        appointments.c.role == bindparam("role"),
        or_(appointments.c.section.is_(None), appointments.c.section == bindparam("section")),
        appointments.c.from_on <= bindparam("on"),
        or_(appointments.c.until_on.is_(None), appointments.c.until_on >= bindparam("on")),
    )
    .order_by(appointments.c.id)
)

# Which sections are there?
ALL_SECTIONS = select(sections.c.id).where(sections.c.bureau == bindparam("bureau")).order_by(sections.c.id)

ADD_SECTION = _row_of(sections, "until_on")
ADD_PERSON = _row_of(people, "left_on")
ADD_POST = _row_of(appointments, "id")

# A person's posts of one role in one section, and the delegations of them, end after this day.
END_POST = (
    update(appointments)
    .where(
        appointments.c.role == bindparam("role"),
        appointments.c.section.is_not_distinct_from(bindparam("section")),
        or_(appointments.c.person == bindparam("person"), appointments.c.on_behalf_of == bindparam("person")),
        or_(appointments.c.until_on.is_(None), appointments.c.until_on > bindparam("last_on")),
    )
    .values(until_on=bindparam("last_on"))
)

# All posts of a person, delegations given and received included, end after this day.
END_POSTS_OF = (
    update(appointments)
    .where(
        or_(appointments.c.person == bindparam("person"), appointments.c.on_behalf_of == bindparam("person")),
        or_(appointments.c.until_on.is_(None), appointments.c.until_on > bindparam("last_on")),
    )
    .values(until_on=bindparam("last_on"))
)

LEFT_ON = update(people).where(people.c.id == bindparam("person")).values(left_on=bindparam("left_on"))

# A login that somebody left behind is free for the next.
RELEASE_LOGIN = update(people).where(people.c.login == bindparam("login")).values(login=null())


# Worklists and lists (storage/worklist.py)

_LISTED = [
    cases.c[name]
    for name in (
        "id", "number", "kind", "definition", "section", "title", "state", "version", "waits_for",
        "opened_at", "entered_at", "closed_at", "due_on", "due_at", "data", "parent",
    )
]  # fmt: skip

_WAITING = (
    cases.c.bureau == bindparam("bureau"),
    cases.c.waits_for == bindparam("role"),
    cases.c.section == bindparam("section"),
    cases.c.closed_at.is_(None),
)

# What waits for this role in this section, soonest first?  ix_cases_waiting
WAITING = (
    select(*_LISTED)
    .where(*_WAITING, cases.c.due_at.is_not(None))
    .order_by(cases.c.due_at, cases.c.id)
    .limit(bindparam("limit"))
    .offset(NO)
)

# And what waits without a clock?  ix_cases_waiting
WAITING_UNTIMED = (
    select(*_LISTED)
    .where(*_WAITING, cases.c.due_at.is_(None))
    .order_by(cases.c.id)
    .limit(bindparam("limit"))
    .offset(NO)
)

# What has this person been told and not read?  ix_notices_inbox
UNREAD = (
    select(
        notices.c.id,
        notices.c.case_id,
        cases.c.number,
        notices.c.role,
        notices.c.occasion,
        notices.c.zh,
        notices.c.en,
        notices.c.created_at,
    )
    .join_from(notices, cases, cases.c.id == notices.c.case_id)
    .where(notices.c.person == bindparam("person"), notices.c.read_at.is_(None))
    .order_by(notices.c.id)
    .limit(bindparam("limit"))
    .offset(NO)
)

MARK_READ = (
    update(notices)
    .where(notices.c.id == bindparam("notice"), notices.c.person == bindparam("person"), notices.c.read_at.is_(None))
    .values(read_at=bindparam("read_at"))
)

_FILTERED = (
    cases.c.section == func.coalesce(bindparam("section"), cases.c.section),
    cases.c.kind == func.coalesce(bindparam("kind"), cases.c.kind),
    cases.c.state == func.coalesce(bindparam("state"), cases.c.state),
    cases.c.title.like(func.coalesce(bindparam("pattern"), literal_column("'%'")), escape="!"),
)

# Which cases are there, the newest first?  The primary key, read backwards: the bureau stands in an expression so that no
# index of its own is taken, which would sort every case for one page.
LISTED = (
    select(*_LISTED)
    .where(
        cases.c.bureau.concat(literal_column("''")) == bindparam("bureau"),
        *_FILTERED,
        cases.c.id < bindparam("after"),
    )
    .order_by(cases.c.id.desc())
    .limit(bindparam("limit"))
    .offset(NO)
)


def _listed_in_state(closed: Any) -> Any:
    return (
        select(*_LISTED)
        .where(
            cases.c.bureau == bindparam("bureau"),
            cases.c.kind == bindparam("kind"),
            cases.c.state == bindparam("state"),
            cases.c.section == func.coalesce(bindparam("section"), cases.c.section),
            cases.c.title.like(func.coalesce(bindparam("pattern"), literal_column("'%'")), escape="!"),
            cases.c.id < bindparam("after"),
            closed,
        )
        .order_by(cases.c.id.desc())
        .limit(bindparam("limit"))
        .offset(NO)
    )


# Which cases of this kind are in this state, the newest first: of those that run, and of those that have ended?
# ix_cases_running, ix_cases_ended
RUNNING_IN_STATE = _listed_in_state(cases.c.closed_at.is_(None))
ENDED_IN_STATE = _listed_in_state(cases.c.closed_at.is_not(None))

# Which cases are overdue, the oldest first?  ix_cases_open
LISTED_OVERDUE = (
    select(*_LISTED)
    .where(
        cases.c.bureau == bindparam("bureau"),
        *_FILTERED,
        cases.c.closed_at.is_(None),
        cases.c.due_at <= bindparam("now"),
        cases.c.due_at >= bindparam("after_at"),
        or_(cases.c.due_at > bindparam("after_at"), cases.c.id > bindparam("after")),
    )
    .order_by(cases.c.due_at, cases.c.id)
    .limit(bindparam("limit"))
    .offset(NO)
)

# The supervisor's board (storage/worklist.py, reports/board.py)


def _bucket(due_at: Any, due_on: Any) -> Any:
    """0 overdue, 1 due today, 2 due soon."""
    return case((due_at <= bindparam("now"), NO), (due_on <= bindparam("today"), ONE), else_=literal_column("2"))


# How many open cases of each section are overdue, due today, due soon?  ix_cases_open
BOARD_CASES = (
    select(cases.c.section, _bucket(cases.c.due_at, cases.c.due_on).label("bucket"), func.count().label("count"))
    .where(
        cases.c.bureau == bindparam("bureau"),
        cases.c.section == func.coalesce(bindparam("section"), cases.c.section),
        cases.c.closed_at.is_(None),
        cases.c.due_at <= bindparam("horizon"),
    )
    .group_by(ONE, literal_column("2"))
)

# The same for every running clock, by the rule that it runs by.  ix_cases_open, then the deadlines of each case
BOARD_CLOCKS = (
    select(
        cases.c.section,
        cases.c.definition,
        deadlines.c.rule,
        _bucket(deadlines.c.due_at, deadlines.c.rolled_on).label("bucket"),
        func.count().label("count"),
    )
    .join_from(cases, deadlines, deadlines.c.case_id == cases.c.id)
    .where(
        cases.c.bureau == bindparam("bureau"),
        cases.c.section == func.coalesce(bindparam("section"), cases.c.section),
        cases.c.closed_at.is_(None),
        cases.c.due_at <= bindparam("horizon"),
        deadlines.c.closed_at.is_(None),
        deadlines.c.paused_on.is_(None),
        deadlines.c.due_at <= bindparam("horizon"),
    )
    .group_by(ONE, literal_column("2"), literal_column("3"), literal_column("4"))
)

# Which clocks stand still, the longest first?  ix_deadlines_paused, and the bureau in an expression so that no index of
# cases is begun with: few clocks stand still, and many cases run.
PAUSED = (
    select(*_LISTED, deadlines.c.rule, deadlines.c.paused_on)
    .join_from(deadlines, cases, cases.c.id == deadlines.c.case_id)
    .where(
        deadlines.c.paused_on.is_not(None),
        cases.c.bureau.concat(literal_column("''")) == bindparam("bureau"),
        cases.c.section == func.coalesce(bindparam("section"), cases.c.section),
    )
    .order_by(deadlines.c.paused_on, cases.c.id)
    .limit(bindparam("limit"))
    .offset(NO)
)

# How many of each section stand still although a clock of theirs has run out?  ix_deadlines_paused
PAUSED_TOO_LONG = (
    select(cases.c.section, func.count().label("count"))
    .join_from(deadlines, cases, cases.c.id == deadlines.c.case_id)
    .where(
        deadlines.c.paused_on.is_not(None),
        cases.c.bureau.concat(literal_column("''")) == bindparam("bureau"),
        cases.c.section == func.coalesce(bindparam("section"), cases.c.section),
        cases.c.due_at <= bindparam("now"),
    )
    .group_by(ONE)
)

# Which steps of a case's clocks have fired?  Primary key
FIRED_STEPS = (
    select(steps.c.rule, steps.c.armed_seq, steps.c.step, steps.c.scheduled_at, steps.c.fired_at)
    .where(steps.c.case_id == bindparam("case_id"))
    .order_by(steps.c.fired_at)
)

# Which clocks run on a case?  Primary key
RUNNING_CLOCKS = (
    select(deadlines.c.rule, deadlines.c.armed_seq, deadlines.c.due_at)
    .where(
        deadlines.c.case_id == bindparam("case_id"), deadlines.c.closed_at.is_(None), deadlines.c.paused_on.is_(None)
    )
    .order_by(deadlines.c.due_at)
)

# Who was last told that a case is overdue?  ix_notices_case
LAST_ESCALATED = (
    select(notices.c.person, people.c.name, notices.c.role, notices.c.created_at)
    .join_from(notices, people, people.c.id == notices.c.person, isouter=True)
    .where(notices.c.case_id == bindparam("case_id"), notices.c.occasion == literal_column("'escalate'"))
    .order_by(notices.c.id.desc())
    .limit(literal_column("50"))
    .offset(NO)
)

# Trust (storage/verify.py, storage/doctor.py): everything once, in the order of the cases

EVERY_CASE = (
    select(cases, troubles.c.retry_at)
    .join_from(cases, troubles, troubles.c.case_id == cases.c.id, isouter=True)
    .order_by(cases.c.id)
)
EVERY_EVENT = select(events).order_by(events.c.case_id, events.c.seq)
EVERY_DEADLINE = select(deadlines).order_by(deadlines.c.case_id, deadlines.c.rule, deadlines.c.armed_seq)
EVERY_STEP = select(steps).order_by(steps.c.case_id, steps.c.rule, steps.c.armed_seq)
EVERY_COUNTER = select(counters)
EVERY_DEFINITION = select(definitions)
LOST_NOTICES = select(notices.c.case_id).where(notices.c.case_id.not_in(select(cases.c.id))).distinct()

# How many running clocks are counted with a year that nobody has announced?
PROVISIONAL = select(func.count().label("count")).where(deadlines.c.provisional == ONE, deadlines.c.closed_at.is_(None))

# Which cases has the sweep set aside?
TROUBLES = (
    select(troubles, cases.c.number)
    .join_from(troubles, cases, cases.c.id == troubles.c.case_id)
    .order_by(troubles.c.since)
)

# How many cases have been due since before then?  ix_cases_next
OVERSLEPT = select(func.count().label("count")).where(cases.c.next_at < bindparam("before"))

# Which notices reached nobody?
UNHEARD = (
    select(notices.c.role, func.count().label("count"))
    .where(notices.c.person.is_(None), notices.c.read_at.is_(None))
    .group_by(notices.c.role)
)

# For whom do open cases wait?  ix_cases_waiting
WAITING_ROLES = (
    select(cases.c.waits_for, cases.c.section, func.count().label("count"))
    .where(cases.c.bureau == bindparam("bureau"), cases.c.closed_at.is_(None), cases.c.waits_for.is_not(None))
    .group_by(cases.c.waits_for, cases.c.section)
)

# When did anything last happen?
LAST_CHANGE = select(func.max(cases.c.changed_at).label("at"))

# The sweep (storage/sweep.py)

# Which cases have something due, the longest waiting first?  ix_cases_next
DUE = (
    select(cases)
    .where(cases.c.next_at <= bindparam("now"))
    .order_by(cases.c.next_at)
    .limit(bindparam("limit"))
    .offset(NO)
)

# How far is this case by now?  Primary key
SEQ = select(cases.c.seq).where(cases.c.id == bindparam("id"))

# Which cases are set aside?
TROUBLED = select(troubles.c.case_id, troubles.c.since, troubles.c.times, troubles.c.retry_at)
PUT_TROUBLE = _upsert(troubles)
END_TROUBLE = delete(troubles).where(troubles.c.case_id == bindparam("case_id"))

# A person has moved the case on: it is no longer what was set aside.
END_OLD_TROUBLES = delete(troubles).where(
    troubles.c.case_id.not_in(
        select(cases.c.id).where(cases.c.id == troubles.c.case_id, cases.c.next_at <= troubles.c.retry_at)
    )
)

# The moment at which the sweep looks again, where nothing else changes.
PUT_OFF = (
    update(cases)
    .where(
        cases.c.id == bindparam("id"),
        cases.c.seq == bindparam("seq"),
        cases.c.next_at == bindparam("was"),
    )
    .values(next_at=bindparam("next_at"))
)


def compiled() -> str:
    """The text of `statements.py`."""
    return "\n".join((_HEAD, *(f'{name} = """\\\n{text}\n"""\n' for name, text in _texts())))


def _texts() -> Iterator[tuple[str, str]]:
    for name, construct in globals().items():
        if name[0].isupper() and name.isupper() and name not in ("ONE", "NO") and isinstance(construct, ClauseElement):
            text = " ".join(str(construct.compile(dialect=sqlite.dialect(paramstyle="named"))).split())
            text = text.replace(" OFFSET :param_1", "")  # SQLite's dialect writes an offset of nothing
            yield name, fill(text, 116, break_long_words=False, break_on_hyphens=False)


_HEAD = '''"""The store's questions as text for SQLite. Generated from questions.py by `make generate`; not edited by hand."""
'''

if __name__ == "__main__":
    Path(__file__).with_name("statements.py").write_text(compiled(), encoding="utf-8")
