"""Reading a small YAML or JSON file with places: every fault is told, each with its row and column.

Every scalar stays text: nothing is taken for a date or a truth by its looks. No aliases, anchors, tags or deep nesting.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

from workflow.errors import BadFile, Problem
from workflow.text import Text
from workflow.workdays.calendar import ONE_DAY


class Node(NamedTuple):
    """A value of a file, at its place. Every scalar is text: nothing is taken for a date or a truth by its looks."""

    value: str | list[Node] | dict[str, Node]
    line: int
    column: int


_LARGEST, _DEEPEST = 256 * 1024, 6
_YEARS = range(1949, 2200)


class Reader:
    """Reads one file and gathers what is wrong with it, so that all of it is said at once."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []

    def fault(self, at: Node, code: str, text: Text, **facts: object) -> None:
        self.problems.append(Problem(code, text.filled(**facts) if facts else text, row=at.line, column=str(at.column)))

    def finish(self) -> None:
        """Nothing was wrong, or BadFile."""
        if self.problems:
            raise BadFile(self.problems, file=self.file)

    def whole(self, text: str) -> Node:
        """The file as nodes."""
        import yaml

        if len(text) > _LARGEST:
            raise self._unreadable("too-large", _TOO_LARGE)
        # JSON may be indented by tabs, which YAML refuses; inside JSON's strings they cannot stand.
        json = text.lstrip("\ufeff \t\r\n").startswith("{")
        events = yaml.parse(text.removeprefix("\ufeff").replace("\t", " ") if json else text, Loader=yaml.SafeLoader)
        try:
            for event in events:
                if isinstance(event, yaml.NodeEvent):
                    return self._node(event, events, 0)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark
            row, column = (mark.line + 1, str(mark.column + 1)) if mark else (1, "1")
            raise self._unreadable("syntax", _SYNTAX.filled(said=error.problem), row, column) from error
        except yaml.YAMLError as error:
            raise self._unreadable("syntax", _SYNTAX.filled(said=str(error))) from error
        raise self._unreadable("empty", _EMPTY_FILE)

    def _unreadable(self, code: str, text: Text, row: int = 1, column: str = "1") -> BadFile:
        return BadFile((Problem(code, text, row=row, column=column),), file=self.file)

    def _node(self, event: Any, events: Iterator[Any], depth: int) -> Node:
        import yaml

        at = Node("", event.start_mark.line + 1, event.start_mark.column + 1)
        tagged = getattr(event, "tag", None) not in (None, "!")
        if isinstance(event, yaml.AliasEvent) or event.anchor or tagged or depth > _DEEPEST:
            self.fault(at, "not-plain", _NOT_PLAIN)
            self.finish()
        if isinstance(event, yaml.ScalarEvent):
            return at._replace(value=event.value)
        if isinstance(event, yaml.SequenceStartEvent):
            items = []
            while not isinstance(following := next(events), yaml.SequenceEndEvent):
                items.append(self._node(following, events, depth + 1))
            return at._replace(value=items)
        pairs: dict[str, Node] = {}
        while not isinstance(following := next(events), yaml.MappingEndEvent):
            key = self._node(following, events, depth + 1)
            value = self._node(next(events), events, depth + 1)
            if not isinstance(key.value, str):
                self.fault(key, "not-plain", _NOT_PLAIN)
            elif key.value in pairs:
                self.fault(key, "twice", _KEY_TWICE, key=key.value)
            else:
                pairs[key.value] = value
        return at._replace(value=pairs)

    # What the nodes must hold.

    def mapping(self, node: Node) -> Mapping[str, Node]:
        if isinstance(node.value, dict):
            return node.value
        self.fault(node, "not-a-mapping", _NOT_A_MAPPING)
        return {}

    def keys(self, node: Node, required: tuple[str, ...], optional: tuple[str, ...]) -> Mapping[str, Node]:
        """The mapping, when it holds all that is required and nothing that is unknown."""
        said = self.mapping(node)
        if not isinstance(node.value, dict):
            return said
        for key in (each for each in said if each not in (*required, *optional)):
            self.fault(said[key], "unknown-key", _UNKNOWN_KEY, key=key, known=", ".join((*required, *optional)))
        for key in (each for each in required if each not in said):
            self.fault(node, "missing-key", _MISSING_KEY, key=key)
        return said

    def items(self, node: Node | None) -> list[Node]:
        if node is None:
            return []
        if isinstance(node.value, list):
            return node.value
        self.fault(node, "not-a-list", _NOT_A_LIST)
        return []

    def words(self, node: Node | None) -> str:
        if node is None:
            return ""
        if isinstance(node.value, str) and node.value.strip() and node.value.isprintable():
            return node.value.strip()
        self.fault(node, "not-text", _NOT_TEXT)
        return ""

    def year(self, node: Node | None) -> int:
        said = self.words(node)
        if node and said and not (said.isascii() and said.isdecimal() and len(said) == 4 and int(said) in _YEARS):
            self.fault(node, "bad-year", _BAD_YEAR, said=said)
            return 0
        return int(said or 0)

    def count(self, node: Node) -> int:
        said = self.words(node)
        if said and not (said.isascii() and said.isdecimal() and len(said) < 3):
            self.fault(node, "bad-count", _BAD_COUNT, said=said)
            return 0
        return int(said or 0)

    def day_of_year(self, node: Node, said: str) -> tuple[int, int] | None:
        try:
            day = date.fromisoformat(f"2024-{said}") if re.fullmatch(r"\d\d-\d\d", said) else None
        except ValueError:
            day = None
        if day is None:
            self.fault(node, "bad-day", _BAD_DAY, said=said)
        return (day.month, day.day) if day else None

    def truth(self, node: Node | None) -> bool:
        said = self.words(node)
        if node and said not in ("true", "false", ""):
            self.fault(node, "not-a-truth", _NOT_A_TRUTH, said=said)
        return said == "true"

    def on(self, node: Node, said: str, year: int) -> date | None:
        """A day that a notice for that year may speak of: its own, or the turns of the year before and after."""
        try:
            day = date.fromisoformat(said) if re.fullmatch(r"\d{4}-\d\d-\d\d", said) else None
        except ValueError:
            day = None
        if day is None:
            self.fault(node, "bad-date", _BAD_DATE, said=said)
        elif year and not date(year - 1, 12, 1) <= day <= date(year + 1, 1, 31):
            self.fault(node, "other-year", _OTHER_YEAR, said=said, year=year)
            return None
        return day

    def dates(self, node: Node | None, year: int) -> Iterator[tuple[date, Node]]:
        """Days as they are listed: one, a range `a..b`, or a list of both."""
        if node is None:
            return
        for each in node.value if isinstance(node.value, list) else (node,):
            first, _, last = self.words(each).partition("..")
            if not first:
                continue
            from_on = self.on(each, first.strip(), year)
            until_on = self.on(each, last.strip(), year) if last else from_on
            if from_on and until_on and until_on < from_on:
                self.fault(each, "bad-range", _BAD_RANGE, said=f"{first}..{last}")
            elif from_on and until_on:
                for n in range((until_on - from_on).days + 1):
                    yield from_on + n * ONE_DAY, each


