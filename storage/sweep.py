"""One pass over what is due (到期扫描): automatic steps, reminders, escalations and expiries, each exactly once, in order.

What is due is read and judged without any lock, some dozens of cases at a time; then one short write transaction takes the
lock, drops every case that moved in between, and writes the rest. A case that cannot be served is set aside with back-off
and stops nobody else. Any number of sweeps may run: the row of a step has the step's name as its key.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from storage import authority, calendars, versions
from storage.connection import instant_from, instant_text, judged_anew
from storage.hands import looks_at_all, tell_above
from storage.reorganise import follow
from storage.statements import (
    DUE,
    END_OLD_TROUBLES,
    END_TROUBLE,
    OPEN_CASES,
    PUT_OFF,
    PUT_TROUBLE,
    SEQ,
    TROUBLED,
    TRY_BY_THE_RIGHT_CLOCK,
)
from storage.store import FiredStep, Store, expect_a_known_state
from workflow.case import REORGANISE, UNMANNED, Actor, Case, Command, Deadline, Decision, Refusal, business_date
from workflow.clock import Scheduled, next_step_at, scheduled
from workflow.decide import PUNCTUAL, decide, fire_step, recomputed
from workflow.errors import Busy, GongkaiError, Quarantined
from workflow.judge import automatic, system_actor
from workflow.model import Definition
from workflow.story import story
from workflow.text import Text
from workflow.workdays import Workdays

log = logging.getLogger("gongkai.sweep")

#: Cases of one commit: large enough to share the cost of reaching the disk, small enough to let people in.
BATCH = 60
#: No rule gives one case more steps at once; more is a circle.
MOST_STEPS = 100
FIRST_RETRY, LAST_RETRY = timedelta(minutes=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Fired:
    """One step that the sweep took: a deadline's, or (then `deadline` is None) an automatic transition or a word to those above."""

    case: str
    number: str
    definition: str  # its digest: what its clocks and steps are called stands there
    deadline: str | None
    step: str
    scheduled_at: datetime
    fired_at: datetime

    @property
    def late(self) -> bool:
        """Whether it fired noticeably after its moment: nothing is left out because it is late."""
        return self.fired_at - self.scheduled_at > PUNCTUAL

    def to_json(self) -> dict[str, object]:
        """The step as the JSON surface shows it."""
        return {
            "case": self.number,
            "deadline": self.deadline,
            "step": self.step,
            "scheduled_at": self.scheduled_at.isoformat(),
            "fired_at": self.fired_at.isoformat(),
            "late": self.late,
        }


class Stuck(Exception):
    """A case that the sweep cannot serve, with the reason in words."""

    def __init__(self, code: str, text: Text) -> None:
        self.code, self.text = code, text
        super().__init__(text.en)


@dataclass(frozen=True, slots=True)
class Moved:
    """A running clock whose last day another calendar moves, or makes firm."""

    case: str
    number: str
    deadline: str
    label: Text
    clock: str  # of the law, or of the bureau
    from_on: date
    to_on: date
    settled: bool = False  # the same day or another, which was provisional and no longer is


@dataclass(frozen=True, slots=True)
class Firing:
    """One step that is due, judged and not yet written."""

    decision: Decision
    deadline: Deadline | None
    step: str
    scheduled_at: datetime

    @property
    def to_record(self) -> FiredStep | None:
        """The row that makes the step of a deadline fire once."""
        if self.deadline is None:
            return None
        return FiredStep(self.deadline.rule, self.deadline.armed_seq, self.step, self.scheduled_at)

    def told(self, case: Case, now: datetime) -> Fired:
        """What the sweep says of it."""
        rule = self.deadline.rule if self.deadline else None
        return Fired(case.id, case.number, case.definition, rule, self.step, self.scheduled_at, now)


@dataclass(frozen=True, slots=True)
class _Prepared:
    """One case as it was read without a lock, and what is due on it; or why it cannot be served."""

    row: Any
    definition: Definition | None = None
    case: Case | None = None
    firings: tuple[Firing, ...] = ()
    stuck: Stuck | None = None


