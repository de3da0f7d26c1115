"""What pydantic says of a file, said plainly and at its place; what is well goes on to the next checks all the same."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from difflib import get_close_matches
from functools import cache
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from workflow.loader.report import Path, Report, Stop, suggestion
from workflow.text import Text

Model = TypeVar("Model", bound=BaseModel)

_KINDS = {
    "string_type": Text("文字", "text"),
    "int_type": Text("整数", "a whole number"),
    "bool_type": Text("真假值（true 或 false）", "true or false"),
    "dict_type": Text("键值对", "a mapping of keys to values"),
    "model_type": Text("键值对", "a mapping of keys to values"),
    "list_type": Text("列表", "a list"),
}
_COMMA = Text("前面的文字含逗号，须加引号", "the text before it holds a comma: quote it")
_SPACED = Text("冒号后须有半角空格，请写成 {right}", "a plain space goes after the colon: write {right}")
_PLAIN = Text("请写成 {right}，不加引号", "write {right} without quotes")
_WIDE = Text(
    "“{mark}”是全角符号：YAML 的冒号和逗号用半角，其后空一格",
    "“{mark}” is a full-width sign: YAML wants “:” and “,” with a space after them",
)
_HALF = {"，": ",", "、": ",", "；": ",", "：": ":", "“": '"', "”": '"', "‘": "'", "’": "'", "［": "[", "］": "]"}
_IN_HALF = Text(
    "“{mark}”是全角符号，请改用半角的 {half}（逗号、冒号其后空一格）；",
    "“{mark}” is a full-width sign: write {half} instead (a space follows a comma or a colon); ",
)
_EMPTY = Text("", "")
_NOTHING = Text("（空）", "(nothing)")

_LABELS = ("zh", "en")
_LENGTHS = ("limit", "before", "after")

#: Where one broken entry can be left out while the rest is read.
_SECTIONS = (
    "fields",
    "guards",
    "states",
    "transitions",
    "deadlines",
    "never",
    "passes",
    "children",
    "letters",
    "tariffs",
    "similar",
    "scenarios",
    "passages",
)


def shaped(model: type[Model], value: Any, report: Report) -> Model:
    """The file as the model reads it, without what is at fault, which the report then names. Raises Stop beyond cure."""
    try:
        return model.model_validate(value)
    except ValidationError as fault:
        errors = fault.errors(include_url=False)
    at_fault = {_explain(model, value, error, report) for error in errors}
    for path in sorted(at_fault, key=len, reverse=True):
        _mend(value, path, report)
    try:
        return model.model_validate(value)
    except ValidationError as fault:
        errors = fault.errors(include_url=False)
    for error in errors:
        path = _path(value, error["loc"])
        _mend(value, path[: 2 if path[:1] and path[0] in _SECTIONS else 1], report)
    try:
        return model.model_validate(value)
    except ValidationError as fault:
        raise Stop from fault


def _explain(model: type[BaseModel], value: Any, error: ErrorDetails, report: Report) -> Path:
    """Report one error; return what has to be mended so that the rest can be read."""
    path, kind, given = _path(value, error["loc"]), error["type"], error["input"]
    context = error.get("ctx", {})
    if kind == "extra_forbidden":
        known = _keys(model, path[:-1])
        report.of(path, "unknown-key", name=path[-1], hint=_hint(str(path[-1]), given, known))
        return path
    if kind == "missing":
        name = str(error["loc"][-1])
        _missing(model, path, name, report)
        return (*path, name) if name in _LABELS else path
    if kind == "string_type" and path[-1] in _LENGTHS:
        report.of(path, "bad-limit", value=True, hint=_EMPTY, **_given(given))
    elif kind in _KINDS:
        report.of(
            path,
            "wrong-kind",
            value=True,
            once=True,
            wanted=_KINDS[kind],
            given=_told(given),
            hint=_as_wanted(kind, given),
        )
    else:
        _say(path, kind, given, context, error["loc"], report)
    return path


def _hint(name: str, given: Any, known: Collection[str]) -> Text:
    """What was meant by a key that is not known: typed with full-width signs, a part of the text before it, or another key."""
    if wide := next((mark for mark in name if mark in "：，"), None):
        return _WIDE.filled(mark=wide)
    key, colon, text = name.partition(":")
    if colon and key in known:
        return _SPACED.filled(right=f"{key}: {text.strip()}")
    meant = get_close_matches(name, list(known), 1, 0.6)
    return _COMMA if given is None and not meant else suggestion(name, known)


def _in_half(given: Any) -> Text:
    """Which sign of Chinese typing stands where one of YAML was meant; nothing where none does."""
    mark = next((each for each in str(given) if each in _HALF), None)
    return _IN_HALF.filled(mark=mark, half=_HALF[mark]) if mark else _EMPTY


def _say(path: Path, kind: str, given: Any, context: Mapping[str, Any], loc: Path, report: Report) -> None:
    if kind == "string_pattern_mismatch":
        code = "too-short" if context.get("pattern") == r"\S" else "bad-name"
        report.of(path, code, value=loc[-1] != "[key]", once=True, name=given, hint=_in_half(given))
    elif kind == "literal_error":
        report.forget(path, "ambiguous-value")  # what would mend that is no choice here
        report.of(path, "bad-choice", value=True, hint=_choices(context), **_given(given))
    elif kind in ("bad_date", "bad_limit"):
        report.of(path, kind.replace("_", "-"), value=True, once=True, hint=_in_half(given), **_given(given))
    elif kind == "limit_range":
        bounds = Text("大于 0，至多 {longest}", "more than 0, {longest} at most").filled(longest=context["longest"])
        report.of(path, "out-of-range", value=True, bounds=bounds, **_given(given))
    elif kind in ("greater_than_equal", "less_than_equal"):
        bound = context.get("ge", context.get("le"))
        words = Text("至少 {bound}", "at least {bound}") if "ge" in context else Text("至多 {bound}", "at most {bound}")
        report.of(path, "out-of-range", value=True, bounds=words.filled(bound=bound), **_given(given))
    elif kind in ("too_short", "string_too_short"):
        report.of(path, "too-short", value=True)
    elif kind == "string_too_long":
        report.of(path, "too-long", value=True, most=context["max_length"])
    elif kind == "too_long":
        report.of(path, "too-many", most=context["max_length"])
    else:
        wanted = Text("文字、整数、true、false 或 null", "text, a whole number, true, false or null")
        hint = _as_wanted(kind, given)
        report.of(path, "wrong-kind", value=True, once=True, wanted=wanted, given=_told(given), hint=hint)


def _missing(model: type[BaseModel], path: Path, name: str, report: Report) -> None:
    if name in _LABELS:
        languages = {"zh": ("中文", "Chinese"), "en": ("英文", "English")}[name]
        report.of(path, "missing-label", name=name, language_zh=languages[0], language_en=languages[1])
        return
    zh, _, en = _keys(model, path).get(name, "").partition(" / ")
    report.of(path, "missing-key", name=name, meaning_zh=zh, meaning_en=en)


def _given(given: Any) -> dict[str, Any]:
    return {"given": _brief(given)}


def _told(given: Any) -> str | Text:
    return Text("文字“{given}”", "the text “{given}”").filled(given=given) if isinstance(given, str) else _brief(given)


def _as_wanted(kind: str, given: Any) -> Text:
    """How to write what is wanted instead of what was given."""
    if given is None:
        return Text("请填写，或删去此键", "fill it in, or remove the key")
    if kind == "list_type" and isinstance(given, str):
        return Text("请加方括号：[{given}]", "put it in brackets: [{given}]").filled(given=_brief(given.strip("［］")))
    if kind == "int_type" and isinstance(given, str) and given.isascii() and given.isdigit():
        return _PLAIN.filled(right=int(given))
    if kind == "bool_type" and given in ("是", "否"):
        return _PLAIN.filled(right="true" if given == "是" else "false")
    if kind == "dict_type" and isinstance(given, list) and given and all(isinstance(each, str) for each in given):
        return _each_named(given[:3])
    if kind in ("dict_type", "model_type"):
        return Text("请写成 {键: 值}", "write it as {key: value}")
    if kind == "string_type":
        return Text("文字请加引号", "quote what is text")
    return Text("请改正此值", "write it as wanted")


def _each_named(names: list[str]) -> Text:
    """A list of names as the mapping with a title in each language that was wanted."""
    whole = ", ".join(f"{name}: {{zh: {name}, en: {name}}}" for name in names)
    return Text(f"请写成 {{{whole}}}，zh 处写中文名称", f"write it as {{{whole}}}, each with its titles")


def _brief(given: Any) -> str | Text:
    if given is None:
        return _NOTHING
    if isinstance(given, bool):
        return str(given).lower()
    if isinstance(given, dict):
        return Text("键值对", "a mapping")
    if isinstance(given, list | tuple):
        return Text("列表", "a list")
    return str(given)


def _choices(context: Mapping[str, Any]) -> Text:
    said = str(context.get("expected", "")).replace("'", "").replace(" or ", ", ")
    return Text("可写：{said}", "write one of: {said}").filled(said=said)


def _path(value: Any, loc: Path) -> Path:
    """The part of pydantic's location that is written in the file; tags of unions and missing keys are not."""
    path: list[str | int] = []
    for part in loc:
        at_key = isinstance(value, dict) and part in value
        if at_key or (isinstance(value, list) and isinstance(part, int) and part < len(value)):
            value = value[part]
            path.append(part)
    return tuple(path)


