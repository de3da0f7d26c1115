"""What a scenario (情景) says: given a bureau and a calendar, when people act, then this stands. Values only.

`loader/scenarios.py` reads them from YAML and holds their names against the definitions; `rehearsal/` plays them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from workflow.case import Data
from workflow.text import Text

#: What a line does beside the steps of a definition.
STARTED, EDITED, TAKEN_IN = "start", "edit", "import"


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a file something is written."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whom a file of scenarios adds to the sample bureau."""

    name: str
    section: str | None
    posts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Due:
    """How a clock that is open is to stand; what is None is not looked at."""

    rolled_on: date | None = None
    strict_on: date | None = None
    provisional: bool = False
    paused: bool = False
    extended: int | None = None


@dataclass(frozen=True, slots=True)
class Expected:
    """What must be true of a case; what is not mentioned is not looked at."""

    place: Place
    state: str | None = None
    hands: str | None = None
    fields: Data = field(default_factory=dict)
    due: Mapping[str, Due | None] = field(default_factory=dict)  # None: the clock does not run
    ended: Mapping[str, str] = field(default_factory=dict)  # clock -> how it ended last
    told: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # person -> all they were told on this line
    happened: tuple[str, ...] | None = None  # every step of this line, those of the system included


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a story: time passes, somebody acts, and what is then expected."""

    place: Place
    at: datetime | None = None
    unattended: bool = False  # no ticker ran until then
    by: str | None = None
    do: str | None = None
    kind: str = ""
    case: str = ""  # the name by which the story knows the case; "" is its first one
    section: str | None = None
    data: Data = field(default_factory=dict)
    today: tuple[str, ...] = ()  # date fields that hold the day of the line
    comment: str | None = None
    refused: tuple[str, ...] | None = None
    warned: tuple[str, ...] | None = None
    opened: str | None = None  # the name that the sub-case which begins here has from now on
    opened_kind: str | None = None
    announced: str | None = None  # a notice of days off, as its own file would say it
    then: Expected | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    """One story from its first line to its last."""

    place: Place
    name: str
    title: Text
    example: str | None  # number of the worked example of the law that it tells
    source: str | None
    announced: str | None  # the calendar as it was known before the story began
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Excuse:
    """Why no story can tell something of a definition."""

    place: Place
    kind: str
    name: str
    side: str  # taken | met | unmet
    why: Text


@dataclass(frozen=True, slots=True)
class Script:
    """One file of scenarios."""

    file: str
    about: str
    sections: tuple[str, ...]
    people: tuple[Person, ...]
    scenarios: tuple[Scenario, ...]
    excuses: tuple[Excuse, ...]
