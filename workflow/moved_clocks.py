"""Clocks of the law that an event moves or ends beside their course (法定时限变动): which they are, and who hears of it.

They are read off the clocks themselves, as they ran before the event and after it, whatever field or rule it was that moved them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from workflow.case import (
    EDIT,
    TAKE_BACK,
    Case,
    ClockKind,
    Data,
    Deadline,
    Event,
    Notice,
    Outcome,
    Unmet,
    business_date,
)
from workflow.clock import anchored_in, is_anchor_of, is_in, until
from workflow.conditions import fields_of
from workflow.model import DeadlineRule, Definition
from workflow.text import Text, listed
from workflow.values import says


@dataclass(frozen=True, slots=True)
class MovedClock:
    """A clock of the law as it ran before an event, and as it runs since."""

    rule: DeadlineRule
    old: Deadline | None  # None: an edit made it begin
    new: Deadline | None  # None: it is no longer for such a case

    @property
    def text(self) -> Text:
        """What became of its days."""
        clock, old, new = self.rule.label, self.old, self.new
        if old and new and new.closed_at:
            return _AFTER_ALL.filled(clock=clock, old=_end(old), on=business_date(new.closed_at))
        if old and new and old.paused and new.paused and old.anchor_on == new.anchor_on:
            return _PAUSED_ANEW.filled(clock=clock, old=old.paused.from_on, new=new.paused.from_on)
        if old and new and new.paused and old.due_at == new.due_at and old.anchor_on == new.anchor_on:
            return _STANDS.filled(clock=clock, old=_end(old), since=new.paused.from_on)
        if old and new:
            said = _LAST_DAY if old.anchor_on == new.anchor_on else _FIRST_DAY
            return said.filled(
                clock=clock, old_anchor=old.anchor_on, new_anchor=new.anchor_on, old=_end(old), new=_end(new)
            )
        if old:
            return _ENDED.filled(clock=clock, old=_end(old))
        assert new is not None
        return _BEGUN.filled(clock=clock, anchor=new.anchor_on, new=_end(new))


def _end(deadline: Deadline) -> str:
    return until(deadline.rolled_on, deadline.due_at)


def moved_clocks(
    definition: Definition, case: Case, touched: tuple[Deadline, ...], event: Event
) -> Iterator[MovedClock]:
    """Each clock of the law that this event, of which these deadlines come, moves or ends otherwise than its rule says.

    A pause that ends, an extension, a restart and what fulfils a clock are its course: their own steps are for them. Not so
    what takes the lateness from a clock that was over: a pause that began on a day of the past, or a day that a person typed on
    which it was met in time.
    """
    statutory = [each for each in touched if definition.deadlines[each.rule].kind is ClockKind.STATUTORY]
    before = {(each.rule, each.armed_seq): each for each in case.deadlines}
    begun = {each.rule: each for each in statutory if each.closed_at is None}
    for new in statutory:
        rule, old = definition.deadlines[new.rule], before.get(_key(new))
        if old is None:
            continue
        if new.closed_at is None:
            has_resumed = old.paused is not None and new.paused is None
            is_late_no_more = _is_over(old, event.at) and not _is_over(new, event.at)
            stopped_anew = old.paused and new.paused and old.paused.from_on != new.paused.from_on
            if (
                is_late_no_more
                or stopped_anew
                or new.anchor_on != old.anchor_on
                or (new.due_at != old.due_at and not has_resumed)
            ):
                yield MovedClock(rule, old, new)
        elif _is_in_time_after_all(old, new, event):
            yield MovedClock(rule, old, new)
        elif not _is_its_course(definition, rule, old, new, event, begun.get(new.rule)):
            yield MovedClock(rule, old, begun.get(new.rule))
    if event.transition == EDIT:
        ran = {each.rule for each in case.deadlines}
        yield from (MovedClock(definition.deadlines[name], None, new) for name, new in begun.items() if name not in ran)


def unproved_days(definition: Definition, case: Case, touched: tuple[Deadline, ...], event: Event) -> Iterator[Unmet]:
    """Each clock of the law that was over and that a person ends in time by a day of the past, without a word of how that is known."""
    for each in () if says(event.comment or "") else moved_clocks(definition, case, touched, event):
        if each.old and each.new and each.new.closed_at:
            yield Unmet("comment", _PROVE.filled(clock=each.rule.label, old=_end(each.old)), "data")


def _is_in_time_after_all(old: Deadline, ended: Deadline, event: Event) -> bool:
    in_time = ended.outcome is Outcome.MET and ended.closed_at is not None and ended.closed_at < old.due_at
    return in_time and not event.automatic and _is_over(old, event.at)


def _is_over(deadline: Deadline, at: datetime) -> bool:
    """Whether its last day has passed; while it stands still, whether it had when it was stopped."""
    return deadline.due_at <= (deadline.paused.from_at if deadline.paused else at)


def _key(deadline: Deadline) -> tuple[str, int]:
    return deadline.rule, deadline.armed_seq


def _is_its_course(
    definition: Definition, rule: DeadlineRule, old: Deadline, ended: Deadline, event: Event, follower: Deadline | None
) -> bool:
    """Whether a clock ended as its rule, or the step that was taken, says."""
    if event.transition == TAKE_BACK:
        return follower is None
    if ended.outcome is Outcome.EXTENDED:
        return ended.anchor_on == old.anchor_on
    if event.transition in rule.done_by or not is_in(rule, event.target):
        return True
    if event.transition in rule.restart:
        return True
    if follower and is_anchor_of(rule, event):
        return follower.anchor_on == old.anchor_on
    step = definition.transitions.get(event.transition)
    asked = {*(fields_of(rule.applies) if rule.applies else ()), rule.limit_field}
    typed = asked & event.data.keys()
    # Where nothing of what it is for was typed it ended by its day, which came before there was such a limit.
    return step is not None and follower is None and bool(typed) and typed <= step.writes


def told_of_moved_clocks(
    definition: Definition, case: Case, after: Case, touched: tuple[Deadline, ...], event: Event, by: Text
) -> Iterator[Notice]:
    """For whoever has the case in hand, and for those above who answer for such a clock: once each, all clocks together."""
    moved = tuple(moved_clocks(definition, case, touched, event))
    if not moved:
        return
    text = _MOVED.filled(
        number=case.number,
        title=after.title,
        actor=by,
        clocks=listed(each.text for each in moved),
        said=event.comment or "",
    )
    hands = (after.waits_for,) if after.waits_for else ()
    for role in dict.fromkeys((*hands, *(head for each in moved for head in _heads(each.rule)))):
        yield Notice(role, text, event.transition)


def _heads(rule: DeadlineRule) -> tuple[str, ...]:
    """Of those who hear when a clock is missed, the heads, else all of those; of a clock that is missed unheard, the heads."""
    chain = [role for step in rule.steps if step.kind == "escalate" for role in step.tell]
    return tuple(role for role in chain if role in _HEADS) or tuple(chain) or _HEADS_OF_ALL


def days_counted_from(definition: Definition, case: Case, data: Data) -> dict[str, list[DeadlineRule]]:
    """Each day that this data changes and from which clocks of the law count, with those clocks."""
    counted: dict[str, list[DeadlineRule]] = {}
    for each in case.deadlines if data else ():
        rule = definition.deadlines[each.rule]
        name = anchored_in(definition, rule, each, case) if rule.kind is ClockKind.STATUTORY else None
        if name and name in data and data[name] != case.data[name]:
            counted.setdefault(name, []).append(rule)
    return counted


_HEADS = ("office_head", "leader")
#: Of a clock whose rule goes up to nobody.
_HEADS_OF_ALL = ("section_head", "office_head")
_MOVED = Text(
    "{number}《{title}》：{actor}的改动涉及法定时限：{clocks}。{said}",
    "{number} “{title}”: what {actor} did touches limits of the law: {clocks}. {said}",
)
_FIRST_DAY = Text(
    "“{clock}”的起算日由 {old_anchor} 改为 {new_anchor}，最后一日由 {old} 改为 {new}",
    "“{clock}” counts from {new_anchor} and no longer from {old_anchor}; its last day was {old} and is {new}",
)
_LAST_DAY = Text(
    "“{clock}”的最后一日由 {old} 改为 {new}",
    "the last day of “{clock}” was {old} and is {new}",
)
_STANDS = Text(
    "“{clock}”已逾期（最后一日 {old}），自 {since} 起暂停计时，不再逾期",
    "“{clock}” was over (its last day was {old}); it stands still since {since} and is late no more",
)
_PAUSED_ANEW = Text(
    "“{clock}”的暂停由自 {old} 起改为自 {new} 起", "“{clock}” stands still since {new} and no longer since {old}"
)
_AFTER_ALL = Text(
    "“{clock}”的最后一日 {old} 已过，登记为 {on} 按期办结",
    "“{clock}”, whose last day {old} had passed, is recorded as met in time, on {on}",
)
_PROVE = Text(
    "“{clock}”的最后一日 {old} 已过，而填写的日期在期限之内，请在意见中注明凭证（回执、签收单等）",
    "the last day of “{clock}”, {old}, has passed, and the day that is typed lies within it: say in the comment what proves it, such as a receipt",
)
_ENDED = Text("“{clock}”不再适用（原最后一日 {old}）", "“{clock}” is no longer for this case (its last day was {old})")
_BEGUN = Text(
    "“{clock}”自 {anchor} 起算，最后一日 {new}",
    "“{clock}” counts from {anchor}; its last day is {new}",
)
