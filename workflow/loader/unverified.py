"""What a definition uses that nobody has yet compared with its source (待核对): notes, for a legal officer to work down.

A fee or a ground for withholding that is only remembered may be right: it stops no file, and it is not forgotten.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workflow.catalogue import LIMITS, CatalogueEntry, CatalogueFile
from workflow.errors import Finding
from workflow.loader.draft import Draft, label_of
from workflow.loader.flow import used_fields
from workflow.loader.report import Path, Report
from workflow.schema import ChoiceEntry, DefinitionFile, LawLimit
from workflow.text import Text

#: Of a catalogue as a whole, not of one of its values.
WHOLE = ""


def laws_named(file: DefinitionFile) -> tuple[str, ...]:
    """The limits that the file takes from their catalogue."""
    return tuple(each.limit.law for each in file.deadlines.values() if isinstance(each.limit, LawLimit))


def note_unverified(draft: Draft) -> None:
    """Note every tariff, limit, catalogue and value that the file uses, each where its `verified: false` is written."""
    for name, tariff in draft.file.tariffs.items():  # one that is not used is a fault
        if not tariff.verified:
            place = ("tariffs", name, "verified")
            draft.report.note(place, "unverified", name=label_of(tariff), source=tariff.source)
    used = used_fields(draft)
    fields = {name: field for name, field in draft.file.fields.items() if name in used}
    for name, field in fields.items():
        _note_choices(draft.report, ("fields", name, "values"), field.values or {})
    for catalogue in dict.fromkeys((draft.file.roles.catalogue, *(field.catalogue for field in fields.values()))):
        if catalogue:
            draft.report.notes.extend(note for _, note in draft.catalogues[catalogue].notes)
    of_limits = draft.catalogues[LIMITS].notes if draft.laws else ()
    draft.report.notes.extend(note for name, note in of_limits if name in (WHOLE, *draft.laws))


def unverified_values(catalogue: CatalogueFile, report: Report) -> Iterator[tuple[str, Finding]]:
    """A note of the catalogue, or of each of its values and their versions of which it says so, with the value's name."""
    if not catalogue.verified:
        yield WHOLE, _note(report, ("verified",), catalogue.id, catalogue.source)
        return
    for name, said in catalogue.values.items():
        if False in (said.verified, said.facts.get("verified")):
            source = said.source or said.facts.get("source") or catalogue.source
            yield name, _note(report, ("values", name), _called(name, said, said.limit), source)
        for number, each in enumerate(said.versions):
            if not each.verified:
                here = ("values", name, "versions", number)
                yield name, _note(report, here, _called(name, said, each.limit), each.source)


def _note(report: Report, path: Path, name: object, source: object) -> Finding:
    return report.found(path, "unverified", {"name": name, "source": source}, names=(), way=())


def _note_choices(report: Report, path: Path, values: Mapping[str, ChoiceEntry]) -> None:
    for name, said in values.items():
        if said.facts.get("verified") is False:
            source = said.facts.get("source") or _NOT_SAID
            report.note((*path, name), "unverified", name=_called(name, said), source=source)


def _called(name: str, said: ChoiceEntry | CatalogueEntry, limit: str | None = None) -> Text:
    also = f" {limit}" if limit else ""
    return Text(f"{name} {said.zh}{also}", f"{name} {said.en}{also}")


_NOT_SAID = Text("未写明", "not said")
