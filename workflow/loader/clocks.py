"""Deadlines: what they name, and whether each can run, pause, begin anew and be made longer as it says."""

from __future__ import annotations

from collections.abc import Iterator

from workflow.limit import limit_from
from workflow.loader.draft import SYSTEM_ROLE, Draft, able, roles_by_state
from workflow.loader.report import Path
from workflow.notation import LONGEST
from workflow.schema import DeadlineEntry, ExtendEntry, FieldLimit, RegimesEntry

#: The checks that ask how a clock stands, and where a step names guards.
_OF_CLOCKS = ("before_due", "last_day_reached")
_ASKING = ("guards", "warns", "when_blocked")
_FIRST, _LAST = "0001-01-01", "9999-12-31"


def check_clock_names(draft: Draft, name: str, clock: DeadlineEntry) -> None:
    """Report every state, step, field and role that a deadline names and the file lacks, or that is of the wrong type."""
    path: Path = ("deadlines", name)
    running = {name for name, state in draft.file.states.items() if not state.final}
    draft.all_known("state", clock.runs_in, (*path, "runs_in"), fit=running)
    draft.all_known("state", clock.pauses_in or (), (*path, "pauses_in"), fit=running)
    if isinstance(clock.limit, FieldLimit):
        _check_length(draft, clock.limit, (*path, "limit", "field"))
    if clock.anchor:
        for number, event in enumerate(clock.anchor.event):
            draft.known_event(event, (*path, "anchor", "event", number))
        if clock.anchor.date:
            draft.known_field(clock.anchor.date, "date", (*path, "anchor", "date"))
    _check_restart_names(draft, clock, path)
    if clock.extend:
        draft.all_known("transition", clock.extend.event, (*path, "extend", "event"))
        _check_granted(draft, clock.extend, (*path, "extend"))
    if clock.regimes:
        _check_regimes(draft, clock.regimes, (*path, "regimes"))
    for number, name in enumerate(clock.done_by):
        draft.known("transition", name, (*path, "done_by", number))
    if clock.on_expiry:
        draft.known("transition", clock.on_expiry, (*path, "on_expiry"))
    for number, remind in enumerate(clock.remind):
        draft.all_hear(remind.tell, (*path, "remind", number, "tell"))
    for number, escalate in enumerate(clock.escalate):
        draft.all_hear(escalate.tell, (*path, "escalate", number, "tell"))
        if escalate.reassign:
            draft.known("role", escalate.reassign, (*path, "escalate", number, "reassign"))


def _check_length(draft: Draft, limit: FieldLimit, path: Path) -> None:
    draft.known_field(limit.field, "integer", path)
    field, most = draft.file.fields.get(limit.field), LONGEST[limit.unit]
    if field and field.type == "integer" and not _is_within(field.min, field.max, most):
        draft.report.of(path, "limit-field", value=True, field=limit.field, most=most)


def _check_restart_names(draft: Draft, clock: DeadlineEntry, path: Path) -> None:
    seen = set()
    for number, restart in enumerate(clock.restart):
        here = (*path, "restart", number)
        draft.known("transition", restart.event, (*here, "event"))
        if restart.event in seen:
            draft.report.of((*here, "event"), "named-twice", value=True, name=restart.event)
        seen.add(restart.event)
        if restart.date:
            draft.known_field(restart.date, "date", (*here, "date"))


def _check_granted(draft: Draft, extend: ExtendEntry, path: Path) -> None:
    if not extend.count or extend.by is None:
        return
    draft.known_field(extend.count, "integer", (*path, "count"))
    field, most = draft.file.fields.get(extend.count), _count(extend.by)
    if field and field.type == "integer" and not _is_within(field.min, field.max, most):
        draft.report.of((*path, "count"), "extension-count", value=True, field=extend.count, by=extend.by, most=most)


def _is_within(least: int | None, greatest: int | None, most: int) -> bool:
    return least is not None and least >= 1 and greatest is not None and greatest <= most


def _check_regimes(draft: Draft, regimes: RegimesEntry, path: Path) -> None:
    if regimes.by:
        draft.known_field(regimes.by, "date", (*path, "by"))
    spans: list[tuple[str, str]] = []
    for number, version in enumerate(regimes.versions):
        here = (*path, "versions", number)
        begins, ends = version.from_on or _FIRST, version.until or _LAST
        if begins > ends:
            draft.report.of(here, "dates-order")
        elif any(begins <= until and from_on <= ends for from_on, until in spans):
            draft.report.of(here, "regimes-overlap", from_on=begins, until=ends)
        spans.append((begins, ends))
        if version.extend and unit_of(version.extend) != unit_of(version.limit):
            draft.report.of(
                (*here, "extend"), "extension-unit", value=True, by=version.extend, unit=unit_of(version.limit)
            )