def sweep(store: Store, clock: Callable[[], datetime], limit: int = 1000) -> tuple[Fired, ...]:
    """Fire what is due, in order, until nothing is or `limit` steps have fired; tell above what nobody can act on.

    Raises Busy, and StorageFault where somebody wrote into the calendar.
    """
    store.refresh()
    store.calendar_at(now := clock())  # where it was altered no case is to blame, and none is set aside
    troubled = _still_troubled(store, now)
    fired: list[Fired] = []
    elsewhere: set[str] = set()  # what other hands have hold of: the next pass finds it, or they have served it
    while len(fired) < limit:
        room = limit - len(fired)
        due = store.db.all(DUE, now=instant_text(now), limit=min(BATCH, room) + len(elsewhere))
        rows = [row for row in due if row["id"] not in elsewhere]
        if not rows:
            break
        fired += judged_anew(partial(_served, store, rows, now, room, troubled, elsewhere))
    if len(fired) < limit and looks_at_all(store.db, now):
        gone_over = follow(store, clock, limit - len(fired))
        fired += [Fired(each.case, each.number, each.definition, None, REORGANISE, now, now) for each in gone_over]
    if len(fired) < limit:
        told = tell_above(store, now, limit - len(fired))
        fired += [Fired(each.case, each.number, each.definition, None, UNMANNED, now, now) for each in told]
    return tuple(fired)


def _served(
    store: Store, rows: list[Any], now: datetime, room: int, troubled: frozenset[str], elsewhere: set[str]
) -> list[Fired]:
    """What is due on these cases, in one commit; those that another hand holds are noted, and left to it."""
    batch, fired = [_prepared(store, row, now) for row in rows], list[Fired]()
    with store.db.writing(steps=True):
        free = set(store.db.free([row["id"] for row in rows]))
        for each in batch:
            if each.row["id"] in free:
                fired += _written(store, each, now, room - len(fired), each.row["id"] in troubled)
            else:
                elsewhere.add(each.row["id"])
    return fired


def take_in_calendar(
    store: Store, actor: Actor, text: str, file: str, now: datetime, *, keep: bool
) -> tuple[Moved, ...]:
    """Keep a notice of days off and count every open date anew; says which move. The administrator's act.

    Raises Invalid for a file with a fault, and where something happened at this very instant or later.
    """
    from workflow.workdays import calendar_file

    days, years = calendar_file(text, file)
    notice = "、".join(dict.fromkeys(each.notice for each in days if each.notice)) or file
    with store.db.writing(keep=keep):
        authority.only_admin(store.db, actor, business_date(now), authority.IMPORT_CALENDAR)
        store.calendar_at(now)  # what was altered is named as that, before it is read as it stands
        calendars.announce(store.db, days, years, file, now, by=actor.id, keep=keep)
        moved = _recounted(store, now, notice)
    store.refresh(anew=True)
    return moved


def recompute(store: Store, actor: Actor, now: datetime, *, keep: bool) -> tuple[Moved, ...]:
    """Count every open date anew by the calendar as it is known; each that moves is an event. The administrator's act."""
    with store.db.writing(keep=keep):
        authority.only_admin(store.db, actor, business_date(now), authority.RECOMPUTE_DATES)
        return _recounted(store, now)


def _recounted(store: Store, now: datetime, notice: str | None = None) -> tuple[Moved, ...]:
    """Every running clock by the store's calendar. A case that cannot be read is left as it is: doctor and verify name it."""
    store.refresh(anew=True)
    store.calendar_at(now)
    moved: list[Moved] = []
    for row in store.db.all(OPEN_CASES):
        try:
            with store.db.apart():
                moved += _recomputed(store, row["id"], now, notice)
        except (GongkaiError, KeyError, ValueError, TypeError) as error:
            if isinstance(error, Busy):
                raise
            log.error("case.not_recomputed", extra={"case": row["id"], "story": story(error)})
    return tuple(moved)


