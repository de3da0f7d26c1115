"""The questions about people, worklists, lists and the board, each with what it answers and what serves it.

`questions.py` holds those of a step, of trust and of the sweep, and compiles both.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, bindparam, case, exists, func, literal_column, null, or_, select, update

from storage.asking import (
    NO,
    ONE,
    absences,
    appointments,
    bureaus,
    cases,
    deadlines,
    notices,
    people,
    post_changes,
    readings,
    row_of,
    seats,
    sections,
    steps,
    upsert,
)

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

# Who holds this role in this section on that day, for whom, and until when is who of them away? Those present first.  ix_appointments_role
HOLDERS = (
    select(appointments.c.person, appointments.c.on_behalf_of, people.c.name, absences.c.until_on.label("away_until"))
    .join_from(appointments, people, people.c.id == appointments.c.person)
    .outerjoin(
        absences,
        and_(
            absences.c.person == appointments.c.person,
            absences.c.from_on <= bindparam("on"),
            absences.c.until_on >= bindparam("on"),
        ),
    )
    .where(
        appointments.c.bureau == bindparam("bureau"),
        appointments.c.role == bindparam("role"),
        or_(appointments.c.section.is_(None), appointments.c.section == bindparam("section")),
        appointments.c.from_on <= bindparam("on"),
        or_(appointments.c.until_on.is_(None), appointments.c.until_on >= bindparam("on")),
    )
    .order_by(absences.c.until_on.is_not(None), appointments.c.id)
)

# Who is or was away, and when?
ALL_ABSENCES = (
    select(absences.c.person, absences.c.from_on, absences.c.until_on, absences.c.recorded_by)
    .join_from(absences, people, people.c.id == absences.c.person)
    .where(people.c.bureau == bindparam("bureau"))
    .order_by(absences.c.from_on)
)
PUT_ABSENCE = upsert(absences)

# Where did everyone go, and from which day?
ALL_SEATS = (
    select(seats.c.person, seats.c.from_on, seats.c.section)
    .join_from(seats, people, people.c.id == seats.c.person)
    .where(people.c.bureau == bindparam("bureau"))
    .order_by(seats.c.from_on)
)

# Which sections are there, and which were closed?
ALL_SECTIONS = (
    select(sections.c.id, sections.c.until_on, sections.c.successor)
    .where(sections.c.bureau == bindparam("bureau"))
    .order_by(sections.c.id)
)

ADD_SECTION = row_of(sections, "until_on", "successor")
PUT_SEAT = upsert(seats)

# A section is closed after this day, and its cases go to another.
CLOSE_SECTION = (
    update(sections)
    .where(sections.c.id == bindparam("id"))
    .values(until_on=bindparam("until_on"), successor=bindparam("successor"))
)
ADD_PERSON = row_of(people, "left_on")
ADD_POST = row_of(appointments, "id")

# Who gave which post, or ended it, in the order in which it was done?  A few rows a year.
ADD_POST_CHANGE = row_of(post_changes, "no")
POST_CHANGES = select(post_changes).where(post_changes.c.bureau == bindparam("bureau")).order_by(post_changes.c.no)

# Whose database is this?  The bureau of the first of them comes first; there is no other unless somebody put one in.
_OF_RECORD = select(post_changes.c.bureau).order_by(post_changes.c.no).limit(ONE).scalar_subquery()
BUREAU = select(bureaus).order_by(bureaus.c.id != _OF_RECORD, bureaus.c.id)
NAME_BUREAU = update(bureaus).where(bureaus.c.id == bindparam("bureau")).values(name=bindparam("called"))

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

# What one exercises for another of one role in one section ends after this day.
END_DELEGATION = (
    update(appointments)
    .where(
        appointments.c.role == bindparam("role"),
        appointments.c.section.is_not_distinct_from(bindparam("section")),
        appointments.c.person == bindparam("person"),
        appointments.c.on_behalf_of == bindparam("principal"),
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

# What waits for this role in this section, soonest first?  ix_cases_open
WAITING = (
    select(*_LISTED)
    .where(*_WAITING, cases.c.due_at.is_not(None))
    .order_by(cases.c.due_at, cases.c.id)
    .limit(bindparam("limit"))
    .offset(NO)
)

# And what waits without a clock?  ix_cases_open
WAITING_UNTIMED = (
    select(*_LISTED)
    .where(*_WAITING, cases.c.due_at.is_(None))
    .order_by(cases.c.id)
    .limit(bindparam("limit"))
    .offset(NO)
)

# What has this person been told and not read, of this section's cases (every section's where none is named)? Also what is told to the
# administrator as such, who sees no case, and of cases that were circulated to the person, wherever they are.  ix_notices_inbox
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
    .where(
        notices.c.person == bindparam("person"),
        notices.c.read_at.is_(None),
        or_(
            cases.c.section == func.coalesce(bindparam("section"), cases.c.section),
            notices.c.role == literal_column("'admin'"),
            exists().where(readings.c.person == notices.c.person, readings.c.case_id == notices.c.case_id),
        ),
    )
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
