"""Conditions and assignments against the fields they speak of: does the field exist, can it hold this value?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from workflow.loader.draft import Draft
from workflow.loader.report import Path, suggestion
from workflow.model import Choice, Field, FieldType
from workflow.schema import FieldEntry
from workflow.text import Text
from workflow.values import fault_of

_EMPTY = Text("条件为空", "it is empty")
_LIST = Text("“{name}”之后须为条件的列表", "after “{name}” comes a list of conditions")
_ONE = Text("“not”之后须为一个条件", "after “not” comes one condition")
_MAPPING = Text("应为键值对", "a mapping is wanted")
_KIND = Text("字段“{field}”（{type}）不能是“{given}”", "“{given}” does not fit {field} ({type})")
_NULL = Text("null 不是值", "null is no value")
_AT_LEAST = Text("只可写 {{at_least: 整数}}", "only {{at_least: whole number}} can stand here").filled()


def check_condition(draft: Draft, said: Any, path: Path) -> None:
    """Report whatever is wrong with one condition."""
    if not isinstance(said, dict) or not said:
        detail = _EMPTY if said in ({}, None, []) else _MAPPING
        draft.report.of(path, "bad-condition", detail=detail)
        return
    for name, value in said.items():
        here = (*path, name)
        if name in ("any", "all"):
            if not isinstance(value, list) or not value:
                draft.report.of(here, "bad-condition", detail=_LIST.filled(name=name))
                continue
            for number, inner in enumerate(value):
                check_condition(draft, inner, (*here, number))
        elif name == "not":
            if isinstance(value, dict):
                check_condition(draft, value, here)
            else:
                draft.report.of(here, "bad-condition", detail=_ONE)
        elif draft.known("field", name, here, value=False):
            _check_comparison(draft, name, value, here)


def _check_comparison(draft: Draft, name: str, value: Any, path: Path) -> None:
    field = draft.file.fields.get(name)
    if value in ("set", "unset") or field is None:
        return
    if isinstance(value, dict):
        if set(value) != {"at_least"} or type(value["at_least"]) is not int:
            draft.report.of(path, "bad-condition", value=True, detail=_AT_LEAST)
        elif field.type != "integer":
            draft.report.of(path, "wrong-type", value=True, field=name, type=field.type, wanted="integer")
        return
    if value == []:
        draft.report.of(path, "bad-condition", value=True, detail=_EMPTY)
    for number, one in enumerate(value) if isinstance(value, list) else [(-1, value)]:
        check_value(draft, name, one, (*path, number), "condition-kind")


def check_value(draft: Draft, name: str, value: Any, path: Path, code: str) -> None:
    """Report a value that this field can never hold."""
    field = draft.file.fields[name]
    if field.type == "enum" and isinstance(value, str):
        choices = draft.choices.get(name)
        if choices is not None and value not in choices:
            hint = suggestion(value, choices)
            draft.report.of(path, "unknown-choice", value=True, field=name, name=value, hint=hint)
    elif detail := _misfit(draft, name, value):
        draft.report.of(path, code, value=True, detail=detail)


def _misfit(draft: Draft, name: str, value: Any) -> Text | None:
    field = draft.file.fields[name]
    if value is None:
        return _NULL
    if isinstance(value, list | dict):
        return _KIND.filled(field=name, type=field.type, given=written(value))
    return fault_of(_as_model(draft, name, field), value)


def _as_model(draft: Draft, name: str, field: FieldEntry) -> Field:
    # Without its pattern: that of a file not yet accepted may be broken, or slow.
    label = Text(field.zh, field.en)
    choices = {value: Choice(value, label, {}) for value in draft.choices.get(name) or ()}
    return Field(name, FieldType(field.type), label, choices, field.min, field.max, None, field.personal, ())


def check_assignment(draft: Draft, name: str, value: Any, path: Path) -> None:
    """Report whatever keeps a step from writing this by itself."""
    field = draft.file.fields.get(name)
    if not draft.known("field", name, path, value=False) or field is None or value is None:
        return
    if not isinstance(value, dict):
        check_value(draft, name, value, path, "bad-set")
        return
    match value:
        case {"today": True, **rest} if not rest and field.type == "date":
            return
        case {"actor": True, **rest} if not rest and field.type == "text":
            return
        case {"add": int(more), **rest} if not rest and type(more) is int and field.type == "integer":
            return
        case {"copy": str(source), **rest} if not rest:
            _check_copy(draft, name, source, (*path, "copy"))
        case _:
            draft.report.of(
                path, "bad-set", value=True, detail=_KIND.filled(field=name, type=field.type, given=written(value))
            )


def _check_copy(draft: Draft, name: str, source: str, path: Path) -> None:
    if not draft.known("field", source, path) or source not in draft.file.fields:
        return
    to, origin = draft.file.fields[name], draft.file.fields[source]
    if to.type != origin.type:
        draft.report.of(path, "wrong-type", value=True, field=source, type=origin.type, wanted=to.type)
        return
    here, there = draft.choices.get(name), draft.choices.get(source)
    if to.type == "enum" and here is not None and there is not None:
        for value in there:
            if value not in here:
                hint = suggestion(value, here)
                draft.report.of(path, "unknown-choice", value=True, field=name, name=value, hint=hint)
                return


def fields_in(said: Any) -> Iterator[str]:
    """Every field that a condition looks at, however it is nested."""
    if not isinstance(said, Mapping):
        return
    for name, value in said.items():
        if name in ("any", "all") and isinstance(value, list):
            for inner in value:
                yield from fields_in(inner)
        elif name == "not":
            yield from fields_in(value)
        else:
            yield name


def written(value: Any) -> str:
    """A value as the file shows it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {written(inner)}" for name, inner in list(value.items())[:5]) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(written(inner) for inner in value[:5]) + "]"
    return str(value)
