"""What tests are made of: a bureau with office names, a clock that stands where it was set, documents on their way.

def test_something(office):
    paper = office.draft(attribute="proactive")
    office.does("wangmin", "submit", paper)
"""

from __future__ import annotations

import itertools
import os
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from storage import Desk
from storage.setup import initialise
from storage.views import Done
from workflow.case import SHANGHAI, Actor, Appointment, Case, Event, RoleName, Scalar

#: Whether trials are to be made whole, as `make torture` does, and not in part.
WHOLE = os.environ.get("GONGKAI_TORTURE") == "long"
#: A plain working Monday, far from every holiday.
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=SHANGHAI)
REASON = "尚在讨论研究过程中的文稿，公开可能影响决策"
SECTIONS = ("预算科", "国库科")
#: id, name, role, section
PEOPLE = (
    ("wangmin", "王敏", "drafter", "预算科"),
    ("lihua", "李华", "section_head", "预算科"),
    ("chenjing", "陈静", "drafter", "国库科"),
    ("heping", "何平", "section_head", "国库科"),
    ("zhaoyun", "赵云", "office", None),
    ("qianwei", "钱伟", "office", None),
    ("sunli", "孙丽", "secrecy_reviewer", None),
    ("zhouju", "周局", "leader", None),
    ("fangju", "方局", "bureau_head", None),
    ("zhengshen", "郑审", "auditor", None),
)


class Clock:
    """A clock that stands where it was set."""

    def __init__(self, at: datetime = MONDAY) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def set(self, moment: str) -> None:
        """To this moment in Shanghai: `2026-03-05T10:00`."""
        self.at = datetime.fromisoformat(moment).replace(tzinfo=SHANGHAI)

    def forward(self, **length: int) -> None:
        """On by so many days, hours, minutes."""
        self.at += timedelta(**length)


class Ids:
    """Case ids in a row, the same in every run."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)

    def __call__(self) -> str:
        return f"case-{next(self._numbers):04d}"


@dataclass
class Office:
    """A bureau with two sections, an Office, a reviewer, a leader and an auditor; they act by their ids."""

    url: str
    clock: Clock
    desk: Desk

    def actor(self, person: str) -> Actor:
        return self.desk.actor(person)

    def draft(self, by: str = "wangmin", **data: Scalar) -> str:
        """A document begun, of our own and no policy where nothing else is said; its id."""
        title = str(data.pop("title", "关于下达专项资金的通知"))
        data = {"origin": "own", "is_policy": False, **data}
        return self.desk.start(self.actor(by), "document", title=title, data=data).case.case.id

    def does(self, person: str, step: str, case: str, comment: str | None = None, **data: Scalar) -> Done:
        return self.desk.fire(self.actor(person), case, step, data=data, comment=comment)

    def at_the_office(self, **data: Scalar) -> str:
        """A document that its section head has endorsed."""
        case = self.draft("wangmin", **data)
        self.does("wangmin", "submit", case)
        self.does("lihua", "endorse", case)
        return case

    def signed(self, **data: Scalar) -> str:
        """A document that waits for its number."""
        case = self.at_the_office(**{"attribute": "proactive", **data})
        self.does("zhaoyun", "accept", case)
        self.does("sunli", "clear", case)
        self.does("zhouju", "sign", case)
        return case

    def case(self, case: str) -> Case:
        return self.desk.case(self.actor("zhengshen"), case).case

    def history(self, case: str) -> tuple[Event, ...]:
        return self.desk.history(self.actor("zhengshen"), case)

    def told(self, person: str) -> list[str]:
        """What stands unread in somebody's inbox."""
        return [each.text.zh for each in self.desk.worklist(self.actor(person)).notices]


def bureau_at(path: Path, clock: Clock | None = None) -> str:
    """The URL of a new database in a file, with the people of these tests."""
    return people_in(f"sqlite:///{path}", clock)


def people_in(url: str, clock: Clock | None = None) -> str:
    """The URL of a new database, with the people of these tests."""
    clock = clock or Clock()
    initialise(url, sandbox=True, clock=clock, login=None)
    with Desk.open(url, clock=clock) as desk:
        admin = desk.actor("admin")
        for place in SECTIONS:
            desk.add_section(admin, place)
        for person, name, role, section in PEOPLE:
            desk.add_person(admin, person, name, section=section)
            desk.appoint(admin, person, role, section=section, from_on=date(2018, 1, 1))
    return url


def an_actor(
    person: str = "wangmin", name: str = "王敏", *posts: tuple[str, str | None], bureau: str = "bureau"
) -> Actor:
    """Somebody with these posts (role, section), held since 2018; by default a drafter of 预算科."""
    held: tuple[tuple[str, str | None], ...] = posts or (("drafter", "预算科"),)
    since = date(2018, 1, 1)
    appointments = tuple(Appointment(RoleName(role), section, since, None) for role, section in held)
    return Actor(person, name, bureau, appointments)
