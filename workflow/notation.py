"""How single things are written in a file: names, days, limits, conditions, effects; and what every entry of it is.

Below `schema.py`, which says what a definition and a catalogue hold.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

NAME = r"^[a-z][a-z0-9_]{0,39}$"
CHOICE = r"^[^\s,、;；:：\"'{}\[\]]{1,40}$"

#: The longest limit that can be meant, by unit; a longer one is a slip of the pen.
LONGEST = {"working days": 1000, "calendar days": 3660, "months": 120, "hours": 8760}
_LIMIT = r"^(0|[1-9]\d{0,3}) (working days?|calendar days?|months?|hours?)$"


def _one_or_many(said: Any) -> Any:
    return [said] if isinstance(said, str) else said


def _is_date(said: str) -> str:
    try:
        well = date.fromisoformat(said).isoformat() == said
    except ValueError:
        well = False
    if not well:
        raise PydanticCustomError("bad_date", "not a date")
    return said


def _is_span(said: str) -> str:
    """The limit, its unit in the plural whatever the number."""
    if not re.match(_LIMIT, said):
        raise PydanticCustomError("bad_limit", "not a limit")
    count, _, unit = said.partition(" ")
    unit = unit if unit.endswith("s") else unit + "s"
    if int(count) > LONGEST[unit]:
        raise PydanticCustomError("limit_range", "too long", {"longest": f"{LONGEST[unit]} {unit}"})
    return f"{count} {unit}"


def _is_limit(said: str) -> str:
    span = _is_span(said)
    if span.startswith("0 "):
        raise PydanticCustomError("limit_range", "too short", {"longest": f"{LONGEST[span[2:]]} {span[2:]}"})
    return span


def listed_or_mapped(said: Any) -> str:
    """Which of two forms is written: a mapping, or text or a list."""
    return "mapped" if isinstance(said, dict | BaseModel) else "listed"


Name = Annotated[str, Field(pattern=NAME)]
TrailName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}(\.[a-z][a-z0-9_]{0,39})?$")]
ChoiceName = Annotated[str, Field(pattern=CHOICE)]
Words = Annotated[str, Field(min_length=1, max_length=500, pattern=r"\S")]
Names = Annotated[
    list[Name],
    BeforeValidator(_one_or_many),
    Field(min_length=1, max_length=200),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": NAME},
                {"type": "array", "items": {"type": "string", "pattern": NAME}, "minItems": 1},
            ]
        }
    ),
]
Day = Annotated[str, AfterValidator(_is_date), Field(json_schema_extra={"format": "date"})]
LimitText = Annotated[str, AfterValidator(_is_limit), Field(json_schema_extra={"pattern": _LIMIT})]
Span = Annotated[str, AfterValidator(_is_span), Field(json_schema_extra={"pattern": _LIMIT})]
ScalarValue = str | int | bool | None

# Conditions and assignments are judged by the loader, which knows the fields: here stands only what an editor needs.
ConditionText = Annotated[
    dict[str, Any],
    WithJsonSchema(
        {
            "type": "object",
            "minProperties": 1,
            "description": "条件：字段→值（set、unset、值、值的列表、{at_least: n}、{before: 日期}、{on_or_after: 日期}、{same_as: 字段}），any、all、not；各键须同时成立 / "
            "condition: field → value (set, unset, a value, a list of values, {at_least: n}, {before: day}, {on_or_after: day}, "
            "{same_as: field}), any, all, not; all keys must hold",
            "properties": {
                "any": {"type": "array", "minItems": 1, "items": {"type": "object", "minProperties": 1}},
                "all": {"type": "array", "minItems": 1, "items": {"type": "object", "minProperties": 1}},
                "not": {"type": "object", "minProperties": 1},
            },
            "additionalProperties": {
                "anyOf": [
                    {"type": ["string", "integer", "boolean"]},
                    {"type": "array", "minItems": 1, "items": {"type": ["string", "integer", "boolean"]}},
                    *(
                        {"type": "object", "properties": {key: of}, "required": [key], "additionalProperties": False}
                        for key, of in (
                            ("at_least", {"type": "integer"}),
                            ("before", {"type": "string", "format": "date"}),
                            ("on_or_after", {"type": "string", "format": "date"}),
                            ("same_as", {"type": "string"}),
                        )
                    ),
                ]
            },
        }
    ),
]
_TRAIL = {"type": "string", "pattern": r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$"}
AssignmentValue = Annotated[
    Any,
    WithJsonSchema(
        {
            "description": "值，null 为清除，{today: true} 当日，{actor: true} 办理人姓名，{copy: 字段}，{add: n}，{due: 时限} 该时限最后一日，"
            "{latest: 子事项.字段} 其中最晚的日期，{tariff: 收费标准}，{choose: [{if: 条件, then: 写法}, …]} 首个条件成立者 / "
            "a value, null clears, {today: true}, {actor: true} the name of who acts, {copy: field}, {add: n}, {due: clock} its last day, "
            "{latest: child.field} the latest such day, {tariff: name}, {choose: [{if: condition, then: …}, …]} the first that holds",
            "anyOf": [
                {"type": ["string", "integer", "boolean", "null"]},
                *(
                    {"type": "object", "properties": {key: of}, "required": [key], "additionalProperties": False}
                    for key, of in (
                        ("today", {"const": True}),
                        ("actor", {"const": True}),
                        ("copy", {"type": "string"}),
                        ("add", {"type": "integer"}),
                        ("due", {"type": "string"}),
                        ("latest", {"anyOf": [_TRAIL, {"type": "array", "minItems": 1, "items": _TRAIL}]}),
                        ("tariff", {"type": "string"}),
                        (
                            "choose",
                            {
                                "type": "array",
                                "minItems": 1,
                                "items": {
                                    "type": "object",
                                    "properties": {"if": {"type": "object"}, "then": {}},
                                    "required": ["then"],
                                    "additionalProperties": False,
                                },
                            },
                        ),
                    )
                ),
            ],
        }
    ),
]


def means(zh: str, en: str, **more: Any) -> Any:
    """One key of the format, with its meaning in both languages."""
    return Field(description=f"{zh} / {en}", **more)


class Entry(BaseModel):
    """Any mapping of the format: no unknown key, no silent conversion."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, serialize_by_alias=True)


class Labelled(Entry):
    """A thing that people read the name of."""

    zh: Words = means("中文名称或句子", "name or sentence in Chinese")
    en: Words = means("英文名称或句子", "name or sentence in English")
