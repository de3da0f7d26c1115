"""What every part of a desk may ask of it: when it is, and where."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import datetime
from typing import TYPE_CHECKING

from storage.connection import Connection

if TYPE_CHECKING:
    from storage.store import Store


class Part(ABC):
    """A part of a desk in a file of its own; the desk itself answers for these."""

    @abstractmethod
    def now(self) -> datetime: ...

    @property
    @abstractmethod
    def _store(self) -> Store: ...

    @property
    @abstractmethod
    def _db(self) -> Connection: ...
