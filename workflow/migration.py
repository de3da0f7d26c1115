"""A running case under another version of its definition (换版迁移): one event, or all that stands in its way. Pure.

Whoever changes a procedure says in a plan where each state goes, what is set, and what becomes of each clock. A case whose data
the new version would not allow, or whose dates would move against the plan, is refused and stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from hashlib import sha256

from workflow.case import (
    BACK,
    CLOCK,
    EDIT,
    FIRED,
    FROM,
    MIGRATE,
    PLAN,
    STAYS_WITH,
    TRAIL,
    WAS,
    Actor,
    Case,
    Command,
    Data,
    Deadline,
    Decision,
    Event,
    OnePerson,
    Refusal,
    Scalar,
    StateName,
    SubCase,
    TransitionName,
    Unmet,
    accounts_of,
    merged,
)
from workflow.clock import (
    Take,
    is_in,
    kept_for_later,
    next_step_at,
    said_already,
    was_done,
    would_run,
)
from workflow.decide import event_of
from workflow.history import Folded, fold
from workflow.judge import TITLE_NEEDED, automatic, broken, has_passed, with_lapses
from workflow.kin import ended_elsewhere, strangers, unknown_to_parent
from workflow.ledger import canonical_json
from workflow.model import Assignment, DeadlineRule, Definition, Passage, Step
from workflow.text import Text, listed
from workflow.values import faults_of
from workflow.words import step_label
from workflow.workdays import UnknownYear, Workdays

#: What a plan may say of a clock.
KEEP, RECOMPUTE, RESTART, DROP = "keep", "recompute", "restart", "drop"
VERBS = (KEEP, RECOMPUTE, RESTART, DROP)
#: The field without which no case can be: by it people know it.
TITLE = "title"


@dataclass(frozen=True)
class Plan:
    """Where the running cases of one version go in another."""

    source: Definition
    target: Definition
    reason: str
    states: Mapping[StateName, StateName]  # a state that is not named keeps its name
    steps: Mapping[str, str]  # what a step is called now, for the trail that guards and clocks look at
    sets: tuple[Assignment, ...]  # of kind literal or copy
    clocks: Mapping[str, str]  # keep | recompute | restart | drop
    undoes: str | None = None  # the digest of the plan that this one undoes: only cases moved by it are meant

    @cached_property
    def digest(self) -> str:
        """The name of the plan in the record: what it says and not how it is written."""
        said = {
            "from": self.source.digest,
            "to": self.target.digest,
            "states": dict(self.states),
            "steps": dict(self.steps),
            "set": {each.field: [each.kind, each.value] for each in self.sets},
            "clocks": dict(self.clocks),
            "undoes": self.undoes,
        }
        return sha256(canonical_json(said).encode()).hexdigest()[:32]

    @property
    def frees(self) -> bool:
        """Whether it only moves cases out of quarantine, within one version."""
        return self.source.digest == self.target.digest


@dataclass(frozen=True, slots=True)
class Undone:
    """The migration of a case that is to be undone: its event, the case before it, and what was edited since."""

    event: Event
    before: Case
    edits: tuple[Event, ...]

    def still_stands(self, case: Case) -> bool:
        """Whether nobody has taken a step since, so that everything can be as it was."""
        taken = (n for n, t in case.trail.items() if t.seq > self.event.seq and not n.startswith(EDIT + "."))
        return case.state == self.event.target and next(taken, None) is None


def moved(
    plan: Plan,
    case: Case,
    actor: Actor,
    now: datetime,
    calendar: Workdays,
    *,
    undone: Undone | None = None,
    parent: Definition | None = None,
    around: Iterable[SubCase] = (),
) -> Decision | Refusal:
    """The case under the new version as one event, or everything that stands in its way.

    `parent` is the definition of the case that this one is a sub-case of, `around` its sub-cases as the new version sees them.
    """
    target = _place(plan, case, undone)
    if target is None:
        return Refusal(case.id, MIGRATE, (_no_place(plan, case),))
    changes = _changes(plan, case, undone)
    data = {
        FROM: case.definition,
        PLAN: plan.digest,
        **changes,
        **{WAS + name: case.data.get(name) for name in changes},
        **_hands(plan, case),
        **_names(plan, case, undone),
    }
    command = Command(MIGRATE, comment=plan.reason)
    event = replace(
        event_of(case, command, actor, None, now, data=data, source=case.state, target=target),
        definition=plan.target.digest,
    )
    clocks = _Clocks(plan, case, event, undone, calendar)
    event, folded = clocks.settled()
    unmet = (
        *_data_at_fault(plan, folded.case),
        *broken(plan.target, folded.case),
        *_by_the_same_person(plan, event, folded.case, actor.one_person),
        *clocks.faults(folded),
        *_lost(plan, case, undone),
        *strangers(plan.target, case),
        *ended_elsewhere(plan.target, around),
        *unknown_to_parent(plan.target, case, target, parent),
    )
    if unmet:
        return Refusal(case.id, MIGRATE, unmet)
    next_at = event.at if automatic(plan.target, folded.case, event.at) else None
    return Decision(
        case=folded.case,
        event=event,
        deadlines=folded.touched,
        notices=(),
        next_at=next_at or next_step_at(plan.target, folded.case.deadlines, calendar),
    )


# Where it goes, and with which data.


def _place(plan: Plan, case: Case, undone: Undone | None) -> StateName | None:
    place = plan.states.get(case.state, case.state)
    before = undone.event.source if undone and undone.still_stands(case) else None
    if before in plan.target.states:
        place = before or place
    state = plan.target.states.get(place)
    return None if state is None or state.final else place


def _no_place(plan: Plan, case: Case) -> Unmet:
    state = plan.source.state_named(case.state)
    facts = {"state": state.label, "name": case.state, "version": plan.target.version}
    return Unmet("state", _NO_PLACE.filled(**facts), "state")


def _changes(plan: Plan, case: Case, undone: Undone | None) -> dict[str, Scalar]:
    """What is written: by the plan, and where a migration is undone, what stood there before it and nobody wrote since."""
    said: dict[str, Scalar] = {}
    for each in plan.sets:
        said[each.field] = case.data.get(str(each.value)) if each.kind == "copy" else each.value
    if undone:
        before = {name: value for name, value in undone.event.data.items() if name.startswith(WAS)}
        for name, value in before.items():
            field = name.removeprefix(WAS)
            if case.data.get(field) == undone.event.data.get(field) and not _written_since(plan, case, undone, field):
                said[field] = value
    return with_lapses(plan.target, case, said)


def _written_since(plan: Plan, case: Case, undone: Undone, field: str) -> bool:
    """Whether somebody changed, since the migration, what the plan carries back into a field."""
    carried = (str(each.value) for each in plan.sets if each.kind == "copy" and each.field == field)
    return any(case.data.get(each) != undone.event.data.get(each) for each in carried)


def _lost(plan: Plan, case: Case, undone: Undone | None) -> Iterator[Unmet]:
    """What was filled in since the migration that is to be undone, and would be emptied with it."""
    carried = {str(each.value) for each in plan.sets if each.kind == "copy"}
    emptied = (each.field for each in plan.sets if each.kind == "literal" and each.value is None)
    for name in (each for each in emptied if undone and each not in carried):
        value = case.data.get(name)
        if undone and value is not None and value != undone.event.data.get(name):
            label = plan.source.fields[name].label if name in plan.source.fields else name
            yield Unmet(name, _LOST.filled(field=label, version=plan.target.version), "data")


def _hands(plan: Plan, case: Case) -> Data:
    """In whose hands it stays, where an escalation has put it into others than its state says."""
    usual = plan.source.state_named(case.state).waits_for
    if case.waits_for and case.waits_for != usual and case.waits_for in plan.target.roles:
        return {STAYS_WITH: case.waits_for}
    return {}


def _names(plan: Plan, case: Case, undone: Undone | None) -> Data:
    """The names in the trail that change: of steps, and of the states in which somebody edited."""
    names = _new_names(plan)
    if undone:
        back: dict[str, list[str]] = {}
        for name, new in undone.event.data.items():
            if name.startswith(TRAIL):
                back.setdefault(str(new), []).append(name.removeprefix(TRAIL))
        names.update({new: " ".join(old) for new, old in back.items()})
    return {TRAIL + name: names[name] for name in case.trail if names.get(name, name) != name}


def _new_names(plan: Plan) -> dict[str, str]:
    """What the plan calls each step, and each edit by the state in which it was made."""
    return {**plan.steps, **{f"{EDIT}.{old}": f"{EDIT}.{new}" for old, new in plan.states.items()}}


def _data_at_fault(plan: Plan, case: Case) -> Iterator[Unmet]:
    """Every datum that the new version does not know, or that its field may not hold."""
    for fault in faults_of(plan.target, case.data):
        yield Unmet(fault.field or fault.code, fault.text, "data")
    if not case.data.get(TITLE):
        yield Unmet(TITLE, TITLE_NEEDED, "data")


def _by_the_same_person(plan: Plan, event: Event, case: Case, one_person: OnePerson) -> Iterator[Unmet]:
    """Each step that the new version would take for another person's, though whoever took it took a step it is to be apart from.

    The old version asked nobody to be another person; what it did ask in the same words it has seen to with each step.
    """
    renamed = {new for name, said in event.data.items() if name.startswith(TRAIL) for new in str(said).split()}
    for passage in plan.target.passes:
        if not passage.apart_from or not has_passed(case, passage):
            continue
        own = {
            step: others
            for step in passage.through
            if (step in renamed or not _kept_apart_before(plan, passage, step))
            and (others := [each for each in passage.apart_from if _share_a_hand(case, step, each, one_person)])
        }
        others_signed = tuple(each for each in passage.through if each not in own)
        if own and not has_passed(case, replace(passage, through=others_signed)):
            for step, others in own.items():
                facts = {"passage": passage.text, "step": _step_named(plan, step)}
                yield Unmet(passage.name, _SAME_HAND.filled(others=_steps_named(plan, others), **facts), "guard")


def _kept_apart_before(plan: Plan, passage: Passage, step: TransitionName) -> bool:
    """Whether the old version asked for another person in this step, apart from all the same steps."""
    names = _new_names(plan)
    return any(
        step in each.through and {names.get(name, name) for name in each.apart_from} >= {*passage.apart_from}
        for each in plan.source.passes
    )


def _share_a_hand(case: Case, one: str, other: str, one_person: OnePerson) -> bool:
    if one not in case.trail or other not in case.trail:
        return False
    return not {*accounts_of(case.trail[one].by, one_person)}.isdisjoint(case.trail[other].by)


def _step_named(plan: Plan, name: str) -> Text:
    """A step by its label, an edit by that of its state."""
    state = plan.target.states.get(StateName(name.removeprefix(EDIT + ".")))
    if state and name.startswith(EDIT + "."):
        return _EDIT_IN.filled(state=state.label)
    return step_label(plan.target, name)


def _steps_named(plan: Plan, names: Iterable[str]) -> Text:
    return listed(_QUOTED.filled(name=_step_named(plan, each)) for each in names)


# Clocks.


def _stood_still(undone: Undone) -> frozenset[str]:
    """The clocks that stood still before a migration and that it left so."""
    left = (
        name.removeprefix(CLOCK)
        for name, take in undone.event.data.items()
        if name.startswith(CLOCK) and take == Take.LEAVE
    )
    return frozenset(left) - {each.rule for each in undone.before.deadlines}


def _had_it_stayed(plan: Plan, undone: Undone, case: Case, event: Event, calendar: Workdays) -> Case:
    """The case as it would stand under the version to which it goes back, had it been edited there as it was since.

    What the undoing writes otherwise than that is written by it.
    """
    stayed, carried = undone.before, [(each.field, str(each.value)) for each in plan.sets if each.kind == "copy"]
    now = merged(case.data, {name: value for name, value in event.data.items() if "." not in name})
    written: list[tuple[Event, Data]] = [
        (each, {**each.data, **{field: each.data[other] for field, other in carried if other in each.data}})
        for each in undone.edits
    ]
    written.append((event, {name: now.get(name) for name in {**stayed.data, **case.data, **now}}))
    for edit, said in written:
        at_fault = {each.field for each in faults_of(plan.target, merged({}, said))}
        data = {name: value for name, value in said.items() if name not in at_fault and stayed.data.get(name) != value}
        again = replace(edit, transition=EDIT, source=stayed.state, target=stayed.state, data=data)
        # A slip in such a year was corrected since, or is told where it is counted.
        with suppress(UnknownYear):
            stayed = fold(plan.target, stayed, again, calendar).case if data else stayed
    return stayed


def _is_same(one: Deadline, other: Deadline | None) -> bool:
    """Whether a clock is the one that runs, whatever its last day is by now."""
    return other is not None and all(
        getattr(one, name) == getattr(other, name) for name in ("armed_seq", "anchor_at", "extended", "pauses")
    )


class _Clocks:
    """What the event says of each clock: the plan's word, made exact for this case."""

    def __init__(self, plan: Plan, case: Case, event: Event, undone: Undone | None, calendar: Workdays) -> None:
        self.plan, self.case, self.event, self.calendar = plan, case, event, calendar
        self.running = {each.rule: each for each in case.deadlines}
        # Where nobody took a step since the migration that is undone, no word of the plan counts but `drop`.
        self.goes_back = undone is not None and undone.still_stands(case)
        stayed = _had_it_stayed(plan, undone, case, event, calendar).deadlines if undone and self.goes_back else ()
        self.stayed = {each.rule: each for each in stayed}
        self.back = {name: each for name, each in self.stayed.items() if not _is_same(each, self.running.get(name))}
        self.stood_still = _stood_still(undone) if undone else frozenset[str]()

    def settled(self) -> tuple[Event, Folded]:
        """The event with a word for each clock, and the case after it."""
        here = (each.name for each in self.plan.target.clocks_in[self.event.target])
        takes = {name: self._take(name) for name in dict.fromkeys((*self.running, *here))}
        said: dict[str, Scalar] = {
            BACK + name: kept_for_later(self.back[name]) for name, each in takes.items() if each is Take.BACK
        }
        folded = self._folded(takes, said)
        after = {each.rule: each for each in folded.case.deadlines}
        for name, take in takes.items():
            if name in after and self._is_not_owed(take, after[name], folded.case):
                takes[name] = Take.LEAVE
            elif take in (Take.RECOUNT, Take.ANEW) and self._is_the_same(name, after.get(name)):
                takes[name] = Take.KEEP
            elif take in (Take.ANEW, Take.RECOUNT, Take.BACK) and name in after:
                count = said_already(
                    self.plan.target.deadlines[name], self._said(name), after[name], self.event.at, self.calendar
                )
                said |= {FIRED + name: count} if count else {}
        folded = self._folded(takes, said)
        return self.event, folded

    def _folded(self, takes: Mapping[str, Take], said: Data) -> Folded:
        bare = {name: value for name, value in self.event.data.items() if not name.startswith((CLOCK, FIRED, BACK))}
        told = {CLOCK + name: str(take) for name, take in takes.items()}
        self.event = replace(self.event, data={**bare, **told, **said})
        return fold(self.plan.target, self.case, self.event, self.calendar)

    def _take(self, name: str) -> Take:
        old, new = self.plan.source.deadlines.get(name), self.plan.target.deadlines.get(name)
        verb = self.verb(name)
        if new is None:
            return Take.DROP
        if verb == DROP:
            return Take.LEAVE  # the new version has it, and would begin it anew
        if name in self.back:
            return Take.BACK
        if self.goes_back:
            return Take.ANEW if name in self.stayed else Take.LEAVE
        if name not in self.running:
            # What was done or dropped stands as still as before, where the plan does not ask for it; with an anchor it could not.
            is_kept = (verb == KEEP and not new.anchor) or (old == new and name in self.stood_still)
            if is_kept and old and would_run(self.plan.source, old, self.event, self.case, self.calendar):
                return Take.LEAVE
            return Take.RESTART if verb == RESTART else Take.RECOUNT
        if verb == RESTART:
            return Take.RESTART
        if verb == RECOMPUTE:
            return Take.RECOUNT
        return Take.KEEP if self._says_the_same(name) else Take.ANEW

    def _is_not_owed(self, take: Take, after: Deadline, case: Case) -> bool:
        """Whether a clock would run by the new version that is not for such a day, or begin though its work was done before."""
        rule = self.plan.target.deadlines[after.rule]
        if take is Take.RECOUNT and rule.since and after.anchor_on < rule.since:
            return True
        begins = rule.name not in self.running and take in (Take.RECOUNT, Take.RESTART)
        return begins and not self._comes_in(rule) and was_done(self.plan.target, rule, case)

    def _comes_in(self, rule: DeadlineRule) -> bool:
        """Whether the plan moves the case to where a clock without an anchor runs, from where it did not."""
        old, source = self.plan.source.deadlines.get(rule.name), self.event.source
        if rule.anchor or source == self.event.target:
            return False
        return not is_in(old, source) if old else source in self.plan.target.states and not is_in(rule, source)

    def verb(self, name: str) -> str:
        """What the plan says of a clock, or leaves unsaid."""
        is_new = name not in self.plan.source.deadlines
        return self.plan.clocks.get(name, RECOMPUTE if is_new else KEEP)

    def _says_the_same(self, name: str) -> bool:
        """Whether both versions have the same steps, in name and order, so that a fired one stays what it was."""
        old, new = self.plan.source.deadlines.get(name), self.plan.target.deadlines.get(name)
        return bool(old and new) and [s.name for s in old.steps] == [s.name for s in new.steps]  # type: ignore[union-attr]

    def _is_the_same(self, name: str, after: Deadline | None) -> bool:
        before = self.running.get(name)
        if before is None or after is None or not self._says_the_same(name):
            return False
        return replace(after, armed_seq=before.armed_seq, fired=before.fired) == before

    def _said(self, name: str) -> Iterator[Step]:
        """The steps that have fired on this clock: on the one that runs, and on the one that comes back."""
        old, new = self.plan.source.deadlines.get(name), self.plan.target.deadlines.get(name)
        if old and name in self.running:
            yield from old.steps[: self.running[name].fired]
        if new and name in self.back:
            yield from new.steps[: self.back[name].fired]

    def faults(self, folded: Folded) -> Iterator[Unmet]:
        """Each clock that the plan keeps and that would not be as it was: its last day would move, or it would end."""
        after = {each.rule: each for each in folded.case.deadlines}
        for name, before in self.running.items():
            if self.goes_back or self.verb(name) != KEEP or self.event.data[CLOCK + name] in (Take.DROP, Take.LEAVE):
                continue
            label = self.plan.target.deadlines[name].label
            now = after.get(name)
            if now is None:
                state = self.plan.target.state_named(self.event.target).label
                yield Unmet(CLOCK + name, _WOULD_END.filled(label=label, name=name, state=state), "clock")
            elif (now.rolled_on, now.due_at) != (before.rolled_on, before.due_at):
                facts = {"label": label, "name": name, "before": before.rolled_on, "after": now.rolled_on}
                yield Unmet(CLOCK + name, _WOULD_MOVE.filled(**facts), "clock")


