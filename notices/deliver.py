"""One pass over what is to leave: row by row, each taken by one deliverer at a time, until nothing is due or time is up.

Nothing here is part of a step: the rows were committed with it, and however long a mail server is silent, only this pass waits.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Protocol

from notices.channel import Channel, Letter, Line, Undelivered
from storage.outbox import Dropped, Outgoing
from workflow.story import story
from workflow.text import Text

log = logging.getLogger("gongkai.outbox")

#: A pass takes no further letter after so long; the one in hand ends by the channel's own deadline.
LONGEST_PASS_SECONDS = 120.0


class Rows(Protocol):
    """What a pass needs of `Desk.outbox`."""

    def take(self, channel: str) -> Outgoing | Dropped | None: ...

    def delivered(self, sent: Outgoing) -> None: ...

    def failed(self, sent: Outgoing, code: str, *, for_good: bool = False) -> bool: ...

    def tidy(self) -> int: ...


@dataclass(slots=True)
class Passed:
    """What came of one pass."""

    delivered: int = 0
    failed: int = 0  # to be tried again
    parked: int = 0
    dropped: Counter[str] = field(default_factory=Counter)  # what goes nowhere, by why
    codes: Counter[str] = field(default_factory=Counter)  # what failed or was parked, by why

    def to_json(self) -> dict[str, object]:
        """The figures as the JSON surface shows them."""
        return {
            "delivered": self.delivered,
            "failed": self.failed,
            "parked": self.parked,
            "dropped": dict(sorted(self.dropped.items())),
            "codes": dict(sorted(self.codes.items())),
        }


class Delivery:
    """Delivers what is due, pass by pass; `stop` lets the running pass end with the letter in hand."""

    def __init__(
        self, rows: Callable[[], Rows], channels: Sequence[Channel], *, says: str = "number", for_practice: bool = False
    ) -> None:
        self._rows, self._channels = rows, tuple(channels)
        self._says_all, self._for_practice = says == "whole", for_practice
        self._stopping = threading.Event()
        self.__name__ = "outbox deliver"  # what is typed to see why it failed

    def stop(self) -> None:
        """No further letter is taken."""
        self._stopping.set()

    def __call__(self) -> Passed:
        """One pass. Raises what the database raises; a row that was taken then comes back by itself."""
        rows, passed = self._rows(), Passed()
        expired = rows.tidy()
        if expired:
            passed.dropped["expired"] += expired
        until = monotonic() + LONGEST_PASS_SECONDS
        for channel in self._channels:
            self._by(channel, rows, passed, until)
        said = {"delivered": passed.delivered, "failed": passed.failed, "parked": passed.parked}
        reasons = " ".join(f"{code}={n}" for code, n in sorted((passed.codes + passed.dropped).items()))
        level = logging.WARNING if passed.failed or passed.parked else logging.INFO
        if any((*said.values(), *passed.dropped.values())):
            log.log(level, "outbox.done", extra={**said, "dropped": passed.dropped.total(), "code": reasons or "-"})
        return passed

    def _by(self, channel: Channel, rows: Rows, passed: Passed, until: float) -> None:
        due = self._due(channel.name, rows, passed, until)
        first = next(due, None)
        if first is None:  # no server is called for nothing
            return
        with channel.line() as line:
            while first is not None and self._sent(line, rows, first, passed):
                first = next(due, None)

    def _due(self, channel: str, rows: Rows, passed: Passed, until: float) -> Iterator[Outgoing]:
        """What is to leave, one by one; what goes nowhere is counted on the way."""
        while monotonic() < until and not self._stopping.is_set():
            found = rows.take(channel)
            if found is None:
                return
            if isinstance(found, Dropped):
                (passed.codes if found.parked else passed.dropped)[found.code] += 1
                passed.parked += found.parked
            else:
                yield found

    def _sent(self, line: Line, rows: Rows, found: Outgoing, passed: Passed) -> bool:
        """Send one; whether the next is worth a try."""
        try:
            line.send(self._letter(found))
        except Exception as error:  # noqa: BLE001 - what nobody foresaw in one letter keeps no other back
            fault = error if isinstance(error, Undelivered) else Undelivered("fault")
            if fault is not error:
                log.error("outbox.stuck", extra={"code": fault.code, "story": story(error)})
            passed.codes[fault.code] += 1
            if rows.failed(found, fault.code, for_good=fault.for_good):
                passed.parked += 1
            else:
                passed.failed += 1
            return not fault.whole_channel
        rows.delivered(found)
        passed.delivered += 1
        return True

    def _letter(self, found: Outgoing) -> Letter:
        """The message: which case and what for and, where the bureau wants it in its mail, the sentence as the inbox has it."""
        subject = _SUBJECT.filled(number=found.number, occasion=found.occasion)
        if self._for_practice:
            subject = _PRACTICE.filled(text=subject)
        sentence = found.text if self._says_all else _SAYS.filled(number=found.number, occasion=found.occasion)
        body = "\n\n".join(f"{sentence.read(lang)}\n{_WHERE.read(lang)}" for lang in ("zh", "en"))
        return Letter(
            key=found.key,
            name=found.name,
            address=found.address,
            subject=f"{subject.zh} · {subject.en}" if subject.zh != subject.en else subject.zh,
            body=body + "\n",
            at=found.created_at,
        )


_SUBJECT = Text("公开 {number} {occasion}", "{occasion}")
_PRACTICE = Text("［演练］{text}", "[practice] {text}")
_SAYS = Text("{number}：{occasion}。", "{number}: {occasion}.")
_WHERE = Text("全文见收件箱：gongkai todo", "Read it in your inbox: gongkai todo")
