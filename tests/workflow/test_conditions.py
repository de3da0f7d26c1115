"""Conditions: what holds for which data, and that a file's mapping says what it seems to say."""

from __future__ import annotations

import doctest
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import workflow.conditions
from workflow.conditions import AllOf, AnyOf, AtLeast, Condition, IsSet, Not, OneOf, condition, fields_of

FIELDS = ("attribute", "reason", "times")
VALUES: st.SearchStrategy[Any] = st.sampled_from(["proactive", "withheld", "", 0, 1, 2, True, False])
DATA = st.dictionaries(st.sampled_from(FIELDS), VALUES)


def leaves() -> st.SearchStrategy[dict[str, Any]]:
    name = st.sampled_from(FIELDS)
    said = st.one_of(
        st.sampled_from(["set", "unset"]),
        VALUES,
        st.lists(VALUES, min_size=1, max_size=3),
        st.builds(lambda least: {"at_least": least}, st.integers(0, 3)),
    )
    return st.dictionaries(name, said, min_size=1, max_size=3)


def written() -> st.SearchStrategy[dict[str, Any]]:
    return st.recursive(
        leaves(),
        lambda inner: st.one_of(
            st.builds(lambda each: {"not": each}, inner),
            st.builds(lambda each: {"any": each}, st.lists(inner, min_size=1, max_size=3)),
            st.builds(lambda each: {"all": each}, st.lists(inner, min_size=1, max_size=3)),
        ),
        max_leaves=6,
    )


@pytest.mark.parametrize(
    ("said", "data", "holds"),
    [
        ({"attribute": "set"}, {"attribute": "withheld"}, True),
        ({"attribute": "set"}, {}, False),
        ({"attribute": "set"}, {"attribute": ""}, False),
        ({"disputed": "set"}, {"disputed": False}, True),
        ({"times": "set"}, {"times": 0}, True),
        ({"attribute": "unset"}, {}, True),
        ({"attribute": "unset"}, {"attribute": "withheld"}, False),
        ({"attribute": "proactive"}, {"attribute": "proactive"}, True),
        ({"attribute": "proactive"}, {}, False),
        ({"attribute": ["on_request", "withheld"]}, {"attribute": "withheld"}, True),
        ({"attribute": ["on_request", "withheld"]}, {"attribute": "proactive"}, False),
        ({"secrecy_ok": True}, {"secrecy_ok": True}, True),
        ({"secrecy_ok": True}, {"secrecy_ok": 1}, False),
        ({"times": 1}, {"times": True}, False),
        ({"times": {"at_least": 2}}, {"times": 2}, True),
        ({"times": {"at_least": 2}}, {"times": 1}, False),
        ({"times": {"at_least": 2}}, {}, False),
        ({"times": {"at_least": 2}}, {"times": "3"}, False),
        ({"attribute": "withheld", "reason": "set"}, {"attribute": "withheld"}, False),
        ({"attribute": "withheld", "reason": "set"}, {"attribute": "withheld", "reason": "E14-1"}, True),
        ({"any": [{"attribute": "proactive"}, {"reason": "set"}]}, {"reason": "E14-1"}, True),
        ({"any": [{"attribute": "proactive"}, {"reason": "set"}]}, {"attribute": "withheld"}, False),
        ({"any": [{"attribute": "proactive"}], "reason": "set"}, {"attribute": "proactive"}, False),
        ({"all": [{"attribute": "proactive"}, {"reason": "unset"}]}, {"attribute": "proactive"}, True),
        ({"not": {"classified": True, "attribute": "proactive"}}, {"classified": True}, True),
        (
            {"not": {"classified": True, "attribute": "proactive"}},
            {"classified": True, "attribute": "proactive"},
            False,
        ),
        ({"not": {"not": {"attribute": "set"}}}, {"attribute": "withheld"}, True),
    ],
)
def test_a_condition_holds_for_the_data_it_describes(said: dict[str, Any], data: dict[str, Any], holds: bool) -> None:
    assert condition(said).holds(data) is holds


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ({"attribute": "set"}, IsSet("attribute")),
        ({"attribute": "unset"}, Not(IsSet("attribute"))),
        ({"attribute": "withheld"}, OneOf("attribute", ("withheld",))),
        ({"a": ["x", "y"], "b": {"at_least": 2}}, AllOf((OneOf("a", ("x", "y")), AtLeast("b", 2)))),
        ({"any": [{"a": True}, {"all": [{"b": 1}]}]}, AnyOf((OneOf("a", (True,)), AllOf((OneOf("b", (1,)),))))),
    ],
)
def test_a_mapping_is_read_as_the_condition_it_says(said: dict[str, Any], read: Condition) -> None:
    assert condition(said) == read


def test_the_fields_come_in_the_order_in_which_they_are_read() -> None:
    said = condition({"a": "set", "any": [{"b": 1}, {"not": {"a": "set", "c": {"at_least": 1}}}], "all": [{"d": True}]})

    assert list(fields_of(said)) == ["a", "b", "a", "c", "d"]


@given(written(), DATA)
def test_not_turns_every_condition_round(said: dict[str, Any], data: dict[str, Any]) -> None:
    assert condition({"not": said}).holds(data) is not condition(said).holds(data)


@given(st.lists(written(), min_size=1, max_size=3), DATA)
def test_any_and_all_are_each_other_seen_from_behind(said: list[dict[str, Any]], data: dict[str, Any]) -> None:
    not_one = condition({"not": {"any": said}})
    every_not = condition({"all": [{"not": each} for each in said]})

    assert not_one.holds(data) is every_not.holds(data)


@given(written(), DATA)
def test_a_condition_looks_at_no_field_but_those_it_names(said: dict[str, Any], data: dict[str, Any]) -> None:
    read = condition(said)
    named = set(fields_of(read))

    assert read.holds({name: value for name, value in data.items() if name in named}) is read.holds(data)


def test_the_examples_in_the_text_are_true() -> None:
    assert doctest.testmod(workflow.conditions).failed == 0
