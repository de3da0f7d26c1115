"""A definition that a command is given as a file, not yet in force."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from terminal.calendar import read_text
from terminal.definitions import LARGEST_FILE

if TYPE_CHECKING:
    from workflow.model import Definition

FILE_ENDINGS = (".yaml", ".yml")


def of_file(name: str, others: Mapping[str, Definition] | None = None) -> Definition:
    """The definition that a file says; its faults are shown as the check shows them. What it says of other kinds is held against `others`."""
    from storage.versions import catalogues
    from workflow.accepted import definition_from
    from workflow.loader import accept

    accepted = accept(read_text(Path(name), LARGEST_FILE), name, catalogues(), others=others)
    return definition_from(accepted.json, accepted.digest)


def with_kinds(name: str) -> tuple[Definition, Mapping[str, Definition]]:
    """The definition of a file, and the shipped kinds whose cases may move with its own."""
    from storage.versions import accepted_shipped

    definition = of_file(name)
    has_others = any(each.opens or each.moves for each in definition.transitions.values())
    return definition, {**(accepted_shipped() if has_others else {}), definition.id: definition}
