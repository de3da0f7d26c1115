"""What the door hands out: a case with its labels, hands and clocks, in exactly the shapes of the JSON surface."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from storage.worklist import Sight
from workflow.case import Actor, Case, Data, Deadline, Event, RoleName, SubCase, Unmet, business_date
from workflow.clock import Derivation, derived, left, regime
from workflow.errors import Denied
from workflow.explain import nothing_to_reveal, revealable
from workflow.limit import Limit
from workflow.model import DeadlineRule, Definition
from workflow.text import Text
from workflow.words import shown_data
from workflow.workdays import Workdays


@dataclass(frozen=True, slots=True)
class Whose:
    """In whose hands a case is: a role, and who holds it today."""

    role: RoleName
    label: Text
    people: tuple[str, ...]

    def to_json(self) -> dict[str, object]:
        """The hands as the JSON surface shows them."""
        return {"role": self.role, **self.label.to_json(), "people": list(self.people)}


@dataclass(frozen=True, slots=True)
class DeadlineView:
    """A running clock with its rule and the way to its date, as it stands now."""

    deadline: Deadline
    rule: DeadlineRule
    calendar: Workdays
    data: Data = field(default_factory=dict)
    now: datetime | None = None

    @property
    def derivation(self) -> Derivation:
        """The date day by day, and in one paragraph."""
        return derived(self.rule, self.deadline, self.data, self.calendar)

    @property
    def paused_days(self) -> int | None:
        """Which day of its pause this is, the day on which it began the first; None while the clock runs."""
        pause = self.deadline.paused
        if pause is None or self.now is None or self.deadline.closed_at:
            return None
        return max(0, (business_date(self.now) - pause.from_on).days) + 1

    @property
    def left(self) -> Limit | None:
        """What is left of the limit after today; None once it ended."""
        if self.now is None or self.deadline.closed_at:
            return None
        return left(self.rule, self.deadline, self.calendar, self.now)

    @property
    def law(self) -> str | None:
        """The basis of the version of the law that applies."""
        version = regime(self.rule, self.data, self.deadline.anchor_on)
        return version.basis if version else self.rule.basis

    def to_json(self) -> dict[str, object]:
        """The clock as the JSON surface shows it."""
        pause, rest = self.deadline.paused, self.left
        return {
            "id": self.rule.name,
            **self.rule.label.to_json(),
            "clock": self.rule.kind,
            "anchor_on": self.deadline.anchor_on.isoformat(),
            "strict_on": self.deadline.strict_on.isoformat(),
            "rolled_on": self.deadline.rolled_on.isoformat(),
            "provisional": self.deadline.provisional,
            "due_at": self.deadline.due_at.isoformat(),
            "paused": pause is not None,
            "paused_since": pause.from_on.isoformat() if pause else None,
            "paused_days": self.paused_days,
            "extended": self.deadline.extended,
            "law": self.law,
            "left": rest.count if rest else None,
            "left_in": str(rest.unit) if rest else None,
        }

    @property
    def name(self) -> str:
        """Under which name a later arming of the same clock is found."""
        return str(self.rule.name)

    def ended_json(self) -> dict[str, object]:
        """The clock with how it ended: `outcome` is met, late, void, extended, restarted or migrated, none while it runs."""
        closed_at, outcome = self.deadline.closed_at, self.deadline.outcome
        return {
            **self.to_json(),
            "closed_at": closed_at.isoformat() if closed_at else None,
            "outcome": str(outcome) if outcome else None,
            "late_days": self.deadline.late_days,
        }


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case with what a reader needs beside it; who holds its hands, and the calendar, are asked when somebody looks."""

    case: Case
    definition: Definition
    calendar_now: Callable[[], Workdays]
    whose_now: Callable[[Case], tuple[str, ...]]
    revealed: frozenset[str] = frozenset()  # personal fields that this reader asked for and may see whole
    clock: Callable[[], datetime] | None = None  # asked when somebody looks
    linked_by: tuple[SubCase, ...] = ()  # the cases that name this one, where the whole case was asked for
    seen: Sight | None = None  # how much of linked cases the reader sees; None: their numbers

    @property
    def children(self) -> tuple[SubCase, ...]:
        """Its sub-cases, in the order in which they began."""
        return tuple(each for each in self.case.children if each.slot not in self._link_names)

    @property
    def links(self) -> tuple[SubCase, ...]:
        """The cases that it names."""
        return tuple(each for each in self.case.children if each.slot in self._link_names)

    @property
    def _link_names(self) -> frozenset[str]:
        return frozenset(each.name for each in self.definition.links)

    def may_show(self, other: SubCase) -> bool:
        """Whether the reader may see more of a linked case than its number."""
        return self.seen is not None and self.seen.covers(other.section)

    @property
    def whose(self) -> Whose | None:
        """In whose hands it is today; None when it waits for nobody here."""
        role = self.case.waits_for
        named = self.definition.roles.get(role) if role else None
        return Whose(named.name, named.label, self.whose_now(self.case)) if named else None

    @property
    def deadlines(self) -> tuple[DeadlineView, ...]:
        """Its running clocks, the one that ends first before the others."""
        calendar, now = self.calendar_now(), self.clock() if self.clock else None
        return tuple(
            DeadlineView(each, self.definition.deadlines[each.rule], calendar, self.case.data, now)
            for each in sorted(self.case.deadlines, key=lambda each: each.due_at)
            if each.rule in self.definition.deadlines
        )

    def to_json(self) -> dict[str, object]:
        """The case as the JSON surface shows it."""
        whose, public = self.whose, self.definition.state_named(self.case.state).public
        return {
            "id": self.case.id,
            "number": self.case.number,
            "kind": self.case.kind,
            "state": self.case.state,
            "version": self.case.version,
            "title": self.case.title,
            "section": self.case.section,
            "data": shown_data(self.definition, self.case.data, self.revealed),
            "public": public.to_json() if public else None,
            "parent": self.case.parent,
            "children": [_child_json(each) for each in self.children],
            "links": [self._link_json(each) for each in self.links],
            "linked_by": [self._link_json(each) for each in self.linked_by],
            "whose": whose.to_json() if whose else None,
            "deadlines": [each.to_json() for each in self.deadlines],
        }

    def _link_json(self, other: SubCase) -> dict[str, object]:
        known: dict[str, object] = {"number": other.number, "field": other.slot, "kind": other.kind}
        if self.may_show(other):
            known |= {"title": other.title, "state": other.state, **other.state_label.to_json()}
        return known


