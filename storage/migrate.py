"""Running cases under another version of their definition (换版迁移), by a plan, in batches, an event for each case.

A batch is one write transaction that reads its cases under the lock: whoever acts beside it comes before or after it, and finds
the other's version. A case that has gone over no longer stands under the old version, so that a run that was killed goes on where
it stopped, and none goes over twice. Who cannot go is named with every reason, and stays as it is.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from storage import versions
from storage.authority import MIGRATE_CASES, only_admin
from storage.connection import Row
from storage.statements import END_TROUBLE, MIGRATING
from storage.store import Store
from workflow.case import (
    EDIT,
    FROM,
    MIGRATE,
    PLAN,
    Actor,
    Case,
    Event,
    Refusal,
    StateName,
    Unmet,
    business_date,
)
from workflow.errors import Invalid, NotFound
from workflow.history import blank, replay
from workflow.migration import Plan, Undone, moved
from workflow.model import Definition
from workflow.plans import begins_again, inverse_of, read_plan
from workflow.story import story
from workflow.text import Text

log = logging.getLogger("gongkai.migrate")

#: Cases of one commit: large enough to share the cost of reaching the disk, small enough to let people in.
BATCH = 60
#: So many cases that go over, and so many that are refused, are told one by one; the others are counted.
MOST_TOLD = 1000

#: Told after each batch: how many cases were looked at, and how many there are.
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Stays:
    """A case that cannot go over, and every reason."""

    id: str
    number: str
    state: StateName
    reasons: tuple[Unmet, ...]


@dataclass(frozen=True, slots=True)
class Shift:
    """A clock whose last day a migration moves; None: it did not run before, or does not any more."""

    number: str
    deadline: str
    label: Text
    from_on: date | None
    to_on: date | None

    def to_json(self) -> dict[str, object]:
        """The move as the JSON surface shows it."""
        return {
            "case": self.number,
            "deadline": self.deadline,
            **self.label.to_json(),
            "from_on": self.from_on.isoformat() if self.from_on else None,
            "to_on": self.to_on.isoformat() if self.to_on else None,
        }


@dataclass(frozen=True, slots=True)
class Went:
    """A case that goes over: from which state to which, and the clocks whose last day moves with it."""

    number: str
    from_state: StateName
    to_state: StateName
    source: Text  # what the states are called, each in its version
    target: Text
    shifts: tuple[Shift, ...]

    @property
    def stays_in_place(self) -> bool:
        """Whether its state is the same, in name and label."""
        return (self.from_state, self.source) == (self.to_state, self.target)

    def to_json(self) -> dict[str, object]:
        """The case as the JSON surface shows it."""
        return {"number": self.number, "from": self.from_state, "to": self.to_state}


@dataclass(frozen=True, slots=True)
class Migration:
    """What became of the cases of a plan: how many went over, which dates moved, who stays, and how it can be undone."""

    plan: Plan
    moved: int
    went: tuple[Went, ...]  # the first thousand of them
    shifts: tuple[Shift, ...]
    stays: tuple[Stays, ...]  # the first thousand of them
    refused: int
    dry_run: bool
    inverse: str | None  # None: a case is not put back into quarantine

    def to_json(self) -> dict[str, object]:
        """The result as the JSON surface shows it."""
        return {
            "kind": self.plan.source.id,
            "from": self.plan.source.version,
            "to": self.plan.target.version,
            "plan": self.plan.digest,
            "dry_run": self.dry_run,
            "moved": self.moved,
            "cases": [each.to_json() for each in self.went],
            "dates": [each.to_json() for each in self.shifts],
            "refused": self.refused,
            "stays": [
                {
                    "number": each.number,
                    "state": each.state,
                    "reasons": [{"code": reason.name, **reason.text.to_json()} for reason in each.reasons],
                }
                for each in self.stays
            ],
            "begins_again": [{"deadline": name, **text.to_json()} for name, text in begins_again(self.plan)],
            "inverse": self.inverse,
        }


@dataclass(frozen=True, slots=True)
class Migrations:
    """Versions beside each other, and running cases moved between them; what `Desk.migrations` hands out."""

    store: Store
    bureau: str
    clock: Callable[[], datetime]

    def version(self, said: str) -> tuple[Definition, Mapping[str, int]]:
        """The version meant by KIND@VERSION or digest, and how many cases run in each of its states. Raises NotFound."""
        found = versions.named(self.store.db, said)
        return found, {each.state: each.count for each in self._standing_in(found)}

    def plan(self, text: str, file: str) -> Plan:
        """The plan that the text says, held against what this database holds. Raises BadPlan."""

        def version_of(kind: str, said: int | str) -> Definition | None:
            try:
                found = versions.named(self.store.db, f"{kind}@{said}" if isinstance(said, int) else said)
            except NotFound:
                return None
            return found if found.id == kind else None

        return read_plan(text, file, version_of, lambda found: {each.state for each in self._standing_in(found)})

    def run(
        self, actor: Actor, text: str, file: str, *, dry_run: bool = False, progress: Progress | None = None
    ) -> Migration:
        """Move every running case that the plan means, batch by batch; the administrator's act. Raises Denied, BadPlan."""
        only_admin(self.store.db, actor, business_date(self.clock()), MIGRATE_CASES)
        self.store.refresh()
        return self.carry_out(actor, self.plan(text, file), dry_run=dry_run, progress=progress)

    def carry_out(
        self,
        actor: Actor,
        plan: Plan,
        *,
        dry_run: bool = False,
        progress: Progress | None = None,
        beforehand: Callable[[], object] = lambda: None,
    ) -> Migration:
        """The same for a plan that was read; `beforehand` is done in the transaction of each batch. Raises Denied."""
        store = self.store
        only_admin(store.db, actor, business_date(self.clock()), MIGRATE_CASES)
        total, seen, after = sum(each.count for each in self._standing_in(plan.source)), 0, ""
        count, went, shifts, stays, refused = 0, list[Went](), list[Shift](), list[Stays](), 0
        while rows := self._batch(plan, after):
            with store.db.writing(keep=not dry_run):
                beforehand()
                for row in rows:
                    outcome = _one(store, plan, actor, row["id"], self.clock())
                    if isinstance(outcome, Stays):
                        refused += 1
                        stays += [outcome] if len(stays) < MOST_TOLD else []
                    elif outcome is not None:
                        count += 1
                        went += [outcome] if len(went) < MOST_TOLD else []
                        shifts += outcome.shifts
            after, seen = rows[-1]["id"], seen + len(rows)
            if progress:
                progress(seen, max(total, seen))
        undoing = None if plan.frees else inverse_of(plan)
        return Migration(plan, count, tuple(went), tuple(shifts), tuple(stays), refused, dry_run, undoing)

    def _batch(self, plan: Plan, after: str) -> list[Row]:
        """The next cases of the old version; each is read again under the lock, where others may have moved it."""
        return self.store.db.all(
            MIGRATING,
            bureau=self.bureau,
            kind=plan.source.id,
            definition=plan.source.digest,
            after=after,
            limit=BATCH,
        )

    def _standing_in(self, definition: Definition) -> Iterator[versions.Standing]:
        found = versions.standing(self.store.db, self.bureau)
        return (each for each in found if each.definition == definition.digest)


