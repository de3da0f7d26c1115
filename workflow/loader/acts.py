"""The everyday acts of a definition: those of the catalogue, as far as the definition knows their roles and does not narrow them.

They are written out when a definition is accepted, as the limits of the law are: the engine reads no catalogue, and a
changed one is a changed digest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from workflow.catalogue import ACTS
from workflow.loader.draft import Catalogue
from workflow.loader.report import Path, Report, suggestion
from workflow.notation import ActEntry
from workflow.schema import DefinitionFile


def acts_of(
    file: DefinitionFile, roles: Iterable[str], report: Report, catalogues: Mapping[str, Catalogue]
) -> dict[str, dict[str, Any]]:
    """Every act that this definition has, written out; what it says of one that is none, or widens, is reported."""
    listed = catalogues[ACTS].values if ACTS in catalogues else {}
    # A step of the file's own that bears the name of an act stands in its place.
    known = {name: said for name, said in listed.items() if name not in file.transitions}
    for name, own in file.acts.items():
        if name in known:
            _check_narrower(own, known[name], ("acts", name), report)
        else:
            report.of(("acts", name), "unknown-act", name=name, hint=suggestion(name, known))
    acts = {name: _written_out(said, file.acts.get(name), {*roles}, catalogues) for name, said in known.items()}
    return {name: act for name, act in acts.items() if act["by"] or act["also"]}


def _written_out(
    said: Mapping[str, Any], own: ActEntry | None, roles: set[str], catalogues: Mapping[str, Catalogue]
) -> dict[str, Any]:
    by, also = (_own(own, said, key) for key in ("by", "also"))
    comment = (own and own.comment) or said.get("comment", "optional")
    written = {
        "zh": said["zh"],
        "en": said["en"],
        "by": [role for role in by if role in roles],
        "also": also,
        "comment": comment,
    }
    # A catalogue that is not there offers nothing to choose: the act then waits for it.
    choices = {told: _offered(catalogues.get(of)) for told, of in said.get("choices", {}).items()}
    return {**written, "choices": choices} if choices else written


def _offered(catalogue: Catalogue | None) -> dict[str, dict[str, Any]]:
    """The values to choose from, by name: what each is called, and whether it wants a comment."""
    values = catalogue.values if catalogue else {}
    keys = ("zh", "en", "comment")
    return {name: {key: said[key] for key in keys if said.get(key)} for name, said in values.items()}


def _own(own: ActEntry | None, said: Mapping[str, Any], key: str) -> list[str]:
    narrowed = getattr(own, key) if own else None
    return list(said.get(key, ()) if narrowed is None else narrowed)


def _check_narrower(own: ActEntry, said: Mapping[str, Any], path: Path, report: Report) -> None:
    """Who may act on any case is the catalogue's to say: a definition takes away, and adds nobody."""
    for key in ("by", "also"):
        for number, who in enumerate(getattr(own, key) or ()):
            if who not in said.get(key, ()):
                allowed = said.get(key, ())
                report.of((*path, key, number), "wider-act", value=True, name=who, known="、".join(allowed) or "—")
