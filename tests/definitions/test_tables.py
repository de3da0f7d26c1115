"""Every procedure that has no trial of its own, against its tables: who may do what, what each rule stops, when each clock ends.

A kind joins by its five tables, as `tables.py` describes them. Each guard, condition, role and part of a clock is then taken
out in turn, and a table must notice.
"""

from __future__ import annotations

import pytest

from tests.definitions.tables import DEFINITIONS, HERE, Tables, load
from tests.definitions.weaker import unmissed, weaker_clocks, weaker_conditions, weaker_steps, without_a_role

KINDS = [
    kind
    for kind in sorted(file.stem for file in DEFINITIONS.glob("*.yaml"))
    if not (HERE / f"test_{kind}_rules.py").exists()
]
of_each_kind = pytest.mark.parametrize("kind", KINDS)


@of_each_kind
def test_everybody_may_do_what_the_table_says_and_nothing_else(kind: str) -> None:
    assert list(Tables.of(kind).permission_faults(load(kind))) == []


@of_each_kind
def test_each_rule_stops_exactly_what_it_is_for(kind: str) -> None:
    assert list(Tables.of(kind).refusal_faults(load(kind))) == []


@of_each_kind
def test_each_clock_ends_on_the_day_that_the_table_says_and_tells_whom_it_says(kind: str) -> None:
    assert list(Tables.of(kind).clock_faults(load(kind))) == []


@of_each_kind
def test_what_must_never_be_is_seen_even_if_a_step_lets_it_through(kind: str) -> None:
    assert list(Tables.of(kind).never_faults(load(kind))) == []


@of_each_kind
def test_the_table_breaks_every_promise(kind: str) -> None:
    told = {name for row in Tables.of(kind).never for name in row["broken"]}

    assert told == {each.name for each in load(kind).never} | {each.name for each in load(kind).passes}


@pytest.mark.parametrize("kind", [kind for kind in KINDS if "heard" in Tables.of(kind).permitted])
def test_whoever_is_concerned_hears_of_a_step(kind: str) -> None:
    heard = {step.name: [each.to for each in step.tell] for step in load(kind).transitions.values() if step.tell}

    assert heard == Tables.of(kind).permitted["heard"]


@of_each_kind
def test_a_role_that_is_taken_away_is_missed(kind: str) -> None:
    assert unmissed(load(kind), without_a_role, Tables.of(kind).permission_faults) == []


@of_each_kind
def test_a_rule_of_a_step_that_is_taken_away_is_missed(kind: str) -> None:
    assert unmissed(load(kind), weaker_steps, Tables.of(kind).refusal_faults) == []


@of_each_kind
def test_a_part_of_a_condition_that_is_taken_away_is_missed(kind: str) -> None:
    assert unmissed(load(kind), weaker_conditions, Tables.of(kind).refusal_faults) == []


@of_each_kind
def test_a_part_of_a_clock_that_is_taken_away_is_missed(kind: str) -> None:
    assert unmissed(load(kind), weaker_clocks, Tables.of(kind).clock_faults) == []
