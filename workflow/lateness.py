"""Why a case was late (逾期原因): a late case closes only with the cause and the section that caused it on record. Pure.

Which statutory clocks are late is read from the deadlines of the case, what was said of them from its record. An explanation
covers every clock that was late when it was given.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from workflow.case import EXPLAIN_LATENESS, ClockKind, Data, Deadline, Event, Outcome, Unmet, business_date
from workflow.clock import late_days
from workflow.model import Definition
from workflow.text import Text, listed, shown
from workflow.values import shows
from workflow.workdays import UnknownYear, Workdays

#: What an explanation says: the cause by its name, and the section that caused it.
LATE_CAUSE, LATE_SECTION = "lateness.cause", "lateness.section"
#: What lies with nobody in the house.
OUTSIDE = "外部"
OTHER = "other"
CAUSES: Mapping[str, Text] = {
    "materials": Text("补正或材料迟到", "corrections or materials came late"),
    "consulted": Text("征求意见迟复", "those consulted answered late"),
    "staff": Text("人员不足", "too few hands"),
    "handover": Text("内部流转延误", "delayed on its way through the house"),
    "technical": Text("系统或技术原因", "a system or technical cause"),
    OTHER: Text("其他", "other"),
}


@dataclass(frozen=True, slots=True)
class LateClock:
    """A statutory clock that ended late or is late now; `days` is None where the calendar cannot say."""

    label: Text
    due_at: datetime
    days: int | None


def late_clocks(
    definition: Definition, deadlines: Iterable[Deadline], now: datetime, calendar: Workdays
) -> Iterator[LateClock]:
    """Every statutory clock among these that ended late, or runs and is late."""
    for each in deadlines:
        rule = definition.deadlines.get(each.rule)
        # A clock with a step of its own at its end is the time of another (起诉期限), or the law says itself what then follows.
        if rule is None or rule.kind != ClockKind.STATUTORY or any(step.kind == "expire" for step in rule.steps):
            continue
        if each.outcome == Outcome.LATE:
            yield LateClock(rule.label, each.due_at, each.late_days)
        elif each.closed_at is None and each.paused is None and now >= each.due_at:
            yield LateClock(rule.label, each.due_at, _days(each, now, calendar))


def unexplained(late: Iterable[LateClock], events: Sequence[Event]) -> tuple[LateClock, ...]:
    """Those of which nobody has said why since they were late."""
    said = max((each.at for each in events if each.transition == EXPLAIN_LATENESS), default=None)
    return tuple(each for each in late if said is None or said < each.due_at)


def owed(late: Iterable[LateClock], events: Sequence[Event], number: str) -> Iterator[Unmet]:
    """That a case cannot be closed before its lateness is explained: which clock, by how much, and what mends it."""
    for each in unexplained(late, events):
        text = _OWED if each.days is not None else _OWED_UNCOUNTED
        yield Unmet("lateness", text.filled(clock=each.label, days=each.days, number=number))


def unmet_by(data: Data, comment: str | None, late: Sequence[LateClock], sections: Iterable[str]) -> Iterator[Unmet]:
    """All that keeps an explanation from being one."""
    if not late:
        yield Unmet("not_late", _NOT_LATE, "state")
    cause, section, known = cause_named(data.get("cause")), data.get("section"), (*sections, OUTSIDE)
    if cause not in CAUSES:
        causes = [Text(f"{name}（{label.zh}）", f"{name} ({label.en})") for name, label in CAUSES.items()]
        yield Unmet("cause", _CAUSE_NEEDED.filled(known=listed(causes)), "data")
    if section not in known:
        named = listed([Text(each, each) for each in known])
        yield Unmet("section", _SECTION_NEEDED.filled(said=shown(str(section or "")), known=named), "data")
    if cause == OTHER and not shows(comment or ""):
        yield Unmet("comment", _COMMENT_NEEDED, "data")


def explanation(data: Data) -> Data:
    """What the event of an explanation says."""
    return {LATE_CAUSE: cause_named(data["cause"]), LATE_SECTION: data["section"]}


def cause_named(said: object) -> str:
    """The name of a cause, however it is called.

    >>> cause_named("人员不足"), cause_named("staff")
    ('staff', 'staff')
    """
    names = {word: name for name, label in CAUSES.items() for word in (name, label.zh, label.en)}
    return names.get(str(said or ""), str(said or ""))


def _days(deadline: Deadline, now: datetime, calendar: Workdays) -> int | None:
    try:
        return late_days(deadline.rolled_on, business_date(now), calendar)
    except UnknownYear:
        return None


_OWED = Text(
    "“{clock}”逾期 {days} 个工作日，办结前须说明逾期原因：gongkai do {number} explain_lateness --set cause=… --set section=…",
    "“{clock}” is {days} working days late; say why before the case closes: gongkai do {number} explain_lateness --set cause=… --set section=…",
)
_OWED_UNCOUNTED = Text(
    "“{clock}”已逾期，办结前须说明逾期原因：gongkai do {number} explain_lateness --set cause=… --set section=…",
    "“{clock}” is late; say why before the case closes: gongkai do {number} explain_lateness --set cause=… --set section=…",
)
_NOT_LATE = Text("法定时限均未逾期，无须说明逾期原因", "no statutory clock is late: there is nothing to explain")
_CAUSE_NEEDED = Text("须写明逾期原因（cause）：{known}", "say the cause (cause), one of: {known}")
_SECTION_NEEDED = Text(
    "须写明由哪个科室造成（section），没有“{said}”；可写：{known}",
    "say which section caused it (section); there is no “{said}”, there are: {known}",
)
_COMMENT_NEEDED = Text("原因为“其他”的，须填写意见", "a cause called other needs a comment")
