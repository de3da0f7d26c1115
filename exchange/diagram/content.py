"""What a picture of a procedure shows, before anything is drawn: boxes with their clocks, arrows with their steps, a case's path.

The three forms (Mermaid, DOT, SVG) say the same because each of them is written from here. Two rules keep a large procedure
readable: steps between the same two states stand on one arrow, and a step that can be taken from many states is written in the
boxes instead of drawn, for ten arrows to one end hide all the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from exchange.others import in_short, others_of
from workflow.case import SYSTEM, ClockKind, Event, StateName, TransitionName
from workflow.clock import in_words
from workflow.model import DeadlineRule, Definition, State, Transition
from workflow.text import Text, listed
from workflow.words import step_label

#: A step that leaves so many states for one other is written in their boxes; up to here it is drawn.
MOST_DRAWN = 4


class Manner(StrEnum):
    """Who moves the case along: somebody, the system by itself, or a clock that has run out."""

    PERSON = "person"
    SYSTEM = "system"
    EXPIRY = "expiry"


@dataclass(frozen=True, slots=True)
class Step:
    """A step as it stands on an arrow or in a box."""

    name: TransitionName
    label: Text
    who: Text
    manner: Manner
    to: Text | None = None  # where it leads, said only where no arrow says it
    taken: tuple[int, ...] = ()  # as which steps of the case's way it was taken
    others: tuple[Text, ...] = ()  # what other cases do with it


@dataclass(frozen=True, slots=True)
class Clock:
    """A deadline in a box: which it is, how long, and whether it stands still here."""

    label: Text
    kind: ClockKind
    limit: Text
    paused: bool
    sometimes: bool  # it applies to some cases only


@dataclass(frozen=True, slots=True)
class Entry:
    """A step into a state that is not drawn, for it comes from so many."""

    label: Text
    count: int


@dataclass(frozen=True, slots=True)
class Box:
    """A state."""

    name: StateName
    label: Text
    whose: Text | None
    initial: bool
    final: bool
    clocks: tuple[Clock, ...]
    steps: tuple[Step, ...]  # that stay here, and those that are not drawn
    entries: tuple[Entry, ...]  # the steps into it that are not drawn
    visited: bool = False
    stands: bool = False  # the case is here


@dataclass(frozen=True, slots=True)
class Arrow:
    """All steps from one state to another."""

    source: StateName
    target: StateName
    steps: tuple[Step, ...]

    @property
    def taken(self) -> bool:
        """Whether the case came this way."""
        return any(each.taken for each in self.steps)

    @property
    def manner(self) -> Manner:
        """How it is drawn: as by a person wherever a person can take one of its steps."""
        manners = {each.manner for each in self.steps}
        return Manner.PERSON if Manner.PERSON in manners else min(manners, key=list(Manner).index)


@dataclass(frozen=True, slots=True)
class Picture:
    """A procedure, or one case on its way through it."""

    name: str
    version: int
    title: Text
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    case: str | None = None  # its number


@dataclass(frozen=True, slots=True)
class Way:
    """The way that a case took: each change of place or step in order, and where it stands."""

    number: str
    steps: tuple[tuple[StateName | None, TransitionName, StateName], ...]
    stands: StateName

    @staticmethod
    def of(number: str, definition: Definition, events: Iterable[Event], stands: StateName) -> Way:
        """The way that these events tell; what a clock said on it and what was edited is no step of it."""
        moved = (
            (each.source, each.transition, each.target)
            for each in events
            if each.transition in definition.transitions or each.source != each.target
        )
        return Way(number, tuple(moved), stands)


def picture_of(definition: Definition, way: Way | None, kinds: Mapping[str, Definition]) -> Picture:
    """All that is to be drawn of a definition, with the way of one case where that is asked for; `kinds`: whose cases it may move."""
    taken = _taken(way)
    also = {each.name: in_short(others_of(definition, each, kinds)) for each in definition.transitions.values()}
    arrows = tuple(_arrows(definition, taken, also))
    return Picture(
        definition.id,
        definition.version,
        definition.title,
        tuple(_box(definition, state, taken, way, also) for state in definition.states.values()),
        arrows,
        way.number if way else None,
    )


#: As which steps of the case's way a passage was taken.
Taken = dict[tuple[StateName, TransitionName, StateName], tuple[int, ...]]
#: What happens to other cases with each step, one line each.
Also = Mapping[TransitionName, tuple[Text, ...]]


def _taken(way: Way | None) -> Taken:
    """As which steps, counted from 1, each passage was taken; the beginning is no step."""
    found: Taken = {}
    moves = [each for each in way.steps if each[0] is not None] if way else []
    for order, (source, name, target) in enumerate(moves, 1):
        if source is not None:
            key = (source, name, target)
            found[key] = (*found.get(key, ()), order)
    return found


def _is_drawn(step: Transition) -> bool:
    return len([each for each in step.sources if each != step.target]) <= MOST_DRAWN


def _arrows(definition: Definition, taken: Taken, also: Also) -> Iterator[Arrow]:
    between: dict[tuple[StateName, StateName], list[Step]] = {}
    for source in definition.states:
        for step in definition.leaving[source]:
            order = taken.get((source, step.name, step.target), ())
            if step.target != source and (_is_drawn(step) or order):
                between.setdefault((source, step.target), []).append(_step(definition, source, step, order, also))
    for (source, name, target), order in taken.items():
        declared = definition.transitions.get(name)
        known = source in definition.states and target in definition.states
        if known and source != target and (declared is None or declared.target != target):
            label = step_label(definition, name)
            between.setdefault((source, target), []).append(Step(name, label, _NOBODY, Manner.PERSON, taken=order))
    return (Arrow(source, target, tuple(steps)) for (source, target), steps in between.items())


def _box(definition: Definition, state: State, taken: Taken, way: Way | None, also: Also) -> Box:
    visited = {target for _, _, target in way.steps} if way else set()
    return Box(
        state.name,
        state.label,
        definition.roles[state.waits_for].label if state.waits_for else None,
        state.initial,
        state.final,
        tuple(_clock(rule, state.name) for rule in definition.clocks_in[state.name]),
        tuple(_steps_within(definition, state.name, taken, also)),
        tuple(
            Entry(step.label, len(step.sources))
            for step in definition.transitions.values()
            if step.target == state.name and not _is_drawn(step)
        ),
        state.name in visited,
        way is not None and way.stands == state.name,
    )


def _steps_within(definition: Definition, source: StateName, taken: Taken, also: Also) -> Iterator[Step]:
    for step in definition.leaving[source]:
        order = taken.get((source, step.name, step.target), ())
        if step.target == source:
            yield _step(definition, source, step, order, also)
        elif not _is_drawn(step) and not order:
            yield _step(definition, source, step, order, also, to=definition.states[step.target].label)


def _step(
    definition: Definition,
    source: StateName,
    step: Transition,
    order: tuple[int, ...],
    also: Also,
    to: Text | None = None,
) -> Step:
    roles = step.roles.get(source, ())
    people = [definition.roles[role].label for role in roles if role != SYSTEM]
    who = listed(people) if people else _SYSTEM
    return Step(step.name, step.label, who, _manner(definition, source, step), to, order, also[step.name])


def _manner(definition: Definition, source: StateName, step: Transition) -> Manner:
    if SYSTEM not in step.roles.get(source, ()):
        return Manner.PERSON
    runs_out = any(each.transition == step.name for rule in definition.clocks_in[source] for each in rule.steps)
    return Manner.EXPIRY if runs_out and not step.auto else Manner.SYSTEM


def _clock(rule: DeadlineRule, state: StateName) -> Clock:
    if rule.limit_field:
        limit = _AS_SET
    elif rule.backward:
        limit = _BEFORE.filled(limit=in_words(rule.limit))
    else:
        limit = in_words(rule.limit)
    return Clock(rule.label, rule.kind, limit, state in rule.pauses_in, _is_sometimes(rule))


def _is_sometimes(rule: DeadlineRule) -> bool:
    """Whether a case can be here without this clock: by its condition, or because the step that sets its days is rare."""
    return rule.applies is not None or (rule.anchor is not None and rule.limit_field is not None)


_SYSTEM = Text("系统", "the system")
_NOBODY = Text("", "")
_AS_SET = Text("另行确定", "as set for the case")
_BEFORE = Text("提前{limit}", "{limit} ahead")
