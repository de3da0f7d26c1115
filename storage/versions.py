"""Definitions as the database holds them: accepted once, found by digest for ever, the newest in force for a new case."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from storage import entries
from storage.connection import Connection, instant_from, instant_text
from storage.statements import ADD_DEFINITION, DEFINITION, DEFINITIONS, STANDING, VERSIONS
from workflow.accepted import definition_from
from workflow.case import FROM, MIGRATE, SYSTEM, Case, Deadline, Event, StateName
from workflow.errors import GongkaiError, Invalid, NotFound, Problem
from workflow.machine import machine_of
from workflow.model import DeadlineRule, Definition
from workflow.text import Text

if TYPE_CHECKING:
    from workflow.loader import Accepted, Catalogue
    from workflow.workdays import Hours

#: What the program ships: definitions, catalogues and calendars, beside the code.
SHIPPED = Path(__file__).resolve().parent.parent / "definitions"

#: So much of a digest is enough to name it.
SHORTEST_DIGEST = 6

_BY_DIGEST: dict[str, Definition] = {}


def shipped_definitions() -> tuple[tuple[str, str], ...]:
    """The shipped definitions as (text, file name)."""
    return _texts(SHIPPED)


@cache
def accepted_shipped() -> Mapping[str, Definition]:
    """The shipped definitions, accepted, by kind; for what is held against them without a database."""
    accepted = [accepted_by_files(text, file) for text, file in shipped_definitions()]
    return {each.id: definition_from(each.json, each.digest) for each in accepted}


def accepted_by_files(text: str, file: str) -> Accepted:
    """What the text of a definition says by the catalogues beside the program; raises BadDefinition with every fault found."""
    return _accepted(text, file, shipped_catalogues())


def shipped_calendars() -> tuple[tuple[str, str], ...]:
    """The shipped calendar files as (text, file name), in the order of their names."""
    return _texts(SHIPPED / "calendars")


def shipped_hours() -> Hours:
    """The bureau's business hours and the channels that end with them."""
    from workflow.workdays import hours_file, lists_hours

    (found,) = [hours_file(text, file) for text, file in shipped_calendars() if lists_hours(text)]
    return found


def catalogues() -> Mapping[str, Catalogue]:
    """The shipped catalogues by name."""
    return dict(_shelf(shipped_catalogues()))


def channel_labels() -> Mapping[str, Text]:
    """What the channels are called by which a request reaches the bureau, and which end with the business hours or do not."""
    return {name: Text(said["zh"], said["en"]) for name, said in catalogues()["channels"].values.items()}


def shipped_catalogues() -> tuple[tuple[str, str], ...]:
    """The shipped catalogues as (text, file name)."""
    return _texts(SHIPPED / "catalogues")


# `doctor` and `init` would accept each shipped definition anew, some twice. The texts are the key: a corrected file is read anew.
@lru_cache(maxsize=48)
def _accepted(text: str, file: str, shelf: tuple[tuple[str, str], ...]) -> Accepted:
    from workflow.loader import accept

    return accept(text, file, _shelf(shelf))


@lru_cache(maxsize=2)
def _shelf(texts: tuple[tuple[str, str], ...]) -> Mapping[str, Catalogue]:
    from workflow.loader import read_catalogue

    found = (read_catalogue(text, f"definitions/catalogues/{file}") for text, file in texts)
    return {each.id: each for each in found}


def stands_for(db: Connection, accepted: Accepted) -> int | None:
    """The version in the database that says what this one says, whatever its number; None when there is none.

    A changed number of the law that was adopted is another version of the same text.
    """
    said = but_for_its_version(accepted.json)
    for row in db.all(VERSIONS, id=accepted.id):
        if but_for_its_version(stored(db, row["digest"])) == said:
            return int(row["version"])
    return None


def stored(db: Connection, digest: str) -> dict[str, object]:
    """The accepted JSON of a version, as it was stored."""
    row = db.one(DEFINITION, digest=digest)
    if row is None:
        raise GongkaiError(_LOST, digest=digest[:12])
    return dict(json.loads(row["accepted"]))


def but_for_its_version(accepted: Mapping[str, object]) -> dict[str, object]:
    """What an accepted definition says, without the number of its version."""
    return {key: value for key, value in accepted.items() if key != "version"}


