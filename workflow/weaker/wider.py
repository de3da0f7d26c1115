"""Whether a condition lets more through than another one: tried with all the data that either can tell apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from math import prod

from workflow.case import Data, Scalar
from workflow.conditions import AllOf, AnyOf, AtLeast, Before, Condition, Not, OneOf, OnOrAfter, SameAs, fields_of
from workflow.model import Field, FieldType

#: So many combinations of values are tried; beyond, two conditions count as not comparable.
MOST_COMBINATIONS = 20_000

#: The same for all conditions of two versions together, in parts of conditions that are looked at: a second at most (measured).
MOST_TRIALS = 1_000_000

#: A field of so few values is tried with all of them.
_FEW = 8


@dataclass(slots=True)
class Trials:
    """How much may still be tried between two versions: thousands of guards that are held against each other end, too."""

    left: int = MOST_TRIALS

    def take(self, count: int) -> None:
        """Raise TooMany when there are no more."""
        if count > self.left:
            raise TooMany
        self.left -= count


def widened(old: Condition, new: Condition, fields: Mapping[str, Field], trials: Trials | None = None) -> Data | None:
    """Data that the new condition lets through and the old one did not; None when there is none.

    Raises TooMany where they cannot be compared.
    """
    if old == new:
        return None
    names = list(dict.fromkeys((*fields_of(old), *fields_of(new))))
    trials = trials or Trials()
    asked = sum(1 for said in (old, new) for _ in _parts(said))
    trials.take(asked * (len(names) + 1))
    values = [_kinds(name, (old, new), fields.get(name), trials) for name in names]
    if prod(map(len, values)) > MOST_COMBINATIONS:
        raise TooMany
    for chosen in product(*values):
        trials.take(asked + len(names))
        data = {name: value for name, value in zip(names, chosen, strict=True) if value is not None}
        if new.holds(data) and not old.holds(data):
            return data
    return None


class TooMany(Exception):
    """Two conditions look at more than can be tried."""


def _kinds(name: str, conditions: tuple[Condition, Condition], field: Field | None, trials: Trials) -> list[Scalar]:
    """The values of a field that these conditions tell apart, one for each kind: of a catalogue of five hundred mostly three."""
    values = _telling(name, conditions, field)
    parts = [part for said in conditions for part in _parts(said)]
    leaves = [part for part in parts if not isinstance(part, Not | AllOf | AnyOf) and name in fields_of(part)]
    if len(values) <= _FEW or any(isinstance(leaf, SameAs) for leaf in leaves):
        return values
    trials.take(len(values) * len(leaves))
    found: dict[tuple[bool, ...], Scalar] = {}
    for value in values:
        data = {} if value is None else {name: value}
        found.setdefault(tuple(leaf.holds(data) for leaf in leaves), value)
    return [*found.values()]


def _telling(name: str, conditions: Iterable[Condition], field: Field | None) -> list[Scalar]:
    """The values of a field that these conditions can tell apart, one of each kind."""
    found: dict[tuple[type, Scalar], None] = {(type(None), None): None}

    def add(value: Scalar) -> None:
        found[type(value), value] = None

    parts = [part for said in conditions for part in _parts(said)]
    alike = {field for part in parts if isinstance(part, SameAs) for field in fields_of(part)}
    for each in parts:
        match each:
            case OneOf(of, among) if of == name:
                for value in among:
                    add(value)
            case AtLeast(of, least) if of == name:
                add(least)
                add(least - 1)
            case Before(of, day) | OnOrAfter(of, day) if of == name:
                add(day)
                add("0001-01-01")
            case SameAs(one, other) if name in (one, other):
                # As many as there are fields that are held against each other: they may all differ.
                for number, _ in enumerate(alike, 1):
                    add(str(number))
    if field and field.type is FieldType.ENUM:
        for value in field.choices:
            add(value)
    elif field and field.type is FieldType.BOOL:
        add(True)
        add(False)
    elif field and field.type is FieldType.INTEGER:
        add(0)
    else:
        add("9999-12-31" if field and field.type is FieldType.DATE else "…")
    return [value for _, value in found]


def _parts(of: Condition) -> Iterator[Condition]:
    yield of
    match of:
        case Not(inner):
            yield from _parts(inner)
        case AllOf(inners) | AnyOf(inners):
            for each in inners:
                yield from _parts(each)


def any_wider(old: Condition | None, new: Condition | None, fields: Mapping[str, Field], trials: Trials) -> bool:
    """Whether the new condition lets more through; no condition lets everything through."""
    if old is None:
        return False
    try:
        return widened(old, new or AllOf(()), fields, trials) is not None
    except TooMany:
        return True
