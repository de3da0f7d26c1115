"""Where a clock of the new version asks less: it is longer, starts or ends otherwise, stands still more, or tells fewer people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from workflow.case import ClockKind, TransitionName
from workflow.clock import in_words
from workflow.limit import Limit
from workflow.model import DeadlineRule, Definition, Regime, Step
from workflow.text import Text, listed
from workflow.weaker.wider import Trials, any_wider


def slower(
    old: Definition, new: Definition, before: DeadlineRule, after: DeadlineRule, trials: Trials
) -> Iterator[Text]:
    """Everything in which a clock asks less than it did, or may: what only a reader can judge is said, too."""
    clock = after.label
    if before.kind is ClockKind.STATUTORY and after.kind is not ClockKind.STATUTORY:
        yield _NOT_STATUTORY.filled(clock=clock)
    yield from _longer_limit(before, after)
    yield from _other_law(before, after)
    gone = [old.states[each].label for each in before.runs_in if each not in after.runs_in and each in new.states]
    if gone:
        yield _RUNS_LESS.filled(clock=clock, states=listed(gone))
    still = [new.states[each].label for each in after.pauses_in if each not in before.pauses_in]
    if still:
        yield _STANDS_STILL.filled(clock=clock, states=listed(still))
    yield from _more_time_by_steps(new, before, after)
    if after.since and (before.since is None or after.since > before.since):
        yield _SINCE.filled(clock=clock, since=after.since)
    if any_wider(after.applies, before.applies, {**old.fields, **new.fields}, trials):
        yield _APPLIES_LESS.filled(clock=clock)
    if (before.anchor, before.backward) != (after.anchor, after.backward):
        yield _OTHER_ANCHOR.filled(clock=clock)
    if before.by_entry and not after.by_entry:
        yield _BY_STATED_DAY.filled(clock=clock)
    yield from _quieter(before, after)


def _longer_limit(before: DeadlineRule, after: DeadlineRule) -> Iterator[Text]:
    if before.limit_field or after.limit_field:
        # What a field says is known of each case only.
        if (before.limit_field, before.limit) != (after.limit_field, after.limit):
            yield _OTHER_LENGTH.filled(clock=after.label)
    elif _gives_more(before, before.limit, after.limit):
        yield _LONGER.filled(clock=after.label, before=in_words(before.limit), after=in_words(after.limit))


def _other_law(before: DeadlineRule, after: DeadlineRule) -> Iterator[Text]:
    """What other versions of the law no longer ask, and which is new and gives more time than the clock itself."""
    clock = after.label
    still = _still_there(before.regimes, after.regimes)
    for law, there in still.items():
        if there is None:
            yield _LAW_GONE.filled(clock=clock, basis=law.basis)
            continue
        if _gives_more(before, law.limit, there.limit):
            yield _LONGER.filled(clock=clock, before=in_words(law.limit), after=in_words(there.limit))
        if there.extend and (law.extend is None or _is_longer(law.extend, there.extend)):
            yield _EXTENDED.filled(clock=clock, by=in_words(there.extend))
        if _days_in_force(law) != _days_in_force(there):
            yield _OTHER_DAYS.filled(clock=clock, basis=law.basis)
    for law in (each for each in after.regimes if each not in still.values()):
        if not before.limit_field and _gives_more(before, before.limit, law.limit):
            yield _LONGER.filled(clock=clock, before=in_words(before.limit), after=in_words(law.limit))
    if before.regimes and before.regime_by != after.regime_by:
        yield _OTHER_CHOICE.filled(clock=clock)


def _still_there(before: Iterable[Regime], after: Iterable[Regime]) -> dict[Regime, Regime | None]:
    """What each version of the law is now: the one for the same days, or else one under the same basis; None where it is gone.

    The days come first: an article may be renumbered, and one document may hold two versions.
    """
    left = list(after)
    still: dict[Regime, Regime | None] = dict.fromkeys(before)
    for alike in (_days_in_force, _basis):
        for law in (each for each, there in still.items() if there is None):
            there = next((each for each in left if alike(each) == alike(law)), None)
            if there:
                still[law] = there
                left.remove(there)
    return still


def _basis(law: Regime) -> str:
    return law.basis


def _gives_more(rule: DeadlineRule, old: Limit, new: Limit) -> bool:
    """Whether the new limit leaves more time; of a clock that counts backward, the shorter one does.

    Between units it hangs on the calendar, so that the doubt counts: 5 working days may end after 7 calendar days.
    """
    less, more = (new, old) if rule.backward else (old, new)
    if old.unit != new.unit and more.rough_hours * 2 > less.rough_hours:
        return True
    return old != new and _is_longer(old, new) != rule.backward


def _days_in_force(law: Regime) -> tuple[object, object]:
    return law.from_on, law.until


def _more_time_by_steps(new: Definition, before: DeadlineRule, after: DeadlineRule) -> Iterator[Text]:
    """The steps that give a clock more time, or end it, and did not."""
    clock = after.label
    if after.extend and (before.extend is None or _is_longer(before.extend.by, after.extend.by)):
        yield _EXTENDED.filled(clock=clock, by=in_words(after.extend.by))
    if (
        after.extend
        and before.extend
        and (others := [each for each in after.extend.events if each not in before.extend.events])
    ):
        yield _EXTENDED_BY.filled(clock=clock, steps=_steps(new, others))
    if anew := [each for each in after.restart if each not in before.restart]:
        yield _BEGINS_ANEW.filled(clock=clock, steps=_steps(new, anew))
    if otherwise := [each for each, day in after.restart.items() if before.restart.get(each, day) != day]:
        yield _ANEW_FROM_ANOTHER_DAY.filled(clock=clock, steps=_steps(new, otherwise))
    if done := [each for each in after.done_by if each not in before.done_by]:
        yield _DONE_BY.filled(clock=clock, steps=_steps(new, done))


def _steps(definition: Definition, names: Iterable[TransitionName]) -> Text:
    labels = [definition.transitions[each].label for each in names]
    return listed([_QUOTED.filled(step=each) for each in labels])


def _quieter(before: DeadlineRule, after: DeadlineRule) -> Iterator[Text]:
    """The steps of a clock that are gone, come later, or tell fewer people."""
    for kind, gone, later, fewer in (
        ("remind", _REMINDS_LESS, _REMINDS_LATER, _REMINDS_FEWER),
        ("escalate", _ESCALATES_LESS, _ESCALATES_LATER, _ESCALATES_FEWER),
        ("expire", _EXPIRES_NOT, _EXPIRES_NOT, _EXPIRES_NOT),
    ):
        olds, news = _of_kind(before, kind), _of_kind(after, kind)
        if len(news) < len(olds):
            yield gone.filled(clock=after.label)
            continue
        for one, other in zip(olds, news, strict=False):
            is_later = (
                other.offset.rough_hours_late > one.offset.rough_hours_late
                if kind == "escalate"
                else other.offset.rough_hours_ahead < one.offset.rough_hours_ahead
            )
            if one.offset != other.offset and is_later:
                yield later.filled(clock=after.label, before=in_words(one.offset), after=in_words(other.offset))
            if not set(one.tell) <= set(other.tell):
                yield fewer.filled(clock=after.label)
            if one.transition != other.transition:
                yield _EXPIRES_OTHERWISE.filled(clock=after.label)
            if one.reassign and one.reassign != other.reassign:
                yield _NOT_HANDED_OVER.filled(clock=after.label)


def _of_kind(rule: DeadlineRule, kind: str) -> list[Step]:
    return [each for each in rule.steps if each.kind == kind]


def _is_longer(old: Limit, new: Limit) -> bool:
    return new.rough_hours > old.rough_hours


_QUOTED = Text("“{step}”", "“{step}”")
_NOT_STATUTORY = Text("时限“{clock}”不再是法定时限", "“{clock}” is no longer a statutory clock")
_OTHER_LENGTH = Text(
    "时限“{clock}”的长短改由别处写明，请核对", "how long “{clock}” is, is said elsewhere now: check it"
)
_OTHER_DAYS = Text(
    "时限“{clock}”适用此依据的期间改变，请核对：{basis}",
    "“{clock}” goes by this version of the law on other days: {basis}; check it",
)
_OTHER_CHOICE = Text(
    "时限“{clock}”按另一日期选择适用的法律，请核对",
    "another date chooses the version of the law for “{clock}”: check it",
)
_EXTENDED_BY = Text("时限“{clock}”改由{steps}延长", "“{clock}” is extended by another step now: {steps}")
_BEGINS_ANEW = Text("时限“{clock}”经{steps}重新起算", "“{clock}” now begins anew with {steps}")
_ANEW_FROM_ANOTHER_DAY = Text(
    "时限“{clock}”经{steps}重新起算的日期改变，请核对", "“{clock}” begins anew with {steps} from another day: check it"
)
_DONE_BY = Text("时限“{clock}”经{steps}即算办结", "“{clock}” now counts as met with {steps}")
_EXPIRES_OTHERWISE = Text(
    "时限“{clock}”期满自动办理的步骤改变，请核对", "another step is taken by itself when “{clock}” runs out: check it"
)
_LONGER = Text("时限“{clock}”由{before}放宽为{after}", "the limit of “{clock}” goes from {before} to {after}")
_LAW_GONE = Text("时限“{clock}”不再分别适用：{basis}", "“{clock}” no longer knows this version of the law: {basis}")
_RUNS_LESS = Text("时限“{clock}”在这些环节不再计：{states}", "“{clock}” no longer runs in: {states}")
_STANDS_STILL = Text("时限“{clock}”在这些环节暂停：{states}", "“{clock}” now stands still in: {states}")
_EXTENDED = Text("时限“{clock}”可以延长{by}", "“{clock}” may be extended by {by}")
_SINCE = Text("时限“{clock}”自 {since} 起才计", "“{clock}” counts only since {since}")
_APPLIES_LESS = Text("时限“{clock}”适用的事项减少", "“{clock}” is for fewer cases")
_OTHER_ANCHOR = Text("时限“{clock}”的起算改变，请核对", "“{clock}” counts from something else: check it")
_BY_STATED_DAY = Text(
    "时限“{clock}”不再以登记之时办结，而看步骤所填日期",
    "“{clock}” ends on the day that a step states, no longer when the step is entered",
)
_REMINDS_LESS = Text("时限“{clock}”的提醒减少", "“{clock}” reminds less often")
_REMINDS_LATER = Text(
    "时限“{clock}”的提醒由期满前{before}改为期满前{after}", "“{clock}” reminds {after} before its end, not {before}"
)
_REMINDS_FEWER = Text(
    "时限“{clock}”的提醒不再发给原来的人", "a reminder of “{clock}” no longer reaches all that it reached"
)
_ESCALATES_LESS = Text("时限“{clock}”的逾期上报减少", "“{clock}” escalates less often")
_ESCALATES_LATER = Text(
    "时限“{clock}”的逾期上报由逾期{before}推迟到{after}", "“{clock}” escalates {after} after its end, not {before}"
)
_ESCALATES_FEWER = Text(
    "时限“{clock}”的逾期上报不再发给原来的人", "an escalation of “{clock}” no longer reaches all that it reached"
)
_EXPIRES_NOT = Text("时限“{clock}”期满不再自动办理", "nothing happens by itself any more when “{clock}” runs out")
_NOT_HANDED_OVER = Text(
    "时限“{clock}”逾期后不再移交给原定的人", "an escalation of “{clock}” no longer hands the case over as it did"
)
