"""What the user says of a foreign log: which column is what, which activity is which step. Strict, each fault at its line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from workflow.case import START
from workflow.errors import BadDefinition, Finding
from workflow.loader.report import Path, Report, Stop
from workflow.loader.source import read
from workflow.model import Definition
from workflow.text import Text, shown

FINAL, ANYWHERE = "final", "anywhere"


class BadMap(BadDefinition):
    """A map that cannot be followed; `findings` holds every fault with file, line and column."""

    text = Text(zh="对应文件 {file} 有 {count} 处错误：", en="map {file} has {count} fault(s):")


@dataclass(frozen=True, slots=True)
class Columns:
    """Where each thing stands: a column of the CSV file, or a key of the XES file (`case:` before those of a trace)."""

    case: str = "case:concept:name"
    activity: str = "concept:name"
    time: str = "time:timestamp"
    resource: str | None = "org:resource"
    lifecycle: str | None = "lifecycle:transition"
    form: str | None = None  # how times are written, where it is not ISO 8601
    others: tuple[str, ...] = ()  # columns that data and the log's own deadline come from

    @property
    def named(self) -> tuple[str | None, ...]:
        """Every column that must be there."""
        return (self.case, self.activity, self.time, self.resource, self.lifecycle, *self.others)


@dataclass(frozen=True, slots=True)
class ReplayMap:
    """A map that fits its definition."""

    columns: Columns = field(default_factory=Columns)
    steps: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # activity -> steps, the first that is open
    ignored: frozenset[str] = frozenset()
    data: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # step -> field -> column
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # field -> word -> value
    unjudged: frozenset[str] = frozenset()  # guards that the log cannot answer
    silent: frozenset[str] = frozenset()  # steps that happen without a trace in the log
    ends: str = FINAL
    deadline: str | None = None  # column with each case's last day, as the log says it
    own: bool = False  # a log that this program wrote: it speaks the language of the definition


#: A log that `gongkai log export` wrote needs no map: it names the step, and the data under `data.`. Its open cases are open.
OWN_LOG = ReplayMap(Columns(activity="step"), ends=ANYWHERE, own=True)

_LOG_KEYS = ("case", "activity", "time", "resource", "lifecycle", "form")
_KEYS = ("log", "steps", "ignore", "data", "values", "unjudged", "silent", "ends", "deadline")


def read_replay_map(text: str, file: str, definition: Definition, *, is_xes: bool) -> ReplayMap:
    """The map that the text says; raises BadMap with every fault at its line."""
    report = Report(file)
    try:
        said = read(text, report)
    except Stop:
        raise BadMap(file, report.findings) from None
    judge = _Judge(report, definition)
    judge.whole(said)
    if judge.faults:
        raise BadMap(file, judge.faults)
    log = said["log"] if isinstance(said.get("log"), dict) else {}
    usual = Columns() if is_xes else Columns("", "", "", None, None)
    data = {step: dict(fields) for step, fields in said.get("data", {}).items()}
    others = dict.fromkeys([*(c for each in data.values() for c in each.values()), *_some(said.get("deadline"))])
    columns = Columns(**{name: log.get(name, getattr(usual, name)) for name in _LOG_KEYS}, others=tuple(others))
    return ReplayMap(
        columns=columns,
        steps={activity: _listed(steps) for activity, steps in said["steps"].items()},
        ignored=frozenset(said.get("ignore", ())),
        data=data,
        values={name: {str(w): str(v) for w, v in words.items()} for name, words in said.get("values", {}).items()},
        unjudged=frozenset(said.get("unjudged", ())),
        silent=frozenset(said.get("silent", ())),
        ends=said.get("ends", FINAL),
        deadline=said.get("deadline"),
    )


def _some(said: Any) -> list[str]:
    return [said] if isinstance(said, str) else []


def _listed(said: Any) -> tuple[str, ...]:
    return tuple(said) if isinstance(said, list) else (said,)


class _Judge:
    """Reads a map against its definition, and keeps every fault with its place."""

    def __init__(self, report: Report, definition: Definition) -> None:
        self.report, self.definition = report, definition
        self.faults: list[Finding] = list(report.findings)
        self.steps = {START, *map(str, definition.transitions)}

    def whole(self, said: Mapping[str, Any]) -> None:
        for key in said:
            self._known((key,), key, _KEYS, _KEY)
        if "steps" not in said:
            self._fault((), "no-steps", _NO_STEPS, _SHOW_STEPS)
        self._table(said, "log", self._log)
        self._table(said, "steps", self._steps)
        self._table(said, "data", self._data)
        self._table(said, "values", self._values)
        self._texts(said, "ignore", None, _KEY)
        self._texts(said, "unjudged", self.definition.guards, _GUARD)
        self._texts(said, "silent", self.definition.transitions, _STEP)
        self._text(said, ("ends",))
        if "ends" in said and isinstance(said["ends"], str):
            self._known(("ends",), said["ends"], (FINAL, ANYWHERE), _WORD, value=True)
        self._text(said, ("deadline",))
        for activity in set(_names(said.get("ignore"))) & set(_keys_of(said.get("steps"))):
            self._fault(("steps", activity), "twice", _TWICE.filled(name=shown(activity)), _ONE_OF_BOTH)

    def _log(self, said: Mapping[str, Any]) -> None:
        for key in said:
            self._known(("log", key), key, _LOG_KEYS, _KEY)
            self._text(said, ("log", key))
        form = said.get("form")
        if isinstance(form, str) and not {"%Y", "%m", "%d"} <= {form[at : at + 2] for at in range(len(form))}:
            self._fault(("log", "form"), "bad-form", _FORM.filled(form=shown(form)), _FORM_HINT, value=True)

    def _steps(self, said: Mapping[str, Any]) -> None:
        for activity, steps in said.items():
            path = ("steps", activity)
            if not isinstance(steps, str) and not (isinstance(steps, list) and steps and _all_texts(steps)):
                self._fault(path, "bad-shape", _STEP_SHAPE, _SHOW_STEPS, value=True)
                continue
            for each in _listed(steps):
                self._known(path, each, self.steps, _STEP, value=True)

    def _data(self, said: Mapping[str, Any]) -> None:
        for step, fields in said.items():
            self._known(("data", step), step, self.steps, _STEP)
            if not isinstance(fields, dict):
                self._fault(("data", step), "bad-shape", _DATA_SHAPE, _SHOW_DATA, value=True)
                continue
            for name in fields:
                self._known(("data", step, name), name, self.definition.fields, _FIELD)
                self._text(fields, ("data", step, name))

    def _values(self, said: Mapping[str, Any]) -> None:
        for name, words in said.items():
            self._known(("values", name), name, self.definition.fields, _FIELD)
            if not isinstance(words, dict):
                self._fault(("values", name), "bad-shape", _VALUES_SHAPE, _SHOW_VALUES, value=True)
            elif choices := self.definition.fields[name].choices if name in self.definition.fields else {}:
                for word, value in words.items():
                    self._known(("values", name, word), str(value), choices, _VALUE, value=True)

    def _table(self, said: Mapping[str, Any], key: str, judge: Callable[[Mapping[str, Any]], None]) -> None:
        if key not in said:
            return
        if isinstance(said[key], dict):
            judge(said[key])
        else:
            self._fault((key,), "bad-shape", _TABLE.filled(key=key), _SHOW_STEPS, value=True)

    def _texts(self, said: Mapping[str, Any], key: str, known: Mapping[Any, Any] | None, what: Text) -> None:
        if key not in said:
            return
        if not isinstance(said[key], list) or not _all_texts(said[key]):
            self._fault((key,), "bad-shape", _LIST.filled(key=key), _SHOW_LIST.filled(key=key), value=True)
            return
        for at, each in enumerate(said[key] if known is not None else ()):
            self._known((key, at), each, known or {}, what, value=True)

    def _text(self, said: Mapping[str, Any], path: Path) -> None:
        key = str(path[-1])
        if key in said and (not isinstance(said[key], str) or not said[key].strip()):
            self._fault(path, "bad-shape", _A_TEXT.filled(key=key), _COLUMN_HINT, value=True)

    def _known(self, path: Path, name: str, known: Any, what: Text, *, value: bool = False) -> None:
        names = [str(each) for each in known]
        if name in names:
            return
        near = get_close_matches(name, names, n=3) or names[:12]
        hint = _THERE_ARE.filled(names=Text("、".join(near), ", ".join(near))) if near else _NONE_HERE
        self._fault(path, "unknown-name", _UNKNOWN.filled(what=what, name=shown(name)), hint, value=value)

    def _fault(self, path: Path, code: str, text: Text, hint: Text, *, value: bool = False) -> None:
        line, column = self.report.spot(path, value) if path else (1, 1)
        source = self.report.lines[line - 1] if 0 < line <= len(self.report.lines) else ""
        self.faults.append(Finding(code, self.definition.id, text, hint, self.report.file, line, column, source))


def _all_texts(said: list[Any]) -> bool:
    return all(isinstance(each, str) for each in said)


def _names(said: Any) -> Iterator[str]:
    return (each for each in said if isinstance(each, str)) if isinstance(said, list) else iter(())


def _keys_of(said: Any) -> list[str]:
    return list(said) if isinstance(said, dict) else []


_KEY = Text("键", "key")
_STEP = Text("步骤", "step")
_FIELD = Text("字段", "field")
_GUARD = Text("条件", "guard")
_VALUE = Text("取值", "value")
_WORD = Text("词", "word")
_UNKNOWN = Text("没有名为“{name}”的{what}", "there is no {what} “{name}”")
_THERE_ARE = Text("可用：{names}", "there are: {names}")
_NONE_HERE = Text("此定义没有", "this definition has none")
_NO_STEPS = Text("缺少 steps：哪个活动是哪个步骤", "`steps` is missing: which activity is which step")
_SHOW_STEPS = Text("写作 steps: {活动名: 步骤名}", "write steps: {activity: step}")
_STEP_SHAPE = Text("活动须对应一个步骤或一列步骤", "an activity stands for one step, or a list of steps")
_DATA_SHAPE = Text("data 的每个步骤下应为“字段: 列名”", "under each step of `data` stand field: column")
_SHOW_DATA = Text("写作 data: {步骤: {字段: 列名}}", "write data: {step: {field: column}}")
_VALUES_SHAPE = Text("values 的每个字段下应为“文件中的写法: 取值”", "under each field of `values` stand word: value")
_SHOW_VALUES = Text("写作 values: {字段: {写法: 取值}}", "write values: {field: {word: value}}")
_TABLE = Text("{key} 应是一个表", "{key} must be a table")
_LIST = Text("{key} 应是一列名称", "{key} must be a list of names")
_SHOW_LIST = Text("写作 {key}: [名称, …]", "write {key}: [name, …]")
_A_TEXT = Text("{key} 应是文字", "{key} must be a text")
_COLUMN_HINT = Text("写列名（CSV）或键名（XES）", "name a column (CSV) or a key (XES)")
_FORM = Text("“{form}”不是时间写法", "“{form}” is no form of times")
_FORM_HINT = Text("须有 %Y、%m、%d，如 %d/%m/%Y %H:%M", "it needs %Y, %m and %d, as in %d/%m/%Y %H:%M")
_TWICE = Text("“{name}”既在 steps 又在 ignore 中", "“{name}” stands in steps and in ignore")
_ONE_OF_BOTH = Text("只留一处", "keep one of both")
