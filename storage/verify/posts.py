"""Posts (任职) held against the record of who gave them (任免记录), and whoever acted against the posts that they held by it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from storage.calendars import A_MOMENT
from storage.connection import Connection, instant_text
from storage.erasure import BY
from storage.post_changes import GIVEN
from storage.statements import EVERY_POST, EVERY_POST_CHANGE
from storage.verify.retold import DefinitionOf, File
from workflow.act import Act, Standing
from workflow.acts import last_done
from workflow.case import (
    EDIT,
    ERASE,
    IMPORT,
    PARENT,
    SECTION,
    START,
    SYSTEM,
    Event,
    RoleName,
    business_date,
)
from workflow.circulation import readings
from workflow.errors import Problem
from workflow.history import OF_PAPERS, begun_in, in_hands
from workflow.intake import who_may_enter
from workflow.model import Definition
from workflow.papers import who_may
from workflow.text import Text, listed

Row = Any  # a driver's row, read by column

#: What tells a post from every other; its last day may change, and is written down each time.
_KEY = ("bureau", "person", "role", "section", "from_on", "on_behalf_of")


class Posts:
    """Every post as somebody gave it, and as it stood after each change: by the record, whatever the register says now."""

    def __init__(self, db: Connection) -> None:
        self._db = db

    @cached_property
    def told(self) -> dict[tuple[Any, ...], list[Row]]:
        """The changes of each post, in their order."""
        found: dict[tuple[Any, ...], list[Row]] = {}
        for row in map(_as_text, self._db.each(EVERY_POST_CHANGE)):
            found.setdefault(_key(row), []).append(row)
        return found

    @cached_property
    def _of(self) -> dict[tuple[str, str, str | None], list[list[Row]]]:
        """The same by bureau, by who acts, and for whom."""
        found: dict[tuple[str, str, str | None], list[list[Row]]] = {}
        for changes in self.told.values():
            last = changes[-1]
            found.setdefault((last["bureau"], last["person"], last["on_behalf_of"]), []).append(changes)
        return found

    def faults(self) -> Iterator[Problem]:
        """Every person of whom the register says another post than was given."""
        there: dict[tuple[Any, ...], list[Row]] = {}
        for row in map(_as_text, self._db.all(EVERY_POST)):
            there.setdefault(_key(row), []).append(row)
        persons = {str(key[1]) for key in {**self.told, **there} if not _is_as_told(there.get(key), self.told.get(key))}
        for person in sorted(persons):
            yield Problem("post", _OTHER.filled(person=person), field=person)

    def not_held(self, file: File, definition_of: DefinitionOf) -> Problem | None:
        """The first thing that somebody did with this case by a post that they did not hold on that day."""
        section, before = begun_in(file.events) or file.row["section"], None
        for event in file.events:
            if event.actor != SYSTEM:
                definition = definition_of(event.definition)
                roles = _roles(definition, event, file.events, definition_of)
                if roles is not None and not self._holds(file, definition, event, roles, section, event.at == before):
                    labels = [definition.roles[each].label for each in roles if each in definition.roles]
                    facts = {"number": file.row["number"], "seq": event.seq, "name": event.actor_name}
                    text = _NOT_HELD.filled(**facts, on=business_date(event.at), roles=listed(labels))
                    return Problem("not-held", text, field=file.row["number"], row=event.seq)
            section, before = event.data.get(SECTION, section), event.at
        return None

    def _holds(
        self, file: File, definition: Definition, event: Event, roles: tuple[RoleName, ...], section: str, unsure: bool
    ) -> bool:
        """Whether one of these posts was held, as it stands on record or as it stood then: who leaves at noon signed in the morning.

        Only that the post had begun is known of an event at the instant of the one before, made while the clock was set back, and of
        one from before changes of posts were written down: a post of that time was found when it was entered, or first heard of as it ended.
        """
        day = business_date(event.at).isoformat()
        for changes in self._of.get((file.row["bureau"], event.actor, event.on_behalf_of), ()):
            last = changes[-1]
            if last["role"] not in roles or last["from_on"] > day:
                continue
            if definition.roles[last["role"]].scope != "bureau" and last["section"] != section:
                continue
            if unsure or _covers(last, day) or _covered(changes, day, event.at):
                return True
        return False


def _covers(post: Row, day: str) -> bool:
    return post["until_on"] is None or day <= post["until_on"]


def _covered(changes: list[Row], day: str, at: datetime) -> bool:
    """Whether the post covered that day as it stood then, give or take what two clocks may differ by; what it was at first nobody may know."""
    until, since = instant_text(at), instant_text(at - A_MOMENT)
    then = [each for each in changes if each["at"] < since][-1:] + [
        each for each in changes if since <= each["at"] <= until
    ]
    is_from_before = changes[0]["act"] != GIVEN and since <= changes[0]["at"]
    return is_from_before or any(_covers(each, day) for each in then)


def _as_text(row: Row) -> Row:
    """The row, whatever somebody wrote into it, as texts that can be compared."""
    return {name: None if row[name] is None else str(row[name]) for name in row.keys()}  # noqa: SIM118  a driver's row


def _key(row: Row) -> tuple[Any, ...]:
    return tuple([row[name] for name in _KEY])


def _is_as_told(there: list[Row] | None, changes: list[Row] | None) -> bool:
    """Whether a post stands as its last change left it; one that was called off before it began may have been given anew."""
    if not there or not changes:
        return False
    *called_off, now = there
    last = changes[-1]
    if any(each["until_on"] is None or each["until_on"] >= each["from_on"] for each in called_off):
        return False
    return bool((now["until_on"], now["acting"]) == (last["until_on"], last["acting"]))


def _roles(
    definition: Definition, event: Event, events: Sequence[Event], definition_of: DefinitionOf
) -> tuple[RoleName, ...] | None:
    """The roles by which this may be done; None where it hangs on something else than a post, or the post decides elsewhere."""
    step = definition.transitions.get(event.transition)
    if step and event.source is not None:
        return step.roles.get(event.source, ())
    if event.transition == START and PARENT not in event.data:
        return tuple(definition.states[definition.initial].edit)
    if event.transition == EDIT and event.source is not None:
        return tuple(definition.state_named(event.source).edit)
    if event.transition == IMPORT and definition.intake:
        return who_may_enter(definition, definition.intake)
    if event.transition == ERASE:
        return (BY,)
    act = definition.acts.get(event.transition)
    before = events[: event.seq - 1] if act or event.transition in OF_PAPERS else ()
    if event.transition in OF_PAPERS and event.source is not None:
        return who_may(definition, event.source, in_hands(definition_of, before))
    return _for_act(definition, act, event, before, definition_of) if act else None


def _for_act(
    definition: Definition, act: Act, event: Event, before: Sequence[Event], definition_of: DefinitionOf
) -> tuple[RoleName, ...] | None:
    """The same of an everyday act: what somebody has to do with a case is read from its record as it stood."""
    begun = before[0]
    if Standing.AUTHOR in act.also and event.actor in (begun.actor, begun.on_behalf_of):
        return None
    if Standing.NAMED in act.also and event.actor in readings(before):
        return None
    roles = act.by
    if Standing.HANDS in act.also and (hands := in_hands(definition_of, before)):
        roles = (*roles, hands)
    last = last_done(before) if Standing.LAST in act.also else None
    step = definition.transitions.get(last.transition) if last else None
    if (
        last
        and step
        and last.source is not None
        and {event.actor, event.on_behalf_of} & {last.actor, last.on_behalf_of} - {None}
    ):
        roles = (*roles, *step.roles.get(last.source, ()))
    return roles


_OTHER = Text(
    "{person} 的任职与任免记录不符：被改动、增删，不经 gongkai；任免记录见 gongkai people record {person}",
    "the posts of {person} are not those on the record of posts: they were altered past gongkai; "
    "gongkai people record {person} shows what was given",
)
_NOT_HELD = Text(
    "{number} 第 {seq} 条办理记录：按任免记录，{name}于 {on} 未任此事所需的职务（{roles}）",
    "event {seq} of {number}: by the record of posts {name} held none of the posts that it needs on {on} ({roles})",
)
