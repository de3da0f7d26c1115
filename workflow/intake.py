"""Past records: who may enter them. What is of this year goes by the procedure, and round it only by whom the definition names."""

from __future__ import annotations

from datetime import date, datetime

from workflow.case import IMPORT, Actor, Appointment, Case, Data, Refusal, RoleName, Unmet, business_date
from workflow.judge import no_role, post_for
from workflow.model import Definition, Intake
from workflow.text import Text, listed


def barred_from_intake(definition: Definition, case: Case, actor: Actor, now: datetime) -> Refusal | None:
    """Why this person may take in no past record at all, whatever it says; None for who may."""
    if definition.intake is None:
        return None
    roles = (*_keepers(definition, definition.intake), *definition.intake.of_this_year)
    may = post_for(definition, roles, actor, case, now)
    return None if may else Refusal(case.id, IMPORT, (no_role(definition, roles, IMPORT),))


def admitted(
    definition: Definition, intake: Intake, case: Case, data: Data, actor: Actor, now: datetime
) -> tuple[Appointment | None, tuple[Unmet, ...]]:
    """By which post the actor enters this record; why not, where it began or ended this year in Shanghai and they may enter none of it."""
    # What was written in December and published in January was published by this year's rules, unexamined.
    for name in filter(None, (intake.opened, intake.closed)):
        day = str(data.get(name) or "")
        if not day or date.fromisoformat(day).year < business_date(now).year:
            continue
        post = post_for(definition, intake.of_this_year, actor, case, now)
        who = listed([definition.roles[role].label for role in intake.of_this_year]) if intake.of_this_year else _NOBODY
        return post, () if post else (Unmet(name, _OF_THIS_YEAR.filled(who=who), "guard"),)
    roles = who_may_enter(definition, intake)
    post = post_for(definition, roles, actor, case, now)
    return post, () if post else (no_role(definition, roles, IMPORT),)


def who_may_enter(definition: Definition, intake: Intake) -> tuple[RoleName, ...]:
    """The roles that may enter a past record, some of them one of this year, too."""
    return (*_keepers(definition, intake), *intake.of_this_year)


def _keepers(definition: Definition, intake: Intake) -> tuple[RoleName, ...]:
    """The roles that may enter past records: those named, or those that may take a step which leads to where they enter."""
    if intake.roles:
        return intake.roles
    steps = (step for step in definition.transitions.values() if step.target == intake.state)
    # Who adds an interpretation to what is public leaves it where it stands, and has not published it.
    led = (roles for step in steps for source, roles in step.roles.items() if source != intake.state)
    return tuple(dict.fromkeys(role for roles in led for role in roles))


_NOBODY = Text("无人", "nobody")
_OF_THIS_YEAR = Text(
    "本年度开始或办结的事项应按程序办理（start）；可将其作为历史记录导入的：{who}",
    "what began or ended this year goes by the procedure (start); who may take it in as a past record: {who}",
)
