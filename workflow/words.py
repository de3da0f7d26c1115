"""A condition in words, so that every rule of a definition can be read by the person it stops."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from workflow.case import (
    ATTACH,
    DETACH,
    EDIT,
    ERASE,
    ESCALATE,
    IMPORT,
    MIGRATE,
    RECOMPUTE,
    REMIND,
    REORGANISE,
    START,
    UNMANNED,
    Data,
    Scalar,
    TransitionName,
)
from workflow.conditions import AllOf, AnyOf, AtLeast, Before, Condition, IsSet, Not, OneOf, OnOrAfter, SameAs
from workflow.model import Definition
from workflow.text import Text

#: The two clocks on each case, as they are called.
CLOCKS = {"internal": Text("承办", "internal"), "statutory": Text("法定", "statutory")}

P = ParamSpec("P")
T = TypeVar("T")


def said_once(answer: Callable[Concatenate[Definition, P], T]) -> Callable[Concatenate[Definition, P], T]:
    """The same, each answer kept by the digest of its definition and the other arguments, which must be hashable.

    For what hangs on nothing but the definition: to say it anew took most of the time of all options of a case (measured).
    """
    kept: dict[tuple[object, ...], T] = {}

    @wraps(answer)
    def once(definition: Definition, /, *said: P.args, **named: P.kwargs) -> T:
        key = (definition.digest, *said, *named.items())
        if key not in kept:
            kept[key] = answer(definition, *said, **named)
        return kept[key]

    return once


@said_once
def only_if(definition: Definition, transition: TransitionName) -> Text | None:
    """What the data of a case must be for this step, as a clause; None where it is for every case."""
    when = definition.transitions[transition].when
    return in_words(definition, when) if when else None


def in_words(definition: Definition, said: Condition) -> Text:
    """The condition as a clause, with the labels of the definition."""
    match said:
        case IsSet(name):
            return Text("已填写“{field}”", "{field} is filled in").filled(field=definition.fields[name].label)
        case OneOf(name, values):
            return Text("“{field}”为{values}", "{field} is {values}").filled(
                field=definition.fields[name].label, values=_values(definition, name, values)
            )
        case AtLeast(name, least):
            return Text("“{field}”不少于 {least}", "{field} is at least {least}").filled(
                field=definition.fields[name].label, least=least
            )
        case Before(name, day):
            return Text("“{field}”在 {day} 之前", "{field} is before {day}").filled(
                field=definition.fields[name].label, day=day
            )
        case OnOrAfter(name, day):
            return Text("“{field}”在 {day} 当日或之后", "{field} is on or after {day}").filled(
                field=definition.fields[name].label, day=day
            )
        case SameAs(name, other):
            return Text("“{field}”与“{other}”一致", "{field} equals {other}").filled(
                field=definition.fields[name].label, other=definition.fields[other].label
            )
        case Not(inner):
            return Text("并非（{inner}）", "not ({inner})").filled(inner=in_words(definition, inner))
        case AllOf(inners):
            return _joined(definition, inners, Text("，且", " and "))
        case AnyOf(inners):
            return _joined(definition, inners, Text("，或者", " or "))


def _joined(definition: Definition, inners: tuple[Condition, ...], by: Text) -> Text:
    clauses = [in_words(definition, each) for each in inners]
    return Text(by.zh.join(each.zh for each in clauses), by.en.join(each.en for each in clauses))


def _values(definition: Definition, name: str, values: tuple[Scalar, ...]) -> Text:
    labels = [value_in_words(definition, name, each) for each in values]
    return Text("或".join(f"“{each.zh}”" for each in labels), " or ".join(f"“{each.en}”" for each in labels))


def step_label(definition: Definition, transition: str) -> Text:
    """What a step is called, the steps that every definition has included."""
    declared = definition.transitions.get(TransitionName(transition))
    act = definition.acts.get(TransitionName(transition))
    named = declared or act
    return named.label if named else BUILT_IN.get(transition, Text(transition, transition))


_IDEOGRAPH = r"[\u3007\u3400-\u9fff\U00020000-\U0003ffff]"
#: A name of one person in Chinese; in more signs than that there may be two, with what is said of them.
_NAME = re.compile(rf"(?=.{{2,20}}\Z)(?:{_IDEOGRAPH}{{1,4}}|{_IDEOGRAPH}+(?:[·•]{_IDEOGRAPH}+)+)")
_SAYING = re.compile(rf"{_IDEOGRAPH}{{5,20}}")
#: One name in other letters, or one number, mark or address of mail.
_ONE = re.compile(rf"(?=.{{2,20}}\Z)(?!.*{_IDEOGRAPH})(?:[^\W\d_]+(?:[·•'’-][^\W\d_]+)*|[0-9A-Za-z+@._-]+)")


def masked(said: str) -> str:
    """Personal data as others may see them: enough to know them again, too little to use.

    >>> masked("王敏"), masked("13912345678"), masked("110105194912310021")
    ('王*', '13********8', '110************021')

    Of what is more than one name or one number nothing can be shown without showing somebody: not even how long it is.
    Where that is written without a break, as the name of a company may be, its first sign is left.

    >>> masked("王敏，手机13912345678"), masked("人民路88号501室"), masked("王敏与李华同住")
    ('******', '******', '王******')
    """
    if _NAME.fullmatch(said):
        return said[0] + "*" * (len(said) - 1)
    if _SAYING.fullmatch(said):
        return said[0] + "******"
    if not _ONE.fullmatch(said):
        return "******"
    first, last = min(3, max(1, len(said) // 5)), min(3, len(said) // 6)
    return said[:first] + "*" * (len(said) - first - last) + said[len(said) - last :]


def shown_data(definition: Definition, data: Data, revealed: Collection[str] = ()) -> dict[str, Scalar]:
    """The data of a case as they may be shown: what is personal behind a mask, but for the fields revealed."""
    return {name: shown_value(definition, name, value, revealed) for name, value in data.items()}


def shown_value(definition: Definition, name: str, value: Scalar, revealed: Collection[str] = ()) -> Scalar:
    """One value as it may be shown."""
    hidden = definition.is_personal(name) and (name not in revealed or name not in definition.fields)
    return masked(str(value)) if hidden and value not in (None, "") else value


def value_in_words(definition: Definition, name: str, value: Scalar, revealed: Collection[str] = ()) -> Text:
    """A value as its field's choice is called; yes and no for a bool; personal data behind a mask; else as it stands."""
    value = shown_value(definition, name, value, revealed)
    if isinstance(value, bool):
        return Text("是", "yes") if value else Text("否", "no")
    if value is None:
        return Text("（空）", "(empty)")
    field = definition.fields.get(name)
    if field and isinstance(value, str) and value in field.choices:
        return field.choices[value].label
    return Text(str(value), str(value))


#: The steps that every definition has.
BUILT_IN: Mapping[str, Text] = {
    START: Text("新建", "begin"),
    EDIT: Text("修改", "edit"),
    IMPORT: Text("导入", "import"),
    REMIND: Text("提醒", "remind"),
    ESCALATE: Text("逾期上报", "escalate"),
    RECOMPUTE: Text("重算时限", "count the dates anew"),
    UNMANNED: Text("无人可办，上报", "nobody can act: those above are told"),
    REORGANISE: Text("科室撤并，转科", "go over with the section"),
    ERASE: Text("删除个人信息", "erase personal data"),
    ATTACH: Text("添加附件", "attach"),
    DETACH: Text("撤下附件", "withdraw an attachment"),
    MIGRATE: Text("迁移至另一版流程", "move to another version"),
}
