"""What goes on in an office at the same time: stories among others, and cases that are moved by what occurs to somebody.

Each is called when its time has come, does what it does then, and answers when it wants to be called again.
"""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from random import Random

from rehearsal.play import Playing
from rehearsal.stage import Hands
from storage import Desk
from storage.setup import ADMIN_ID
from tests.promises.test_dates_follow_from_events import STEPS, take
from workflow.case import (
    CIRCULATE,
    EXPLAIN_LATENESS,
    READ,
    SHANGHAI,
    SIGN_FOR,
    TAKE_BACK,
    TRANSFER,
    URGE,
    Actor,
    Scalar,
    TransitionName,
    business_date,
)
from workflow.errors import GongkaiError
from workflow.scenario import EDITED, STARTED, TAKEN_IN, Line

WHY = "按规定办理"
#: Nobody does two things at one instant.
A_MOMENT = timedelta(seconds=1)
NUMBER = re.compile(r"[A-Z]{3}-\d{4}-\d{5}$")


@dataclass
class Told:
    """A story on its way among the others: here and there somebody is late to enter a step, thinks better of it, or urges."""

    name: str
    playing: Playing
    lines: deque[Line]
    chance: Random
    delayed: Line | None = None

    def goes_on(self) -> datetime | None:
        now = self.playing.stage.clock.at
        while self.lines:
            line = self.lines[0]
            if line.at and line.at > now:
                return line.at
            self.lines[0] = line = replace(line, at=None)
            if self.delayed is None and (late := self._entered_late(line)):
                self.delayed, self.lines[0] = line, late
                return now + timedelta(days=self.chance.randrange(1, 9))
            if not self._does(line) and not (self.delayed and self._does(self.delayed)):
                return None
            self.delayed = None
            self.lines.popleft()
            self._besides(line)
        self._at_the_end()
        return None

    def _does(self, line: Line) -> bool:
        """Whether the line came as it says."""
        self.playing.stage.clock.at += A_MOMENT
        said = {str(value) for value in line.data.values() if NUMBER.match(str(value))}
        own = {each: self._number_of(name) for name, each in self._numbers()} if said else {}
        data = {name: own.get(str(value), value) for name, value in line.data.items()}
        with suppress(KeyError):  # of a case that did not begin
            return not any(self.playing.line(replace(line, data=data)))
        return False

    def _entered_late(self, line: Line) -> Line | None:
        """The line with the day of its step written down, to be entered some days later."""
        step = self.playing.kinds[line.kind].transitions.get(TransitionName(line.do or ""))
        if step is None or step.dated is None or self.chance.random() > 0.4:
            return None
        today = business_date(self.playing.stage.clock.at).isoformat()
        said: dict[str, Scalar] = {}
        said.update(dict.fromkeys(line.today, today))
        if step.dated in {*step.required, *step.optional}:
            said.setdefault(step.dated, line.data.get(step.dated) or today)
        return replace(line, data={**line.data, **said}, today=()) if step.dated in {**line.data, **said} else None

    def _besides(self, line: Line) -> None:
        """What is done with a paper without deciding anything; who thinks better of a step takes it again."""
        if line.case not in self.playing.ids or line.do is None or self.chance.random() > 0.12:
            return
        case, people = self.playing.ids[line.case], self._people()
        act = self.chance.choice((SIGN_FOR, URGE, CIRCULATE, TAKE_BACK))
        if act == TAKE_BACK:
            usual = line.do not in (STARTED, TAKEN_IN, EDITED)
            if usual and any(self._act(each, case, act) for each in people if each.name == line.by):
                self._does(line)
            return
        said: dict[str, Scalar] = {"to": "wangmin lixiang"} if act == CIRCULATE else {}
        if any(self._act(each, case, act, **said) for each in people) and act == CIRCULATE:
            self._act(self.playing.desk.actor("lixiang"), case, READ)

    def _at_the_end(self) -> None:
        for case in tuple(self.playing.ids.values()):
            said = {"cause": "other", "section": "办公室"}
            explained = any(self._act(each, case, EXPLAIN_LATENESS, **said) for each in self._people())
            if not explained and self.chance.random() < 0.2:
                any(self._act(each, case, TRANSFER, section="采购办") for each in self._people())

    def _act(self, actor: Actor, case: str, act: TransitionName, **data: Scalar) -> bool:
        comment = None if act in (SIGN_FOR, TAKE_BACK, READ) else WHY
        self.playing.stage.clock.at += A_MOMENT
        with suppress(GongkaiError):
            self.playing.desk.fire(actor, case, act, data=data, comment=comment)
            return True
        return False

    def _people(self) -> list[Actor]:
        found = everyone(self.playing.desk)
        return self.chance.sample(found, len(found))

    def _numbers(self) -> Iterator[tuple[str, str]]:
        """By which number the story, told alone, knows its cases."""
        counts: Counter[str] = Counter()
        for name in self.playing.ids:
            prefix, year, _ = self._number_of(name).split("-")
            counts[prefix + year] += 1
            yield name, f"{prefix}-{year}-{counts[prefix + year]:05d}"

    def _number_of(self, name: str) -> str:
        return self.playing.desk.case(self.playing.stage.observer, self.playing.ids[name]).case.number


