"""The way from a case to a state, with the people who can take each stage and the days that run: what `Desk.plan` hands out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime

from storage import accounts, people, versions
from storage.lateness import before_it_closes
from storage.statements import LINKERS
from storage.store import Store
from workflow.case import Case, Deadline, Event, Helper, StateName, SubCase, TransitionName, Unmet, business_date
from workflow.clock import first_due
from workflow.errors import Invalid, Problem
from workflow.history import blank, fold
from workflow.limit import Limit
from workflow.model import DeadlineRule, Definition
from workflow.prover import Proof
from workflow.prover.barred import NoWay
from workflow.prover.plan import Planner, Stage, Written
from workflow.prover.sets import MOST_WORK, TooLarge
from workflow.prover.tellable import Tellable
from workflow.prover.whose import Choice, slots_of
from workflow.suppliers import of_those_who_may
from workflow.text import Text, listed
from workflow.timetable import By, limit_in_words, timetable
from workflow.words import step_label, value_in_words

#: Of each definition what was looked for once: the next question after a way is answered in a few milliseconds.
_PLANNERS: dict[str, Planner] = {}


@dataclass(frozen=True, slots=True)
class Hands:
    """A role that can take a stage, and the names of those who hold it and may; held by others only, there are none."""

    label: Text
    names: tuple[str, ...]
    is_held: bool


@dataclass(frozen=True, slots=True)
class Planned:
    """One stage with those who can take it today, and the clocks that run meanwhile with their last day where it is known."""

    stage: Stage
    definition: Definition
    who: tuple[Hands, ...]
    clocks: tuple[tuple[DeadlineRule, date | None], ...]
    paused: tuple[tuple[DeadlineRule, Limit], ...] = ()  # those that stand still meanwhile, and what is left of them
    awaited: tuple[tuple[SubCase, date | None], ...] = ()  # sub-cases on which it waits, with their last day
    follows: tuple[str, ...] = ()  # the numbers of the cases that take it along with a step of theirs
    by: By | None = None  # the last day, if every hand before uses its whole limit
    hangs: Mapping[str, Text] = field(
        default_factory=dict
    )  # how the clocks count that hang on what is yet to be filled in

    @property
    def writes(self) -> tuple[tuple[Written, Text, Text], ...]:
        """What is to be filled in: with the label of the field, and a value that will do, in words."""
        return tuple((each, self.definition.fields[each.name].label, self._value(each)) for each in self.stage.writes)

    def limit(self, rule: DeadlineRule) -> Text:
        """How a clock counts whose last day is not known: how long, and from what is yet to be filled in."""
        return self.hangs.get(rule.name) or limit_in_words(self.definition, rule)

    def to_json(self) -> dict[str, object]:
        """The stage as the JSON surface shows it."""
        return {
            "transition": self.stage.name,
            **self.stage.label.to_json(),
            "from": self.stage.source,
            "to": self.stage.target,
            "who": [{**each.label.to_json(), "people": list(each.names)} for each in self.who],
            "write": [
                {
                    "field": each.name,
                    **label.to_json(),
                    "value": None if each.any_value or len(each.among) > MOST_NAMED else each.value,
                    "example": each.example and not each.any_value,
                    "depends": bool(each.among),
                    "among": list(each.among),
                }
                for each, label, _ in self.writes
            ],
            "comment": self.stage.comment,
            "besides": [{"guard": guard.name, **guard.text.to_json()} for guard in self.stage.besides],
            "clocks": [
                {
                    "id": rule.name,
                    **rule.label.to_json(),
                    "due_on": due.isoformat() if due else None,
                    "why": None if due else self.limit(rule).to_json(),
                }
                for rule, due in self.clocks
            ],
            "paused": [
                {"id": rule.name, **rule.label.to_json(), "left": rest.count, "left_in": str(rest.unit)}
                for rule, rest in self.paused
            ],
            "awaited": [
                {"case": each.number, "due_on": due.isoformat() if due else None} for each, due in self.awaited
            ],
            "follows": list(self.follows),
            "automatic": self.stage.automatic,
            "choice": str(self.stage.choice),
            "records": self.stage.records,
            "by": self.by.to_json() if self.by else None,
        }

    def _value(self, said: Written) -> Text:
        if said.any_value:
            return _ANY
        if said.among:
            values = (value_in_words(self.definition, said.name, each) for each in said.among)
            named = listed((_QUOTED.filled(value=each) for each in values), "或", " or ")
            return _IF.filled(values=named) if len(said.among) <= MOST_NAMED else _OPEN
        return _EMPTY if said.value is None else value_in_words(self.definition, said.name, said.value)


@dataclass(frozen=True, slots=True)
class Plan:
    """The stages from a case to a state; or none, why, and since when."""

    case: Case
    to: StateName
    label: Text
    stages: tuple[Planned, ...]
    no_way: Text | None
    on: date
    since: Text | None = None  # the step since which there is no way, with its day
    owed: tuple[Unmet, ...] = ()  # the lateness to be explained before a person may close the case on this way

    @property
    def hangs_on_others(self) -> bool:
        """Whether the only way leads through what none of the bureau's people can choose."""
        return any(not each.stage.choice.is_ours for each in self.stages)

    def to_json(self) -> dict[str, object]:
        """The plan as the JSON surface shows it."""
        return {
            "case": self.case.number,
            "state": self.case.state,
            "to": self.to,
            "way": self.no_way is None,
            "why": self.no_way.to_json() if self.no_way else None,
            "since": self.since.to_json() if self.since else None,
            "hangs_on_others": self.hangs_on_others,
            "owed": [{"name": each.name, **each.text.to_json()} for each in self.owed],
            "stages": [each.to_json() for each in self.stages],
        }