@cache
def _schema(model: type[BaseModel]) -> dict[str, Any]:
    return model.model_json_schema(by_alias=True)


def _keys(model: type[BaseModel], path: Path) -> dict[str, str]:
    """The keys that the mapping at `path` may have, with their meaning, whichever of its forms it is written in."""
    schema = _schema(model)
    here: dict[str, Any] = schema
    for part in path:
        here = _inside(schema, here, part)
    forms = [_resolved(schema, each) for each in here.get("oneOf", (here,))]
    return {name: said.get("description", "") for form in forms for name, said in form.get("properties", {}).items()}


_NAMED_FREELY = {"patternProperties", "additionalProperties"}


def _inside(schema: dict[str, Any], here: dict[str, Any], part: str | int) -> dict[str, Any]:
    here = _resolved(schema, here)
    if isinstance(part, int):
        return dict(here.get("items", {}))
    if part in here.get("properties", {}):
        return dict(here["properties"][part])
    # What may be left out is either a mapping or null.
    here = next((each for each in here.get("anyOf", ()) if _NAMED_FREELY & each.keys()), here)
    patterns = here.get("patternProperties", {})
    return dict(next(iter(patterns.values()), here.get("additionalProperties") or {}))


def _resolved(schema: dict[str, Any], here: dict[str, Any]) -> dict[str, Any]:
    for each in (here, *here.get("anyOf", ()), *here.get("oneOf", ())):
        if "$ref" in each:
            return dict(schema["$defs"][each["$ref"].rpartition("/")[2]])
    return here


def _mend(value: Any, path: Path, report: Report) -> None:
    """Leave out the part at `path`, with the list it stands in; a label gets a stand-in, so that its entry can be judged."""
    while path and isinstance(path[-1], int):
        path = path[:-1]
    report.mended.add(path)
    for part in path[:-1]:
        if isinstance(value, dict):
            value = value.get(part)
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            value = value[part]
    if path and isinstance(value, dict):
        if path[-1] in _LABELS:
            value[path[-1]] = "…"
        else:
            value.pop(path[-1], None)