class Walk:
    """A case of the procedure in which every kind of clock runs, moved by what occurs to the Office."""

    def __init__(self, desk: Desk, clock: Hands, seed: int, received: date, length: int) -> None:
        self.desk, self.clock, self.chance, self.received = desk, clock, Random(f"clocks {seed}"), received
        self.left = length
        self.case = ""
        self.is_last_day = False

    def goes_on(self) -> datetime | None:
        office, today = self.desk.actor("sunli"), business_date(self.clock())
        earlier = today - timedelta(days=self.chance.choice((0, 0, 1, 3, 6)))
        if not self.case:
            self.case = self.desk.start(office, "clocks", title="计时", section="预算科").case.case.id
            self.takes(office, "receive", self.received)
        elif self.chance.random() < 0.2:
            self.fires(office, TAKE_BACK)
        if self.chance.random() < 0.4:
            ahead = today + timedelta(days=self.chance.randrange(5, 30))
            what: dict[str, Scalar] = {
                "hearing_on": ahead.isoformat(),
                "given": ahead.day % 20 + 1,
                "corrected_on": earlier.isoformat(),
            }
            name = self.chance.choice([*what])
            self.clock.at += A_MOMENT
            with suppress(GongkaiError):
                self.desk.edit(office, self.case, data={name: what[name]})
        step = "consult" if self.is_last_day and self.chance.random() < 0.7 else self.chance.choice(STEPS[1:])
        # What ends it comes late in its life.
        if step != "reply" or self.left < 4:
            self.takes(office, step, today if self.is_last_day else earlier)
        if self.chance.random() < 0.1:  # who takes a step and writes what stands in no form of it has edited, too
            self.fires(office, "note", title=f"计时（{today}）")
        if self.chance.random() < 0.6:
            self.fires(office, TAKE_BACK)
        self.left -= 1
        return self.next_visit(office, today) if self.left else None

    def takes(self, office: Actor, step: str, on: date) -> None:
        self.clock.at += A_MOMENT
        take(self.desk, office, self.case, step, on.isoformat(), self.chance.randrange(1, 20))

    def fires(self, office: Actor, step: str, **data: Scalar) -> None:
        self.clock.at += A_MOMENT
        with suppress(GongkaiError):
            self.desk.fire(office, self.case, step, data=data)

    def next_visit(self, office: Actor, today: date) -> datetime:
        """Some days later, or on the next last day of one of its clocks."""
        lasts = [each.deadline.strict_on for each in self.desk.case(office, self.case).deadlines]
        ahead = [on for on in lasts if on > today]
        self.is_last_day = bool(ahead) and self.chance.random() < 0.4
        if self.is_last_day:
            return datetime.combine(min(ahead), time(10), SHANGHAI)
        return self.clock() + timedelta(days=self.chance.choice((0, 1, 2, 5, 9, 14)), minutes=7)


def everyone(desk: Desk) -> list[Actor]:
    """Who is there today, but for the administrator."""
    found = []
    for each in desk.people(desk.actor(ADMIN_ID)):
        with suppress(GongkaiError):  # who left
            found.append(desk.actor(each.id))
    return [each for each in found if each.id != ADMIN_ID]
