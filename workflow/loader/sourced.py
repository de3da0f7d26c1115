"""Whatever rests on a source: each limit, value, tariff and notice with where it was read, and who uses it.

Read from the texts themselves, so that each has its file and line: a legal officer goes there and corrects it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from workflow.catalogue import LIMITS, CatalogueEntry, CatalogueFile, LimitVersion
from workflow.limit import limit_from
from workflow.loader.report import Path, Report, Stop
from workflow.loader.shape import shaped
from workflow.loader.source import read
from workflow.notation import InForce
from workflow.text import Text


@dataclass(frozen=True, slots=True)
class Number:
    """How long a limit is, and by how much it can be extended, as it is written."""

    limit: str
    extend: str | None


@dataclass(frozen=True, slots=True)
class Sourced:
    """One thing that rests on a source."""

    kind: str  # limit | value | tariff | notice | hours
    home: str  # the catalogue or the kind of case that it stands in
    name: str
    label: Text
    number: Number | None  # of a limit
    basis: str | None
    source: str
    verified: bool
    in_force: tuple[str | None, str | None]
    file: str
    line: int
    used_by: tuple[str, ...] = ()  # kind of case, and for a limit its deadline: request.reply

    def to_json(self) -> dict[str, object]:
        """The thing as the JSON surface shows it."""
        begins, ends = self.in_force
        return {
            "kind": self.kind,
            "home": self.home,
            "name": self.name,
            **self.label.to_json(),
            "limit": self.number.limit if self.number else None,
            "extend": self.number.extend if self.number else None,
            "basis": self.basis,
            "source": self.source,
            "verified": self.verified,
            "in_force": {"from": begins, "until": ends},
            "file": self.file,
            "line": self.line,
            "used_by": list(self.used_by),
        }


#: What uses a thing: its home and its name (None: everything in that home), and who it is.
Use = tuple[str, str | None, str]


def of_catalogue(text: str, file: str, uses: Iterable[Use] = ()) -> tuple[Sourced, ...]:
    """Every value of a catalogue, each version of a limit for itself; raises BadDefinition for a file with a fault."""
    report = Report(file)
    try:
        said = shaped(CatalogueFile, read(text, report), report)
    except Stop:
        report.raise_any()
        raise
    report.raise_any()
    return tuple(_values(said, report, tuple(uses)))


def _values(said: CatalogueFile, report: Report, uses: tuple[Use, ...]) -> Iterator[Sourced]:
    for name, entry in said.values.items():
        path: Path = ("values", name)
        users = tuple(who for home, what, who in uses if home == said.id and what in (None, name))
        facts = entry.facts
        yield Sourced(
            kind="limit" if entry.limit else "value",
            home=said.id,
            name=name,
            label=Text(entry.zh, entry.en),
            number=_number(entry),
            basis=entry.basis or _said(facts.get("article")),
            source=entry.source or _said(facts.get("source")) or said.source,
            verified=_is_verified(entry, said),
            in_force=_span(entry.in_force or said.in_force),
            file=report.file,
            line=report.spot(path, value=True).line,
            used_by=users,
        )
        for number, each in enumerate(entry.versions):
            yield Sourced(
                kind="limit",
                home=said.id,
                name=name,
                label=Text(entry.zh, entry.en),
                number=_number(each),
                basis=each.basis,
                source=each.source,
                verified=each.verified,
                in_force=_span(each.in_force),
                file=report.file,
                line=report.spot((*path, "versions", number), value=True).line,
                used_by=users,
            )


def _number(said: CatalogueEntry | LimitVersion) -> Number | None:
    return Number(limit_from(said.limit).written, said.extend) if said.limit else None


def _is_verified(entry: CatalogueEntry, said: CatalogueFile) -> bool:
    own = entry.facts.get("verified") if entry.verified is None else entry.verified
    return said.verified if own is None else own is True


def _said(value: object) -> str | None:
    return None if value is None else str(value)


def _span(said: InForce | None) -> tuple[str | None, str | None]:
    return (said.from_on, said.until) if said else (None, None)


def of_definition(text: str, file: str) -> tuple[Sourced, ...]:
    """Every tariff of a definition. The file is taken as it was accepted: what is amiss with it is another's to say."""
    said, report = _read(text, file)
    found = []
    for name, each in _table(said, "tariffs").items():
        if isinstance(each, dict):
            found.append(
                Sourced(
                    kind="tariff",
                    home=str(said.get("id")),
                    name=name,
                    label=Text(str(each.get("zh")), str(each.get("en"))),
                    number=None,
                    basis=None,
                    source=str(each.get("source")),
                    verified=each.get("verified") is True,
                    in_force=(None, None),
                    file=file,
                    line=report.spot(("tariffs", name)).line,
                    used_by=(str(said.get("id")),),
                )
            )
    return tuple(found)


