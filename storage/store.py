"""Loads a case and commits one step: case, event, deadlines and notices of a decision in one transaction, or nothing.

Nothing else writes a case. The people who wait for a step, the importer and the sweep all come through `Store`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from os import urandom
from typing import Any

from storage import accounts, alike, readings, versions
from storage.acts import record_for, record_of
from storage.calendars import Editions
from storage.connection import Connection, Row, T, instant_text, judged_anew
from storage.lateness import with_what_is_owed
from storage.linked import MOST_FOLLOWING, Linked, canonical
from storage.naming import as_number
from storage.repeated import conflict, other_request, says_the_same
from storage.rows import (
    case_from,
    case_row,
    deadline_from,
    deadline_row,
    event_from,
    event_row,
    moving,
    whole_case,
)
from storage.statements import (
    ADD_CASE,
    ADD_DEADLINE,
    ADD_EVENT,
    ADD_STEP,
    CASE,
    CASE_BY_NUMBER,
    EVENT_OF_REQUEST,
    EVENTS,
    MOVE_DEADLINE,
    OPEN_DEADLINES,
    PAUSE_DEADLINE,
    RAISE_SERIAL,
    TAKE_SERIAL,
)
from storage.telling import tell
from storage.worklist import may_see, sight
from workflow.case import (
    IMPORT,
    START,
    TAKE_BACK,
    Actor,
    Case,
    Command,
    Decision,
    Event,
    Helper,
    Option,
    Refusal,
    Unmet,
    business_date,
)
from workflow.decide import begin, decide, take_in
from workflow.errors import Conflict, Denied, GongkaiError, Invalid, NotFound, Problem, Quarantined, Refused
from workflow.explain import acts, options
from workflow.history import begun_in, blank, replay
from workflow.intake import barred_from_intake
from workflow.judge import automatic, numbers_of, system_actor
from workflow.ledger import chained, name_of, salted
from workflow.model import Definition
from workflow.numbering import numbered
from workflow.text import Text
from workflow.words import step_label
from workflow.workdays import Calendar

#: Commands of one commit where many come at once: each commit reaches the disk once.
GROUP = 200
LONGEST_REQUEST_ID = 200
LONGEST_REF = 200


@dataclass(frozen=True, slots=True)
class Taken:
    """What one command came to: the case as it then stood, and the event that says so."""

    definition: Definition
    case: Case
    event: Event
    warnings: tuple[Unmet, ...] = ()
    repeated: bool = False
    woken: tuple[Case, ...] = ()  # the case that waited for this one, before and after it went on


@dataclass(frozen=True, slots=True)
class FiredStep:
    """The step of a deadline that an event stands for; its row is what makes it fire once."""

    rule: str
    armed_seq: int
    step: str
    scheduled_at: datetime


class Store:
    """One connection with the calendar and the source of ids; every method is one transaction."""

    def __init__(self, db: Connection, ids: Callable[[], str], calendar: Calendar | None = None) -> None:
        self.db = db
        self._given = calendar
        self._editions = Editions(db)
        self._ids = ids
        self._salt = lambda: urandom(16).hex()  # nobody's to choose: it keeps what was erased from being tried out
        self.linked = Linked(self)

    def calendar_at(self, at: datetime) -> Calendar:
        """The calendar as it was known at an instant; the desk's own, where it was opened with one."""
        return self._given or self._editions(at)

    def refresh(self, *, anew: bool = False) -> None:
        """Take notice of a calendar that any process has imported; whoever reads a case does, a step under its lock."""
        self._editions.refresh(anew=anew)

    # The commands.

    def fire(self, actor: Actor, ref: str, command: Command, now: datetime, *, dry_run: bool = False) -> Taken:
        """Take one step of one case. Raises Refused, Denied, NotFound, Conflict, Invalid."""
        return self._committed(lambda: self._fire(actor, ref, command, now), keep=not dry_run)

    def start(
        self, actor: Actor, kind: str, section: str, command: Command, now: datetime, *, dry_run: bool = False
    ) -> Taken:
        """Begin a case in a section."""
        return self._committed(
            lambda: self._begun(actor, versions.current(self.db, kind, business_date(now)), section, command, now),
            keep=not dry_run,
        )

    def fire_many(
        self, actor: Actor, commands: Iterable[tuple[str, Command]], now: Callable[[], datetime]
    ) -> Iterator[Taken | GongkaiError]:
        """Many steps in grouped commits, an outcome for each, in order; a refused one keeps nobody else back."""
        for group in _groups(commands):
            outcomes: list[Taken | GongkaiError]
            try:
                outcomes = self._committed(partial(self._each, actor, group, now))
            except GongkaiError as fault:  # nothing of this group was kept; what came before it was
                outcomes = [fault] * len(group)
            yield from outcomes

    def take_in(
        self,
        actor: Actor,
        kind: str,
        section: str,
        commands: Iterable[Command],
        now: datetime,
        *,
        all_or_nothing: bool,
        dry_run: bool,
    ) -> list[Taken | GongkaiError]:
        """Past records, in grouped commits or in a single one that keeps nothing if one of them is refused."""
        definition = versions.current(self.db, kind, business_date(now))
        # Before any record is looked up: whether one is here is nothing for somebody who may not bring it.
        nobody = blank("", "", definition, actor.bureau, section)
        barred = barred_from_intake(definition, nobody, actor, now)
        if barred:
            self._granted(definition, nobody, barred, now)
        everything = list(commands)
        outcomes: list[Taken | GongkaiError] = []
        for group in [everything] if all_or_nothing else _groups(everything):
            with self.db.writing(keep=not dry_run) as transaction:
                for command in group:
                    outcomes.append(
                        self._outcome(lambda c=command: self._begun(actor, definition, section, c, now))  # type: ignore[misc]
                    )
                if all_or_nothing and any(isinstance(each, GongkaiError) for each in outcomes):
                    transaction.keep = False
        return outcomes

    def keep(
        self, definition: Definition, case: Case, decision: Decision, fired: FiredStep | None, now: datetime
    ) -> Case:
        """Write a decision of the system's own inside the caller's transaction; the case as it then stands."""
        if fired:
            self.db.run(
                ADD_STEP,
                case_id=case.id,
                rule=fired.rule,
                armed_seq=fired.armed_seq,
                step=fired.step,
                scheduled_at=instant_text(fired.scheduled_at),
                fired_at=instant_text(now),
            )
        return self.kept(definition, case, decision).case

    # Reading.

    def case(self, ref: str, bureau: str) -> Case:
        """The case of this id or number with its open deadlines. Raises NotFound."""
        return self._held(self._rows_of(ref, bureau), ref)

    def _rows_of(self, ref: str, bureau: str) -> Sequence[Row]:
        if not ref.isprintable() or len(ref) > LONGEST_REF:
            return ()
        return self.db.all(CASE, id=ref) or self.db.all(CASE_BY_NUMBER, bureau=bureau, number=as_number(ref))

    def _held(self, rows: Sequence[Row], ref: str) -> Case:
        if not rows:
            raise _not_found(ref)
        if self.db.hold(rows[0]["id"]):
            rows = self.db.all(CASE, id=rows[0]["id"])
        self._editions.heed(rows[0]["known_at"])
        definition = versions.load(self.db, rows[0]["definition"])
        return whole_case(rows, self.linked.of(definition, rows[0]["id"]) if definition.knows_others else ())

    def whole(self, row: Row) -> Case:
        """The case of a row of its own, with its clocks and its sub-cases."""
        clocks = [deadline_from(each) for each in self.db.all(OPEN_DEADLINES, case_id=row["id"])]
        definition = versions.load(self.db, row["definition"])
        return case_from(row, clocks, self.linked.of(definition, row["id"]) if definition.knows_others else ())

    def definition_of(self, digest: str) -> Definition:
        """The definition of this digest."""
        return versions.load(self.db, digest)

    def visible(self, actor: Actor, ref: str, now: datetime, *, to_act: bool = False) -> Case:
        """The case, if it is the actor's to see today; otherwise it is not there. Raises NotFound; to act on it, Quarantined."""
        rows, on = self._rows_of(ref, actor.bureau), business_date(now)
        is_seen = bool(rows) and may_see(actor, rows[0]["section"], on)
        # One that is not there is looked for like one that is not theirs, of which nothing more is read: they take as long.
        is_read = not is_seen and readings.reads(self.db, rows[0]["id"] if rows else "", actor.id)
        if not rows or rows[0]["bureau"] != actor.bureau or not (is_seen or is_read):
            raise _not_found(ref)
        case = self._held(rows, ref)
        if not (is_read or may_see(actor, case.section, on)):  # it went elsewhere while another had it in hand
            raise _not_found(ref)
        if to_act:
            expect_a_known_state(self.definition_of(case.definition), case)
        return case

    def options(self, actor: Actor, ref: str, now: datetime) -> tuple[Option, ...]:
        """Every step of the case's state and every everyday act, with the names of those who can help."""
        case, on = self.visible(actor, ref, now, to_act=True), business_date(now)
        definition = self.definition_of(case.definition)
        of_acts = (
            acts(definition, case, actor, now, self.calendar_at(now), record_of(self, case, None, on))
            if definition.acts
            else ()
        )
        mine = with_what_is_owed(self, definition, case, options(definition, case, actor, now), now)
        named = (
            replace(
                each, unmet=self.with_people(case, each.unmet, on), warnings=self.with_people(case, each.warnings, on)
            )
            for each in (*mine, *of_acts)
        )
        return tuple(self._with_others(definition, case, each, actor, now) for each in named)

    def _with_others(self, definition: Definition, case: Case, option: Option, actor: Actor, now: datetime) -> Option:
        """An open option, shut where a case that it moves cannot move with it."""
        step = definition.transitions.get(option.transition)
        if step is None or not step.moves or not option.allowed:
            return option
        unmet = tuple(self.linked.in_the_way(definition, case, step, actor, now))
        return replace(option, allowed=not unmet, unmet=unmet)

    def events(self, case_id: str) -> list[Event]:
        """The record of a case, in order."""
        return [event_from(row) for row in self.db.all(EVENTS, case_id=case_id)]

    def with_people(self, case: Case, unmet: Iterable[Unmet], on: date) -> tuple[Unmet, ...]:
        """The requirements with the names of those who can help, as they are appointed that day."""

        def named(helper: Helper) -> Helper:
            return replace(helper, people=accounts.meant(self.db, helper, case, on))

        return tuple(replace(each, who=tuple(named(who) for who in each.who)) for each in unmet)

    # Inside a transaction.

    def _committed(self, act: Callable[[], T], *, keep: bool = True) -> T:
        """What the act came to, in a transaction of its own; where another commit came between, it is done again."""

        def once() -> T:
            with self.db.writing(keep=keep, steps=True):
                return act()

        return judged_anew(once)

    def _outcome(self, act: Callable[[], Taken]) -> Taken | GongkaiError:
        """The result, or the answer that it was not to be, with nothing written: a sub-case may be refused after its parent."""
        try:
            with self.db.apart():
                return act()
        except (Refused, Invalid, NotFound, Conflict) as refusal:
            return refusal

    def _fire(self, actor: Actor, ref: str, command: Command, now: datetime) -> Taken:
        case = self._meant(actor, ref, command, now)
        definition = versions.load(self.db, case.definition)
        command = canonical(definition, command)
        repeated = self.answered_before(actor, command, case.id)
        if repeated:
            return repeated
        if command.expected_version not in (None, case.version):
            raise conflict(self.db, definition, case, command.expected_version)
        expect_a_known_state(definition, case)
        case = self.linked.named(actor, definition, case, command, business_date(now))
        record = record_for(self, definition, case, command, now)
        answer = decide(definition, case, command, actor, now, self.calendar_at(max(now, case.changed_at)), record)
        kept = self.kept(definition, case, self._granted(definition, case, answer, now))
        return self._as_seen_by(actor, self._at_once(kept))

    def _each(
        self, actor: Actor, group: Iterable[tuple[str, Command]], now: Callable[[], datetime]
    ) -> list[Taken | GongkaiError]:
        return [
            self._outcome(lambda ref=ref, command=command: self._fire(actor, ref, command, now()))  # type: ignore[misc]
            for ref, command in group
        ]

    def _meant(self, actor: Actor, ref: str, command: Command, now: datetime) -> Case:
        """The case that is to move: one that the actor sees, or that went out of sight with this very request."""
        try:
            return self.visible(actor, ref, now)
        except NotFound:
            asked = command.request_id
            row = self.db.one(EVENT_OF_REQUEST, bureau=actor.bureau, request_id=asked) if asked else None
            if row is None or (row["actor"], row["transition"]) != (actor.id, command.transition):
                raise
            case = self.case(ref, actor.bureau)
            if case.id != row["case_id"]:
                raise
            return case

    def _begun(self, actor: Actor, definition: Definition, section: str, command: Command, now: datetime) -> Taken:
        self.refresh()
        command = canonical(definition, command)
        repeated = self.answered_before(actor, command, None)
        if repeated:
            first = repeated.case
            if command.transition == START and (first.kind, first.section) != (definition.id, section):
                raise other_request(definition, command, repeated.event, actor)
            return repeated
        case = blank(self._ids(), "", definition, actor.bureau, section)
        case = self.linked.named(actor, definition, case, command, business_date(now))
        judge = take_in if command.transition == IMPORT else begin
        answer = judge(definition, case, command, actor, now, self.calendar_at(now))
        decision = self._granted(definition, case, answer, now)
        kept = self.kept(definition, case, self.case_number(definition, decision, actor.bureau, now))
        return self._as_seen_by(actor, self._at_once(kept))

    def _granted(self, definition: Definition, case: Case, answer: Decision | Refusal, now: datetime) -> Decision:
        if isinstance(answer, Decision):
            return answer
        reasons = self.with_people(case, answer.unmet, business_date(now))
        kind = Denied if any(each.kind == "role" for each in reasons) else Refused
        raise kind(step_label(definition, answer.transition), reasons)

    def kept(self, definition: Definition, before: Case, decision: Decision) -> Taken:
        """Write a decision, with all that it makes other cases do, inside the caller's transaction."""
        if decision.numbering:
            order = decision.numbering
            decision = numbered(decision, order.serial or self._serial(before.bureau, order.series, order.year))
        event = chained(salted(decision.event, definition, self._salt), before.head or name_of(decision.case))
        case = decision.case.with_head(event.hash)
        row = case_row(case, decision.next_at)
        if before.seq == 0:
            self.db.put(ADD_CASE, {**row, "opened_at": instant_text(event.at)})
        else:
            row["old_seq"] = before.seq
            if self.db.put(moving(before, case), row) != 1:
                raise conflict(self.db, definition, before)
        self.db.put(ADD_EVENT, event_row(event, case.bureau))
        for each in decision.deadlines:
            # What is taken back may have begun the only pause there was.
            moved = PAUSE_DEADLINE if each.pauses or event.transition == TAKE_BACK else MOVE_DEADLINE
            self.db.put(ADD_DEADLINE if each.armed_seq == event.seq else moved, deadline_row(case.id, each))
        if event.transition == IMPORT:
            for series, year, serial in numbers_of(definition, event.data):
                self.db.run(RAISE_SERIAL, bureau=case.bureau, series=series, year=year, serial=serial)
        if decision.notices:
            tell(self.db, definition, case, decision.notices, event)
        if definition.similar:
            alike.note(self.db, definition, case, event)
        if event.transition in readings.OF_READERS:
            readings.note(self.db, event)
        if definition.links:
            self.linked.note(definition, case, event)
        if decision.opens:
            self.linked.open(case, decision.opens, event)
        has_moved = bool(before.seq) and case.state != before.state
        if decision.moves:
            self.linked.move(case, decision.moves, event)
            # What has moved with it may have moved it on: it is told as it now stands.
            case = self.case(case.id, case.bureau)
        woken = self.linked.follow(case, event.at) if has_moved else ()
        # Which others there are, and where they stand, is known from before, unless this very step changed it.
        if decision.opens or decision.moves or woken or any(each.name in event.data for each in definition.links):
            case = replace(case, children=self.linked.of(definition, case.id))
        return Taken(definition, case, event, decision.warnings, woken=woken)

    def _as_seen_by(self, actor: Actor, taken: Taken) -> Taken:
        """What was done, with the case that it woke and a word of those that are like it, as far as the actor may see them."""
        if not taken.definition.similar and not taken.woken:
            return taken
        seen = sight(actor, business_date(taken.event.at))
        if not all(seen.covers(each.section) for each in taken.woken):
            taken = replace(taken, woken=())
        found = tuple(alike.named(self.db, taken.definition, taken.case, taken.event, seen))
        return replace(taken, warnings=(*taken.warnings, *found)) if found else taken

    def _at_once(self, taken: Taken) -> Taken:
        """What was done, with the automatic steps that follow on it in the same commit, and what was said of those."""
        definition, case, said = taken.definition, taken.case, dict.fromkeys(taken.warnings)
        for _ in range(MOST_FOLLOWING):
            if not any(step.at_once for step in definition.leaving[case.state]):
                break
            name = automatic(definition, case, taken.event.at)
            if name is None or not definition.transitions[name].at_once:
                break
            followed = self.taken_by_system(definition, case, Command(name), taken.event.at)
            case, said = followed.case, said | dict.fromkeys(followed.warnings)
        return taken if case is taken.case else replace(taken, case=case, warnings=tuple(said))

    def taken_by_system(
        self, definition: Definition, case: Case, command: Command, at: datetime, moved_by: str | None = None
    ) -> Taken:
        """What a step came to that the system takes for another's sake. Raises Refused."""
        expect_a_known_state(definition, case)
        now = max(at, case.changed_at)
        answer = decide(definition, case, command, system_actor(case.bureau, moved_by), now, self.calendar_at(now))
        return self.kept(definition, case, self._granted(definition, case, answer, now))

    def new_id(self) -> str:
        """The id of a case that begins."""
        return self._ids()

    def case_number(self, definition: Definition, decision: Decision, bureau: str, at: datetime) -> Decision:
        """The decision with the next number of its kind and year."""
        year = business_date(at).year
        serial = self._serial(bureau, f"case:{definition.id}", year)
        return replace(decision, case=replace(decision.case, number=f"{definition.prefix}-{year}-{serial:05d}"))

    def _serial(self, bureau: str, series: str, year: int) -> int:
        row = self.db.one(TAKE_SERIAL, bureau=bureau, series=series, year=year, first=1)
        assert row is not None
        return int(row["serial"])

    def answered_before(self, actor: Actor, command: Command, case_id: str | None) -> Taken | None:
        """The first result of a command that is repeated; None if it was never heard."""
        if command.request_id is None:
            return None
        if not 1 <= len(command.request_id) <= LONGEST_REQUEST_ID or not command.request_id.isprintable():
            raise Invalid((Problem("bad-request-id", _BAD_REQUEST.filled(max=LONGEST_REQUEST_ID), field="request_id"),))
        row = self.db.one(EVENT_OF_REQUEST, bureau=actor.bureau, request_id=command.request_id)
        if row is None:
            return None
        event = event_from(row)
        definition = versions.load(self.db, event.definition)
        if (event.actor, event.transition) != (actor.id, command.transition) or case_id not in (None, event.case_id):
            raise other_request(definition, command, event, actor)
        stored = self.db.one(CASE, id=event.case_id)
        assert stored is not None
        story = [each for each in self.events(event.case_id) if each.seq <= event.seq]
        first = self.definition_of(story[0].definition)
        section = begun_in(self.events(event.case_id)) or stored["section"]
        start = blank(stored["id"], stored["number"], first, stored["bureau"], section)
        case = replay(self.definition_of, start, story, self.calendar_at).case
        # A past record keeps its first reading: the importer names what its file says otherwise.
        if command.transition != IMPORT and not says_the_same(definition, command, event, case):
            raise other_request(definition, command, event, actor)
        return Taken(definition, case, event, repeated=True)


def expect_a_known_state(definition: Definition, case: Case) -> None:
    """Raises Quarantined where the case stands in a state that its definition does not know."""
    if case.state not in definition.states:
        facts = {"kind": definition.id, "version": definition.version, "state": case.state}
        raise Quarantined(number=case.number, **facts)


def _groups(commands: Iterable[Any]) -> Iterator[list[Any]]:
    everything = list(commands)
    for n in range(0, len(everything), GROUP):
        yield everything[n : n + GROUP]


def _not_found(ref: str) -> NotFound:
    return NotFound(what=_CASE, name=ref, hint="gongkai list")


_CASE = Text("事项", "case")
_BAD_REQUEST = Text("请求号须为 1 至 {max} 个可见字符", "a request id has 1 to {max} visible characters")