@dataclass(frozen=True, slots=True)
class Done:
    """A step that is durably done: the case after it, its event, and what was said without blocking it.

    Who can help with that is asked when somebody looks: it took a tenth of the step (measured), and few callers read it.
    """

    case: CaseView
    event: Event
    said: tuple[Unmet, ...]
    repeated: bool
    with_people: Callable[[Case, tuple[Unmet, ...], date], tuple[Unmet, ...]]
    woken: tuple[CaseView, ...] = ()  # the case that waited for this one, before and after it went on

    @property
    def warnings(self) -> tuple[Unmet, ...]:
        """What was said, with the names of those who could help on the day of the step."""
        return self.with_people(self.case.case, self.said, business_date(self.event.at)) if self.said else ()


def revealed(
    view: CaseView,
    actor: Actor,
    now: datetime,
    with_people: Callable[[Case, tuple[Unmet, ...], date], tuple[Unmet, ...]],
) -> CaseView:
    """The case with the personal data that the actor's posts may see whole. Raises Denied when these are none."""
    fields = revealable(view.definition, view.case, actor, now)
    if not fields:
        lacking = (nothing_to_reveal(view.definition),)
        raise Denied(_REVEAL, with_people(view.case, lacking, business_date(now)))
    return replace(view, revealed=fields)


def event_json(event: Event, definition: Definition) -> dict[str, object]:
    """One row of the record, what is personal behind a mask."""
    return {
        "seq": event.seq,
        "at": event.at.isoformat(),
        "actor": event.actor,
        "actor_name": event.actor_name,
        "for": event.on_behalf_of,
        "transition": event.transition,
        "from": event.source,
        "to": event.target,
        "data": shown_data(definition, event.data),
        "comment": event.comment,
        "automatic": event.automatic,
        "definition": event.definition,
        "hash": event.hash,
    }


def _child_json(child: SubCase) -> dict[str, object]:
    return {
        "number": child.number,
        "slot": child.slot,
        "kind": child.kind,
        "section": child.section,
        "state": child.state,
        **child.state_label.to_json(),
        "closed_at": child.closed_at.isoformat() if child.closed_at else None,
    }


_REVEAL = Text("查看个人信息", "see personal data")
