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
    Select,
    and_,
    bindparam,
    delete,
    exists,
    func,
    literal_column,
    not_,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.sql.expression import ClauseElement

from storage import attached, due, entered, lists, outgoing, same_people
from storage.asking import (
    EVENT_ROW,
    NO,
    NOTHING,
    ONE,
    bureaus,
    calendar_days,
    calendar_years,
    cases,
    counters,
    deadlines,
    definitions,
    events,
    likenesses,
    links,
    meta,
    notices,
    readings,
    row_of,
    seals,
    steps,
    troubles,
    upsert,
)
from storage.attached import attachments
from storage.tables import COUNTED_ACTS

# What is this database?  Primary keys.
META = select(meta.c.value).where(meta.c.key == bindparam("key"))
SET_META = upsert(meta)
ADD_BUREAU = row_of(bureaus)

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
ADD_LIKENESS = row_of(likenesses)
FORGET_LIKENESSES = delete(likenesses).where(likenesses.c.case_id == bindparam("case_id"))

# Which cases does this one name, and in which field?  Primary key of links
LINKED = (
    select(links.c.field, cases)
    .join_from(links, cases, cases.c.id == links.c.other_id)
    .where(links.c.case_id == bindparam("case_id"))
    .order_by(links.c.field, cases.c.number)
)
# Which cases name this one?  ix_links_other
LINKERS = (
    select(links.c.field, cases)
    .join_from(links, cases, cases.c.id == links.c.case_id)
    .where(links.c.other_id == bindparam("other_id"))
    .order_by(cases.c.number, links.c.field)
)
# Which of them may wait for it?  ix_links_other
WAITING_LINKERS = (
    select(links.c.case_id)
    .join_from(links, cases, cases.c.id == links.c.case_id)
    .where(links.c.other_id == bindparam("other_id"), cases.c.closed_at.is_(None))
    .distinct()
)
ADD_LINK = row_of(links)
FORGET_LINKS = delete(links).where(links.c.case_id == bindparam("case_id"), links.c.field == bindparam("field"))

# The story of one case; who acted last; what became of this request (uq_events_request).
EVENTS = select(events).where(events.c.case_id == bindparam("case_id")).order_by(events.c.seq)
LAST_EVENT = (
    select(events.c.actor, events.c.actor_name)
    .where(events.c.case_id == bindparam("case_id"))
    .order_by(events.c.seq.desc())
    .limit(ONE)
)
# Which acts of one sort were done since then?  ix_events_acts
ACTS_SINCE = (
    select(events.c.case_id, events.c.at, events.c.data)
    .where(
        events.c.bureau == bindparam("bureau"),
        literal_column(COUNTED_ACTS),
        events.c.transition == bindparam("act"),
        events.c.at >= bindparam("since"),
    )
    .order_by(events.c.at)
)
# Which clocks of ended cases were late, with nobody having said why since?  ix_deadlines_late and primary keys, and the bureau
# in an expression so that no index of cases is begun with. What was taken in as it had ended is a past record, and owes nothing.
_ANSWERED: Select[tuple[int]] = (
    select(literal_column("1"))
    .select_from(events)
    .where(
        events.c.case_id == deadlines.c.case_id,
        or_(
            and_(events.c.transition == literal_column("'explain_lateness'"), events.c.at >= deadlines.c.due_at),
            and_(events.c.transition == literal_column("'import'"), events.c.at == cases.c.closed_at),
        ),
    )
)
LATE_AND_ENDED = (
    select(*deadlines.c, cases.c.number, cases.c.title, cases.c.section, cases.c.definition.label("digest"))
    .join_from(deadlines, cases, cases.c.id == deadlines.c.case_id)
    .where(
        deadlines.c.outcome == literal_column("'late'"),
        cases.c.bureau.concat(literal_column("''")) == bindparam("bureau"),
        cases.c.closed_at.is_not(None),
        not_(exists(_ANSWERED)),
    )
    .order_by(deadlines.c.due_at)
)
# Was this case circulated to this person, and what has somebody to read?  Primary key; ix_readings_open
READING = select(readings.c.read_seq).where(
    readings.c.person == bindparam("person"), readings.c.case_id == bindparam("case_id")
)
TO_READ = (
    select(
        cases.c.id,
        cases.c.number,
        cases.c.title,
        events.c.at,
        events.c.actor_name,
        events.c.comment,
        events.c.form,
        events.c.openings,
    )
    .join_from(readings, cases, cases.c.id == readings.c.case_id)
    .join(events, and_(events.c.case_id == readings.c.case_id, events.c.seq == readings.c.asked_seq))
    .where(readings.c.person == bindparam("person"), readings.c.read_seq.is_(None))
    .order_by(events.c.at)
    .limit(bindparam("limit"))
    .offset(NO)
)
PUT_READING = upsert(readings)
HAVE_READ = (
    update(readings)
    .where(readings.c.person == bindparam("person"), readings.c.case_id == bindparam("case_id"))
    .values(read_seq=bindparam("read_seq"))
)
EVENT_OF_REQUEST = select(events).where(
    events.c.bureau == bindparam("bureau"), events.c.request_id == bindparam("request_id")
)

