"""The JSON Schema that editors use: current, explained in both languages, and of one mind with the loader."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from workflow.schema import DefinitionFile, as_text, json_schema

HOUSE = Path(__file__).resolve().parent.parent.parent
WRITTEN = HOUSE / "definitions" / "schema.json"


def described(schema: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for part in (schema, *schema["$defs"].values()):
        for name, said in part["properties"].items():
            yield f"{part.get('title')}.{name}", said.get("description", "")


def test_the_schema_in_the_repository_is_current() -> None:
    assert WRITTEN.read_text(encoding="utf-8") == as_text(), "run: python -m workflow.schema > definitions/schema.json"


def test_the_schema_can_be_printed() -> None:
    printed = subprocess.run([sys.executable, "-m", "workflow.schema"], cwd=HOUSE, capture_output=True, check=True)

    assert json.loads(printed.stdout) == json_schema()


@pytest.mark.parametrize(("key", "said"), list(described(json_schema())))
def test_every_key_is_explained_in_both_languages(key: str, said: str) -> None:
    zh, _, en = said.partition(" / ")

    assert re.search(r"[\u4e00-\u9fff]|^enum", zh), key
    assert en, key


def test_no_key_is_unknown_to_an_editor() -> None:
    for part in (json_schema(), *json_schema()["$defs"].values()):
        assert part["additionalProperties"] is False, part.get("title")


def test_a_definition_says_at_least_what_it_is_and_how_it_moves() -> None:
    required = ["format", "id", "version", "prefix", "title", "roles", "fields", "states", "transitions"]

    assert json_schema()["required"] == required


@pytest.mark.parametrize(
    "limit", ["1 working day", "20 working days", "1 month", "6 months", "15 calendar days", "5 hours"]
)
def test_a_limit_is_a_number_and_a_unit(limit: str) -> None:
    written, counted = json_schema()["$defs"]["DeadlineEntry"]["properties"]["limit"]["oneOf"]
    pattern = written["pattern"]

    assert re.search(pattern, limit)
    assert counted == {"$ref": "#/$defs/FieldLimit"}


@pytest.mark.parametrize(
    "limit",
    [
        "0 working days",
        "-1 hours",
        "three days",
        "3 days",
        "03 hours",
        "3  hours",
        "3 hours ",
        "9999 hours",
        "121 months",
        "",
    ],
)
def test_what_is_no_limit_is_refused(limit: str) -> None:
    deadline = {"clock": "internal", "runs_in": ["a"], "limit": limit, "zh": "甲", "en": "a"}

    with pytest.raises(ValidationError) as raised:
        DefinitionFile.model_validate({"deadlines": {"a": deadline}})

    assert ("deadlines", "a", "limit") in {error["loc"][:3] for error in raised.value.errors()}


@pytest.mark.parametrize("value", ["1", 1.0, True])
def test_a_version_is_a_whole_number_and_nothing_like_it(value: object) -> None:
    with pytest.raises(ValidationError) as raised:
        DefinitionFile.model_validate({"version": value})

    assert ("version",) in {error["loc"] for error in raised.value.errors() if error["type"] == "int_type"}