def install(db: Connection, accepted: Accepted, now: datetime, by: str = SYSTEM) -> bool:
    """Keep an accepted definition; whether it is new. The same version with another content is refused: cases stand on it."""
    known = {row["version"]: row["digest"] for row in db.all(VERSIONS, id=accepted.id)}
    if known.get(accepted.version) == accepted.digest:
        return False
    if accepted.version in known:
        facts = {"id": accepted.id, "version": accepted.version, "next": max(known) + 1}
        raise Invalid((Problem("same-version", _SAME_VERSION.filled(**facts), field="version"),))
    definition = definition_from(accepted.json, accepted.digest)
    machine_of(definition)  # what the engine cannot run is not kept
    for other in installed(db):
        if other.id != accepted.id and load(db, other.digest).prefix == definition.prefix:
            text = _SAME_PREFIX.filled(prefix=definition.prefix, id=other.id)
            raise Invalid((Problem("same-prefix", text, field="prefix"),))
    row = {
        "digest": accepted.digest,
        "id": accepted.id,
        "version": accepted.version,
        "yaml": accepted.yaml,
        "accepted": accepted.canonical,
        "accepted_at": instant_text(now),
    }
    db.run(ADD_DEFINITION, **row)
    entries.enter(db, entries.DEFINITION, accepted.digest, entries.of_definition(row), now, by)
    return True


@dataclass(frozen=True, slots=True)
class Installed:
    """One accepted version of a definition."""

    id: str
    version: int
    digest: str
    accepted_at: datetime
    yaml: str


def installed(db: Connection) -> tuple[Installed, ...]:
    """Every version of every kind, by kind and version."""
    return tuple(
        Installed(row["id"], row["version"], row["digest"], instant_from(row["accepted_at"]), row["yaml"])
        for row in db.all(DEFINITIONS)
    )


def newest(db: Connection) -> dict[str, Definition]:
    """The newest version of each kind, whether or not it is in force."""
    return {each.id: load(db, each.digest) for each in installed(db)}


def digest_of(accepted: str) -> str:
    """The digest of an accepted definition's text, as the store holds it."""
    return sha256(accepted.encode()).hexdigest()


def load(db: Connection, digest: str) -> Definition:
    """The definition of this digest; built once a process."""
    definition = _BY_DIGEST.get(digest)
    if definition is None:
        row = db.one(DEFINITION, digest=digest)
        if row is None:
            raise GongkaiError(_LOST, digest=digest[:12])
        definition = _BY_DIGEST[digest] = definition_from(json.loads(row["accepted"]), digest)
    return definition


def current(db: Connection, kind: str, on: date) -> Definition:
    """The newest version of this kind that is in force on that day. Raises NotFound."""
    for row in db.all(VERSIONS, id=kind) if kind.isprintable() else ():
        definition = load(db, row["digest"])
        if definition.holds_on(on):
            return definition
    raise NotFound(what=_KIND, name=kind, hint="gongkai definitions list")


@dataclass(frozen=True, slots=True)
class Standing:
    """How many running cases stand in one state of one version; `first` is the lowest of their numbers."""

    kind: str
    definition: str
    state: StateName
    count: int
    first: str


def standing(db: Connection, bureau: str) -> tuple[Standing, ...]:
    """Every state of every version in which cases run."""
    return tuple(
        Standing(row["kind"], row["definition"], StateName(row["state"]), row["count"], row["first"])
        for row in db.all(STANDING, bureau=bureau)
    )


def named(db: Connection, said: str) -> Definition:
    """The definition that is meant by KIND@VERSION, or by its digest or the beginning of it. Raises NotFound."""
    kind, at, version = said.partition("@")
    for each in installed(db):
        is_version = at and each.id == kind and str(each.version) == version
        if is_version or (len(said) >= SHORTEST_DIGEST and each.digest.startswith(said)):
            return load(db, each.digest)
    raise NotFound(what=_VERSION, name=said, hint="gongkai definitions list")


def rules_of(
    db: Connection, case: Case, clocks: Iterable[Deadline], events: Iterable[Event]
) -> Iterator[tuple[Deadline, DeadlineRule]]:
    """Each clock with the rule by which it runs, or ran until it ended; `events` are needed where the case was migrated."""
    moves = [each for each in events if each.transition == MIGRATE]
    for clock in clocks:
        # The first migration that came no earlier than its end left it behind.
        left = (e for e in moves if clock.closed_at and e.seq > clock.armed_seq and e.at >= clock.closed_at)
        move = next(left, None)
        rule = load(db, str(move.data[FROM]) if move else case.definition).deadlines.get(clock.rule)
        if rule:
            yield clock, rule


def _texts(directory: Path) -> tuple[tuple[str, str], ...]:
    return tuple((each.read_text("utf-8"), each.name) for each in sorted(directory.glob("*.yaml")))


_KIND = Text("事项种类", "kind of case")
_VERSION = Text("定义版本", "version of a definition")
_SAME_VERSION = Text(
    "定义 {id} 第 {version} 版已在使用，内容不同；请把文件中的 version 改为 {next} 后重试",
    "version {version} of {id} is in use with another content; set version to {next} in the file and try again",
)
_SAME_PREFIX = Text(
    "事项编号前缀 {prefix} 已由定义 {id} 使用；请换一个 prefix",
    "the prefix {prefix} of case numbers is taken by {id}; choose another prefix",
)
_LOST = Text(
    "定义 {digest}… 不在数据库中；请运行 gongkai doctor",
    "the definition {digest}… is not in the database; run gongkai doctor",
)
