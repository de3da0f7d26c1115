"""What a step does of itself, and its new version does no longer: it opens no sub-case, moves nobody, tells nobody, is not taken at all."""

from __future__ import annotations

from collections.abc import Iterator

from workflow.model import Definition, Moving, Transition
from workflow.text import Text
from workflow.weaker.wider import Trials, any_wider


def no_longer_done(
    old: Definition, new: Definition, before: Transition, after: Transition, trials: Trials
) -> Iterator[Text]:
    """In words everything that happened with the step and does not any more, or not for all cases."""
    facts = {"step": after.label}
    if before.auto and not after.auto:
        yield _NOT_AUTO.filled(**facts)
    elif before.at_once and not after.at_once:
        yield _NOT_AT_ONCE.filled(**facts)
    if before.number and not after.number:
        yield _NO_NUMBER.filled(**facts)
    if before.dated and after.dated != before.dated and before.dated in new.fields:
        yield _NOT_DATED.filled(field=new.fields[before.dated].label, **facts)
    if before.letter and not after.letter:
        yield _NO_LETTER.filled(letter=old.letters[before.letter].label, **facts)
    fields = {**old.fields, **new.fields}
    if before.opens and before.opens.child in new.children:
        is_less = after.opens is None or after.opens.child != before.opens.child
        if is_less or (after.opens and any_wider(after.opens.when, before.opens.when, fields, trials)):
            yield _NOT_OPENED.filled(child=old.children[before.opens.child].label, **facts)
    for move in before.moves:
        there = [each for each in after.moves if (each.case, each.step) == (move.case, move.step)]
        if not any(not any_wider(each.when, move.when, fields, trials) and each.whole >= move.whole for each in there):
            yield _NOT_MOVED.filled(others=_called(old, move), **facts)
    for told in before.tell:
        there_ = [each for each in after.tell if each.to == told.to]
        if not any(not any_wider(each.when, told.when, fields, trials) for each in there_):
            role = new.roles.get(told.to)  # type: ignore[call-overload]
            yield _NOT_TOLD.filled(role=role.label if role else Text(told.to, told.to), **facts)


def _called(definition: Definition, move: Moving) -> Text:
    known = definition.children.get(move.case) or definition.fields.get(move.case)
    return known.label if known else Text(move.case, move.case) if "." in move.case else _PARENT


_PARENT = Text("上级事项", "the case above")
_NOT_AUTO = Text("“{step}”不再由系统自动办理", "“{step}” is no longer taken by the system by itself")
_NOT_AT_ONCE = Text("“{step}”不再随前一步当即办理", "“{step}” is no longer taken at once")
_NO_NUMBER = Text("“{step}”不再编号", "“{step}” no longer gives a number")
_NOT_DATED = Text("“{step}”不再以“{field}”为发生之日", "“{step}” no longer goes by the day in “{field}”")
_NO_LETTER = Text("“{step}”不再须有文书“{letter}”", "“{step}” no longer needs the letter “{letter}”")
_NOT_OPENED = Text(
    "“{step}”不再发起“{child}”，或者只在更少的情形下发起", "“{step}” no longer opens “{child}”, or for fewer cases"
)
_NOT_MOVED = Text(
    "“{step}”不再带动“{others}”，或者只在更少的情形下带动", "“{step}” no longer moves “{others}”, or for fewer cases"
)
_NOT_TOLD = Text(
    "“{step}”不再告知{role}，或者只在更少的情形下告知", "“{step}” no longer tells {role}, or for fewer cases"
)
