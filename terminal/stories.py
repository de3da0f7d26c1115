"""The requests and proposals of the simulated month (`sample/stories.yaml`): told step by step, each at its moment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from storage.sample import read_sample
from workflow.case import EDIT, SHANGHAI, START, Scalar

if TYPE_CHECKING:
    from storage import Desk
    from storage.views import Done


@dataclass(frozen=True, slots=True)
class Told:
    """One step of one story at its moment."""

    at: datetime
    story: int
    by: str
    do: str
    values: Mapping[str, Scalar]
    comment: str | None
    sub: str | None  # `third_party 1`: taken on that sub-case


class Stories:
    """The stories of the month, with the cases that have begun."""

    def __init__(self, desk: Desk, reader: str) -> None:
        self._desk, self._reader = desk, reader
        said = read_sample("stories.yaml")
        self._stories: list[dict[str, Any]] = said["stories"]
        self._applicants: dict[str, dict[str, Scalar]] = said["applicants"]
        self._cases: dict[int, str] = {}

    def steps(self) -> Iterator[Told]:
        """Every step, story by story."""
        for number, story in enumerate(self._stories):
            for said in story["steps"]:
                at = datetime.strptime(said["at"], "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI).astimezone(UTC)
                who = self._applicants[said["applicant"]] if "applicant" in said else {}
                values = {**who, **said.get("set", {})}
                yield Told(at, number, said["by"], said["do"], values, said.get("comment"), said.get("sub"))

    def take(self, told: Told) -> Done:
        """One step, taken through the desk like anybody's."""
        story, actor = self._stories[told.story], self._desk.actor(told.by)
        if told.do == START:
            section = story.get("section", "办公室")
            done = self._desk.start(actor, story["kind"], title=story["title"], section=section, data=told.values)
            self._cases[told.story] = done.case.case.id
            return done
        case = self._meant(told)
        if told.do == EDIT:
            return self._desk.edit(actor, case, data=told.values)
        return self._desk.fire(actor, case, told.do, data=told.values, comment=told.comment)

    def _meant(self, told: Told) -> str:
        case = self._cases[told.story]
        if told.sub is None:
            return case
        slot, _, place = told.sub.partition(" ")
        children = self._desk.case(self._desk.actor(self._reader), case).case.children
        return [each.id for each in children if each.slot == slot][int(place) - 1]
