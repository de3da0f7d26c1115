"""A month in the life of the sample bureau, on a clock that runs as fast as it is told to.

People forget, answer late, disagree and go on leave (`staff`), by a seed, so that the same month happens each time. They act
through the desk like any other hand; what nobody does in time, the real ticker does.
"""

from __future__ import annotations

import heapq
import random
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from itertools import count
from typing import TYPE_CHECKING

from storage.sample import KIND, Document, documents, our_title
from terminal.staff import AWAY, DRAFTERS, HABITS, STAND_INS, Move, Paper, a_paper, minutes_for, moves, why_late
from terminal.stories import Stories, Told
from workflow.case import EDIT, EXPLAIN_LATENESS, SHANGHAI, Case, business_date
from workflow.errors import GongkaiError, Refused
from workflow.text import Text
from workflow.workdays import Workdays

if TYPE_CHECKING:
    from storage import Desk
    from storage.views import Done

#: Over the Spring Festival and the make-up Saturdays 02-14 and 02-28.
FIRST, LAST = date(2026, 2, 2), date(2026, 3, 6)
#: What was begun before the month and still lies in the Office: the day it began, and the day it is published, in time or late.
LEFT_OVER = (
    (date(2026, 1, 5), date(2026, 2, 2)),
    (date(2026, 1, 5), date(2026, 2, 12)),
    (date(2026, 1, 6), date(2026, 2, 4)),
    (date(2026, 1, 7), date(2026, 2, 25)),
    (date(2026, 1, 9), date(2026, 2, 10)),
    (date(2026, 1, 12), date(2026, 2, 13)),
    (date(2026, 1, 14), date(2026, 3, 3)),
)
OPENS, CLOSES = time(8, 30), time(17, 30)
BEAT = timedelta(minutes=30)
PATIENCE = 30.0  # seconds of real time that one pass of the ticker may take
MOST_PASSES = 20  # that leave the same step undone


class FastClock:
    """The sandbox's clock: it moves forward only, and only when told."""

    def __init__(self, at: datetime) -> None:
        self._at = at
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """The present moment of the sandbox."""
        with self._lock:
            return self._at

    def reach(self, at: datetime) -> None:
        """Be at least there."""
        with self._lock:
            self._at = max(self._at, at)


class Passes:
    """The passes that the month waits for: the ticker's own in between would find what is due or not, as it happens."""

    def __init__(self) -> None:
        self._done = 0
        self._is_wanted = self._is_running = False
        self._changed = threading.Condition()

    def begins(self) -> bool:
        """Whether this pass, which is about to sweep, is the one that is waited for."""
        with self._changed:
            self._is_running, self._is_wanted = self._is_wanted, False
            return self._is_running

    def one_more(self) -> None:
        """A pass is over; the ticker calls it as a delivery."""
        with self._changed:
            self._done += self._is_running
            self._is_running = False
            self._changed.notify_all()

    def wait(self, nudge: Callable[[], None]) -> bool:
        """Ask for a pass and wait until one is over; False when none came."""
        with self._changed:
            seen, self._is_wanted = self._done, True
        nudge()
        with self._changed:
            return self._changed.wait_for(lambda: self._done > seen, PATIENCE)


class Stalled(GongkaiError):
    """The ticker gave no sign of life."""

    code = "stalled"
    text = Text("定时器没有响应；请运行 gongkai doctor 查看", "the ticker does not answer; see gongkai doctor")


@dataclass(order=True, slots=True)
class Intent:
    """Somebody means to see to a case at a moment, if it is still in that state."""

    at: datetime
    turn: int
    case: str = field(compare=False)
    state: str = field(compare=False)


