"""A matter on its way through tests/definitions/good/clocks.yaml, the procedure in which every kind of clock runs."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Self

from tests.papers import PRC, Paper
from workflow.accepted import definition_from
from workflow.case import EDIT, START, Deadline
from workflow.loader import accept
from workflow.model import Definition
from workflow.workdays import Calendar

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


class Matter(Paper):
    """One matter of this procedure."""

    def __init__(self, calendar: Calendar = PRC) -> None:
        super().__init__(clocks(), calendar)

    def takes(self, name: str, when: str, on: str | None = None, **data: Any) -> Self:
        """A step of the procedure; it writes the day on which it happened, the day itself if no other is given."""
        to, field = LEADS[name]
        dated = {field: on or when.partition(" ")[0]} if field else {}
        return self.happens(name, when, to, **{**dated, **data})

    def corrects(self, when: str, **data: Any) -> Self:
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
