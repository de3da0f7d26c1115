"""Personal data of an ended case, erased for good (个人信息保护法 47): their openings go, the record stays valid without them.

What people wrote beside them may name the same person and goes, too: comments, longer texts, the notices that were sent. What was
said by steps stands in the chain by its commitment; with the salt gone nobody can try values out. That it was erased, by whom and why
is an event of the case like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from storage.connection import instant_text
from storage.rows import event_row
from storage.statements import ATTACHMENTS, DROP_OF_CASE, FORGET_CONTENTS, FORGET_LIKENESSES, FORGET_NOTICES, SHUT
from storage.store import Store
from storage.worklist import Sight, sight
from workflow.case import ERASE, ERASED, WAS, Actor, Case, Event, Helper, RoleName, Unmet, business_date
from workflow.checks import persons
from workflow.decide import noted
from workflow.errors import Denied, Invalid, Refused
from workflow.judge import post_for
from workflow.ledger import COMMENT, OF_PAPERS
from workflow.model import Definition
from workflow.text import Text
from workflow.values import comment_fault, says

#: Whose act it is: nobody who decides on a case, and not the administrator.
BY = RoleName("office_head")


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased of a case: the fields, and how many events had said something of them."""

    case: str
    number: str
    fields: tuple[str, ...]
    events: int
    contents: tuple[str, ...] = ()  # digests of attachments, whose content goes unless another case has it, too
    missing: int = 0  # how many contents did not lie where contents are kept
    is_gone: bool = True  # from the log beside the file as well, which another who reads may hold up
    also: tuple[str, ...] = ()  # numbers of the cases that belong to it and hold personal data of their own

    def to_json(self) -> dict[str, object]:
        """The result as the JSON surface shows it."""
        return {
            "case": self.number,
            "fields": list(self.fields),
            "events": self.events,
            "attachments": len(self.contents),
            "missing": self.missing,
            "gone": self.is_gone,
            "also": list(self.also),
        }


def erase(
    store: Store,
    actor: Actor,
    ref: str,
    comment: str,
    now: datetime,
    expect_contents: Callable[[], None],
    *,
    keep: bool,
) -> Erased:
    """Take the openings of its personal data from every event of a case, and the values from the case; what there was.

    Where it has attachments, `expect_contents` raises if their content is out of reach: what stays is not called erased.
    """
    with store.db.writing(keep=keep):
        case = store.visible(actor, ref, now)
        definition = store.definition_of(case.definition)
        events = store.events(case.id)
        told = {event.seq: list(event.salts) for event in events if event.transition != ERASE}  # by which law stays
        named = {name.removeprefix(WAS) for names in told.values() for name in names}
        # Where nothing is personal, comments and texts are the office's own record, and stay.
        is_personal = any(name in OF_PAPERS or definition.is_personal(name) for name in named - {COMMENT})
        if not is_personal and not any(event.transition == ERASE for event in events):
            named = set()
        fields = tuple(sorted(named - {COMMENT}))
        _expect(store, definition, case, actor, comment, now, named, events)
        for event in events:
            if told.get(event.seq):
                bare = replace(event, salts={n: salt for n, salt in event.salts.items() if n not in told[event.seq]})
                row = event_row(bare, case.bureau)
                store.db.run(SHUT, case_id=case.id, seq=event.seq, openings=row["openings"])
        contents = tuple({row["sha256"] for row in store.db.all(ATTACHMENTS, case_id=case.id) if row["sha256"]})
        if contents:
            expect_contents()
        store.db.run(FORGET_CONTENTS, case_id=case.id)
        store.db.run(FORGET_LIKENESSES, case_id=case.id)
        store.db.run(DROP_OF_CASE, case_id=case.id, ended_at=instant_text(now))
        said = _TOLD.filled(number=case.number)
        store.db.run(FORGET_NOTICES, case_id=case.id, zh=said.zh, en=said.en)
        _record(store, definition, case, actor, comment, now, (*fields, *(named & {COMMENT})))
        also = tuple(sorted(_also(store, definition, case, sight(actor, business_date(now)))))
    return Erased(case.id, case.number, fields, sum(map(bool, told.values())), contents, also=also)


