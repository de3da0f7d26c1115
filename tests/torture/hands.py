"""The hands of these trials, in processes of their own: what they were told is told by them, and heard by who made them.

python -m tests.torture.hands record PATH FAULT DAY
python -m tests.torture.hands outlive URL FILE BEGUN ROUNDS SEED FAULT
python -m tests.torture.hands remind URL FILE INSTANT KILL-EVERY FAULT
python -m tests.torture.hands storm URL FILE INSTANT QUIET FAULT
python -m tests.torture.hands labour URL STEPS FAULT
python -m tests.torture.hands race URL FILE ROUNDS FAULT
"""

from __future__ import annotations

import os
import pickle
import random
import sys
from collections.abc import Callable
from datetime import datetime
from functools import partial
from itertools import count, cycle, islice
from pathlib import Path
from time import monotonic
from typing import Any

from storage import Desk
from storage.moments import new_id
from storage.setup import initialise
from tests.factories import Clock, Ids
from tests.promises.hands import TAGGED, is_likely, running_clock, value_of
from tests.torture.crew import Crew, Tell
from tests.torture.disk import Tap
from tests.torture.faults import planted
from tests.torture.shelf import Shelf
from workflow.case import IMPORT, Actor, Command, TransitionName
from workflow.errors import Conflict, GongkaiError, Invalid, NotFound, Refused

PAST = {"title": "关于下达预算的通知", "formed_on": "2023-06-14", "published_on": "2023-06-20"}


def record(path: Path, fault: str, day: str) -> None:
    """An office day, or where there is no file its making; what it does to the disk, and is told, goes to standard output."""

    def told(*what: object) -> None:
        pickle.dump(what, sys.stdout.buffer)

    def tell(*what: object) -> None:
        told(*(Path(each).name if isinstance(each, str) else each for each in what))

    with Tap(tell) as tap, Shelf(path.parent, told):
        planted(fault)
        if path.exists():
            tell("base", tap.number(str(path)))
            {"papers": Day, "attachments": DayOfAttachments}[day](path, tell).live()
        else:
            tell("begins", 0, "init")
            initialise(f"sqlite:///{path}", sandbox=False, clock=Clock())
            tell("acknowledged", 0)
    sys.stdout.buffer.flush()


class Day:
    """Papers that are begun, go their way, come back and lie too long; on two connections by turns."""

    def __init__(self, path: Path, tell: Callable[..., None]) -> None:
        self._tell, self._url, self._clock, self._ids = tell, f"sqlite:///{path}", Clock(), Ids()
        self._count = 0
        self._known: set[tuple[str, int, str]] = set()

    def live(self) -> None:
        with self._opened() as desk:
            self._note(desk)
        for _ in range(3):
            with self._opened() as one, self._opened() as other:
                self._morning(one, other)
                self._clock.forward(days=3)
                self._does(other, "sweep", lambda: other.sweep())
            # The last who goes carries the log over and deletes it.

    def _opened(self) -> Desk:
        desk = Desk.open(self._url, clock=self._clock, ids=lambda: f"day-{self._ids()}")
        # So often that what is written is carried over to the tables in the middle of the day, many times.
        desk._db.run("PRAGMA wal_autocheckpoint = 40")
        return desk

    def _morning(self, one: Desk, other: Desk) -> None:
        drafter, office = one.actor("wangmin"), other.actor("zhaoyun")
        papers: list[str] = []

        def begun() -> None:
            data: dict[str, Any] = {"origin": "own", "is_policy": False}
            papers.append(one.start(drafter, "document", title="关于停电的通知", data=data).case.case.id)

        def fire(desk: Desk, person: str, step: str, paper: str, **more: Any) -> Callable[[], object]:
            return lambda: desk.fire(desk.actor(person), paper, step, **more)

        for _ in range(4):
            self._does(one, "start", begun)
        for paper in papers[:3]:
            self._does(one, "edit", lambda: one.edit(drafter, paper, data={"body": "预算" * 4000}))  # noqa: B023
            self._does(one, "submit", fire(one, "wangmin", "submit", paper))
        for paper in papers[:2]:
            self._does(other, "endorse", fire(other, "lihua", "endorse", paper))
        self._does(one, "return", fire(one, "qianwei", "return", papers[0], comment="请补充"))
        past = [Command(IMPORT, PAST, request_id=f"past-{self._count}-{n}") for n in range(3)]
        self._does(other, "import", lambda: other.take_in(office, "document", past, section="预算科"))
        resubmitted = [(papers[0], Command(TransitionName("submit"))), (papers[3], Command(TransitionName("submit")))]
        self._does(one, "many", lambda: one.fire_many(drafter, resubmitted))

    def _does(self, desk: Desk, name: str, act: Callable[[], object]) -> None:
        self._count += 1
        self._tell("begins", self._count, name)
        act()
        self._tell("acknowledged", self._count)
        self._note(desk)

    def _note(self, desk: Desk) -> None:
        """What came to stand in the record with the last act."""
        now = {tuple(row) for row in desk._db.all("SELECT case_id, seq, hash FROM events")}
        self._tell("made", self._count, now - self._known)
        self._known = now  # type: ignore[assignment]


