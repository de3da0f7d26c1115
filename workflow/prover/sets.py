"""Sets of data without listing them: decision diagrams over fields with a few values each.

A set is a number; the same set has always the same number, so two sets are compared at once. Fields that do not matter to a
set take no room in it: that is why a procedure with sixty fields can be explored whole. After R. Bryant (1986), with as many
branches at a node as its field has values (A. Srinivasan et al., 1990).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

#: A set of data, by its number in the space that made it.
Set = int
NONE: Set = 0
ALL: Set = 1

#: Some fields in their order, each with some of its values.
Values = tuple[tuple[int, tuple[int, ...]], ...]

#: How much may be done with the sets of one definition, in branches that are looked at: about a second and 170 MB (measured).
#: It is counted and not timed, so that a definition that is proved on one machine is proved on every other.
MOST_WORK = 2_200_000
_ONE_STEP = 3  # what it costs to look at a node at all, in branches


class TooLarge(Exception):
    """What this definition can come to cannot be looked at within bounds."""


class Space:
    """All data over fields with so many values each, and the sets in it. A field is named by its place in `sizes`."""

    def __init__(self, sizes: Sequence[int], most_work: int | None = None) -> None:
        self.sizes = tuple(sizes)
        self.work = 0
        self._most = most_work or MOST_WORK
        end = len(sizes)
        self._field = [end, end]  # of each node, the field that it asks for
        self._branches: list[tuple[Set, ...]] = [(), ()]  # and where each of its values leads
        self._numbers: dict[tuple[int, tuple[Set, ...]], Set] = {}
        self._both: dict[tuple[Set, Set], Set] = {}
        self._either: dict[tuple[Set, Set], Set] = {}
        self._without: dict[tuple[Set, Set], Set] = {}
        self._put: dict[Values, dict[tuple[Set, int], Set]] = {}
        self._taken: dict[Values, dict[tuple[Set, int], Set]] = {}

    @property
    def nodes(self) -> int:
        """How many nodes all sets take so far."""
        return len(self._branches)

    def node(self, a: Set) -> tuple[int, tuple[Set, ...]]:
        """How a set is made: the first field that matters to it, and what is left for each value of that."""
        return self._field[a], self._branches[a]

    def spend(self, work: int) -> None:
        """Count what is done beside the sets themselves."""
        self.work += work
        if self.work > self._most:
            raise TooLarge

    def where(self, field: int, values: Iterable[int]) -> Set:
        """All data in which the field has one of these values."""
        wanted = frozenset(values)
        return self._node(field, tuple(ALL if value in wanted else NONE for value in range(self.sizes[field])))

    def both(self, a: Set, b: Set) -> Set:
        """What is in both."""
        if a == b or b == ALL:
            return a
        if a == ALL:
            return b
        if a == NONE or b == NONE:
            return NONE
        key = (a, b) if a < b else (b, a)
        known = self._both.get(key)
        if known is None:
            field, left, right = self._side_by_side(a, b)
            known = self._both[key] = self._node(field, tuple(map(self.both, left, right)))
        return known

    def either(self, a: Set, b: Set) -> Set:
        """What is in one of them, or in both."""
        if a == b or b == NONE:
            return a
        if a == NONE:
            return b
        if a == ALL or b == ALL:
            return ALL
        key = (a, b) if a < b else (b, a)
        known = self._either.get(key)
        if known is None:
            field, left, right = self._side_by_side(a, b)
            known = self._either[key] = self._node(field, tuple(map(self.either, left, right)))
        return known

    def without(self, a: Set, b: Set) -> Set:
        """What is in the first and not in the second."""
        if a in (NONE, b) or b == ALL:
            return NONE
        if b == NONE:
            return a
        known = self._without.get((a, b))
        if known is None:
            field, left, right = self._side_by_side(a, b)
            known = self._without[a, b] = self._node(field, tuple(map(self.without, left, right)))
        return known

    def put(self, a: Set, values: Values) -> Set:
        """What the set becomes when each of these fields gets one of its values, whatever it was before."""
        known = self._put.setdefault(values, {})

        def put(a: Set, n: int) -> Set:
            if a == NONE or n == len(values):
                return a
            found = known.get((a, n))
            if found is None:
                field, given = values[n]
                here = self._field[a]
                if here < field:
                    found = self._node(here, tuple([put(each, n) for each in self._branches[a]]))
                else:
                    left = put(self._any(a) if here == field else a, n + 1)
                    found = self._node(field, tuple([left if v in given else NONE for v in range(self.sizes[field])]))
                known[a, n] = found
            return found

        return put(a, 0)

    def taken(self, b: Set, values: Values) -> Set:
        """All data that would be in the set if each of these fields had one of its values."""
        known = self._taken.setdefault(values, {})

        def taken(b: Set, n: int) -> Set:
            if b == NONE or n == len(values):
                return b
            found = known.get((b, n))
            if found is None:
                field, given = values[n]
                here = self._field[b]
                if here < field:
                    found = self._node(here, tuple([taken(each, n) for each in self._branches[b]]))
                elif here == field:
                    found = NONE
                    for value in given:
                        found = self.either(found, taken(self._branches[b][value], n + 1))
                else:
                    found = taken(b, n + 1)
                known[b, n] = found
            return found

        return taken(b, 0)

    def some(self, a: Set) -> Mapping[int, int] | None:
        """One of the set, by the fields that matter to it, each with its first value that will do; None for the empty set."""
        if a == NONE:
            return None
        found: dict[int, int] = {}
        while a != ALL:
            branches = self._branches[a]
            value = next(n for n, each in enumerate(branches) if each != NONE)
            found[self._field[a]] = value
            a = branches[value]
        return found

    def size(self, a: Set) -> int:
        """How many different data are in the set."""
        known: dict[Set, int] = {NONE: 0, ALL: 1}

        def counted(node: Set, before: int) -> int:
            between = 1
            for field in range(before, self._field[node]):
                between *= self.sizes[field]
            if node not in known:
                below = self._field[node] + 1
                known[node] = sum(counted(each, below) for each in self._branches[node])
            return between * known[node]

        return counted(a, 0)

    def _any(self, a: Set) -> Set:
        found = NONE
        for each in self._branches[a]:
            found = self.either(found, each)
        return found

    def _side_by_side(self, a: Set, b: Set) -> tuple[int, tuple[Set, ...], tuple[Set, ...]]:
        """The first field that matters to one of them, and what each leaves for every value of it."""
        mine, other = self._field[a], self._field[b]
        if mine == other:
            return mine, self._branches[a], self._branches[b]
        if mine < other:
            return mine, self._branches[a], (b,) * self.sizes[mine]
        return other, (a,) * self.sizes[other], self._branches[b]

    def _node(self, field: int, branches: tuple[Set, ...]) -> Set:
        self.work += len(branches) + _ONE_STEP
        if self.work > self._most:
            raise TooLarge
        first = branches[0]
        if branches.count(first) == len(branches):
            return first
        key = (field, branches)
        number = self._numbers.get(key)
        if number is None:
            number = len(self._branches)
            self._numbers[key] = number
            self._field.append(field)
            self._branches.append(branches)
        return number
