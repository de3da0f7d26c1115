"""Every kind whose tables stand here alone, without a file of tests of its own: who may do what, what each rule stops, when each clock ends.

`KIND_permitted.yaml` also holds, under `whole`, the data of a case in whose way nothing stands. `KIND_broken.yaml`
breaks each promise by itself. Each guard, condition, role and part of a clock is then taken out in turn, and a table must notice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.definitions.tables import HERE, Tables, load, rows, weaker_clocks, weaker_steps, without_a_role
from workflow.judge import broken
from workflow.model import Definition

KINDS = sorted(
    kind
    for kind in (each.name.removesuffix("_permitted.yaml") for each in HERE.glob("*_permitted.yaml"))
    if not (HERE / f"test_{kind}_rules.py").exists()
)
DEFINITIONS = {kind: load(kind) for kind in KINDS}


def tables(kind: str) -> Tables:
    permitted = rows(f"{kind}_permitted.yaml")
    return Tables(
        permitted=permitted,
        refusals=rows(f"{kind}_refusals.yaml"),
        clocks=rows(f"{kind}_clocks.yaml"),
        whole=permitted["whole"],
    )


def weaker(of: Callable[[Definition], Iterator[Any]]) -> list[Any]:
    """Each weaker reading of each of these kinds: kind, where, and the definition."""
    return [
        pytest.param(kind, where[0], each, id=f"{kind}-{'-'.join(where)}")
        for kind, definition in DEFINITIONS.items()
        for *where, each in of(definition)
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_everybody_may_do_what_the_table_says_and_nothing_else(kind: str) -> None:
    assert list(tables(kind).permission_faults(DEFINITIONS[kind])) == []


@pytest.mark.parametrize("kind", KINDS)
def test_each_rule_stops_exactly_what_it_is_for(kind: str) -> None:
    assert list(tables(kind).refusal_faults(DEFINITIONS[kind])) == []


@pytest.mark.parametrize("kind", KINDS)
def test_each_clock_ends_when_the_table_says_and_tells_whom_it_says(kind: str) -> None:
    assert list(tables(kind).clock_faults(DEFINITIONS[kind])) == []


@pytest.mark.parametrize("kind", KINDS)
def test_each_promise_by_itself_forbids_what_it_says(kind: str) -> None:
    definition, table = DEFINITIONS[kind], rows(f"{kind}_broken.yaml")

    for row in table:
        case = tables(kind).case(definition, row["in"], row.get("data"), row.get("taken"))
        in_order = {step: replace(trace, seq=seq) for seq, (step, trace) in enumerate(case.trail.items(), 1)}
        case = replace(case, trail=in_order)
        assert [each.name for each in broken(definition, case)] == row["breaks"], row

    tried = {name for row in table for name in row["breaks"]}
    assert tried == {each.name for each in definition.never} | {each.name for each in definition.passes}


@pytest.mark.parametrize(("kind", "step", "less"), weaker(weaker_steps))
def test_a_rule_of_a_step_that_is_taken_away_is_missed(kind: str, step: str, less: Definition) -> None:
    assert list(tables(kind).refusal_faults(less, step))


@pytest.mark.parametrize(("kind", "step", "less"), weaker(without_a_role))
def test_a_role_that_is_taken_away_is_missed(kind: str, step: str, less: Definition) -> None:
    assert list(tables(kind).permission_faults(less)), step


@pytest.mark.parametrize(("kind", "rule", "less"), weaker(weaker_clocks))
def test_a_part_of_a_clock_that_is_taken_away_is_missed(kind: str, rule: str, less: Definition) -> None:
    assert list(tables(kind).clock_faults(less, rule))
