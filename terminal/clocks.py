"""How clocks look: which run, until when, which stand still, how they ended, and what a step does to their dates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from terminal.render import Block, Line, Tinted, Tone, Words
from workflow.case import Event, Outcome, business_date
from workflow.clock import in_words, stands_still, until
from workflow.limit import Limit
from workflow.text import Lang, Text, basis_said, listed
from workflow.words import CLOCKS, step_label

if TYPE_CHECKING:
    from storage import Desk
    from storage.views import CaseView, DeadlineView


def derivation_facts(clock: DeadlineView) -> dict[str, object]:
    """How a date came about, in one paragraph and day by day."""
    told = clock.derivation
    days = [{"on": d.on.isoformat(), "counted": d.counted, "why": d.why.to_json()} for d in told.days]
    return {"id": clock.rule.name, **told.text.to_json(), "days": days}


def clock_blocks(
    desk: Desk, there: CaseView, clocks: Sequence[DeadlineView], events: Sequence[Event], explain: bool, lang: Lang
) -> Iterator[Block]:
    """The clocks of a case: those that run with the way to their dates, and how the others ended."""
    ended = [each for each in clocks if each.deadline.closed_at and each.deadline.outcome != Outcome.VOID]
    if not there.case.deadlines:
        yield Line(Tinted(_NO_CLOCK.read(lang), Tone.DIM))
    else:
        yield from _running(desk, there, explain, lang)
    if ended:
        yield Line(Tinted(_ENDED.read(lang), Tone.STRONG))
        for each in ended:
            yield Line(_how_it_ended(each, why_late(there, each, clocks, events), lang), indent=2)


def why_late(
    there: CaseView, clock: DeadlineView, clocks: Iterable[DeadlineView], events: Iterable[Event]
) -> Text | None:
    """Why a clock ended after its last day, where that says itself: its own end was taken, or its first day was corrected.

    What counts as late stays late: this only says that nobody dawdled.
    """
    each, rule = clock.deadline, clock.rule
    if each.outcome != Outcome.LATE:
        return None
    then = {event.seq: event for event in events if event.at == each.closed_at and event.seq > each.armed_seq}
    expiry = {step.transition for step in rule.steps if step.kind == "expire"}
    for event in then.values():
        if event.automatic and event.transition in expiry:
            return _RAN_OUT.filled(step=step_label(there.definition, event.transition))
    for other in clocks:
        by = then.get(other.deadline.armed_seq)
        if by and other.rule.name == rule.name and by.transition not in rule.restart:
            return _NEW_DAY if other.deadline.anchor_on != each.anchor_on else _NEW_LENGTH
    return None


def ends(clocks: Iterable[DeadlineView]) -> dict[tuple[str, int], str]:
    """When each of these clocks ends or ended, by its name and the event that armed it."""
    return {(e.rule, e.armed_seq): until(e.rolled_on, e.due_at) for e in (each.deadline for each in clocks)}


def _how_it_ended(clock: DeadlineView, why: Text | None, lang: Lang) -> Words:
    each, rule = clock.deadline, clock.rule
    closed_on = business_date(each.closed_at) if each.closed_at else "?"
    ended = _CLOSED.filled(last=until(each.rolled_on, each.due_at), on=closed_on).read(lang)
    name = f"[{CLOCKS[rule.kind].read(lang)}] {rule.label.read(lang)} "
    if each.outcome in _REPLACED:
        return (name, ended, _REPLACED[each.outcome].read(lang))
    if each.outcome != Outcome.LATE:
        return (name, ended, Tinted(_IN_TIME.read(lang), Tone.GOOD))
    late = _LATE_BY.filled(count=each.late_days) if each.late_days is not None else _LATE_SOMEHOW
    return (name, ended, Tinted(late.read(lang), Tone.BAD), _BECAUSE.filled(why=why).read(lang) if why else "")


def _running(desk: Desk, there: CaseView, explain: bool, lang: Lang) -> Iterator[Block]:
    yield Line(Tinted(_RUNNING.read(lang), Tone.STRONG))
    yield from last_days(there, desk.now(), lang, explained=True)
    for each in there.deadlines:
        told = each.derivation
        label = each.rule.label.read(lang) + Text("：", ": ").read(lang)
        yield Line((Tinted(label, Tone.DIM), told.text.read(lang)), indent=2)
        if explain:
            from terminal.calendar import counted_days

            yield counted_days(told, lang)


def last_days(there: CaseView, now: datetime, lang: Lang, explained: bool = False) -> Iterator[Block]:
    """Each running clock in one line: which, until when, how it stands."""
    for clock in there.deadlines:
        rule, each = clock.rule, clock.deadline
        basis = _RESTS_ON.filled(basis=basis_said(rule.basis)).read(lang) if rule.basis and explained else ""
        strict = _STRICTLY.filled(on=each.strict_on).read(lang) if each.strict_on != each.rolled_on else ""
        extended = _EXTENDED.filled(limit=in_words(Limit(each.extended, rule.limit.unit))).read(lang)
        yield Line(
            (
                f"[{CLOCKS[rule.kind].read(lang)}] {rule.label.read(lang)}{basis} ",
                *(
                    (_standing(there, clock, lang),)
                    if stands_still(each)
                    else (last_day(each.rolled_on, each.due_at, now, lang), strict)
                ),
                extended if each.extended else "",
                Tinted(_PROVISIONAL.read(lang), Tone.WARN) if each.provisional else "",
            ),
            indent=2,
        )


def _standing(there: CaseView, clock: DeadlineView, lang: Lang) -> Tinted:
    """A clock that stands still: since when, which day that is, what is left, and with which steps it begins anew instead."""
    pause, left = clock.deadline.paused, clock.left
    since = pause.from_on if pause else clock.deadline.anchor_on
    said = _STANDS.filled(since=since, day=clock.paused_days or 1, left=in_words(left) if left else "?")
    anew = [step.label for step in there.definition.leaving[there.case.state] if step.name in clock.rule.restart]
    more = _ANEW.filled(steps=listed(anew)).read(lang) if anew else ""
    return Tinted(said.read(lang) + more, Tone.WARN)


def moves(before: CaseView | None, after: CaseView) -> tuple[Moved, ...]:
    """The clocks whose last day a step moves, stops or lets run on; those that begin or end with it are none of them."""
    if before is None:
        return ()
    old = {each.name: each for each in before.deadlines}
    return tuple(
        Moved(old[each.name], each)
        for each in after.deadlines
        if each.name in old and _standing_of(old[each.name]) != _standing_of(each)
    )


def _standing_of(clock: DeadlineView) -> tuple[date, date, bool]:
    return clock.deadline.strict_on, clock.deadline.rolled_on, stands_still(clock.deadline)


@dataclass(frozen=True, slots=True)
class Moved:
    """A clock before a step and after it."""

    old: DeadlineView
    new: DeadlineView

    def to_json(self) -> dict[str, object]:
        """The move as the JSON surface shows it."""
        return {"id": self.new.name, "from": _standing_json(self.old), "to": _standing_json(self.new)}

    def line(self, lang: Lang) -> Line:
        """The move in one line."""
        label = f"[{CLOCKS[self.new.rule.kind].read(lang)}] {self.new.rule.label.read(lang)} "
        return Line((label, f"{_until(self.old, lang)} → ", Tinted(_until(self.new, lang), Tone.WARN)), indent=2)


def _until(clock: DeadlineView, lang: Lang) -> str:
    if stands_still(clock.deadline):
        left = clock.left
        return _PAUSED.filled(left=in_words(left) if left else "?").read(lang)
    return until(clock.deadline.rolled_on, clock.deadline.due_at)


def _standing_json(clock: DeadlineView) -> dict[str, object]:
    each = clock.deadline
    return {
        "strict_on": each.strict_on.isoformat(),
        "rolled_on": each.rolled_on.isoformat(),
        "paused": stands_still(each),
    }


def last_day(on: date, due_at: datetime, now: datetime, lang: Lang) -> Tinted | str:
    """A last day, with the hour where it ends in the middle of that day, in a tone that says how near it is."""
    said = until(on, due_at)
    if now >= due_at:
        return Tinted(_OVERDUE.filled(on=said).read(lang), Tone.BAD)
    if business_date(now) == on:
        return Tinted(_TODAY.filled(on=said).read(lang), Tone.WARN)
    return said


_NO_CLOCK = Text("没有正在计时的时限", "no clock is running")
_RUNNING = Text("时限", "Clocks")
_STRICTLY = Text("（不顺延则为 {on}）", " (unrolled: {on})")
_PROVISIONAL = Text("（暂定：放假安排未公布）", " (provisional: days off not announced)")
_OVERDUE = Text("{on} 逾期", "{on} overdue")
_TODAY = Text("{on} 今日", "{on} today")
_EXTENDED = Text("（已延长{limit}）", " (extended by {limit})")
_STANDS = Text(
    "暂停：{since} 起第 {day} 天，恢复后还有{left}", "paused: day {day} since {since}, {left} left when it runs on"
)
_ANEW = Text("；{steps}后重新起算", "; counted anew from: {steps}")
_PAUSED = Text("暂停（还有{left}）", "paused ({left} left)")
_RESTS_ON = Text("（{basis}）", " ({basis})")
_ENDED = Text("已结束的时限", "Clocks that ended")
_CLOSED = Text("最后一日 {last}，{on} 结束，", "last day {last}, ended {on}, ")
_IN_TIME = Text("按期", "in time")
_LATE_BY = Text("逾期 {count} 个工作日", "late by {count} working day(s)")
_LATE_SOMEHOW = Text("逾期", "late")
_BECAUSE = Text("（{why}）", " ({why})")
_RAN_OUT = Text("届满即“{step}”", "when it ran out: {step}")
_NEW_DAY = Text("起算日更正，另行计算", "its first day was corrected: another took its place")
_NEW_LENGTH = Text("期限更正，另行计算", "its length was corrected: another took its place")
_REPLACED = {
    Outcome.EXTENDED: Text("已延长，另行计算", "extended: another took its place"),
    Outcome.RESTARTED: Text("重新起算，另行计算", "begun anew: another took its place"),
    Outcome.MIGRATED: Text("流程换版，另行计算", "another version of the procedure counts on"),
}
