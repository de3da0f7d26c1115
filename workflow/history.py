"""A case is the fold of its events (办理记录): one function moves it forward today and rebuilds it for `verify`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

from workflow.case import (
    ATTACH,
    CLOCKS_BACK,
    DETACH,
    EDIT,
    ERASE,
    ESCALATE,
    IMPORT,
    MIGRATE,
    PARENT,
    PARENT_NUMBER,
    RECOMPUTE,
    REMIND,
    REORGANISE,
    SECTION,
    SECTION_BEFORE,
    SLOT,
    START,
    STAYS_WITH,
    TAKE_BACK,
    TRAIL,
    UNMANNED,
    Case,
    Deadline,
    Event,
    Outcome,
    RoleName,
    Scalar,
    StateName,
    Trace,
    instant_text,
    merged,
)
from workflow.checks import edited_in
from workflow.clock import advance, due, given_back, late_days, length, start_of, taken_over
from workflow.ledger import COMMENT, canonical_json
from workflow.model import Definition
from workflow.workdays import UnknownYear, Workdays

#: Events about the papers of a case (附件).
OF_PAPERS = frozenset({ATTACH, DETACH})
#: Events of which no clock hears: that nobody can act on a case, that another section has it, that something was erased or attached.
BESIDE_CLOCKS = frozenset({UNMANNED, REORGANISE, ERASE}) | OF_PAPERS
#: Those and events about a clock: their data is never data of the case.
CLOCK_EVENTS = frozenset({REMIND, ESCALATE, RECOMPUTE}) | BESIDE_CLOCKS

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Folded:
    """A case after an event, and every deadline that the event opened, moved or closed."""

    case: Case
    touched: tuple[Deadline, ...]


#: A deadline for ever: its rule and the event that armed it.
Key = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Replayed(Folded):
    """A case after its whole story, with every deadline it ever had, as each ended."""

    under: Mapping[Key, str] = field(default_factory=dict)  # the definition by whose rule each deadline last ran
    begun_with: Mapping[Key, int] = field(
        default_factory=dict
    )  # how many of its steps another had said before it began


def blank(case_id: str, number: str, definition: Definition, bureau: str, section: str) -> Case:
    """A case before its first event: it has a name and a place, and nothing has happened."""
    return Case(
        id=case_id,
        number=number,
        kind=definition.id,
        definition=definition.digest,
        bureau=bureau,
        section=section,
        state=definition.initial,
        version=0,
        seq=0,
        data={},
        trail={},
        waits_for=None,
        entered_at=_LONG_AGO,
        changed_at=_LONG_AGO,
        closed_at=None,
        head="",
    )


def fold(definition: Definition, case: Case, event: Event, calendar: Workdays) -> Folded:
    """The case after this event, and the deadlines that the event touched. A migration is folded by the definition it leads to."""
    if event.transition in definition.acts and event.transition != TAKE_BACK:
        return Folded(_noted(case, event), ())
    moved = _moved(definition, case, event)
    if event.transition in BESIDE_CLOCKS:
        return Folded(moved, ())
    if event.transition == IMPORT:
        return Folded(moved, _past_deadlines(definition, moved, event, calendar))
    clocks = taken_over if event.transition == MIGRATE else advance
    now = clocks(definition, case.deadlines, event, moved, calendar)
    if event.transition == TAKE_BACK and CLOCKS_BACK in event.data:
        now = _as_they_ran(definition, now, event, moved, calendar)
    running = tuple([each for each in now if each.closed_at is None])
    return Folded(moved.with_deadlines(running), tuple([each for each in now if each not in case.deadlines]))


def _as_they_ran(
    definition: Definition, now: tuple[Deadline, ...], event: Event, case: Case, calendar: Workdays
) -> tuple[Deadline, ...]:
    """The clocks as before the step that is taken back: those it ended run on, those it began are over, none begins anew."""
    former = tuple(given_back(definition.deadlines, case.deadlines, str(event.data[CLOCKS_BACK]), case.data, calendar))
    known = {(each.rule, each.armed_seq) for each in former}
    others = [each for each in now if (each.rule, each.armed_seq) not in known and each.armed_seq != event.seq]
    over = [each if each.closed_at else each.ended(event.at, Outcome.VOID) for each in others]
    return (*former, *over)


def after(definition: Definition, case: Case, event: Event, calendar: Workdays) -> Case:
    """The case after this event."""
    return fold(definition, case, event, calendar).case


def replay(
    definition: Definition | Callable[[str], Definition],
    case: Case,
    events: Iterable[Event],
    calendar_at: Callable[[datetime], Workdays],
) -> Replayed:
    """The case after all these events, from blank, with every deadline it ever had, as each ended.

    It begins in the section that its events say, where it went to another later.

    Where a migration may be among the events, `definition` answers for each digest. Raises ValueError where the definition
    changes without one.
    """
    deadlines: dict[Key, Deadline] = {}
    under: dict[Key, str] = {}
    begun_with: dict[Key, int] = {}
    law = definition if isinstance(definition, Definition) else definition(case.definition)
    story = tuple(events)
    if began := begun_in(story):
        case = replace(case, section=began)
    for event in story:
        if event.definition != law.digest:
            if event.transition != MIGRATE or isinstance(definition, Definition):
                raise ValueError(f"event {event.seq} goes by {event.definition[:12]}, not by {law.digest[:12]}")
            law = definition(event.definition)
        folded = fold(law, case, event, calendar_at(event.at))
        case = folded.case
        for each in folded.touched:
            key = (each.rule, each.armed_seq)
            if key not in deadlines:
                begun_with[key] = each.fired
            if each.closed_at is None or key not in deadlines or event.transition != MIGRATE:
                under[key] = law.digest
            deadlines[key] = each
        if event.transition == MIGRATE:
            under.update({(each.rule, each.armed_seq): law.digest for each in case.deadlines})
    return Replayed(case, tuple(deadlines.values()), under, begun_with)


def begun_in(events: Iterable[Event]) -> str | None:
    """The section in which a case began, by the first event that took it to another; None where none did."""
    return next((str(each.data[SECTION_BEFORE]) for each in events if SECTION_BEFORE in each.data), None)


def in_hands(definition_of: Callable[[str], Definition], events: Sequence[Event]) -> RoleName | None:
    """In whose hands a case is after these events, as `fold` has it: read backwards to the last that says so."""
    for event in reversed(events):
        if said := event.data.get("reassign" if event.transition == ESCALATE else STAYS_WITH):
            return RoleName(str(said))
        if event.source != event.target or event.transition == MIGRATE:
            return definition_of(event.definition).state_named(event.target).waits_for
    return None


def _moved(definition: Definition, case: Case, event: Event) -> Case:
    if event.transition in CLOCK_EVENTS:
        return _clock_event(case, event)
    if event.transition == TAKE_BACK and TAKE_BACK in definition.acts:
        return _taken_back(definition, case, event)
    return _migrated(definition, case, event) if event.transition == MIGRATE else _step(definition, case, event)


def _noted(case: Case, event: Event) -> Case:
    """The case after an everyday act: it is in the record, and no clock hears of it. Nobody's `--expect` is upset by it."""
    section = str(event.data.get(SECTION, case.section))
    return replace(case, section=section, seq=event.seq, changed_at=event.at, head=event.hash)


