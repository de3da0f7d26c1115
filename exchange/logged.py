"""The record as an event log for programs: which events the actor may see, and what of them leaves the house.

What is personal leaves behind its mask. Comments and long texts do not leave at all: they are written to people, may name
anybody, and no program that looks for patterns in a log reads them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING

from exchange.export import in_table
from workflow.case import PARENT, SHANGHAI, SYSTEM, Actor, Case, Event, RoleName, Scalar, TransitionName, business_date
from workflow.history import CLOCK_EVENTS
from workflow.model import Definition, FieldType
from workflow.text import Text
from workflow.words import shown_value, step_label

if TYPE_CHECKING:
    from storage import Desk

USUAL_PAGE = 500


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """One event as it leaves the house: `data` holds what changed, each value with the type in which it may be written."""

    event: Event
    label: Text
    role: RoleName | None  # in which the step was taken, where the definition leaves no doubt
    data: Mapping[str, tuple[str, Scalar]]  # field -> (string | integer | float | boolean | time, value)
    cleared: tuple[str, ...]
    written: tuple[str, ...]  # longer texts: that something was written, and not what

    @property
    def is_by_a_person(self) -> bool:
        """Whether somebody did it, and not the clock."""
        return self.event.actor != SYSTEM


@dataclass(frozen=True, slots=True)
class LoggedCase:
    """One case with its story."""

    case: Case
    definition: Definition
    title: str
    events: tuple[LoggedEvent, ...]

    @property
    def parent(self) -> str | None:
        """The id of the case that this is a sub-case of."""
        said = self.events[0].event.data.get(PARENT) if self.events else None
        return str(said) if said else self.case.parent


@dataclass(frozen=True, slots=True)
class Log:
    """All that the actor may see, and who is in it."""

    bureau: str
    cases: tuple[LoggedCase, ...]
    names: Mapping[str, str]  # person -> name
    homes: Mapping[str, str]  # person -> section in which they now sit, where the register knows one

    @property
    def count(self) -> int:
        """How many events it holds."""
        return sum(len(each.events) for each in self.cases)


def log_of(
    desk: Desk,
    actor: Actor,
    *,
    kind: str | None = None,
    section: str | None = None,
    progress: Callable[[int], None] | None = None,
) -> Log:
    """The cases that the actor sees, each with its story, by number."""
    if kind is not None:
        desk.definition(kind)  # a kind that is not there is said, and not taken for one without cases
    people, today = {each.id: each for each in desk.people(actor)}, business_date(desk.now())
    cases = tuple(_cases(desk, actor, kind, section, progress))
    return Log(
        bureau=desk.bureau_name,
        cases=cases,
        names={name: each.name for name, each in people.items()},
        homes={name: home for name, each in people.items() if (home := each.section_on(today))},
    )


def _cases(
    desk: Desk, actor: Actor, kind: str | None, section: str | None, progress: Callable[[int], None] | None
) -> Iterator[LoggedCase]:
    after, done = None, 0
    while True:
        rows, after = desk.list_cases(actor, kind=kind, section=section, limit=USUAL_PAGE, after=after)
        for row in rows:
            case = desk.case(actor, row.id).case
            definition = desk.definition_of(case.definition)
            events = tuple(_logged(desk.definition_of(each.definition), each) for each in desk.history(actor, row.id))
            title = str(shown_value(definition, "title", case.title))
            yield LoggedCase(case, definition, title, events)
        done += len(rows)
        if progress:
            progress(done)
        if after is None:
            return


def _logged(definition: Definition, event: Event) -> LoggedEvent:
    data: dict[str, tuple[str, Scalar]] = {}
    cleared, written = [], []
    for name, value in () if event.transition in CLOCK_EVENTS else event.data.items():
        field = definition.fields.get(name)
        if field is None:
            continue
        if value is None:
            cleared.append(name)
        elif not in_table(field):
            written.append(name)
        else:
            kind = "string" if field.personal else _TYPES[field.type]
            data[name] = (kind, _plain(kind, shown_value(definition, name, value)))
    return LoggedEvent(
        event, step_label(definition, event.transition), _role(definition, event), data, tuple(cleared), tuple(written)
    )


def types_of(definition: Definition) -> dict[str, str]:
    """The fields of a kind that leave the house, each with the type in which it is written."""
    leaving = (each for each in definition.fields.values() if in_table(each))
    return {each.name: "string" if each.personal else _TYPES[each.type] for each in leaving}


def _role(definition: Definition, event: Event) -> RoleName | None:
    step = definition.transitions.get(TransitionName(event.transition))
    roles = step.roles.get(event.source, ()) if step and event.source else ()
    return roles[0] if len(roles) == 1 and roles[0] in definition.roles else None


def _plain(kind: str, value: Scalar) -> Scalar:
    if kind == "time":
        return datetime.combine(date.fromisoformat(str(value)), time(), SHANGHAI).isoformat()
    return value


_TYPES = {
    FieldType.TEXT: "string",
    FieldType.CASE: "string",
    FieldType.ENUM: "string",
    FieldType.BOOL: "boolean",
    FieldType.DATE: "time",
    FieldType.INTEGER: "integer",
    FieldType.MONEY: "float",
}