def _recomputed(store: Store, id: str, now: datetime, notice: str | None) -> list[Moved]:
    case = store.case(id, "")
    definition = versions.load(store.db, case.definition)
    if not case.deadlines or case.state not in definition.states:
        return []
    decision = recomputed(definition, case, now, store.calendar_at(now), notice)
    if decision is None:
        return []
    store.keep(definition, case, decision, None, now)
    before = {(each.rule, each.armed_seq): each for each in case.deadlines}
    pairs = ((before[each.rule, each.armed_seq], each) for each in decision.deadlines)
    return [
        Moved(
            case.id,
            case.number,
            new.rule,
            rule.label,
            rule.kind,
            old.rolled_on,
            new.rolled_on,
            old.provisional and not new.provisional,
        )
        for old, new in pairs
        if (old.rolled_on, old.provisional) != (new.rolled_on, new.provisional)
        and (rule := definition.deadlines[new.rule])
    ]


# One case.


def _prepared(store: Store, row: Any, now: datetime) -> _Prepared:
    """What is due on one case. Whatever goes wrong with it is its own trouble and must not stop the others."""
    try:
        case = store.whole(row)
        definition = versions.load(store.db, case.definition)
        expect_a_known_state(definition, case)
        firings = firings_due(definition, case, instant_from(row["next_at"]), now, store.calendar_at(now))
        return _Prepared(row, definition, case, firings)
    except Busy:
        raise
    except Exception as error:  # noqa: BLE001 - one bad case stops nobody else: it is logged whole and set aside
        return _Prepared(row, stuck=_stuck(row, error))


def _written(store: Store, prepared: _Prepared, now: datetime, room: int, troubled: bool) -> list[Fired]:
    """Write what is due on one case, all of it or nothing; what cannot be written sets the case aside."""
    definition, case, row = prepared.definition, prepared.case, prepared.row
    stands = store.db.one(SEQ, id=row["id"])
    if stands is None or stands["seq"] != row["seq"]:
        return []  # somebody was faster; what is still due then is read again
    if definition is None or case is None:
        _set_aside(store, row, prepared.stuck or Stuck("fault", _UNSERVED.filled(number=row["number"])), now)
        return []
    store.db.hold(case.id)
    try:
        if case.children and store.linked.of(definition, case.id) != case.children:
            return []  # one of those around it has gone on: it is judged again
        with store.db.apart():
            fired = []
            for firing in prepared.firings[:room]:
                case = store.keep(definition, case, firing.decision, firing.to_record, now)
                fired.append(firing.told(case, now))
            if not prepared.firings:
                _look_again(store, definition, case, row, now)
    except Busy:
        raise
    except Exception as error:  # noqa: BLE001 - one bad case stops nobody else: it is logged whole and set aside
        _set_aside(store, row, _stuck(row, error), now)
        return []
    if troubled:
        store.db.run(END_TROUBLE, case_id=case.id)
    return fired


def _look_again(store: Store, definition: Definition, case: Case, row: Any, now: datetime) -> None:
    """Nothing is due although the case said so: note the moment at which something will be."""
    at = next_step_at(definition, case.deadlines, store.calendar_at(now))
    if at is not None and at <= now:
        raise Stuck("unserved", _UNSERVED.filled(number=case.number))
    store.db.run(
        PUT_OFF, id=case.id, seq=case.seq, was=row["next_at"], next_at=instant_text(at) if at is not None else None
    )


# Trouble.


def _stuck(row: Any, error: Exception) -> Stuck:
    """Why this case cannot be served, in words; what was not foreseen is in the log, whole."""
    if isinstance(error, Stuck):
        log.warning("case.stuck", extra={"case": row["id"], "code": error.code})
        return error
    if isinstance(error, Quarantined):
        log.warning("case.stuck", extra={"case": row["id"], "code": error.code})
        return Stuck(error.code, error.said)
    log.error("case.stuck", extra={"case": row["id"], "code": "fault", "story": story(error)})
    return Stuck("fault", _FAULT.filled(number=row["number"], kind=type(error).__name__))


def _set_aside(store: Store, row: Any, stuck: Stuck, now: datetime) -> None:
    """Try this case again later, and each time later still; if somebody has moved it meanwhile, leave it."""
    known = {each["case_id"]: each for each in store.db.all(TROUBLED)}.get(row["id"])
    times = known["times"] + 1 if known else 1
    # Two to the power of a large number would not be a time any more.
    retry_at = instant_text(now + min(FIRST_RETRY * 2 ** min(times - 1, 20), LAST_RETRY))
    if store.db.run(PUT_OFF, id=row["id"], seq=row["seq"], was=row["next_at"], next_at=retry_at):
        store.db.run(
            PUT_TROUBLE,
            case_id=row["id"],
            since=known["since"] if known else instant_text(now),
            times=times,
            retry_at=retry_at,
            code=stuck.code,
            zh=stuck.text.zh,
            en=stuck.text.en,
        )


