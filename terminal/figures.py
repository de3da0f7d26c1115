"""The figures of a month, read back from the record as an auditor would: every event of every case, nothing remembered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from datetime import date
from typing import TYPE_CHECKING

from workflow.case import ESCALATE, IMPORT, REMIND, START, Actor, Case, ClockKind, Event, Outcome, business_date
from workflow.history import blank, replay
from workflow.model import Definition
from workflow.text import Text

if TYPE_CHECKING:
    from storage import Desk


@dataclass(slots=True)
class Figures:
    """What happened to the documents of one kind."""

    events: int = 0
    imported: int = 0
    imported_on_time: int = 0
    imported_late: int = 0
    drafted: int = 0
    returned_untagged_by_office: int = 0
    returned_untagged_by_system: int = 0
    returned_otherwise: int = 0
    disputed: int = 0
    reminders: int = 0
    escalations: int = 0
    by_delegates: int = 0
    published_on_time: int = 0
    published_late: int = 0
    late_days: int = 0
    on_file: Counter[str] = field(default_factory=Counter)  # by kind of reason
    withheld: Counter[str] = field(default_factory=Counter)
    still_open: Counter[str] = field(default_factory=Counter)  # by state
    overdue: int = 0  # of those, clocks past their last day
    requests: Counter[str] = field(default_factory=Counter)  # by outcome, or by state where there is none yet
    paused: int = 0  # of those, with a clock that stands still
    proposals: Counter[str] = field(default_factory=Counter)  # by state
    opinions: Counter[str] = field(default_factory=Counter)  # sub-cases, by state

    @property
    def open(self) -> int:
        """How many documents are still on somebody's desk."""
        return self.still_open.total()

    def to_json(self) -> dict[str, object]:
        """The figures as the JSON surface shows them."""
        said = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: dict(value) if isinstance(value, Counter) else value for name, value in said.items()}


def read_figures(desk: Desk, reader: Actor, kind: str) -> Figures:
    """The figures of every case of the kind that the reader sees."""
    definition = desk.definition(kind)
    figures = Figures()
    after = None
    while True:
        rows, after = desk.list_cases(reader, kind=kind, limit=500, after=after)
        for row in rows:
            _count(figures, definition, desk.case(reader, row.id).case, desk.history(reader, row.id), desk)
        if after is None:
            return figures


def read_others(desk: Desk, reader: Actor, figures: Figures) -> None:
    """The figures of requests, proposals and the sub-cases of both, where there are any."""
    for kind, counts in (("request", figures.requests), ("proposal", figures.proposals), ("opinion", figures.opinions)):
        rows, _ = desk.list_cases(reader, kind=kind, limit=1000)
        for row in rows:
            case = desk.case(reader, row.id).case
            counts[str(case.data.get("outcome") or case.state) if kind == "request" else case.state] += 1
            figures.paused += any(each.paused for each in case.deadlines)


def _count(figures: Figures, definition: Definition, case: Case, events: tuple[Event, ...], desk: Desk) -> None:
    figures.events += len(events)
    began = events[0].transition
    whole = replay(
        definition, blank(case.id, case.number, definition, case.bureau, case.section), events, desk.calendar_at
    )
    legal = [each for each in whole.touched if definition.deadlines[each.rule].kind == ClockKind.STATUTORY]
    late = [each for each in legal if each.outcome == Outcome.LATE]
    if began == IMPORT:
        figures.imported += 1
        figures.imported_late += bool(late)
        figures.imported_on_time += bool(legal) and not late
        return
    figures.drafted += began == START
    for event in events:
        _count_event(figures, event)
    reason = str(case.data.get("reason_kind"))
    if case.closed_at is None:
        figures.still_open[case.state] += 1
        figures.overdue += any(each.rolled_on < _today(desk) for each in case.deadlines)
    elif case.state == "published":
        figures.published_late += bool(late)
        figures.published_on_time += not late
        figures.late_days += sum(each.late_days or 0 for each in late)
    elif case.state == "on_file":
        figures.on_file[reason] += 1
    elif case.state == "withheld":
        figures.withheld[reason] += 1


