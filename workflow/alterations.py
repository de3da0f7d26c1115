"""What a changed entry of a definition said before and says now (改动前后), in titles and not in the words of the program. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

from workflow.case import EDIT, StateName, TransitionName
from workflow.clock import in_words as limit_in_words
from workflow.conditions import AllOf, AnyOf, AtLeast, Before, IsSet, Not, OneOf, OnOrAfter, SameAs
from workflow.limit import Limit
from workflow.model import Definition
from workflow.text import Text, listed
from workflow.words import in_words, step_label

_CONDITIONS = (AllOf, AnyOf, AtLeast, Before, IsSet, Not, OneOf, OnOrAfter, SameAs)


@dataclass(frozen=True, slots=True)
class Alteration:
    """One key of an entry: what it is called, what stood there, and what stands there now."""

    key: str
    title: Text
    before: Text
    after: Text

    @property
    def text(self) -> Text:
        """The alteration in one clause."""
        return _CLAUSE.filled(title=self.title, before=self.before, after=self.after)

    def to_json(self) -> dict[str, object]:
        """The alteration as the JSON surface shows it."""
        return {"key": self.key, **self.title.to_json(), "from": self.before.to_json(), "to": self.after.to_json()}


def altered(
    old: Definition, new: Definition, key: str, before: Any, after: Any, title: Text | None = None
) -> Alteration:
    """What one key says in either version; of a table only the lines that differ."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        same = {name for name in before if name in after and before[name] == after[name]}
        before = {name: said for name, said in before.items() if name not in same}
        after = {name: said for name, said in after.items() if name not in same}
    called = title or TITLES.get(key) or Text(key, key)
    was, now = _said(old, key, before), _said(new, key, after)
    if was == now:  # called alike: only the names tell them apart
        was, now = _said(_by_name(old), key, before), _said(_by_name(new), key, after)
    return Alteration(key, called, was, now)


def _by_name(definition: Definition) -> Definition:
    """The definition with its names beside its labels."""

    def named(entries: Mapping[Any, Any], what: str = "label") -> dict[Any, Any]:
        return {
            name: replace(each, **{what: _WITH_NAME.filled(label=getattr(each, what), name=name)})
            for name, each in entries.items()
        }

    return replace(
        definition,
        states=named(definition.states),
        fields=named(definition.fields),
        roles=named(definition.roles),
        transitions=named(definition.transitions),
        deadlines=named(definition.deadlines),
        guards=named(definition.guards, "text"),
    )


def _said(definition: Definition, key: str, value: Any) -> Text:
    """A value as people read it; `key` says of what its names are the names."""
    if value is None or value == () or value == {} or value == frozenset():
        return _NOTHING
    if isinstance(value, bool):
        return _YES if value else _NO
    if isinstance(value, Text):
        return value
    if isinstance(value, Limit):
        return limit_in_words(value)
    if isinstance(value, _CONDITIONS):
        return in_words(definition, value)
    if isinstance(value, Mapping):
        of_keys, of_values = _TABLES.get(key, (None, None))
        lines = (
            _LINE.filled(
                name=_said(definition, of_keys, name) if of_keys else TITLES.get(str(name), Text(str(name), str(name))),
                value=_said(definition, of_values or str(name), said),
            )
            for name, said in value.items()
        )
        return listed(lines, "；", "; ")
    if isinstance(value, frozenset):
        value = tuple(sorted(value))
    if isinstance(value, tuple | list):
        return listed(_said(definition, key, each) for each in value)
    if is_dataclass(value):
        return _parts(definition, value)
    return _named(definition, key, value)


def _parts(definition: Definition, entry: Any) -> Text:
    """A part of an entry, such as one escalation: all that it says, without its own name where it has a title."""
    if hasattr(entry, "label") and isinstance(entry.label, Text):
        return entry.label
    given = [
        _LINE.filled(name=TITLES.get(each.name, Text(each.name, each.name)), value=_said(definition, each.name, said))
        for each in fields(entry)
        if each.init and each.name not in _UNTOLD and (said := getattr(entry, each.name)) not in (None, (), False)
    ]
    return _BRACED.filled(parts=listed(given))


def _named(definition: Definition, key: str, value: Any) -> Text:
    """A single value: a name by its title, a word of the program in the reader's language, anything else as it stands."""
    if isinstance(value, date):
        return Text(value.isoformat(), value.isoformat())
    if isinstance(value, StrEnum | str) and str(value) in _WORDS:
        return _WORDS[str(value)]
    name = str(value)
    label: Text | None = None
    for kind in _NAMES.get(key, ()):
        label = label or _label(definition, kind, name)
    return _QUOTED.filled(name=label) if label else Text(name, name)


