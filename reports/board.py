"""The supervisor's board (督办看板): what is late and what soon will be, section by section, and the ten oldest late cases.

It asks the desk one question and counts nothing itself that an index could count; the same board goes to the terminal and,
as JSON, to programs. Both clocks stand side by side: the internal one (承办时限) and the statutory one (法定时限).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from statistics import median
from typing import Protocol

from storage.acts import Receipt
from storage.lateness import Answers, Explained, Unexplained
from storage.worklist import OVERDUE, SOON, TODAY, BoardFacts, Chased, SetAside, Stopped
from workflow.case import Actor, ClockKind, RoleName, StateName, business_date
from workflow.clock import late_days
from workflow.model import Definition
from workflow.text import Text
from workflow.workdays import Workdays


class Asked(Protocol):
    """What the board needs of a `Desk`."""

    @property
    def calendar(self) -> Workdays: ...

    def board_facts(self, actor: Actor) -> BoardFacts: ...

    def answers(self, actor: Actor) -> Answers: ...


@dataclass(frozen=True, slots=True)
class Tally:
    """How many cases, and how many clocks of each kind stand behind them."""

    cases: int = 0
    internal: int = 0
    statutory: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.cases + other.cases, self.internal + other.internal, self.statutory + other.statutory)

    def to_json(self) -> dict[str, int]:
        """The three counts by name."""
        return {"cases": self.cases, "internal": self.internal, "statutory": self.statutory}


@dataclass(frozen=True, slots=True)
class Accepted:
    """How long a section takes to sign for what it gets (签收用时): how often, half of them within, and the longest."""

    section: str
    count: int
    median_minutes: int
    longest_minutes: int

    def to_json(self) -> dict[str, object]:
        """The measure as the JSON surface shows it."""
        return {
            "section": self.section,
            "count": self.count,
            "median_minutes": self.median_minutes,
            "longest_minutes": self.longest_minutes,
        }


@dataclass(frozen=True, slots=True)
class Cause:
    """How often a cause of lateness (逾期原因) lay with a section over the last days."""

    section: str
    cause: str
    label: Text
    count: int

    def to_json(self) -> dict[str, object]:
        """The count as the JSON surface shows it."""
        return {"section": self.section, "cause": self.cause, "label": self.label.to_json(), "count": self.count}


@dataclass(frozen=True, slots=True)
class Row:
    """One section: what is overdue, due today, due within three working days, and paused for too long."""

    section: str
    overdue: Tally = Tally()
    due_today: Tally = Tally()
    within_three: Tally = Tally()
    paused_too_long: Tally = Tally()

    def to_json(self) -> dict[str, object]:
        """The row as the JSON surface shows it."""
        return {
            "section": self.section,
            "overdue": self.overdue.to_json(),
            "due_today": self.due_today.to_json(),
            "within_three": self.within_three.to_json(),
            "paused_too_long": self.paused_too_long.to_json(),
        }


@dataclass(frozen=True, slots=True)
class Late:
    """One of the oldest late cases: in whose hands it is, for how long, how often they were reminded, who knows of it."""

    case: str
    number: str
    title: str
    section: str
    state: str
    state_label: Text
    due_on: date
    provisional: bool  # it lies in a year whose days off are not announced
    clocks: tuple[ClockKind, ...]  # those that have run out
    role: str | None
    role_label: Text | None
    hands: tuple[str, ...]  # names of those who hold the role today
    since_on: date  # in this state since
    since_days: int | None  # working days in this state; None where the calendar does not reach
    late_days: int | None  # working days since the last day
    reminded: int
    escalated: int
    escalated_to: tuple[str, ...]  # names of those last escalated to
    escalated_at: datetime | None

    def to_json(self) -> dict[str, object]:
        """The late case as the JSON surface shows it."""
        return {
            "case": self.case,
            "number": self.number,
            "title": self.title,
            "section": self.section,
            "state": self.state,
            "state_label": self.state_label.to_json(),
            "due_on": self.due_on.isoformat(),
            "provisional": self.provisional,
            "clocks": [str(each) for each in self.clocks],
            "role": self.role,
            "role_label": self.role_label.to_json() if self.role_label else None,
            "hands": list(self.hands),
            "since_on": self.since_on.isoformat(),
            "since_days": self.since_days,
            "late_days": self.late_days,
            "reminded": self.reminded,
            "escalated": self.escalated,
            "escalated_to": list(self.escalated_to),
            "escalated_at": self.escalated_at.isoformat() if self.escalated_at else None,
        }


@dataclass(frozen=True, slots=True)
class Paused:
    """A clock that stands still: since when, the how manieth day that is, and what its case waits for."""

    number: str
    title: str
    section: str
    state: str
    state_label: Text
    deadline: str
    deadline_label: Text
    clock: ClockKind
    since_on: date
    day: int  # calendar days, the day on which it stopped is the first
    waits_for: tuple[tuple[str, str, Text], ...]  # number, section, what is asked of it
    too_long: bool  # a clock of the case has run out meanwhile

    def to_json(self) -> dict[str, object]:
        """The clock as the JSON surface shows it."""
        return {
            "number": self.number,
            "title": self.title,
            "section": self.section,
            "state": self.state,
            "state_label": self.state_label.to_json(),
            "deadline": self.deadline,
            "deadline_label": self.deadline_label.to_json(),
            "clock": str(self.clock),
            "since_on": self.since_on.isoformat(),
            "day": self.day,
            "waits_for": [
                {"number": number, "section": section, **label.to_json()} for number, section, label in self.waits_for
            ],
            "too_long": self.too_long,
        }


@dataclass(frozen=True, slots=True)
class Board:
    """The whole board at one moment."""

    on: date
    at: datetime
    rows: tuple[Row, ...]
    total: Row
    oldest: tuple[Late, ...]
    paused: tuple[Paused, ...]
    quarantined: tuple[SetAside, ...] = ()
    accepted: tuple[Accepted, ...] = ()  # of the last days, the slowest section first
    causes: tuple[Cause, ...] = ()  # of the last days, the section with most of them first
    unexplained: tuple[Unexplained, ...] = ()  # the oldest first

    def to_json(self) -> dict[str, object]:
        """The board as the JSON surface shows it."""
        return {
            "on": self.on.isoformat(),
            "at": self.at.isoformat(),
            "rows": [each.to_json() for each in self.rows],
            "total": self.total.to_json(),
            "oldest": [each.to_json() for each in self.oldest],
            "paused": [each.to_json() for each in self.paused],
            "accepted": [each.to_json() for each in self.accepted],
            "causes": [each.to_json() for each in self.causes],
            "unexplained": [each.to_json() for each in self.unexplained],
            "quarantined": [
                {
                    "number": each.number,
                    "title": each.title,
                    "section": each.section,
                    "since": each.since_at.isoformat(),
                    **each.why.to_json(),
                }
                for each in self.quarantined
            ],
        }


def board(desk: Asked, actor: Actor) -> Board:
    """The board as this actor may see it: leaders, the Office and auditors the whole bureau, others their sections."""
    facts, answers = desk.board_facts(actor), desk.answers(actor)
    rows = _rows(facts)
    return Board(
        on=business_date(facts.at),
        at=facts.at,
        rows=rows,
        total=_total(rows),
        oldest=tuple(
            _late(each, facts.definitions[each.row.definition], facts.at, desk.calendar) for each in facts.oldest
        ),
        paused=tuple(_paused(each, facts.definitions[each.row.definition], facts.at) for each in facts.paused),
        quarantined=facts.quarantined,
        accepted=tuple(_accepted(answers.receipts)),
        causes=tuple(_causes(answers.explained)),
        unexplained=answers.unexplained,
    )


def _accepted(receipts: Iterable[Receipt]) -> list[Accepted]:
    """How long each section takes, the slowest first."""
    waited: dict[str, list[int]] = defaultdict(list)
    for each in receipts:
        waited[each.section].append(int(each.waited.total_seconds() // 60))
    found = [Accepted(name, len(times), int(median(times)), max(times)) for name, times in waited.items()]
    return sorted(found, key=lambda each: (-each.median_minutes, each.section))


def _causes(explained: Sequence[Explained]) -> Iterator[Cause]:
    """How often each cause lay with each section: the section with most first, its most frequent cause first."""
    by_section, labels = Counter(each.section for each in explained), {each.cause: each.label for each in explained}
    counted = Counter((each.section, each.cause) for each in explained)
    for section, cause in sorted(counted, key=lambda it: (-by_section[it[0]], it[0], -counted[it], it[1])):
        yield Cause(section, cause, labels[cause], counted[section, cause])


def _rows(facts: BoardFacts) -> tuple[Row, ...]:
    tallies: dict[tuple[str, int], Tally] = defaultdict(Tally)
    for each in facts.cases:
        tallies[each.section, each.column] += Tally(cases=each.count)
    for each in facts.clocks:
        kind = facts.definitions[str(each.definition)].deadlines[str(each.rule)].kind
        internal, statutory = (each.count, 0) if kind is ClockKind.INTERNAL else (0, each.count)
        tallies[each.section, each.column] += Tally(internal=internal, statutory=statutory)
    return tuple(
        Row(
            section=section,
            overdue=tallies[section, OVERDUE],
            due_today=tallies[section, TODAY],
            within_three=tallies[section, SOON],
            paused_too_long=Tally(cases=facts.paused_too_long.get(section, 0)),
        )
        for section in facts.sections
    )


def _total(rows: tuple[Row, ...]) -> Row:
    total = Row(section="")
    for row in rows:
        total = replace(
            total,
            overdue=total.overdue + row.overdue,
            due_today=total.due_today + row.due_today,
            within_three=total.within_three + row.within_three,
            paused_too_long=total.paused_too_long + row.paused_too_long,
        )
    return total


def _paused(stopped: Stopped, definition: Definition, at: datetime) -> Paused:
    row, rule = stopped.row, definition.deadlines[stopped.rule]
    return Paused(
        number=row.number,
        title=row.title,
        section=row.section,
        state=row.state,
        state_label=definition.state_named(StateName(row.state)).label,
        deadline=rule.name,
        deadline_label=rule.label,
        clock=rule.kind,
        since_on=stopped.since_on,
        day=(business_date(at) - stopped.since_on).days + 1,
        waits_for=tuple(
            (number, section, definition.children[slot].label) for number, section, slot in stopped.waits_for
        ),
        too_long=row.due_at is not None and row.due_at <= at,
    )


def _late(chased: Chased, definition: Definition, at: datetime, calendar: Workdays) -> Late:
    row = chased.row
    state = definition.state_named(StateName(row.state))
    role = definition.roles.get(RoleName(row.waits_for)) if row.waits_for else None
    since_on, due_on = business_date(row.entered_at), row.due_on or business_date(at)
    return Late(
        case=row.id,
        number=row.number,
        title=row.title,
        section=row.section,
        state=row.state,
        state_label=state.label,
        due_on=due_on,
        provisional=not calendar.is_known(due_on),
        clocks=tuple(dict.fromkeys(definition.deadlines[rule].kind for rule, due_at in chased.rules if due_at <= at)),
        role=row.waits_for,
        role_label=role.label if role else None,
        hands=chased.holders,
        since_on=since_on,
        since_days=late_days(since_on, business_date(at), calendar),
        late_days=late_days(due_on, business_date(at), calendar),
        reminded=chased.reminded,
        escalated=chased.escalated,
        escalated_to=chased.escalated_to,
        escalated_at=chased.escalated_at,
    )