def plan(store: Store, case: Case, to: str, now: datetime) -> Plan:
    """The best way to a state. Raises Invalid for a state that the definition does not have."""
    on = business_date(now)
    definition = versions.load(store.db, case.definition)
    if to not in definition.states:
        known = [f"{state.name}（{state.label.zh}）" for state in definition.states.values()]
        names = Text(
            "、".join(known), ", ".join(f"{each.name} ({each.label.en})" for each in definition.states.values())
        )
        raise Invalid((Problem("unknown-state", _NO_STATE.filled(name=to, known=names), field="to"),))
    goal = definition.states[StateName(to)]
    leaders = _leaders(store, case)
    planner, found = _found(definition, case, goal.name, frozenset(leaders))
    if isinstance(found, NoWay):
        since = None
        with suppress(TooLarge):
            since = _since(store, definition, case, planner, goal.name, found)
        return Plan(case, goal.name, goal.label, (), found.text, on, since)
    awaited = [tuple(_awaited(store, case, stage)) for stage in found]
    lasts = [max((first.due_at for _, first in each if first), default=None) for each in awaited]
    days = timetable(definition, case, found, now, store.calendar_at(now), lasts)
    stages = tuple(
        Planned(
            stage,
            definition,
            tuple(_who(store, definition, case, stage, on)),
            tuple((rule, day.ends.get(rule.name)) for rule in stage.clocks),
            tuple((definition.deadlines[name], rest) for name, rest in day.left.items()),
            tuple((each, first.rolled_on if first else None) for each, first in others),
            leaders.get(stage.name, ()) if stage.choice is Choice.AWAITS else (),
            day.by,
            day.hangs,
        )
        for stage, others, day in zip(found, awaited, days, strict=True)
    )
    closes = any(definition.states[each.target].final and not each.automatic for each in found)
    owed = before_it_closes(store, definition, case, now) if closes and not case.closed_at else ()
    return Plan(case, goal.name, goal.label, stages, None, on, owed=owed)


def _who(store: Store, definition: Definition, case: Case, stage: Stage, on: date) -> Iterator[Hands]:
    """Those who hold each role of a stage, without whom its checks of persons keep from it by what was done until now."""
    roles = tuple(Helper(role, definition.roles[role].label) for role in stage.roles)
    step = definition.transitions.get(TransitionName(stage.name))
    for each in of_those_who_may(definition, case, step, roles) if step else roles:
        names = accounts.meant(store.db, each, case, on)
        is_held = bool(names or people.holders(store.db, case.bureau, each.role, case.section, on))
        yield Hands(each.label, names, is_held)


