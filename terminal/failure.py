"""How a call that did not succeed says so: exit code, one JSON object or sentences, in both languages, never a traceback."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click

from terminal.tongue import TRY_HELP, complaint, usage
from workflow.text import Lang, Text

if TYPE_CHECKING:
    from terminal.render import Block
    from workflow.case import Helper, Unmet
    from workflow.errors import Finding, GongkaiError

USAGE, FAULT, INTERRUPTED, BROKEN_PIPE = 2, 1, 130, 141

#: Under this fact an error carries the Helpers that its command looked up while the desk was open.
HELPERS = "helpers"


@dataclass(frozen=True, slots=True)
class Helpers:
    """What makes "who can help" readable: labels of steps and states, and the basis of each guard."""

    words: Mapping[str, Text] = field(default_factory=dict)
    bases: Mapping[str, str] = field(default_factory=dict)
    ways: Mapping[str, str] = field(default_factory=dict)  # what to type for a field or a comment that is missing
    form: frozenset[str] = frozenset()  # the fields that are typed with the step that is spoken of


def report_usage(fault: click.UsageError, lang: Lang, json: bool) -> int:
    """A line that cannot be understood."""
    said = complaint(fault)
    if json:
        _print_json({"code": "usage", "message": said.to_json()})
    context = fault.ctx
    lines = [said.read(lang)]
    if context is not None:
        if isinstance(fault, click.exceptions.NoArgsIsHelpError):
            click.echo(context.get_help(), err=True)
            return USAGE
        lines += [usage(context, context.command), TRY_HELP.filled(path=context.command_path).read(lang)]
    _say(lines)
    return USAGE


def report_click(fault: click.ClickException, lang: Lang, json: bool) -> int:
    """Anything else that click found: a file that cannot be opened."""
    said = _FILE.filled(detail=fault.format_message())
    if json:
        _print_json({"code": "usage", "message": said.to_json()})
    _say([said.read(lang)])
    return USAGE


def report_error(error: GongkaiError, lang: Lang, json: bool) -> int:
    """An answer that is no: every reason, problem or finding."""
    from terminal.render import write_talk

    if json:
        _print_json(error_facts(error), getattr(error, "figures", {}))
    write_talk(error_blocks(error, lang))
    return error.exit_code


def report_fault(lang: Lang, json: bool) -> int:
    """An unexpected fault: its number and where its story was written, for whoever can mend it."""
    number, path = _write_down()
    said = (_FAULT if path else _FAULT_UNWRITTEN).filled(number=number, path=path)
    if json:
        _print_json({"code": "fault", "message": said.to_json(), "fault": number})
    _say([said.read(lang)])
    return FAULT


def report_unwritten(lang: Lang) -> int:
    """What was to be printed found no room; on stdout nothing can be said."""
    _say([_UNWRITTEN.read(lang)])
    return FAULT


def report_interrupt(lang: Lang, json: bool) -> int:
    """Ctrl-C: what was committed stays, what was not never was."""
    if json:
        _print_json({"code": "interrupted", "message": _INTERRUPTED.to_json()})
    _say([_INTERRUPTED.read(lang)])
    return INTERRUPTED


def error_facts(error: GongkaiError) -> dict[str, object]:
    """The error as the JSON surface shows it."""
    facts: dict[str, object] = {"code": error.code, "message": error.said.to_json()}
    if error.code == "conflict":
        facts["now"] = {name: _plain_fact(error.facts.get(name)) for name in ("actor", "state", "version")}
    if hasattr(error, "reasons"):
        facts["reasons"] = [reason_facts(each, _helpers(error)) for each in error.reasons]
    if hasattr(error, "problems") and not hasattr(error, "figures"):  # figures hold them already
        facts["problems"] = [
            {"code": p.code, "field": p.field, "row": p.row, "column": p.column, **p.text.to_json()}
            for p in error.problems
        ]
    if hasattr(error, "findings"):
        facts["findings"] = [finding_facts(each) for each in error.findings]
    return facts


def _plain_fact(fact: object) -> object:
    return fact.to_json() if isinstance(fact, Text) else fact


def reason_facts(reason: Unmet, helpers: Helpers) -> dict[str, object]:
    """One unmet requirement, and who can help."""
    return {
        "guard": reason.name,
        "kind": reason.kind,
        **reason.text.to_json(),
        "basis": helpers.bases.get(reason.name),
        "fields": list(reason.fields),
        "hangs_on": reason.hangs_on,
        "who": [_helper_facts(each) for each in reason.who],
    }


def _helper_facts(helper: Helper) -> dict[str, object]:
    return {
        "role": helper.role,
        **helper.label.to_json(),
        "people": list(helper.people),
        "state": helper.state,
        "by": helper.by,
    }


def finding_facts(finding: Finding) -> dict[str, object]:
    """One fault of a definition, at its place."""
    return {
        "code": finding.code,
        "definition": finding.definition,
        "file": finding.file,
        "line": finding.line,
        "column": finding.column,
        **finding.text.to_json(),
        "hint": finding.hint.to_json(),
        "path": list(finding.path),
        "way": [each.to_json() for each in finding.way],
    }


def error_blocks(error: GongkaiError, lang: Lang) -> Iterator[Block]:
    """The error as a person reads it."""
    from terminal.render import Line, Tinted, Tone

    yield Line((Tinted("✗ ", Tone.BAD), error.said.read(lang)))
    yield from reasons_blocks(getattr(error, "reasons", ()), lang, _helpers(error))
    for problem in getattr(error, "problems", ()):
        place = _ROW.filled(row=problem.row).read(lang) if problem.row else ""
        yield Line(("- ", place, problem.text.read(lang)), indent=2)
    yield from findings_blocks(getattr(error, "findings", ()), lang)


def reasons_blocks(reasons: Iterable[Unmet], lang: Lang, helpers: Helpers) -> Iterator[Block]:
    """Every unmet requirement; what may be asked for besides, by a choice not made yet, in a line under what demands the choice."""
    from terminal.render import Line, Tinted, Tone

    every = tuple(reasons)
    names = {each.name for each in every}
    for reason in every:
        if reason.hangs_on in names:
            continue
        yield from _reason_blocks(reason, lang, helpers)
        if more := [each.text.read(lang) for each in every if each.hangs_on == reason.name]:
            yield Line(Tinted(_MAY_FOLLOW.read(lang) + _LIST_OF_MORE.read(lang).join(more), Tone.DIM), indent=4)


def _reason_blocks(reason: Unmet, lang: Lang, helpers: Helpers) -> Iterator[Block]:
    """One unmet requirement with its basis, and below it what to type and who can help."""
    from terminal.render import Line, Tinted, Tone

    basis = helpers.bases.get(reason.name)
    names = (reason.name,) if reason.kind == "data" else tuple(each for each in reason.fields if each in helpers.form)
    others = _FIELDS.read(lang).join(each for each in reason.fields if each not in helpers.form)
    known = _CODE_AND_BASIS if others and basis else _CODE if others else _BASIS
    beside = known.filled(names=others, basis=basis).read(lang) if others or basis else ""
    yield Line((Tinted("- ", Tone.BAD), reason.text.read(lang), Tinted(beside, Tone.DIM)), indent=2)
    if ways := [helpers.ways[name] for name in names if name in helpers.ways]:
        yield Line((Tinted(_HINT.read(lang), Tone.DIM), "  ".join(ways)), indent=4, wraps=len(ways) > 1)
    if reason.who:
        who = [_helper_said(each, helpers).read(lang) for each in reason.who]
        yield Line(Tinted(_WHO.read(lang) + _LIST.read(lang).join(who), Tone.DIM), indent=4)


def _helper_said(helper: Helper, helpers: Helpers) -> Text:
    names = Text("、".join(helper.people), ", ".join(helper.people))
    nobody = _NOBODY_ELSE if helper.only or helper.but else _NOBODY
    said = (_NAMED if helper.people else nobody).filled(role=helper.label, names=names)
    by = _called(helper.by, helpers)
    if helper.state:
        return _VIA.filled(who=said, by=by, state=helpers.words.get(helper.state, helper.state))
    return _BY.filled(who=said, by=by) if by else said


def _called(step: str | None, helpers: Helpers) -> Text | None:
    """A step as people know it, with the word to type."""
    if step is None:
        return None
    from workflow.words import BUILT_IN

    label = helpers.words.get(step) or BUILT_IN.get(step)
    return Text(f"{label.zh}（{step}）", f"{step}") if label else Text(step, step)


def findings_blocks(findings: Iterable[Finding], lang: Lang) -> Iterator[Block]:
    """The faults of a file; what is said of many places alike is said once, with the lines on which it stands."""
    from terminal.render import Line, Tinted, Tone

    alike: dict[object, list[Finding]] = {}
    for each in findings:
        alike.setdefault(each if each.way else (each.code, each.file, each.text, each.hint), []).append(each)
    for first, *others in alike.values():
        yield from finding_blocks(first, lang)
        if lines := [str(line) for line in sorted({each.line for each in others} - {first.line})]:
            said = _ALSO_RENAMED if first.code.startswith("unknown-") else _ALSO
            shown = [*lines[:_MOST_LINES], *(["…"] if len(lines) > _MOST_LINES else [])]
            joined = _COMMA.read(lang).join(shown)
            yield Line(Tinted(said.filled(lines=joined, count=len(lines)).read(lang), Tone.DIM), indent=4)


def finding_blocks(finding: Finding, lang: Lang) -> Iterator[Block]:
    """A fault of a definition: file:line:column, the sentence, the line with a caret, the way out."""
    from terminal.folding import cells
    from terminal.render import Line, Tinted, Tone, plain

    place = f"{finding.file}:{finding.line}:{finding.column}" if finding.line else finding.file or finding.definition
    yield Line(
        (Tinted(place, Tone.STRONG), " ", finding.text.read(lang), Tinted(f" [{finding.code}]", Tone.DIM)), indent=2
    )
    if finding.source:
        shown, caret = _cut(finding.source, finding.column)
        yield Line("| " + shown, indent=4)
        yield Line("| " + " " * cells(plain(shown[:caret])) + "^", indent=4)
    if finding.way:
        yield Line(_PATH.read(lang), indent=4)
        for number, each in enumerate(finding.way, 1):
            # After the steps stands what the case then holds.
            before = f"{number}. " if number <= len(finding.path) else "   "
            yield Line(before + each.read(lang), indent=6)
    yield Line(Tinted(_HINT.read(lang) + finding.hint.read(lang), Tone.DIM), indent=4)


def _cut(source: str, column: int, room: int = 66) -> tuple[str, int]:
    """The part of a long line around the column, as much as has room on a terminal, and where the caret stands in it."""
    from terminal.folding import cells

    line = source.rstrip("\n").expandtabs(1)
    lead = len(line) - len(line.lstrip(" ")) if column > len(line) - len(line.lstrip(" ")) else 0
    line = line[lead:]
    at = min(max(0, column - 1 - lead), len(line))
    begin = 0
    if cells(line[:at]) > room // 2:
        begin = at
        while cells(line[begin - 1 : at]) <= room // 3:
            begin -= 1
    end = begin
    while end < len(line) and cells(line[begin : end + 1]) <= room:
        end += 1
    before, after = "…" if begin else "", "…" if end < len(line) else ""
    return before + line[begin:end] + after, at - begin + len(before)


def _helpers(error: GongkaiError) -> Helpers:
    found = error.facts.get(HELPERS)
    return found if isinstance(found, Helpers) else Helpers()


def _print_json(error: Mapping[str, object], figures: Mapping[str, object] | None = None) -> None:
    """The one object on stdout; what a check counted stands beside the error as it would beside success."""
    from terminal.render import json_line

    click.echo(json_line({"ok": False, "error": error, **(figures or {})}))


def _say(lines: Iterable[str]) -> None:
    from terminal.render import Line, Tinted, Tone, write_talk

    first, *others = lines
    write_talk([Line((Tinted("✗ ", Tone.BAD), first)), *(Line(each) for each in others)])


def _write_down() -> tuple[str, str | None]:
    """The fault that is being handled, appended to the fault log: its number and the file, None where nothing could be written."""
    import secrets
    import tempfile
    from datetime import UTC, datetime
    from pathlib import Path
    from sys import exc_info

    from settings import data_directory
    from workflow.story import story as told

    number = secrets.token_hex(4)
    fault = exc_info()[1]
    story = f"--- {number} {datetime.now(UTC).isoformat()} {told(fault) if fault else '?'}\n"
    for directory in (data_directory(), Path(tempfile.gettempdir())):
        path = directory / "gongkai-faults.log"
        try:
            directory.mkdir(parents=True, exist_ok=True)
            with path.open("a", encoding="utf-8", errors="backslashreplace") as log:
                log.write(story)
        except OSError:
            continue  # the next place
        return number, str(path)
    return number, None


_FILE = Text("文件打不开：{detail}", "the file cannot be opened: {detail}")
_FAULT = Text(
    "出现未预料的故障（编号 {number}），已作的改动以 history 为准。详情在 {path}，请连同编号交管理员",
    "an unexpected fault (number {number}); what was done, history shows. Its story is in {path}: hand it to the administrator",
)
_FAULT_UNWRITTEN = Text(
    "出现未预料的故障（编号 {number}），且故障记录写不进任何目录；请检查磁盘空间和权限后重试",
    "an unexpected fault (number {number}), and its story could be written nowhere; check disk space and rights, then try again",
)
_UNWRITTEN = Text(
    "输出写不进去（磁盘已满或达到限额），打印的结果不完整；已办的步骤以 gongkai history 为准，请腾出空间后重新查看",
    "the output cannot be written (the disk or a quota is full): what was printed is not whole; what was done, "
    "gongkai history shows; make room and look again",
)
_INTERRUPTED = Text(
    "已中断；已提交的保留，未提交的没有发生", "interrupted; what was committed stays, what was not never happened"
)
_ROW = Text("第 {row} 行：", "row {row}: ")
_WHO = Text("找：", "ask: ")
_LIST = Text("；或 ", "; or ")
_NAMED = Text("{role}（{names}）", "{role} ({names})")
_NOBODY = Text(
    "{role}（无人任此职；由系统管理员任命，见 gongkai doctor）",
    "{role} (nobody holds it; the administrator appoints, see gongkai doctor)",
)
_NOBODY_ELSE = Text(
    "{role}（此职现无可办此事的人；由系统管理员另行任命，见 gongkai doctor）",
    "{role} (nobody who holds it may; the administrator appoints another, see gongkai doctor)",
)
_BY = Text("{who}，用{by}办理", "{who}, with {by}")
_VIA = Text("{who}，先经{by}，待到“{state}”再办", "{who}, after {by}, once its state is {state}")
_BASIS = Text("（依据：{basis}）", " (basis: {basis})")
_CODE = Text("（内容项：{names}）", " (field: {names})")
_CODE_AND_BASIS = Text("（内容项：{names}；依据：{basis}）", " (field: {names}; basis: {basis})")
_FIELDS = Text("、", ", ")
_MAY_FOLLOW = Text("视所填内容，可能还有要求：", "by what is filled in, more may be asked for: ")
_LIST_OF_MORE = Text("；", "; ")
_HINT = Text("→ ", "→ ")
_COMMA = Text("、", ", ")
_ALSO = Text("另有 {count} 行同样如此：{lines}", "the same on {count} more line(s): {lines}")
_ALSO_RENAMED = Text(
    "另有 {count} 行同样如此（改过名的须处处改）：{lines}",
    "the same on {count} more line(s) (what was renamed is renamed everywhere): {lines}",
)
_MOST_LINES = 40
_PATH = Text("最短路径：", "shortest path:")
