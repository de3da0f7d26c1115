"""What a definition uses that nobody has yet compared with its source (待核对): notes, for a legal officer to work down.

A fee or a ground for withholding that is only remembered may be right: it stops no file, and it is not forgotten.
"""

from __future__ import annotations

from collections.abc import Mapping

from workflow.loader.draft import Catalogue, Draft, label_of
from workflow.loader.flow import used_fields
from workflow.loader.report import Path, Report
from workflow.schema import CatalogueEntry, CatalogueFile, ChoiceEntry
from workflow.text import Text


def note_unverified(draft: Draft, catalogues: Mapping[str, Catalogue]) -> None:
    """Note every tariff, catalogue and value that the file uses, each where its `verified: false` is written."""
    for name, tariff in draft.file.tariffs.items():  # one that is not used is a fault
        if not tariff.verified:
            place = ("tariffs", name, "verified")
            draft.report.note(place, "unverified", name=label_of(tariff), source=tariff.source)
    used = used_fields(draft)
    fields = {name: field for name, field in draft.file.fields.items() if name in used}
    for name, field in fields.items():
        _note_values(draft.report, ("fields", name, "values"), field.values or {}, _NOT_SAID)
    for catalogue in dict.fromkeys((draft.file.roles.catalogue, *(field.catalogue for field in fields.values()))):
        if catalogue:
            draft.report.notes.extend(catalogues[catalogue].notes)


def note_unverified_values(catalogue: CatalogueFile, report: Report) -> None:
    """Note the catalogue, or those of its values of which it says so."""
    if not catalogue.verified:
        report.note(("verified",), "unverified", name=catalogue.id, source=catalogue.source)
    else:
        _note_values(report, ("values",), catalogue.values, catalogue.source)


def _note_values(
    report: Report, path: Path, values: Mapping[str, ChoiceEntry | CatalogueEntry], source: object
) -> None:
    for value, said in values.items():
        if said.facts.get("verified") is False:
            name = Text(f"{value} {said.zh}", f"{value} {said.en}")
            report.note((*path, value), "unverified", name=name, source=said.facts.get("source") or source)


_NOT_SAID = Text("未写明", "not said")
