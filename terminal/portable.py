"""`gongkai definitions export`: a definition as BPMN 2.0 or SCXML, for editors, viewers and engines of others."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from terminal.definition_file import FILE_ENDINGS, with_kinds
from terminal.meant import definition_meant, kinds_of
from terminal.render import Line, Tinted, Tone
from terminal.session import Session, in_session
from terminal.tongue import Example, argument, command, option
from workflow.model import Definition
from workflow.text import Text


@command(
    more=Text(
        "BPMN 2.0 带泳道（岗位）、网关（步骤）、边界定时事件（时限）和图形位置，常见的建模工具可以直接打开；SCXML 为 W3C 状态图，条件写成"
        " ECMAScript。名称用本次的语言（--lang）。",
        "BPMN 2.0 has lanes (roles), gateways (steps), boundary timers (clocks) and the places of a picture, so that "
        "modelling tools open it; SCXML is the statechart of the W3C, with conditions in ECMAScript. Names are in the "
        "language of the call (--lang).",
    ),
    examples=(
        Example("gongkai definitions export document --format bpmn --out document.bpmn", Text("公文流程", "documents")),
        Example(
            "gongkai definitions export my.yaml --format scxml --lang en", Text("尚未启用的文件", "a file of your own")
        ),
    ),
)
@argument(
    "kind",
    says=Text(
        "事项种类，代码或名称，如 document 或 公文（全部：gongkai definitions list）；或定义文件",
        "kind of case, by name or title, such as document (all: gongkai definitions list); or a definition file",
    ),
)
@option(
    "--format",
    "form",
    type=click.Choice(["bpmn", "scxml"]),
    metavar="bpmn|scxml",
    required=True,
    says=Text("格式", "the form"),
)
@option("--out", metavar="FILE", says=Text("写到文件；不写则打印", "the file to write; else it is printed"))
@option("--force", is_flag=True, says=Text("文件已存在也覆盖", "overwrite a file that is there"))
@in_session
def export(session: Session, kind: str, form: str, out: str | None, force: bool) -> None:
    """A definition out."""
    from exchange.definitions import definition_text, write_definition
    from storage.files import expect_free

    if out:
        expect_free(Path(out), force=force, field="out")
    definition, kinds = _meant(session, kind)
    facts = {"id": definition.id, "version": definition.version, "digest": definition.digest}
    if out is None:
        text = definition_text(definition, form, session.lang, kinds)
        if session.json:
            session.answer({"definition": facts, "format": form, "text": text})
        else:
            click.echo(text)
        return
    write_definition(definition, form, out, session.lang, kinds)
    session.answer(
        {"definition": facts, "format": form, "file": out},
        Line((Tinted("✓ ", Tone.GOOD), session.read(_WRITTEN.filled(title=definition.title, file=out)))),
    )


def _meant(session: Session, named: str) -> tuple[Definition, Mapping[str, Definition]]:
    """The definition of a file, or the one that is in force in the database; and the kinds whose cases it may move."""
    if named.lower().endswith(FILE_ENDINGS):
        return with_kinds(named)
    with session.desk() as desk:
        return definition_meant(desk, named), kinds_of(desk)


_WRITTEN = Text("已写出“{title}”：{file}", "written: {title}, {file}")
