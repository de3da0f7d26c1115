"""A definition held against tables written by hand: who may do what where, what each rule stops, when each clock ends.

The tables lie beside the tests: `KIND_permitted.yaml`, `KIND_refusals.yaml`, `KIND_clocks.yaml`. Each rule can then be taken
out of the definition in turn, and a table must notice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from workflow.accepted import definition_from
from workflow.act import Demand
from workflow.case import (
    SHANGHAI,
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
from workflow.clock import advance, scheduled
from workflow.conditions import AllOf, AnyOf, Condition, Not, OneOf
from workflow.explain import editable
from workflow.history import blank
from workflow.judge import judge, post_for, system_actor
from workflow.loader import accept, read_catalogue
from workflow.model import Anchor, DeadlineRule, Definition, Guard, Regime, Transition
from workflow.text import Text
from workflow.workdays import Calendar, shipped

HERE = Path(__file__).parent
DEFINITIONS = HERE.parent.parent / "definitions"
NOW = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)
TODAY = date(2026, 3, 10)
#: States in which a sub-case of a table has not ended.
STILL_OPEN = {"asked", "assigned", "drafting", "feedback", "tracked", "head_review", "examined", "signed"}
CALENDAR = Calendar(*shipped())


def load(kind: str) -> Definition:
    """The shipped definition of this kind."""
    catalogues = [
        read_catalogue(p.read_text("utf-8"), p.name) for p in sorted((DEFINITIONS / "catalogues").glob("*.yaml"))
    ]
    name = f"{kind}.yaml"
    accepted = accept((DEFINITIONS / name).read_text("utf-8"), name, {each.id: each for each in catalogues})
    return definition_from(accepted.json, accepted.digest)


def rows(name: str) -> Any:
    """The table of this name."""
    return yaml.safe_load((HERE / name).read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Tables:
    """What was written by hand of one kind of case; `whole` are the data of a case in whose way nothing stands."""

    permitted: dict[str, Any]
    refusals: list[dict[str, Any]]
    clocks: list[dict[str, Any]]
    whole: dict[str, Any]

    def permission_faults(self, definition: Definition) -> Iterator[str]:
        """Every place where the definition allows a role another step or field than the table does."""
        for state in definition.states:
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
        """Every row of the refusal table (of one step, if named) that the definition answers otherwise."""
        for row in _one_step_each(self.refusals):
            if about not in (None, row["step"]):
                continue
            step = definition.transitions[TransitionName(row["step"])]
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

    def clock_faults(self, definition: Definition, about: str | None = None) -> Iterator[str]:
        """Every row of the clock table (of one rule, if named) that the definition counts otherwise."""
        for row in _one_state_each(self.clocks):
            if about in (None, row["rule"]):
                running = self._walked(definition, row) if "way" in row else self._running(definition, row)
                said = running and _end(running, str(row["due"]))
                if said != (str(row["due"]) if row["due"] else None):
                    yield f"{row['rule']} in {row['in']} ends on {said}, not {row['due']}"
                elif running and "steps" in row:
                    steps = _steps(definition, running)
                    if steps != row["steps"]:
                        yield f"{row['rule']} does {steps}, not {row['steps']}"

    def case(
        self,
        definition: Definition,
        state: str,
        data: dict[str, Any] | None = None,
        taken: dict[str, str] | None = None,
        over: Any = (),
        subs: dict[str, list[str]] | None = None,
    ) -> Case:
        """A case in this state, with all its clocks in time but those that are `over`, and sub-cases in these states."""
        return replace(
            blank("c1", f"{definition.prefix}-2026-00001", definition, "bureau", "预算科"),
            state=StateName(state),
            version=3,
            seq=3,
            data={name: value for name, value in {**self.whole, **(data or {})}.items() if value is not None},
            trail={step: Trace((person,), 1, NOW) for step, person in ({"start": "registrar"} | (taken or {})).items()},
            waits_for=definition.states[StateName(state)].waits_for,
            deadlines=tuple(
                _open(rule.name, rule.name not in over)
                for rule in definition.deadlines.values()
                if state in rule.runs_in
            ),
            children=tuple(
                _sub(slot, number, reached)
                for slot, states in (subs or {}).items()
                for number, reached in enumerate(states)
            ),
        )

    def _running(self, definition: Definition, row: dict[str, Any]) -> Deadline | None:
        """The clock of a row as it runs after the row's steps: each of `taken` on its day, the last one leading here."""
        case = replace(self.case(definition, row["in"], row.get("data")), trail={}, deadlines=())
        running: tuple[Deadline, ...] = ()
        taken = row["taken"]
        for seq, (step, day) in enumerate(taken.items(), 1):
            at = datetime.combine(day, datetime.min.time(), SHANGHAI).astimezone(UTC) + timedelta(hours=10)
            case = replace(case, trail={**case.trail, step: Trace(("somebody",), seq, at)}, seq=seq)
            stays = any(step == rule.extend.event for rule in definition.deadlines.values() if rule.extend)
            stays = stays or step == row.get("stays")
            if seq == len(taken) or stays:
                event = _event(case, step, StateName(row["in"]) if stays else None, at)
                running = tuple(
                    each for each in advance(definition, running, event, case, CALENDAR) if not each.closed_at
                )
            if row.get("extended_by") in taken and list(taken)[seq : seq + 1] == [row["extended_by"]]:
                event = _event(case, step, None, at)
                running = tuple(
                    each for each in advance(definition, running, event, case, CALENDAR) if not each.closed_at
                )
        return next((each for each in running if each.rule == row["rule"]), None)

    def _walked(self, definition: Definition, row: dict[str, Any]) -> Deadline | None:
        """The clock of a row after the row's `way`: each step on its day, and each leads where the definition says."""
        state: StateName | None = None
        case = replace(self.case(definition, row["in"], row.get("data")), trail={}, deadlines=())
        running: tuple[Deadline, ...] = ()
        for seq, (step, day) in enumerate(row["way"].items(), 1):
            at = datetime.combine(day, datetime.min.time(), SHANGHAI).astimezone(UTC) + timedelta(hours=10)
            before = state
            state = definition.initial if step == "start" else definition.transitions[TransitionName(step)].target
            case = replace(case, state=state, trail={**case.trail, step: Trace(("somebody",), seq, at)}, seq=seq)
            event = _event(case, step, before, at)
            running = tuple(each for each in advance(definition, running, event, case, CALENDAR) if not each.closed_at)
        assert state == row["in"], f"the way {row['way']} leads to {state}, not {row['in']}"
        return next((each for each in running if each.rule == row["rule"]), None)


