"""Two accounts are held to be one person (同一人认定), or no longer: entries with a day and a reason, and nothing is taken out.

What was done before an entry stays as it was done; whatever is done after it is held against the person (docs/decisions/0020).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from storage.accounts import APART, SAME, Sameness, entries, one_person
from storage.authority import ONE_PERSON, only_admin
from storage.connection import Connection, instant_text
from storage.entries import SAME as ENTERED_AS
from storage.entries import enter, of_same
from storage.people import Person, look_anew, person
from storage.posts import keep_apart, labelled, of_one_person
from storage.statements import ADD_SAME
from workflow.case import Actor, Appointment, RoleName, Unmet, accounts_of, business_date
from workflow.errors import Denied, Invalid, Problem
from workflow.model import Role
from workflow.text import Text
from workflow.values import comment_fault, says


@dataclass(frozen=True, slots=True)
class Declared:
    """What was said of two accounts: the people in the register, the entry that holds, and whether it is new."""

    person: Person
    other: Person
    entry: Sameness
    is_new: bool


def declare(
    db: Connection,
    by: Actor,
    said: str,
    other: str,
    reason: str,
    roles: Mapping[RoleName, Role],
    now: datetime,
    *,
    withdraw: bool = False,
) -> Declared:
    """From now on the two are one person, or are not any more; the administrator's act. The same once more changes nothing.

    Raises Invalid for one account twice, no reason, posts that one person cannot hold, or what was never said; Denied where
    somebody would take back what was said of themselves.
    """
    today = business_date(now)
    only_admin(db, by, today, ONE_PERSON)
    two = sorted((person(db, by.bureau, said), person(db, by.bureau, other)), key=lambda each: each.id)
    one, second = two
    if one.id == second.id:
        raise Invalid((Problem("one-account", _ONE_ACCOUNT.filled(id=one.id), field="other"),))
    fault = comment_fault(reason) if says(reason) else Problem("no-reason", _WHY, field="comment")
    if fault:
        raise Invalid((fault,))
    last = next((each for each in reversed(entries(db)) if each.accounts == {one.id, second.id}), None)
    act = APART if withdraw else SAME
    if last and last.act == act:
        return Declared(one, second, last, is_new=False)
    if withdraw:
        _may_be_withdrawn(db, by, two, last)
    else:
        ours, theirs = (of_one_person(db, by.bureau, each) for each in two)
        for post in (post for each in ours for post in _held(each, today)):
            keep_apart(theirs, post, labelled(roles, post.role))
    row = {"at": instant_text(now), "by": by.id, "act": act, "person": one.id, "other": second.id}
    row["reason"] = reason.strip()
    db.run(ADD_SAME, **row)
    enter(db, ENTERED_AS, f"{one.id} {second.id}", of_same(row), now, by.id)
    look_anew(db)
    return Declared(one, second, entries(db)[-1], is_new=True)


def _held(who: Person, today: date) -> Iterator[Appointment]:
    """Their posts as they are held from today on: what is over is no fault of an entry that is made now."""
    for post in who.appointments:
        if not post.is_empty and (post.until_on is None or post.until_on >= today):
            yield replace(post, from_on=max(post.from_on, today))


def _may_be_withdrawn(db: Connection, by: Actor, two: list[Person], last: Sameness | None) -> None:
    names = {"person": two[0].name, "id": two[0].id, "other": two[1].name, "other_id": two[1].id}
    if last is None:
        raise Invalid((Problem("not-one-person", _NEVER_SAID.filled(**names), field="other"),))
    if by.id in accounts_of((each.id for each in two), one_person(db)):
        raise Denied(ONE_PERSON, (Unmet("role", _OF_ONESELF, "role"),))


_ONE_ACCOUNT = Text(
    "两处写的是同一个账号“{id}”；请写同一人的另一个账号", "both are the account {id}; name the person's other account"
)
_WHY = Text("请用 --comment 写明认定或撤销的依据", "say with --comment what it rests on")
_NEVER_SAID = Text(
    "{person}（{id}）与{other}（{other_id}）未直接认定为同一人，无可撤销；认定记录见 gongkai people same",
    "{person} ({id}) and {other} ({other_id}) were never said to be one person; gongkai people same lists what was said",
)
_OF_ONESELF = Text(
    "不能撤销对本人账号的认定；请由另一位系统管理员办理",
    "nobody takes back what was said of their own accounts: another administrator does",
)
