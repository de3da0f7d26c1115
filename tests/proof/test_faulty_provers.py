"""A prover with a fault in it says something else than the judge: what the two agree on does not come of their agreeing always.

Each fault is one that somebody could make: a thing forgotten, or one direction of following left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest

from tests.proof.invented import Inventor
from tests.proof.net import Verdict, judged
from tests.proof.test_soundness import INVENTED, read, told
from workflow.case import EDIT
from workflow.model import Definition
from workflow.prover.moves import Chosen, Maybe, Moves, Turned
from workflow.prover.reach import Reach
from workflow.prover.sets import ALL, NONE
from workflow.prover.tellable import Values

Replaced = tuple[type, str, Callable[..., Any]]
MOVES = Moves._moves

FAULTS: dict[str, Replaced] = {
    "guards are not asked": (Moves, "_met", lambda *_, **__: ALL),
    "when_blocked is not asked": (Moves, "called_for", lambda self, step: self._tellable.may(step.when)),
    "what steps write is forgotten": (Moves, "_effects", lambda *_: iter(())),
    "what people write is forgotten": (Moves, "_typed", lambda *_: iter(())),
    "edits are forgotten": (Moves, "_moves", lambda self: (move for move in MOVES(self) if move.name != EDIT)),
    "a form may be left empty": (
        Moves,
        "_form",
        lambda self, step: tuple(self._typed({*step.required, *step.optional})),
    ),
    "nothing lapses": (Moves, "_lost", lambda *_: iter(())),
    "a sum stays what it was": (Values, "grown", lambda _, value, by: (value,)),
    "a copy leaves things as they are": (Turned, "after", lambda _, space, a: a),
    "a copy can come of anything": (Turned, "before", lambda *_: ALL),
    "a choice comes of nothing": (Chosen, "before", lambda *_: NONE),
    "what may happen does not, looking back": (Maybe, "before", lambda _, space, b: b),
    "only beginnings are reached": (Reach, "from_here", lambda _, places: dict(places)),
    "every state leads to an end": (
        Reach,
        "leading_to",
        lambda self, places, barred=(): dict.fromkeys(self._order, ALL),
    ),
    "only the last step leads to an end": (
        Reach,
        "leading_to",
        lambda self, places, barred=(): {**places, **self.one_before(places, barred)},
    ),
}


@cache
def judgements() -> tuple[tuple[Definition, Verdict], ...]:
    """Made-up definitions, each with what the judge says of it."""
    definitions = [read(Inventor(seed).text()) for seed in INVENTED]
    return tuple((each, judged(each)) for each in definitions)


def disagreements() -> Iterator[Definition]:
    return (each for each, verdict in judgements() if told(each) != verdict)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_the_prover_is_seen_by_the_judge(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    where, name, faulty = FAULTS[fault]
    monkeypatch.setattr(where, name, faulty)

    assert next(disagreements(), None), "the judge says the same as a prover with a fault in it"


def test_a_prover_without_fault_is_never_contradicted() -> None:
    assert next(disagreements(), None) is None
