"""What is on its way to people (发件箱): rows written with the step that causes them, delivered at least once after it.

Whoever delivers takes one row at a time: that moves on when it is due, so that no other deliverer takes it, and one that dies
gives it back by not coming to an end. A row says nothing itself: what leaves is read from the notice as it is sent, by the rules
of the inbox. The key is a function of the notice, the same with each try, also after an old copy was restored.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from storage import people, readings
from storage.connection import Row, instant_from, instant_text
from storage.people import ADMIN
from storage.statements import (
    BRING_FORWARD,
    CASE,
    DROP_OLD,
    DUE_OUT,
    END_OUT,
    FORGET_OLD,
    FORGET_THE_GONE,
    NOTICE_OUT,
    OUTBOX,
    PUT_OFF_OUT,
    RELEASE,
    TAKE_OUT,
)
from storage.store import Store
from storage.worklist import may_see
from workflow.case import Actor, business_date
from workflow.errors import Busy, Denied
from workflow.story import story
from workflow.text import Text
from workflow.words import step_label

if TYPE_CHECKING:
    from storage.addresses import Reached

log = logging.getLogger("gongkai.outbox")

#: A deliverer that has taken a row for so long is dead. Much longer than a try may last: who is only slow sends twice.
DEAD_AFTER = timedelta(minutes=5)
FIRST_RETRY, LAST_RETRY = timedelta(minutes=1), timedelta(hours=6)
#: With these pauses three days: a mail server that broke on Friday evening may be mended on Monday.
MOST_TRIES = 20
#: What nobody could deliver for so long is news no more; and what has ended is kept for so long.
KEPT = timedelta(days=30)
MOST_SHOWN = 200

#: Why a notice goes nowhere.
GONE, READ, LEFT, NO_ADDRESS, OUT_OF_SIGHT = "gone", "read", "left", "no-address", "out-of-sight"
#: Why it is parked without a word from outside: every deliverer that took it died, or it cannot be read.
DEADLY, FAULT = "deadly", "fault"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One notice, taken to be delivered by one channel."""

    id: int
    tries: int
    key: str
    name: str
    address: str
    number: str
    occasion: Text
    text: Text
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Dropped:
    """A notice that goes nowhere, and why; parked, if somebody must look after it."""

    code: str
    parked: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """A row of the outbox as an operator sees it: who is meant, never what they are told."""

    id: int
    person: str | None
    name: str | None
    channel: str
    state: str
    tries: int
    code: str | None
    created_at: datetime
    due_at: datetime | None

    def to_json(self) -> dict[str, object]:
        """The row as the JSON surface shows it."""
        return {
            "id": self.id,
            "person": self.person,
            "channel": self.channel,
            "state": self.state,
            "tries": self.tries,
            "code": self.code,
            "created_at": self.created_at.isoformat(),
            "due_at": self.due_at.isoformat() if self.due_at else None,
        }


