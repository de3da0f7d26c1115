"""Conditions are data: they can be evaluated, proved, shown and translated, and nothing in a file is ever executed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from workflow.case import Data, Scalar


@dataclass(frozen=True, slots=True)
class IsSet:
    """The field holds something: text that is not blank, any value of another kind."""

    field: str

    def holds(self, data: Data) -> bool:
        """Whether it is so for this data."""
        value = data.get(self.field)
        return value is not None and value != ""


@dataclass(frozen=True, slots=True)
class OneOf:
    """The field holds one of these values."""

    field: str
    values: tuple[Scalar, ...]

    def holds(self, data: Data) -> bool:
        """Whether it is so for this data."""
        value = data.get(self.field)
        # `True == 1` in Python, and a case's data comes from JSON: the kind must agree too.
        # A loop, here and below: `any` and `all` over a generator cost twice as much, and a step asks dozens (measured).
        for wanted in self.values:  # noqa: SIM110
            if value == wanted and type(value) is type(wanted):
                return True
        return False


@dataclass(frozen=True, slots=True)
class AtLeast:
    """The field holds a whole number not below this one."""

    field: str
    least: int

    def holds(self, data: Data) -> bool:
        """Whether it is so for this data."""
        value = data.get(self.field)
        return isinstance(value, int) and value >= self.least


@dataclass(frozen=True, slots=True)
class Before:
    """The field holds a day before this one."""

    field: str
    day: str  # ISO text, which sorts as it reads

    def holds(self, data: Data) -> bool:
        """Whether it is so for this data."""
        value = data.get(self.field)
        return isinstance(value, str) and value < self.day


@dataclass(frozen=True, slots=True)
class OnOrAfter:
    """The field holds this day or a later one."""

    field: str
    day: str

    def holds(self, data: Data) -> bool:
        """Whether it is so for this data."""
        value = data.get(self.field)
        return isinstance(value, str) and value >= self.day


@dataclass(frozen=True, slots=True)
class SameAs:
    """Two fields are filled in and hold the same; money is the same whatever its zeros (3000, 3000.00)."""

    field: str
    other: str

    def holds(self, data: Data) -> bool:
        """Whether it is so for this data."""
        mine, its = data.get(self.field), data.get(self.other)
        if mine is None or its is None:
            return False
        return mine == its or (_is_number(mine) and _is_number(its) and Decimal(str(mine)) == Decimal(str(its)))


@dataclass(frozen=True, slots=True)
class Not:
    """The other way round."""

    of: Condition

    def holds(self, data: Data) -> bool:
        """Whether it is so for this data."""
        return not self.of.holds(data)


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every one of them; true when there is none."""

    of: tuple[Condition, ...]

    def holds(self, data: Data) -> bool:
        """Whether it is so for this data."""
        for each in self.of:  # noqa: SIM110
            if not each.holds(data):
                return False
        return True


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of them."""

    of: tuple[Condition, ...]

    def holds(self, data: Data) -> bool:
        """Whether it is so for this data."""
        for each in self.of:  # noqa: SIM110
            if each.holds(data):
                return True
        return False


Condition = IsSet | OneOf | AtLeast | Before | OnOrAfter | SameAs | Not | AllOf | AnyOf


def condition(said: Mapping[str, Any]) -> Condition:
    """The condition that a file's mapping says; several keys are all required.

    >>> condition({"attribute": "set", "secrecy_ok": True}).holds({"attribute": "withheld", "secrecy_ok": True})
    True
    >>> condition({"any": [{"attribute": ["proactive", "on_request"]}, {"not": {"attribute": "set"}}]}).holds({})
    True
    """
    parts = tuple(_one(name, value) for name, value in said.items())
    return parts[0] if len(parts) == 1 else AllOf(parts)


def _one(name: str, value: Any) -> Condition:
    if name == "any":
        return AnyOf(tuple(condition(each) for each in value))
    if name == "all":
        return AllOf(tuple(condition(each) for each in value))
    if name == "not":
        return Not(condition(value))
    if value == "set":
        return IsSet(name)
    if value == "unset":
        return Not(IsSet(name))
    if isinstance(value, Mapping):
        ((how, than),) = value.items()
        return _COMPARISONS[how](name, than)
    return OneOf(name, tuple(value) if isinstance(value, list | tuple) else (value,))


_COMPARISONS: Mapping[str, Callable[[str, Any], Condition]] = {
    "at_least": AtLeast,
    "before": Before,
    "on_or_after": OnOrAfter,
    "same_as": SameAs,
}


def _is_number(value: Scalar) -> bool:
    return isinstance(value, str | int) and bool(re.fullmatch(r"\d+(\.\d+)?", str(value)))


def fields_of(of: Condition) -> Iterator[str]:
    """The fields that a condition looks at, in the order in which it is read; a field may come twice."""
    match of:
        case IsSet(field) | OneOf(field) | AtLeast(field) | Before(field) | OnOrAfter(field):
            yield field
        case SameAs(field, other):
            yield field
            yield other
        case Not(inner):
            yield from fields_of(inner)
        case AllOf(inners) | AnyOf(inners):
            for each in inners:
                yield from fields_of(each)


def compared_in(of: Condition) -> Iterator[str]:
    """The fields of which a condition asks what they say, and not only whether they are filled in."""
    match of:
        case IsSet():
            return
        case Not(inner):
            yield from compared_in(inner)
        case AllOf(inners) | AnyOf(inners):
            for each in inners:
                yield from compared_in(each)
        case _:
            yield from fields_of(of)
