"""`gongkai attachment`: the papers of a case, put to it, looked at, handed out and withdrawn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from terminal.render import Block, Column, Grid, Line, Tinted, Tone
from terminal.session import Session, in_session
from terminal.tongue import Example, argument, group, option
from workflow.case import ATTACH, Event, moment
from workflow.history import OF_PAPERS
from workflow.papers import CLEAN, NO, Paper, papers_of
from workflow.text import Lang, Text

if TYPE_CHECKING:
    from storage.attachments import Attached

_CASE = argument("case", metavar="CASE", says=Text("事项编号或内部标识", "number or id of the case"))
_NO = argument(
    "no", metavar="N", type=click.IntRange(1, 1_000_000), says=Text("附件序号（见 list）", "its number (see list)")
)
_REQUEST_ID = option(
    "--request-id",
    metavar="ID",
    says=Text("请求号：同一请求号重发不会重办", "request id: the same one again acts only once"),
)
_DRY_RUN = option("--dry-run", is_flag=True, says=Text("只看结果，不写入", "show what would happen, change nothing"))


@group(
    "attachment",
    more=Text(
        "由能办理或修改当前环节的人添加、撤下；能看事项的人都能取出。添加前在独立进程中查看内容：程序、网页、含宏的文件和压缩炸弹不收，"
        "其余记下结论（未见异常、请留意、读不全）。事项办结后不能再添加。",
        "Put to a case and withdrawn by those who act on it or write in it where it is; handed out to whoever sees the case. Each "
        "content is looked into in a process of its own first: programs, markup, macros and bombs are not taken, of all else the "
        "verdict is kept (clean, take care, unreadable). An ended case takes none.",
    ),
    examples=(
        Example(
            "gongkai attachment add DOC-2026-00014 扫描件.pdf --title 会签意见 --as wangmin",
            Text("添加", "put one to a case"),
        ),
        Example("gongkai attachment list DOC-2026-00014 --as wangmin", Text("有哪些附件", "which there are")),
        Example("gongkai attachment get DOC-2026-00014 1 out.pdf --as wangmin", Text("取出", "have it as a file")),
    ),
)
def attachment() -> None:
    """The group."""


@attachment.command(
    "add",
    says=Text("给事项添加附件", "put a file to a case"),
    examples=(
        Example(
            "gongkai attachment add DOC-2026-00014 扫描件.pdf --dry-run --as wangmin",
            Text("先看能否添加、结论如何", "see whether it is taken, and what is found in it"),
        ),
    ),
)
@_CASE
@argument("file", says=Text("要添加的文件", "the file"))
@option("--title", metavar="T", says=Text("附件名称，默认为文件名", "what it is called; its file's name if not said"))
@_REQUEST_ID
@_DRY_RUN
@in_session
def add(session: Session, case: str, file: str, title: str | None, request_id: str | None, dry_run: bool) -> None:
    """Put a file to a case."""
    with session.desk() as desk:
        done = desk.attachments.add(
            session.actor(desk), case, Path(file), title=title, request_id=request_id, dry_run=dry_run
        )
    _say(session, done, _WOULD_ADD if dry_run else _REPEATED if done.repeated else _ADDED, dry_run)
    if done.paper.verdict != CLEAN:
        session.remark(_MIND.filled(verdict=done.paper.verdict_said))


@attachment.command(
    "list",
    says=Text("事项的附件", "the papers of a case"),
    examples=(
        Example("gongkai attachment list DOC-2026-00014 --json --as wangmin", Text("供程序读取", "for programs")),
    ),
)
@_CASE
@in_session
def list_attachments(session: Session, case: str) -> None:
    """The papers of a case."""
    with session.desk() as desk:
        papers = desk.attachments.of(session.actor(desk), case)
    columns = (
        Column("#"),
        *(Column(session.read(each), wraps=each in (_NAME, _FOUND)) for each in (_NAME, _SIZE, _FOUND, _BY, _AT)),
    )
    rows = tuple(
        (
            str(each.no),
            Tinted(called(each, session.lang), Tone.DIM if each.withdrawn_at else Tone.STRONG),
            length(each.size),
            each.verdict_said.read(session.lang),
            each.by_name,
            moment(each.at),
        )
        for each in papers
    )
    session.answer(
        {"attachments": [each.to_json() for each in papers]},
        Grid(columns, rows) if rows else Line(Tinted(session.read(_NONE), Tone.DIM)),
    )


@attachment.command(
    "get",
    says=Text("把附件取出为文件", "have an attachment as a file"),
    examples=(
        Example(
            "gongkai attachment get DOC-2026-00014 1 out.pdf --force --as wangmin",
            Text("覆盖旧的", "over an older one"),
        ),
    ),
)
@_CASE
@_NO
@argument("file", says=Text("写到哪个文件", "the file to write"))
@option("--force", is_flag=True, says=Text("文件已存在也覆盖", "overwrite a file that is there"))
@in_session
def get(session: Session, case: str, no: int, file: str, force: bool) -> None:
    """Have an attachment as a file."""
    with session.desk() as desk:
        got = desk.attachments.get(session.actor(desk), case, no, Path(file), force=force)
    said = _GOT.filled(number=got.case.number, no=no, file=file, size=length(got.paper.size))
    session.answer({**got.to_json(), "file": file}, Line((Tinted("✓ ", Tone.GOOD), session.read(said))))
    if got.paper.verdict != CLEAN:
        session.remark(_MIND.filled(verdict=got.paper.verdict_said))


@attachment.command(
    "withdraw",
    says=Text("撤下附件，须写明理由", "withdraw an attachment; say why"),
    more=Text(
        "撤下的附件仍在办理记录中，内容保留，直至依法删除（erase）。",
        "What is withdrawn stays on record with its content, until that is erased by law (erase).",
    ),
    examples=(
        Example(
            "gongkai attachment withdraw DOC-2026-00014 1 --comment 重复 --as wangmin", Text("撤下", "withdraw one")
        ),
    ),
)
@_CASE
@_NO
@option("--comment", metavar="C", says=Text("理由", "why"))
@_REQUEST_ID
@_DRY_RUN
@in_session
def withdraw(session: Session, case: str, no: int, comment: str | None, request_id: str | None, dry_run: bool) -> None:
    """Withdraw an attachment."""
    with session.desk() as desk:
        done = desk.attachments.withdraw(
            session.actor(desk), case, no, comment or "", request_id=request_id, dry_run=dry_run
        )
    _say(session, done, _WOULD_WITHDRAW if dry_run else _REPEATED if done.repeated else _WITHDRAWN, dry_run)


def _say(session: Session, done: Attached, said: Text, dry_run: bool) -> None:
    facts = {"number": done.case.number, "no": done.paper.no, "name": done.paper.said, "size": length(done.paper.size)}
    session.answer(
        {**done.to_json(), "dry_run": dry_run}, Line((Tinted("✓ ", Tone.GOOD), session.read(said.filled(**facts))))
    )


def paper_lines(events: Iterable[Event], lang: Lang) -> Iterator[Block]:
    """The papers of a case that were not withdrawn, under their heading."""
    there = [each for each in papers_of(events) if not each.withdrawn_at]
    if there:
        yield Line(Tinted(_HEADING.read(lang), Tone.STRONG))
    for each in there:
        beside = f"  {length(each.size)}" + ("" if each.verdict == CLEAN else f"  {each.verdict_said.read(lang)}")
        tone = Tone.DIM if each.verdict == CLEAN else Tone.WARN
        yield Line((f"{each.no}  ", called(each, lang), Tinted(beside, tone)), indent=2)


def paper_event(event: Event, lang: Lang) -> Iterator[str]:
    """What an event says of a paper, beneath its line in the story; nothing for any other."""
    if event.transition == ATTACH:
        (paper,) = papers_of([event])
        yield f"{paper.no}  {called(paper, lang)}  {length(paper.size)}  {paper.verdict_said.read(lang)}"
    elif event.transition in OF_PAPERS:
        yield str(event.data[NO])


def called(paper: Paper, lang: Lang) -> str:
    """A paper as people know it: its title, with its file's name where that says something else."""
    name = paper.said.read(lang)
    beside = f" ({paper.name})" if paper.title and paper.name else ""
    return name + beside + (_GONE.read(lang) if paper.withdrawn_at else "")


