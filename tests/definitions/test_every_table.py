"""Each procedure that has tables and no trial of its own, against them: who may do what where, when each clock ends, what must never be.

A kind joins by its tables beside this file: `KIND_permitted.yaml`, `KIND_clocks.yaml` and `KIND_never.yaml`.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.definitions.tables import HERE, Tables, load, rows, without_a_role
from workflow.judge import broken
from workflow.model import Definition

KINDS = [
    kind
    for kind in sorted(path.name.removesuffix("_permitted.yaml") for path in HERE.glob("*_permitted.yaml"))
    if not (HERE / f"test_{kind}_rules.py").exists()
    and not (HERE / f"{kind}_whole.yaml").exists()  # those of test_tables_alone.py
]


def tables(kind: str) -> Tables:
    return Tables(rows(f"{kind}_permitted.yaml"), [], rows(f"{kind}_clocks.yaml"), {"title": "一件事项"})


def promises(kind: str) -> list[dict[str, Any]]:
    """What is never to be, each with a case of that kind that breaks it; a kind without a table has none here."""
    return rows(f"{kind}_never.yaml") if (HERE / f"{kind}_never.yaml").exists() else []


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
    ("kind", "row"),
    [pytest.param(kind, row, id=f"{kind}-{row['rule']}") for kind in KINDS for row in promises(kind)],
)
def test_what_must_never_be_is_seen_wherever_it_is(kind: str, row: dict[str, Any]) -> None:
    definition = load(kind)
    passes = {each.name for each in definition.passes}

    seen = [each.name for each in broken(definition, tables(kind).case(definition, row["in"], row.get("data")))]

    if row["rule"] in passes:
        assert row["rule"] in seen
    else:
        assert [each for each in seen if each not in passes] == [row["rule"]]


@pytest.mark.parametrize("kind", [kind for kind in KINDS if promises(kind)])
def test_the_table_breaks_every_promise(kind: str) -> None:
    definition = load(kind)

    assert {row["rule"] for row in promises(kind)} == {each.name for each in definition.never} | {
        each.name for each in definition.passes
    }


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
