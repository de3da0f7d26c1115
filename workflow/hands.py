"""Can those act in whose hands a case is (有人可办)? And what is told to those above where none of them can. Pure.

A case is in the hands of a role. Nobody may hold it where the case is; or all who do have had such a part in the case that four
eyes bar them from a step. A delegate stands for the principal, so that a delegation by who is barred lifts nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

from workflow.case import (
    REORGANISE,
    SECTION,
    SECTION_BEFORE,
    SYSTEM,
    UNMANNED,
    Actor,
    Case,
    Decision,
    Event,
    Notice,
    RoleName,
    Scalar,
    TransitionName,
)
from workflow.checks import OF_PERSONS, REGISTRY, persons
from workflow.decide import noted
from workflow.judge import guards_of, post_for, system_actor
from workflow.model import Definition, Transition
from workflow.text import Text, listed
from workflow.workdays import Workdays

FOUR_EYES = "four_eyes"


@dataclass(frozen=True, slots=True)
class Away:
    """Somebody who holds the role and is away (请假), until when, and whether the post is their own, to be delegated."""

    person: str
    name: str
    until_on: date
    is_own: bool


@dataclass(frozen=True, slots=True)
class Unmanned:
    """What nobody present can do on a case, and why: nobody holds the role, or each who does is barred from these steps."""

    role: RoleName
    place: str  # the case's section
    steps: tuple[TransitionName, ...]
    guards: tuple[str, ...] = ()  # those that bar; none where nobody present holds the role
    away: tuple[Away, ...] = ()  # who hold it and are away, the first to be back first

    @property
    def cause(self) -> str:
        """The cause by a name of its own: what was told of it once is not told again."""
        until = f" until {self.away[0].until_on}" if self.away else ""
        if self.guards:
            return f"barred {self.role} {self.place} {','.join(self.steps)}{until}"
        return f"absent {self.role} {self.place}{until}"


def unmanned(
    definition: Definition, case: Case, holders: Iterable[Actor], now: datetime, away: tuple[Away, ...] = ()
) -> Unmanned | None:
    """What nobody of the present holders of the role in whose hands the case is can do; None where it can go on."""
    role = case.waits_for
    if role is None or role == SYSTEM or case.closed_at is not None or case.state not in definition.states:
        return None
    steps, hands = tuple(steps_of(definition, case, role)), tuple(holders)
    if not hands:
        return Unmanned(role, case.section, tuple(step.name for step in steps), (), away)
    barring = {step.name: tuple(_barring(definition, case, step, role, hands, now)) for step in steps}
    barred = {name: guards for name, guards in barring.items() if guards}
    # Only the author may recall: that nobody else can is as it should be, while there is another way to go on.
    if len(barred) < len(barring):
        barred = {n: g for n, g in barred.items() if any(definition.guards[each].check == FOUR_EYES for each in g)}
    if not barred:
        return None
    named = dict.fromkeys(guard for guards in barred.values() for guard in guards)
    return Unmanned(role, case.section, tuple(barred), tuple(named), away)


def steps_of(definition: Definition, case: Case, role: RoleName) -> Iterator[Transition]:
    """The steps that this role can take from here with data like these; a return for what is lacking is no way on."""
    for step in definition.leaving[case.state]:
        is_offered = step.when is None or step.when.holds(case.data)
        if role in step.roles.get(case.state, ()) and is_offered and not step.when_blocked:
            yield step


def of_persons(definition: Definition, step: Transition) -> tuple[str, ...]:
    """The guards of a step that look at who takes it."""
    return tuple(name for name in guards_of(definition, step) if definition.guards[name].check in OF_PERSONS)


def is_barred(definition: Definition, case: Case, found: Unmanned, who: tuple[str, ...], now: datetime) -> bool:
    """Whether the person of these accounts could not take one of these steps either, whatever post they are given."""
    guards = {name for step in found.steps for name in of_persons(definition, definition.transitions[step])}
    return any(not _is_met(definition, name, case, who, now) for name in guards)


def _barring(
    definition: Definition, case: Case, step: Transition, role: RoleName, hands: Iterable[Actor], now: datetime
) -> Iterator[str]:
    """The guards that bar all of them from the step; none where one of them may."""
    found: dict[str, None] = {}
    for actor in hands:
        who = persons(actor, post_for(definition, (role,), actor, case, now))
        unmet = [name for name in of_persons(definition, step) if not _is_met(definition, name, case, who, now)]
        if not unmet:
            return
        found.update(dict.fromkeys(unmet))
    yield from found


def _is_met(definition: Definition, name: str, case: Case, who: tuple[str, ...], now: datetime) -> bool:
    guard = definition.guards[name]
    return REGISTRY[str(guard.check)](case, who, guard.params, now)


def stay_of(case: Case, events: Iterable[Event]) -> int:
    """The event with which the case came into the state that it is in."""
    return max((each.seq for each in events if each.source != each.target and each.at <= case.entered_at), default=1)


def told_above(
    definition: Definition,
    case: Case,
    found: Unmanned,
    stay: int,
    to: str,
    text: Text,
    now: datetime,
    calendar: Workdays,
) -> Decision:
    """That nobody can act, as an event, and the notice of it to those above. Nothing of the case changes, and no clock."""
    data: dict[str, Scalar] = {
        "stay": stay, "cause": found.cause, "role": found.role, "steps": " ".join(found.steps), "told": to,
    }  # fmt: skip
    decision = noted(definition, case, UNMANNED, data, system_actor(case.bureau), now, calendar)
    return replace(decision, notices=(Notice(to, text, UNMANNED),))


def relocated(
    definition: Definition, case: Case, actor: Actor, section: str, now: datetime, calendar: Workdays
) -> Decision:
    """The case in another section, as an event: it stands where it stood, its clocks run on, and who did what stays on record."""
    data: dict[str, Scalar] = {SECTION_BEFORE: case.section, SECTION: section}
    return noted(definition, case, REORGANISE, data, actor, now, calendar)


def in_words(definition: Definition, case: Case, found: Unmanned, names: Iterable[str]) -> Text:
    """What nobody can do on this case, and why."""
    role = definition.roles[found.role].label if found.role in definition.roles else Text(found.role, found.role)
    facts = {
        "number": case.number,
        "title": case.title,
        "state": definition.state_named(case.state).label,
        "section": case.section,
        "role": role,
        "steps": listed(definition.transitions[step].label for step in found.steps),
        "why": listed((definition.guards[each].text for each in found.guards), "；", "; "),
        "names": Text("、".join(held := tuple(names)), ", ".join(held)),
        "away": away_in_words(found.away),
    }
    if found.guards:
        return (_BARRED_AND_AWAY if found.away else _BARRED).filled(**facts)
    return (_AWAY if found.away else _ABSENT).filled(**facts)


def away_in_words(away: Iterable[Away]) -> Text:
    """Who is away until when."""
    return listed(_UNTIL.filled(name=each.name, on=each.until_on) for each in away)


_ABSENT = Text(
    "无人可办：{number}《{title}》处于“{state}”，等待{section}的“{role}”，现无人任此职",
    "nobody can act: {number} “{title}” is in “{state}” and waits for {role} of {section}, which nobody holds",
)
_UNTIL = Text("{name}至 {on}", "{name} until {on}")
_AWAY = Text(
    "无人可办：{number}《{title}》处于“{state}”，等待{section}的“{role}”，任此职的都请假（{away}）",
    "nobody can act: {number} “{title}” is in “{state}” and waits for {role} of {section}; all who hold it are away ({away})",
)
_BARRED_AND_AWAY = Text(
    "无人可办：{number}《{title}》处于“{state}”，现任“{role}”（{names}）须回避，不能办理“{steps}”：{why}；其余的请假（{away}）",
    "nobody can act: {number} “{title}” is in “{state}”, each {role} who is there ({names}) is barred from “{steps}”: {why}; "
    "the others are away ({away})",
)
_BARRED = Text(
    "无人可办：{number}《{title}》处于“{state}”，现任“{role}”（{names}）都须回避，不能办理“{steps}”：{why}",
    "nobody can act: {number} “{title}” is in “{state}”, and each {role} ({names}) is barred from “{steps}”: {why}",
)
