"""Why a case was late (逾期原因): a late case closes only with the cause and the section that caused it on record. Pure.

Which statutory clocks are late is read from the deadlines of the case, what was said of them from its record. An explanation
covers every clock that was late when it was given.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from workflow.act import Act, Demand, Offer
from workflow.case import EXPLAIN_LATENESS, ClockKind, Data, Deadline, Event, Outcome, Unmet, business_date
from workflow.clock import late_days
from workflow.model import Definition
from workflow.text import Text, listed, shown
from workflow.values import says
from workflow.workdays import UnknownYear, Workdays

#: What an explanation says: the cause by its name, and the section that caused it.
LATE_CAUSE, LATE_SECTION = "lateness.cause", "lateness.section"
#: What lies with nobody in the house; an event says it as a section is said.
OUTSIDE = Text("外部", "outside")


@dataclass(frozen=True, slots=True)
class LateClock:
    """A statutory clock that ended late or is late now; `days` is None where the calendar cannot say."""

    label: Text
    due_at: datetime
    days: int | None

    @property
    def in_words(self) -> Text:
        """Which clock it is, and by how much it is late."""
        return (_LATE if self.days is not None else _LATE_UNCOUNTED).filled(clock=self.label, days=self.days)


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
        yield Unmet("lateness", _BEFORE_IT_CLOSES.filled(late=each.in_words, command=command(number)))


def command(number: str) -> str:
    """What to type to explain the lateness of a case."""
    return f"gongkai do {number} {EXPLAIN_LATENESS} --set cause=… --set section=…"


def unmet_by(
    act: Act, data: Data, comment: str | None, late: Sequence[LateClock], sections: Collection[str]
) -> Iterator[Unmet]:
    """All that keeps an explanation from being one."""
    if not late:
        yield Unmet("not_late", _NOT_LATE, "state")
    said, causes = explanation(act, data), causes_of(act)
    if said[LATE_CAUSE] not in causes:
        known = [Text(f"{name}（{each.label.zh}）", f"{name} ({each.label.en})") for name, each in causes.items()]
        yield Unmet("cause", _CAUSE_NEEDED.filled(known=listed(known)), "data")
    elif causes[str(said[LATE_CAUSE])].comment == Demand.REQUIRED and not says(comment or ""):
        cause = causes[str(said[LATE_CAUSE])].label
        yield Unmet("comment", _COMMENT_NEEDED.filled(cause=cause), "data")
    if said[LATE_SECTION] not in (*sections, OUTSIDE.zh):
        known = [*(Text(each, each) for each in sections), OUTSIDE]
        text, typed = _NO_SECTION if said[LATE_SECTION] else _SECTION_NEEDED, shown(str(said[LATE_SECTION]))
        yield Unmet("section", text.filled(said=typed, known=listed(known)), "data")


def explanation(act: Act, data: Data) -> Data:
    """What the event of an explanation says: the cause by its name, however it was called, and the section."""
    cause, section = data.get("cause"), data.get("section")
    names = {word: name for name, each in causes_of(act).items() for word in (each.label.zh, each.label.en)}
    return {
        LATE_CAUSE: names.get(str(cause), cause),
        LATE_SECTION: OUTSIDE.zh if section == OUTSIDE.en else section,
    }


def causes_of(act: Act | None) -> Mapping[str, Offer]:
    """The causes to choose from, by name."""
    return act.choices.get("cause", {}) if act else {}


def cause_in_words(definition: Definition, event: Event) -> Text:
    """What an explanation says, as people read it; a cause that is in no catalogue any more keeps its name."""
    cause, section = str(event.data[LATE_CAUSE]), str(event.data[LATE_SECTION])
    offer = causes_of(definition.acts.get(EXPLAIN_LATENESS)).get(cause)
    where = OUTSIDE if section == OUTSIDE.zh else section
    return _EXPLAINED.filled(cause=offer.label if offer else cause, section=where)


def _days(deadline: Deadline, now: datetime, calendar: Workdays) -> int | None:
    try:
        return late_days(deadline.rolled_on, business_date(now), calendar)
    except UnknownYear:
        return None


_EXPLAINED = Text("{cause}（{section}）", "{cause} ({section})")
_LATE = Text("“{clock}”逾期 {days} 个工作日", "“{clock}” is late by {days} working day(s)")
_LATE_UNCOUNTED = Text("“{clock}”已逾期", "“{clock}” is late")
_BEFORE_IT_CLOSES = Text("{late}，办结前须说明逾期原因：{command}", "{late}: say why before the case closes: {command}")
_NOT_LATE = Text("法定时限均未逾期，无须说明逾期原因", "no statutory clock is late: there is nothing to explain")
_CAUSE_NEEDED = Text("须写明逾期原因（cause）：{known}", "say the cause (cause), one of: {known}")
_SECTION_NEEDED = Text(
    "须写明由哪个科室造成（section）：{known}", "say which section caused it (section), one of: {known}"
)
_NO_SECTION = Text(
    "没有科室“{said}”；由哪个科室造成（section）：{known}",
    "there is no section “{said}”; which one caused it (section): {known}",
)
_COMMENT_NEEDED = Text("原因为“{cause}”的，须填写意见", "the cause “{cause}” needs a comment")