def _count_event(figures: Figures, event: Event) -> None:
    figures.reminders += event.transition == REMIND
    figures.escalations += event.transition == ESCALATE
    figures.disputed += event.transition == "question"
    figures.returned_otherwise += event.transition == "return"
    figures.by_delegates += event.on_behalf_of is not None and not event.automatic
    if event.transition == "return_untagged":
        figures.returned_untagged_by_system += event.automatic
        figures.returned_untagged_by_office += not event.automatic


def _today(desk: Desk) -> date:
    return business_date(desk.now())


def others_in_words(figures: Figures, definition_of: Callable[[str], Definition]) -> tuple[tuple[Text, Text], ...]:
    """The figures of requests, proposals and sub-cases, each with its name."""
    request, proposal, opinion = (definition_of(kind) for kind in ("request", "proposal", "opinion"))
    outcomes = {name: choice.label for name, choice in request.fields["outcome"].choices.items()}
    return (
        (request.title, _listed(figures.requests, {**_states_of(request), **outcomes})),
        (Text("其中暂停计时", "of these standing still"), _number(figures.paused)),
        (proposal.title, _listed(figures.proposals, _states_of(proposal))),
        (opinion.title, _listed(figures.opinions, _states_of(opinion))),
    )


def _states_of(definition: Definition) -> dict[str, Text]:
    return {str(name): state.label for name, state in definition.states.items()}


def _listed(counts: Counter[str], labels: dict[str, Text]) -> Text:
    return _split(counts.total(), _each_of(counts, labels))


def _each_of(counts: Counter[str], labels: dict[str, Text]) -> Text:
    said = [(labels.get(name, Text(name, name)), number) for name, number in counts.most_common()]
    return Text(
        "、".join(f"{label.zh} {number}" for label, number in said),
        ", ".join(f"{label.en} {number}" for label, number in said),
    )


def in_words(figures: Figures, definition: Definition) -> tuple[tuple[Text, Text], ...]:
    """Each figure with its name, in the order of a document's life."""
    by_reason = definition.fields["reason_kind"].choices

    reasons = {name: choice.label for name, choice in by_reason.items()}
    states = _states_of(definition)
    return (
        (Text("历史公文导入", "past documents taken in"), _IMPORTED.filled(
            count=figures.imported, on_time=figures.imported_on_time, late=figures.imported_late)),
        (Text("拟稿", "drafted"), _number(figures.drafted)),
        (Text("未标注退文", "returned untagged"), _RETURNED.filled(
            count=figures.returned_untagged_by_office + figures.returned_untagged_by_system,
            office=figures.returned_untagged_by_office, system=figures.returned_untagged_by_system)),
        (Text("其他退文", "returned otherwise"), _number(figures.returned_otherwise)),
        (Text("属性有异议", "attribute questioned"), _number(figures.disputed)),
        (Text("提醒（只计公文）", "reminders (documents only)"), _number(figures.reminders)),
        (Text("逾期上报（只计公文）", "escalations (documents only)"), _number(figures.escalations)),
        (Text("代办", "taken by a delegate"), _number(figures.by_delegates)),
        (Text("主动公开", "published"), _PUBLISHED.filled(
            count=figures.published_on_time + figures.published_late, on_time=figures.published_on_time,
            late=figures.published_late, days=figures.late_days)),
        (Text("不予公开", "withheld"), _listed(figures.withheld, reasons)),
        (Text("依申请公开存档", "on file for request"), _listed(figures.on_file, reasons)),
        (Text("仍在办理", "still open"), _listed(figures.still_open, states)),
        (Text("其中已逾期", "of these overdue"), _number(figures.overdue)),
    )  # fmt: skip


def _number(count: int) -> Text:
    return Text(f"{count} 件", str(count)) if count else Text("0", "0")


def _split(count: int, parts: Text) -> Text:
    return Text(f"{count} 件（{parts.zh}）", f"{count} ({parts.en})") if count else _number(0)


_IMPORTED = Text(
    "{count} 件：按期公开 {on_time}，超期 {late}（条例第二十六条）",
    "{count}: {on_time} published in time, {late} late (regulation, art. 26)",
)
_RETURNED = Text(
    "{count} 次：办公室 {office}，系统自动 {system}", "{count}: {office} by the Office, {system} by the system"
)
_PUBLISHED = Text(
    "{count} 件：按期 {on_time}，超期 {late}（共 {days} 个工作日）",
    "{count}: {on_time} in time, {late} late ({days} working days in all)",
)