# Of an event nothing changes but that openings go.
SHUT = (
    update(events)
    .where(events.c.case_id == bindparam("case_id"), events.c.seq == bindparam("seq"))
    .values(openings=bindparam("openings"))
)

# The writes of one step.
ADD_CASE = row_of(cases)
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
# Another section has the case.
RELOCATE_CASE = MOVE_CASE.values(section=bindparam("section"))
# A migration takes the case to another definition.
SWITCH_CASE = MOVE_CASE.values(definition=bindparam("definition"))
ADD_EVENT = row_of(events)
ADD_DEADLINE = row_of(deadlines)
MOVE_DEADLINE = (
    update(deadlines)
    .where(
        deadlines.c.case_id == bindparam("case_id"),
        deadlines.c.rule == bindparam("rule"),
        deadlines.c.armed_seq == bindparam("armed_seq"),
    )
    .values({
        each.name: bindparam(each.name)
        for each in deadlines.columns
        if not each.primary_key and each.name not in ("pauses", "paused_on")
    })
)  # fmt: skip
# Apart: to name `paused_on` is to look after its index, and most clocks never stand still.
PAUSE_DEADLINE = MOVE_DEADLINE.values(pauses=bindparam("pauses"), paused_on=bindparam("paused_on"))
ADD_STEP = row_of(steps)
ADD_NOTICE = row_of(notices, "id", "read_at")

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
ADD_DEFINITION = row_of(definitions)
CALENDAR_DAYS = select(calendar_days).order_by(calendar_days.c.known_at, calendar_days.c.on_day)
CALENDAR_YEARS = select(calendar_years).order_by(calendar_years.c.known_at, calendar_years.c.year)
PUT_CALENDAR_DAY = upsert(calendar_days)
PUT_CALENDAR_YEAR = upsert(calendar_years)

# When is anything due next, anywhere?  Index ix_cases_next.
NEXT_DUE = select(func.min(cases.c.next_at).label("next_at")).where(cases.c.next_at.is_not(None))

# Every open case with a clock, for counting dates anew.
OPEN_CASES = select(cases.c.id).where(cases.c.closed_at.is_(None)).order_by(cases.c.id)

# Which running cases of a kind stand under this definition, and how many in each state?  ix_cases_running
MIGRATING = (
    select(cases.c.id, cases.c.state)
    .where(
        cases.c.bureau == bindparam("bureau"),
        cases.c.kind == bindparam("kind"),
        cases.c.definition == bindparam("definition"),
        cases.c.closed_at.is_(None),
        cases.c.id > bindparam("after"),
    )
    .order_by(cases.c.id)
    .limit(bindparam("limit"))
    .offset(NO)
)
# What has become of the cases of a kind?  ix_cases_running, ix_cases_ended
_OF_KIND = select(cases.c.state, cases.c.data).where(
    cases.c.bureau == bindparam("bureau"), cases.c.kind == bindparam("kind")
)
RUNNING_OF_KIND = _OF_KIND.where(cases.c.closed_at.is_(None))
ENDED_OF_KIND = _OF_KIND.where(cases.c.closed_at.is_not(None))
STANDING = (
    select(
        cases.c.kind,
        cases.c.definition,
        cases.c.state,
        func.count().label("count"),
        func.min(cases.c.number).label("first"),
    )
    .where(cases.c.bureau == bindparam("bureau"), cases.c.closed_at.is_(None))
    .group_by(cases.c.kind, cases.c.definition, cases.c.state)
)


# Trust (storage/verify/, storage/doctor.py).  A stretch of cases in the order of their ids, with everything that is stored of
# each: primary keys
def _in_a_stretch(column: Any) -> tuple[Any, Any]:
    return column >= bindparam("first"), column < bindparam("end")


