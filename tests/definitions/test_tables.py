"""Procedures against their tables: who may do what, when each clock ends, what must never stand. (Some have more, in files of their own.)

Each role and each part of a clock is then taken out in turn, and a table must notice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest

from tests.definitions.tables import HERE, Tables, load, rows, weaker_clocks, without_a_role
from workflow.judge import broken
from workflow.model import Definition

#: The tables that say themselves what a case is in whose way nothing stands.
KINDS = [
    name
    for name in sorted(file.stem.removesuffix("_permitted") for file in HERE.glob("*_permitted.yaml"))
    if "whole" in rows(f"{name}_permitted.yaml")
]
#: What is taken away, as (kind, name, definition).
Weaker = Callable[[Definition], Iterator[tuple[Any, ...]]]


@cache
def definition(kind: str) -> Definition:
    return load(kind)


@cache
def tables(kind: str) -> Tables:
    permitted = rows(f"{kind}_permitted.yaml")
    return Tables(permitted=permitted, refusals=[], clocks=rows(f"{kind}_clocks.yaml"), whole=permitted["whole"])


def each_without(weaker: Weaker) -> list[Any]:
    return [
        pytest.param(kind, name, less, id="-".join(map(str, (kind, name, *parts))))
        for kind in KINDS
        for name, *parts, less in weaker(definition(kind))
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_everybody_may_do_what_the_table_says_and_nothing_else(kind: str) -> None:
    assert list(tables(kind).permission_faults(definition(kind))) == []


@pytest.mark.parametrize("kind", KINDS)
def test_each_clock_ends_on_the_day_that_the_table_says_and_tells_whom_it_says(kind: str) -> None:
    assert list(tables(kind).clock_faults(definition(kind))) == []


@pytest.mark.parametrize(("kind", "step", "weaker"), each_without(without_a_role))
def test_a_role_that_is_taken_away_is_missed(kind: str, step: str, weaker: Definition) -> None:
    assert list(tables(kind).permission_faults(weaker))


@pytest.mark.parametrize(("kind", "rule", "weaker"), each_without(weaker_clocks))
def test_a_part_of_a_clock_that_is_taken_away_is_missed(kind: str, rule: str, weaker: Definition) -> None:
    assert list(tables(kind).clock_faults(weaker, rule))


@pytest.mark.parametrize(
    ("kind", "row"),
    [
        pytest.param(kind, row, id=f"{kind}-{number}-{row['in']}")
        for kind in KINDS
        for number, row in enumerate(rows(f"{kind}_never.yaml"), 1)
    ],
)
def test_what_must_never_stand_is_seen(kind: str, row: dict[str, Any]) -> None:
    case = tables(kind).case(definition(kind), row["in"], row.get("data"))

    said = {never.name for never in definition(kind).never}
    assert [each.name for each in broken(definition(kind), case) if each.name in said] == row["broken"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_rule_of_what_must_never_stand_has_its_row(kind: str) -> None:
    told = {name for row in rows(f"{kind}_never.yaml") for name in row["broken"]}

    assert {never.name for never in definition(kind).never} == told
