"""Every procedure of which there is a `KIND_case.yaml` against its tables, and each rule taken away in turn must be missed.

`KIND_case.yaml` holds the data of a case in whose way nothing stands, what must never be, and who hears of which step; it and
`KIND_permitted.yaml`, `KIND_refusals.yaml`, `KIND_clocks.yaml` are all that is written of a kind: a legal officer adds a line.
"""

from __future__ import annotations

from collections.abc import Iterator
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

KINDS = sorted(each.name.removesuffix("_case.yaml") for each in HERE.glob("*_case.yaml"))


@cache
def definition(kind: str) -> Definition:
    return load(kind)


@cache
def case(kind: str) -> Any:
    return rows(f"{kind}_case.yaml")


@cache
def tables(kind: str) -> Tables:
    permitted, refusals, clocks = (rows(f"{kind}_{each}.yaml") for each in ("permitted", "refusals", "clocks"))
    return Tables(permitted, refusals, clocks, case(kind)["whole"])


def weakened() -> Iterator[Any]:
    """Each definition that lacks one rule, with the kind of table that must miss it and what the rule is about."""
    for kind in KINDS:
        whole = definition(kind)
        for step, rule, less in weaker_steps(whole):
            yield pytest.param(kind, "refusal", step, less, id=f"{kind}-{step}-{rule}")
        for name, part, less in weaker_conditions(whole):
            yield pytest.param(kind, "refusal", None, less, id=f"{kind}-{name}-{part}")
        for step, state, role, less in without_a_role(whole):
            yield pytest.param(kind, "permission", None, less, id=f"{kind}-{step}-{state}-{role}")
        for name, part, less in weaker_clocks(whole):
            yield pytest.param(kind, "clock", name, less, id=f"{kind}-{name}-{part}")


@pytest.mark.parametrize("kind", KINDS)
def test_everybody_may_do_what_the_table_says_and_nothing_else(kind: str) -> None:
    assert list(tables(kind).permission_faults(definition(kind))) == []


@pytest.mark.parametrize("kind", KINDS)
def test_each_rule_stops_exactly_what_it_is_for(kind: str) -> None:
    assert list(tables(kind).refusal_faults(definition(kind))) == []


@pytest.mark.parametrize("kind", KINDS)
def test_each_clock_ends_on_the_day_that_the_table_says_and_tells_whom_it_says(kind: str) -> None:
    assert list(tables(kind).clock_faults(definition(kind))) == []


@pytest.mark.parametrize(("kind", "table", "about", "weaker"), list(weakened()))
def test_a_rule_that_is_taken_away_is_missed(kind: str, table: str, about: str | None, weaker: Definition) -> None:
    found = {
        "permission": lambda: tables(kind).permission_faults(weaker),
        "refusal": lambda: tables(kind).refusal_faults(weaker, about),
        "clock": lambda: tables(kind).clock_faults(weaker, about),
    }

    assert next(found[table](), None)


@pytest.mark.parametrize(("kind", "row"), [(kind, row) for kind in KINDS for row in case(kind)["never"]])
def test_what_must_never_be_is_seen_even_if_a_step_lets_it_through(kind: str, row: dict[str, Any]) -> None:
    whole = definition(kind)

    unmet = {each.name for each in broken(whole, tables(kind).case(whole, row["in"], row["data"]))}

    assert unmet - {each.name for each in whole.passes} == {row["rule"]}


@pytest.mark.parametrize("kind", KINDS)
def test_everything_that_must_never_be_is_tried(kind: str) -> None:
    assert {row["rule"] for row in case(kind)["never"]} == {each.name for each in definition(kind).never}


@pytest.mark.parametrize("kind", KINDS)
def test_whoever_is_concerned_hears_of_a_step(kind: str) -> None:
    heard = {step.name: [each.to for each in step.tell] for step in definition(kind).transitions.values() if step.tell}

    assert heard == case(kind)["heard"]
