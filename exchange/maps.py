"""What the user says of a file that nobody could know: which column is what, and what its words and days mean.

A map is YAML or JSON: `field: header` pairs, and beside them up to four tables: `values`, `set`, `dates`, `otherwise`.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from storage.files import readable
from workflow.errors import BadFile, Invalid, Problem, no_such_file
from workflow.text import Text

LARGEST_MAP = 64 * 1024  # bytes
TABLES = ("values", "set", "dates", "otherwise")


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """A map as it was written: every word is still text, and no definition has judged it yet."""

    columns: Mapping[str, str] = field(default_factory=dict)  # field -> header
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # field -> word in the file -> our value
    sets: Mapping[str, str] = field(default_factory=dict)  # field -> the same value for every row
    dates: Mapping[str, str] = field(default_factory=dict)  # date field -> how its days are written: %m/%d/%Y
    otherwise: Mapping[str, str] = field(default_factory=dict)  # field -> what stands for a word that nothing matches


def read_map(said: str) -> ColumnMap:
    """The map that `--map` means: a YAML or JSON file, or `field=header` pairs set off by commas.

    >>> read_map("title=文件名, formed_on=印发日期").columns
    {'title': '文件名', 'formed_on': '印发日期'}
    """
    # os.path answers no, too, where so long a line can be the name of no file.
    if "=" in said and not os.path.exists(said):
        pairs = [each.partition("=") for each in said.split(",")]
        if all(field.strip() and header.strip() for field, _, header in pairs):
            return ColumnMap({field.strip(): header.strip() for field, _, header in pairs})
        raise Invalid((Problem("bad-map", _PAIRS.filled(said=said), field="map"),))
    return _map_of_file(Path(said))


def _map_of_file(where: Path) -> ColumnMap:
    said = _read(where)
    if not isinstance(said, dict):
        raise BadFile((Problem("bad-map", _SHAPE),), file=where.name)
    problems = tuple(_misshapen(said))
    if problems:
        raise BadFile(problems, file=where.name)
    tables = {name: said[name] for name in TABLES if isinstance(said.get(name), dict)}
    return ColumnMap(
        columns={name: header for name, header in said.items() if isinstance(header, str)},
        values=tables.get("values", {}),
        sets=tables.get("set", {}),
        dates=tables.get("dates", {}),
        otherwise=tables.get("otherwise", {}),
    )


def _read(where: Path) -> Any:
    import yaml

    try:
        with readable(where).open(encoding="utf-8-sig") as file:
            text = file.read(LARGEST_MAP + 1)
        if len(text) > LARGEST_MAP:
            raise BadFile((Problem("too-large", _TOO_LARGE),), file=where.name)
        if where.suffix == ".json":
            return json.loads(text, object_pairs_hook=_each_once, parse_int=str, parse_float=str)
        return _of_node(yaml.compose(text, Loader=yaml.SafeLoader))
    except FileNotFoundError as fault:
        raise no_such_file(where.name) from fault
    except OSError as fault:
        raise BadFile((Problem("unreadable", _UNREAD),), file=where.name) from fault
    except _Twice as fault:
        raise BadFile((Problem("bad-map", _TWICE.filled(key=_short(str(fault)))),), file=where.name) from fault
    except (ValueError, yaml.YAMLError, RecursionError) as fault:
        detail = str(fault).splitlines()[0] if str(fault) else type(fault).__name__
        raise BadFile((Problem("bad-map", _UNREADABLE.filled(detail=detail)),), file=where.name) from fault


class _Twice(ValueError):
    """One key stands twice in one table: of two meanings the second would silently win."""


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for key, value in pairs:
        if key in said:
            raise _Twice(key)
        said[key] = str(value).lower() if isinstance(value, bool) else value
    return said


def _of_node(node: Any, above: int = 0, seen: set[int] | None = None) -> Any:
    """A YAML node as its words stand: `No` is a word of the file here, and neither false nor anything else.

    What is no plain text, no table of a map's depth, or a table that is only pointed to comes back as None: it is no map.
    """
    import yaml

    seen = set() if seen is None else seen
    if isinstance(node, yaml.ScalarNode):
        return str(node.value) if node.tag in _PLAIN_TAGS else None
    if not isinstance(node, yaml.MappingNode) or node.tag != f"{_YAML}map" or above == DEEPEST or id(node) in seen:
        return None
    seen.add(id(node))
    pairs = [(_of_node(key, DEEPEST), _of_node(value, above + 1, seen)) for key, value in node.value]
    return _each_once(pairs) if all(isinstance(key, str) for key, _ in pairs) else None


_YAML = "tag:yaml.org,2002:"
_PLAIN_TAGS = frozenset(_YAML + each for each in ("str", "bool", "int", "float", "timestamp"))
DEEPEST = 3  # values: {field: {word: value}}


def _misshapen(said: Mapping[str, Any]) -> Iterator[Problem]:
    """Every part that is not in the form of a map, by its key."""
    for key, value in said.items():
        if isinstance(value, dict) and key not in TABLES:
            yield Problem("unknown-key", _UNKNOWN_KEY.filled(key=_short(key), known="、".join(TABLES)), field=key)
        elif isinstance(value, dict):
            yield from _misshapen_table(key, value)
        elif not isinstance(value, str) or not value.strip() or not key:
            yield Problem("bad-map", _SHAPE, field=key or None)
        elif key in TABLES:
            yield Problem("bad-map", _NO_TABLE.filled(key=key), field=key)


def _misshapen_table(name: str, table: Mapping[str, Any]) -> Iterator[Problem]:
    for key, value in table.items():
        rows = value.items() if name == "values" and isinstance(value, dict) else ((key, value),)
        nested = (name == "values") == isinstance(value, dict)
        if not key or not nested or not all(isinstance(each, str) and each.strip() for _, each in rows):
            form = "values: {field: {word: value}}" if name == "values" else name + ": {field: value}"
            yield Problem("bad-map", _TABLE.filled(name=name, field=_short(key), form=form), field=key or None)


#: What a form of dates may hold; the names of months are those of English.
_DAY_PARTS = re.compile(r"%([YymdbBHMSpI%])")


def fault_of_form(form: str) -> Text | None:
    """Why this cannot be how days are written: it must name year, month and day, each once.

    >>> fault_of_form("%m/%d/%Y") is None, fault_of_form("mm/dd/yyyy") is None, fault_of_form("%Y-%m") is None
    (True, False, False)
    """
    parts = _DAY_PARTS.findall(form)
    strange = "%" in _DAY_PARTS.sub("", form)
    counts = [sum(part in group for part in parts) for group in ("Yy", "mbB", "d")]
    return None if counts == [1, 1, 1] and not strange and len(parts) == len(set(parts)) else _FORM.filled(form=form)


def _short(said: str) -> str:
    return said if len(said) <= 40 else said[:40] + "…"


_PAIRS = Text(
    "“{said}”不是列对应关系，应写作 字段=列名, 字段=列名", "“{said}” is no column map; write field=header, field=header"
)
_UNREAD = Text("列对应文件读不了，请检查权限", "the column map cannot be read; check its rights")
_UNREADABLE = Text("列对应文件不是 YAML 或 JSON：{detail}", "the column map is neither YAML nor JSON: {detail}")
_TOO_LARGE = Text(
    "列对应文件超过 64 KB，像是给错了文件", "the column map is larger than 64 KB: it looks like the wrong file"
)
_SHAPE = Text(
    "列对应文件应为“字段: 列名”的对照表，另可有 values、set、dates、otherwise 四个表",
    "the column map must hold `field: header` pairs, and may hold the tables values, set, dates, otherwise",
)
_UNKNOWN_KEY = Text(
    "列对应文件里没有名为“{key}”的表；可用的表：{known}", "a column map has no table “{key}”; its tables: {known}"
)
_NO_TABLE = Text(
    "“{key}”应是一个表，如 {key}: 下面逐行写 字段: 值",
    "“{key}” must be a table: under {key}: one line of field: value each",
)
_TABLE = Text("{name} 表中“{field}”写法不对，应写作 {form}", "“{field}” in the table {name} has not the form {form}")
_TWICE = Text("列对应文件里“{key}”写了两次，只能留一个", "“{key}” stands twice in the column map; keep one")
_FORM = Text(
    "“{form}”不能作日期写法：年 %Y（或 %y）、月 %m（或 %b、%B）、日 %d 须各有一个，如 %m/%d/%Y",
    "“{form}” is no form of dates: it needs year %Y (or %y), month %m (or %b, %B) and day %d once each, as in %m/%d/%Y",
)
