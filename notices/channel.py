"""What a way out of the house must be able to do. Mail is the first; others are a file beside it and a name in the outbox."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Letter:
    """One message to one person, as it reads; with the key by which it is known again when it comes twice."""

    key: str
    name: str
    address: str
    subject: str
    body: str
    at: datetime
    file: tuple[str, bytes] | None = None  # what goes with it: a name and a content, kept to the byte


class Undelivered(Exception):
    """It is not known to have arrived. The code says why, and nothing that the letter or its receiver hold.

    `for_good`: to try this letter again is no use. `whole_channel`: the fault is not the letter's, and the next would meet it too.
    """

    def __init__(self, code: str, *, for_good: bool = False, whole_channel: bool = False) -> None:
        self.code, self.for_good, self.whole_channel = code, for_good, whole_channel
        super().__init__(code)


class Line(Protocol):
    """An open connection to whoever carries letters on."""

    def send(self, letter: Letter) -> None:
        """Returns when the other side has taken it over; raises Undelivered, within a bounded time."""


class Channel(Protocol):
    """A way out, by the name under which addresses and the outbox know it."""

    @property
    def name(self) -> str: ...

    def line(self) -> AbstractContextManager[Line]:
        """A connection for some letters; it may be made with the first. Raises Undelivered."""
