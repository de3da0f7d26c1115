"""Several processes that read one moment of the record, each a part of it: whatever befalls them, one process can do it alone.

Each is a program of its own (`hand.py`) and not a copy of this one, which may have threads and open connections. On a server
they share an exported snapshot; in a file each begins to read while nobody commits, which takes some milliseconds.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from multiprocessing import connection
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from typing import Any

from storage.connection import PATIENCE_SECONDS, Connection
from storage.engines import engine_at
from storage.statements import LAST_EVENT_ROW
from storage.verify.stretch import Task
from workflow.workdays import Calendar

_HOUSE = Path(__file__).resolve().parent.parent.parent


class Lost(Exception):
    """A process could not be had, or ended before its work did."""


@dataclass(frozen=True, slots=True)
class _Hand:
    program: subprocess.Popen[bytes]
    pipe: Pipe[Any, Any]


class Crew:
    """The processes, once they are there."""

    def __init__(self, hands: Sequence[_Hand]) -> None:
        self._hands = hands

    def begin(self, db: Connection, url: str, reading: ExitStack) -> None:
        """All of them see the same moment from now on, and `db` does while `reading` lasts. Raises Lost, Busy, StorageFault."""
        with closing(engine_at(url)) as engine, closing(engine.connect()) as gate, gate.moment() as moment:
            for hand in self._hands:
                _tell(hand, moment)
            reading.enter_context(db.reading(moment))
            db.one(LAST_EVENT_ROW)
            for hand in self._hands:
                # Whoever does not come to read keeps everybody else from writing.
                if not hand.pipe.poll(PATIENCE_SECONDS):
                    raise Lost
                _answer(hand)

    def found(self, tasks: Sequence[Task[Any]]) -> Iterator[Any]:
        """What comes of each task, in their order; whoever is done takes the next one. Raises Lost."""
        left = deque(enumerate(tasks))
        at_work: dict[Pipe[Any, Any], tuple[int, _Hand]] = {}
        early: dict[int, Any] = {}
        next_one = 0

        def give(hand: _Hand) -> None:
            if left:
                place, task = left.popleft()
                at_work[hand.pipe] = (place, hand)
                _tell(hand, task)
            else:
                _tell(hand, None)

        for hand in self._hands:
            give(hand)
        while at_work:
            for pipe in connection.wait([*at_work]):
                place, hand = at_work.pop(pipe)  # type: ignore[call-overload]  # it gives back what it was given
                early[place] = _answer(hand)
                give(hand)
            while next_one in early:
                yield early.pop(next_one)
                next_one += 1


@contextmanager
def crew(url: str, calendar: Calendar | None, jobs: int) -> Iterator[Crew]:
    """So many processes that have the database open; at the end there are none. Raises Lost."""
    hands: list[_Hand] = []
    try:
        for _ in range(jobs):
            hands.append(_begun())
        for hand in hands:
            _tell(hand, (url, calendar))
        for hand in hands:
            _answer(hand)
        yield Crew(hands)
    finally:
        for hand in hands:
            hand.pipe.close()
            hand.program.kill()
            hand.program.wait()


def _begun() -> _Hand:
    ours, theirs = connection.Pipe()
    # Not from where we stand (-P): a file there could be taken for one of ours.
    command = [sys.executable, "-P", "-m", "storage.verify.hand", str(theirs.fileno())]
    paths = os.pathsep.join(filter(None, (str(_HOUSE), os.environ.get("PYTHONPATH"))))
    try:
        program = subprocess.Popen(  # noqa: S603  # this very program
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,  # a fault's words may hold what a case does
            pass_fds=[theirs.fileno()],
            env={**os.environ, "PYTHONPATH": paths},
        )
    except OSError as error:
        ours.close()
        raise Lost from error
    finally:
        theirs.close()
    return _Hand(program, ours)


def _tell(hand: _Hand, said: object) -> None:
    try:
        hand.pipe.send(said)
    except OSError as error:
        raise Lost from error


def _answer(hand: _Hand) -> Any:
    try:
        return hand.pipe.recv()
    except (EOFError, OSError) as error:
        raise Lost from error