def _taken_back(definition: Definition, case: Case, event: Event) -> Case:
    """The case as it stood before the step that is taken back, in its data and in its trail: nobody has taken that step."""
    traces = {name.removeprefix(TRAIL): said for name, said in event.data.items() if name.startswith(TRAIL)}
    trail = {name: trace for name, trace in case.trail.items() if name not in traces}
    state = definition.state_named(event.target)
    return replace(
        case,
        state=event.target,
        version=case.version + 1,
        seq=event.seq,
        data=merged(case.data, {name: value for name, value in event.data.items() if "." not in name}),
        trail={**trail, **{name: _trace_from(str(said)) for name, said in traces.items() if said}},
        waits_for=state.waits_for,
        entered_at=event.at,
        changed_at=event.at,
        head=event.hash,
    )


def difference(now: Case, before: Case) -> dict[str, Scalar]:
    """What an event must say so that a case is again what it was: each field and each trace that differs."""
    data = {name: before.data.get(name) for name in sorted({*now.data, *before.data})}
    changed: dict[str, Scalar] = {name: old for name, old in data.items() if now.data.get(name) != old}
    for name in sorted({*now.trail, *before.trail}):
        if now.trail.get(name) != (trace := before.trail.get(name)):
            changed[TRAIL + name] = _trace_text(trace) if trace else None
    return changed


def _trace_text(trace: Trace) -> str:
    return canonical_json([list(trace.by), trace.seq, instant_text(trace.at)])


def _trace_from(said: str) -> Trace:
    by, seq, at = json.loads(said)
    return Trace(tuple(by), seq, datetime.fromisoformat(at))


def _clock_event(case: Case, event: Event) -> Case:
    reassigned = event.data.get("reassign")
    return replace(
        case,
        section=str(event.data.get(SECTION, case.section)),
        seq=event.seq,
        changed_at=event.at,
        head=event.hash,
        waits_for=RoleName(str(reassigned)) if reassigned else case.waits_for,
        # Who put a paper to it has written in it: they do not sign for it alone where the author may not.
        trail=_traced(case.trail, edited_in(case.state), event, event.seq)
        if event.transition in OF_PAPERS
        else case.trail,
    )


def _step(definition: Definition, case: Case, event: Event) -> Case:
    parent, slot, said = case.parent, case.slot, event.data
    if event.transition == START and PARENT in said:
        parent, slot = str(said[PARENT]), str(said[SLOT])
        said = {name: value for name, value in said.items() if name not in (PARENT, SLOT, PARENT_NUMBER)}
    state = definition.state_named(event.target)
    stays = event.source == event.target
    # Written out: `dataclasses.replace` costs as much as the rest of a fold (measured).
    return Case(
        id=case.id,
        number=case.number,
        kind=case.kind,
        definition=case.definition,
        bureau=case.bureau,
        section=case.section,
        state=event.target,
        version=case.version + 1,
        seq=event.seq,
        data=merged(case.data, said),
        trail=_with_edit(definition, case, event, _with_trace(case, event)),
        waits_for=case.waits_for if stays else state.waits_for,
        entered_at=case.entered_at if stays else event.at,
        changed_at=event.at,
        closed_at=event.at if state.final else None,
        head=event.hash,
        parent=parent,
        slot=slot,
        children=case.children,
    )