def _one(store: Store, plan: Plan, actor: Actor, id: str, now: datetime) -> Went | Stays | None:
    """One case goes over, in the caller's transaction: where to and which dates move, or why it stays; None: it is not meant.

    What went wrong with it is undone, and stops nobody else.
    """
    case = None
    try:
        with store.db.apart():
            case = store.case(id, actor.bureau)
            if not _is_meant(plan, case):
                return None
            undone = _undone(store, plan, case) if plan.undoes else None
            if plan.undoes and undone is None:
                return None  # another plan brought it here, or it began here: it is not meant
            if isinstance(undone, Unmet):
                return _stays(id, case, (undone,))
            parent = store.definition_of(store.case(case.parent, "").definition) if case.parent else None
            calendar = store.calendar_at(max(now, case.changed_at))
            around = store.linked.of(plan.target, case.id)
            answer = moved(plan, case, actor, now, calendar, undone=undone, parent=parent, around=around)
            if isinstance(answer, Refusal):
                return Stays(case.id, case.number, case.state, answer.unmet)
            store.keep(plan.target, case, answer, None, now)
            store.db.run(END_TROUBLE, case_id=case.id)  # it is no longer what the sweep set aside
    except Invalid as fault:
        reasons = tuple(Unmet(each.code, each.text, "data") for each in fault.problems)
        return _stays(id, case, reasons or (Unmet(fault.code, fault.said, "data"),))
    # What a record says may be anything once somebody wrote into it: it stays as it is, and verify tells more.
    except (KeyError, ValueError, TypeError, AttributeError, IndexError) as fault:
        log.error("case.not_migrated", extra={"case": id, "story": story(fault)})
        return _stays(id, case, (Unmet("unreadable", _UNREADABLE, "data"),))
    return _went(plan, case, answer.case)


