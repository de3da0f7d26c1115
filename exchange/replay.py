"""Conformance: a log replayed against a definition by the engine itself, case by case, without a database.

Each event is the wish to take a step, and the same `decide` that judges the bureau's own cases judges it: state, conditions,
clocks. Where it says no, that is a deviation with the reasons; the step is then taken all the same, since it did happen, and
the story goes on from there. Who may take a step is not judged: a foreign log knows no posts of ours.

Beside it a token game is kept (Rozinat & van der Aalst, Information Systems 33(1), 2008, 64-95): states are places, steps
are transitions. A step without its token has one put there (missing); tokens that are left at the end are remaining. An
unmet condition is a place without its token.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from exchange.foreign import ForeignEvent, ForeignLog
from exchange.loosened import forced, judged
from exchange.replay_map import FINAL, ReplayMap
from exchange.wishes import Wishes
from workflow.case import (
    EDIT,
    IMPORT,
    START,
    TAKE_BACK,
    Actor,
    Appointment,
    Case,
    Command,
    Deadline,
    Decision,
    Event,
    Refusal,
    StateName,
    TransitionName,
    Unmet,
    business_date,
)
from workflow.decide import decide
from workflow.errors import Invalid, Problem
from workflow.history import Folded, blank, difference, fold
from workflow.judge import system_actor
from workflow.model import Definition
from workflow.text import Text, shown
from workflow.workdays import Workdays

BUREAU, SECTION = "log", "log"
#: The problem of a case that is left out because a day of it cannot be counted.
UNCOUNTED = "uncounted"

#: How many steps that leave no trace may lie between two events.
MOST_SILENT = 4


@dataclass(frozen=True, slots=True)
class Deviation:
    """Where a case left the definition: an event that could not be, or an end that was not reached."""

    kind: str  # unknown | refused | unbegun | unfinished
    row: int | None
    at: datetime | None
    activity: str
    step: str | None
    state: StateName
    reasons: tuple[Unmet, ...]


@dataclass(frozen=True, slots=True)
class Breach:
    """A last day that passed while the case went on: by a clock of the definition, or as the log itself says."""

    deadline: str  # a clock's name; empty: the log's own
    label: Text
    due_on: date
    row: int | None  # the first event after it; None: none came, and the clock still runs
    at: datetime | None
    activity: str

    @property
    def days(self) -> int | None:
        """How many days after its last day the first event came."""
        return (business_date(self.at) - self.due_on).days if self.at else None


@dataclass(slots=True)
class Tokens:
    """The token game of one case or of many."""

    produced: int = 0
    consumed: int = 0
    missing: int = 0
    remaining: int = 0

    def add(self, other: Tokens) -> None:
        """Count another's in."""
        self.produced += other.produced
        self.consumed += other.consumed
        self.missing += other.missing
        self.remaining += other.remaining

    @property
    def fitness(self) -> float:
        """Half for what was there when it was wanted, half for what was used up: 1 when all was in order.

        >>> Tokens(produced=4, consumed=4).fitness, Tokens(4, 4, 1, 1).fitness
        (1.0, 0.75)
        """
        lacking = self.missing / self.consumed if self.consumed else 0.0
        left = self.remaining / self.produced if self.produced else 0.0
        return (1 - lacking) / 2 + (1 - left) / 2


@dataclass(frozen=True, slots=True)
class CaseReplay:
    """One case of the log after its replay."""

    name: str
    events: int
    state: StateName
    ended: bool
    deviations: tuple[Deviation, ...]
    breaches: tuple[Breach, ...]
    tokens: Tokens

    @property
    def fits(self) -> bool:
        """Whether the whole story can be told by the definition."""
        return not self.deviations


@dataclass(slots=True)
class _Game:
    """The tokens of one case on the places of the definition."""

    places: Counter[str] = field(default_factory=Counter)
    count: Tokens = field(default_factory=Tokens)

    def begin(self, place: str) -> None:
        self.places[place] += 1
        self.count.produced += 1

    def step(self, sources: Iterable[str], target: str, unmet: int) -> None:
        """One step: it takes a token from the first of its places that has one, and puts one where it leads."""
        sources = tuple(sources)
        source = next((each for each in sources if self.places[each]), None)
        self.count.consumed += 1 + unmet
        self.count.missing += unmet + (source is None)
        self.count.produced += 1
        if source is not None:
            self.places[source] -= 1
        self.places[target] += 1

    def end(self, finals: Iterable[str]) -> None:
        """The end takes the token of a final place; what is left then remains."""
        there = next((each for each in finals if self.places[each]), None)
        self.count.consumed += 1
        self.count.missing += there is None
        if there is not None:
            self.places[there] -= 1
        self.count.remaining = self.places.total()

    def end_anywhere(self) -> None:
        """The end takes the token from wherever the case stands."""
        there = next((each for each, count in self.places.items() if count), None)
        self.end([there] if there else [])

    def stray(self) -> None:
        """An event that is no step here: it wants a token that never was, and leaves one behind."""
        self.count.consumed += 1
        self.count.missing += 1
        self.count.produced += 1
        self.places["?"] += 1


