"""A definition held against tables written by hand, which lie beside this file, five of each kind.

- `KIND_whole.yaml`: the data of a case in whose way nothing stands; each row of the others says only how its case differs.
- `KIND_permitted.yaml`: who may take which step (`steps`) and write which field (`edit`) in which state, and who hears of it (`heard`).
- `KIND_refusals.yaml`: a step, and the one thing that is lacking (`only`) or of which it warns (`warns`).
- `KIND_clocks.yaml`: when a clock ends after some steps, and whom it tells on the way.
- `KIND_never.yaml`: a case that is not to be, and the promises that it breaks (`broken`).

What a table must notice is in `weaker.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Self

import yaml

from workflow.accepted import definition_from
from workflow.case import (
    SHANGHAI,
    START,
    Actor,
    Appointment,
    Case,
    Command,
    Deadline,
    Event,
    RoleName,
    StateName,
    SubCase,
    Trace,
    TransitionName,
)
from workflow.checks import persons
from workflow.clock import advance, scheduled
from workflow.explain import editable
from workflow.history import blank
from workflow.judge import broken, failing, guards_of, judge, post_for, system_actor
from workflow.loader import Catalogue, accept, read_catalogue
from workflow.model import Definition
from workflow.text import Text
from workflow.workdays import Calendar, shipped

HERE = Path(__file__).parent
DEFINITIONS = HERE.parent.parent / "definitions"
NOW = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)
TODAY = date(2026, 3, 10)
#: States in which a sub-case of a table has not ended.
STILL_OPEN = {
    "open",
    "preparing",
    "asked",
    "served",
    "assigned",
    "drafting",
    "feedback",
    "tracked",
    "tracked_public",
    "tracked_merged",
    "head_review",
    "examined",
    "signed",
}
CALENDAR = Calendar(*shipped())


@cache
def load(kind: str) -> Definition:
    """The shipped definition of this kind."""
    name = f"{kind}.yaml"
    accepted = accept((DEFINITIONS / name).read_text("utf-8"), name, _catalogues())
    return definition_from(accepted.json, accepted.digest)


@cache
def _catalogues() -> dict[str, Catalogue]:
    files = sorted((DEFINITIONS / "catalogues").glob("*.yaml"))
    return {each.id: each for each in (read_catalogue(file.read_text("utf-8"), file.name) for file in files)}


def rows(name: str) -> Any:
    """The table of this name."""
    return yaml.load((HERE / name).read_text(encoding="utf-8"), yaml.CSafeLoader)


@dataclass(frozen=True)
class Tables:
    """What was written by hand of one kind of case."""

    permitted: dict[str, Any]
    refusals: list[dict[str, Any]]
    clocks: list[dict[str, Any]]
    whole: dict[str, Any]
    never: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    @cache
    def of(cls, kind: str) -> Self:
        """The five tables of this kind."""
        return cls(*(rows(f"{kind}_{name}.yaml") for name in ("permitted", "refusals", "clocks", "whole", "never")))

    def permission_faults(self, definition: Definition, about: str | None = None) -> Iterator[str]:
        """Every place (of one state, if named) where the definition allows a role another step or field than the table does."""
        for state in (each for each in definition.states if about in (None, each)):
            case = self.case(definition, state)
            for step in definition.transitions.values():
                may = {
                    str(role)
                    for role in definition.roles
                    if state in step.sources
                    and post_for(definition, step.roles.get(state, ()), holder(definition, role), case, NOW)
                }
                if may != set(self.permitted["steps"][state].get(step.name, ())):
                    yield f"{state}: {step.name} is for {sorted(may)}"
            for role in definition.roles:
                writes = editable(definition, case, holder(definition, role), NOW)
                if set(writes) != set(self.permitted["edit"].get(state, {}).get(role, ())):
                    yield f"{state}: {role} may write {sorted(writes)}"

    def refusal_faults(self, definition: Definition, about: str | None = None) -> Iterator[str]:
        """Every row of the refusal table (of one step or guard, if named) that the definition answers otherwise."""
        for row in _one_step_each(self.refusals):
            step = definition.transitions[TransitionName(row["step"])]
            if about not in (None, step.name, *guards_of(definition, step), *step.when_blocked, *step.warns):
                continue
            role = next(iter(step.roles[StateName(row["in"])]), None)
            if role is None:
                yield f"{row['step']} in {row['in']} is for nobody"
                continue
            actor = holder(definition, role)
            taken = dict.fromkeys(row.get("taken", ()), "somebody-else") | dict.fromkeys(row.get("own", ()), actor.id)
            case = self.case(definition, row["in"], row.get("data"), taken, row.get("over", ()), row.get("subs"))
            command = Command(step.name, row.get("with", {}), row.get("comment"))
            unmet = [each.name for each in judge(definition, case, step, command, actor, NOW)[1]]
            only = row["only"] or []
            if unmet != ([only] if isinstance(only, str) else only):
                yield f"{row['step']} in {row['in']} with {row.get('data')} lacks {unmet}, not just {only}"
            who, written = persons(actor, None), case.with_data(command.data)
            warned = [each.name for each in failing(definition, written, step, step.warns, who, NOW)]
            if warned != row.get("warns", warned):
                yield f"{row['step']} in {row['in']} with {row.get('data')} warns of {warned}, not {row['warns']}"

    def clock_faults(self, definition: Definition, about: str | None = None) -> Iterator[str]:
        """Every row of the clock table (of one rule, if named) that the definition counts otherwise."""
        for row in _one_state_each(self.clocks):
            if about in (None, row["rule"]):
                running = self._running(definition, row)
                said = running and _end(running, str(row["due"]))
                if said != (str(row["due"]) if row["due"] else None):
                    yield f"{row['rule']} in {row['in']} ends on {said}, not {row['due']}"
                elif running and "steps" in row:
                    steps = _steps(definition, running)
                    if steps != row["steps"]:
                        yield f"{row['rule']} does {steps}, not {row['steps']}"

    def never_faults(self, definition: Definition) -> Iterator[str]:
        """Every row of what must never be in which the definition sees other broken promises.

        What another person must have done counts where a row says who took which step, or names such a promise.
        """
        passes = {each.name for each in definition.passes}
        for row in self.never:
            told = row["broken"]
            counts = "taken" in row or not passes.isdisjoint(told)
            case = self.case(definition, row["in"], row.get("data"), row.get("taken"))
            seen = [each.name for each in broken(definition, case) if counts or each.name not in passes]
            if seen != told:
                yield f"{row['in']} with {row.get('data')} breaks {seen}, not {told}"

    def case(
        self,
        definition: Definition,
        state: str,
        data: dict[str, Any] | None = None,
        taken: dict[str, str] | None = None,
        over: Any = (),
        subs: dict[str, Any] | None = None,
    ) -> Case:
        """A case in this state, with all its clocks in time but those that are `over`, and sub-cases in these states."""
        return replace(
            blank("c1", f"{definition.prefix}-2026-00001", definition, "bureau", "预算科"),
            state=StateName(state),
            version=3,
            seq=3,
            data={name: value for name, value in {**self.whole, **(data or {})}.items() if value is not None},
            trail={
                step: Trace((person,), seq, NOW)
                for seq, (step, person) in enumerate(({START: "registrar"} | (taken or {})).items(), 1)
            },
            waits_for=definition.states[StateName(state)].waits_for,
            deadlines=tuple(
                _open(rule.name, rule.name not in over)
                for rule in definition.deadlines.values()
                if state in rule.runs_in
            ),
            children=tuple(
                _sub(slot, number, reached)
                for slot, states in (subs or {}).items()
                for number, reached in enumerate(states.items() if isinstance(states, dict) else states)
            ),
        )

    def _running(self, definition: Definition, row: dict[str, Any]) -> Deadline | None:
        """The clock of a row after its steps, each on its day.

        Of its `way`, each step leads where the definition says. Of what is only `taken` the last leads to the row's state, and
        what stands before it is on record; but what prolongs a clock finds it running, as does what the row says `stays` there.
        """
        walks, steps = "way" in row, row.get("way") or row["taken"]
        staying = {step for rule in definition.deadlines.values() if rule.extend for step in rule.extend.events} | {
            row.get("stays")
        }
        case = replace(self.case(definition, row["in"], row.get("data")), trail={}, deadlines=())
        state: StateName | None = None
        running: tuple[Deadline, ...] = ()
        for seq, (step, day) in enumerate(steps.items(), 1):
            at = datetime.combine(day, datetime.min.time(), SHANGHAI).astimezone(UTC) + timedelta(hours=10)
            before = state if walks else case.state if step in staying else None
            state = _target(definition, step) if walks else case.state
            case = replace(case, state=state, trail={**case.trail, step: Trace(("somebody",), seq, at)}, seq=seq)
            if walks or seq == len(steps) or not staying.isdisjoint((step, list(steps)[seq])):
                running = advance(definition, running, _event(case, step, before, at), case, CALENDAR)
                running = tuple(each for each in running if not each.closed_at)
        assert state == row["in"], f"the way {steps} leads to {state}, not {row['in']}"
        return next((each for each in running if each.rule == row["rule"]), None)


def holder(definition: Definition, role: str, section: str = "预算科") -> Actor:
    """Somebody with this one post."""
    if role == "system":
        return system_actor("bureau")
    scope = definition.roles[RoleName(role)].scope
    post = Appointment(RoleName(role), section if scope == "section" else None, date(2018, 1, 1), None)
    return Actor(f"one-{role}", role, "bureau", (post,))


def _one_step_each(refusals: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """A row about several steps says of each where and with what it is taken: `step: {sign: {in: signing}, …}`.

    A row about several values of one field says which, besides its data: `each: {kind: [unit_budget, unit_accounts]}`.
    """
    for row in refusals:
        places = row["step"] if isinstance(row["step"], dict) else {row["step"]: {}}
        data = row.get("data", {})
        values = [{name: value} for name, said in row.get("each", {}).items() for value in said] or [{}]
        yield from (
            {**row, **place, "step": step, "data": {**data, **value}}
            for step, place in places.items()
            for value in values
        )


def _one_state_each(clocks: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for row in clocks:
        states = [row["in"]] if isinstance(row["in"], str) else row["in"]
        yield from ({**row, "in": state} for state in states)


def _target(definition: Definition, step: str) -> StateName:
    return definition.initial if step == START else definition.transitions[TransitionName(step)].target


def _end(running: Deadline, said: str) -> str:
    """The last day of a clock; where the table names the hour, the minute in which it ends."""
    return f"{running.due_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if ":" in said else running.rolled_on.isoformat()


def _open(rule: str, in_time: bool) -> Deadline:
    due_at = NOW + timedelta(days=5 if in_time else -5)
    return Deadline(rule, 1, TODAY, NOW - timedelta(days=20), due_at.date(), due_at.date(), due_at)


def _sub(slot: str, number: int, said: str | tuple[str, dict[str, str]]) -> SubCase:
    state, data = (said, {}) if isinstance(said, str) else said
    closed = None if state in STILL_OPEN else NOW
    label = Text(state, state)
    return SubCase(
        f"s{number}", f"SUB-{number}", slot, "sub", "预算科", "子事项", StateName(state), label, closed, data
    )


def _event(case: Case, step: str, source: StateName | None, at: datetime) -> Event:
    return Event(
        case.id, case.seq, at, "somebody", "somebody", None, "cli", TransitionName(step), source, case.state, {}, None, False, ""
    )  # fmt: skip


def _steps(definition: Definition, running: Deadline) -> list[str]:
    """What a clock does, in words: `2026-03-05 remind office`."""
    rule = definition.deadlines[running.rule]
    moments = scheduled(rule, running, CALENDAR)
    said = []
    for each in moments:
        whom = [str(each.step.transition)] if each.step.transition else [str(role) for role in each.step.tell]
        if each.step.reassign:
            whom.append(f"→{each.step.reassign}")
        said.append(f"{each.at.astimezone(SHANGHAI).date()} {each.step.kind} {' '.join(whom)}")
    return said
