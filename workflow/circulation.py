"""Circulating (传阅): a case goes round to named persons for a purpose, and each says that they have read it. Pure.

Who was asked and who has read is the record's own word; the table `readings` holds it once more, so that a list of what somebody
has to read, and whether a case from elsewhere is theirs to see, are index reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from workflow.case import CIRCULATE, CIRCULATED_NAMES, CIRCULATED_TO, READ, Event, Unmet, moment
from workflow.text import Text, listed, shown

#: A circulation to more than so many is a publication.
MOST_READERS = 100
#: So many who may be meant are suggested for one that was mistyped.
MOST_MEANT = 5


@dataclass(frozen=True, slots=True)
class Reading:
    """One person to whom a case was circulated last by this event, and the event by which they read it."""

    person: str
    name: str
    asked_seq: int
    asked_by: str  # a name
    asked_at: datetime
    purpose: str
    read_seq: int | None = None
    read_at: datetime | None = None


def readings(events: Iterable[Event]) -> dict[str, Reading]:
    """Everyone to whom a case was ever circulated, by id; who was asked anew is to read anew."""
    found: dict[str, Reading] = {}
    for event in events:
        if event.transition == CIRCULATE and CIRCULATED_TO in event.data:
            for person, name in _named(event):
                purpose = event.comment or ""
                found[person] = Reading(person, name, event.seq, event.actor_name, event.at, purpose)
        elif event.transition == READ and event.actor in found:
            found[event.actor] = replace(found[event.actor], read_seq=event.seq, read_at=event.at)
    return found


def _named(event: Event) -> Iterator[tuple[str, str]]:
    """Each who is asked, with the name they bore; the id where names hold what stands between them."""
    people, said = named_in(event.data[CIRCULATED_TO]), str(event.data[CIRCULATED_NAMES])
    names = said.split("、") if len(people) > 1 else [said]
    yield from zip(people, names if len(names) == len(people) else people, strict=True)


def named_in(said: object) -> tuple[str, ...]:
    """The persons of a list as it is typed, each once.

    >>> named_in("lihua, heping、lihua")
    ('lihua', 'heping')
    """
    return tuple(dict.fromkeys(each for each in re.split(r"[\s,，、;；]+", str(said or "")) if each))


def none_to_ask(named: tuple[str, ...], here: Mapping[str, str], events: Iterable[Event]) -> Iterator[Unmet]:
    """What stands against circulating to these ids; `here` is everyone who is here, by id, with their names."""
    if not named:
        yield Unmet("to", _NAME_THEM, "data")
    elif len(named) > MOST_READERS:
        yield Unmet("to", _TOO_MANY.filled(most=MOST_READERS), "data")
    elif unknown := [_unknown(each, here) for each in named if each not in here]:
        yield Unmet("to", _NOBODY_CALLED.filled(names=listed(unknown)), "data")
    else:
        asked = readings(events)
        unread = [asked[each] for each in named if each in asked and not asked[each].read_at]
        since = [_SINCE.filled(name=each.name, at=moment(each.asked_at), by=each.asked_by) for each in unread]
        if since:
            yield Unmet("to", _NOT_YET_READ.filled(names=listed(since)), "data")


def _unknown(typed: str, here: Mapping[str, str]) -> Text:
    """What was typed, with whoever bears that name or, where nobody does, the nearest."""
    from difflib import get_close_matches  # only for a slip of the pen

    near = get_close_matches(typed, [*here, *here.values()], n=1, cutoff=0.5)
    meant = [f"{name} {each}" for each, name in here.items() if {each, name} & {typed, *near}]
    if not meant:
        return Text(shown(typed), shown(typed))
    return _MEANT.filled(typed=shown(typed), meant=listed(Text(each, each) for each in meant[:MOST_MEANT]))


_NAME_THEM = Text("须写明传阅给哪些人（to）", "say to whom (to)")
_TOO_MANY = Text("一次最多传阅给 {most} 人", "{most} persons at most at a time")
_NOBODY_CALLED = Text(
    "没有这样的在任人员：{names}；可用 gongkai people list 查看",
    "nobody here is called {names}; see gongkai people list",
)
_MEANT = Text("{typed}（是否为 {meant}？）", "{typed} (did you mean {meant}?)")
_NOT_YET_READ = Text(
    "尚未阅，无须再次传阅：{names}；请只写其他人员", "they still have it to read: {names}; name only the others"
)
_SINCE = Text("{name}（{at} 由{by}传阅）", "{name} (asked on {at} by {by})")
