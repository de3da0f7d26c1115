"""The pages about definitions against the code: the example loads, every key and every finding is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from workflow.loader import accept, read_catalogue
from workflow.loader.__main__ import as_page
from workflow.schema import CatalogueFile, json_schema

HOUSE = Path(__file__).resolve().parent.parent.parent
PAGE = (HOUSE / "docs/definitions.md").read_text(encoding="utf-8")


def keys() -> Iterator[str]:
    """Every key of the format as its row of a table."""
    for schema in (json_schema(), CatalogueFile.model_json_schema(by_alias=True)):
        for name, part in ((None, schema), *schema["$defs"].items()):
            yield from rows(name, part)


def rows(part: str | None, said: dict[str, Any]) -> Iterator[str]:
    required = said.get("required", ())
    for key, meaning in said["properties"].items():
        if key not in ("zh", "en") or part == "Labelled":
            zh, _, en = meaning["description"].partition(" / ")
            yield f"| `{key}`{' *' if key in required else ''} | {zh} | {en} |"


def test_the_example_in_the_page_is_a_definition() -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    roles = read_catalogue((HOUSE / "definitions/catalogues/roles.yaml").read_bytes(), "roles.yaml")

    said = accept(example, "docs/definitions.md", {"roles": roles})

    assert (said.id, said.notes) == ("stamp", ())


def test_the_change_in_the_page_makes_a_definition_of_the_shipped_one() -> None:
    (change,) = re.findall(r"```diff\n(.*?)```", PAGE, re.DOTALL)
    told = (HOUSE / "definitions/document.yaml").read_text(encoding="utf-8")
    catalogues = [read_catalogue(each.read_bytes(), each.name) for each in HOUSE.glob("definitions/catalogues/*.yaml")]
    version, *parts = re.split(r"^ (?=\w+:$)", change, flags=re.MULTILINE)
    old, new = version.split()[:2], version.split()[2:]
    told = told.replace(" ".join(old).removeprefix("-"), " ".join(new).removeprefix("+"), 1)
    for part in parts:
        key, *added = part.splitlines()
        told = told.replace(f"\n{key}\n", "\n".join(["", key, *(line.removeprefix("+") for line in added), ""]), 1)

    said = accept(told, "document.yaml", {each.id: each for each in catalogues})

    assert (said.version, said.notes) == (2, ())
    assert all(line[1:] in told for line in change.splitlines() if line.startswith("+"))


@pytest.mark.parametrize("row", sorted(set(keys())))
def test_every_key_of_the_format_stands_in_the_page(row: str) -> None:
    assert row in PAGE


def test_the_page_names_no_key_that_the_format_lacks() -> None:
    written = {line for line in PAGE.splitlines() if re.match(r"\| `[a-z_]+`( \*)? \| .* \| .* \|$", line)}

    assert written <= set(keys())


def test_the_page_of_findings_is_current() -> None:
    page = (HOUSE / "docs/reference/findings.md").read_text(encoding="utf-8")

    assert page == as_page(), "run: python -m workflow.loader > docs/reference/findings.md"