def holder(definition: Definition, role: str, section: str = "预算科") -> Actor:
    """Somebody with this one post."""
    if role == "system":
        return system_actor("bureau")
    scope = definition.roles[RoleName(role)].scope
    post = Appointment(RoleName(role), section if scope == "section" else None, date(2018, 1, 1), None)
    return Actor(f"one-{role}", role, "bureau", (post,))


def with_step(definition: Definition, changed: Transition) -> Definition:
    """The definition with another reading of one step."""
    transitions = {**definition.transitions, changed.name: changed}
    leaving = {state: tuple(t for t in transitions.values() if state in t.sources) for state in definition.states}
    return replace(
        definition, transitions=transitions, leaving=leaving, digest=f"{definition.digest}-{hash(changed.name)}"
    )


def weaker_steps(definition: Definition) -> Iterator[tuple[str, str, Definition]]:
    """Every definition in which one step lacks one of its rules: a guard, its condition, a role is taken by itself below."""
    for step in definition.transitions.values():
        for guard in step.guards:
            kept = tuple(each for each in step.guards if each != guard)
            yield step.name, guard, with_step(definition, replace(step, guards=kept))
        if step.when:
            yield step.name, "if", with_step(definition, replace(step, when=None))
        if step.when_blocked:
            yield step.name, "when_blocked", with_step(definition, replace(step, when_blocked=()))
        if step.dated:
            yield step.name, "dated", with_step(definition, replace(step, dated=None))
        if step.letter:
            for part in definition.letters[step.letter].parts:
                letter = definition.letters[step.letter]
                shorter = replace(letter, parts=tuple(each for each in letter.parts if each != part))
                yield (
                    step.name,
                    f"{letter.name}: {part}",
                    replace(definition, letters={**definition.letters, letter.name: shorter}),
                )