class DayOfAttachments(Day):
    """Files are put to papers, twice the same, taken back; what nothing points at is cleared away."""

    def _morning(self, one: Desk, other: Desk) -> None:
        drafter, place = one.actor("wangmin"), Path(self._url.removeprefix("sqlite:///")).parent
        for size in (20, 40_000):
            file = place / f"附件{size}.txt"
            file.write_text(f"会签意见：同意{self._count}" + "预算" * size, "utf-8")
            self._does(one, "attach", lambda: one.attachments.add(drafter, "DOC-2026-00001", file))  # noqa: B023
        no = len(one.attachments.of(drafter, "DOC-2026-00001"))
        self._does(one, "withdraw", lambda: one.attachments.withdraw(drafter, "DOC-2026-00001", no, "误附"))
        self._does(other, "again", lambda: other.attachments.add(drafter, "DOC-2026-00001", file))
        # What somebody left who died between the content and its row.
        with one.attachments._contents.bench() as bench, one._db.writing(keep=False):
            (bench / "left").write_bytes(b"left %d" % self._count)
            one.attachments._contents.put(bench / "left", f"{self._count:064x}", self._clock())
        self._clock.forward(days=2)
        self._does(other, "clear away", lambda: other.attachments.collect())


# Killed at work.

#: Office time for one real second.
SPEED = 2 * 86_400.0
WRITERS, TICKERS = 6, 2
EVERYBODY = ("wangmin", "lihua", "zhaoyun", "sunli", "zhouju", "qianwei", "chenjing", "heping")


def outlive(url: str, file: Path, begun: float, rounds: int, seed: int, fault: str) -> None:
    """Round for round six people's hands and two tickers are set to work, and all are killed before they have done much."""
    chance = random.Random(seed)
    # To come to a server takes longer than to open a file.
    longest = 0.35 if url.startswith("sqlite") else 1.2
    read_ahead(url)
    crew = Crew(file)
    for turn in range(rounds):
        for n in range(WRITERS):
            crew.join(f"writer-{turn}-{n}", partial(write, url, begun, chance.random(), fault))
        for n in range(TICKERS):
            crew.join(f"ticker-{turn}-{n}", partial(tick, url, begun))
        until = monotonic() + chance.uniform(0.02, longest)
        while (left := until - monotonic()) > 0 and crew.hands:
            crew.heard(left)
        for child in chance.sample(crew.hands, len(crew.hands)):
            crew.killed(child)
    crew.close()


def read_ahead(url: str) -> None:
    """What stands still is read before hands are made, so that they need not read it each for itself."""
    with Desk.open(url) as desk:
        desk.definition("document")


