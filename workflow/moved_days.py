"""Days from which a limit of the law counts and that are changed afterwards (更正起算日): which they are, and who hears of it."""

from __future__ import annotations

from collections.abc import Iterator

from workflow.case import EDIT, Case, ClockKind, Data, Event, Notice
from workflow.model import DeadlineRule, Definition
from workflow.text import Text, listed


def moved_days(definition: Definition, case: Case, data: Data) -> dict[str, list[DeadlineRule]]:
    """Each day that would change while clocks of the law count from it, with those clocks."""
    counted: dict[str, list[DeadlineRule]] = {}
    for each in case.deadlines:
        rule = definition.deadlines.get(each.rule)
        name = rule.anchor.date if rule and rule.anchor and rule.kind is ClockKind.STATUTORY else None
        if rule and name and each.closed_at is None and _changes(case, data, name):
            counted.setdefault(name, []).append(rule)
    return counted


def _changes(case: Case, data: Data, name: str) -> bool:
    return name in data and bool(case.data.get(name)) and data[name] != case.data[name]


def told_of_moved_days(definition: Definition, case: Case, data: Data, event: Event, by: Text) -> Iterator[Notice]:
    """Of those who hear when such a clock is missed, its heads; where it names none of them, all of those."""
    for name, rules in moved_days(definition, case, data).items():
        chain = [role for rule in rules for step in rule.steps if step.kind == "escalate" for role in step.tell]
        text = _DAY_MOVED.filled(
            number=case.number,
            title=case.title,
            actor=by,
            field=definition.fields[name].label,
            old=case.data[name],
            new=data[name] or _NOTHING,
            clocks=listed(rule.label for rule in rules),
            said=event.comment or "",
        )
        for role in dict.fromkeys([role for role in chain if role in _HEADS] or chain):
            yield Notice(role, text, EDIT)


_HEADS = ("office_head", "leader")
_NOTHING = Text("未填", "nothing")
_DAY_MOVED = Text(
    "{number}《{title}》：{actor}将“{field}”由 {old} 改为 {new}，{clocks}随之变动。{said}",
    "{number} “{title}”: {actor} changed {field} from {old} to {new}; with it moves: {clocks}. {said}",
)