def weaker_conditions(definition: Definition) -> Iterator[tuple[str, str, Definition]]:
    """Every definition in which a condition or check of a guard or a step, or a step's form, lacks one of its parts."""
    for guard in definition.guards.values():
        for part, less in _weaker_guard(guard):
            yield guard.name, part, replace(definition, guards={**definition.guards, guard.name: less})
    for step in definition.transitions.values():
        for part, when in _parts_less(step.when) if step.when else ():
            yield step.name, part, with_step(definition, replace(step, when=when))
        for name in step.required:
            kept = tuple(each for each in step.required if each != name)
            yield step.name, f"required {name}", with_step(definition, replace(step, required=kept))
        if step.comment == Demand.REQUIRED:
            yield step.name, "comment", with_step(definition, replace(step, comment=Demand.OPTIONAL))


def _weaker_guard(guard: Guard) -> Iterator[tuple[str, Guard]]:
    for part, when in _parts_less(guard.when) if guard.when else ():
        yield part, replace(guard, when=when)
    for param, values in guard.params.items():
        for value in values if len(values) > 1 else ():
            yield f"{param} {value}", replace(guard, params={**guard.params, param: [v for v in values if v != value]})
    if guard.needs and len(guard.needs.states) > 1:
        for state in guard.needs.states:
            kept = tuple(each for each in guard.needs.states if each != state)
            yield f"needs {state}", replace(guard, needs=replace(guard.needs, states=kept))


def _parts_less(condition: Condition) -> Iterator[tuple[str, Condition]]:
    """The condition without one of its parts, or one of the values that it lets hold."""
    match condition:
        case AllOf(of) | AnyOf(of):
            for place, part in enumerate(of):
                before, after = of[:place], of[place + 1 :]
                if before or after:
                    yield f"without {part}", type(condition)((*before, *after))
                for name, less in _parts_less(part):
                    yield name, type(condition)((*before, less, *after))
        case Not(of):
            yield from ((name, Not(less)) for name, less in _parts_less(of))
        case OneOf(field, values) if len(values) > 1:
            for value in values:
                yield f"{field} without {value}", OneOf(field, tuple(each for each in values if each != value))


def without_a_role(definition: Definition) -> Iterator[tuple[str, str, str, Definition]]:
    """Every definition in which one role may no longer take one step in one state."""
    for step in definition.transitions.values():
        for state, roles in step.roles.items():
            for role in roles:
                fewer = {**step.roles, state: tuple(each for each in roles if each != role)}
                yield step.name, state, role, with_step(definition, replace(step, roles=fewer))


