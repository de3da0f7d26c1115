"""The pages about definitions against the code: the example loads, every key and every finding is there."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from workflow.editor import catalogue_schema, json_schema
from workflow.loader import accept, read_catalogue
from workflow.loader.__main__ import as_page
from workflow.notation import CONDITION, EFFECT, PARTS

HOUSE = Path(__file__).resolve().parent.parent.parent
PAGE = (HOUSE / "docs/definitions.md").read_text(encoding="utf-8")


def parts() -> Iterator[tuple[str, ...]]:
    """Every mapping of the format as the table that describes its keys."""
    for schema in (json_schema(), catalogue_schema()):
        for name, part in ((None, schema), *schema["$defs"].items()):
            if name not in PARTS and (table := tuple(rows(name, part))):
                yield table


def tables() -> Iterator[tuple[str, ...]]:
    """Every table of keys in the page."""
    for table in re.findall(r"^\| key \| 中文 \| English \|\n\|---\|---\|---\|\n((?:\|.*\n)+)", PAGE, re.MULTILINE):
        yield tuple(table.splitlines())


def written_keys(part: Any) -> Iterator[str]:
    """Every key that can stand in a condition or an effect."""
    for each in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from written_keys(each)
    if isinstance(part, dict):
        yield from part.get("properties", {})


def rows(part: str | None, said: dict[str, Any]) -> Iterator[str]:
    required = said.get("required", ())
    for key, meaning in said["properties"].items():
        if key not in ("zh", "en") or part == "Labelled":
            zh, _, en = meaning["description"].partition(" / ")
            yield f"| `{key}`{' *' if key in required else ''} | {zh} | {en} |"


def test_the_example_in_the_page_is_a_definition() -> None:
    (example,) = re.findall(r"```yaml\n(# yaml-language-server.*?)```", PAGE, re.DOTALL)
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

    assert (said.version, {note.code for note in said.notes}) == (2, {"unverified"})
    assert all(line[1:] in told for line in change.splitlines() if line.startswith("+"))


@pytest.mark.parametrize("table", sorted(set(parts())), ids=lambda table: re.findall("`(.*?)`", table[0])[0])
def test_every_key_of_the_format_is_described_exactly_once(table: tuple[str, ...]) -> None:
    assert Counter(tables())[table] == Counter(parts())[table]


def test_the_page_describes_no_key_that_the_format_lacks() -> None:
    rows = re.findall(r"^\| `[a-z_]+`(?: \*)? \| .* \| .* \|$", PAGE, re.MULTILINE)

    assert set(tables()) == set(parts())
    assert len(rows) == sum(map(len, tables()))


@pytest.mark.parametrize(
    ("part", "head", "also"),
    [
        (CONDITION, "写法 / said | 成立 / holds when", {"set", "unset"}),
        (EFFECT, "写法 / said | 写入 / writes", {"null"}),
    ],
)
def test_every_key_of_a_condition_and_an_effect_is_described_exactly_once(part: str, head: str, also: set[str]) -> None:
    (table,) = re.findall(rf"^\| {re.escape(head)} \|\n\|---\|---\|\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
    said = [each.split(" | ")[0] for each in table.splitlines()]

    for key in {*written_keys(PARTS[part]), *also}:
        places = [each for each in said if re.search(rf"\b{key}: |: {key}}}|`{key}`", each)]
        assert len(places) == 1, (key, places)


def test_the_page_of_findings_is_current() -> None:
    page = (HOUSE / "docs/reference/findings.md").read_text(encoding="utf-8")

    assert page == as_page(), "run: python -m workflow.loader > docs/reference/findings.md"
