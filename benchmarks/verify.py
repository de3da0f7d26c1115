"""A million events verified: by every processor, by one process, and only what came since a seal.

Beside it stands the least that anybody must do to each event by hand: read its row in the order of commits, write its canonical
form with the standard library, hash it. Processor time is told, too: it says what the work is where others work on the machine.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import subprocess
import time
import unicodedata
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.many_months import lengthened
from benchmarks.measure import Measured, seconds
from benchmarks.startup import GONGKAI, quietly

EVENTS = 1_000_000
COLUMNS = (
    "form, case_id, seq, at, actor, actor_name, on_behalf_of, via, transition, source, target, data, comment, automatic, "
    "definition, request_id, previous, hash"
)
KEYS = (
    "v", "case", "seq", "at", "actor", "actor_name", "for", "via", "transition", "from", "to", "data", "comment", "automatic",
    "definition", "request", "previous",
)  # fmt: skip


def measures() -> Iterator[Measured]:
    """Seconds for each command, start of the program included, and the largest process."""
    with TemporaryDirectory(dir=Path.cwd()) as place:
        file = f"{place}/many.db"
        quietly(GONGKAI, "--db", file, "demo", "--fast", "--quiet")
        count = lengthened(f"sqlite:///{file}", EVENTS)
        seals, memory = f"{place}/seals.jsonl", f"{place}/verified.json"
        quietly(GONGKAI, "--db", file, "seal", "--to", seals)
        hand = seconds(lambda: by_hand(file))
        command = (GONGKAI, "--db", file, "verify", "--seals", seals)
        many = len(os.sched_getaffinity(0))
        whole = Run.of(*command, "--since", memory)
        alone = Run.of(*command, "--jobs", "1")
        since = Run.of(*command, "--since", memory)
    yield Measured(f"verify {count:,} events, {many} process(es)", whole.seconds, "s", 60.0, whole.beside(hand))
    yield Measured("  the same by one process", alone.seconds, "s", None, alone.beside(hand))
    yield Measured("  only what is new since a seal: nothing", since.seconds, "s", None, since.beside(hand))
    yield Measured("  the largest process", max(whole.megabytes, alone.megabytes), "MB", 150.0, "a short record: 40")


@dataclass(frozen=True, slots=True)
class Run:
    """What a command took, processes that it began included."""

    seconds: float
    cpu: float
    megabytes: float

    @classmethod
    def of(cls, *command: str) -> Run:
        """The command, which must find nothing wrong."""
        begun = time.perf_counter()
        running = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        _, status, used = os.wait4(running.pid, 0)
        if status:
            raise SystemExit(f"{' '.join(command)}: exit {os.waitstatus_to_exitcode(status)}")
        return cls(time.perf_counter() - begun, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)

    def beside(self, hand: float) -> str:
        """Against the baseline."""
        return f"processor time {self.cpu:.0f} s; {self.seconds / hand:.2f} × hashing by hand ({hand:.0f} s)"


def by_hand(file: str) -> None:
    """Every event's hash, by the standard library alone."""
    with closing(sqlite3.connect(file)) as db:
        for *said, own in db.execute(f"SELECT {COLUMNS} FROM events ORDER BY rowid"):
            event = dict(zip(KEYS, said, strict=True))
            event |= {"data": json.loads(event["data"]), "automatic": bool(event["automatic"])}
            text = json.dumps(event, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
            if hashlib.sha256(unicodedata.normalize("NFC", text).encode()).hexdigest() != own:
                raise AssertionError(f"event {event['seq']} of {event['case']}")
