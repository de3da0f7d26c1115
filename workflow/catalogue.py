"""What a catalogue file may say (目录): values that definitions share, and the numbers of the law, each with its source.

Beside `schema.py`, which says what a definition may say; a limit (法定期限) is a value of the catalogue `limits`.
"""

from __future__ import annotations

from typing import Literal

from workflow.notation import (
    ChoiceName,
    Entry,
    InForce,
    Labelled,
    LimitText,
    Name,
    ScalarValue,
    TermText,
    Words,
    means,
)

#: The catalogue whose values are the limits that a deadline takes by `limit: {law: …}`.
LIMITS = "limits"
#: The catalogue of the everyday acts, which every definition has.
ACTS = "acts"


class LimitVersion(Entry):
    """What another version of the law said, or will say, of a limit."""

    in_force: InForce = means("施行期间", "between which days it holds")
    limit: TermText = means("该版本的期限", "limit of that version")
    extend: LimitText | None = means("该版本至多延长多久", "extension of that version", default=None)
    basis: Words = means("该版本的依据条款", "article of that version")
    source: Words = means("该版本的来源", "where that version was read")
    verified: bool = means("该版本是否已与原文核对", "whether that version was compared with its text")


class CatalogueEntry(Labelled):
    """One value of a catalogue."""

    scope: Literal["section", "bureau"] | None = means(
        "岗位范围（仅岗位目录）：section 本科室，bureau 全局",
        "of a role: its own section, or the whole bureau",
        default=None,
    )
    rank: int | None = means(
        "层级（仅岗位目录），逾期逐级上报", "of a role: how high it stands", default=None, ge=1, le=9
    )
    limit: TermText | None = means(
        "期限（仅期限目录），如 20 working days，或 01-31 of the next year",
        "of a limit: how long, such as 20 working days, or 01-31 of the next year",
        default=None,
    )
    extend: LimitText | None = means(
        "至多延长多久（仅期限目录）", "of a limit: by how much it can be extended", default=None
    )
    clock: Literal["internal", "statutory"] | None = means(
        "期限的性质（仅期限目录）：internal 没有法律规定、由本局自定，不写则为 statutory",
        "of a limit: internal where no law sets it and it is the bureau's own; statutory, if not said",
        default=None,
    )
    basis: Words | None = means("依据条款（仅期限目录）", "of a limit: the article of law", default=None)
    in_force: InForce | None = means("该值的施行期间", "between which days this value holds", default=None)
    source: Words | None = means(
        "该值的来源，不写则同目录", "where this value was read; else as the catalogue says", default=None
    )
    verified: bool | None = means(
        "该值是否已与原文核对，不写则同目录",
        "whether this value was compared with its source; else as the catalogue says",
        default=None,
    )
    versions: list[LimitVersion] = means(
        "其他版本的法律（仅期限目录）", "of a limit: other versions of the law", default=[], max_length=20
    )
    by: list[Name] = means("可办的岗位（仅日常办件目录）", "of an act: the roles that may do it", default=[])
    also: list[Literal["hands", "author", "named", "last"]] = means(
        "另外可办的人（仅日常办件目录）：hands 事项在其手中的岗位，author 起办人，named 受传阅的人，last 办理上一步的人",
        "of an act: who else may, hands is the role that has the case, author whoever began it, named those to whom it was circulated, last whoever took the last step",
        default=[],
    )
    comment: Literal["none", "optional", "required"] | None = means(
        "意见（仅日常办件目录和其所选的值）：none 不填，optional 可填，required 必填，不写则可填",
        "of an act, or of a value that one is told: whether a comment is not taken, may or must be given; may, if not said",
        default=None,
    )
    choices: dict[Name, Name] = means(
        "所选的值出自哪个目录（仅日常办件目录），如 cause: lateness_causes",
        "of an act: in which catalogue the values stand that it is told, such as cause: lateness_causes",
        default={},
    )
    facts: dict[Name, ScalarValue] = means("附注：条款、来源等", "facts: article, source …", default={})


class CatalogueFile(Entry):
    """A list of values that several definitions share, with its source."""

    id: Name = means("目录名", "name of the catalogue")
    source: Words = means("来源（条款、文件）", "where the values come from")
    verified: bool = means("是否已与原文核对", "whether it was compared with the source")
    in_force: InForce | None = means("施行期间", "between which days it holds", default=None)
    values: dict[ChoiceName, CatalogueEntry] = means("值", "the values", min_length=1, max_length=500)