def of_calendar(text: str, file: str, labels: Mapping[str, Text] = MappingProxyType({})) -> tuple[Sourced, ...]:
    """What a file of definitions/calendars says: each notice of days off, each version of the days off by law, or each season and channel
    of the business hours; `labels` of channels."""
    said, report = _read(text, file)
    if "festivals" in said:
        return tuple(_days_off(said, report))
    if "seasons" in said:
        return tuple(_hours(said, report, labels))
    listed = said.get("notices")
    notices = listed if isinstance(listed, list) else [said] if "notice" in said else []
    return tuple(_notice(each, report, number) for number, each in enumerate(notices) if isinstance(each, dict))


def _notice(said: Mapping[str, Any], report: Report, number: int) -> Sourced:
    name = str(said.get("number") or said.get("notice"))
    return Sourced(
        kind="notice",
        home="calendar",
        name=str(said.get("year")),
        label=_NOTICE.filled(year=said.get("year"), number=name),
        number=None,
        basis=name,
        source=str(said.get("source")),
        verified=said.get("verified") is True,
        in_force=(None, None),
        file=report.file,
        line=report.spot(("notices", number), value=True).line,
    )


def _days_off(said: Mapping[str, Any], report: Report) -> Iterator[Sourced]:
    for number, each in enumerate(said.get("days_off") or ()):
        if isinstance(each, dict):
            since = str(each["in_force"]["from"])
            yield Sourced(
                kind="notice",
                home="calendar",
                name=since,
                label=_DAYS_OFF.filled(since=since),
                number=None,
                basis=_DAYS_OFF_BASIS,
                source=str(each.get("source")),
                verified=each.get("verified") is True,
                in_force=(since, None),
                file=report.file,
                line=report.spot(("days_off", number), value=True).line,
            )


def _hours(said: Mapping[str, Any], report: Report, labels: Mapping[str, Text]) -> Iterator[Sourced]:
    for section, key in (("seasons", "name"), ("channels", "channel")):
        for number, each in enumerate(said.get(section) or ()):
            if isinstance(each, dict):
                name = str(each.get(key))
                yield Sourced(
                    kind="hours",
                    home="hours",
                    name=name,
                    label=_HOURS.filled(what=labels.get(name) or Text(name, str(each.get("en") or name))),
                    number=None,
                    basis=None,
                    source=str(each.get("source")),
                    verified=each.get("verified") is True,
                    in_force=(None, None),
                    file=report.file,
                    line=report.spot((section, number), value=True).line,
                )


def uses_of(text: str, file: str) -> Iterator[Use]:
    """What a definition takes from catalogues: each limit by its name, of the others the whole."""
    said, _ = _read(text, file)
    kind = str(said.get("id"))
    for name, clock in _table(said, "deadlines").items():
        limit = clock.get("limit") if isinstance(clock, dict) else None
        if isinstance(limit, dict) and "law" in limit:
            yield LIMITS, str(limit["law"]), f"{kind}.{name}"
    named = [each.get("catalogue") for each in _table(said, "fields").values() if isinstance(each, dict)]
    roles = said.get("roles")
    named += [roles.get("catalogue")] if isinstance(roles, dict) else []
    for catalogue in dict.fromkeys(each for each in named if each):
        yield str(catalogue), None, kind


def _read(text: str, file: str) -> tuple[Mapping[str, Any], Report]:
    report = Report(file)
    try:
        said = read(text, report)
    except Stop:
        return {}, report
    return said if isinstance(said, dict) else {}, report


def _table(said: Mapping[str, Any], section: str) -> Mapping[str, Any]:
    found = said.get(section)
    return found if isinstance(found, dict) else {}


_HOURS = Text("业务时间（{what}）", "business hours ({what})")
_DAYS_OFF = Text("法定节假日天数（{since}起）", "days off by law (from {since})")
_DAYS_OFF_BASIS = "全国年节及纪念日放假办法 2"
_NOTICE = Text("{year}年放假通知（{number}）", "days off of {year} ({number})")
