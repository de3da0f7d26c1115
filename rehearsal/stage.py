"""The stage of a story: a new sandbox database with the sample bureau, a clock that the story moves, a ticker that lives.

One database is made for all stories and copied for each, where the system has room in memory: nothing here is kept.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from storage import Desk
from storage.sample import SINCE, add_bureau, read_sample
from storage.setup import ADMIN_ID, ADMIN_NAME, initialise
from workflow.case import SHANGHAI, Actor
from workflow.circulation import named_in
from workflow.judge import system_actor
from workflow.model import Definition
from workflow.scenario import Person, Script

#: Before every story: the first days that the calendar knows.
FOUNDED = datetime(2004, 1, 5, 9, 0, tzinfo=SHANGHAI)
A_MINUTE = timedelta(minutes=1)
#: More passes of the ticker between two lines of a story are a circle, not a procedure.
MOST_PASSES = 2000
_IN_MEMORY = Path("/dev/shm")  # noqa: S108  where there is one, nothing waits for a disk


@dataclass(frozen=True, slots=True)
class Bureau:
    """The sample bureau, founded: a database to be copied, the definitions in force there, and who is there by name."""

    file: Path
    kinds: Mapping[str, Definition]
    sections: tuple[str, ...]
    people: Mapping[str, str]  # name -> id

    @contextmanager
    def stage(self, script: Script) -> Iterator[Stage]:
        """A copy of it for one story of this script, open; nothing is left of it."""
        copy = self.file.with_name("story.db")
        shutil.copyfile(self.file, copy)
        clock = Hands(FOUNDED + A_MINUTE)
        try:
            with Desk.open(f"sqlite:///{copy}", clock=clock, ids=_numbered()) as desk:
                admin = desk.actor(ADMIN_ID)
                people = {**self.people, **_joined(desk, admin, script.sections, script.people)}
                yield Stage(desk, clock, people)
        finally:
            for each in self.file.parent.glob("story.db*"):
                each.unlink()


class Hands:
    """A clock that stands where it was set."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


class Stage:
    """A bureau at one moment of a story."""

    def __init__(self, desk: Desk, clock: Hands, people: Mapping[str, str]) -> None:
        self.desk, self.clock, self.people = desk, clock, people
        self._actors: dict[str, Actor] = {}
        self.observer: Actor = system_actor(desk.bureau)  # sees every case, and nobody's name stands on it

    def actor(self, name: str) -> Actor:
        """The person of this name with their posts, which no story changes."""
        if name not in self._actors:
            self._actors[name] = self.desk.actor(self.people[name])
        return self._actors[name]

    def ids_of(self, said: object) -> str:
        """Those whom a line names, as the desk takes them."""
        return " ".join(self.people[each] for each in named_in(said))

    def until(self, moment: datetime, *, unattended: bool = False) -> None:
        """It is that moment; what fell due on the way the ticker has done at its time, unless none ran."""
        for _ in range(0 if unattended else MOST_PASSES):
            due_at = self.desk.next_due_at()
            if due_at is None or due_at > moment:
                break
            self.clock.at = max(self.clock.at, due_at)
            self.desk.sweep()
        self.clock.at = moment.astimezone(UTC)


@contextmanager
def bureau_of(definitions: Iterable[tuple[str, str]]) -> Iterator[Bureau]:
    """The sample bureau under these definitions (text, file name), for as long as it is needed."""
    with TemporaryDirectory(prefix="gongkai-", dir=_IN_MEMORY if os.access(_IN_MEMORY, os.W_OK) else None) as directory:
        file = Path(directory) / "bureau.db"
        url, clock = f"sqlite:///{file}", Hands(FOUNDED)
        initialise(url, sandbox=True, clock=clock, definitions=definitions)
        with Desk.open(url, clock=clock) as desk:
            add_bureau(desk, desk.actor(ADMIN_ID))
            kinds = {each.id: desk.definition(each.id) for each in desk.definitions()}
            sections = tuple(desk.sections())
        people = {said["name"]: id for id, said in read_sample("bureau.yaml")["people"].items()}
        yield Bureau(file, kinds, sections, {ADMIN_NAME: ADMIN_ID, **people})


def _joined(desk: Desk, admin: Actor, sections: Iterable[str], people: Iterable[Person]) -> dict[str, str]:
    """Those whom a file of scenarios adds, in their posts; their ids by name."""
    for section in sections:
        desk.add_section(admin, section)
    found = {}
    for number, each in enumerate(people, 1):
        found[each.name] = id = f"guest{number}"
        desk.add_person(admin, id, each.name, section=each.section)
        for post in each.posts:
            desk.appoint(admin, id, post, from_on=SINCE)
    return found


def _numbered() -> Callable[[], str]:
    numbers = iter(range(1, 100_000))
    return lambda: f"case-{next(numbers):05d}"