def _still_troubled(store: Store, now: datetime) -> frozenset[str]:
    """The cases that are set aside, once those that people have moved on are forgotten."""
    if not store.db.all(TROUBLED):
        return frozenset()
    with store.db.writing():
        store.db.run(END_OLD_TROUBLES)
        store.db.run(TRY_BY_THE_RIGHT_CLOCK, latest=instant_text(now + LAST_RETRY), now=instant_text(now))
        return frozenset(each["case_id"] for each in store.db.all(TROUBLED))


# What is due, judged on the case alone.


def firings_due(
    definition: Definition, case: Case, due_at: datetime, now: datetime, calendar: Workdays
) -> tuple[Firing, ...]:
    """Everything that is due on this case, in order; each is judged on the case as the one before it leaves it.

    An automatic step goes before the clocks: it was open as soon as the case came here.
    """
    firings: list[Firing] = []
    while (firing := _next_firing(definition, case, due_at, now, calendar)) is not None:
        if len(firings) == MOST_STEPS:
            raise Stuck("circle", _CIRCLE.filled(number=case.number, count=MOST_STEPS))
        firings.append(firing)
        case = firing.decision.case
        # Numbers are drawn and sub-cases moved under the lock: what follows is judged by the next pass, on what then stands.
        if firing.decision.numbering or firing.decision.opens or firing.decision.moves:
            break
    return tuple(firings)


def _next_firing(
    definition: Definition, case: Case, due_at: datetime, now: datetime, calendar: Workdays
) -> Firing | None:
    name = automatic(definition, case, now)
    if name is not None:
        answer = decide(definition, case, Command(name), system_actor(case.bureau), now, calendar)
        return Firing(_taken(answer, case), None, name, due_at)
    found = _first_due(definition, case, now, calendar)
    if found is None:
        return None
    deadline, due = found
    answer = fire_step(definition, case, deadline, due.step, due.at, now, calendar)
    return Firing(_taken(answer, case), deadline, due.step.name, due.at)


def _first_due(
    definition: Definition, case: Case, now: datetime, calendar: Workdays
) -> tuple[Deadline, Scheduled] | None:
    """The earliest step whose moment has come, of all the clocks that run on this case."""
    coming = [
        (deadline, plan[deadline.fired])
        for deadline in case.deadlines
        if deadline.fired < len(plan := scheduled(definition.deadlines[deadline.rule], deadline, calendar))
    ]
    due = [each for each in coming if each[1].at <= now]
    return min(due, key=lambda each: each[1].at, default=None)


def _taken(answer: Decision | Refusal, case: Case) -> Decision:
    if isinstance(answer, Refusal):
        zh = "；".join(each.text.zh for each in answer.unmet)
        en = "; ".join(each.text.en for each in answer.unmet)
        raise Stuck("refused", _REFUSED.filled(number=case.number, step=answer.transition, reasons=Text(zh, en)))
    return answer


_FAULT = Text(
    "自动办理 {number} 时出现未预料的故障（{kind}）；详见日志，并请运行 gongkai verify",
    "an unexpected fault ({kind}) while serving {number}; the log has it whole, and gongkai verify may tell more",
)
_UNSERVED = Text(
    "{number} 有到期步骤，但无从执行；请运行 gongkai verify",
    "something is due on {number} and cannot be found; run gongkai verify",
)
_CIRCLE = Text(
    "{number} 一次到期的自动步骤超过 {count} 个，疑为循环；请用 gongkai definitions check 检查定义",
    "more than {count} automatic steps are due on {number} at once, which looks like a circle; "
    "see gongkai definitions check",
)
_REFUSED = Text(
    "{number} 的到期步骤“{step}”不能办理：{reasons}；请办理该事项或修正定义",
    "the due step “{step}” of {number} cannot be taken: {reasons}; act on the case or mend the definition",
)
