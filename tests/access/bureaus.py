"""A bureau in which everyone holds one post, and cases that stand where a test wants them.

A case is begun through the desk and then placed in a state past the door: who may act there is asked of the desk, and the way
there is other tests' matter. `trail` says who took which step before.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from storage import Desk
from storage.setup import initialise
from tests.access.table import START, table
from tests.factories import MONDAY, Clock, Ids
from workflow.case import Actor, instant_text

OWN, OTHER = "预算科", "国库科"
SECTION_ROLES = ("drafter", "section_head", "disclosure_officer")
BUREAU_ROLES = (
    "office", "office_head", "secrecy_reviewer", "legal_reviewer", "leader", "bureau_head", "supervisor", "auditor", "admin",
)  # fmt: skip
#: Those who read everything and act on nothing, and the one who sees no case at all.
NO_BUSINESS = ("auditor", "admin")
SINCE = date(2018, 1, 1)


@dataclass(frozen=True)
class Holder:
    """Somebody with one post."""

    id: str
    role: str
    section: str | None

    @property
    def sees(self) -> bool:
        """Whether a case of `OWN` is theirs to see."""
        return self.role != "admin" and self.section in (None, OWN)


HOLDERS = (
    *(
        Holder(f"{role}-{place}", role, section)
        for role in SECTION_ROLES
        for place, section in (("own", OWN), ("other", OTHER))
    ),
    *(Holder(role if role != "admin" else "admin", role, None) for role in BUREAU_ROLES),
)
#: Holds every post of `OWN` and of the bureau, but none by which nobody acts: what stops this person is no post.
EVERYTHING = "everything"
#: Holds all that `EVERYTHING` holds, for them while they are away; and somebody who only acts (代理) in each of these posts.
DELEGATE, ACTING = "delegate", "acting"
SOMEBODY = "drafter-other"


@dataclass
class Bureau:
    """The desk, and a hand past its door."""

    desk: Desk
    hand: sqlite3.Connection
    _actors: dict[str, Actor] = field(default_factory=dict)

    def actor(self, person: str) -> Actor:
        """The person as one who acts; asked once, since nobody's posts change."""
        if person not in self._actors:
            self._actors[person] = self.desk.actor(person)
        return self._actors[person]

    def begun(self, kind: str) -> str:
        """A case of `OWN`, begun by whoever may; what only other cases begin takes the place of a document."""
        roles = table()[kind].roles(START)
        starter = next(each for each in HOLDERS if each.role in (roles or {"drafter"}) and each.section in (None, OWN))
        done = self.desk.start(
            self.actor(starter.id), kind if roles else "document", title="关于下达专项资金的通知", section=OWN
        )
        definition = self.desk.definition(kind)
        self.hand.execute(
            "UPDATE cases SET kind = ?, definition = ? WHERE id = ?", (kind, definition.digest, done.case.case.id)
        )
        return done.case.case.id

    def place(
        self,
        case: str,
        state: str,
        trail: Mapping[str, tuple[str, ...]] | None = None,
        *,
        waits_for: str | None = None,
    ) -> None:
        """The case stands in this state and these hands, and these people took these steps; somebody else began it if nobody here did."""
        taken = {START: (SOMEBODY,), **(trail or {})}
        said = {step: [people, 1, instant_text(MONDAY)] for step, people in taken.items()}
        self.hand.execute(
            "UPDATE cases SET state = ?, trail = ?, waits_for = ? WHERE id = ?",
            (state, json.dumps(said), waits_for, case),
        )


def bureau_at(path: Path) -> str:
    """The address of a new database with these people."""
    url = f"sqlite:///{path}"
    initialise(url, sandbox=True, clock=Clock(), login=None)
    with Desk.open(url, clock=Clock()) as desk:
        admin = desk.actor("admin")
        for place in (OWN, OTHER):
            desk.add_section(admin, place)
        for each in HOLDERS:
            if each.id != "admin":
                desk.add_person(admin, each.id, each.id, section=each.section)
                desk.appoint(admin, each.id, each.role, section=each.section, from_on=SINCE)
        for person in (EVERYTHING, DELEGATE, ACTING):
            desk.add_person(admin, person, person, section=OWN)
        for role in (*SECTION_ROLES, *BUREAU_ROLES):
            for person in (EVERYTHING, ACTING) if role not in NO_BUSINESS else ():
                section = OWN if role in SECTION_ROLES else None
                desk.appoint(admin, person, role, section=section, from_on=SINCE, acting=person == ACTING)
        desk.delegate(admin, EVERYTHING, DELEGATE, from_on=MONDAY.date())
    return url


def opened(url: str) -> Desk:
    """The desk on an ordinary Monday."""
    return Desk.open(url, clock=Clock(), ids=Ids())


def a_hand(url: str) -> sqlite3.Connection:
    """A connection past the door; nothing that it writes has to outlast a power cut."""
    db = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None, timeout=30)
    db.execute("PRAGMA synchronous = OFF")
    db.execute("DROP TRIGGER IF EXISTS tr_cases_no_update")
    return db
