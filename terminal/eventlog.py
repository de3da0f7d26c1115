"""`gongkai log export`: the record of the cases as an event log, for programs that look for patterns in procedures."""

from __future__ import annotations

from pathlib import Path

from terminal.meant import kind_meant, section_meant
from terminal.render import Line, Tinted, Tone, progress
from terminal.session import Session, in_session
from terminal.tongue import Example, argument, group, option
from workflow.text import Text


@group(
    "log",
    examples=(
        Example("gongkai log export 办理记录.xes --as zhengyan", Text("写成 XES（IEEE 1849）", "as XES (IEEE 1849)")),
    ),
)
def log() -> None:
    """The group."""


@log.command(
    "export",
    says=Text("导出办理记录为事件日志（XES、OCEL 2.0）", "write the record as an event log (XES, OCEL 2.0)"),
    more=Text(
        "后缀决定格式：.xes（IEEE 1849），.jsonocel 或 .json（OCEL 2.0 JSON），.xmlocel（OCEL 2.0 XML）。只含您能看到的事项；个人信息"
        "遮盖，意见和长文字不导出。",
        "The ending decides: .xes (IEEE 1849), .jsonocel or .json (OCEL 2.0 JSON), .xmlocel (OCEL 2.0 XML). Only cases that "
        "you may see; personal data are masked, comments and long texts stay here.",
    ),
    examples=(
        Example("gongkai log export 办理记录.xes --as zhengyan", Text("能看到的全部事项", "every case that I may see")),
        Example(
            "gongkai log export requests.jsonocel --kind request --lang en --as zhengyan",
            Text("依申请公开，英文步骤名", "requests, with the steps in English"),
        ),
    ),
)
@argument("file", says=Text("写到哪个文件", "the file to write"))
@option(
    "--kind",
    says=Text(
        "只导出这一种事项，代码或名称（gongkai definitions list）",
        "cases of this kind only, by name or title (gongkai definitions list)",
    ),
)
@option("--section", says=Text("只导出这个科室的事项", "cases of this section only"))
@option("--force", is_flag=True, says=Text("文件已存在也覆盖", "overwrite a file that is there"))
@in_session
def export(session: Session, file: str, kind: str | None, section: str | None, force: bool) -> None:
    """The record out."""
    from exchange.eventlog import export_log
    from storage.files import expect_free

    expect_free(Path(file), force=force)
    with session.desk() as desk, progress(session.read(_EXPORTING), not session.quiet) as moved:
        written = export_log(
            desk,
            session.actor(desk),
            file,
            kind=kind_meant(desk, kind) if kind else None,
            section=section_meant(desk, section) if section else None,
            lang=session.lang,
            progress=lambda done: moved(done, None),
        )
    cases, events = len(written.cases), written.count
    session.answer(
        {"file": str(file), "cases": cases, "events": events},
        Line((Tinted("✓ ", Tone.GOOD), session.read(_WRITTEN.filled(cases=cases, events=events, file=file)))),
        *(() if cases else (Line(session.read(_NOTHING_SEEN), indent=2),)),
    )


_EXPORTING = Text("导出", "exporting")
_NOTHING_SEEN = Text(
    "您看不到这样的事项；请用 --as 写明由谁导出，如局办公室或监督人员",
    "there is no such case that you may see; say with --as who exports, such as the Office or a supervisor",
)
_WRITTEN = Text(
    "已写出 {cases} 件事项的 {events} 条办理记录：{file}", "{events} event(s) of {cases} case(s) written: {file}"
)
