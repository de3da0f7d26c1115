"""Steps that move one another in a circle, found over all definitions that are read together.

A circle that stops by itself is none: who has taken a step stands where it does not begin any more, and is passed over. So steps
count only if they can be taken again: by the same case, which other moves or automatic steps bring back, or by another that the
circle opens. And the circle must come back: by a link, or down to a sub-case and up again. Conditions and guards are not asked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Flag, auto
from itertools import pairwise

from workflow.case import StateName, TransitionName
from workflow.model import PARENT, Definition, Moving, Transition
from workflow.prover.faults import Fault
from workflow.text import Text

#: A kind and a step of it.
Taken = tuple[str, TransitionName]


class Towards(Flag):
    """Where the cases that are moved stand to the one that moves them."""

    NOWHERE = 0
    DOWN = auto()  # sub-cases
    UP = auto()  # the parent
    ASIDE = auto()  # linked cases: any, in the end


@dataclass(frozen=True, slots=True)
class Push:
    """One step moves another."""

    to: Taken
    towards: Towards


def circles(definition: Definition, kinds: Mapping[str, Definition]) -> Iterator[Fault]:
    """Every circle in which a step of this definition moves, in the end, itself; each step is told of once."""
    found = _Circles(kinds)
    told: set[Taken] = set()
    for step in definition.transitions.values():
        here = (definition.id, step.name)
        ring = None if here in told else found.through(here)
        if ring:
            told.update(ring)
            way = [*ring, here]
            names = tuple(f"{kind}.{name}" for kind, name in way)
            words = tuple(moves_in_words(kinds, a, b) for a, b in pairwise(way))
            yield Fault("moves-circle", place_of_move(step, way[1][1]), {"name": step.label}, names, words)


def pushed(kinds: Mapping[str, Definition], kind: Definition, move: Moving) -> Iterator[Push]:
    """Every step that cases of this kind move so."""
    if move.case == PARENT:
        others = [each.id for each in kinds.values() if any(c.kind == kind.id for c in each.children.values())]
        towards = Towards.UP
    elif "." in move.case:
        others, towards = [move.case.partition(".")[0]], Towards.ASIDE
    elif move.case in kind.children:
        others, towards = [kind.children[move.case].kind], Towards.DOWN
    else:
        others, towards = list(kind.fields[move.case].of), Towards.ASIDE
    for other in others:
        if other in kinds and move.step in kinds[other].transitions:
            yield Push((other, move.step), towards)


def moves_in_words(kinds: Mapping[str, Definition], a: Taken, b: Taken) -> Text:
    """That one step moves another, as the office calls them."""
    one, other = kinds[a[0]], kinds[b[0]]
    return _MOVES.filled(
        kind=one.title, step=one.transitions[a[1]].label, other=other.title, next=other.transitions[b[1]].label
    )


def place_of_move(step: Transition, next_step: TransitionName) -> tuple[str | int, ...]:
    """Where the file says that it moves the next one."""
    called_off = [each for each in step.moves if each.whole]
    for key, moves in (("cancels", called_off), ("moves", [each for each in step.moves if not each.whole])):
        for number, move in enumerate(moves):
            if move.step == next_step:
                return "transitions", step.name, key, number
    return "transitions", step.name


class _Circles:
    """What moves what, and which of it can go round for ever."""

    def __init__(self, kinds: Mapping[str, Definition]) -> None:
        self._kinds = kinds
        self._pushes = {
            (kind.id, step.name): [push for move in step.moves for push in pushed(kinds, kind, move)]
            for kind in kinds.values()
            for step in kind.transitions.values()
            if step.moves
        }
        self._turning = self._for_ever(self._pushes)

    def step(self, taken: Taken) -> Transition:
        """The step itself."""
        return self._kinds[taken[0]].transitions[taken[1]]

    def through(self, start: Taken) -> list[Taken] | None:
        """The shortest circle with this step, from it on; None if it does not turn."""
        reached = self._reached(start, self._turning)
        if start not in reached:
            return None
        ring = {each for each in reached if start in self._reached(each, self._turning)}
        opens = self._opens_own(ring)
        ways: list[tuple[Taken, Towards, list[Taken]]] = [(start, Towards.NOWHERE, [start])]
        seen = {(start, Towards.NOWHERE)}
        for at, gone, way in ways:
            for push in (each for each in self._pushes[at] if each.to in ring):
                towards = gone | push.towards
                if push.to == start and (opens or _comes_back(towards)):
                    return way
                if (push.to, towards) not in seen:
                    seen.add((push.to, towards))
                    ways.append((push.to, towards, [*way, push.to]))
        return None

    def _for_ever(self, steps: Collection[Taken]) -> set[Taken]:
        """The steps in circles of which each can be taken again and again."""
        left = set(steps)
        while True:
            turning = {each for each in left if each in self._reached(each, left) and self._comes_again(each, left)}
            if turning == left:
                return left
            left = turning

    def _comes_again(self, taken: Taken, left: Collection[Taken]) -> bool:
        """Whether the circle, or what the system does by itself, brings a case back to where this step begins, or opens another."""
        kind, step = self._kinds[taken[0]], self.step(taken)
        ring = {each for each in self._reached(taken, left) if taken in self._reached(each, left)}
        moved = ring.union(*(self._reached(each, None) for each in ring))
        by_itself = {each.name for each in kind.transitions.values() if each.auto}
        open_now = [kind.transitions[name] for name in by_itself | {name for id_, name in moved if id_ == kind.id}]
        fresh = [kind.initial] if any(self._opened(each) == kind.id for each in moved) else []
        return any(leads(start, step.sources, open_now) for start in (step.target, *fresh))

    def _opens_own(self, ring: Iterable[Taken]) -> bool:
        """Whether the circle opens cases of a kind that it moves."""
        kinds = {kind for kind, _ in ring}
        return any(self._opened(each) in kinds for each in ring)

    def _opened(self, taken: Taken) -> str | None:
        opens = self.step(taken).opens
        return self._kinds[taken[0]].children[opens.child].kind if opens else None

    def _reached(self, start: Taken, within: Collection[Taken] | None) -> set[Taken]:
        """Every step that this one moves, and those that these move; itself only if they come back to it."""
        found: set[Taken] = set()
        waiting = [start]
        while waiting:
            for push in self._pushes.get(waiting.pop(), ()):
                if push.to not in found and (within is None or push.to in within):
                    found.add(push.to)
                    waiting.append(push.to)
        return found


def _comes_back(towards: Towards) -> bool:
    return Towards.ASIDE in towards or towards == Towards.DOWN | Towards.UP


def leads(start: StateName, to: Collection[StateName], steps: Iterable[Transition]) -> bool:
    """Whether these steps lead from one state to one of the others, or it is one of them."""
    steps = tuple(steps)
    found, waiting = {start}, [start]
    while waiting:
        here = waiting.pop()
        if here in to:
            return True
        further = {each.target for each in steps if here in each.sources} - found
        found |= further
        waiting += further
    return False


_MOVES = Text("{kind}“{step}”带动{other}“{next}”", "{kind}: “{step}” moves {other}: “{next}”")
