"""What a file of letters may say: every key once, with its meaning. Whether a name is known is `letters.py`'s to say."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from workflow.editor import for_editors
from workflow.notation import ConditionText, Entry, Labelled, Name, Names, Words, listed_or_mapped, means

LongWords = Annotated[str, Field(min_length=1, max_length=4000, pattern=r"\S")]
CellWords = Annotated[str, Field(max_length=2000)]


class VariantEntry(Entry):
    """One of several wordings."""

    if_: ConditionText | None = means(
        "条件；不写则总是成立", "its condition; without one it always holds", alias="if", default=None
    )
    text: LongWords = means("文字，可含占位符", "the text, with placeholders")


def _one_or_several(said: Any) -> str:
    return "one" if isinstance(said, str) else "several"


WordingEntry = Annotated[
    Annotated[LongWords, Tag("one")]
    | Annotated[list[VariantEntry], Tag("several"), Field(min_length=1, max_length=60)],
    Discriminator(_one_or_several),
]


class RowEntry(Entry):
    """A line of a form that needs more room."""

    cells: list[CellWords] = means(
        "各栏：名称、内容、名称、内容……", "label, content, label, content …", min_length=1, max_length=8
    )
    lines: int = means("至少几行高", "how many lines high at least", default=1, ge=1, le=20)


RowOrCells = Annotated[
    Annotated[list[CellWords], Tag("listed"), Field(min_length=1, max_length=8)] | Annotated[RowEntry, Tag("mapped")],
    Discriminator(listed_or_mapped),
]


class PassageEntry(Entry):
    """A paragraph, or a form."""

    text: LongWords | None = means("一段文字，可含占位符", "a paragraph, with placeholders", default=None)
    table: list[RowOrCells] | None = means("一张表", "a form of rows", default=None, min_length=1, max_length=40)
    if_: ConditionText | None = means("何时写上", "when it stands there", alias="if", default=None)
    part: Name | None = means("是哪一项必备内容（must）", "which compulsory part it is", default=None)
    style: Literal["body", "heading", "center", "plain", "annex"] = means(
        "版式：body 正文（首行空两字）、heading 小标题、center 居中、plain 顶格、annex 附件说明（正文下空一行）",
        "body (indented), heading, center, plain, or annex (what is enclosed, one line below the text)",
        default="body",
    )
    after: Literal["signature"] | None = means(
        "signature：排在署名、附注之后另起一页，供收件人填写（方框一律不勾）",
        "signature: on a page of its own after the signature, for the addressee to fill in (no box is ticked)",
        default=None,
    )


class MustEntry(Labelled):
    """A compulsory part; its sentence is what is read where it is missing."""

    basis: Words = means("依据条款", "article of law")
    if_: ConditionText | None = means(
        "对哪些事项是必备的", "for which cases it is compulsory", alias="if", default=None
    )
    says: list[Words] | None = means(
        "该部分须写到的词句", "words that must stand in it", default=None, min_length=1, max_length=20
    )


class OnlyEntry(Labelled):
    """For which cases the letter is; its sentence is what is read for all others."""

    if_: ConditionText = means("须成立的条件", "the condition that must hold", alias="if")
    in_: Names | None = means(
        "只在这些环节出具；不写则不限", "written in these states only; in any if not said", alias="in", default=None
    )


class TemplateEntry(Labelled):
    """One letter."""

    basis: list[Words] = means("依据", "the law it rests on", min_length=1, max_length=10)
    look: Literal["letter", "slip", "form"] = means(
        "版式：letter 信函格式、slip 红头单据（笺）、form 单据（回执、回证）",
        "letter (with the red head), slip (an inner form in red) or form (in black)",
        default="letter",
    )
    only: OnlyEntry | None = means("用于哪些事项", "for which cases it is", default=None)
    dated: Name | None = means(
        "成文日期所在的日期字段；未填则为当日；不写则为 told 中步骤最近一次办理之日，没有则为当日",
        "date field with the day that it bears, today while it is empty; without one that of the last of the `told` steps, else today",
        default=None,
    )
    since: Names | None = means(
        "自这些步骤最后一次之后的办理记录才写上", "steps after which the record counts anew", default=None
    )
    told: Names | None = means(
        "告知期限的步骤：{due: …} 写最近一次办理时的最后一日，此后暂停、延长、改日历都不改写已告知的日期",
        "steps that tell a last day: {due: …} writes it as it stood after the last of them; no later pause, extension or calendar changes what was told",
        default=None,
    )
    delivers: Names | None = means(
        "送达回证所送达的文书（取首个用于该事项的）",
        "letters that it is the proof of delivery of; the first that is for the case is meant",
        default=None,
    )
    title: WordingEntry = means("标题", "title")
    number: WordingEntry | None = means("文号或编号", "its number", default=None)
    to: WordingEntry | None = means("主送（抬头）", "to whom", default=None)
    mark: WordingEntry | None = means("右上角的标注", "what stands at the top right", default=None)
    signed: WordingEntry | None = means(
        "署名；不写则为本机关名称（letter）", "who signs; else the bureau", default=None
    )
    note: WordingEntry | None = means(
        "附注（成文日期下一行，加圆括号）", "note below the date, in brackets", default=None
    )
    copies: WordingEntry | None = means("抄送", "copies to", default=None)
    must: dict[Name, MustEntry] = means("必备内容", "compulsory parts", default={}, max_length=20)
    body: list[PassageEntry] = means("正文", "the text", min_length=1, max_length=200)


class LettersFile(Entry):
    """The letters of one kind of case."""

    format: Literal["gongkai-letters/1"] = means("格式版本", "version of this format")
    about: Name = means("事项种类", "kind of case")
    letters: dict[Name, TemplateEntry] = means("文书", "the letters", min_length=1, max_length=60)


def as_text() -> str:
    """The JSON Schema of a file of letters, for editors, as `definitions/letters/schema.json` holds it."""
    return json.dumps(for_editors(LettersFile, "gongkai letters"), ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    print(as_text(), end="")
