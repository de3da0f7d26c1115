"""An Office that takes in requests by name, on a clock that the test moves; each act is one step through the desk."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from storage import Desk
from storage.views import DeadlineView, Done
from workflow.case import SHANGHAI, Case, Deadline, Scalar
from workflow.errors import Refused

PEOPLE = (
    ("zhaoyun", "赵云", "office", None),
    ("qianwei", "钱伟", "office_head", None),
    ("sunli", "孙丽", "secrecy_reviewer", None),
    ("zhouju", "周局", "leader", None),
    ("audit", "郑审", "auditor", None),
    ("lihua", "李华", "section_head", "预算科"),
)

#: The 21 leaves of the annual report's table, each with what its reply says.
OUTCOMES: dict[str, dict[str, Any]] = yaml.load(
    (Path(__file__).parent / "request_outcomes.yaml").read_text("utf-8"), yaml.CSafeLoader
)

#: What a complete request says; the number is one that fits (GB 11643), of nobody.
APPLICANT: dict[str, Any] = {
    "applicant_name": "李明",
    "applicant_kind": "natural",
    "id_kind": "resident_id",
    "id_number": "11010519491231002X",
    "contact": "13900000000",
    "subject": "2025年度部门预算批复",
    "form_wanted": "electronic",
}


#: What a third party comes to say: the step that records its answer, the answer, who finds on it and by which step.
VIEWS = {
    "consents": ("record_answer", "agrees", "record_third_party_consent", "zhaoyun"),
    "objects": ("record_objection", "objects", "record_third_party_objection", "zhaoyun"),
    "weak_objection": ("record_objection", "objects", "record_weak_objection", "qianwei"),
}


class Counter:
    """The Office's counter (窗口), with one request in hand."""

    def __init__(self, desk: Desk, now: list[datetime]) -> None:
        self.desk, self._now, self.case = desk, now, ""
        admin = desk.actor("admin")
        for place in ("局办公室", "预算科"):
            desk.add_section(admin, place)
        for person, name, role, section in PEOPLE:
            desk.add_person(admin, person, name, section=section)
            desk.appoint(admin, person, role, section=section, from_on=date(2004, 1, 1))

    def at(self, moment: str) -> None:
        """It is now ten o'clock in Shanghai on that day, or the time that is said."""
        said = moment if "T" in moment else f"{moment}T10:00"
        self._now[0] = datetime.fromisoformat(said).replace(tzinfo=SHANGHAI)

    def takes_in(self, channel: str = "ems", **data: Scalar) -> Done:
        """One command of the Office: the request is begun, and registered at once where it is whole."""
        today = self._now[0].date().isoformat()
        dated: dict[str, Any] = {"submitted_on": today, "receipt_proof": "EMS 1234567890123"}
        if channel in ("ems", "registered"):
            dated["signed_on"] = today
        whole = {name: value for name, value in {**APPLICANT, **dated, "channel": channel, **data}.items() if value}
        title = str(whole.pop("title", "申请公开部门预算批复"))
        done = self.desk.start(self.desk.actor("zhaoyun"), "request", title=title, section="局办公室", data=whole)
        self.case = done.case.case.id
        return done

    def does(self, step: str, by: str = "zhaoyun", comment: str | None = None, **data: Scalar) -> Done:
        return self.desk.fire(self.desk.actor(by), self.case, step, data=data, comment=comment)

    def received(self, day: str, **data: Any) -> None:
        """A request by EMS, signed for on that day, and taken up."""
        self.at(day)
        self.takes_in(**data)

    def replies(self, outcome: str, **data: Any) -> None:
        """The whole way of a reply from the draft to the post office."""
        self.signs(outcome, **data)
        self.does("send", delivery="mail", sent_on=self._now[0].date().isoformat())

    def signs(self, outcome: str, **data: Any) -> None:
        """A reply from the draft to the signature."""
        if self.now.state == "received":
            self.does("take_up")
        view = data.pop("third_party_view", None)
        if view:
            self.consults(str(view))
        said: dict[str, Any] = {
            "reply_text": "经审查，现答复如下。",
            "remedy": remedy_of(outcome),
            **data,
            "outcome": outcome,
        }
        self.does("submit_reply", **said)
        if outcome in ("granted", "partial"):
            self.does("approve_for_secrecy", by="qianwei")
            self.does("clear", by="sunli")
        else:
            self.does("approve", by="qianwei")
        self.does("sign", by="zhouju")

    def consults(self, view: str) -> None:
        """A third party is asked and answers, or lets its time pass; then the Office records what came of it."""
        today = self._now[0].date().isoformat()
        self.does("consult_third_party", party="某投标企业", question="是否同意公开报价构成", consulted_on=today)
        child = self.now.children[-1].id
        if view == "silent":
            (clock,) = self.desk.case(self.desk.actor("audit"), child).case.deadlines
            self.at(f"{clock.due_at.astimezone(SHANGHAI):%Y-%m-%d}T00:01")
            self.desk.sweep()
            return
        said, answer, step, by = VIEWS[view]
        self.desk.fire(
            self.desk.actor("zhaoyun"),
            child,
            said,
            data={"answer": answer, "answered_on": today, "opinion_text": "公开将暴露报价策略"},
        )
        self.does(step, by, comment="经审查认定" if by == "qianwei" else None)

    @property
    def now(self) -> Case:
        return self.desk.case(self.desk.actor("audit"), self.case).case

    @property
    def state(self) -> str:
        return self.now.state

    def clock(self, rule: str) -> DeadlineView:
        view = self.desk.case(self.desk.actor("audit"), self.case)
        (running,) = [each for each in view.deadlines if each.deadline.rule == rule]
        return running

    def ended(self, rule: str) -> Deadline:
        """The last clock of this rule that ended."""
        clocks = self.desk.clocks(self.desk.actor("audit"), self.case)
        return [each.deadline for each in clocks if each.deadline.rule == rule and each.deadline.closed_at][-1]

    def due(self, rule: str = "reply") -> str:
        return self.clock(rule).deadline.rolled_on.isoformat()

    def story(self) -> list[str]:
        return [str(each.transition) for each in self.desk.history(self.desk.actor("audit"), self.case)]

    def child(self, place: int = -1) -> Case:
        """The sub-case that was begun in this place; by default the last one."""
        return self.desk.case(self.desk.actor("audit"), self.now.children[place].id).case


def refused(office: Counter, step: str, by: str = "zhaoyun", comment: str | None = None, **data: Scalar) -> list[str]:
    """The names of all that stands in the way of a step."""
    with pytest.raises(Refused) as refusal:
        office.does(step, by, comment, **data)
    assert all(each.text.zh and each.text.en for each in refusal.value.reasons)
    return [each.name for each in refusal.value.reasons]


def remedy_of(outcome: str) -> str:
    """Reconsideration first where something is withheld; else the applicant may choose."""
    return "reconsider_first" if outcome == "partial" or outcome.startswith("d") else "reconsider_or_sue"


def reply_of(outcome: str) -> dict[str, Any]:
    """What a reply with this outcome says, whole."""
    said = {"reply_text": "经审查，现答复如下。", "remedy": remedy_of(outcome), "outcome": outcome}
    return {**said, **{k: v for k, v in OUTCOMES[outcome].get("reply", {}).items() if k != "third_party_view"}}
