"""A plan of migration from text: strict, every fault at its place, and nothing left to be guessed.

What the new version changes must be decided in the plan: each state that is gone, each field that is gone, each clock that is
new, gone or other than it was. A plan that undoes another may be silent: what it undoes stands in the record.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

from workflow.case import Scalar, StateName, TransitionName
from workflow.conditions import fields_of
from workflow.errors import BadPlan, Finding
from workflow.judge import TITLE_NEEDED
from workflow.loader.report import Path, Report, Stop, suggestion
from workflow.loader.source import read
from workflow.migration import DROP, KEEP, RECOMPUTE, TITLE, VERBS, Plan
from workflow.model import Assignment, Definition
from workflow.text import Text, listed
from workflow.values import comment_fault, fault_of, says
from workflow.words import step_label

FORMAT = "gongkai-migration/1"
_TABLES = ("states", "steps", "set", "clocks")
_NEEDED = ("format", "kind", "from", "to", "reason")
_KEYS = (*_NEEDED, *_TABLES, "undoes")

#: The definition of a kind that is meant by a version or a digest; None when there is none.
VersionOf = Callable[[str, int | str], Definition | None]
#: The states in which cases run under a definition.
StatesOf = Callable[[Definition], Collection[str]]


def read_plan(text: str | bytes, file: str, version_of: VersionOf, standing_in: StatesOf) -> Plan:
    """The plan that the text says. Raises BadPlan with every fault, each with file, line and column."""
    report = Report(file)
    try:
        said = read(text, report)
    except Stop:
        raise BadPlan(file, report.findings) from None
    if report.findings:
        raise BadPlan(file, report.findings)
    return _Reader(report, said, version_of, standing_in).plan()


class _Reader:
    """One plan as it was written, and everything that is wrong with it."""

    def __init__(self, report: Report, said: dict[str, Any], version_of: VersionOf, standing_in: StatesOf) -> None:
        self.report, self.said, self.version_of, self.standing_in = report, said, version_of, standing_in
        self.findings: list[Finding] = []

    def plan(self) -> Plan:
        """The plan, if nothing is wrong with it."""
        self._is_a_plan()
        self._keys()
        self._raise_any()
        source, target = self._version("from"), self._version("to")
        self._raise_any()
        assert source is not None
        assert target is not None
        same, undoes = source.digest == target.digest, self.said.get("undoes") is not None
        if same and not set(self.standing_in(source)) - set(source.states):
            self._fault(("to",), "plan-same-version", _SAME, _SAME_HINT, value=True)
            self._raise_any()
        states = self._states(source, target, same, undoes)
        plan = Plan(
            source=source,
            target=target,
            reason=str(self.said["reason"]).strip(),
            states=states,
            steps=self._steps(source, target),
            sets=tuple(self._sets(source, target, undoes)),
            clocks=self._clocks(source, target, undoes),
            undoes=self.said.get("undoes"),
        )
        self._raise_any()
        return plan

    def _fault(self, path: Path, code: str, text: Text, hint: Text, *, value: bool = False) -> None:
        spot = self.report.spot(path, value)
        self.findings.append(
            Finding(code, "", text, hint, self.report.file, spot.line, spot.column, self.report.line(spot.line))
        )

    def _raise_any(self) -> None:
        if self.findings:
            raise BadPlan(self.report.file, sorted(self.findings, key=lambda each: (each.line, each.column)))

    def _is_a_plan(self) -> None:
        """Of another file nothing else is said: what it holds is no fault of a plan."""
        for section, (text, hint) in _OTHER_FILES.items():
            if section in self.said:
                self._fault(("format",), "plan-other-file", text, hint.filled(file=self.report.file), value=True)
                self._raise_any()

    # The keys of the plan, and what each may hold.

    def _keys(self) -> None:
        for name in self.said:
            if name not in _KEYS:
                self._fault((name,), "plan-unknown-key", _UNKNOWN_KEY.filled(name=name), suggestion(name, _KEYS))
        for name in _NEEDED:
            if self.said.get(name) in (None, ""):
                self._fault((name,), "plan-key-missing", _MISSING.filled(name=name), _HINTS[name])
        for name in _TABLES:
            if not isinstance(self.said.get(name) or {}, dict):
                self._fault((name,), "plan-not-a-table", _NOT_A_TABLE.filled(name=name), _TABLE_HINT.filled(name=name))
        if self.said.get("format") not in (None, FORMAT):
            self._fault(("format",), "plan-format", _FORMAT, _HINTS["format"], value=True)
        reason = self.said.get("reason")
        if reason is not None:
            fault = comment_fault(reason) if isinstance(reason, str) and says(reason, 2) else None
            if fault or not isinstance(reason, str) or not says(reason, 2):
                self._fault(("reason",), "plan-reason", fault.text if fault else _REASON, _HINTS["reason"], value=True)
        if not isinstance(self.said.get("undoes"), str | None):
            self._fault(("undoes",), "plan-undoes", _UNDOES, _UNDOES_HINT, value=True)

    def _version(self, key: str) -> Definition | None:
        kind, said = str(self.said["kind"]), self.said[key]
        found = self.version_of(kind, said) if isinstance(said, int | str) and not isinstance(said, bool) else None
        if found is None:
            self._fault((key,), "plan-unknown-version", _NO_VERSION.filled(kind=kind, name=said), _LIST, value=True)
        return found

    def _table(self, name: str) -> Iterator[tuple[str, Any]]:
        yield from (self.said.get(name) or {}).items()

    def _states(
        self, source: Definition, target: Definition, same: bool, undoes: bool
    ) -> Mapping[StateName, StateName]:
        found: dict[StateName, StateName] = {}
        lost = {name for name in self.standing_in(source) if name not in source.states}
        for old, new in self._table("states"):
            known = [*(name for name, state in source.states.items() if not state.final), *lost]
            if old not in known or (same and old not in lost):
                hint = _ONLY_LOST if same else suggestion(old, known)
                self._fault(
                    ("states", old), "plan-unknown-state", _NO_STATE.filled(name=old, version=source.version), hint
                )
            elif new not in target.states:
                text = _NO_STATE.filled(name=new, version=target.version)
                self._fault(("states", old), "plan-unknown-state", text, suggestion(new, target.states), value=True)
            elif target.states[new].final:
                self._fault(("states", old), "plan-final-state", _FINAL.filled(name=new), _FINAL_HINT, value=True)
            else:
                found[StateName(old)] = new
        if same and not found and not self.findings:
            self._fault(("to",), "plan-same-version", _SAME, _SAME_HINT, value=True)
        for name, state in source.states.items():
            there = target.states.get(name)
            if not state.final and (there is None or there.final) and name not in found and not undoes:
                text = _NO_PLACE.filled(name=name, label=state.label, version=target.version)
                self._fault(("states",), "plan-state-without-place", text, _PLACE_HINT.filled(name=name))
        return found

    def _steps(self, source: Definition, target: Definition) -> Mapping[str, str]:
        found: dict[str, str] = {}
        for old, new in self._table("steps"):
            if old not in source.transitions:
                text = _NO_STEP.filled(name=old, version=source.version)
                self._fault(("steps", old), "plan-unknown-step", text, suggestion(old, source.transitions))
            elif TransitionName(str(new)) not in target.transitions:
                text = _NO_STEP.filled(name=new, version=target.version)
                self._fault(("steps", old), "plan-unknown-step", text, suggestion(new, target.transitions), value=True)
            else:
                found[old] = str(new)
        return found

    def _sets(self, source: Definition, target: Definition, undoes: bool) -> Iterator[Assignment]:
        decided = set()
        for name, said in self._table("set"):
            decided.add(name)
            path = ("set", name)
            field = target.fields.get(name)
            if isinstance(said, dict):
                copied = said.get("copy")
                if list(said) != ["copy"] or field is None:
                    self._fault(path, "plan-bad-value", _COPY.filled(name=name), _COPY_HINT, value=True)
                elif copied not in {**source.fields, **target.fields}:
                    text = _NO_FIELD.filled(name=copied, version=source.version)
                    self._fault(path, "plan-unknown-field", text, suggestion(copied, source.fields), value=True)
                elif _tells_of_a_person(source, target, str(copied)) and not field.personal:
                    text = _PERSONAL.filled(name=copied, into=name)
                    self._fault(path, "plan-personal", text, _PERSONAL_HINT, value=True)
                else:
                    yield Assignment(name, "copy", str(copied))
                continue
            if field is None and not (said is None and name in source.fields):
                text = _NO_FIELD.filled(name=name, version=target.version)
                self._fault(path, "plan-unknown-field", text, suggestion(name, target.fields))
            elif said is None and name == TITLE:
                self._fault(path, "plan-bad-value", TITLE_NEEDED, _TITLE_HINT, value=True)
            elif said is not None and field is not None and (fault := self._value_fault(target, name, said)):
                self._fault(path, "plan-bad-value", fault, _VALUE_HINT, value=True)
            else:
                yield Assignment(name, "literal", said)
        for name in source.fields:
            if name not in target.fields and name not in decided and not undoes:
                text = _FIELD_GONE.filled(name=name, label=source.fields[name].label, version=target.version)
                self._fault(("set",), "plan-field-undecided", text, _FIELD_HINT.filled(name=name))

    def _value_fault(self, target: Definition, name: str, said: Any) -> Text | None:
        if not isinstance(said, str | int | bool):
            return _NOT_A_VALUE
        value: Scalar = said
        return fault_of(target.fields[name], value)

    def _clocks(self, source: Definition, target: Definition, undoes: bool) -> Mapping[str, str]:
        found: dict[str, str] = {}
        known = {**source.deadlines, **target.deadlines}
        for name, verb in self._table("clocks"):
            path = ("clocks", name)
            if name not in known:
                self._fault(path, "plan-unknown-clock", _NO_CLOCK.filled(name=name), suggestion(name, known))
            elif verb not in VERBS:
                self._fault(
                    path, "plan-clock-verb", _VERB.filled(name=name), _words_for(name, source, target), value=True
                )
            elif name not in target.deadlines and verb != DROP:
                text = _CLOCK_GONE.filled(name=name, version=target.version)
                self._fault(path, "plan-clock-verb", text, _words_for(name, source, target), value=True)
            elif name not in source.deadlines and verb == KEEP:
                text = _CLOCK_NEW.filled(name=name, version=target.version)
                self._fault(path, "plan-clock-verb", text, _words_for(name, source, target), value=True)
            elif verb == DROP and name in target.deadlines and target.deadlines[name].anchor:
                text = _BEGINS_AGAIN.filled(name=name, version=target.version)
                self._fault(path, "plan-clock-verb", text, _SINCE_HINT.filled(name=name), value=True)
            else:
                found[name] = str(verb)
        for name, rule in known.items():
            if name in (self.said.get("clocks") or {}) or source.deadlines.get(name) == target.deadlines.get(name):
                continue
            if undoes:
                continue
            if name not in target.deadlines:
                text = _CLOCK_GONE.filled(name=name, version=target.version)
            elif name not in source.deadlines:
                text = _CLOCK_NEW.filled(name=name, version=target.version)
            else:
                text = _CLOCK_OTHER.filled(name=name, label=rule.label)
            self._fault(("clocks",), "plan-clock-undecided", text, _words_for(name, source, target))
        return found


def _words_for(name: str, source: Definition, target: Definition) -> Text:
    """What a plan may say of a clock: none that it would be refused for."""
    rule = target.deadlines.get(name)
    if rule is None:
        return _DROP_HINT.filled(name=name)
    if name not in source.deadlines:
        return (_NEW_ANCHORED_HINT if rule.anchor else _NEW_HINT).filled(name=name)
    return (_ANCHORED_HINT if rule.anchor else _VERB_HINT).filled(name=name)


def _tells_of_a_person(source: Definition, target: Definition, name: str) -> bool:
    return any(name in each.fields and each.fields[name].personal for each in (source, target))


def begins_again(plan: Plan) -> Iterator[tuple[str, Text]]:
    """Each clock that a plan drops and the new version has, and what begins it again: as it does where it stands still in any case."""
    version = plan.target
    for name, rule in version.deadlines.items():
        if plan.clocks.get(name) != DROP:
            continue
        hangs_on = dict.fromkeys((*(fields_of(rule.applies) if rule.applies else ()), rule.limit_field))
        states = (version.states[each].label for each in (*rule.runs_in, *rule.pauses_in))
        occasions = [_ENTERED.filled(states=_quoted_all(states))]
        if rule.restart:
            occasions.append(_TAKEN.filled(steps=_quoted_all(step_label(version, each) for each in rule.restart)))
        if written := [version.fields[each].label for each in hangs_on if each in version.fields]:
            occasions.append(_WRITTEN.filled(fields=_quoted_all(written)))
        yield name, _DROPPED.filled(label=rule.label, occasions=listed(occasions, "，或", ", or "))


def _quoted_all(labels: Iterable[Text]) -> Text:
    return listed(_QUOTED.filled(name=each) for each in labels)


def inverse_of(plan: Plan) -> str:
    """The plan that undoes this one, as it is to be written.

    A case that nobody has moved since goes back exactly as it was; the tables are for those that went on.
    """
    back: dict[str, str] = {}
    for old, new in plan.states.items():
        if old in plan.source.states:  # nothing is put back into quarantine
            back.setdefault(new, old)
    steps = {new: old for old, new in plan.steps.items()}
    gone: dict[str, str | None] = {name: None for name in plan.target.fields if name not in plan.source.fields}
    # What was carried into a field that takes the place of another is carried back, as it then is.
    carried = {
        str(each.value): f"{{copy: {each.field}}}"
        for each in plan.sets
        if each.kind == "copy" and each.field in gone and str(each.value) in plan.source.fields
    }
    clocks = {name: _inverse_verb(plan, name) for name in {**plan.source.deadlines, **plan.target.deadlines}}
    stays = {name for name, rule in plan.source.deadlines.items() if plan.target.deadlines.get(name) == rule}
    tables: tuple[tuple[str, Mapping[str, Any]], ...] = (
        ("states", back),
        ("steps", steps),
        ("set", {**carried, **gone}),
        ("clocks", {name: verb for name, verb in clocks.items() if name not in stays or name in plan.clocks}),
    )
    lines = [
        f"format: {FORMAT}",
        f"kind: {plan.source.id}",
        f"from: {plan.target.version}",
        f"to: {plan.source.version}",
        f"reason: {_quoted(_UNDOING.filled(reason=plan.reason).zh)}",
        f'undoes: "{plan.digest}"',
    ]
    for name, table in tables:
        if table:
            lines += [f"{name}:", *(f"  {key}: {'null' if value is None else value}" for key, value in table.items())]
    return "\n".join(lines) + "\n"


def _inverse_verb(plan: Plan, name: str) -> str:
    if name not in plan.source.deadlines:
        return DROP
    verb = plan.clocks.get(name, KEEP)
    return KEEP if verb == KEEP and name in plan.target.deadlines else RECOMPUTE


def _quoted(said: str) -> str:
    return '"' + said.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")[:_LONGEST_REASON] + '"'


_LONGEST_REASON = 1900
_UNDOING = Text("撤销迁移：{reason}", "undoing: {reason}")
#: What a file is that has such a section, and which command is for it.
_OTHER_FILES = {
    "transitions": (
        Text("这是流程定义，不是迁移计划", "this is a definition, not a plan of migration"),
        Text(
            "请检查并启用：gongkai definitions check {file}、install {file}；计划的写法见 docs/versions.md",
            "say gongkai definitions check {file}, then install {file}; how a plan is written: docs/versions.md",
        ),
    ),
    "scenarios": (
        Text("这是情景，不是迁移计划", "this is a file of scenarios, not a plan of migration"),
        Text(
            "请用 gongkai definitions test {file}；计划的写法见 docs/versions.md",
            "say gongkai definitions test {file}; how a plan is written: docs/versions.md",
        ),
    ),
}
_UNKNOWN_KEY = Text("迁移计划中没有“{name}”这一项", "a plan has no key “{name}”")
_MISSING = Text("缺少“{name}”", "“{name}” is missing")
_HINTS = {
    "format": Text(f"首行写 format: {FORMAT}", f"begin with format: {FORMAT}"),
    "kind": Text("写事项种类，如 kind: document", "name the kind of case, such as kind: document"),
    "from": Text("写现在的版本，如 from: 1", "name the version that the cases stand under, such as from: 1"),
    "to": Text("写要迁往的版本，如 to: 2", "name the version that they go to, such as to: 2"),
    "reason": Text("写明迁移的理由，它记入每件事项的办理记录", "say why: it stands in the record of every case"),
}
_NOT_A_TABLE = Text("“{name}”应是一个对照表", "“{name}” must be a table")
_TABLE_HINT = Text("在 {name}: 下面逐行写 名称: 值", "under {name}: write one line of name: value each")
_FORMAT = Text("不认识这种迁移计划的格式", "this format of a plan is not known")
_REASON = Text("理由至少两个字", "the reason takes at least two characters")
_UNDOES = Text("undoes 应是被撤销计划的摘要", "undoes names a plan by its digest")
_UNDOES_HINT = Text(
    "撤销计划由 gongkai definitions migrate 计划 --inverse 写出",
    "gongkai definitions migrate PLAN --inverse writes the plan that undoes another",
)
_NO_VERSION = Text("{kind} 没有版本“{name}”", "there is no version “{name}” of {kind}")
_LIST = Text("可用 gongkai definitions list 查看", "see gongkai definitions list")
_NO_STATE = Text("第 {version} 版没有在办环节“{name}”", "version {version} has no open state “{name}”")
_ONLY_LOST = Text(
    "同一版本之内只能移动已隔离的事项：写定义不认识的环节名",
    "within one version a plan only moves cases out of quarantine: name a state that the version does not know",
)
_FINAL = Text("“{name}”是办结环节", "“{name}” is a final state")
_FINAL_HINT = Text(
    "迁移不能办结事项；请选在办环节，再由有权的人办结",
    "a migration ends no case: choose an open state, and let people end it",
)
_SAME = Text("from 与 to 是同一版本", "from and to are the same version")
_SAME_HINT = Text(
    "除非用 states 移动已隔离的事项，否则请写另一版本",
    "name another version, unless `states` moves cases out of quarantine",
)
_NO_PLACE = Text(
    "环节 {name}（{label}）在第 {version} 版中没有去处", "the state {name} ({label}) has no place in version {version}"
)
_PLACE_HINT = Text("在 states 中加一行 {name}: 新环节", "add a line to states: {name}: NEW_STATE")
_NO_STEP = Text("第 {version} 版没有步骤“{name}”", "version {version} has no step “{name}”")
_NO_FIELD = Text("第 {version} 版没有内容项“{name}”", "version {version} has no field “{name}”")
_COPY = Text("“{name}”的写法不对", "“{name}” is not written as it should be")
_COPY_HINT = Text(
    "写一个值、null（清除）或 {{copy: 旧内容项}}", "write a value, null (which clears) or {{copy: OLD_FIELD}}"
).filled()
_PERSONAL = Text(
    "“{name}”是个人信息，而“{into}”不遮蔽", "{name} holds personal data, and {into} would show them to everybody"
)
_PERSONAL_HINT = Text(
    "在新版中把该内容项也标为 personal: true", "make that field of the new version `personal: true`, too"
)
_NOT_A_VALUE = Text("应是一个值", "this must be a single value")
_VALUE_HINT = Text("改为该内容项可以有的值", "write a value that the field may hold")
_TITLE_HINT = Text(
    "写新的标题，或 {{copy: 旧内容项}}；不改标题，就删去这一行",
    "write a title or {{copy: OLD_FIELD}}; leave the line out and each case keeps its own",
).filled()
_FIELD_GONE = Text(
    "内容项 {name}（{label}）在第 {version} 版中没有了", "the field {name} ({label}) is gone in version {version}"
)
_FIELD_HINT = Text(
    "在 set 中写 {name}: null 清除它；要留其值，另写一行 新内容项: {{copy: {name}}}",
    "say {name}: null under set to clear it; to keep its value add NEW_FIELD: {{copy: {name}}}",
)
_NO_CLOCK = Text("两版都没有时限“{name}”", "neither version has a clock “{name}”")
_VERB = Text("不知道时限“{name}”如何处理", "what becomes of the clock “{name}” is not clear")
_VERB_HINT = Text(
    "在 clocks 中写 {name}: keep 照旧（最后一日不变）、recompute 按新版自原起算日重算、restart 自迁移之日重新起算、drop 不再计时",
    "say {name}: keep under clocks (its last day stays), recompute (counted anew by the new version from its day 0), restart (from the day of the "
    "migration) or drop",
)
_ANCHORED_HINT = Text(
    "在 clocks 中写 {name}: keep 照旧（最后一日不变）、recompute 按新版自原起算日重算、restart 自迁移之日重新起算",
    "say {name}: keep under clocks (its last day stays), recompute (counted anew by the new version from its day 0) or restart (from the day of "
    "the migration)",
)
_CLOCK_GONE = Text("时限 {name} 在第 {version} 版中没有了", "the clock {name} is gone in version {version}")
_DROP_HINT = Text("在 clocks 中写 {name}: drop", "say {name}: drop under clocks")
_CLOCK_NEW = Text("时限 {name} 是第 {version} 版新设的", "the clock {name} is new in version {version}")
_NEW_HINT = Text(
    "在 clocks 中写 {name}: recompute（自其起算日）、restart（自迁移之日）或 drop（在办事项不计）",
    "say {name}: recompute (from its day 0), restart (from the day of the migration) or drop under clocks",
)
_NEW_ANCHORED_HINT = Text(
    "在 clocks 中写 {name}: recompute（自其起算日）或 restart（自迁移之日）",
    "say {name}: recompute (from its day 0) or restart (from the day of the migration) under clocks",
)
_BEGINS_AGAIN = Text(
    "第 {version} 版的时限 {name} 有起算点，不计了也会随下一步骤重新起算",
    "the clock {name} of version {version} counts from an anchor: dropped, it would begin again with the next step",
)
_SINCE_HINT = Text(
    "写 {name}: recompute 或 restart；在办事项不适用的，请在新版该时限中写 since: 日期（此日之前起算的不适用），并在此写 {name}: recompute，即不再计",
    "say {name}: recompute or restart; where it is not for running cases, say `since: DAY` of that clock in the new version and `{name}: recompute` "
    "here: what would count from an earlier day ends",
)
_DROPPED = Text(
    "时限“{label}”不再计；此后{occasions}的，才重新起算", "the clock “{label}” ends; it begins again only {occasions}"
)
_ENTERED = Text("事项自别处进入{states}", "when a case comes into {states} from elsewhere")
_TAKEN = Text("办理{steps}", "with the step {steps}")
_WRITTEN = Text("改写{fields}", "when {fields} is written")
_QUOTED = Text("“{name}”", "“{name}”")
_CLOCK_OTHER = Text("时限 {name}（{label}）的规定有改动", "the clock {name} ({label}) is not what it was")
