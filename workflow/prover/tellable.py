"""What a definition can tell apart: of each field, the values between which no condition of it makes a difference count as one.

A text is filled in or empty, a truth is unset, true or false, of two exemption reasons that every rule treats alike one is enough;
a day or a number counts by the limits that it is compared with. Named checks may be either: what they look at is not in the data.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import count

from workflow.case import Case, Scalar
from workflow.conditions import (
    AllOf,
    AnyOf,
    AtLeast,
    Before,
    Condition,
    IsSet,
    Not,
    OneOf,
    OnOrAfter,
    SameAs,
    fields_of,
)
from workflow.judge import has_passed
from workflow.model import Assignment, Definition, FieldType
from workflow.prover.sets import ALL, NONE, Set, Space, TooLarge

#: The value of a field that is not filled in.
UNSET = 0

#: How many times the values of fields may be held against what is asked of them: about a quarter of a second (measured).
#: The shipped procedures need three thousand at most.
MOST_COMPARED = 500_000

#: How far apart the numbers that are asked of a sum may be for all between them to be told apart; beyond, it may come to any.
MOST_SUMMED = 50

Leaf = IsSet | OneOf | AtLeast | Before | OnOrAfter


@dataclass(frozen=True, slots=True)
class Values:
    """The values of one field that can be told apart: the first is `unset`."""

    kinds: tuple[tuple[Scalar, ...], ...]  # of each, some values that count as it
    leaves: tuple[Leaf, ...]
    marks: Mapping[tuple[bool, ...], int]  # by what the leaves say of it, which it is
    all_named: bool  # whether `kinds` holds every value that the field can have

    @property
    def samples(self) -> tuple[Scalar, ...]:
        """One value of each."""
        return tuple(kind[0] for kind in self.kinds)

    def of(self, value: Scalar) -> int:
        """Which of them a value counts as."""
        if value is None or value == "":
            return UNSET
        return self.marks[_mark(self.leaves, value)]

    def grown(self, value: int, by: int) -> tuple[int, ...]:
        """What a number of this kind may count as, made larger by so much."""
        return tuple(dict.fromkeys(self.of(int(each or 0) + by) for each in self.kinds[value]))

    def may_differ(self, value: int) -> bool:
        """Whether two fields that count as this may hold different things: not where it is empty, or one value that is named."""
        if value == UNSET or len(self.kinds[value]) > 1:
            return value != UNSET
        only = self.kinds[value][0]
        return not (self.all_named or any(isinstance(leaf, OneOf) and leaf.holds({"": only}) for leaf in self.leaves))

    @property
    def filled(self) -> tuple[int, ...]:
        """All but `unset`."""
        return tuple(range(1, len(self.kinds)))


class Tellable:
    """The fields of a definition that any condition looks at, and what each condition means as a set of data."""

    def __init__(self, definition: Definition, order: Sequence[str] = (), most_work: int | None = None) -> None:
        leaves: dict[str, list[Leaf]] = defaultdict(list)
        for each in conditions_of(definition):
            for name, leaf in _leaves(each):
                leaves[name].append(leaf)
        for name, said in _with_sources(definition, leaves).items():
            leaves[name] += _summed(definition, name, said)
        asked = _with_sources(definition, leaves)
        _bounded(definition, asked)
        self.definition = definition
        self.values: Mapping[str, Values] = {
            name: _values(definition, name, tuple(asked[name]))
            for name in (order if {*order} == asked.keys() else _near_each_other(definition, asked))
        }
        #: Of each passage, whether a case has gone through it: not a field, but what happened.
        # They stand first: at the other end every diagram of requests is held once for each (measured: 3.4 s for 7.9).
        self.marks = {each: n for n, each in enumerate(definition.passes)}
        self.place = {name: n for n, name in enumerate(self.values, len(self.marks))}
        sizes = (len(each.kinds) for each in self.values.values())
        self.space = Space([*(2 for _ in self.marks), *sizes], most_work)
        self._may: dict[Condition, Set] = {}
        self._must: dict[Condition, Set] = {}

    def seen_by(self, definition: Definition) -> Tellable:
        """The same data in the same space, as one of several versions reads them that were told apart together."""
        view = copy(self)
        view.definition = definition
        return view

    def typed(self, name: str) -> tuple[int, ...]:
        """What people can write into a field: of an enum, what this version lets them choose."""
        told, field = self.values[name], self.definition.fields[name]
        if field.type is not FieldType.ENUM:
            return told.filled
        return tuple(each for each in told.filled if not field.choices.keys().isdisjoint(map(str, told.kinds[each])))

    def may(self, said: Condition | None) -> Set:
        """All data for which the condition may hold."""
        if said is None:
            return ALL
        if said not in self._may:
            self._may[said] = self._read(said, certain=False)
        return self._may[said]

    def must(self, said: Condition | None) -> Set:
        """All data for which it holds whatever else is the case."""
        if said is None:
            return ALL
        if said not in self._must:
            self._must[said] = self._read(said, certain=True)
        return self._must[said]

    def filled(self, name: str) -> Set:
        """All data in which this field is filled in."""
        return self.space.where(self.place[name], self.values[name].filled) if name in self.values else ALL

    def point(self, case: Case) -> Set:
        """The data of one case, each field with the value that it counts as, and what it has gone through."""
        found = ALL
        for name, told in self.values.items():
            found = self.space.both(found, self.space.where(self.place[name], (told.of(case.data.get(name)),)))
        for passage, mark in self.marks.items():
            found = self.space.both(found, self.space.where(mark, (int(has_passed(case, passage)),)))
        return found

    def in_words(self, of: Set) -> dict[str, Scalar]:
        """One of the set: each field that matters to it with a value; None is not filled in."""
        found = self.space.some(of) or {}
        return {name: self.values[name].samples[found[at]] for name, at in self.place.items() if at in found}

    def _read(self, said: Condition, certain: bool) -> Set:
        match said:
            case Not(of):
                return self.space.without(ALL, self.may(of) if certain else self.must(of))
            case AllOf(parts):
                found = ALL
                for each in parts:
                    found = self.space.both(found, self.must(each) if certain else self.may(each))
                return found
            case AnyOf(parts):
                found = NONE
                for each in parts:
                    found = self.space.either(found, self.must(each) if certain else self.may(each))
                return found
            case SameAs(one, other):
                # Of two fields no more is known than that they are filled in.
                return NONE if certain else self.space.both(self.filled(one), self.filled(other))
            case _:
                holds = (n for n, each in enumerate(self.values[said.field].samples) if said.holds({said.field: each}))
                return self.space.where(self.place[said.field], holds)


def conditions_of(definition: Definition) -> Iterator[Condition]:
    """Every condition by which a case can go one way or another, or a clock run; what only warns or tells is left out."""
    for name in _blocking(definition):
        guard = definition.guards[name]
        if guard.when:
            yield guard.when
    for step in definition.transitions.values():
        if step.when:
            yield step.when
        for each in step.sets:
            yield from _chosen_by(each)
    for rule in definition.deadlines.values():
        if rule.applies:
            yield rule.applies
    for never in definition.never:
        yield never.when
    for passage in definition.passes:
        if passage.when:
            yield passage.when


def _blocking(definition: Definition) -> Iterator[str]:
    steps = definition.transitions.values()
    names = [
        *(name for step in steps for name in (*step.guards, *step.when_blocked)),
        *(name for letter in definition.letters.values() for name in letter.parts),
    ]
    yield from dict.fromkeys(names)


def _chosen_by(said: Assignment) -> Iterator[Condition]:
    for when, then in said.choices:
        if when:
            yield when
        yield from _chosen_by(then)


def _leaves(of: Condition) -> Iterator[tuple[str, Leaf]]:
    match of:
        case Not(inner):
            yield from _leaves(inner)
        case AllOf(parts) | AnyOf(parts):
            for each in parts:
                yield from _leaves(each)
        case SameAs(one, other):
            yield one, IsSet(one)
            yield other, IsSet(other)
        case _:
            yield of.field, of


def copies(said: Assignment) -> Iterator[tuple[str, str]]:
    """Whatever an effect may copy: from which field, into which."""
    return ((str(each.value), each.field) for each in _chosen(said) if each.kind == "copy")


def _chosen(said: Assignment) -> Iterator[Assignment]:
    """What an effect may come to, however deep its choices are."""
    if not said.choices:
        yield said
    for _, then in said.choices:
        yield from _chosen(then)


def _with_sources(definition: Definition, leaves: Mapping[str, list[Leaf]]) -> dict[str, set[Leaf]]:
    """Of each field that matters what is asked of it, or of a field into which it is copied: it must be told apart as well."""
    into: dict[str, set[str]] = defaultdict(set)
    for step in definition.transitions.values():
        for source, target in (pair for each in step.sets for pair in copies(each)):
            into[target].add(source)
    asked = {name: {replace(leaf, field="") for leaf in said} for name, said in leaves.items()}
    grown, looked_at = list(asked), 0
    while grown:
        target = grown.pop()
        for source in into[target]:
            looked_at += len(asked[target])
            if looked_at > MOST_COMPARED:
                raise TooLarge
            fresh = asked[target] - asked.get(source, set())
            if fresh:
                asked[source] = asked.get(source, set()) | fresh
                grown.append(source)
    return asked


def _summed(definition: Definition, name: str, asked: Collection[Leaf]) -> Iterator[Leaf]:
    """Of a number that steps add to, where it comes to matter which it was: what is asked of it then hangs on it."""
    added = {*_added(definition, name)}
    named = [value for leaf in asked if isinstance(leaf, OneOf) for value in leaf.values if isinstance(value, int)]
    edges = [0, *named, *(leaf.least for leaf in asked if isinstance(leaf, AtLeast))]
    least, most = min(edges), max(edges) + 1  # which stands for all above
    if not added or most - least > MOST_SUMMED:
        return
    numbers = range(least, most + 1)
    kind: dict[int, object] = {n: _mark(asked, n) for n in numbers}
    count = 0
    while count < (count := len({*kind.values()})):
        known: dict[object, int] = {}
        comes_to = {n: (kind[n], *(kind[min(max(n + by, least), most)] for by in added)) for n in numbers}
        kind = {n: known.setdefault(said, len(known)) for n, said in comes_to.items()}
    yield from (AtLeast(name, n) for n in numbers[1:] if kind[n] != kind[n - 1])


def _bounded(definition: Definition, asked: Mapping[str, Iterable[Leaf]]) -> None:
    """Raise TooLarge where fields are compared with more values than can be held against each other."""
    compared = 0
    for name, leaves in asked.items():
        values = sum(len(leaf.values) if isinstance(leaf, OneOf) else 1 for leaf in leaves)
        compared += values * len(definition.fields[name].choices or range(3 * values + 3))
        if compared > MOST_COMPARED:
            raise TooLarge


def _values(definition: Definition, name: str, asked: tuple[Leaf, ...]) -> Values:
    kinds: dict[tuple[bool, ...], list[Scalar]] = defaultdict(list)
    for each in _candidates(definition, name, asked):
        kinds[_mark(asked, each)].append(each)
    marks = {mark: n for n, mark in enumerate(kinds, 1)}
    all_named = definition.fields[name].type in (FieldType.BOOL, FieldType.ENUM)
    return Values(((None,), *map(tuple, kinds.values())), asked, marks, all_named)


def _near_each_other(definition: Definition, matter: Iterable[str]) -> list[str]:
    """The fields that matter in an order in which those that are asked for together stand close: so the diagrams stay small.

    After F. Aloul, I. Markov, K. Sakallah, FORCE (2003): each field moves to the middle of those that it is tied to. What is
    written late in a procedure comes first: the other way round the diagrams of requests are twelve times as large (measured).
    """
    names = [name for name in definition.fields if name in set(matter)]
    ties = [tie for tie in ({*each} & {*names} for each in _ties(definition)) if len(tie) > 1]
    best, shortest = names, _span(names, ties)
    total = sum(map(len, ties))
    for _ in range(min(50, MOST_COMPARED // (total + 1))):
        at = {name: n for n, name in enumerate(names)}
        middles = [sum(at[each] for each in tie) / len(tie) for tie in ties]
        pulled: dict[str, list[float]] = defaultdict(list)
        for tie, middle in zip(ties, middles, strict=True):
            for name in tie:
                pulled[name].append(middle)
        names = sorted(names, key=lambda name: sum(pulled[name]) / len(pulled[name]) if name in pulled else at[name])
        if _span(names, ties) < shortest:
            best, shortest = names, _span(names, ties)
    return best[::-1]


def _span(names: list[str], ties: Iterable[Iterable[str]]) -> int:
    at = {name: n for n, name in enumerate(names)}
    return sum(max(at[each] for each in tie) - min(at[each] for each in tie) for tie in ties)


def _ties(definition: Definition) -> Iterator[tuple[str, ...]]:
    """Fields that are asked for, filled in or written together."""
    for said in conditions_of(definition):
        yield tuple(dict.fromkeys(fields_of(said)))
    for step in definition.transitions.values():
        guards = (definition.guards[name].when for name in step.guards)
        asked = dict.fromkeys(name for when in (step.when, *guards) if when for name in fields_of(when))
        yield tuple(asked)
        yield tuple(dict.fromkeys((*step.required, *step.optional)))
        for each in step.sets:
            yield from copies(each)
            yield tuple({each.field: None, **asked})
    for field in definition.lapsing:
        yield (field.name, *field.lapses_on)


def _mark(leaves: Iterable[Leaf], value: Scalar) -> tuple[bool, ...]:
    return tuple(each.holds({"": value}) for each in leaves)


def _candidates(definition: Definition, name: str, asked: Iterable[Leaf]) -> Iterator[Scalar]:
    """At least one value of every kind that these conditions tell apart."""
    said = definition.fields[name]
    named = [value for leaf in asked if isinstance(leaf, OneOf) for value in leaf.values]
    match said.type:
        case FieldType.BOOL:
            yield from (True, False)
        case FieldType.ENUM:
            yield from said.choices
        case FieldType.DATE:
            limits = [leaf.day for leaf in asked if isinstance(leaf, Before | OnOrAfter)]
            for day in (date.fromisoformat(each) for each in (*limits, *(str(each) for each in named))):
                yield from (each.isoformat() for each in _around(day))
            yield _SOME_DAY
        case FieldType.INTEGER:
            limits_at = [leaf.least for leaf in asked if isinstance(leaf, AtLeast)]
            added = [*_added(definition, name)]
            edges = {
                *limits_at,
                *(each for each in named if isinstance(each, int)),
                1 if said.min is None else said.min,
            }
            # What comes to an edge by a sum is told apart as well; a sum or a copy may also lie below what people may type.
            edges |= {edge - by for edge in edges for by in added}
            lower = min(added, default=0) < 0 or name in _copied_into(definition)
            least = None if said.min is None or lower else min((said.min, *added))
            yield from (
                n for n in sorted({edge + by for edge in edges for by in (-1, 0, 1)}) if least is None or n >= least
            )
        case FieldType.MONEY:
            yield from (*named, next(each for n in count(1) if (each := f"{n}.00") not in named))
        case FieldType.TEXT | FieldType.CASE:
            yield from (*named, next(each for n in count(said.min or 1) if (each := "…" * n) not in named))


def _added(definition: Definition, name: str) -> Iterator[int]:
    """Whatever a step may add to this number."""
    effects = (each for step in definition.transitions.values() for said in step.sets for each in _chosen(said))
    return (int(each.value or 0) for each in effects if each.field == name and each.kind == "add")


def _copied_into(definition: Definition) -> set[str]:
    steps = definition.transitions.values()
    return {field for step in steps for each in step.sets for _, field in copies(each)}


def _around(day: date) -> Iterator[date]:
    """The day with the one before and the one after it, where there are such."""
    if day > date.min:
        yield day - _ONE_DAY
    yield day
    if day < date.max:
        yield day + _ONE_DAY


_ONE_DAY = timedelta(days=1)
_SOME_DAY = "2026-06-01"
