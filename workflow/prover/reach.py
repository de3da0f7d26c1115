"""Everything that a definition can come to: each state with the data that a case can have there, and the shortest way to it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from functools import cached_property

from workflow.case import StateName
from workflow.prover.moves import Move, Moves, after, before
from workflow.prover.sets import ALL, NONE, Set, Space

#: States, each with some data.
Places = Mapping[StateName, Set]


@dataclass(frozen=True, slots=True)
class Way:
    """How a case comes somewhere: the moves, and after each of them data from which the next leads on."""

    moves: tuple[Move, ...]
    data: tuple[Set, ...]


class Reach:
    """The reachable (state, data)."""

    def __init__(self, space: Space, moves: Moves, states: Mapping[StateName, object]) -> None:
        self.space = space
        self._moves = moves
        self._order = {state: n for n, state in enumerate(states)}
        self.into: dict[StateName, list[Move]] = defaultdict(list)
        self.out: dict[StateName, list[Move]] = defaultdict(list)
        for each in moves.all:
            self.into[each.target].append(each)
            if each.source:
                self.out[each.source].append(each)

    @cached_property
    def all(self) -> dict[StateName, Set]:
        """Each state that a case can come to, with the data that it can have there."""
        begun: dict[StateName, Set] = {}
        for each in self._moves.beginnings:
            come = after(self.space, each.acts, ALL)
            begun[each.target] = self.space.either(begun.get(each.target, NONE), come)
        return self.from_here(begun)

    def without(self, step: str) -> Reach:
        """What can be reached if this step is never taken."""
        return Reach(self.space, self._moves.without(step), self._order)

    def at(self, state: StateName) -> Set:
        """The data that a case can have in a state."""
        return self.all.get(state, NONE)

    def way_to(self, bad: Places) -> Way | None:
        """The shortest way from a beginning to one of these; None if there is none."""
        rings: list[dict[StateName, Set]] = []
        fresh = self._within(bad)
        seen: dict[StateName, Set] = {}
        while fresh:
            rings.append(fresh)
            for begun in self._moves.beginnings:
                met = self.space.both(after(self.space, begun.acts, ALL), fresh.get(begun.target, NONE))
                if met != NONE:
                    return self._forward(begun, met, rings)
            for state, these in fresh.items():
                seen[state] = self.space.either(seen.get(state, NONE), these)
            earlier = self.one_before(fresh)
            fresh = self._within({s: self.space.without(these, seen.get(s, NONE)) for s, these in earlier.items()})
        return None

    def from_here(self, places: Places, by: Callable[[Move], bool] = lambda _move: True) -> dict[StateName, Set]:
        """Every (state, data) to which moves lead, or such moves, from one of these, themselves included."""
        found = dict(places)
        # Of each state which of its moves are to be followed, and how deep each goes.
        fresh: dict[tuple[StateName, int], tuple[int, int]] = {}

        def come_to(state: StateName) -> None:
            fresh.update(((state, n), self._depth(move)) for n, move in enumerate(self.out[state]) if by(move))

        for state in places:
            come_to(state)
        while fresh:
            # Round and round among the first states until nothing new comes of it, and only then on: so what follows is gone
            # through a few times (state by state, a request takes a third more and a proposal a half; measured). All that is
            # known there, not only what is new: the diagrams of whole sets are smaller.
            state, number = first = min(fresh, key=fresh.__getitem__)
            del fresh[first]
            move = self.out[state][number]
            before_it = found.get(move.target, NONE)
            found[move.target] = self.space.either(before_it, after(self.space, move.acts, found[state]))
            if found[move.target] != before_it:
                come_to(move.target)
        return {state: these for state, these in found.items() if these != NONE}

    def one_before(self, places: Places, barred: Container[str] = ()) -> dict[StateName, Set]:
        """Every (state, data) from which one move, but for those barred, leads to these, reachable or not."""
        found: dict[StateName, Set] = {}
        for state, these in places.items():
            for move in self.into[state]:
                if move.source and move.name not in barred:
                    come = before(self.space, move.acts, these)
                    found[move.source] = self.space.either(found.get(move.source, NONE), come)
        return found

    def leading_to(self, places: Places, barred: Container[str] = ()) -> dict[StateName, Set]:
        """Every (state, data), reachable or not, from which moves lead to one of these, themselves included."""
        found, fresh = dict(places), dict(places)
        while fresh:
            state = max(fresh, key=self._order.__getitem__)
            for source, these in self.one_before({state: fresh.pop(state)}, barred).items():
                new = self.space.without(these, found.get(source, NONE))
                if new != NONE:
                    found[source] = self.space.either(found.get(source, NONE), new)
                    fresh[source] = self.space.either(fresh.get(source, NONE), new)
        return found

    @property
    def size(self) -> int:
        """How many (state, data) can be reached."""
        return sum(self.space.size(each) for each in self.all.values())

    def _depth(self, move: Move) -> tuple[int, int]:
        """How far into the procedure a move goes: by the later of its two states, on before back."""
        target = self._order[move.target]
        return max(target, self._order[move.source or move.target]), -target

    def _within(self, places: Places) -> dict[StateName, Set]:
        met = {state: self.space.both(these, self.at(state)) for state, these in places.items()}
        return {state: these for state, these in met.items() if these != NONE}

    def _forward(self, begun: Move, met: Set, rings: list[dict[StateName, Set]]) -> Way:
        moves, data = [begun], [met]
        state = begun.target
        for ring in reversed(rings[:-1]):
            for move in self.out[state]:
                come = self.space.both(after(self.space, move.acts, met), ring.get(move.target, NONE))
                if come != NONE:
                    break
            else:
                raise AssertionError("each ring leads to the one before it")
            moves.append(move)
            data.append(come)
            state, met = move.target, come
        return Way(tuple(moves), tuple(data))
