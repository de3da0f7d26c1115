"""The face on top: the tree of commands. Each group is imported when it is called; `--help` imports none of them."""

from __future__ import annotations

import errno
import gc
import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import click

from settings import language
from terminal import failure
from terminal.tongue import Chapter, Entry, Example, Group, Misused, speak
from workflow.text import Lang, Text

PROGRAM = "gongkai"

CHAPTERS = (
    Chapter(
        Text("开始", "Begin"),
        (
            Entry("demo", "terminal.demo:demo", Text("一分钟看一个局办一个月的公文", "watch a bureau live through a month, in a minute")),
            Entry("init", "terminal.operate:init", Text("建立或升级数据库，载入自带的定义和日历", "create or migrate the database, load definitions and calendar")),
            Entry("people", "terminal.people:people", Text("人员、科室、任职和委托", "people, sections, posts and delegations")),
        ),
    ),
    Chapter(
        Text("办理", "Work on cases"),
        (
            Entry("todo", "terminal.cases:todo", Text("我的待办和通知", "what waits for me, and what I was told")),
            Entry("start", "terminal.cases:start", Text("新建事项", "begin a case")),
            Entry("do", "terminal.cases:do", Text("办理一步", "take one step")),
            Entry("edit", "terminal.cases:edit", Text("修改当前环节可以修改的内容", "change what the state lets you change")),
            Entry("attachment", "terminal.attachments:attachment", Text("附件：添加、取出、撤下", "the papers of a case: put to it, handed out, withdrawn")),
            Entry("why", "terminal.cases:why", Text("能办什么；不能办的缺什么、找谁", "what I may do; what is missing, and who can help")),
            Entry("letter", "terminal.letters:letter", Text("出具文书：办文笺、退文单、告知书、答复书", "write the slips and letters of a case")),
            Entry("plan", "terminal.planned:plan", Text("到某个状态还差哪些步骤、由谁办、几时前", "what is left until a state, by whom, by when")),
        ),
    ),
    Chapter(
        Text("查看", "Look"),
        (
            Entry("show", "terminal.looking:show", Text("事项和它的时限", "a case with its clocks")),
            Entry("history", "terminal.looking:history", Text("办理记录", "the story of a case")),
            Entry("list", "terminal.looking:list_cases", Text("事项清单", "cases, filtered")),
            Entry("board", "terminal.board:board", Text("督办看板：逾期、今日到期、三日内到期", "the supervisor's board: overdue, due today, due soon")),
            Entry("calendar", "terminal.calendar:calendar", Text("工作日历、时限推算", "working days, and dates that explain themselves")),
        ),
    ),
    Chapter(
        Text("数据和定义", "Files and definitions"),
        (
            Entry("import", "terminal.spreadsheets:import_", Text("导入历史记录（CSV、XLSX）", "take in past records (CSV, XLSX)")),
            Entry("export", "terminal.spreadsheets:export", Text("导出事项（CSV、XLSX）", "write cases out (CSV, XLSX)")),
            Entry("log", "terminal.eventlog:log", Text("办理记录导出为事件日志（XES、OCEL）", "the record as an event log (XES, OCEL)")),
            Entry("replay", "terminal.replay:replay", Text("以定义检验事件日志：符合度、偏离、逾期", "hold an event log against a definition: fitness, deviations, deadlines")),
            Entry("law", "terminal.law:law", Text("法定期限：来源、待核对的、改动的后果", "the numbers of the law: sources, what is unchecked, what a change moves")),
            Entry("definitions", "terminal.definitions:definitions", Text("流程定义：查看、检查、启用", "the declared procedures: see, check, put in force")),
        ),
    ),
    Chapter(
        Text("运行和检验", "Run and verify"),
        (
            Entry("sweep", "terminal.operate:sweep", Text("处理一遍到期事项", "one pass over what is due")),
            Entry("scheduler", "terminal.operate:scheduler", Text("持续运行的定时器", "the ticker, for ever")),
            Entry("outbox", "terminal.outbox:outbox", Text("发件箱：待发的通知", "notices on their way by mail")),
            Entry("verify", "terminal.trust:verify", Text("校验全部办理记录", "check the whole record")),
            Entry("seal", "terminal.trust:seal", Text("封存：记录此刻的校验值", "seal the record as it is now")),
            Entry("erase", "terminal.trust:erase", Text("删除已办结事项的个人信息", "erase the personal data of an ended case")),
            Entry("backup", "terminal.backups:backup", Text("备份：办公不停，全部数据一个文件", "everything in one file, while people work")),
            Entry("restore", "terminal.backups:restore", Text("从备份建立新的数据库", "a new database from a backup")),
            Entry("doctor", "terminal.operate:doctor", Text("体检：数据库、定义、日历、卡住的事项", "health: database, definitions, calendar, stuck cases")),
        ),
    ),
)  # fmt: skip