_TOO_LARGE = Text("文件超过 256 KiB，不是日历文件", "larger than 256 KiB: not a calendar file")
_EMPTY_FILE = Text("文件是空的；写法见 docs/clocks.md", "the file is empty; docs/clocks.md shows how to write one")
_SYNTAX = Text("不是合乎规则的 YAML 或 JSON：{said}", "not well-formed YAML or JSON: {said}")
_NOT_PLAIN = Text(
    "日历文件中不用别名、锚点、标签或多层嵌套", "a calendar file has no aliases, anchors, tags or deep nesting"
)
_KEY_TWICE = Text("“{key}”写了两次，请删去一处", "“{key}” stands twice; delete one")
_NOT_A_MAPPING = Text("此处应为“名称: 值”", "this should be “name: value” pairs")
_NOT_A_LIST = Text("此处应为列表", "this should be a list")
_NOT_TEXT = Text("此处应为一行文字", "this should be one line of text")
_UNKNOWN_KEY = Text("不认识“{key}”；可用：{known}", "unknown key “{key}”; known here: {known}")
_MISSING_KEY = Text("缺少“{key}”", "“{key}” is missing")
_BAD_YEAR = Text("“{said}”不是年份，应写作 2027", "“{said}” is no year; write it like 2027")
_BAD_COUNT = Text("“{said}”不是天数，应写作 3", "“{said}” is no number of days; write it like 3")
_BAD_DAY = Text("“{said}”不是月日；请写成 05-01", "“{said}” is no day of a year; write it as 05-01")
_NOT_A_TRUTH = Text("“{said}”应为 true 或 false", "“{said}” should be true or false")
_BAD_DATE = Text("“{said}”不是日期，应写作 2027-01-01", "“{said}” is no date; write it like 2027-01-01")
_BAD_RANGE = Text("“{said}”首尾颠倒，应写作 起..止", "“{said}” ends before it begins; write first..last")
_OTHER_YEAR = Text("{said} 不属于{year}年的放假安排", "{said} is no day that the notice for {year} arranges")
