"""Five things of the month to look at, read back from the record: what left together, what stood still, what was in time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from workflow.case import SHANGHAI, START, Actor, Event
from workflow.text import Text

if TYPE_CHECKING:
    from storage import Desk
    from storage.views import CaseView, DeadlineView


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing to look at: which case tells it, and the sentence."""

    name: str
    label: Text
    case: str
    said: Text

    def to_json(self) -> dict[str, object]:
        """The moment as the JSON surface shows it."""
        return {"moment": self.name, "case": self.case, **self.said.to_json()}


def moments(desk: Desk, reader: Actor) -> tuple[Moment, ...]:
    """What the reader's cases show of each of the five; one that did not happen is left out."""
    asked = (
        ("explained", _EXPLAINED, "interpretation", "published", _explained),
        ("answered", _ANSWERED, "proposal", "published", _answered),
        ("paused", _PAUSED, "request", "consulting", _paused),
        ("spoken", _SPOKEN, "public_response", None, _spoken),
        ("accounted", _ACCOUNTED, "budget", "published", _accounted),
    )
    return tuple(_found(desk, reader, asked))


Telling = Callable[["Desk", Actor, "CaseView"], Text]


def _found(
    desk: Desk, reader: Actor, asked: tuple[tuple[str, Text, str, str | None, Telling], ...]
) -> Iterator[Moment]:
    for name, label, kind, state, tells in asked:
        for row in desk.list_cases(reader, kind=kind, state=state, limit=1)[0]:
            yield Moment(name, label, row.number, tells(desk, reader, desk.case(reader, row.id)))


def _explained(desk: Desk, reader: Actor, view: CaseView) -> Text:
    document = desk.case(reader, str(view.case.parent)).case
    its, their = (_taken(desk, reader, each, "publish") for each in (view.case.id, document.id))
    return _TOGETHER.filled(
        document=document.number,
        title=document.title,
        interpretation=view.case.number,
        at=_hour(their.at),
        one=_ONE_COMMIT if its.at == their.at else _APART,
    )


def _answered(desk: Desk, reader: Actor, view: CaseView) -> Text:
    data = view.case.data
    return _BOTH.filled(
        number=view.case.number, title=view.case.title, replied=data.get("replied_on"), on=data.get("published_on")
    )


def _paused(desk: Desk, reader: Actor, view: CaseView) -> Text:
    clock = next(each for each in view.case.deadlines if each.paused)
    waiting = ", ".join(each.number for each in view.children if each.closed_at is None)
    since = clock.paused.from_on if clock.paused else ""
    return _STANDS.filled(number=view.case.number, title=view.case.title, since=since, waiting=waiting)


def _spoken(desk: Desk, reader: Actor, view: CaseView) -> Text:
    begun, word = (_taken(desk, reader, view.case.id, step) for step in (START, "issue_first_word"))
    due = _clock(desk, reader, view, "first_word").deadline.due_at
    return _FIRST_WORD.filled(
        number=view.case.number, title=view.case.title, found=_hour(begun.at), out=_hour(word.at), due=_hour(due)
    )


def _accounted(desk: Desk, reader: Actor, view: CaseView) -> Text:
    data, clock = view.case.data, _clock(desk, reader, view, "publication").deadline
    return _WITHIN.filled(
        number=view.case.number,
        title=view.case.title,
        approved=data.get("approved_on"),
        published=data.get("published_on"),
        strict=clock.strict_on,
        rolled=clock.rolled_on,
    )


def _taken(desk: Desk, reader: Actor, case: str, step: str) -> Event:
    return next(each for each in desk.history(reader, case) if each.transition == step)


def _clock(desk: Desk, reader: Actor, view: CaseView, rule: str) -> DeadlineView:
    return next(each for each in desk.clocks(reader, view.case.id) if each.rule.name == rule)


def _hour(at: datetime) -> str:
    return at.astimezone(SHANGHAI).strftime("%m-%d %H:%M")


_EXPLAINED = Text("文件与解读同步公开", "a policy and its interpretation")
_ANSWERED = Text("建议与答复双公开", "a proposal and its reply")
_PAUSED = Text("征求意见暂停计时", "a clock that stands still")
_SPOKEN = Text("舆情五小时内首次发布", "the first word within five hours")
_ACCOUNTED = Text("预算批准后二十日内公开", "a budget within twenty days")
_TOGETHER = Text(
    "{document}《{title}》与 {interpretation} 于 {at} {one}",
    "{document} “{title}” and {interpretation} left {one} at {at}",
)
_ONE_COMMIT = Text("同一步公开", "in one commit")
_APART = Text("先后公开", "one after the other")
_BOTH = Text(
    "{number}《{title}》：{replied} 答复，建议和答复于 {on} 一并公开",
    "{number} “{title}”: answered on {replied}, both texts published on {on}",
)
_STANDS = Text(
    "{number}《{title}》：自 {since} 起不计时，等候 {waiting}",
    "{number} “{title}”: not counted since {since}, waiting for {waiting}",
)
_FIRST_WORD = Text(
    "{number}《{title}》：{found} 发现，{out} 首次发布（至迟 {due}，春节照计）",
    "{number} “{title}”: found {found}, first word {out} (by {due} at the latest, the Spring Festival counts)",
)
_WITHIN = Text(
    "{number}《{title}》：{approved} 批准，{published} 公开（期限 {strict}，逢假顺延 {rolled}）",
    "{number} “{title}”: approved {approved}, published {published} (last day {strict}, moved off the holiday {rolled})",
)