class Replay:
    """Replays the cases of a log, one after the other."""

    def __init__(self, definition: Definition, mapping: ReplayMap, calendar: Workdays) -> None:
        self.declared, self.map, self.calendar = definition, mapping, calendar
        self.judged = judged(definition, mapping)
        self.forced = forced(self.judged)
        automatic = (each.name for each in definition.transitions.values() if each.auto)
        self.silent = frozenset(mapping.silent).union(automatic)
        self.wishes = Wishes(self.judged, mapping)
        self.uncounted: list[Problem] = []  # cases of which the calendar cannot count a day

    def log(self, log: ForeignLog) -> Iterator[CaseReplay]:
        """Every case of the log, in its order; clocks that still run are looked at in the moment of the log's last event."""
        until = max((each[-1].at for each in log.cases.values()), default=None)
        for name, events in log.cases.items():
            story = _Story(self, name)
            try:
                yield story.told(events, until or events[-1].at)
            except (Invalid, OverflowError) as fault:  # a day from which no limit can be counted: the others go on
                self.uncounted.append(story.cannot_be_told(fault))

    @property
    def problems(self) -> list[Problem]:
        """The values that no field could hold, and the cases that could not be counted."""
        return [*self.wishes.problems, *self.uncounted]


class _Story:
    """One case as it is told."""

    def __init__(self, replay: Replay, name: str) -> None:
        self.replay, self.name = replay, name
        self.case: Case = blank(name, name, replay.judged, BUREAU, SECTION)
        self.before: Case | None = None  # as it stood before its last step
        self.begun = False
        self.game = _Game()
        self.deviations: list[Deviation] = []
        self.breaches: dict[tuple[str, int], Breach] = {}
        self.clocks: dict[tuple[str, int], Deadline] = {}
        self.row: int | None = None  # of the event that is being told

    def told(self, events: list[ForeignEvent], until: datetime) -> CaseReplay:
        for event in events:
            steps = self.replay.wishes.steps_of(event)
            if steps is None:  # of another procedure, or about a clock
                continue
            self.row = event.row
            self._watch_the_clocks(event.at, event)
            self._happens(event, steps)
            self._watch_the_clocks(event.at, event)  # of a case that begins late the last day is over at once
        self._ends(events[-1])
        self._watch_the_clocks(until, None)
        own = tuple(self._beyond_the_logs_own(events))
        return CaseReplay(
            self.name, len(events), self.case.state, self._is_final(), tuple(self.deviations),
            (*self.breaches.values(), *own), self.game.count,
        )  # fmt: skip

    def cannot_be_told(self, fault: Exception) -> Problem:
        """That the case is left out, at the row at which its days could not be counted."""
        problems = fault.problems if isinstance(fault, Invalid) else ()
        reason = problems[0].text if problems else fault.said if isinstance(fault, Invalid) else _NO_SUCH_DAY
        return Problem(UNCOUNTED, _LEFT_OUT.filled(case=shown(self.name), reason=reason), row=self.row)

    # One event.

    def _happens(self, event: ForeignEvent, steps: tuple[str, ...]) -> None:
        if not self.begun:
            self._begin(event, steps)
            if set(steps) & {START, IMPORT}:
                return
        if EDIT in steps:
            self._written(event, EDIT, self.case.state)
            return
        if TAKE_BACK in steps and TAKE_BACK in self.replay.judged.acts:
            self._goes_back(event)
            return
        declared = [each for each in steps if each in self.replay.judged.transitions]
        if not declared:
            kind = "refused" if START in steps else "unknown"
            reasons = (Unmet("start", _BEGUN, "state"),) if kind == "refused" else ()
            self._deviates(kind, event, START if kind == "refused" else None, reasons)
            self.game.stray()
            return
        before = self.case
        if not self._taken(event, declared):
            self._taken_all_the_same(event, declared)
        self.before = before

    def _goes_back(self, event: ForeignEvent) -> None:
        """The last step is taken back: the case is again what it was."""
        before = self.before or self.case
        written = Event(
            case_id=self.name, seq=self.case.seq + 1, at=max(event.at, self.case.changed_at), actor=event.resource,
            actor_name=event.resource, on_behalf_of=None, via="log", transition=TAKE_BACK,
            source=self.case.state, target=before.state, data=difference(self.case, before), comment=None,
            automatic=False, definition=self.case.definition,
        )  # fmt: skip
        self.game.step((self.case.state,), before.state, 0)
        self._moves(fold(self.replay.judged, self.case, written, self.replay.calendar))

    def _begin(self, event: ForeignEvent, steps: tuple[str, ...]) -> None:
        intake = self.replay.judged.intake
        enters = intake.state if IMPORT in steps and intake else self.replay.judged.initial
        self._written(event, IMPORT if IMPORT in steps else START, enters)
        self.begun = True
        self.game.begin(enters)
        if self.replay.wishes.has_a_beginning and not set(steps) & {START, IMPORT}:
            self._deviates("unbegun", event, None, (Unmet("start", _UNBEGUN, "state"),))
            self.game.count.missing += 1
            self.game.count.consumed += 1

    def _written(self, event: ForeignEvent, name: str, target: StateName) -> None:
        """What happens without a judgement: the beginning, an entry of the past, a correction of the data."""
        data = self.replay.wishes.data_of(event, name)
        if name != EDIT:
            data = {"title": self.name, **data}
        written = Event(
            case_id=self.name, seq=self.case.seq + 1, at=max(event.at, self.case.changed_at), actor=event.resource,
            actor_name=event.resource, on_behalf_of=None, via="log", transition=TransitionName(name),
            source=self.case.state if name == EDIT else None, target=target, data=data, comment=None, automatic=False,
            definition=self.case.definition,
        )  # fmt: skip
        # A past record comes with its clocks ended; here it is a beginning like another.
        said = replace(written, transition=START) if name == IMPORT else written
        self._moves(fold(self.replay.judged, self.case, said, self.replay.calendar))

    def _taken(self, event: ForeignEvent, steps: list[str]) -> bool:
        """Whether one of these steps is open, maybe after steps that leave no trace; it is taken then."""
        for way in self._silent_ways(event.at):
            before = self.case, dict(self.clocks)
            passed = [self._decided(event.at, each) for each in way]
            for step in steps:
                decision = self._wished(event, step)
                if isinstance(decision, Decision):
                    for name, source in passed:
                        self.game.step((source,), self.replay.judged.transitions[name].target, 0)
                    sources = self.replay.judged.transitions[TransitionName(step)].sources
                    self.game.step(_first(self.case.state, sources), decision.case.state, 0)
                    self._settled(event, step, decision)
                    return True
            self.case, self.clocks = before
        return False

    def _silent_ways(self, at: datetime) -> Iterator[tuple[TransitionName, ...]]:
        """No step, then every way of steps without a trace that are open from here, the shortest first."""
        yield ()
        ways: list[tuple[tuple[TransitionName, ...], Case]] = [((), self.case)]
        seen = {self.case.state}
        for _ in range(MOST_SILENT):
            longer = []
            for way, case in ways:
                for step in self.replay.judged.leaving[case.state]:
                    if step.name in self.replay.silent and step.target not in seen:
                        decision = self._decide(case, Command(step.name), at)
                        if isinstance(decision, Decision):
                            seen.add(step.target)
                            longer.append(((*way, step.name), decision.case))
            yield from (way for way, _ in longer)
            ways = longer

    def _decided(self, at: datetime, name: TransitionName) -> tuple[TransitionName, StateName]:
        """Take a step that was found open, and say from where."""
        source = self.case.state
        decision = self._decide(self.case, Command(name), at)
        if isinstance(decision, Decision):
            self._moves(Folded(decision.case, decision.deadlines))
        return name, source

    def _taken_all_the_same(self, event: ForeignEvent, steps: list[str]) -> None:
        """The deviation, told by the step that comes nearest, and the step after it: the log says that it happened."""
        refusals = {step: refusal for step in steps if isinstance(refusal := self._wished(event, step), Refusal)}
        # A step of this state that lacks something is nearer than a step of another state.
        step = min(refusals, key=lambda each: (_out_of_state(refusals[each]), len(refusals[each].unmet)))
        unmet = refusals[step].unmet
        self._deviates("refused", event, step, unmet)
        declared = self.replay.judged.transitions[TransitionName(step)]
        self.game.step(
            _first(self.case.state, declared.sources), declared.target, sum(1 for each in unmet if each.kind != "state")
        )
        decision = self._wished(event, step, self.replay.forced)
        if isinstance(decision, Decision):
            self._settled(event, step, decision)

    def _settled(self, event: ForeignEvent, step: str, decision: Decision) -> None:
        given = self.replay.wishes.given_by(event, step)
        self._moves(Folded(decision.case.with_data(given), decision.deadlines))

    def _wished(self, event: ForeignEvent, step: str, by: Definition | None = None) -> Decision | Refusal:
        data = self.replay.wishes.data_of(event, step)
        return self._decide(self.case, Command(TransitionName(step), data), event.at, event.resource, by)

    def _decide(
        self, case: Case, command: Command, at: datetime, who: str = "?", by: Definition | None = None
    ) -> Decision | Refusal:
        definition = by or self.replay.judged
        roles = definition.transitions[command.transition].roles.get(case.state, ())
        actor = system_actor(BUREAU) if roles == ("system",) else _anybody(definition, who)
        return decide(definition, case, command, actor, max(at, case.changed_at), self.replay.calendar)

    def _moves(self, folded: Folded) -> None:
        self.case = folded.case
        self.clocks.update({(each.rule, each.armed_seq): each for each in folded.touched})

    def _deviates(self, kind: str, event: ForeignEvent, step: str | None, reasons: tuple[Unmet, ...]) -> None:
        self.deviations.append(Deviation(kind, event.row, event.at, event.activity, step, self.case.state, reasons))

    # The end, and the clocks.

    def _is_final(self) -> bool:
        return self.replay.judged.states[self.case.state].final

    def _ends(self, last: ForeignEvent) -> None:
        if not self.begun:
            return
        if not self._is_final():
            self._end_by_silence(last.at)
        if self.replay.map.ends != FINAL:
            self.game.end_anywhere()
            return
        self.game.end(each.name for each in self.replay.judged.states.values() if each.final)
        if not self._is_final():
            self.deviations.append(
                Deviation("unfinished", None, None, "", None, self.case.state, (Unmet("end", _UNFINISHED, "state"),))
            )

    def _end_by_silence(self, at: datetime) -> None:
        for way in self._silent_ways(at):
            before = self.case, dict(self.clocks)
            passed = [self._decided(at, each) for each in way]
            if self._is_final():
                for name, source in passed:
                    self.game.step((source,), self.replay.judged.transitions[name].target, 0)
                return
            self.case, self.clocks = before

    def _watch_the_clocks(self, at: datetime, event: ForeignEvent | None) -> None:
        """The clocks that were still open, though their last day was over, when this event came or the log ended."""
        for key, clock in self.clocks.items():
            if clock.closed_at is None and at >= clock.due_at and key not in self.breaches:
                rule = self.replay.judged.deadlines[clock.rule]
                after = (event.row, event.at, event.activity) if event else (None, None, "")
                self.breaches[key] = Breach(rule.name, rule.label, clock.rolled_on, *after)

    def _beyond_the_logs_own(self, events: list[ForeignEvent]) -> Iterator[Breach]:
        """The first event after the last day that the log itself gives the case."""
        column = self.replay.map.deadline
        if column is None:
            return
        said = next((day for each in events if (day := _day(each.columns.get(column, "")))), None)
        late = next((each for each in events if said and business_date(each.at) > said), None)
        if said and late:
            yield Breach("", _LOGS_OWN, said, late.row, late.at, late.activity)


def _out_of_state(refusal: Refusal) -> bool:
    return any(each.name == "state" for each in refusal.unmet)


def _first(here: StateName, sources: Iterable[StateName]) -> tuple[StateName, ...]:
    """The places of a step, the one where the case stands before the others."""
    return tuple(sorted(sources, key=lambda each: each != here))


def _anybody(definition: Definition, who: str) -> Actor:
    posts = tuple(Appointment(role, SECTION, date.min, None) for role in definition.roles)
    return Actor(who, who, BUREAU, posts, via="log")


def _day(said: str) -> date | None:
    try:
        return date.fromisoformat(said.strip()[:10])
    except ValueError:
        return None


_NO_SUCH_DAY = Text("日期超出可计算的范围", "a day is further than can be counted")
_LEFT_OUT = Text("事项 {case} 未作判断：{reason}", "the case {case} is not judged: {reason}")
_BEGUN = Text("事项已经开始", "the case had begun already")
_UNBEGUN = Text("首个事件不是开始事项的步骤", "the first event is not the one that begins a case")
_UNFINISHED = Text("日志到此为止，事项没有办结", "the log ends here, and the case has not come to an end")
_LOGS_OWN = Text("日志所载期限", "the deadline that the log states")
