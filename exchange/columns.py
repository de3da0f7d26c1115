"""Which column of a file holds which field of a record: by its header, as the definition declares, or by the user's map."""

from __future__ import annotations

import json
import os
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from workflow.errors import BadFile, Invalid, Problem
from workflow.model import Definition, Intake
from workflow.text import Text

#: The column in which an export gives each case its number; a file that comes back with it brings nothing new.
NUMBER = "number"
NUMBER_HEADERS = ("事项编号", "case number")
LARGEST_MAP = 64 * 1024  # bytes


def read_map(said: str) -> dict[str, str]:
    """The map that `--map` means: a YAML or JSON file of `field: header`, or `field=header` pairs set off by commas.

    >>> read_map("title=文件名, formed_on=印发日期")
    {'title': '文件名', 'formed_on': '印发日期'}
    """
    # os.path answers no, too, where so long a line can be the name of no file.
    if "=" in said and not os.path.exists(said):
        pairs = [each.partition("=") for each in said.split(",")]
        if all(field.strip() and header.strip() for field, _, header in pairs):
            return {field.strip(): header.strip() for field, _, header in pairs}
        raise Invalid((Problem("bad-map", _PAIRS.filled(said=said), field="map"),))
    return _map_of_file(Path(said))


def _map_of_file(where: Path) -> dict[str, str]:
    import yaml

    try:
        with where.open(encoding="utf-8-sig") as file:
            text = file.read(LARGEST_MAP + 1)
        if len(text) > LARGEST_MAP:
            raise BadFile((Problem("too-large", _MAP_TOO_LARGE),), file=where.name)
        said: Any = json.loads(text) if where.suffix == ".json" else yaml.safe_load(text)
    except OSError as fault:
        raise BadFile((Problem("no-file", _NO_MAP),), file=where.name) from fault
    except (ValueError, yaml.YAMLError, RecursionError) as fault:
        raise BadFile(
            (Problem("bad-map", _MAP_UNREADABLE.filled(detail=str(fault).splitlines()[0])),), file=where.name
        ) from fault
    if not isinstance(said, dict) or not all(isinstance(n, str) and isinstance(h, str) for n, h in said.items()):
        raise BadFile((Problem("bad-map", _MAP_SHAPE),), file=where.name)
    return said


def recognise(definition: Definition, header: Sequence[str], mapping: Mapping[str, str] | None = None) -> int:
    """How many cells of this line name a column that we know."""
    known = {_plain(name) for _, names in _names(definition, mapping) for name in names}
    return sum(_plain(cell) in known for cell in header)


def columns_of(
    definition: Definition, intake: Intake, header: Sequence[str], mapping: Mapping[str, str] | None, file: str
) -> dict[str, int]:
    """Where each field stands in the file; BadFile when a column that every record needs is not there."""
    problems = [*_unknown_names(definition, header, mapping or {})]
    places: dict[str, int] = {}
    for field, names in _names(definition, mapping):
        at = _place(header, names)
        if at is not None:
            places[field] = at
    problems += [
        Problem("no-column", _NO_COLUMN.filled(
            field=definition.fields[field].label, names="、".join(intake.columns.get(field, (field,))), header="、".join(header)[:200],
        ), field=field)
        for field in intake.required if field not in places
    ]  # fmt: skip
    if problems:
        raise BadFile(problems, file=file)
    return places


def _unknown_names(definition: Definition, header: Sequence[str], mapping: Mapping[str, str]) -> Iterator[Problem]:
    for field, wanted in mapping.items():
        if field not in definition.fields:
            known = "、".join(definition.intake.columns) if definition.intake else ""
            yield Problem("unknown-field", _UNKNOWN_FIELD.filled(field=field, known=known), field=field)
        elif _place(header, (wanted,)) is None:
            yield Problem(
                "unknown-column", _UNKNOWN_COLUMN.filled(column=wanted, header="、".join(header)[:200]), field=field
            )


def _names(definition: Definition, mapping: Mapping[str, str] | None) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each field with the headers that mean it, the likeliest first; a map speaks before the definition."""
    intake = definition.intake
    if intake is None:
        return
    said = mapping or {}
    for field in dict.fromkeys((*intake.columns, *(name for name in said if name in definition.fields))):
        if field in said:
            yield field, (said[field],)
        else:
            label = definition.fields[field].label
            yield field, (*intake.columns[field], field, label.zh, label.en)
    yield NUMBER, NUMBER_HEADERS


def _place(header: Sequence[str], names: Sequence[str]) -> int | None:
    plain = [_plain(cell) for cell in header]
    return next((plain.index(_plain(name)) for name in names if _plain(name) in plain), None)


def _plain(name: str) -> str:
    """A header as it is compared: width, case and blanks do not count."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split()).rstrip(":")


_PAIRS = Text(
    "“{said}”不是列对应关系，应写作 字段=列名, 字段=列名", "“{said}” is no column map; write field=header, field=header"
)
_NO_MAP = Text("列对应文件不存在或读不了", "the column map is not there or cannot be read")
_MAP_UNREADABLE = Text("列对应文件不是 YAML 或 JSON：{detail}", "the column map is neither YAML nor JSON: {detail}")
_MAP_TOO_LARGE = Text(
    "列对应文件超过 64 KB，像是给错了文件", "the column map is larger than 64 KB: it looks like the wrong file"
)
_MAP_SHAPE = Text("列对应文件应为“字段: 列名”的一层对照表", "the column map must be one level of `field: header`")
_NO_COLUMN = Text(
    "没有“{field}”一列（可用的列名：{names}）；文件的表头是：{header}。可用 --map 指明",
    "there is no column for {field} (any of: {names}); the header reads: {header}. Name it with --map",
)
_UNKNOWN_FIELD = Text("没有字段“{field}”；可对应的字段：{known}", "there is no field “{field}”; fields to map: {known}")
_UNKNOWN_COLUMN = Text(
    "文件里没有“{column}”一列；表头是：{header}", "the file has no column “{column}”; the header reads: {header}"
)