CASES_IN = (
    select(cases, troubles.c.retry_at)
    .join_from(cases, troubles, troubles.c.case_id == cases.c.id, isouter=True)
    .where(*_in_a_stretch(cases.c.id))
    .order_by(cases.c.id)
)
EVENTS_IN = select(events).where(*_in_a_stretch(events.c.case_id)).order_by(events.c.case_id, events.c.seq)
DEADLINES_IN = (
    select(deadlines)
    .where(*_in_a_stretch(deadlines.c.case_id))
    .order_by(deadlines.c.case_id, deadlines.c.rule, deadlines.c.armed_seq)
)
STEPS_IN = (
    select(steps).where(*_in_a_stretch(steps.c.case_id)).order_by(steps.c.case_id, steps.c.rule, steps.c.armed_seq)
)
LINKS_IN = (
    select(links.c.case_id, links.c.field, cases.c.number)
    .join_from(links, cases, cases.c.id == links.c.other_id)
    .where(*_in_a_stretch(links.c.case_id))
    .order_by(links.c.case_id, links.c.field)
)
READINGS_IN = select(readings).where(*_in_a_stretch(readings.c.case_id)).order_by(readings.c.case_id, readings.c.person)
ATTACHMENTS_IN = (
    select(attachments).where(*_in_a_stretch(attachments.c.case_id)).order_by(attachments.c.case_id, attachments.c.no)
)
# Which of them have an event after that row of the record?  Primary key
MOVED_IN = select(events.c.case_id).where(*_in_a_stretch(events.c.case_id), bindparam("row") < EVENT_ROW).distinct()
# Which cases do events speak of, in the order of their ids, and how many of each?  Primary key
EVENTS_OF_EACH = (
    select(events.c.case_id, func.count().label("count")).group_by(events.c.case_id).order_by(events.c.case_id)
)
# The last case that there is, or that anything is stored of.  Primary keys
LAST_CASES = union_all(
    *(
        select(func.max(column).label("id"))
        for column in (
            cases.c.id,
            *(table.c.case_id for table in (events, deadlines, steps, links, readings, attachments)),
        )
    )
)
# Which row of the record stands in that place, in the order of commits?  The rows of events themselves
ROW_IN_PLACE = (
    select(EVENT_ROW.label("row")).select_from(events).order_by(EVENT_ROW).limit(ONE).offset(bindparam("place"))
)
EVERY_COUNTER = select(counters)
EVERY_DEFINITION = select(definitions)
# Seals (storage/seals.py).  The hashes of all events in the order of their commits, and of some: the rows of events themselves
_HASHES = select(EVENT_ROW.label("row"), events.c.case_id, events.c.seq, events.c.hash)
HASHES_IN_ORDER = _HASHES.order_by(EVENT_ROW)
HASHES_BETWEEN = _HASHES.where(bindparam("after") < EVENT_ROW, bindparam("last") >= EVENT_ROW).order_by(EVENT_ROW)
# Which of them says first that it happened before that moment?
EARLIER_BETWEEN = (
    _HASHES.add_columns(events.c.at)
    .where(bindparam("after") < EVENT_ROW, bindparam("last") >= EVENT_ROW, events.c.at < bindparam("at"))
    .order_by(EVENT_ROW)
    .limit(ONE)
)
# Was anything published after that row?
PUBLISHED_SINCE: Select[tuple[int]] = (
    select(literal_column("1"))
    .select_from(events)
    .where(bindparam("after") < EVENT_ROW, events.c.data.like(literal_column('\'%"published_on":"%\'')))
    .limit(ONE)
)
# When did the first thing after that row happen?  The rows of events themselves
FIRST_SINCE = select(events.c.at).where(bindparam("after") < EVENT_ROW).order_by(EVENT_ROW).limit(ONE)
# What is this case called, of which an event was found?  Primary key
NUMBER = select(cases.c.number).where(cases.c.id == bindparam("id"))
SEALS_FROM = select(seals).where(seals.c.no >= bindparam("no")).order_by(seals.c.no)
LAST_SEAL = select(seals).order_by(seals.c.no.desc()).limit(ONE)
ADD_SEAL = row_of(seals)
LOST_NOTICES = (
    select(notices.c.case_id).where(not_(exists(select(cases.c.id).where(cases.c.id == notices.c.case_id)))).distinct()
)