def check_clock_flow(draft: Draft) -> None:
    """Report every deadline that cannot do what it says, and every state that none watches."""
    for name, clock in draft.file.deadlines.items():
        _check_steps(draft, name, clock)
        _check_expiry(draft, name, clock)
        _check_reassign(draft, name, clock)
        _check_restart(draft, name, clock)
        _check_done_by(draft, name, clock)
        _check_extension(draft, name, clock)
        if clock.backward and not (clock.anchor and clock.anchor.date):
            draft.report.of(("deadlines", name, "backward"), "backward-date", name=name)
        if clock.by_entry and clock.clock == "statutory":
            draft.report.of(("deadlines", name, "by_entry"), "entry-of-the-law", name=name)
        _check_yearly(draft, name, clock)
        if clock.regimes and clock.regimes.by is None and clock.restart:
            draft.report.of(("deadlines", name, "restart"), "regime-unsaid", name=name)
    _check_asked(draft)
    _check_pauses(draft)
    _check_clocked(draft)


def _check_yearly(draft: Draft, name: str, clock: DeadlineEntry) -> None:
    """A day of the calendar comes when it comes: nothing stops it, moves it or counts back from it."""
    versions = clock.regimes.versions if clock.regimes else ()
    if any(is_yearly(limit) for limit in (_written(clock), *(each.limit for each in versions))):
        for key in ("backward", "pauses_in", "extend"):
            if getattr(clock, key):
                draft.report.of(("deadlines", name, key), "yearly-moved", name=name, key=key)


def _check_steps(draft: Draft, name: str, clock: DeadlineEntry) -> None:
    path: Path = ("deadlines", name)
    previous = None
    for number, remind in enumerate(clock.remind):
        here = (*path, "remind", number, "before")
        before = limit_from(remind.before)
        if previous and before.rough_hours_ahead >= previous.rough_hours_ahead:
            draft.report.of(here, "remind-order", value=True, before=remind.before, previous=previous.written)
        for limit in _limits(clock):
            if before.rough_hours > limit_from(limit).rough_hours:
                draft.report.of(here, "remind-too-early", value=True, once=True, before=remind.before, limit=limit)
        previous = before
    previous = None
    for number, escalate in enumerate(clock.escalate):
        after = limit_from(escalate.after)
        if previous and after.rough_hours_late <= previous.rough_hours_late:
            here = (*path, "escalate", number, "after")
            draft.report.of(here, "escalate-order", value=True, after=escalate.after, previous=previous.written)
        previous = after


def _limits(clock: DeadlineEntry) -> Iterator[str]:
    """Every length of time that is known for this clock, in whichever version of the law; a day of the year has none."""
    versions = clock.regimes.versions if clock.regimes else ()
    for limit in (_written(clock), *(version.limit for version in versions)):
        if limit and not is_yearly(limit):
            yield limit


def _written(clock: DeadlineEntry) -> str:
    return clock.limit if isinstance(clock.limit, str) else ""


def is_yearly(limit: str) -> bool:
    """Whether a limit is a day of the year and no length of time."""
    return "-" in limit


def _count(span: str) -> int:
    return int(span.partition(" ")[0])


def unit_of(span: str) -> str:
    """The unit of a length of time.

    >>> unit_of("20 working days")
    'working days'
    """
    return span.partition(" ")[2]


def _check_expiry(draft: Draft, name: str, clock: DeadlineEntry) -> None:
    if not clock.on_expiry:
        return
    path: Path = ("deadlines", name, "on_expiry")
    roles = roles_by_state(draft.file.transitions[clock.on_expiry])
    for state in clock.runs_in:
        if state not in roles:
            draft.report.of(path, "expiry-elsewhere", value=True, name=clock.on_expiry, state=state)
        elif SYSTEM_ROLE not in roles[state]:
            draft.report.of(path, "expiry-not-system", value=True, name=clock.on_expiry, state=state)


def _check_reassign(draft: Draft, name: str, clock: DeadlineEntry) -> None:
    busy = able(draft) if any(step.reassign for step in clock.escalate) else set()
    for number, step in enumerate(clock.escalate):
        if step.reassign and not any((state, step.reassign) in busy for state in clock.runs_in):
            path: Path = ("deadlines", name, "escalate", number, "reassign")
            draft.report.of(path, "reassign-idle", value=True, role=step.reassign)