_MORE = Text(
    "退出码：0 完成 · 1 故障 · 2 用法 · 3 要求未满足 · 4 无权或不存在 · 5 被他人先办 · 6 忙或结果不明 · 7 检查发现问题 · 8 输入文件有误\n"
    '命令补全（bash）：eval "$(_GONGKAI_COMPLETE=bash_source gongkai)"；zsh、fish 把 bash 换成 zsh、fish 即可',
    "Exit codes: 0 done · 1 fault · 2 usage · 3 refused · 4 not allowed or not there · 5 conflict · 6 busy or unknown · "
    "7 check found something · 8 bad input file\n"
    'Completion (bash): eval "$(_GONGKAI_COMPLETE=bash_source gongkai)"; for zsh or fish put their name for bash',
)
_EXAMPLES = (
    Example("gongkai init --sample", Text("建一个带示例的数据库", "a database with a sample bureau")),
    Example(
        "gongkai start document --title 关于印发预算管理办法的通知 --section 预算科 --as wangmin",
        Text("拟一份公文", "draft a document"),
    ),
    Example(
        "gongkai why DOC-2026-00011 accept --as sunli", Text("为什么办不了这一步", "why this step cannot be taken")
    ),
    Example('gongkai calendar due 2026-02-13 "20 working days"', Text("推算到期日", "when is it due")),
)


#: So many new objects before garbage is looked for: one call is over before much of it is any, and to look for it after each
#: seven hundred took a sixth of `definitions check`.
GARBAGE = 50_000


class Root(Group):
    """The whole program: speaks the language of the call, and turns every way of failing into its exit code."""

    def main(self, args: Sequence[str] | None = None, prog_name: str | None = None, **extra: Any) -> NoReturn:  # type: ignore[override]
        """Run one call and leave with its exit code."""
        gc.set_threshold(GARBAGE, 20, 20)
        typed = list(sys.argv[1:] if args is None else args)
        lang, json = _lang_said(typed) or language(os.environ), "--json" in typed
        speak(lang)
        extra["standalone_mode"] = False
        try:
            _refuse_broken_text(typed)
            code = super().main(typed, prog_name or PROGRAM, **extra)
            sys.stdout.flush()
        except click.UsageError as fault:
            code = failure.report_usage(fault, lang, json)
        except click.ClickException as fault:
            code = failure.report_click(fault, lang, json)
        except click.Abort:
            code = failure.report_interrupt(lang, json)
        except BrokenPipeError:
            code = _reader_is_gone()
        except Exception as fault:  # noqa: BLE001  the last line of defence: a number for the office, the story for its log
            code = _failed(fault, lang, json)
        sys.exit(code if isinstance(code, int) else 0)

    def invoke(self, ctx: click.Context) -> Any:
        """As click does, but a reader who closed the pipe is told apart from a fault."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise click.exceptions.Exit(_reader_is_gone()) from None


#: Files that the program itself writes answer for themselves; what is left is the output that was sent to a file.
_NO_MORE_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def _failed(fault: Exception, lang: Lang, json: bool) -> int:
    from workflow.errors import GongkaiError

    if isinstance(fault, GongkaiError):
        return failure.report_error(fault, lang, json)
    if isinstance(fault, OSError) and fault.errno in _NO_MORE_ROOM:
        from terminal.render import drop_output

        drop_output(sys.stdout)
        return failure.report_unwritten(lang)
    return failure.report_fault(lang, json)


def _reader_is_gone() -> int:
    from terminal.render import drop_output

    drop_output()
    return failure.BROKEN_PIPE


def _lang_said(typed: Sequence[str]) -> Lang | None:
    """The language asked for on the line, known before it is parsed: a usage error must be said in it."""
    for at, word in enumerate(typed):
        said = word.removeprefix("--lang=") if word != "--lang" else (typed[at + 1] if at + 1 < len(typed) else "")
        if said in ("zh", "en") and word.startswith("--lang"):
            return "zh" if said == "zh" else "en"
    return None


def _refuse_broken_text(typed: Sequence[str]) -> None:
    for word in typed:
        if any("\ud800" <= each <= "\udfff" for each in word):
            raise Misused(_NOT_TEXT.filled(word=word.encode("ascii", "backslashreplace").decode()))


_NOT_TEXT = Text(
    "“{word}”不是有效的 UTF-8 文字；请检查终端的编码设置",
    "“{word}” is no valid UTF-8 text; check the encoding of your terminal",
)

gongkai = Root(
    PROGRAM,
    says=Text("公开：政府信息公开办公室的全部流程，一个程序", "gongkai: a bureau's disclosure office in one program"),
    more=_MORE,
    examples=_EXAMPLES,
    chapters=CHAPTERS,
)


def main() -> NoReturn:
    """The entry point `gongkai`."""
    from terminal.render import make_streams_safe

    make_streams_safe()
    gongkai.main()


if __name__ == "__main__":
    main()