def _migrated(definition: Definition, case: Case, event: Event) -> Case:
    """The case under another definition. Nobody took a step: it came into its state when it did, and stays in the same hands."""
    stays_with = event.data.get(STAYS_WITH)
    renamed = {name.removeprefix(TRAIL): str(new) for name, new in event.data.items() if name.startswith(TRAIL)}
    return replace(
        case,
        definition=event.definition,
        state=event.target,
        version=case.version + 1,
        seq=event.seq,
        data=merged(case.data, {name: value for name, value in event.data.items() if "." not in name}),
        trail=_with_trace(replace(case, trail=_renamed(case.trail, renamed)), event),
        waits_for=RoleName(str(stays_with)) if stays_with else definition.state_named(event.target).waits_for,
        changed_at=event.at,
        head=event.hash,
    )


def _renamed(trail: Mapping[str, Trace], names: Mapping[str, str]) -> dict[str, Trace]:
    """The trail under other names; where two come to one, whoever took either has taken it."""
    found: dict[str, Trace] = {}
    for name, trace in trail.items():
        for new in names.get(name, name).split():
            there = found.get(new)
            last = trace if there is None or trace.seq > there.seq else there
            by = (*there.by, *trace.by) if there else trace.by
            found[new] = Trace(tuple(dict.fromkeys(by)), last.seq, last.at)
    return found


def _with_trace(case: Case, event: Event) -> dict[str, Trace]:
    name = edited_in(StateName(event.target)) if event.transition == EDIT else str(event.transition)
    return _traced(case.trail, name, event, event.seq)


def _traced(trail: Mapping[str, Trace], name: str, event: Event, seq: int) -> dict[str, Trace]:
    before = trail[name].by if name in trail else ()
    who = (event.actor, event.on_behalf_of) if event.on_behalf_of else (event.actor,)
    return {**trail, name: Trace(tuple(dict.fromkeys((*before, *who))), seq, event.at)}


def _with_edit(definition: Definition, case: Case, event: Event, trail: dict[str, Trace]) -> dict[str, Trace]:
    """The trail of a step with which somebody wrote what stands in no form of it: that was an edit, just before.

    Otherwise whoever may not sign a text of their own could write it while they pass it on, and sign it later.
    """
    step = definition.transitions.get(event.transition)
    # What was erased since was written all the same.
    wrote = {*event.data, *(event.erased.keys() - {COMMENT})} if event.erased else event.data.keys()
    if step is None or event.source is None or event.automatic or wrote <= step.writes:
        return trail
    lapsed = {each.name for each in definition.lapsing if not wrote.isdisjoint(each.lapses_on)}
    if wrote <= step.writes | {name for name in lapsed if event.data.get(name) is None}:
        return trail
    return _traced(trail, edited_in(event.source), event, case.seq)


def _past_deadlines(definition: Definition, case: Case, event: Event, calendar: Workdays) -> tuple[Deadline, ...]:
    """The anchored clocks of a past record, counted from its own days and closed on the day on which it ended."""
    intake = definition.intake
    if intake is None or intake.closed is None:
        return ()  # nobody says when it ended: no clock is counted
    days = [case.data.get(str(name)) for name in (intake.opened, intake.closed)]
    if None in days:
        return ()  # nor does this record
    opened_on, closed_on = (date.fromisoformat(str(day)) for day in days)
    deadlines = []
    for rule in definition.deadlines.values():
        applies = rule.applies is None or rule.applies.holds(case.data)
        limit = length(rule, case.data, opened_on)
        if rule.anchor is None or rule.backward or not applies or (rule.since and opened_on < rule.since):
            continue
        if limit is None:
            continue
        anchor_at, closed_at = start_of(opened_on), start_of(closed_on)
        try:
            end = due(limit, opened_on, anchor_at, calendar)
        except UnknownYear:
            continue  # LAW 10: the calendar starts in 2004; what cannot be counted stays uncounted, and import says so
        deadlines.append(
            Deadline(
                rule=rule.name,
                armed_seq=event.seq,
                anchor_on=opened_on,
                anchor_at=anchor_at,
                strict_on=end.strict_on,
                rolled_on=end.rolled_on,
                due_at=end.due_at,
                provisional=end.provisional,
                fired=len(rule.steps),
                closed_at=closed_at,
                outcome=Outcome.MET if closed_at < end.due_at else Outcome.LATE,
                late_days=late_days(end.rolled_on, closed_on, calendar) if closed_at >= end.due_at else None,
            )
        )
    return tuple(deadlines)
