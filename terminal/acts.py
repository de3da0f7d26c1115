"""The everyday acts as people read them: who signed for a case, and how long it waited for that."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from terminal.attachments import paper_event
from terminal.render import Words
from workflow.acts import came_to_hands, signed_for
from workflow.case import (
    CIRCULATED_NAMES,
    ERASED,
    ESCALATE,
    SECTION,
    SECTION_BEFORE,
    SIGN_FOR,
    START,
    Actor,
    Event,
    Scalar,
    business_date,
    moment,
)
from workflow.circulation import named_in, readings
from workflow.errors import Invalid, Problem
from workflow.lateness import LATE_CAUSE, cause_in_words
from workflow.ledger import OF_PAPERS
from workflow.text import Lang, Text, listed, shown

if TYPE_CHECKING:
    from storage import Desk
    from storage.people import Person
    from storage.views import CaseView
    from workflow.model import Definition

MINUTES_OF_A_DAY = 24 * 60


def receipt_facts(there: CaseView, events: Sequence[Event]) -> dict[str, object] | None:
    """Who signed for the case where it is now, when, and after how long; None while nobody has."""
    receipt = signed_for(events) if _waits(there) else None
    if receipt is None:
        return None
    return {
        "by": receipt.actor,
        "name": receipt.actor_name,
        "at": receipt.at.isoformat(),
        "waited_minutes": _waited(events, receipt),
    }


def receipt_in_words(there: CaseView, events: Sequence[Event], lang: Lang) -> str | None:
    """The same as a clerk reads it; None where nobody is to sign."""
    if not _waits(there):
        return None
    receipt = signed_for(events)
    if receipt is None:
        return _UNSIGNED.read(lang)
    waited = length(_waited(events, receipt), lang)
    return _SIGNED.filled(name=receipt.actor_name, at=moment(receipt.at), waited=waited).read(lang)


def told_with(
    definition: Definition, step: str, pairs: Iterable[str], people: Callable[[], Iterable[Person]]
) -> dict[str, Scalar]:
    """What an act is told with `--set`, under its own names; nothing for a step, which writes fields. Raises Invalid."""
    data: dict[str, Scalar] = {}
    for pair in pairs if step in definition.acts else ():
        name, equals, said = pair.partition("=")
        names = {word: known for known, label in PARAMETERS.items() for word in (known, label.zh, label.en)}
        known = names.get(name.strip(), name.strip())
        if not equals or known in data:
            raise Invalid((Problem("bad-pair", _NO_PAIR.filled(said=shown(pair)), field=known),))
        data[known] = _ids_of(said, people()) if known == "to" else said.strip() or None
    return data


def _ids_of(said: str, people: Iterable[Person]) -> str | None:
    """Those who are named by id or by a name that only one of them bears, by their ids; what is neither stays as it is."""
    ids: dict[str, list[str]] = {}
    for each in people:
        ids.setdefault(each.name, []).append(each.id)
    found = (ids.get(each, ()) for each in named_in(said))
    return " ".join(one[0] if len(one) == 1 else each for each, one in zip(named_in(said), found, strict=True)) or None


def circulated(desk: Desk, actor: Actor, events: Sequence[Event], lang: Lang) -> tuple[object, str | None]:
    """To whom the case was circulated and who has read it: for programs, and as a clerk reads it (None where to nobody)."""
    left = _left_unread(desk, actor, events)
    return _readers_facts(events, left), _readers_in_words(events, left, lang)


def _left_unread(desk: Desk, actor: Actor, events: Sequence[Event]) -> Mapping[str, date]:
    """Who left without having read it: they owe it no more. The register is asked only where somebody has not read."""
    today, unread = business_date(desk.now()), [each.person for each in readings(events).values() if not each.read_at]
    register = desk.people(actor) if unread else ()
    return {each.id: each.left_on for each in register if each.left_on and each.left_on <= today and each.id in unread}


def _readers_facts(events: Sequence[Event], left: Mapping[str, date]) -> list[dict[str, object]]:
    """To whom the case was circulated, for what, and when each read it, or left without."""
    return [
        {
            "person": each.person,
            "name": each.name,
            "by": each.asked_by,
            "at": each.asked_at.isoformat(),
            "purpose": each.purpose,
            "read_at": each.read_at.isoformat() if each.read_at else None,
            "left_on": left[each.person].isoformat() if each.person in left else None,
        }
        for each in readings(events).values()
    ]


def _readers_in_words(events: Sequence[Event], left: Mapping[str, date], lang: Lang) -> str | None:
    """Who has read it and who has not, as a clerk reads it; None where it was circulated to nobody."""
    said = [
        (_HAS_READ if each.read_at else _LEFT if each.person in left else _HAS_NOT_READ).filled(
            name=each.name, at=each.read_at and moment(each.read_at), on=left.get(each.person)
        )
        for each in readings(events).values()
    ]
    return listed(said, "；", "; ").read(lang) if said else None


def handed_over(there: CaseView, events: Iterable[Event], lang: Lang) -> str:
    """Why the case is in other hands than its state says: the escalation that handed it over; else nothing."""
    for event in reversed(tuple(events)):
        if event.source != event.target or event.transition == START:
            break
        if event.transition == ESCALATE and event.data.get("reassign") == there.case.waits_for:
            rule = there.definition.deadlines.get(str(event.data.get("deadline")))
            return _BECAUSE.filled(deadline=rule.label if rule else "?", at=moment(event.at)).read(lang)
    return ""


def act_lines(definition: Definition, event: Event, lang: Lang) -> Iterator[Words]:
    """What an act did, beneath its line in the story."""
    if SECTION in event.data:
        yield _WENT_OVER.filled(before=event.data[SECTION_BEFORE], section=event.data[SECTION]).read(lang)
    if LATE_CAUSE in event.data:
        yield cause_in_words(definition, event).read(lang)
    if CIRCULATED_NAMES in event.data:
        yield str(event.data[CIRCULATED_NAMES])
    if ERASED in event.data:
        yield what_was_erased(definition, str(event.data[ERASED]).split()).read(lang)
    yield from paper_event(event, lang)


def what_was_erased(definition: Definition, names: Collection[str]) -> Text:
    """What an erasure took, as people call it; comments and notices go with every one."""
    fields = [definition.fields[each].label for each in names if each in definition.fields]
    return listed([*fields, *([] if OF_PAPERS.isdisjoint(names) else [_PAPERS]), _COMMENTS])


def slip_of(definition: Definition, event: Event, lang: Lang) -> str | None:
    """What a step says by itself (退文单), where nobody wrote a comment."""
    step = definition.transitions.get(event.transition)
    return step.slip.read(lang) if step and step.slip else None


def length(minutes: int, lang: Lang) -> str:
    """A length of time in its two largest units.

    >>> length(5, "en"), length(185, "en"), length(3 * 1440 + 61, "zh")
    ('5 min', '3 h 5 min', '3 天 1 小时')
    """
    days, rest = divmod(minutes, MINUTES_OF_A_DAY)
    hours, left = divmod(rest, 60)
    said = [(days, _DAYS), (hours, _HOURS), (left, _MINUTES)]
    while len(said) > 1 and not said[0][0]:
        said.pop(0)
    shown = [f"{count} {unit.read(lang)}" for n, (count, unit) in enumerate(said[:2]) if count or not n]
    return " ".join(shown)


def _waits(there: CaseView) -> bool:
    return SIGN_FOR in there.definition.acts and there.case.waits_for is not None and there.case.closed_at is None


def _waited(events: Sequence[Event], receipt: Event) -> int:
    return int((receipt.at - came_to_hands(events).at).total_seconds() // 60)


_UNSIGNED = Text("尚未签收", "not yet signed for")
_SIGNED = Text("{name} 于 {at} 签收，用时 {waited}", "{name}, {at}, after {waited}")
_DAYS, _HOURS, _MINUTES = Text("天", "d"), Text("小时", "h"), Text("分钟", "min")
_BECAUSE = Text("，因“{deadline}”逾期于 {at} 移交", ", handed over at {at} because {deadline} ran out")
_HAS_READ = Text("{name}（{at} 已阅）", "{name} (read on {at})")
_LEFT = Text("{name}（未阅，{on} 起离任）", "{name} (not read, left on {on})")
_HAS_NOT_READ = Text("{name}（未阅）", "{name} (not yet)")
_NO_PAIR = Text("“{said}”应写作 名称=值，各写一次", "“{said}” should be NAME=VALUE, each once")
_COMMENTS = Text("各步意见、通知的文字", "comments, words of notices")
_PAPERS = Text("附件的名称和内容", "what attachments are called, and their content")
_WENT_OVER = Text("{before} → {section}", "{before} → {section}")
#: What an act is told, as people call it.
PARAMETERS: Mapping[str, Text] = {
    "section": Text("科室", "section"),
    "to": Text("传阅对象", "to whom"),
    "cause": Text("逾期原因", "cause"),
}
