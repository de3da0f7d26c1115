"""`gongkai plan`: the best way from a case to a state, who must do what on it, and by which day."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from terminal.meant import state_meant
from terminal.render import Block, Line, Tinted, Tone
from terminal.session import Session, in_session
from terminal.tongue import Example, argument, command, option
from workflow.clock import in_words
from workflow.prover.whose import Choice
from workflow.text import Lang, Text

if TYPE_CHECKING:
    from datetime import date

    from storage.planning import Plan, Planned
    from workflow.timetable import By


@command(
    examples=(
        Example(
            "gongkai plan DOC-2026-00011 --to published --as zhengyan",
            Text("公文到公开还差哪些步骤，由谁办理", "what is left until the document is published, and by whom"),
        ),
    )
)
@argument("case", metavar="CASE", says=Text("事项编号或内部标识", "number or id of the case"))
@option(
    "--to",
    required=True,
    metavar="STATE",
    says=Text("要到的环节，代码或名称，如 published 或 已公开", "the state to come to, by name or label, as published"),
)
@in_session
def plan(session: Session, case: str, to: str) -> None:
    """The way to a state."""
    with session.desk() as desk:
        actor = session.actor(desk)
        to = state_meant([desk.case(actor, case).definition], to, field="to")
        found = desk.plan(actor, case, to)
    session.answer({"plan": found.to_json()}, *_blocks(found, session.lang))


def _blocks(found: Plan, lang: Lang) -> Iterator[Block]:
    if found.no_way:
        yield Line((Tinted("✗ ", Tone.BAD), found.no_way.read(lang)))
        if found.since:
            yield Line(found.since.read(lang), indent=2)
        return
    if not found.stages:
        yield Line((Tinted("✓ ", Tone.GOOD), _THERE.filled(number=found.case.number, state=found.label).read(lang)))
        return
    head = _WAY.filled(number=found.case.number, title=found.case.title, state=found.label, count=len(found.stages))
    yield Line(Tinted(head.read(lang), Tone.STRONG))
    if found.hangs_on_others:
        yield Line(Tinted(_HANGS.read(lang), Tone.WARN), indent=2)
    for unmet in found.owed:
        yield Line((Tinted("! ", Tone.WARN), unmet.text.read(lang)), indent=2)
    for number, each in enumerate(found.stages, 1):
        yield from _stage(number, each, found.on, lang)


def _stage(number: int, planned: Planned, on: date, lang: Lang) -> Iterator[Block]:
    stage = planned.stage
    target = planned.definition.states[stage.target].label.read(lang)
    arrow = () if stage.target == stage.source else ("  → ", Tinted(target, Tone.HEAD))
    yield Line((f"{number}. ", Tinted(stage.label.read(lang), Tone.STRONG), f" [{stage.name}]", *arrow), indent=2)
    for hands in planned.who:
        said = _BY if hands.names else _NOBODY_MAY if hands.is_held else _NOBODY
        names = Text("、".join(hands.names), ", ".join(hands.names))
        yield Line(said.filled(role=hands.label, names=names).read(lang), indent=5)
    if stage.choice in _CHOICES:
        yield Line(Tinted(_CHOICES[stage.choice].read(lang), Tone.WARN), indent=5)
    elif stage.automatic:
        yield Line(_BY_ITSELF.read(lang), indent=5)
    if stage.records:
        day = planned.definition.fields[stage.records].label
        yield Line(_RECORDS.filled(day=day).read(lang), indent=5)
    for written, label, value in planned.writes:
        said = _DEPENDS if written.among else _SUCH_AS if written.example and not written.any_value else _WRITE
        yield Line(said.filled(field=label, name=written.name, value=value).read(lang), indent=5)
    if stage.comment:
        yield Line(_COMMENT.read(lang), indent=5)
    for guard in stage.besides:
        yield Line(Tinted(_BESIDES.filled(text=guard.text).read(lang), Tone.DIM), indent=5)
    for each, due in planned.awaited:
        said = _AWAITED if due else _AWAITED_OPEN
        yield Line(said.filled(number=each.number, state=each.state_label, due=due).read(lang), indent=5)
    if planned.follows:
        numbers = Text("、".join(planned.follows), ", ".join(planned.follows))
        yield Line(_FOLLOWS.filled(numbers=numbers).read(lang), indent=5)
    by = planned.by
    if by:
        last = _by(by, is_past=number == 1 or by.rolled_on < on).read(lang)
        yield Line(Tinted(last, Tone.WARN) if by.over or by.provisional else last, indent=5)
    for rule, due in planned.clocks:
        if by and rule.name == by.rule.name:
            continue
        how = _OVER if due and due < on else _DUE if due else _WITHIN
        said = how.filled(clock=rule.label, due=due, limit=planned.limit(rule))
        yield Line(Tinted(said.read(lang), Tone.WARN if due else Tone.DIM), indent=5)

    for rule, rest in planned.paused:
        yield Line(Tinted(_PAUSED.filled(clock=rule.label, left=in_words(rest)).read(lang), Tone.WARN), indent=5)


def _by(by: By, *, is_past: bool) -> Text:
    """The last day of a stage: as counted too where the day after moving off a day off is another."""
    on_time = _BY_STRICT if by.strict_on != by.rolled_on else _BY_DAY
    over = _OVERDUE if is_past else _BY_OVER
    told = (over if by.over else on_time).filled(on=by.rolled_on, strict=by.strict_on, clock=by.rule.label)
    return _PROVISIONAL.filled(said=told) if by.provisional else told


_WAY = Text("{number} {title}：到“{state}”还有 {count} 步", "{number} {title}: {count} step(s) left to “{state}”")
_THERE = Text("{number} 已是“{state}”", "{number} is “{state}” already")
_BY = Text("由{role}办理：{names}", "{role}: {names}")
_NOBODY = Text("由{role}办理：现在无人任此职", "{role}: nobody holds this post today")
_NOBODY_MAY = Text(
    "由{role}办理：任此职的都经手过，不得办理，须另行任命",
    "{role}: all who hold this post had a part in it and may not; appoint another",
)
_BY_ITSELF = Text("由系统自动办理", "the system takes it by itself")
_WRITE = Text("填写 {field}（{name}）：{value}", "fill in {field} ({name}): {value}")
_SUCH_AS = Text("填写 {field}（{name}），如：{value}", "fill in {field} ({name}), such as: {value}")
_DEPENDS = Text("取决于 {field}（{name}）：{value}", "depends on {field} ({name}): {value}")
_RECORDS = Text("只登记已经发生的事（{day}）", "records only what has happened ({day})")
_COMMENT = Text("须填写意见（--comment）", "needs a comment (--comment)")
_BESIDES = Text("办不了的情形：{text}", "what would stand in the way: {text}")
_HANGS = Text(
    "没有全由本机关办理即可走通的路：有的步骤要等他人或期限届满",
    "no way is wholly in the bureau's hands: some step waits for others, or for a limit to run out",
)
_CHOICES = {
    Choice.AWAITS: Text("要等另一在办事项", "waits for another case that is in hand"),
    Choice.OTHERS: Text(
        "要等他人：由局外的人或另一事项决定", "waits for others: somebody outside, or another case, decides"
    ),
    Choice.EXPIRY: Text(
        "不由人选择：期限届满时由系统办理", "nobody's choice: the system takes it when the limit runs out"
    ),
    Choice.BREAKS_OFF: Text(
        "中途终止：当事人确已撤回，或者另有决定，才能办理",
        "breaks the case off: only where somebody withdrew, or so decided",
    ),
    Choice.AGAIN: Text("退回或撤销已办的步骤", "goes back on what was done"),
}
_BY_DAY = Text("最迟 {on}（{clock}）", "by {on} at the latest ({clock})")
_BY_STRICT = Text(
    "最迟 {on}（{clock}；按期限计为 {strict}，遇休息日顺延）",
    "by {on} at the latest ({clock}; {strict} as counted, moved off days off)",
)
_BY_OVER = Text(
    "前面各步用足期限，则 {on} 已过（{clock}）：须提前",
    "over on {on} if every hand before uses its whole limit ({clock}): be earlier",
)
_OVERDUE = Text("{clock}：{on} 已逾期", "{clock}: was due on {on}, overdue")
_PROVISIONAL = Text("{said}（暂定：放假安排未公布）", "{said} (provisional: days off not announced)")
_DUE = Text("{clock}：{due} 前", "{clock}: by {due}")
_OVER = Text("{clock}：{due} 已逾期", "{clock}: was due on {due}, overdue")
_PAUSED = Text("{clock}：暂停，还有{left}", "{clock}: paused, {left} left")
_AWAITED = Text("等 {number}（{state}），其最后一日 {due}", "waits for {number} ({state}), whose last day is {due}")
_FOLLOWS = Text("随 {numbers} 的办理一并办理，不必另办", "is taken along with a step of {numbers}: nothing to do here")
_AWAITED_OPEN = Text("等 {number}（{state}）", "waits for {number} ({state})")
_WITHIN = Text("{clock}：{limit}", "{clock}: {limit}")
