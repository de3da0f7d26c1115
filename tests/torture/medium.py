"""What may lie on a disk when the power goes: all that was synced, and of what came later anything, torn at its sectors.

A file that was made or deleted is known under its name once the directory is synced: SQLite does so with the first sync of
a new log, and with a deletion where it says so. Until then directories keep the order of what was done to them.
"""

from __future__ import annotations

import random
from collections.abc import Callable

SECTOR = 512
#: One thing that was done: `create`, `write`, `truncate`, `sync` or `delete`, with what belongs to it.
Operation = tuple[object, ...]
#: Whether so many bytes at this place of a write reached the disk.
Reached = Callable[[], bool]


class Medium:
    """Files by their numbers and the names under which they are found; each has what is safe and what is on its way."""

    def __init__(self) -> None:
        self._names: dict[str, int] = {}
        self._renamed: list[tuple[str, int | None]] = []
        self._safe: dict[int, bytearray] = {}
        self._coming: dict[int, list[Operation]] = {}
        self._new: set[int] = set()

    def holds(self, name: str, number: int, content: bytes) -> None:
        """This file lies there from before."""
        self._names[name], self._safe[number], self._coming[number] = number, bytearray(content), []

    def take(self, operation: Operation) -> None:
        """One more thing is done."""
        match operation:
            case ("create", int(number), str(name)):
                self._safe[number], self._coming[number] = bytearray(), []
                self._renamed.append((name, number))
                self._new.add(number)
            case ("delete", str(name), bool(and_sync)):
                self._renamed.append((name, None))
                if and_sync:
                    self._directory_is_synced()
            case ("sync", int(number)):
                for each in self._coming.get(number, ()):
                    _apply(self._safe[number], each, lambda: True)
                self._coming[number] = []
                if number in self._new:
                    self._new.discard(number)
                    self._directory_is_synced()
            case (_, int(number), *_):
                self._coming[number].append(operation)

    def after_a_cut(self, chance: random.Random) -> dict[str, bytes]:
        """One of the ways in which the files may be found: by name, what is in them."""
        names = dict(self._names)
        _rename(names, self._renamed[: chance.randint(0, len(self._renamed))])
        return {name: self._left_of(number, chance) for name, number in names.items()}

    def _left_of(self, number: int, chance: random.Random) -> bytes:
        left, coming = bytearray(self._safe[number]), self._coming[number]
        share = chance.choice((0.0, 0.5, 0.9, 1.0))
        is_torn = chance.random() < 0.5
        for each in coming:
            if is_torn or each is coming[-1]:
                _apply(left, each, lambda: chance.random() < share)
            elif chance.random() < share:
                _apply(left, each, lambda: True)
        return bytes(left)

    def _directory_is_synced(self) -> None:
        _rename(self._names, self._renamed)
        self._renamed = []


def _rename(names: dict[str, int], renamed: list[tuple[str, int | None]]) -> None:
    for name, number in renamed:
        if number is None:
            names.pop(name, None)
        else:
            names[name] = number


def _apply(left: bytearray, operation: Operation, reached: Reached) -> None:
    """Do it, as far as it reached the disk: a write sector by sector."""
    match operation:
        case ("truncate", _, int(size)):
            if reached():
                del left[size:]
                left.extend(bytes(size - len(left)))
        case ("write", _, int(offset), bytes(written)):
            place = 0
            while place < len(written):
                end = min(len(written), place + SECTOR - (offset + place) % SECTOR)
                if reached():
                    left.extend(bytes(max(0, offset + place - len(left))))
                    left[offset + place : offset + end] = written[place:end]
                place = end
