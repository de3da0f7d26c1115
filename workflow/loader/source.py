"""From text to plain values with the place of each: strict YAML on the event stream, so that nothing is built unseen.

`yaml.compose` is never called: it dies on deep nesting and swallows duplicate keys (LIBRARIES). Depth, aliases and size are
bounded here while the events pass.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NoReturn

import yaml

from workflow.loader.report import Path, Report, Spot, Stop
from workflow.text import Text

MOST_BYTES = 256 * 1024
DEEPEST = 20
MOST_ALIASES = 200
MOST_NODES = 60_000  # after the aliases are written out
MOST_CHARACTERS = 1024 * 1024

_PARSER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

#: Control, bidirectional, invisible: each can make a line read as another one (Unicode TR 36).
_HOSTILE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
_ID = re.compile(r"id: *([a-z][a-z0-9_]*)\s*(#|$)")
_INDENTING_TAB = re.compile(r"^ *\t")
_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})")
# What other readers of YAML take for a number, while the clerk may have meant text (or an octal number, or an hour).
_NUMBERLIKE = re.compile(
    r"[-+]?(\.?[0-9][0-9_,]*(\.[0-9_]*)?([eE][-+]?[0-9]+)?|0[xob][0-9a-fA-F_]+|\.(inf|nan)|[0-9]+(:[0-9]+)+)", re.I
)
_SWITCH = re.compile(r"(on|off|yes|no)", re.I)
_SPELT_OTHERWISE = re.compile(r"(on|off|yes|no|true|false|null)", re.I)

_SYNTAX = (
    (
        "mapping values are not allowed",
        Text("冒号的位置不对；含“: ”的文字须加引号", "a colon stands where none may; quote a text that holds “: ”"),
    ),
    ("did not find expected ',' or", Text("缺少逗号或右括号", "a comma or a closing bracket is missing")),
    ("did not find expected '-'", Text("列表的缩进不一致", "the indentation of the list is uneven")),
    (
        "did not find expected key",
        Text("缩进不一致，或缺少引号、逗号", "uneven indentation, or a missing quote or comma"),
    ),
    ("could not find expected ':'", Text("缺少冒号", "a colon is missing")),
    ("unexpected end of stream", Text("引号没有闭合", "a quote is not closed")),
    ("cannot start any token", Text("此处不能用这个字符；请加引号", "this character cannot begin a text; quote it")),
    (
        "did not find expected node content",
        Text("此处缺少内容，或右括号多余", "something is missing here, or a closing bracket too many"),
    ),
)

#: A sign of Chinese typing where one of YAML was meant: after a key, or before one. In a text it is as it should be.
_WIDE_SIGN = re.compile(r"(?:^|[{,，]) *[a-z_]+：|[，；](?= *[a-z_]+ *[:：])|[｛｝［］]")
#: An ideographic space (全角空格) where YAML wants plain ones: before what stands in a line, or after a colon.
_WIDE_SPACE = re.compile("^ *\u3000|[a-z_]: *\u3000")
_WIDE_QUOTE = re.compile("[“”‘’]")
_QUOTE = Text(
    "“{mark}”是全角引号，不能与半角引号配对，此处须用半角",
    "“{mark}” is a full-width quote and closes none of YAML's; the half-width one is wanted here",
)
_SPACE = Text("全角空格（U+3000）须改为半角空格", "a full-width space (U+3000) stands here: type plain spaces")
_WIDE = Text(
    "“{mark}”是全角符号，此处须用半角，其后空一格",
    "“{mark}” is a full-width sign; the half-width one and a space are wanted here",
)


@dataclass(slots=True)
class _Leaf:
    value: Any
    spot: Spot


@dataclass(slots=True)
class _Row:
    spot: Spot
    items: list[_Node] = field(default_factory=list)


@dataclass(slots=True)
class _Table:
    spot: Spot
    entries: list[tuple[str, Spot, _Node]] = field(default_factory=list)


_Node = _Leaf | _Row | _Table

#: What was composed of texts in which nothing was amiss: the same files are read again and again, and composing is most of reading.
_COMPOSED: dict[str, _Node] = {}
_MOST_COMPOSED = 64
_Content = yaml.ScalarEvent | yaml.CollectionStartEvent


def read(text: str | bytes, report: Report) -> Any:
    """The plain value that the text says; the report learns where each part of it stands. Raises Stop beyond cure."""
    written = _decoded(text, report)
    report.lines = re.split("\r\n|\n|\r", written)
    report.definition = next((said[1] for line in report.lines if (said := _ID.match(line))), "")
    _plain_characters(report)
    try:
        root = _COMPOSED.get(written) or _composed(written, report)
    except yaml.YAMLError as fault:
        _syntax(fault, report)
        raise Stop from fault
    if not isinstance(root, _Table):
        report.at(root.spot, "not-a-mapping")
        raise Stop
    return _Unfolding(report).value(root, (), 1)


def _composed(written: str, report: Report) -> _Node:
    root = _Composer(report).document(written)
    if not report.findings:
        _COMPOSED[written] = root
        for oldest in list(_COMPOSED)[:-_MOST_COMPOSED]:
            _COMPOSED.pop(oldest, None)
    return root


def _decoded(text: str | bytes, report: Report) -> str:
    if isinstance(text, str):
        size = len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
    else:
        size = len(text)
    if size > MOST_BYTES:
        report.at(Spot(1, 1), "too-large", size=(size + 1023) // 1024, most=MOST_BYTES // 1024)
        raise Stop
    if isinstance(text, str):
        return text.removeprefix("\ufeff")
    try:
        return text.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        before = text[: fault.start]
        line = before.count(b"\n") + 1
        column = len(before.rpartition(b"\n")[2].decode("utf-8", "replace")) + 1
        report.at(Spot(line, column), "encoding", guess=_guess(text))
        raise Stop from fault


def _guess(text: bytes) -> str:
    if text[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "UTF-16"
    try:
        text.decode("gb18030")
    except UnicodeDecodeError:
        return "?"
    return "GB18030"


def _plain_characters(report: Report) -> None:
    for number, line in enumerate(report.lines, 1):
        if not (line.isascii() and line.isprintable()):
            for hostile in _HOSTILE.finditer(line):
                report.at(Spot(number, hostile.start() + 1), "control-character", character=f"U+{ord(hostile[0]):04X}")
            if tab := _INDENTING_TAB.match(line):
                report.at(Spot(number, tab.end()), "tab")
    if report.findings:
        raise Stop


def _syntax(fault: yaml.YAMLError, report: Report) -> None:
    problem = str(getattr(fault, "problem", None) or "unreadable")
    # An open quote is found out at the end of the file; where it was opened is what the reader wants to know.
    mark = getattr(fault, "context_mark" if "end of stream" in problem else "problem_mark", None)
    known = next((said for start, said in _SYNTAX if start in problem), Text(problem, problem))
    spot = Spot(mark.line + 1, mark.column + 1) if mark else Spot(1, 1)
    # A quote that was opened as YAML wants it and closed as a Chinese text does stays open to the end of the file.
    line = report.lines[spot.line - 1] if 0 < spot.line <= len(report.lines) else ""
    if "end of stream" in problem and (wide := _WIDE_QUOTE.search(line, spot.column)):
        spot, known = Spot(spot.line, wide.start() + 1), _QUOTE.filled(mark=wide[0])
    # A colon that is none is missed on the line after it.
    for number in (spot.line, spot.line - 1):
        if 0 < number <= len(report.lines) and (wide := _WIDE_SIGN.search(report.lines[number - 1])):
            spot, known = Spot(number, wide.end()), _WIDE.filled(mark=wide[0][-1])
            break
        if 0 < number <= len(report.lines) and (wide := _WIDE_SPACE.search(report.lines[number - 1])):
            spot, known = Spot(number, wide.end()), _SPACE
            break
    report.at(spot, "yaml-syntax", detail=known)


class _Composer:
    """Reads events into nodes; what can be mended by the reader is reported and passed over, the rest stops."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.anchors: dict[str, _Node | None] = {}  # None: still open
        self.aliases = 0

    def document(self, written: str) -> _Node:
        """The root of the only document."""
        self.events = self._bounded(written)
        event = next(self.events)
        while not isinstance(event, yaml.DocumentStartEvent):
            if isinstance(event, yaml.StreamEndEvent):
                self._stop(event, "empty")
            event = next(self.events)
        if event.version or event.tags:
            self._stop(event, "directive")
        root = self._node(next(self.events))
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                self._stop(event, "several-documents")
        return root

    def _bounded(self, written: str) -> Iterator[yaml.Event]:
        depth = 0
        for event in yaml.parse(written, Loader=_PARSER):
            if isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
                depth += 1
                if depth > DEEPEST:
                    self._stop(event, "too-deep", most=DEEPEST)
            elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
                depth -= 1
            yield event

    def _stop(self, event: yaml.Event, code: str, **facts: object) -> NoReturn:
        self.report.at(_spot(event), code, **facts)
        raise Stop

    def _node(self, event: yaml.Event) -> _Node:
        if isinstance(event, yaml.AliasEvent):
            return self._aliased(event)
        assert isinstance(event, _Content)
        anchor = event.anchor
        if anchor is not None:
            if anchor in self.anchors:
                self.report.at(_spot(event), "anchor-twice", name=anchor)
            self.anchors[anchor] = None
        if event.tag is not None:
            self.report.at(_spot(event), "tag", tag=event.tag)
        node = self._fresh(event)
        if anchor is not None:
            self.anchors[anchor] = node
        return node

    def _fresh(self, event: yaml.Event) -> _Node:
        if isinstance(event, yaml.ScalarEvent):
            return _Leaf(self._scalar(event), _spot(event))
        if isinstance(event, yaml.SequenceStartEvent):
            row = _Row(_spot(event))
            while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
                row.items.append(self._node(event))
            return row
        return self._table(_spot(event))

    def _table(self, spot: Spot) -> _Table:
        table, seen = _Table(spot), dict[str, Spot]()
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            name, at = self._key(event), _spot(event)
            value = self._node(next(self.events))
            if name is None:
                continue
            if name in seen:
                first = seen[name]
                self.report.at(
                    at,
                    "duplicate-key",
                    name=name,
                    line=first.line,
                    column=first.column,
                    first=self.report.line(first.line).strip(),
                )
                continue
            seen[name] = at
            table.entries.append((name, at, value))
        return table

    def _key(self, event: yaml.Event) -> str | None:
        if not isinstance(event, yaml.ScalarEvent):
            node = self._node(event)
            self.report.at(node.spot, "key-not-text", name="…")
            return None
        spot, name = _spot(event), event.value
        if event.tag is not None:
            self.report.at(spot, "tag", tag=event.tag)
        elif name == "<<":
            self.report.at(spot, "merge-key")
        elif _SWITCH.fullmatch(name):
            self.report.at(spot, "ambiguous-key", name=name)
        elif not isinstance(self._scalar(event), str):
            self.report.at(spot, "key-not-text", name=name)
        if event.anchor is not None:
            self.anchors[event.anchor] = _Leaf(name, spot)
        return None if name == "<<" else unicodedata.normalize("NFC", name)

    def _aliased(self, event: yaml.AliasEvent) -> _Node:
        self.aliases += 1
        if self.aliases > MOST_ALIASES:
            self._stop(event, "too-many-aliases", most=MOST_ALIASES)
        name = str(event.anchor)
        node = self.anchors.get(name)
        if node is None:
            code = "recursive-alias" if name in self.anchors else "unknown-alias"
            self._stop(event, code, name=name)
        return node

    def _scalar(self, event: yaml.ScalarEvent) -> Any:
        said, spot = event.value, _spot(event)
        if not event.implicit[0]:  # quoted: text, whatever it looks like
            hostile = _HOSTILE.search(said)
            if hostile:
                self.report.at(spot, "control-character", character=f"U+{ord(hostile[0]):04X}")
            return unicodedata.normalize("NFC", said)
        if said in ("", "~", "null"):
            return None
        if said in ("true", "false"):
            return said == "true"
        if _INTEGER.fullmatch(said):
            return int(said)
        if _SPELT_OTHERWISE.fullmatch(said):
            self.report.at(spot, "ambiguous-value", given=said)
        elif _NUMBERLIKE.fullmatch(said):
            self.report.at(spot, "number-form", given=said)
        return unicodedata.normalize("NFC", said)


class _Unfolding:
    """Writes the aliases out, counting, and tells the report where each part stands."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.nodes = 0
        self.characters = 0

    def value(self, node: _Node, path: Path, depth: int) -> Any:
        """The plain value of a node."""
        self.nodes += 1
        if self.nodes > MOST_NODES or self.characters > MOST_CHARACTERS or depth > DEEPEST + 1:
            self.report.at(node.spot, "expanded-too-large")
            raise Stop
        self.report.values[path] = node.spot
        if isinstance(node, _Leaf):
            self.characters += len(node.value) if isinstance(node.value, str) else 1
            return node.value
        if isinstance(node, _Row):
            return [self.value(each, (*path, number), depth + 1) for number, each in enumerate(node.items)]
        whole = {}
        for name, spot, inner in node.entries:
            self.characters += len(name)
            self.report.keys[*path, name] = spot
            whole[name] = self.value(inner, (*path, name), depth + 1)
        return whole


def _spot(event: yaml.Event) -> Spot:
    assert event.start_mark is not None
    return Spot(event.start_mark.line + 1, event.start_mark.column + 1)
