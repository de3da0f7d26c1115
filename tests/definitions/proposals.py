"""A bureau that handles deputies' proposals: where a test of the procedure stands before it begins."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from storage import Desk
from storage.views import Done
from tests.factories import Clock, Ids, Office, bureau_at
from workflow.case import SHANGHAI, Case

TITLE = "关于提高社区养老服务补助标准的建议"
TEXT = "建议提高社区居家养老服务补助标准。联系电话：（略）"
REPLY = "经研究，已将社区居家养老服务补助标准列入2026年预算。"
ANSWERED: dict[str, Any] = {
    "series": "下财",
    "cosigners_answered": True,
    "form_enclosed": True,
    "copied_assigner": True,
    "copied_government": True,
}
AGREED = {"satisfied": "satisfied", "consent": "granted"}
#: Who drafts and who examines in each section.
HANDS = {"预算科": ("wangmin", "lihua"), "国库科": ("chenjing", "heping")}


def bureau_before_2026(path: Path) -> Path:
    """A database whose people were appointed before any day of these tests."""
    bureau_at(path, Clock(datetime(2025, 1, 2, 9, 0, tzinfo=SHANGHAI)))
    return path


@contextmanager
def bureau_from(file: Path, at: Path) -> Iterator[Deputies]:
    """A copy of that database, open."""
    shutil.copy(file, at)
    clock, url = Clock(), f"sqlite:///{at}"
    with Desk.open(url, clock=clock, ids=Ids()) as desk:
        yield Deputies(url, clock, desk)


class Deputies(Office):
    """The bureau with proposals on their way; each method leaves the case where its name says."""

    def assigned(self, on: str = "2026-03-02", received: str | None = None, **data: Any) -> str:
        """Registered on the day on which it was received."""
        self.clock.set(f"{received or on}T09:00")
        known: dict[str, Any] = {
            "assigning_body": "npc",
            "assigned_on": on,
            "received_on": received or on,
            "proposal_text": TEXT,
            "lead_proposer": "张代表",
            "proposer_contact": "0571-88880000",
            "handling": "single",
        }
        known |= {"title": TITLE, **data}
        title = str(known.pop("title"))
        done = self.desk.start(self.actor("zhaoyun"), "proposal", title=title, section="预算科", data=known)
        return done.case.case.id

    def accepted(self, on: str = "2026-03-02", **data: Any) -> str:
        case = self.assigned(on, **data)
        self.does("zhaoyun", "accept", case)
        return case

    def drafts(self, case: str, mark: str = "A", **data: Any) -> None:
        written = {"reply_text": REPLY, "mark": mark, "public_interest": True, "publish_form": "full", **data}
        known = self.case(case).data
        new = {name: value for name, value in written.items() if known.get(name) != value}
        self.edits(self.hands(case)[0], case, **new)

    def clears(self, case: str, **data: Any) -> None:
        """From the draft to the head's desk."""
        drafter, head = self.hands(case)
        self.does(drafter, "submit", case)
        self.does(head, "endorse", case)
        self.does("qianwei", "check", case)
        self.does("sunli", "clear", case, **{"secret_part": "none", **data})

    def signs(self, case: str, **data: Any) -> None:
        """From the draft to a signed reply, today."""
        self.clears(case, **data)
        self.does("fangju", "sign", case, studied_on=self.today)

    def replies(self, case: str, on: str, mark: str = "A", **data: Any) -> None:
        """From the draft to a reply of that day."""
        self.clock.set(f"{on}T10:00")
        self.drafts(case, mark, **data)
        self.signs(case)
        self.does("zhaoyun", "reply", case, **{**ANSWERED, "replied_on": on})

    def replied(self, on: str, assigned_on: str = "2026-03-02", mark: str = "A", **data: Any) -> str:
        case = self.accepted(assigned_on, **data)
        self.replies(case, on, mark)
        return case

    def agreed(self, on: str, assigned_on: str = "2026-03-02", mark: str = "A", **data: Any) -> str:
        """Replied on that day, and the deputy said yes to both on the spot."""
        case = self.replied(on, assigned_on, mark, **data)
        self.does("zhaoyun", "record_agreement", case, **{**AGREED, "feedback_on": on})
        return case

    def hands(self, case: str) -> tuple[str, str]:
        return HANDS[self.case(case).section]

    def edits(self, person: str, case: str, **data: Any) -> Done:
        return self.desk.edit(self.actor(person), case, data=data)

    def due(self, case: str, rule: str) -> str | None:
        """The last day of a clock that runs; None when it does not."""
        running = [each for each in self.case(case).deadlines if each.rule == rule and each.closed_at is None]
        return running[0].rolled_on.isoformat() if running else None

    def children(self, case: str) -> list[Case]:
        return [self.case(each.id) for each in self.case(case).children]

    def state(self, case: str) -> str:
        return str(self.case(case).state)

    @property
    def today(self) -> str:
        return self.clock.at.date().isoformat()
