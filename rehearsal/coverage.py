"""What the stories have shown of each definition: every step taken, every guard seen met and unmet, or a reason why not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from rehearsal.play import Shown
from workflow.model import Definition
from workflow.scenario import Excuse


@dataclass(frozen=True, slots=True)
class Coverage:
    """What was shown of one kind of case. Missing is what was neither shown nor excused."""

    kind: str
    steps: int
    steps_taken: int
    steps_missing: tuple[str, ...]
    sides: int  # two for each guard: met and unmet
    sides_seen: int
    sides_missing: tuple[tuple[str, str], ...]  # guard, met or unmet
    excused: tuple[Excuse, ...]
    stale: tuple[Excuse, ...]  # excuses for what a story does show

    @property
    def is_whole(self) -> bool:
        """Whether every step and every side of a guard was shown or excused, and nothing excused needlessly."""
        return not (self.steps_missing or self.sides_missing or self.stale)

    def to_json(self) -> dict[str, object]:
        """The coverage as the JSON surface shows it."""
        return {
            "steps": {"of": self.steps, "taken": self.steps_taken, "missing": list(self.steps_missing)},
            "guards": {
                "of": self.sides,
                "seen": self.sides_seen,
                "missing": [{"guard": name, "side": side} for name, side in self.sides_missing],
            },
            "excused": [_excuse_json(each) for each in self.excused],
            "stale": [_excuse_json(each) for each in self.stale],
        }


def covered(
    kinds: Iterable[str], definitions: Mapping[str, Definition], shown: Shown, excuses: Iterable[Excuse]
) -> Iterator[Coverage]:
    """How much of these kinds was shown."""
    given = tuple(excuses)
    for kind in kinds:
        definition = definitions[kind]
        known = {"taken": shown.taken, "met": shown.met, "unmet": shown.unmet}
        seen = {(name, side) for side, found in known.items() for of, name in found if of == kind}
        mine = tuple(each for each in given if each.kind == kind)
        excused = {(each.name, each.side) for each in mine if (each.name, each.side) not in seen}
        guards = [each for each in definition.guards if each in _used(definition)]
        sides = [(name, side) for name in guards for side in ("met", "unmet")]
        yield Coverage(
            kind=kind,
            steps=len(definition.transitions),
            steps_taken=sum((name, "taken") in seen for name in definition.transitions),
            steps_missing=tuple(str(name) for name in definition.transitions if (name, "taken") not in seen | excused),
            sides=len(sides),
            sides_seen=sum(each in seen for each in sides),
            sides_missing=tuple(each for each in sides if each not in seen | excused),
            excused=tuple(each for each in mine if (each.name, each.side) in excused),
            stale=tuple(each for each in mine if (each.name, each.side) in seen),
        )


def _used(definition: Definition) -> set[str]:
    """The guards that some step asks; the loader refuses the others."""
    steps = definition.transitions.values()
    of_steps = {name for step in steps for name in (*step.guards, *step.warns, *step.when_blocked)}
    return of_steps | {name for letter in definition.letters.values() for name in letter.parts}


def _excuse_json(excuse: Excuse) -> dict[str, object]:
    return {"name": excuse.name, "side": excuse.side, "at": str(excuse.place), **excuse.why.to_json()}
