"""From which day at the earliest a post, a person's stay or a section may end (倒填日期): never before what happened under it.

A post that ended, on paper, before its holder acted by it would make a step on record nobody's; one that ended before it began
would never have been held. Days ahead, and today, are not asked about.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from storage.connection import Connection, instant_from
from storage.statements import LAST_ACT_OF, LAST_CHANGE_IN
from workflow.case import Appointment, business_date
from workflow.errors import Invalid, Problem
from workflow.text import Text


def last_act(db: Connection, person: str) -> date | None:
    """The day on which the person last acted, or somebody for them."""
    row = db.one(LAST_ACT_OF, person=person)
    return business_date(instant_from(row["at"])) if row and row["at"] else None


def refuse_before_acts(
    db: Connection, person: str, name: str, posts: Iterable[Appointment], on: date, today: date
) -> None:
    """Raises Invalid, with the earliest day, where `on`, the first day without these posts, lies before they began or served."""
    if on >= today:
        return
    begun = [post.from_on for post in posts if post.from_on <= today and not post.is_empty]
    acted_on = last_act(db, person)
    earliest = max([day for day in (*begun, acted_on) if day and day <= today], default=on)
    if on < earliest:
        text = (_ACTED if earliest == acted_on else _BEGAN).filled(name=name, day=earliest, on=on)
        raise Invalid((Problem("too-early", text, field="on"),))


def too_early_for_cases(db: Connection, bureau: str, section: str, on: date, today: date) -> Iterator[Problem]:
    """Where cases that lie in the section were still changed on that day or later."""
    row = db.one(LAST_CHANGE_IN, bureau=bureau, section=section) if on < today else None
    changed_on = business_date(instant_from(row["at"])) if row and row["at"] else on
    if on < changed_on <= today:
        yield Problem("too-early", _HAPPENED.filled(section=section, day=changed_on, on=on), field="on")


_ACTED = Text(
    "{name}于 {day} 还有办理记录，不能倒填为 {on}；最早可填 {day}",
    "{name} still acted on {day}, and {on} lies before it; the earliest day possible is {day}",
)
_BEGAN = Text(
    "{name}的任职自 {day} 起，不能倒填为 {on}；最早可填 {day}",
    "the post of {name} begins on {day}, and {on} lies before it; the earliest day possible is {day}",
)
_HAPPENED = Text(
    "科室“{section}”的事项于 {day} 还有办理记录，不能倒填为 {on}；最早可填 {day}",
    "cases of section “{section}” were still acted on on {day}, and {on} lies before it; the earliest day possible is {day}",
)
