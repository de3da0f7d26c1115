"""Each procedure that has tables and no trial of its own, against them: who may do what where, and when each clock ends.

A kind joins by its tables beside this file: `KIND_permitted.yaml` and `KIND_clocks.yaml`.
"""

from __future__ import annotations

import pytest

from tests.definitions.tables import HERE, Tables, load, rows, without_a_role
from workflow.model import Definition

KINDS = [
    kind
    for kind in sorted(path.name.removesuffix("_permitted.yaml") for path in HERE.glob("*_permitted.yaml"))
    if not (HERE / f"test_{kind}_rules.py").exists()
]


def tables(kind: str) -> Tables:
    return Tables(rows(f"{kind}_permitted.yaml"), [], rows(f"{kind}_clocks.yaml"), {"title": "一件事项"})


@pytest.mark.parametrize("kind", KINDS)
def test_everybody_may_do_what_the_table_says_and_nothing_else(kind: str) -> None:
    assert list(tables(kind).permission_faults(load(kind))) == []


@pytest.mark.parametrize("kind", KINDS)
def test_each_clock_ends_on_the_day_that_the_table_says_and_tells_whom_it_says(kind: str) -> None:
    assert list(tables(kind).clock_faults(load(kind))) == []


@pytest.mark.parametrize("kind", KINDS)
def test_the_table_names_every_clock(kind: str) -> None:
    assert {row["rule"] for row in rows(f"{kind}_clocks.yaml") if row["due"]} == set(load(kind).deadlines)


@pytest.mark.parametrize(
    ("kind", "weaker"),
    [
        pytest.param(kind, each, id=f"{kind}-{step}-{state}-{role}")
        for kind in KINDS
        for step, state, role, each in without_a_role(load(kind))
    ],
)
def test_a_role_that_is_taken_away_is_missed(kind: str, weaker: Definition) -> None:
    assert list(tables(kind).permission_faults(weaker))