@dataclass(slots=True)
class Month:
    """The simulated month: run it once, with the ticker running on the same clock."""

    desk: Desk
    clock: FastClock
    passes: Passes
    nudge: Callable[[], None]
    acknowledged: Callable[[Done], None]
    seed: int = 26
    papers: dict[str, Paper] = field(default_factory=dict)
    steps: int = 0
    _agenda: list[Intent] = field(default_factory=list)
    _turns: Iterator[int] = field(default_factory=count)
    _chance: random.Random = field(init=False)
    _calendar: Workdays = field(init=False)

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)  # noqa: S311 - a play, not a secret
        self._calendar = self.desk.calendar

    def beats(self) -> Iterator[datetime]:
        """From the first paper to the evening of the last day, half hour by half hour, all that falls due being done."""
        self._hand_over_leave()
        stories = Stories(self.desk, "zhengyan")
        arrivals: list[tuple[datetime, Callable[[], None]]] = [
            *((at, partial(self._begin, document, publish_on)) for at, document, publish_on in self._arrivals()),
            *((told.at, partial(self._tell, stories, told)) for told in stories.steps()),
        ]
        for at, happens in sorted(arrivals, key=lambda each: each[0]):
            yield from self._until(at)
            happens()
        yield from self._until(moment(LAST, CLOSES))

    def _arrivals(self) -> list[tuple[datetime, Document, date | None]]:
        """Which document comes up when: those left over from January, then some on each working day."""
        pile = [each for each in documents() if each.section in DRAFTERS]
        self._chance.shuffle(pile)
        coming: list[tuple[datetime, Document, date | None]] = [
            (moment(begun, time(9, 0)), pile.pop(), until) for begun, until in LEFT_OVER
        ]
        day = FIRST
        while day < LAST:
            if self._calendar.is_workday(day):
                for _ in range(self._chance.choice((1, 2, 2, 3, 3))):
                    at = moment(day, time(8, 40)) + timedelta(minutes=self._chance.randint(0, 420))
                    coming.append((at, pile.pop(), None))
            day += timedelta(days=1)
        return sorted(coming, key=lambda each: each[0])

    def _hand_over_leave(self) -> None:
        """Those who have somebody to stand in delegate their posts before they go."""
        for person, to in STAND_INS.items():
            from_on, until_on = AWAY[person]
            self.desk.delegate(self.desk.actor(person), person, to, from_on=from_on, until_on=until_on)

    def _tell(self, stories: Stories, told: Told) -> None:
        self._record(stories.take(told))

    def _begin(self, document: Document, publish_on: date | None) -> None:
        paper = a_paper(document, self._chance)
        if publish_on:
            paper.meant, paper.publish_on = {"attribute": "proactive"}, publish_on
            paper.forgets = paper.halves = paper.is_policy = False
        done = self.desk.start(
            self.desk.actor(paper.drafter),
            KIND,
            title=our_title(document, paper.origin),
            section=document.section,
            data=paper.first_data(),
        )
        self._record(done)
        self.papers[done.case.case.id] = paper
        self._mean_to(done.case.case)

    def _until(self, at: datetime) -> Iterator[datetime]:
        """Everything that somebody means to do before that moment, each at its own."""
        while self._agenda and self._agenda[0].at <= at:
            intent = heapq.heappop(self._agenda)
            yield from self._travel(intent.at)
            self._see_to(intent)
        yield from self._travel(at)

    def _travel(self, at: datetime) -> Iterator[datetime]:
        """Let time go by, half an hour at a time; at each half hour the ticker has done what was due."""
        beat = _next_beat(self.clock.now())
        while beat <= at:
            self.clock.reach(beat)
            self._served()
            yield beat
            beat += BEAT
        self.clock.reach(at)

    def _served(self) -> None:
        """Wait until the ticker has done all that is due by now; a pass that leaves the same thing undone is a bad sign."""
        before, passes = None, 0
        while (due_at := self.desk.next_due_at()) is not None and due_at <= self.clock.now():
            passes = passes + 1 if due_at == before else 0
            before = due_at
            if passes == MOST_PASSES or not self.passes.wait(self.nudge):
                raise Stalled

    def _see_to(self, intent: Intent) -> None:
        case = self._case(intent.case)
        if case.closed_at is not None:
            return
        if case.state != intent.state:  # the system was first: whose turn it is now has just seen it
            self._mean_to(case)
            return
        paper = self.papers[case.id]
        today = business_date(self.clock.now())
        acts = moves(case.state, case.waits_for, case.data, paper, today, self._chance)
        if not acts:  # away, and nobody stands in: the paper lies until the next morning
            self._mean_to(case, at=self._morning_after(today))
            return
        for move in acts:
            case = self._act(case, move)
        if case.closed_at is None:
            self._mean_to(case)

    def _act(self, case: Case, move: Move) -> Case:
        actor = self.desk.actor(move.by)
        try:
            if move.do == EDIT:
                done = self.desk.edit(actor, case.id, data=move.data, expected_version=case.version)
            else:
                done = self.desk.fire(
                    actor, case.id, move.do, data=move.data, comment=move.comment, expected_version=case.version
                )
        except Refused as answer:
            if all(each.name != "lateness" for each in answer.reasons):
                raise
            explained = self.desk.fire(actor, case.id, EXPLAIN_LATENESS, data=why_late(self.papers[case.id]))
            self._record(explained)
            return self._act(explained.case.case, move)
        self._record(done)
        return done.case.case

    def _mean_to(self, case: Case, at: datetime | None = None) -> None:
        """Note when somebody will see to the case, as it stands now."""
        if at is None:
            paper = self.papers[case.id]
            begun = self.clock.now()
            if case.state == "release" and paper.publish_on:
                at = max(moment(paper.publish_on, time(10, 0)), begun + BEAT)
            elif paper.publish_on:
                at = self._after_work(begun, HABITS[case.state][0])
            else:
                at = self._after_work(begun, minutes_for(case.state, case.data, self._chance))
        heapq.heappush(self._agenda, Intent(at, next(self._turns), case.id, case.state))

    def _after_work(self, at: datetime, minutes: int) -> datetime:
        """The moment after so many minutes of office hours."""
        here = at.astimezone(SHANGHAI)
        while True:
            opens, closes = moment(here.date(), OPENS), moment(here.date(), CLOSES)
            begins = max(here, opens)
            left = int((closes - begins).total_seconds() // 60) if self._calendar.is_workday(here.date()) else 0
            if minutes <= left:
                return (begins + timedelta(minutes=minutes)).astimezone(UTC)
            minutes -= max(left, 0)
            here = moment(here.date() + timedelta(days=1), OPENS).astimezone(SHANGHAI)

    def _morning_after(self, today: date) -> datetime:
        return moment(self._calendar.last_working_day(today, 1), time(10, 0))

    def _case(self, id: str) -> Case:
        return self.desk.case(self.desk.actor("zhengyan"), id).case

    def _record(self, done: Done) -> None:
        self.steps += 1
        self.acknowledged(done)


def moment(day: date, at: time) -> datetime:
    """That time of that day in Shanghai."""
    return datetime.combine(day, at, SHANGHAI).astimezone(UTC)


def _next_beat(at: datetime) -> datetime:
    """The next full or half hour, strictly later."""
    past = timedelta(minutes=at.minute % 30, seconds=at.second, microseconds=at.microsecond)
    return at - past + BEAT
