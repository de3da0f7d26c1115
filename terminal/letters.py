"""`gongkai letter`: which slips and letters a procedure has, and one of them written for a case."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import click

from terminal.calendar import read_text
from terminal.definitions import LARGEST_FILE
from terminal.failure import HELPERS
from terminal.meant import KIND_SAYS, definition_meant
from terminal.naming import helpers_of
from terminal.render import Block, Column, Grid, Line, Tinted, Tone
from terminal.session import Session, in_session
from terminal.tongue import Example, Group, argument, option
from workflow.errors import Invalid, Problem, Refused
from workflow.text import Lang, Text, shown

if TYPE_CHECKING:
    from letters import Asked, Paper
    from storage import Desk
    from workflow.case import Actor, Deadline
    from workflow.letter import LetterBook, LetterTemplate
    from workflow.model import Definition, Field

FORM_NAMES = ("text", "html", "docx")
STDOUT = "-"
WRITE = "write"


class LetterGroup(Group):
    """Its words, and where the first is none of them a case: `gongkai letter CASE` is short for `letter write CASE`."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and self.get_command(ctx, args[0]) is None:
            args = [WRITE, *args]
        return super().resolve_command(ctx, args)


@click.group(
    "letter",
    cls=LetterGroup,
    more=Text(
        "文书由模板（definitions/letters/，写法见 docs/letters.md）和事项写成。缺少法律规定的内容时不出具，并列出缺什么。",
        "A letter is made of a template (definitions/letters/, see docs/letters.md) and a case. Without what the law demands of it, "
        "it is not written, and all that is missing is named.",
    ),
    examples=(
        Example("gongkai letter list request", Text("依申请公开有哪些文书", "which letters requests have")),
        Example(
            "gongkai letter DOC-2026-00005 processing_slip --out 办文笺.docx --as sunli",
            Text("把办文笺写成 DOCX", "the processing slip as DOCX"),
        ),
    ),
)
def letter() -> None:
    """The group."""


_TEMPLATE = option(
    "--template",
    metavar="FILE",
    says=Text("改用此模板文件，而不是自带的", "a file of templates in the place of the shipped one"),
)


@letter.command("list", says=Text("一类事项有哪些文书", "the letters that a kind of case has"))
@argument("kind", metavar="KIND", says=KIND_SAYS)
@_TEMPLATE
@in_session
def list_letters(session: Session, kind: str, template: str | None) -> None:
    """The letters of a kind."""
    with session.desk() as desk:
        definition = definition_meant(desk, kind)
    book = _book(definition, template)
    rows = tuple(
        (each.name, session.read(each.label), _LOOKS[each.look].read(session.lang), "；".join(each.basis))
        for each in book.letters.values()
    )
    columns = tuple(Column(session.read(each), wraps=each is _BASIS) for each in (_NAME, _TITLE, _LOOK, _BASIS))
    session.answer(
        {"kind": definition.id, "letters": [_facts(each) for each in book.letters.values()]}, Grid(columns, rows)
    )


@letter.command(
    "check",
    says=Text("检查文书模板，逐条指出错误", "check files of letters, every fault at its place"),
    examples=(
        Example(
            "gongkai letter check my.yaml",
            Text("不带文件名则检查自带的模板", "without a file: the shipped ones"),
        ),
    ),
)
@argument("files", metavar="FILE", nargs=-1, says=Text("模板文件（YAML）", "files of letters (YAML)"))
@in_session
def check_letters(session: Session, files: tuple[str, ...]) -> None:
    """Whether every name in the templates is known."""
    from letters import refuse_weaker, shipped_books
    from storage.versions import accepted_shipped
    from workflow.loader.letters import read_letters

    kinds = accepted_shipped()
    given = [(read_text(Path(each), LARGEST_FILE), each) for each in files]
    books = tuple(read_letters(text, name, kinds) for text, name in given) if given else shipped_books(kinds)
    for book in books if given else ():
        refuse_weaker(book, kinds)
    facts = {"files": [{"file": each.file, "about": each.about, "letters": list(each.letters)} for each in books]}
    said = (_CHECKED.filled(file=each.file, about=each.about, count=len(each.letters)) for each in books)
    session.answer(facts, *(Line((Tinted("✓ ", Tone.GOOD), session.read(each))) for each in said))


