"""How a number is taken: in rounds, baseline and ours by turns, the lowest of each; and how it is shown."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measured:
    """One number, with what it may be at most (None: only told) and what was measured beside it."""

    name: str
    value: float
    unit: str
    at_most: float | None
    beside: str

    @property
    def kept(self) -> bool:
        return self.at_most is None or self.value <= self.at_most

    @property
    def line(self) -> str:
        promise = "" if self.at_most is None else f"≤ {self.at_most:g} {self.unit}"
        verdict = "" if self.at_most is None else ("ok" if self.kept else "TOO SLOW")
        return f"{self.name:<52} {self.value:>9.4g} {self.unit:<3} {promise:<12} {verdict:<9} {self.beside}"


def seconds(act: Callable[[], object]) -> float:
    """How long one call takes."""
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun


def lowest(acts: Mapping[str, Callable[[], object]], rounds: int, calls: int = 1) -> dict[str, float]:
    """Seconds per call of each act: the lowest of `rounds`, the acts taking turns so that a busy minute hits all of them."""
    return {name: min(each) for name, each in by_turns(acts, rounds, calls).items()}


def by_turns(acts: Mapping[str, Callable[[], object]], rounds: int, calls: int) -> dict[str, list[float]]:
    """Seconds per call of each act in each round."""
    taken: dict[str, list[float]] = {name: [] for name in acts}
    for _ in range(rounds):
        for name, act in acts.items():
            begun = time.perf_counter()
            for _ in range(calls):
                act()
            taken[name].append((time.perf_counter() - begun) / calls)
    return taken