@dataclass(frozen=True, slots=True)
class Outbox:
    """What leaves, and where people are reached; what `Desk.outbox` hands out. Each method is one transaction."""

    store: Store
    bureau: str
    clock: Callable[[], datetime]

    def take(self, channel: str) -> Outgoing | Dropped | None:
        """The next notice that is due by this channel, for this caller alone; None where none is.

        What must not leave any more (read, out of sight, its person gone) ends here, and is said to; so does what cannot be read,
        which stops nobody else.
        """
        db, now = self.store.db, self.clock()
        due = {"now": instant_text(now), "channel": channel}
        while db.one(DUE_OUT, **due):
            with db.writing(steps=True):
                taken = db.all(TAKE_OUT, **due, until=instant_text(now + DEAD_AFTER))
                if taken:
                    return self._taken(taken[0], now)
        return None

    def delivered(self, sent: Outgoing) -> None:
        """It has left."""
        self._end(sent.id, sent.tries, "delivered", None)

    def failed(self, sent: Outgoing, code: str, *, for_good: bool = False) -> bool:
        """It has not left, by what is known; it is tried again later, or parked. Whether it was parked."""
        if for_good or sent.tries >= MOST_TRIES:
            self._end(sent.id, sent.tries, "parked", code)
            return True
        again = instant_text(self.clock() + pause_after(sent.tries))
        with self.store.db.writing(steps=True):
            self.store.db.run(PUT_OFF_OUT, id=sent.id, tries=sent.tries, due_at=again, code=code)
        return False

    def tidy(self) -> int:
        """Let go of what is too old to be news, of what ended long ago, and of the addresses of who has left.

        What a clock that ran ahead has put off comes forward; whoever has it in hand still has the time of a living deliverer.
        """
        now = self.clock()
        before = instant_text(now - KEPT)
        with self.store.db.writing(steps=True):
            expired = self.store.db.run(DROP_OLD, before=before, ended_at=instant_text(now))
            self.store.db.run(FORGET_OLD, before=before)
            latest, soon = instant_text(now + LAST_RETRY), instant_text(now + DEAD_AFTER)
            self.store.db.run(BRING_FORWARD, latest=latest, due_at=soon)
            self.store.db.run(FORGET_THE_GONE, today=business_date(now).isoformat())
        return expired

    def release(self, id: int | None = None) -> int:
        """Parked notices are tried again from the beginning, all of them or one; how many."""
        with self.store.db.writing(steps=True):
            return self.store.db.run(RELEASE, id=id, now=instant_text(self.clock()))

    def kept(self, state: str | None = None) -> tuple[Kept, ...]:
        """The rows, the newest first."""
        return tuple(_kept(row) for row in self.store.db.all(OUTBOX, state=state, limit=MOST_SHOWN))

    def reached(self, by: Actor, person: str) -> Reached:
        """Where the person is reached; their own to ask, or the administrator's."""
        from storage.addresses import reached

        return reached(self.store.db, by, person, business_date(self.clock()))

    def reach(self, by: Actor, person: str, address: str | None) -> Reached:
        """The person is reached by mail there, or nowhere; their own act, or the administrator's."""
        from storage.addresses import reach

        with self.store.db.writing():
            return reach(self.store.db, by, person, address, business_date(self.clock()))

    # Inside.

    def _end(self, id: int, tries: int, state: str, code: str | None) -> None:
        with self.store.db.writing(steps=True):
            self._ended(id, tries, state, code)

    def _ended(self, id: int, tries: int, state: str, code: str | None) -> None:
        self.store.db.run(END_OUT, id=id, tries=tries, state=state, code=code, ended_at=instant_text(self.clock()))

    def _taken(self, row: Row, now: datetime) -> Outgoing | Dropped:
        """What this row is; whatever is wrong with it is its own trouble."""
        if row["tries"] > MOST_TRIES:
            self._ended(row["id"], row["tries"], "parked", DEADLY)
            return Dropped(DEADLY, parked=True)
        try:
            with self.store.db.apart():
                return self._read(row, now)
        except Busy:
            raise
        except Exception as fault:  # noqa: BLE001 - one bad row stops nobody else: it is logged by its kind and parked
            log.error("outbox.stuck", extra={"code": getattr(fault, "code", FAULT), "story": story(fault)})
            self._ended(row["id"], row["tries"], "parked", FAULT)
            return Dropped(FAULT, parked=True)

    def _read(self, row: Row, now: datetime) -> Outgoing | Dropped:
        """What the row sends, as its receiver may read it today."""
        db = self.store.db
        notice = db.one(NOTICE_OUT, notice=row["notice"], channel=row["channel"])
        case = db.one(CASE, id=notice["case_id"]) if notice else None
        answer = self._to_whom(notice, case, now) if notice and case else GONE
        if isinstance(answer, str) or not notice or not case:
            self._ended(row["id"], row["tries"], "dropped", str(answer))
            return Dropped(str(answer))
        return Outgoing(
            id=row["id"],
            tries=row["tries"],
            key=key_of(notice, row["channel"]),
            name=answer.name,
            address=notice["address"],
            number=case["number"],
            occasion=step_label(self.store.definition_of(case["definition"]), notice["occasion"]),
            text=Text(notice["zh"], notice["en"]),
            created_at=instant_from(notice["created_at"]),
        )

    def _to_whom(self, notice: Row, case: Row, now: datetime) -> Actor | str:
        """Who is to be told, or why nobody is."""
        if notice["read_at"]:
            return READ
        today = business_date(now)
        try:
            who = people.actor(self.store.db, self.bureau, notice["person"], today, "outbox")
        except Denied:
            return LEFT
        if not notice["address"]:
            return NO_ADDRESS
        # As the inbox shows it: cases that they see, what the administrator as such is told, and what goes round to them.
        seen = may_see(who, case["section"], today) or notice["role"] == ADMIN
        return who if seen or readings.reads(self.store.db, notice["case_id"], who.id) else OUT_OF_SIGHT


def pause_after(tries: int) -> timedelta:
    """How long nothing is tried after so many tries.

    >>> [str(pause_after(each)) for each in (1, 2, 9, 10, 20)]
    ['0:01:00', '0:02:00', '4:16:00', '6:00:00', '6:00:00']
    """
    return min(LAST_RETRY, FIRST_RETRY * (1 << (tries - 1)))


def key_of(notice: Any, channel: str) -> str:
    """By what a receiving system knows the same notice again: of the case, the moment, the person and the channel."""
    said = (notice["case_id"], notice["created_at"], str(notice["id"]), notice["person"], channel)
    return sha256("\n".join(said).encode()).hexdigest()[:32]


def _kept(row: Row) -> Kept:
    return Kept(
        id=row["id"],
        person=row["person"],
        name=row["name"],
        channel=row["channel"],
        state=row["state"],
        tries=row["tries"],
        code=row["code"],
        created_at=instant_from(row["created_at"]),
        due_at=instant_from(row["due_at"]) if row["due_at"] else None,
    )
