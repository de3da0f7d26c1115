"""What differs between two versions of a definition, where cases can run on as they are, and where the law got weaker. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

from workflow.alterations import Alteration, altered
from workflow.case import StateName
from workflow.clock import in_words
from workflow.explored import Explored, explored
from workflow.limit import Limit
from workflow.model import DeadlineRule, Definition, Intake, Waiver
from workflow.text import Text
from workflow.weaker import Weaker, weaker

#: The parts of a definition that are compared entry by entry, in the order of a file.
PARTS = (
    "roles",
    "fields",
    "guards",
    "children",
    "letters",
    "tariffs",
    "states",
    "transitions",
    "acts",
    "deadlines",
    "never",
    "passes",
    "similar",
    "waivers",
)
#: What a definition says of itself, each compared as one.
HEAD = {
    "title": Text("名称", "title"),
    "prefix": Text("编号前缀", "prefix of numbers"),
    "basis": Text("依据", "law"),
    "in_force_from": Text("施行日", "in force from"),
    "in_force_until": Text("施行至", "in force until"),
    "listed": Text("列表所列内容项", "fields that lists show"),
    "intake": Text("导入", "intake"),
}
ADDED, REMOVED, CHANGED = "added", "removed", "changed"
SAFE, PLANNED, MAPPED = "safe", "decide", "map"


@dataclass(frozen=True, slots=True)
class Change:
    """One entry that was added, removed or changed, with the keys in which it differs."""

    part: str
    name: str
    how: str
    label: Text
    keys: tuple[str, ...] = ()
    said: Text | None = None  # for a clock: from which limit to which
    alterations: tuple[Alteration, ...] = ()  # of each key, what stood there and what stands there now

    def to_json(self) -> dict[str, object]:
        """The change as the JSON surface shows it."""
        said = self.said.to_json() if self.said else None
        return {
            "part": self.part,
            "name": self.name,
            "how": self.how,
            **self.label.to_json(),
            "keys": list(self.keys),
            "said": said,
            "alterations": [each.to_json() for each in self.alterations],
        }


@dataclass(frozen=True, slots=True)
class Situation:
    """One state in which cases can stand: safe as it is, to be decided in a plan, or to be mapped; how many stand there."""

    state: StateName
    label: Text
    verdict: str
    reasons: tuple[Text, ...]
    count: int

    def to_json(self) -> dict[str, object]:
        """The situation as the JSON surface shows it."""
        return {
            "state": self.state,
            **self.label.to_json(),
            "verdict": self.verdict,
            "count": self.count,
            "reasons": [each.to_json() for each in self.reasons],
        }


@dataclass(frozen=True, slots=True)
class Difference:
    """Everything that differs between two versions."""

    changes: tuple[Change, ...]
    situations: tuple[Situation, ...]
    weaker: tuple[Weaker, ...]
    explored: Explored

    def to_json(self) -> dict[str, object]:
        """The whole as the JSON surface shows it."""
        return {
            "changes": [each.to_json() for each in self.changes],
            "situations": [each.to_json() for each in self.situations],
            "weaker": [each.to_json() for each in self.weaker],
            "explored": self.explored.to_json(),
        }


def difference(
    old: Definition,
    new: Definition,
    standing: Mapping[str, int] | None = None,
    others: Iterable[Definition] = (),
) -> Difference:
    """What differs; `standing`: how many cases run in each state under the old version; `others`: kinds that may open such cases."""
    return Difference(
        tuple(_changes(old, new)),
        tuple(_situations(old, new, standing or {})),
        tuple(weaker(old, new)),
        explored(old, new, others),
    )


def _changes(old: Definition, new: Definition) -> Iterator[Change]:
    for name, label in HEAD.items():
        was, now = getattr(old, name), getattr(new, name)
        if was != now:
            how = CHANGED if was and now else ADDED if now else REMOVED
            keys = _keys(was, now) if isinstance(was, Intake) and now else ()
            told = _altered(old, new, keys, was, now) if keys else (altered(old, new, name, was, now, label),)
            yield Change("head", name, how, label, keys, alterations=told if how == CHANGED else ())
    for part in PARTS:
        before, after = _entries(old, part), _entries(new, part)
        for name, entry in before.items():
            if name not in after:
                yield Change(part, name, REMOVED, _label(entry))
            elif entry != after[name]:
                keys, now = _keys(entry, after[name]), after[name]
                told = _altered(old, new, keys, entry, now)
                yield Change(part, name, CHANGED, _label(now), keys, _limits(entry, now), told)
        for name, entry in after.items():
            if name not in before:
                yield Change(part, name, ADDED, _label(entry), said=_limits(None, entry))


def _entries(definition: Definition, part: str) -> dict[str, Any]:
    said = getattr(definition, part)
    if part == "never":
        said = (*said, *definition.never_without)
    return {_name(each): each for each in said} if isinstance(said, tuple) else dict(said)


def _name(entry: Any) -> str:
    return f"{entry.check} {entry.at}" if isinstance(entry, Waiver) else str(entry.name)


def _label(entry: Any) -> Text:
    if isinstance(entry, Waiver):
        return Text(entry.reason, entry.reason)
    label: Text = entry.label if hasattr(entry, "label") else entry.text
    return label


def _keys(before: Any, after: Any) -> tuple[str, ...]:
    # What is not given follows from the rest.
    given = (each.name for each in fields(before) if each.init)
    return tuple(name for name in given if getattr(before, name) != getattr(after, name, None))


def _altered(old: Definition, new: Definition, keys: Iterable[str], before: Any, after: Any) -> tuple[Alteration, ...]:
    return tuple(altered(old, new, key, getattr(before, key), getattr(after, key, None)) for key in keys)


def _limits(before: Any, after: Any) -> Text | None:
    if not isinstance(after, DeadlineRule):
        return None
    limits: list[Limit] = [each.limit for each in (before, after) if isinstance(each, DeadlineRule)]
    if len(limits) == 1:
        return in_words(limits[0])
    return _FROM_TO.filled(before=in_words(limits[0]), after=in_words(limits[1])) if limits[0] != limits[1] else None


# Where cases stand.


def _situations(old: Definition, new: Definition, standing: Mapping[str, int]) -> Iterator[Situation]:
    there = _reachable(old)
    for name, state in old.states.items():
        if state.final or (name not in there and not standing.get(name)):
            continue
        target = new.states.get(name)
        if target is None or target.final:
            reason = _GONE if target is None else _FINAL_NOW
            yield Situation(name, state.label, MAPPED, (reason,), standing.get(name, 0))
            continue
        reasons = tuple(_to_decide(old, new, name))
        yield Situation(name, state.label, PLANNED if reasons else SAFE, reasons, standing.get(name, 0))
    for lost in standing.keys() - old.states.keys():
        label = old.state_named(StateName(lost)).label
        yield Situation(StateName(lost), label, MAPPED, (_UNKNOWN,), standing[lost])


def _reachable(definition: Definition) -> set[StateName]:
    """The states to which some chain of steps leads, whatever the guards say."""
    found = {definition.initial}
    if definition.intake:
        found.add(definition.intake.state)
    frontier = list(found)
    while frontier:
        state = frontier.pop()
        for step in definition.leaving.get(state, ()):
            if step.target not in found:
                found.add(step.target)
                frontier.append(step.target)
    return found


def _to_decide(old: Definition, new: Definition, state: StateName) -> Iterator[Text]:
    """Why a case in this state cannot simply run on: what a plan must say, and what may keep it back."""
    for rule in old.clocks_in[state]:
        if rule.name not in new.deadlines:
            yield _CLOCK_GONE.filled(clock=rule.label, name=rule.name)
        elif rule != new.deadlines[rule.name]:
            yield _CLOCK_OTHER.filled(clock=rule.label, name=rule.name)
    for rule in new.clocks_in[state]:
        if rule.name not in old.deadlines:
            yield _CLOCK_NEW.filled(clock=rule.label, name=rule.name)
        elif state not in (*old.deadlines[rule.name].runs_in, *old.deadlines[rule.name].pauses_in):
            yield _CLOCK_OTHER.filled(clock=rule.label, name=rule.name)
    for name, field in old.fields.items():
        if name not in new.fields:
            yield _FIELD_GONE.filled(field=field.label, name=name)
        elif _narrower(old, new, name):
            yield _FIELD_NARROWER.filled(field=field.label, name=name)
    known = {(each.name, each.when) for each in old.never if state in each.states}
    for never in new.never:
        if state in never.states and (never.name, never.when) not in known:
            yield _NEVER_NEW.filled(never=never.text)
    for name, child in old.children.items():
        there = new.children.get(name)
        if there is None or there.kind != child.kind:
            yield _CHILD_GONE.filled(child=child.label, name=name)
    if not new.leaving[state]:
        yield _NO_WAY_OUT


def _narrower(old: Definition, new: Definition, name: str) -> bool:
    """Whether a value that a field held might not be allowed any more."""
    before, after = old.fields[name], new.fields[name]
    lower = after.min is not None and (before.min is None or after.min > before.min)
    upper = after.max is not None and (before.max is None or after.max < before.max)
    pattern = after.pattern is not None and after.pattern != before.pattern
    return before.type != after.type or bool(before.choices.keys() - after.choices.keys()) or lower or upper or pattern


_FROM_TO = Text("{before} → {after}", "{before} → {after}")
_GONE = Text("新版没有这个环节，须在 states 中写明去处", "gone in the new version: name a place under `states`")
_FINAL_NOW = Text(
    "新版中它是办结环节，须在 states 中另写去处", "final in the new version: name another place under `states`"
)
_UNKNOWN = Text("定义不认识的环节，已隔离，须在 states 中写明去处", "in quarantine: name a place under `states`")
_CLOCK_GONE = Text(
    "时限“{clock}”没有了（clocks 中写 {name}: drop）", "the clock “{clock}” is gone (`{name}: drop` under `clocks`)"
)
_CLOCK_OTHER = Text(
    "时限“{clock}”有改动（clocks 中写 {name}）", "the clock “{clock}” differs (`{name}` under `clocks`)"
)
_CLOCK_NEW = Text("时限“{clock}”是新设的（clocks 中写 {name}）", "the clock “{clock}” is new (`{name}` under `clocks`)")
_FIELD_GONE = Text("内容项“{field}”没有了（set 中写 {name}）", "the field “{field}” is gone (`{name}` under `set`)")
_FIELD_NARROWER = Text(
    "内容项“{field}”可填的值减少，不符的事项迁移时会被留下",
    "the field “{field}” takes fewer values: a case with another stays behind",
)
_NEVER_NEW = Text(
    "新版禁止：{never}；这样的事项迁移时会被留下", "now forbidden: {never}; a case that is so stays behind"
)
_CHILD_GONE = Text(
    "子事项“{child}”没有了，有此种未办结子事项的会被留下",
    "sub-cases “{child}” are gone: a case with an open one stays behind",
)
_NO_WAY_OUT = Text("新版中从这里无路可走", "no step leads away from here in the new version")
