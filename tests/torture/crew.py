"""A crew of processes that are made in a moment, killed in another, and heard to their last word.

A hand says each thing in one piece, as soon as it knows it; what it has said is heard by the process that made it, also
after the hand is dead. Nothing of a database may be open where a crew is made.
"""

from __future__ import annotations

import json
import os
import select
import signal
from collections.abc import Callable, Sequence
from pathlib import Path
from time import monotonic
from typing import Any

#: How a hand says something; each word stands on one line of its own.
Tell = Callable[..., None]


class Crew:
    """The hands that live now; what they say goes to a file, which the disk has before anybody looks into it."""

    def __init__(self, file: Path) -> None:
        self._file = file.open("ab")
        self._ears: dict[int, tuple[int, bytes]] = {}

    def join(self, name: str, work: Callable[[Tell], object]) -> int:
        """One hand more; what breaks it is said by it."""
        ear, mouth = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(ear)

            def tell(*what: object) -> None:
                os.write(mouth, json.dumps([name, *what], ensure_ascii=False).encode() + b"\n")

            try:
                work(tell)
                tell("done")
            except BaseException as error:  # noqa: BLE001 - whatever it was, it is heard
                tell("broke", f"{type(error).__name__}: {error}"[:500])
            finally:
                os._exit(0)
        os.close(mouth)
        self._ears[child] = (ear, b"")
        return child

    @property
    def hands(self) -> Sequence[int]:
        """Those who live, or have not been heard to the end."""
        return list(self._ears)

    def heard(self, seconds: float, least: int | None = None) -> list[list[Any]]:
        """What is said within so many seconds; less, once it is so many words, or somebody is heard to the end."""
        until, words = monotonic() + seconds, list[list[Any]]()
        while self._ears and (left := until - monotonic()) > 0 and (least is None or len(words) < least):
            by_ear = {ear: child for child, (ear, _) in self._ears.items()}
            for ear in select.select(list(by_ear), [], [], left)[0]:
                words += self._listened(by_ear[ear])
            if len(self._ears) < len(by_ear):
                break
        return words

    def heard_from(self, count: int) -> list[list[Any]]:
        """The next words, so many of them. Raises TimeoutError where they do not come."""
        words = list[list[Any]]()
        while len(words) < count:
            if not (more := self.heard(60, least=count - len(words))):
                raise TimeoutError(words)
            words += more
        return words

    def killed(self, child: int) -> list[list[Any]]:
        """The hand is dead; what it had said."""
        os.kill(child, signal.SIGKILL)
        words = list[list[Any]]()
        while child in self._ears:
            words += self._listened(child)
        return words

    def close(self) -> None:
        """Nobody lives any more, and what was said is on the disk."""
        for child in self.hands:
            self.killed(child)
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()

    def _listened(self, child: int) -> list[list[Any]]:
        ear, before = self._ears[child]
        said = os.read(ear, 65536)
        if not said:
            os.close(ear)
            os.waitpid(child, 0)
            del self._ears[child]
            return []
        *lines, rest = (before + said).split(b"\n")
        self._ears[child] = (ear, rest)
        self._file.writelines(line + b"\n" for line in lines)
        self._file.flush()
        return [json.loads(line) for line in lines]


def words_in(file: Path) -> list[list[Any]]:
    """All that was said, in the order in which it was heard."""
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]