def weaker_clocks(definition: Definition) -> Iterator[tuple[str, str, Definition]]:
    """Every definition in which one clock lacks one of its parts, or is not there."""
    for rule in definition.deadlines.values():
        others = {name: each for name, each in definition.deadlines.items() if name != rule.name}
        yield rule.name, "whole", replace(definition, deadlines=others)
        changes: dict[str, dict[str, Any]] = {"limit": _another_limit(rule)}
        if rule.applies:
            changes["applies"] = {"applies": None}
        # Where the data must be of that day or later, too, the first day of the law is said twice.
        if rule.since and f"day='{rule.since}'" not in str(rule.applies):
            changes["since"] = {"since": None}
        if rule.extend:
            shorter = replace(rule.extend.by, count=rule.extend.by.count - 1)
            changes["extend"] = {"extend": None}
            changes["extend by"] = {"extend": replace(rule.extend, by=shorter)}
            if rule.extend.count:
                changes["extend count"] = {"extend": replace(rule.extend, count=None)}
        for event in rule.restart:
            changes[f"restart {event}"] = {"restart": {name: on for name, on in rule.restart.items() if name != event}}
        for event in rule.done_by:
            changes[f"done by {event}"] = {"done_by": tuple(each for each in rule.done_by if each != event)}
        if rule.anchor and rule.anchor.date and not _says_its_own_day(definition, rule.anchor):
            changes["anchor date"] = {"anchor": replace(rule.anchor, date=None)}
        if rule.anchor and len(rule.anchor.events) > 1:
            for event in rule.anchor.events:
                fewer = tuple(each for each in rule.anchor.events if each != event)
                changes[f"anchor {event}"] = {"anchor": replace(rule.anchor, events=fewer)}
        for state in rule.runs_in:
            changes[f"in {state}"] = {"runs_in": tuple(each for each in rule.runs_in if each != state)}
        for state in rule.pauses_in:
            pauses = tuple(each for each in rule.pauses_in if each != state)
            changes[f"pauses in {state}"] = {"pauses_in": pauses}
            changes[f"counted in {state}"] = {"pauses_in": pauses, "runs_in": (*rule.runs_in, state)}
        if rule.regime_by:
            changes["regime by"] = {"regime_by": None}
        for law in rule.regimes:
            changes |= {f"{law.basis}: {part}": {"regimes": other} for part, other in _other_law(rule.regimes, law)}
        for step in rule.steps:
            changes[step.name] = {"steps": tuple(each for each in rule.steps if each != step)}
        for name, change in changes.items():
            yield rule.name, name, replace(definition, deadlines={**others, rule.name: replace(rule, **change)})


def _another_limit(rule: DeadlineRule) -> dict[str, Any]:
    """A day more, of a day of the year the day before it; where a field says how long, one day whatever it says."""
    if rule.limit_field:
        return {"limit_field": None, "limit": replace(rule.limit, count=1)}
    if rule.limit.unit.is_yearly:
        return {"limit": replace(rule.limit, count=1231 if rule.limit.count == 101 else rule.limit.count - 1)}
    return {"limit": replace(rule.limit, count=rule.limit.count + 1)}


def _other_law(regimes: tuple[Regime, ...], law: Regime) -> Iterator[tuple[str, tuple[Regime, ...]]]:
    """Another reading of one version of the law: none, a longer limit, another extension, in force a day longer."""

    def read(**change: Any) -> tuple[Regime, ...]:
        return tuple(replace(each, **change) if each == law else each for each in regimes)

    yield "whole", tuple(each for each in regimes if each != law)
    yield "limit", read(limit=replace(law.limit, count=law.limit.count + 1))
    if law.extend:
        yield "extend", read(extend=None)
        yield "extend by", read(extend=replace(law.extend, count=law.extend.count - 1))
    if law.until:
        yield "until", read(until=law.until + timedelta(days=1))


def _says_its_own_day(definition: Definition, anchor: Anchor) -> bool:
    """Whether the steps that begin a clock are dated by the day from which it counts: then its rule says it twice."""
    steps = [definition.transitions.get(TransitionName(name)) for name in anchor.events]
    return all(step is not None and step.dated == anchor.date for step in steps)


def _one_step_each(refusals: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """A row about several steps says of each where and with what it is taken: `step: {sign: {in: signing}, …}`."""
    for row in refusals:
        places = row["step"] if isinstance(row["step"], dict) else {row["step"]: {}}
        yield from ({**row, **place, "step": step} for step, place in places.items())


def _one_state_each(clocks: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for row in clocks:
        states = [row["in"]] if isinstance(row["in"], str) else row["in"]
        yield from ({**row, "in": state} for state in states)


def _end(running: Deadline, said: str) -> str:
    """The last day of a clock; where the table names the hour, the minute in which it ends."""
    return f"{running.due_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if ":" in said else running.rolled_on.isoformat()


def _open(rule: str, in_time: bool) -> Deadline:
    due_at = NOW + timedelta(days=5 if in_time else -5)
    return Deadline(rule, 1, TODAY, NOW - timedelta(days=20), due_at.date(), due_at.date(), due_at)


def _sub(slot: str, number: int, state: str) -> SubCase:
    closed = None if state in STILL_OPEN else NOW
    label = Text(state, state)
    return SubCase(f"s{number}", f"SUB-{number}", slot, "sub", "预算科", "子事项", StateName(state), label, closed, {})


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
