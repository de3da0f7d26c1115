"""A definition on its way to being accepted: what its file says, which names it knows, and where to report a fault."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as made
from typing import TYPE_CHECKING, Any

from workflow.case import IMPORT, START
from workflow.errors import Finding
from workflow.loader.report import Path, Report, suggestion
from workflow.model import Definition, Field
from workflow.notation import Labelled
from workflow.promised import NeverEntry
from workflow.schema import DefinitionFile, TransitionEntry
from workflow.text import Text

if TYPE_CHECKING:
    from workflow.loader.children import Kind

AUTHOR = "author"
SYSTEM_ROLE = "system"
IDLE_ROLE = "idle-role"  # the check that a role can do something, by which it is waived


@dataclass(frozen=True, slots=True)
class Catalogue:
    """A list of values that definitions share: exemption reasons, roles, number series."""

    id: str
    source: str
    verified: bool
    values: dict[str, dict[str, Any]]
    #: What nobody has compared with its source: the name of the value, and the note.
    notes: tuple[tuple[str, Finding], ...] = made(default=(), repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Draft:
    """The file with all that is needed to judge it; a None among the names means: not known, so not judged."""

    file: DefinitionFile
    report: Report
    names: Mapping[str, Sequence[str]]  # of each section, those of broken entries included
    roles: Mapping[str, Mapping[str, Any]] | None
    choices: Mapping[str, Mapping[str, Mapping[str, Any]] | None]  # of each enum field
    checks: frozenset[str]
    catalogues: Mapping[str, Catalogue] = made(default_factory=dict, repr=False)
    laws: tuple[str, ...] = ()  # the limits that the file takes from their catalogue
    acts: Mapping[str, Mapping[str, Any]] = made(default_factory=dict)  # as they are written out
    others: Mapping[str, Definition] | None = None  # the accepted kinds that it may open; None: not known, not judged
    modelled: dict[str, Field] = made(default_factory=dict, repr=False)  # each as the engine sees it, made once
    kinds: dict[str, Kind | None] = made(default_factory=dict, repr=False)  # those of other cases, each made once

    def beside(self, others: Mapping[str, Definition] | None) -> Draft:
        """The same among these kinds, with a report of its own."""
        return replace(self, report=self.report.apart(), others=others, kinds={})

    def known(
        self, kind: str, name: str, path: Path, *, value: bool = True, fit: Collection[str] | None = None
    ) -> bool:
        """Whether this state, guard, field, role, transition, clock … exists; reported when it does not.

        `fit`: those that could stand here, where not all of them can; only they are suggested.
        """
        names = self.role_names if kind == "role" else self.names[held_in(kind)]
        if names is None or name in names:
            return True
        self.report.of(
            path,
            f"unknown-{kind}",
            value=value,
            name=name,
            hint=suggestion(name, [each for each in names if not fit or each in fit]),
        )
        return False

    def known_field(self, name: str, wanted: str, path: Path) -> None:
        """The same for a field, which must be of this type too."""
        said = self.file.fields.get(name)
        if self.known("field", name, path) and said and said.type != wanted:
            self.report.of(path, "wrong-type", value=True, field=name, type=said.type, wanted=wanted)

    def known_event(self, name: str, path: Path) -> None:
        """Something that happens to a case, from which a limit can be counted: a step, or its beginning."""
        if name not in self.anchor_names:
            hint = suggestion(name, self.anchor_names)
            self.report.of(path, "unknown-transition", value=True, name=name, hint=hint)

    def all_known(self, kind: str, names: Iterable[str], path: Path, *, fit: Collection[str] | None = None) -> None:
        """The same for a list, which must not name anything twice either."""
        seen = set()
        for number, name in enumerate(names):
            self.known(kind, name, (*path, number), fit=fit)
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


def held_in(kind: str) -> str:
    """The section that holds the names of a kind of thing.

    >>> held_in("guard"), held_in("child")
    ('guards', 'children')
    """
    return "children" if kind == "child" else f"{kind}s"


def label_of(said: Labelled) -> Text:
    """What an entry is called."""
    return Text(said.zh, said.en)


def roles_by_state(step: TransitionEntry) -> dict[str, list[str]]:
    """Who may take the step, by each state that it leaves."""
    if isinstance(step.roles, dict):
        return {state: step.roles.get(state, []) for state in step.from_}
    return {state: list(step.roles) for state in step.from_}


def able(draft: Draft) -> set[tuple[str, str]]:
    """Every (state, role) in which the role has something to do."""
    able = {
        (state, role)
        for step in draft.file.transitions.values()
        for state, roles in roles_by_state(step).items()
        for role in roles
    }
    return able | {
        (name, role) for name, state in draft.file.states.items() for role, fields in state.edit.items() if fields
    }


def assignments(name: str, step: TransitionEntry) -> Iterator[tuple[Path, Any]]:
    """Everything that a step writes by itself, into its own case or into those that it opens or moves, with its place."""
    for field, value in step.set_.items():
        yield ("transitions", name, "set", field), value
    for field, value in step.opens.set_.items() if step.opens else ():
        yield ("transitions", name, "opens", "set", field), value
    for number, move in enumerate(step.moves):
        for field, value in move.set_.items():
            yield ("transitions", name, "moves", number, "set", field), value


def simple_assignments(value: Any) -> Iterator[Mapping[str, Any]]:
    """What an assignment may come to, each `choose` taken apart; literals are left out."""
    if not isinstance(value, dict):
        return
    if isinstance(value.get("choose"), list):
        for each in value["choose"]:
            yield from simple_assignments(each.get("then") if isinstance(each, dict) else None)
    else:
        yield value


def _chosen_by(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    choices = value.get("choose") if isinstance(value, dict) else None
    for number, each in enumerate(choices if isinstance(choices, list) else ()):
        if isinstance(each, dict):
            here = (*path, "choose", number)
            if "if" in each:
                yield (*here, "if"), each["if"]
            yield from _chosen_by(each.get("then"), (*here, "then"))


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
        if step.opens and step.opens.if_ is not None:
            yield ("transitions", name, "opens", "if"), step.opens.if_
        for number, move in enumerate(step.moves):
            if move.if_ is not None:
                yield ("transitions", name, "moves", number, "if"), move.if_
        for path, value in assignments(name, step):
            yield from _chosen_by(value, path)
    for name, clock in file.deadlines.items():
        if clock.applies is not None:
            yield ("deadlines", name, "applies"), clock.applies
    for name, never in file.never.items():
        if isinstance(never, NeverEntry):
            yield ("never", name, "when"), never.when
    for name, passage in file.passes.items():
        if passage.when is not None:
            yield ("passes", name, "when"), passage.when
