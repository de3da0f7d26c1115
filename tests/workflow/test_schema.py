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
import yaml
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from workflow.checks import REGISTRY
from workflow.editor import as_text, catalogue_schema, json_schema
from workflow.schema import DefinitionFile

HOUSE = Path(__file__).resolve().parent.parent.parent
DEFINITIONS = HOUSE / "definitions"
SCHEMAS = {
    DEFINITIONS / "schema.json": json_schema(),
    DEFINITIONS / "catalogues" / "schema.json": catalogue_schema(),
}
GOOD = sorted((HOUSE / "tests" / "definitions" / "good").glob("*.yaml"))


def described(said: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Every key that may be written, wherever it stands, with what an editor shows of it."""
    if isinstance(said, list):
        for number, each in enumerate(said):
            yield from described(each, f"{place}/{number}")
    if isinstance(said, dict):
        for name, key in said.get("properties", {}).items():
            yield f"{place}.{name}", key.get("description", "")
        for name, each in said.items():
            yield from described(each, f"{place}/{name}")


def mappings(said: Any) -> Iterator[dict[str, Any]]:
    if isinstance(said, list):
        for each in said:
            yield from mappings(each)
    if isinstance(said, dict):
        if isinstance(said.get("properties"), dict) and said.get("type") == "object":
            yield said
        for each in said.values():
            yield from mappings(each)


@pytest.mark.parametrize("file", SCHEMAS, ids=lambda file: file.parent.name)
def test_the_schema_in_the_repository_is_current(file: Path) -> None:
    assert file.read_text(encoding="utf-8") == as_text(SCHEMAS[file]), "run: make generate"


@pytest.mark.parametrize(("words", "schema"), [([], json_schema()), (["catalogue"], catalogue_schema())])
def test_the_schema_can_be_printed(words: list[str], schema: dict[str, Any]) -> None:
    command = [sys.executable, "-m", "workflow.editor", *words]
    printed = subprocess.run(command, cwd=HOUSE, capture_output=True, check=True)

    assert json.loads(printed.stdout) == schema


@pytest.mark.parametrize(("key", "said"), [each for schema in SCHEMAS.values() for each in described(schema)])
def test_every_key_is_explained_in_both_languages(key: str, said: str) -> None:
    zh, slash, en = said.partition(" / ")

    assert slash, key
    assert re.search(r"[\u4e00-\u9fff]", zh), key
    assert re.search(r"[a-z]{3}", en), key
    assert not re.search(r"[\u4e00-\u9fff]", en.replace("元", "")), key


@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=["definition", "catalogue"])
def test_an_editor_shows_no_word_of_ours_in_one_language_only(schema: dict[str, Any]) -> None:
    def shown(said: Any) -> Iterator[str]:
        for each in said.values() if isinstance(said, dict) else said if isinstance(said, list) else ():
            yield from shown(each)
        if isinstance(said, dict):
            yield from (said[key] for key in ("title", "description") if isinstance(said.get(key), str))

    assert [each for each in shown(schema) if " / " not in each] == [schema["title"]]


@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=["definition", "catalogue"])
def test_no_key_is_unknown_to_an_editor(schema: dict[str, Any]) -> None:
    open_ones = [each for each in mappings(schema) if each.get("additionalProperties") is not False]

    # Only a condition is open: its keys are the names of fields.
    assert all({"any", "all", "not"} == set(each["properties"]) for each in open_ones)


def test_an_editor_offers_every_registered_check() -> None:
    assert set(json_schema()["$defs"]["GuardEntry"]["properties"]["check"]["examples"]) == set(REGISTRY)


@pytest.mark.parametrize(
    "file", [*DEFINITIONS.glob("*.yaml"), *DEFINITIONS.glob("catalogues/*.yaml"), *GOOD], ids=lambda file: file.name
)
def test_an_editor_finds_nothing_in_what_the_program_accepts(file: Path) -> None:
    schema = SCHEMAS[DEFINITIONS / ("catalogues/schema.json" if file.parent.name == "catalogues" else "schema.json")]
    Draft202012Validator.check_schema(schema)

    said = yaml.load(file.read_text(encoding="utf-8"), yaml.CSafeLoader)

    assert [each.message for each in Draft202012Validator(schema).iter_errors(said)] == []


@pytest.mark.parametrize(
    "file", [*DEFINITIONS.glob("*.yaml"), *DEFINITIONS.glob("catalogues/*.yaml")], ids=lambda f: f.name
)
def test_a_shipped_file_tells_an_editor_its_schema(file: Path) -> None:
    first = file.read_text(encoding="utf-8").splitlines()[0]

    named = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first)

    assert named
    assert (file.parent / named[1]).resolve() in SCHEMAS


@pytest.mark.parametrize(
    ("where", "wrong"),
    [
        ("guards.if", {"any": {"a": "set"}}),
        ("guards.if", {"a": {"at_most": 3}}),
        ("guards.if", {"not": [{"a": "set"}]}),
        ("guards.if", {"all": [{"a": {"before": 2019}}]}),
        ("transitions.set", {"today": False}),
        ("transitions.set", {"copy": "a", "add": 1}),
        ("transitions.set", {"choose": [{"if": {"a": "set"}}]}),
    ],
)
def test_an_editor_marks_what_is_wrong_inside_a_condition_or_an_effect(where: str, wrong: dict[str, Any]) -> None:
    part, key = where.split(".")
    named = {"guards": {"zh": "甲", "en": "a"}, "transitions": {"from": "a", "to": "a", "zh": "甲", "en": "a"}}[part]
    said = {part: {"a": {**named, key: wrong if key == "if" else {"a": wrong}}}}

    wrongs = [
        list(each.absolute_path)[:3] for each in Draft202012Validator(json_schema()).iter_errors(said) if each.path
    ]

    assert [part, "a", key] in wrongs


def test_a_definition_says_at_least_what_it_is_and_how_it_moves() -> None:
    required = ["format", "id", "version", "prefix", "title", "roles", "fields", "states", "transitions"]

    assert json_schema()["required"] == required


@pytest.mark.parametrize(
    "limit",
    [
        "1 working day",
        "20 working days",
        "1 month",
        "6 months",
        "15 calendar days",
        "5 hours",
        "01-31 of the next year",
        "12-31 of the same year",
    ],
)
def test_a_limit_is_a_number_and_a_unit(limit: str) -> None:
    written, *others = json_schema()["$defs"]["DeadlineEntry"]["properties"]["limit"]["oneOf"]
    pattern = written["pattern"]

    assert re.search(pattern, limit)
    assert others == [{"$ref": "#/$defs/FieldLimit"}, {"$ref": "#/$defs/LawLimit"}]


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
        "13-01 of the next year",
        "02-30 of the next year",
        "1-31 of the next year",
        "01-31 of the last year",
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
