"""The way of one definition from text to what is stored, and the same for a catalogue."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from workflow.catalogue import CatalogueFile
from workflow.errors import Finding
from workflow.loader.acts import acts_of
from workflow.loader.children import check_children
from workflow.loader.draft import Catalogue, Draft, label_of, roles_by_state
from workflow.loader.flow import check_flow
from workflow.loader.laws import by_the_law, check_limits
from workflow.loader.names import RESERVED, check_names
from workflow.loader.report import Report, Stop, suggestion
from workflow.loader.shape import shaped
from workflow.loader.source import read
from workflow.loader.unverified import laws_named, note_unverified, unverified_values
from workflow.model import Definition
from workflow.schema import DefinitionFile
from workflow.text import Text

#: These stand in every accepted definition; those that came later only where a file has them, so that no digest moves.
_ALWAYS = ("fields", "guards", "states", "transitions", "deadlines", "never")
#: Files that stand beside a definition, and are easily handed over in its place.
_OTHERS = {
    "gongkai-scenarios/1": (Text("情景", "a file of scenarios"), "gongkai definitions test"),
    "gongkai-migration/1": (
        Text("迁移计划", "a plan of migration"),
        "gongkai definitions migrate --dry-run --as admin",
    ),
}
_SECTIONS = (*_ALWAYS, "children", "letters", "tariffs", "passes")

#: Faults with which a definition still says all that can happen, so that it can be proved none the less.
_LEAVES_IT_WHOLE = ("unused-guard", "idle-role", "needless-waiver", "no-basis", "clock-basis", "letter-basis")


@dataclass(frozen=True, slots=True)
class Waived:
    """A check that the file asks not to be held to, where, and in its own words why."""

    check: str
    at: str  # state, deadline or role
    label: Text
    reason: str
    file: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Accepted:
    """A definition that holds: its JSON is all that the engine needs, its YAML what the office wrote."""

    id: str
    version: int
    digest: str
    json: dict[str, Any]
    yaml: str
    notes: tuple[Finding, ...]
    waived: tuple[Waived, ...]
    report: Report = field(repr=False, compare=False)  # where each part stands in the file

    @property
    def canonical(self) -> str:
        """The JSON as text, over which the digest is taken; the order of states and steps is meaning and stays."""
        return canonical(self.json)


def canonical(accepted: Mapping[str, Any]) -> str:
    """The one way to write an accepted definition."""
    return json.dumps(accepted, ensure_ascii=False, separators=(",", ":"))


def accept(
    text: str | bytes,
    file: str,
    catalogues: Mapping[str, Catalogue],
    check_names: Iterable[str] | None = None,
    others: Mapping[str, Definition] | None = None,
    besides: list[Finding] | None = None,
) -> Accepted:
    """The definition that the text says; raises BadDefinition with every fault found. Bytes are read as UTF-8.

    `others` are the accepted kinds that its sub-cases may be of; without them only what one file can show is judged. A list
    `besides` takes what leaves the definition whole, if nothing else is amiss: whoever took a guard away is to hear what that lets happen.
    """
    return judged(begun(text, file, catalogues, check_names), others, besides)


def begun(
    text: str | bytes, file: str, catalogues: Mapping[str, Catalogue], check_names: Iterable[str] | None = None
) -> Draft:
    """What the text says, yet to be judged: once by itself, and once beside other kinds. Raises BadDefinition for what is no definition."""
    report = Report(file)
    try:
        return _read_definition(text, report, catalogues, check_names)
    except Stop:
        report.raise_any()
        raise


def judged(
    draft: Draft, others: Mapping[str, Definition] | None = None, besides: list[Finding] | None = None
) -> Accepted:
    """The definition that has been read, judged as `accept` does it."""
    whole = draft.beside(others)
    report = whole.report
    try:
        check_names(whole)
        check_children(whole)
        if not report.findings:  # what a broken entry would have done is not known
            check_flow(whole)
            note_unverified(whole)
    except Stop:
        report.raise_any()
        raise
    if besides is not None and all(each.code in _LEAVES_IT_WHOLE for each in report.findings):
        besides += report.findings
    else:
        report.raise_any()
    said = _as_json(whole)
    return Accepted(
        id=whole.file.id,
        version=whole.file.version,
        digest=hashlib.sha256(canonical(said).encode()).hexdigest(),
        json=said,
        yaml="\n".join(report.lines),
        notes=tuple(report.notes),
        waived=tuple(_waived(whole)),
        report=report,
    )


def read_catalogue(
    text: str | bytes, file: str, today: date | None = None, used: Container[str] | None = None
) -> Catalogue:
    """The catalogue that the text says; raises BadDefinition with every fault found.

    With a day, each limit (of those used, if said) has to be in force on it by one of its versions.
    """
    report = Report(file)
    try:
        said = shaped(CatalogueFile, read(text, report), report)
        for name in said.values:
            if name in RESERVED["choices"]:
                report.of(("values", name), "reserved-name", name=name)
        check_limits(said, report, today, used)
    except Stop:
        report.raise_any()
        raise
    report.raise_any()
    values = {name: entry.model_dump(by_alias=True, exclude_defaults=True) for name, entry in said.values.items()}
    return Catalogue(said.id, said.source, said.verified, values, tuple(unverified_values(said, report)))


def _read_definition(
    text: str | bytes,
    report: Report,
    catalogues: Mapping[str, Catalogue],
    checks: Iterable[str] | None,
) -> Draft:
    value = read(text, report)
    if known := _OTHERS.get(value.get("format")) if isinstance(value.get("format"), str) else None:
        what, typed = known
        report.of(
            ("format",), "other-file", value=True, what_zh=what.zh, what_en=what.en, typed=f"{typed} {report.file}"
        )
        raise Stop
    names = {section: tuple(value[section]) if isinstance(value.get(section), dict) else () for section in _SECTIONS}
    said = shaped(DefinitionFile, value, report)
    file = by_the_law(said, report, catalogues)
    roles = _roles(file, report, catalogues)
    return Draft(
        file=file,
        report=report,
        names=names,
        roles=roles,
        acts=acts_of(file, roles or (), report, catalogues),
        choices={name: _choices(file, name, report, catalogues) for name in file.fields},
        checks=frozenset(_registered() if checks is None else checks),
        catalogues=catalogues,
        laws=laws_named(said),
    )


def _waived(draft: Draft) -> Iterator[Waived]:
    for number, each in enumerate(draft.file.waive):
        places = {"states": each.state, "deadlines": each.deadline, "roles": each.role}
        section, at = next((section, at) for section, at in places.items() if at)
        spot = draft.report.spot(("waive", number))
        yield Waived(each.check, at, _called(draft, section, at), each.reason, draft.report.file, *spot)


def _called(draft: Draft, section: str, name: str) -> Text:
    """What a state, a deadline or a role of the file is called."""
    if section == "roles":
        role = (draft.roles or {})[name]
        return Text(role["zh"], role["en"])
    return label_of(draft.file.states[name] if section == "states" else draft.file.deadlines[name])


def _registered() -> Iterable[str]:
    from workflow.checks import REGISTRY

    return REGISTRY


def _roles(file: DefinitionFile, report: Report, catalogues: Mapping[str, Catalogue]) -> dict[str, Any] | None:
    said = file.roles
    if not report.is_whole(("roles",)):
        return None
    if (said.values is None) == (said.catalogue is None):
        report.of(("roles",), "role-source")
        return None
    if said.values is not None:
        return {name: role.model_dump(exclude_none=True) for name, role in said.values.items()}
    catalogue = _catalogue(str(said.catalogue), ("roles", "catalogue"), report, catalogues)
    if catalogue is None:
        return None
    for name, role in catalogue.values.items():
        if "scope" not in role or not name.isidentifier() or name in RESERVED["roles"]:
            report.of(("roles", "catalogue"), "not-roles", value=True, name=catalogue.id, lacking=name)
            return None
    return {
        name: {key: said[key] for key in ("zh", "en", "scope", "rank") if key in said}
        for name, said in catalogue.values.items()
    }


def _choices(
    file: DefinitionFile, name: str, report: Report, catalogues: Mapping[str, Catalogue]
) -> dict[str, Any] | None:
    field = file.fields[name]
    if not report.is_whole(("fields", name)):
        return None
    if field.values is not None:
        return {value: said.model_dump(exclude_defaults=True) for value, said in field.values.items()}
    if field.catalogue is None:
        return None
    catalogue = _catalogue(field.catalogue, ("fields", name, "catalogue"), report, catalogues)
    if catalogue is None:
        return None
    origin = {"source": catalogue.source, "verified": catalogue.verified}
    return {
        value: {"zh": said["zh"], "en": said["en"], "facts": {**origin, **_own_origin(said), **said.get("facts", {})}}
        for value, said in catalogue.values.items()
    }


def _own_origin(said: Mapping[str, Any]) -> dict[str, Any]:
    return {key: said[key] for key in ("source", "verified") if key in said}


def _catalogue(
    name: str, path: tuple[str, ...], report: Report, catalogues: Mapping[str, Catalogue]
) -> Catalogue | None:
    if name not in catalogues:
        report.of(path, "unknown-catalogue", value=True, name=name, hint=suggestion(name, catalogues))
    return catalogues.get(name)


def _as_json(draft: Draft) -> dict[str, Any]:
    """What `accepted.definition_from` reads: names resolved, shorthand written out, defaults left out."""
    said = draft.file.model_dump(by_alias=True, exclude_defaults=True)
    said["roles"] = draft.roles
    for name, choices in draft.choices.items():
        if choices is not None:
            said["fields"][name]["values"] = choices
    for name, step in draft.file.transitions.items():
        said["transitions"][name]["roles"] = roles_by_state(step)
    for section in _ALWAYS:
        said.setdefault(section, {})
    said.pop("acts", None)
    if draft.acts:
        said["acts"] = draft.acts
    return said