def write(url: str, begun: float, seed: float, fault: str, tell: Tell) -> None:
    """Act on whatever waits for anybody; each act is announced, and then what it came to."""
    planted(fault)
    chance = random.Random(seed)
    with Desk.open(url, clock=running_clock(begun, SPEED)) as desk:
        while True:
            actor = desk.actor(chance.choice(EVERYBODY))
            cases = desk.worklist(actor).cases
            request = new_id()
            tell("intends", request)
            try:
                if actor.id == "wangmin" and len(cases) < 8:
                    data = TAGGED if chance.random() < 0.7 else {}
                    done = desk.start(actor, "document", title="并发试验", data=data, request_id=request)
                elif cases:
                    step, given = _one_step(desk, actor, (case := chance.choice(cases).id), chance)
                    done = desk.fire(actor, case, step, data=given, comment="并发试验", request_id=request)
                else:
                    continue
            except (Refused, Conflict, NotFound, Invalid):
                continue
            tell("acknowledged", request, done.event.case_id, done.event.seq, done.event.hash)


def _one_step(desk: Desk, actor: Actor, case: str, chance: random.Random) -> tuple[str, dict[str, Any]]:
    """A step that is open to the actor, and what it must be told. Raises Refused where there is none."""
    open_ = [each for each in desk.options(actor, case) if each.allowed and is_likely(each, chance)]
    if not open_:
        raise Refused("", ())
    step = chance.choice(open_)
    return step.transition, {name: value_of(desk, name) for name in step.required}


def tick(url: str, begun: float, tell: Tell) -> None:
    """Sweep what is due, again and again."""
    with Desk.open(url, clock=running_clock(begun, SPEED)) as desk:
        while True:
            for each in desk.sweep(limit=20):
                tell("fired", each.case, each.deadline, each.step)


# Killed while they remind.


def remind(url: str, file: Path, instant: str, every: float, fault: str) -> None:
    """Three tickers serve what is due until nothing is; each time after so many seconds one is killed, and another comes."""
    read_ahead(url)
    chance, crew = random.Random(6), Crew(file)

    def one_more() -> None:
        crew.join("ticker", partial(serve, url, datetime.fromisoformat(instant), fault))

    def another_for_one() -> None:
        crew.killed(chance.choice(crew.hands))
        one_more()

    for _ in range(3):
        one_more()
    # The first dies as soon as something has fired, however fast they are.
    crew.heard(60, least=4)
    another_for_one()
    while len(crew.hands) == 3:
        until = monotonic() + every
        while len(crew.hands) == 3 and (left := until - monotonic()) > 0:
            crew.heard(left)
        if len(crew.hands) == 3:
            another_for_one()
    while crew.hands:
        crew.heard(60)
    crew.close()


def serve(url: str, instant: datetime, fault: str, tell: Tell) -> None:
    """Sweep until nothing is due any more, and tell what fired."""
    planted(fault)
    tell("begins")
    with Desk.open(url, clock=lambda: instant) as desk:
        while (due := desk.next_due_at()) is not None and due <= instant:
            for each in desk.sweep(limit=100):
                tell("fired", each.case, each.deadline, each.step)


# At work in a storm.


def storm(url: str, file: Path, instant: str, quiet: int, fault: str) -> None:
    """Two people work, first by themselves and then beside a ticker that serves whatever is due, until nothing is."""
    read_ahead(url)
    now, crew = datetime.fromisoformat(instant), Crew(file)
    for n, person in enumerate(("wangmin", "chenjing")):
        crew.join(f"person-{n}", partial(work, url, now, person))
    crew.heard_from(2 * quiet)
    ticker = crew.join("ticker", partial(serve_all, url, now, fault))
    while ticker in crew.hands:
        crew.heard(60)
    crew.close()


def work(url: str, now: datetime, person: str, tell: Tell) -> None:
    """Step after step on a draft of one's own, and how long each took."""
    with Desk.open(url, clock=lambda: now) as desk:
        drafter = desk.actor(person)
        paper = desk.start(drafter, "document", title="照常办公", data=TAGGED).case.case.id
        for n in count():
            began = monotonic()
            desk.edit(drafter, paper, data={"body": f"第{n}稿"})
            tell("took", monotonic(), monotonic() - began)


