"""What is stated stands: a plan fills in what is empty, and is no advice to change what the file says.

What a step cannot do without is another matter: it is decided with the step, even where it was decided once before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from workflow.case import StateName
from workflow.prover.moves import Move, Moves

#: What it costs to decide anew what was decided: more than a long way of one's own, less than one that waits for others.
ANEW = 50
#: What it costs to write why nothing was done instead of doing it: more than the step that does it.
EXCUSED = 2
#: What it costs to say one field otherwise than it is stated, where no way leaves everything as it is: more than a few steps.
OTHERWISE = 20


@dataclass(frozen=True, slots=True)
class Taken:
    """A move in one of the ways in which people can take it: what that costs beside the move, and which stated field it changes."""

    move: Move
    more: int = 0
    changes: str | None = None


@dataclass(frozen=True, slots=True)
class Ways:
    """Ways of taking the moves of a definition, by the state that they leave and by the state that they enter."""

    out: Mapping[StateName, list[Taken]]
    into: Mapping[StateName, list[Taken]]


def ways(moves: Moves, changed: Collection[str] = ()) -> Ways:
    """The ways of people who leave what is filled in as it is, but for these fields, each at its price."""
    out: dict[StateName, list[Taken]] = defaultdict(list)
    into: dict[StateName, list[Taken]] = defaultdict(list)
    for move in moves.all:
        for each in (*_as_stated(moves, move), *_otherwise(moves, move, changed)):
            into[move.target].append(each)
            if move.source:
                out[move.source].append(each)
    return Ways(out, into)


def _as_stated(moves: Moves, move: Move) -> Iterator[Taken]:
    names, required = moves.form_of(move)
    excuses = moves.excuses.intersection(names)
    yield Taken(moves.keeping(move, unsaid=excuses) if names else move)
    if excuses:
        yield Taken(moves.keeping(move), EXCUSED)
    if required:
        yield Taken(moves.keeping(move, required), ANEW)


def _otherwise(moves: Moves, move: Move, changed: Collection[str]) -> Iterator[Taken]:
    names, required = moves.form_of(move)
    for name in names:
        if name in changed and name not in required:
            yield Taken(moves.keeping(move, {*required, name}), OTHERWISE, name)
