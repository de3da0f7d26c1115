"""`gongkai replay`: a log, ours or another house's, held against a definition; no database is needed or touched."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from terminal.calendar import read_text
from terminal.render import Block, Column, Grid, Line, Tinted, Tone
from terminal.session import Session, in_session
from terminal.tongue import Example, argument, command, option
from workflow.case import TransitionName
from workflow.errors import BadFile, FoundFault, Invalid, Problem
from workflow.text import Text

if TYPE_CHECKING:
    from exchange.conformance import Conformance
    from workflow.model import Definition

LARGEST_TEXT = 4 * 1024 * 1024
SHOWN = 20  # on a screen; --all and --json show every one


@command(
    more=Text(
        "每个事件都按定义判断：环节、要求、时限；谁来办不作判断。符合度有两个：从头到尾都符合的事项所占比例；令牌重放符合度（Rozinat、"
        "van der Aalst 2008）。逐件列出首次偏离和逾期。本程序导出的 XES 不需要 --map；其他日志的写法见 docs/conformance.md。"
        "有行读不了时退出码为 8，有偏离或逾期时为 7。",
        "Each event is judged by the definition: state, rules, clocks; who took it is not. Two figures of fitness: the share of "
        "cases that fit from beginning to end, and that of token replay (Rozinat and van der Aalst 2008). Then the first "
        "deviation of each case, and each last day that passed. XES that this program wrote needs no --map; for others see "
        "docs/conformance.md. Exit code 8 when a row could not be read, 7 when something deviates or was late.",
    ),
    examples=(
        Example(
            "gongkai replay events.csv --with examples/permit_receipt.yaml --map examples/permit_receipt.map.yaml",
            Text("别处的日志（CSV）", "a log from elsewhere (CSV)"),
        ),
        Example(
            "gongkai replay 办理记录.xes --with my.yaml",
            Text("改动后的流程会拦下哪些办过的事项", "which past cases a changed procedure would have stopped"),
        ),
    ),
)
@argument("log", says=Text("事件日志：CSV 或 XES 文件", "the event log: a CSV or XES file"))
@option(
    "--with",
    "definition_file",
    metavar="DEFINITION",
    required=True,
    says=Text("定义文件，或自带的事项种类，如 document", "a definition file, or a shipped kind such as document"),
)
@option(
    "--map",
    "map_file",
    metavar="FILE",
    says=Text("对应文件（YAML）：哪个活动是哪个步骤", "a map (YAML): which activity is which step"),
)
@option("--all", "everything", is_flag=True, says=Text("列出每一件，不止前 20 件", "list every case, not the first 20"))
@in_session
def replay(session: Session, log: str, definition_file: str, map_file: str | None, everything: bool) -> None:
    """A log against a definition."""
    from exchange.conformance import conformance
    from exchange.replay_map import OWN_LOG, read_replay_map
    from workflow.workdays import Calendar, shipped

    ending = Path(log).suffix.lower()
    if ending in (".jsonocel", ".xmlocel", ".json"):
        raise Invalid((Problem("no-log", _NOT_OCEL, field="log"),))
    is_xes = ending == ".xes"
    if map_file is None and not is_xes:
        raise Invalid((Problem("no-map", _NO_MAP, field="map"),))
    definition = _definition(definition_file)
    mapping = OWN_LOG
    if map_file is not None:
        mapping = read_replay_map(read_text(Path(map_file), LARGEST_TEXT), map_file, definition, is_xes=is_xes)
    found = conformance(log, definition, mapping, Calendar(*shipped()))
    facts = found.to_json()
    blocks = tuple(_blocks(session, found, None if everything else SHOWN))
    if found.fitting == len(found.cases) and not found.late and not found.problems:
        session.answer(facts, *blocks)
        return
    if not session.json:
        session.answer(facts, *blocks)
    if found.problems:
        raise _Unread(facts, Path(log).name, found)
    raise _Deviating(facts, found)


def _definition(named: str) -> Definition:
    """The definition of a file, or the shipped one of a kind."""
    from storage.versions import accepted_by_files, shipped_definitions
    from workflow.accepted import definition_from

    shipped = {Path(name).stem: (text, name) for text, name in shipped_definitions()}
    if named not in shipped and not Path(named).exists():
        kinds = Text("、".join(shipped), ", ".join(shipped))
        raise Invalid((Problem("no-definition", _NO_DEFINITION.filled(named=named, kinds=kinds), field="with"),))
    text, name = shipped[named] if named in shipped else (read_text(Path(named), LARGEST_TEXT), named)
    accepted = accepted_by_files(text, name)
    return definition_from(accepted.json, accepted.digest)


class _Deviating(FoundFault):
    """Some case left the definition, or a last day passed; `figures` holds all of it."""

    text = Text(
        "{deviating} 件偏离定义，{late} 件逾期（共 {cases} 件）",
        "{deviating} case(s) deviate from the definition, {late} were late (of {cases})",
    )

    def __init__(self, figures: dict[str, object], found: Conformance) -> None:
        cases, late = len(found.cases), len({case.name for case, _ in found.late})
        super().__init__(deviating=cases - found.fitting, late=late, cases=cases)
        self.figures = figures


class _Unread(BadFile):
    """Some rows or values of the log could not be read; the figures are of the rest."""

    text = Text(
        "{file}：{count} 处读不了，结果只反映其余部分",
        "{file}: {count} place(s) could not be read; the figures are of the rest",
    )

    def __init__(self, figures: dict[str, object], file: str, found: Conformance) -> None:
        from exchange.replay import UNCOUNTED

        values = sum(1 for each in found.problems if each.code in ("bad-value", UNCOUNTED))
        super().__init__(file=file, count=found.unread + values)
        self.figures = figures


def _blocks(session: Session, found: Conformance, most: int | None) -> Iterator[Block]:
    tokens, read = found.tokens, session.read
    yield Line(
        (
            Tinted(read(found.definition.title), Tone.STRONG),
            f"  {found.definition.id} v{found.definition.version}  {found.definition.digest[:12]}",
        )
    )
    events = sum(each.events for each in found.cases)
    yield Line(read(_COUNTS.filled(cases=len(found.cases), events=events, ended=sum(e.ended for e in found.cases))))
    yield Line(read(_TRACES.filled(share=f"{found.trace_fitness:.4f}", fitting=found.fitting, cases=len(found.cases))))
    yield Line(
        read(
            _TOKENS.filled(
                fitness=f"{tokens.fitness:.4f}",
                produced=tokens.produced,
                consumed=tokens.consumed,
                missing=tokens.missing,
                remaining=tokens.remaining,
            )
        )
    )
    yield from _first_deviations(session, found, most)
    yield from _late(session, found, most)
    yield from _problems(session, found)


def _first_deviations(session: Session, found: Conformance, most: int | None) -> Iterator[Block]:
    from exchange.conformance import why

    firsts = sorted(found.first_deviations, key=lambda each: each[1].kind == "unfinished")
    if not firsts:
        yield Line((Tinted("✓ ", Tone.GOOD), session.read(_NO_DEVIATION)))
        return
    kinds = Text("，", ", ").read(session.lang).join(f"{session.read(_KINDS[k])} {n}" for k, n in found.alike)
    yield Line("")
    yield Line((Tinted(session.read(_FIRST), Tone.STRONG), f"  {kinds}"))
    yield Grid(
        tuple(
            Column(session.read(each), right=each is _ROW, wraps=each in (_WHY, _ACTIVITY))
            for each in (_CASE, _ROW, _ACTIVITY, _WHY)
        ),
        tuple(
            (
                case.name,
                str(each.row or ""),
                _called(session, found, each.activity),
                session.read(why(found.definition, each)),
            )
            for case, each in firsts[:most]
        ),
        indent=2,
    )
    yield from _and_more(session, len(firsts), most)


def _called(session: Session, found: Conformance, activity: str) -> str:
    """An activity as people call it: in a log of ours it is the name of a step."""
    step = found.definition.transitions.get(TransitionName(activity))
    return session.read(step.label) if step else activity


def _late(session: Session, found: Conformance, most: int | None) -> Iterator[Block]:
    if not found.late:
        yield Line((Tinted("✓ ", Tone.GOOD), session.read(_NOT_LATE)))
        return
    for label in dict.fromkeys(breach.label for _, breach in found.late):
        of_one = [(case, breach) for case, breach in found.late if breach.label == label]
        of_one.sort(key=lambda each: each[1].at is None)
        after = sum(breach.at is not None for _, breach in of_one)
        yield Line("")
        yield Line(
            (
                Tinted(session.read(label), Tone.STRONG),
                "  " + session.read(_LATE.filled(after=after, running=len(of_one) - after)),
            )
        )
        yield Grid(
            tuple(
                Column(session.read(each), right=each in (_ROW, _DAYS), wraps=each is _ACTIVITY)
                for each in (_CASE, _LAST_DAY, _ROW, _FIRST_AFTER, _DAYS, _ACTIVITY)
            ),
            tuple(
                (
                    case.name,
                    breach.due_on.isoformat(),
                    str(breach.row or ""),
                    breach.at.date().isoformat() if breach.at else session.read(_NONE_CAME),
                    "" if breach.days is None else str(breach.days),
                    _called(session, found, breach.activity),
                )
                for case, breach in of_one[:most]
            ),
            indent=2,
        )
        yield from _and_more(session, len(of_one), most)


def _problems(session: Session, found: Conformance) -> Iterator[Block]:
    for each in found.problems[:SHOWN]:
        place = each.column or each.field or ""
        yield Line((Tinted("! ", Tone.WARN), session.read(_AT_ROW.filled(row=each.row, place=place, text=each.text))))
    yield from _and_more(session, len(found.problems), SHOWN)


def _and_more(session: Session, count: int, most: int | None) -> Iterator[Block]:
    if most is not None and count > most:
        yield Line(Tinted(session.read(_MORE.filled(count=count - most)), Tone.DIM), indent=2)


_NO_MAP = Text(
    "CSV 日志须用 --map 指明各列和各活动是什么（写法见 docs/conformance.md）",
    "a CSV log needs --map, which says what its columns and activities are (see docs/conformance.md)",
)
_NOT_OCEL = Text(
    "重放只读 CSV 和 XES；请用 gongkai log export FILE.xes 写成 XES",
    "only CSV and XES are replayed; write the record as XES: gongkai log export FILE.xes",
)
_NO_DEFINITION = Text(
    "“{named}”既不是文件，也不是自带的事项种类（{kinds}）",
    "“{named}” is neither a file nor a kind that is shipped ({kinds})",
)
_COUNTS = Text(
    "{cases} 件，{events} 个事件，{ended} 件办结", "{cases} case(s), {events} event(s), {ended} came to an end"
)
_TRACES = Text("整件符合度 {share}：{fitting}/{cases} 件", "trace fitness {share}: {fitting} of {cases} case(s)")
_TOKENS = Text(
    "令牌符合度 {fitness}：产生 {produced}，消耗 {consumed}，缺少 {missing}，剩余 {remaining}",
    "token fitness {fitness}: {produced} produced, {consumed} consumed, {missing} missing, {remaining} remaining",
)
_NO_DEVIATION = Text("没有偏离", "nothing deviates")
_NOT_LATE = Text("没有逾期", "nothing was late")
_FIRST = Text("首次偏离", "First deviations")
_KINDS = {
    "refused": Text("不能办而办了", "taken though refused"),
    "unknown": Text("没有这样的步骤", "no such step"),
    "unbegun": Text("没有开始", "without a beginning"),
    "unfinished": Text("没有办结", "without an end"),
}
_LATE = Text(
    "届满后仍有事件 {after} 件，届满后未见事件、尚未办结 {running} 件",
    "{after} case(s) with an event after it, {running} still open without one",
)
_CASE = Text("事项", "Case")
_ROW = Text("行", "Row")
_ACTIVITY = Text("活动", "Activity")
_WHY = Text("原因", "Why")
_LAST_DAY = Text("最后一日", "Last day")
_FIRST_AFTER = Text("其后首个事件", "First event after")
_DAYS = Text("天数", "Days")
_NONE_CAME = Text("（无）", "(none)")
_AT_ROW = Text("第 {row} 行 {place}：{text}", "row {row} {place}: {text}")
_MORE = Text("……另有 {count} 条；--all 全部列出", "… and {count} more; --all lists them all")