_LOST = Text(
    "“{field}”是迁移之后填写的，第 {version} 版没有这一项，撤销会丢失；请先把内容记到该版有的内容项并清空它，再运行",
    "“{field}” was filled in after the migration, and version {version} has no such field, so undoing would lose it; write it into "
    "a field that version has, empty this one, and run the plan again",
)
_SAME_HAND = Text(
    "{passage}：按新版，步骤“{step}”须由另一人办理，而办过它的人也办过{others}；请在 steps 中不把别的步骤对照为它，或先按旧版退回重办",
    "{passage}: in the new version {step} is another person's to take, and whoever took it also took {others}; map no other "
    "step to it under `steps`, or have it done again under the old version first",
)
_EDIT_IN = Text("在“{state}”修改", "an edit in {state}")
_QUOTED = Text("“{name}”", "“{name}”")
_NO_PLACE = Text(
    "环节“{state}”（{name}）在第 {version} 版中没有去处；请在计划的 states 中写明",
    "the state {state} ({name}) has no place in version {version}; name one under `states`",
)
_WOULD_END = Text(
    "时限“{label}”按计划照旧，但新版在“{state}”不计此时限；请在 clocks 中写 {name}: recompute（在此即不再计），或另选去处",
    "the plan keeps the clock {label}, which the new version does not run in {state}; say `{name}: recompute` under `clocks`, and it "
    "ends there, or choose another place",
)
_WOULD_MOVE = Text(
    "时限“{label}”按计划照旧，但最后一日会由 {before} 变为 {after}；请在 clocks 中写 {name}: recompute 或 restart",
    "the plan keeps the clock {label}, and its last day would move from {before} to {after}; say `{name}: recompute` or "
    "`{name}: restart` under `clocks`",
)