def _label(definition: Definition, kind: str, name: str) -> Text | None:
    if kind == "step":
        if name.startswith(EDIT + "."):
            state = definition.states.get(StateName(name.removeprefix(EDIT + ".")))
            return _EDIT_IN.filled(state=state.label) if state else None
        return step_label(definition, TransitionName(name))
    if kind == "guard":
        guard = definition.guards.get(name)
        return guard.text if guard else None
    tables: dict[str, Mapping[Any, Any]] = {
        "state": definition.states,
        "field": definition.fields,
        "role": definition.roles,
        "clock": definition.deadlines,
        "child": definition.children,
        "letter": definition.letters,
    }
    found = tables[kind].get(name)
    label: Text | None = found.label if found else None
    return label


#: Of what the names under a key are the names.
_NAMES: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("sources", "target", "into", "out_of", "runs_in", "pauses_in", "states", "targets", "state"), ("state",)),
    **dict.fromkeys(("through", "since", "apart_from", "but_by", "done_by", "events", "event", "step", "steps", "transition"), ("step",)),
    **dict.fromkeys(("guards", "warns", "when_blocked", "parts", "without"), ("guard",)),
    **dict.fromkeys(("waits_for", "seen_by", "by", "tell", "to", "reassign", "roles", "of_this_year"), ("role",)),
    **dict.fromkeys(
        (
            "required", "optional", "lapses_on", "fields", "dated", "key", "opened", "closed", "limit_field", "regime_by",
            "field", "date", "dates", "text", "gathered", "count", "number", "kind", "series", "year_of", "listed", "section",
        ),
        ("field",),
    ),
    **dict.fromkeys(("children", "case"), ("child", "field")),
    **dict.fromkeys(("child", "opens"), ("child",)),
    "deadlines": ("clock",),
    "letter": ("letter",),
}  # fmt: skip
#: Of a table: what its keys are, and what its values.
_TABLES = {
    "edit": ("roles", "fields"),
    "roles": ("states", "roles"),
    "restart": ("steps", "date"),
    "columns": ("fields", "headers"),
    "sets": ("fields", "value"),
    "choices": ("value", "value"),
}
#: Of an assignment, a step of a clock: what follows from the rest.
_UNTOLD = ("name",)
_WORDS = {
    "internal": Text("承办时限", "internal"),
    "statutory": Text("法定时限", "statutory"),
    "none": Text("不收", "none"),
    "optional": Text("可填", "may be given"),
    "required": Text("必填", "must be given"),
    "section": Text("本科室", "its own section"),
    "bureau": Text("全局", "the whole bureau"),
    "text": Text("文字", "text"),
    "enum": Text("选项", "choice"),
    "bool": Text("是否", "yes or no"),
    "integer": Text("整数", "whole number"),
    "money": Text("金额", "money"),
    "date": Text("日期", "date"),
    "case": Text("关联事项", "other cases"),
    "remind": Text("提醒", "reminder"),
    "escalate": Text("逾期上报", "escalation"),
    "expire": Text("到期办理", "taken on expiry"),
    "literal": Text("写入值", "a value"),
    "today": Text("当日", "the day of the step"),
    "actor": Text("办理人", "who takes it"),
    "copy": Text("取自另一内容项", "copied from"),
    "append": Text("接上另一内容项", "appended from"),
    "add": Text("累加", "added"),
    "author": Text("拟稿人", "whoever began it"),
    "hands": Text("在其手中的岗位", "in whose hands it is"),
    "named": Text("受传阅的人", "those it was circulated to"),
    "last": Text("办理上一步的人", "whoever took the last step"),
    "all": Text("全部", "all"),
    "some": Text("至少一件", "some"),
    "set": Text("任何值", "any value"),
}
#: What each key is called.
TITLES: Mapping[str, Text] = {
    "label": Text("名称", "title"),
    "text": Text("说明", "sentence"),
    "type": Text("类型", "type"),
    "choices": Text("可选值", "choices"),
    "min": Text("最少", "least"),
    "max": Text("最多", "most"),
    "pattern": Text("格式", "pattern"),
    "example": Text("例子", "example"),
    "personal": Text("个人信息", "personal data"),
    "lapses_on": Text("随何者失效", "lapses with"),
    "seen_by": Text("可看全文的岗位", "seen whole by"),
    "of": Text("取自", "of"),
    "own": Text("只为本事项所用", "its own"),
    "named_in": Text("须在对方何字段中写明", "named in its"),
    "of_this_year": Text("可导入本年度记录的岗位", "who enters records of this year"),
    "scope": Text("岗位范围", "scope"),
    "rank": Text("层级", "rank"),
    "when": Text("条件", "condition"),
    "check": Text("检查", "check"),
    "params": Text("检查的参数", "what the check looks at"),
    "basis": Text("依据", "law"),
    "needs": Text("其他事项须到", "how far other cases must be"),
    "kind": Text("种类", "kind"),
    "parts": Text("必备内容", "compulsory parts"),
    "bands": Text("分档", "bands"),
    "every": Text("每多少件为一档", "items of a further band"),
    "adds": Text("每档加收", "added by each band"),
    "initial": Text("起始", "cases begin here"),
    "final": Text("办结", "cases end here"),
    "waits_for": Text("在谁手中", "in whose hands"),
    "edit": Text("可修改的内容项", "who may change what"),
    "public": Text("对外说法", "what the public is told"),
    "sources": Text("从", "from"),
    "target": Text("去处", "leads to"),
    "roles": Text("谁可以办", "who may"),
    "guards": Text("把关条件", "guards"),
    "warns": Text("提示", "warnings"),
    "when_blocked": Text("未满足时才可办", "only while unmet"),
    "auto": Text("系统自动办理", "taken by the system"),
    "comment": Text("意见", "comment"),
    "required": Text("必填", "must be filled in"),
    "optional": Text("可填", "may be filled in"),
    "sets": Text("自动写入", "written by itself"),
    "number": Text("编号", "number given"),
    "tell": Text("通知", "who is told"),
    "to": Text("对象", "to"),
    "slip": Text("退文单", "slip"),
    "dated": Text("发生日期", "day on which it happened"),
    "opens": Text("同时发起", "begins a sub-case"),
    "moves": Text("带动其他事项", "moves other cases"),
    "letter": Text("文书", "letter"),
    "at_once": Text("随前一步办理", "taken at once"),
    "by": Text("岗位或期限", "by"),
    "also": Text("另外可办的人", "who else may"),
    "runs_in": Text("计时的环节", "runs in"),
    "limit": Text("期限", "limit"),
    "anchor": Text("起算点", "counted from"),
    "applies": Text("适用条件", "applies when"),
    "since": Text("自", "since"),
    "steps": Text("提醒和上报", "reminders and escalations"),
    "pauses_in": Text("暂停的环节", "stands still in"),
    "restart": Text("重新起算", "begins anew with"),
    "extend": Text("延长", "extension"),
    "done_by": Text("由何步骤履行", "fulfilled by"),
    "regime_by": Text("据以适用法律版本的日期", "day that chooses the law"),
    "regimes": Text("其他法律版本", "other versions of the law"),
    "limit_field": Text("期限所在的内容项", "field with the limit"),
    "backward": Text("往前计", "counted back"),
    "by_entry": Text("以登记之时办结", "ended by the entry"),
    "states": Text("环节", "states"),
    "targets": Text("进入的环节", "before it stands in"),
    "into": Text("不得无条件进入的环节", "not entered without"),
    "out_of": Text("不得无条件离开的环节", "not left without"),
    "without": Text("不可缺少的条件", "guards that must not lack"),
    "but_by": Text("例外的步骤", "excepted steps"),
    "through": Text("须经的步骤", "steps to go through"),
    "apart_from": Text("由未办过这些的人", "by somebody apart from"),
    "fields": Text("内容项", "fields"),
    "at": Text("所在", "place"),
    "reason": Text("理由", "reason"),
    "state": Text("环节", "state"),
    "columns": Text("表头", "columns"),
    "key": Text("识别同一记录的内容项", "fields that tell records apart"),
    "opened": Text("起算日期", "day it began"),
    "closed": Text("办结日期", "day it ended"),
    "offset": Text("间隔", "how long before or after"),
    "reassign": Text("改由谁办理", "handed to"),
    "transition": Text("步骤", "step"),
    "events": Text("步骤", "steps"),
    "event": Text("步骤", "step"),
    "date": Text("日期", "date"),
    "count": Text("实际延长数", "how much was granted"),
    "from_on": Text("自", "from"),
    "until": Text("至", "until"),
    "field": Text("内容项", "field"),
    "value": Text("值", "value"),
    "child": Text("子事项", "sub-case"),
    "children": Text("哪些事项", "which cases"),
    "mode": Text("多少件", "how many"),
    "section": Text("科室", "section"),
    "case": Text("事项", "cases"),
    "step": Text("步骤", "step"),
    "whole": Text("全部一同办理", "all or none"),
    "series": Text("机关代字", "series"),
    "year_of": Text("年份取自", "year of"),
    "format": Text("写法", "form"),
    "keeps": Text("沿用已有的号", "keeps the number that is there"),
    "deadlines": Text("时限", "clocks"),
    "dates": Text("日期", "days"),
    "gathered": Text("已有的文字", "earlier texts"),
}
_WITH_NAME = Text("{label} {name}", "{label} {name}")
_NOTHING = Text("（无）", "(none)")
_YES, _NO = Text("是", "yes"), Text("否", "no")
_QUOTED = Text("“{name}”", "“{name}”")
_EDIT_IN = Text("在“{state}”修改", "an edit in {state}")
_LINE = Text("{name}：{value}", "{name}: {value}")
_BRACED = Text("（{parts}）", "({parts})")
_CLAUSE = Text("{title}：{before} → {after}", "{title}: {before} → {after}")
