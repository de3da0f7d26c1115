"""Numbers of the law that were adopted here and that the files beside the program do not say (采用后与文件不一致的数字).

A number that was adopted stands in a further version of each definition that uses it. The catalogue beside the program may still
say the old one: a definition that is installed by that file would bring the old number back for every new case.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass

from storage import versions
from storage.adoption import Changed, changes
from storage.connection import Connection
from workflow.accepted import definition_from
from workflow.errors import BadDefinition, Invalid, Problem
from workflow.loader import Accepted
from workflow.text import Text


@dataclass(frozen=True, slots=True)
class Unlike:
    """A clock whose number in the database is not the file's: `clock.before` by the file, `clock.after` in force here."""

    kind: str
    version: int
    clock: Changed

    def to_json(self) -> dict[str, object]:
        """The difference as the JSON surface shows it."""
        return {
            "deadline": f"{self.kind}.{self.clock.name}",
            "version": self.version,
            "in_database": self.clock.after.to_json(),
            "in_file": self.clock.before.to_json(),
        }

    @property
    def text(self) -> Text:
        """The difference in a sentence."""
        return _UNLIKE.filled(
            kind=self.kind,
            version=self.version,
            label=self.clock.label,
            here=self.clock.after,
            file=self.clock.before,
        )


def unlike_the_files(db: Connection, kinds: Container[str] | None = None) -> Iterator[Unlike]:
    """Every clock of the newest versions that goes by another number than their own text by the files' catalogues would."""
    newest = {each.id: each for each in versions.installed(db) if kinds is None or each.id in kinds}
    for each in newest.values():
        try:
            said = versions.accepted_by_files(each.yaml, f"{each.id}.yaml")
        except BadDefinition:
            continue  # what no longer fits the catalogues at all, doctor and adoption say
        if said.digest == each.digest:
            continue
        by_file = definition_from(said.json, said.digest)
        for clock in changes(by_file, versions.load(db, each.digest)):
            yield Unlike(each.id, each.version, clock)


def reverting(db: Connection, accepted: Iterable[Accepted]) -> Invalid | None:
    """Why these definitions are refused that would bring back a number of the files in the place of one adopted here."""
    coming = {each.id: definition_from(each.json, each.digest) for each in accepted}
    there = {each.id: each for each in versions.installed(db)}
    coming = {kind: each for kind, each in coming.items() if kind in there and each.version > there[kind].version}
    newest = versions.newest(db)
    reverted = [
        each
        for each in unlike_the_files(db, kinds=coming)
        if any(one.name == each.clock.name for one in changes(newest[each.kind], coming[each.kind]))
    ]
    said = [Problem("reverts-the-law", _REVERTS.filled(said=each.text), field="FILE") for each in reverted]
    return Invalid(said) if said else None


_UNLIKE = Text(
    "{kind} 第 {version} 版“{label}”：本库现行 {here}，程序目录中的文件为 {file}",
    "{kind} version {version}, {label}: {here} in this database, {file} in the files beside the program",
)
_REVERTS = Text(
    "启用后会退回已采用的法定数字：{said}。请先把文件改为现行数字；确要退回的，加 --revert-adopted",
    "this would bring back the number before the one adopted here: {said}. Correct the file first; if it is meant, say --revert-adopted",
)
