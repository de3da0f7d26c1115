"""The table of `permitted.csv`, read: who may take which step, from which state, in whose section, and who must be another person."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

#: What is no step of a definition, but has a row of its own: to begin a case, to write in it, to enter one of the past.
START, EDIT, IMPORT = "start", "edit", "import"
SYSTEM = "system"
#: The kind of the everyday acts, which every kind of case has; and who may take them by no post.
EVERY = "*"
IN_HAND, AUTHOR, LAST, NAMED = "in_hand", "author", "last", "named"


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    kind: str
    transition: str
    states: tuple[str, ...]
    roles: tuple[str, ...]
    section: str
    another_than: frozenset[str]
    only: frozenset[str]


@dataclass(frozen=True)
class Permitted:
    """The lines of one kind of case."""

    rows: tuple[Row, ...]

    def roles(self, transition: str, state: str = "") -> set[str]:
        """Who may take the step in this state."""
        found = (row for row in self._rows(transition) if state in row.states or not row.states)
        return {role for row in found for role in row.roles}

    def by_people(self, state: str) -> set[str]:
        """The steps that people take from this state."""
        named = {row.transition for row in self.rows if state in row.states} - {EDIT}
        return {each for each in named if self.roles(each, state) != {SYSTEM}}

    def transitions(self) -> list[str]:
        """Every step of this kind."""
        return list(dict.fromkeys(row.transition for row in self.rows if row.states and row.transition != EDIT))

    @property
    def named(self) -> set[str]:
        """Every step by which a person is barred, or alone may."""
        return {each for row in self.rows for each in row.another_than | row.only}

    def another_than(self, transition: str) -> frozenset[str]:
        """The steps whoever took which may not take this one."""
        return frozenset().union(*(row.another_than for row in self._rows(transition)))

    def only(self, transition: str) -> frozenset[str]:
        """The steps that nobody else than who takes this one may have taken."""
        return frozenset().union(*(row.only for row in self._rows(transition)))

    def _rows(self, transition: str) -> Iterator[Row]:
        return (row for row in self.rows if row.transition == transition)


@cache
def table() -> dict[str, Permitted]:
    """The whole table, by kind of case."""
    with (Path(__file__).parent / "permitted.csv").open(encoding="utf-8", newline="") as file:
        rows = [
            Row(
                said["kind"],
                said["transition"],
                tuple(said["states"].split()),
                tuple(said["roles"].split()),
                said["section"],
                frozenset(said["another_than"].split()),
                frozenset(said["only"].split()),
            )
            for said in csv.DictReader(file)
        ]
    kinds = dict.fromkeys(row.kind for row in rows)
    return {kind: Permitted(tuple(row for row in rows if row.kind == kind)) for kind in kinds}


def kinds() -> list[str]:
    """The kinds of case that the table knows."""
    return [kind for kind in table() if kind != EVERY]


def personal(kind: str) -> dict[str, frozenset[str]]:
    """The personal fields of a kind, each with the roles that work with it."""
    with (Path(__file__).parent / "personal.csv").open(encoding="utf-8", newline="") as file:
        said = [each for each in csv.DictReader(file) if each["kind"] == kind]
    return {each["field"]: frozenset(each["roles"].split()) for each in said}
