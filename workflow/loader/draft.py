"""A definition on its way to being accepted: what its file says, which names it knows, and where to report a fault."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workflow.case import IMPORT, START
from workflow.loader.report import Path, Report, suggestion
from workflow.schema import DefinitionFile, TransitionEntry

AUTHOR = "author"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """A list of values that definitions share: exemption reasons, roles, number series."""

    id: str
    source: str
    verified: bool
    values: dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Draft:
    """The file with all that is needed to judge it; a None among the names means: not known, so not judged."""

    file: DefinitionFile
    report: Report
    names: Mapping[str, Sequence[str]]  # of each section, those of broken entries included
    roles: Mapping[str, Mapping[str, Any]] | None
    choices: Mapping[str, Mapping[str, Mapping[str, Any]] | None]  # of each enum field
    checks: frozenset[str]

    def known(self, kind: str, name: str, path: Path, *, value: bool = True) -> bool:
        """Whether this state, guard, field, role or transition exists; reported when it does not."""
        names = self.role_names if kind == "role" else self.names[f"{kind}s"]
        if names is None or name in names:
            return True
        self.report.of(path, f"unknown-{kind}", value=value, name=name, hint=suggestion(name, names))
        return False

    def all_known(self, kind: str, names: Iterable[str], path: Path) -> None:
        """The same for a list, which must not name anything twice either."""
        seen = set()
        for number, name in enumerate(names):
            self.known(kind, name, (*path, number))
            if name in seen:
                self.report.of((*path, number), "named-twice", value=True, name=name)
            seen.add(name)

    @property
    def role_names(self) -> Sequence[str] | None:
        return None if self.roles is None else tuple(self.roles)

    @property
    def anchor_names(self) -> tuple[str, ...]:
        return (*self.names["transitions"], START, IMPORT)

    def all_hear(self, roles: Iterable[str], path: Path) -> None:
        """Everyone who is told is a role, or the author."""
        self.all_known("role", (role for role in roles if role != AUTHOR), path)


def roles_by_state(step: TransitionEntry) -> dict[str, list[str]]:
    """Who may take the step, by each state that it leaves."""
    if isinstance(step.roles, dict):
        return {state: step.roles.get(state, []) for state in step.from_}
    return {state: list(step.roles) for state in step.from_}


def conditions(file: DefinitionFile) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Every condition of the file with its place."""
    for name, guard in file.guards.items():
        if guard.if_ is not None:
            yield ("guards", name, "if"), guard.if_
    for name, step in file.transitions.items():
        if step.if_ is not None:
            yield ("transitions", name, "if"), step.if_
        for number, told in enumerate(step.tell):
            if told.if_ is not None:
                yield ("transitions", name, "tell", number, "if"), told.if_
    for name, clock in file.deadlines.items():
        if clock.applies is not None:
            yield ("deadlines", name, "applies"), clock.applies
    for name, never in file.never.items():
        yield ("never", name, "when"), never.when