def _also(store: Store, definition: Definition, case: Case, seen: Sight) -> Iterator[str]:
    """Which cases that belong to this one, as sub-case, opener or by name, still say something of a person."""
    beside = {each.id for each in (*store.linked.of(definition, case.id), *store.linked.by(case.id, seen))}
    for id in beside | ({case.parent} if case.parent else set()):
        other = store.case(id, case.bureau)
        known = store.definition_of(other.definition)
        names = {name.removeprefix(WAS) for event in store.events(id) for name in event.salts}
        if seen.covers(other.section) and any(name in OF_PAPERS or known.is_personal(name) for name in names):
            yield other.number


def _expect(
    store: Store,
    definition: Definition,
    case: Case,
    actor: Actor,
    comment: str,
    now: datetime,
    fields: Collection[str],
    events: Iterable[Event],
) -> None:
    fault = comment_fault(comment) if comment else None
    if fault:
        raise Invalid((fault,))
    unmet: list[Unmet] = []
    role = definition.roles.get(BY)
    post = post_for(definition, (BY,), actor, case, now)
    if role is None or post is None:
        helpers = (Helper(role.name, role.label, None, ERASE),) if role else ()
        unmet.append(Unmet("role", _WHO, "role", helpers))
    elif mine := _ended_by(store, events) & {*persons(actor, post)}:
        # What they wrote about why it ended goes with it: another hand takes it away.
        helpers = (Helper(role.name, role.label, None, ERASE, but=tuple(sorted(mine))),)
        unmet.append(Unmet("ended_it", _ENDED_IT.filled(number=case.number, role=role.label), "guard", helpers))
    if case.closed_at is None:
        unmet.append(Unmet("state", _OPEN.filled(number=case.number), "state"))
    if not fields:
        unmet.append(Unmet("fields", _NONE.filled(number=case.number), "data"))
    if not says(comment):
        unmet.append(Unmet("comment", _WHY, "data"))
    if unmet:
        reasons = store.with_people(case, tuple(unmet), business_date(now))
        raise (Denied if unmet[0].kind == "role" else Refused)(_ERASE, reasons)


def _ended_by(store: Store, events: Iterable[Event]) -> set[str]:
    """Who took the step that led a case into the state in which it is: the actor, and whom they acted for."""
    for event in sorted(events, key=lambda each: each.seq, reverse=True):
        step = event.transition in store.definition_of(event.definition).transitions
        if step and event.source not in (None, event.target):
            return {event.actor, event.on_behalf_of or event.actor}
    return set()


def _record(
    store: Store, definition: Definition, case: Case, actor: Actor, comment: str, now: datetime, fields: tuple[str, ...]
) -> Event:
    """The event that says so, on the case without them."""
    bare = replace(case, data={name: value for name, value in case.data.items() if name not in fields})
    now = max(now, case.changed_at)
    decision = noted(definition, bare, ERASE, {ERASED: " ".join(fields)}, actor, now, store.calendar_at(now))
    return store.kept(definition, bare, replace(decision, event=replace(decision.event, comment=comment))).event


_ERASE = Text("删除个人信息", "erase personal data")
_WHO = Text("须由局办公室主任办理", "this is for the head of the Office")
_ENDED_IT = Text(
    "{number} 由您办结；须由另一位{role}删除", "you took the step that ended {number}: another {role} erases it"
)
_OPEN = Text(
    "{number} 尚未办结，办理中需要个人信息；请办结后再删除",
    "{number} has not ended, and its personal data are needed until then; erase them when it has",
)
_NONE = Text(
    "{number} 没有（或已没有）可删除的个人信息，无须办理",
    "{number} holds no personal data (any more) that could be erased: nothing is to be done",
)
_TOLD = Text(
    "{number} 的个人信息已依法删除，原通知不再保留",
    "the personal data of {number} were erased by law, and this notice with them",
)
_WHY = Text("请写明删除的依据（附言）", "say what obliges to erase them (the comment)")
