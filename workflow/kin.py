"""What a version of a definition makes of the parent and the sub-cases of a case: those that would wait for each other for ever."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from workflow.case import Case, StateName, SubCase, TransitionName, Unmet
from workflow.model import CLOSED, Definition
from workflow.text import Text


def strangers(version: Definition, case: Case) -> Iterator[Unmet]:
    """Open sub-cases that the new version knows nothing of: nobody would wait for them any more."""
    for each in case.children:
        known = version.children.get(each.slot)
        if each.closed_at is None and (known is None or known.kind != each.kind):
            facts = {"number": each.number, "slot": each.slot, "version": version.version}
            yield Unmet("children", _STRANGER.filled(**facts), "state")


def ended_elsewhere(version: Definition, around: Iterable[SubCase]) -> Iterator[Unmet]:
    """Sub-cases that ended under a version without the states in which the new version looks for them: they never come to one."""
    for each in around:
        if each.closed_at and each.unknown and each.slot in version.children:
            facts = {"number": each.number, "state": each.state_label, "version": version.version}
            states = Text("、".join(sorted(each.unknown)), ", ".join(sorted(each.unknown)))
            yield Unmet("children", _ENDED.filled(states=states, **facts), "state")


def unknown_to_parent(version: Definition, case: Case, target: StateName, parent: Definition | None) -> Iterator[Unmet]:
    """What the case that waits for this one looks for in it, and would never find again."""
    if parent is None:
        return
    awaited = {
        state
        for guard in parent.guards.values()
        if guard.needs and guard.needs.children == case.slot
        for state in guard.needs.states
        if state != CLOSED and state not in version.states
    }
    for state in sorted(awaited):
        yield Unmet("parent", _AWAITED.filled(kind=parent.title, state=state, version=version.version), "state")
    called_off = any(each.case == case.slot for step in parent.transitions.values() for each in step.moves)
    if called_off and not any(step.name == CANCEL for step in version.leaving.get(target, ())):
        yield Unmet("parent", _NO_CANCEL.filled(kind=parent.title, version=version.version), "state")


#: The step by which a sub-case is called off.
CANCEL = TransitionName("cancel")


_STRANGER = Text(
    "子事项 {number} 尚未办结，而第 {version} 版没有“{slot}”这种子事项；请待其办结后再迁移",
    "the sub-case {number} is open, and version {version} knows no sub-cases “{slot}”; migrate when it has ended",
)
_ENDED = Text(
    "子事项 {number} 已按旧版办结（{state}），而第 {version} 版问的是旧版没有的环节“{states}”，本事项会永远等下去；"
    "请在新版中保留原环节的名称（标签可改），或按旧版办结本事项",
    "the sub-case {number} has ended by an older version ({state}), and version {version} asks for “{states}”, which that one does "
    "not know: this case would wait for ever; keep the old names of states in the new version (their labels may change), or let "
    "this case end by the old one",
)
_AWAITED = Text(
    "上级事项（{kind}）等它到“{state}”，而第 {version} 版没有这个环节；请先迁移上级事项",
    "its parent ({kind}) waits for its state “{state}”, which version {version} does not know; migrate the parent first",
)
_NO_CANCEL = Text(
    "上级事项（{kind}）可以撤销它，而在第 {version} 版中此处没有步骤 cancel",
    "its parent ({kind}) may call it off, and version {version} has no step `cancel` there",
)