def length(size: int) -> str:
    """The size of a file as people read it.

    >>> length(15), length(20_480), length(3_500_000)
    ('15 B', '20 KB', '3.5 MB')
    """
    if size < 1000:
        return f"{size} B"
    return f"{size / 1e3:,.0f} KB" if size < 1_000_000 else f"{size / 1e6:,.1f} MB"


_ADDED = Text("{number} 附件 {no} 已添加：{name}（{size}）", "attachment {no} of {number} is there: {name} ({size})")
_WOULD_ADD = Text(
    "{number} 将添加附件 {no}：{name}（{size}）；未添加",
    "this would be attachment {no} of {number}: {name} ({size}); nothing was attached",
)
_REPEATED = Text(
    "{number} 附件 {no}：此请求已办过，没有重办", "attachment {no} of {number}: done before, not done again"
)
_WITHDRAWN = Text("{number} 附件 {no} 已撤下：{name}", "attachment {no} of {number} is withdrawn: {name}")
_WOULD_WITHDRAW = Text(
    "{number} 将撤下附件 {no}：{name}；未撤下",
    "this would withdraw attachment {no} of {number}: {name}; nothing was done",
)
_GOT = Text("{number} 附件 {no} 已取出：{file}（{size}）", "attachment {no} of {number} is in {file} ({size})")
_MIND = Text("{verdict}", "{verdict}")
_NONE = Text("没有附件", "no attachments")
_HEADING = Text("附件", "Attachments")
_GONE = Text("（已撤下）", " (withdrawn)")
_NAME, _SIZE, _FOUND = Text("名称", "Name"), Text("大小", "Size"), Text("查看结论", "Looked into")
_BY, _AT = Text("添加人", "By"), Text("时间", "At")
