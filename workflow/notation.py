"""How single things are written in a file: names, days, limits, conditions, effects; and what every entry of it is.

Below `schema.py`, which says what a definition and a catalogue hold.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError

NAME = r"^[a-z][a-z0-9_]{0,39}$"
CHOICE = r"^[^\s,、;；:：\"'{}\[\]]{1,40}$"

#: The longest limit that can be meant, by unit; a longer one is a slip of the pen.
LONGEST = {"working days": 1000, "calendar days": 3660, "months": 120, "hours": 8760}
_LIMIT = r"^(0|[1-9]\d{0,3}) (working days?|calendar days?|months?|hours?)$"
_YEARLY = r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01]) of the (next|same) year$"


def _one_or_many(said: Any) -> Any:
    return [said] if isinstance(said, str) else said


def _one_as_one(names: list[str]) -> str | list[str]:
    return names[0] if len(names) == 1 else names


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


def _is_term(said: str) -> str:
    """A limit, or a day of the calendar: `01-31 of the next year`."""
    if not re.match(_YEARLY, said):
        return _is_limit(said)
    try:
        date.fromisoformat(f"2024-{said[:5]}")  # a leap year: 02-29 is a day, and in other years the month's end
    except ValueError:
        raise PydanticCustomError("bad_limit", "not a day") from None
    return said


def listed_or_mapped(said: Any) -> str:
    """Which of two forms is written: a mapping, or text or a list."""
    return "mapped" if isinstance(said, dict | BaseModel) else "listed"


def form_of_limit(said: Any) -> str:
    """Which form of a limit is written: a text, a field that holds it, or the name of a law."""
    form = listed_or_mapped(said)
    is_law = "law" in said if isinstance(said, dict) else hasattr(said, "law")
    return "law" if form == "mapped" and is_law else form


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
#: Where a file could name only one at first: one is accepted as it was, so that no digest moves.
OneOrMore = Annotated[Names, PlainSerializer(_one_as_one)]
Day = Annotated[str, AfterValidator(_is_date), Field(json_schema_extra={"format": "date"})]
LimitText = Annotated[str, AfterValidator(_is_limit), Field(json_schema_extra={"pattern": _LIMIT})]
TermText = Annotated[str, AfterValidator(_is_term), Field(json_schema_extra={"pattern": f"{_LIMIT}|{_YEARLY}"})]
Span = Annotated[str, AfterValidator(_is_span), Field(json_schema_extra={"pattern": _LIMIT})]
ScalarValue = str | int | bool | None


def means(zh: str, en: str, **more: Any) -> Any:
    """One key of the format, with its meaning in both languages."""
    return Field(description=_meaning(zh, en), **more)


def _meaning(zh: str, en: str) -> str:
    return f"{zh} / {en}"


def _key(zh: str, en: str, **shape: Any) -> dict[str, Any]:
    """A key that stands in a condition or an effect, as an editor shows it."""
    return {"description": _meaning(zh, en), **shape}


def _alone(key: str, said: dict[str, Any]) -> dict[str, Any]:
    """A mapping that holds this key and no other."""
    return {"type": "object", "properties": {key: said}, "required": [key], "additionalProperties": False}


# Conditions and effects hold one another and are judged by the loader, which knows the fields: here stands what an editor needs.
# Pydantic would write them out wherever they are used; `schema.py` puts them into the schema once, under these names.
CONDITION, EFFECT = "Condition", "Effect"


def _here(part: str) -> WithJsonSchema:
    return WithJsonSchema({PART: part})


#: The key that marks a place where one of the PARTS belongs.
PART = "$comment"
ConditionText = Annotated[dict[str, Any], _here(CONDITION)]
AssignmentValue = Annotated[Any, _here(EFFECT)]

_CONDITIONS = {"type": "array", "minItems": 1, "items": {PART: CONDITION}}
_DAY = {"type": "string", "format": "date"}
_FIELD = {"type": "string", "pattern": NAME}
_TRAIL = {"type": "string", "pattern": r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$"}

PARTS: dict[str, dict[str, Any]] = {
    CONDITION: {
        "type": "object",
        "minProperties": 1,
        "description": _meaning(
            "条件：字段→值（set、unset、值、值的列表，或比较），any、all、not；各键须同时成立",
            "a condition: field → value (set, unset, a value, a list of values, or a comparison), any, all, not; all keys must hold",
        ),
        "properties": {
            "any": _key("任一成立", "one of these holds", **_CONDITIONS),
            "all": _key("全部成立", "every one of these holds", **_CONDITIONS),
            "not": _key("不成立", "this does not hold", **{PART: CONDITION}),
        },
        "additionalProperties": {
            "anyOf": [
                {"type": ["string", "integer", "boolean"]},
                {"type": "array", "minItems": 1, "items": {"type": ["string", "integer", "boolean"]}},
                _alone("at_least", _key("整数不小于", "a whole number not below", type="integer")),
                _alone("before", _key("日期在此日之前", "a day before this one", **_DAY)),
                _alone("on_or_after", _key("日期在此日或之后", "this day or a later one", **_DAY)),
                _alone("same_as", _key("与另一字段一致", "the same as another field", **_FIELD)),
            ]
        },
    },
    EFFECT: {
        "description": _meaning(
            "写入的内容：值，null 为清除，或由系统得出",
            "what is written: a value, null clears, or what the system finds out",
        ),
        "anyOf": [
            {"type": ["string", "integer", "boolean", "null"]},
            _alone("today", _key("当日", "today", const=True)),
            _alone("actor", _key("办理人姓名", "the name of who acts", const=True)),
            _alone("copy", _key("另一字段的值", "what another field holds", **_FIELD)),
            _alone(
                "append", _key("在原文之后接上另一字段的文字", "its text, and after it that of another field", **_FIELD)
            ),
            _alone("add", _key("在原值上加", "so much more than it holds", type="integer")),
            _alone("due", _key("该时限的最后一日", "the last day of that clock", **_FIELD)),
            _alone(
                "latest",
                _key(
                    "子事项.字段中最晚的日期，可列多个",
                    "the latest day in child.field, or in a list of them",
                    anyOf=[_TRAIL, {"type": "array", "minItems": 1, "items": _TRAIL}],
                ),
            ),
            _alone(
                "earliest",
                _key(
                    "未办结的子事项.字段中最早的日期，可列多个",
                    "the earliest day in child.field of those that are open, or in a list of them",
                    anyOf=[_TRAIL, {"type": "array", "minItems": 1, "items": _TRAIL}],
                ),
            ),
            _alone("tariff", _key("按收费标准应收的费用", "the fee by that tariff", **_FIELD)),
            _alone(
                "choose",
                _key(
                    "首个条件成立的写法",
                    "the first whose condition holds",
                    type="array",
                    minItems=1,
                    items={
                        "type": "object",
                        "properties": {
                            "if": _key(
                                "条件；不写则总是成立",
                                "its condition; without one it always holds",
                                **{PART: CONDITION},
                            ),
                            "then": _key("此时写入什么", "what is written then", **{PART: EFFECT}),
                        },
                        "required": ["then"],
                        "additionalProperties": False,
                    },
                ),
            ),
        ],
    },
}


class Entry(BaseModel):
    """Any mapping of the format: no unknown key, no silent conversion."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, serialize_by_alias=True)


class Labelled(Entry):
    """A thing that people read the name of."""

    zh: Words = means("中文名称或句子", "name or sentence in Chinese")
    en: Words = means("英文名称或句子", "name or sentence in English")


class InForce(Entry):
    """The days between which something holds, both included; of a definition the day of a case's anchor chooses."""

    from_on: Day | None = means("施行日期", "first day", alias="from", default=None)
    until: Day | None = means("失效日期", "last day", default=None)


class ActEntry(Entry):
    """An everyday act, narrower than its catalogue says."""

    by: list[Name] | None = means(
        "哪些岗位可办；不写则同目录", "the roles that may; else as the catalogue says", default=None
    )
    also: list[Literal["hands", "author", "named", "last"]] | None = means(
        "另外可办的人；不写则同目录", "who else may; else as the catalogue says", default=None
    )
    comment: Literal["none", "optional", "required"] | None = means(
        "是否须填意见；不写则同目录", "whether it wants a comment; else as the catalogue says", default=None
    )
