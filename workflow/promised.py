"""What a file promises of its procedure: what must never be, what must have been, and which checks it asks to be spared.

Between `notation.py`, how single things are written, and `schema.py`, which puts these entries into a definition.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Literal

from workflow.notation import ConditionText, Entry, Labelled, Name, Names, ScalarValue, TrailName, Words, means


class NeverEntry(Labelled):
    """What must not be."""

    in_: Names = means("在哪些状态", "states", alias="in")
    when: ConditionText = means("绝不能成立的条件", "condition that must not hold there")


class NeverWithoutEntry(Labelled):
    """What no step may do unless it asks these guards."""

    into: Names | None = means("自他处进入这些状态的步骤", "steps into these states from elsewhere", default=None)
    out_of: Names | None = means("离开这些状态的步骤", "steps that leave these states", default=None)
    sets: dict[Name, ScalarValue | list[ScalarValue]] | None = means(
        "可能写入这些值的步骤和编辑：字段→值、值的列表，或 set（任何值）",
        "steps and edits that may write this: field → value, list of values, or set (any value)",
        default=None,
        min_length=1,
    )
    opens: Names | None = means("发起这些子事项的步骤", "steps that open these sub-cases", default=None)
    without: Names = means("不可缺少的条件（各条均须有）", "guards that it must not lack, each of them")
    but_by: list[TrailName] = means(
        "例外的步骤（编辑写 edit.状态）", "steps that are excepted (an edit: edit.STATE)", default=[], max_length=50
    )


def form_of_never(said: Any) -> str:
    """Which of its two forms is written: of steps and what they ask, or of states and their data."""
    mine = ("into", "out_of", "sets", "opens", "without", "but_by")
    has = said.__contains__ if isinstance(said, dict) else partial(hasattr, said)
    return "without" if any(map(has, mine)) else "in"


class PassEntry(Labelled):
    """Which steps a case must have gone through before it stands in certain states."""

    to: Names = means("进入哪些状态之前", "before it stands in these states")
    through: Names = means("须经过的步骤（其一）", "steps, one of which must have been taken")
    since: list[TrailName] = means(
        "此后须重新经过", "steps after which it must be taken anew", default=[], max_length=100
    )
    apart_from: list[TrailName] = means(
        "须由未办过这些步骤的人办理", "by somebody who took none of these", default=[], max_length=100
    )
    when: ConditionText | None = means("仅当条件成立时适用", "it is demanded only if this holds", default=None)
    basis: Words | None = means("依据条款", "article of law", default=None)


class Waiver(Entry):
    """One check that does not hold here, and why."""

    check: Literal[
        "no-deadline", "no-clock", "stuck-hands", "no-outcome", "escalation-falls", "escalation-stops-short", "idle-role"
    ] = means("不适用的检查", "the check")  # fmt: skip
    state: Name | None = means("状态", "the state", default=None)
    deadline: Name | None = means("时限", "the clock", default=None)
    role: Name | None = means("岗位", "the role", default=None)
    reason: Words = means("理由", "why")