# How many running clocks are counted with a year that nobody has announced?
PROVISIONAL = select(func.count().label("count")).where(deadlines.c.provisional == ONE, deadlines.c.closed_at.is_(None))

# Which cases has the sweep set aside?
TROUBLES = (
    select(troubles, cases.c.number, cases.c.title, cases.c.section)
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

# For whom do open cases wait?  ix_cases_running
WAITING_ROLES = (
    select(cases.c.waits_for, cases.c.section, func.count().label("count"), func.min(cases.c.number).label("first"))
    .where(cases.c.bureau == bindparam("bureau"), cases.c.closed_at.is_(None), cases.c.waits_for.is_not(None))
    .group_by(cases.c.waits_for, cases.c.section)
)

# In whose hands are the open cases, and who had a part in them: all of them, those of which something was recorded after that
# row of the record, and one?  ix_cases_running; the rows of events themselves, from there on; primary key
_HANDS = select(cases.c.id, cases.c.definition, cases.c.section, cases.c.state, cases.c.waits_for, cases.c.trail).where(
    cases.c.closed_at.is_(None), cases.c.waits_for.is_not(None)
)
HANDS_OF_ALL = _HANDS.where(cases.c.bureau == bindparam("bureau"))
HANDS_SINCE = _HANDS.where(
    cases.c.bureau.concat(NOTHING) == bindparam("bureau"),
    cases.c.id.in_(select(events.c.case_id).where(bindparam("seen") < EVENT_ROW)),
)
HANDS_OF_ONE = _HANDS.where(cases.c.id == bindparam("id"))

# Which row of the record is the last?  The rows of events themselves
LAST_EVENT_ROW = select(func.max(EVENT_ROW).label("last")).select_from(events)

# Has this step of this case fired?  Primary key
IS_TOLD = select(steps.c.fired_at).where(
    steps.c.case_id == bindparam("case_id"),
    steps.c.rule == bindparam("rule"),
    steps.c.armed_seq == bindparam("armed_seq"),
    steps.c.step == bindparam("step"),
)

# Which cases are open in a section that was closed, and how many?  ix_cases_running
_OPEN_THERE = (
    cases.c.bureau == bindparam("bureau"),
    cases.c.section == bindparam("section"),
    cases.c.closed_at.is_(None),
)
OPEN_IN_SECTION = select(cases.c.id).where(*_OPEN_THERE).limit(bindparam("limit")).offset(NO)
HOW_MANY_OPEN = select(func.count().label("count")).select_from(cases).where(*_OPEN_THERE)

# When did anything last happen?
LAST_CHANGE = select(func.max(cases.c.changed_at).label("at"))

# Of which case is the latest event?  Asked only where a calendar is refused because of it.
LATEST_CHANGED = select(cases.c.number, cases.c.changed_at).order_by(cases.c.changed_at.desc()).limit(ONE)

# When did this person, or somebody for them, last act; when was a case of this section last changed? Asked only where an
# administrator dates an end back: every row is read.
LAST_ACT_OF = select(func.max(events.c.at).label("at")).where(
    or_(events.c.actor == bindparam("person"), events.c.on_behalf_of == bindparam("person"))
)
LAST_CHANGE_IN = select(func.max(cases.c.changed_at).label("at")).where(
    cases.c.bureau == bindparam("bureau"), cases.c.section == bindparam("section")
)


def compiled() -> str:
    """The text of `statements.py`."""
    return "\n".join((_HEAD, *(f'{name} = """\\\n{text}\n"""\n' for name, text in _texts())))


def _texts() -> Iterator[tuple[str, str]]:
    rooms = (lists, outgoing, due, attached, entered, same_people)
    for name, construct in {**globals(), **dict(each for room in rooms for each in vars(room).items())}.items():
        if (
            name[0].isupper()
            and name.isupper()
            and name not in ("ONE", "NO", "NOTHING", "EVENT_ROW")
            and isinstance(construct, ClauseElement)
        ):
            text = " ".join(str(construct.compile(dialect=sqlite.dialect(paramstyle="named"))).split())
            text = text.replace(" OFFSET :param_1", "")  # SQLite's dialect writes an offset of nothing
            yield name, fill(text, 116, break_long_words=False, break_on_hyphens=False)


_HEAD = '''"""The store's questions as text for both engines. Generated from questions.py by `make generate`; not edited by hand."""
'''

if __name__ == "__main__":
    Path(__file__).with_name("statements.py").write_text(compiled(), encoding="utf-8")