def _awaited(store: Store, case: Case, stage: Stage) -> Iterator[tuple[SubCase, Deadline | None]]:
    """The sub-cases that are to come to an end before a stage, each with its clock that ends first."""
    asked = (guard for guard in stage.besides if guard.needs is None or guard.needs.mode == "all")
    slots = frozenset[str]().union(*map(slots_of, asked))
    for each in case.children:
        if each.slot in slots and each.closed_at is None:
            yield each, first_due(store.case(each.id, case.bureau).deadlines)


def _since(
    store: Store, definition: Definition, case: Case, planner: Planner, to: StateName, no_way: NoWay
) -> Text | None:
    """The step since which there is no way, as the record tells it; None where there never was one under this version."""
    since: Event | None = None
    led = False
    story = blank(case.id, case.number, definition, case.bureau, case.section)
    for event in store.events(case.id):
        if no_way.stated:
            since = event if not event.data.keys().isdisjoint(no_way.stated) else since
            continue
        story = fold(store.definition_of(event.definition), story, event, store.calendar_at(event.at)).case
        if event.definition != definition.digest:
            continue
        leads = planner.leads(story, to)
        if led and not leads:
            since = event
        led = leads
    if since is None:
        return None
    step = step_label(definition, since.transition)
    return _SINCE.filled(step=step, on=business_date(since.at), name=since.actor_name)


def _leaders(store: Store, case: Case) -> dict[str, tuple[str, ...]]:
    """The steps that the case takes when an open case takes one of its own, with the numbers of those cases."""
    found: dict[str, list[str]] = defaultdict(list)
    rows = store.db.all(LINKERS, other_id=case.id)
    others = [(row["field"], row["number"], row["definition"]) for row in rows if row["closed_at"] is None]
    above = store.case(case.parent, case.bureau) if case.parent else None
    if above and above.closed_at is None:
        others.append((case.slot, above.number, above.definition))
    for name, number, digest in others:
        for step in versions.load(store.db, digest).transitions.values():
            for move in step.moves:
                if move.case == name and number not in found[move.step]:
                    found[move.step].append(number)
    return {step: tuple(numbers) for step, numbers in found.items()}


def _found(
    definition: Definition, case: Case, to: StateName, taken_along: frozenset[str]
) -> tuple[Planner, tuple[Stage, ...] | NoWay]:
    # What was looked for is kept; where that has grown too much over many questions, it is begun anew.
    for planner in (_PLANNERS.pop(definition.digest, None), None):
        try:
            planner = planner or Planner(Proof(definition, told=Tellable(definition, most_work=2 * MOST_WORK)))
            found = planner.plan(case, to, taken_along)
        except TooLarge:
            continue
        _PLANNERS[definition.digest] = planner
        return planner, found
    raise Invalid((Problem("too-large-to-plan", _TOO_LARGE, field="to"),))


#: Of a decision on which the way hangs, so many values that lead along it are named: more would be no help.
MOST_NAMED = 3

_IF = Text("为{values}时走这条路", "this is the way if it is {values}")
_QUOTED = Text("“{value}”", "“{value}”")
_OPEN = Text("待定，定了才知道走哪条路", "it is to be decided, and decides the way")
_SINCE = Text("自“{step}”（{on}，{name}）起即如此", "so it is since “{step}” ({on}, {name})")
_ANY = Text("（填写）", "(fill in)")
_EMPTY = Text("（清空）", "(empty it)")
_TOO_LARGE = Text(
    "可能的情形过多，找不出一条路；请看 show 列出的下一步",
    "there are too many situations to find a way among; see the next steps that show names",
)
_NO_STATE = Text("没有状态“{name}”；有：{known}", "there is no state “{name}”; there are: {known}")
