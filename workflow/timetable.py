"""The days of a plan: by when each stage must be done if every hand before it uses its whole limit (最迟办理日). Pure.

Each stage is taken in thought on the last day of the clock that ends first, and folded like an event that happened: so pauses,
restarts and anchors count as they will. A stage without a clock takes no time: nobody can say how much it will.
A clock that counts from a day which a stage is yet to fill in has no last day: the law counts from what happened, and not from
the day on which that stage might be taken. What begins with a stage that has such clocks only has none either.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from workflow.case import EDIT, Case, Data, Deadline, Event, Scalar, TransitionName, business_date
from workflow.clock import anchored_in, in_words, left, length, stands_still
from workflow.decide import changes_of
from workflow.errors import Invalid
from workflow.history import fold
from workflow.judge import system_actor, with_lapses
from workflow.limit import Limit
from workflow.model import Assignment, DeadlineRule, Definition, FieldType
from workflow.prover.plan import Stage, Written
from workflow.prover.whose import Choice, expiring
from workflow.text import Text
from workflow.workdays import Workdays


@dataclass(frozen=True, slots=True)
class By:
    """The last day for one stage: by which clock, as counted and after moving off a day off."""

    rule: DeadlineRule
    strict_on: date
    rolled_on: date
    provisional: bool
    over: bool  # it ends before the stage can begin, if every hand before uses its whole limit; or has ended already

    def to_json(self) -> dict[str, object]:
        """The day as the JSON surface shows it."""
        return {
            "clock": self.rule.name,
            **self.rule.label.to_json(),
            "strict_on": self.strict_on.isoformat(),
            "rolled_on": self.rolled_on.isoformat(),
            "provisional": self.provisional,
            "over": self.over,
        }


@dataclass(frozen=True, slots=True)
class Day:
    """The last day for one stage, and how the clocks stand that run today: on which day each will end by then, or what is left of it."""

    by: By | None = None
    ends: Mapping[str, date] = field(default_factory=dict)
    left: Mapping[str, Limit] = field(default_factory=dict)  # of those that stand still meanwhile
    hangs: Mapping[str, Text] = field(default_factory=dict)  # of those that count from what is yet to be filled in, how


def timetable(
    definition: Definition,
    case: Case,
    stages: Sequence[Stage],
    now: datetime,
    calendar: Workdays,
    awaited: Sequence[datetime | None] = (),
) -> tuple[Day, ...]:
    """The last day for each stage of a plan; none where no clock runs, and from where a day cannot be counted on.

    `awaited`: of each stage, when the time of the other cases ends on which it waits.
    """
    found: list[Day] = []
    with suppress(Invalid):  # what is to be written may make a limit that no calendar reaches
        for each in _days(definition, case, stages, now, calendar, (*awaited, *[None] * len(stages))):
            found.append(each)
    return (*found, *(Day() for _ in stages[len(found) :]))


def _days(
    definition: Definition,
    case: Case,
    stages: Sequence[Stage],
    now: datetime,
    calendar: Workdays,
    awaited: Sequence[datetime | None],
) -> Iterator[Day]:
    at, thought = max(now, case.changed_at), _Thought()
    today = {each.rule for each in case.deadlines}
    for stage, others_end in zip(stages, awaited, strict=False):
        open_ones = [each for each in case.deadlines if each.rule in definition.deadlines]
        hangs = {each.rule: said for each in open_ones if (said := _hangs(definition, case, each, thought.fields))}
        running = [
            each
            for each in open_ones
            if not stands_still(each) and each.rule not in hangs and (each.rule, each.armed_seq) not in thought.clocks
        ]
        ends = {each.rule: each.rolled_on for each in running if each.rule in today}
        rest = {
            each.rule: left(definition.deadlines[each.rule], each, calendar, at)
            for each in open_ones
            if each.rule in today and stands_still(each)
        }
        first = _first(definition, running, stage)
        if first is None:
            yield Day(None, ends, rest, hangs)
        else:
            rule = definition.deadlines[first.rule]
            by = By(rule, first.strict_on, first.rolled_on, first.provisional, first.due_at <= at)
            yield Day(by, ends, rest, hangs)
            # What waits for the end of a limit is taken when it is over; what people do, on its last day.
            last = first.due_at if stage.choice is Choice.EXPIRY else first.due_at - timedelta.resolution
            # Whoever waits for others goes on when their time is over, and not only on the last day of one's own.
            at = max(at, others_end - timedelta.resolution if others_end else last)
        is_known = first is not None or (thought.is_known and all(stands_still(each) for each in open_ones))
        before, case = case, _after(definition, case, stage, at, calendar)
        thought = thought.after(definition, before, case, stage, is_known=is_known)


@dataclass(frozen=True, slots=True)
class _Thought:
    """What is only thought so on the way: the days and numbers yet to be filled in, and the clocks that moved on a day nobody knows."""

    fields: frozenset[str] = frozenset()
    clocks: frozenset[tuple[str, int]] = frozenset()
    is_known: bool = True  # whether it is known by when the stage before is taken

    def after(self, definition: Definition, before: Case, case: Case, stage: Stage, *, is_known: bool) -> _Thought:
        """The same after a stage that was taken in thought."""
        kinds = {FieldType.DATE, FieldType.INTEGER}
        typed = {each.name for each in stage.writes}
        open_ones = {each.name for each in stage.writes if definition.fields[each.name].type in kinds}
        fields = (self.fields - typed) | {each for each in open_ones if case.data.get(each) is not None}
        step = definition.transitions.get(TransitionName(stage.name))
        for each in step.sets if step else ():
            source = _copied(each, case.data)
            fields = fields | {each.field} if source in fields else fields - {each.field}
        moved = {(each.rule, each.armed_seq) for each in case.deadlines if each not in before.deadlines}
        return _Thought(fields, self.clocks - moved if is_known else self.clocks | moved, is_known)


def _copied(said: Assignment, data: Data) -> str | None:
    """The field that an effect copies, for this data."""
    if said.kind == "choose":
        return next((_copied(then, data) for when, then in said.choices if when is None or when.holds(data)), None)
    return str(said.value) if said.kind == "copy" else None


def _hangs(definition: Definition, case: Case, deadline: Deadline, thought: Collection[str]) -> Text | None:
    """How long a clock runs and from where, in words, where it counts from what is yet to be filled in."""
    rule = definition.deadlines[deadline.rule]
    name, said = anchored_in(definition, rule, deadline, case), rule.limit_field
    if name not in thought and said not in thought:
        return None
    limit = length(rule, case.data, deadline.anchor_on, deadline.extended) if said not in thought else None
    words = in_words(limit) if limit else limit_in_words(definition, rule)
    if name is None or name not in thought:
        return words
    how = _BEFORE if rule.backward else _OF_THE_YEAR if rule.limit.unit.is_yearly else _FROM
    return how.filled(field=definition.fields[name].label, limit=words)


def limit_in_words(definition: Definition, rule: DeadlineRule) -> Text:
    """How long a clock runs, as a sentence says it; of one whose length a field says, as that field will."""
    field = definition.fields.get(rule.limit_field or "")
    return _AS_SET.filled(field=field.label) if field else in_words(rule.limit)


def _first(definition: Definition, running: Sequence[Deadline], stage: Stage) -> Deadline | None:
    """The clock that ends first of those that run; of a stage that waits for the end of one, that one."""
    if stage.choice is Choice.EXPIRY and (rule := expiring(definition, stage.name, stage.source)):
        running = [each for each in running if each.rule == rule.name]
    return min(running, key=lambda each: each.due_at, default=None)


def _after(definition: Definition, case: Case, stage: Stage, at: datetime, calendar: Workdays) -> Case:
    """The case after a stage that is taken at that moment, with its clocks."""
    actor = system_actor(case.bureau)
    step = definition.transitions.get(TransitionName(stage.name))
    written = {each.name: _value(definition, each, business_date(at)) for each in stage.writes}
    data: Data = (
        changes_of(definition, case, step, written, actor, at) if step else with_lapses(definition, case, written)
    )
    event = Event(
        case_id=case.id,
        seq=case.seq + 1,
        at=at,
        actor=actor.id,
        actor_name=actor.name,
        on_behalf_of=None,
        via=actor.via,
        transition=TransitionName(stage.name) if step else EDIT,
        source=stage.source,
        target=stage.target,
        data=data,
        comment=None,
        automatic=stage.automatic,
        definition=case.definition,
    )
    return fold(definition, case, event, calendar).case


def _value(definition: Definition, said: Written, on: date) -> Scalar:
    """What is written, as far as a clock looks at it: a day that is open is that of the stage."""
    field = definition.fields[said.name]
    if field.type is FieldType.DATE and (said.any_value or said.example):
        return on.isoformat()
    if said.any_value and field.type is FieldType.INTEGER:
        return field.max if field.max is not None else field.min
    return next(iter(field.choices), "…") if said.any_value else said.value


_FROM = Text("自{field}起{limit}", "{limit} from “{field}”")
_BEFORE = Text("{field}前{limit}", "{limit} before “{field}”")
_OF_THE_YEAR = Text("{limit}（按{field}计）", "{limit}, by “{field}”")
_AS_SET = Text("按“{field}”", "as {field} says")
