"""`gongkai definitions diagram`: a procedure, a definition file, or the way of a case, as a picture."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from terminal.definition_file import FILE_ENDINGS, with_kinds
from terminal.meant import definition_meant, kinds_of
from terminal.render import Line, Tinted, Tone
from terminal.session import Session, in_session
from terminal.tongue import Example, argument, command, option
from workflow.errors import Invalid, Problem
from workflow.text import Text, shown

if TYPE_CHECKING:
    from exchange.diagram import Way
    from workflow.model import Definition

FORM_NAMES = ("mermaid", "dot", "svg")


@command(
    more=Text(
        "不写 --format 时由 --out 的扩展名决定（.svg、.dot、.mmd），都没有则为 mermaid。语言用 --lang。事项的图只画给可以查看该事项的人。",
        "Without --format the ending of --out decides (.svg, .dot, .mmd); without either it is mermaid. --lang says the "
        "language. The picture of a case is drawn for those who may see the case.",
    ),
    examples=(
        Example(
            "gongkai definitions diagram document --out document.svg", Text("公文流程图", "the procedure of documents")
        ),
        Example(
            "gongkai definitions diagram my.yaml --format dot --lang en",
            Text("尚未启用的定义", "a file not yet in force"),
        ),
        Example(
            "gongkai definitions diagram DOC-2026-00005 --out way.svg --as linfang",
            Text("一件公文走过的路和现在的环节", "the way of a document, and where it stands"),
        ),
    ),
)
@argument(
    "of",
    metavar="KIND|FILE|CASE",
    says=Text("事项种类、定义文件（.yaml）或事项编号", "a kind of case, a definition file (.yaml), or a case"),
)
@option(
    "--format",
    "form",
    type=click.Choice(FORM_NAMES),
    metavar="mermaid|dot|svg",
    says=Text("图的格式", "the form of the picture"),
)
@option("--out", metavar="FILE", says=Text("写入文件，默认打印出来", "write it to a file; printed if not said"))
@option("--force", is_flag=True, says=Text("文件已存在也覆盖", "overwrite a file that is there"))
@in_session
def diagram(session: Session, of: str, form: str | None, out: str | None, force: bool) -> None:
    """A procedure as a picture."""
    from exchange.diagram import drawn, form_of, picture_of, write_picture
    from storage.files import expect_free

    form = form or (form_of(Path(out)) if out is not None else FORM_NAMES[0])
    if form is None:
        raise Invalid((Problem("unknown-format", _FORMAT.filled(name=shown(Path(str(out)).name)), field="out"),))
    if out is not None:
        expect_free(Path(out), force=force, field="out")
    definition, way, kinds = _asked_for(session, of)
    text = drawn(picture_of(definition, way, kinds), form, session.lang)
    facts: dict[str, object] = {
        "definition": {"id": definition.id, "version": definition.version, "digest": definition.digest},
        "case": way and {"number": way.number, "state": way.stands, "way": [list(each) for each in way.steps]},
        "format": form,
    }
    if out is None:
        if session.json:
            session.answer(facts | {"picture": text})
        else:
            click.echo(text, nl=False)
        return
    write_picture(Path(out), text)
    said = _WRITTEN.filled(title=definition.title, file=shown(out))
    session.answer(facts | {"file": out}, Line((Tinted("✓ ", Tone.GOOD), session.read(said))))


def _asked_for(session: Session, of: str) -> tuple[Definition, Way | None, Mapping[str, Definition]]:
    """The definition of a file, of a kind, or of a case with the way that it took under it; and the kinds whose cases it may move."""
    if of.lower().endswith(FILE_ENDINGS):
        definition, kinds = with_kinds(of)
        return definition, None, kinds
    from exchange.diagram import Way

    with session.desk() as desk:
        kinds = kinds_of(desk)
        if of in kinds or not any(each.isdigit() for each in of):
            return definition_meant(desk, of), None, kinds
        actor = session.actor(desk)
        there = desk.case(actor, of)
        events = desk.history(actor, of)
    return there.definition, Way.of(there.case.number, there.definition, events, there.case.state), kinds


_FORMAT = Text(
    "从文件名 {name} 看不出图的格式；请用 .svg、.dot 或 .mmd 结尾，或加 --format",
    "the name {name} does not say which form; let it end in .svg, .dot or .mmd, or say --format",
)
_WRITTEN = Text("已画出“{title}”：{file}", "“{title}” is drawn: {file}")
