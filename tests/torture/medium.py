"""What may lie on a disk when the power goes: all that was synced, and of what came later anything, torn at its sectors.

A file that was made, renamed or deleted is known under its name once its directory is synced: SQLite does so with the first
sync of a new log, and with a deletion where it says so. Until then a directory keeps the order of what was done in it, and
knows nothing of the others: what moves from one to another may be found in both, or in none.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import PurePosixPath

SECTOR = 512
#: One thing that was done: `create`, `make`, `directory`, `rename`, `write`, `truncate`, `sync`, `list` or `delete`, with
#: what belongs to it.
Operation = tuple[object, ...]
#: Whether so many bytes at this place of a write reached the disk.
Reached = Callable[[], bool]
#: By which the entry of a directory is known.
DIRECTORY = 0


class Medium:
    """Files by their numbers and the names under which they are found; each has what is safe and what is on its way."""

    def __init__(self) -> None:
        self._names: dict[str, int] = {}
        self._now: dict[str, int] = {}
        self._renamed: dict[str, list[tuple[str, int | None]]] = {}
        self._safe: dict[int, bytearray] = {}
        self._coming: dict[int, list[Operation]] = {}
        self._new: dict[int, str] = {}

    def holds(self, name: str, number: int, content: bytes) -> None:
        """This file lies there from before."""
        self._names[name], self._safe[number], self._coming[number] = number, bytearray(content), []
        self._now[name] = number

    def take(self, operation: Operation) -> None:
        """One more thing is done."""
        match operation:
            case ("create" | "make" as kind, int(number), str(name)):
                self._safe[number], self._coming[number] = bytearray(), []
                self._enter(name, number)
                if kind == "create":
                    self._new[number] = name
            case ("directory", str(name)):
                self._enter(name, DIRECTORY)
            case ("rename", str(name), str(other)):
                self._enter(other, self._now[name])
                self._enter(name, None)
            case ("delete", str(name), bool(and_sync)):
                self._enter(name, None)
                if and_sync:
                    self._listed(_directory_of(name))
            case ("sync", int(number)):
                for each in self._coming.get(number, ()):
                    _apply(self._safe[number], each, lambda: True)
                self._coming[number] = []
                if number in self._new:
                    self._listed(_directory_of(self._new.pop(number)))
            case ("list", str(name)):
                self._listed(name)
            case (_, int(number), *_):
                self._coming[number].append(operation)

    def after_a_cut(self, chance: random.Random) -> dict[str, bytes]:
        """One of the ways in which the files may be found: by name, what is in them."""
        names = dict(self._names)
        for renamed in self._renamed.values():
            _rename(names, renamed[: chance.randint(0, len(renamed))])
        there = {name: number for name, number in names.items() if number != DIRECTORY and _is_reached(name, names)}
        return {name: self._left_of(number, chance) for name, number in there.items()}

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

    def _enter(self, name: str, number: int | None) -> None:
        """What its directory is to say of a name."""
        self._renamed.setdefault(_directory_of(name), []).append((name, number))
        _rename(self._now, [(name, number)])

    def _listed(self, directory: str) -> None:
        """What this directory says is on the disk."""
        _rename(self._names, self._renamed.pop(directory, []))


def _directory_of(name: str) -> str:
    return str(PurePosixPath(name).parent)


def _is_reached(name: str, names: dict[str, int]) -> bool:
    """Whether each directory on the way is there."""
    return all(str(each) in names for each in PurePosixPath(name).parents if each.name)


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
