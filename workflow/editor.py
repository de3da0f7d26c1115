"""The JSON Schemas of definitions and catalogues, from which an editor completes keys and shows their meaning."""

from __future__ import annotations

import json
from typing import Any

from workflow.catalogue import CatalogueFile
from workflow.notation import PART, PARTS, Entry
from workflow.schema import DefinitionFile


def json_schema() -> dict[str, Any]:
    """The JSON Schema of a definition file, for editors."""
    return for_editors(DefinitionFile, "gongkai definition")


def catalogue_schema() -> dict[str, Any]:
    """The JSON Schema of a catalogue, for editors."""
    return for_editors(CatalogueFile, "gongkai catalogue")


def for_editors(file: type[Entry], title: str) -> dict[str, Any]:
    """The JSON Schema of one form of file, with the parts of a condition where they are asked for."""
    made = _tidied(file.model_json_schema(by_alias=True))
    parts = {name: part for name, part in PARTS.items() if _asks_for(made, name)}
    if parts:
        made["$defs"] = dict(sorted({**made["$defs"], **_tidied(parts)}.items()))
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title, **made}


def _tidied(said: Any) -> Any:
    """The same without what an editor would show in one language only (names and docstrings of ours), parts by reference."""
    if isinstance(said, list):
        return [_tidied(each) for each in said]
    if not isinstance(said, dict):
        return said
    kept = {key: _tidied(each) for key, each in said.items() if key != PART and not _is_ours_alone(key, each)}
    kept = _without_nothing(kept) if kept.get("default", ...) is None else kept
    return {"$ref": f"#/$defs/{said[PART]}", **kept} if PART in said else kept


def _without_nothing(said: dict[str, Any]) -> dict[str, Any]:
    """A key that need not be there is left out, not written as null: an editor shall not offer that."""
    forms = [each for each in said["anyOf"] if each != {"type": "null"}]
    kept = {key: each for key, each in said.items() if key not in ("anyOf", "default")}
    return {**(forms[0] if len(forms) == 1 else {"anyOf": forms}), **kept}


def _is_ours_alone(key: str, said: Any) -> bool:
    return isinstance(said, str) and (key == "title" or (key == "description" and " / " not in said))


def _asks_for(said: Any, part: str) -> bool:
    return f'"#/$defs/{part}"' in json.dumps(said)


def as_text(schema: dict[str, Any]) -> str:
    """A schema as its file holds it."""
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    import sys

    print(as_text(catalogue_schema() if "catalogue" in sys.argv[1:] else json_schema()), end="")
