"""The hands of the trials: processes that sweep, tick or work on one database until they are told to stop, or killed.

python -m tests.promises.hands sweep URL INSTANT
python -m tests.promises.hands tick URL BEGUN SPEED [FAULT]
python -m tests.promises.hands migrate URL INSTANT PLAN [FAULT]
python -m tests.promises.hands work URL BEGUN SPEED UNTIL FILE SEED FAULT PERSON...
python -m tests.promises.hands insist URL BEGUN SPEED UNTIL FILE SEED FAULT PERSON...
"""

from __future__ import annotations

import json
import os
import random
import sys
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from time import time
from typing import Any

from scheduler import Ticker
from storage import Desk
from storage.moments import new_id
from tests.factories import MONDAY
from tests.torture.faults import planted
from workflow.case import Actor, Option, Scalar
from workflow.errors import Busy, Conflict, Invalid, NotFound, Refused, StorageFault, Unknown

#: For how many seconds the hands go on after their time while one of them has had nothing to do.
PATIENCE = 60
#: A file of this name beside theirs says that they may end sooner.
OVER = "over"
#: What the Office asks of every document.
TAGGED: dict[str, Scalar] = {"attribute": "proactive", "origin": "own", "is_policy": False}
#: What an act must be told.
_TYPED = {"section": "国库科", "to": "zhouju"}
#: Steps that end a case early or take it elsewhere; people take them now and then, or there would soon be nothing to do.
RARE = frozenset({"void", "discard", "withdraw", "refer", "propose_change", "transfer", "circulate"})


def running_clock(begun: float, speed: float) -> Callable[[], datetime]:
    """A clock that stood at MONDAY when it was begun and runs so many times faster than the real one, in every process."""
    return lambda: MONDAY + timedelta(seconds=(time() - begun) * speed)


def sweep(url: str, instant: str) -> None:
    """Sweep, a few steps a commit, until nothing is due; each pass says how many fired."""
    with Desk.open(url, clock=lambda: datetime.fromisoformat(instant)) as desk:
        while fired := desk.sweep(limit=7):
            print(len(fired), flush=True)


def migrate(url: str, instant: str, plan: str) -> None:
    """Migrate by a plan; each batch says how many cases were looked at."""
    with Desk.open(url, clock=lambda: datetime.fromisoformat(instant)) as desk:
        text = Path(plan).read_text("utf-8")
        desk.migrations.run(desk.actor("admin"), text, plan, progress=lambda seen, _: print(seen, flush=True))
    print("done", flush=True)


def tick(url: str, begun: float, speed: float) -> None:
    """The ticker as it runs in the office, on the faster clock."""

    def to_real(instant: datetime) -> datetime:
        return datetime.fromtimestamp(begun, tz=instant.tzinfo) + (instant - MONDAY) / speed

    with Desk.open(url, clock=running_clock(begun, speed)) as desk:
        print("ready", flush=True)
        Ticker(desk, every=0.2, to_real=to_real).run_forever()
    print("stopped", flush=True)


def work(
    url: str, begun: float, speed: float, until: float, file: str, seed: int, people: list[str], insists: bool
) -> None:
    """Act on what waits for these people; what the desk has acknowledged is noted in the file before anything else.

    Who insists repeats an act under its request id for as long as the database does not answer.
    """
    chance = random.Random(seed)
    until_answered = _insisted if insists else _once
    desk_opened = until_answered(lambda: Desk.open(url, clock=running_clock(begun, speed)))
    with desk_opened as desk, Path(file).open("a") as acknowledged:

        def noted(done: object) -> None:
            event = done.event  # type: ignore[attr-defined]
            acknowledged.write(json.dumps([event.case_id, event.seq, event.actor, event.transition, event.hash]) + "\n")
            acknowledged.flush()
            os.fsync(acknowledged.fileno())

        place = Path(file).parent
        while (time() < until and not (place / OVER).exists()) or (
            time() < until + PATIENCE and not _all_had_something_to_do(place)
        ):
            for person in people:
                actor = until_answered(partial(desk.actor, person))
                cases = until_answered(partial(desk.worklist, actor)).cases
                if person == "wangmin" and len(cases) < 8:
                    data = TAGGED if chance.random() < 0.7 else {}
                    begin = partial(desk.start, actor, "document", title="并发试验", data=data, request_id=new_id())
                    noted(until_answered(begin))
                for row in chance.sample(cases, min(3, len(cases))):
                    if done := _acted(desk, actor, row.id, chance, until_answered):
                        noted(done)


def _all_had_something_to_do(place: Path) -> bool:
    """On a busy machine it takes longer: whoever stopped at once would leave the others nothing to work on."""
    return all(each.stat().st_size for each in place.glob("*.acknowledged"))


def _once(act: Callable[[], Any]) -> Any:
    return act()


def _insisted(act: Callable[[], Any]) -> Any:
    """What the act came to, asked again and again while the database is gone, busy, or cannot say."""
    while True:
        try:
            return act()
        except (Unknown, StorageFault, Busy):
            threading.Event().wait(0.02)


def _acted(
    desk: Desk, actor: Actor, case: str, chance: random.Random, until_answered: Callable[[Callable[[], Any]], Any]
) -> object | None:
    """One step that is open to the actor; None when there is none, or another hand was first."""
    try:
        options = until_answered(partial(desk.options, actor, case))
        open_ = [each for each in options if each.allowed and is_likely(each, chance)]
        if not open_:
            return None
        step = chance.choice(open_)
        data = {name: until_answered(partial(value_of, desk, name)) for name in step.required}
        fire = partial(desk.fire, actor, case, step.transition, data=data, comment="并发试验", request_id=new_id())
        done: object = until_answered(fire)
        return done
    except (Refused, Conflict, NotFound, Invalid):
        return None


def is_likely(option: Option, chance: random.Random) -> bool:
    return option.transition not in RARE or chance.random() < 0.02


def value_of(desk: Desk, name: str) -> str:
    if name in _TYPED:
        return _TYPED[name]
    return next(iter(desk.definition("document").fields[name].choices), "")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["sweep", url, instant]:
            sweep(url, instant)
        case ["migrate", url, instant, plan, *fault]:
            planted(*fault or ["none"])
            migrate(url, instant, plan)
        case ["tick", url, begun, speed, *fault]:
            planted(*fault or ["none"])
            tick(url, float(begun), float(speed))
        case ["work", url, begun, speed, until, file, seed, fault, *people]:
            planted(fault)
            work(url, float(begun), float(speed), float(until), file, int(seed), people, insists=False)
        case ["insist", url, begun, speed, until, file, seed, fault, *people]:
            planted(fault)
            work(url, float(begun), float(speed), float(until), file, int(seed), people, insists=True)