@letter.command(
    WRITE,
    says=Text(
        "为一件事项写一份文书；不写名称则列出可用的", "write a letter for a case; without its name: those that fit"
    ),
    examples=(
        Example(
            "gongkai letter DOC-2026-00008 return_slip --format html --out 退文单.html --as sunli",
            Text("退文单，供打印", "the slip of return, to be printed"),
        ),
    ),
)
@argument("case", metavar="CASE", says=Text("事项编号或内部标识", "number or id of the case"))
@argument("name", metavar="NAME", required=False, says=Text("文书名称，如 reply 或 答复书", "the letter, as reply"))
@option(
    "--format",
    "form",
    type=click.Choice(FORM_NAMES),
    metavar="text|html|docx",
    says=Text("格式，默认看 --out 的扩展名，否则为 text", "the form; else what the ending of --out says, else text"),
)
@option("--out", metavar="FILE", says=Text("写入文件，- 为标准输出", "write it to a file; - is stdout"))
@option("--force", is_flag=True, says=Text("文件已存在也覆盖", "overwrite a file that is there"))
@_TEMPLATE
@in_session
def write(
    session: Session, case: str, name: str | None, form: str | None, out: str | None, force: bool, template: str | None
) -> None:
    """One letter."""
    from letters import composed, letter_named, write_letter, written
    from storage.files import expect_free

    form = _form(form, out)
    if out not in (None, STDOUT):
        expect_free(Path(str(out)), force=force, field="out")
    with session.desk() as desk:
        actor = session.actor(desk)
        asked = _asked(desk, actor, case)
        book = _book(asked.definition, template)
        if name is None:
            _say_which(session, asked, book)
            return
        chosen = letter_named(book, name)
        try:
            paper = composed(asked, chosen)
        except Refused as refused:
            refused.facts[HELPERS] = helpers_of(asked.definition)
            refused.reasons = desk.named(actor, case, refused.reasons)
            raise
        days, masked = _days(asked, chosen), _masked(asked, chosen)
    facts = {"case": asked.case.number, "letter": _facts(chosen), **_of_paper(paper), "format": form}
    facts |= {"last_days": days, "masked": [each.name for each in masked]}
    if masked and not session.json:
        labels = Text("、".join(each.label.zh for each in masked), ", ".join(each.label.en for each in masked))
        session.remark(_MASKED.filled(names=labels))
    if out in (None, STDOUT):
        _print(session, facts, written(paper, form), form)
        return
    write_letter(Path(str(out)), written(paper, form))
    said = _WRITTEN.filled(title=chosen.label, file=shown(str(out)))
    session.answer(facts | {"file": out}, Line((Tinted("✓ ", Tone.GOOD), session.read(said))))


def _form(form: str | None, out: str | None) -> str:
    from letters import form_of

    if form is None and out not in (None, STDOUT):
        form = form_of(Path(str(out)))
        if form is None:
            raise Invalid((Problem("unknown-format", _FORMAT.filled(name=shown(Path(str(out)).name)), field="out"),))
    if form == "docx" and out is None:
        raise Invalid((Problem("no-out", _DOCX, field="out"),))
    return form or FORM_NAMES[0]


def _print(session: Session, facts: dict[str, object], content: bytes, form: str) -> None:
    if session.json:
        session.answer(facts | ({"content": content.decode()} if form != "docx" else {}))
    elif form == "docx":
        sys.stdout.buffer.write(content)
    else:
        click.echo(content.decode(), nl=False)
    sys.stdout.flush()


def _asked(desk: Desk, actor: Actor, number: str) -> Asked:
    """All that a letter of this case is made from, as far as the actor may see it."""
    from letters import Asked
    from letters.composing import LastDay
    from workflow.explain import revealable
    from workflow.history import blank, replay

    view, now = desk.case(actor, number), desk.now()
    events, case = desk.history(actor, number), view.case

    def last_days(deadlines: Iterable[Deadline]) -> dict[str, LastDay]:
        return {each.rule: LastDay(each.rolled_on, each.provisional) for each in deadlines}

    @cache  # each day of each letter asks
    def clocks_after(seq: int) -> dict[str, LastDay]:
        first = desk.definition_of(events[0].definition)
        start = blank(case.id, case.number, first, case.bureau, case.section)
        return last_days(replay(desk.definition_of, start, events[:seq], desk.calendar_at).case.deadlines)

    return Asked(
        case,
        view.definition,
        events,
        last_days(each.deadline for each in desk.clocks(actor, number)),
        desk.bureau_name,
        now,
        revealable(view.definition, view.case, actor, now),
        desk.contact().in_letters(),
        clocks_after,
    )


