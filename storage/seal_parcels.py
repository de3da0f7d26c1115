"""Seals on their way to somebody outside: packed in order, each parcel taken by one at a time, and the same until it has arrived.

What a place has is noted when the other side has taken it over. Whoever dies between the two leaves a parcel that goes again
as it was, to the byte: who receives it knows it by its key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from storage import sealed_out
from storage.connection import Connection, instant_from, instant_text
from storage.seal_file import Seal
from storage.sealed_out import Gone
from storage.seals import lines_after
from workflow.errors import Busy
from workflow.text import Text

#: Who has had a parcel in hand for so long is dead: much longer than a letter may take.
DEAD_AFTER = timedelta(minutes=5)
#: Where many seals wait, a parcel is closed when it holds so many bytes; the seal of a long record may be longer by itself.
FULL = 1_000_000


@dataclass(frozen=True, slots=True)
class Parcel:
    """Some seals in order, with their very lines of the file of seals."""

    first: int
    last: Seal
    lines: bytes

    @property
    def key(self) -> str:
        """By what it is known again: the number and the hash of its last seal."""
        return f"seal-{self.last.no}-{self.last.hash}"


@dataclass(frozen=True, slots=True)
class Parcels:
    """What is to come to one place; what `Desk.parcels` hands out."""

    db: Connection
    place: str
    clock: Callable[[], datetime]

    def expect(self) -> None:
        """From now on seals shall come here, and doctor asks whether they do."""
        if self.place not in sealed_out.places(self.db):
            with self.db.writing():
                there = sealed_out.places(self.db)
                sealed_out.keep(self.db, self.place, there.get(self.place, Gone(instant_text(self.clock()))))

    def take(self) -> Parcel | None:
        """The next parcel, for this caller alone; None where the place has all, or refused them for good.

        Raises Busy where another has it in hand, Invalid where the place has what is not of this record, or a seal was altered.
        """
        self.expect()
        there, now = sealed_out.places(self.db)[self.place], self.clock()
        if there.parked:
            return None
        if _is_held(there, now):
            raise Busy(_IN_HAND.filled(place=self.place.partition(" ")[2]))
        parcel = self._packed(there)
        if parcel is None:
            return None
        # A commit, too, for which a server waits for its standby: what leaves must not be lost here.
        with self.db.writing():
            if sealed_out.places(self.db).get(self.place) != there:
                raise Busy(_IN_HAND.filled(place=self.place.partition(" ")[2]))
            taken = replace(there, until=parcel.last.no, held_at=instant_text(now))
            sealed_out.keep(self.db, self.place, taken)
        return parcel

    def arrived(self, parcel: Parcel) -> None:
        """The other side has taken it over."""
        now = instant_text(self.clock())
        self._noted(lambda there: Gone(now, parcel.last.no, parcel.last.hash) if there.no < parcel.last.no else there)

    def failed(self, code: str, *, for_good: bool = False) -> None:
        """It did not arrive, or nobody knows whether it did; the next who asks takes the same, nobody where it was for good."""
        self._noted(lambda there: replace(there, held_at="", code=code, parked=for_good))

    def release(self) -> None:
        """What was refused for good is tried again: somebody says that the cause is mended."""
        if sealed_out.places(self.db).get(self.place, Gone("")).parked:
            self._noted(lambda there: replace(there, parked=False))

    def _noted(self, change: Callable[[Gone], Gone]) -> None:
        with self.db.writing():
            there = sealed_out.places(self.db).get(self.place)
            if there:  # else it was forgotten meanwhile
                sealed_out.keep(self.db, self.place, change(there))

    def _packed(self, there: Gone) -> Parcel | None:
        seals, lines = list[Seal](), bytearray()
        for seal, line in self._missing(there):
            seals.append(seal)
            lines += line
            if seal.no == there.until or (there.until <= there.no and len(lines) >= FULL):
                break
        return Parcel(seals[0].no, seals[-1], bytes(lines)) if seals else None

    def _missing(self, there: Gone) -> Iterator[tuple[Seal, bytes]]:
        last = (there.no, there.hash)
        is_last = (lambda own: (own.no, own.hash) == last) if there.no else None
        return lines_after(self.db, there.no, is_last, self.place.partition(" ")[2])


def _is_held(there: Gone, now: datetime) -> bool:
    """Whether somebody has a parcel in hand; one taken by a clock that ran ahead is held by nobody."""
    return bool(there.held_at) and abs(now - instant_from(there.held_at)) < DEAD_AFTER


_IN_HAND = Text(
    "另有程序正在向 {place} 送封存，或刚刚中断；最多五分钟后可再试，未重复发送",
    "another program is bringing seals to {place}, or just died over it; try again in five minutes at most, nothing was sent twice",
)
