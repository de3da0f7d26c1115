"""The days of a plan: by when each stage must be done if every hand before it uses its whole limit (最迟办理日). Pure.

Each stage is taken in thought on the last day of the clock that ends first, and folded like an event that happened: so pauses,
restarts and anchors count as they will. A stage without a clock takes no time: nobody can say how much it will.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from workflow.case import EDIT, Case, Data, Deadline, Event, Scalar, TransitionName, business_date
from workflow.clock import left, stands_still
from workflow.decide import changes_of
from workflow.errors import Invalid
from workflow.history import fold
from workflow.judge import system_actor, with_lapses
from workflow.limit import Limit
from workflow.model import DeadlineRule, Definition, FieldType
from workflow.prover.plan import Stage, Written
from workflow.prover.whose import Choice, expiring
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
    at = max(now, case.changed_at)
    today = {each.rule for each in case.deadlines}
    for stage, others_end in zip(stages, awaited, strict=False):
        known = [each for each in case.deadlines if each.rule in today and each.rule in definition.deadlines]
        ends = {each.rule: each.rolled_on for each in known if not stands_still(each)}
        rest = {
            each.rule: left(definition.deadlines[each.rule], each, calendar, at) for each in known if stands_still(each)
        }
        first = _first(definition, case, stage)
        if first is None:
            yield Day(None, ends, rest)
        else:
            rule = definition.deadlines[first.rule]
            by = By(rule, first.strict_on, first.rolled_on, first.provisional, first.due_at <= at)
            yield Day(by, ends, rest)
            # What waits for the end of a limit is taken when it is over; what people do, on its last day.
            last = first.due_at if stage.choice is Choice.EXPIRY else first.due_at - timedelta.resolution
            # Whoever waits for others goes on when their time is over, and not only on the last day of one's own.
            at = max(at, others_end - timedelta.resolution if others_end else last)
        case = _after(definition, case, stage, at, calendar)


def _first(definition: Definition, case: Case, stage: Stage) -> Deadline | None:
    """The clock that ends first of those that run; of a stage that waits for the end of one, that one."""
    running = [each for each in case.deadlines if not stands_still(each) and each.rule in definition.deadlines]
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