def _went(plan: Plan, before: Case, after: Case) -> Went:
    source, target = plan.source.state_named(before.state).label, plan.target.state_named(after.state).label
    return Went(before.number, before.state, after.state, source, target, tuple(_shifts(plan, before, after)))


def _shifts(plan: Plan, before: Case, after: Case) -> Iterator[Shift]:
    """Every clock of a case whose last day is not what it was."""
    olds = {each.rule: each.rolled_on for each in before.deadlines}
    news = {each.rule: each.rolled_on for each in after.deadlines}
    for rule in dict.fromkeys((*olds, *news)):
        if olds.get(rule) != news.get(rule):
            label = (plan.target.deadlines.get(rule) or plan.source.deadlines[rule]).label
            yield Shift(before.number, rule, label, olds.get(rule), news.get(rule))


def _is_meant(plan: Plan, case: Case) -> bool:
    """Whether the case still runs under the old version, and where the plan only frees from quarantine, whether it is in it."""
    runs = case.definition == plan.source.digest and case.closed_at is None
    return runs and (not plan.frees or case.state in plan.states)


def _stays(id: str, case: Case | None, reasons: tuple[Unmet, ...]) -> Stays:
    return Stays(id, case.number if case else id, case.state if case else StateName("?"), reasons)


def _undone(store: Store, plan: Plan, case: Case) -> Undone | Unmet | None:
    """The migration that the plan undoes, with the case before it and what was edited since; None where it did not bring the case here.

    Unmet where another migration came after it, though that was undone: the case is no more as this one left it.
    """
    if MIGRATE not in case.trail:
        return None
    events = store.events(case.id)
    event = events[case.trail[MIGRATE].seq - 1]
    if event.data.get(PLAN) != plan.undoes:
        if plan.undoes not in [each.data.get(PLAN) for each in _standing(events)]:
            return None
        facts = {"source": plan.source.version, "target": plan.target.version}
        return Unmet(MIGRATE, _MIGRATED_SINCE.filled(**facts), "state")
    first = store.definition_of(events[0].definition)
    start = blank(case.id, case.number, first, case.bureau, case.section)
    before = replay(store.definition_of, start, events[: event.seq - 1], store.calendar_at).case
    return Undone(event, before, tuple(each for each in events[event.seq :] if each.transition == EDIT))


def _standing(events: Sequence[Event]) -> list[Event]:
    """The migrations of a case but those from which it went back to the version before them."""
    standing: list[Event] = []
    for each in events:
        if each.transition == MIGRATE and each.data.get(FROM) != each.definition:
            froms = [one.data.get(FROM) for one in standing]
            back = each.definition in froms
            standing = standing[: froms.index(each.definition)] if back else [*standing, each]
    return standing


_MIGRATED_SINCE = Text(
    "本事项此后又迁移过，不能再按原样撤销这一次；请另写从第 {source} 版到第 {target} 版的计划",
    "the case was migrated again since, so that this migration cannot be undone as it was; write a plan of its "
    "own from version {source} to version {target}",
)
_UNREADABLE = Text("记录无法读取；请运行 gongkai verify", "its record cannot be read; run gongkai verify")
