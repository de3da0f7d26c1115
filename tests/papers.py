"""A case on its way through the events alone, without a desk or a database: each call is one event, at an hour of Shanghai."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Self

from workflow.case import SHANGHAI, START, Case, Deadline, Event, Outcome, StateName, TransitionName
from workflow.history import blank, fold
from workflow.model import Definition
from workflow.workdays import Calendar, shipped

PRC = Calendar(*shipped())


def at(said: str) -> datetime:
    """An instant as the office's clock shows it; a day alone is ten in the morning."""
    said = said if " " in said else f"{said} 10:00"
    return datetime.strptime(said, "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI).astimezone(UTC)


class Paper:
    """One case of this definition, with every clock that it ever had."""

    def __init__(self, definition: Definition, calendar: Calendar = PRC) -> None:
        self.definition, self.calendar = definition, calendar
        self.case: Case = blank("c", "P1", definition, "bureau", "预算科")
        self.ever: dict[tuple[str, int], Deadline] = {}
        self.events: list[Event] = []

    def happens(
        self, name: str, when: str | datetime, to: str | None = None, *, automatic: bool = False, **data: Any
    ) -> Self:
        """One event, whatever it is."""
        event = Event(
            case_id="c",
            seq=self.case.seq + 1,
            at=at(when) if isinstance(when, str) else when,
            actor="wang",
            actor_name="王敏",
            on_behalf_of=None,
            via="test",
            transition=TransitionName(name),
            source=None if name == START else self.case.state,
            target=StateName(to or self.case.state),
            data=data,
            comment=None,
            automatic=automatic,
            definition=self.definition.digest,
        )
        folded = fold(self.definition, self.case, event, self.calendar)
        self.case = folded.case
        self.events.append(event)
        self.ever.update({(each.rule, each.armed_seq): each for each in folded.touched})
        return self

    @property
    def running(self) -> list[str]:
        return [each.rule for each in self.case.deadlines]

    @property
    def only(self) -> Deadline:
        (deadline,) = self.case.deadlines
        return deadline

    @property
    def outcomes(self) -> list[tuple[str, int, Outcome | None]]:
        return [(rule, seq, each.outcome) for (rule, seq), each in sorted(self.ever.items())]
