"""Procedures held against their tables alone: a kind with a table `KIND_whole.yaml` needs no test of its own.

Who may do what, what each rule stops, when each clock ends; each guard, condition, role and part of a clock is then taken out in
turn, and a table must notice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest

from tests.definitions.tables import (
    HERE,
    Tables,
    load,
    rows,
    weaker_clocks,
    weaker_conditions,
    weaker_steps,
    without_a_role,
)
from workflow.judge import broken
from workflow.model import Definition

KINDS = sorted(each.name.removesuffix("_whole.yaml") for each in HERE.glob("*_whole.yaml"))
definition = cache(load)


@cache
def tables(kind: str) -> Tables:
    return Tables(*(rows(f"{kind}_{name}.yaml") for name in ("permitted", "refusals", "clocks", "whole")))


def of_each(weakened: Callable[[Definition], Iterator[tuple[Any, ...]]], named: str = "weaker") -> pytest.MarkDecorator:
    """Every definition that is weaker by one rule, under the names of what it lacks; or every row of what must never be."""
    every = [(kind, *each) for kind in KINDS for each in weakened(definition(kind)) if not _is_idle(kind, each)]
    cases = [pytest.param(kind, each[0], each[-1], id=" ".join(map(str, (kind, *each[:-1])))) for kind, *each in every]
    return pytest.mark.parametrize(("kind", "rule", named), cases)


def promises(said: Definition) -> Iterator[tuple[str, dict[str, Any]]]:
    """What must never be of this kind, each with a case that breaks it."""
    yield from ((row["rule"], row) for row in rows(f"{said.id}_never.yaml"))


def _is_idle(kind: str, weaker: tuple[object, ...]) -> bool:
    """Whether no table can miss it: a guard that only warns stops nothing."""
    steps = definition(kind).transitions.values()
    warns = {name for step in steps for name in step.warns} - {name for step in steps for name in step.guards}
    return weaker[0] in warns


@pytest.mark.parametrize("kind", KINDS)
def test_everybody_may_do_what_the_table_says_and_nothing_else(kind: str) -> None:
    assert list(tables(kind).permission_faults(definition(kind))) == []


@pytest.mark.parametrize("kind", KINDS)
def test_each_rule_stops_exactly_what_it_is_for(kind: str) -> None:
    assert list(tables(kind).refusal_faults(definition(kind))) == []


@pytest.mark.parametrize("kind", KINDS)
def test_each_clock_ends_on_the_day_that_the_table_says_and_tells_whom_it_says(kind: str) -> None:
    assert list(tables(kind).clock_faults(definition(kind))) == []


@of_each(promises, "row")
def test_what_must_never_be_is_seen_wherever_it_is(kind: str, rule: str, row: dict[str, Any]) -> None:
    passes = {each.name for each in definition(kind).passes}

    seen = [each.name for each in broken(definition(kind), tables(kind).case(definition(kind), row["in"], row["data"]))]

    assert [each for each in seen if rule in passes or each not in passes] == [rule]


@pytest.mark.parametrize("kind", KINDS)
def test_every_promise_is_broken_once(kind: str) -> None:
    said = definition(kind)

    assert {rule for rule, _ in promises(said)} == {each.name for each in said.never} | {
        each.name for each in said.passes
    }


@of_each(weaker_steps)
def test_a_rule_of_a_step_that_is_taken_away_is_missed(kind: str, rule: str, weaker: Definition) -> None:
    assert list(tables(kind).refusal_faults(weaker, rule))


@of_each(weaker_conditions)
def test_a_part_of_a_condition_that_is_taken_away_is_missed(kind: str, rule: str, weaker: Definition) -> None:
    assert list(tables(kind).refusal_faults(weaker))


@of_each(without_a_role)
def test_a_role_that_is_taken_away_is_missed(kind: str, rule: str, weaker: Definition) -> None:
    assert list(tables(kind).permission_faults(weaker))


@of_each(weaker_clocks)
def test_a_part_of_a_clock_that_is_taken_away_is_missed(kind: str, rule: str, weaker: Definition) -> None:
    assert list(tables(kind).clock_faults(weaker, rule))
