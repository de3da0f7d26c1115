"""The best ways from where one case stands: looked for from there, and led by how far it would be if anything could be said.

Forward, because of what a case states hardly anything has to be followed; back to where it began, only what leads on.
After P. Hart, N. Nilsson, B. Raphael (1968), with sets of data for single points.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from workflow.case import StateName
from workflow.prover.moves import after, before
from workflow.prover.sets import NONE, Set, Space
from workflow.prover.stated import Taken, Ways

#: Of each distance the states, each with the data, from which it is so far to the goal.
Rings = Mapping[int, Mapping[StateName, Set]]
#: What one way of taking a move costs; None where it cannot be taken.
Cost = Callable[[Taken], int | None]


@dataclass(slots=True)
class Search:
    """The ways of one question: what each costs, and how far it is to the goal if anything could be said."""

    space: Space
    ways: Ways
    cost: Cost
    far: Rings
    _come: dict[int, dict[StateName, Set]] = field(default_factory=lambda: defaultdict(dict))
    _waiting: dict[tuple[int, int], dict[StateName, Set]] = field(default_factory=lambda: defaultdict(dict))

    def best(self, state: StateName, here: Set, to: StateName) -> Rings:
        """Every (state, data) on a best way from here, by how far it is to the goal; nothing where no way leads there."""
        seen: dict[StateName, Set] = {}
        self._come_to(state, here, 0)
        while self._waiting:
            estimated, spent = min(self._waiting)
            for at, these in self._waiting.pop((estimated, spent)).items():
                fresh = self.space.without(these, seen.get(at, NONE))
                if fresh == NONE:
                    continue
                _add(self.space, self._come[spent], at, fresh)
                if at == to:
                    return self._back(to, spent)
                _add(self.space, seen, at, fresh)
                self._onward(at, fresh, spent)
        return {}

    def _onward(self, state: StateName, these: Set, spent: int) -> None:
        for way in self.ways.out.get(state, ()):
            cost = self.cost(way)
            come = NONE if cost is None else after(self.space, way.move.acts, these)
            if cost is not None and come != NONE:
                self._come_to(way.move.target, come, spent + cost)

    def _come_to(self, state: StateName, these: Set, spent: int) -> None:
        rings = ((n, ring[state]) for n, ring in self.far.items() if state in ring)
        left = next((n for n, ring in rings if self.space.both(these, ring) != NONE), None)
        if left is not None:
            _add(self.space, self._waiting[spent + left, spent], state, these)

    def _back(self, to: StateName, last: int) -> Rings:
        """Of what was come to, that from which the goal is as far as it was at best."""
        led: dict[int, dict[StateName, Set]] = defaultdict(dict)
        led[0][to] = self._come[last][to]
        for spent in sorted(self._come, reverse=True):
            for state, these in led[last - spent].items():
                for way in self.ways.into.get(state, ()):
                    cost, source = self.cost(way), way.move.source
                    held = self._come[spent - cost].get(source, NONE) if cost and source and cost <= spent else NONE
                    if cost and source and held != NONE:
                        come = self.space.both(before(self.space, way.move.acts, these), held)
                        _add(self.space, led[last - spent + cost], source, come)
        return {n: {at: these for at, these in ring.items() if these != NONE} for n, ring in led.items()}


def _add(space: Space, to: dict[StateName, Set], state: StateName, these: Set) -> None:
    to[state] = space.either(to.get(state, NONE), these)
