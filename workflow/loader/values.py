"""Conditions and assignments against the fields they speak of: does the field exist, can it hold this value?"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
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
_COMPARED = Text(
    "比较只可写 {{at_least: 整数}}、{{before: 日期}}、{{on_or_after: 日期}}、{{same_as: 另一字段}} 之一",
    "a comparison is one of {{at_least: whole number}}, {{before: day}}, {{on_or_after: day}}, {{same_as: other field}}",
).filled()
_CHOOSE = Text(
    "choose 之后须为 {{if: 条件, then: 写法}} 的列表，只有最后一项可以不写 if",
    "after choose comes a list of {{if: condition, then: what is written}}; only the last may be without if",
).filled()
_LATEST = Text("latest、earliest 之后须为 子事项.字段", "after latest and earliest comes child.field")


@dataclass(frozen=True, slots=True)
class Target:
    """A field that is written or compared; its choices are None where they are not known."""

    field: Field
    choices: Collection[str] | None

    @property
    def name(self) -> str:
        return self.field.name

    @property
    def type(self) -> str:
        return self.field.type.value


def target_of(draft: Draft, name: str) -> Target | None:
    """A field of the file itself; None when it is not known, or broken."""
    field = draft.file.fields.get(name)
    if field is None:
        return None
    if name not in draft.modelled:  # an enum of hundreds of choices that thousands of conditions look at
        draft.modelled[name] = _as_model(draft, name, field)
    return Target(draft.modelled[name], draft.choices.get(name))


def _as_model(draft: Draft, name: str, field: FieldEntry) -> Field:
    # Without its pattern: that of a file not yet accepted may be broken, or slow.
    label = Text(field.zh, field.en)
    choices = {value: Choice(value, label, {}) for value in draft.choices.get(name) or ()}
    of = tuple(field.of or ())
    return Field(name, FieldType(field.type), label, choices, field.min, field.max, None, field.personal, (), of=of)


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
            _check_holds(draft, name, value, here)


def _check_holds(draft: Draft, name: str, value: Any, path: Path) -> None:
    target = target_of(draft, name)
    if value in ("set", "unset") or target is None:
        return
    if isinstance(value, dict):
        _check_comparison(draft, target, value, path)
        return
    if value == []:
        draft.report.of(path, "bad-condition", value=True, detail=_EMPTY)
    for number, one in enumerate(value) if isinstance(value, list) else [(-1, value)]:
        check_value(draft, target, one, (*path, number), "condition-kind")


def _check_comparison(draft: Draft, target: Target, said: Mapping[str, Any], path: Path) -> None:
    match said:
        case {"at_least": int(least), **rest} if not rest and type(least) is int:
            _check_target(draft, target, "integer", path)
        case {"before": str(day), **rest} | {"on_or_after": str(day), **rest} if not rest:
            _check_target(draft, target, "date", path)
            if not _is_day(day):
                draft.report.of((*path, next(iter(said))), "bad-date", value=True, given=day)
        case {"same_as": str(other), **rest} if not rest and other != target.name:
            _check_source(draft, target, other, (*path, "same_as"))
        case _:
            draft.report.of(path, "bad-condition", value=True, detail=_COMPARED)


def _is_day(said: str) -> bool:
    try:
        return date.fromisoformat(said).isoformat() == said
    except ValueError:
        return False


def check_value(draft: Draft, target: Target, value: Any, path: Path, code: str) -> None:
    """Report a value that this field can never hold."""
    if target.type == "enum" and isinstance(value, str):
        if target.choices is not None and value not in target.choices:
            hint = suggestion(value, target.choices)
            draft.report.of(path, "unknown-choice", value=True, field=target.name, name=value, hint=hint)
    elif detail := _misfit(target, value):
        draft.report.of(path, code, value=True, detail=detail)


def _misfit(target: Target, value: Any) -> Text | None:
    if value is None:
        return _NULL
    if isinstance(value, list | dict):
        return _KIND.filled(field=target.name, type=target.type, given=written(value))
    return fault_of(target.field, value)


def check_setting(draft: Draft, name: str, values: Any, path: Path) -> None:
    """Report each of these values that the field can never hold."""
    target = target_of(draft, name)
    many = isinstance(values, list)
    for number, value in enumerate(values if many else [values]) if target else ():
        assert target is not None
        check_value(draft, target, value, (*path, number) if many else path, "condition-kind")


def check_assignment(draft: Draft, name: str, value: Any, path: Path) -> None:
    """Report whatever keeps a step from writing this into a field of its own case."""
    if draft.known("field", name, path, value=False):
        check_written(draft, target_of(draft, name), value, path)


def check_written(draft: Draft, target: Target | None, value: Any, path: Path) -> None:
    """Report whatever is wrong with what is written; where the target is not known, what it takes from is judged all the same."""
    if value is None or (target is None and not isinstance(value, dict)):
        return
    if not isinstance(value, dict):
        assert target is not None
        check_value(draft, target, value, path, "bad-set")
        return
    match value:
        case {"today": True, **rest} if not rest:
            _check_kind(draft, target, "date", value, path)
        case {"actor": True, **rest} if not rest:
            _check_kind(draft, target, "text", value, path)
        case {"append": str(source), **rest} if not rest:
            _check_kind(draft, target, "text", value, path)
            _check_source(draft, target, source, (*path, "append"))
        case {"add": int(more), **rest} if not rest and type(more) is int:
            _check_kind(draft, target, "integer", value, path)
        case {"copy": str(source), **rest} if not rest:
            _check_source(draft, target, source, (*path, "copy"))
        case {"due": str(rule), **rest} if not rest:
            if draft.known("deadline", rule, (*path, "due")):
                _check_kind(draft, target, "date", value, path)
        case {"tariff": str(tariff), **rest} if not rest:
            if draft.known("tariff", tariff, (*path, "tariff")):
                _check_kind(draft, target, "money", value, path)
        case {"latest": str() | list() as trails, **rest} | {"earliest": str() | list() as trails, **rest} if (
            trails and not rest
        ):
            kind = "latest" if "latest" in value else "earliest"
            known = [_check_latest(draft, trail, here) for trail, here in trails_of(trails, (*path, kind))]
            if all(known):
                _check_kind(draft, target, "date", value, path)
        case {"choose": choices, **rest} if not rest:
            _check_choose(draft, target, choices, (*path, "choose"))
        case _:
            _cannot(draft, target, value, path)


def trails_of(said: str | list[Any], path: Path) -> list[tuple[Any, Path]]:
    """Each `child.field` of a `latest` or `earliest`, with its place."""
    return [(said, path)] if isinstance(said, str) else [(each, (*path, number)) for number, each in enumerate(said)]


def _check_latest(draft: Draft, trail: Any, path: Path) -> bool:
    slot, dot, field = trail.partition(".") if isinstance(trail, str) else ("", "", "")
    if not (dot and field):
        draft.report.of(path, "bad-set", value=True, detail=_LATEST)
        return False
    return draft.known("child", slot, path)


def _check_choose(draft: Draft, target: Target | None, choices: Any, path: Path) -> None:
    if not isinstance(choices, list) or not choices:
        draft.report.of(path, "bad-set", value=True, detail=_CHOOSE)
        return
    for number, each in enumerate(choices):
        here = (*path, number)
        whole = isinstance(each, dict) and set(each) in ({"then"}, {"if", "then"})
        if not whole or ("if" not in each and number < len(choices) - 1):
            draft.report.of(here, "bad-set", value=True, detail=_CHOOSE)
        else:
            check_written(draft, target, each["then"], (*here, "then"))


def _check_kind(draft: Draft, target: Target | None, wanted: str, value: Any, path: Path) -> None:
    if target is not None and target.type != wanted:
        _cannot(draft, target, value, path)


def _cannot(draft: Draft, target: Target | None, value: Any, path: Path) -> None:
    name, kind = (target.name, target.type) if target else (str(path[-1]), "?")
    detail = _KIND.filled(field=name, type=kind, given=written(value))
    draft.report.of(path, "bad-set", value=True, detail=detail)


def _check_target(draft: Draft, target: Target, wanted: str, path: Path) -> None:
    if target.type != wanted:
        draft.report.of(path, "wrong-type", value=True, field=target.name, type=target.type, wanted=wanted)


def _check_source(draft: Draft, target: Target | None, source: str, path: Path) -> None:
    origin = target_of(draft, source) if draft.known("field", source, path) else None
    if target is None or origin is None:
        return
    if target.type != origin.type:
        draft.report.of(path, "wrong-type", value=True, field=source, type=origin.type, wanted=target.type)
        return
    if path[-1] == "copy" and _is_wider(origin, target):
        draft.report.of(path, "copy-wider", value=True, field=source, name=target.name)
    if path[-1] == "copy" and target.type == "enum" and target.choices is not None:
        for value in origin.choices or ():
            if value not in target.choices:
                hint = suggestion(value, target.choices)
                draft.report.of(path, "unknown-choice", value=True, field=target.name, name=value, hint=hint)
                return


def _is_wider(origin: Target, target: Target) -> bool:
    """Whether the first may hold what the second may not: longer or shorter words, a number out of bounds, another form."""
    if target.field.pattern not in (None, origin.field.pattern):
        return True
    at_most, at_least = (origin.field.max, target.field.max), (origin.field.min, target.field.min)
    if at_most[1] is not None and (at_most[0] is None or at_most[0] > at_most[1]):
        return True
    return at_least[1] is not None and (at_least[0] is None or at_least[0] < at_least[1])


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
            if isinstance(value, Mapping) and isinstance(value.get("same_as"), str):
                yield value["same_as"]


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
