"""What somebody does for others (代办): what they were entrusted with, and which waiting cases are theirs by that alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING

from terminal.posts import post_facts, post_said
from workflow.case import Actor, Appointment, RoleName
from workflow.text import Text, listed

if TYPE_CHECKING:
    from storage.worklist import CaseRowView
    from workflow.model import Role


def entrusted(actor: Actor, today: date) -> tuple[Appointment, ...]:
    """The posts that the actor exercises for others, today or from a day to come."""
    return tuple(
        each for each in actor.appointments if each.on_behalf_of and (each.until_on is None or each.until_on >= today)
    )


def entrusted_said(post: Appointment, roles: dict[RoleName, Role], names: Mapping[str, Text]) -> Text:
    """One of them as a line of the inbox: for whom, which post, from when until when."""
    told = post_said(
        Appointment(post.role, post.section, post.from_on, None, acting=post.acting), post.from_on, roles, {}
    )
    principal = names.get(str(post.on_behalf_of), post.on_behalf_of)
    said = _FROM_UNTIL if post.until_on else _FROM
    return said.filled(principal=principal, post=told, from_on=post.from_on, until_on=post.until_on)


def entrusted_facts(post: Appointment, said: Text) -> dict[str, object]:
    """The same as the JSON surface shows it."""
    return {**post_facts(post), **said.to_json()}


def only_for(actor: Actor, row: CaseRowView, today: date) -> tuple[str, ...]:
    """For whom the actor has this case, where they have it by no post of their own."""
    held = tuple(_by_which(actor, row, today))
    principals = [post.on_behalf_of for post in held if post.on_behalf_of]
    return tuple(dict.fromkeys(principals)) if len(principals) == len(held) else ()


def marks(for_whom: Mapping[str, tuple[str, ...]], names: Mapping[str, str]) -> dict[str, Text]:
    """What stands beside such a case, by its id."""
    return {
        case: _FOR.filled(names=listed(Text(names.get(each, each), names.get(each, each)) for each in principals))
        for case, principals in for_whom.items()
        if principals
    }


def _by_which(actor: Actor, row: CaseRowView, today: date) -> Iterator[Appointment]:
    for post in actor.appointments:
        if post.role == row.waits_for and post.section in (None, row.section) and post.holds_on(today):
            yield post


_FROM_UNTIL = Text(
    "代{principal}任{post}：{from_on} 至 {until_on}", "for {principal}, {post}: {from_on} until {until_on}"
)
_FROM = Text("代{principal}任{post}：{from_on} 起", "for {principal}, {post}: from {from_on}")
_FOR = Text("代{names}", "for {names}")