def _open_in(clock: DeadlineEntry) -> set[str]:
    return {*clock.runs_in, *(clock.pauses_in or ())}


def _check_restart(draft: Draft, name: str, clock: DeadlineEntry) -> None:
    for number, restart in enumerate(clock.restart):
        state = draft.file.transitions[restart.event].to
        if state not in _open_in(clock):
            path: Path = ("deadlines", name, "restart", number, "event")
            draft.report.of(path, "restart-elsewhere", value=True, name=restart.event, state=state)


def _check_done_by(draft: Draft, name: str, clock: DeadlineEntry) -> None:
    for number, step in enumerate(clock.done_by):
        if _open_in(clock).isdisjoint(draft.file.transitions[step].from_):
            draft.report.of(("deadlines", name, "done_by", number), "done-elsewhere", value=True, name=step)


def _check_extension(draft: Draft, name: str, clock: DeadlineEntry) -> None:
    extend = clock.extend
    if extend is None:
        return
    path: Path = ("deadlines", name, "extend")
    unit = clock.limit.unit if isinstance(clock.limit, FieldLimit) else unit_of(_written(clock))
    if extend.by and unit_of(extend.by) != unit:
        draft.report.of((*path, "by"), "extension-unit", value=True, by=extend.by, unit=unit)
    for event in extend.event:
        step = draft.file.transitions[event]
        for state in step.from_:
            if state not in _open_in(clock):
                draft.report.of((*path, "event"), "extension-elsewhere", value=True, name=event, state=state)
        letter = draft.file.letters[step.letter].parts if step.letter else ()
        guards = [draft.file.guards[each] for each in (*step.guards, *letter)]
        in_time = any(each.check == "before_due" and name in each.params["deadlines"] for each in guards)
        once = any(each.check == "first_time" and {*extend.event} <= {*each.params["steps"]} for each in guards)
        if not (in_time and once):
            draft.report.of((*path, "event"), "extension-unguarded", value=True, name=event, rule=name)


def _check_asked(draft: Draft) -> None:
    """A step that asks how a clock stands begins where that clock can stand open: elsewhere the answer is always the same."""
    for name, step in draft.file.transitions.items():
        path: Path = ("transitions", name)
        asked = {(*path, key, n): guard for key in _ASKING for n, guard in enumerate(getattr(step, key))}
        letter = draft.file.letters[step.letter].parts if step.letter else ()
        for place, guard in (*asked.items(), *(((*path, "letter"), part) for part in letter)):
            said = draft.file.guards[guard]
            for clock in said.params.get("deadlines", ()) if said.check in _OF_CLOCKS else ():
                if _open_in(draft.file.deadlines[clock]).isdisjoint(step.from_):
                    code = "never-in-time" if said.check == "before_due" else "never-waited"
                    draft.report.of(place, code, value=True, once=True, name=guard, clock=clock)


def _check_pauses(draft: Draft) -> None:
    """A clock that stands still runs nowhere at once, not in the end, and never without another that watches."""
    for name, clock in draft.file.deadlines.items():
        for number, state in enumerate(clock.pauses_in or ()):
            path: Path = ("deadlines", name, "pauses_in", number)
            if draft.file.states[state].final:
                draft.report.of(path, "final-deadline", value=True, name=name, state=state)
            elif state in clock.runs_in:
                draft.report.of(path, "pause-runs", value=True, name=name, state=state)
            elif not any(state in other.runs_in for other in draft.file.deadlines.values()):
                draft.report.of(path, "pause-without-clock", value=True, name=name, state=state)


def _check_clocked(draft: Draft) -> None:
    states = draft.file.states
    clocked = {state for clock in draft.file.deadlines.values() for state in clock.runs_in}
    for name, clock in draft.file.deadlines.items():
        for number, state in enumerate(clock.runs_in):
            if states[state].final:
                path: Path = ("deadlines", name, "runs_in", number)
                draft.report.of(path, "final-deadline", value=True, name=name, state=state)
    waived: set[str] = set()
    for number, waiver in enumerate(draft.file.waive):
        if waiver.check != "no-deadline" or not waiver.state:
            continue
        if waiver.state in clocked | waived or states[waiver.state].final:
            draft.report.of(("waive", number, "state"), "idle-waiver", value=True, name=waiver.state)
        waived.add(waiver.state)
    paused = {state for clock in draft.file.deadlines.values() for state in clock.pauses_in or ()}
    for name in states:
        if not states[name].final and name not in clocked | waived | paused:
            draft.report.of(("states", name), "no-deadline", name=name)
