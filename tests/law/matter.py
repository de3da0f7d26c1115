"""A matter on its way through tests/definitions/good/clocks.yaml, the procedure in which every kind of clock runs."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from workflow.accepted import definition_from
from workflow.case import EDIT, SHANGHAI, START, Case, Deadline, Event, StateName, TransitionName
from workflow.history import blank, fold
from workflow.loader import accept
from workflow.model import Definition
from workflow.workdays import Calendar, shipped

PRC = Calendar(*shipped())
FILE = Path(__file__).parent.parent / "definitions" / "good" / "clocks.yaml"

#: Where each step leads, and in which field it writes its day.
LEADS = {
    "receive": ("drafting", "received_on"),
    "consult": ("consulting", "consulted_on"),
    "answer": ("drafting", "answered_on"),
    "correct": ("drafting", "corrected_on"),
    "extend": ("drafting", None),
    "prolong": ("consulting", None),
    "give_back": ("draft", None),
    "reply": ("replied", "replied_on"),
}


@cache
def clocks() -> Definition:
    """The procedure, accepted by the loader as any other."""
    accepted = accept(FILE.read_text("utf-8"), FILE.name, {})
    return definition_from(accepted.json, accepted.digest)


def at(said: str) -> datetime:
    """An instant as the office's clock shows it; a day alone is ten in the morning."""
    said = said if " " in said else f"{said} 10:00"
    return datetime.strptime(said, "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI).astimezone(UTC)


class Matter:
    """One matter; each call is one event, at an hour of Shanghai."""

    def __init__(self, calendar: Calendar = PRC) -> None:
        self.definition, self.calendar = clocks(), calendar
        self.case: Case = blank("c", "CLK-1", self.definition, "bureau", "预算科")
        self.ever: dict[tuple[str, int], Deadline] = {}
        self.events: list[Event] = []

    def happens(
        self, name: str, when: str | datetime, to: str | None = None, *, automatic: bool = False, **data: Any
    ) -> Matter:
        """One event, whatever it is."""
        event = Event(
            case_id="c",
            seq=self.case.seq + 1,
            at=at(when) if isinstance(when, str) else when,
            actor="zhaoyun",
            actor_name="赵云",
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

    def takes(self, name: str, when: str, on: str | None = None, **data: Any) -> Matter:
        """A step of the procedure; it writes the day on which it happened, the day itself if no other is given."""
        to, field = LEADS[name]
        dated = {field: on or when.partition(" ")[0]} if field else {}
        return self.happens(name, when, to, **{**dated, **data})

    def corrects(self, when: str, **data: Any) -> Matter:
        """A clerk mends what was typed."""
        return self.happens(EDIT, when, **data)

    def clock(self, rule: str) -> Deadline:
        """The running clock of this rule."""
        (found,) = [each for each in self.case.deadlines if each.rule == rule]
        return found

    def ended(self, rule: str) -> list[tuple[int, str]]:
        """How each clock of this rule ended: by the event that armed it."""
        return [(seq, str(each.outcome)) for (name, seq), each in sorted(self.ever.items()) if name == rule]


def received(when: str = "2026-03-02", on: str | None = None, **data: Any) -> Matter:
    """A matter that was received on that day."""
    return Matter().happens(START, when, title="申请").takes("receive", when, on, **data)