def _book(definition: Definition, template: str | None) -> LetterBook:
    from letters import book_of, refuse_weaker

    if template is None:
        return book_of(definition)
    book = book_of(definition, read_text(Path(template), LARGEST_FILE), template)
    refuse_weaker(book, {definition.id: definition})
    return book


def _masked(asked: Asked, chosen: LetterTemplate) -> list[Field]:
    from letters.composing import masked_fields

    return list(masked_fields(asked, chosen))


def _facts(template: LetterTemplate) -> dict[str, object]:
    return {
        "name": template.name,
        **template.label.to_json(),
        "look": template.look,
        "basis": list(template.basis),
        "must": [{"part": each.name, "basis": each.basis, **each.text.to_json()} for each in template.must.values()],
    }


def _days(asked: Asked, chosen: LetterTemplate) -> dict[str, str]:
    """What the letter tells of last days: the register of what was told, for they stay what they were."""
    from letters.composing import last_days

    return {name: each.on.isoformat() for name, each in last_days(asked, chosen).items()}


def _of_paper(paper: Paper) -> dict[str, object]:
    return {"day": paper.day.isoformat(), "title": paper.title, "paragraphs": list(paper.paragraphs)}


def _say_which(session: Session, asked: Asked, book: LetterBook) -> None:
    from letters import fits

    those = [(each, _days(asked, each)) for each in book.letters.values() if fits(asked, each)]
    facts = {"case": asked.case.number, "letters": [_facts(each) | {"last_days": days} for each, days in those]}
    session.answer(facts, *_which(those, asked, session.lang))


def _which(those: list[tuple[LetterTemplate, dict[str, str]]], asked: Asked, lang: Lang) -> Iterator[Block]:
    if not those:
        number = asked.case.number
        yield Line(_NONE.filled(number=number).read(lang))
        yield Line(_WHY_NONE.filled(number=number, kind=asked.definition.id).read(lang), indent=2)
    for each, days in those:
        told = [f"  {asked.definition.deadlines[name].label.read(lang)} {day}" for name, day in days.items()]
        yield Line((Tinted(each.name, Tone.STRONG), f"  {each.label.read(lang)}", *told))


_LOOKS = {
    "letter": Text("信函", "letter"),
    "slip": Text("笺、单", "slip"),
    "form": Text("回执、回证", "form"),
}
_NAME, _TITLE = Text("名称", "name"), Text("文书", "letter")
_LOOK, _BASIS = Text("版式", "look"), Text("依据", "basis")
_CHECKED = Text("{file}：{about} 的 {count} 种文书，没有错误", "{file}: {count} letter(s) of {about}, no fault")
_NONE = Text("{number} 目前没有可以出具的文书", "{number} has no letter that fits it now")
_WHY_NONE = Text(
    "这类事项的文书：gongkai letter list {kind}；其中一份为什么不能出具：gongkai letter {number} 名称",
    "which letters there are: gongkai letter list {kind}; why one of them cannot be written: gongkai letter {number} NAME",
)
_WRITTEN = Text("已写好“{title}”：{file}", "“{title}” is written: {file}")
_MASKED = Text(
    "下列个人信息您的岗位不能查看全文，文书中已遮盖：{names}；请由可以查看的岗位出具",
    "these personal data are masked in the letter, for your post may not see them whole: {names}; let a post that may write it",
)
_FORMAT = Text(
    "从文件名 {name} 看不出格式；请用 .txt、.html 或 .docx 结尾，或加 --format",
    "the name {name} does not say which form; let it end in .txt, .html or .docx, or say --format",
)
_DOCX = Text(
    "DOCX 须写入文件：请加 --out 文件名.docx（--out - 为标准输出）",
    "a DOCX goes to a file: say --out NAME.docx (or --out - for stdout)",
)
