"""The one door (窗口): people, the web, the importer and the ticker all speak to a Desk, and nothing else writes a case.

A method opens one transaction, asks the room that knows, and hands out frozen values. Only the errors of
`workflow.errors` cross this door. Each thread has a connection of its own.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from types import TracebackType
from typing import TYPE_CHECKING, Self
from weakref import WeakSet

from settings import Keeping
from storage import authority, inbox, posts, together, versions
from storage import people as register
from storage import worklist as lists
from storage.connection import Connection, instant_from
from storage.contact import Contacts
from storage.days_off import DaysOff
from storage.engines import engine_at
from storage.entries import SANDBOX, nature
from storage.moments import new_id, wall_clock
from storage.people import Person
from storage.post_changes import on_record
from storage.rows import deadline_from
from storage.setup import check_revision
from storage.statements import ALL_DEADLINES, BUREAU, NEXT_DUE
from storage.store import Store, Taken
from storage.trust import Trust
from storage.views import CaseView, DeadlineView, Done, revealed
from workflow.case import (
    EDIT,
    MIGRATE,
    START,
    Actor,
    Appointment,
    Case,
    Command,
    Data,
    Event,
    Option,
    RoleName,
    TransitionName,
    Unmet,
    business_date,
)
from workflow.errors import GongkaiError, StorageFault
from workflow.explain import editable
from workflow.model import Definition, Role
from workflow.text import Text
from workflow.workdays import Calendar

if TYPE_CHECKING:
    from storage.lateness import Answers
    from storage.migrate import Migrations
    from storage.planning import Plan
    from storage.staffing import Staffing
    from storage.sweep import Fired
    from storage.worklist import BoardFacts, CaseRowView, Worklist


class Desk(Trust, DaysOff, Contacts):
    """The door to one database, for one bureau; a context manager."""

    def __init__(
        self,
        url: str,
        clock: Callable[[], datetime] | None,
        calendar: Calendar | None,
        ids: Callable[[], str] | None,
        keeping: Keeping | None,
    ) -> None:
        self.url, self.keeping = url, keeping or Keeping()
        self._clock = clock or wall_clock
        self._ids = ids or new_id
        self._engine = engine_at(url)
        self._here = threading.local()
        self._opened: WeakSet[Connection] = WeakSet()  # a thread that ends lets go of its own
        self._closed = False
        self._lock = threading.Lock()
        check_revision(db := self._connect())
        with db.as_it_is():  # who looks into what was altered comes in, whatever it is
            row, made_as = db.one(BUREAU), nature(db)
        if row is None:
            raise StorageFault(reason=_EMPTY, way_out=_INIT)
        self.bureau = str(row["id"])
        self.is_sandbox = made_as == SANDBOX
        self._given_calendar = calendar

    @classmethod
    def open(
        cls,
        url: str,
        clock: Callable[[], datetime] | None = None,
        calendar: Calendar | None = None,
        ids: Callable[[], str] | None = None,
        keeping: Keeping | None = None,
    ) -> Desk:
        """The desk of this database; clock, calendar, ids and where attachments lie are the usual ones unless they are given.

        Raises StorageFault when it is missing or of another version, Invalid for an address that cannot be.
        """
        return cls(url, clock, calendar, ids, keeping)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of every connection; a closed desk answers nobody."""
        with self._lock:
            self._closed = True
            for db in tuple(self._opened):
                db.close()
            self._opened.clear()
            self._engine.close()
            self._here = threading.local()

    def now(self) -> datetime:
        """The present instant by the desk's clock, in UTC whatever zone the clock speaks."""
        return self._clock().astimezone(UTC)

    # Steps.

    def start(
        self,
        actor: Actor,
        kind: str,
        *,
        title: str,
        section: str | None = None,
        data: Data | None = None,
        request_id: str | None = None,
        dry_run: bool = False,
    ) -> Done:
        """Begin a case; the section is the actor's own unless it is named."""
        command = Command(START, {**(data or {}), "title": title}, request_id=request_id)
        now = self.now()
        definition = self.definition(kind)
        place = register.section_meant(
            self._db, actor, section, definition.states[definition.initial].edit, business_date(now),
            own=not definition.waits_in_sections,
        )  # fmt: skip
        return self._done(self._store.start(actor, kind, place, command, now, dry_run=dry_run))

    def fire(
        self,
        actor: Actor,
        case_id: str,
        transition: str,
        *,
        data: Data | None = None,
        comment: str | None = None,
        expected_version: int | None = None,
        request_id: str | None = None,
        dry_run: bool = False,
    ) -> Done:
        """Take one step of a case (by id or number); returns after the durable commit."""
        command = Command(TransitionName(transition), data or {}, comment, expected_version, request_id)
        return self._done(self._store.fire(actor, case_id, command, self.now(), dry_run=dry_run))

    def edit(
        self,
        actor: Actor,
        case_id: str,
        *,
        data: Data,
        comment: str | None = None,
        expected_version: int | None = None,
        request_id: str | None = None,
        dry_run: bool = False,
    ) -> Done:
        """Change fields that the state lets the actor change; with a comment, where a clock of the law counts from one."""
        command = Command(EDIT, data, comment, expected_version, request_id)
        return self._done(self._store.fire(actor, case_id, command, self.now(), dry_run=dry_run))

    def fire_many(self, actor: Actor, commands: Iterable[tuple[str, Command]]) -> tuple[Done | GongkaiError, ...]:
        """Many steps in grouped commits; an outcome for each, in order."""
        taken = self._store.fire_many(actor, commands, self.now)
        return tuple(self._done(each) if isinstance(each, Taken) else each for each in taken)

    def take_in(
        self,
        actor: Actor,
        kind: str,
        commands: Iterable[Command],
        *,
        section: str | None = None,
        all_or_nothing: bool = False,
        dry_run: bool = False,
    ) -> tuple[Done | GongkaiError, ...]:
        """Past records of a kind; an outcome for each, in order. A request id that was used before changes nothing."""
        now = self.now()
        place = register.section_meant(self._db, actor, section, (), business_date(now))
        taken = self._store.take_in(actor, kind, place, commands, now, all_or_nothing=all_or_nothing, dry_run=dry_run)
        return tuple(self._done(each) if isinstance(each, Taken) else each for each in taken)

    def sweep(self, limit: int = 1000) -> tuple[Fired, ...]:
        """Take what is due, exactly once each, late rather than never; says what fired."""
        from storage.sweep import sweep

        return sweep(self._store, self.now, limit)

    # Questions.

    def options(self, actor: Actor, case_id: str) -> tuple[Option, ...]:
        """Every transition of the case's state, then every everyday act: allowed, or every reason why not, and who can help."""
        return self._store.options(actor, case_id, self.now())

    def named(self, actor: Actor, case_id: str, unmet: Iterable[Unmet]) -> tuple[Unmet, ...]:
        """These requirements with the names of those who can help today."""
        now = self.now()
        return self._store.with_people(self._store.visible(actor, case_id, now), unmet, business_date(now))

    def editable(self, actor: Actor, case_id: str) -> tuple[str, ...]:
        """The fields of the case that the actor may write as it stands."""
        now = self.now()
        case = self._store.visible(actor, case_id, now, to_act=True)
        return editable(self.definition_of(case.definition), case, actor, now)

    def plan(self, actor: Actor, case_id: str, to: str) -> Plan:
        """The best way from the case to a state: who must do what; or why there is none. Raises Invalid for no such state."""
        from storage.planning import plan

        now = self.now()
        return plan(self._store, self._store.visible(actor, case_id, now, to_act=True), to, now)

    def case(self, actor: Actor, case_id: str, *, reveal: bool = False) -> CaseView:
        """One case, by id or number. Raises NotFound, also when it is not the actor's to see.

        Personal data are shown behind a mask; `reveal` shows what the actor's posts may see whole. Raises Denied for none.
        """
        now = self.now()
        view, seen = self._view(self._store.visible(actor, case_id, now)), lists.sight(actor, business_date(now))
        view = replace(view, linked_by=self._store.linked.by(view.case.id, seen), seen=seen)
        return revealed(view, actor, now, self._store.with_people) if reveal else view

    def clocks(self, actor: Actor, case_id: str) -> tuple[DeadlineView, ...]:
        """Every clock that the case ever had, those that ended included, in the order in which they began."""
        now = self.now()
        with self._db.reading():
            case = self._store.visible(actor, case_id, now)
            found = [deadline_from(row) for row in self._db.all(ALL_DEADLINES, case_id=case.id)]
            events = self._store.events(case.id) if MIGRATE in case.trail else ()
        rules = versions.rules_of(self._db, case, found, events)
        return tuple(DeadlineView(each, rule, self.calendar_at(now), case.data, now) for each, rule in rules)

    def history(self, actor: Actor, case_id: str) -> tuple[Event, ...]:
        """The record of a case, in order."""
        return tuple(self._store.events(self._store.visible(actor, case_id, self.now()).id))

    def worklist(self, actor: Actor) -> Worklist:
        """What waits for the actor, soonest first, and what they were told."""
        return lists.worklist(self._db, actor, self.now())

    def list_cases(
        self,
        actor: Actor,
        *,
        kind: str | None = None,
        state: str | None = None,
        section: str | None = None,
        overdue: bool = False,
        q: str | None = None,
        limit: int = lists.USUAL_LIST,
        after: str | None = None,
    ) -> tuple[tuple[CaseRowView, ...], str | None]:
        """Cases that the actor may see, and where the list goes on."""
        filters = lists.Filters(kind, state, section, overdue, q)
        return lists.list_cases(self._db, actor, self.now(), filters, limit, after)

    def overdue(self, actor: Actor) -> tuple[CaseRowView, ...]:
        """What is late, the latest first to be late before the others."""
        return self.list_cases(actor, overdue=True, limit=lists.LONGEST_LIST)[0]

    def mark_read(self, actor: Actor, notices: Iterable[int]) -> None:
        """These notices are read."""
        with self._db.writing():
            inbox.mark_read(self._db, actor, notices, self.now())

    def board_facts(self, actor: Actor) -> BoardFacts:
        """What the supervisor's board is made of."""
        return lists.board_facts(self._db, actor, self.now(), self.calendar, self.definition_of)

    def answers(self, actor: Actor) -> Answers:
        """What was signed for and explained in the last days, and what is still to be explained, as far as the actor sees."""
        from storage.lateness import answers

        return answers(self._store, lists.sight(actor, business_date(self.now())), self.now())

    def next_due_at(self) -> datetime | None:
        """When the next step anywhere is due."""
        row = self._db.one(NEXT_DUE)
        return instant_from(row["next_at"]) if row and row["next_at"] else None

    # People.

    def actor(self, person: str, via: str = "cli") -> Actor:
        """The person of this id or name, as one who acts."""
        return register.actor(self._db, self.bureau, person, business_date(self.now()), via)

    def person_of_login(self, login: str) -> str | None:
        """The person whom the system knows by this login."""
        return register.person_of_login(self._db, self.bureau, login, business_date(self.now()))

    def people(self, actor: Actor) -> tuple[Person, ...]:
        """Everyone in the register."""
        return register.people(self._db, self.bureau)

    def sections(self) -> tuple[str, ...]:
        """The sections of the bureau."""
        return register.sections(self._db, self.bureau)

    def add_section(self, actor: Actor, name: str) -> str:
        """A new section; the administrator's act."""
        with self._register(actor) as today:
            return register.add_section(self._db, actor, name, today)

    def add_person(
        self, actor: Actor, person: str, name: str, *, section: str | None = None, login: str | None = None
    ) -> Person:
        """A new person in the register; the administrator's act."""
        with self._register(actor) as today:
            return register.add_person(self._db, actor, person, name, today, section=section, login=login)

    def appoint(
        self,
        actor: Actor,
        person: str,
        role: str,
        *,
        section: str | None = None,
        from_on: date | None = None,
        until_on: date | None = None,
        acting: bool = False,
    ) -> Appointment:
        """A dated post; the administrator's act."""
        with self._register(actor) as today:
            return posts.appoint(
                self._db, actor, person, role, self.roles(), today,
                section=section, from_on=from_on, until_on=until_on, acting=acting,
            )  # fmt: skip

    def delegate(
        self,
        actor: Actor,
        person: str,
        to: str,
        *,
        role: str | None = None,
        from_on: date | None = None,
        until_on: date | None = None,
    ) -> tuple[Appointment, ...]:
        """Posts exercised by another for a time (代办); one's own, or the administrator's act."""
        with self._register(actor) as today:
            return posts.delegate(
                self._db, actor, person, to, self.roles(), today, role=role, from_on=from_on, until_on=until_on
            )

    def end_post(
        self, actor: Actor, person: str, role: str, *, section: str | None = None, last_on: date | None = None
    ) -> posts.Ended:
        """The person's posts of this role end with that day, delegations of them included; once more changes nothing."""
        with self._register(actor) as today:
            return posts.end_post(self._db, actor, person, role, self.roles(), today, section=section, last_on=last_on)

    def leave(self, actor: Actor, person: str, *, on: date | None = None) -> Person:
        """The person leaves: posts and login end; the administrator's act."""
        with self._register(actor) as today:
            return posts.leave(self._db, actor, person, today, on=on)

    @property
    def staffing(self) -> Staffing:
        """People and sections that go elsewhere, and what is then in nobody's hands."""
        from storage.staffing import Staffing

        return Staffing(self._store, self.bureau, self.now, self.roles)

    # Definitions and calendar.

    def definition(self, kind: str) -> Definition:
        """The version of a kind of case that is in force today."""
        return versions.current(self._db, kind, business_date(self.now()))

    def definition_of(self, digest: str) -> Definition:
        """The definition that a case is pinned to."""
        return versions.load(self._db, digest)

    def definitions(self) -> tuple[versions.Installed, ...]:
        """Every version of every kind that this database knows."""
        return versions.installed(self._db)

    def install_definitions(
        self, actor: Actor, files: Sequence[tuple[str, str]], *, revert: bool = False
    ) -> tuple[Definition, ...]:
        """Accept and prove each (text, file); new cases begin under them. All of them or none; the administrator's act.

        What would bring back a number of the law before the one adopted is refused, unless that is what is meant.
        """
        from storage.adopted import reverting

        while True:
            # Judging takes seconds in which others write; where they installed something meanwhile, it is judged beside that, too.
            there = versions.installed(self._db)
            accepted = together.accept_together(self._db, files, business_date(self.now()))
            fault = None if revert else reverting(self._db, accepted)
            with self._register(actor) as today:
                authority.only_admin(self._db, actor, today, authority.INSTALL)
                if versions.installed(self._db) != there:
                    continue
                if fault:
                    raise fault
                for each in accepted:
                    versions.install(self._db, each, self.now(), actor.id)
            return tuple(self.definition_of(each.digest) for each in accepted)

    def install_definition(self, actor: Actor, text: str, file: str) -> Definition:
        """The same for one file."""
        return self.install_definitions(actor, [(text, file)])[0]

    @property
    def migrations(self) -> Migrations:
        """Versions beside each other, and running cases moved between them."""
        from storage.migrate import Migrations

        return Migrations(self._store, self.bureau, self.now)

    def roles(self) -> Mapping[RoleName, Role]:
        """The roles that any definition here knows."""
        return {n: role for each in self.definitions() for n, role in self.definition_of(each.digest).roles.items()}

    @property
    def calendar(self) -> Calendar:
        """The working-day calendar that this desk counts by today."""
        self._store.refresh()
        return self.calendar_at(self.now())

    def calendar_at(self, at: datetime) -> Calendar:
        """The calendar as it was known at an instant."""
        return self._store.calendar_at(at)

    # Inside.

    @property
    def _store(self) -> Store:
        store: Store | None = getattr(self._here, "store", None)
        if store is None:
            db: Connection | None = getattr(self._here, "db", None)
            store = self._here.store = Store(db or self._connect(), self._ids, self._given_calendar)
        return store

    @property
    def _db(self) -> Connection:
        return self._store.db

    def _connect(self) -> Connection:
        db = self._here.db = self._engine.connect()
        with self._lock:
            if self._closed:
                db.close()
                raise StorageFault(reason=_CLOSED, way_out=_OPEN_AGAIN)
            self._opened.add(db)
        return db

    @contextmanager
    def _register(self, by: Actor) -> Iterator[date]:
        """One change of the register of people, on today's date; what it does to posts is on record."""
        with self._db.writing(), on_record(self._db, by, self.now()):
            yield business_date(self.now())

    def _view(self, case: Case) -> CaseView:
        law, calendar_now = self.definition_of(case.definition), lambda: self.calendar_at(self.now())
        return CaseView(case, law, calendar_now, self._hands, clock=self.now)

    def _done(self, taken: Taken) -> Done:
        view, woken = self._view(taken.case), tuple(self._view(each) for each in taken.woken)
        return Done(view, taken.event, taken.warnings, taken.repeated, self._with_people, woken)

    def _with_people(self, case: Case, unmet: tuple[Unmet, ...], on: date) -> tuple[Unmet, ...]:
        return self._store.with_people(case, unmet, on)

    def _hands(self, case: Case) -> tuple[str, ...]:
        if case.waits_for is None:
            return ()
        on = business_date(self.now())
        return tuple(authority.holders(self._db, case.bureau, case.waits_for, case.section, on).values())


_EMPTY = Text("数据库中没有机关", "the database holds no bureau")
_CLOSED, _OPEN_AGAIN = Text("窗口已关闭", "the desk is closed"), Text("请重新打开后再办", "open it anew")
_INIT = Text("请先运行 gongkai init", "run gongkai init first")