def serve_all(url: str, now: datetime, fault: str, tell: Tell) -> None:
    """Sweep as the scheduler does, until nothing is due; with each pass how much fired and how much memory is held."""
    planted(fault)
    with Desk.open(url, clock=lambda: now) as desk:
        tell("fired", monotonic(), 0, memory())
        while fired := len(desk.sweep()):
            tell("fired", monotonic(), fired, memory())


def labour(url: str, steps: int, fault: str) -> None:
    """So many steps of one process, on a hundred drafts by turns; a hundred times it prints what memory it holds."""
    planted(fault)
    with Desk.open(url, clock=Clock()) as desk:
        drafter = desk.actor("wangmin")
        papers = [desk.start(drafter, "document", title="照常办公", data=TAGGED).case.case.id for _ in range(100)]
        for n in range(steps):
            desk.edit(drafter, papers[n % 100], data={"body": f"第{n}稿"})
            if n % (steps // 100) == steps // 100 - 1:
                print(memory(), flush=True)


def memory() -> int:
    """What this process holds, in KiB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024


# Raced.

RACERS = 4
#: What a case goes through; every step but the first is raced for.
COURSE = ("start", "edit", "edit", "submit", "return", "edit", "submit", "return", "edit", "edit", "submit", "return")


def race(url: str, file: Path, rounds: int, fault: str) -> None:
    """Four hands take the same step of the same case, as each has seen it, at the same moment; so many times."""
    read_ahead(url)
    crew, mouths = Crew(file), list[int]()
    for n in range(RACERS):
        ear, mouth = os.pipe()
        crew.join(f"{n}", partial(run, url, ear, n, fault))
        mouths.append(mouth)
    for step in islice(cycle(COURSE), rounds):
        if step == "start":
            os.write(mouths[0], b"start -\n")
            ((_, _, case, version),) = crew.heard_from(1)
            continue
        for mouth in mouths:
            os.write(mouth, f"{step} {case} {version}\n".encode())
        version = max(each[-1] for each in crew.heard_from(RACERS) if each[1] == "won")
    crew.close()


def run(url: str, ear: int, n: int, fault: str, tell: Tell) -> None:
    """One of the four: a drafter, and a section head, of the same section as the others."""
    planted(fault)
    with Desk.open(url, clock=Clock()) as desk, os.fdopen(ear) as orders:
        drafter, head = desk.actor(f"drafter-{n}"), desk.actor(f"head-{n}")
        for order in orders:
            step, case, *seen = order.split()
            if step == "start":
                begun = desk.start(drafter, "document", title="同时办理", data=TAGGED).case.case
                tell("began", begun.id, begun.version)
                continue
            actor, version = head if step == "return" else drafter, int(seen[0])
            data: dict[str, Any] = {"body": f"第{n}人据第{version}版所写"} if step == "edit" else {}
            comment = "请补充" if step == "return" else None
            try:
                done = desk.fire(actor, case, step, data=data, comment=comment, expected_version=version)
                tell("won", step, case, version, actor.name, done.case.case.version)
            except Conflict as conflict:
                tell("lost", step, case, version, conflict.facts["actor"], conflict.facts["version"])
            except GongkaiError as error:
                tell("failed", step, case, version, error.code, str(error))


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["record", path, fault, day]:
            record(Path(path), fault, day)
        case ["outlive", url, file, begun, rounds, seed, fault]:
            outlive(url, Path(file), float(begun), int(rounds), int(seed), fault)
        case ["remind", url, file, instant, every, fault]:
            remind(url, Path(file), instant, float(every), fault)
        case ["storm", url, file, instant, quiet, fault]:
            storm(url, Path(file), instant, int(quiet), fault)
        case ["labour", url, steps, fault]:
            labour(url, int(steps), fault)
        case ["race", url, file, rounds, fault]:
            race(url, Path(file), int(rounds), fault)
